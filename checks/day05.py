"""Day 5, tensors: the exercises."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, Opaque, Ragged, Raised, Sparse, tensor, variable

tf = Lazy("tensorflow")

# --------------------------------------------------------------------------------------------------------- describe

describe = Exercise(
    "describe",
    day=5,
    hints=(
        "Whatever comes in, make it a tensor first: then one set of attributes serves lists, arrays and variables.",
        "rank, size and bytes are numbers: int(tf.rank(t)), int(tf.size(t)). A dtype has a .name and a .size in bytes.",
        "t = tf.convert_to_tensor(t); nbytes is t.dtype.size * int(tf.size(t)), and None where t.dtype == tf.string.",
    ),
    returns=Returns(kind="python"),
)
describe.example(t=tensor([[1, 2, 3], [4, 5, 6]], "float32"))


@describe.spec
def _(t):
    values = np.asarray(t)
    text = values.dtype.kind in "OUS"
    return {
        "rank": values.ndim,
        "shape": tuple(int(size) for size in values.shape),
        "dtype": "string" if text else values.dtype.name,
        "size": int(values.size),
        "nbytes": None if text else int(values.nbytes),
    }


NUMBERS = ("float32", "float64", "float16", "int32", "int64", "uint8", "bool", "complex64")


@describe.cases("tensors of any rank and dtype", points=1)
def _():
    return st.fixed_dictionaries({"t": arrays(st.sampled_from(NUMBERS), max_rank=4, min_side=0).map(tensor)})


@describe.cases("text, variables and NumPy arrays", points=1)
def _():
    words = st.lists(st.sampled_from(["", "a", "été", "tensor"]), max_size=3)
    return st.fixed_dictionaries(
        {
            "t": st.one_of(
                words.map(lambda found: tensor(found, "string")),
                arrays(st.sampled_from(("float32", "int64")), max_rank=3, min_side=0).map(variable),
                arrays(st.sampled_from(("float64", "int16")), max_rank=3, min_side=0),
            )
        }
    )


@describe.mistake(
    "Tensors are left in the dict. Return Python ints: int(tf.rank(t)).",
    when=lambda inputs, got, expected: any(isinstance(value, Array) for value in got.values()),
)
def tensors_in_the_dict(t):
    t = tf.convert_to_tensor(t)
    fixed = t.dtype != tf.string
    return {
        "rank": tf.rank(t),
        "shape": tuple(t.shape),
        "dtype": t.dtype.name,
        "size": tf.size(t),
        "nbytes": tf.size(t) * t.dtype.size if fixed else None,
    }


@describe.mistake(
    "The shape is a TensorShape. Turn it into plain Python: tuple(t.shape).",
    when=lambda inputs, got, expected: isinstance(got["shape"], Opaque | list),
)
def tensor_shape(t):
    t = tf.convert_to_tensor(t)
    size = int(tf.size(t))
    nbytes = None if t.dtype == tf.string else t.dtype.size * size
    return {"rank": len(t.shape), "shape": t.shape, "dtype": t.dtype.name, "size": size, "nbytes": nbytes}


@describe.mistake(
    "The dtype is an object. Its name is text: t.dtype.name.",
    when=lambda inputs, got, expected: not isinstance(got["dtype"], str),
)
def dtype_object(t):
    t = tf.convert_to_tensor(t)
    size = int(tf.size(t))
    nbytes = None if t.dtype == tf.string else t.dtype.size * size
    return {"rank": len(t.shape), "shape": tuple(t.shape), "dtype": t.dtype, "size": size, "nbytes": nbytes}


@describe.mistake(
    "Strings have no fixed size: for them nbytes must be None.",
    when=lambda inputs, got, expected: expected["dtype"] == "string" and got["nbytes"] is not None,
)
def bytes_of_strings_guessed(t):
    t = tf.convert_to_tensor(t)
    size = int(tf.size(t))
    nbytes = t.dtype.size * size
    return {
        "rank": len(t.shape),
        "shape": tuple(t.shape),
        "dtype": t.dtype.name,
        "size": size,
        "nbytes": nbytes,
    }


@describe.mistake("dtype.size is the bytes of one element: multiply it by the number of elements.")
def bytes_of_one_element(t):
    t = tf.convert_to_tensor(t)
    nbytes = None if t.dtype == tf.string else t.dtype.size
    return {
        "rank": len(t.shape),
        "shape": tuple(t.shape),
        "dtype": t.dtype.name,
        "size": int(tf.size(t)),
        "nbytes": nbytes,
    }


@describe.mistake("len(t) counts the first axis only, and a scalar has none: tf.size(t) counts every element.")
def size_by_len(t):
    t = tf.convert_to_tensor(t)
    nbytes = None if t.dtype == tf.string else t.dtype.size * len(t)
    return {
        "rank": len(t.shape),
        "shape": tuple(t.shape),
        "dtype": t.dtype.name,
        "size": len(t),
        "nbytes": nbytes,
    }


@describe.right
def describe_with_numpy(t):
    values = tf.convert_to_tensor(t).numpy()
    name = tf.as_dtype(t.dtype).name
    return {
        "rank": np.ndim(values),
        "shape": np.shape(values),
        "dtype": name,
        "size": int(np.size(values)),
        "nbytes": None if name == "string" else int(np.asarray(values).nbytes),
    }


@describe.right
def describe_with_loop(t):
    t = tf.constant(t) if not isinstance(t, tf.Variable) else t.read_value()
    shape, size = tuple(t.shape.as_list()), 1
    for length in shape:
        size *= length
    nbytes = {True: None, False: size * t.dtype.size}[t.dtype == tf.string]
    return {"rank": len(shape), "shape": shape, "dtype": t.dtype.name, "size": size, "nbytes": nbytes}


# ------------------------------------------------------------------------------------------------------- to_float01

to_float01 = Exercise(
    "to_float01",
    day=5,
    hints=(
        "tf.cast changes the dtype and keeps the number: 255 stays 255. The scale is your part.",
        "A dtype knows itself: img.dtype.is_integer says which branch, img.dtype.max is the largest value.",
        "Integers: tf.cast(img, tf.float32) / img.dtype.max. Floats: tf.clip_by_value(tf.cast(img, tf.float32), 0, 1).",
    ),
    returns=Returns(dtype="float32", rtol=1e-5, atol=1e-6),
)
to_float01.example(img=tensor([[0, 51], [102, 255]], "uint8"))


@to_float01.spec
def _(img):
    if img.dtype.kind in "iu":
        return (img.astype(np.float64) / np.iinfo(img.dtype).max).astype(np.float32)
    return np.clip(img.astype(np.float64), 0, 1).astype(np.float32)


@to_float01.cases("uint8 pictures of any rank", points=1)
def _():
    return st.fixed_dictionaries({"img": arrays("uint8", max_rank=4).map(tensor)})


@to_float01.cases("16-bit pictures", points=1)
def _():
    both = st.one_of(arrays("uint16", max_rank=3), arrays("int16", max_rank=3, low=0))
    return st.fixed_dictionaries({"img": both.map(tensor)})


@to_float01.cases("floats stay, clipped", points=1)
def _():
    kinds = st.sampled_from(("float32", "float64"))
    return st.fixed_dictionaries({"img": arrays(kinds, max_rank=3, low=-2, high=3).map(tensor)})


@to_float01.mistake("An integer divided by an integer with // is 0 nearly everywhere: cast to float first.")
def integer_division(img):
    if img.dtype.is_integer:
        return tf.cast(img // img.dtype.max, tf.float32)
    return tf.clip_by_value(tf.cast(img, tf.float32), 0, 1)


@to_float01.mistake("tf.cast does not rescale: 255 becomes 255.0. Divide by the dtype's maximum.")
def cast_only(img):
    return tf.cast(img, tf.float32)


@to_float01.mistake(
    "The values are float64: dividing integers gives float64, and so does NumPy. Ask for float32 by name.",
    when=lambda inputs, got, expected: got.dtype == "float64",
)
def float64_result(img):
    if img.dtype.is_integer:
        return tf.cast(img, tf.float64) / img.dtype.max
    return tf.clip_by_value(tf.cast(img, tf.float64), 0, 1)


@to_float01.mistake("Only uint8 ends at 255. Every integer dtype has its own maximum: img.dtype.max.")
def always_255(img):
    if img.dtype.is_integer:
        return tf.cast(img, tf.float32) / 255.0
    return tf.clip_by_value(tf.cast(img, tf.float32), 0, 1)


@to_float01.mistake(
    "A float picture may stray outside [0, 1]: clip it.",
    when=lambda inputs, got, expected: inputs["img"].dtype.startswith("float") and got.values.max() > 1,
)
def floats_not_clipped(img):
    if img.dtype.is_integer:
        return tf.cast(img, tf.float32) / img.dtype.max
    return tf.cast(img, tf.float32)


@to_float01.mistake("A float picture is in [0, 1] already: only integers are divided.")
def floats_divided(img):
    top = img.dtype.max if img.dtype.is_integer else 255
    return tf.clip_by_value(tf.cast(img, tf.float32) / top, 0, 1)


@to_float01.right
def to_float01_in_numpy(img):
    values = np.asarray(img)
    if np.issubdtype(values.dtype, np.integer):
        return (values / np.iinfo(values.dtype).max).astype(np.float32)
    return np.clip(values, 0, 1).astype(np.float32)


@to_float01.right
def to_float01_with_convert_image(img):
    if img.dtype.is_integer:
        return tf.image.convert_image_dtype(img, tf.float32)
    return tf.minimum(tf.maximum(tf.cast(img, tf.float32), 0.0), 1.0)


# ----------------------------------------------------------------------------------------------------- running_mean

running_mean = Exercise(
    "running_mean",
    day=5,
    hints=(
        "A Variable changes only through its own methods. mean = mean + 1 makes a Python name point to a new tensor.",
        "After the n-th value: new mean = mean + (x - mean) / n. So the count must grow before you divide.",
        "count.assign_add(1), then mean.assign_add((x - mean) / tf.cast(count, mean.dtype)).",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
running_mean.example(
    values=[tensor(row, "float32") for row in ([2, 4], [4, 8], [0, 0])], count_dtype="int32", graph=False
)


@running_mean.shown
def _(values, count_dtype, graph):
    calls = "; ".join(f"running_mean(mean, count, {np.round(x.values, 4).tolist()})" for x in values[:4])
    more = f"; … {len(values)} calls" if len(values) > 4 else ""
    where = "  # inside a tf.function" if graph else ""
    return f"count: {count_dtype}; {calls}{more}{where}"


@running_mean.spec
def _(values, count_dtype, graph):
    return {"mean": np.mean(np.asarray(values, np.float64), axis=0), "count": len(values)}


def _updates(max_size, **fixed):
    def stacked(length_and_shape):
        length, shape = length_and_shape
        return arrays("float32", shape=(length, *shape), low=-8, high=8)

    shapes = st.sampled_from(((), (1,), (2,), (2, 2)))
    rows = st.tuples(st.integers(1, max_size), shapes).flatmap(stacked)
    choices = {"count_dtype": st.sampled_from(("int32", "int64", "float32")), "graph": st.just(False)}
    values = rows.map(lambda stack: [tensor(row) for row in stack])
    return st.fixed_dictionaries({"values": values} | choices | fixed)


@running_mean.cases("a few updates, any count dtype", points=1)
def _():
    return _updates(5)


@running_mean.cases("a hundred updates", points=1, examples=3)
def _():
    rows = arrays("float32", shape=(100, 2), low=-8, high=8).map(lambda stack: [tensor(row) for row in stack])
    return _updates(5, values=rows)


@running_mean.cases("inside a tf.function", points=1, examples=4)
def _():
    return _updates(4, graph=st.just(True))


@running_mean.mistake("mean = mean + ... creates a new tensor and leaves the Variable as it was: use mean.assign_add.")
def rebinding(mean, count, x):
    count.assign_add(1)
    mean = mean + (x - mean) / tf.cast(count, mean.dtype)


@running_mean.mistake("Nothing has changed: both new values are local names. Use count.assign_add and mean.assign_add.")
def rebinding_both(mean, count, x):
    count = count + 1
    mean = mean + (x - mean) / tf.cast(count, mean.dtype)


@running_mean.mistake(
    "An integer count cannot divide a float: cast count to mean.dtype before dividing.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "dtype" in got.message.lower(),
)
def count_not_cast(mean, count, x):
    count.assign_add(1)
    mean.assign_add((x - mean) / count)


@running_mean.mistake(
    "Return nothing: the two Variables carry the state.",
    when=lambda inputs, got, expected: "returned" in got,
)
def history_returned(mean, count, x):
    return [mean.numpy(), count.numpy() + 1, x]


@running_mean.mistake("You divide by the count before this value, which is 0 at first: add 1 to the count first.")
def count_grows_too_late(mean, count, x):
    mean.assign_add((x - mean) / tf.cast(count, mean.dtype))
    count.assign_add(1)


@running_mean.mistake("That is the running sum: add (x - mean) / n, not x.")
def sum_kept(mean, count, x):
    count.assign_add(1)
    mean.assign_add(x)


@running_mean.mistake(
    "count.numpy() is not there inside a tf.function: a traced function has no values yet. Stay with tensors.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "numpy" in got.message,
)
def numpy_of_the_count(mean, count, x):
    count.assign_add(1)
    mean.assign_add((x - mean) / float(count.numpy()))


@running_mean.right
def running_mean_by_total(mean, count, x):
    n = tf.cast(count, mean.dtype)
    mean.assign((mean * n + x) / (n + 1))
    count.assign(count + 1)


@running_mean.right
def running_mean_by_weights(mean, count, x):
    share = 1 / tf.cast(count.assign_add(1), mean.dtype)
    mean.assign_sub(share * mean)
    mean.assign_add(share * x)


# ----------------------------------------------------------------------------------------------------- word_lengths

word_lengths = Exercise(
    "word_lengths",
    day=5,
    hints=(
        "Sentences have different numbers of words. Which kind of tensor keeps rows of different length?",
        "tf.strings.split(sentences) makes the ragged rows; tf.strings.length has a unit for characters.",
        'counts = tf.strings.length(words, unit="UTF8_CHAR"); the mean is '
        "tf.math.divide_no_nan(sum per row, words.row_lengths()), both cast to float32.",
    ),
    returns=Returns(rtol=1e-5, atol=1e-6),
)
word_lengths.example(sentences=tensor(["ab ça x".encode(), b""], "string"))


@word_lengths.spec
def _(sentences):
    rows = [[len(word) for word in text.decode().split()] for text in sentences]
    flat = np.array([length for row in rows for length in row], np.int32)
    splits = np.cumsum([0, *map(len, rows)])
    means = np.array([np.mean(row) if row else 0 for row in rows], np.float32)
    return Ragged(Array(flat, "tensor"), (splits,)), means


@word_lengths.verify
def _(inputs, got, expected):
    if got[1].dtype != "float32":
        return [f"[1]: dtype: expected float32, got {got[1].dtype}"]
    return []


def _sentences(alphabet, max_size=12):
    return st.lists(st.text(alphabet, max_size=max_size), min_size=1, max_size=4).map(
        lambda texts: {"sentences": tensor([text.encode() for text in texts], "string")}
    )


@word_lengths.cases("plain words and spaces", points=1)
def _():
    return _sentences("abc  ")


@word_lengths.cases("accents, other scripts and emoji", points=2)
def _():
    return _sentences("aéç世界é🐺🚀  ")


@word_lengths.cases("empty sentences", points=1)
def _():
    return _sentences(" a", max_size=3)


@word_lengths.mistake('Those are bytes, not characters: "ça" has 2 characters and 3 bytes. Use unit="UTF8_CHAR".')
def bytes_counted(sentences):
    words = tf.strings.split(sentences)
    counts = tf.strings.length(words)
    total = tf.cast(tf.reduce_sum(counts, axis=1), tf.float32)
    return counts, tf.math.divide_no_nan(total, tf.cast(words.row_lengths(), tf.float32))


@word_lengths.mistake(
    "A sentence without words divides 0 by 0, which is nan: tf.math.divide_no_nan gives 0.",
    when=lambda inputs, got, expected: bool(np.isnan(got[1].values).any()),
)
def nan_for_the_empty(sentences):
    counts = tf.strings.length(tf.strings.split(sentences), unit="UTF8_CHAR")
    return counts, tf.cast(tf.reduce_mean(counts, axis=1), tf.float32)


@word_lengths.mistake(
    "Rows of different length cannot be stacked; padding would count words that are not there. Keep it ragged.",
    when=lambda inputs, got, expected: isinstance(got[0], Array | list),
)
def dense_counts(sentences):
    words = tf.strings.split(sentences)
    counts = tf.strings.length(words, unit="UTF8_CHAR")
    total = tf.cast(tf.reduce_sum(counts, axis=1), tf.float32)
    return counts.to_tensor(), tf.math.divide_no_nan(total, tf.cast(words.row_lengths(), tf.float32))


@word_lengths.mistake(
    'A double space makes an empty word when you split at " ": call tf.strings.split without a separator.'
)
def split_at_each_space(sentences):
    words = tf.strings.split(sentences, " ")
    counts = tf.strings.length(words, unit="UTF8_CHAR")
    total = tf.cast(tf.reduce_sum(counts, axis=1), tf.float32)
    return counts, tf.math.divide_no_nan(total, tf.cast(words.row_lengths(), tf.float32))


@word_lengths.mistake(
    "The mean must be float32: whole-number division drops the fraction, NumPy gives float64. Cast before you divide.",
    when=lambda inputs, got, expected: got[1].dtype != "float32",
)
def whole_number_mean(sentences):
    words = tf.strings.split(sentences)
    counts = tf.strings.length(words, unit="UTF8_CHAR")
    lengths = tf.cast(words.row_lengths(), tf.int32)
    return counts, tf.reduce_sum(counts, axis=1) // tf.maximum(lengths, 1)


@word_lengths.right
def word_lengths_in_python(sentences):
    rows = [[len(word) for word in text.decode().split()] for text in sentences.numpy()]
    counts = tf.RaggedTensor.from_row_lengths(
        tf.constant([n for row in rows for n in row], tf.int64), [len(row) for row in rows]
    )
    return counts, np.array([sum(row) / max(len(row), 1) for row in rows], dtype="float32")


@word_lengths.right
def word_lengths_by_characters(sentences):
    characters = tf.strings.unicode_split(tf.strings.split(sentences), "UTF-8")
    counts = characters.row_lengths(axis=2)
    mean = tf.reduce_mean(tf.cast(counts, tf.float32), axis=1)
    return counts, tf.where(tf.math.is_nan(mean), 0.0, mean)


# ------------------------------------------------------------------------------------------------- counts_to_sparse

HUGE = 2**31

counts_to_sparse = Exercise(
    "counts_to_sparse",
    day=5,
    stretch=True,
    hints=(
        "A sparse tensor wants every place once, in reading order: row by row, then by column.",
        "Make one whole number of each pair: row * n_cols + col. Sorting and counting numbers is one NumPy call.",
        "keys, counts = np.unique(rows * n_cols + cols, return_counts=True); a key's place is "
        "(key // n_cols, key % n_cols).",
    ),
    returns=Returns(dtype="float32", rtol=1e-5, atol=1e-6),
)
counts_to_sparse.example(rows=np.array([2, 0, 2, 2]), cols=np.array([1, 3, 1, 0]), n_rows=3, n_cols=4)


@counts_to_sparse.spec
def _(rows, cols, n_rows, n_cols):
    counted: dict[tuple[int, int], int] = {}
    for row, col in zip(rows.tolist(), cols.tolist(), strict=True):
        counted[row, col] = counted.get((row, col), 0) + 1
    places = sorted(counted)
    values = np.array([counted[place] for place in places], np.float32)
    indices = np.array(places, np.int64).reshape(-1, 2)
    seen = {"sparse": Sparse(indices, Array(values, "tensor"), (n_rows, n_cols))}
    if n_rows * n_cols <= 10_000:
        product = np.zeros((n_rows, 1), np.float32)
        for (row, col), count in counted.items():
            product[row] += count * (col + 1)
        seen["product"] = product
    return seen


def _pairs(max_pairs, max_side, min_pairs=0):
    def inside(sides):
        n_rows, n_cols = sides
        pairs = st.lists(
            st.tuples(st.integers(0, n_rows - 1), st.integers(0, n_cols - 1)),
            min_size=min_pairs,
            max_size=max_pairs,
        )
        return pairs.map(
            lambda found: {
                "rows": np.array([row for row, _ in found], np.int64),
                "cols": np.array([col for _, col in found], np.int64),
                "n_rows": n_rows,
                "n_cols": n_cols,
            }
        )

    return st.tuples(st.integers(1, max_side), st.integers(1, max_side)).flatmap(inside)


@counts_to_sparse.cases("unsorted pairs with repeats", points=2, examples=40)
def _():
    return _pairs(8, 4, min_pairs=1)


counts_to_sparse.fixed_cases(
    "no pairs at all",
    1,
    {"rows": np.empty(0, np.int64), "cols": np.empty(0, np.int64), "n_rows": 2, "n_cols": 3},
)


@counts_to_sparse.cases("large and nearly empty", points=1, examples=2)
def _():
    def spread(seed):
        draw = np.random.default_rng(seed)
        return {
            "rows": draw.integers(0, HUGE, 50_000),
            "cols": draw.integers(0, 50, 50_000) * (HUGE // 50),
            "n_rows": HUGE,
            "n_cols": HUGE,
        }

    return st.integers(0, 2**16).map(spread)


def _complains(inputs, got, word):
    return isinstance(got, Raised) and word in got.message


@counts_to_sparse.mistake(
    "The indices are out of order: sort them row by row, with tf.sparse.reorder or np.unique on row * n_cols + col.",
    when=lambda inputs, got, expected: _complains(inputs, got, "out of order"),
)
def not_sorted(rows, cols, n_rows, n_cols):
    counted = {}
    for pair in zip(rows.tolist(), cols.tolist(), strict=True):
        counted[pair] = counted.get(pair, 0) + 1
    indices = np.array(list(counted), dtype=np.int64).reshape(-1, 2)
    return tf.SparseTensor(indices, tf.constant(list(counted.values()), tf.float32), (n_rows, n_cols))


@counts_to_sparse.mistake(
    "The same place is repeated: add up the duplicates before you build the tensor.",
    when=lambda inputs, got, expected: _complains(inputs, got, "repeated"),
)
def not_added_up(rows, cols, n_rows, n_cols):
    indices = np.stack([rows, cols], axis=1).astype(np.int64)
    return tf.sparse.reorder(tf.SparseTensor(indices, tf.ones(len(rows)), (n_rows, n_cols)))


@counts_to_sparse.mistake(
    "Do not build the n_rows x n_cols array: here it would not fit into any memory. Count the pairs themselves.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and inputs["n_rows"] == HUGE,
)
def through_a_dense_array(rows, cols, n_rows, n_cols):
    dense = np.zeros((n_rows, n_cols), dtype=np.float32)
    np.add.at(dense, (rows, cols), 1)
    return tf.sparse.from_dense(dense)


@counts_to_sparse.mistake("Every pair counts: a word that occurs twice has the value 2, not 1.")
def ones_only(rows, cols, n_rows, n_cols):
    keys = np.unique(rows * n_cols + cols)
    indices = np.stack([keys // n_cols, keys % n_cols], axis=1)
    return tf.SparseTensor(indices, tf.ones(len(keys)), (n_rows, n_cols))


@counts_to_sparse.mistake(
    "The places are mirrored: a key of row * n_cols + col gives the row by // and the column by %."
)
def rows_and_columns_swapped(rows, cols, n_rows, n_cols):
    keys, counts = np.unique(cols * n_rows + rows, return_counts=True)
    indices = np.stack([keys // n_rows, keys % n_rows], axis=1)
    return tf.SparseTensor(indices, counts.astype("float32"), (n_rows, n_cols))


@counts_to_sparse.mistake(
    "The values must be float32, as the weights that will multiply them: cast the counts.",
    when=lambda inputs, got, expected: _complains(inputs, got, "dtype") or got["sparse"].dtype != "float32",
)
def whole_number_counts(rows, cols, n_rows, n_cols):
    keys, counts = np.unique(rows * n_cols + cols, return_counts=True)
    indices = np.stack([keys // n_cols, keys % n_cols], axis=1)
    return tf.SparseTensor(indices, counts.astype("float64"), (n_rows, n_cols))


@counts_to_sparse.right
def counts_to_sparse_with_dict(rows, cols, n_rows, n_cols):
    counted = {}
    for pair in zip(rows.tolist(), cols.tolist(), strict=True):
        counted[pair] = counted.get(pair, 0) + 1
    indices = np.array(sorted(counted), dtype=np.int64).reshape(-1, 2)
    values = tf.constant([counted[tuple(place)] for place in indices.tolist()], tf.float32)
    return tf.SparseTensor(indices, values, (n_rows, n_cols))


@counts_to_sparse.right
def counts_to_sparse_with_segments(rows, cols, n_rows, n_cols):
    pairs, inverse = np.unique(np.stack([rows, cols], axis=1), axis=0, return_inverse=True)
    values = tf.math.unsorted_segment_sum(tf.ones(len(rows)), inverse.reshape(-1), len(pairs))
    return tf.SparseTensor(pairs.astype(np.int64), values, (n_rows, n_cols))


EXERCISES = (describe, to_float01, running_mean, word_lengths, counts_to_sparse)
