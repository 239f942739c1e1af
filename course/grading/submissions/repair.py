"""A submission's cells put right from the assignment: each change a sentence, no answer lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course.grading.model import Cell, Kind
from course.grading.submissions import syntax
from course.grading.submissions.assignment import Assignment, Given
from course.grading.submissions.naming import Named, Naming
from course.grading.submissions.parse import Found, unfenced

MAX_REPAIRS = 60
_INSTALL = re.compile(
    r"^[ \t]*[%!][ \t]*(?:\S*python\S*[ \t]+-m[ \t]+)?(?:pip3?|conda|mamba|micromamba|uv)\b.*\b(?:install|add)\b.*",
    re.MULTILINE,
)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass
class Draft:
    """A cell on its way into the sheet.

    Attributes:
        kind: as in `model.Cell`.
        source: its text.
        given: the assignment's cell that it is, or None for one of the student's own.
        own_id: the id that the student's file gives it.
        released: what the lesson's cell said that the student has edited.
        found: the cell of the file, for a text.
    """

    kind: Kind
    source: str
    given: Given | None = None
    own_id: str = ""
    released: str = ""
    found: Found | None = None

    @property
    def exercise(self) -> str:
        """The exercise of an answer or a check."""
        return self.given.exercise if self.given and self.kind in ("answer", "check") else ""


def repaired(found: Sequence[Found], assignment: Assignment) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    """The cells in the order in which they run, and a sentence for everything that was put right."""
    naming, work = Naming(assignment), _Repair(assignment)
    work.dropped(found)
    work.installs(found)
    cells = work.recognise(naming.join(naming.name(found)))
    cells = work.find_answers(cells)
    cells = work.put_back(work.one_answer(cells))
    cells = work.order(cells)
    repairs = list(dict.fromkeys([*naming.said, *work.said]))
    if len(repairs) > MAX_REPAIRS:
        repairs[MAX_REPAIRS:] = [f"{len(repairs) - MAX_REPAIRS} more repairs are not listed."]
    return _finished(cells, assignment), tuple(repairs)


class _Repair:
    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.names = tuple(assignment.answers)
        self.said: list[str] = []

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def dropped(self, found: Sequence[Found]) -> None:
        """Says what becomes of answers to exercises that the assignment does not have any more."""
        for name in self.assignment.dropped:
            if any(cell.type == "code" and syntax.defined(cell.source, [name]) for cell in found):
                self.say(f"The exercise {name} is no longer in the assignment: its answer is not checked.")

    def installs(self, found: Sequence[Found]) -> None:
        """Says that packages are not installed while grading."""
        lines = [match[0].strip() for cell in found if cell.type == "code" for match in _INSTALL.finditer(cell.source)]
        ours = "\n".join(given.source for given in self.assignment.cells)  # the set-up installs the course, elsewhere
        lines = [line for line in lines if line not in ours]
        if lines:
            self.say(
                f"Nothing is installed while grading, as there is no network: {lines[0][:80]!r} was passed over. "
                "The course's own packages are there."
            )

    def recognise(self, named: Iterable[Named]) -> list[Draft]:
        """What each cell is, now by its text, too."""
        drafts: list[Draft] = []
        kept: list[Draft] = []  # what students wrote into the set-up cell: it runs right after it
        stood: int | None = None
        named = list(named)
        checked = {one.given.exercise for one in named if one.given is not None and one.given.kind == "check"}
        for one in named:
            given, source = one.given, one.source
            if given is None:
                drafts.append(self._own(one))
            elif given.kind == "setup":
                stood = len(drafts) if stood is None else stood
                kept += self._setup(one)
            elif given.kind == "check":
                drafts += self._check(one)
            elif given.kind == "answer":
                drafts.append(self._answer(one, alone=given.exercise in checked))
            elif given.fixed or given.foreign_test:
                if syntax.tidy(source) != syntax.tidy(given.source):
                    self.say(f"{given.title} had been changed; the assignment's own was used.")
                drafts.append(Draft(given.kind, given.source, given))
            elif given.kind == "lesson":
                same = syntax.tidy(source) == syntax.tidy(given.source)
                skipped = one.found.type != "code" and not same
                drafts.append(Draft("lesson", given.source, given) if same else self._own(one, text=skipped))
            elif given.mark:
                drafts.append(Draft(given.kind, source, given, found=one.found))
            else:
                same = syntax.tidy(source) == syntax.tidy(given.source)
                drafts.append(Draft("text", source, given) if same else self._own(one))
        if self.assignment.setup is not None:
            setup = Draft("setup", self.assignment.setup.source, self.assignment.setup)
            if stood is None:
                self.say("The set-up cell was missing; it was put back.")
            first = next((place for place, draft in enumerate(drafts) if draft.kind != "text"), len(drafts))
            if stood is not None and stood > first:
                self.say("The set-up cell did not stand first; it was moved there.")
            place = first if stood is None else min(first, stood)
            drafts[place:place] = [setup, *kept]
        return drafts

    def _own(self, one: Named, text: bool = False) -> Draft:
        """A cell of the student's own, or one of the assignment's that was edited."""
        skipped = "skip-execution" in one.found.tags
        if one.found.type == "code" and skipped:
            self.say("A cell of the student's own was tagged to be skipped; it was not run.")
        kind: Kind = "added" if one.found.type == "code" and not skipped and not text else "text"
        given = one.given if one.given is not None and not one.given.mark else None
        own_id = one.found.id or (given.id if given else "")
        return Draft(kind, one.source, None, own_id, given.source if given else "", one.found)

    def _setup(self, one: Named) -> list[Draft]:
        given = self.assignment.setup
        if syntax.tidy(one.source) == syntax.tidy(given.source):
            return []
        extra = syntax.extras(one.source, given.source)
        if not extra.strip():
            self.say("The set-up cell had been changed; the assignment's own was used.")
            return []
        self.say("The set-up cell had been changed; the assignment's own runs, and what was added runs right after it.")
        return [Draft("added", extra, None, f"{given.id}-added")]

    def _check(self, one: Named) -> list[Draft]:
        given = one.given
        marker = Draft("check", given.source, given)
        if syntax.tidy(one.source) == syntax.tidy(given.source):
            return [marker]
        rest = syntax.without(one.source, given.source)
        if syntax.defined(rest, self.names):
            self.say(f"{given.title} held code of the student's; it runs in a cell of its own.")
            return [marker, Draft("added", rest)]
        self.say(f"{given.title} had been changed; the assignment's own was used.")
        return [marker]

    def _answer(self, one: Named, alone: bool) -> Draft:
        """An answer cell; without the check's text, where the check stands nowhere else."""
        rest = one.source if alone else syntax.without(one.source, self.assignment.checks[one.given.exercise].source)
        if rest != one.source:
            self.say(f"{one.given.title} and its check stood in one cell; they were taken apart.")
        return Draft("answer", rest, one.given)

    def find_answers(self, drafts: list[Draft]) -> list[Draft]:
        """The cells with answers recognised that stand in another cell while their own is untouched or missing."""
        missing = [name for name in self.names if not any(self._answers(draft, name) for draft in drafts)]
        held: dict[int, list[str]] = {}
        for test in (self._defines, self._assigns):
            for name in missing:
                for place, draft in enumerate(drafts):
                    if test(draft, name):
                        held.setdefault(place, []).append(name)
            missing = [name for name in missing if not any(name in names for names in held.values())]
        parts: list[Draft] = []
        for place, draft in enumerate(drafts):
            parts += self._shared(draft, held[place]) if place in held else [self._strange(draft)]
        return parts

    def _strange(self, draft: Draft) -> Draft:
        """The cell; as code of the student's own, where an answer's cell holds another exercise's alone."""
        name = draft.exercise
        if draft.kind != "answer" or not syntax.defined(draft.source, self.names):
            return draft
        if syntax.defined(draft.source, [name]) or syntax.assigned(draft.source, [name]):
            return draft
        self.say(f"The cell of {name} held another exercise's answer; it ran as code of the student's own.")
        return Draft("added", draft.source, None, draft.own_id)

    def _answers(self, draft: Draft, name: str) -> bool:
        """Whether a cell is the answer to an exercise and gives it its name."""
        if draft.kind != "answer" or draft.exercise != name or self._untouched(draft.source, name):
            return False
        return bool(syntax.defined(draft.source, [name]) or syntax.assigned(draft.source, [name]))

    def _defines(self, draft: Draft, name: str) -> bool:
        """Whether a cell that is not the exercise's own defines it."""
        source = unfenced(draft.source) if draft.kind == "text" else draft.source
        if draft.kind == "answer":
            fits = draft.exercise != name
        elif draft.kind == "text":
            fits = draft.given is None and name in source and syntax.compiles(source)
        else:
            fits = draft.kind == "added" and draft.given is None
        if not fits or syntax.defined(draft.released, [name]):
            return False
        return bool(syntax.defined(source, [name])) and not syntax.idle(source, name)

    def _shared(self, draft: Draft, names: list[str]) -> list[Draft]:
        """A cell with answers to exercises that are answered nowhere else, cut into one cell for each."""
        draft.source = unfenced(draft.source) if draft.kind == "text" else draft.source
        if draft.kind != "answer":
            self.say(f"The answer to {' and '.join(names)} stood in another cell; it was found by its name.")
        elif self._answers(draft, draft.exercise):
            names = [draft.exercise, *names]
            self.say(f"One cell held the answers to {' and '.join(names)}; each was graded.")
        else:
            self.say(f"{draft.given.title} held the answer to {' and '.join(names)}; it was graded as that.")
        cut = syntax.pieces(draft.source, names)
        if {name for name, _ in cut} == set(names):
            return [Draft("answer", text, self.assignment.answers[name]) for name, text in cut]
        # It cannot be cut: it runs whole, and an empty answer keeps the others' place.
        note = f"pass  # Answered in the cell of {names[0]}."
        empty = [Draft("answer", note, self.assignment.answers[name]) for name in names[1:]]
        return [Draft("answer", draft.source, self.assignment.answers[names[0]]), *empty]

    def _assigns(self, draft: Draft, name: str) -> bool:
        fits = draft.kind == "added" and draft.given is None and not syntax.assigned(draft.released, [name])
        return fits and bool(syntax.assigned(draft.source, [name]))

    def _untouched(self, source: str, name: str) -> bool:
        return self._plain_stub(source, name) or syntax.idle(source, name)

    def _plain_stub(self, source: str, name: str) -> bool:
        return syntax.bare(source) in ("", syntax.bare(self.assignment.answers[name].source))

    def one_answer(self, drafts: list[Draft]) -> list[Draft]:
        """The cells without the stubs of exercises that are answered elsewhere, and at most one stub of the others."""
        for name in self.names:
            own = [draft for draft in drafts if draft.kind == "answer" and draft.exercise == name]
            stubs = [draft for draft in own if self._untouched(draft.source, name)]
            real = [draft for draft in own if not any(draft is one for one in stubs)]
            gone = [draft for draft in (stubs if real else stubs[:-1]) if self._plain_stub(draft.source, name)]
            # A stub that something was added to must not undo the answer: it runs before it.
            early = [draft for draft in stubs if real and not self._plain_stub(draft.source, name)]
            leaving = {id(draft) for draft in (*gone, *early)}
            drafts = [draft for draft in drafts if id(draft) not in leaving]
            first = next((place for place, draft in enumerate(drafts) if real and draft is real[0]), 0)
            drafts[first:first] = early
            if len(real) > 1:
                self.say(f"The answer to {name} stood in {len(real)} cells; all of them ran, and the last one counts.")
            elif len(own) > 1:
                self.say(f"The cell of {name} stood there {len(own)} times; the untouched ones do not count.")
            if not real and stubs and not syntax.bare(stubs[-1].source):
                stubs[-1].source = self.assignment.answers[name].source
                self.say(f"The cell of {name} was empty; the untouched exercise was put back.")
        return drafts

    def put_back(self, drafts: list[Draft]) -> list[Draft]:
        """The cells with whatever is missing of the assignment's marked ones, each once and each where it belongs."""
        kept = self._once(drafts)
        there = {draft.given.id for draft in kept if draft.given is not None}
        place = -1
        for given in self.assignment.cells:
            if given.mark and given.id not in there:
                kept.insert(place + 1, Draft(given.kind, given.source, given))
                what = "the untouched exercise stands in its place" if given.kind == "answer" else "it was put back"
                self.say(f"{given.title} was missing; {what}.")
            places = [index for index, draft in enumerate(kept) if draft.given is given]
            place = places[-1] if places else place
        return kept

    def _once(self, drafts: list[Draft]) -> list[Draft]:
        """The cells with one of each that nbgrader marks; of an instructor's question the last that was edited."""
        counts: dict[str, Draft] = {}
        for draft in drafts:
            given = draft.given
            if given is not None and given.mark and draft.kind not in ("answer", "lesson"):
                before = counts.get(given.id)
                edited = not given.fixed and syntax.tidy(draft.source) != syntax.tidy(given.source)
                if before is None or edited:
                    counts[given.id] = draft
                if before is not None:
                    self.say(f"{given.title} stood there more than once; it counts once.")
        kept = []
        for draft in drafts:
            given = draft.given
            if given is None or given.id not in counts or counts[given.id] is draft:
                kept.append(draft)
            elif draft.kind not in ("setup", "check") and not given.fixed:
                kept.append(Draft(draft.kind, draft.source, None, given.id, found=draft.found))
        return kept

    def order(self, drafts: list[Draft]) -> list[Draft]:
        """The cells with the set-up first of all code, and each check after the last answer to its exercise."""
        setup = next((place for place, draft in enumerate(drafts) if draft.kind == "setup"), None)
        if setup is not None:
            first = next(place for place, draft in enumerate(drafts) if draft.kind != "text")
            drafts.insert(first, drafts.pop(setup))
        for name, given in self.assignment.checks.items():
            last = max(place for place, draft in enumerate(drafts) if draft.kind == "answer" and draft.exercise == name)
            check = next(place for place, draft in enumerate(drafts) if draft.kind == "check" and draft.given is given)
            if check < last:
                drafts.insert(last + 1, drafts[check])
                del drafts[check]
                self.say(f"{given.title} stood before its answer; it was moved after it.")
        return drafts


def _finished(drafts: Sequence[Draft], assignment: Assignment) -> tuple[Cell, ...]:
    """The cells with ids of their own: of several with one id the last keeps it, as it is the one that counts."""
    taken = set(assignment.by_id)
    used: set[str] = set()
    cells: list[Cell] = []
    for draft in reversed(drafts):
        own = draft.given.id if draft.given is not None else draft.own_id
        if draft.given is not None and own not in used:
            name = own
        else:
            stem = own if _ID.fullmatch(own) else draft.kind
            name = _free(stem, taken)
        used.add(name)
        taken.add(name)
        text = draft.found if draft.kind == "text" and draft.found and draft.found.type == "markdown" else None
        pasted = {key: dict(kinds) for key, kinds in text.attachments.items()} if text else {}
        cells.append(Cell(name, draft.kind, draft.source, draft.exercise, text is not None, pasted))
    return tuple(reversed(cells))


def _free(stem: str, taken: set[str]) -> str:
    if stem not in taken:
        return stem
    count = 2
    while f"{stem}-{count}" in taken:
        count += 1
    return f"{stem}-{count}"
