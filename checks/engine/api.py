"""The three verbs of a learner: check, hint, solution."""

from __future__ import annotations

import os
import time
import warnings
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from checks.engine import card, guard, nearby, registry, room, stub, weight
from checks.engine.exercise import Exercise, answer_source, ready
from checks.engine.judge import examine, judge, read, request
from checks.engine.observe import Observer
from checks.engine.plain import plain
from checks.engine.quiet import import_quietly, silent
from checks.engine.telling import Telling
from checks.engine.verdict import Outcome, Verdict

_hints_asked: dict[str, int] = {}
listeners: list[Callable[[Verdict], None]] = []
help_listeners: list[Callable[[Exercise, str, int], None]] = []
"""Called with the exercise, "hint" or "solution", and the hint's number."""
around_checks: list[Callable[[Exercise], AbstractContextManager[Any]]] = []
"""Each makes a context that is entered before an answer runs and left afterwards, whatever has happened."""
solution_texts: Callable[[Exercise], str] | None = None
"""Gives the lesson's own solution; set by whoever knows the lessons. Without it, the first right answer is shown."""


class Interrupted(KeyboardInterrupt):
    """A check that was stopped from outside; shows itself in one sentence."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Card:
    """Text that shows as HTML in a notebook and as itself elsewhere."""

    def __init__(self, text: str, html: str) -> None:
        self._text, self._html = text, html

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self._text, "text/html": self._html}


def check(answer: Any, name: str | None = None, *, seed: int | None = None) -> Verdict | int | None:
    """Shows whether the answer is right or what exactly is wrong.

    Args:
        answer: the function or class that you wrote, or its name.
        name: the exercise's name, where the function is called otherwise.
        seed: of the hidden cases; by default always the same ones for one exercise.

    Returns:
        the verdict, which shows as a card. While nbgrader grades: the points, as the cell's last expression.

    Raises:
        Interrupted: the kernel was interrupted before the verdict.
    """
    try:
        verdict = verdict_on(answer, name, seed=seed)
    except KeyboardInterrupt:
        # Raised again, so that Run All stops here: without the engine's frames, which tell a learner nothing.
        raise Interrupted("The check was interrupted before its end. Nothing was counted.") from None
    if os.environ.get("NBGRADER_EXECUTION") in ("autograde", "validate"):
        from IPython.display import display

        shown = _in_this_class(verdict)
        display(shown)
        return graded(shown)
    return verdict


def verdict_on(answer: Any, name: str | None = None, *, seed: int | None = None) -> Verdict:
    """The verdict on the answer; nothing reaches stderr, whatever the answer does."""
    before = guard.put_back()  # first of all: nothing here works with a replaced isinstance
    started = time.perf_counter()
    exercise = exercise_of(answer, name)
    answer = ready(_resolve(answer, exercise))
    if stub.is_untouched(answer):
        verdict = _not_attempted(exercise, answer)
    else:
        verdict = _examine(exercise, answer, zlib.crc32(exercise.name.encode()) if seed is None else seed)
    if before:
        verdict = replace(verdict, notes=(*verdict.notes, _put_back_note(before)))
    verdict = replace(verdict, seconds=time.perf_counter() - started)
    for listener in listeners:
        listener(verdict)
    return verdict


def graded(verdict: Verdict) -> int | float:
    """The points as a number within [0, out_of]: what nbgrader reads as the cell's score."""
    return weight.scaled(verdict.points, verdict.out_of, verdict.out_of)


def hint(answer: Any, name: str | None = None) -> Card:
    """The next hint: the first asks a little, the last tells nearly the line; after the last, all of them."""
    exercise = exercise_of(answer, name)
    asked = _hints_asked[exercise.name] = min(_hints_asked.get(exercise.name, 0) + 1, len(exercise.hints))
    for listener in help_listeners:
        listener(exercise, "hint", asked)
    shown = exercise.hints[:asked]
    left = len(exercise.hints) - asked
    more = (
        f"{left} more if you ask again." if left else f"That was the last. solution({exercise.name}) shows one answer."
    )
    text = "\n".join(f"Hint {place} of {len(exercise.hints)}: {line}" for place, line in enumerate(shown, 1))
    rows = "".join(
        f"<details{' open' if place == asked else ''}><summary>Hint {place} of {len(exercise.hints)}</summary>"
        f'<div style="margin:.2em 0 .4em 1.2em">{escape(line)}</div></details>'
        for place, line in enumerate(shown, 1)
    )
    return Card(
        f"{text}\n{more}",
        f'<div style="{card.BOX}; {card.INK}; border-color:#6b7280">{rows}<div>{more}</div></div>',
    )


def solution(answer: Any, name: str | None = None) -> Card:
    """One right answer, to read after your own try: there are others."""
    exercise = exercise_of(answer, name)
    for listener in help_listeners:
        listener(exercise, "solution", 0)
    code = (solution_texts if solution_texts and exercise.day else _declared_answer)(exercise).strip()
    html = (
        f'<div style="{card.BOX}; {card.INK}; border-color:#6b7280"><details><summary>One right answer to '
        f"<code>{exercise.name}</code> (there are others)</summary>"
        f'<pre style="{card.CODE}; background:none; {card.INK}">{escape(code)}</pre></details></div>'
    )
    return Card(code, html)


def placeholders(day: int) -> dict[str, stub.Missing]:
    """Names of a day's exercises, each with an object that stands for an answer not yet written.

    Called by the set-up line, after TensorFlow is there: it also makes this day's exercises the first to be found, and
    remembers the state of the modules that an answer must not change.
    """
    registry.use_day(day)
    guard.remember()
    _started_in()
    return {exercise.name: stub.Missing(exercise.name) for exercise in registry.day(day)}


def exercise_of(answer: Any, name: str | None = None) -> Exercise:
    """The exercise that the answer is to: by its name, or by the name that holds it in the notebook.

    Raises:
        UnknownExercise: there is none.
        TypeError: it is no answer at all.
    """
    if name is None and isinstance(answer, str):
        name = answer
    if name is None:
        name = getattr(answer, "__name__", None) or getattr(getattr(answer, "python_function", None), "__name__", None)
    try:
        return registry.find(str(name))
    except registry.UnknownExercise:
        if name == "None" or answer is None or isinstance(answer, int | float):
            raise TypeError(f"give check the function or class that you wrote, not {answer!r}") from None
        # A lambda, a partial or a function under another name: which of the day's names holds it?
        for exercise in registry.day(registry.current_day() or 0):
            if _namespace().get(exercise.name) is answer:
                return exercise
        raise


@cache
def _started_in() -> Path:
    """The folder of the notebook: asked for by the set-up line, before an answer may have gone elsewhere."""
    return Path.cwd()


def _in_this_class(verdict: Verdict) -> Verdict:
    """The verdict with the points that an instructor's notebook gives the exercise."""
    worth = weight.of_cell(verdict.exercise, _started_in())
    return verdict if worth is None else weight.weighed(verdict, worth)


def _declared_answer(exercise: Exercise) -> str:
    """The first right answer that the exercise declares."""
    first = exercise.rights[0]
    return answer_source(first, first.__name__).replace(first.__name__, exercise.name, 1)


def _resolve(answer: Any, exercise: Exercise) -> Any:
    return _namespace().get(exercise.name, stub.Missing(exercise.name)) if isinstance(answer, str) else answer


def _namespace() -> dict[str, Any]:
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return {}
    shell = get_ipython()
    return {} if shell is None else shell.user_ns


def _not_attempted(exercise: Exercise, answer: Any) -> Verdict:
    where = "Write your answer where the ... stands."
    if isinstance(answer, stub.Missing):
        near = nearby.sentence(exercise.name, nearby.defined(_namespace()), _is_free)
        where = near or f"There is no {exercise.name} yet: run the cell in which you write it."
    return Verdict(exercise.name, Outcome.NOT_ATTEMPTED, 0, exercise.points, problems=(where,))


def _is_free(name: str) -> bool:
    """Whether the name is no exercise's own: an answer to another exercise is not meant."""
    try:
        registry.find(name)
    except registry.UnknownExercise:
        return True
    return False


def _examine(exercise: Exercise, answer: Any, seed: int) -> Verdict:
    guard.remember()
    telling = Telling(exercise)
    observer = Observer(answer, tick=telling.tick)

    def observe(request: bytes) -> bytes:
        telling.case()
        return observer(request)

    try:
        with ExitStack() as around, silent(), warnings.catch_warnings():
            for make in around_checks:
                around.enter_context(make(exercise))
            warnings.simplefilter("ignore")  # an answer's warning is neither printing nor an error of ours
            if exercise.day:  # the start page does without, so that its first card comes at once
                import_quietly()  # never within an answer's time limit: an import that is cut off stays broken
            verdict = examine(exercise, observe, seed)
            verdict = _in_a_broken_room(exercise, verdict)
    except Exception as error:  # whatever it is, it is ours: an answer's own exceptions are observed, not raised
        switched = room.says(room.state())
        problems = (
            (switched, "Your answer was not judged.")
            if switched
            else (
                f"This is a fault of the course, not yours: {type(error).__name__}: {error}",
                "Please report it with the seed and your code.",
            )
        )
        return Verdict(exercise.name, Outcome.UNCHECKED, 0, exercise.points, problems=problems, seed=seed)
    finally:
        observer.close()
        telling.end()
    return verdict


def _in_a_broken_room(exercise: Exercise, verdict: Verdict) -> Verdict:
    """The verdict; where a right answer fails in this process as well, one that says so instead.

    Only here: behind the grader's wall no right answer may go, and its process is compared with a clean one instead.
    """
    # A broken room breaks the example: an answer that passes it needs no control.
    if verdict.outcome not in (Outcome.WRONG, Outcome.ERROR) or not exercise.rights or verdict.parts[0].passed:
        return verdict
    control = Observer(ready(exercise.rights[0]))
    try:
        inputs = {name: plain(value) for name, value in exercise.groups[0].fixed[0].items()}
        failure = judge(exercise, inputs, read(control(request(exercise, inputs))))
    finally:
        control.close()
    if failure is None:
        return verdict
    told = ["Your answer may be right: it was not judged."]
    if failure.seen["room"]:
        told.insert(0, room.says(failure.seen["room"]))
    else:
        told.insert(
            0,
            "In this notebook even a right answer fails: something here has changed TensorFlow, Keras or NumPy. "
            f"Restart the kernel, run the set-up cell and the cell of {exercise.name}, and check again.",
        )
        told.append(f"What a right answer gave here: {failure.problems[0]}")
    return Verdict(exercise.name, Outcome.UNCHECKED, 0, exercise.points, problems=tuple(told), seed=verdict.seed)


def _put_back_note(before: tuple[str, ...]) -> str:
    names = ", ".join(before[:3])
    if guard.put_back():
        return f"your notebook has replaced {names}, which could not be put back. {room.WAY_BACK}"
    return f"your notebook had replaced {names}; it has been put back"
