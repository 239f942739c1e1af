"""Sets the global switches of TensorFlow, Keras and NumPy as the course runs them, before an answer is looked at.

A switch that a notebook turned, perhaps while somebody searched for an error, would change what an answer does:
functions that run eagerly hide mistakes of graphs, and numbers of another type miss their expected values.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_FOUND = object()
"""The value of the course is the one that the set-up found."""


@dataclass(frozen=True)
class Switch:
    """One global switch.

    Attributes:
        words: what a learner reads where it was turned.
        module: it is looked at only where this module is loaded.
        now: its state, asked of the module.
        put: sets it.
        course: the course's own state; by default the one that `remember` finds.
        kind: switches of the kind "lenient" let wrong answers pass.
    """

    words: str
    module: str
    now: Callable[[Any], Any]
    put: Callable[[Any, Any], object]
    course: Any = _FOUND
    kind: str = ""


def _setting(name: str, words: str, course: Any) -> Switch:
    """A setting of `keras.config` with a reader `name` and a writer `set_name`."""
    return Switch(
        words,
        "keras",
        lambda keras: getattr(keras.config, name)() if hasattr(keras.config, name) else course,
        lambda keras, value: getattr(keras.config, f"set_{name}")(value),
        course,
    )


def _policy(keras: Any) -> Any:
    found = keras.config.dtype_policy()
    return found.name if type(found) is keras.dtype_policies.DTypePolicy else type(found).__name__


_SWITCHES: tuple[Switch, ...] = (
    Switch(
        "tf.config.run_functions_eagerly(True)",
        "tensorflow",
        lambda tf: tf.config.functions_run_eagerly(),
        lambda tf, value: tf.config.run_functions_eagerly(value),
        False,
        "lenient",
    ),
    Switch(
        "tf.data.experimental.enable_debug_mode()",
        "tensorflow.python.data.ops.debug_mode",
        lambda mode: mode.DEBUG_MODE,
        lambda mode, value: mode.toggle_debug_mode(value),
        False,
        "lenient",
    ),
    Switch(
        "tf.debugging.enable_check_numerics()",
        "tensorflow.python.debug.lib.check_numerics_callback",
        lambda checks: hasattr(checks._state, "check_numerics_callback"),
        lambda checks, value: checks.disable_check_numerics(),
        False,
    ),
    Switch(
        "tf.config.experimental.enable_op_determinism()",
        "tensorflow.python.framework.config",
        lambda config: config.is_op_determinism_enabled(),
        lambda config, value: config.enable_op_determinism() if value else config.disable_op_determinism(),
    ),
    Switch(
        "tf.config.experimental.enable_tensor_float_32_execution",
        "tensorflow",
        lambda tf: tf.config.experimental.tensor_float_32_execution_enabled(),
        lambda tf, value: tf.config.experimental.enable_tensor_float_32_execution(value),
    ),
    Switch(
        "tf.config.set_soft_device_placement",
        "tensorflow.python.eager.context",
        # The public reader starts the devices, which a process that is to be forked must not.
        lambda context: context.context()._soft_device_placement is not False,
        lambda context, value: setattr(context.context(), "soft_device_placement", value),
    ),
    # Before the policy: where none was set, it is made of floatx when it is first asked for.
    _setting("floatx", "keras.config.set_floatx", "float32"),
    Switch(
        "keras.config.set_dtype_policy",
        "keras",
        _policy,
        lambda keras, value: keras.config.set_dtype_policy(value),
        "float32",
    ),
    _setting("epsilon", "keras.config.set_epsilon", 1e-7),
    _setting("image_data_format", "keras.config.set_image_data_format", "channels_last"),
    _setting("max_epochs", "keras.config.set_max_epochs", None),
    _setting("max_steps_per_epoch", "keras.config.set_max_steps_per_epoch", None),
    Switch("numpy.seterr", "numpy", lambda numpy: numpy.geterr(), lambda numpy, value: numpy.seterr(**value)),
    Switch(
        "numpy.set_printoptions",
        "numpy",
        lambda numpy: numpy.get_printoptions(),
        lambda numpy, value: numpy.set_printoptions(**value),
    ),
)
_found: tuple[tuple[Switch, Any], ...] = ()
"""Each switch that is watched, with the state that it is put back to."""


def remember() -> bool:
    """Takes the present state of every switch that is not yet known, where its module is loaded; True where any is."""
    global _found
    known = {switch.words for switch, _ in _found}
    new = [one for one in _SWITCHES if one.words not in known and one.module in sys.modules]
    states = [(one, one.now(sys.modules[one.module]) if one.course is _FOUND else one.course) for one in new]
    if states:
        _found = (*_found, *states)
    return bool(states)


def put_back(kind: str = "") -> tuple[str, ...]:
    """The words of the switches that were turned, such as "keras.config.set_floatx", set back to the course's state.

    Some switches belong to a thread, so it is called in the thread that runs the answer.

    Args:
        kind: only switches of this kind; "" for all.
    """
    turned = []
    for switch, course in _found:
        module = sys.modules.get(switch.module)
        if module is None or (kind and switch.kind != kind):
            continue
        if switch.now(module) != course:
            switch.put(module, course)
            turned.append(switch.words)
    return tuple(turned)
