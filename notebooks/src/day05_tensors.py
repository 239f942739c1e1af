# %% [markdown]
# A picture, a sentence, a table and a trained network are all made of one thing. After today you can
#
# - **create** tensors of every rank and dtype, and say their shape before you look,
# - **index** and convert them without surprises, also where they are text, ragged or sparse,
# - **update** a Variable in place, and know exactly what it adds to a tensor.

# %% tags=["setup"]
import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import data, explore, plot

# %% [markdown]
# ## Look at a photo as numbers
#
# Here is a corner of a photograph. The machine sees no temple roof: it sees three sheets of whole numbers from 0 to
# 255, one for each colour, stacked along a third axis.

# %%
patch = data.china_patch()
plot.channels(patch)

# %% [markdown]
# ## Climb the ladder of ranks
#
# A **tensor** is an array of numbers (or text) that knows its dtype, its shape and its device, and never changes. The
# number of its axes is its **rank**: count the opening brackets.

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
# `t.shape` is known to Python; `tf.shape(t)` and `tf.rank(t)` are tensors themselves, and work later, inside graphs,
# where a size may be unknown. `len` counts the first axis only.

# %%
print("static ", table.shape, table.shape.as_list(), "rank", table.ndim)
print("dynamic", tf.shape(table).numpy(), "rank", tf.rank(table).numpy())
print("len", len(table), " size", tf.size(table).numpy())

# %% [markdown] tags=["predict"]
# ## Let the value choose the dtype
#
# **Predict:** the cell below makes seven tensors. Which dtype has the first, 1? Which the second, three billion? And
# does `np.float64(1)` become the same as `1.0`?

# %%
values = [1, 3_000_000_000, 1.0, np.float64(1), True, "one", 1j]
[tf.constant(value).dtype.name for value in values]

# %% [markdown]
# <details><summary>Why</summary>
#
# Python's whole numbers become int32, and int64 once they no longer fit. Python's floats become float32, half the size of
# NumPy's. A NumPy value keeps its own dtype: `np.float64(1)` stays float64, and will not mix with the rest.
# </details>
#
# TensorFlow's dtypes equal NumPy's, except for text: a string tensor holds bytes, and in NumPy they are objects.

# %%
assert tf.int64 == np.int64 and tf.bool == np.bool_
print(tf.string.as_numpy_dtype, tf.constant("tensor").numpy(), repr(tf.constant(3).numpy()))

# %% [markdown]
# ### Your turn: an identity card
#
# Write `describe`: a dict of plain Python values for anything that can become a tensor. For a float32 tensor of shape
# (2, 3) it is `{"rank": 2, "shape": (2, 3), "dtype": "float32", "size": 6, "nbytes": 24}`.


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
# You rarely type numbers. Most tensors start as zeros, as a sequence, or as chance. (Old notes write `tf.lin_space` and
# `tf.random_normal`: the names are `tf.linspace` and `tf.random.normal` now.)

# %%
print("fill    ", tf.fill([2, 3], 7).numpy().tolist())
print("range   ", tf.range(3, 12, 3).numpy())
print("linspace", tf.linspace(0.0, 1.0, 5).numpy())
print("eye     ", tf.eye(2).numpy().tolist(), " zeros_like", tf.zeros_like(word).numpy())
print("one_hot ", tf.one_hot([0, 5], 3).numpy().tolist())

# %% [markdown]
# Look at the last row: there is no fifth class, and `one_hot` says so with zeros, not with an error.
#
# Chance has many shapes. A truncated normal draws again whatever falls beyond two standard deviations:

# %%
draws = tf.random.truncated_normal([20_000], seed=5)
assert tf.reduce_max(tf.abs(draws)) < 2
plot.histogram(draws, x_label="truncated normal")

# %% [markdown] tags=["predict"]
# **Predict:** `tf.random.set_seed` makes the draws below repeatable. Do the two programs, equal but for one extra draw,
# print the same last number?

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
# The global seed counts the draws: an extra one shifts all that follow. A stateless draw depends on its own seed alone, so
# nothing elsewhere moves it.
# </details>
#
# Between the two stands a generator, a stream of your own: `tf.random.Generator.from_seed(1).normal([3])`.

# %% [markdown] tags=["predict"]
# ## Cast on purpose
#
# **Predict:** `tf.cast` changes the dtype. What becomes of 1.9 as an int32? Of 300 as a uint8, which ends at 255? Of 257 as
# a bfloat16, which keeps 8 significant bits?

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
# A cast to integer cuts the fraction off; it does not round. Whole numbers wrap around like a clock. A float that is too
# large becomes infinite, and one with too many digits loses the last. Nothing warns you.
# </details>
#
# Turn the dtype below and watch where each value lands. (A float too large for an integer dtype lands where the hardware
# likes: never rely on it.)

# %%
explore.casts()

# %% [markdown]
# Text does not cast: `tf.strings.to_number("3.5")` reads it.
#
# ### Your turn: pictures between 0 and 1
#
# Networks want pictures as float32 in [0, 1]. Write `to_float01` for every dtype a picture comes in: the uint8 values
# `[0, 51, 255]` become `[0.0, 0.2, 1.0]`.


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
# ## Read the promotion errors aloud
#
# NumPy quietly turns int plus float into float64. TensorFlow refuses: Python numbers adapt to a tensor, two tensors of
# different dtype do not mix.

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
# A tensor is immutable; a **Variable** is a box that holds one and can be refilled. **Predict:** which of the two names
# still points to the same object after the cell has added 1?

# %%
c, v = tf.constant([1.0, 2.0]), tf.Variable([1.0, 2.0])
before = id(c), id(v)
c = c + 1
v.assign_add([1.0, 1.0])
print("constant is the same object:", id(c) == before[0], "  Variable:", id(v) == before[1])
print("v + 1 is a", type(v + 1).__name__, "- the box is gone")

# %% [markdown]
# <details><summary>Why</summary>
#
# `c + 1` built a new tensor and moved the name to it. `assign_add` wrote into the memory that the Variable owns. Had you
# written `v = v + 1`, the optimizer that trains `v` would hold the old box, and training would stand still.
# </details>
#
# `assign`, `assign_add`, `assign_sub` and a slice's `assign` all write in place, which saves a copy. Shape and dtype are
# fixed for life.

# %%
v[0].assign(10.0)
print(v.numpy())
try:
    v.assign([1.0, 2.0, 3.0])
except ValueError as error:
    print(str(error)[:80])

# %% [markdown]
# ### Your turn: a mean that keeps itself up to date
#
# Write `running_mean`: fold one more value into two Variables, in place, and return nothing. Starting from 0, the values
# `[2, 4]`, `[4, 8]`, `[0, 0]` leave a mean of `[2, 4]` and a count of 3.


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
# Slices work as in NumPy: `start:stop:step`, negative counts from the end, `...` for all axes between. Drag the sliders and
# read the expression that makes the slice.

# %%
explore.slices(patch)

# %% [markdown]
# Reading is easy; writing is refused, for a tensor never changes. `tf.tensor_scatter_nd_update` gives an updated copy.

# %%
row = tf.range(10)
print(row[-1].numpy(), row[2:8:3].numpy(), row[::-1].numpy())
try:
    row[0] = 99
except TypeError as error:
    print(error)
print(tf.tensor_scatter_nd_update(row, [[0], [9]], [99, 77]).numpy())

# %% [markdown]
# For scattered places there is the gather family: `gather` takes rows, `gather_nd` single places, `batch_dims=1` one per
# row (older code: `batch_gather`), `boolean_mask` those that hold. On a GPU `gather` beyond the end gives 0; on a CPU, an
# error.

# %%
m = tf.constant([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
print("gather      ", tf.gather(m, [2, 0]).numpy().tolist())
print("gather_nd   ", tf.gather_nd(m, [[0, 2], [2, 0]]).numpy())
print("batch_dims  ", tf.gather(m, [[0], [1], [2]], batch_dims=1).numpy().ravel())
print("boolean_mask", tf.boolean_mask(m, m % 2 == 0).numpy())

# %% [markdown]
# ## Do arithmetic, in one glimpse
#
# Days 11 and 12 are about this; today a glimpse. Operators work element by element, `@` multiplies matrices, `reduce_*`
# folds an axis, and shapes that differ in a 1 are stretched. `argmax` without an axis works per column!

# %%
print("m @ m[:, :1]", (m @ m[:, :1]).numpy().ravel(), "  sum", tf.reduce_sum(m).numpy())
print("argmax", tf.argmax(m).numpy(), "  per row", tf.argmax(m, axis=1).numpy())
print("norm", tf.norm([3.0, 4.0]).numpy(), "  == is element-wise:", (m[0] == [1, 0, 3]).numpy())

# %%
plot.broadcast(tf.constant([[0], [10], [20]]), tf.range(4))

# %% [markdown]
# A comparison gives a tensor, so `if m == 1:` raises ("which of the nine?"), and a tensor cannot be a dict key: use
# `t.ref()`.
#
# ## Count characters, not bytes
#
# A string tensor holds bytes. Text beyond English takes more than one byte a character, and `tf.strings` has to be told
# which you mean.

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
# Sentences differ in length. `tf.strings.split` therefore returns a **ragged tensor**: all words in one flat row, and
# **row splits** that say where each sentence begins.

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
    ragged.to_tensor(-1)[1].numpy(),
)

# %%
plot.ragged(ragged)

# %% [markdown]
# Padding makes a rectangle, and the rest of your program must then remember which cells are not there.
#
# ### Your turn: long words, short words
#
# Write `word_lengths`: characters of every word, and their mean per sentence. For `["ab ça x", ""]` the counts are
# `[[2, 2, 1], []]` and the means `[1.667, 0]`.


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
# A **sparse tensor** lists the places of its values, in reading order, each once. A million by a million with two values
# costs two rows. It multiplies with dense matrices; adding 1 would fill it, and is refused.

# %%
s = tf.SparseTensor(indices=[[0, 0], [1, 2]], values=[1.0, 2.0], dense_shape=[3, 4])
print(
    tf.sparse.sparse_dense_matmul(s, tf.ones([4, 1])).numpy().ravel(), (s * 2.0).values.numpy()
)
try:
    s + 1
except TypeError as error:
    print("TypeError:", str(error)[:60])

# %%
plot.sparse(s)

# %% [markdown]
# ### A stretch: count words into a sparse matrix
#
# Write `counts_to_sparse`: pairs (document, word) come in any order and repeat. The pairs (2,1), (0,3), (2,1), (2,0) in a
# 3 x 4 matrix give row 0 as `[0, 0, 0, 1]` and row 2 as `[1, 2, 0, 0]`.


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
# `.numpy()` and `tf.constant(array)` hand over a copy: what you do to one side does not travel to the other.

# %%
array = np.array([1.0, 2.0])
t = tf.convert_to_tensor(array)
array[0] = 99
print(t.numpy(), t.dtype.name)
assert t[0] == 1

# %% [markdown]
# ## Recap
#
# - You **create** tensors from values, recipes and seeded chance; the value chooses the dtype, and nothing is promoted
#   behind your back.
# - You **index** with slices and the gather family, keep text in characters, rows ragged, and zeros unstored.
# - You **update** a Variable with `assign`, never by `=`.
#
# A mistake seen in many notebooks, and mended: `loss_sum = loss_sum + loss` inside a training step makes a new tensor each
# time and leaves the Variable at 0. Write `loss_sum.assign_add(loss)`.
#
# To think about: what is the dtype of `tf.constant(1) / 2`? When is `len(t)` not `tf.size(t)`? Why does `v = v + 1` break
# training?
