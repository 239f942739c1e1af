"""Day 3, the exercise `clean_text`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import re
import string

import hypothesis.strategies as st
import numpy as np

from checks.day03.texts import as_text, as_texts
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

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
        words = as_text(value).lower().replace("<br />", " ")
        return "".join(letter for letter in words if letter not in string.punctuation)

    values = np.asarray(t, dtype=object)
    found = np.empty(values.shape, dtype=object)
    for place in np.ndindex(values.shape):
        found[place] = clean(values[place])
    return found


@clean_text.shown
def _(t, mapped):
    given = as_texts(t)
    text = repr(given[0]) if not t.shape else repr(np.array(given, dtype=object).reshape(t.shape).tolist())
    if mapped:
        return f"next(iter(tf.data.Dataset.from_tensors({text}).map(clean_text)))"
    return f"clean_text(tf.constant({text}))"


WORDS = ["good", "It's", "GREAT", "7", " ", "  ", "<br />", "<BR />", "<Br />", "café", "naïve", "好", "€"]
PIECES = st.sampled_from([*WORDS, "!", "...", "-", "\\", "[so]", "^", '"', "_", "<", ">", "<b>"])
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
    "inside a dataset's map, and signs that are not a tag",
    1,
    {"t": tensor("So-so.<br /><br />I LEFT", "string"), "mapped": True},
    {"t": tensor([["already clean"], ["<BR />a\\b"]], "string"), "mapped": True},
    {"t": tensor(["7 < 8, but 9 > 8", "<b>bold</b><br/>"], "string"), "mapped": False},
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
)
def python_text(t):
    text = t.numpy().decode().lower().replace("<br />", " ")
    return "".join(letter for letter in text if letter not in string.punctuation)


@clean_text.mistake("The tag vanished, and the words left and right of it became one: put a space in its place.")
def tag_without_a_space(t):
    t = tf.strings.regex_replace(tf.strings.lower(t), "<br />", "")
    return tf.strings.regex_replace(t, f"[{re.escape(string.punctuation)}]", "")


@clean_text.mistake(
    "Everything between a < and a > is gone, but only the tag <br /> becomes a space. In 7 < 8 and 9 > 8 the signs are "
    "punctuation, and the text between them stays.",
)
def any_tag(t):
    t = tf.strings.regex_replace(tf.strings.lower(t), "<[^>]*>", " ")
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
)
def not_escaped(t):
    t = tf.strings.regex_replace(tf.strings.lower(t), "<br />", " ")
    return tf.strings.regex_replace(t, f"[{string.punctuation}]", "")


@clean_text.mistake(
    "Letters outside a to z are gone: café is a word too. Name what goes, the punctuation, and not what stays.",
)
def only_a_to_z(t):
    t = tf.strings.regex_replace(tf.strings.lower(t), "<br />", " ")
    return tf.strings.regex_replace(t, "[^a-z0-9 ]", "")


@clean_text.mistake(
    "Spaces are lost. Several in a row do no harm, since the split into words swallows them: leave them as they are.",
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
