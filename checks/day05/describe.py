"""Day 5, the exercise `describe`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import tensor, variable

tf = Lazy("tensorflow")

describe = Exercise(
    "describe",
    day=5,
    hints=(
        "Whatever comes in, make it a tensor first: then one set of attributes serves lists, arrays and variables.",
        "rank, size and bytes are numbers: int(tf.rank(t)), int(tf.size(t)). A dtype has a .name and a .size in bytes.",
        "t = tf.convert_to_tensor(t); nbytes is t.dtype.size * int(tf.size(t)), and None where t.dtype == tf.string.",
    ),
    returns=Returns(kind="python"),
)
describe.example(t=tensor([[1, 2, 3], [4, 5, 6]], "float32"))


@describe.spec
def _(t):
    values = np.asarray(t)
    text = values.dtype.kind in "OUS"
    return {
        "rank": values.ndim,
        "shape": tuple(int(size) for size in values.shape),
        "dtype": "string" if text else values.dtype.name,
        "size": int(values.size),
        "nbytes": None if text else int(values.nbytes),
    }


NUMBERS = ("float32", "float64", "float16", "int32", "int64", "uint8", "bool", "complex64")


@describe.cases("tensors of any rank and dtype", points=1)
def _():
    return st.fixed_dictionaries({"t": arrays(st.sampled_from(NUMBERS), max_rank=4, min_side=0).map(tensor)})


@describe.cases("text, variables and NumPy arrays", points=1)
def _():
    words = st.lists(st.sampled_from(["", "a", "été", "tensor"]), max_size=3)
    return st.fixed_dictionaries(
        {
            "t": st.one_of(
                words.map(lambda found: tensor(found, "string")),
                arrays(st.sampled_from(("float32", "int64")), max_rank=3, min_side=0).map(variable),
                arrays(st.sampled_from(("float64", "int16")), max_rank=3, min_side=0),
            )
        }
    )


@describe.mistake(
    "Tensors are left in the dict. Return Python ints: int(tf.rank(t)).",
)
def tensors_in_the_dict(t):
    t = tf.convert_to_tensor(t)
    fixed = t.dtype != tf.string
    return {
        "rank": tf.rank(t),
        "shape": tuple(t.shape),
        "dtype": t.dtype.name,
        "size": tf.size(t),
        "nbytes": tf.size(t) * t.dtype.size if fixed else None,
    }


@describe.mistake(
    "The shape is a TensorShape. Turn it into plain Python: tuple(t.shape).",
)
def tensor_shape(t):
    t = tf.convert_to_tensor(t)
    size = int(tf.size(t))
    nbytes = None if t.dtype == tf.string else t.dtype.size * size
    return {"rank": len(t.shape), "shape": t.shape, "dtype": t.dtype.name, "size": size, "nbytes": nbytes}


@describe.mistake(
    "The dtype is an object. Its name is text: t.dtype.name.",
)
def dtype_object(t):
    t = tf.convert_to_tensor(t)
    size = int(tf.size(t))
    nbytes = None if t.dtype == tf.string else t.dtype.size * size
    return {"rank": len(t.shape), "shape": tuple(t.shape), "dtype": t.dtype, "size": size, "nbytes": nbytes}


@describe.mistake(
    "Strings have no fixed size: for them nbytes must be None.",
)
def bytes_of_strings_guessed(t):
    t = tf.convert_to_tensor(t)
    size = int(tf.size(t))
    nbytes = t.dtype.size * size
    return {
        "rank": len(t.shape),
        "shape": tuple(t.shape),
        "dtype": t.dtype.name,
        "size": size,
        "nbytes": nbytes,
    }


@describe.mistake("dtype.size is the bytes of one element: multiply it by the number of elements.")
def bytes_of_one_element(t):
    t = tf.convert_to_tensor(t)
    nbytes = None if t.dtype == tf.string else t.dtype.size
    return {
        "rank": len(t.shape),
        "shape": tuple(t.shape),
        "dtype": t.dtype.name,
        "size": int(tf.size(t)),
        "nbytes": nbytes,
    }


@describe.mistake("len(t) counts the first axis only, and a scalar has none: tf.size(t) counts every element.")
def size_by_len(t):
    t = tf.convert_to_tensor(t)
    nbytes = None if t.dtype == tf.string else t.dtype.size * len(t)
    return {
        "rank": len(t.shape),
        "shape": tuple(t.shape),
        "dtype": t.dtype.name,
        "size": len(t),
        "nbytes": nbytes,
    }


@describe.right
def describe_with_numpy(t):
    values = tf.convert_to_tensor(t).numpy()
    name = tf.as_dtype(t.dtype).name
    return {
        "rank": np.ndim(values),
        "shape": np.shape(values),
        "dtype": name,
        "size": int(np.size(values)),
        "nbytes": None if name == "string" else int(np.asarray(values).nbytes),
    }


@describe.right
def describe_with_loop(t):
    t = tf.constant(t) if not isinstance(t, tf.Variable) else t.read_value()
    shape, size = tuple(t.shape.as_list()), 1
    for length in shape:
        size *= length
    nbytes = {True: None, False: size * t.dtype.size}[t.dtype == tf.string]
    return {"rank": len(shape), "shape": shape, "dtype": t.dtype.name, "size": size, "nbytes": nbytes}
