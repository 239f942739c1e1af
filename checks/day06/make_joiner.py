"""Day 6, the exercise `make_joiner`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor

tf = Lazy("tensorflow")

make_joiner = Exercise(
    "make_joiner",
    day=6,
    hints=(
        "Without a promise about its inputs, a tf.function is traced anew for each length. Give it one signature.",
        "tf.function takes input_signature=[...], one tf.TensorSpec per argument; None is any length.",
        "Inside make_joiner: @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2) above join(a, b); "
        "return join.",
    ),
    returns=Returns(),
)


def _words(size, alphabet="abé "):
    return st.lists(st.text(alphabet, max_size=3), min_size=size, max_size=size).map(
        lambda texts: tensor([text.encode() for text in texts], "string")
    )


make_joiner.example(
    seps=["-"],
    calls=[
        (0, tensor([b"a", b"b"], "string"), tensor([b"c", b"d"], "string")),
        (0, tensor([b"x"], "string"), tensor([b"y"], "string")),
        (0, tensor([b"k", b"l", b"m"], "string"), tensor([b"n", b"o", b"p"], "string")),
    ],
)


@make_joiner.shown
def _(seps, calls):
    names = [f"join{place}" if len(seps) > 1 else "join" for place in range(len(seps))]
    lines = [f"{name} = make_joiner({sep!r})" for name, sep in zip(names, seps, strict=True)]
    for which, left, right in calls[:4]:
        texts = [[text.decode() for text in side.values] for side in (left, right)]
        lines.append(f"{names[which]}(tf.constant({texts[0]}, tf.string), tf.constant({texts[1]}, tf.string))")
    lines += [f"# ... {len(calls)} calls"] if len(calls) > 4 else []
    return "\n".join([*lines, *(f"{name}.experimental_get_tracing_count()" for name in names)])


@make_joiner.spec
def _(seps, calls):
    joined = [
        np.array([one + seps[which].encode() + other for one, other in zip(left, right, strict=True)], object)
        for which, left, right in calls
    ]
    used = {which for which, _, _ in calls}
    return {"joined": joined, "traces": tuple(int(which in used) for which in range(len(seps)))}


def _joins(seps, sizes):
    def with_calls(chosen):
        def pair(drawn):
            which, size = drawn
            return st.tuples(st.just(which), _words(size), _words(size))

        call = st.tuples(st.integers(0, len(chosen) - 1), sizes).flatmap(pair)
        # Every joiner is called, so that each has its trace.
        first = st.tuples(
            *[sizes.flatmap(lambda size, which=which: pair((which, size))) for which in range(len(chosen))]
        )
        calls = st.tuples(first, st.lists(call, min_size=1, max_size=3)).map(lambda parts: [*parts[0], *parts[1]])
        return st.fixed_dictionaries({"seps": st.just(chosen), "calls": calls})

    return seps.flatmap(with_calls)


SEPARATORS = st.sampled_from(["-", "", " and ", "·"])


@make_joiner.cases("lengths from 1 to 20", points=1, examples=4)
def _():
    return _joins(st.tuples(SEPARATORS).map(list), st.integers(1, 20))


@make_joiner.cases("empty vectors", points=1, examples=3)
def _():
    return _joins(st.tuples(SEPARATORS).map(list), st.integers(0, 2))


@make_joiner.cases("two joiners side by side", points=1, examples=3)
def _():
    return _joins(st.lists(SEPARATORS, min_size=2, max_size=2, unique=True), st.integers(1, 3))


@make_joiner.mistake(
    "Each new length is traced anew. Promise the inputs once: tf.TensorSpec([None], tf.string) in input_signature.",
)
def no_signature(sep):
    @tf.function
    def join(a, b):
        return tf.strings.join([a, b], separator=sep)

    return join


@make_joiner.mistake(
    "reduce_retracing still traces twice: for the first length, then for any. input_signature promises any at once.",
)
def reduced_retracing(sep):
    @tf.function(reduce_retracing=True)
    def join(a, b):
        return tf.strings.join([a, b], separator=sep)

    return join


def _refused(inputs, got):
    if "missing" in got.message:
        return "sep became an input that every call must bring. Let the inner function take it from make_joiner."
    if "shape=()" in got.message:
        return "The signature promises scalars, []. It must accept vectors of any length: [None]."
    return "The signature fixes the length. None in its place stands for any: tf.TensorSpec([None], tf.string)."


@make_joiner.mistake(_refused)
def scalars_only(sep):
    @tf.function(input_signature=[tf.TensorSpec([], tf.string)] * 2)
    def join(a, b):
        return tf.strings.join([a, b], separator=sep)

    return join


@make_joiner.mistake(
    "That is a Python function: no graph is traced. Decorate the inner function with @tf.function(...)."
)
def plain_python(sep):
    def join(a, b):
        return tf.strings.join([a, b], separator=sep)

    return join


@make_joiner.mistake(
    "The signature promises float32, the dtype of a TensorSpec that names none. Texts have the dtype tf.string.",
    about="exception",
)
def dtype_forgotten(sep):
    @tf.function(input_signature=[tf.TensorSpec([None])] * 2)
    def join(a, b):
        return tf.strings.join([a, b], separator=sep)

    return join


@make_joiner.mistake(
    "Both joiners use the separator of the one that was made last. Take sep from make_joiner's own argument, not from "
    "a name that all joiners share."
)
def the_last_separator(sep):
    global _shared_sep
    _shared_sep = sep

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2)
    def join(a, b):
        return tf.strings.join([a, b], separator=_shared_sep)

    return join


@make_joiner.mistake("The separator is always the same: use the sep that make_joiner was given.")
def separator_fixed(sep):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2)
    def join(a, b):
        return tf.strings.join([a, b], separator="-")

    return join


@make_joiner.mistake("The parts are glued without a separator: tf.strings.join has an argument separator=.")
def no_separator(sep):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2)
    def join(a, b):
        return tf.strings.join([a, b])

    return join


@make_joiner.mistake(
    "The vectors are joined end to end. Join the first with the first, the second with the second, and so on."
)
def end_to_end(sep):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2)
    def join(a, b):
        return tf.strings.reduce_join(tf.concat([a, b], axis=0), separator=sep, keepdims=True)

    return join


@make_joiner.right
def make_joiner_by_plus(sep):
    def join(a, b):
        return a + sep + b

    return tf.function(join, input_signature=(tf.TensorSpec([None], tf.string), tf.TensorSpec([None], tf.string)))


@make_joiner.right
def make_joiner_of_any_rank(sep):
    @tf.function(input_signature=[tf.TensorSpec(None, tf.string)] * 2)
    def join(a, b):
        return tf.strings.reduce_join(tf.stack([a, b]), axis=0, separator=sep)

    return join


@make_joiner.right
def make_joiner_with_map(sep):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)] * 2)
    def join(a, b):
        return tf.map_fn(lambda pair: tf.strings.join([pair[0], sep, pair[1]]), (a, b), fn_output_signature=tf.string)

    return join
