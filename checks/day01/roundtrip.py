"""Day 1, the exercise `roundtrip`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import seeds
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import Array

tf = Lazy("tensorflow")
keras = Lazy("keras")

roundtrip = Exercise(
    "roundtrip",
    day=1,
    hints=(
        "Two files for two readers: .keras for you, who goes on training; a SavedModel for a server that has no Keras.",
        'model.save(folder / "m.keras") and keras.models.load_model(...); model.export(folder / "served") and '
        "tf.saved_model.load(...).",
        "Give the loaded SavedModel a name, loaded, so that it stays alive, then: return reloaded, loaded.serve(x).",
    ),
    failures=1,
    shrinks=12,
)
roundtrip.example(sizes=[3, 4, 1], optimizer="Adam", rate=0.01, steps=0, seed=1)


@roundtrip.cases("another model, in the middle of its training", points=2, examples=1)
def _():
    return st.fixed_dictionaries(
        {
            "sizes": st.lists(st.integers(1, 8), min_size=3, max_size=4),
            "optimizer": st.sampled_from(["SGD", "Adam", "RMSprop", "Adagrad"]),
            # No optimizer's own rate: a new one would have it, too.
            "rate": st.integers(2, 60).map(lambda n: n / 128),
            "steps": st.integers(1, 99),
            "seed": seeds(),
        }
    )


@roundtrip.shown
def _(sizes, optimizer, rate, steps, seed):
    after = f" after {steps} steps" if steps else ""
    wide = " -> ".join(map(str, sizes))
    return (
        f"roundtrip(model, x, folder), where model is {wide}, compiled with {optimizer}({rate}){after}; x has 20 rows"
    )


def _forward(sizes, seed):
    draw = np.random.default_rng(seed)
    layers = [(draw.normal(size=(before, after)), draw.normal(size=(after,))) for before, after in pairwise(sizes)]
    signal = draw.normal(size=(20, sizes[0]))
    for kernel, bias in layers[:-1]:
        signal = np.tanh(signal @ kernel + bias)
    kernel, bias = layers[-1]
    return 1 / (1 + np.exp(-(signal @ kernel + bias)))


@roundtrip.verify
def _(inputs, got, expected):
    if got["same_object"]:
        return ["the first of the two is the original model itself"]
    if ".keras" not in got["files"]:
        return [f"no .keras file was written to the folder; there is: {', '.join(got['files']) or 'nothing'}"]
    if "SavedModel" not in got["files"]:
        return [f"no SavedModel was exported to the folder; there is: {', '.join(got['files'])}"]
    wanted = _forward(inputs["sizes"], inputs["seed"])
    for name, what in (
        ("reloaded", "predictions of the reloaded model"),
        ("served", "the served predictions"),
    ):
        found = got[name]
        if not isinstance(found, Array) or found.shape != wanted.shape:
            shape = found.shape if isinstance(found, Array) else type(found).__name__
            return [f"{what}: expected shape {wanted.shape}, got {shape}"]
        if name == "served" and found.dtype != "float32":
            return [f"{what}: expected dtype float32, got {found.dtype}"]
        if not np.allclose(found.values, wanted, atol=1e-5):
            return [f"{what} differ from the original's by up to {np.abs(found.values - wanted).max():.3g}"]
    if not got["compiled"]:
        return ["the reloaded model is not compiled: its optimizer is lost"]
    for name, value in (("optimizer", inputs["optimizer"]), ("steps", inputs["steps"])):
        if got[name] != value:
            return [f"{name} of the reloaded model: expected {value}, got {got[name]}"]
    if not math.isclose(got["learning_rate"], inputs["rate"], rel_tol=1e-4):
        return [f"learning rate of the reloaded model: expected {inputs['rate']}, got {got['learning_rate']:.4g}"]
    return []


@roundtrip.mistake(
    "You wrote an .h5 file, the legacy format: after it, the next .keras file of the same model comes back with "
    'another optimizer. End the name in ".keras".',
)
def legacy_h5(model, x, folder):
    model.save(folder / "m.h5")
    reloaded = keras.models.load_model(folder / "m.h5")
    return reloaded, reloaded(x)


@roundtrip.mistake(
    "You returned the model that you were given, not one that was read from a file: keras.models.load_model.",
)
def original_returned(model, x, folder):
    model.save(folder / "m.keras")
    return model, model(x)


@roundtrip.mistake(
    "A weights file holds numbers only: architecture, loss and optimizer are missing from it, and whoever reads it "
    "must build the same model first. model.save keeps all of it.",
)
def weights_only(model, x, folder):
    model.save_weights(folder / "m.weights.h5")
    reloaded = keras.models.clone_model(model)
    reloaded.load_weights(folder / "m.weights.h5")
    return reloaded, reloaded(x)


@roundtrip.mistake(
    "compile=False leaves the optimizer and the loss in the file: the model can predict, but not go on training.",
)
def loaded_without_compiling(model, x, folder):
    model.save(folder / "m.keras")
    reloaded = keras.models.load_model(folder / "m.keras", compile=False)
    return reloaded, reloaded(x)


@roundtrip.mistake(
    "The loaded SavedModel was thrown away before its function ran, and its variables went with it. Give it a name: "
    "loaded = tf.saved_model.load(...), then loaded.serve(x).",
)
def loaded_thrown_away(model, x, folder):
    model.save(folder / "m.keras")
    model.export(folder / "served", verbose=False)
    return keras.models.load_model(folder / "m.keras"), tf.saved_model.load(folder / "served").serve(x)


@roundtrip.mistake(
    "Nothing was exported: the served predictions must come from a SavedModel, model.export and tf.saved_model.load.",
)
def nothing_exported(model, x, folder):
    model.save(folder / "m.keras")
    reloaded = keras.models.load_model(folder / "m.keras")
    return reloaded, reloaded(x)


@roundtrip.mistake(
    "Keras 3 saves to a name that ends in .keras; save_format is gone, and a folder is written by model.export.",
)
def save_to_a_folder(model, x, folder):
    model.save(folder / "m")
    reloaded = keras.models.load_model(folder / "m")
    return reloaded, reloaded.predict(x, verbose=0)


@roundtrip.mistake(
    "keras.models.load_model reads .keras files only. A SavedModel is read by tf.saved_model.load(folder).",
)
def keras_loads_the_export(model, x, folder):
    model.save(folder / "m.keras")
    model.export(folder / "served", verbose=False)
    served = keras.models.load_model(folder / "served")
    return keras.models.load_model(folder / "m.keras"), served(x)


@roundtrip.right
def roundtrip_with_a_layer(model, x, folder):
    path, export = str(folder / "again.keras"), str(folder / "for_a_server")
    keras.saving.save_model(model, path)
    model.export(export, verbose=False)
    served = keras.layers.TFSMLayer(export, call_endpoint="serve")
    return keras.saving.load_model(path), served(x)


@roundtrip.right
def roundtrip_by_signature(model, x, folder):
    model.save(folder / "whole.keras", overwrite=True)
    archive = keras.export.ExportArchive()
    archive.track(model)
    spec = tf.TensorSpec((None, x.shape[1]), tf.float32)
    archive.add_endpoint("serve", model.call, input_signature=[spec])
    archive.write_out(folder / "archive", verbose=False)
    loaded = tf.saved_model.load(folder / "archive")
    return keras.models.load_model(folder / "whole.keras"), loaded.serve(tf.constant(x)).numpy()
