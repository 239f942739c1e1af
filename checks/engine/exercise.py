"""How an exercise is declared: name, points, hints, cases, a spec, and the mistakes people make.

A day's module reads like this:

    scores = Exercise("take_scores", day=11, task="...", hints=("...", "...", "..."))
    scores.example(scores=tensor([[1, 2]]), rows=[0])          # the visible case

    @scores.spec                                               # what is wanted, in plain NumPy
    def _(scores, rows): ...

    @scores.cases("empty selections", points=1)                # hidden cases: a Hypothesis strategy of keyword inputs
    def _(): return st.fixed_dictionaries({...})

    @scores.mistake("You took columns: rows are axis 0.")      # a wrong answer, as code, and what to say
    def by_column(scores, rows): ...

    @scores.right                                              # another right answer, by another route
    def with_gather(scores, rows): ...
"""

from __future__ import annotations

import functools
import importlib
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

DEFAULT_LIMIT = 4.0
DEFAULT_EXAMPLES = 25


class Lazy:
    """A module that is imported when it is first used, so that declaring exercises costs no TensorFlow import."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        module: ModuleType = importlib.import_module(self._name)
        return getattr(module, attribute)


class Built:
    """An answer that is made when it is first used: `@built` above a function that returns it.

    For answers that derive from a Keras class, so that declaring them imports no Keras.
    """

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function
        self.__name__ = function.__name__
        self.make = functools.cache(function)


built = Built


def ready(answer: Any) -> Any:
    """The answer itself, made now where it is `built`."""
    return answer.make() if isinstance(answer, Built) else answer


@dataclass(frozen=True)
class Returns:
    """What an answer may return, beside the values.

    Attributes:
        kind: "tensor" (a tf.Tensor or tf.Variable), "array" (NumPy or tensor), "list" (array, tensor or a nested
            list) or "python" (plain Python numbers, text and containers: nothing of NumPy or TensorFlow).
        dtype: the names allowed, or None for any that holds the values.
        rtol, atol: a value v matches an expected e when |v - e| <= atol + rtol * |e|; NaN matches NaN.
    """

    kind: str = "array"
    dtype: str | tuple[str, ...] | None = None
    rtol: float = 1e-4
    atol: float = 1e-5

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The allowed dtype names; empty for any."""
        if self.dtype is None:
            return ()
        return (self.dtype,) if isinstance(self.dtype, str) else self.dtype


@dataclass(frozen=True)
class Group:
    """Cases that earn points together: all pass, or the points are not given.

    Exactly one of `fixed` (keyword inputs) and `strategy` (makes a Hypothesis strategy of keyword inputs) is set.
    """

    name: str
    points: int
    fixed: tuple[Mapping[str, Any], ...] = ()
    strategy: Callable[[], Any] | None = None
    examples: int = DEFAULT_EXAMPLES


Message = str | Callable[..., str]


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people give, as code, and what to tell them.

    Attributes:
        name: the function's name, which names the mistake in progress and reports.
        says: the message, or a function of (inputs, got) that makes it.
        answer: the wrong answer.
        when: recognises relatives that do not behave quite the same: called with (inputs, got, expected), plain data.
    """

    name: str
    says: Message
    answer: Any
    when: Callable[..., bool] | None = None

    def message(self, inputs: Mapping[str, Any], got: Any) -> str:
        """What to tell the learner, for this failing case."""
        return self.says if isinstance(self.says, str) else self.says(inputs, got)


@dataclass
class Exercise:
    """One exercise: everything that the engine, the builder and the tests need to know of it.

    Attributes:
        name: the function or class that the learner writes; unique over the course.
        day: the day it belongs to.
        hints: three or more, from a nudge to nearly the line.
        returns: what may come back; see `Returns`.
        limit: seconds that one call may take before it counts as endless.
        stretch: the optional, hardest exercise of a day.
        keeps_inputs: an answer that changes its arguments is wrong; else it is only told so.
        runs_mistakes: mistakes are told by what they do, and only then by their predicates. False: by the predicates
            alone, which every mistake must have then; for answers that train for so long that running every known
            mistake would keep the learner waiting.
        ends: what is known to end the whole process in an answer to it, and what to write instead.
        equals, wrappings_refused: what `equal` and `not_wrapped` declared: a reason for each name.
    """

    name: str
    day: int
    hints: tuple[str, ...]
    returns: Returns = Returns()
    limit: float = DEFAULT_LIMIT
    stretch: bool = False
    keeps_inputs: bool = False
    runs_mistakes: bool = True
    groups: list[Group] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    rights: list[Any] = field(default_factory=list)
    ends: str = ""
    spec_of: Callable[..., Any] | None = None
    verify_of: Callable[..., Any] | None = None
    shown_of: Callable[..., str] | None = None
    equals: dict[str, str] = field(default_factory=dict)
    wrappings_refused: dict[str, str] = field(default_factory=dict)

    @property
    def points(self) -> int:
        """The points of all groups together."""
        return sum(group.points for group in self.groups)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in the order in which an answer takes them: that of the first example."""
        return tuple(self.groups[0].fixed[0])

    def example(self, points: int = 0, **inputs: Any) -> None:
        """Adds a visible case; several calls make one group, which comes first and gates every other point."""
        if self.groups and self.groups[0].name == "the example":
            first = self.groups[0]
            self.groups[0] = Group(first.name, first.points + points, (*first.fixed, inputs))
        else:
            self.groups.insert(0, Group("the example", points, (inputs,)))

    def cases(self, name: str, points: int, examples: int = DEFAULT_EXAMPLES) -> Callable[[Callable], Callable]:
        """Declares hidden cases: the function returns a Hypothesis strategy of keyword inputs."""

        def declare(strategy: Callable[[], Any]) -> Callable[[], Any]:
            self.groups.append(Group(name, points, strategy=strategy, examples=examples))
            return strategy

        return declare

    def fixed_cases(self, name: str, points: int, *inputs: Mapping[str, Any]) -> None:
        """Declares hidden cases with the inputs written out."""
        self.groups.append(Group(name, points, fixed=inputs))

    def spec(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Declares the oracle: called with the inputs (tensors as NumPy arrays), returns what is wanted."""
        self.spec_of = function
        return function

    def verify(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Declares a check beyond equality: called with (inputs, got, expected), returns problems as text, or nothing.

        Where there is no spec, `expected` is None and `verify` alone decides.
        """
        self.verify_of = function
        return function

    def shown(self, function: Callable[..., str]) -> Callable[..., str]:
        """Declares how a case is written on the card: called with the inputs, returns one or a few lines."""
        self.shown_of = function
        return function

    def mistake(self, says: Message, when: Callable[..., bool] | None = None) -> Callable[[Any], Any]:
        """Declares a wrong answer and what to say.

        It is recognised by behaving the same on the failing case or, where nothing does, by `when`, a predicate over
        (inputs, got, expected).

        Raises:
            ValueError: without a predicate, in an exercise that runs no mistakes.
        """

        def declare(answer: Any) -> Any:
            if not self.runs_mistakes and when is None:
                raise ValueError(f"{self.name} does not run its mistakes: {answer.__name__} needs a predicate")
            self.mistakes.append(Mistake(answer.__name__, says, answer, when))
            return answer

        return declare

    def right(self, answer: Any) -> Any:
        """Declares another right answer, by another route; the tests give it full points."""
        self.rights.append(answer)
        return answer

    def equal(self, change: str, reason: str) -> None:
        """Declares a change of an answer, as `tf30 audit` names it, that breaks no promise of the task, and why."""
        self.equals[change] = reason

    def not_wrapped(self, wrapping: str, reason: str) -> None:
        """Declares a wrapping of `tf30 audit` in which a right answer may be refused here, and why."""
        self.wrappings_refused[wrapping] = reason

    def driver(self) -> Callable[..., Any]:
        """How an answer is put to use: `checks.drivers.dayNN.<name>`, or a plain call."""
        return driver(self.day, self.name)


def driver(day: int, name: str) -> Callable[..., Any]:
    """The function that puts an answer to use on live inputs; knows nothing of what is expected."""
    module_name = f"checks.drivers.day{day:02d}"
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise
        return call
    return getattr(module, name, call)


def call(answer: Any, **inputs: Any) -> Any:
    """The answer's result on the inputs, given by position."""
    return answer(*inputs.values())


def answer_source(answer: Any, name: str) -> str:
    """The cell that defines this answer under the exercise's name, as a learner would have typed it."""
    if isinstance(answer, Built):
        lines = textwrap.dedent(inspect.getsource(answer.function)).splitlines()
        start = next(place for place, line in enumerate(lines) if line.startswith("def ")) + 1
        *body, last = textwrap.dedent("\n".join(lines[start:])).strip().splitlines()
        text, defined = "\n".join(body).rstrip() + "\n", last.removeprefix("return ").strip()
    else:
        lines = textwrap.dedent(inspect.getsource(answer)).splitlines()
        # The decorators that declare it stay behind; those of TensorFlow and Keras belong to the answer.
        start = next(
            place for place, line in enumerate(lines) if line.startswith(("def ", "class ", "@tf.", "@keras."))
        )
        text, defined = "\n".join(lines[start:]).rstrip() + "\n", answer.__name__
    return text if defined == name else f"{text}\n\n{name} = {defined}\n"
