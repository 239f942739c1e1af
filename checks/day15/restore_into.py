"""Day 15, the exercise `restore_into`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

restore_into = Exercise(
    "restore_into",
    day=15,
    hints=(
        "Wrap the module as it was wrapped when it was written: tf.train.Checkpoint(model=module).",
        "read returns a status object. One of its methods raises an AssertionError if a Variable of the module was not "
        "in the file.",
        "status = tf.train.Checkpoint(model=module).read(path); in a try, call "
        "status.assert_existing_objects_matched(), and return True or False.",
    ),
    returns=Returns(kind="array"),
)
restore_into.example(saved=["a", "b"], wanted=["a", "b", "c"], inner=False, start=1.0)


def _values(names, first):
    return {name: np.array([first + place, ord(name[0]) + first]) for place, name in enumerate(names)}


@restore_into.spec
def _(saved, wanted, inner, start):
    seen = {"complete": set(wanted) <= set(saved)}
    own, before = _values(saved, start), _values(wanted, -start)
    seen |= {name: own.get(name, before[name]) for name in wanted}
    if inner:
        own, before = _values(saved, start + 0.5), _values(wanted, -start - 0.5)
        seen |= {f"inner.{name}": own.get(name, before[name]) for name in wanted}
    return seen


@restore_into.shown
def _(saved, wanted, inner, start):
    more = " and an inner module with the same variables" if inner else ""
    return (
        f"small has the variables {', '.join(saved)}{more}\n"
        "path = tf.train.Checkpoint(model=small).write(name)\n"
        f"large has the variables {', '.join(wanted)}{more}; restore_into(large, path)"
    )


def _cases(sizes):
    def made(drawn):
        names, (first, second), inner, start = drawn
        return {"saved": sorted(names[first]), "wanted": sorted(names[second]), "inner": inner, "start": float(start)}

    letters = st.permutations("abcde").map(lambda row: [row[:2], row[:3], row[:4]])
    return st.tuples(letters, st.sampled_from(sizes), st.booleans(), st.integers(1, 9)).map(made)


@restore_into.cases("a larger module", points=1, examples=4)
def _():
    return _cases([(0, 1), (0, 2), (1, 2)])


@restore_into.cases("the same module, or a smaller one", points=2, examples=4)
def _():
    return _cases([(0, 0), (1, 1), (1, 0), (2, 1)])


@restore_into.mistake(
    "False also comes where everything that the module needs was in the file. restore makes a save counter of its own "
    "and misses it; a file made by write is read by read."
)
def restore_in_place_of_read(module, path):
    status = tf.train.Checkpoint(model=module).restore(path)
    try:
        status.assert_existing_objects_matched()
    except AssertionError:
        return False
    return True


@restore_into.mistake(
    "False also comes where the file holds more than the module needs. assert_consumed asks that the whole file is "
    "used; assert_existing_objects_matched asks only for the module's own Variables."
)
def the_whole_file_asked_for(module, path):
    status = tf.train.Checkpoint(model=module).read(path)
    try:
        status.assert_consumed()
    except AssertionError:
        return False
    return True


@restore_into.mistake(
    "Nothing was restored: the names do not fit. The file was written with model=..., so read it with "
    "tf.train.Checkpoint(model=module)."
)
def another_keyword(module, path):
    status = tf.train.Checkpoint(module=module).read(path)
    try:
        status.assert_existing_objects_matched()
    except AssertionError:
        return False
    return True


@restore_into.mistake(
    "The answer is always True. read does not complain about a Variable that is not in the file; ask the status that "
    "it returns."
)
def always_complete(module, path):
    tf.train.Checkpoint(model=module).read(path).expect_partial()
    return True


@restore_into.mistake("True and False are exchanged: True means that every Variable of the module was in the file.")
def exchanged(module, path):
    status = tf.train.Checkpoint(model=module).read(path)
    try:
        status.assert_existing_objects_matched()
    except AssertionError:
        return True
    return False


@restore_into.right
def by_the_names_in_the_file(module, path):
    checkpoint = tf.train.Checkpoint(model=module)
    checkpoint.read(path).expect_partial()
    wanted = tf.train.Checkpoint(model=module).write(path + "_again")

    def names(name):
        return {each for each, _ in tf.train.list_variables(name) if each.startswith("model/")}

    return names(wanted) <= names(path)


@restore_into.right
def by_nan(module, path):
    before = [variable.numpy() for variable in module.variables]
    for variable in module.variables:
        variable.assign(tf.fill(variable.shape, np.nan))
    tf.train.Checkpoint(model=module).read(path).expect_partial()
    complete = True
    for variable, old in zip(module.variables, before, strict=True):
        if np.isnan(variable.numpy()).any():
            variable.assign(old)
            complete = False
    return complete
