"""How the tests are shared between pytest's workers: the longest parts first, and long files in parts.

A worker takes a part whole, so that a fixture of a module or a class is made once. A part is a file, but for the files
of `SPLIT`: their tests are told apart by the day that their parameters name, and share nothing but what a worker
keeps.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from xdist.scheduler import LoadScopeScheduling

SPLIT = {
    "test_stock.py": r"day\d\d",
    "test_exercises.py": r"day\d\d",
    "test_nbval.py": r"\[(.*)\]",
}
"""Files that are shared in parts: what of a test's name tells its part."""

LONGEST = (
    "test_hostile.py",
    "test_nbval.py",
    "test_stock.py",
    "test_every_day.py",
    "test_fault.py",
    "test_exercises.py",
)
"""Files that come first, in this order; then the rest."""


def part(nodeid: str) -> str:
    """The part that a test belongs to."""
    file, _, test = nodeid.partition("::")
    found = re.search(SPLIT.get(PurePath(file).name, "$^"), test)
    return f"{file}::{found[0]}" if found else file


def order(file: str) -> int:
    """Where a file of tests stands in the order; what is not named comes last."""
    name = PurePath(file).name
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


class InParts(LoadScopeScheduling):
    """xdist's scheduler, with these parts."""

    def _split_scope(self, nodeid: str) -> str:
        return part(nodeid)
