"""Answers that do harm: the verdict says what happened, and the next check is right."""

from __future__ import annotations

import builtins
import contextlib
import json
import logging
import math
import os
import random
import sys
import time
import types
import warnings
from collections import OrderedDict, UserDict, defaultdict, namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import toy

from checks.engine import card, guard
from checks.engine.verdict import Outcome, Verdict

Check = Callable[[Any], Verdict]


def right(x):
    return x + x


def judged(check: Check, answer: Any) -> Verdict:
    """The verdict on the answer, once it is sure that a check of a right one, after it, is as it should be."""
    with toy.kept_whole():
        verdict = toy.outcome_of(lambda: check(answer))
        after = toy.outcome_of(lambda: check(right))
    assert isinstance(verdict, Verdict), f"check raised {verdict!r}"
    assert isinstance(after, Verdict), f"the next check raised {after!r}"
    assert after.outcome is Outcome.CORRECT, f"the next check: {after}"
    assert after.notes == ()
    assert verdict.outcome is not Outcome.UNCHECKED, str(verdict)
    for shown in (card.text(verdict), card.html(verdict)):
        shown.encode("utf-8")  # a card that cannot be encoded never reaches the notebook
    json.dumps(verdict.as_dict())
    return verdict


# ------------------------------------------------------------------------------------------------- side effects


def test_answer_that_prints_a_megabyte(check_double: Check, capfd: pytest.CaptureFixture[str]):
    def answer(x):
        print("noise " * 180_000)
        return x + x

    verdict = judged(check_double, answer)
    assert verdict.correct
    assert any("printed" in note and "noise" in note for note in verdict.notes)
    assert len(card.text(verdict)) < 2_000
    assert capfd.readouterr() == ("", "")


def test_answer_that_writes_to_stderr_prints_nothing(check_double: Check, capfd: pytest.CaptureFixture[str]):
    def answer(x):
        os.write(2, b"from C\n" * 1000)
        sys.stderr.write("from Python\n")
        logging.getLogger("tensorflow").error("from a logger")
        return x + x

    assert judged(check_double, answer).correct
    assert capfd.readouterr().err == ""


def test_warning_of_an_answer_is_not_called_printing(check_double: Check, capfd: pytest.CaptureFixture[str]):
    def answer(x):
        warnings.warn("careful", UserWarning, stacklevel=1)
        np.float32(1) / np.float32(0)
        return x + x

    verdict = judged(check_double, answer)
    assert verdict.correct
    assert verdict.notes == ()
    assert capfd.readouterr() == ("", "")


def test_tf_print_reaches_no_descriptor(check_double: Check, tf: Any, capfd: pytest.CaptureFixture[str]):
    def answer(x):
        tf.print("x is", x)
        return x + x

    assert judged(check_double, answer).correct
    assert capfd.readouterr().err == ""


def test_answer_that_changes_its_input_is_told_so(declare: Callable[..., None], tf: Any):
    from checks.engine import api

    exercise = toy.double()
    exercise.groups[:] = []
    exercise.example(points=1, x=np.array([1.0, 2.0]))
    declare(exercise)

    def answer(x):
        x *= 2
        return x

    verdict = api.verdict_on(answer, "double")
    assert verdict.correct
    assert any("changed its input x" in note for note in verdict.notes)
    exercise.keeps_inputs = True
    verdict = api.verdict_on(answer, "double")
    assert verdict.outcome is Outcome.WRONG
    assert "changed its input x" in verdict.problems[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda inputs: inputs["rows"].append(np.longdouble(1)),
        lambda inputs: inputs["rows"].append(inputs["rows"]),
        lambda inputs: inputs["rows"].append(object()),
        lambda inputs: inputs["rows"].clear(),
        lambda inputs: inputs["table"].update(x=lambda: 0),
        lambda inputs: inputs["table"].update({object(): 1}),
        lambda inputs: inputs["table"].pop("a"),
    ],
)
def test_any_change_of_an_input_is_noticed(declare: Callable[..., None], change: Callable[[Any], Any]):
    from checks.engine import api

    exercise = toy.Exercise("change", day=toy.DAY, hints=("a", "b", "c"))
    exercise.example(points=1, rows=[1, 2], table={"a": 1})
    exercise.spec(lambda rows, table: 0)
    declare(exercise)

    def answer(rows, table):
        change({"rows": rows, "table": table})
        return 0

    verdict = toy.outcome_of(lambda: api.verdict_on(answer, "change"))
    assert isinstance(verdict, Verdict), repr(verdict)
    assert verdict.correct, str(verdict)
    assert any("changed its input" in note for note in verdict.notes)


NUMPY = ("array", "asarray", "isclose", "sum", "prod", "frombuffer", "ascontiguousarray", "argwhere")
BUILTINS = (
    *("len", "isinstance", "issubclass", "print", "str", "repr", "list", "dict", "tuple", "type", "super", "sorted"),
    *("setattr", "getattr", "hasattr", "vars", "callable", "zip", "map", "any", "all", "sum", "min", "max", "range"),
    *("enumerate", "iter", "next", "int", "float", "open", "id", "__import__"),
)
TENSORFLOW = ("constant", "convert_to_tensor", "as_dtype", "Variable", "reduce_sum", "add", "Tensor")
OTHERS = (
    *((math, name) for name in ("prod", "isfinite")),
    *((time, name) for name in ("monotonic", "perf_counter")),
    *((json, name) for name in ("dumps", "loads")),
    (random, "random"),
)


def nonsense(*args: Any, **kwargs: Any) -> int:
    return 7


def _all(owner: Any, names: tuple[str, ...]) -> None:
    set_attribute = setattr  # it may be among them
    for name in names:
        set_attribute(owner, name, nonsense)


PATCHES: dict[str, Callable[[Any], Any]] = {
    "numpy.asarray": lambda tf: setattr(np, "asarray", nonsense),
    "numpy.array": lambda tf: setattr(np, "array", nonsense),
    "numpy deleted": lambda tf: delattr(np, "asarray"),
    "numpy.float32": lambda tf: setattr(np, "float32", np.float64),
    "numpy.random": lambda tf: setattr(np, "random", None),
    "numpy.pi": lambda tf: setattr(np, "pi", 3),
    "much of NumPy": lambda tf: _all(np, NUMPY),
    "builtins.isinstance": lambda tf: setattr(builtins, "isinstance", nonsense),
    "builtins.len": lambda tf: setattr(builtins, "len", nonsense),
    "builtins.print": lambda tf: setattr(builtins, "print", nonsense),
    "builtins.setattr": lambda tf: setattr(builtins, "setattr", nonsense),
    "builtins.super": lambda tf: setattr(builtins, "super", nonsense),
    "builtins.__import__": lambda tf: setattr(builtins, "__import__", nonsense),
    "many builtins": lambda tf: _all(builtins, BUILTINS),
    "tensorflow.float32": lambda tf: setattr(tf, "float32", tf.float64),
    "tensorflow.math.add": lambda tf: setattr(tf.math, "add", nonsense),
    "tensorflow.Tensor": lambda tf: setattr(tf, "Tensor", nonsense),
    "tensorflow.Tensor.__add__": lambda tf: setattr(tf.Tensor, "__add__", nonsense),
    "much of TensorFlow": lambda tf: _all(tf, TENSORFLOW),
    "time and others": lambda tf: [setattr(module, name, nonsense) for module, name in OTHERS],
    "sys.modules numpy": lambda tf: sys.modules.__setitem__("numpy", types.ModuleType("numpy")),
    "sys.modules tensorflow": lambda tf: sys.modules.__setitem__("tensorflow", types.ModuleType("fake")),
}


@pytest.mark.parametrize("what", PATCHES)
def test_answer_that_replaces_a_function_hurts_no_later_check(check_double: Check, tf: Any, what: str):
    before = tf.Tensor.__add__

    def answer(x):
        result = x + x
        PATCHES[what](tf)
        return result

    try:
        verdict = judged(check_double, answer)
    finally:
        type.__setattr__(tf.Tensor, "__add__", before)
    assert any("replaced" in note for note in verdict.notes)


@pytest.mark.parametrize("what", PATCHES)
def test_function_replaced_before_the_check_is_put_back(check_double: Check, tf: Any, what: str):
    guard.remember()  # as the set-up line does: the guard knows the modules as they were
    before = tf.Tensor.__add__
    try:
        with toy.kept_whole():
            PATCHES[what](tf)
            verdict = toy.outcome_of(lambda: check_double(right))
            changed_after = guard.put_back()
    finally:
        type.__setattr__(tf.Tensor, "__add__", before)
    assert isinstance(verdict, Verdict), repr(verdict)
    assert verdict.correct, str(verdict)
    assert any("had replaced" in note for note in verdict.notes)
    assert changed_after == ()


def test_every_function_that_an_answer_replaced_is_put_back(tf: Any):
    guard.remember()
    before = {name: getattr(builtins, name) for name in BUILTINS}
    with toy.kept_whole():
        for owner, names in ((np, NUMPY), (tf, TENSORFLOW), (builtins, BUILTINS)):
            _all(owner, names)
        changed = guard.put_back()
        after = {name: vars(builtins)[name] for name in BUILTINS}
    assert after == before
    wanted = {f"builtins.{name}" for name in BUILTINS} | {f"numpy.{name}" for name in NUMPY}
    assert wanted | {f"tensorflow.{name}" for name in TENSORFLOW} <= set(changed)


def test_patch_that_stays_for_a_while_then_raises(check_double: Check):
    def answer(x):
        np.asarray = None
        builtins.len = None
        raise ValueError("after the patch")

    verdict = judged(check_double, answer)
    assert verdict.outcome is Outcome.ERROR
    assert "after the patch" in verdict.problems[0]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("recursion limit lowered", lambda tf: sys.setrecursionlimit(80)),
        ("recursion limit raised", lambda tf: sys.setrecursionlimit(10**6)),
        ("warnings are errors", lambda tf: warnings.simplefilter("error")),
        ("numpy errors raise", lambda tf: np.seterr(all="raise")),
        ("print options", lambda tf: np.set_printoptions(threshold=1, precision=1, suppress=True)),
        ("seeds", lambda tf: (random.seed(0), np.random.seed(0), tf.random.set_seed(0))),
        ("logging off", lambda tf: logging.disable(logging.CRITICAL)),
        ("working folder", lambda tf: os.chdir("/")),
        ("environment", lambda tf: os.environ.update(NBGRADER_EXECUTION="autograde")),
        ("float64 by default", lambda tf: tf.keras.config.set_floatx("float64")),
        ("eager functions", lambda tf: tf.config.run_functions_eagerly(True)),
        ("int limit", lambda tf: sys.set_int_max_str_digits(640)),
    ],
)
def test_settings_that_an_answer_changes_hurt_no_later_check(
    check_double: Check, tf: Any, name: str, change: Callable[[Any], Any]
):
    """Right answers of every kind get their points afterwards, whatever global switch was turned."""
    options, limit = np.get_printoptions(), sys.get_int_max_str_digits()

    def answer(x):
        change(tf)
        return x + x

    try:
        judged(check_double, answer)
        floats, eager = tf.keras.config.floatx(), tf.config.functions_run_eagerly()
    finally:
        np.set_printoptions(**options)
        sys.set_int_max_str_digits(limit)
        tf.keras.config.set_floatx("float32")
        tf.config.run_functions_eagerly(False)
    assert (floats, eager) == ("float32", False)


@pytest.mark.parametrize("number", [1, 2])
def test_answer_that_closes_a_descriptor(check_double: Check, number: int, capfd: pytest.CaptureFixture[str]):
    def answer(x):
        with contextlib.suppress(OSError):  # the second call finds it closed
            os.close(number)
        return x + x

    assert judged(check_double, answer).correct


def _gone(x):
    sys.stdout = sys.stderr = None
    return x + x


def _closed(x):
    sys.stdout.close()
    sys.stderr.close()
    return x + x


def _replaced(x):
    class Bad:
        def write(self, text):
            raise OSError("no")

        flush = write

    sys.stdout = sys.stderr = Bad()
    return x + x


@pytest.mark.parametrize("answer", [_gone, _closed, _replaced])
def test_answer_that_takes_away_the_streams(check_double: Check, answer: Any):
    streams = sys.stdout, sys.stderr
    assert judged(check_double, answer).correct
    assert (sys.stdout, sys.stderr) == streams


@pytest.mark.parametrize("stream", [None, "closed"])
def test_streams_taken_away_before_the_check(check_double: Check, stream: Any, tmp_path: Any):
    closed = (tmp_path / "log").open("w")
    closed.close()
    with toy.kept_whole():
        sys.stderr = sys.stdout = None if stream is None else closed
        verdict = toy.outcome_of(lambda: check_double(right))
    assert isinstance(verdict, Verdict), repr(verdict)
    assert verdict.correct, str(verdict)


def test_descriptor_2_closed_before_the_check(check_double: Check):
    with toy.kept_whole():
        os.close(2)
        verdict = toy.outcome_of(lambda: check_double(right))
    assert verdict.correct, str(verdict)


# --------------------------------------------------------------------------------------------------- exceptions


class BrokenText(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class ExitText(Exception):
    def __str__(self):
        raise SystemExit(3)


class TextOfAnotherKind(Exception):
    def __str__(self):
        class Text(str):
            def strip(self, *args):
                return 5

            def __getitem__(self, key):
                return 5

        return Text("odd")


class NoTraceback(Exception):
    __traceback__ = property(lambda self: 1 / 0)


class HugeText(Exception):
    def __str__(self):
        return "x" * 10_000_000


class Surrogates(Exception):
    def __str__(self):
        return "half a character \ud800, a bell \a, a colour \x1b[31m, a null \0, \u202e"


class Markup(Exception):
    def __str__(self):
        return "<script>alert(1)</script>"


Strange = type("<b>", (Exception,), {})
OddModule = type("OddModule", (Exception,), {"__module__": 5})


@pytest.mark.parametrize(
    "error",
    [
        BrokenText(),
        ExitText(),
        TextOfAnotherKind(),
        NoTraceback(),
        HugeText(),
        Surrogates(),
        Markup(),
        Strange("x"),
        OddModule("x"),
        SystemExit(0),
        KeyboardInterrupt(),
        GeneratorExit(),
        MemoryError(),
        RecursionError("deep"),
        StopIteration(1),
        StopAsyncIteration(),
        TimeoutError("mine"),
        AssertionError(),
        ExceptionGroup("several", [ValueError("a")]),
        BaseExceptionGroup("several", [KeyboardInterrupt()]),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
        NameError("name 'foo' is not defined"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_any_exception_is_an_error_in_the_code(check_double: Check, error: BaseException):
    def answer(x):
        raise error

    verdict = judged(check_double, answer)
    assert verdict.outcome is Outcome.ERROR
    assert verdict.points == 0
    assert type(error).__name__ in verdict.problems[0]
    assert "double(x=tf.constant([1, 2], tf.float32))" in verdict.case
    assert len(card.text(verdict)) < 3_000


def test_deep_recursion_is_an_error(check_double: Check):
    def answer(x):
        return answer(x)

    verdict = judged(check_double, answer)
    assert verdict.outcome is Outcome.ERROR
    assert verdict.problems[0].startswith("RecursionError")


@pytest.mark.parametrize("ask", [lambda: bytearray(1 << 60), lambda: np.zeros(1 << 58), lambda: [0] * (1 << 60)])
def test_too_much_memory_is_an_error(check_double: Check, ask: Callable[[], Any]):
    verdict = judged(check_double, lambda x: ask())
    assert verdict.outcome is Outcome.ERROR
    assert "MemoryError" in verdict.problems[0]


# ---------------------------------------------------------------------------------------------- strange results


def _lie(kind: type) -> Any:
    return type("Liar", (), {"__class__": property(lambda self: kind)})()


def _explosive(*names: str) -> Any:
    def explode(self, *args, **kwargs):
        raise SystemExit("boom")

    return type("Explosive", (), dict.fromkeys(names, explode))()


def _endless_list(kind: type, method: str) -> Any:
    def endless(self):
        while True:
            yield 1

    return type("Endless", (kind,), {method: endless})()


class Meta(type):
    @property
    def __name__(cls):
        raise ValueError("no name")

    @property
    def __module__(cls):
        return 5

    def __instancecheck__(cls, instance):
        return True


class Nameless(metaclass=Meta):
    pass


class SubArray(np.ndarray):
    def __array_finalize__(self, obj):
        pass

    def __array_ufunc__(self, *args, **kwargs):
        raise SystemExit

    @property
    def dtype(self):
        return "lie"

    @property
    def nbytes(self):
        return -1


class SubDict(dict):
    def items(self):
        raise SystemExit

    __iter__ = keys = values = items


class SubInt(int):
    def bit_length(self):
        raise SystemExit

    __index__ = __int__ = bit_length


class SubStr(str):
    def __len__(self):
        raise SystemExit


class SubFloat(float):
    def __float__(self):
        raise SystemExit


class Equal:
    """Claims to be equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


class ArrayLiar:
    shape = (2,)
    dtype = np.dtype("float32")

    def __init__(self):
        self.calls = 0

    def __array__(self, *args, **kwargs):
        self.calls += 1
        raise SystemExit

    def __len__(self):
        return -5


def _cyclic() -> Any:
    loop: list[Any] = []
    loop.append(loop)
    return loop


def _cyclic_dict() -> Any:
    loop: dict[str, Any] = {}
    loop["self"] = {"back": (loop,)}
    return loop


def _cyclic_array() -> Any:
    loop = np.empty(1, dtype=object)
    loop[0] = loop
    return loop


def _texts(count: int) -> Any:
    made = np.empty(count, dtype=object)
    made[:] = ["x" * 900_000] * count  # one text, named many times
    return made


def _deep(kind: str, levels: int) -> Any:
    made: Any = 0
    for _ in range(levels):
        made = [made] if kind == "list" else {"a": made} if kind == "dict" else (made,)
    return made


STRANGE: dict[str, Callable[[Any], Any]] = {
    "None": lambda tf: None,
    "a generator": lambda tf: (n for n in range(3)),
    "a coroutine function": lambda tf: _coroutine,
    "a function": lambda tf: right,
    "a lambda": lambda tf: lambda: 0,
    "a module": lambda tf: np,
    "a class": lambda tf: int,
    "a file": lambda tf: sys.__stdout__,
    "a range": lambda tf: range(10**15),
    "a cyclic list": lambda tf: _cyclic(),
    "a cyclic dict": lambda tf: _cyclic_dict(),
    "a cyclic array": lambda tf: _cyclic_array(),
    "a deep list": lambda tf: _deep("list", 100_000),
    "a deep dict": lambda tf: _deep("dict", 5_000),
    "a deep tuple": lambda tf: _deep("tuple", 50),
    "a giant list": lambda tf: [0] * 3_000_000,
    "a giant list of a giant text": lambda tf: ["x" * 900_000] * 100_000,
    "a giant dict": lambda tf: {n: n for n in range(500_000)},
    "a giant set": lambda tf: set(range(3_000_000)),
    "a giant text": lambda tf: "x" * 50_000_000,
    "a giant key": lambda tf: {"x" * 50_000_000: 1},
    "a giant int": lambda tf: 1 << 10_000_000,
    "a giant int as key": lambda tf: {1 << 100_000: 1},
    "a giant array": lambda tf: np.zeros(200_000_000, np.int8),
    "a giant broadcast array": lambda tf: np.broadcast_to(np.float32(0), (10**7, 10**7)),
    "a giant array of texts": lambda tf: _texts(100_000),
    "an array of 40 axes": lambda tf: np.zeros((1,) * 40),
    "a big-endian array of wrong values": lambda tf: np.array([7, 7], ">f4"),
    "a long double": lambda tf: np.longdouble(1),
    "an array of long doubles": lambda tf: np.zeros(2, np.longdouble),
    "an array of long complex": lambda tf: np.zeros(2, np.clongdouble),
    "long double keys": lambda tf: {np.longdouble(1): 1},
    "date keys": lambda tf: {np.datetime64("2020-01-01"): 1},
    "an array of dates": lambda tf: np.array(["2020-01-01"], "M8[D]"),
    "a structured array": lambda tf: np.zeros(2, [("a", "i4"), ("b", "f8")]),
    "a void": lambda tf: np.void(b"abc"),
    "an object array": lambda tf: np.array([object(), None, [1]], dtype=object),
    "a masked array": lambda tf: np.ma.masked_all(2),
    "a matrix": lambda tf: np.asmatrix([[1.0, 2.0]]),
    "a subclass of ndarray": lambda tf: np.zeros(2).view(SubArray),
    "a subclass of dict": lambda tf: SubDict(a=1),
    "a subclass of int": lambda tf: SubInt(3),
    "a subclass of str": lambda tf: SubStr("abc"),
    "a subclass of float": lambda tf: SubFloat(1.5),
    "an endless list": lambda tf: _endless_list(list, "__iter__"),
    "an endless tuple": lambda tf: _endless_list(tuple, "__iter__"),
    "an endless dict": lambda tf: _endless_list(dict, "items"),
    "a named tuple": lambda tf: namedtuple("Point", "x y")(1, 2),
    "a defaultdict": lambda tf: defaultdict(list, a=[1]),
    "an OrderedDict": lambda tf: OrderedDict(a=1),
    "a UserDict": lambda tf: UserDict(a=1),
    "a simple namespace": lambda tf: types.SimpleNamespace(a=1),
    "an exception": lambda tf: ValueError("returned, not raised"),
    "an ellipsis": lambda tf: ...,
    "NotImplemented": lambda tf: NotImplemented,
    "claims to be a dict": lambda tf: _lie(dict),
    "claims to be a list": lambda tf: _lie(list),
    "claims to be a set": lambda tf: _lie(set),
    "claims to be an array": lambda tf: _lie(np.ndarray),
    "claims to be a scalar": lambda tf: _lie(np.float32),
    "claims to be a tensor": lambda tf: _lie(tf.Tensor),
    "claims to be a variable": lambda tf: _lie(tf.Variable),
    "claims to be ragged": lambda tf: _lie(tf.RaggedTensor),
    "claims to be sparse": lambda tf: _lie(tf.SparseTensor),
    "claims to be an Array": lambda tf: _lie(__import__("checks.engine.plain", fromlist=["Array"]).Array),
    "explodes when shown": lambda tf: _explosive("__repr__", "__str__", "__format__"),
    "explodes when compared": lambda tf: _explosive("__eq__", "__hash__", "__bool__", "__lt__"),
    "explodes when measured": lambda tf: _explosive("__len__", "__iter__", "__getitem__", "__array__"),
    "explodes when asked": lambda tf: _explosive("__getattribute__", "__getattr__", "__dir__"),
    "no name of its type": lambda tf: Nameless(),
    "a type without a module": lambda tf: type("Odd", (), {"__module__": 5})(),
    "a type of a strange name": lambda tf: type("<i>\ud800", (), {})(),
    "a text of half characters": lambda tf: "\ud800\0\x1b[31m<b>",
    "keys of half characters": lambda tf: {"\ud800<b>": "\ud800"},
    "equal to everything": lambda tf: Equal(),
    "a list equal to everything": lambda tf: [Equal(), Equal()],
    "an array that lies": lambda tf: ArrayLiar(),
    "a list of arrays that lie": lambda tf: [ArrayLiar()],
    "a variant": lambda tf: tf.data.experimental.to_variant(tf.data.Dataset.range(2)),
    "a data set": lambda tf: tf.data.Dataset.range(2),
    "a KerasTensor": lambda tf: tf.keras.Input((2,)),
    "a layer": lambda tf: tf.keras.layers.Dense(2),
    "a model": lambda tf: tf.keras.Sequential(),
    "a dtype": lambda tf: tf.float32,
    "a shape": lambda tf: tf.TensorShape([None, 2]),
    "a TensorArray": lambda tf: tf.TensorArray(tf.float32, 2),
    "indexed slices": lambda tf: tf.IndexedSlices(tf.zeros([1, 2]), tf.constant([0]), tf.constant([2, 2])),
    "a string tensor": lambda tf: tf.constant(["a", b"\xff\0"]),
    "a ragged tensor": lambda tf: tf.ragged.constant([[1.0], []]),
    "a sparse tensor": lambda tf: tf.sparse.from_dense([1.0, 0.0]),
    "a symbolic tensor": lambda tf: _symbolic(tf)[0],
    "a symbolic ragged tensor": lambda tf: _symbolic(tf)[1],
    "a symbolic sparse tensor": lambda tf: _symbolic(tf)[2],
    "a symbolic variable": lambda tf: _symbolic(tf)[3],
    "a set of sets": lambda tf: {frozenset({1}), frozenset({2})},
    "a set of complex": lambda tf: {1j, 2j},
    "dict views": lambda tf: {"a": 1}.items(),
    "bytes": lambda tf: b"\xff\0",
    "a memoryview": lambda tf: memoryview(b"abc"),
}


async def _coroutine() -> None: ...


def _symbolic(tf: Any) -> list[Any]:
    seen: list[Any] = []

    @tf.function
    def trace(x):
        ragged = tf.RaggedTensor.from_row_splits(x, [0, 2])
        seen.extend([x, ragged, tf.sparse.from_dense(x), [x, {"y": x}]])
        return x

    trace(tf.constant([1.0, 2.0]))
    return seen


@pytest.mark.parametrize("what", STRANGE)
def test_strange_result_is_wrong_and_harms_nothing(check_double: Check, tf: Any, what: str):
    make = STRANGE[what]
    verdict = judged(check_double, lambda x: make(tf))
    assert verdict.outcome in (Outcome.WRONG, Outcome.ERROR), str(verdict)
    assert verdict.points == 0
    assert verdict.problems[0]
    assert len(card.text(verdict)) < 3_000


def test_type_of_a_strange_result_is_named(check_double: Check, tf: Any):
    expected = {
        "None": "None",
        "a generator": "generator",
        "a module": "module",
        "a KerasTensor": "keras.KerasTensor",
        "a data set": "Dataset",
        "a symbolic tensor": "symbolic tf.Tensor",
        "a shape": "tf.TensorShape",
        "a layer": "Dense",
        "a cyclic list": "list",
        "a giant list": "list",
        "a ragged tensor": "tf.RaggedTensor",
        "a sparse tensor": "tf.SparseTensor",
    }
    for what, words in expected.items():
        verdict = check_double(lambda x, make=STRANGE[what]: make(tf))
        assert words in verdict.problems[0], f"{what}: {verdict}"


@pytest.mark.parametrize(
    "make",
    [
        lambda tf, x: np.asarray(x).astype(">f4") * 2,
        lambda tf, x: np.array(np.asarray(x) * 2, order="F"),
        lambda tf, x: np.repeat(np.asarray(x)[..., None] * 2, 2, axis=-1)[..., 0],
        lambda tf, x: np.asarray(x * 2)[...],
        lambda tf, x: tf.Variable(x * 2),
        lambda tf, x: tf.keras.Variable(x * 2),
        lambda tf, x: (np.asarray(x) * 2).view(np.memmap) if np.ndim(x) else np.asarray(x) * 2,
        lambda tf, x: tf.function(lambda y: y + y)(x),
    ],
)
def test_right_values_in_another_layout_are_right(check_double: Check, tf: Any, make: Any):
    verdict = judged(check_double, lambda x: make(tf, x))
    assert verdict.correct, str(verdict)


@pytest.mark.parametrize(
    "answer", [3, "text", object(), [1], np.zeros(2), {"a": 1}], ids=lambda answer: type(answer).__name__
)
def test_answer_that_is_no_function(check_double: Check, answer: Any):
    verdict = judged(check_double, answer) if not isinstance(answer, str) else check_double(answer)
    assert verdict.outcome in (Outcome.ERROR, Outcome.NOT_ATTEMPTED)


def test_answer_of_another_signature_is_an_error(check_double: Check):
    verdict = judged(check_double, lambda: 0)
    assert verdict.outcome is Outcome.ERROR
    assert "argument" in verdict.problems[0]


def test_answer_that_differs_per_call(check_double: Check):
    """It is right half of the time: the verdict is wrong, and nothing falls over."""
    calls = iter(range(10**6))

    def answer(x):
        return x + x if next(calls) % 2 == 0 else x

    assert judged(check_double, answer).outcome is Outcome.WRONG


def test_answer_that_starts_threads(check_double: Check):
    import threading

    def answer(x):
        threading.Thread(target=time.sleep, args=(0.05,), daemon=True).start()
        return x + x

    assert judged(check_double, answer).correct
