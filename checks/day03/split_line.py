"""Day 3, the exercise `split_line`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.day03.texts import as_text, as_texts
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

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
    label, _, text = as_text(np.asarray(line, dtype=object).reshape(-1)[0]).partition("\t")
    return np.array([text], dtype=object), np.array([int(label)], dtype="int32")


@split_line.shown
def _(line, mapped):
    text = repr(as_texts(line)[0])
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
)
def scalars(line):
    parts = tf.strings.split(line, "\t", maxsplit=1)
    return parts[1], tf.cast(tf.strings.to_number(parts[0]), tf.int32)


@split_line.mistake(
    "The label is a float: that is what to_number makes. Cast it to tf.int32.",
)
def float_label(line):
    parts = tf.strings.split(line, "\t", maxsplit=1)
    return parts[1:], tf.strings.to_number(parts[:1])


@split_line.mistake(
    "The label comes first in the file, and second in what you return: text, then label.",
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
)
def label_is_text(line):
    parts = tf.strings.split(line, "\t", maxsplit=1)
    return parts[1:], parts[:1]


@split_line.mistake(
    "In a dataset's map a line has no .numpy(): there is no value yet. Stay with tf.strings.",
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
