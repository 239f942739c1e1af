"""Tries the cases of an exercise on one answer: the witnesses of what it does, and the smallest case that fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from checks.engine import drawing
from checks.engine.exercise import Exercise, Group
from checks.engine.judging import read, witnessed
from checks.engine.memory import Memory
from checks.engine.witness import Witness

CHECK_SECONDS = 40.0
"""For an answer on all its cases. What the judge itself takes on a busy machine is not the answer's fault."""
PASSES = 4
"""Passing cases of each group that are kept as witnesses."""
FURTHER = 6
"""Cases that a group is asked for further failures, once it has failed."""
AT_LEAST = 2
"""Failing cases that any proof takes: where there are fewer, all of the next seed's cases are tried as well."""
BEYOND = 10
"""Cases of the next seed that each failed group is asked for twice the failures that were met in one group."""
MAX_WITNESS_BYTES = 200_000

Observe = Callable[[bytes], bytes]

_TOO_SLOW = {
    "result": None,
    "timed_out": "ended",
    "changed": [],
    "patched": [],
    "switched": [],
    "printed": "",
    "printed_count": 0,
    "seconds": CHECK_SECONDS,
    "room": [],
}


class Trial:
    """Tries cases on one answer and remembers what was noticed on the way.

    Attributes:
        notes: side effects worth telling, each once.
        witnesses: cases as they were drawn, failing and passing.
    """

    def __init__(self, exercise: Exercise, observe: Observe, seed: int, memory: Memory) -> None:
        self._exercise = exercise
        self._observe = observe
        self._seed = seed
        self._memory = memory
        self._used = 0.0
        self._known: dict[bytes, bool] = {}
        self._tired = False
        self.notes: list[str] = []
        self.witnesses: list[Witness] = []

    def first_failure(self, group: Group) -> Witness | None:
        """The first of the group's cases that fails, or None; a few more are tried after it, as witnesses."""
        first: Witness | None = None
        passes, failures, further = PASSES, self._exercise.failures, FURTHER
        for inputs in drawing.cases(self._exercise, group, self._seed, self._memory):
            if first is not None and (self._tired or not failures or not further):
                break
            found = self._try(inputs)
            if first is not None:
                further -= 1
            if found.fails:
                first = first or found
                failures -= 1
                self._keep(found)
            elif passes:
                passes -= 1
                self._keep(found)
            if first is not None and first.seen["timed_out"]:
                break
        return first

    def smallest(self, group: Group, first: Witness) -> Witness:
        """The smallest failing case of the group, whose first one is known."""
        if group.strategy is None or self._tired:
            return first
        met = {first.inputs.asked: first}

        def fails(inputs: drawing.Inputs) -> bool:
            found = met[inputs.asked] = self._try(inputs)
            return found.fails

        small = drawing.smaller(self._exercise, group, self._seed, self._known, fails)
        return first if small is None else met.get(small.asked, first)

    def look_further(self, groups: list[Group]) -> None:
        """Tries the next seed's cases of groups that failed, where too few failures were met to prove anything."""
        for group in groups:
            if group.strategy is None:
                continue
            for place, inputs in enumerate(drawing.cases(self._exercise, group, self._seed + 1, self._memory)):
                failures = sum(witness.fails for witness in self.witnesses)
                if self._tired or failures >= AT_LEAST * self._exercise.failures:
                    return
                if place >= BEYOND and failures >= AT_LEAST:
                    break
                found = self._try(inputs)
                if found.fails:
                    self._keep(found)

    def ask(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the answer does on one more case."""
        return self._try(drawing.case(self._exercise, inputs)).seen

    def _try(self, inputs: drawing.Inputs) -> Witness:
        if self._used >= CHECK_SECONDS:
            self._tired = True
            return Witness(inputs, _TOO_SLOW, None, (f"all cases together take more than {CHECK_SECONDS:g} seconds",))
        started = time.monotonic()
        seen = read(self._observe(inputs.asked))
        self._used += time.monotonic() - started
        self._notice(seen)
        found = witnessed(self._exercise, inputs, seen, self._memory)
        self._known[inputs.asked] = found.fails
        # One missing end is enough: each takes its full limit.
        self._tired = self._tired or bool(seen["timed_out"])
        return found

    def _keep(self, witness: Witness) -> None:
        first = witness.fails and not any(kept.fails for kept in self.witnesses)
        if first or len(witness.inputs.asked) <= MAX_WITNESS_BYTES:
            self.witnesses.append(witness)

    def _notice(self, seen: Mapping[str, Any]) -> None:
        notes = []
        if seen["printed_count"] > 0:
            start = seen["printed"].strip().splitlines()[:1]
            text = f", beginning with {start[0][:60]!r}" if start else ""
            notes.append(f"your answer printed {seen['printed_count']:,} characters{text}; only the result counts")
        if seen["changed"] and not self._exercise.keeps_inputs:
            notes.append(f"your answer changed its input {', '.join(seen['changed'])}; a caller would be surprised")
        if seen["patched"]:
            stuck = any(name in words for name in seen["patched"] for words in seen["room"])
            after = "could not be put back: restart the kernel" if stuck else "it has been put back"
            notes.append(f"your answer replaced {', '.join(seen['patched'][:3])}; {after}")
        if seen["switched"]:
            notes.append(f"a global switch was turned, {', '.join(seen['switched'][:3])}; the course's is set again")
        if seen["timed_out"] == "running":
            notes.append("your answer still runs and could not be stopped: restart the kernel (Kernel menu)")
        kinds = {note.split(" ")[2] for note in self.notes}
        self.notes += [note for note in notes if note.split(" ")[2] not in kinds]
