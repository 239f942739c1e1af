# %% [markdown]
# # Thirty Days of TensorFlow
#
# Thirty notebooks, from your first tensor to a model that serves requests. One day is one sitting of an hour
# or two. You need Python; everything else is here, data included, and nothing asks for a GPU or an account.

# %% [markdown]
# ## Check your machine
#
# Run the cell below: click it, then press **Shift + Enter**. It says what it found, and what to do if something is
# missing.

# %% tags=["setup"]

# %% [markdown]
# ## How a day works
#
# 1. **Read, run, look.** Run the cells from top to bottom. Guess what comes out before you run one.
# 2. **Solve.** An exercise cell holds a function with `...` in it. Put your code in place of the dots and run the cell.
# 3. **Check.** Run the cell below it. It tries your function on inputs that nobody has seen and says what it found.
#
# Three calls help whenever you want them, here for an exercise called `describe`:
#
# | Call | What you get |
# |:---|:---|
# | `check(describe)` | a verdict, and the smallest input that breaks your answer |
# | `hint(describe)` | a nudge; call it again for a stronger one |
# | `solution(describe)` | the author's answer, to compare with yours |
#
# A wrong answer costs nothing. The last exercise of a day is a stretch: skip it with a good conscience.

# %% [markdown] tags=["map"]
# ## Choose a day
#
# Start with day 1, or with day 5 if you want to know first what a tensor is. Each day names the days it needs.
