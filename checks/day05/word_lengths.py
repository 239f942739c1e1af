"""Day 5, the exercise `word_lengths`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, Ragged, tensor

tf = Lazy("tensorflow")

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
)
def nan_for_the_empty(sentences):
    counts = tf.strings.length(tf.strings.split(sentences), unit="UTF8_CHAR")
    return counts, tf.cast(tf.reduce_mean(counts, axis=1), tf.float32)


@word_lengths.mistake(
    "Rows of different length cannot be stacked; padding would count words that are not there. Keep it ragged.",
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
