"""The explorer of variants: it draws what a function makes of the slider's value, and says how far apart that is."""

from __future__ import annotations

import numpy as np

from course import explore


def noisy(strength):
    return np.clip(0.5 + strength * np.random.default_rng(0).normal(size=(9, 8, 8, 3)), 0, 1)


def test_a_move_asks_for_new_pictures():
    asked = []

    def make(strength):
        asked.append(strength)
        return noisy(strength)

    explorer = explore.variants(make)
    assert asked == [0.2]
    explorer.set(strength=0.4)
    assert asked == [0.2, 0.4]
    assert not explorer.error


def test_the_note_says_how_far_apart_the_pictures_are():
    explorer = explore.variants(lambda strength: np.full((4, 8, 8), strength))
    assert "by 0% of the whole range" in explorer.picture.note
    halves = np.repeat([0, 255], 2)[:, None, None] * np.ones((4, 8, 8), np.uint8)
    assert "by 50% of" in explore.variants(lambda strength: halves.astype(np.uint8)).picture.note


def test_a_function_that_fails_is_said_on_the_board():
    def make(strength):
        if strength > 0.3:
            raise ValueError("too strong")
        return noisy(strength)

    assert explore.variants(make).set(strength=0.45).error == "too strong"
