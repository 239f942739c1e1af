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
# ## Go on where you were
#
# The next cell shows the thirty days: what is done, what is begun, and where to go on. Run it again whenever you come back
# to this page. Start with day 1, or with day 5 if you want to know first what a tensor is.

# %%
from course import home

home.days()

# %% [markdown]
# ## Try how a day works
#
# 1. **Read, run, look.** Run the cells from top to bottom. Guess what comes out before you run one.
# 2. **Solve.** An exercise is a function with `...` in it. Put your code in place of the dots and run the cell.
# 3. **Check.** Run the cell below it. It tries your function on inputs that nobody has seen and says what it found.
#
# Here is a tiny one. A table is a list of rows: `[[3, 1, 4], [1, 5, 9]]` has 2 rows and 3 columns. Write `size_of`, which
# returns both numbers: `(2, 3)`. That pair is your first **shape**.


# %%
def size_of(table: list[list[int]]) -> tuple[int, int]:
    """How many rows and how many columns a table has; every row is as long as the first."""
    ...


# %%
from checks import check, hint, solution

check(size_of)

# %% [markdown]
# Three calls help whenever you want them. Type one into a new cell (**Esc**, then **B**, makes one):
#
# | Call | What you get |
# |:---|:---|
# | `check(size_of)` | a verdict, and the smallest input that breaks your answer |
# | `hint(size_of)` | a nudge; call it again for a stronger one |
# | `solution(size_of)` | one right answer, to compare with yours |
#
# A wrong answer costs nothing. The last exercise of a day is a stretch: skip it with a good conscience. When a day opens,
# it asks up to three short exercises of earlier days again, just before you would forget them; skip those, too, if you like.

# %% [markdown]
# ## Keep your progress
#
# Every check is saved on your machine as you go. Binder and Colab forget everything when a session ends: download your
# notebooks there, and your progress as a file.
#
# | Call in a cell | What it does |
# |:---|:---|
# | `progress.save("my-progress.json")` | writes the file, beside this notebook |
# | `progress.load("my-progress.json")` | adds it to what is here; twice does no harm |
#
# First run `from course import progress`. In a terminal it is `tf30 progress export` and `tf30 progress import`.

# %% [markdown] tags=["map"]
# ## All days at a glance
