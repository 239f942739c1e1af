# %% [markdown]
# # Primer: arrays, tables, slopes and training
#
# **30 minutes, optional.** The thirty days use a little NumPy, a little pandas and a little mathematics. This page
# explains what you need of them. You should know some Python: variables, lists and functions. After this page you can
#
# - **read** the shape of an array and compute along one of its axes,
# - **pick** rows of a table,
# - **say** what the slope of a curve and a logarithm are,
# - **explain** what a model, a loss and a training step are.
#
# Do you know all of this already? Then go straight to [day 1](day01_structured_data.ipynb).

# %% [markdown]
# Run the cell below first: click it, then press **Shift + Enter**. It loads NumPy, which computes with arrays, and pandas,
# which works with tables. Their names are usually shortened to `np` and `pd`.

# %% tags=["setup"]
import numpy as np
import pandas as pd

from checks import check, hint, solution
from course import plot

# %% [markdown]
# ## Read the shape of an array
#
# An **array** is a block of numbers, all of the same kind. Here are the points that two students got in three exams. Each
# student is a row, and each exam is a column.

# %%
scores = np.array([[7.0, 9.0, 5.0], [6.0, 8.0, 10.0]])
plot.tensor(scores, "Points in three exams", axes=("student", "exam"))

# %% [markdown]
# The **shape** of an array says how many numbers there are in each direction. This array has 2 rows and 3 columns, so its
# shape is `(2, 3)`. Each direction is called an **axis**. Axis 0 goes down, from row to row. Axis 1 goes to the right, from
# column to column. Python counts from 0, and so do axes.

# %%
scores.shape

# %% [markdown]
# Square brackets pick numbers out of an array. You give a position for each axis, first the row and then the column. A
# colon means "all of them". So `scores[1, 2]` is one number, `scores[1]` is the whole second row, and `scores[:, 2]` is the
# whole third column.

# %%
print("one number:", scores[1, 2])
print("second row:", scores[1])
print("third column:", scores[:, 2])

# %% [markdown]
# You can compute with the whole array at once, without a loop. `scores + 1` adds 1 to every number. Two arrays of the same
# shape are added number by number.

# %%
plot.tensors(scores, "+", np.ones((2, 3)), "=", scores + 1)

# %% [markdown]
# ## Compute along one axis
#
# How many points did each student get on average? And what is the average of each exam? Both are means, but they are taken
# along different axes.
#
# `scores.mean(axis=0)` goes down axis 0, from row to row, and averages what it meets. For the first exam it meets 7 and 6,
# so the mean is (7 + 6) / 2 = 6.5. The result has one number for each exam, because axis 0 has disappeared. **The axis that
# you name is the axis that disappears.**

# %%
plot.tensors(scores, "→", scores.mean(axis=0), names=("scores", "mean over axis 0"))

# %% [markdown]
# With `axis=1` the columns disappear instead, and one number for each student is left. Without `axis` the mean is taken
# over all numbers.

# %%
print("each student:", scores.mean(axis=1))
print("all numbers:", scores.mean())

# %% [markdown]
# ### Exercise: means along both axes
#
# Write `axis_means`. It gets a table with rows and columns and returns two arrays: the mean of each row, then the mean of
# each column. For the scores above it returns `[7, 8]` and `[6.5, 8.5, 7.5]`.


# %%
def axis_means(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean of each row, shape (n,), and the mean of each column, shape (m,).

    table: float64, shape (n, m).
    """
    ...


# %%
check(axis_means)

# %% [markdown]
# Are you stuck? Put `hint(axis_means)` into a new cell and run it. `solution(axis_means)` shows one right answer.

# %% [markdown]
# ## Read a table in five lines
#
# A pandas **DataFrame** is a table whose columns have names. Its columns may hold different kinds of data: here one holds
# text and two hold numbers. Each row has a label, which stands on the left. These people are invented.

# %%
people = pd.DataFrame(
    {
        "name": ["Ada", "Ben", "Cleo", "Dan"],
        "age": [38, 4, 21, 62],
        "fare": [71.0, 16.5, 8.0, 26.5],
    }
)
people

# %% [markdown]
# These five lines show most of what the course does with a DataFrame:
#
# 1. `len(people)` counts the rows.
# 2. `people["age"]` is one column.
# 3. `people["age"].mean()` computes the mean of a column.
# 4. `people["age"] > 18` compares each number of a column. The result is True or False for each row.
# 5. `people[people["age"] > 18]` keeps the rows for which the comparison is True.

# %%
print(len(people))
print(people["age"].tolist())
print(people["age"].mean())
print((people["age"] > 18).tolist())
people[people["age"] > 18]

# %% [markdown]
# A list of True and False that picks rows is called a **mask**. Look at the labels of the result: each row has kept its own
# label, 0, 2 and 3. So you can still tell which row it was. A mask picks rows of a NumPy array in the same way.

# %% [markdown]
# ### Exercise: pick rows
#
# Write `filter_rows`. It returns the rows of `table` whose value in `column` is above `low`. For `people`, `"age"` and 18 it
# returns the rows of Ada, Cleo and Dan.


# %%
def filter_rows(table: pd.DataFrame, column: str, low: float) -> pd.DataFrame:
    """The rows whose number in that column is greater than low, with their labels.

    table: has a column of that name, which holds numbers. It is not changed.
    """
    ...


# %%
check(filter_rows)

# %% [markdown]
# ## See a slope
#
# The **slope** of a line says how much it rises for each step of 1 to the right. A slope of 2 means: one step to the right,
# two steps up. A slope of -2 goes down. A flat line has the slope 0.
#
# The slope of a curve changes from place to place. To see the slope at one place, draw the line that touches the curve
# there. The picture shows the curve $f(x) = x^2$ and the lines that touch it at -1, at 0 and at 2.

# %%
plot.tangents(lambda x: x**2, at=[-1, 0, 2], x_range=(-2, 3))

# %% [markdown]
# At -1 the slope is -2, because the line falls by 2 for each step to the right. At 2 the slope is 4. At 0, the lowest point
# of the curve, the slope is 0. **So the slope tells you which way is down**: where it is positive the curve goes down to
# the left, and where it is negative it goes down to the right. Training uses exactly this.
#
# How do you compute a slope? Take two points of the curve, very close together, and divide the rise by the distance. For a
# small number $h$ the points are $x - h$ and $x + h$, so they are $2h$ apart:
#
# $$\text{slope} \approx \frac{f(x + h) - f(x - h)}{2h}$$
#
# Try it by hand for $f(x) = x^2$ at 2 with $h = 0.1$. The heights are $2.1^2 = 4.41$ and $1.9^2 = 3.61$. The rise is 0.80
# and the distance 0.2, so the slope is 4.
#
# In mathematics the slope is called the **derivative**. If a function has several inputs, it has one slope for each of
# them, and all of them together are called the **gradient**.

# %% [markdown]
# ### Exercise: the slope at a place
#
# Write `slope_at`. It returns the slope of the function `f` at `x`, measured between two points that are very close
# together. For `lambda x: x ** 2` at 3 it returns about 6. A small error, such as 0.001, does not matter.


# %%
def slope_at(f, x: float) -> float:
    """The slope of f at x, nearly.

    f: a function that takes one number and returns one number.
    """
    ...


# %%
check(slope_at)

# %% [markdown]
# ## See a logarithm
#
# You will often meet `np.log`, the natural **logarithm**. The logarithm of a number tells you to which power you must raise
# $e \approx 2.718$ to get that number. The logarithm of 1 is 0, because $e^0 = 1$. Numbers between 0 and 1 have a negative
# logarithm.
#
# In this course you mostly take the logarithm of a **probability**, a number from 0 (never) to 1 (always). Suppose that
# a model said how probable rain was, and then it did rain. The picture shows $-\log(p)$ for each probability $p$ that
# the model could have given.

# %%
p = np.linspace(0.02, 1, 50)
plot.curves({"-log(p)": -np.log(p)}, p, x_label="p, the probability given to what happened")

# %% [markdown]
# Read the curve from right to left. A model that was sure and right ($p = 1$) pays 0. With $p = 0.9$ it pays 0.11, with
# $p = 0.5$ it pays 0.69, and with $p = 0.1$ it pays 2.30. The closer $p$ comes to 0, the steeper the curve rises. So
# this number is a good penalty: it is small for good predictions, and large for a model that was confident and wrong.

# %%
print(np.round(-np.log([0.9, 0.5, 0.1]), 2))

# %% [markdown]
# One more property is useful. The logarithm turns a product into a sum: $\log(a \cdot b) = \log(a) + \log(b)$. The product
# of a thousand small probabilities is so close to 0 that the computer stores it as 0. The sum of their logarithms is an
# ordinary number.

# %% [markdown]
# ## Train a model with one weight
#
# A **model** is a function with numbers in it that are not fixed yet. These numbers are called **weights**. Our model
# predicts how far somebody walks from the time that they walk: $\text{distance} = w \cdot \text{time}$. It has one weight,
# `w`. Here are three walks, in hours and kilometres.

# %%
hours = np.array([1.0, 2.0, 3.0])
kilometres = np.array([4.0, 9.0, 11.0])

# %% [markdown]
# Which `w` is good? We need one number that says how wrong the model is. This number is called the **loss**. A common loss
# is the **mean squared error**: take each error, square it, and average the squares. With $n$ walks, times $x_i$ and
# distances $y_i$ it is
#
# $$L(w) = \frac{1}{n} \sum_{i=1}^{n} (w \cdot x_i - y_i)^2$$
#
# By hand, for $w = 3$: the model predicts 3, 6 and 9. The errors are -1, -3 and -2. Their squares are 1, 9 and 4, and the
# mean of the squares is 14 / 3 = 4.67.


# %%
def loss(w):
    return np.mean((w * hours - kilometres) ** 2)


print(loss(3.0))

# %% [markdown]
# **Training** means to search for weights with a small loss. It begins with any weight, for example 0, and repeats one
# **training step**:
#
# 1. Compute the slope of the loss at the present weight.
# 2. Move the weight a little, against the slope, because that way is down.
#
# For this loss, mathematics gives the slope as a formula. You do not need to derive it. From day 1 on, TensorFlow finds
# the slopes for you.
#
# $$\text{slope} = \frac{1}{n} \sum_{i=1}^{n} 2\,(w \cdot x_i - y_i)\,x_i \qquad w_\text{new} = w - \text{rate} \cdot
# \text{slope}$$
#
# The **learning rate**, here `rate`, is a small number that you choose. It says how large the steps are.

# %%
w, rate, path = 0.0, 0.05, [0.0]
for step in range(1, 9):
    slope = np.mean(2 * (w * hours - kilometres) * hours)
    w = w - rate * slope
    path.append(w)
    print(f"step {step}: slope {slope:6.2f}, new weight {w:.2f}")

# %% [markdown]
# The left picture shows the loss for each weight, and the steps that training made. Here x is the weight and f(x) is
# its loss. The steps begin on the left, where the curve is steep, so the first step is long. Near the lowest point the
# slope is small, and so are the steps. The right picture shows how far the weight is from the best one after each step.

# %%
plot.descent(np.vectorize(loss), path, x_range=(-0.5, 8.5))

# %% [markdown] tags=["predict"]
# **Predict:** what happens if you train with `rate = 0.25` instead of 0.05? Will it arrive sooner? Decide, then run the
# cell.

# %%
w, rate, path = 0.0, 0.25, [0.0]
for step in range(1, 5):
    w = w - rate * np.mean(2 * (w * hours - kilometres) * hours)
    path.append(w)
    print(f"step {step}: new weight {w:.2f}, loss {loss(w):.2f}")
plot.descent(np.vectorize(loss), path, x_range=(-10, 16))

# %% [markdown]
# <details><summary>Why?</summary>
#
# The steps are so long that each one jumps over the lowest point and lands higher on the other side. The loss grows
# with each step. If you see later that a loss grows, or becomes `nan` ("not a number"), try a smaller learning rate
# first.
#
# </details>

# %% [markdown]
# ### Exercise: one training step
#
# Write `one_step`. It returns the weight after one training step of the model $w \cdot x$ with the mean squared error. For
# `w = 1`, `x = [1, 2]`, `y = [2, 4]` and `rate = 0.1` the slope is -5, so the new weight is 1.5.


# %%
def one_step(w: float, x: np.ndarray, y: np.ndarray, rate: float) -> float:
    """The weight after one step against the slope of the mean squared error of w * x.

    x, y: float64, shape (n,): the inputs and what is right for each.
    """
    ...


# %%
check(one_step)

# %% [markdown]
# ## What you know now
#
# - You **read** shapes: an array of shape (2, 3) has 2 rows and 3 columns, and the axis that you name disappears.
# - You **pick** rows with a mask, a list of True and False.
# - You **say** what a slope is, the rise for one step to the right, and why $-\log(p)$ is a good penalty.
# - You **explain** training: a model has weights, the loss says how wrong it is, and each step moves the weights against
#   the slope of the loss.
#
# A common mistake: `scores.mean(axis=0)` sounds like "the mean of each row", but axis 0 is the one that disappears. It is
# the mean of each column.

# %% [markdown]
# ---
#
# [Start page](00_start_here.ipynb) · [Day 1 - Structured data: who survived the Titanic?](day01_structured_data.ipynb) →
