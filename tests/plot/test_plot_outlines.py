"""Marks on photographs: what the alt text says, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from course import plot

PHOTO = np.full((40, 60, 3), 200, np.uint8)


def test_the_alt_text_names_photographs_zones_and_places():
    picture = plot.outlines({"roof": PHOTO, "petal": PHOTO}, {"roof": [(3, 5, 8, 8)]}, zones={"train": (0, 0, 40, 30)})
    assert "roof, 40 rows by 60 columns, 1 outlined, at row 3, column 5" in picture.alt
    assert "petal, 40 rows by 60 columns, nothing outlined" in picture.alt
    assert "train: rows 0 to 39 of columns 0 to 29" in picture.alt


def test_a_box_is_drawn_where_it_is():
    def pixels(column):
        return plot.outlines({"a": PHOTO}, {"a": [(10, column, 10, 10)]}).png()

    assert pixels(5) != pixels(30)


@pytest.mark.parametrize("box", [(-1, 0, 5, 5), (0, 56, 5, 5), (36, 0, 5, 5), (0, 0, 0, 5)])
def test_a_box_outside_the_photograph_is_refused(box):
    with pytest.raises(ValueError, match="40 rows and 60 columns"):
        plot.outlines({"a": PHOTO}, {"a": [box]})


def test_other_senseless_inputs_are_refused():
    with pytest.raises(ValueError, match="no such photograph"):
        plot.outlines({"a": PHOTO}, {"b": []})
    with pytest.raises(ValueError, match="filled dictionary"):
        plot.outlines({})
    with pytest.raises(ValueError, match=r"give \(height, width"):
        plot.outlines({"a": PHOTO[None]})
    with pytest.raises(ValueError, match="at most 4"):
        plot.outlines({"a": PHOTO}, zones={str(i): (0, 0, 5, 5) for i in range(5)})
