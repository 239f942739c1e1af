"""Each general diagnosis: an answer in which it holds, and answers in which it must not."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from looking import TABLES, VECTORS, asking, diagnosed, name_of, of_tables, of_vectors

from checks.engine.exercise import Returns
from checks.engine.plain import Array, tensor


def twice(x):
    return 2 * x


def centred(x):
    return x - x.mean()


def total(x):
    return x.sum()


def mean(x):
    return np.mean(x)


def variance(x):
    return np.var(x)


def deviation(x):
    return np.std(x)


def shifted_power(x, power):
    return np.abs(x) ** power + 1


POWERS = [{"x": Array(np.array(x)), "power": power} for x, power in zip(VECTORS, (2, 3, 1, 2), strict=True)]


def printing(function):
    def answer(*args):
        print(function(*args))

    return answer


def kept(x, values=[]):  # noqa: B006 - the fault that is looked for
    values.extend(np.asarray(x).tolist())
    return float(np.sum(values))


PYTHON = Returns(kind="python")
draws = np.random.default_rng(0)

HOLDS: list[tuple[str, Any, Any]] = [
    ("printed_not_returned", of_vectors(total), printing(np.sum)),
    ("nothing_returned", of_vectors(total), lambda x: None),
    ("negated", of_vectors(centred), lambda x: np.mean(x) - x),
    ("absolute", of_vectors(centred), lambda x: np.abs(x - np.mean(x))),
    ("negative_cut_off", of_vectors(centred), lambda x: np.maximum(x - np.mean(x), 0)),
    ("scaled", of_vectors(centred), lambda x: 100 * (x - np.mean(x))),
    ("scaled", of_vectors(lambda x: np.log(np.abs(x) + 2)), lambda x: np.log2(np.abs(x) + 2)),
    ("off_by_a_constant", of_vectors(twice), lambda x: 2 * x + 1),
    ("scaled_by_a_size", of_vectors(mean), np.sum),
    ("scaled_by_a_size", of_vectors(variance), lambda x: np.var(x, ddof=1)),
    ("scaled_by_a_size", of_vectors(lambda x: np.std(x, ddof=1)), np.std),
    (
        "scaled_by_a_size",
        of_vectors(lambda x: np.mean(x)),
        lambda x: np.mean(x) / np.log(len(x)),
    ),
    ("complement", of_vectors(lambda x: 1 / (1 + np.exp(-x))), lambda x: 1 / (1 + np.exp(x))),
    ("squared", of_vectors(deviation), np.var),
    ("rooted", of_vectors(variance), np.std),
    ("exponential", of_vectors(mean), lambda x: np.exp(np.mean(x))),
    ("logarithm", of_vectors(lambda x: np.exp(x / 2)), lambda x: x / 2),
    ("rounded", of_vectors(mean), lambda x: round(float(np.mean(x)), 1)),
    ("rounded", of_vectors(lambda x: x / 2), lambda x: x // 2),
    ("one_more_sigmoid", of_vectors(twice), lambda x: 1 / (1 + np.exp(-2 * x))),
    ("yes_and_no_exchanged", of_vectors(lambda x: (x > 1).astype(int)), lambda x: (x <= 1).astype(int)),
    ("transposed", of_tables(twice), lambda x: 2 * x.T),
    ("reversed", of_vectors(twice), lambda x: 2 * x[::-1]),
    ("reversed", of_tables(twice), lambda x: 2 * x[:, ::-1]),
    ("shifted_by_one", of_vectors(twice), lambda x: np.append(2 * x[1:], 0)),
    ("shifted_by_one", of_vectors(twice), lambda x: np.append(0, 2 * x[:-1])),
    ("one_entry_off", of_vectors(twice), lambda x: 2 * x[1:]),
    ("one_entry_off", of_vectors(twice), lambda x: 2 * x[:-1]),
    ("one_entry_off", of_vectors(twice), lambda x: np.append(2 * x, 5)),
    ("only_one_entry", of_vectors(twice), lambda x: 2 * x[0]),
    ("only_one_entry", of_vectors(twice), lambda x: 2 * x[-1:]),
    ("other_shape", of_vectors(twice), lambda x: 2 * x[:, None]),
    ("other_shape", of_tables(twice), lambda x: 2 * x.ravel()),
    ("not_reduced", of_vectors(lambda x: np.mean(x**2)), lambda x: x**2),
    ("not_reduced", of_tables(lambda x: np.sum(2 * x, axis=1)), lambda x: 2 * x),
    ("reduced_too_far", of_tables(lambda x: np.mean(x, axis=1)), lambda x: np.mean(x)),
    ("a_table_by_broadcasting", of_vectors(centred), lambda x: x[:, None] - x),
    ("one_value_everywhere", of_vectors(twice), lambda x: np.full_like(x, 2 * x[0])),
    ("other_order", of_vectors(twice), lambda x: np.sort(2 * x)),
    ("other_dtype", of_vectors(twice, Returns(dtype="float64")), lambda x: (2 * x).astype("float32")),
    ("other_kind", of_vectors(twice, Returns(kind="tensor")), lambda x: 2 * x),
    ("other_kind", of_vectors(lambda x: float(np.sum(x)), Returns(kind="python")), np.sum),
    ("other_kind", of_vectors(lambda x: {"n": len(x), "s": (1, 2)}, PYTHON), lambda x: {"n": len(x), "s": [1, 2]}),
    ("other_kind", of_vectors(lambda x: {"n": len(x), "s": 2}, PYTHON), lambda x: {"n": np.int64(len(x)), "s": 2}),
    (
        "other_parts_are_right",
        of_vectors(lambda x: {"mean": x.mean(), "n": len(x)}),
        lambda x: {"mean": np.sin(9 * x[0]), "n": len(x)},
    ),
    ("exchanged", of_vectors(lambda x: (x.min(), x.max())), lambda x: (x.max(), x.min())),
    ("exchanged", of_vectors(lambda x: {"low": x.min(), "high": x.max()}), lambda x: {"low": x.max(), "high": x.min()}),
    ("always_the_same", of_vectors(twice), lambda x: np.array([6.0, -2.0, 9.0, 1.0])),
    ("always_the_same", of_vectors(total), lambda x: 3),
    ("an_argument_itself", of_vectors(twice), lambda x: (2 * x, x)[1]),
    ("argument_without_effect", asking(shifted_power, POWERS), lambda x, power: x**2 + 1.5 * np.sin(x)),
    ("differs_between_calls", of_vectors(total), kept),
    ("differs_between_calls", of_vectors(twice), lambda x: draws.normal(size=len(x))),
    ("upper_and_lower_case", asking(lambda t: t.title(), [{"t": "a bc"}, {"t": "d e"}]), lambda t: t.upper()),
    ("spaces", asking(lambda t: t.strip(), [{"t": " a b "}, {"t": "c "}]), lambda t: t),
    ("not_a_number", of_vectors(twice), lambda x: np.where(x > 2, np.nan, x)),
]


@pytest.mark.parametrize(("name", "made", "answer"), HOLDS, ids=[f"{n}-{row[0]}" for n, row in enumerate(HOLDS)])
def test_it_holds(name: str, made: Any, answer: Any):
    found = diagnosed(made, answer)
    assert found is not None
    assert found.name == name
    assert found.says.endswith((".", "?"))


RIGHT = (
    lambda x: 2 * x,
    lambda x: x + x,
    lambda x: (2 * x).tolist() and np.asarray(2 * x, "float32"),
)


@pytest.mark.parametrize("answer", RIGHT)
def test_nothing_holds_on_a_right_answer(answer: Any):
    assert name_of(of_vectors(twice), answer) is None


def test_no_diagnosis_holds_by_accident():
    """Answers that are wrong in no simple way: nothing is said of why."""
    wrong = [
        lambda x: 2 * x + np.sin(7 * x),
        lambda x: 2 * x + np.arange(len(x)) ** 2,
        lambda x: x**3 - 1,
        lambda x: 2 * x * np.linspace(1, 2, len(x)),
        lambda x: np.cumsum(x) * 1.1,
    ]
    assert [name_of(of_vectors(twice), answer) for answer in wrong] == [None] * len(wrong)


def test_zeros_ones_and_equal_values_tell_nothing():
    """On values that look alike every way round, no order and no scale is named."""
    cases = [{"x": Array(np.array(values))} for values in ([0.0, 0.0], [1.0], [1.0, 1.0, 1.0])]
    made = asking(lambda x: x * 1.0, cases)
    for answer in (lambda x: x + 0.5 * (x == x[0]), lambda x: x[::-1] + 1, lambda x: -x - 1):
        assert name_of(made, answer) in (None, "off_by_a_constant")
    one = asking(lambda x: x, [{"x": Array(np.array([3.0]))}])
    assert name_of(one, lambda x: x * 2) is None
    assert name_of(one, lambda x: x[::-1] * -1) is None


def test_one_failing_case_of_several_values_is_enough_and_one_number_is_not():
    long = asking(twice, [{"x": Array(np.array([3.0, -1.0, 4.0, 0.5, 7.0, 2.5]))}])
    assert name_of(long, lambda x: 2 * x[::-1]) == "reversed"
    assert name_of(long, lambda x: 6 * x) == "scaled"
    assert name_of(asking(total, [{"x": Array(np.array([3.0, 4.0]))}]), lambda x: 2 * np.sum(x)) is None


def test_every_failing_case_must_agree():
    counts = itertools.count()

    def sometimes(x):
        return 2 * x[::-1] if next(counts) % 2 else 2 * x + 1

    assert name_of(of_vectors(twice), sometimes) not in ("reversed", "off_by_a_constant")


def test_what_passing_cases_refuse_is_said_of_the_failing_ones_alone():
    made = asking(twice, [{"x": Array(np.array(x)), "flag": flag} for flag in (True, False) for x in VECTORS])
    made.spec(lambda x, flag: 2 * x)
    found = diagnosed(made, lambda x, flag: 2 * x if flag else -2 * x)
    assert found.name == "negated"
    assert found.says.startswith("In all cases that fail: Every value has the wrong sign")


def test_where_it_fails_is_said_if_nothing_says_why():
    made = asking(twice, [{"x": Array(np.array(x)), "flag": flag} for flag in (True, False) for x in VECTORS])
    made.spec(lambda x, flag: 2 * x)
    made.rights.clear()
    made.right(made.spec_of)
    found = diagnosed(made, lambda x, flag: 2 * x if flag else 2 * x + np.sin(9 * x))
    assert found.name == "fails_only_where"
    assert "all 4 in which `flag` is False failed, and all 4 others were right" in found.says


def test_what_the_numbers_are_is_no_place():
    """That all failing cases hold a negative number is often an accident of how cases are drawn."""
    cases = [{"x": Array(np.array([sign * 2.0, 3.0, 4.5]) + place)} for sign in (1, -9) for place in range(4)]
    made = asking(twice, cases)
    assert name_of(made, lambda x: 2 * x + (np.sin(9 * x) if x[0] < 0 else 0)) is None


def test_two_places_are_none():
    cases = [{"x": Array(np.array(x)), "flag": flag, "mode": str(flag)} for flag in (True, False) for x in VECTORS]
    made = asking(twice, cases)
    made.spec(lambda x, flag, mode: 2 * x)
    made.rights.clear()
    made.right(made.spec_of)
    assert name_of(made, lambda x, flag, mode: 2 * x + np.sin(9 * x) * flag) is None


def test_results_that_are_all_zero_are_not_called_rounded():
    made = asking(mean, [{"x": Array(np.array(x))} for x in ([0.25, 0.5], [0.75, 0.5], [0.5, 0.5], [4.0, 8.0])])
    assert name_of(made, lambda x: 0.0 if x[0] < 1 else np.mean(x)) is None


def test_last_axis_is_the_same_length_in_vectors_and_tables():
    cases = [{"x": Array(np.array(x))} for x in (*VECTORS, *TABLES)]
    made = asking(lambda x: np.sum(x, axis=-1), cases)
    found = diagnosed(made, lambda x: np.sum(x, axis=-1) / (x.shape[-1] + 0.0))
    assert found.says.startswith("Every value is the right one divided by n, where n is x.shape[-1].")


def test_few_whole_numbers_do_not_tell_that_an_argument_has_no_effect():
    """An answer that compares may give the same count for two values of what it compares with."""
    made = asking(lambda x, power: int(np.sum(x > power)), POWERS)
    assert name_of(made, lambda x, power: int(np.sum(x > power + 2.5))) != "argument_without_effect"


def test_result_of_zeros_does_not_tell_that_an_argument_has_no_effect():
    made = asking(shifted_power, POWERS)
    assert name_of(made, lambda x, power: 0 * x) != "argument_without_effect"


def test_part_of_the_result_is_named():
    made = of_vectors(lambda x: {"low": x.min(), "all": 2 * x})
    found = diagnosed(made, lambda x: {"low": x.min(), "all": 2 * x[::-1]})
    assert found.says == "In 'all' of your result: Your values are right, but they stand in reverse order."
    found = diagnosed(made, lambda x: {"low": x.min() + np.sin(x[0]), "all": 2 * x[::-1]})
    assert found.says == "In 'all' of your result: Your values are right, but they stand in reverse order."


def test_printing_something_else_is_said_as_it_is():
    found = diagnosed(of_vectors(total), lambda x: print("hello"))
    assert found.name == "printed_not_returned"
    assert "printed its result" not in found.says
    assert "printed its result" in diagnosed(of_vectors(total), printing(np.sum)).says


def test_text_and_tensors_are_compared_as_well(tf: Any):
    words = [{"t": ["b", "a", "c"]}, {"t": ["z", "x", "w", "y"]}]
    assert name_of(asking(lambda t: [w + "!" for w in t], words), lambda t: [w + "!" for w in t[::-1]]) == "reversed"
    made = asking(lambda x: np.float32(2) * x, [{"x": tensor(x, "float32")} for x in VECTORS])
    assert name_of(made, lambda x: tf.reverse(2 * x, [0])) == "reversed"
    assert name_of(made, lambda x: tf.expand_dims(2 * x, -1)) == "other_shape"


def test_an_exception_has_no_relation():
    def raising(x):
        raise ValueError("no")

    assert name_of(of_vectors(twice), raising) == "refuses_the_inputs"
    assert name_of(of_vectors(twice), lambda x: 2 * x["no"]) is None


def test_asking_is_sparing():
    from looking import looked_at

    from checks.engine.diagnose import diagnose

    made = asking(shifted_power, POWERS)
    witnesses, ask = looked_at(made, lambda x, power: x**2 + np.sin(x) * power)
    calls = []
    diagnose(made, witnesses, witnesses[0], lambda inputs: (calls.append(inputs), ask(inputs))[1])
    assert len(calls) <= 6


def test_argument_with_an_effect_is_not_accused():
    made = asking(shifted_power, POWERS)
    assert name_of(made, lambda x, power: x**2 + np.sin(x) * power) != "argument_without_effect"


def test_ragged_rows_as_a_list_are_another_kind(tf: Any):
    from looking import looked_at

    from checks.engine.diagnose import diagnose
    from checks.engine.plain import Ragged

    def rows(x):
        return Ragged(Array(np.arange(3)), (np.array([0, 2, 3]),))

    made = asking(rows, [{"x": 1}, {"x": 2}])
    witnesses, ask = looked_at(made, lambda x: [[0, 1], [2]])
    found = diagnose(made, witnesses, witnesses[0], ask)
    assert (found.name, "you return a list, and a tf.RaggedTensor is wanted" in found.says) == ("other_kind", True)


def test_bytes_that_are_no_text_are_not_taken_for_others():
    made = asking(lambda n: np.array([b"\x80" * n], dtype=object), [{"n": 1}, {"n": 2}])
    assert name_of(made, lambda n: np.array([b"\xef\xbf\xbd" * n], dtype=object)) is None


def test_inputs_of_the_driver_are_no_place():
    made = asking(twice, [{"x": Array(np.array(x)), "inside": flag} for flag in (True, False) for x in VECTORS])
    made.spec(lambda x, inside: 2 * x)
    made.rights.clear()
    made.right(twice)
    assert name_of(made, lambda x, inside: 2 * x + np.sin(9 * x) * inside) is None
