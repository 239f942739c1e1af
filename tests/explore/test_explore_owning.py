"""The explorer of ownership: its counts are those of TensorFlow and Keras themselves."""

from __future__ import annotations

import itertools

import pytest

from course import explore
from course.explore import owning

SETS = [list(chosen) for n in range(5) for chosen in itertools.combinations(owning.PARTS, n)]


def real(root: str, chosen: list[str]) -> tuple[int, int]:
    """What an object of that kind lists, and its submodules where it is a module."""
    import keras
    import tensorflow as tf

    class Part(tf.Module):
        def __init__(self):
            super().__init__()
            self.v = tf.Variable(1.0)

    outer = tf.Module() if root == "tf.Module" else keras.layers.Layer()
    if "variable" in chosen:
        outer.w = tf.Variable(1.0)
    if "keras_variable" in chosen:
        outer.k = keras.Variable(1.0)
    if "modules" in chosen:
        outer.parts = [Part(), Part()]
    if "layer" in chosen:
        outer.dense = keras.layers.Dense(2)
        outer.dense.build((None, 3))
    if root == "tf.Module":
        return len(outer.variables), len(outer.submodules)
    return len(outer.weights), 0


@pytest.mark.parametrize("root", owning.ROOTS)
def test_the_counts_are_those_of_the_libraries(root):
    for chosen in SETS:
        _, listed, _, submodules = owning.held(root, chosen)
        assert (listed, submodules) == real(root, chosen), chosen


def test_the_note_says_how_many_are_overlooked():
    explorer = explore.owners()
    assert "is 3, and there are 6 variables. 3 would not be trained." in explorer.picture.note
    assert "None is overlooked" in explorer.set(layer=False, keras_variable=False).picture.note
    assert "len(layer.weights) is 0" in explorer.set(root="Keras layer").picture.note
    assert not explorer.error


@pytest.mark.parametrize(
    ("root", "chosen", "words"), [("dict", [], "root is 'dict'"), ("tf.Module", ["x"], "part 'x'")]
)
def test_what_there_is_not_is_refused(root, chosen, words):
    with pytest.raises(ValueError, match=words):
        owning.held(root, chosen)


def test_the_widget_draws_anew_and_its_controls_have_names_of_their_own():
    explorer = explore.owners()
    data, _ = explorer._repr_mimebundle_()
    assert explorer.twin.html() in data["text/html"]
    labels = [explorer.control(control).description for control in explorer.values]
    assert all(labels)
    assert len(set(labels)) == len(labels) == 5
    twin = explorer.twin.alt
    explorer.control("layer").value = False
    assert explorer.picture.alt != twin
