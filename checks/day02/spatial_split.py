"""Day 2, the exercise `spatial_split`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise

spatial_split = Exercise(
    "spatial_split",
    day=2,
    hints=(
        "Draw it: a patch that starts at col covers the columns col to col + patch - 1. Which starts are allowed?",
        "For training the right edge col + patch may reach the cut and no further. Test patches start at the cut.",
        "Training columns: range(0, cut - patch + 1, stride); test columns: range(cut, w - patch + 1, stride).",
    ),
)
spatial_split.example(h=6, w=9, patch=2, stride=2, cut=5)


@spatial_split.spec
def _(h, w, patch, stride, cut):
    train, test = [], []
    for row in range(h):
        for col in range(w):
            if row % stride or row + patch > h:
                continue
            if col % stride == 0 and col + patch <= cut:
                train.append((row, col))
            if col >= cut and (col - cut) % stride == 0 and col + patch <= w:
                test.append((row, col))
    return {name: np.array(found).reshape(-1, 2) for name, found in (("train", train), ("test", test))}


@spatial_split.shown
def _(h, w, patch, stride, cut):
    return f"spatial_split(h={h}, w={w}, patch={patch}, stride={stride}, cut={cut})"


@spatial_split.cases("photographs of any size", points=1, examples=40)
def _():
    def inside(sides):
        h, w, patch = sides
        return st.fixed_dictionaries(
            {
                "h": st.just(h),
                "w": st.just(w),
                "patch": st.just(patch),
                "stride": st.integers(1, 5),
                "cut": st.integers(patch, w - patch) if w >= 2 * patch else st.just(w // 2),
            }
        )

    return st.tuples(st.integers(4, 16), st.integers(4, 20), st.integers(1, 4)).flatmap(inside)


spatial_split.fixed_cases(
    "the photographs of today, and zones too narrow for a patch",
    1,
    {"h": 427, "w": 640, "patch": 32, "stride": 16, "cut": 440},
    {"h": 427, "w": 640, "patch": 32, "stride": 13, "cut": 440},
    {"h": 8, "w": 10, "patch": 4, "stride": 1, "cut": 3},
    {"h": 8, "w": 10, "patch": 4, "stride": 1, "cut": 7},
    {"h": 3, "w": 10, "patch": 4, "stride": 1, "cut": 5},
)


def _pairs(got, name):
    return {tuple(pair) for pair in got[name].values.tolist()}


@spatial_split.mistake(
    lambda inputs, got: (
        "A training patch starts left of the cut, but its right edge reaches column "
        f"{max(col for _, col in _pairs(got, 'train')) + inputs['patch'] - 1}, and the test zone begins at column "
        f"{inputs['cut']}: network and examiner would see the same pixels. Let col + patch stay <= cut."
    ),
)
def across_the_cut(h, w, patch, stride, cut):
    rows = range(0, h - patch + 1, stride)
    train = [(row, col) for row in rows for col in range(0, cut, stride)]
    test = [(row, col) for row in rows for col in range(cut, w - patch + 1, stride)]
    return train, test


@spatial_split.mistake(
    "The last column is missing: range leaves its end out, and a patch may start at w - patch. End at w - patch + 1.",
)
def last_column_missing(h, w, patch, stride, cut):
    rows = range(0, h - patch + 1, stride)
    train = [(row, col) for row in rows for col in range(0, cut - patch, stride)]
    test = [(row, col) for row in rows for col in range(cut, w - patch, stride)]
    return train, test


@spatial_split.mistake(
    "The last row is missing: range leaves its end out, and a patch may start at h - patch. End at h - patch + 1."
)
def last_row_missing(h, w, patch, stride, cut):
    rows = range(0, h - patch, stride)
    train = [(row, col) for row in rows for col in range(0, cut - patch + 1, stride)]
    test = [(row, col) for row in rows for col in range(cut, w - patch + 1, stride)]
    return train, test


@spatial_split.mistake(
    "Your test patches go on with the steps that began at column 0, so the first starts right of the cut and pixels "
    "are wasted. Begin to count at the cut: range(cut, ...)."
)
def test_on_the_old_steps(h, w, patch, stride, cut):
    rows = range(0, h - patch + 1, stride)
    train = [(row, col) for row in rows for col in range(0, cut - patch + 1, stride)]
    test = [(row, col) for row in rows for col in range(0, w - patch + 1, stride) if col >= cut]
    return train, test


@spatial_split.mistake(
    "Your pairs are (col, row). An image has its rows first, as in image[row, col]: put the row first.",
)
def column_first(h, w, patch, stride, cut):
    rows = range(0, h - patch + 1, stride)
    train = [(col, row) for row in rows for col in range(0, cut - patch + 1, stride)]
    test = [(col, row) for row in rows for col in range(cut, w - patch + 1, stride)]
    return train, test


@spatial_split.mistake("You step by the size of a patch. The step is stride: smaller than a patch, neighbours overlap.")
def patch_as_stride(h, w, patch, stride, cut):
    rows = range(0, h - patch + 1, patch)
    train = [(row, col) for row in rows for col in range(0, cut - patch + 1, patch)]
    test = [(row, col) for row in rows for col in range(cut, w - patch + 1, patch)]
    return train, test


@spatial_split.mistake(
    "The rightmost and lowest of your patches hang out of the picture: stop at w - patch, h - patch."
)
def out_of_the_picture(h, w, patch, stride, cut):
    rows = range(0, h, stride)
    train = [(row, col) for row in rows for col in range(0, cut - patch + 1, stride)]
    test = [(row, col) for row in rows for col in range(cut, w, stride)]
    return train, test


@spatial_split.right
def split_with_meshgrid(h, w, patch, stride, cut):
    def grid(left, right):
        rows, cols = np.arange(0, h - patch + 1, stride), np.arange(left, right - patch + 1, stride)
        return np.stack(np.meshgrid(rows, cols, indexing="ij"), axis=-1).reshape(-1, 2)

    return grid(0, cut), grid(cut, w)


@spatial_split.right
def split_with_while(h, w, patch, stride, cut):
    boxes = ([], [])
    for part, start, end in ((0, 0, cut), (1, cut, w)):
        col = start
        while col + patch <= end:
            row = 0
            while row + patch <= h:
                boxes[part].append([row, col])
                row += stride
            col += stride
    return boxes
