"""The explorer of layouts: its grids are TensorFlow's, and it says what has moved."""

from __future__ import annotations

import numpy as np
import pytest

from course import explore
from course.explore.transposing import ROWS, moved


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("rows", ROWS)
def test_it_lays_out_the_numbers_as_tensorflow_does(rows, transposed):
    import tensorflow as tf

    wanted = tf.reshape(tf.range(24), [rows, 24 // rows])
    wanted = tf.transpose(wanted) if transposed else wanted
    grid, count = moved(rows, transposed)
    np.testing.assert_array_equal(grid, wanted)
    flat = tf.reshape(wanted, [-1]).numpy()
    assert count == sum(value != place for place, value in enumerate(flat))


def test_only_a_transposition_moves_values():
    explorer = explore.layouts()
    assert "No value has moved" in explorer.picture.note
    assert "tf.reshape(tf.range(24), [4, 6]) has shape (4, 6)" in explorer.picture.note
    explorer.set(transposed=True)
    assert "tf.transpose(tf.reshape(tf.range(24), [4, 6])) has shape (6, 4)" in explorer.picture.note
    assert "22 of 24 values have moved" in explorer.picture.note
    assert "0, 6, 12, 18, 1, 7, 13, 19" in explorer.picture.alt
    explorer.set(rows=1)
    assert "No value has moved" in explorer.picture.note
    assert not explorer.error


def test_every_layout_is_drawn():
    explorer = explore.layouts()
    for rows in ROWS:
        for transposed in (False, True):
            explorer.set(rows=rows, transposed=transposed)
            assert not explorer.error
            assert explorer.picture.png()


def test_a_number_of_rows_that_does_not_divide_24_is_refused():
    with pytest.raises(ValueError, match="reshape to is 5; choose one of"):
        explore.layouts(5)
