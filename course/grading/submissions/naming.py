"""First step of the repair: which of the assignment's cells each cell of a submission is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from course.grading.submissions import syntax
from course.grading.submissions.assignment import Assignment, Given
from course.grading.submissions.parse import Found, unfenced

_TRIVIAL = 12  # characters: a shorter text says nothing about which cell it is
_MOST_PIECES = 50  # of a cell that was cut: all are read again for each
_MARKS = ("grade", "solution", "locked", "task", "points", "schema_version")


@dataclass
class Named:
    """A found cell, and the assignment's cell that it is.

    Attributes:
        found: the cell as the file has it.
        source: its text, together with that of cells that belong to it.
        given: the assignment's cell, or None for one of the student's own.
    """

    found: Found
    source: str
    given: Given | None


class Naming:
    """Tells cells apart by nbgrader's id, by their own, and by their text.

    Attributes:
        said: what was put right, a sentence each.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.said: list[str] = []
        self._known = assignment.by_id
        self._by_exact: dict[str, list[Given]] = {}
        for given in assignment.cells:
            self._by_exact.setdefault(syntax.tidy(given.source), []).append(given)

    def name(self, found: Sequence[Found]) -> list[Named]:
        """Which of the assignment's cells each cell is: by nbgrader's id, by its own, else by its text."""
        named = []
        for cell in found:
            given = self._known.get(cell.grade_id) or self._known.get(cell.id)
            code = given is not None and given.cell_type == "code" and cell.type != "code"
            named.append(Named(cell, unfenced(cell.source) if code else cell.source, given))
        claimed = {one.given.id for one in named if one.given and self._agrees(one) and self._claims(one)}
        for one in named:
            if self._agrees(one):
                continue
            told, given = one.given, self._by_text(one, claimed)
            if given is None:
                # The text of a check that stands elsewhere is no answer, whatever its mark says.
                one.given = None if told is not None and told.kind == "answer" else told
                continue
            one.given = given
            if told is not None:
                self.said.append(f"{told.title} held the text of {given.phrase}; each was put where it belongs.")
            elif given.id not in claimed:
                self._marks(one.found, given)
            claimed.add(given.id)
        for one in named:
            by_id = self._known.get(one.found.grade_id), self._known.get(one.found.id)
            if one.given is not None and one.given in by_id:
                self._marks(one.found, one.given)
        return named

    def _agrees(self, one: Named) -> bool:
        """Whether a cell's text does not speak against the id that it carries."""
        text = syntax.tidy(one.source)
        exact = self._by_exact.get(text, [])
        return one.given is not None and (not exact or one.given in exact or len(text) < _TRIVIAL)

    def _claims(self, one: Named) -> bool:
        """Whether no other cell can be what this one says it is: a check's mark on other text is not enough."""
        return not one.given.fixed or one.given in self._by_exact.get(syntax.tidy(one.source), [])

    def _by_text(self, one: Named, claimed: set[str]) -> Given | None:
        """The cell of that very text which no other cell is."""
        exact = self._by_exact.get(syntax.tidy(one.source), [])
        for given in exact:
            if given.id not in claimed and (given.cell_type == one.found.type or given.kind != "text"):
                return given
        # Another copy of a lesson cell or of a stub is what it is; one of a check is a learner trying it again.
        return exact[0] if exact and exact[0].kind in ("lesson", "answer") else None

    def _marks(self, cell: Found, given: Given) -> None:
        mark = given.mark
        if not mark:
            return
        if cell.grade_id != given.id or cell.mark is None:
            self.said.append(f"The grading mark of {given.phrase} had been removed; the assignment's own was used.")
        elif (other := [key for key in _MARKS if _differs(cell.mark.get(key), mark.get(key))]) == ["points"]:
            # No blame: an instructor may have changed them after the notebook was handed out.
            self.said.append(f"The grading mark of {given.phrase} gave other points; the assignment's own were used.")
        elif other:
            self.said.append(f"The grading mark of {given.phrase} had been changed; the assignment's own was used.")
        if given.kind in ("setup", "answer", "check") and "skip-execution" in cell.tags:
            self.said.append(f"{given.title} was tagged to be skipped; the tag was ignored.")
        if cell.type != given.cell_type:
            was = f"a {cell.type} cell" if cell.type != "raw" else "not a code cell"
            self.said.append(f"{given.title} was {was}; it was taken as {given.cell_type}.")

    def join(self, named: list[Named]) -> list[Named]:
        """The cells with those put together that had been cut in two and only compile together."""
        groups: dict[str, list[Named]] = {}
        for one in named:
            if one.given is not None and one.given.kind == "answer":
                groups.setdefault(one.given.id, []).append(one)
        gone: set[int] = set()
        for parts in groups.values():
            whole = "\n".join(part.source for part in parts)
            if len(parts) > 1 and not all(syntax.compiles(part.source) for part in parts) and syntax.compiles(whole):
                parts[0].source = whole
                gone |= {id(part) for part in parts[1:]}
                self.said.append(f"{parts[0].given.title} had been cut into {len(parts)} cells; they were joined.")
        joined: list[Named] = []
        pieces = 1
        for one in named:
            if id(one) in gone:
                continue
            last = joined[-1] if joined else None
            if last is not None and pieces < _MOST_PIECES and self._continues(last, one):
                pieces += 1
                last.source = f"{last.source}\n{one.source}"
                title = last.given.title if last.given else "A cell of the student's own"
                self.said.append(f"{title} had been cut in two; the halves were joined.")
            else:
                pieces = 1
                joined.append(one)
        return joined

    def _continues(self, last: Named, one: Named) -> bool:
        """Whether a cell of the student's is the second half of the one before it."""
        if one.given is not None or one.found.type != "code" or not syntax.continues(one.source):
            return False
        fixed = last.given is not None and last.given.fixed
        code = last.found.type == "code" or (last.given is not None and last.given.kind == "answer")
        together = f"{last.source}\n{one.source}"
        return code and not fixed and not syntax.compiles(one.source) and syntax.compiles(together)


def _differs(found: object, given: object) -> bool:
    """Whether a mark's value is another one; numbers by value, everything else by type, too."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        return isinstance(found, bool) or not isinstance(found, int | float) or found != given
    return (found or None) is not (given or None) if isinstance(given, bool) or given is None else found != given
