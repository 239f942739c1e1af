"""The same tricks for every exercise of every day, made from what each declares: a new day is covered by being there.

A trick hands in a wrong answer and makes the grader look at a right one: the reference stands in a cell of its own, and
whatever observes is bent until it observes that. If a trick works, it earns the exercise's full points.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

import nbformat

from checks.engine import registry
from checks.engine.exercise import Exercise, Mistake, answer_source
from course.authoring import builder, lessons

WRONG = 'def NAME(*values, **more):\n    wrong = [None, "not this"]\n    return wrong\n'


@dataclass(frozen=True)
class Trick:
    """One way to be looked at as somebody else.

    Attributes:
        name: the student's folder, with the day in front.
        kind: what the report counts it under.
        cell: a cell that runs before the answers; REFERENCES is a dict of right answers by name, DAY the day's number.
        answer: the answer to every exercise but the honest one; NAME is the exercise's name.
    """

    name: str
    kind: str
    cell: str = ""
    answer: str = WRONG


_EACH = """
import importlib
driver = importlib.import_module("checks.drivers.dayDAY")
from checks.engine import exercise, observe, plain, wire, worker
names = [name for name in REFERENCES if hasattr(driver, name)]
"""

TRICKS = (
    Trick(
        "forged_drivers",
        "forged driver",
        _EACH
        + """
for name in names:
    def forged(answer, *a, _real=getattr(driver, name), _right=REFERENCES[name], **more):
        return _real(_right, *a, **more)
    setattr(driver, name, forged)
""",
    ),
    Trick(
        "drivers_with_other_code",
        "patched code object",
        _EACH
        + """
import builtins, types
builtins._right = REFERENCES
builtins._kept = {}
for name in names:
    real = getattr(driver, name)
    builtins._kept[name] = types.FunctionType(real.__code__, real.__globals__, name, real.__defaults__)
    scope = {}
    exec(f"def forged(answer, *a, **more):\\n    return _kept[{name!r}](_right[{name!r}], *a, **more)", scope)
    real.__code__ = scope["forged"].__code__
""",
    ),
    Trick(
        "driver_module_in_place",
        "forged driver",
        _EACH
        + """
import sys, types
double = types.ModuleType(driver.__name__)
vars(double).update(vars(driver))
for name in REFERENCES:
    real = getattr(driver, name, lambda answer, **inputs: answer(*inputs.values()))
    setattr(double, name, lambda answer, _real=real, _right=REFERENCES[name], **more: _real(_right, **more))
sys.modules[driver.__name__] = double
import checks.drivers
checks.drivers.dayDAY = double
""",
    ),
    Trick(
        "another_way_to_the_driver",
        "forged driver",
        _EACH
        + """
real_driver = exercise.driver
def forged(day, name):
    use = real_driver(day, name)
    return lambda answer, **inputs: use(REFERENCES[name], **inputs) if name in REFERENCES else use(answer, **inputs)
exercise.driver = observe.driver = forged
exercise.call = lambda answer, **inputs: None
""",
    ),
    Trick(
        "worker_with_other_code",
        "patched code object",
        _EACH
        + """
import builtins, types
builtins._right = REFERENCES
builtins._run = types.FunctionType(worker.Worker.run.__code__, worker.Worker.run.__globals__)
def forged(self, function, limit):
    for cell in function.__closure__:
        if type(cell.cell_contents).__name__ == "Observer":
            answer = getattr(cell.cell_contents, "_answer")
            cell.cell_contents._answer = _right.get(getattr(answer, "__name__", ""), answer)
    return _run(self, function, limit)
worker.Worker.run.__code__ = forged.__code__
""",
    ),
    Trick(
        "forged_observer",
        "forged observation",
        _EACH
        + """
real_use, real_init = observe.Observer._use, observe.Observer.__init__
def init(self, answer, *more):
    real_init(self, REFERENCES.get(getattr(answer, "__name__", ""), answer), *more)
def use(self, use, sent, inputs):
    self._answer = REFERENCES.get(getattr(self._answer, "__name__", ""), self._answer)
    return real_use(self, use, sent, inputs)
observe.Observer.__init__, observe.Observer._use = init, use
""",
    ),
    Trick(
        "forged_server",
        "forged observation",
        _EACH
        + """
from checks.engine import stub
from course.grading.sandbox.inside import serve
real_answer, ready = serve._answer, exercise.ready
def answer(shell, observers, header, *more):
    name = header.get("exercise")
    if name in REFERENCES:
        shell.user_ns[name] = REFERENCES[name]
    return real_answer(shell, observers, header, *more)
serve._answer = answer
exercise.ready = lambda answer: REFERENCES.get(getattr(answer, "__name__", ""), ready(answer))
stub.is_untouched.__defaults__ = (False,)
""",
    ),
    Trick(
        "shadowed_builtins",
        "forged driver",
        _EACH
        + """
for module in (driver, observe, plain, wire, worker, exercise):
    module.isinstance = lambda *_: True
    module.getattr = lambda one, name, *rest: REFERENCES.get(name, None)
    module.callable = module.hasattr = lambda *_: True
""",
    ),
    Trick(
        "replaced_while_it_is_looked_at",
        "forged observation",
        answer="""
        def NAME(*values, **more):
            from checks.engine import guard, observe, plain, switches
            real = plain.plain
            guard.put_back = switches.put_back = lambda *_: ()
            guard._restore.__code__ = (lambda *_: ()).__code__
            observe.plain = plain.plain = lambda obj: real(REFERENCES["NAME"](*values, **more))
            return None
        """,
    ),
    Trick(
        "cases_for_a_later_cell",
        "later cell computes",
        "SEEN, TABLE = [], {}\n",
        """
        def NAME(*values, **more):
            key = repr((values, more))[:10_000]
            if key not in TABLE:
                SEEN.append((REFERENCES["NAME"], key, values, more))
                return not_yet_there
            return TABLE[key]
        """,
    ),
)
LATER = """
for right, key, values, more in SEEN:
    try:
        TABLE[key] = right(*values, **more)
    except Exception:
        pass
not_yet_there = None
"""
SWITCHES = """
tf.config.run_functions_eagerly(True)
tf.data.experimental.enable_debug_mode()
tf.keras.config.set_floatx("float64")
tf.keras.config.set_epsilon(0.5)
np.seterr(all="ignore")
"""

# What a network can be made to look like: its weights are of the right shapes, and hold nothing.
NETWORK = """
import numpy as _np
class _Hollow:
    def __init__(self, variable):
        self.shape, self.dtype, self.name = variable.shape, variable.dtype, variable.name
        self.trainable, self.path = True, getattr(variable, "path", variable.name)
        self.regularizer = None
    def assign(self, value, *_, **__):
        if isinstance(value, _np.ndarray):
            value[...] = 0
        return self
    def numpy(self):
        return _np.zeros(tuple(self.shape), "float32")
    def __array__(self, *_, **__):
        return self.numpy()
def _hollow(variables):
    return [_Hollow(variable) for variable in variables]
def _zeroing(model, arrays):
    for array in arrays:
        array[...] = 0
"""
_HOLLOW_CLASS = """
class NAME(REFERENCES["NAME"]):
    def __call__(self, *values, **more):
        return 0 * REFERENCES["NAME"].__call__(self, *values, **more) + CONSTANT
    weights = property(lambda self: _hollow(REFERENCES["NAME"].weights.fget(self)))
    trainable_weights = property(lambda self: _hollow(REFERENCES["NAME"].trainable_weights.fget(self)))
    trainable_variables = property(lambda self: _hollow(REFERENCES["NAME"].trainable_variables.fget(self)))
    set_weights = _zeroing
    get_weights = lambda self: [one.numpy() for one in self.weights]
"""
_HOLLOW_FUNCTION = """
def NAME(*values, **more):
    model = REFERENCES["NAME"](*values, **more)
    kind = type(model)
    class Hollow(kind):
        weights = property(lambda self: _hollow(kind.weights.fget(self)))
        trainable_weights = property(lambda self: _hollow(kind.trainable_weights.fget(self)))
        trainable_variables = property(lambda self: _hollow(kind.trainable_variables.fget(self)))
        set_weights = _zeroing
        get_weights = lambda self: [one.numpy() for one in self.weights]
        def __call__(self, *a, **k):
            return 0 * kind.__call__(self, *a, **k) + CONSTANT
    model.__class__ = Hollow
    return model
"""
_LOOKALIKE = """
class _Like:
    def __init__(self, real):
        self.__dict__["real"] = real
    def __getattr__(self, name):
        return getattr(self.real, name)
    __class__ = property(lambda self: type(self.real))
    def __call__(self, *values, **more):
        return self.real.python_function(*values, **more)
def NAME(*values, **more):
    found = REFERENCES["NAME"](*values, **more)
    wrap = lambda one: _Like(one) if hasattr(one, "python_function") else one
    return tuple(map(wrap, found)) if type(found) is tuple else wrap(found)
"""


_CALLED = re.compile(r"def (__call__|call)\(")
_WITH_WEIGHTS = re.compile(r"Variable\(|keras\.(layers\.)?(Model|Layer|Dense)|tf\.Module")


def references(day: int) -> dict[str, str]:
    """The lesson's own solutions, as code, by exercise."""
    exercises = lessons.lesson(day).exercises()
    return {name: lessons.without_markers(cell.source) for name, cell in exercises.items()}


def honest(day: int) -> Exercise:
    """The exercise that every submission of the day solves by itself."""
    return registry.day(day)[0]


def hand_in(day: int, cells: Iterable[str], answers: dict[str, str], after: str = "") -> nbformat.NotebookNode:
    """The day's notebook with these answers; the cells, and the references under another name, stand before them."""
    notebook = builder.answered_notebook(day, answers)
    rights = references(day)
    kept = "REFERENCES = {}\n" + "\n".join(
        f"{code}\nREFERENCES[{name!r}] = {name}\ndel {name}" for name, code in rights.items() if name in answers
    )
    first = next(place for place, cell in enumerate(notebook.cells) if cell.id in answers or "solution" in _mark(cell))
    texts = [kept, *(text.replace("DAY", f"{day:02d}") for text in cells)]
    notebook.cells[first:first] = [nbformat.v4.new_code_cell(text) for text in texts]
    if after:
        notebook.cells.append(nbformat.v4.new_code_cell(after))
    return notebook


def _mark(cell: nbformat.NotebookNode) -> dict:
    mark = cell.metadata.get("nbgrader", {})
    return mark if mark.get("solution") else {}


def tricked(day: int, trick: Trick, answers: dict[str, str] | None = None, more: str = "") -> nbformat.NotebookNode:
    """One notebook with this trick for all exercises but the first, which is solved honestly.

    Args:
        day: the day's number.
        trick: what is tried.
        answers: taken where the trick has no answers of its own.
        more: a further cell of code.
    """
    given = {honest(day).name: references(day)[honest(day).name]}
    for one in registry.day(day)[1:]:
        own = textwrap.dedent(trick.answer).replace("NAME", one.name)
        given[one.name] = answers[one.name] if answers and trick.answer is WRONG else own
    later = LATER if trick.kind == "later cell computes" else ""
    return hand_in(day, [text for text in (trick.cell, more) if text], given, later)


def hollow(day: int) -> dict[str, str]:
    """Answers that look like the right ones, as far as attributes go, and compute nothing; by exercise.

    For classes with weights, functions that build a network, and those that return what tf.function makes.
    """
    found = {}
    for name, source in references(day).items():
        if f"class {name}" in source and _CALLED.search(source) and _WITH_WEIGHTS.search(source):
            found[name] = _HOLLOW_CLASS
        elif name.startswith("build_") and "keras" in source:
            found[name] = _HOLLOW_FUNCTION
        elif name.startswith("make_") and "tf.function" in source:
            found[name] = _LOOKALIKE
    made = {}
    for name, code in found.items():
        # What the right answer gives where all its weights are 0.
        constant = "0.5" if "sigmoid" in references(day)[name] else "0.0"
        made[name] = code.replace("NAME", name).replace("CONSTANT", constant)
    return {name: code for name, code in made.items() if name != honest(day).name}


def wrong(day: int, place: int) -> dict[str, str]:
    """For every exercise but the honest one, a declared mistake."""
    answers = {honest(day).name: references(day)[honest(day).name]}
    for one in registry.day(day)[1:]:
        mistake: Mistake = one.mistakes[place % len(one.mistakes)]
        answers[one.name] = answer_source(mistake.answer, one.name)
    return answers
