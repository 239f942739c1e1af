# %% [markdown]
# If you can calculate with whole tensors, a formula from a book becomes one line of TensorFlow. You need no loop, and the
# program is shorter and faster. After today you can
#
# - **calculate** with whole tensors: element by element and along an axis, also where values are 0 or very large,
# - **broadcast** tensors of different shapes, and say beforehand which shape comes out,
# - **decompose** a matrix, to compress a photograph and to find the main directions of a table.

# %% tags=["setup"]
import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import data, explore, plot
from course.answers import yours

# %% [markdown]
# ## See what a matrix can leave out
#
# A grey photograph is a matrix, here of 427 rows and 640 columns. That makes 273,280 numbers. The picture below is made of far
# fewer: it is a sum of 20 simple pictures. Each simple picture needs only one number for each row and one for each column. Each of
# its pixels is the number of its row times the number of its column. The number of simple pictures in the sum is called the
# **rank** of the matrix. (On day 5 the rank was the number of axes. The word has both meanings.)
#
# Today ends with the operation that finds these simple pictures. Move the slider and see how many are enough for your eye.

# %%
photo = data.photos()["china"] @ np.array([0.299, 0.587, 0.114]) / 255
explore.ranks(photo)

# %% [markdown]
# ## Calculate element by element
#
# The operators `+ - * / // % **` and the comparisons work on each element of a tensor, and so do functions such as `tf.exp`,
# `tf.sqrt` and `tf.maximum`. Day 5 showed that two tensors need the same dtype. A Python number takes the dtype of the tensor
# beside it, if it can: `tf.constant(1) + 1.5` is an error, because an int32 cannot hold 1.5. Dividing whole numbers with `/` gives
# float64.

# %%
a = tf.constant([[1.0, 2.0], [-3.0, 4.0]])
b = tf.constant([[5.0, 6.0], [7.0, 8.0]])
print("a * b    ", (a * b).numpy().tolist())
print("a ** 0.5 ", (a**0.5).numpy().ravel())
print("maximum  ", tf.maximum(a, 1.5).numpy().tolist())
print("int / int", (tf.constant([7, -7]) / 2).dtype.name)

# %% [markdown] tags=["predict"]
# The square root of -3 is **nan**, "not a number". There is no error, and every calculation with nan gives nan again.
#
# Two operations need care with negative numbers. `//` divides and rounds down. `%` gives the **remainder**: what is left after
# that division.
#
# **Predict:** what are -7 // 2 and -7 % 3? And how does `tf.round` round 0.5, 1.5 and 2.5?

# %%
print("7 // 2 and -7 // 2", (tf.constant([7, -7]) // 2).numpy())
print("7 % 3  and -7 % 3 ", (tf.constant([7, -7]) % 3).numpy())
print("cut off, not down ", tf.truncatediv(tf.constant([7, -7]), 2).numpy())
print("round", tf.round([0.5, 1.5, 2.5]).numpy(), " floor", tf.floor([-1.5, 1.5]).numpy())

# %% [markdown]
# <details><summary>Why</summary>
#
# -3.5 rounded down is -4. The remainder of -7 divided by 3 is 2, because -7 = 3 · (-3) + 2. With a positive divisor it is never
# negative. That is why `%` is useful for everything that goes round: hours, angles, places in a ring. `tf.truncatediv` and
# `tf.truncatemod` cut off the digits after the point instead: -3.5 becomes -3, and the remainder of -7 divided by 3 is -1.
#
# A number in the middle is rounded to the even neighbour: 0.5 to 0, 1.5 to 2 and 2.5 to 2. At school you may have learned to round
# up, but then the sum of many rounded numbers is too large. With the even rule some go up and some go down, so the errors mostly
# cancel.
# </details>
#
# ### Your turn: angles
#
# Every direction has many angles: 190° and -170° point the same way. Write `wrap_degrees`, which brings each angle into the range
# that starts at -180 and ends just below 180. For example, 190 becomes -170, -90 stays, and 180 becomes -180. 540.5 needs more than
# one turn, and becomes -179.5.


# %% exercise="wrap_degrees"
def wrap_degrees(d):
    """The same angles in [-180, 180): -180 may come out, 180 may not.

    d: float32 or float64 tensor of any shape, in degrees, of any size. Returns d's dtype and shape.
    """
    ### BEGIN SOLUTION
    return tf.math.floormod(d + 180, 360) - 180
    ### END SOLUTION


# %% check="wrap_degrees"
check(wrap_degrees)

# %% [markdown]
# ### Compare, and combine the answers
#
# A comparison gives a tensor of True and False. To combine two of them, write `&` for "and", `|` for "or" and `~` for "not", and
# put each comparison into parentheses. Python's own `and` and `or` need one single answer, so with a tensor of several elements
# they raise an error. Python reads `1 < a < 3` as `1 < a and a < 3`, so it raises
# the same error.
#
# Another trap is `==`. If the shapes do not fit, other operators raise an error, but `==` returns one single False.

# %%
print("1 < a and a < 3:", ((a > 1) & (a < 3)).numpy().tolist())
try:
    print(1 < a < 3)
except ValueError as error:
    print("ValueError:", error)
print("[1, 2, 3] == [1, 2] gives", tf.constant([1, 2, 3]) == tf.constant([1, 2]))

# %% [markdown]
# ### Avoid nan and infinity
#
# A division by 0, or a number that is too large, can turn a result into nan or infinity. TensorFlow has safe functions for the most
# common cases:
#
# - `tf.math.divide_no_nan(x, y)` gives 0 where y is 0.
# - `tf.math.xlogy(x, y)` is x · log(y), and 0 where x is 0.
# - `tf.reduce_logsumexp` is the logarithm of a sum of exponentials, $\log \sum_i e^{x_i}$. For x = (1000, 1000), the number
#   $e^{1000}$ is too large for a float. So the function subtracts the largest x, here 1000, from each x, and adds it again at the
#   end: $1000 + \log(e^0 + e^0) = 1000.693$.
#
# The functions of statistics, such as `erf`, `lgamma` and `betainc`, are in `tf.math` as well.
#
# **Clipping** limits values that are too large. `clip_by_value` limits each value on its own. `clip_by_norm` limits the length of a
# whole vector, its norm, and keeps its direction. `clip_by_global_norm` does the same for a list of gradients, as if they were one
# long vector.

# %%
x = tf.constant([1000.0, 1000.0])
print("log of sum of exp", tf.math.log(tf.reduce_sum(tf.exp(x))).numpy(), end="  ")
print("safe", tf.reduce_logsumexp(x).numpy())
print(
    "0 / 0",
    tf.math.divide_no_nan(0.0, 0.0).numpy(),
    " 0 log 0",
    tf.math.xlogy(0.0, 0.0).numpy(),
)
print("by value", tf.clip_by_value([3.0, 4.0], 0, 3.5).numpy(), end="  ")
print("by norm", tf.clip_by_norm([3.0, 4.0], 1.0).numpy())
gradients, length = tf.clip_by_global_norm([tf.constant([3.0, 4.0]), tf.constant([12.0])], 6.5)
print("global", [g.numpy().tolist() for g in gradients], "norm before", length.numpy())

# %% [markdown]
# ## Combine values along an axis
#
# The functions that begin with `reduce_` make one value out of many: `sum`, `mean`, `max`, `min`, `prod`, `any`, `all`, and in
# `tf.math` also `reduce_std` and `reduce_variance`. The argument `axis` says which axis disappears. With `axis=0` a table loses
# its rows, so one value is left for each column. With `keepdims=True` the axis stays and has length 1.
#
# Two traps: the mean of whole numbers is cut to a whole number, and a product of whole numbers can leave the range of int32
# without a message.

# %%
table = tf.constant([[1.0, 2.0, 6.0], [3.0, 4.0, 8.0]])
print("sum", tf.reduce_sum(table).numpy(), " axis 0", tf.reduce_sum(table, axis=0).numpy())
print("axis 1", tf.reduce_sum(table, axis=1).numpy(), end="  ")
print("keepdims", tf.reduce_sum(table, axis=1, keepdims=True).numpy().tolist())
print("mean of 1, 2, 4:", tf.reduce_mean([1, 2, 4]).numpy())
print("1 · 2 · ... · 13:", tf.reduce_prod(tf.range(1, 14)).numpy(), "and not 6227020800")

# %% [markdown]
# Other functions keep the length, find places, or work on groups:
#
# - `tf.cumsum` gives, at each place, the sum of all values up to there. `tf.math.cumprod` gives their product.
# - `tf.argmax` gives the place of the largest value, and `tf.math.top_k` the k largest values and their places. They are sorted,
#   the largest first.
# - `tf.math.unsorted_segment_mean` takes the mean of each group, `tf.math.bincount` counts how often each number occurs, and
#   `tf.math.confusion_matrix` counts pairs of true and predicted classes.
# - `tf.map_fn` applies your own function to one element after the other. `tf.scan` and `tf.foldl` also give your function its last
#   result. `scan` returns all results, `foldl` only the last one. All three are slow, so use them only if there is no other way.
#   `tf.vectorized_map` works on many elements at a time.

# %%
print("cumsum", tf.cumsum([1, 2, 3]).numpy(), end="  ")
print("without the place itself", tf.cumsum([1, 2, 3], exclusive=True).numpy())
values, places = tf.math.top_k([1, 3, 7, 5, 4, 8], 3)
print("top 3", values.numpy(), "at", places.numpy())
print("mean per group", tf.math.unsorted_segment_mean([1.0, 2, 3, 4], [1, 0, 1, 0], 2).numpy())
print("bincount", tf.math.bincount([0, 2, 2]).numpy(), end="  ")
print("scan", tf.scan(lambda total, value: total - value, tf.range(1, 5)).numpy())

# %% [markdown]
# ### Your turn: standardise
#
# To **standardise** a column means: subtract its mean, then divide by its standard deviation. The new column has the mean 0 and the
# standard deviation 1. For example, the column 1, 2, 6 has the mean 3. The squared distances are 4, 1 and 9, their mean is 14 / 3 =
# 4.667, and the standard deviation is the root of it, 2.160. So the column becomes -0.926, -0.463, 1.389.
#
# Write `standardize` for a tensor with any number of axes. A column in which all values are equal becomes 0.


# %% exercise="standardize"
def standardize(X, axis=0):
    """X with mean 0 and standard deviation 1 along the axis; 0 where all values along it are equal.

    X: int32, int64, float32 or float64 tensor with 1 to 3 axes, at least 2 values along the axis; axis may be negative.
    The standard deviation divides by n, not by n - 1. Returns X's shape; float64 for float64, else float32.
    """
    ### BEGIN SOLUTION
    if X.dtype.is_integer:
        X = tf.cast(X, tf.float32)
    mean = tf.reduce_mean(X, axis, keepdims=True)
    return tf.math.divide_no_nan(X - mean, tf.math.reduce_std(X, axis, keepdims=True))
    ### END SOLUTION


# %% check="standardize"
check(standardize)

# %% [markdown]
# ## Broadcast without surprises
#
# If two tensors have different shapes, TensorFlow tries to stretch them to the same shape. This is called **broadcasting**. The
# rules are:
#
# 1. Write the two shapes below each other so that their **last** axes stand in line.
# 2. Fill the shorter shape with 1s on the left.
# 3. Two sizes fit if they are equal, or if one of them is 1.
# 4. Where the sizes are equal, the result has this size. Where one of them is 1, the result has the other size.
# 5. Along an axis of size 1, the values are used again and again. Nothing is copied in memory.
#
# For example, (3, 1) and (4,) become (3, 1) and (1, 4), and the result has the shape (3, 4). But (3, 2) and (3,) become (3, 2) and
# (1, 3): 2 and 3 do not fit, and this is an error. Type shapes of your own below.

# %%
explore.broadcasting()

# %% [markdown]
# `tf.broadcast_to` stretches one tensor to a given shape. `tf.broadcast_static_shape` computes the shape of the result before there
# are any data, and `tf.broadcast_dynamic_shape` does the same for shapes that are tensors, inside a graph.

# %%
print(tf.broadcast_to([1, 2, 3], [2, 3]).numpy().tolist())
print(tf.broadcast_static_shape(tf.TensorShape([3, 1]), tf.TensorShape([4])))
print(tf.broadcast_dynamic_shape([3, 1], [4]).numpy())
try:
    tf.ones([3, 2]) + tf.ones([3])
except tf.errors.InvalidArgumentError as error:
    print(error.message.split("}} ")[-1].split(" [Op")[0])

# %% [markdown] tags=["predict"]
# Broadcasting saves you many loops, but it can also hide mistakes.
#
# **Predict:** the labels below have the shape (3,), the predictions (3, 1), and all of them are right. How large is the mean
# squared error?

# %%
labels, predictions = tf.constant([1.0, 2.0, 3.0]), tf.constant([[1.0], [2.0], [3.0]])
print(tf.reduce_mean((labels - predictions) ** 2).numpy())
plot.broadcast(labels, predictions, "-", names=("labels", "predictions"))

# %% [markdown]
# <details><summary>Why</summary>
#
# It is 1.333 and not 0. The difference has the shape (3, 3), because every prediction was subtracted from every label, as the
# picture shows. Give both the same shape before you subtract.
# </details>
#
# ### Your turn: all distances at once
#
# The same effect is useful where you want all pairs. Write `pairwise_sq_dist`: the squared distance from each point of A to each
# point of B. For the points (0, 0), (3, 4), (1, 1) in A and (0, 0), (3, 0) in B the result is
# `[[0, 9], [25, 16], [2, 5]]`: from (3, 4) to (3, 0) it is $0^2 + 4^2 = 16$.
#
# You may know the formula $|a|^2 - 2ab + |b|^2$. It is faster, but it subtracts large numbers from each other. For coordinates near
# 10,000, the squares are near 100,000,000. A float32 keeps only about seven digits of them, so a small distance is lost. Your
# function must be right for such points, too.


# %% exercise="pairwise_sq_dist"
def pairwise_sq_dist(A, B):
    """The squared distances between all rows of A and all rows of B: float32 [n, m].

    A, B: float32 tensors [n, d] and [m, d]; n or m may be 0. Never negative, and right also where all values are
    near 10,000.
    """
    ### BEGIN SOLUTION
    return tf.reduce_sum((A[:, None] - B[None]) ** 2, axis=-1)
    ### END SOLUTION


# %% check="pairwise_sq_dist"
check(pairwise_sq_dist)

# %% [markdown]
# ## Classify by the neighbours
#
# With distances and `top_k` you can build a classifier that needs no training: **k nearest neighbours**. To classify a new point,
# find the k training points that are nearest to it. Each of them votes for its own class, and the class with the most votes wins.
#
# ### Your turn: let the neighbours vote
#
# Write `knn_predict`. For example, take k = 3. If the three nearest points have the classes 2, 0 and 2, the answer is 2. If
# several classes have the same number of votes, the smallest class wins.


# %% exercise="knn_predict"
def knn_predict(Xtr, ytr, Xte, k: int, n_classes: int):
    """The class of each row of Xte, voted by its k nearest rows of Xtr; the smallest class where votes are tied.

    Xtr, Xte: float32 tensors [n, d] and [m, d]; ytr: int32 or int64 tensor [n] of classes 0 to n_classes - 1; k <= n.
    No two rows of Xtr are equally far from a row of Xte. Returns whole numbers [m], of any integer dtype.
    """
    ### BEGIN SOLUTION
    distances = tf.reduce_sum((Xte[:, None] - Xtr[None]) ** 2, axis=-1)
    near = tf.math.top_k(-distances, k).indices
    votes = tf.reduce_sum(tf.one_hot(tf.gather(ytr, near), n_classes), axis=1)
    return tf.argmax(votes, axis=1)
    ### END SOLUTION


# %% check="knn_predict"
check(knn_predict)

# %% [markdown]
# Now read handwritten digits with it: 1,000 digits of 8 x 8 pixels are the training points, 300 are for validation, and 497 for the
# test. `yours(knn_predict)` is your own function if it passes its check, else the course's. We choose the k that is right most
# often on the validation rows. Then we use the test rows once, with this k.

# %%
images, digit = data.digits()
pixels = tf.constant(images.reshape(-1, 64))
vote = yours(knn_predict)


def share_right(k, part):
    found = vote(pixels[:1000], tf.constant(digit[:1000]), pixels[part], k, 10)
    return np.mean(np.asarray(found) == digit[part])


scores = {k: share_right(k, slice(1000, 1300)) for k in (1, 3, 5, 9, 15, 51)}
best = max(scores, key=scores.get)
print({k: round(float(score), 3) for k, score in scores.items()})
print(f"k = {best}, test accuracy {share_right(best, slice(1300, None)):.3f}")

# %% [markdown]
# More neighbours are not always better. With k = 51, even points that are far away have a vote, and they often belong to other
# classes. The differences between small k mean little, because one digit more or less out of 300 is already 0.003.
#
# ## Multiply matrices
#
# `@` multiplies matrices. If there are more than two axes, the last two are the matrices, and all the axes before them are a
# batch: (5, 2, 3) @ (5, 3, 4) gives (5, 2, 4). Three relatives are useful:
#
# - `tf.linalg.matvec(m, v)` multiplies a matrix by a vector. `m @ v` is an error, because v has only one axis.
# - `tf.linalg.matrix_transpose` exchanges the last two axes. `tf.transpose` reverses **all** axes, which mixes up a batch.
# - `tf.einsum` names the axes by letters. In `"ij,jk->ik"` the letter j is missing on the right, so the products are added up
#   along j. This is the matrix product.

# %%
m = tf.constant([[1.0, 2.0], [3.0, 4.0]])
print(
    "matvec",
    tf.linalg.matvec(m, [1.0, 1.0]).numpy(),
    " batch",
    (tf.ones([5, 2, 3]) @ tf.ones([5, 3, 4])).shape,
)
batch = tf.ones([5, 2, 3])
print(
    "transpose",
    tf.transpose(batch).shape,
    " matrix_transpose",
    tf.linalg.matrix_transpose(batch).shape,
)
print("einsum", tf.einsum("ij,jk->ik", m, m).numpy().tolist())

# %% [markdown]
# To solve the equations $m x = y$, use `tf.linalg.solve`. It is more exact than multiplying by the inverse. For example, x₁ + 2 x₂
# = 5 and 3 x₁ + 4 x₂ = 11 have the solution x = (1, 2). A matrix such as [[1, 2], [2, 4]] has no inverse, so `tf.linalg.inv` raises
# an error. `tf.linalg.pinv` gives a replacement for the inverse, which finds the x for which $m x$ is as close to y as possible. If
# there are more equations than unknowns, `tf.linalg.lstsq` finds this x as well.
#
# `tf.linalg` has many more functions: `det`, `trace`, `qr`, `lu`, `expm`, `matrix_rank`, `cross` and others.
#
# A **norm** is one number that says how large a vector or a matrix is. For a matrix, always give its two axes: `tf.norm(m, 1)`
# without `axis` treats the matrix as one long vector, which gives another number.

# %%
print(
    "solve",
    tf.linalg.solve(m, [[5.0], [11.0]]).numpy().ravel(),
    " det",
    tf.linalg.det(m).numpy(),
)
for order in (1, 2, np.inf, "euclidean"):
    matrix_norm, vector_norm = tf.norm(m, order, axis=[0, 1]), tf.norm(m, order)
    print(f"norm {order!s:9}  as a matrix {matrix_norm:.3f}   as a vector {vector_norm:.3f}")
try:
    tf.linalg.inv([[1.0, 2.0], [2.0, 4.0]])
except tf.errors.InvalidArgumentError as error:
    print(error.message.split("}} ")[-1].split(" [Op")[0])

# %% [markdown] tags=["predict"]
# An **eigenvector** of a matrix is a special vector: the matrix times this vector gives the same vector times a number. This number
# is called the **eigenvalue**. TensorFlow has two functions for eigenvalues: `tf.linalg.eigvals` for any matrix, and
# `tf.linalg.eigvalsh` for a symmetric one, which is equal to its transpose.
#
# **Predict:** the matrix m is not symmetric. What does `eigvalsh(m)` do: raise an error, give the eigenvalues, or something
# else?

# %%
print("eigvals  of [[1, 2], [3, 4]]:", tf.linalg.eigvals(m).numpy().real.round(3))
print("eigvalsh of [[1, 2], [3, 4]]:", tf.linalg.eigvalsh(m).numpy().round(3))
print(
    "eigvalsh of [[1, 3], [3, 4]]:",
    tf.linalg.eigvalsh([[1.0, 3.0], [3.0, 4.0]]).numpy().round(3),
)

# %% [markdown]
# <details><summary>Why</summary>
#
# It gives wrong numbers without an error. `eigvalsh` reads only the lower triangle of the matrix, and assumes that the upper one is
# its mirror image. So it calculates the eigenvalues of [[1, 3], [3, 4]]. `tf.linalg.cholesky`, which writes a matrix as $L L^T$
# with a lower triangle $L$, also reads only the lower triangle. If an eigenvalue is not positive, it returns nan. Use such
# functions only if you know that the matrix is symmetric.
# </details>
#
# ## Decompose a matrix
#
# The **singular value decomposition** (SVD) writes a matrix as a sum of simple pictures, as you saw at the beginning. Each of them
# is a column u times a row v, and it has a weight, its **singular value** s:
#
# $$A = \sum_i s_i\, u_i v_i^T$$
#
# The weights are sorted, so the first pictures matter most. To compress a photograph, keep the first k. Each needs 427 + 640
# numbers and its weight: 20 · (427 + 640 + 1) = 21,360 numbers for k = 20, which is 7.8 % of the photograph.

# %%
s, u, v = tf.linalg.svd(photo)
for k in (1, 5, 20, 100):
    rank_k = tf.matmul(u[:, :k] * s[:k], v[:, :k], transpose_b=True)
    error = tf.norm(photo - rank_k) / tf.norm(photo)
    print(
        f"k {k:3}   {k * (427 + 640 + 1) / photo.size:6.1%} of the numbers   relative error {error:.3f}"
    )

# %% [markdown]
# The SVD has a trap as well. NumPy returns u, s and the transpose of v. TensorFlow returns s, u and v itself, so **you** have to
# transpose v. A test may not find this mistake. For the matrix m, `u @ tf.linalg.diag(s) @ v` without the transpose is right by
# luck, because the v of this matrix is symmetric. For almost every other matrix it is wrong.

# %%
other = tf.constant([[2.0, 0.0, 1.0], [1.0, 3.0, 0.0], [0.0, 1.0, 1.0]])
for name, matrix in {"m": m, "other": other}.items():
    s, u, v = tf.linalg.svd(matrix)
    wrong = tf.norm(u @ tf.linalg.diag(s) @ v - matrix)
    right = tf.norm(u @ tf.linalg.diag(s) @ tf.transpose(v) - matrix)
    print(f"{name:6} error without transpose {wrong:.5f}, with transpose {right:.5f}")

# %% [markdown]
# ### Your turn: the main directions of a table
#
# The SVD also finds the directions in which the rows of a table differ most. This is called **principal component analysis**
# (PCA):
#
# 1. Subtract the mean of each column.
# 2. Decompose the result. The columns of v are the directions, called **components**.
# 3. The **scores** say where each row lies along the components: the centred table times the components.
# 4. The **variance** is the square of the standard deviation. The **ratio** says which share of the variance of the whole table
#    lies along a component: its s² divided by the sum of all s².
#
# You may multiply a component and its scores by -1, and the result is still correct. So that everybody gets the same numbers,
# choose the sign for which the entries of the component have a positive sum.
#
# Write `pca`. For the points (0, 0), (3, 4), (6, 8), (9, 12) and k = 1, all points lie on one line. So the component is (0.6, 0.8),
# the scores are -7.5, -2.5, 2.5, 7.5, and the ratio is 1.


# %% exercise="pca"
def pca(X, k: int):
    """(scores, components, ratio) of the first k principal components: [n, k], [k, d] and [k], of a float dtype.

    X: float32 tensor [n, d], n > d >= k >= 1; the variances along the components differ. The sign of a component is
    free in mathematics; here the sum of its entries is positive (never 0). ratio: its share of the whole variance.
    """
    ### BEGIN SOLUTION
    centred = X - tf.reduce_mean(X, axis=0)
    s, _, v = tf.linalg.svd(centred)
    components = tf.transpose(v)[:k]
    components *= tf.sign(tf.reduce_sum(components, axis=1, keepdims=True))
    return centred @ tf.transpose(components), components, s[:k] ** 2 / tf.reduce_sum(s**2)
    ### END SOLUTION


# %% check="pca"
check(pca)

# %% [markdown]
# Use it on the digits. Each digit has 64 pixels, but the pixels depend on each other, so fewer numbers can describe it. The first
# picture shows which share of the variance the first components have together. In the second picture, the first two scores of each
# digit are its place on a map. Only the zeros and the ones are drawn. Two numbers are enough to separate most of them.

# %%
scores, components, ratio = yours(pca)(pixels, 64)
explained = tf.cumsum(ratio).numpy()
print(
    "the first two explain",
    explained[1].round(3),
    " 95 % needs",
    int(np.sum(explained < 0.95)) + 1,
)
plot.curves(
    {"explained": explained}, x=np.arange(1, 65), x_label="components", lines={"95 %": 0.95}
)

# %%
chosen = digit < 2
plot.decision_map(np.asarray(scores)[chosen, :2], digit[chosen], names=("zeros", "ones"))

# %% [markdown]
# ## Read old names
#
# In programs for TensorFlow 1 you meet names that no longer exist. Most functions moved into a module:
#
# | old name | today |
# |---|---|
# | `tf.log`, `tf.ceil`, `tf.erf`, `tf.lgamma` | `tf.math.log`, `tf.math.ceil`, `tf.math.erf`, `tf.math.lgamma` |
# | `tf.mod`, `tf.div` | `tf.math.floormod`, `tf.math.divide` |
# | `tf.matrix_inverse`, `tf.matrix_determinant` | `tf.linalg.inv`, `tf.linalg.det` |
# | `tf.self_adjoint_eig` | `tf.linalg.eigh` |
# | `tf.svd`, `tf.qr`, `tf.cholesky`, `tf.diag` | `tf.linalg.svd`, `tf.linalg.qr`, `tf.linalg.cholesky`, `tf.linalg.diag` |
# | `tf.string_join`, `tf.substr` | `tf.strings.join`, `tf.strings.substr` |
#
# ### Your turn: translate an old name
#
# Write `modern_name` with this table. For example, `"tf.matrix_inverse"` becomes `"tf.linalg.inv"`. A name that is not in the table
# has not changed, so `"tf.logical_and"` comes back as it is.


# %% exercise="modern_name"
def modern_name(old: str) -> str:
    """The name of today for a name of TensorFlow 1, both with tf. in front: that of the table above.

    Any other name comes back as it is.
    """
    ### BEGIN SOLUTION
    moved = {name: f"tf.math.{name}" for name in ("log", "ceil", "erf", "lgamma")}
    moved |= {name: f"tf.linalg.{name}" for name in ("svd", "qr", "cholesky", "diag")}
    moved |= {"mod": "tf.math.floormod", "div": "tf.math.divide"}
    moved |= {"matrix_inverse": "tf.linalg.inv", "matrix_determinant": "tf.linalg.det"}
    moved |= {"self_adjoint_eig": "tf.linalg.eigh"}
    moved |= {"string_join": "tf.strings.join", "substr": "tf.strings.substr"}
    return moved.get(old.removeprefix("tf."), old)
    ### END SOLUTION


# %% check="modern_name"
check(modern_name)

# %% [markdown]
# There are two more families of functions. The first is for complex numbers: `tf.complex(3.0, 4.0)` is 3 + 4i, and `tf.abs`,
# `tf.math.conj` and `tf.math.angle` work with it. The second is for text: `tf.strings.as_string` turns a number into text,
# `tf.strings.join` joins texts, and `tf.strings.to_hash_bucket_fast` turns a word into a number below a limit.

# %%
print(tf.abs(tf.complex(3.0, 4.0)).numpy(), tf.math.angle(tf.complex(0.0, 1.0)).numpy())
print(tf.strings.join(["rank", tf.strings.as_string(2)], " ").numpy())
print(tf.strings.to_hash_bucket_fast(["cat", "dog", "cat"], 10).numpy())

# %% [markdown]
# ## A stretch: the rules of broadcasting
#
# Write `broadcast_shape`, which applies the rules above to any number of shapes. For example, (3, 1) and (4,) give (3, 4), and
# (3, 2) and (3,) raise a ValueError. A size may also be 0: 0 and 1 fit, and give 0.


# %% exercise="broadcast_shape"
def broadcast_shape(*shapes) -> tuple:
    """The shape that comes out when tensors of these shapes are broadcast together, as a tuple of ints.

    shapes: any number of tuples of ints >= 0, also empty ones; no shape at all gives ().
    Raises ValueError where two sizes do not fit.
    """
    ### BEGIN SOLUTION
    result = []
    for place in range(1, 1 + max(map(len, shapes), default=0)):
        sizes = {shape[-place] for shape in shapes if len(shape) >= place} - {1}
        if len(sizes) > 1:
            raise ValueError(f"the sizes {sizes} do not fit, in axis -{place}")
        result.insert(0, sizes.pop() if sizes else 1)
    return tuple(result)
    ### END SOLUTION


# %% check="broadcast_shape"
check(broadcast_shape)

# %% [markdown]
# ## Recap
#
# - You can **calculate** element by element and along an axis. `%` is never negative for a positive divisor, `tf.round` rounds a
#   number in the middle to the even neighbour, and functions such as `divide_no_nan` and `reduce_logsumexp` avoid nan and infinity.
# - You can **broadcast**. Line the shapes up on the right. Two sizes fit if they are equal, or if one of them is 1. New axes of
#   length 1 give all pairs at once.
# - You can **decompose** a matrix with the SVD, compress a photograph, and find the main directions of a table. TensorFlow
#   returns s, u, v, and v is not transposed.
#
# A common mistake: `X - tf.reduce_mean(X, axis=1)` with a square X. The mean has the shape (n,), so it lines up with the columns and
# not with the rows, and there is no error. The fix is `keepdims=True`.
#
# Three questions to check yourself: Why is -7 % 3 equal to 2? Which shape do (2, 1, 5) and (3, 1) give? What does `eigvalsh` do
# with a matrix that is not symmetric?
