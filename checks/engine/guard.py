"""Puts back what an answer changed in NumPy, TensorFlow and Python's own modules."""

from __future__ import annotations

import contextlib
import operator
import os
import sys
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from checks.engine import switches

GUARDED = (
    "builtins",
    "math",
    "random",
    "time",
    "json",
    "json.decoder",
    "json.encoder",
    "base64",
    "linecache",
    "traceback",
    "numpy",
    "numpy.linalg",
    "numpy.random",
    "pandas",
    "tensorflow",
    "tensorflow.data",
    "tensorflow.math",
    "tensorflow.linalg",
    "tensorflow.nn",
    "tensorflow.random",
    "tensorflow.strings",
    "tensorflow.sparse",
    "keras",
    "keras.callbacks",
    "keras.layers",
    "keras.losses",
    "keras.metrics",
    "keras.ops",
    "keras.optimizers",
)
# Of these classes, which Python code can change, the methods are kept as well.
CLASSES = (
    "tensorflow.Tensor",
    "tensorflow.Variable",
    "tensorflow.python.eager.polymorphic_function.polymorphic_function.Function",
    "keras.Layer",
    "keras.Model",
    "pandas.DataFrame",
    "pandas.Series",
)
# ipykernel puts its own in place whenever a cell runs.
_ALLOWED = frozenset({"builtins.input"})
_DUNDERS = frozenset({"__import__", "__build_class__"})
_METHODS = (types.FunctionType, property, classmethod, staticmethod)
_OBSERVING = ("checks.drivers.", "course.grading.sandbox.")
_ENGINE = (
    "data",
    "drawn",
    "exercise",
    "folders",
    "guard",
    "observe",
    "outcome",
    "plain",
    "quiet",
    "raising",
    "room",
    "show",
    "stub",
    "switches",
    "wire",
    "worker",
)
"""Modules that put an answer to use: their functions, classes and tables are put back, and nothing may be added."""
_DEEP = 8
"""Functions within functions (wrappers, closures) that are followed."""

_OWN = frozenset(f"checks.engine.{name}" for name in _ENGINE)
_MOVING = frozenset({"_records", "_seal", "_seal_of_ours"})
_KEPT = (*_METHODS, type, types.BuiltinFunctionType, types.ModuleType, tuple, frozenset)
_OURS = ("checks.", "course.")
_HEAP = 1 << 9
"""Py_TPFLAGS_HEAPTYPE: a class that Python code has made."""

Seal = tuple[types.CodeType, tuple[Any, ...]]


@dataclass(frozen=True)
class _Records:
    """What is put back; tuples of tuples, so that nobody changes it once it is taken."""

    modules: tuple[tuple[Any, ...], ...] = ()
    classes: tuple[tuple[Any, ...], ...] = ()
    functions: tuple[tuple[Any, ...], ...] = ()
    tables: tuple[tuple[Any, ...], ...] = ()


_records = _Records()
_seal: Seal | None = None
_seal_of_ours: Seal | None = None


def remember() -> None:
    """Takes the present state of every guarded module, class and function that is loaded and not yet remembered."""
    global _records, _seal, _seal_of_ours
    put_back()
    more = switches.remember()
    # Its table of switches has grown with the modules that are loaded.
    before = tuple(one for one in _records.modules if not more or one[1] is not switches)
    taken = _Taking(replace(_records, modules=before))
    for name in GUARDED:
        module = _loaded(name)
        if module is not None:
            taken.module(name, module, False)
    for name in CLASSES:
        module, _, kind = name.rpartition(".")
        owner = _loaded(module)
        if owner is not None and hasattr(owner, kind):
            taken.kind(name, getattr(owner, kind), False)
    for name, module in list(sys.modules.items()):
        if name.startswith(_OBSERVING) or name in _OWN:
            taken.module(name, module, True)
    if taken.new:
        _records = _Records(tuple(taken.modules), tuple(taken.classes), tuple(taken.functions), tuple(taken.tables))
        _seal = (_restore.__code__, (*_columns(_records), *_TOOLS))
        parts = (_records.modules, _records.classes, _records.functions, _records.tables)
        ours = (tuple(one for one in part if _name_of(one).startswith(_OURS)) for part in parts)
        _seal_of_ours = (_restore.__code__, (*_columns(_Records(*ours)), *_TOOLS))


def seal(ours: bool = False) -> Seal:
    """What puts back, as it is now: a code and its arguments, which nobody can change.

    `types.FunctionType(code, {}, "put_back", arguments)()` is `put_back`, as long as whoever calls it holds the seal
    itself: `put_back` is a name, and a name can be given to something else.

    Args:
        ours: only what observes, none of the libraries.
    """
    if _seal is None:
        remember()
    return _seal_of_ours if ours else _seal


def put_back() -> tuple[str, ...]:
    """The names that had been changed, such as "numpy.sum", put back to what they were."""
    return () if _seal is None else types.FunctionType(_seal[0], {}, "put_back", _seal[1])()


def _restore(
    modules: Any,
    classes: Any,
    functions: Any,
    codes: Any,
    loaded: Any,
    of_object: Any,
    of_class: Any,
    drop: Any,
    vars: Any,  # noqa: A002
    type: Any,  # noqa: A002
    isinstance: Any,  # noqa: A002
    list: Any,  # noqa: A002
    tuple: Any,  # noqa: A002
    methods: Any,
    len: Any,  # noqa: A002
    all: Any,  # noqa: A002
    map: Any,  # noqa: A002
    same: Any,
    code_of: Any,
    defaults_of: Any,
    named_of: Any,
    content_of: Any,
    places: Any,
) -> Any:
    """Every name that it uses is an argument: an answer may have replaced any other."""
    changed = []
    every, all_codes, all_defaults, all_named, tables, cells, contents = codes
    if not (
        all(map(same, map(code_of, every), all_codes))
        and all(map(same, map(defaults_of, every), all_defaults))
        and all(map(same, map(named_of, every), all_named))
        and all(map(same, map(content_of, cells), contents))
    ):
        for function, name, code, defaults, named, inner in functions:
            if (
                function.__code__ is not code
                or function.__defaults__ is not defaults
                or function.__kwdefaults__ is not named
            ):
                of_object(function, "__code__", code)
                of_object(function, "__defaults__", defaults)
                of_object(function, "__kwdefaults__", named)
                changed.append(name)
            for cell, value in inner:
                if cell.cell_contents is not value:
                    cell.cell_contents = value
                    changed.append(name)
    for name, table, keys, values in tables:
        if len(table) != len(keys) or not all(map(same, map(table.get, keys), values)):
            table.clear()
            for place in places(len(keys)):
                table[keys[place]] = values[place]
            changed.append(name)
    for name, owner, kind, now, keys, values, allowed in modules:
        if loaded.get(name, owner if allowed is None else None) is not owner:
            loaded[name] = owner
            changed.append(name)
        if type(owner) is not kind:
            of_object(owner, "__class__", kind)
            changed.append(name)
        if not all(map(same, map(now.get, keys), values)):
            for place in places(len(keys)):
                if now.get(keys[place]) is not values[place]:
                    now[keys[place]] = values[place]
                    changed.append(f"{name}.{keys[place]}")
        if allowed is not None and len(now) != len(allowed):
            for key in list(now):
                if key not in allowed:
                    del now[key]
                    changed.append(f"{name}.{key}")
    for name, owner, keys, values, allowed in classes:
        now = vars(owner)
        if not all(map(same, map(now.get, keys), values)):
            for place in places(len(keys)):
                if now.get(keys[place]) is not values[place]:
                    of_class(owner, keys[place], values[place])
                    changed.append(f"{name}.{keys[place]}")
        if len(now) != len(allowed):
            for key in list(now):
                if key not in allowed and isinstance(now[key], methods):
                    for base in owner.__mro__[1:]:
                        if key in vars(base):
                            drop(owner, key)
                            changed.append(f"{name}.{key}")
                            break
    return tuple(changed)


_TOOLS = (
    sys.modules,
    object.__setattr__,
    type.__setattr__,
    type.__delattr__,
    vars,
    type,
    isinstance,
    list,
    tuple,
    _METHODS,
    len,
    all,
    map,
    operator.is_,
    operator.attrgetter("__code__"),
    operator.attrgetter("__defaults__"),
    operator.attrgetter("__kwdefaults__"),
    operator.attrgetter("cell_contents"),
    range,
)


class _Taking:
    """Collects records; what was taken before stays as it is.

    Attributes:
        new: whether anything has been added.
    """

    def __init__(self, before: _Records) -> None:
        self.modules, self.classes = list(before.modules), list(before.classes)
        self.functions, self.tables, self.new = list(before.functions), list(before.tables), False
        self._names = {name for name, *_ in before.modules} | {name for name, *_ in before.classes}
        self._seen = {id(record[0]) for record in before.functions} | {id(record[1]) for record in before.classes}

    def module(self, name: str, module: Any, own: bool) -> None:
        """The module, the classes that it holds, and their functions."""
        if name in self._names:
            return
        self._names.add(name)
        self.new = True
        if own:  # Python itself writes down there, at the first warning, which ones it has shown
            vars(module).setdefault("__warningregistry__", {})
        held = dict(vars(module))
        if own:
            kept = {key: value for key, value in held.items() if isinstance(value, _KEPT) and key not in _MOVING}
        else:
            kept = {key: value for key, value in held.items() if _is_kept(name, key, value)}
        allowed = frozenset(held) if own else None
        self.modules.append((name, module, type(module), vars(module), tuple(kept), tuple(kept.values()), allowed))
        for key, value in kept.items():
            self.function(f"{name}.{key}", value)
            if isinstance(value, type) and str(value.__module__).startswith((name, "tensorflow.", "keras.")):
                self.kind(f"{name}.{key}", value, own)

    def kind(self, name: str, kind: type, own: bool) -> None:
        """The class and what it inherits from."""
        for one in kind.__mro__:
            # The classes of C cannot be changed.
            if id(one) in self._seen or not one.__flags__ & _HEAP:
                continue
            self._seen.add(id(one))
            self.new = True
            title = name if one is kind else f"{one.__module__.partition('.')[0]}.{one.__name__}"
            known = {key: value for key, value in vars(one).items() if isinstance(value, _METHODS)}
            self.classes.append((title, one, tuple(known), tuple(known.values()), frozenset(vars(one))))
            for key, value in known.items():
                self.function(f"{title}.{key}", value)

    def function(self, name: str, value: Any, depth: int = 0) -> None:
        """The function's code and defaults, and those of the functions that it wraps."""
        for one in _functions_of(value):
            if id(one) in self._seen or depth > _DEEP:
                continue
            self._seen.add(id(one))
            named = one.__kwdefaults__
            cells = [cell for cell in one.__closure__ or () if _is_filled(cell)]
            inner = [(cell, cell.cell_contents) for cell in cells if isinstance(cell.cell_contents, types.FunctionType)]
            self.functions.append((one, name, one.__code__, one.__defaults__, named, tuple(inner)))
            if named:
                self.tables.append((name, named, tuple(named), tuple(named.values())))
            for _, content in inner:
                self.function(name, content, depth + 1)
            self.function(name, getattr(one, "__wrapped__", None), depth + 1)


def _name_of(record: tuple[Any, ...]) -> str:
    return next(part for part in record if type(part) is str)


def _columns(records: _Records) -> tuple[Any, ...]:
    """The records as `_restore` takes them: what thousands of functions have is compared column by column, in C."""
    every, _, codes, defaults, named, inner = zip(*records.functions, strict=True)
    pairs = [pair for cells in inner for pair in cells]
    cells, contents = tuple(cell for cell, _ in pairs), tuple(content for _, content in pairs)
    columns = (every, codes, defaults, named, records.tables, cells, contents)
    return records.modules, records.classes, records.functions, columns


def _functions_of(value: Any) -> tuple[types.FunctionType, ...]:
    if isinstance(value, property):
        found = (value.fget, value.fset)
    else:
        inner = "__func__" if isinstance(value, staticmethod | classmethod | types.MethodType) else "_implementation"
        found = (value, getattr(value, inner, None))  # NumPy's functions hold their Python code as _implementation
    return tuple(one for one in found if isinstance(one, types.FunctionType))


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


@contextlib.contextmanager
def settings_kept() -> Iterator[None]:
    """Global switches that the block turns are turned back."""
    limit, digits = sys.getrecursionlimit(), sys.get_int_max_str_digits()
    folder, environment = Path.cwd(), dict(os.environ)
    tensorflow, keras, numpy = (sys.modules.get(name) for name in ("tensorflow", "keras", "numpy"))
    eager = tensorflow and tensorflow.config.functions_run_eagerly()
    floats = keras and keras.config.floatx()
    printing = numpy and numpy.get_printoptions()
    try:
        with warnings.catch_warnings():
            yield
    finally:
        sys.setrecursionlimit(limit)
        sys.set_int_max_str_digits(digits)
        os.chdir(folder)
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)
        if printing:
            numpy.set_printoptions(**printing)
        if tensorflow and tensorflow.config.functions_run_eagerly() != eager:
            tensorflow.config.run_functions_eagerly(eager)
        if keras and keras.config.floatx() != floats:
            keras.config.set_floatx(floats)


def _is_kept(module: str, key: str, value: Any) -> bool:
    if key.startswith("_") and key not in _DUNDERS:
        return False
    # TensorFlow and Keras load some of their modules when these are first used, and then replace the entry.
    lazy = isinstance(value, types.ModuleType) and module.startswith(("tensorflow", "keras"))
    # Constants matter in numpy and tensorflow (np.pi, tf.float32); time.tzname and its like change by themselves.
    matters = callable(value) or module.startswith(("math", "numpy", "tensorflow"))
    return matters and not lazy and f"{module}.{key}" not in _ALLOWED


def _loaded(name: str) -> types.ModuleType | None:
    # tensorflow.math and friends are attributes of the package, not entries of sys.modules.
    if name in sys.modules:
        return sys.modules[name]
    top, _, rest = name.partition(".")
    module = sys.modules.get(top)
    if module is None or not rest:
        return module
    inner = vars(module).get(rest)
    return inner if isinstance(inner, types.ModuleType) else None
