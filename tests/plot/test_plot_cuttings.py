"""A photograph in squares: what the alt text counts, what each half shows, and what is refused."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from course import plot
from course.plot.cuttings import _spread

RISING = np.arange(9 * 13 * 3, dtype=np.float32).reshape(9, 13, 3) / 400


def test_the_alt_text_counts_the_squares_that_fit():
    picture = plot.cuttings(RISING, 4)
    assert "2 rows of 3 squares, 4 by 4 pixels each" in picture.alt
    assert "Left, cut as you see it" in picture.alt
    assert "Right, cut as it lies in memory" in picture.alt


def test_both_halves_differ_and_hold_the_same_numbers():
    picture = plot.cuttings(np.tile(RISING[:8, :12], (4, 4, 1)), 4, alt="two halves")
    assert picture.alt == "two halves"
    data, _ = picture._repr_mimebundle_()
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("L"), np.float64)
    left, right = image[:, : image.shape[1] // 2], image[:, -(image.shape[1] // 2) :]
    assert np.abs(left - right).mean() > 1


def test_squares_stand_apart_and_each_in_its_place():
    patches = np.arange(6, dtype=np.float32).reshape(2, 3, 1, 1, 1).repeat(3, -1).repeat(8, 2).repeat(8, 3) / 6
    image = _spread(patches)
    assert image.shape == (2 * 9 - 1, 3 * 9 - 1, 3)
    for row in range(2):
        for column in range(3):
            np.testing.assert_array_equal(
                image[row * 9 : row * 9 + 8, column * 9 : column * 9 + 8], patches[row, column]
            )
    assert (image[8] > 0.9).all()


@pytest.mark.parametrize(
    ("photo", "size", "said"),
    [
        (RISING[..., 0], 4, "height, width"),
        (RISING[..., :2], 4, "height, width"),
        (RISING, 10, "1 to 9"),
        (RISING, 0, "1 to 9"),
    ],
)
def test_what_cannot_be_cut_is_refused(photo, size, said):
    with pytest.raises(ValueError, match=said):
        plot.cuttings(photo, size)
