"""The arrows between modules, read from their imports: one way, and in no ring."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _modules() -> dict[str, Path]:
    found = {}
    for package in ("course", "checks"):
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _only_for_types(tree: ast.AST) -> set[int]:
    """The nodes under `if TYPE_CHECKING`, which nothing runs."""
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    return {id(inner) for block in blocks for statement in block.body for inner in ast.walk(statement)}


def _imported(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """The modules that one module imports, inside functions, too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = _only_for_types(tree)
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: import by the full name"
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {one if one in known else str(node.module) for one in full}
    return {one for one in found if one in known and one != name}


MODULES = _modules()
ARROWS = {name: _imported(name, path, MODULES) for name, path in MODULES.items()}


def _reached(start: str, arrows: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    wait = [start]
    while wait:
        for target in arrows[wait.pop()] - found:
            found.add(target)
            wait.append(target)
    return found


def _rings(arrows: dict[str, set[str]]) -> list[list[str]]:
    reached = {name: _reached(name, arrows) for name in arrows}
    rings = {
        tuple(sorted({one} | {other for other in reached[one] if one in reached[other]}))
        for one in arrows
        if one in reached[one]
    }
    return [list(ring) for ring in sorted(rings)]


def test_a_ring_would_be_found():
    assert _rings({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_no_modules_import_each_other():
    assert len(MODULES) > 250
    assert _rings(ARROWS) == []


def test_the_engine_knows_nothing_of_the_course():
    for name, targets in ARROWS.items():
        if name.startswith(("checks.engine", "checks.drivers")):
            assert {one for one in targets if not one.startswith("checks.")} == set(), name
        if name.startswith("checks.engine"):
            assert {one for one in targets if not one.startswith("checks.engine")} == set(), name


def test_an_exercise_uses_the_engine_its_own_day_and_data():
    for name, targets in ARROWS.items():
        if name.startswith("checks.day"):
            day = name.split(".")[1]
            allowed = ("checks.engine", f"checks.{day}", f"checks.drivers.{day}", "course.data")
            assert [one for one in targets if not one.startswith(allowed)] == [], name


def test_drivers_know_no_exercise():
    for name, targets in ARROWS.items():
        if name.startswith("checks.drivers"):
            assert [one for one in targets if one.startswith("checks.day")] == [], name


def test_the_runtime_is_about_devices_only():
    assert ARROWS["course.runtime"] == {"checks.engine.quiet"}


def test_only_the_opening_brings_the_others_together():
    """What a set-up line starts is known by `course.opening` alone, which is imported when it is first asked for."""
    assert [name for name, targets in ARROWS.items() if "course.opening" in targets] == []
    assert {"checks.engine.api", "course.runtime", "course.plot.style"} <= ARROWS["course.opening"]
