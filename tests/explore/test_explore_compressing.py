"""The explorer of ranks keeps the largest singular values, and says what they cost."""

from __future__ import annotations

import numpy as np
import pytest

from course import explore


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return np.random.default_rng(0).random((12, 20))


def test_the_error_is_the_norm_of_what_is_missing(photo):
    u, s, vt = np.linalg.svd(photo, full_matrices=False)
    shown = (u[:, :3] * s[:3]) @ vt[:3]
    error = np.linalg.norm(photo - shown) / np.linalg.norm(photo)
    assert explore.ranks(photo).set(k=3).picture.note == (
        f"Rank 3: 99 numbers, 41.2% of 240; relative error {error:.3f}."
    )


def test_the_first_rank_is_the_one_that_was_asked_for_and_at_most_the_smaller_side(photo):
    assert explore.ranks(photo, rank=2).twin.note.startswith("Rank 2:")
    assert explore.ranks(photo, rank=99).twin.note.startswith("Rank 12:")
    assert "relative error 0.000" in explore.ranks(photo, rank=99).twin.note


def test_a_photograph_in_colour_or_of_whole_numbers_is_refused(photo):
    with pytest.raises(ValueError, match="rank 2"):
        explore.ranks(np.stack([photo] * 3, axis=-1))
    with pytest.raises(ValueError, match="0 to 1"):
        explore.ranks(photo * 255)
