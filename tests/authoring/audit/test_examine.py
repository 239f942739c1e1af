"""What is found about an answer: is it right, is it accepted, and is the name that it gets true?"""

from __future__ import annotations

import hypothesis.strategies as st
import pytest

from checks.engine import registry
from checks.engine.exercise import Exercise, Returns
from course.authoring.audit import answers, examine, fresh
from course.authoring.audit.examine import ACCEPTED, EQUAL, FAULT, REFUSED, TRUE, UNFAIR, UNTRUE, Job

MANY = 40


def grow_well(x):
    return x + 1


def add_two(x):
    return x + 2


def declared(strategy=None) -> Exercise:
    """`grow`: one more than x, checked on 1 and on what is drawn."""
    found = Exercise("grow", day=5, hints=("a", "b", "c"), returns=Returns(kind="array"))
    found.example(x=1)
    found.spec(lambda x: x + 1)
    found.cases("whole numbers", points=1, examples=10)(
        lambda: strategy or st.fixed_dictionaries({"x": st.integers(0, 9)})
    )
    found.mistake("One, not two.")(add_two)
    found.right(grow_well)
    return found


@pytest.fixture
def grow(monkeypatch):
    """Puts an exercise `grow` where the audit looks for exercises; gives a function that examines an answer's line."""
    for cached in (examine._cases, examine._right_kinds, examine._mistake_done):
        cached.cache_clear()

    def put(exercise: Exercise):
        monkeypatch.setattr(registry, "find", lambda name: exercise)
        monkeypatch.setattr(answers, "right_answers", lambda exercise: {"reference": "def grow(x):\n    return x + 1"})
        return lambda line: examine.examine(Job("grow", f"def grow(x):\n    {line}", most=MANY))

    yield put
    for cached in (examine._cases, examine._right_kinds, examine._mistake_done):
        cached.cache_clear()


def test_right_and_accepted_is_equal(grow):
    assert grow(declared())("return 1 + x").state == EQUAL


def test_wrong_and_refused_is_refused_with_its_card_and_a_fresh_case(grow):
    found = grow(declared())("return x * 2")
    assert found.state == REFUSED
    assert found.card
    assert found.case.startswith("grow(x=")
    assert found.problems


def test_wrong_and_accepted_shows_the_fresh_case(grow):
    """The check draws one small number; the fresh cases, another."""
    exercise = declared()
    exercise.groups[1] = type(exercise.groups[1])("one", 1, fixed=({"x": 2},))
    look = grow(exercise)
    examine._cases.cache_clear()
    seen = examine.fresh.cases
    wider = ({"x": 1}, {"x": 2}, {"x": 7})
    examine.fresh.cases = lambda exercise, seed, most: wider
    try:
        found = look("return x + 1 if x < 5 else 0")
    finally:
        examine.fresh.cases = seen
    assert found.state == ACCEPTED
    assert found.case == "grow(x=7)"


def test_refused_though_right_on_every_fresh_case(grow):
    look = grow(declared())
    seen = examine.fresh.cases
    examine.fresh.cases = lambda exercise, seed, most: ({"x": 1},)
    try:
        found = look("return x + 1 if x == 1 else 0")
    finally:
        examine.fresh.cases = seen
    assert found.state == UNFAIR


def test_another_kind_is_told(grow):
    found = grow(declared())("return float(x + 1)")
    assert found.state == EQUAL
    assert found.kind == "float, where the right answer gives int"


def test_a_cell_that_raises_is_refused(grow):
    found = grow(declared())("pass\nraise KeyError('x')")
    assert found.state == REFUSED
    assert "KeyError" in found.problems[0]


def test_a_spec_that_raises_is_the_courses_fault(grow):
    exercise = declared()
    exercise.spec(lambda x: 1 // 0)
    assert grow(exercise)("return x").state == FAULT


def test_the_name_of_a_mistake_is_true_where_it_does_the_same(grow):
    found = grow(declared())("return x + 1 + 1")
    assert (found.mistake, found.name, found.name_shown) == ("add_two", TRUE, "")


def done(*pairs):
    return [fresh.Done({"x": x}, {"result": result, "timed_out": "", "changed": []}, ("no",)) for x, result in pairs]


def test_the_name_of_a_mistake_is_untrue_where_it_does_something_else(grow):
    """Whatever the judge's evidence was: on fresh cases the mistake's own code decides."""
    exercise = declared()
    grow(exercise)
    given = examine._cases("grow", 1, 5)
    other = done(*((inputs["x"], inputs["x"] + (2 if inputs["x"] < 2 else 3)) for inputs in given))
    name, shown = examine._judge_name(exercise, exercise.mistakes[0], other, Job("grow", "", seed=1, most=5))
    assert name == UNTRUE
    assert "add_two" in shown
    same = done(*((inputs["x"], inputs["x"] + 2) for inputs in given))
    assert examine._judge_name(exercise, exercise.mistakes[0], same, Job("grow", "", seed=1, most=5)) == (TRUE, "")


def test_fresh_cases_are_the_same_for_a_seed_and_hold_the_example_and_every_group():
    exercise = registry.find("counts_to_sparse")
    found = fresh.cases(exercise, 1, 20)
    again = fresh.cases(exercise, 1, 20)
    assert [fresh.request(exercise, one) for one in found] == [fresh.request(exercise, one) for one in again]
    assert [fresh.request(exercise, one) for one in found] != [
        fresh.request(exercise, one) for one in fresh.cases(exercise, 2, 20)
    ]
    assert sum(inputs["n_rows"] > 2**30 for inputs in found) <= fresh.TIMES_THE_CHECK * 2


def test_examples_are_typed_as_code():
    typed = answers.examples(registry.find("describe"))
    assert typed == {"t": "tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], 'float32')"}


def test_a_cell_has_what_the_set_up_cell_gives_and_nothing_else():
    exercise = registry.find("describe")
    answer = answers.run_cell("def describe(t):\n    return tf.rank(t)\n", exercise, "answer")
    assert int(answer([[1]])) == 2
    with pytest.raises(NameError, match="does not define describe"):
        answers.run_cell("other = 1\n", exercise, "answer")
