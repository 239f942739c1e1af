"""Every slip, on the smallest code in which it can be made."""

from __future__ import annotations

import ast

import pytest

from course.authoring.audit.mutants import Mutant, mutants, normal, sample


def bodies(source: str, **examples: str) -> dict[str, list[str]]:
    """The normal forms of all mutants, by the slip's name."""
    found: dict[str, list[str]] = {}
    for mutant in mutants(source, examples=examples):
        found.setdefault(mutant.kind, []).append(normal(mutant.source))
    return found


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("operator", "a + b", "a - b"),
        ("operator", "a * b", "a / b"),
        ("operator", "a @ b", "a * b"),
        ("operator", "a // b", "a / b"),
        ("swapped sides", "a - b", "b - a"),
        ("swapped sides", "a @ b", "b @ a"),
        ("term left out", "a + eps", "a"),
        ("term left out", "a * b", "b"),
        ("sign", "-a", "a"),
        ("not left out", "not a", "a"),
        ("not left out", "~a", "a"),
        ("comparison", "a < b", "a <= b"),
        ("comparison", "a < b", "a > b"),
        ("comparison", "a == b", "a != b"),
        ("comparison", "a in b", "a not in b"),
        ("and, or", "a and b", "a or b"),
        ("condition left out", "a and b", "b"),
        ("condition left out", "[x for x in a if x]", "[x for x in a]"),
        ("branch", "a if b else c", "c"),
        ("constant", "a + 3", "a + 4"),
        ("constant", "a + 3", "a + 2"),
        ("constant", "a + 3", "a + 0"),
        ("constant", "a + 3", "a + 6"),
        ("constant", "a * 0.5", "a * 1.0"),
        ("constant", "f(-2)", "f(-1)"),
        ("flag", "f(a, True)", "f(a, False)"),
        ("axis", "f(a, axis=1)", "f(a, axis=0)"),
        ("axis", "f(a, axis=-1)", "f(a)"),
        ("axis", "f(a, axis=1)", "f(a, axis=2)"),
        ("axis", "f(a, axis=n)", "f(a, axis=-1)"),
        ("bound", "range(n)", "range(n + 1)"),
        ("bound", "range(n)", "range(n - 1)"),
        ("bound", "range(n)", "range(1, n)"),
        ("bound", "a[i:j]", "a[i:]"),
        ("bound", "a[i:j]", "a[i:j + 1]"),
        ("bound", "a[::2]", "a[:]"),
        ("first, last", "a[0]", "a[-1]"),
        ("first, last", "a[-1]", "a[0]"),
        ("first, last", "a[1:]", "a[:-1]"),
        ("first, last", "a[:n]", "a[-n:]"),
        ("exchanged", "max(a)", "min(a)"),
        ("exchanged", "tf.reduce_mean(a)", "tf.reduce_sum(a)"),
        ("exchanged", "a.mean()", "a.sum()"),
        ("exchanged", "v.assign_add(1)", "v.assign(1)"),
        ("dtype", "tf.cast(a, tf.float32)", "tf.cast(a, tf.float64)"),
        ("dtype", "a.astype('int32')", "a.astype('int64')"),
        ("cast forgotten", "tf.cast(a, tf.float32)", "a"),
        ("cast forgotten", "a.astype('int32')", "a"),
        ("cast forgotten", "int(a)", "a"),
        ("cast forgotten", "a.numpy()", "a"),
        ("call left out", "tf.sqrt(a)", "a"),
        ("call left out", "a.lower()", "a"),
        ("call left out", "a.T", "a"),
        ("keyword left out", "f(a, from_logits=True)", "f(a)"),
        ("swapped arguments", "f(a, b)", "f(b, a)"),
        ("swapped arguments", "f(a, b, c)", "f(a, c, b)"),
        ("swapped results", "(a, b)", "(b, a)"),
        ("swapped results", "{'x': a, 'y': b}", "{'x': b, 'y': a}"),
    ],
)
def test_a_slip_in_an_expression(kind: str, before: str, after: str) -> None:
    source = "def f(a, b):\n    return {}"
    assert normal(source.format(after)) in bodies(source.format(before))[kind]


def statements(*lines: str) -> str:
    return "\n".join(["def f(a, b=2):", *(f"    {line}" for line in lines)])


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("statement dropped", ["a.sort()", "return a"], ["return a"]),
        ("statement dropped", ["a = g(a)", "return a"], ["return a"]),
        ("statement dropped", ["self.x = a"], ["pass"]),
        ("not added up", ["a += b", "return a"], ["a = b", "return a"]),
        ("operator", ["a += b", "return a"], ["a -= b", "return a"]),
        ("branch", ["if a:", "    return 1", "return b"], ["return 1", "return b"]),
        ("branch", ["if a:", "    return 1", "return b"], ["return b"]),
        ("one round only", ["for i in a:", "    g(i)"], ["for i in a:", "    g(i)", "    break"]),
        ("with left out", ["with g():", "    h()"], ["h()"]),
        ("printed, not returned", ["return a"], ["print(a)"]),
        (
            "returned in the loop",
            ["for i in a:", "    b += i", "return b"],
            ["for i in a:", "    b += i", "    return b", "return b"],
        ),
        ("argument ignored", ["return a + b"], ["b = 2", "return a + b"]),
        ("shared by all objects", ["self.x = a"], ["type(self).x = a"]),
        ("swapped results", ["a, b = b, a"], ["a, b = a, b"]),
    ],
)
def test_a_slip_of_a_statement(kind: str, before: list[str], after: list[str]) -> None:
    assert normal(statements(*after)) in bodies(statements(*before))[kind]


def test_an_argument_is_ignored_in_favour_of_the_examples_value() -> None:
    found = bodies("def f(a):\n    return a", a="tf.constant([1.0], 'float32')")
    assert found["argument ignored"] == [normal("def f(a):\n    a = tf.constant([1.0], 'float32')\n    return a")]


def test_a_default_is_a_slip_of_its_own() -> None:
    found = bodies("def f(a, eps=1):\n    return a")
    assert normal("def f(a, eps=2):\n    return a") in found["default"]


def test_a_decorator_is_left_out() -> None:
    assert normal("def f(a):\n    return a") in bodies("@tf.function\ndef f(a):\n    return a")["decorator left out"]


def test_methods_and_inner_functions_are_changed_too() -> None:
    found = bodies("class A:\n    def f(self, a):\n        def g():\n            return a + 1\n        return g")
    assert any("a - 1" in body for body in found["operator"])


def test_what_does_not_run_is_left_alone() -> None:
    source = (
        'def f(a: "int32") -> "int32":\n    """Adds 1."""\n    if a:\n        raise ValueError(a + 1)\n    return a'
    )
    assert not any(kind in bodies(source) for kind in ("dtype", "constant", "operator"))


def test_keywords_that_only_guard_or_name_are_left_alone() -> None:
    found = bodies("def f(a, b):\n    return g(zip(a, b, strict=True), name='x')")
    assert "flag" not in found
    assert "keyword left out" not in found


def test_a_statement_that_gives_a_name_its_first_value_stays() -> None:
    assert "statement dropped" not in bodies("def f(a):\n    b = a\n    return b")


def test_every_mutant_is_new_and_compiles() -> None:
    source = "def f(a, b):\n    a = a * 1 * 1\n    return max(a, b)[0:2], -a"
    found = mutants(source)
    known = [normal(mutant.source) for mutant in found]
    assert len(set(known)) == len(known) > 20
    assert normal(source) not in known
    for mutant in found:
        compile(mutant.source, "mutant", "exec")


def test_the_answer_itself_is_not_changed_by_making_mutants() -> None:
    source = "def f(a, b=1):\n    for i in range(a):\n        b += i\n    return (a, b)"
    assert {mutant.before for mutant in mutants(source)} == {ast.unparse(ast.parse(source))}


def test_a_mark_names_the_change_and_not_the_words_around() -> None:
    one = {mutant.mark for mutant in mutants("def f(a):\n    '''One.'''\n    return a + 1")}
    other = {mutant.mark for mutant in mutants("def f(a):\n    return a + 1  # another comment")}
    assert one == other
    assert all(mark.rpartition(" ")[0] for mark in one)


def test_a_diff_shows_the_lines_that_differ() -> None:
    mutant = Mutant("operator", "reference", "def f(a):\n    return a + 1", "def f(a):\n    return a - 1")
    assert "-    return a + 1" in mutant.diff.splitlines()
    assert "+    return a - 1" in mutant.diff.splitlines()


def test_a_sample_is_the_same_for_a_seed_and_holds_every_kind() -> None:
    found = mutants("def f(a, b):\n    a = a + 1 + 2 + 3\n    return f(a[0:2], b, axis=1) * -b")
    chosen = sample(found, 12, seed=3)
    assert chosen == sample(found, 12, seed=3) != sample(found, 12, seed=4)
    assert {mutant.kind for mutant in chosen} == {mutant.kind for mutant in found}
    assert len(sample(found, 3, 0)) == 3
    assert len(sample(found, 10_000, 0)) == len(found)
