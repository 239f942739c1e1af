"""Pictures of a request and its answer: told in the alt text, and inside their boxes however long they are."""

from __future__ import annotations

import pytest

from course import plot
from course.plot.canvas import text_width
from course.plot.exchanges import PAD, WIDTH


def test_the_alt_text_tells_request_status_and_answer():
    alt = plot.exchange("curl http://here -d '[1]'", '{"predictions": [3.0]}', 200, title="A call").alt
    assert alt == "A call: request: curl http://here -d '[1]' answer 200: answered: {\"predictions\": [3.0]}"
    assert "answer 404: refused" in plot.exchange("a", "b", 404).alt


def test_a_refusal_differs_by_more_than_colour():
    def edges(status):
        board = plot.exchange("a", "b", status).figure.axes[0]
        return {patch.get_linestyle() for patch in board.patches if hasattr(patch, "get_boxstyle")}

    assert len(edges(400)) == 2
    assert len(edges(200)) == 1


@pytest.mark.parametrize("answer", ["word " * 300, "x" * 3000, "[1,2,3]\n" * 40, "$x$ costs 5 $"])
def test_no_line_leaves_its_box_and_no_answer_fills_the_page(answer):
    board = plot.exchange("curl", answer, 200).figure.axes[0]
    lines = [line for text in board.texts for line in text.get_text().split("\n")]
    assert len(lines) < 15
    assert all(text_width(line) <= WIDTH - 2 * PAD + 0.01 for line in lines)


def test_a_status_that_is_none_is_refused():
    for status in (0, 1000, True, "200"):
        with pytest.raises(ValueError, match="HTTP status"):
            plot.exchange("a", "b", status)
