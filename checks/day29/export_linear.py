"""Day 29, the exercise `export_linear`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import shutil

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")

export_linear = Exercise(
    "export_linear",
    day=29,
    limit=12.0,
    hints=(
        "The names of a signature are those of the model's inputs and outputs. Wrap the model in another one, "
        "whose names you choose, and export that one.",
        'x = keras.Input(model.input_shape[1:], name="inputs") goes through the old model as through a layer: '
        "model(x). A dict as output names it.",
        'served = keras.Model({"inputs": x}, {"outputs": model(x)}); path = f"{base}/{version}"; '
        "served.export(path, verbose=False); return path.",
    ),
    failures=1,
    shrinks=12,
)
export_linear.example(
    kernel=[[2.0], [-1.0]], bias=[3.0], base="linear", version=1, there=(), x=tensor([[1, 2], [5, 7]], "float32")
)


@export_linear.spec
def _(kernel, bias, base, version, there, x):
    return {
        "returned": f"{base}/{version}",
        "versions": tuple(sorted([version, *there])),
        "inputs": ("inputs",),
        "rows that it takes": ("any",),
        "outputs": ("outputs",),
        "values": x @ np.array(kernel, "float32") + np.array(bias, "float32"),
        "others untouched": True,
    }


@export_linear.shown
def _(kernel, bias, base, version, there, x):
    before = f"  # versions {sorted(there)} are there already" if there else ""
    return (
        f"model = keras.Sequential([keras.Input(({len(kernel)},)), keras.layers.Dense({len(bias)})])\n"
        f"export_linear(model, {base!r}, {version}){before}\n"
        f"tf.saved_model.load({f'{base}/{version}'!r}).signatures['serving_default']"
        f"(inputs=tf.constant({np.asarray(x.values).tolist()}))"
    )


def _exports(older):
    """A strategy of models and places; older: how many versions are there before, at least and at most."""
    # No zeros: a weight or a number that is not used would not show. They are what Hypothesis tries first, too.
    number = eighths(-4, 4).filter(bool)

    def of_size(size):
        features, units, rows = size
        versions = st.sets(st.integers(1, 40), min_size=older[0] + 1, max_size=older[1] + 1).map(sorted)
        word = st.text("abcdefghiklmnoprstuvw", min_size=3, max_size=8)
        return st.builds(
            lambda kernel, bias, base, numbers, x: {
                "kernel": kernel,
                "bias": bias,
                "base": "/".join(base),
                "version": numbers[-1],
                "there": tuple(numbers[:-1]),
                "x": tensor(x, "float32"),
            },
            _rows(number, features, units),
            st.lists(number, min_size=units, max_size=units),
            st.lists(word, min_size=1, max_size=2),
            versions,
            _rows(number, rows, features),
        )

    return st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)).flatmap(of_size)


def _rows(number, rows, columns):
    row = st.lists(number, min_size=columns, max_size=columns)
    return st.lists(row, min_size=rows, max_size=rows)


@export_linear.cases("another model, another version", points=2, examples=1)
def _():
    return _exports((0, 0))


@export_linear.cases("beside an older version", points=1, examples=1)
def _():
    return _exports((1, 3))


@export_linear.mistake(
    "In Keras 3, model.save writes .keras and .h5 files only, and never a SavedModel. Call export on the model "
    "instead.",
)
def saves_instead_of_exporting(model, base, version):
    path = f"{base}/{version}"
    model.save(path)
    return path


@export_linear.mistake(
    "The output is called output_0: Keras numbers what has no name. Give the exported model a dict as its outputs, "
    'with the key "outputs".',
)
def leaves_output_0(model, base, version):
    x = keras.Input(model.input_shape[1:], name="inputs")
    path = f"{base}/{version}"
    keras.Model(x, model(x)).export(path, verbose=False)
    return path


@export_linear.mistake(
    "TensorFlow Serving loads folders whose name is a whole number, and passes over any other, such as v1 or latest. "
    "The folder's name is the version alone.",
)
def folder_named_v1(model, base, version):
    x = keras.Input(model.input_shape[1:], name="inputs")
    path = f"{base}/v{version}"
    keras.Model({"inputs": x}, {"outputs": model(x)}).export(path, verbose=False)
    return path


@export_linear.mistake(
    "The SavedModel lies in the base folder itself, where a server looks for version folders. Join base and version.",
)
def no_version_folder(model, base, version):
    x = keras.Input(model.input_shape[1:], name="inputs")
    keras.Model({"inputs": x}, {"outputs": model(x)}).export(base, verbose=False)
    return base


@export_linear.mistake(
    "The outputs have their name, the inputs have not: clients would have to send whatever Keras calls them. "
    'Put name="inputs" on keras.Input, and a dict around it.',
    when=lambda inputs, got, expected: (
        got["outputs"] == ("outputs",) and len(got["inputs"]) == 1 and got["inputs"][0].startswith("keras_tensor")
    ),
    varied=True,  # Keras counts the names that it makes up
)
def input_without_a_name(model, base, version):
    path = f"{base}/{version}"
    keras.Model(model.inputs, {"outputs": model.outputs[0]}).export(path, verbose=False)
    return path


@export_linear.mistake(
    "The other versions are gone or changed: they are what a rollback goes back to. Write the new folder only.",
)
def empties_the_base_folder(model, base, version):
    shutil.rmtree(base, ignore_errors=True)
    x = keras.Input(model.input_shape[1:], name="inputs")
    path = f"{base}/{version}"
    keras.Model({"inputs": x}, {"outputs": model(x)}).export(path, verbose=False)
    return path


@export_linear.right
def with_an_export_archive(model, base, version):
    path = f"{base}/{version}"
    archive = keras.export.ExportArchive()
    archive.track(model)
    width = model.input_shape[1]
    archive.add_endpoint(
        "serving_default",
        lambda inputs: {"outputs": model(inputs)},
        input_signature=[tf.TensorSpec([None, width], tf.float32, name="inputs")],
    )
    archive.write_out(path, verbose=False)
    return path


@export_linear.right
def with_a_module(model, base, version):
    module = tf.Module()
    module.kernel, module.bias = (tf.Variable(weight) for weight in model.get_weights())

    @tf.function(input_signature=[tf.TensorSpec([None, model.input_shape[1]], tf.float32, name="inputs")])
    def serve(inputs):
        return {"outputs": inputs @ module.kernel + module.bias}

    path = f"{base}/{version}"
    tf.saved_model.save(module, path, signatures={"serving_default": serve})
    return path
