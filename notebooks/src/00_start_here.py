# %% [markdown]
# # Thirty Days of TensorFlow
#
# These thirty notebooks take you from your first tensor to a model that answers requests from other programs. Each day is
# one sitting of an hour or two. All data comes with the course, so you do not need a download or an account. You do not
# need a GPU either.

# %% [markdown]
# ## Check your machine
#
# Run the cell below: click it, then press **Shift + Enter**. It shows what it found on your machine. If something is
# missing, it also says what to do.

# %% tags=["setup"]

# %% [markdown]
# ## What you need
#
# You need to be able to write Python functions, and to work with lists and dictionaries. A little NumPy, pandas and school
# mathematics help as well. If you are not sure about them, begin with the [primer](00_primer.ipynb). It takes half an hour
# and explains
#
# - arrays, their shape and their axes,
# - DataFrames, which are tables with named columns,
# - the slope of a curve, and the logarithm,
# - what a model, a loss and a training step are.
#
# Each day says at its top which earlier days it needs and what else you should know.

# %% [markdown]
# ## Pick up where you left off
#
# The next cell lists the thirty days. It shows what you have done, what you have begun, and where to continue. Run it again
# whenever you come back to this page.
#
# Start with day 1 if you want to train a model at once. Start with day 5 if you prefer to learn first what a tensor is.

# %%
from course import home

home.days()

# %% [markdown]
# ## See how a day works
#
# 1. **Read, run, look.** Run the cells from top to bottom. Before you run a cell, guess what it will show.
# 2. **Solve.** In an exercise you complete a function. Write your code in place of the `...` and run the cell.
# 3. **Check.** Run the cell below the function. It tries your function on many inputs and tells you what it found.
#
# Here is a small exercise. A table is a list of rows. For example, `[[3, 1, 4], [1, 5, 9]]` has 2 rows and 3 columns. Write
# `size_of`, which returns both numbers, rows first. For this table it returns `(2, 3)`. Such a pair is called a **shape**,
# and you will meet shapes every day.


# %%
def size_of(table: list[list[int]]) -> tuple[int, int]:
    """How many rows and how many columns a table has; every row is as long as the first."""
    ...


# %%
from checks import check, hint, solution

check(size_of)

# %% [markdown]
# Three calls help you with every exercise. To use one, make a new cell (press **Esc**, then **B**), type the call, and run
# the cell.
#
# | Call | What you get |
# |:---|:---|
# | `check(size_of)` | whether your answer is right and, if it is wrong, a small input for which it fails |
# | `hint(size_of)` | a hint; call it again for a stronger one |
# | `solution(size_of)` | one right answer, which you can compare with yours |
#
# A wrong answer costs nothing, so check as often as you like. The last exercise of each day is harder than the others. It is
# called a **stretch**, and you may skip it.
#
# When you open a day, it may first offer you up to three short exercises from earlier days. You remember things better
# if you recall them from time to time. You may skip these exercises, too.

# %% [markdown]
# ## Keep your progress
#
# Every check is saved on your machine. Binder and Colab, however, delete everything when your session ends. If you work
# there, download your notebooks, and also download your progress as a file:
#
# | Call in a cell | What it does |
# |:---|:---|
# | `progress.save("my-progress.json")` | writes your progress to this file, in the folder of this notebook |
# | `progress.load("my-progress.json")` | adds the progress in this file to what is already here; loading it twice does no harm |
#
# Run `from course import progress` first. In a terminal, `tf30 progress export` and `tf30 progress import` do the same.

# %% [markdown] tags=["map"]
# ## All days at a glance
#
# The [primer](00_primer.ipynb) comes before day 1. It is optional.
