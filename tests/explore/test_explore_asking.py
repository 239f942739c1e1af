"""The explorers of a function of one's own: what is drawn follows the number or the text."""

from __future__ import annotations

from course import explore, plot


def bars_of(number):
    picture = plot.bars({"twice": 2 * number})
    picture.note = f"twice {number:g}"
    return picture


def test_a_move_draws_the_function_of_the_new_number():
    explorer = explore.by_number(bars_of, label="x", value=0.5, low=0.0, high=1.0, step=0.1, title="Double it")
    assert "twice 1" in explorer.twin.alt
    assert explorer.set(number=0.2).picture.note == "twice 0.2"
    assert "0.4" in explorer.picture.alt


def test_a_typed_text_is_drawn_and_a_failure_is_said():
    def lengths(text):
        if not text:
            raise ValueError("type a word")
        return plot.bars({word: len(word) for word in text.split()})

    explorer = explore.by_text(lengths, label="text", value="not dull", title="Lengths")
    assert "dull 4" in explorer.twin.alt
    assert "really 6" in explorer.set(text="really").picture.alt
    assert explorer.set(text="").error == "type a word"
