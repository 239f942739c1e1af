# %% [markdown]
# A picture, a sentence, a table and the weights of a network are all stored in the same kind of object: a tensor. After
# today you can
#
# - **create** tensors of every rank and dtype, and say what shape they have before you run the cell,
# - **index** and convert them without surprises, even when they hold text, rows of different length, or mostly zeros,
# - **update** a Variable in place, and explain what a Variable can do that a tensor cannot.

# %% tags=["setup"]
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import data, explore, plot

# %% [markdown]
# ## Look at a photo as numbers
#
# Here is a corner of a photograph of a temple roof. A computer does not see a roof. It sees three tables of whole
# numbers from 0 to 255: one table says how much red there is in each place, one how much green, and one how much blue.
# The three tables are stacked, so the photograph has three axes: height, width and colour.

# %%
patch = data.china_patch()
plot.channels(patch)

# %% [markdown]
# ## Climb the ladder of ranks
#
# A **tensor** is an array, much like a NumPy array. Every tensor has a **shape**, which is the length of each axis, and a
# **dtype**, which is the kind of value that it holds, for example float32 or text. It also knows its **device**: the CPU
# or the GPU in whose memory its values lie. Once a tensor is made, its values never change.
#
# The number of axes is called the **rank**. You can read it from the brackets: `[0.2, -1.0, 0.5]` opens one bracket, so
# its rank is 1, and a table opens two, so its rank is 2. The cell below makes one tensor of each rank from 0 to 4.

# %%
label = tf.constant(7)
word = tf.constant([0.2, -1.0, 0.5])
table = tf.constant([[22.0, 7.25], [38.0, 71.28], [26.0, 7.92]])
photo = tf.constant(patch)
video = tf.stack([photo, photo, photo])

for name, t in {
    "label": label,
    "word": word,
    "table": table,
    "photo": photo,
    "video": video,
}.items():
    print(f"{name:6} rank {t.ndim}  shape {t.shape}  {t.dtype.name}")

# %%
plot.tensor(table, "A table has rank 2")

# %% [markdown]
# There are two ways to ask for a shape. `t.shape` is a Python object, and it is known as soon as the tensor exists.
# `tf.shape(t)` is a tensor itself: it is computed when the program runs. You will need it on day 6, where the size of a
# batch may not be known before the data arrive.
#
# One trap: `len(t)` is the length of the first axis only. For a table of 3 rows and 2 columns it is 3, while the table
# holds 6 numbers. `tf.size(t)` counts them all.

# %%
print("static ", table.shape, table.shape.as_list(), "rank", table.ndim)
print("dynamic", tf.shape(table).numpy(), "rank", tf.rank(table).numpy())
print("len", len(table), " size", tf.size(table).numpy())

# %% [markdown] tags=["predict"]
# ## Let the value choose the dtype
#
# If you do not name a dtype, TensorFlow chooses one from the value.
#
# **Predict:** the cell below makes seven tensors and shows their dtypes. Which dtype does the first one, `1`, have? Which
# one does three billion have? And do `np.float64(1)` and `1.0` get the same dtype?

# %%
values = [1, 3_000_000_000, 1.0, np.float64(1), True, "one", 1j]
[tf.constant(value).dtype.name for value in values]

# %% [markdown]
# <details><summary>Why</summary>
#
# A Python whole number becomes int32. Three billion is too large for int32, whose largest value is 2,147,483,647, so it
# becomes int64. A Python float becomes float32, because float32 needs half the memory of NumPy's float64 and is exact
# enough for training. But a NumPy value keeps the dtype that it has: `np.float64(1)` stays float64. You will see below
# that a float64 tensor and a float32 tensor cannot be added.
# </details>
#
# TensorFlow uses the same dtypes as NumPy, so you can compare the two. Text is the exception: a tensor stores text as
# bytes, and when it goes to NumPy each text becomes a Python `bytes` object.

# %%
assert tf.int64 == np.int64 and tf.bool == np.bool_
print(tf.string.as_numpy_dtype, tf.constant("tensor").numpy(), repr(tf.constant(3).numpy()))

# %% [markdown]
# ### Your turn: an identity card
#
# Write `describe`. It takes anything that can become a tensor, and returns a dict of plain Python values that say what
# the tensor is. For a float32 tensor of shape (2, 3) the result is
# `{"rank": 2, "shape": (2, 3), "dtype": "float32", "size": 6, "nbytes": 24}`: there are 2 · 3 = 6 numbers, and a float32
# takes 4 bytes, so together they take 24.


# %% exercise="describe"
def describe(t) -> dict:
    """What a tensor is, in plain Python.

    t: a tensor, a Variable or a NumPy array, of any dtype.
    Returns rank (int), shape (tuple of ints), dtype (its name), size (number of elements, int) and nbytes
    (bytes that the elements take, int; None for text, which has no fixed size).
    """
    ### BEGIN SOLUTION
    t = tf.convert_to_tensor(t)
    size = int(tf.size(t))
    return {
        "rank": len(t.shape),
        "shape": tuple(t.shape),
        "dtype": t.dtype.name,
        "size": size,
        "nbytes": None if t.dtype == tf.string else t.dtype.size * size,
    }
    ### END SOLUTION


# %% check="describe"
check(describe)

# %% [markdown]
# ## Make tensors from a recipe
#
# You rarely type numbers. Most tensors start as zeros, as a sequence, or as random numbers, and
# there is a function for each. (In code for TensorFlow 1 you may read `tf.lin_space` and `tf.random_normal`. Today they
# are called `tf.linspace` and `tf.random.normal`.)

# %%
print("fill    ", tf.fill([2, 3], 7).numpy().tolist())
print("range   ", tf.range(3, 12, 3).numpy())
print("linspace", tf.linspace(0.0, 1.0, 5).numpy())
print("eye     ", tf.eye(2).numpy().tolist(), " zeros_like", tf.zeros_like(word).numpy())
print("one_hot ", tf.one_hot([0, 5], 3).numpy().tolist())

# %% [markdown]
# The last line needs an explanation. `tf.one_hot([0, 5], 3)` makes one row for each number, with 3 columns, and puts a
# 1 into the column of that number. The number 5 has no column, because the columns are 0, 1 and 2. TensorFlow does not
# raise an error: the whole row stays 0. So a wrong label can stay hidden in your data.
#
# Random numbers come from many distributions: `tf.random.normal`, `uniform` (also for whole numbers, with
# `dtype=tf.int32`), `gamma` and others. The one below, the **truncated normal**, draws from a normal distribution and
# draws again if a number is more than two standard deviations away from the mean. It is often used for the first
# weights of a network, because it never gives an extreme number.

# %%
draws = tf.random.truncated_normal([20_000], seed=5)
assert tf.reduce_max(tf.abs(draws)) < 2
plot.histogram(draws, x_label="truncated normal")

# %% [markdown] tags=["predict"]
# A **seed** makes random numbers repeatable: the same seed gives the same numbers again.
#
# **Predict:** both parts of the cell below set the same seed and then draw a normal number. The second part draws one
# other number in between. Are `a` and `b` equal?

# %%
tf.random.set_seed(1)
a = tf.random.normal([])
tf.random.set_seed(1)
_ = tf.random.uniform([])
b = tf.random.normal([])
stateless = [tf.random.stateless_normal([], seed=(1, 2)).numpy() for _ in range(2)]
print("global seed:", a.numpy(), "and", b.numpy(), " stateless:", stateless)

# %% [markdown]
# <details><summary>Why</summary>
#
# They are not equal. With `tf.random.set_seed` TensorFlow counts the draws, and the number that you get depends on the
# seed and on the count. One extra draw anywhere in the program changes every draw that follows. A **stateless** draw
# takes its seed as an argument and counts nothing, so it gives the same number wherever it stands.
# </details>
#
# A third way is a generator of your own, `tf.random.Generator.from_seed(1).normal([3])`. It counts as well, but only its
# own draws, so other parts of the program cannot change its numbers.

# %% [markdown] tags=["predict"]
# ## Cast on purpose
#
# `tf.cast` changes the dtype of a tensor. Not every value survives that.
#
# **Predict:** what does 1.9 become as an int32? What does 300 become as a uint8, whose largest value is 255? What does
# 257 become as a bfloat16, which keeps only the first 8 binary digits of a number?

# %%
print("1.9, -1.9 -> int32   ", tf.cast([1.9, -1.9], tf.int32).numpy())
print("300, -1   -> uint8   ", tf.cast([300, -1], tf.uint8).numpy())
print("257       -> bfloat16", tf.cast(257, tf.bfloat16).numpy())
print("70000     -> float16 ", tf.cast(70000.0, tf.float16).numpy())
print("2**24 + 1 -> float32 ", int(tf.cast(2**24 + 1, tf.float32)))
print("largest int32, plus 1", (tf.constant(2**31 - 1) + 1).numpy())

# %% [markdown]
# <details><summary>Why</summary>
#
# A cast to an integer dtype cuts off the fraction. It does not round, so 1.9 becomes 1 and -1.9 becomes -1.
#
# A whole number that is too large starts again from the bottom, like a clock: 300 as a uint8 is 300 - 256 = 44, and -1
# is 255. The same happens to the largest int32 when you add 1.
#
# A float that is too large for its dtype becomes infinite. A float with too many digits loses the last ones: 257 is
# 100000001 in binary, which has 9 digits, and bfloat16 keeps 8, so 256 is left. TensorFlow warns you in none of these
# cases.
# </details>
#
# Choose a dtype below and watch what becomes of each value. (If a float is too large for an integer dtype, the result
# depends on the processor. So never rely on it.)

# %%
explore.casts()

# %% [markdown]
# Text cannot be cast to a number. `tf.strings.to_number("3.5")` reads the number instead.
#
# ### Your turn: pictures between 0 and 1
#
# Networks learn best when their inputs are small, so pictures are given to them as float32 values between 0 and 1. Write
# `to_float01`, which does this for every dtype that a picture may have. For example, the uint8 values `[0, 51, 255]`
# become `[0.0, 0.2, 1.0]`, because the largest uint8 is 255 and $51 / 255 = 0.2$.


# %% exercise="to_float01"
def to_float01(img):
    """The picture as float32 in [0, 1], of the same shape.

    img: a tensor of any shape. Integers (uint8, uint16, int16; never negative) are divided by the
    largest value of their dtype. Floats (float32, float64) keep their values, clipped to [0, 1].
    """
    ### BEGIN SOLUTION
    if img.dtype.is_integer:
        return tf.cast(img, tf.float32) / img.dtype.max
    return tf.clip_by_value(tf.cast(img, tf.float32), 0.0, 1.0)
    ### END SOLUTION


# %% check="to_float01"
check(to_float01)

# %% [markdown]
# ## Mix dtypes, and read the error
#
# In NumPy, an int array plus a float array gives a float64 array. This change of dtype is called **promotion**.
# TensorFlow does not promote: if two tensors have different dtypes, adding them raises an error. The reason is speed
# and memory. If a float64 slipped into a network, every result after it would need twice as much memory. Only a plain
# Python number adapts itself to the tensor beside it.
#
# Read the message that the cell prints. It names the operation and both dtypes, so it tells you what to cast.

# %%
try:
    tf.constant(1) + tf.constant(2.0)
except tf.errors.InvalidArgumentError as error:
    print(error.message.split("[Op")[0])
print("tensor + Python number:", (tf.constant(2.0) + 1).dtype.name)
print(
    "int32 / int32:",
    (tf.constant(1) / 2).dtype.name,
    "  uint8 200 * 2:",
    (tf.constant(200, tf.uint8) * 2).numpy(),
)

# %% [markdown] tags=["predict"]
# ## Change what cannot change
#
# The values of a tensor never change. But training changes weights, so weights need something else: a **Variable**.
# Think of it as a box that holds a tensor. You can put other values into the box, and it stays the same box.
#
# **Predict:** the cell below adds 1 to a tensor and to a Variable. Which of the two names, `c` or `v`, still refers to the
# same Python object afterwards?

# %%
c, v = tf.constant([1.0, 2.0]), tf.Variable([1.0, 2.0])
before = id(c), id(v)
c = c + 1
v.assign_add([1.0, 1.0])
print("constant is the same object:", id(c) == before[0], "  Variable:", id(v) == before[1])
print(
    "v + 1 is no longer a Variable:", tf.is_tensor(v + 1) and not isinstance(v + 1, tf.Variable)
)

# %% [markdown]
# <details><summary>Why</summary>
#
# `c + 1` made a new tensor, and `c = ...` gave the name `c` to it. `assign_add` wrote new values into the memory of the
# Variable, so `v` is the same object as before.
#
# This matters for training. An optimizer keeps a reference to your Variable. If you write `v = v + 1`, the name `v` now
# refers to a new tensor, while the optimizer still changes the old Variable. Your program then uses a `v` that never
# learns.
# </details>
#
# `assign`, `assign_add` and `assign_sub` write in place, and so does the `assign` of a slice. A Variable keeps its shape
# and its dtype: you cannot put three numbers into a box that was made for two.

# %%
v[0].assign(10.0)
print(v.numpy())
try:
    v.assign([1.0, 2.0, 3.0])
except ValueError as error:
    print(error)

# %% [markdown]
# ### Your turn: a mean that keeps itself up to date
#
# You can keep the mean of a stream of values without storing the values. If $m$ is the mean of the first $n - 1$ values
# and $x$ is the next one, the new mean is
#
# $$m + \frac{x - m}{n}.$$
#
# For example, the mean of 2 and 4 is 3. If the next value is 0, the new mean is $3 + (0 - 3) / 3 = 2$, and indeed
# $(2 + 4 + 0) / 3 = 2$.
#
# Write `running_mean`. It takes two Variables and one more value, updates both Variables in place, and returns nothing.
# If mean and count start at 0, the values `[2, 4]`, `[4, 8]`, `[0, 0]` leave a mean of `[2, 4]` and a count of 3.


# %% exercise="running_mean"
def running_mean(mean: tf.Variable, count: tf.Variable, x) -> None:
    """Updates mean and count in place by one value, also inside a tf.function. Returns nothing.

    mean: float32 Variable of any shape, the mean of the values so far; starts at 0.
    count: scalar Variable, int32, int64 or float32, how many values there were; starts at 0.
    x: float32 tensor of mean's shape.
    """
    ### BEGIN SOLUTION
    count.assign_add(1)
    mean.assign_add((x - mean) / tf.cast(count, mean.dtype))
    ### END SOLUTION


# %% check="running_mean"
check(running_mean)

# %% [markdown]
# ## Take what you need
#
# Slices work as in NumPy. `start:stop:step` takes part of an axis; `stop` itself is not included. A negative number
# counts from the end, and `...` stands for all the axes in between. Move the sliders and read the expression that makes
# the slice.

# %%
explore.slices(patch)

# %% [markdown]
# You can read a slice of a tensor, but you cannot write to it, because a tensor never changes. If you need a changed copy,
# use `tf.tensor_scatter_nd_update`: it takes the tensor, a list of places, and the new values.

# %%
row = tf.range(10)
print(row[-1].numpy(), row[2:8:3].numpy(), row[::-1].numpy())
try:
    row[0] = 99
except TypeError as error:
    print(error)
print(tf.tensor_scatter_nd_update(row, [[0], [9]], [99, 77]).numpy())

# %% [markdown]
# A slice takes places at equal distances. For any other places there are four functions:
#
# - `tf.gather(m, [2, 0])` takes whole rows: row 2, then row 0.
# - `tf.gather_nd(m, [[0, 2], [2, 0]])` takes single places: row 0 column 2, and row 2 column 0.
# - `tf.gather(m, ..., batch_dims=1)` takes from each row its own places: the first list belongs to the first row, and so on.
#   (Older code calls this `batch_gather`.)
# - `tf.boolean_mask(m, condition)` takes the places where the condition is true.
#
# What happens when a place does not exist? On a CPU `gather` raises an error. On a GPU it returns 0 without a message, so
# check your places before you trust the result.

# %%
m = tf.constant([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
print("gather      ", tf.gather(m, [2, 0]).numpy().tolist())
print("gather_nd   ", tf.gather_nd(m, [[0, 2], [2, 0]]).numpy())
print("batch_dims  ", tf.gather(m, [[0], [1], [2]], batch_dims=1).numpy().ravel())
print("boolean_mask", tf.boolean_mask(m, m % 2 == 0).numpy())

# %% [markdown]
# ## Calculate with whole tensors
#
# Day 12 is about calculating with tensors. Today you need four facts:
#
# - `+`, `*`, `==` and the other operators work element by element, and `@` multiplies matrices.
# - `tf.reduce_sum`, `tf.reduce_mean` and the other `reduce_` functions combine the values along an axis. Without an axis
#   they combine all values into one.
# - `tf.argmax` finds the place of the largest value. Without an axis it works on axis 0, so on a table it gives one place
#   for each column, not one for the whole table.
# - If an axis has length 1 in one tensor and is longer in the other, the shorter one is repeated until both fit. This is
#   called **broadcasting**, and the picture below shows it.

# %%
print("m @ m[:, :1]", (m @ m[:, :1]).numpy().ravel(), "  sum", tf.reduce_sum(m).numpy())
print("argmax", tf.argmax(m).numpy(), "  per row", tf.argmax(m, axis=1).numpy())
print("norm", tf.norm([3.0, 4.0]).numpy(), "  == is element-wise:", (m[0] == [1, 0, 3]).numpy())

# %%
plot.broadcast(tf.constant([[0], [10], [20]]), tf.range(4))

# %% [markdown]
# Because `==` compares element by element, `m == 1` is a tensor of nine answers. So `if m == 1:` raises an error: Python
# needs one answer and gets nine. For the same reason a tensor cannot be the key of a dict. If you need one as a key, use
# `t.ref()`.
#
# ## Count characters, not bytes
#
# A tensor stores text as bytes, in the encoding UTF-8. An English letter takes one byte, but a Chinese character takes
# three and an emoji four. So the number of bytes and the number of characters differ, and the functions of `tf.strings`
# count bytes unless you say `unit="UTF8_CHAR"`.

# %%
greeting = tf.constant("你好 世界")
print(
    tf.strings.length(greeting).numpy(),
    "bytes,",
    tf.strings.length(greeting, unit="UTF8_CHAR").numpy(),
    "characters",
)
print(
    tf.strings.unicode_decode("🥳👍", "UTF-8").numpy(),
    tf.io.decode_raw("Gray wolf", tf.uint8).numpy(),
)
print(
    tf.strings.unicode_split(greeting, "UTF-8").numpy()[0].decode(),
    tf.strings.bytes_split(greeting).numpy()[0],
)

# %% [markdown]
# ## Keep rows of different length
#
# Sentences do not all have the same number of words, so they do not fit into a rectangle. `tf.strings.split` returns a
# **ragged tensor**: a tensor whose rows may differ in length. Inside, all the words stand in one long row, and a second
# list, the **row splits**, says where each sentence begins. For example, with the row splits `[0, 4, 6]` the first row
# is made of the values 0 to 3 and the second of the values 4 and 5.

# %%
words = tf.strings.split(data.sentences())
print(
    words.shape,
    "row_splits",
    words.row_splits.numpy(),
    "row_lengths",
    words.row_lengths().numpy(),
)
ragged = tf.ragged.constant([[0, 1, 2, 3], [4, 5], [6, 7, 8], [9]])
print(
    "mean per row",
    tf.reduce_mean(ragged, axis=1).numpy(),
    "  padded",
    ragged.to_tensor(0)[1].numpy(),
)

# %%
plot.ragged(ragged)

# %% [markdown]
# `to_tensor` fills the short rows up with a value of your choice, here 0, until all have the same length. This is called
# **padding**. It makes a rectangle, but from then on your program must remember which of the values are padding: a mean
# over the padded row above would be wrong.
#
# ### Your turn: long words, short words
#
# Write `word_lengths`. It returns two things: how many characters each word has, and the mean of these numbers for each
# sentence. For `["ab ça x", ""]` the counts are `[[2, 2, 1], []]`, and the means are `[1.667, 0]`, because
# $(2 + 2 + 1) / 3 = 1.667$ and a sentence without words counts as 0.


# %% exercise="word_lengths"
def word_lengths(sentences):
    """How long the words are.

    sentences: string tensor of shape (n,), UTF-8, n >= 1; words are separated by one or more spaces.
    Returns (counts, means): an integer RaggedTensor of n rows with the characters of each word, and a
    float32 tensor of shape (n,) with the mean per sentence, 0 for a sentence without words.
    """
    ### BEGIN SOLUTION
    words = tf.strings.split(sentences)
    counts = tf.strings.length(words, unit="UTF8_CHAR")
    total = tf.cast(tf.reduce_sum(counts, axis=1), tf.float32)
    return counts, tf.math.divide_no_nan(total, tf.cast(words.row_lengths(), tf.float32))
    ### END SOLUTION


# %% check="word_lengths"
check(word_lengths)

# %% [markdown]
# ## Store only what is not zero
#
# Some matrices are almost empty. Count, for example, how often each of 50,000 words occurs in each of 10,000 documents:
# nearly all the counts are 0. A **sparse tensor** stores only the values that are not 0, together with their places.
# The places are sorted row by row, and each place is listed only once.
#
# You can multiply a sparse tensor by an ordinary matrix, and you can multiply its values by a number. But you cannot
# add 1 to it: then no value would be 0 any more, and the matrix would not be sparse. TensorFlow refuses with an error.

# %%
s = tf.SparseTensor(indices=[[0, 0], [1, 2]], values=[1.0, 2.0], dense_shape=[3, 4])
print(
    tf.sparse.sparse_dense_matmul(s, tf.ones([4, 1])).numpy().ravel(), (s * 2.0).values.numpy()
)
try:
    s + 1
except TypeError as error:
    print("TypeError:", error)

# %%
plot.sparse(s)

# %% [markdown]
# ### A stretch: count words into a sparse matrix
#
# You get pairs of numbers: the number of a document and the number of a word that occurs in it. They come in any order,
# and the same pair may come several times. Write `counts_to_sparse`, which counts the pairs and returns a sparse tensor.
# For example, the pairs (2, 1), (0, 3), (2, 1), (2, 0) in a matrix of 3 rows and 4 columns give row 0 as `[0, 0, 0, 1]`
# and row 2 as `[1, 2, 0, 0]`, because the pair (2, 1) comes twice.


# %% exercise="counts_to_sparse"
def counts_to_sparse(rows, cols, n_rows: int, n_cols: int) -> tf.SparseTensor:
    """How often each pair (row, col) occurs.

    rows, cols: int64 NumPy arrays of shape (n,), n >= 0, within the matrix, unsorted, with repeats.
    Returns a float32 SparseTensor of dense shape (n_rows, n_cols), its indices sorted row by row and
    unique. The matrix may be far too large to be built.
    """
    ### BEGIN SOLUTION
    keys, counts = np.unique(rows * n_cols + cols, return_counts=True)
    indices = np.stack([keys // n_cols, keys % n_cols], axis=1)
    return tf.SparseTensor(indices, counts.astype("float32"), (n_rows, n_cols))
    ### END SOLUTION


# %% check="counts_to_sparse"
check(counts_to_sparse)

# %% [markdown]
# ## Go to NumPy and back
#
# `tf.convert_to_tensor(array)` makes a tensor from a NumPy array, and `t.numpy()` makes an array from a tensor. Treat the
# result as a copy: the cell below changes the array afterwards, and the tensor keeps its value.
#
# `np.save` writes an array to a file, and `np.load` reads it back. Rows of different lengths do not form an array, so
# NumPy stores them only with `dtype=object`.

# %%
array = np.array([1.0, 2.0])
t = tf.convert_to_tensor(array)
array[0] = 99
print(t.numpy(), t.dtype.name)
assert t[0] == 1

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "table.npy"
    np.save(path, table.numpy())
    again = tf.constant(np.load(path))
print("the same after saving:", bool(tf.reduce_all(again == table)))
rows = np.array([[0, 1, 2, 3], [4, 5]], dtype=object)
print(rows.shape, rows.dtype)

# %% [markdown]
# ## Recap
#
# - You can **create** tensors from values, from sequences and from random numbers. The value chooses the dtype unless you
#   name one, and TensorFlow never changes a dtype without being asked.
# - You can **index** with slices, with `gather` and with `boolean_mask`. Text is stored as bytes, rows of different
#   lengths are stored in a ragged tensor, and matrices of mostly zeros in a sparse one.
# - You can **update** a Variable with `assign` and its relatives. A plain `=` gives the name to another object.
#
# A common mistake: the line `loss_sum = loss_sum + loss` inside a training step. It makes a new tensor each time, and the
# Variable that was called `loss_sum` stays at 0. The fix is `loss_sum.assign_add(loss)`.
#
# Three questions to check yourself: What is the dtype of `tf.constant(1) / 2`? When do `len(t)` and `tf.size(t)` differ?
# Why does `v = v + 1` break training?
