"""Day 12, the exercise `broadcast_shape`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

broadcast_shape = Exercise(
    "broadcast_shape",
    day=12,
    stretch=True,
    hints=(
        "Line the shapes up at their last axes. How long must the shorter ones become, and what stands in front?",
        "Pad each shape with 1s on the left. Then look at one axis of all shapes: which sizes other than 1 occur?",
        "For each axis: others = {size for size in sizes if size != 1}; more than one: raise ValueError; one: that "
        "size; none: 1.",
    ),
    returns=Returns(kind="python"),
)
broadcast_shape.example(shapes=[(3, 1), (4,)])
broadcast_shape.example(shapes=[(3, 2), (3,)])


@broadcast_shape.spec
def _(shapes):
    rank = max((len(shape) for shape in shapes), default=0)
    found = []
    for place in range(1, rank + 1):
        size = 1
        for shape in shapes:
            if len(shape) < place or shape[-place] == 1:
                continue
            if size not in (1, shape[-place]):
                return "ValueError"
            size = shape[-place]
        found.insert(0, size)
    return tuple(found)


@broadcast_shape.shown
def _(shapes):
    return f"broadcast_shape({', '.join(map(str, shapes))})"


def _shapes(fit):
    """Shapes cut from one result; where they shall not fit, one size is changed."""

    def made(drawn):
        whole, cuts, ones, wrong = drawn
        shapes = []
        for cut, mask in zip(cuts, ones, strict=True):
            part = whole[min(cut, len(whole)) :]
            shapes.append(tuple(1 if one else size for size, one in zip(part, mask, strict=False)))
        if not fit and whole:
            shapes += [tuple(whole), (whole[-1] + wrong if whole[-1] != 1 else 7,)]
        return {"shapes": shapes}

    whole = st.lists(st.sampled_from([0, 1, 2, 3, 5]), max_size=4)
    count = st.integers(1, 3)
    return count.flatmap(
        lambda n: st.tuples(
            whole,
            st.lists(st.integers(0, 4), min_size=n, max_size=n),
            st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=n, max_size=n),
            st.sampled_from([2, 4]),
        ).map(made)
    )


@broadcast_shape.cases("shapes that fit", points=2, examples=40)
def _():
    return _shapes(fit=True)


@broadcast_shape.cases("shapes that may not fit", points=1, examples=30)
def _():
    return _shapes(fit=False)


@broadcast_shape.mistake(
    "The larger size does not always win: 0 and 1 give 0. It is the size that is not 1 which wins.",
)
def larger_wins(*shapes):
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    for sizes in zip(*padded, strict=True):
        if len({size for size in sizes if size != 1}) > 1:
            raise ValueError(sizes)
    return tuple(max(sizes) for sizes in zip(*padded, strict=True))


@broadcast_shape.mistake("The shapes are lined up at their first axes. Broadcasting lines them up at the last ones.")
def lined_up_left(*shapes):
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [tuple(shape) + (1,) * (rank - len(shape)) for shape in shapes]
    found = []
    for sizes in zip(*padded, strict=True):
        others = {size for size in sizes if size != 1}
        if len(others) > 1:
            raise ValueError(sizes)
        found.append(others.pop() if others else 1)
    return tuple(found)


@broadcast_shape.mistake("Two sizes that differ, and neither is 1, do not fit: raise ValueError.")
def never_raises(*shapes):
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    found = []
    for sizes in zip(*padded, strict=True):
        others = [size for size in sizes if size != 1]
        found.append(others[0] if others else 1)
    return tuple(found)


@broadcast_shape.mistake("A list came back. A shape is a tuple: tuple(...).")
def a_list(*shapes):
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    found = []
    for sizes in zip(*padded, strict=True):
        others = {size for size in sizes if size != 1}
        if len(others) > 1:
            raise ValueError(sizes)
        found.append(others.pop() if others else 1)
    return found


@broadcast_shape.mistake(
    "Only the axes that all the shapes have are compared, so the others are lost. Pad the shorter ones with 1s "
    "on the left.",
)
def shorter_rank_wins(*shapes):
    rank = min((len(shape) for shape in shapes), default=0)
    found = []
    for sizes in zip(*[tuple(shape)[len(shape) - rank :] for shape in shapes], strict=True):
        others = {size for size in sizes if size != 1}
        if len(others) > 1:
            raise ValueError(sizes)
        found.append(others.pop() if others else 1)
    return tuple(found)


@broadcast_shape.mistake("The first two shapes alone decide. There may be more, and all of them have to fit.")
def two_shapes_only(*shapes):
    return tuple(int(size) for size in np.broadcast_shapes(*shapes[:2]))


@broadcast_shape.right
def broadcast_shape_from_the_right(*shapes):
    found = []
    for place in range(1, 1 + max(map(len, shapes), default=0)):
        sizes = {shape[-place] for shape in shapes if len(shape) >= place} - {1}
        if len(sizes) > 1:
            raise ValueError(f"axis -{place}: {sizes}")
        found.append(next(iter(sizes), 1))
    return tuple(reversed(found))


@broadcast_shape.right
def broadcast_shape_pair_by_pair(*shapes):
    result = ()
    for shape in shapes:
        width = max(len(result), len(shape))
        a, b = (1,) * (width - len(result)) + result, (1,) * (width - len(shape)) + tuple(shape)
        if any(x != y and 1 not in (x, y) for x, y in zip(a, b, strict=True)):
            raise ValueError(f"{result} and {shape}")
        result = tuple(y if x == 1 else x for x, y in zip(a, b, strict=True))
    return result


@broadcast_shape.right
def broadcast_shape_by_numpy(*shapes):
    return tuple(int(size) for size in np.broadcast_shapes(*shapes))
