"""One thing that the doctor looked at, and how it stands."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass
from typing import Any


class State(enum.StrEnum):
    """How a finding stands."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what it is about, in one or two words.
        state: good; a note (something optional that is not there); a warning (it works, but may fail); broken (the
            course needs it).
        what: what was found, in one sentence or less.
        remedy: what to do about it, or "".
    """

    subject: str
    state: State
    what: str
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON-ready data."""
        return asdict(self) | {"state": str(self.state)}
