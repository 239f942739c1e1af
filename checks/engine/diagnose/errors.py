"""Exceptions whose message a learner cannot know the meaning of: what each means, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

from checks.engine.exercise import Exercise
from checks.engine.plain import Raised
from checks.engine.witness import Diagnosis, Witness

_GRAPH = (
    "Here your code runs inside a graph: in tf.function, in Dataset.map or in a Keras model. A tensor has no value "
    "there "
    "yet, so Python and NumPy cannot work with it."
)
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        "no_value_in_a_graph",
        r"'(?:Symbolic|Keras)Tensor' object has no attribute '(?P<name>\w+)'",
        _GRAPH + " Replace `.{name}` by TensorFlow's own operation.",
    ),
    (
        "no_value_in_a_graph",
        r"(?:symbolic tf\.Tensor.*NumPy|NumPy array.*symbolic|KerasTensor cannot be used as input|"
        r"A KerasTensor is symbolic|Tensor is unhashable)",
        _GRAPH + " Use TensorFlow's operations in place of NumPy's.",
    ),
    (
        "python_on_a_symbolic_tensor",
        r"(?:symbolic `?tf\.Tensor`? as a Python `?bool`?|[Ii]terating over a symbolic `?tf\.Tensor`?)",
        _GRAPH + " `if` and `for` of Python need values: use tf.where, tf.cond, or an operation on the whole tensor.",
    ),
    (
        "variables_made_again",
        r"(?:singleton tf\.Variable|create variables on non-first call|variables on the first call)",
        "A tf.function may make Variables in its first call only. Make them once, outside, and use them inside.",
    ),
    (
        "name_of_tensorflow_1",
        r"module '(?:tensorflow|tensorflow\.\w+)' has no attribute "
        "'(?P<name>placeholder|Session|global_variables_initializer"
        r"|get_variable|string_split|to_float|log|div|matrix_inverse|random_normal|random_uniform|assign|InteractiveSession)'",
        "`tf.{name}` belongs to TensorFlow 1. Look for the name of today in the lesson, or use tf.compat.v1.{name}.",
    ),
    (
        "two_dtypes",
        r"was expected to be an? (?P<one>\w+) tensor but is an? (?P<other>\w+) tensor",
        "TensorFlow does not mix dtypes: one side is {one}, the other {other}. Convert one of them with tf.cast.",
    ),
    (
        "none_in_a_calculation",
        r"(?:Attempt to convert a value \(None\)|unsupported operand type\(s\) for .*NoneType|'NoneType' object)",
        "One of the values here is None. A function that you call returns nothing, a gradient does not exist, or a "
        "name was "
        "given the result of an operation that returns None.",
    ),
    (
        "no_gradients",
        r"No gradients provided for any variable",
        "Every gradient is None: the tape has seen no way from the loss to the variables. Compute the predictions "
        "and the loss "
        "inside `with tf.GradientTape()`, from the model's own variables.",
    ),
    (
        "argument_required",
        r"missing \d+ required (?:positional|keyword-only) arguments?: (?P<name>'\w+'(?:,? and '\w+')?)",
        "The task allows a call without {name}, and your function demands it. Give it a default value.",
    ),
    (
        "too_many_arguments",
        r"takes (?P<one>\d+) positional arguments? but (?P<other>\d+) were given",
        "Your function takes {one} arguments, and it is called with {other}. Compare its first line with the one in "
        "the task.",
    ),
    (
        "unknown_argument",
        r"__init__\(\) got an unexpected keyword argument '(?P<name>trainable|dtype|name)'",
        "Keras makes your class again with {name}, which its __init__ refuses. Take **kwargs in __init__ and hand "
        "them to "
        "super().__init__(**kwargs).",
    ),
    (
        "not_registered",
        r"Could not locate class '(?P<name>\w+)'",
        "Whoever loads the model does not know {name}. Put @keras.saving.register_keras_serializable() above the "
        "class.",
    ),
    (
        "recursion_without_end",
        r"maximum recursion depth exceeded",
        "Your function calls itself without end. The case in which it stops is missing, or never reached.",
    ),
)


def known_exception(exercise: Exercise, failing: list[Witness], passing: list[Witness]) -> Diagnosis | None:
    """The meaning of an exception that every failing case has raised."""
    raised = [one.seen["result"] for one in failing]
    if not all(isinstance(one, Raised) for one in raised):
        return None
    if all(one.type == "ProcessEnded" for one in raised):
        told = "Your answer ended the Python process itself, so nothing came back."
        return Diagnosis("ended_the_process", f"{told} {exercise.ends}".strip())
    if all(one.type == "NameError" for one in raised):
        return _name_error(raised)
    own = [one.code or "" for one in raised]
    if all(map(_is_own_refusal, raised)) and all(_has_a_result(one) for one in failing):
        return Diagnosis(
            "refuses_the_inputs",
            f"Your own line `{own[0]}` refuses these arguments, and the task wants a result for them.",
        )
    for name, pattern, says in _KNOWN:
        found = [re.search(pattern, one.message, re.S) for one in raised]
        if all(found) and len({tuple(match.groups()) for match in found}) == 1:
            if name in ("argument_required", "too_many_arguments") and not all(
                re.match(rf"(?:[\w.<>]+\.)?{exercise.name}(?:\.__init__)?\(\) ", one.message) for one in raised
            ):
                continue  # it is another function that is called in a wrong way
            if name == "argument_required" and not _is_optional(exercise, found[0]["name"]):
                continue
            return Diagnosis(name, says.format(**found[0].groupdict()))
    return None


def _is_own_refusal(error: Raised) -> bool:
    """Whether the line itself raises, and not something that it calls."""
    line = error.code or ""
    return line.startswith(f"raise {error.type}") or (line.startswith("assert ") and error.type == "AssertionError")


def _has_a_result(one: Witness) -> bool:
    """Whether the case wants a result: some tasks want an exception, which their drivers tell as a part of one."""
    wanted = one.expected
    refused = isinstance(wanted, dict) and (wanted.get("raised") or any(str(key).endswith("Error") for key in wanted))
    return wanted is not None and not refused and not (isinstance(wanted, str) and wanted.endswith("Error"))


def _name_error(raised: list[Raised]) -> Diagnosis | None:
    found = {match[1] for one in raised if (match := re.search(r"name '(\w+)' is not defined", one.message))}
    if len(found) != 1:
        return None
    (name,) = found
    return Diagnosis(
        "name_not_defined",
        f"Nothing is called {name} here. Either it is spelled differently where it is made, or the cell that makes "
        "it has not "
        "run.",
    )


def _is_optional(exercise: Exercise, names: str) -> bool:
    """Whether a right answer has defaults for the arguments: else they are demanded rightly."""
    import inspect

    from checks.engine.exercise import ready

    functions: list[Callable[..., object]] = [ready(one) for one in exercise.rights[:1]]
    try:
        parameters = inspect.signature(functions[0]).parameters
    except (IndexError, TypeError, ValueError):
        return False
    wanted = re.findall(r"'(\w+)'", names)
    return all(name in parameters and parameters[name].default is not inspect.Parameter.empty for name in wanted)
