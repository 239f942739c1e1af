"""Day 2, images: the exercises."""

from __future__ import annotations

import math
import os
from pathlib import Path

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays, seeds
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, Raised, tensor

tf = Lazy("tensorflow")
keras = Lazy("keras")

# ---------------------------------------------------------------------------------------------------- spatial_split

spatial_split = Exercise(
    "spatial_split",
    day=2,
    hints=(
        "Draw it: a patch that starts at col covers the columns col to col + patch - 1. Which starts are allowed?",
        "For training the right edge col + patch may reach the cut and no further. Test patches start at the cut.",
        "Training columns: range(0, cut - patch + 1, stride); test columns: range(cut, w - patch + 1, stride).",
    ),
)
spatial_split.example(h=6, w=9, patch=2, stride=2, cut=5)


@spatial_split.spec
def _(h, w, patch, stride, cut):
    train, test = [], []
    for row in range(h):
        for col in range(w):
            if row % stride or row + patch > h:
                continue
            if col % stride == 0 and col + patch <= cut:
                train.append((row, col))
            if col >= cut and (col - cut) % stride == 0 and col + patch <= w:
                test.append((row, col))
    return {name: np.array(found).reshape(-1, 2) for name, found in (("train", train), ("test", test))}


@spatial_split.shown
def _(h, w, patch, stride, cut):
    return f"spatial_split(h={h}, w={w}, patch={patch}, stride={stride}, cut={cut})"


@spatial_split.cases("photographs of any size", points=1, examples=40)
def _():
    def inside(sides):
        h, w, patch = sides
        return st.fixed_dictionaries(
            {
                "h": st.just(h),
                "w": st.just(w),
                "patch": st.just(patch),
                "stride": st.integers(1, 5),
                "cut": st.integers(patch, w - patch) if w >= 2 * patch else st.just(w // 2),
            }
        )

    return st.tuples(st.integers(4, 16), st.integers(4, 20), st.integers(1, 4)).flatmap(inside)


spatial_split.fixed_cases(
    "the photographs of today, and zones too narrow for a patch",
    1,
    {"h": 427, "w": 640, "patch": 32, "stride": 16, "cut": 440},
    {"h": 427, "w": 640, "patch": 32, "stride": 13, "cut": 440},
    {"h": 8, "w": 10, "patch": 4, "stride": 1, "cut": 3},
    {"h": 8, "w": 10, "patch": 4, "stride": 1, "cut": 7},
    {"h": 3, "w": 10, "patch": 4, "stride": 1, "cut": 5},
)


def _pairs(got, name):
    return {tuple(pair) for pair in got[name].values.tolist()}


def _crosses(inputs, got, expected=None):
    return any(col < inputs["cut"] < col + inputs["patch"] for _, col in _pairs(got, "train"))


@spatial_split.mistake(
    lambda inputs, got: (
        "A training patch starts left of the cut, but its right edge reaches column "
        f"{max(col for _, col in _pairs(got, 'train')) + inputs['patch'] - 1}, and the test zone begins at column "
        f"{inputs['cut']}: network and examiner would see the same pixels. Let col + patch stay <= cut."
    ),
    when=_crosses,
)
def across_the_cut(h, w, patch, stride, cut):
    rows = range(0, h - patch + 1, stride)
    train = [(row, col) for row in rows for col in range(0, cut, stride)]
    test = [(row, col) for row in rows for col in range(cut, w - patch + 1, stride)]
    return train, test


@spatial_split.mistake(
    "The last column is missing: range leaves its end out, and a patch may start at w - patch. End at w - patch + 1.",
    when=lambda inputs, got, expected: (
        _pairs(got, "test") < _pairs(expected, "test") and _pairs(got, "train") <= _pairs(expected, "train")
    ),
)
def last_column_missing(h, w, patch, stride, cut):
    rows = range(0, h - patch + 1, stride)
    train = [(row, col) for row in rows for col in range(0, cut - patch, stride)]
    test = [(row, col) for row in rows for col in range(cut, w - patch, stride)]
    return train, test


@spatial_split.mistake(
    "The last row is missing: range leaves its end out, and a patch may start at h - patch. End at h - patch + 1."
)
def last_row_missing(h, w, patch, stride, cut):
    rows = range(0, h - patch, stride)
    train = [(row, col) for row in rows for col in range(0, cut - patch + 1, stride)]
    test = [(row, col) for row in rows for col in range(cut, w - patch + 1, stride)]
    return train, test


@spatial_split.mistake(
    "Your test patches go on with the steps that began at column 0, so the first starts right of the cut and pixels "
    "are wasted. Begin to count at the cut: range(cut, ...)."
)
def test_on_the_old_steps(h, w, patch, stride, cut):
    rows = range(0, h - patch + 1, stride)
    train = [(row, col) for row in rows for col in range(0, cut - patch + 1, stride)]
    test = [(row, col) for row in rows for col in range(0, w - patch + 1, stride) if col >= cut]
    return train, test


@spatial_split.mistake(
    "Your pairs are (col, row). An image has its rows first, as in image[row, col]: put the row first.",
    when=lambda inputs, got, expected: all(
        {(row, col) for col, row in _pairs(got, name)} == _pairs(expected, name) for name in ("train", "test")
    ),
)
def column_first(h, w, patch, stride, cut):
    rows = range(0, h - patch + 1, stride)
    train = [(col, row) for row in rows for col in range(0, cut - patch + 1, stride)]
    test = [(col, row) for row in rows for col in range(cut, w - patch + 1, stride)]
    return train, test


@spatial_split.mistake("You step by the size of a patch. The step is stride: smaller than a patch, neighbours overlap.")
def patch_as_stride(h, w, patch, stride, cut):
    rows = range(0, h - patch + 1, patch)
    train = [(row, col) for row in rows for col in range(0, cut - patch + 1, patch)]
    test = [(row, col) for row in rows for col in range(cut, w - patch + 1, patch)]
    return train, test


@spatial_split.mistake(
    "The rightmost and lowest of your patches hang out of the picture: stop at w - patch, h - patch."
)
def out_of_the_picture(h, w, patch, stride, cut):
    rows = range(0, h, stride)
    train = [(row, col) for row in rows for col in range(0, cut - patch + 1, stride)]
    test = [(row, col) for row in rows for col in range(cut, w, stride)]
    return train, test


@spatial_split.right
def split_with_meshgrid(h, w, patch, stride, cut):
    def grid(left, right):
        rows, cols = np.arange(0, h - patch + 1, stride), np.arange(left, right - patch + 1, stride)
        return np.stack(np.meshgrid(rows, cols, indexing="ij"), axis=-1).reshape(-1, 2)

    return grid(0, cut), grid(cut, w)


@spatial_split.right
def split_with_while(h, w, patch, stride, cut):
    boxes = ([], [])
    for part, start, end in ((0, 0, cut), (1, cut, w)):
        col = start
        while col + patch <= end:
            row = 0
            while row + patch <= h:
                boxes[part].append([row, col])
                row += stride
            col += stride
    return boxes


# -------------------------------------------------------------------------------------------------- label_from_path

label_from_path = Exercise(
    "label_from_path",
    day=2,
    limit=10.0,
    hints=(
        "Only the folder that the file lies in counts, and it must be that name exactly. Cut the path into its parts.",
        "tf.strings.split(path, os.sep) gives the parts; the last is the file, the one before it the folder.",
        'tf.cast(parts[-2] == "flower", tf.int8) turns the comparison into a label.',
    ),
    returns=Returns(dtype="int8"),
)
label_from_path.example(paths=["train/flower/000.jpg", "train/china/flower.jpg"], positive=None, mapped=True)


@label_from_path.spec
def _(paths, positive, mapped):
    return [np.int8(path.split("/")[-2] == (positive or "flower")) for path in paths]


@label_from_path.shown
def _(paths, positive, mapped):
    more = "" if positive is None else f", {positive!r}"
    if not mapped:
        return "; ".join(f"label_from_path(tf.constant({path!r}){more})" for path in paths)
    use = "label_from_path" if positive is None else f"lambda path: label_from_path(path{more})"
    return f"tf.data.Dataset.from_tensor_slices({paths}).map({use})"


def _paths(names, positive, mapped):
    part = st.sampled_from(names)
    path = st.lists(part, min_size=1, max_size=3).flatmap(
        lambda folders: part.map(lambda name: "/".join([*folders, f"{name}.jpg"]))
    )
    rooted = st.tuples(st.sampled_from(["", "/"]), path).map("".join)
    return st.fixed_dictionaries(
        {"paths": st.lists(rooted, min_size=1, max_size=5), "positive": st.just(positive), "mapped": mapped}
    )


TRAPS = ("china", "flower", "sunflower", "flower_project", "flowers", "Flower", "flower.jpg")


@label_from_path.cases("the word flower everywhere, called directly or in a map", points=1, examples=8)
def _():
    return _paths(TRAPS, None, st.booleans())


@label_from_path.cases("another positive class, in a map", points=1, examples=4)
def _():
    return _paths(("car", "flower", "race.car", "cars"), "car", st.just(True))


@label_from_path.mistake(
    "The word occurs elsewhere in the path: a project folder or a file may be called flower as well. Split the path at "
    "os.sep and look at part [-2] alone."
)
def regex_on_the_path(path, positive="flower"):
    return tf.cast(tf.strings.regex_full_match(path, f".*{positive}.*"), tf.int8)


@label_from_path.mistake(
    "The folder's name must be exactly the class: sunflower contains flower and is another folder. Compare with ==."
)
def part_of_the_folder(path, positive="flower"):
    folder = tf.strings.split(path, os.sep)[-2]
    return tf.cast(tf.strings.regex_full_match(folder, f".*{positive}.*"), tf.int8)


@label_from_path.mistake(
    "Part [-1] is the file's own name. The class is the folder that holds it: part [-2].",
)
def from_the_file_name(path, positive="flower"):
    name = tf.strings.split(path, os.sep)[-1]
    return tf.cast(name == positive + ".jpg", tf.int8)


@label_from_path.mistake(
    "The label must be tf.int8, one byte: cast the comparison with tf.cast(..., tf.int8).",
    when=lambda inputs, got, expected: (
        all(isinstance(label, Array | bool | int) for label in got)
        and any(not isinstance(label, Array) or label.dtype != "int8" for label in got)
    ),
)
def whole_int32(path, positive="flower"):
    return tf.cast(tf.strings.split(path, os.sep)[-2] == positive, tf.int32)


@label_from_path.mistake(
    "Python's own text functions see the text of a call, but in a map only a symbol that has no value yet. Use "
    "tf.strings.split, compare with ==, and cast the result.",
    when=lambda inputs, got, expected: inputs["mapped"] and isinstance(got, Raised),
)
def python_text(path, positive="flower"):
    return tf.constant(int(Path(str(path)).parent.name == positive), tf.int8)


@label_from_path.mistake(
    "A traced function has no .numpy(): in a map the path is a symbol. Stay with tf.strings.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "numpy" in got.message,
)
def numpy_of_the_path(path, positive="flower"):
    return tf.constant(Path(path.numpy().decode()).parent.name == positive, tf.int8)


@label_from_path.mistake("The positive class is an argument; flower is only what it is when nobody says otherwise.")
def flower_fixed(path, positive="flower"):
    return tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)


@label_from_path.right
def label_with_regex(path, positive="flower"):
    folder = tf.strings.regex_replace(path, r"^(.*[/\\])?([^/\\]+)[/\\][^/\\]*$", r"\2")
    return tf.where(folder == positive, tf.constant(1, tf.int8), tf.constant(0, tf.int8))


@label_from_path.right
def label_with_branches(path, positive="flower"):
    parts = tf.strings.split([path], os.sep).values
    if tf.equal(parts[tf.size(parts) - 2], positive):
        return tf.constant(1, tf.int8)
    return tf.constant(0, tf.int8)


# ----------------------------------------------------------------------------------------------------- make_dataset

make_dataset = Exercise(
    "make_dataset",
    day=2,
    limit=10.0,
    hints=(
        "Begin with the files in order: tf.data.Dataset.list_files(str(Path(root, '*', '*.jpg')), shuffle=False).",
        "Read, decode with channels=3, resize, divide by 255 in one function for map; the label is in the path.",
        "For training .shuffle(len(files)) on the paths, before they are read; then .map, .batch, .prefetch.",
    ),
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


def _kind(name):
    return int(name.startswith("flower/"))


def _wanted(files):
    """What each picture shows, in the order of the paths: left, right, last channel, label; values in 0..1."""
    rows = []
    for name in sorted(files):
        _, _, left, right, blue = files[name]
        rows.append((left, right, (left + right) / 2 if blue is None else blue, 255 * _kind(name)))
    return np.array(rows) / 255


def _shape_problems(inputs, epoch):
    count, batch = len(inputs["files"]), inputs["batch"]
    for place, each in enumerate(epoch):
        if len(each["shape"]) != 4 or each["shape"][1:] != (32, 32, 3):
            return [f"batch {place}: expected images of shape (n, 32, 32, 3), got {each['shape']}"]
        if each["dtype"] != "float32":
            return [f"batch {place}: expected float32 images, got {each['dtype']}"]
        if each["labels"].shape != (each["shape"][0],):
            return [f"batch {place}: expected labels of shape ({each['shape'][0]},), got {each['labels'].shape}"]
    sizes = [each["shape"][0] for each in epoch]
    wanted = [min(batch, count - start) for start in range(0, count, batch)]
    if sizes != wanted:
        return [f"batches of {wanted} images expected from {count} files, got {sizes}"]
    low, high = min(each["low"] for each in epoch), max(each["high"] for each in epoch)
    if low < -1e-3 or high > 1.001:
        return [f"pixel values must lie in 0..1; yours go from {low:.3g} to {high:.3g}"]
    return []


def _columns(epoch):
    """Left, right, last channel and label of every picture in the order it came, and the nearest file of each."""
    return np.stack([np.concatenate([each[name].values for each in epoch]) for name in ("left", "right", "blue")], 1)


def _labels(epoch):
    return np.concatenate([each["labels"].values for each in epoch]).astype(float)


def _nearest(files, epoch):
    """For each picture the place of the file that it shows, and how far it is from it."""
    gaps = np.abs(_columns(epoch)[:, None] - _wanted(files)[None, :, :3]).max(-1)
    return gaps.argmin(1), gaps.min(1)


def _drift(labels):
    """How far the mean place of class 1 is from the middle, in standard deviations of a fair shuffle."""
    n, ones = len(labels), int(labels.sum())
    places = np.arange(n)
    spread = math.sqrt((n + 1) * (n - ones) / (12 * ones))
    return (places[labels == 1].mean() - places.mean()) / spread


def _mixing_problems(inputs, epochs):
    for place, epoch in enumerate(epochs):
        kinds = [set(each["labels"].values.tolist()) for each in epoch]
        if sum(len(kind) > 1 for kind in kinds) < len(kinds) / 2:
            return [f"epoch {place}: most batches hold one class only; the first is all {min(kinds[0]):g}"]
    drift = sum(_drift(_labels(epoch)) for epoch in epochs) / math.sqrt(len(epochs))
    if abs(drift) > 6:
        early = "first" if drift > 0 else "last"
        return [f"class 0 comes {early}: the classes are not mixed over the whole epoch"]
    reach = max(_reach(inputs, epoch) for epoch in epochs)
    # A fair shuffle of 60 files reaches less than 0.6 of them, in two epochs, once in a million times.
    if reach < 0.6 * len(inputs["files"]):
        return [f"no picture comes more than {reach} places before its turn: the files are mixed with near ones only"]
    return []


def _reach(inputs, epoch):
    """How many places at most a picture comes before its place among the sorted files: a buffer's size, less 1."""
    order = _nearest(inputs["files"], epoch)[0]
    return int((order - np.arange(len(order))).max())


@make_dataset.verify
def _(inputs, got, expected):
    files, wanted = inputs["files"], _wanted(inputs["files"])
    for place, epoch in enumerate(got):
        problems = _shape_problems(inputs, epoch)
        if problems:
            return [f"epoch {place}, {problems[0]}" if place else problems[0]]
        found, gaps = _nearest(files, epoch)
        if inputs["training"]:
            if gaps.max() > 0.03:
                return ["a picture shows none of the files: decode to 3 channels, resize without a crop, divide once"]
            if sorted(found) != list(range(len(files))):
                return [f"epoch {place} must give every file once; {len(files) - len(set(found))} are missing"]
        else:
            names = sorted(files)
            shown = np.abs(_columns(epoch) - wanted[:, :3])
            if shown.max() > 0.03:
                at = int(shown.max(1).argmax())
                if gaps.max() <= 0.03:
                    return [f"epoch {place}: picture {at} must be {names[at]}, and is {names[found[at]]}"]
                row, is_ = wanted[at], _columns(epoch)[at]
                return [
                    f"{names[at]}: left edge, right edge, last channel should be about {row[0]:.2f}, {row[1]:.2f}, "
                    f"{row[2]:.2f}, and are {is_[0]:.2f}, {is_[1]:.2f}, {is_[2]:.2f}"
                ]
        wrong = np.flatnonzero(_labels(epoch) != wanted[found, 3])
        if wrong.size:
            name = sorted(files)[found[wrong[0]]]
            return [f"label of {name}: expected {_kind(name)}, got {_labels(epoch)[wrong[0]]:g}"]
    if inputs["training"] and len(files) >= 40:
        problems = _mixing_problems(inputs, got)
        if problems:
            return problems
        orders = {tuple(_nearest(files, epoch)[0]) for epoch in got}
        if len(orders) < len(got):
            return ["the order of the pictures is the same in two epochs; each epoch must be shuffled anew"]
    return []


def _folder(seed, count, flowers=None, widths=(16, 32, 48)):
    """A folder of `count` pictures, the two classes alternating or `flowers` of them flowers, each unlike any other."""
    draw = np.random.default_rng(seed)
    levels = draw.permutation(17 * 17)[:count]
    files = {}
    for place, level in enumerate(levels.tolist()):
        kind = ("china", "flower")[place % 2 if flowers is None else place < flowers]
        # Each half of a width is a whole number of JPEG's blocks of 8, and so decodes to the very colour.
        height, width = int(draw.integers(8, 49)), int(draw.choice(widths))
        blue = None if draw.random() < 0.4 else int(draw.integers(0, 18)) * 15
        files[f"{kind}/{place:03d}.jpg"] = [height, width, level // 17 * 15 + 8, level % 17 * 15 + 8, blue]
    return files


@make_dataset.cases("grey and colour pictures of many sizes", points=1, examples=3)
def _():
    return st.fixed_dictionaries(
        {
            "files": st.builds(_folder, st.integers(0, 99), st.integers(1, 9)),
            "batch": st.integers(1, 4),
            "training": st.just(False),
            "epochs": st.just(1),
        }
    )


make_dataset.fixed_cases(
    "evaluation: every file, in order, twice the same",
    1,
    {
        "files": _folder(1, 11)
        | {"china/flower.jpg": [8, 16, 3, 250, None], "flower/china.jpg": [8, 16, 250, 3, None]},
        "batch": 5,
        "training": False,
        "epochs": 2,
    },
)
make_dataset.fixed_cases(
    "training: every file once an epoch",
    1,
    {"files": _folder(2, 9), "batch": 4, "training": True, "epochs": 2},
    {"files": _folder(3, 7, flowers=2), "batch": 10, "training": True, "epochs": 2},
)
make_dataset.fixed_cases(
    "training: the classes are mixed, and each epoch is in a new order",
    1,
    {"files": _folder(4, 60, widths=(16,)), "batch": 10, "training": True, "epochs": 2},
)


def _extreme(got, name, pick):
    return pick(each[name] for epoch in got for each in epoch)


@make_dataset.mistake(
    "Values above 1: tf.image.resize keeps 0..255 and only changes the dtype. Divide by 255, once.",
    when=lambda inputs, got, expected: _extreme(got, "high", max) > 1.001,
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
    when=lambda inputs, got, expected: _extreme(got, "high", max) < 0.01,
)
def divided_twice(root, batch, training):
    def load(path):
        image = tf.image.convert_image_dtype(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), tf.float32)
        label = tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)
        return tf.image.resize(image, [32, 32]) / 255, label

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    files = files.shuffle(len(files)) if training else files
    return files.map(load).batch(batch)


def _whole_batches(inputs, got):
    """Whether batches of neighbours change places: the small one came before the last, or each is a run of files."""
    small = len(inputs["files"]) % inputs["batch"]
    if small and any(each["shape"][0] == small for epoch in got for each in epoch[:-1]):
        return True
    orders = [_nearest(inputs["files"], epoch)[0] for epoch in got]
    runs = [np.diff(order[start : start + inputs["batch"]]) for order in orders for start in _starts(inputs)]
    return inputs["batch"] > 2 and all((run == 1).all() for run in runs) and not _as_sorted(inputs, got)


def _starts(inputs):
    return range(0, len(inputs["files"]), inputs["batch"])


@make_dataset.mistake(
    "You shuffle whole batches: the files come sorted by folder, so each batch is of one class. Shuffle before batch, "
    "with a buffer as large as the list of files.",
    when=lambda inputs, got, expected: inputs["training"] and _whole_batches(inputs, got),
)
def shuffled_after_batch(root, batch, training):
    def load(path):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), [32, 32]) / 255
        return image, tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)

    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)
    batches = files.map(load).batch(batch)
    return batches.shuffle(100) if training else batches


def _same_twice(inputs, got):
    orders = {tuple(_nearest(inputs["files"], epoch)[0]) for epoch in got}
    return len(orders) < len(got)


def _as_sorted(inputs, got):
    return all(list(_nearest(inputs["files"], epoch)[0]) == list(range(len(inputs["files"]))) for epoch in got)


@make_dataset.mistake(
    "The pictures come in the order of the folders: nothing is shuffled. With training=True, call .shuffle(len(files)) "
    "before .batch.",
    when=lambda inputs, got, expected: inputs["training"] and len(inputs["files"]) >= 40 and _as_sorted(inputs, got),
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
    when=lambda inputs, got, expected: (
        inputs["training"] and len(inputs["files"]) >= 40 and _same_twice(inputs, got) and not _as_sorted(inputs, got)
    ),
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
    when=lambda inputs, got, expected: (
        inputs["training"]
        and len(inputs["files"]) >= 40
        and not _as_sorted(inputs, got)
        and not _same_twice(inputs, got)
        and not _whole_batches(inputs, got)
        and bool(_mixing_problems(inputs, got))
    ),
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
    when=lambda inputs, got, expected: (
        not inputs["training"]
        and not _shape_problems(inputs, got[0])
        and not _as_sorted(inputs, got)
        and max(_nearest(inputs["files"], epoch)[1].max() for epoch in got) < 0.03
    ),
)
def listed_in_any_order(root, batch, training):
    def load(path):
        image = tf.image.resize(tf.io.decode_jpeg(tf.io.read_file(path), channels=3), [32, 32]) / 255
        return image, tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)

    return tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), seed=1).map(load).batch(batch)


@make_dataset.mistake(
    "The last batch is smaller and counts as well: leave drop_remainder out. (A TPU wants it, for training only.)",
    when=lambda inputs, got, expected: (
        sum(each["shape"][0] for each in got[0])
        == len(inputs["files"]) // inputs["batch"] * inputs["batch"]
        < len(inputs["files"])
    ),
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
    when=lambda inputs, got, expected: (
        ("shape" in got.message.lower() and any(picture[4] is None for picture in inputs["files"].values()))
        if isinstance(got, Raised)
        else any(each["shape"][-1] == 1 for epoch in got for each in epoch)
    ),
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


# ------------------------------------------------------------------------------------------------------- cnn_report

cnn_report = Exercise(
    "cnn_report",
    day=2,
    hints=(
        "Carry the shape from layer to layer: (h, w, c) until flatten, (n,) after it. Only conv and dense have "
        "parameters.",
        "valid: (n - k) // stride + 1; same: ceil(n / stride), which is -(-n // stride). A pool of size p: n // p.",
        "A conv has (k * k * c_in + 1) * filters parameters, a dense layer (n_in + 1) * units: the 1 is the bias.",
    ),
    returns=Returns(kind="list", rtol=0, atol=0),
)
SMALL_NET = [("conv", 4, 3, 1, "valid"), ("pool", 2), ("flatten",), ("dense", 1)]
SOURCE_NET = [
    ("conv", 32, 3, 1, "valid"),
    ("pool", 2),
    ("conv", 64, 5, 1, "valid"),
    ("pool", 2),
    ("flatten",),
    ("dense", 32),
    ("dense", 1),
]
cnn_report.example(input_shape=(9, 7, 3), spec=SMALL_NET)


@cnn_report.spec
def _(input_shape, spec):
    shape, report = tuple(input_shape), []

    def places(size, window, step, padding):
        """How many windows fit: counted, not computed."""
        starts = range(0, size, step)
        return len(starts) if padding == "same" else sum(start + window <= size for start in starts)

    for kind, *numbers in spec:
        parameters = 0
        if kind == "conv":
            filters, kernel, stride, padding = numbers
            parameters = filters * (kernel * kernel * shape[2]) + filters
            shape = (*(places(size, kernel, stride, padding) for size in shape[:2]), filters)
        elif kind == "pool":
            shape = (*(places(size, numbers[0], numbers[0], "valid") for size in shape[:2]), shape[2])
        elif kind == "flatten":
            shape = (math.prod(shape),)
        else:
            parameters = shape[0] * numbers[0] + numbers[0]
            shape = (numbers[0],)
        report.append((shape, parameters))
    return report


@cnn_report.verify
def _(inputs, got, expected):
    for place, (shape, parameters) in enumerate(got):
        numbers = [item.values.item() if isinstance(item, Array) else item for item in [*_items(shape), parameters]]
        if any(isinstance(number, float) for number in numbers):
            return [f"[{place}]: sizes and counts are whole numbers; yours are {numbers}"]
    return []


def _items(shape):
    return shape.values.tolist() if isinstance(shape, Array) else list(shape)


@st.composite
def _networks(draw, strides=(1, 2, 3), paddings=("valid", "same"), dense=2):
    shape = [draw(st.integers(9, 40)), draw(st.integers(9, 40)), draw(st.integers(1, 4))]
    given, spec = tuple(shape), []
    for _ in range(draw(st.integers(1, 3))):
        smallest = min(shape[:2])
        if draw(st.booleans()):
            size = draw(st.integers(2, max(2, min(3, smallest))))
            if smallest < size:
                break
            spec.append(("pool", size))
            shape[:2] = [n // size for n in shape[:2]]
        else:
            kernel = draw(st.integers(1, min(5, smallest)))
            stride, padding = draw(st.sampled_from(strides)), draw(st.sampled_from(paddings))
            filters = draw(st.integers(1, 9))
            spec.append(("conv", filters, kernel, stride, padding))
            if padding == "same":
                shape = [*(-(-n // stride) for n in shape[:2]), filters]
            else:
                shape = [*((n - kernel) // stride + 1 for n in shape[:2]), filters]
    for place in range(draw(st.integers(0, dense))):
        spec += [("flatten",)] if place == 0 else []
        spec.append(("dense", draw(st.integers(1, 12))))
    return {"input_shape": given, "spec": spec}


cnn_report.fixed_cases(
    "the network with 103,425 parameters, and two more",
    1,
    {"input_shape": (32, 32, 3), "spec": SOURCE_NET},
    {
        "input_shape": (32, 32, 3),
        "spec": [("conv", 32, 3, 1, "valid"), ("pool", 2), ("conv", 64, 3, 2, "valid"), ("pool", 2)],
    },
    {"input_shape": (28,), "spec": [("dense", 16), ("dense", 10)]},
)


@cnn_report.cases("valid padding and pools, stride 1", points=1, examples=12)
def _():
    return _networks(strides=(1,), paddings=("valid",))


@cnn_report.cases("any stride, both paddings", points=1, examples=12)
def _():
    return _networks()


def _gaps(inputs, got, expected):
    """(name, numbers, wrong shape, missing parameters) for each layer that differs."""
    found = []
    for layer, (shape, count), (right, wanted) in zip(inputs["spec"], got, expected, strict=True):
        if _items(shape) != _items(right) or count != wanted:
            found.append((layer, _items(shape) != _items(right), wanted - count))
    return found


@cnn_report.mistake(
    lambda inputs, got: (
        "Each filter of a convolution has one bias: add filters, or write (k * k * c_in + 1) * filters."
    ),
    when=lambda inputs, got, expected: any(
        layer[0] == "conv" and missing == layer[1] for layer, _, missing in _gaps(inputs, got, expected)
    ),
)
def no_bias_in_conv(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = k * k * shape[2] * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake("Each unit of a dense layer has one bias: (n_in + 1) * units.")
def no_bias_in_dense(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = shape[0] * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake(
    "A pool without padding drops the rows and columns that are left over: 7 pooled by 2 is 3. Use n // p, not a ceil.",
    when=lambda inputs, got, expected: _gaps(inputs, got, expected)[0][0][0] == "pool",
)
def pool_rounds_up(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (-(-shape[0] // a[0]), -(-shape[1] // a[0]), shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


def _first_conv(inputs, got, expected, padding):
    layer, shape_wrong, _ = _gaps(inputs, got, expected)[0]
    return layer[0] == "conv" and shape_wrong and layer[4] == padding and layer[3] > 1


@cnn_report.mistake(
    "same keeps the size only at stride 1. With a stride it is ceil(n / stride): -(-n // stride).",
    when=lambda inputs, got, expected: _first_conv(inputs, got, expected, "same"),
)
def same_keeps_the_size(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [n if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake(
    "The stride of a valid convolution thins the places out: (n - k) // stride + 1.",
    when=lambda inputs, got, expected: _first_conv(inputs, got, expected, "valid"),
)
def stride_forgotten(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, _, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [n if padding == "same" else n - k + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake(
    "A filter reaches through all the channels that come in: k * k * c_in numbers, not k * k.",
    when=lambda inputs, got, expected: any(
        layer[0] == "conv" and not shape_wrong and missing > layer[1]
        for layer, shape_wrong, missing in _gaps(inputs, got, expected)
    ),
)
def channels_in_forgotten(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k + 1) * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake(
    "/ gives a float, and a size is a whole number. Round down with //.",
    when=lambda inputs, got, expected: any(
        isinstance(number, float) for shape, count in got for number in [*_items(shape), count]
    ),
)
def halves_of_pixels(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] / a[0], shape[1] / a[0], shape[2])
        elif kind == "flatten":
            shape = (float(np.prod(shape)),)
        else:
            count = (shape[0] + 1) * a[0]
            shape = (a[0],)
        report.append((shape, count))
    return report


@cnn_report.mistake(
    "After flatten and dense the shape is a tuple of one: (n,), with the comma. (n) is just a number.",
    when=lambda inputs, got, expected: any(isinstance(shape, int) for shape, _ in got),
)
def flat_number(input_shape, spec):
    shape, report = tuple(input_shape), []
    for kind, *a in spec:
        count = 0
        if kind == "conv":
            filters, k, s, padding = a
            count = (k * k * shape[2] + 1) * filters
            size = [-(-n // s) if padding == "same" else (n - k) // s + 1 for n in shape[:2]]
            shape = (*size, filters)
        elif kind == "pool":
            shape = (shape[0] // a[0], shape[1] // a[0], shape[2])
        elif kind == "flatten":
            shape = int(np.prod(shape))
        else:
            count = (int(np.prod(shape)) + 1) * a[0]
            shape = a[0]
        report.append((shape, count))
    return report


@cnn_report.right
def report_from_keras(input_shape, spec):
    x, report = keras.Input(input_shape), []
    for kind, *a in spec:
        if kind == "conv":
            layer = keras.layers.Conv2D(a[0], a[1], strides=a[2], padding=a[3])
        elif kind == "pool":
            layer = keras.layers.MaxPool2D(a[0])
        else:
            layer = keras.layers.Flatten() if kind == "flatten" else keras.layers.Dense(a[0])
        x = layer(x)
        report.append((tuple(x.shape[1:]), layer.count_params()))
    return report


@cnn_report.right
def report_with_match(input_shape, spec):
    report, shape = [], np.array(input_shape)
    for layer in spec:
        match layer:
            case "conv", filters, k, s, padding:
                count = (k * k * shape[-1] + 1) * filters
                first = np.ceil(shape[:2] / s) if padding == "same" else np.floor((shape[:2] - k) / s) + 1
                shape = np.array([*first.astype(int), filters])
            case "pool", p:
                count, shape = 0, np.array([shape[0] // p, shape[1] // p, shape[2]])
            case ("flatten",):
                count, shape = 0, np.array([shape.prod()])
            case "dense", units:
                count, shape = (shape[0] + 1) * units, np.array([units])
        report.append([tuple(int(n) for n in shape), int(count)])
    return report


# -------------------------------------------------------------------------------------------------------- build_cnn

build_cnn = Exercise(
    "build_cnn",
    day=2,
    limit=10.0,
    hints=(
        "The functional way: i = keras.Input(input_shape), then x = layer(x) again and again, keras.Model(i, x).",
        'Conv2D(32, 3, activation="relu"), MaxPool2D(), Conv2D(64, 5, activation="relu"), MaxPool2D(), Dropout(0.1).',
        'After that: Flatten(), Dense(32, activation="relu"), Dense(1, activation="sigmoid").',
    ),
)
build_cnn.example(input_shape=(32, 32, 3), seed=0, dropout=False)


@build_cnn.shown
def _(input_shape, seed, dropout):
    call = f"build_cnn({'' if input_shape is None else tuple(input_shape)})"
    return f"{call}(x, training=True)" if dropout else call


def _net_shapes(input_shape):
    h, w, c = input_shape or (32, 32, 3)
    flat = math.prod(((n - 2) // 2 - 4) // 2 for n in (h, w)) * 64
    return [(3, 3, c, 32), (32,), (5, 5, 32, 64), (64,), (flat, 32), (32,), (32, 1), (1,)]


def _total(shapes):
    return sum(math.prod(shape) for shape in shapes)


def _convolved(images, weights, bias):
    windows = np.lib.stride_tricks.sliding_window_view(images, weights.shape[:2], axis=(1, 2))
    return np.einsum("bhwcij,ijcf->bhwf", windows, weights, optimize=True) + bias


def _pooled(images):
    h, w = (n // 2 * 2 for n in images.shape[1:3])
    quarters = images[:, :h, :w].reshape(len(images), h // 2, 2, w // 2, 2, -1)
    return quarters.max((2, 4))


def _net(images, weights, convs=lambda x: np.maximum(x, 0), last=lambda x: 1 / (1 + np.exp(-x))):
    x = images.astype(np.float64)
    for place in (0, 2):
        x = _pooled(convs(_convolved(x, *weights[place : place + 2])))
    x = np.maximum(x.reshape(len(x), -1) @ weights[4] + weights[5], 0)
    return last(x @ weights[6] + weights[7])


def _net_outputs(inputs, **changes):
    from checks.drivers.day02 import pictures, weights

    images = pictures(inputs["input_shape"] or (32, 32, 3), inputs["seed"])
    return _net(images, weights(_net_shapes(inputs["input_shape"]), inputs["seed"]), **changes)


def _dropped(got):
    """The rate of dropout that explains the spread of the logits; 0 where there is none."""
    variance = float(np.var(got["logits"].values)) * got["inputs"]
    return variance / (1 + variance)


@build_cnn.verify
def _(inputs, got, expected):
    wanted = _net_shapes(inputs["input_shape"])
    if got["output"] != (2, 1):
        return [f"shape: expected one number for each of 2 pictures, (2, 1), got {got['output']}"]
    if [tuple(shape) for shape in got["shapes"]] != wanted:
        return [
            f"parameters: expected {_total(wanted):,}, got {_total(got['shapes']):,}; kernels expected "
            f"{wanted[::2]}, got {[tuple(shape) for shape in got['shapes'] if len(shape) > 1]}"
        ]
    if "outputs" in got:
        if not np.allclose(got["outputs"].values, got["again"].values, atol=1e-5):
            return ["asked twice for the same pictures, the model gives two answers: dropout must act in training only"]
        right = _net_outputs(inputs)
        if not np.allclose(got["outputs"].values, right, atol=2e-3):
            found = got["outputs"].values.ravel()
            return [
                f"with drawn weights, two pictures give {found[0]:.4f} and {found[1]:.4f}; "
                f"expected {right[0, 0]:.4f} and {right[1, 0]:.4f}"
            ]
        return []
    if np.ptp(got["quiet"].values) > 1e-3:
        return ["at inference the same picture gives different answers: dropout must act in training only"]
    rate = _dropped(got)
    if not 0.06 < rate < 0.16:
        found = "nothing is dropped" if rate < 1e-4 else f"what is dropped acts like a rate of {rate:.2f} there"
        return [f"in training a tenth of what reaches Flatten must be dropped; {found}"]
    return []


def _nets(input_shape, dropout=False):
    return st.fixed_dictionaries({"input_shape": input_shape, "seed": seeds(), "dropout": st.just(dropout)})


def _sizes(smallest, largest):
    side = st.integers(smallest, largest)
    return st.tuples(side, side, st.integers(1, 4)).filter(lambda shape: shape != (32, 32, 3))


@build_cnn.cases("other sizes: an answer between 0 and 1, from convolutions with relu", points=1, examples=3)
def _():
    return _nets(_sizes(16, 44))


@build_cnn.cases("no size given", points=1, examples=1)
def _():
    return _nets(st.none())


@build_cnn.cases("dropout acts in training only", points=1, examples=1)
def _():
    return _nets(_sizes(18, 25), dropout=True)


def _outputs_are(inputs, got, **changes):
    return np.allclose(got["outputs"].values, _net_outputs(inputs, **changes), atol=2e-3)


@build_cnn.mistake(
    "Flatten is missing: a dense layer works on the last axis only, so that every place of the map gets an answer of "
    "its own. Put Flatten before the first Dense.",
    when=lambda inputs, got, expected: len(got["output"]) == 4,
)
def no_flatten(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(x)
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    lambda inputs, got: (
        f"{_total(_net_shapes(inputs['input_shape'])):,} parameters expected, you have {_total(got['shapes']):,}: with "
        'padding="same" the maps stay larger, and so does the first dense layer. Leave padding at "valid".'
    ),
    when=lambda inputs, got, expected: (
        [len(shape) for shape in got["shapes"]] == [4, 1, 4, 1, 2, 1, 2, 1]
        and got["shapes"][4][0] > _net_shapes(inputs["input_shape"])[4][0]
    ),
)
def same_padding(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu", padding="same")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu", padding="same")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    "Softmax over a single unit is always 1: it divides a number by itself. For one output use sigmoid.",
    when=lambda inputs, got, expected: bool((got["outputs"].values == 1).all()),
)
def softmax_over_one(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    # What Keras' softmax layer gives for one unit, without its warning.
    return keras.Model(i, keras.ops.exp(0 * keras.layers.Dense(1)(x)))


@build_cnn.mistake(
    "The convolutions are linear: the second then adds little to the first. Give both activation='relu'.",
    when=lambda inputs, got, expected: _outputs_are(inputs, got, convs=lambda x: x),
)
def linear_convolutions(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3)(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5)(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    "The last layer gives a score without bounds, not a probability: give it activation='sigmoid'.",
    when=lambda inputs, got, expected: _outputs_are(inputs, got, last=lambda x: x),
)
def no_sigmoid(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1)(x))


@build_cnn.mistake(
    "Nothing is dropped in training: keras.layers.Dropout(0.1) belongs between the second pool and Flatten.",
    when=lambda inputs, got, expected: _dropped(got) < 1e-4,
)
def no_dropout(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    "Dropout(0.9) drops nine of ten. The number is the share that is dropped: 0.1.",
    when=lambda inputs, got, expected: 0.8 < _dropped(got) < 0.97,
)
def keeps_a_tenth(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.9)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    "training=True at the call fixes dropout for ever, also at inference. Leave it out: fit and predict set it.",
    when=lambda inputs, got, expected: (
        not np.allclose(got["outputs"].values, got["again"].values, atol=1e-5)
        if "outputs" in got
        else float(np.ptp(got["quiet"].values)) > 1e-3
    ),
)
def always_dropping(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x, training=True)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.mistake(
    "Your network takes 32 x 32 pictures whatever you are asked for: hand input_shape to keras.Input.",
    when=lambda inputs, got, expected: (
        tuple(inputs["input_shape"]) != (32, 32, 3) and isinstance(got, Raised) and "shape" in got.message
    ),
)
def shape_ignored(input_shape=(32, 32, 3)):
    i = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Flatten()(x))
    return keras.Model(i, keras.layers.Dense(1, activation="sigmoid")(x))


@build_cnn.right
def cnn_sequential(input_shape=(32, 32, 3)):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Conv2D(32, (3, 3), activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, (5, 5), activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.1),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


@build_cnn.right
def cnn_with_operations(input_shape=(32, 32, 3)):
    i = keras.Input(input_shape)
    x = i
    for filters, size in ((32, 3), (64, 5)):
        x = keras.ops.relu(keras.layers.Conv2D(filters, size)(x))
        x = keras.ops.max_pool(x, 2)
    x = keras.ops.reshape(keras.layers.Dropout(0.1)(x), (-1, int(np.prod(x.shape[1:]))))
    x = keras.ops.relu(keras.layers.Dense(32)(x))
    return keras.Model(inputs=i, outputs=keras.ops.sigmoid(keras.layers.Dense(1)(x)))


# ----------------------------------------------------------------------------------------------------------- conv2d

conv2d = Exercise(
    "conv2d",
    day=2,
    limit=10.0,
    stretch=True,
    hints=(
        "Turn the loops round: not one step per pixel, but one per number of the kernel. Offset (i, j) of the kernel "
        "meets all pixels at once.",
        "img[i : i + out_h, j : j + out_w] is what the kernel's (i, j) sees, with out_h = h - kh + 1. It still has "
        "its channels.",
        "Sum tf.tensordot(img[i : i + out_h, j : j + out_w], kernel[i, j], axes=1) over all i and j.",
    ),
    returns=Returns(dtype="float32", rtol=1e-3, atol=1e-3),
)
conv2d.example(
    img=tensor(np.arange(12).reshape(3, 4, 1), "float32"),
    kernel=tensor(np.array([[1, 0], [3, 2]]).reshape(2, 2, 1, 1), "float32"),
    ask="value",
)


@conv2d.shown
def _(img, kernel, ask):
    text = {"value": "", "gradient": "  # in a GradientTape", "operations": "  # traced by tf.function"}[ask]
    if img.values.size + kernel.values.size <= 24:
        return (
            f"conv2d(tf.reshape({img.values.ravel().tolist()}, {list(img.shape)}), "
            f"tf.reshape({kernel.values.ravel().tolist()}, {list(kernel.shape)})){text}"
        )
    return f"conv2d(img, kernel)  # img of shape {img.shape}, kernel of shape {kernel.shape}{text.replace('  #', ',')}"


@conv2d.spec
def _(img, kernel, ask):
    (h, w, _), (kh, kw, _, filters) = img.shape, kernel.shape
    value = np.zeros((h - kh + 1, w - kw + 1, filters))
    d_img, d_kernel = np.zeros(img.shape), np.zeros(kernel.shape)
    weights = np.arange(1, value.size + 1).reshape(value.shape) / value.size
    for row in range(h - kh + 1):
        for col in range(w - kw + 1):
            window = img[row : row + kh, col : col + kw].astype(np.float64)
            for f in range(filters):
                value[row, col, f] = (window * kernel[..., f]).sum()
                d_img[row : row + kh, col : col + kw] += weights[row, col, f] * kernel[..., f]
                d_kernel[..., f] += weights[row, col, f] * window
    seen = {"value": value.astype(np.float32)}
    if ask == "gradient":
        seen |= {"d_img": d_img.astype(np.float32), "d_kernel": d_kernel.astype(np.float32)}
    return seen if ask != "operations" else seen | {"operations added by a larger image": 0}


def _pictures(ask, max_side=7, min_side=1):
    def inside(sizes):
        h, w, kh, kw, channels, filters = sizes
        return st.fixed_dictionaries(
            {
                "img": arrays("float32", shape=(h + kh - 1, w + kw - 1, channels), low=-4, high=4).map(tensor),
                "kernel": arrays("float32", shape=(kh, kw, channels, filters), low=-2, high=2).map(tensor),
                "ask": st.just(ask),
            }
        )

    side, window = st.integers(min_side, max_side), st.integers(min_side, 3)
    return st.tuples(side, side, window, window, st.integers(min_side, 4), st.integers(min_side, 3)).flatmap(inside)


@conv2d.cases("any shape, 1 to 4 channels, any number of filters", points=2, examples=15)
def _():
    return _pictures("value")


@conv2d.cases("a gradient flows to the image and to the kernel", points=1, examples=4)
def _():
    return _pictures("gradient", max_side=4)


@conv2d.cases("the loop is over the kernel, not over the pixels", points=1, examples=2)
def _():
    return _pictures("operations", max_side=3, min_side=2)


@conv2d.mistake(
    "Your kernel is turned by 180 degrees. That is the convolution of mathematics; a network's layer does not turn it: "
    "kernel[i, j] meets the pixels shifted by i and j."
)
def flipped(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    return sum(
        tf.tensordot(img[i : i + h, j : j + w], kernel[kh - 1 - i, kw - 1 - j], 1) for i in range(kh) for j in range(kw)
    )


@conv2d.mistake(
    "The result still has the axis of the incoming channels: a filter adds up over all of them. Sum over that axis, or "
    "let tf.tensordot(..., axes=1) do it.",
    when=lambda inputs, got, expected: len(got["value"].shape) == 4,
)
def channels_kept(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    return sum(img[i : i + h, j : j + w, :, None] * kernel[i, j] for i in range(kh) for j in range(kw))


@conv2d.mistake(
    "The result is as large as the image: you padded with zeros, which is same. Asked for is valid: h - kh + 1 rows, "
    "w - kw + 1 columns.",
    when=lambda inputs, got, expected: (
        got["value"].shape[:2] == inputs["img"].shape[:2] and inputs["kernel"].shape[:2] != (1, 1)
    ),
)
def padded(img, kernel):
    return tf.nn.conv2d(img[None], kernel, 1, "SAME")[0]


@conv2d.mistake(
    "The offsets are mixed up: i moves along the rows and belongs with axis 0, j along the columns with axis 1.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and "shape" in got.message.lower(),
)
def offsets_swapped(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    return sum(tf.tensordot(img[j : j + h, i : i + w], kernel[i, j], 1) for i in range(kh) for j in range(kw))


@conv2d.mistake(
    "NumPy stands in the way: what leaves TensorFlow leaves no trace, so no gradient flows back and no graph is drawn. "
    "Use tensor operations from end to end.",
    when=lambda inputs, got, expected: (
        "numpy" in got.message.lower()
        if isinstance(got, Raised)
        else got.get("d_kernel", 0) is None or got.get("d_img", 0) is None
    ),
)
def in_numpy(img, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(img.numpy(), kernel.shape[:2], axis=(0, 1))
    return tf.constant(np.einsum("hwcij,ijcf->hwf", windows, kernel.numpy()).astype("float32"))


@conv2d.mistake(
    "One step per pixel: a larger image makes a larger program, and a slow one. Loop over the kernel's few numbers "
    "instead; each meets all the pixels at once.",
    when=lambda inputs, got, expected: got["operations added by a larger image"] > 0,
)
def pixel_by_pixel(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    rows = []
    for i in range(h):
        windows = [tf.tensordot(img[i : i + kh, j : j + kw], kernel, 3) for j in range(w)]
        rows.append(tf.stack(windows))
    return tf.stack(rows)


@conv2d.mistake(
    "The filters are summed up into one map. Each of the F filters makes its own: the last axis of the result.",
    when=lambda inputs, got, expected: (
        len(got["value"].shape) == 2 or got["value"].shape[2:] == (1,) != expected["value"].shape[2:]
    ),
)
def filters_added(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    flat = tf.reduce_sum(kernel, axis=3, keepdims=True)
    return sum(tf.tensordot(img[i : i + h, j : j + w], flat[i, j], 1) for i in range(kh) for j in range(kw))


@conv2d.right
def conv2d_with_patches(img, kernel):
    kh, kw, channels, filters = kernel.shape
    patches = tf.image.extract_patches(img[None], [1, kh, kw, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID")[0]
    return patches @ tf.reshape(kernel, [kh * kw * channels, filters])


@conv2d.right
def conv2d_with_einsum(img, kernel):
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    shifted = tf.stack([tf.stack([img[i : i + h, j : j + w] for j in range(kw)]) for i in range(kh)])
    return tf.einsum("ijhwc,ijcf->hwf", shifted, kernel)


EXERCISES = (spatial_split, label_from_path, make_dataset, cnn_report, build_cnn, conv2d)
