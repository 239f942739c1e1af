"""Day 15, the exercise `save_and_load`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import tensor
from checks.engine.show import show

tf = Lazy("tensorflow")

save_and_load = Exercise(
    "save_and_load",
    day=15,
    hints=(
        "Two calls are enough: tf.saved_model.save writes the folder, and tf.saved_model.load reads it.",
        "The third argument of save is signatures: a dict from names to tf.functions.",
        'tf.saved_model.save(module, path, signatures={"serving_default": module.predict}); then return '
        "tf.saved_model.load(path).",
    ),
    failures=2,
    shrinks=4,
)
save_and_load.example(factor=2.0, other=-1.0, x=tensor([1, 2, 3], "float32"))


@save_and_load.spec
def _(factor, other, x):
    right = np.array([factor * value for value in x])
    return {
        "a SavedModel at the path": True,
        "signatures": ["serving_default"],
        "predict of the copy": right,
        "by the signature serving_default": right,
        "the copy with another factor": np.array([other * value for value in x]),
        "the original then": right,
    }


@save_and_load.shown
def _(factor, other, x):
    return (
        f"module.factor is {factor:g}; copy = save_and_load(module, path)\n"
        f"x = {show(x)}; copy.predict(x)\ncopy.set_factor({other:g}); copy.predict(x); module.predict(x)"
    )


@save_and_load.cases("other factors and rows", points=3, examples=2)
def _():
    factors = st.sampled_from([-2.0, 0.5, 3.0, 4.0])
    rows = st.integers(1, 4).flatmap(lambda n: arrays("float32", shape=(n,), low=0.5, high=4)).map(tensor)
    return st.fixed_dictionaries({"factor": factors, "other": st.sampled_from([-1.0, 0.25, 8.0]), "x": rows})


@save_and_load.mistake(
    "The module itself came back, not a loaded copy: a change of the result changes the original. Return what "
    "tf.saved_model.load gives.",
    about="exception",
)
def the_module_itself(module, path):
    tf.saved_model.save(module, path, signatures={"serving_default": module.predict})
    return module


@save_and_load.mistake(
    "The copy has no signatures. This module has several functions, so TensorFlow does not choose one by itself: give "
    'save the argument signatures={"serving_default": module.predict}.'
)
def no_signatures(module, path):
    tf.saved_model.save(module, path)
    return tf.saved_model.load(path)


@save_and_load.mistake(
    "You returned one function of the loaded object. Return the object itself: without it, its variables are deleted.",
    about="exception",
)
def only_the_function(module, path):
    tf.saved_model.save(module, path, signatures={"serving_default": module.predict})
    return tf.saved_model.load(path).predict


@save_and_load.mistake(
    'The signature has another name. Servers ask for "serving_default", so use that name.',
)
def another_name(module, path):
    tf.saved_model.save(module, path, signatures={"predict": module.predict})
    return tf.saved_model.load(path)


@save_and_load.mistake(
    "A checkpoint holds only the values of Variables, no functions. Use tf.saved_model.save and tf.saved_model.load.",
    about="exception",
)
def a_checkpoint(module, path):
    tf.train.Checkpoint(module=module).write(path)
    return tf.train.load_checkpoint(path)


@save_and_load.mistake(
    "Nothing came back. Return the object that tf.saved_model.load gives.",
    about="exception",
)
def nothing_returned(module, path):
    tf.saved_model.save(module, path, signatures={"serving_default": module.predict})
    tf.saved_model.load(path)


@save_and_load.right
def by_a_concrete_function(module, path):
    concrete = module.predict.get_concrete_function()
    tf.saved_model.save(module, str(path), {"serving_default": concrete})
    return tf.saved_model.load(str(path))


@save_and_load.right
def one_function_stands_for_all(module, path):
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    tf.saved_model.save(obj=module, export_dir=path, signatures=module.predict, options=options)
    return tf.saved_model.load(path)
