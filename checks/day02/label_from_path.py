"""Day 2, the exercise `label_from_path`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

label_from_path = Exercise(
    "label_from_path",
    day=2,
    limit=10.0,
    hints=(
        "Only the folder that the file lies in counts, and it must be that name exactly. Cut the path into its parts.",
        "tf.strings.split(path, os.sep) gives the parts; the last is the file, the one before it the folder.",
        'tf.cast(parts[-2] == "flower", tf.int8) turns the comparison into a label.',
    ),
    returns=Returns(dtype="int8"),
)
label_from_path.example(paths=["train/flower/000.jpg", "train/china/flower.jpg"], positive=None, mapped=False)
label_from_path.example(paths=["train/flower/000.jpg", "train/china/flower.jpg"], positive=None, mapped=True)


@label_from_path.spec
def _(paths, positive, mapped):
    return [np.int8(path.split("/")[-2] == (positive or "flower")) for path in paths]


@label_from_path.shown
def _(paths, positive, mapped):
    more = "" if positive is None else f", {positive!r}"
    if not mapped:
        return "; ".join(f"label_from_path(tf.constant({path!r}){more})" for path in paths)
    use = "label_from_path" if positive is None else f"lambda path: label_from_path(path{more})"
    return f"tf.data.Dataset.from_tensor_slices({paths}).map({use})"


def _paths(names, positive, mapped):
    part = st.sampled_from(names)
    path = st.lists(part, min_size=1, max_size=3).flatmap(
        lambda folders: part.map(lambda name: "/".join([*folders, f"{name}.jpg"]))
    )
    rooted = st.tuples(st.sampled_from(["", "/"]), path).map("".join)
    return st.fixed_dictionaries(
        {"paths": st.lists(rooted, min_size=2, max_size=6), "positive": st.just(positive), "mapped": mapped}
    )


TRAPS = ("china", "flower", "sunflower", "flower_project", "flowers", "Flower", "flower.jpg")


@label_from_path.cases("the word flower everywhere, called directly or in a map", points=1, examples=10)
def _():
    return _paths(TRAPS, None, st.booleans())


OTHERS = {
    "car": ("car", "cars", "race car", "flower", "Car"),
    "race.car": ("race.car", "race-car", "raceXcar", "flower", "car"),
}


@label_from_path.cases("another positive class, called directly or in a map", points=1, examples=10)
def _():
    return st.sampled_from(tuple(OTHERS)).flatmap(lambda name: _paths(OTHERS[name], name, st.booleans()))


@label_from_path.mistake(
    "The word occurs elsewhere in the path: a project folder or a file may be called flower as well. Split the path at "
    "os.sep and look at part [-2] alone."
)
def regex_on_the_path(path, positive="flower"):
    return tf.cast(tf.strings.regex_full_match(path, f".*{positive}.*"), tf.int8)


@label_from_path.mistake(
    "The folder's name must be exactly the class: sunflower contains flower and is another folder. Compare with ==."
)
def part_of_the_folder(path, positive="flower"):
    folder = tf.strings.split(path, os.sep)[-2]
    return tf.cast(tf.strings.regex_full_match(folder, f".*{positive}.*"), tf.int8)


@label_from_path.mistake(
    "Part [-1] is the file's own name. The class is the folder that holds it: part [-2].",
)
def from_the_file_name(path, positive="flower"):
    name = tf.strings.split(path, os.sep)[-1]
    return tf.cast(name == positive + ".jpg", tf.int8)


@label_from_path.mistake(
    "The label must be tf.int8, one byte: cast the comparison with tf.cast(..., tf.int8).",
)
def whole_int32(path, positive="flower"):
    return tf.cast(tf.strings.split(path, os.sep)[-2] == positive, tf.int32)


@label_from_path.mistake(
    "Python's own text functions see the text of a call, but in a map only a symbol that has no value yet. Use "
    "tf.strings.split, compare with ==, and cast the result."
)
def python_text(path, positive="flower"):
    return tf.constant(int(Path(str(path)).parent.name == positive), tf.int8)


@label_from_path.mistake(
    "In a map the path is a symbol that has no value yet, so it has no .numpy(). Stay with tf.strings.",
)
def numpy_of_the_path(path, positive="flower"):
    return tf.constant(Path(path.numpy().decode()).parent.name == positive, tf.int8)


@label_from_path.mistake(
    "You use positive as a pattern: in a regular expression a dot stands for any character, so race.car also matches "
    "race-car. Compare the folder's name with ==."
)
def name_as_a_pattern(path, positive="flower"):
    folder = tf.strings.split(path, os.sep)[-2]
    return tf.cast(tf.strings.regex_full_match(folder, positive), tf.int8)


@label_from_path.mistake("You always look for flower. It is only the default: look for the name that positive holds.")
def flower_fixed(path, positive="flower"):
    return tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)


@label_from_path.right
def label_with_regex(path, positive="flower"):
    folder = tf.strings.regex_replace(path, r"^(.*[/\\])?([^/\\]+)[/\\][^/\\]*$", r"\2")
    return tf.where(folder == positive, tf.constant(1, tf.int8), tf.constant(0, tf.int8))


@label_from_path.right
def label_with_branches(path, positive="flower"):
    parts = tf.strings.split([path], os.sep).values
    if tf.equal(parts[tf.size(parts) - 2], positive):
        return tf.constant(1, tf.int8)
    return tf.constant(0, tf.int8)
