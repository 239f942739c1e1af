"""A working copy brought up to date: the lesson's new text, the learner's answers, edits, notes and outputs."""

from __future__ import annotations

import copy
import difflib
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from course.learner.copies import binding, shipped
from course.learner.copies.shipped import Shipped, is_answer, is_locked, mark, signature

if TYPE_CHECKING:
    from nbformat import NotebookNode

ALIKE = 0.5
"""Two cells, one gone and one new at the same place, count as one that was rewritten from this similarity on."""
_LESSONS_KEYS = ("nbgrader", "tags", "deletable", "editable")


@dataclass(frozen=True)
class Change:
    """One thing that an update did, or left alone, with one cell.

    Attributes:
        kind: "new", "updated", "removed", "answer", "edited", "noted", "restored" or "retired".
        cell: the cell's lesson id.
        text: the cell's first line.
        detail: what more there is to say, or "".
    """

    kind: str
    cell: str
    text: str
    detail: str = ""


@dataclass
class Merged:
    """A notebook brought up to date, and what that took.

    Attributes:
        notebook: the result.
        changes: what was changed, and what of the learner's now differs from the lesson, in the order of the cells.
        answers: how many answers of the learner's were kept.
        own: how many cells of the learner's own were kept.
        left_out: how many of the lesson's cells the learner had removed, and are not brought back.
    """

    notebook: NotebookNode
    changes: list[Change] = field(default_factory=list)
    answers: int = 0
    own: int = 0
    left_out: int = 0


def merge(working: NotebookNode, new: NotebookNode, base: NotebookNode | None, when: str) -> Merged:
    """The working copy with the lesson's new text.

    Args:
        working: the learner's copy.
        new: the lesson as it is now.
        base: the lesson from which the copy was made; None where it is unknown, and is told from the cells.
        when: today, for the heading of a note that holds text of the learner's.
    """
    return _Merge(working, new, base, when).result()


class _Merge:
    def __init__(self, working: NotebookNode, new: NotebookNode, base: NotebookNode | None, when: str) -> None:
        self.when = when
        self.working, self.new = working, new
        self.ids = {cell.id for cell in new.cells}
        now = shipped.as_shipped(new)
        before = shipped.guess(working.cells, now) if base is None else shipped.as_shipped(base)
        self.before = {cell.id: cell for cell in before}
        self.names = shipped.identify(working.cells, before, now)
        renamed = _pairs(before, now)  # the old lesson's id -> the new lesson's
        self.place_of = {renamed.get(name, name): place for place, name in enumerate(self.names) if name is not None}
        self.origin = {renamed.get(name, name): cell for name, cell in self.before.items()}
        self.merged = Merged(copy.deepcopy(working))

    def result(self) -> Merged:
        """The working copy with the lesson's new text."""
        groups: list[tuple[int | None, list[NotebookNode]]] = []
        for cell in self.new.cells:
            place = self.place_of.get(cell.id)
            if place is None:
                groups.append((None, self._missing(cell)))
            else:
                groups.append((place, self._both(cell, self.working.cells[place], self.origin.get(cell.id))))
        after = self._leftovers({place for place, _ in groups})
        cells = after.get(None, [])
        for place, group in groups:
            cells += group
            if place is not None:
                cells += after.get(place, [])
        notebook = self.merged.notebook
        notebook.cells = _with_ids(cells)
        for key, value in self.new.metadata.items():
            notebook.metadata.setdefault(key, copy.deepcopy(value))
        notebook.nbformat_minor = max(notebook.nbformat_minor, self.new.nbformat_minor)  # 4.5 is the first with ids
        return self.merged

    def _missing(self, new: NotebookNode) -> list[NotebookNode]:
        """What comes of a lesson's cell that the working copy has not: new, or taken out by the learner."""
        if is_answer(new) and self._answered_elsewhere(mark(new)["grade_id"]):
            return []  # the untouched exercise, below it, would take the answer's name
        if self.origin.get(new.id) is None:
            self._tell("new", new)
        elif mark(new):
            self._tell("restored", new)
        else:
            self.merged.left_out += 1
            return []
        return [copy.deepcopy(new)]

    def _answered_elsewhere(self, exercise: str) -> bool:
        """Whether a cell that answers something else, or is the learner's own, answers the exercise, too."""
        sources = [cell.source for cell in self.working.cells if cell.cell_type == "code"]
        return any(binding.makes(one, exercise) and not binding.is_stub(one, exercise) for one in sources)

    def _both(self, new: NotebookNode, mine: NotebookNode, origin: Shipped | None) -> list[NotebookNode]:
        """What comes of a cell that both have: whose text is it to be?"""
        kept = _dressed(mine, new, origin)
        was = None if origin is None else origin.text
        same, unedited = _same(mine.source, new.source), _same(mine.source, was)
        # Of a stub that nobody knows as the lesson's the learner may have written the comments: both texts stay.
        bare = was is None and is_answer(new) and binding.is_stub(mine.source, mark(new)["grade_id"])
        answered = is_answer(new) and not same and not unedited and not bare
        self.merged.answers += answered
        if same or _same(was, new.source):
            return [kept]  # the lesson has nothing new
        if unedited:
            self._tell("updated", new)
            return [_with_text(kept, new)]
        if answered:
            self._tell("answer", new, _how_it_begins(mine, new, was))
            return [kept]
        if not is_locked(new) and (was is not None or (origin is not None and origin.edited)):
            self._tell("edited", new)
            return [kept]
        # The exercises need it, or nobody can tell whether its text is the learner's: both texts stay.
        self._tell("noted", new)
        return [_with_text(kept, new), self._note(mine)]

    def _leftovers(self, stay: set[int | None]) -> dict[int | None, list[NotebookNode]]:
        """The learner's own cells, and lesson's cells that the lesson no longer has, by the cell that they follow."""
        after: dict[int | None, list[NotebookNode]] = {}
        anchor: int | None = None
        for place, cell in enumerate(self.working.cells):
            if place in stay:
                anchor = place
            else:
                after.setdefault(anchor, []).extend(self._leftover(cell, self.names[place]))
        return after

    def _leftover(self, cell: NotebookNode, name: str | None) -> list[NotebookNode]:
        origin = None if name is None else self.before.get(name)
        if origin is None:
            self.merged.own += 1
            return [_unmarked(cell, self.ids)]
        if is_locked(cell) or _same(cell.source, origin.text):
            self._tell("removed", cell)
            return []
        if is_answer(cell) or origin.edited or origin.text is not None:
            self._tell("retired", cell)
            return [_unmarked(cell, self.ids)]
        self._tell("noted", cell)
        return [self._note(cell)]

    def _note(self, cell: NotebookNode) -> NotebookNode:
        """A folded cell that keeps a text of the working copy."""
        import nbformat.v4

        text = cell.source.rstrip()
        if cell.cell_type == "code":
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
            text = f"{fence}python\n{text}\n{fence}"
        summary = f"What stood here in your copy before the update of {self.when}"
        return nbformat.v4.new_markdown_cell(f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>")

    def _tell(self, kind: str, cell: NotebookNode, detail: str = "") -> None:
        first = next((line for line in cell.source.splitlines() if line.strip(" -#")), "")
        self.merged.changes.append(Change(kind, cell.get("id", ""), first.lstrip("# ")[:70], detail))


def _pairs(before: list[Shipped], now: list[Shipped]) -> dict[str, str]:
    """The id in today's lesson of each cell of the old one whose id has changed, as it does with its text.

    A cell that is gone and a new one at the same place count as one that was rewritten, where they are alike.
    """
    old_ids, new_ids = [cell.id for cell in before], [cell.id for cell in now]
    pairs: dict[str, str] = {}
    matcher = difflib.SequenceMatcher(None, old_ids, new_ids, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind != "replace":
            continue
        gone = [cell for cell in before[start:end] if cell.id not in new_ids and not cell.grade_id]
        come = [cell for cell in now[new_start:new_end] if cell.id not in old_ids and not cell.grade_id]
        likeness = sorted(
            (
                (difflib.SequenceMatcher(None, old.look, new.look, autojunk=False).ratio(), old.id, new.id)
                for old in gone
                for new in come
                if old.kind == new.kind
            ),
            reverse=True,
        )
        for ratio, old, new in likeness:
            if ratio >= ALIKE and old not in pairs and new not in pairs.values():
                pairs[old] = new
    return pairs


def _dressed(mine: NotebookNode, new: NotebookNode, origin: Shipped | None) -> NotebookNode:
    """The learner's cell under the lesson's id, with the lesson's marks and the learner's other metadata and tags."""
    cell = copy.deepcopy(mine)
    cell["id"] = new.id
    theirs = set(origin.tags if origin else ())
    tags = list(new.metadata.get("tags", ()))
    tags += [tag for tag in mine.metadata.get("tags", ()) if tag not in theirs and tag not in tags]
    for key in _LESSONS_KEYS:
        cell.metadata.pop(key, None)
        if key in new.metadata:
            cell.metadata[key] = copy.deepcopy(new.metadata[key])
    if tags:
        cell.metadata["tags"] = tags
    return cell


def _with_text(cell: NotebookNode, new: NotebookNode) -> NotebookNode:
    """The cell with the lesson's text; what the old code had printed goes."""
    cell.source = new.source
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    return cell


def _unmarked(cell: NotebookNode, lessons: set[str]) -> NotebookNode:
    """The cell without what is the lesson's: nbgrader accepts a grade id once, and Jupyter a cell id."""
    cell = copy.deepcopy(cell)
    if cell.get("id") in lessons:
        del cell["id"]
    if mark(cell):
        for key in ("nbgrader", "deletable", "editable"):
            cell.metadata.pop(key, None)
    return cell


def _with_ids(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The same cells; those of the learner get an id where they have none, or one that is taken."""
    taken: set[str] = set()
    for cell in cells:
        name = cell.get("id")
        if not isinstance(name, str) or not name or name in taken:
            cell["id"] = name = uuid.uuid4().hex[:8]
        taken.add(name)
    return cells


def _how_it_begins(mine: NotebookNode, new: NotebookNode, was: str | None) -> str:
    """What to say of an answer whose exercise has a new text."""
    name = mark(new).get("grade_id", "")
    now, before = signature(new.source, name), signature(mine.source if was is None else was, name)
    if now and before and now != before:
        return f"the exercise begins with {now} now, and yours with {signature(mine.source, name) or 'something else'}"
    return "the text of the exercise has changed"


def _same(one: str | None, other: str | None) -> bool:
    """Whether two texts are known and equal, but for space at their ends."""
    return one is not None and other is not None and one.strip() == other.strip()
