"""How an exercise is judged: groups and points, the smallest failing case, the mistake that it shows."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
import toy

from checks.engine import api, exercise, judge, wire, worker
from checks.engine.exercise import Exercise, Returns, answer_source, built, ready
from checks.engine.observe import Observer, Unusable
from checks.engine.plain import Raised
from checks.engine.verdict import Outcome, Verdict

SEEN = {
    "result": 6,
    "timed_out": "",
    "changed": [],
    "patched": [],
    "switched": [],
    "printed": "",
    "printed_count": 0,
    "seconds": 0.1,
    "room": [],
}


def total() -> Exercise:
    """An exercise on plain Python, so that nothing here needs TensorFlow: the sum of a list of numbers."""
    made = Exercise("total", day=toy.DAY, hints=("a", "b", "c"), returns=Returns(kind="python"))
    made.example(values=[1, 2, 3])
    made.spec(lambda values: sum(values))
    made.fixed_cases("nothing", 1, {"values": []})
    made.cases("small numbers", points=2)(lambda: lists(0, 9))
    made.cases("negative numbers", points=3)(lambda: lists(-9, -1))
    return made


def lists(low: int, high: int) -> Any:
    return st.fixed_dictionaries({"values": st.lists(st.integers(low, high), min_size=1, max_size=6)})


def examined(made: Exercise, answer: Any, seed: int = 0) -> Verdict:
    observer = Observer(answer)
    try:
        return judge.examine(made, observer, seed)
    finally:
        observer.close()


# ---------------------------------------------------------------------------------------------- groups and points


def test_right_answer_gets_all_points():
    verdict = examined(total(), sum)
    assert verdict.outcome is Outcome.CORRECT
    assert verdict.correct
    assert (verdict.points, verdict.out_of) == (6, 6)
    assert [(part.name, part.passed, part.points) for part in verdict.parts] == [
        ("the example", True, 0),
        ("nothing", True, 1),
        ("small numbers", True, 2),
        ("negative numbers", True, 3),
    ]
    assert (verdict.problems, verdict.case, verdict.got, verdict.notes) == ((), "", "", ())


def test_each_group_that_passes_gives_its_points():
    verdict = examined(total(), lambda values: sum(map(abs, values)))
    assert verdict.outcome is Outcome.WRONG
    assert verdict.points == 3
    assert [part.passed for part in verdict.parts] == [True, True, True, False]
    assert verdict.hidden


def test_without_the_example_there_are_no_points():
    verdict = examined(total(), lambda values: sum(values) if len(values) != 3 else 0)
    assert verdict.parts[1].passed
    assert not verdict.parts[0].passed
    assert verdict.points == 0
    assert not verdict.hidden
    assert verdict.case == "total(values=[1, 2, 3])"
    assert verdict.got == "0"
    assert verdict.problems == ("value: expected 6, got 0",)


def test_examples_are_one_group_that_comes_first():
    made = Exercise("total", day=toy.DAY, hints=())
    made.fixed_cases("later", 2, {"values": []})
    made.example(points=1, values=[1])
    made.example(points=1, values=[2])
    assert [(group.name, group.points, len(group.fixed)) for group in made.groups] == [
        ("the example", 2, 2),
        ("later", 2, 1),
    ]
    assert made.points == 4
    assert made.inputs == ("values",)


# ------------------------------------------------------------------------------------------- the smallest failing case


def test_smallest_failing_case_is_shown():
    verdict = examined(total(), lambda values: sum(values) if max([0, *values]) < 7 else -1)
    assert verdict.case == "total(values=[7])"
    verdict = examined(total(), lambda values: sum(values) if len(values) < 4 else -1)
    assert verdict.case == "total(values=[0, 0, 0, 0])"
    assert verdict.points == 1


def test_same_seed_makes_the_same_cases():
    def cases(seed: int) -> list[Any]:
        met: list[Any] = []
        examined(total(), lambda values: (met.append(tuple(values)), sum(values))[1], seed)
        return met

    assert cases(1) == cases(1)
    assert cases(1) != cases(2)


def test_answer_that_changes_its_mind_still_gets_a_verdict():
    calls = iter(range(10**6))
    verdict = examined(total(), lambda values: sum(values) + (next(calls) == 9))
    assert verdict.outcome is Outcome.WRONG
    assert verdict.problems


def test_case_is_written_as_the_exercise_declares():
    made = total()
    made.shown(lambda values: f"the total of {len(values)}")
    assert examined(made, lambda values: 0).case == "the total of 3"


def test_inputs_arrive_in_the_order_of_the_example():
    made = Exercise("less", day=toy.DAY, hints=(), returns=Returns(kind="python"))
    made.example(zebra=5, apple=3)
    made.spec(lambda zebra, apple: zebra - apple)
    made.fixed_cases("turned round", 1, {"apple": 1, "zebra": 9})
    numbers = st.integers(0, 9)
    made.cases("any order", points=1)(lambda: st.fixed_dictionaries({"apple": numbers}, optional={"zebra": numbers}))
    made.groups[-1] = exercise.Group(
        "any order", 1, strategy=lambda: st.permutations(["zebra", "apple"]).map(lambda names: dict.fromkeys(names, 4))
    )
    assert examined(made, lambda first, second: first - second).correct


# --------------------------------------------------------------------------------------------------------- mistakes


def with_mistakes() -> Exercise:
    made = total()

    @made.mistake("You counted.")
    def counted(values):
        return len(values)

    @made.mistake("You left out the first.")
    def without_the_first(values):
        return sum(values[1:])

    @made.mistake("You left out the smallest.")
    def without_the_smallest(values):
        return sum(sorted(values)[1:])

    @made.mistake(
        lambda inputs, got: f"You added {got - sum(inputs['values'])} too many.", when=lambda i, got, e: got > e
    )
    def one_too_many(values):
        return sum(values) + 1

    @made.mistake("You divided.")
    def mean(values):
        return sum(values) / len(values)

    return made


@pytest.mark.parametrize("name", ["counted", "without_the_first", "one_too_many", "mean"])
def test_every_mistake_is_recognised_by_what_it_does(name: str):
    made = with_mistakes()
    mistake = next(mistake for mistake in made.mistakes if mistake.name == name)
    verdict = examined(made, mistake.answer)
    assert verdict.mistake == name
    assert verdict.advice == ("You added 1 too many." if name == "one_too_many" else mistake.says)


def test_where_two_mistakes_fit_the_one_that_fits_other_cases_wins():
    """On [1, 2, 3], leaving out the first and leaving out the smallest look alike: other cases tell them apart."""
    made = with_mistakes()
    made.groups[0] = exercise.Group("the example", 0, ({"values": [1, 2, 3]}, {"values": [3, 2, 1]}))
    verdict = examined(made, lambda values: sum(values) - min(values, default=0))
    assert verdict.mistake == "without_the_smallest"
    verdict = examined(made, lambda values: sum(values) - (values or [0])[0])
    assert verdict.mistake == "without_the_first"


def test_where_nothing_tells_two_mistakes_apart_the_first_declared_wins():
    made = Exercise("total", day=toy.DAY, hints=(), returns=Returns(kind="python"))
    made.example(points=1, values=[1, 2, 3])
    made.spec(lambda values: 6)
    for mistake in with_mistakes().mistakes[1:3]:
        made.mistake(mistake.says)(mistake.answer)
    assert examined(made, lambda values: 5).mistake == "without_the_first"


def test_relative_of_a_mistake_is_recognised_by_its_predicate():
    verdict = examined(with_mistakes(), lambda values: sum(values) + 40)
    assert verdict.mistake == "one_too_many"
    assert verdict.advice == "You added 40 too many."


def test_one_that_behaves_the_same_comes_before_a_predicate():
    made = with_mistakes()

    @made.mistake("You doubled.")
    def doubled(values):
        return 2 * sum(values)

    assert examined(made, lambda values: sum(values) + sum(values)).mistake == "doubled"


def test_an_exercise_can_tell_mistakes_by_their_predicates_alone():
    made = total()
    made.runs_mistakes = False
    calls = []

    @made.mistake("You took the product.", when=lambda inputs, got, expected: got > expected)
    def product(values):
        calls.append(values)
        return -1

    assert examined(made, lambda values: -1).mistake is None
    assert examined(made, lambda values: 100).mistake == "product"
    assert calls == []
    with pytest.raises(ValueError, match="counted needs a predicate"):
        made.mistake("You counted.")(counted)


def counted(values):
    return len(values)


def test_unknown_mistake_has_no_advice():
    verdict = examined(with_mistakes(), lambda values: -100)
    assert (verdict.mistake, verdict.advice) == (None, None)


def test_message_or_predicate_that_raises_does_no_harm():
    made = total()

    @made.mistake(lambda inputs, got: inputs["nothing"], when=lambda inputs, got, expected: got.shape)
    def no_sum_at_all(values):
        return "text"

    assert examined(made, lambda values: "text").advice == "No sum at all"
    assert examined(made, lambda values: "other").mistake is None


def test_mistake_that_raises_is_recognised_by_its_exception():
    made = total()

    @made.mistake("A list is not a number.")
    def plus(values):
        return values + 1

    def mine(values):
        wanted = values
        return wanted + 1

    verdict = examined(made, mine)
    assert verdict.outcome is Outcome.ERROR
    assert verdict.mistake == "plus"


def test_change_of_an_input_tells_mistakes_apart():
    made = Exercise("total", day=toy.DAY, hints=(), returns=Returns(kind="python"), keeps_inputs=True)
    made.example(points=1, values=[1, 2])
    made.spec(lambda values: 3)

    @made.mistake("You added.")
    def right_but_for_one(values):
        return 3

    @made.mistake("You emptied the list.")
    def emptied(values):
        values.clear()
        return 3

    verdict = examined(made, emptied)
    assert verdict.mistake == "emptied"
    assert verdict.problems == ("your answer changed its input values; leave inputs as they are",)
    assert verdict.notes == ()


def test_mistake_that_is_built_late_is_recognised():
    made = total()

    @made.mistake("You counted.")
    @built
    def counted():
        def answer(values):
            return len(values)

        return answer

    assert examined(made, len).mistake == "counted"
    assert ready(made.mistakes[0].answer) is ready(made.mistakes[0].answer)


# ------------------------------------------------------------------------------------------- errors, time, verification


def test_line_of_the_learner_is_named():
    def helper(values):
        return values["sum"]

    def answer(values):
        return helper(values)

    verdict = examined(total(), answer)
    assert verdict.outcome is Outcome.ERROR
    assert verdict.line == (helper.__code__.co_firstlineno + 1, 'return values["sum"]')
    assert verdict.problems[0].startswith("TypeError: list indices")
    assert verdict.got == ""


def test_line_of_the_learner_is_named_inside_a_library():
    def answer(values):
        return np.stack([np.zeros(1), np.zeros(2)])

    verdict = examined(total(), answer)
    assert verdict.line is not None
    assert verdict.line[1] == "return np.stack([np.zeros(1), np.zeros(2)])"
    assert "ValueError" in verdict.problems[0]


def test_line_of_the_learner_is_named_inside_a_graph(tf: Any):
    @tf.function
    def answer(values):
        return tf.reshape(values, [7, 7])

    verdict = examined(total(), answer)
    assert verdict.outcome is Outcome.ERROR
    assert verdict.line is not None
    assert verdict.line[1] == "return tf.reshape(values, [7, 7])"
    assert "{{" not in verdict.problems[0]
    assert "File" not in verdict.problems[0]


def test_answer_that_takes_too_long_ends_the_check(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker, "GRACE", 30.0)  # on a busy machine its thread may take as long to end
    made = total()
    made.limit = 0.2
    calls: list[Any] = []

    def answer(values):
        calls.append(values)
        while len(values) == 2:
            time.sleep(0.001)
        return sum(values)

    @made.mistake("Yours never ends.")
    def endless(values):
        while True:
            time.sleep(0.001)

    made.example(values=[1, 2])
    verdict = examined(made, answer)
    assert verdict.outcome is Outcome.WRONG
    assert verdict.problems == ("no result after 0.2 seconds",)
    assert verdict.mistake == "endless"
    assert verdict.points == 0
    assert calls == [[1, 2, 3], [1, 2]]
    assert [part.passed for part in verdict.parts] == [False] * 4
    assert verdict.notes == ()


def test_all_cases_together_have_a_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(judge, "CHECK_SECONDS", 0.0)
    calls: list[Any] = []
    verdict = examined(total(), calls.append)
    assert calls == []
    assert verdict.outcome is Outcome.WRONG
    assert verdict.problems == ("all cases together take more than 0 seconds",)


def test_result_that_cannot_be_used_is_wrong_and_no_error(monkeypatch: pytest.MonkeyPatch):
    made = total()

    def use(answer: Callable[..., Any], values: Any) -> Any:
        if not isinstance(answer(values), int):
            raise Unusable("return a number; a text came back")
        return answer(values)

    made.day = 97  # of its own: what observes is put back, for as long as this process runs
    monkeypatch.setitem(sys.modules, "checks.drivers.day97", SimpleNamespace(total=use))
    verdict = examined(made, lambda values: "six")
    assert verdict.outcome is Outcome.WRONG
    assert verdict.problems == ("return a number; a text came back",)
    assert examined(made, sum).correct


def test_driver_of_a_day_puts_the_answer_to_use():
    assert exercise.driver(toy.DAY, "total") is exercise.call
    assert exercise.driver(5, "describe") is exercise.call
    assert exercise.driver(5, "counts_to_sparse").__module__ == "checks.drivers.day05"


def test_module_that_a_driver_misses_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
    (tmp_path / "day98.py").write_text("import nowhere_to_be_found\n")
    import checks.drivers

    monkeypatch.setattr(checks.drivers, "__path__", [str(tmp_path)])
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        exercise.driver(98, "total")


def test_verifier_alone_decides_where_there_is_no_spec():
    made = total()
    made.spec_of = None
    made.verify(lambda inputs, got, expected: [] if got == sum(inputs["values"]) and expected is None else ["no sum"])
    assert examined(made, sum).correct
    assert examined(made, len).problems == ("no sum",)


def test_verifier_is_asked_only_where_the_values_are_right():
    made = total()
    made.verify(lambda inputs, got, expected: ["too good"] if got == expected else ["never asked"])
    assert examined(made, sum).problems == ("too good",)
    assert examined(made, len).problems == ("value: expected 6, got 3",)


def _broken(made: Exercise) -> None:
    made.spec(lambda values: 1 / 0)


def _unverifiable(made: Exercise) -> None:
    made.verify(lambda inputs, got, expected: got.nothing)


@pytest.mark.parametrize("breaks", [_broken, _unverifiable])
def test_declaration_that_fails_is_the_courses_fault(declare: Callable[..., None], tf: Any, breaks: Any):
    made = total()
    breaks(made)
    with pytest.raises(judge.JudgeError):
        examined(made, sum)
    declare(made)
    verdict = api.verdict_on(sum, "total")
    assert verdict.outcome is Outcome.UNCHECKED
    assert verdict.points == 0
    assert "fault of the course" in verdict.problems[0]
    assert "report" in verdict.problems[1]


# ----------------------------------------------------------------------------------------------- forged observations


def test_observation_is_read():
    assert judge.read(wire.dumps(SEEN)) == SEEN


FORGED: dict[str, Any] = {
    "no dict": [1],
    "nothing": None,
    "another key": SEEN | {"points": 100},
    "a missing key": {key: value for key, value in SEEN.items() if key != "changed"},
    "an outcome of its own": SEEN | {"timed_out": "never"},
    "true for text": SEEN | {"timed_out": False},
    "changed as text": SEEN | {"changed": "x"},
    "changed as numbers": SEEN | {"changed": [1]},
    "patched as a dict": SEEN | {"patched": {"a": 1}},
    "patched as nested lists": SEEN | {"patched": [["a"]]},
    "printed as bytes": SEEN | {"printed": b"x"},
    "a count of halves": SEEN | {"printed_count": 0.5},
    "a count that is true": SEEN | {"printed_count": True},
    "seconds as text": SEEN | {"seconds": "1"},
}


@pytest.mark.parametrize("what", FORGED)
def test_forged_observation_is_refused(what: str):
    with pytest.raises(wire.WireError, match="not an observation"):
        judge.read(wire.dumps(FORGED[what]))
    with pytest.raises(wire.WireError):
        judge.examine(total(), lambda request: wire.dumps(FORGED[what]), 0)


def test_observer_that_claims_every_result_earns_only_what_is_right():
    """A hostile process may say that an answer returned anything; it never sees what is expected."""
    verdict = judge.examine(total(), lambda request: wire.dumps(SEEN), 0)
    assert verdict.outcome is Outcome.WRONG
    assert verdict.points == 0
    raised = judge.examine(total(), lambda request: wire.dumps(SEEN | {"result": Raised("E", "x", 3, "y")}), 0)
    assert raised.outcome is Outcome.ERROR
    assert raised.line == (3, "y")


def test_request_tells_nothing_of_what_is_expected():
    asked = wire.loads(judge.request(total(), {"values": [1, 2, 3]}))
    assert asked == {"day": toy.DAY, "exercise": "total", "inputs": {"values": [1, 2, 3]}, "limit": 4.0}


def test_side_effects_are_noted_once():
    def answer(values):
        print("adding", values)
        values.append(0)
        return sum(values)

    notes = examined(total(), answer).notes
    assert len(notes) == 2
    assert "beginning with 'adding [1, 2, 3]'" in notes[0]
    assert "changed its input values" in notes[1]


def test_answer_that_cannot_be_stopped_is_noted():
    seen = SEEN | {"timed_out": "running", "printed_count": 3, "printed": "\n\n"}
    notes = judge.examine(total(), lambda request: wire.dumps(seen), 0).notes
    assert "printed 3 characters; only the result counts" in notes[0]
    assert "restart the kernel" in notes[1]


# ------------------------------------------------------------------------------------------------ an answer's source


def by_loop(values):
    found = 0
    for value in values:
        found += value
    return found


@built
def late():
    """Made when it is first used."""
    step = 1

    class Total:
        start = step

        def __call__(self, values):
            return sum(values)

    return Total


def test_source_of_an_answer_defines_it_under_the_exercises_name():
    names: dict[str, Any] = {}
    exec(answer_source(by_loop, "total"), names)
    assert names["total"]([1, 2]) == 3
    assert answer_source(by_loop, "by_loop").startswith("def by_loop(values):")
    assert "total = " not in answer_source(by_loop, "by_loop")


def test_source_of_a_built_answer_is_its_body():
    names: dict[str, Any] = {}
    exec(answer_source(late, "total"), names)
    assert names["total"]()([1, 2]) == 3
    assert late.__name__ == "late"
    assert ready(late).__name__ == "Total"
