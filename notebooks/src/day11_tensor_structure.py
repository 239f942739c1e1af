# %% [markdown]
# A photograph and a table of marks look different to you, but in memory both are one long row of numbers. The shape of the
# tensor says how to read that row. After today you can
#
# - **pick** any values of a tensor, in any order, without a Python loop,
# - **replace** values in a changed copy, and join tensors without mixing them up,
# - **rearrange** the axes of a tensor, and say which steps move data and which only look at the same data differently.

# %% tags=["setup"]
import time

import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import data, explore, plot
from course.answers import yours

# %% [markdown]
# ## Look at one photograph in two ways
#
# Below, the same photograph is cut into squares of 32 × 32 pixels in two ways. On the left it is cut as you would cut it with
# scissors. On the right, a program took the numbers in the order in which they lie in memory, and called the first 3,072 of
# them the first square, the next 3,072 the second square, and so on (32 · 32 pixels with 3 colours each make 3,072). The
# numbers are the same, but the picture is gone.

# %%
photo = tf.constant(data.photos()["china"])
plot.cuttings(photo, 32)

# %% [markdown]
# No error was raised on the right, and the shape of the result is correct. Mistakes of this kind are hard to find, because
# only the meaning is wrong. To avoid them you need to know where a value lies in memory. So we start there.
#
# ## Find a value in memory
#
# Memory is one long row of places, numbered 0, 1, 2, and so on. A tensor of any shape is stored in such a row: first all
# values of row 0, then all values of row 1, and so on. The picture shows a tensor with 3 rows and 4 columns, and its
# memory below.

# %%
plot.memory_order(tf.reshape(tf.range(12), [3, 4]))

# %% [markdown]
# One step along the last axis goes to the next place. A step along the axis before that is longer: it jumps over a whole row,
# here over 4 places. So the value in row $i$ and column $j$ of a table with $B$ columns lies at place $i \cdot B + j$. A
# third axis works in the same way. In a tensor of shape $(A, B, C)$, the value at $[i, j, k]$ lies at
#
# $$\text{place} = (i \cdot B + j) \cdot C + k.$$
#
# Let us check one by hand. In the shape (2, 3, 4), the value at [1, 2, 0] lies at place $(1 \cdot 3 + 2) \cdot 4 + 0 =
# 20$. The cell below numbers 24 values by their place, so it must show 20.

# %%
x = tf.reshape(tf.range(24), [2, 3, 4])
int(x[1, 2, 0])

# %% [markdown]
# ## Give the same memory another shape
#
# `tf.reshape` does not move any value. It only notes another shape for the same row of places. The new shape must hold
# exactly as many values as the old one. You may write -1 for one of the lengths, and TensorFlow computes it.

# %%
print(tf.reshape(x, [6, 4]).shape, tf.reshape(x, [-1, 2]).shape, tf.reshape(x, [-1]).shape)
try:
    tf.reshape(x, [7, -1])
except tf.errors.InvalidArgumentError as error:
    print(error.message.split("}} ")[-1].split(" [Op")[0])

# %% [markdown]
# The error says that 24 values cannot be divided into 7 equal rows.
#
# Some relatives of `reshape` only add or remove axes of length 1. `tf.expand_dims(t, axis)` adds such an axis, for example to
# make a batch of one picture. `t[tf.newaxis]` does the same at the front. `tf.squeeze(t, axis)` removes it again.
#
# One trap: `tf.squeeze(t)` without an axis removes *every* axis of length 1. If your batch happens to hold one picture,
# its batch axis disappears as well. So always name the axis.

# %%
one = tf.expand_dims(photo, 0)
print("batch of one", one.shape, " squeezed at axis 0", tf.squeeze(one, 0).shape)
gray = tf.zeros([1, 8, 8, 1])
print(
    "squeeze, axis -1:",
    tf.squeeze(gray, -1).shape,
    "  squeeze without an axis:",
    tf.squeeze(gray).shape,
)

# %% [markdown] tags=["predict"]
# ## Exchange the axes
#
# `tf.transpose(t, perm)` brings the axes into another order: the list `perm` names the old axes in their new order. For
# a table, `perm` is [1, 0], and the rows become the columns. For a picture of shape [height, width, channels], the perm
# [2, 0, 1] puts the channels first.
#
# **Predict:** `m` has 2 rows and 3 columns. Both lines below return a tensor of shape (3, 2). Are the two tables equal? What
# is the first row of each?

# %%
m = tf.reshape(tf.range(6), [2, 3])
print("m        ", m.numpy().tolist())
print("reshape  ", tf.reshape(m, [3, 2]).numpy().tolist())
print("transpose", tf.transpose(m, [1, 0]).numpy().tolist())

# %% [markdown]
# <details><summary>Why</summary>
#
# They are not equal. `reshape` keeps the order 0, 1, 2, 3, 4, 5 in memory and starts a new row after every two values.
# `transpose` makes a row out of each column, so its first row is [0, 3]. To store this table row after row, the memory
# must hold 0, 3, 1, 4, 2, 5. That is another order, so TensorFlow has to write a new memory.
# </details>
#
# Choose a shape below. The colour of each number shows its place in the first memory. Then transpose, and compare the two
# rows of memory. Can you find a shape for which the transposition moves nothing?

# %%
explore.layouts()

# %% [markdown]
# ### Your turn: say where each value comes from
#
# A transposition reads the old memory in a new order. Write `reading_order`, which returns this order. Go through the
# transposed tensor from its first value to its last, and note for each value the place where it stood in the old memory. For
# the shape [2, 3] and the perm [1, 0] it returns [0, 3, 1, 4, 2, 5], as you have just seen.


# %% exercise="reading_order"
def reading_order(shape: list[int], perm: list[int]):
    """The places in memory from which the values of a transposed tensor come, in its own order.

    shape: the lengths of the axes, each at least 1; perm: the order of the axes, as tf.transpose takes it.
    Returns an int32 or int64 tensor of shape [n], where n is the product of the lengths.
    """
    ### BEGIN SOLUTION
    places = tf.reshape(tf.range(tf.reduce_prod(shape)), shape)
    return tf.reshape(tf.transpose(places, perm), [-1])
    ### END SOLUTION


# %% check="reading_order"
check(reading_order)

# %% [markdown]
# ## See which steps copy
#
# You can check that `reshape` copies nothing. On a CPU, `memoryview(t)` gives access to the memory of a tensor, and NumPy can
# tell whether two memories overlap.


# %%
def same_memory(a, b) -> bool:
    return np.shares_memory(np.asarray(memoryview(a)), np.asarray(memoryview(b)))


steps = {
    "reshape": lambda t: tf.reshape(t, [-1]),
    "expand_dims": lambda t: tf.expand_dims(t, 0),
    "transpose": lambda t: tf.transpose(t, [2, 0, 1]),
    "gather": lambda t: tf.gather(t, [0, 1]),
    "concat": lambda t: tf.concat([t, t], axis=0),
}

# %%
with tf.device("CPU"):
    t = tf.random.uniform([3, 5, 7])
    for name, step in steps.items():
        print(f"{name:12} same memory: {same_memory(t, step(t))}")

# %% [markdown]
# `reshape` and its relatives look at the same memory in another way. `transpose`, `gather` and `concat` write a new
# memory.
#
# There is one exception: some transpositions move no value. For example, if only an axis of length 1 gets another position,
# all values keep their order in memory. Your function predicts this. If `reading_order` gives 0, 1, 2, ... then no value has
# to move, and TensorFlow does not copy. The cell uses your function if it passes its check, and the course's own if not.

# %%
order = yours(reading_order)
with tf.device("CPU"):
    thin = tf.random.uniform([3, 1, 4])
    print(np.array(order([3, 1, 4], [1, 0, 2])))
    print("same memory:", same_memory(thin, tf.transpose(thin, [1, 0, 2])))

# %% [markdown]
# Does a copy matter? It takes time, and for a while all values are in memory twice. TensorFlow stores a batch of
# pictures in the order [batch, height, width, channels], which is called **NHWC**. PyTorch stores it in the order
# **NCHW**, with the channels in front of height and width. If you exchange data between the two, every batch is
# transposed.
#
# The next cell measures both steps on 32 pictures. It repeats each step 15 times and prints the median, and the range from
# the fastest to the slowest run.

# %%
with tf.device("CPU"):
    pictures = tf.random.uniform([32, 224, 224, 3])


def times_of(step) -> np.ndarray:
    taken = []
    with tf.device("CPU"):  # a GPU answers before it has finished
        for _ in range(15):
            start = time.perf_counter()
            step()
            taken.append(time.perf_counter() - start)
    return 1e6 * np.array(taken)


reshaped = times_of(lambda: tf.reshape(pictures, [32, -1]))
transposed = times_of(lambda: tf.transpose(pictures, [0, 3, 1, 2]))
for name, taken in {"reshape": reshaped, "transpose": transposed}.items():
    print(f"{name:10} {np.median(taken):9,.0f} µs  ({taken.min():,.0f} to {taken.max():,.0f})")
print(f"ratio {np.median(transposed) / np.median(reshaped):,.0f}")

# %% [markdown]
# When we ran it, the transposition took about a hundred times as long. The ratio grows with the size of the batch,
# because `reshape` takes the same short time for a tensor of any size.
#
# ## Pick what a slice cannot reach
#
# Day 5 showed slices, `gather`, `gather_nd` and `boolean_mask`. Now we combine them. Our data are marks from 0 to 100, for 4
# classes with 8 students each, in 6 subjects. (They are random numbers, not real marks.)

# %%
scores = tf.random.stateless_uniform([4, 8, 6], seed=(11, 0), maxval=101, dtype=tf.int32)
print(scores.shape, scores[0, 0].numpy())

# %% [markdown] tags=["predict"]
# **Predict:** `marks` is the table of the first class. In NumPy, `marks[[0, 2]]` returns the rows 0 and 2. What does
# TensorFlow return: two rows, one number, or an error?

# %%
marks = scores[0]
print(marks[[0, 2]].numpy(), " and marks[0, 2] is", marks[0, 2].numpy())
print("gather:", tf.gather(marks, [0, 2]).shape)

# %% [markdown]
# <details><summary>Why</summary>
#
# TensorFlow returns one number. It reads the list in the brackets as an index for each axis, so `marks[[0, 2]]` means
# `marks[0, 2]`. No error is raised. (With a NumPy array or a tensor in the brackets you would get a TypeError.) Whenever
# you have a list of rows, use `tf.gather`.
# </details>
#
# `tf.gather` picks from one axis. To pick students *and* subjects you need it twice. In the picture, the outlined values are
# the marks of the students 7, 0 and 3 in the subjects 1 and 4.

# %%
wanted = np.zeros(marks.shape, bool)
wanted[np.ix_([7, 0, 3], [1, 4])] = True
plot.tensor(marks, axes=("student", "subject"), highlight=wanted)

# %% [markdown]
# ### Your turn: pick a block
#
# Write `pick_block`. From each class it takes the marks of every student in the first list, in every subject of the
# second list. The results come in the order of the lists, and a number that stands in a list twice is picked twice. For
# 4 classes, 3 students and 2 subjects the result has the shape (4, 3, 2).


# %% exercise="pick_block"
def pick_block(scores, students, subjects):
    """The scores of some students in some subjects, for every class.

    scores: tensor [classes, students, subjects] of any number dtype.
    students, subjects: int32 or int64 tensors with one axis, possibly empty; places on axis 1 and on axis 2.
    Returns [classes, len(students), len(subjects)] with the dtype of scores.
    """
    ### BEGIN SOLUTION
    return tf.gather(tf.gather(scores, students, axis=1), subjects, axis=2)
    ### END SOLUTION


# %% check="pick_block"
check(pick_block)

# %% [markdown]
# Sometimes you need different places in each row. For example, each student has two best subjects, and they are not the same
# for everybody. `tf.argsort` returns the places of the values in sorted order, here from the largest value to the smallest.
# So its first two columns say where the two best marks of each row stand.

# %%
best = tf.argsort(marks, axis=1, direction="DESCENDING")[:, :2]
print("places of the two best marks:", best.numpy().tolist())

# %% [markdown]
# ### Your turn: pick from each row its own places
#
# Write `pick_per_row`. From row $i$ of the table it takes the places that row $i$ of `idx` lists. For the table [[1, 2, 3],
# [4, 5, 6]] and the places [[2, 0], [1, 1]] the result is [[3, 1], [5, 5]].


# %% exercise="pick_per_row"
def pick_per_row(table, idx):
    """From each row of a table its own places, in the order in which idx lists them.

    table: tensor [rows, n] or [rows, n, d] of any number dtype.
    idx: int32 or int64 tensor [rows, k] of places from 0 to n - 1, with repeats.
    Returns [rows, k] or [rows, k, d] with the dtype of table.
    """
    ### BEGIN SOLUTION
    return tf.gather(table, idx, axis=1, batch_dims=1)
    ### END SOLUTION


# %% check="pick_per_row"
check(pick_per_row)

# %%
print("the two best marks of each student:", yours(pick_per_row)(marks, best).numpy().tolist())

# %% [markdown]
# When should you use a mask instead? Use `marks[marks < 30]`, which is short for `tf.boolean_mask`, when a condition decides
# which values you want. The result is one flat row, because the places that are True do not have to form a rectangle. A mask
# says only yes or no for each place. It cannot express an order, and it cannot pick a value twice.

# %%
print(marks[marks < 30].numpy())
print("where they stand:", tf.where(marks < 30).numpy().tolist())

# %% [markdown]
# ## Make a changed copy
#
# Tensors never change (day 5), so we make copies in which some values differ. There are two ways to say which ones.
#
# **By a condition.** `tf.where(condition, a, b)` takes each value from `a` where the condition is True, and from `b` where it
# is False. It is an `if` for every value. With the condition alone, as in the cell above, `tf.where` returns the places that
# are True.
#
# **By a list of places.** `tf.scatter_nd(places, values, shape)` starts with zeros and writes the values to the places.
# It is the reverse of `tf.gather_nd`, which reads the values at the places. `tf.tensor_scatter_nd_update(t, places,
# values)` starts with a copy of `t` instead.

# %%
print("where  ", tf.where(marks[0] < 50, 50, marks[0]).numpy())
print("scatter", tf.scatter_nd([[0], [0], [2]], [1, 2, 3], [4]).numpy())
print("update ", tf.tensor_scatter_nd_update(tf.range(4), [[0], [2]], [90, 92]).numpy())

# %% [markdown]
# Look at the second line. Place 0 was named twice, with the values 1 and 2, and the result at this place is 3: `scatter_nd`
# *adds* values that go to the same place. This is useful for counting. Other functions start with a copy of `t`:
# `tf.tensor_scatter_nd_add` adds to its values, `tf.tensor_scatter_nd_max` keeps the larger value, and
# `tf.tensor_scatter_nd_min` keeps the smaller one. In `tensor_scatter_nd_update`, name each place only once, because the
# order of the writes is not guaranteed.
#
# Some programs replace a value by arithmetic: they subtract the old value and add the new one. That fails as soon as
# the old value is nan, since nan - nan is nan.
#
# ### Your turn: replace values
#
# Write `replace_at`. It returns a copy of `t` in which the given places hold the given values. For [[1, 2, 3], [4, 5, 6]],
# the places [0, 2] and [1, 0] and the values 30 and 40 it returns [[1, 2, 30], [40, 5, 6]].


# %% exercise="replace_at"
def replace_at(t, coords, values):
    """A copy of t with other values at some places; t itself stays as it is.

    t: tensor of rank 1 to 4, int32, int64, float32 or float64. It may hold nan and infinity.
    coords: int32 or int64 tensor [n, rank], n different places; n may be 0.
    values: tensor [n] of whole numbers. Their dtype may differ from that of t.
    Returns a tensor with the shape and the dtype of t.
    """
    ### BEGIN SOLUTION
    return tf.tensor_scatter_nd_update(t, coords, tf.cast(values, t.dtype))
    ### END SOLUTION


# %% check="replace_at"
check(replace_at)

# %% [markdown]
# ## Join and cut
#
# `tf.concat` joins tensors along an axis that they already have, so the rank stays the same. `tf.stack` puts them on a *new*
# axis, so the rank grows by one. Where the new axis stands decides which values become neighbours.

# %%
a, b = tf.constant([[1, 2], [3, 4]]), tf.constant([[5, 6], [7, 8]])
names = ["a", "b", "concat, axis 0", "stack, axis 1"]
plot.tensors(a, b, "->", tf.concat([a, b], axis=0), tf.stack([a, b], axis=1), names=names)

# %% [markdown]
# All tensors must have the same dtype: neither function casts for you. The way back is `tf.split`, which cuts an axis into
# equal parts or into parts of given sizes (-1 stands for the rest), and `tf.unstack`, which removes an axis and returns a
# Python list.

# %%
print([part.shape.as_list() for part in tf.split(tf.zeros([3, 10]), [2, -1, 3], axis=1)])
print([part.numpy().tolist() for part in tf.unstack(tf.stack([a, b], axis=1), axis=1)])

# %% [markdown]
# ### Your turn: interleave rows
#
# Stereo sound is stored like this: a sample for the left ear, one for the right ear, the next one for the left, and so on.
# Write `interleave_rows`, which brings any number of tensors into this order: row 0 of each, then row 1 of each. From the
# tensors $a$ and $b$ of the picture it makes [[1, 2], [5, 6], [3, 4], [7, 8]].


# %% exercise="interleave_rows"
def interleave_rows(*tensors):
    """The rows of all tensors in turn: row 0 of each, row 1 of each, and so on.

    tensors: one or more tensors of the same shape and dtype, rank 1 to 3. The first axis is that of the rows and may have
    length 0; the other axes have at least length 1.
    Returns a tensor of the same rank and dtype with len(tensors) times as many rows.
    """
    ### BEGIN SOLUTION
    return tf.reshape(tf.stack(tensors, axis=1), [-1, *tensors[0].shape[1:]])
    ### END SOLUTION


# %% check="interleave_rows"
check(interleave_rows)

# %% [markdown]
# ## Keep these tools at hand
#
# You will need the following functions now and then. Read each line and its result once, so that you remember that they
# exist.
#
# - `tf.tile` repeats a whole tensor, and `tf.repeat` repeats each value. `tf.broadcast_to` stretches axes of length 1, as
#   broadcasting does.
# - `tf.pad` adds a frame of zeros, `tf.roll` shifts in a circle, `tf.reverse` puts an axis into the opposite order, and
#   `tf.sort` sorts it.
# - `tf.linalg.diag` writes values on a diagonal, and `band_part` keeps a part of a matrix, here the lower triangle.
# - `tf.sequence_mask` marks the first places of each row, here the first one and the first three. `tf.unique_with_counts`
#   counts how often each value occurs. `tf.searchsorted` says at which place a value would have to be inserted into a sorted
#   row.

# %%
row = tf.constant([3, 1, 1])
print("tile, repeat ", tf.tile(row, [2]).numpy(), tf.repeat(row, 2).numpy())
print("broadcast_to ", tf.broadcast_to(row, [2, 3]).numpy().tolist())
print("pad, roll    ", tf.pad(row, [[1, 2]]).numpy(), tf.roll(row, 1, axis=0).numpy())
print("reverse, sort", tf.reverse(row, [0]).numpy(), tf.sort(row).numpy())
print("diag         ", tf.linalg.diag([1, 2]).numpy().tolist())
print("band_part    ", tf.linalg.band_part(tf.ones([2, 2], tf.int32), -1, 0).numpy().tolist())

# %%
print("sequence_mask", tf.sequence_mask([1, 3], 4).numpy().astype(int).tolist())
values, _, counts = tf.unique_with_counts(row)
print("unique       ", values.numpy(), "occur", counts.numpy(), "times")
print("searchsorted ", tf.searchsorted([10, 20, 30], [5, 20, 25]).numpy())

# %% [markdown]
# ## Cut the photograph
#
# Now you can write the function for the left half of the first picture. Let the height be $h \cdot p$ and the width $w \cdot
# p$. There are three steps:
#
# 1. Split each of the two axes into two. A row number says two things: in which row of squares a pixel is, and in which
#    row inside its square. So reshape to $[h, p, w, p, C]$, where $C$ is the number of channels. This moves nothing.
# 2. Change the order of the axes: first the two that count the squares, then the two inside a square. This is a
#    transposition, and it copies.
# 3. Fold the two counting axes into one: reshape to $[h \cdot w, p, p, C]$.
#
# Follow step 1 with a picture of 2 rows and 4 columns and $p = 2$, without colours. Its memory holds the rows 0 1 2 3 and 4 5
# 6 7.

# %%
small = tf.reshape(tf.range(8), [2, 4])
print("h, p, w, p:", tf.reshape(small, [1, 2, 2, 2]).numpy().tolist())

# %% [markdown]
# The first square consists of 0, 1, 4 and 5. In memory these four are not neighbours, so no reshape alone can bring them
# together.
#
# ### Your turn: cut a picture into squares
#
# Write `to_patches`. If the height or the width is not a multiple of $p$, leave out the rest at the bottom and at the right.


# %% exercise="to_patches"
def to_patches(img, p: int):
    """The picture cut into squares of p by p pixels, row by row.

    img: tensor [height, width, channels], uint8, int32 or float32; height and width are at least p.
    Returns [n, p, p, channels] with the dtype of img; a rest at the bottom and at the right is left out.
    """
    ### BEGIN SOLUTION
    h, w, channels = img.shape[0] // p, img.shape[1] // p, img.shape[2]
    parts = tf.reshape(img[: h * p, : w * p], [h, p, w, p, channels])
    return tf.reshape(tf.transpose(parts, [0, 2, 1, 3, 4]), [h * w, p, p, channels])
    ### END SOLUTION


# %% check="to_patches"
check(to_patches)

# %% [markdown]
# Here is the photograph, 427 × 640 pixels, cut by your function into squares of 100 pixels. (TensorFlow has a function for
# exactly this task, too: `tf.image.extract_patches`.)

# %%
patches = yours(to_patches)(photo, 100)
plot.images(patches, columns=6)

# %% [markdown]
# ### A stretch: put the photograph together again
#
# Write `from_patches`, which undoes `to_patches`: it gets the squares, and the height and the width of the picture. The sizes
# fit exactly.


# %% exercise="from_patches"
def from_patches(patches, height: int, width: int):
    """The picture that to_patches has cut into these squares.

    patches: tensor [n, p, p, channels], uint8, int32, float32 or float64, row by row.
    height, width: multiples of p, with height * width = n * p * p.
    Returns [height, width, channels] with the dtype of patches.
    """
    ### BEGIN SOLUTION
    p, channels = patches.shape[1], patches.shape[3]
    parts = tf.reshape(patches, [height // p, width // p, p, p, channels])
    return tf.reshape(tf.transpose(parts, [0, 2, 1, 3, 4]), [height, width, channels])
    ### END SOLUTION


# %% check="from_patches"
check(from_patches)

# %%
whole = yours(from_patches)(patches, 400, 600)
print("the same pixels as in the photograph:", np.array_equal(whole, photo[:400, :600]))

# %% [markdown]
# ## Recap
#
# - You can **pick** a block with two `gather`s, and from each row its own places with `batch_dims=1`. A list in brackets
#   does not pick rows.
# - You can **replace** values with `tf.where` if a condition decides, and with `tensor_scatter_nd_update` if you have the
#   places. You can interleave the rows of several tensors with `stack` and `reshape`.
# - You can **rearrange** axes. `reshape`, `expand_dims` and `squeeze` look at the same memory. `transpose`, `gather`, `concat`
#   and `stack` write a new one.
#
# A common mistake: to turn pictures of shape [batch, height, width, 3] into [batch, 3, height, width] with `tf.reshape`. The
# shape is right, no error is raised, and the pictures are scrambled. The fix is `tf.transpose(pictures, [0, 3, 1, 2])`.
#
# Three questions to check yourself: In a tensor of shape (2, 5, 3), at which place in memory is the value at [1, 0, 2]? (It
# is 17.) What does `tf.squeeze` do to a batch of one picture? Why can a mask not pick the same row twice?
#
# Today you moved values. On day 12 you calculate with them.
