"""Looks at what an answer does: calls it on inputs and reduces what comes back to plain data.

This half runs beside the learner's code. It never sees an expected value.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from checks.engine import guard, room, switches, wire
from checks.engine.exercise import driver
from checks.engine.plain import live, plain
from checks.engine.quiet import printing_kept
from checks.engine.raising import raised
from checks.engine.worker import Stopped, TimedOut, Worker

COMPARED_BYTES = 2**20


class Unusable(Exception):
    """What the answer returned cannot be put to use; the message says so to the learner. Raised by drivers."""


def each(returned: Any, otherwise: str) -> Iterator[Any]:
    """The items of what an answer returned, one by one; what its own code raises on the way goes through.

    Raises:
        Unusable: it cannot be iterated over; says `otherwise`.
    """
    try:
        return iter(returned)
    except TypeError:
        # A learner's own __iter__ that raises TypeError is the learner's error; what has none cannot be iterated.
        if hasattr(type(returned), "__iter__"):
            raise
        raise Unusable(otherwise) from None


class Observer:
    """Observes one answer: message in, message out.

    Args:
        answer: the learner's function or class.
        seal: what puts back, taken before any of the learner's code ran; by default, as it is now.
        tick: called a few times a second while a case runs, in the thread that waits for it.
    """

    __slots__ = ("_answer", "_looked", "_seal", "_worker")

    def __init__(
        self, answer: Any, seal: guard.Seal | None = None, *, tick: Callable[[], object] | None = None
    ) -> None:
        self._answer = answer
        self._worker = Worker(tick)
        self._seal = seal or guard.seal()
        self._looked = False

    def __call__(self, request: bytes) -> bytes:
        """What the answer did.

        Args:
            request: a message with `day`, `exercise`, `inputs` (keyword inputs) and `limit` (seconds).

        Returns:
            a message with `result` (plain data, or `Raised`), `timed_out` ("", "ended" or "running"), `changed` (names
            of inputs that the answer changed), `patched` (names put back in modules), `switched` (global switches that
            were turned, and are turned back), `printed`, `printed_count`, `seconds`, `room` (switches
            that cannot be turned back and make every answer wrong, see `room.state`).
        """
        code, parts = self._seal
        # After each look all is put back, so that only the first finds what cells have changed.
        patched = () if self._looked else FunctionType(code, {}, "put_back", parts)()
        self._looked = True
        switched = switches.put_back()
        asked = wire.loads(request)
        # Not within the limit: what is imported here may take seconds, and an import that is cut off stays broken.
        inputs = {name: live(value) for name, value in asked["inputs"].items()}
        use = driver(asked["day"], asked["exercise"])
        started = time.perf_counter()
        timed_out, changed = "", ()
        with printing_kept() as printed, guard.settings_kept():
            try:
                result, changed, more, turned = self._worker.run(
                    lambda: self._use(use, asked["inputs"], inputs), asked["limit"]
                )
            except TimedOut as error:
                result, timed_out = None, "ended" if error.ended else "running"
                more, turned = FunctionType(code, {}, "put_back", parts)(), switches.put_back()
        answer = {
            "result": result,
            "timed_out": timed_out,
            "changed": list(changed),
            "patched": list(dict.fromkeys((*patched, *more))),
            "switched": list(dict.fromkeys((*switched, *turned))),
            "printed": printed.text,
            "printed_count": printed.count,
            "seconds": time.perf_counter() - started,
            "room": list(room.state(patched=bool(patched))),
        }
        return wire.dumps(answer)

    def close(self) -> None:
        """Ends the thread in which the answer runs."""
        self._worker.close()

    def _use(
        self, use: Callable[..., Any], sent: dict[str, Any], inputs: dict[str, Any]
    ) -> tuple[Any, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        # By names of this call: an answer may give any other name to something else while it runs.
        function, (code, parts), put_back, look, failed = FunctionType, self._seal, switches.put_back, plain, raised
        compared, before = _changed, switches.put_back()  # those of this thread
        try:
            returned, error = use(self._answer, **inputs), None
        except Stopped:
            raise
        except BaseException as caught:  # SystemExit and friends are an answer's doing as well
            returned, error = None, caught
        # Before anything is looked at: a patched numpy.array would falsify the look itself.
        patched = function(code, {}, "put_back", parts)()
        hiding = put_back("lenient")
        if hiding and error is None:
            returned, error = None, Unusable(f"your answer calls {hiding[0]}, which hides mistakes; leave it out")
        result = look(returned) if error is None else failed(error)
        return result, compared(sent, inputs), patched, (*before, *hiding, *put_back())


def _changed(sent: dict[str, Any], used: dict[str, Any]) -> tuple[str, ...]:
    names = []
    for name, before in sent.items():
        message = wire.dumps(before)
        if len(message) <= COMPARED_BYTES and wire.dumps(plain(live(before))) != wire.dumps(plain(used[name])):
            names.append(name)
    return tuple(names)
