"""Whatever an answer gives back, the judge says what is wrong with it: a submission may give anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from checks.engine import judge, registry
from checks.engine.exercise import Exercise
from checks.engine.plain import Array, Opaque, Ragged, Raised, Sparse, plain
from checks.engine.quiet import silent
from course.runtime import import_quietly

EXERCISES = [exercise for day in registry.days() for exercise in registry.day(day)]
NOTHING = np.zeros((0,), "float32")
ODD = {
    "none": None,
    "true": True,
    "zero": 0,
    "large": 10**400,
    "nan": float("nan"),
    "text": "x",
    "half a letter": "\ud800",
    "bytes": b"\xff",
    "nothing": [],
    "dict": {},
    "odd dict": {1: None, "a": [], None: {}},
    "deep": [[[[[[]]]]]],
    "mixed": [1, "a", None, [2.0], {"b": 3}],
    "pair": (None, None),
    "three": (1, 2, 3),
    "empty array": Array(NOTHING),
    "nan array": Array(np.full((2, 3), np.nan, "float32")),
    "infinite": Array(np.full((4,), np.inf)),
    "text array": Array(np.array(["a", "b"], dtype=object)),
    "complex": Array(np.array([1j])),
    "rank 5": Array(np.zeros((1, 1, 1, 1, 1), "int8"), "tensor"),
    "scalar": Array(np.array(True), "scalar"),
    "tensor": Array(np.ones((3, 2), "float64"), "tensor"),
    "variable": Array(np.ones((2,), "int64"), "variable"),
    "ragged": Ragged(Array(NOTHING), (np.array([0, 0]),)),
    "sparse": Sparse(np.zeros((0, 2), "int64"), Array(NOTHING), (2, 2)),
    "object": Opaque("Liar", "<Liar>"),
    "exception": Raised("ValueError", "odd"),
    "no message": Raised("", ""),
}


@pytest.fixture(scope="module", autouse=True)
def tensorflow_is_there():
    """Its import would count as the first answer's time."""
    with silent():
        import_quietly()


def seen(result: Any) -> dict[str, Any]:
    return {
        "result": result,
        "timed_out": "",
        "changed": [],
        "patched": [],
        "switched": [],
        "printed": "",
        "printed_count": 0,
        "room": [],
        "seconds": 0.0,
    }


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: f"day{exercise.day:02d}-{exercise.name}")
def test_no_result_makes_the_judge_fail(exercise: Exercise):
    fixed = [case for group in exercise.groups for case in group.fixed][:2]
    shapes = [*ODD.values(), *(dict.fromkeys(("loss", "y", "shape", "weights"), odd) for odd in ODD.values())]
    memory = judge.Memory()
    for case in fixed:
        inputs = {name: plain(case[name]) for name in exercise.inputs}
        for result in shapes:
            failure = judge.judge(exercise, inputs, seen(result), memory)
            if failure is not None:
                assert all(isinstance(problem, str) and problem for problem in failure.problems), (result, failure)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: f"day{exercise.day:02d}-{exercise.name}")
def test_no_part_of_a_right_result_can_be_replaced_to_make_the_judge_fail(exercise: Exercise):
    case = exercise.groups[0].fixed[0]
    inputs = {name: plain(case[name]) for name in exercise.inputs}
    memory = judge.Memory()
    right = seen(observed(exercise, inputs))
    assert judge.judge(exercise, inputs, right) is None
    for changed in replaced(right["result"]):
        judge.judge(exercise, inputs, seen(changed), memory)


def observed(exercise: Exercise, inputs: dict[str, Any]) -> Any:
    """What a right answer gives on the case."""
    from checks.engine.exercise import ready
    from checks.engine.observe import Observer

    observer = Observer(ready(exercise.rights[0]))
    try:
        return judge.read(observer(judge.request(exercise, inputs)))["result"]
    finally:
        observer.close()


def replaced(result: Any) -> list[Any]:
    """The result with one part of it replaced by something odd, in every place of a list, a tuple or a dict."""
    if isinstance(result, dict):
        return [{**result, key: odd} for key in result for odd in ODD.values()] + [
            {other: value for other, value in result.items() if other != key} for key in result
        ]
    if isinstance(result, list | tuple):
        kind = type(result)
        some = range(min(len(result), 4))
        return [kind([*result[:place], odd, *result[place + 1 :]]) for place in some for odd in ODD.values()]
    return []
