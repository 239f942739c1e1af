"""The explorer of convolutions: its arithmetic is a network's, its picture says size and parameters."""

from __future__ import annotations

import numpy as np
import pytest

from course import explore
from course.explore.convolving import PATTERNS, convolve, kernel

PATCH = np.random.default_rng(0).integers(0, 256, (12, 15, 3), dtype=np.uint8)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_it_computes_what_a_layer_computes(size, stride, padding):
    import tensorflow as tf

    image = PATCH.mean(-1) / 255
    weights = np.random.default_rng(size).normal(size=(size, size))
    wanted = tf.nn.conv2d(image[None, ..., None], weights[..., None, None], stride, padding.upper())
    np.testing.assert_allclose(convolve(image, weights, stride, padding), wanted[0, ..., 0], atol=1e-9)


@pytest.mark.parametrize("size", [3, 5, 7])
def test_the_kernels_are_what_they_are_called(size):
    flat = np.ones((20, 20))
    rising = np.tile(np.arange(20.0), (20, 1))
    for name, on_flat in zip(PATTERNS, (0, 0, 1, 1), strict=True):
        np.testing.assert_allclose(convolve(flat, kernel(name, size), 1, "valid"), on_flat, atol=1e-12)
    assert (convolve(rising, kernel("vertical edges", size), 1, "valid") > 0).all()
    np.testing.assert_allclose(convolve(rising, kernel("horizontal edges", size), 1, "valid"), 0, atol=1e-12)


def test_moving_a_control_tells_the_new_size():
    explorer = explore.convolution(PATCH)
    assert "12 x 15 becomes 10 x 13; 10 parameters" in explorer.picture.note
    explorer.set(size=5, stride=2, padding="same")
    assert "12 x 15 becomes 6 x 8; 26 parameters" in explorer.picture.note
    assert not explorer.error


@pytest.mark.parametrize("shape", [(4, 20, 3), (20, 200), (12, 12, 4), (12,)])
def test_an_image_of_another_form_is_refused(shape):
    with pytest.raises(ValueError, match="image has shape"):
        explore.convolution(np.zeros(shape, np.uint8))
