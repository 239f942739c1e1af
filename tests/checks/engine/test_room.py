"""A broken room is not a wrong answer: what is switched is named, with the way back."""

from __future__ import annotations

import subprocess
import sys

from checks.engine import room

SWITCHES = """
from course.runtime import import_quietly
tf = import_quietly()
from checks.engine import room
assert room.state() == ()
names = ["disable_tensor_equality", "disable_v2_tensorshape", "disable_resource_variables", "disable_control_flow_v2"]
for place, name in enumerate([*names, "disable_eager_execution"], 1):
    getattr(tf.compat.v1, name)()
    assert f"tf.compat.v1.{name}()" in room.state()
    assert len(room.state()) == place
tf.compat.v1.disable_v2_behavior()
print(room.state())
"""
CHECKED = """
from course.authoring import lessons
from course.runtime import import_quietly
tf = import_quietly()
tf.zeros(1)
import numpy as np
from checks.engine import api
api.placeholders(5)
exec(lessons.solution_text("describe"))
assert api.verdict_on(describe).correct
tf.compat.v1.disable_eager_execution()
print(api.verdict_on(describe))
"""


def in_a_process(program: str) -> str:
    """What the program prints, in a process of its own: most switches cannot be turned back."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_every_switch_is_named_and_the_one_that_turns_all_alone():
    assert in_a_process(SWITCHES) == "('tf.compat.v1.disable_v2_behavior()',)\n"


def test_right_answer_in_a_broken_room_is_not_called_wrong():
    card = in_a_process(CHECKED)
    assert card.startswith("? Could not check · describe")
    assert "has run tf.compat.v1.disable_eager_execution()" in card
    assert "Restart the kernel, leave that line out" in card
    assert "put back" not in card


def test_clean_process_has_nothing_to_say():
    assert room.state() == ()
    assert room.says(()) == ""
    assert "Those lines" not in room.says(("a()",))
    assert "leave those lines out" in room.says(("a()", "b()"))


def test_warning_in_a_driver_is_nobodys_change():
    """Python writes down, in the module itself, which warnings it has shown."""
    import checks.drivers.day08 as day08
    from checks.engine import guard

    guard.remember()
    vars(day08).setdefault("__warningregistry__", {})["shown"] = 1
    assert not [name for name in guard.put_back() if "warningregistry" in name]
