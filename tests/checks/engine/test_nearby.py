"""A function under another name is told of, and no other."""

from __future__ import annotations

from checks.engine import nearby


def test_names_that_differ_in_spelling():
    assert nearby.similar("conv2d", ["conv_2d", "train_step"]) == ["conv_2d"]
    assert nearby.similar("conv2d", ["conv2D", "Conv2d", "x"]) == ["conv2D", "Conv2d"]
    assert nearby.similar("label_from_path", ["labels_from_path", "path"]) == ["labels_from_path"]
    assert nearby.similar("conv2d", ["conv2d", "softmax", "i"]) == []


def test_sentence():
    assert nearby.sentence("conv2d", ["mean"]) == ""
    assert nearby.sentence("conv2d", ["conv_2d"]) == (
        "There is no conv2d, but there is conv_2d. The name must be exactly conv2d: rename it and run the cell again."
    )
    assert nearby.sentence("conv2d", ["conv1d"], lambda name: name != "conv1d") == ""


def test_only_what_the_notebook_defined():
    def own() -> None:
        """Defined here."""

    own.__module__ = "__main__"
    assert nearby.defined({"own": own, "_hidden": own, "number": 3, "print": print, "nearby": nearby}) == ["own"]
