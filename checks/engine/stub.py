"""Tells an untouched stub from an attempt."""

from __future__ import annotations

import dis
import inspect
import types
from typing import Any

_IDLE = frozenset(
    {
        "RESUME",
        "NOP",
        "LOAD_CONST",
        "RETURN_CONST",
        "RETURN_VALUE",
        "COPY_FREE_VARS",
        "MAKE_CELL",
        "POP_TOP",
        "CACHE",
    }
)


_RAISING = frozenset({"LOAD_GLOBAL", "PUSH_NULL", "PRECALL", "CALL", "RAISE_VARARGS"})
# What Python itself, and Keras' decorators, put into every class.
_EVERY_CLASS = frozenset({*vars(type("Empty", (), {})), "__annotations__", "__firstlineno__", "__static_attributes__"})

# Stubs derive from classes of these; whatever else a class derives from is somebody's work.
_OF_STUBS = frozenset({"keras", "tensorflow", "abc", "typing"})


class Missing:
    """Stands for an exercise whose cell has not run, so that Run All reaches its end."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NameError with what to do."""
        raise NameError(f"{self.__name__} is not defined yet: run the cell in which you write it")

    def __repr__(self) -> str:
        return f"<{self.__name__}: not defined yet>"


def is_untouched(answer: Any) -> bool:
    """Whether the answer does nothing: a body of `...`, `pass` or NotImplementedError; a class, in all methods.

    A class without a body that takes all it does from another one of the same notebook is an attempt.
    """
    if answer is None or answer is Ellipsis or isinstance(answer, Missing):
        return True
    if inspect.isclass(answer):
        # What it inherits counts too: `class Node(Base): pass` does what Base does. Only bases of stubs do not.
        return all(_idle_class(part) for part in answer.__mro__ if part.__module__.split(".")[0] not in _OF_STUBS)
    function = _function(answer)
    return function is not None and _idle(function)


def _idle_class(part: type) -> bool:
    own = {name: member for name, member in vars(part).items() if name not in _EVERY_CLASS}
    return part is object or all(
        (function := _function(member)) is not None and _idle(function) for member in own.values()
    )


def _function(obj: Any) -> types.FunctionType | None:
    """The Python function behind a function, method, property or decorated function, or None."""
    for attribute in ("python_function", "__wrapped__", "__func__", "fget"):
        inner = inspect.getattr_static(obj, attribute, None)
        if inner is not None and not isinstance(obj, types.FunctionType):
            found = getattr(obj, attribute, None)
            if isinstance(found, types.FunctionType):
                return found
    return obj if isinstance(obj, types.FunctionType) else None


def _idle(function: types.FunctionType) -> bool:
    code = function.__code__
    instructions = list(dis.get_instructions(code))
    if all(step.opname in _IDLE for step in instructions):
        constants = [step.argval for step in instructions if step.opname in ("LOAD_CONST", "RETURN_CONST")]
        return all(constant is None or constant is Ellipsis for constant in constants)
    # Nothing but `raise NotImplementedError(...)`: real code may raise it in one branch.
    return code.co_names == ("NotImplementedError",) and all(step.opname in _IDLE | _RAISING for step in instructions)
