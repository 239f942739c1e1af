"""Day 2, the exercise `make_dataset`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis.strategies as st
import numpy as np

from checks.day02.epochs import (
    columns_of,
    drawn_folder,
    kind_of,
    labels_of,
    mixing_problems,
    nearest_files,
    shape_problems,
    wanted_of,
)
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import Raised

tf = Lazy("tensorflow")
keras = Lazy("keras")

make_dataset = Exercise(
    "make_dataset",
    day=2,
    limit=10.0,
    hints=(
        "Begin with the files in order: tf.data.Dataset.list_files(str(Path(root, '*', '*.jpg')), shuffle=False).",
        "Read, decode with channels=3, resize, divide by 255 in one function for map; the label is in the path.",
        "For training .shuffle(len(files)) on the paths, before they are read; then .map, .batch, .prefetch.",
    ),
    failures=1,
    shrinks=12,
)
make_dataset.example(
    files={
        "china/a.jpg": [8, 16, 30, 60, 200],
        "china/b.jpg": [20, 32, 120, 150, None],
        "flower/a.jpg": [32, 32, 90, 255, 0],
    },
    batch=2,
    training=False,
    epochs=1,
)


@make_dataset.shown
def _(files, batch, training, epochs):
    written = [
        f"{name} {height} x {width}{', grey' if blue is None else ''}"
        for name, (height, width, _, _, blue) in files.items()
    ]
    more = f", … {len(written)} files" if len(written) > 4 else ""
    return f"make_dataset(root, batch={batch}, training={training})  # in root: {'; '.join(written[:4])}{more}"


@make_dataset.verify
def _(inputs, got, expected):
    files, wanted = inputs["files"], wanted_of(inputs["files"])
    for place, epoch in enumerate(got):
        problems = shape_problems(inputs, epoch)
        if problems:
            return [f"epoch {place}, {problems[0]}" if place else problems[0]]
        found, gaps = nearest_files(files, epoch)
        if inputs["training"]:
            if gaps.max() > 0.03:
                return ["a picture shows none of the files: decode to 3 channels, resize without a crop, divide once"]
            if sorted(found) != list(range(len(files))):
                return [f"epoch {place} must give every file once; {len(files) - len(set(found))} are missing"]
        else:
            names = sorted(files)
            shown = np.abs(columns_of(epoch) - wanted[:, :3])
            if shown.max() > 0.03:
                at = int(shown.max(1).argmax())
                if gaps.max() <= 0.03:
                    return [f"epoch {place}: picture {at} must be {names[at]}, and is {names[found[at]]}"]
                row, is_ = wanted[at], columns_of(epoch)[at]
                return [
                    f"{names[at]}: left edge, right edge, last channel should be about {row[0]:.2f}, {row[1]:.2f}, "
                    f"{row[2]:.2f}, and are {is_[0]:.2f}, {is_[1]:.2f}, {is_[2]:.2f}"
                ]
        wrong = np.flatnonzero(labels_of(epoch) != wanted[found, 3])
        if wrong.size:
            name = sorted(files)[found[wrong[0]]]
            return [f"label of {name}: expected {kind_of(name)}, got {labels_of(epoch)[wrong[0]]:g}"]
    if inputs["training"] and len(files) >= 40:
        problems = mixing_problems(inputs, got)
        if problems:
            return problems
        orders = {tuple(nearest_files(files, epoch)[0]) for epoch in got}
        if len(orders) < len(got):
            return ["the order of the pictures is the same in two epochs; each epoch must be shuffled anew"]
    return []


@make_dataset.cases("grey and colour pictures of many sizes", points=1, examples=3)
def _():
    return st.fixed_dictionaries(
        {
            "files": st.builds(drawn_folder, st.integers(0, 99), st.integers(2, 9)),
            "batch": st.integers(1, 4),
            "training": st.just(False),
            "epochs": st.just(1),
        }
    )


make_dataset.fixed_cases(
    "evaluation: every file, in order, twice the same",
    1,
    {
        "files": drawn_folder(1, 11)
        | {"china/flower.jpg": [8, 16, 3, 250, None], "flower/china.jpg": [8, 16, 250, 3, None]},
        "batch": 5,
        "training": False,
        "epochs": 2,
    },
)
make_dataset.fixed_cases(
    "training: every file once an epoch",
    1,
    {"files": drawn_folder(2, 9), "batch": 4, "training": True, "epochs": 2},
    {"files": drawn_folder(3, 7, flowers=2), "batch": 10, "training": True, "epochs": 2},
)
make_dataset.fixed_cases(
    "training: the classes are mixed, and each epoch is in a new order",
    1,
    {"files": drawn_folder(4, 150, widths=(16,)), "batch": 10, "training": True, "epochs": 2},
)


@make_dataset.mistake(
    "Values above 1: tf.image.resize keeps 0..255 and only changes the dtype. Divide by 255, once.",
)
def not_divided(root, batch, training):
    def load(path):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), [32, 32])
        return image, tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    files = files.shuffle(len(files)) if training else files
    return files.map(load).batch(batch)


@make_dataset.mistake(
    "Nearly everything is black: no value passes 0.01. convert_image_dtype has divided by 255 already, and you divide "
    "again.",
)
def divided_twice(root, batch, training):
    def load(path):
        image = tf.image.convert_image_dtype(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), tf.float32)
        label = tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)
        return tf.image.resize(image, [32, 32]) / 255, label

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    files = files.shuffle(len(files)) if training else files
    return files.map(load).batch(batch)


def _starts(inputs):
    return range(0, len(inputs["files"]), inputs["batch"])


@make_dataset.mistake(
    "You shuffle whole batches: the files come sorted by folder, so each batch is of one class. Shuffle before batch, "
    "with a buffer as large as the list of files.",
)
def shuffled_after_batch(root, batch, training):
    def load(path):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), [32, 32]) / 255
        return image, tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    batches = files.map(load).batch(batch)
    return batches.shuffle(100) if training else batches


@make_dataset.mistake(
    "The pictures come in the order of the folders: nothing is shuffled. With training=True, call .shuffle(len(files)) "
    "before .batch.",
)
def never_shuffled(root, batch, training):
    def load(path):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), [32, 32]) / 255
        return image, tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    return files.map(load).batch(batch)


@make_dataset.mistake(
    "Every epoch has the same order: cache() after shuffle() keeps the first order for good (as does "
    "reshuffle_each_iteration=False). Cache first, shuffle after it.",
)
def cached_after_shuffle(root, batch, training):
    def load(path):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), [32, 32]) / 255
        return image, tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    files = files.shuffle(len(files)) if training else files
    return files.map(load).cache().batch(batch)


@make_dataset.mistake(
    "The buffer is too small: shuffle draws from the next few files only, and those are all of one folder. Make it as "
    "large as the list: .shuffle(len(files)).",
)
def small_buffer(root, batch, training):
    def load(path):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), [32, 32]) / 255
        return image, tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    files = files.shuffle(8) if training else files
    return files.map(load).batch(batch)


@make_dataset.mistake(
    "Evaluation must keep the order of the files, or predictions cannot be matched to them. list_files shuffles unless "
    "you say shuffle=False.",
)
def listed_in_any_order(root, batch, training):
    def load(path):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), [32, 32]) / 255
        return image, tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)

    return tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), seed=1).map(load).batch(batch)


@make_dataset.mistake(
    "The last batch is smaller and counts as well: leave drop_remainder out. (A TPU wants it, for training only.)",
)
def remainder_dropped(root, batch, training):
    def load(path):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), [32, 32]) / 255
        return image, tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    files = files.shuffle(len(files)) if training else files
    return files.map(load).batch(batch, drop_remainder=True)


@make_dataset.mistake(
    "A grey JPEG decodes to one channel, and the batch does not fit together: say channels=3 to decode_jpeg.",
    # Which of two pictures the message calls the odd one is a matter of threads.
    when=lambda inputs, got, expected: (
        "Cannot add tensor to the batch" in got.message
        if isinstance(got, Raised)
        else all(batch["shape"][-1] == 1 for epoch in got for batch in epoch)
    ),
    varied=True,
    about="exception",
)
def channels_as_they_come(root, batch, training):
    def load(path):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path)), [32, 32]) / 255
        return image, tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    files = files.shuffle(len(files)) if training else files
    return files.map(load).batch(batch)


@make_dataset.mistake(
    "The picture is cropped, or framed in black, to 32 x 32, and not resized: its edges are lost. Use tf.image.resize."
)
def cropped(root, batch, training):
    def load(path):
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        image = tf.cast(tf.image.resize_with_crop_or_pad(image, 32, 32), tf.float32) / 255
        return image, tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    files = files.shuffle(len(files)) if training else files
    return files.map(load).batch(batch)


@make_dataset.mistake(
    "Every picture is a flower to you, for the word stands in the path of the root folder or in a file's name. Look at "
    "the folder alone: part [-2] of the path."
)
def labelled_by_the_whole_path(root, batch, training):
    def load(path):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), [32, 32]) / 255
        return image, tf.cast(tf.strings.regex_full_match(path, ".*flower.*"), tf.int8)

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    files = files.shuffle(len(files)) if training else files
    return files.map(load).batch(batch)


@make_dataset.right
def dataset_from_directory(root, batch, training):
    found = keras.utils.image_dataset_from_directory(
        root,
        labels=[int(path.parent.name == "flower") for path in sorted(Path(root).glob("*/*.jpg"))],
        image_size=(32, 32),
        batch_size=batch,
        shuffle=training,
        verbose=False,
    )
    return found.map(lambda images, labels: (images / 255, labels))


@make_dataset.right
def dataset_by_class_names(root, batch, training):
    found = keras.utils.image_dataset_from_directory(
        root, class_names=["china", "flower"], image_size=(32, 32), batch_size=None, shuffle=False, verbose=False
    )
    found = found.map(lambda image, label: (tf.clip_by_value(image / 255, 0, 1), label)).cache()
    return (found.shuffle(10_000) if training else found).batch(batch)


@make_dataset.right
def dataset_from_sorted_paths(root, batch, training):
    paths = sorted(str(path) for path in Path(root).glob("*/*.jpg"))
    labels = [float(Path(path).parent.name == "flower") for path in paths]
    dataset = tf.data.Dataset.from_tensor_slices((paths, labels))

    def load(path, label):
        image = tf.image.decode_jpeg(tf.io.read_file(path), channels=3)
        return tf.image.resize(tf.image.convert_image_dtype(image, tf.float32), [32, 32]), label

    dataset = dataset.map(load, num_parallel_calls=tf.data.AUTOTUNE).cache()
    if training:
        dataset = dataset.shuffle(len(paths))
    return dataset.batch(batch).prefetch(tf.data.AUTOTUNE)
