"""A file of code can be read in one go."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 410
"""Lines of one file of code: about four hundred."""


def test_files_of_code_stay_short():
    files = [path for part in ("course", "checks") for path in (ROOT / part).rglob("*.py")]
    assert len(files) > 300
    lines = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in files}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}
