"""A broken room is not a wrong answer: what is switched is named, with the way back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from checks.engine import room

NAMES = (
    "disable_eager_execution",
    "disable_v2_behavior",
    "disable_tensor_equality",
    "disable_v2_tensorshape",
    "disable_resource_variables",
    "disable_control_flow_v2",
)
PROGRAM = """
import sys
from course.runtime import import_quietly
tf = import_quietly()
tf.zeros(1)
from checks.engine import api, card, guard, registry, room
import keras, numpy as np
api.placeholders(5)
assert room.state() == (), room.state()
def describe(t):
    size = int(np.prod(t.shape, dtype=int))
    return {"rank": len(t.shape), "shape": tuple(t.shape), "dtype": t.dtype.name, "size": size}
assert api.verdict_on(describe).correct, api.verdict_on(describe)
exec(sys.argv[1])
print("|".join(room.state()))
print(api.verdict_on(describe))
"""


def in_a_process(line: str) -> tuple[str, str]:
    """What is said of a process in which the line was run: the room's state, and the card of a right answer."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, line], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    first, _, rest = done.stdout.partition("\n")
    return first, rest


@pytest.mark.parametrize("name", NAMES)
def test_every_switch_is_named(name: str):
    state, _ = in_a_process(f"tf.compat.v1.{name}()")
    assert state == f"tf.compat.v1.{name}()"


def test_right_answer_in_a_broken_room_is_not_called_wrong():
    state, card = in_a_process("tf.compat.v1.disable_eager_execution()")
    assert state
    assert card.startswith("? Could not check · describe")
    assert "has run tf.compat.v1.disable_eager_execution()" in card
    assert "Restart the kernel, leave that line out" in card
    assert "put back" not in card


def test_clean_process_has_nothing_to_say():
    assert room.state() == ()
    assert room.says(()) == ""
    assert "Those lines" not in room.says(("a()",))
    assert "leave those lines out" in room.says(("a()", "b()"))
