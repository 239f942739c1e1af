"""Day 3, text: the exercises."""

from __future__ import annotations

import re
import string
from collections import Counter

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns, built
from checks.engine.plain import Array, Raised, tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")
pd = Lazy("pandas")


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def _texts(array):
    values = array.values if isinstance(array, Array) else np.asarray(array, dtype=object)
    return [_text(value) for value in values.reshape(-1)]


# -------------------------------------------------------------------------------------------------------- clean_text

clean_text = Exercise(
    "clean_text",
    day=3,
    hints=(
        "Three steps, and their order matters: small letters, then the tag, then the punctuation.",
        "tf.strings.lower, then tf.strings.regex_replace twice. What must be left of <br /> to keep two words apart?",
        'The last step: tf.strings.regex_replace(t, "[%s]" % re.escape(string.punctuation), "").',
    ),
    returns=Returns(kind="tensor", dtype="string"),
)
clean_text.example(t=tensor("It's GREAT!<br />Go <BR /> x", "string"), mapped=False)


@clean_text.spec
def _(t, mapped):
    def clean(value):
        words = _text(value).lower().replace("<br />", " ")
        return "".join(letter for letter in words if letter not in string.punctuation)

    values = np.asarray(t, dtype=object)
    found = np.empty(values.shape, dtype=object)
    for place in np.ndindex(values.shape):
        found[place] = clean(values[place])
    return found


@clean_text.shown
def _(t, mapped):
    given = _texts(t)
    text = repr(given[0]) if not t.shape else repr(np.array(given, dtype=object).reshape(t.shape).tolist())
    if mapped:
        return f"next(iter(tf.data.Dataset.from_tensors({text}).map(clean_text)))"
    return f"clean_text(tf.constant({text}))"


WORDS = ["good", "It's", "GREAT", "7", " ", "  ", "<br />", "<BR />", "<Br />", "café", "naïve", "好", "€"]
PIECES = st.sampled_from([*WORDS, "!", "...", "-", "\\", "[so]", "^", '"', "_"])
REVIEWS = st.lists(PIECES, max_size=6).map("".join)


@clean_text.cases("text of any shape, in any script", points=1, examples=40)
def _():
    shaped = st.one_of(
        REVIEWS,
        st.lists(REVIEWS, min_size=1, max_size=3),
        st.lists(REVIEWS.map(lambda text: [text]), min_size=1, max_size=3),
    )
    return st.fixed_dictionaries({"t": shaped.map(lambda t: tensor(t, "string")), "mapped": st.just(False)})


clean_text.fixed_cases(
    "inside a dataset's map",
    1,
    {"t": tensor("So-so.<br /><br />I LEFT", "string"), "mapped": True},
    {"t": tensor([["already clean"], ["<BR />a\\b"]], "string"), "mapped": True},
)


@clean_text.mistake(
    "The punctuation was removed first, so that <br /> became br, glued to the words. Replace the tag before it loses "
    "its brackets."
)
def punctuation_first(t):
    t = tf.strings.regex_replace(tf.strings.lower(t), f"[{re.escape(string.punctuation)}]", "")
    return tf.strings.regex_replace(t, "<br />", " ")


@clean_text.mistake(
    "A tag in capitals, <BR />, left its letters behind: make the letters small before you look for it."
)
def lowered_last(t):
    t = tf.strings.regex_replace(t, "<br />", " ")
    return tf.strings.lower(tf.strings.regex_replace(t, f"[{re.escape(string.punctuation)}]", ""))


@clean_text.mistake(
    "Python text is cleaned here, not a tensor. In a dataset's map there is no .numpy() to call: use tf.strings from "
    "end to end.",
    when=lambda inputs, got, expected: (
        isinstance(got, str | bytes | list) or (isinstance(got, Array) and got.kind != "tensor")
        if not isinstance(got, Raised)
        else got.type == "AttributeError"
    ),
)
def python_text(t):
    text = t.numpy().decode().lower().replace("<br />", " ")
    return "".join(letter for letter in text if letter not in string.punctuation)


@clean_text.mistake("The tag vanished, and the words left and right of it became one: put a space in its place.")
def tag_without_a_space(t):
    t = tf.strings.regex_replace(tf.strings.lower(t), "<br />", "")
    return tf.strings.regex_replace(t, f"[{re.escape(string.punctuation)}]", "")


@clean_text.mistake(
    "Punctuation became a space, so that it's falls in two words. Only the tag leaves a space; punctuation leaves "
    "nothing."
)
def punctuation_to_space(t):
    t = tf.strings.regex_replace(tf.strings.lower(t), "<br />", " ")
    return tf.strings.regex_replace(t, f"[{re.escape(string.punctuation)}]", " ")


@clean_text.mistake(
    "A backslash survives. Inside [...] some signs have a meaning of their own, and the backslash hides the one after "
    "it: re.escape makes each stand for itself.",
    when=lambda inputs, got, expected: any("\\" in text for text in _texts(got)),
)
def not_escaped(t):
    t = tf.strings.regex_replace(tf.strings.lower(t), "<br />", " ")
    return tf.strings.regex_replace(t, f"[{string.punctuation}]", "")


@clean_text.mistake(
    "Letters outside a to z are gone: café is a word too. Name what goes, the punctuation, and not what stays.",
    when=lambda inputs, got, expected: any(
        sum(map(str.isalpha, a)) < sum(map(str.isalpha, b)) for a, b in zip(_texts(got), _texts(expected), strict=True)
    ),
)
def only_a_to_z(t):
    t = tf.strings.regex_replace(tf.strings.lower(t), "<br />", " ")
    return tf.strings.regex_replace(t, "[^a-z0-9 ]", "")


@clean_text.mistake(
    "Spaces are lost. Several in a row do no harm, since the split into words swallows them: leave them as they are.",
    when=lambda inputs, got, expected: [text.split() for text in _texts(got)] == [t.split() for t in _texts(expected)],
)
def spaces_tidied(t):
    t = tf.strings.regex_replace(tf.strings.lower(t), "<br />", " ")
    t = tf.strings.regex_replace(t, f"[{re.escape(string.punctuation)}]", "")
    return tf.strings.strip(tf.strings.regex_replace(t, " +", " "))


@clean_text.right
def clean_with_flags(t):
    t = tf.strings.regex_replace(t, "(?i)<br />", " ")
    return tf.strings.lower(tf.strings.regex_replace(t, r"[!-/:-@\[-`{-~]", ""), encoding="utf-8")


@clean_text.right
def clean_in_python(t):
    def clean(array):
        def one(value):
            text = value.decode().lower().replace("<br />", " ")
            return text.translate(str.maketrans("", "", string.punctuation)).encode()

        return np.array(np.vectorize(one, otypes=[object])(array), dtype=object)

    cleaned = tf.numpy_function(clean, [t], tf.string)
    cleaned.set_shape(t.shape)
    return cleaned


# -------------------------------------------------------------------------------------------------------- split_line

split_line = Exercise(
    "split_line",
    day=3,
    hints=(
        "The text may hold TABs of its own. Which of them parts the label from the text?",
        'tf.strings.split(line, "\\t", maxsplit=1) gives two parts. Give each an axis: shape (1,).',
        "text = tf.expand_dims(parts[1], 0); the label, expanded too: tf.cast(tf.strings.to_number(...), tf.int32).",
    ),
    returns=Returns(kind="tensor", dtype=("string", "int32")),
)
split_line.example(line=tensor("1\tgood film", "string"), mapped=False)


@split_line.spec
def _(line, mapped):
    label, _, text = _text(np.asarray(line, dtype=object).reshape(-1)[0]).partition("\t")
    return np.array([text], dtype=object), np.array([int(label)], dtype="int32")


@split_line.shown
def _(line, mapped):
    text = repr(_texts(line)[0])
    if mapped:
        return f"next(iter(tf.data.Dataset.from_tensors({text}).map(split_line)))"
    return f"split_line(tf.constant({text}))"


LINES = st.tuples(
    st.sampled_from("01"),
    st.lists(st.sampled_from(["good", "1", "a film", "\t", " ", "café", "not", "\t\t"]), max_size=5).map("".join),
).map("\t".join)


@split_line.cases("any text, with TABs of its own, or none at all", points=1, examples=40)
def _():
    return st.fixed_dictionaries({"line": LINES.map(lambda text: tensor(text, "string")), "mapped": st.just(False)})


split_line.fixed_cases(
    "inside a dataset's map",
    1,
    {"line": tensor("0\tdull\tand long", "string"), "mapped": True},
    {"line": tensor("1\t", "string"), "mapped": True},
)


@split_line.mistake("The text is cut off at its own TAB. Split at the first one only: maxsplit=1.")
def every_tab(line):
    parts = tf.strings.split(line, "\t")
    label = tf.cast(tf.strings.to_number(parts[0]), tf.int32)
    return tf.expand_dims(parts[1], 0), tf.expand_dims(label, 0)


@split_line.mistake(
    "Both parts are scalars. Expand each to shape (1,), so that batches have shape (n, 1): the label then lines up "
    "with the model's output.",
    when=lambda inputs, got, expected: any(part.shape == () for part in got),
)
def scalars(line):
    parts = tf.strings.split(line, "\t", maxsplit=1)
    return parts[1], tf.cast(tf.strings.to_number(parts[0]), tf.int32)


@split_line.mistake(
    "The label is a float: that is what to_number makes. Cast it to tf.int32.",
    when=lambda inputs, got, expected: any(part.dtype.startswith("float") for part in got),
)
def float_label(line):
    parts = tf.strings.split(line, "\t", maxsplit=1)
    return parts[1:], tf.strings.to_number(parts[:1])


@split_line.mistake(
    "The label comes first in the file, and second in what you return: text, then label.",
    when=lambda inputs, got, expected: got[0].dtype != "string" and got[1].dtype == "string",
)
def label_first(line):
    parts = tf.strings.split(line, "\t", maxsplit=1)
    return tf.cast(tf.strings.to_number(parts[:1]), tf.int32), parts[1:]


@split_line.mistake(
    "Without a separator, split cuts at every white space, and the text ends after a word. Name the TAB."
)
def at_white_space(line):
    parts = tf.strings.split(line, maxsplit=1)
    return parts[1:], tf.strings.to_number(parts[:1], tf.int32)


@split_line.mistake(
    "The label is still text: turn it into a number with tf.strings.to_number, then cast.",
    when=lambda inputs, got, expected: all(part.dtype == "string" for part in got),
)
def label_is_text(line):
    parts = tf.strings.split(line, "\t", maxsplit=1)
    return parts[1:], parts[:1]


@split_line.mistake(
    "In a dataset's map a line has no .numpy(): there is no value yet. Stay with tf.strings.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and got.type == "AttributeError",
)
def python_split(line):
    label, text = line.numpy().decode().split("\t", 1)
    return tf.constant([text]), tf.constant([int(label)])


@split_line.right
def split_with_patterns(line):
    label = tf.strings.substr(line, 0, 1)
    text = tf.strings.regex_replace(line, "^[^\t]*\t", "")
    return tf.reshape(text, [1]), tf.strings.to_number(tf.reshape(label, [1]), tf.int32)


@split_line.right
def split_and_join(line):
    parts = tf.strings.split(tf.reshape(line, [1]), "\t")[0]
    text = tf.strings.reduce_join(parts[1:], separator="\t", keepdims=True)
    return text, tf.cast(parts[:1] == "1", tf.int32)


# ------------------------------------------------------------------------------------------------------ encode_texts

encode_texts = Exercise(
    "encode_texts",
    day=3,
    hints=(
        "First the vocabulary, from train alone: count its words, and sort them by falling count, then by the word.",
        "Keep max_tokens - 2 words behind '' and '[UNK]'. A word's id is its place in that list.",
        "ids = [index.get(word, 1) for word in text.split()][:length], then as many zeros as are missing.",
    ),
    returns=Returns(kind="list"),
)
encode_texts.example(train=["the the the cat cat dog dog bird"], texts=["the bird cat"], max_tokens=5, length=4)


@encode_texts.spec
def _(train, texts, max_tokens, length):
    words = " ".join(train).split()
    ordered = []
    left = set(words)
    while left and len(ordered) < max_tokens - 2:
        most = max(words.count(word) for word in left)
        first = min(word for word in left if words.count(word) == most)
        ordered.append(first)
        left.remove(first)
    vocab = ["", "[UNK]", *ordered]
    ids = np.zeros((len(texts), length), dtype="int64")
    for row, text in enumerate(texts):
        for place, word in enumerate(text.split()):
            if place < length:
                ids[row, place] = 2 + ordered.index(word) if word in ordered else 1
    return vocab, ids


def _corpora(words, max_tokens):
    text = st.lists(st.sampled_from(words), max_size=9).map(" ".join)
    return st.fixed_dictionaries(
        {
            "train": st.lists(text, min_size=1, max_size=3),
            "texts": st.lists(text, min_size=1, max_size=3),
            "max_tokens": max_tokens,
            "length": st.integers(1, 6),
        }
    )


@encode_texts.cases("a few words, many of them equally frequent", points=2, examples=60)
def _():
    return _corpora(["film", "good", "bad", "not", "a", "dull", "so"], st.integers(3, 7))


@encode_texts.cases("a vocabulary with room to spare, texts with new words", points=1, examples=40)
def _():
    return _corpora(["plot", "cast", "the", "0", "café", "very"], st.integers(8, 20))


encode_texts.fixed_cases(
    "only train makes the vocabulary",
    1,
    {"train": ["good film"], "texts": ["bad bad bad film", ""], "max_tokens": 10, "length": 5},
    {"train": ["a b", "b c c"], "texts": ["d d d d a", "c b a"], "max_tokens": 4, "length": 2},
)


@encode_texts.mistake(
    "Short texts are filled up with 1, and that is the id of an unknown word. Padding is 0.",
    when=lambda inputs, got, expected: not (_ids(got) == 0).any() and (_ids(expected) == 0).any(),
)
def padded_with_one(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [1] * (length - len(row)) for row in rows])


@encode_texts.mistake(
    "The vocabulary is too long by two: max_tokens counts padding and [UNK] as well.",
    when=lambda inputs, got, expected: len(got[0]) > inputs["max_tokens"],
)
def specials_not_counted(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[:max_tokens]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


@encode_texts.mistake("A long text lost its beginning: keep the first `length` words, and drop the rest.")
def head_cut_off(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][-length:] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


@encode_texts.mistake(
    "Words that occur only in texts are in the vocabulary. The test is then no longer unseen: count the words of train "
    "alone.",
    when=lambda inputs, got, expected: bool({*got[0][2:]} - {*" ".join(inputs["train"]).split()}),
)
def vocabulary_of_everything(train, texts, max_tokens, length):
    counts = Counter(" ".join([*train, *texts]).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


@encode_texts.mistake(
    "Equally frequent words stand in the order in which they were met, which is how most_common leaves them. Sort them "
    "by the alphabet: key (-count, word)."
)
def ties_as_met(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = [word for word, _ in counts.most_common(max_tokens - 2)]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


@encode_texts.mistake(
    "Unknown words are left out, and the words behind them move up. An unknown word keeps its place, as 1."
)
def unknown_left_out(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index[word] for word in text.split() if word in index][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


@encode_texts.mistake(
    "The zeros stand in front, as in the old pad_sequences' default. Here the words come first, then the zeros."
)
def padded_in_front(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([[0] * (length - len(row)) + row for row in rows])


@encode_texts.mistake("An unknown word got id 0, as if nothing stood there. Its id is 1, the place of [UNK].")
def unknown_is_zero(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 0) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


def _ids(result):
    return result[1].values if isinstance(result[1], Array) else np.array(result[1])


@encode_texts.right
def encode_with_numpy(train, texts, max_tokens, length):
    words, counts = np.unique(np.array(" ".join(train).split(), dtype=str), return_counts=True)
    vocab = ["", "[UNK]", *words[np.argsort(-counts, kind="stable")][: max_tokens - 2].tolist()]
    ids = np.zeros((len(texts), length), int)
    for row, text in enumerate(texts):
        for place, word in enumerate(text.split()[:length]):
            ids[row, place] = vocab.index(word) if word in vocab else 1
    return vocab, ids


@encode_texts.right
def encode_with_pandas_and_keras(train, texts, max_tokens, length):
    counts = pd.Series(" ".join(train).split(), dtype=object).value_counts().sort_index()
    words = counts.sort_values(ascending=False, kind="stable").index[: max_tokens - 2]
    vocab = ["", "[UNK]", *words]
    places = {word: place for place, word in enumerate(vocab)}
    ids = [[places.get(word, 1) for word in text.split()] for text in texts]
    return vocab, keras.utils.pad_sequences(ids, maxlen=length, padding="post", truncating="post")


# ---------------------------------------------------------------------------------------------------------- CnnModel

CnnModel = Exercise(
    "CnnModel",
    day=3,
    hints=(
        "Layers are attributes, made in __init__. call only sends the ids through them, one after the other.",
        "Write @keras.saving.register_keras_serializable() above the class; keep vocab, dim, length for get_config.",
        'get_config: return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}.',
    ),
)


def _flat(length):
    return ((length - 4) // 2 - 1) // 2 * 128


def _wanted_shapes(vocab, dim, length):
    return sorted([(vocab, dim), (5, dim, 16), (16,), (2, 16, 128), (128,), (_flat(length), 1), (1,)])


def _count(shapes):
    return sum(int(np.prod(shape)) for shape in shapes)


def _forward(inputs, got, sigmoid=True):
    """What a model with these weights must compute, in NumPy."""
    by_shape = {part.shape: part.values.astype(np.float64) for part in got["weights"]}
    dim, length = inputs["dim"], inputs["length"]
    h = by_shape[inputs["vocab"], dim][inputs["ids"].values]
    for size, bias in ((5, 16), (2, 128)):
        kernel = next(value for shape, value in by_shape.items() if len(shape) == 3 and shape[0] == size)
        wide = h.shape[1] - size + 1
        summed = sum(h[:, k : k + wide] @ kernel[k] for k in range(size)) + by_shape[(bias,)]
        h = np.maximum(summed, 0)[:, : wide // 2 * 2]
        h = np.maximum(h[:, ::2], h[:, 1::2])
    logit = h.reshape(len(h), -1) @ by_shape[_flat(length), 1] + by_shape[(1,)]
    return 1 / (1 + np.exp(-logit)) if sigmoid else logit


def _near(one, other):
    one, other = (part.values if isinstance(part, Array) else part for part in (one, other))
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-3, atol=1e-4)


@CnnModel.verify
def _(inputs, got, expected):
    wanted = _wanted_shapes(inputs["vocab"], inputs["dim"], inputs["length"])
    shapes = got["shapes"]
    if _count(shapes) != _count(wanted):
        return [f"parameters after one call: expected {_count(wanted):,}, got {_count(shapes):,}"]
    if sorted(shapes) != wanted:
        return [f"shapes of the weights: expected {wanted}, got {sorted(shapes)}"]
    for name in ("outputs", "again"):
        if not isinstance(got[name], Array) or got[name].shape != (inputs["ids"].shape[0], 1):
            return [f"model(ids): expected a tensor of shape {(inputs['ids'].shape[0], 1)}"]
    if not _near(got["outputs"], _forward(inputs, got)):
        return ["model(ids): the values are not those of the layers in this order, relu twice and a sigmoid at the end"]
    if not _near(got["outputs"], got["again"]):
        return ["two calls with the same ids differ"]
    if inputs["save"] and not np.allclose(got["reloaded"].values, got["outputs"].values, rtol=1e-5, atol=1e-6):
        return ["the model read from its .keras file computes something else"]
    return []


@CnnModel.shown
def _(vocab, dim, length, ids, seed, save):
    call = f"model = CnnModel({vocab}, {dim}, {length})\nmodel(ids)  # ids: {tuple(ids.shape)}"
    return f'{call}\nmodel.save("m.keras"), then keras.models.load_model("m.keras") elsewhere' if save else call


def _model_case(vocab, dim, length, seed, rows=2, save=False):
    ids = np.random.default_rng(seed).integers(0, vocab, (rows, length))
    return {"vocab": vocab, "dim": dim, "length": length, "ids": tensor(ids, "int64"), "seed": seed, "save": save}


CnnModel.example(**_model_case(10_000, 7, 200, seed=0))


@CnnModel.cases("other sizes", points=2, examples=2)
def _():
    sizes = st.tuples(st.integers(20, 60), st.integers(2, 9), st.integers(12, 40), st.integers(1, 99))
    return sizes.map(lambda drawn: _model_case(*drawn, rows=3))


CnnModel.fixed_cases("it comes back from its file", 2, _model_case(40, 3, 20, 5, save=True))


@CnnModel.mistake(
    "The model comes back with new random weights, and without a word of warning. Layers that are made in build() or "
    "call() do not exist yet when the file is read: make them in __init__.",
    when=lambda inputs, got, expected: inputs["save"] and got["shapes"] and not _near(got["reloaded"], got["outputs"]),
)
@built
def layers_made_in_build():
    @keras.saving.register_keras_serializable()
    class LateCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length

        def build(self, shape):
            self.embedding = keras.layers.Embedding(self.vocab, self.dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1, activation="sigmoid")
            self.built = True

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return LateCnn


@CnnModel.mistake(
    "Another program does not know the class that is named in the file. Register it, with "
    "@keras.saving.register_keras_serializable() above the class.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "Could not locate class" in got.message,
)
@built
def not_registered():
    class UnknownCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return UnknownCnn


@CnnModel.mistake(
    "To make the model again, Keras must know vocab, dim and length: return them from get_config, together with what "
    "super().get_config() gives.",
    when=lambda inputs, got, expected: (
        isinstance(got, Raised) and (got.type == "NotImplementedError" or "required positional argument" in got.message)
    ),
)
@built
def no_get_config():
    @keras.saving.register_keras_serializable()
    class SilentCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

    return SilentCnn


@CnnModel.mistake(
    "get_config also returns the model's name, and __init__ does not take it. Accept **kwargs, and hand them to "
    "super().__init__.",
    when=lambda inputs, got, expected: (
        isinstance(got, Raised)
        and got.type == "TypeError"
        and ("unexpected keyword" in got.message or "could not be deserialized" in got.message)
    ),
)
@built
def kwargs_refused():
    @keras.saving.register_keras_serializable()
    class StrictCnn(keras.Model):
        def __init__(self, vocab, dim, length):
            super().__init__()
            self.vocab, self.dim, self.length = vocab, dim, length
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return StrictCnn


@CnnModel.mistake(
    "The output is a logit, any number. Asked for is a probability: the last layer has a sigmoid.",
    when=lambda inputs, got, expected: _near(got["outputs"], _forward(inputs, got, sigmoid=False)),
)
@built
def logits():
    @keras.saving.register_keras_serializable()
    class LogitCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1)

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return LogitCnn


@CnnModel.mistake(
    "The dense layer has too many weights: the convolutions kept the length. Theirs is valid padding, Keras' default, "
    "which loses kernel - 1 places.",
    when=lambda inputs, got, expected: (inputs["length"] // 4 * 128, 1) in got["shapes"],
)
@built
def same_padding():
    @keras.saving.register_keras_serializable()
    class WideCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, padding="same", activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, padding="same", activation="relu")
            self.pool, self.flatten = keras.layers.MaxPool1D(), keras.layers.Flatten()
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.flatten(self.pool(self.conv2(h))))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return WideCnn


@CnnModel.mistake(
    "Only the most active place of each filter is kept, so that the model no longer knows where it was. Flatten the "
    "places instead of pooling over all of them.",
    when=lambda inputs, got, expected: (128, 1) in got["shapes"] and _flat(inputs["length"]) != 128,
)
@built
def pooled_over_everything():
    @keras.saving.register_keras_serializable()
    class PooledCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length
            self.embedding = keras.layers.Embedding(vocab, dim)
            self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
            self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
            self.pool, self.most = keras.layers.MaxPool1D(), keras.layers.GlobalMaxPool1D()
            self.dense = keras.layers.Dense(1, activation="sigmoid")

        def call(self, ids):
            h = self.pool(self.conv1(self.embedding(ids)))
            return self.dense(self.most(self.conv2(h)))

        def get_config(self):
            return {**super().get_config(), "vocab": self.vocab, "dim": self.dim, "length": self.length}

    return PooledCnn


@CnnModel.right
@built
def cnn_around_a_sequential():
    @keras.saving.register_keras_serializable(package="reviews")
    class StackedCnn(keras.Model):
        def __init__(self, vocab, dim, length, **kwargs):
            super().__init__(**kwargs)
            self.sizes = {"vocab": vocab, "dim": dim, "length": length}
            self.stack = keras.Sequential(
                [
                    keras.Input((length,)),
                    keras.layers.Embedding(vocab, dim),
                    keras.layers.Conv1D(16, 5, activation="relu"),
                    keras.layers.MaxPool1D(),
                    keras.layers.Conv1D(128, 2, activation="relu"),
                    keras.layers.MaxPool1D(),
                    keras.layers.Flatten(),
                    keras.layers.Dense(1, activation="sigmoid"),
                ]
            )

        def call(self, ids, training=False):
            return self.stack(ids, training=training)

        def get_config(self):
            return {**super().get_config(), **self.sizes}

    return StackedCnn


@CnnModel.right
@built
def cnn_built_piece_by_piece():
    @keras.saving.register_keras_serializable()
    class BuiltCnn(keras.Model):
        def __init__(self, vocab, dim, length, name=None, **kwargs):
            super().__init__(name=name, **kwargs)
            self.vocab, self.dim, self.length = vocab, dim, length

        def build(self, shape):
            self.dense = keras.layers.Dense(1)
            self.conv2 = keras.layers.Conv1D(128, 2)
            self.conv1 = keras.layers.Conv1D(16, 5)
            self.embedding = keras.layers.Embedding(self.vocab, self.dim)
            self.embedding.build((None, self.length))
            self.conv1.build((None, self.length, self.dim))
            self.conv2.build((None, (self.length - 4) // 2, 16))
            self.dense.build((None, ((self.length - 4) // 2 - 1) // 2 * 128))

        def call(self, ids):
            h = keras.ops.relu(self.conv1(self.embedding(ids)))
            h = keras.ops.relu(self.conv2(keras.ops.max_pool(h, 2)))
            h = keras.ops.max_pool(h, 2)
            return keras.ops.sigmoid(self.dense(keras.ops.reshape(h, (keras.ops.shape(h)[0], -1))))

        def get_config(self):
            return {"vocab": self.vocab, "dim": self.dim, "length": self.length, "name": self.name}

    return BuiltCnn


# -------------------------------------------------------------------------------------------------------- train_step

train_step = Exercise(
    "train_step",
    day=3,
    hints=(
        "Inside `with tf.GradientTape() as tape:` stand two lines: the forward pass, as in training, and the loss.",
        "Behind it: tape.gradient of the loss for model.trainable_variables, and optimizer.apply_gradients.",
        "loss = loss_fn(y, model(x, training=True)); later optimizer.apply_gradients(zip(gradients, variables)).",
    ),
    returns=Returns(kind="tensor", rtol=1e-3, atol=1e-4),
)


@train_step.spec
def _(x, y, weights, lr, momentum, steps, frozen, graph):
    w1, b1, w2, b2 = (np.array(part, dtype=np.float64) for part in weights)
    velocity = [np.zeros_like(part) for part in (w1, b1, w2, b2)]
    losses = []
    for _ in range(steps):
        h = x @ w1 + b1
        error = h @ w2 + b2 - y
        cost = np.where(y > 0, 4.0, 1.0) / y.size
        losses.append(float((cost * error**2).sum()))
        back = 2 * cost * error
        slopes = [x.T @ (back @ w2.T), (back @ w2.T).sum(0), h.T @ back, back.sum(0)]
        for place, (part, slope) in enumerate(zip((w1, b1, w2, b2), slopes, strict=True)):
            if not (frozen and place < 2):
                velocity[place] = momentum * velocity[place] - lr * slope
                part += velocity[place]
    return {
        "losses": tuple(losses),
        "first layer": (w1.astype("float32"), b1.astype("float32")),
        "last layer": (w2.astype("float32"), b2.astype("float32")),
        "mode": "training",
    }


@train_step.shown
def _(x, y, weights, lr, momentum, steps, frozen, graph):
    lines = [f"x {x.shape}, y {y.shape}; Dense({weights[1].shape[0]}){', frozen' if frozen else ''}, Dense(1)"]
    lines.append(f"optimizer = keras.optimizers.SGD({lr}, momentum={momentum})")
    call = "train_step(model, optimizer, loss_fn, x, y)"
    lines.append(f"{call}{f', {steps} times' if steps > 1 else ''}{', in a tf.function' if graph else ''}")
    return "\n".join(lines)


def _step_case(seed, steps=1, momentum=0.0, frozen=False, graph=False, rows=4, k=2, hidden=3):
    draw = np.random.default_rng(seed)

    def some(*shape):
        return np.round(draw.normal(size=shape) * 4) / 8

    y = np.where(np.arange(rows) % 2, 1.0, -0.5)[:, None] * (1 + draw.integers(0, 3, (rows, 1)) / 4)
    return {
        "x": tensor(some(rows, k) * 2 + 0.125, "float32"),
        "y": tensor(y, "float32"),
        "weights": [part.astype("float32") for part in (some(k, hidden), some(hidden), some(hidden, 1), some(1))],
        "lr": 0.05,
        "momentum": momentum,
        "steps": steps,
        "frozen": frozen,
        "graph": graph,
    }


train_step.example(**_step_case(3, steps=3))


@train_step.cases("one step, by hand", points=1, examples=6)
def _():
    sizes = st.tuples(st.integers(0, 999), st.integers(2, 5), st.integers(1, 3), st.integers(1, 4))
    return sizes.map(lambda drawn: _step_case(drawn[0], rows=drawn[1], k=drawn[2], hidden=drawn[3]))


train_step.fixed_cases(
    "a frozen layer stays, and the optimizer remembers",
    1,
    _step_case(11, frozen=True),
    _step_case(12, steps=3, momentum=0.5),
)
train_step.fixed_cases(
    "inside a tf.function", 1, _step_case(21, steps=2, graph=True), _step_case(22, frozen=True, graph=True)
)


@train_step.mistake(
    "The weights have not moved: the gradients are there, but nobody applied them. Call optimizer.apply_gradients.",
    when=lambda inputs, got, expected: all(
        np.array_equal(part.values, given if isinstance(given, np.ndarray) else given.values)
        for part, given in zip([*got["first layer"], *got["last layer"]], inputs["weights"], strict=True)
    ),
)
def never_applied(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    tape.gradient(loss, model.trainable_variables)
    return loss


@train_step.mistake(
    "The layers were not told that this is training, so that dropout would do nothing. Say it in the step: "
    "model(x, training=True).",
    when=lambda inputs, got, expected: got["mode"] == "not training",
)
def not_in_training(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@train_step.mistake(
    "There is no gradient: the forward pass ran before the tape did. Move it inside the with block.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "No gradients" in got.message,
)
def forward_pass_outside(model, optimizer, loss_fn, x, y):
    p = model(x, training=True)
    with tf.GradientTape() as tape:
        loss = loss_fn(y, p)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@train_step.mistake(
    "The loss got its arguments the wrong way round: first the truth, then the prediction, loss_fn(y, p)."
)
def loss_turned_round(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(model(x, training=True), y)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


@train_step.mistake(
    "The step does the optimizer's work by itself, and forgets what the optimizer remembers, such as momentum. Hand "
    "the gradients to optimizer.apply_gradients.",
    when=lambda inputs, got, expected: inputs["momentum"] > 0 and got["mode"] == "training",
)
def steps_by_hand(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        variable.assign_sub(optimizer.learning_rate * gradient)
    return loss


@train_step.mistake(
    "A Python number came out, and inside a tf.function there is none to be had. Return the loss as the tensor it is.",
    when=lambda inputs, got, expected: (
        "numpy" in got.message or "float()" in got.message
        if isinstance(got, Raised)
        else isinstance(got["losses"][0], float)
    ),
)
def loss_as_a_number(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return float(loss)


@train_step.mistake(
    "The step returns nothing: the loop wants to know the loss. End with return loss.",
    when=lambda inputs, got, expected: got["losses"][0] is None,
)
def nothing_returned(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))


@train_step.mistake(
    "A layer that is frozen has moved. Ask for model.trainable_variables: model.weights holds the frozen ones too.",
    when=lambda inputs, got, expected: (
        inputs["frozen"] and not np.array_equal(got["first layer"][0].values, inputs["weights"][0].values)
    ),
)
def every_weight_moved(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.weights)
    optimizer.apply_gradients(zip(gradients, model.weights, strict=True))
    return loss


@train_step.right
def step_with_apply(model, optimizer, loss_fn, x, y):
    variables = model.trainable_weights
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([variable.value for variable in variables])
        p = model(x, training=True)
        loss = loss_fn(y, p)
    optimizer.apply(tape.gradient(loss, variables), variables)
    return loss


@train_step.right
def step_with_layers_one_by_one(model, optimizer, loss_fn, x, y):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        loss = tf.reduce_sum(loss_fn(y, model(x, training=True)))
    pairs = [(tape.gradient(loss, variable), variable) for variable in model.trainable_variables]
    del tape
    optimizer.apply_gradients(pairs)
    return tf.identity(loss)


# ------------------------------------------------------------------------------------------------------- masked_mean

masked_mean = Exercise(
    "masked_mean",
    day=3,
    stretch=True,
    hints=(
        "Make a mask: 1 where a word stands, 0 where padding does. What you sum and what you divide by both need it.",
        "mask = tf.cast(ids != 0, emb.dtype)[..., None] has shape (batch, length, 1): it stretches over the last axis.",
        "tf.math.divide_no_nan(sum of emb * mask over axis 1, sum of mask over axis 1) gives 0 where there is no word.",
    ),
    returns=Returns(kind="tensor", dtype=("float32", "float64")),
)
masked_mean.example(
    emb=tensor(np.arange(24).reshape(2, 4, 3), "float32"), ids=tensor([[5, 9, 0, 0], [0, 0, 0, 0]], "int64")
)


@masked_mean.spec
def _(emb, ids):
    batch, length, dim = emb.shape
    value, gradient = np.zeros((batch, dim), emb.dtype), np.zeros(emb.shape, emb.dtype)
    for row in range(batch):
        words = [place for place in range(length) if ids[row, place] != 0]
        for place in words:
            for k in range(dim):
                value[row, k] += emb[row, place, k] / len(words)
                gradient[row, place, k] = (row * dim + k + 1) / len(words)
    return {"value": value, "gradient": gradient}


@masked_mean.verify
def _(inputs, got, expected):
    if got["value"].dtype != inputs["emb"].dtype:
        return [f"dtype: expected {inputs['emb'].dtype}, that of emb, got {got['value'].dtype}"]
    return []


def _embedded(dtypes, anywhere):
    def inside(drawn):
        batch, length, dim, dtype, kind = drawn
        if anywhere:
            rows = st.lists(st.sampled_from([0, 0, 1, 2, 7]), min_size=length, max_size=length)
        else:
            rows = st.integers(0, length).map(lambda words: [3] * words + [0] * (length - words))
        return st.fixed_dictionaries(
            {
                "emb": arrays(dtype, shape=(batch, length, dim), low=-4, high=4).map(tensor),
                "ids": st.lists(rows, min_size=batch, max_size=batch).map(lambda ids: tensor(ids, kind)),
            }
        )

    side = st.integers(1, 4)
    return st.tuples(side, side, side, dtypes, st.sampled_from(["int32", "int64"])).flatmap(inside)


@masked_mean.cases("texts of any length", points=2, examples=30)
def _():
    return _embedded(st.just("float32"), anywhere=False)


@masked_mean.cases("zeros anywhere, and float64", points=2, examples=30)
def _():
    return _embedded(st.sampled_from(["float32", "float64"]), anywhere=True)


@masked_mean.mistake(
    "A row of nothing but padding is divided by 0, and becomes nan. tf.math.divide_no_nan gives 0 there.",
    when=lambda inputs, got, expected: bool(np.isnan(got["value"].values).any()),
)
def nothing_divided_by_nothing(emb, ids):
    mask = tf.cast(ids != 0, emb.dtype)[..., None]
    return tf.reduce_sum(emb * mask, axis=1) / tf.reduce_sum(mask, axis=1)


@masked_mean.mistake(
    "The means are too small: the sum is divided by the length, padding included. Divide by the number of real words."
)
def divided_by_the_length(emb, ids):
    return tf.reduce_mean(emb * tf.cast(ids != 0, emb.dtype)[..., None], axis=1)


@masked_mean.mistake(
    "Padding is averaged as if it were words. Its embeddings are numbers like any others: mask them first."
)
def padding_averaged(emb, ids):
    return tf.reduce_mean(emb, axis=1)


@masked_mean.mistake(
    "The mask has two axes, the embeddings have three. Give the mask a last axis of size 1: mask[..., None].",
    when=lambda inputs, got, expected: (
        isinstance(got, Raised) and "shape" in got.message.lower() and "double" not in got.message
    ),
)
def mask_without_its_axis(emb, ids):
    mask = tf.cast(ids != 0, emb.dtype)
    total = tf.reduce_sum(emb * mask, axis=1)
    return tf.math.divide_no_nan(total, tf.reduce_sum(mask, axis=1, keepdims=True))


@masked_mean.mistake(
    "The mask is float32 whatever comes in, and float64 embeddings refuse it. Cast it to emb.dtype.",
    when=lambda inputs, got, expected: (
        inputs["emb"].dtype == "float64"
        and (isinstance(got, Raised) or (isinstance(got["value"], Array) and got["value"].dtype == "float32"))
    ),
)
def mask_is_float32(emb, ids):
    mask = tf.cast(ids != 0, tf.float32)[..., None]
    return tf.math.divide_no_nan(tf.reduce_sum(emb * mask, axis=1), tf.reduce_sum(mask, axis=1))


@masked_mean.mistake(
    "The values are right and the gradient is nan: tf.where hides the division by 0, and the way back still goes "
    "through it. Divide by something that is never 0.",
    when=lambda inputs, got, expected: bool(np.isnan(got["gradient"].values).any()),
)
def nan_hidden_with_where(emb, ids):
    mask = tf.cast(ids != 0, emb.dtype)[..., None]
    count = tf.reduce_sum(mask, axis=1)
    return tf.where(count > 0, tf.reduce_sum(emb * mask, axis=1) / count, tf.zeros_like(count))


@masked_mean.mistake(
    "No gradient flows back, since NumPy leaves no trace on the tape: an embedding could not learn. Use tensor "
    "operations.",
    when=lambda inputs, got, expected: (
        got["gradient"] is None
        or (got["value"].kind == "numpy")
        or (not got["gradient"].values.any() and expected["gradient"].values.any())
    ),
)
def mean_in_numpy(emb, ids):
    mask = (ids.numpy() != 0)[..., None]
    return tf.constant((emb.numpy() * mask).sum(1) / np.maximum(mask.sum(1), 1).astype(emb.numpy().dtype))


@masked_mean.right
def masked_mean_with_einsum(emb, ids):
    mask = tf.cast(tf.not_equal(ids, 0), emb.dtype)
    shares = mask / tf.maximum(tf.reduce_sum(mask, axis=1, keepdims=True), 1)
    return tf.einsum("bl,bld->bd", shares, emb)


@masked_mean.right
def masked_mean_of_ragged_rows(emb, ids):
    words = tf.ragged.boolean_mask(emb, ids != 0)
    counts = tf.cast(words.row_lengths(), emb.dtype)[:, None]
    return tf.reduce_sum(words, axis=1) / tf.where(counts == 0, tf.ones_like(counts), counts)


EXERCISES = (split_line, clean_text, encode_texts, CnnModel, train_step, masked_mean)
