"""The room in which an answer runs: global switches of its process that make every answer wrong, right ones too.

A switch such as `tf.compat.v1.disable_eager_execution()` holds for the whole process, and TensorFlow has no sure way to
turn it back. So it is named, with the way out; it is never taken for a fault of the answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from checks.engine import guard

WAY_BACK = "Restart the kernel, leave that line out, and run your cells again."
MOST = 10


def state(patched: bool = False) -> tuple[str, ...]:
    """What is switched in this process, as words that name the line which does it; empty in a clean one.

    Looks only where TensorFlow is loaded, and costs microseconds. Called beside the learner's code, between two calls
    of the answer.

    Args:
        patched: something was just put back into modules: whether it stays there is looked at as well.
    """
    tensorflow = sys.modules.get("tensorflow")
    found = [] if tensorflow is None else [words for words, holds in _SWITCHES if _asked(holds, tensorflow)]
    return (*found, *(_stuck() if patched else ()))[:MOST]


def says(switched: Iterable[str]) -> str:
    """The sentences for the learner: what is switched, what follows, and the way back."""
    named = list(switched)
    if not named:
        return ""
    holds = "That line holds" if len(named) == 1 else "These lines hold"
    return (
        f"Your notebook has run {_and(named)}. {holds} for the whole notebook, so here even a right answer fails. "
        f"{WAY_BACK if len(named) == 1 else WAY_BACK.replace('that line', 'those lines')}"
    )


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _asked(holds: Callable[[Any], bool], tensorflow: Any) -> bool:
    try:
        return bool(holds(tensorflow))
    except Exception:  # a TensorFlow that lacks the question has nothing switched by it
        return False


def _v2_is_off(tensorflow: Any) -> bool:
    from tensorflow.python import tf2

    return not tf2.enabled()


def _eager_is_off(tensorflow: Any) -> bool:
    return not tensorflow.compat.v1.executing_eagerly_outside_functions() and not _v2_is_off(tensorflow)


def _equality_is_off(tensorflow: Any) -> bool:
    return not tensorflow.Tensor._USE_EQUALITY and not _v2_is_off(tensorflow)


def _shapes_are_old(tensorflow: Any) -> bool:
    return not isinstance(tensorflow.TensorShape([1])[0], int) and not _v2_is_off(tensorflow)


def _variables_are_old(tensorflow: Any) -> bool:
    return not tensorflow.compat.v1.resource_variables_enabled() and not _v2_is_off(tensorflow)


def _control_flow_is_old(tensorflow: Any) -> bool:
    return not tensorflow.compat.v1.control_flow_v2_enabled() and not _v2_is_off(tensorflow)


# disable_v2_behavior() turns all the others as well: it alone is named then.
_SWITCHES: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    ("tf.compat.v1.disable_v2_behavior()", _v2_is_off),
    ("tf.compat.v1.disable_eager_execution()", _eager_is_off),
    ("tf.compat.v1.disable_tensor_equality()", _equality_is_off),
    ("tf.compat.v1.disable_v2_tensorshape()", _shapes_are_old),
    ("tf.compat.v1.disable_resource_variables()", _variables_are_old),
    ("tf.compat.v1.disable_control_flow_v2()", _control_flow_is_old),
)


def _stuck() -> tuple[str, ...]:
    """Names of modules that an answer replaced and that cannot be put back."""
    guard.put_back()
    return tuple(f"{name} = ..." for name in guard.put_back())
