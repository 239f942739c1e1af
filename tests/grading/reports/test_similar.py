"""Copies are found however they are disguised; honest answers, short ones and what everybody writes are not."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.grading.reports import similar as alike
from course.grading.reports.similar import similar
from course.grading.reports.winnow import GRAM, MOST_SIGNS, WINDOW, prints, statements, winnowed

STUB = '''def split(scores, parts):
    """The scores in parts."""
    ...
'''

ORIGINAL = '''def split(scores, parts):
    """The scores in parts."""
    total = tf.reduce_sum(scores, axis=0, keepdims=True)
    largest = tf.reduce_max(tf.abs(scores), axis=[1, 2])
    if tf.rank(scores) > 2:
        scores = tf.reshape(scores, [tf.shape(scores)[0], -1])
    pieces = []
    for place in range(0, 16, parts):
        piece = scores[place : place + parts] / total
        pieces.append(tf.cast(piece, tf.float32) * largest)
    return tf.concat(pieces, axis=0)
'''

RENAMED = """def split(s, k):
    # my own work!
    t = tf.reduce_sum(
        s, axis = 0x0, keepdims = True)    # the sum
    m: tf.Tensor = tf.reduce_max(tf.abs(s), axis=[1,2])
    if (tf.rank(s) > 2):
        s = tf.reshape(s, [tf.shape(s)[0], -1])
    out = []
    for i in range(0, 1_6, k):
        x = s[i:i+k]/t
        out.append( tf.cast(x, tf.float32)*m )
    return tf.concat(out, axis=0)
"""

REORDERED = """def split(scores, parts):
    pieces = []
    largest = tf.reduce_max(tf.abs(scores), axis=[1, 2])
    total = tf.reduce_sum(scores, axis=0, keepdims=True)
    if tf.rank(scores) > 2:
        scores = tf.reshape(scores, [tf.shape(scores)[0], -1])
    for place in range(0, 16, parts):
        piece = scores[place : place + parts] / total
        pieces.append(tf.cast(piece, tf.float32) * largest)
    return tf.concat(pieces, axis=0)
"""

HONEST = """def split(scores, parts):
    weights = scores / tf.math.reduce_sum(scores, 0)[None]
    flat = tf.keras.layers.Flatten()(weights)
    count = -(-len(flat) // parts)
    padded = tf.pad(flat, [[0, count * parts - len(flat)], [0, 0]])
    groups = tf.split(padded, count)
    peak = tf.norm(scores, ord=numpy.inf)
    return tf.stack([tf.cast(group, "float32") * peak for group in groups])
"""


def result(student: str, *answers: str, added: str = "") -> dict[str, Any]:
    cells = [{"kind": "answer", "exercise": f"e{n}", "source": text} for n, text in enumerate(answers)]
    cells += [{"kind": "setup", "exercise": "", "source": ORIGINAL}]
    cells += [{"kind": "added", "exercise": "", "source": added}] if added else []
    return {"student": student, "problem": "", "cells": cells}


def pairs(*answers: str, **options: Any) -> dict[tuple[str, str], float]:
    """How alike the answers of students a, b, c, ... are, where they are reported."""
    names = "abcdefghijklmnopqrstuvwxyz"
    made = similar([result(names[n], text) for n, text in enumerate(answers)], **({"given": [STUB]} | options))
    return {(pair.a, pair.b): pair.top for pair in made.pairs}


def honest(number: int) -> str:
    """An answer of its own for each number: calls, constants and their order are drawn."""
    draw = random.Random(number)
    calls = ["reduce_sum", "reduce_max", "square", "exp", "abs", "cumsum", "sort", "reverse", "roll", "gather"]
    lines = []
    for n in range(8):
        one, two = draw.sample(calls, 2)
        low, high = draw.sample(range(2, 90), 2)
        lines.append(f"    v{n} = tf.{one}(scores[{low}:], axis={draw.randrange(4)}) + tf.{two}(parts, {high})")
    return "def split(scores, parts):\n" + "\n".join(lines) + "\n    return v7\n"


@pytest.mark.parametrize("copy", [ORIGINAL, RENAMED, REORDERED], ids=["verbatim", "renamed", "reordered"])
def test_a_copy_is_found(copy: str) -> None:
    found = pairs(ORIGINAL, copy, HONEST)
    assert found.keys() == {("a", "b")}
    assert found["a", "b"] == pytest.approx(1.0)


def test_the_name_of_a_calls_argument_is_not_the_students() -> None:
    one = "def f(x, axis):\n    return tf.reduce_sum(x, axis=axis)\n"
    other = "def f(y, dim):\n    return tf.reduce_sum(y, axis=dim)\n"
    assert [each.tokens for each in statements(one)] == [each.tokens for each in statements(other)]
    assert "axis" in statements(one)[1].tokens


def test_a_copy_with_something_put_in_is_found() -> None:
    padded = RENAMED.replace("    out = []\n", "    out = []\n    print('hello', len(out))\n    unused = 3\n")
    assert pairs(ORIGINAL, padded, HONEST).keys() == {("a", "b")}


def test_two_honest_answers_are_not_alike() -> None:
    assert pairs(ORIGINAL, HONEST) == {}
    assert pairs(ORIGINAL, HONEST, least=0.3) == {}


def test_one_line_answers_are_not_compared() -> None:
    line = (
        "def split(scores, parts):\n    return tf.stack([tf.cast(s, tf.float32) / tf.reduce_sum(s) for s in scores])\n"
    )
    assert pairs(line, line, HONEST) == {}
    two = line.replace("    return", "    scores = tf.reshape(scores, [parts, -1, 3, 4, 5, 6, 7])\n    return")
    assert pairs(two, two, HONEST) == {}


def test_what_was_handed_out_does_not_count() -> None:
    assert pairs(ORIGINAL, ORIGINAL, HONEST, given=[STUB, ORIGINAL]) == {}
    assert pairs(ORIGINAL, RENAMED, HONEST, given=[STUB, RENAMED]) == {}


def test_handed_out_code_pasted_into_an_answer_does_not_count() -> None:
    pasted = [f"{ORIGINAL}\n{honest(n)}" for n in range(2)]
    assert pairs(*pasted, HONEST, least=0.4).keys() == {("a", "b")}
    assert pairs(*pasted, HONEST, least=0.4, given=[STUB, ORIGINAL]) == {}


def test_what_much_of_the_class_writes_does_not_count() -> None:
    others = [honest(n) for n in range(18)]
    assert pairs(*[ORIGINAL] * 6, *others[:6]) == {}
    assert pairs(*[ORIGINAL] * 6, *others) == {}
    assert pairs(*[ORIGINAL] * 2, *others).keys() == {("a", "b")}


def test_in_a_small_class_the_courses_own_answer_is_no_evidence() -> None:
    assert pairs(ORIGINAL, RENAMED, known={"e0": [ORIGINAL]}) == {}
    crowd = [result(f"s{n}", honest(n)) for n in range(60)]
    made = similar([result("a", ORIGINAL), result("b", RENAMED), *crowd], given=[STUB], known={"e0": [ORIGINAL]})
    assert [(pair.a, pair.b) for pair in made.pairs] == [("a", "b")]


def test_an_answer_with_a_syntax_error_is_compared_too() -> None:
    broken = RENAMED.replace("return tf.concat(out, axis=0)", "return tf.concat(out, axis=0")
    assert statements(broken)
    assert pairs(broken, broken.replace("out", "res").replace("(s, k)", "(q, k)").replace("(s,", "(q,"), HONEST)
    assert ("a", "b") in pairs(ORIGINAL, ORIGINAL + "    x = (\n", HONEST, least=0.7)


def test_exercises_are_compared_one_by_one_and_together() -> None:
    mine, theirs = honest(1), honest(2)
    made = similar([result("a", ORIGINAL, mine), result("b", RENAMED, theirs), result("c", HONEST, honest(3))])
    (pair,) = made.pairs
    assert (pair.a, pair.b, pair.parts[0].exercise) == ("a", "b", "e0")
    assert pair.top > 0.95 > 0.8 > pair.alike > 0.3


def test_cells_that_students_added_are_compared() -> None:
    made = similar([result("a", added=ORIGINAL), result("b", added=RENAMED), result("c", added=HONEST)])
    assert [(pair.a, pair.b, pair.parts[0].exercise) for pair in made.pairs] == [("a", "b", alike.OWN)]


def test_an_answer_in_another_exercise_is_no_copy() -> None:
    assert similar([result("a", ORIGINAL, ""), result("b", "", ORIGINAL)]).pairs == ()


def test_matching_lines_are_known_on_both_sides() -> None:
    changed = RENAMED.replace("    out = []\n", "    out = []\n    print('hello', len(out), t * m - 77)\n")
    made = similar([result("a", ORIGINAL), result("b", changed), result("c", HONEST)], given=[STUB])
    ((exercise, left, right),) = made.sides("a", "b")
    assert exercise == "e0"
    assert left.lines == {3, 4, 5, 6, 8, 9, 10, 11}
    assert right.lines == {3, 4, 5, 6, 7, 10, 11, 12, 13}
    assert list(made.sides("a", "nobody")) == []


def test_a_class_of_300_takes_a_bounded_number_of_steps() -> None:
    class_of = [result(f"s{n:03d}", honest(n)) for n in range(280)]
    # Twenty write one answer, and two of the others one of their own.
    class_of += [result(f"t{n:03d}", ORIGINAL) for n in range(18)]
    class_of += [result("x", HONEST), result("y", HONEST.replace("peak", "top"))]
    made = similar(class_of, given=[STUB])
    assert ("x", "y") in {(pair.a, pair.b) for pair in made.pairs}
    assert not any({pair.a[0], pair.b[0]} == {"s", "t"} for pair in made.pairs)
    marks = sum(len(prints(one["cells"][0]["source"]).lines) for one in class_of)
    every_pair = sum(1 for _ in itertools.combinations(class_of, 2))
    assert made.steps < marks * 40
    assert made.steps < every_pair * 5  # comparing each with each would look at about 40 marks for every pair
    everybody = similar([result(f"s{n}", ORIGINAL) for n in range(300)], given=[STUB])
    assert (everybody.pairs, everybody.steps) == ((), 0)


HOSTILE = {
    "brackets": "x = " + "(" * 40_000,
    "signs": "x = " + "-" * 49_000 + "1",
    "attributes": "a" + ".b" * 20_000,
    "sum": "x = " + "+".join("a" * 20_000),
    "lambdas": "lambda: " * 6_000 + "1",
    "lists": "x = " + "[" * 90 + "]" * 90,
    "nul": "a = 1\0\nb = 2\nc = tf.sum(a, b)",
    "half": "a = '\ud800'\nb\udfff = 1",
    "long number": "x = 0x" + "f" * 20_000,
    "open strings": '\'"""' * 10_000 + '\\"' * 10_000,
    "prefixes": "rb" * 20_000 + '"',
    "huge": "x = tf.sum(y, axis=3)\n" * 100_000,
    "blocks": "\n".join(" " * n + "if x:" for n in range(99)),
    "match": "match a:\n    case {'x': [1, *b]} | C(d=e) if f:\n        pass\n    case _:\n        g = h(i, j, k)",
    "controls": "\x1b[2J\x07" * 100,
    "magic": "%%time\n!rm -rf /\nx = tf.sum(1, 2, 3)",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_survived(name: str) -> None:
    text = HOSTILE[name]
    assert statements(text) == statements(text[:MOST_SIGNS])
    others = [result("x", ORIGINAL), result("y", RENAMED), result("z", HONEST)]
    made = similar([result("a", text), result("b", text), *others], given=[STUB])
    assert ("x", "y") in {(pair.a, pair.b) for pair in made.pairs}
    list(made.sides("a", "b"))
    json.loads(made.as_json())


@settings(max_examples=200)
@given(st.text(max_size=300) | st.lists(st.sampled_from(["def f(a):\n", " ", "a = ", "'", '"""', "(", "f'{a}'", "\n"])))
def test_no_text_stops_it(text: str | list[str]) -> None:
    found = statements("".join(text))
    assert all(1 <= statement.first <= statement.last for statement in found)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=GRAM + WINDOW - 1, max_size=40), st.data())
def test_what_is_alike_for_long_enough_always_shares_a_fingerprint(tokens: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(tokens) - (GRAM + WINDOW - 1)))
    part = tuple(tokens[start : start + GRAM + WINDOW - 1])
    assert winnowed(("x", *part, "y")) & winnowed(tuple(tokens))


def test_a_submission_that_is_no_notebook_is_left_out() -> None:
    gone = result("a", ORIGINAL) | {"problem": "This is not a notebook."}
    made = similar([gone, result("b", ORIGINAL), result("c", HONEST)])
    assert (made.students, made.pairs) == (("b", "c"), ())
