"""Explore which variables a tf.Module and a Keras layer list of what they hold, and which they overlook."""

from __future__ import annotations

from course.explore.explorer import Choice, Explorer, Toggle
from course.plot import Picture, ownership

ROOTS = ("tf.Module", "Keras layer")
PARTS = {
    "variable": "a tf.Variable",
    "keras_variable": "a keras.Variable",
    "modules": "a list of two modules",
    "layer": "a Dense layer",
}
"""What can be held: the name of the control, and its label."""

HELD = {
    "variable": {"w: tf.Variable": "tf"},
    "keras_variable": {"k: keras.Variable": "keras"},
    "modules": {
        "parts: list": {
            "parts[0]: tf.Module": {"v: tf.Variable": "tf"},
            "parts[1]: tf.Module": {"v: tf.Variable": "tf"},
        }
    },
    "layer": {"dense: Dense": {"kernel: keras.Variable": "keras", "bias: keras.Variable": "keras"}},
}


def owners() -> Explorer:
    """An explorer of ownership: choose the outer object and what it holds, and see which variables it lists.

    A `tf.Module` lists the tf.Variables of itself and of the modules in it, also in lists. A Keras layer lists the
    keras.Variables of itself and of its layers. Neither lists what belongs to the other.
    """

    def draw(root: str, **parts: bool) -> Picture:
        chosen = [name for name in PARTS if parts[name]]
        tree, listed, total, submodules = held(root, chosen)
        asked = "len(module.variables)" if root == "tf.Module" else "len(layer.weights)"
        note = f"{asked} is {listed}, and there are {total} variables."
        note += f" {total - listed} would not be trained." if total > listed else " None is overlooked."
        if root == "tf.Module":
            note += f" len(module.submodules) is {submodules}."
        return ownership({f"outer: {root}": tree}, note=note)

    controls = {"root": Choice("the outer object is a", "tf.Module", {name: name for name in ROOTS})}
    controls |= {name: Toggle(f"it holds {label}", True) for name, label in PARTS.items()}
    return Explorer(draw, controls, title="Who lists which variable?", columns=2)


def held(root: str, chosen: list[str]) -> tuple[dict[str, object], int, int, int]:
    """What an outer object of this kind holds, as `plot.ownership` takes it, and three counts.

    Returns (tree, variables that it lists, all variables, submodules of a tf.Module).

    Raises:
        ValueError: another kind of object, or an unknown part.
    """
    if root not in ROOTS:
        raise ValueError(f"root is {root!r}; give one of {', '.join(map(repr, ROOTS))}.")
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        raise ValueError(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}.")
    own = "tf" if root == "tf.Module" else "keras"
    counts = {True: 0, False: 0}

    def marked(tree: dict[str, object]) -> dict[str, object]:
        shown: dict[str, object] = {}
        for name, value in tree.items():
            if isinstance(value, dict):
                shown[name] = marked(value)
            else:
                shown[name] = value == own
                counts[value == own] += 1
        return shown

    tree = marked({name: value for part in chosen for name, value in HELD[part].items()})
    submodules = 2 if "modules" in chosen and root == "tf.Module" else 0
    return tree, counts[True], counts[True] + counts[False], submodules
