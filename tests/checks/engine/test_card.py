"""A verdict as a card: the same words in HTML and in plain text, safe to show and readable by anyone."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from checks.engine import card
from checks.engine.verdict import Outcome, Part, Verdict

PARTS = (Part("the example", True, 0), Part("any shape", False, 2), Part("negative numbers", True, 1))
FULL = Verdict(
    "double",
    Outcome.WRONG,
    1,
    3,
    problems=("values: 1 of 2 differ, at [1]: expected 4, got 5", "dtype: expected float32, got int32"),
    case="double(x=tf.constant([1, 2]))",
    got="tf.constant([1, 5])\nin two lines",
    mistake="plus_three",
    advice="You added 3: twice means times 2.",
    line=(2, "return x + 3"),
    parts=PARTS,
    notes=("your answer printed 3 characters",),
)


class Page(HTMLParser):
    """What a reader, and what a screen reader, finds in a card."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def plain_words(verdict: Verdict) -> list[str]:
    """The words of the plain text, without the colons after labels, which the HTML writes in bold."""
    labels = "Your line|What differs|What happened|Called|Came back|Already right|Note"
    text = re.sub(rf"^(  (?:{labels})): ", r"\1 ", card.text(verdict), flags=re.MULTILINE)
    return text.split()


OUTCOMES = [
    Verdict("double", Outcome.CORRECT, 3, 3, parts=PARTS, notes=("your answer printed 3 characters",)),
    Verdict("double", Outcome.CORRECT, 1, 1),
    FULL,
    replace(FULL, outcome=Outcome.ERROR, got="", mistake=None, advice=None),
    Verdict(
        "double", Outcome.NOT_ATTEMPTED, 0, 3, problems=("There is no double yet: run the cell in which you write it.",)
    ),
    Verdict("double", Outcome.UNCHECKED, 0, 3, problems=("This is a fault of the course, not yours.",)),
]


@pytest.mark.parametrize("verdict", OUTCOMES, ids=lambda verdict: f"{verdict.outcome}-{verdict.out_of}")
def test_html_says_the_same_words_as_the_text(verdict: Verdict):
    assert Page(card.html(verdict)).words == plain_words(verdict)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_outcome_is_told_in_words_beside_sign_and_colour(outcome: Outcome):
    verdict = replace(FULL, outcome=outcome)
    first = card.text(verdict).splitlines()[0]
    assert first == f"{card.SIGNS[outcome]} {card.TITLES[outcome]} · double · 1 of 3 points"
    page = Page(card.html(verdict))
    box = page.tags[0][1]
    assert box["role"] == "status"
    assert box["aria-label"] == card.headline(verdict)
    sign = next(attributes for tag, attributes in page.tags if tag == "span")
    assert sign["aria-hidden"] == "true"
    assert card.COLOURS[outcome] in str(box["style"])
    assert len({*card.SIGNS.values()}) == len({*card.TITLES.values()}) == len(Outcome)


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", sorted({*card.COLOURS.values()}))
@pytest.mark.parametrize("ground", ["#ffffff", "#111111"])
def test_signs_stand_out_on_light_and_dark(colour: str, ground: str):
    assert _contrast(colour, ground) >= 3  # what WCAG asks of signs and borders; words have the theme's own ink


def test_card_tells_all_it_knows():
    text = card.text(FULL)
    for part in (*FULL.problems, FULL.case, "in two lines", FULL.advice, "2: return x + 3", FULL.notes[0]):
        assert str(part) in text
    assert "Already right: the example, negative numbers" in text
    assert "hint(double)" in text
    assert "plus_three" not in text


def test_correct_card_names_the_hidden_cases():
    assert "Held on the example and on hidden cases: any shape, negative numbers." in card.text(OUTCOMES[0])
    assert "hint" not in card.text(OUTCOMES[0])
    assert card.text(OUTCOMES[1]) == "✓ Correct · double · 1 of 1 point"


def test_what_an_answer_says_is_no_markup():
    evil = "<script>alert('x')</script>&amp;\"<b>"
    verdict = replace(
        FULL, exercise=evil, problems=(evil,), case=evil, got=evil, advice=evil, line=(1, evil), notes=(evil,)
    )
    html = card.html(verdict)
    assert "<script" not in html
    assert {tag for tag, _ in Page(html).tags} == {"div", "span", "b", "pre"}
    assert Page(html).words == plain_words(verdict)
    assert Page(html).tags[0][1]["aria-label"] == card.headline(verdict)


def test_signs_that_no_screen_shows_are_written_out():
    odd = "half \ud800 bell \a turned \u202e null \0 tab\t end"
    verdict = replace(FULL, problems=(odd,), case=odd, got=odd, advice=odd, line=(1, odd), notes=(odd,))
    for shown in (card.text(verdict), card.html(verdict), json.dumps(verdict.as_dict(), ensure_ascii=False)):
        shown.encode("utf-8")
        assert not {*shown} & {"\a", "\0", "\u202e"}
    assert "half \\ud800 bell \\x07 turned \\u202e null \\x00 tab\t end" in card.text(verdict)
    assert replace(FULL, advice="👩\u200d🔬 ok").advice == "👩\u200d🔬 ok"


def test_what_an_answer_says_is_cut():
    long = ("x" * 10**6,) * 500
    verdict = Verdict("f", Outcome.WRONG, 0, 2, problems=long, got=long[0], case=long[0], notes=long)
    assert len(str(verdict.as_dict())) < 200_000


def test_verdict_shows_itself():
    bundle = FULL._repr_mimebundle_()
    assert bundle == {"text/plain": card.text(FULL), "text/html": card.html(FULL)}
    assert str(FULL) == card.text(FULL)
    assert repr(FULL) == "<double: wrong, 1 of 3 points>"


def test_verdict_is_data():
    data = json.loads(json.dumps(FULL.as_dict()))
    assert data["outcome"] == "wrong"
    assert data["parts"][1] == {"name": "any shape", "passed": False, "points": 2}
    assert (data["points"], data["out_of"], data["line"]) == (1, 3, [2, "return x + 3"])


def test_what_was_not_compared_is_no_difference():
    for outcome in (Outcome.NOT_ATTEMPTED, Outcome.UNCHECKED, Outcome.ERROR):
        shown = card.text(Verdict("double", outcome, 0, 3, problems=("SyntaxError: invalid syntax",)))
        assert "What differs" not in shown
        assert "SyntaxError: invalid syntax" in shown


def test_error_is_called_the_learners_only_where_their_line_is_known():
    known = Verdict("double", Outcome.ERROR, 0, 3, problems=("ValueError: no",), line=(3, "return x"))
    unknown = Verdict("double", Outcome.ERROR, 0, 3, problems=("ValueError: no",))
    assert card.headline(known).startswith("Error in your code")
    assert card.headline(unknown).startswith("Stopped by an error")


def test_no_card_speaks_of_a_new_cell():
    """The same words stand in a notebook, in a terminal and in the grader's page."""
    assert all("cell" not in card.text(verdict).replace("cell in which", "") for verdict in OUTCOMES)
