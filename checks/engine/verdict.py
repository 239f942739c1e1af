"""The outcome of a check."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from checks.engine import card
from checks.engine.outcome import Outcome

__all__ = ["Outcome", "Part", "Verdict"]

MAX_TEXT, MAX_SENTENCES = 4_000, 20
"""Characters of one text of a verdict, and sentences on what differs."""


@dataclass(frozen=True)
class Part:
    """One group of cases: whether all of them passed, and the points they carry."""

    name: str
    passed: bool
    points: float


@dataclass(frozen=True)
class Verdict:
    """What a check found, as plain text and numbers.

    Attributes:
        exercise: the exercise's name.
        outcome: one of the five.
        points: earned, within [0, out_of].
        out_of: what the exercise is worth.
        problems: what differs, the coarsest first.
        case: the smallest failing call, as the learner would type it.
        got: what came back from it.
        mistake: the name of the recognised mistake, or None.
        advice: what to say about it, or None.
        hidden: the failing case is a hidden one.
        line: the number and text of the learner's own failing line, or None.
        parts: the groups of cases.
        notes: side effects worth knowing (something printed, a changed input, a patched module).
        seed: repeats the hidden cases.
        seconds: what the check took.
    """

    exercise: str
    outcome: Outcome
    points: float
    out_of: float
    problems: tuple[str, ...] = ()
    case: str = ""
    got: str = ""
    mistake: str | None = None
    advice: str | None = None
    hidden: bool = False
    line: tuple[int, str] | None = None
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    seed: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        for name in ("case", "got", "advice"):
            object.__setattr__(self, name, _printable(getattr(self, name)))
        for name in ("problems", "notes"):
            object.__setattr__(self, name, tuple(map(_printable, getattr(self, name)[:MAX_SENTENCES])))
        if self.line:
            object.__setattr__(self, "line", (self.line[0], _printable(self.line[1])))

    @property
    def correct(self) -> bool:
        """Whether every case passed."""
        return self.outcome is Outcome.CORRECT

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON-ready data."""
        return asdict(self) | {"outcome": str(self.outcome)}

    def __str__(self) -> str:
        return card.text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": card.text(self), "text/html": card.html(self)}

    def __repr__(self) -> str:
        return f"<{self.exercise}: {self.outcome}, {self.points:g} of {self.out_of:g} points>"


def _printable(text: str | None) -> str | None:
    """The text with control signs, half characters and turned writing as escapes: it must reach every front end.

    Cut where it is very long: a name or a key that an answer made up may have millions of signs.
    """
    if text and len(text) > MAX_TEXT:
        text = f"{text[: MAX_TEXT - 1]}…"
    return text and "".join(
        sign if sign.isprintable() or sign in "\n\t\u200d" else sign.encode("unicode_escape").decode() for sign in text
    )
