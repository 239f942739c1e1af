# %% [markdown]
# Photographs lie in folders, one folder for each kind of thing. After today you can
#
# - **feed** a network from a folder of JPEG files, fast and without the classic bugs,
# - **count** what a convolution sees, gives and costs, before you build it,
# - **judge** an image classifier on pixels that it has never met.

# %% tags=["setup"]
import importlib.util
import os
import tempfile
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from checks import check, hint, solution
from course import data, explore, plot

# %% [markdown]
# ## Split the photographs before you cut them
#
# Two real photographs stand in for a large set. Small squares cut from them are the pictures to classify: roof or petal?
# The network learns on squares from the left, and is examined on the right, where it has never been.

# %%
photos = data.photos()
zones = {"train": (0, 0, 427, 440), "test": (0, 440, 427, 200)}
plot.outlines(photos, zones=zones, title="Where the patches come from")

# %% [markdown]
# A colour picture is a tensor of shape (height, width, channels), uint8 from 0 to 255; a batch puts one more axis in front.
# A JPEG file keeps less: it forgets what the eye would miss. Write a patch, read it again, and compare.

# %%
patch = photos["china"][80:112, 100:132]
back = tf.io.decode_jpeg(tf.io.encode_jpeg(patch, quality=95)).numpy()
error = np.abs(back.astype(int) - patch).max()
print(patch.shape, patch.dtype, " largest error after one round trip:", error)
print(keras.utils.img_to_array(keras.utils.array_to_img(patch)).dtype, "from a Pillow image")
assert 0 < error < 100

# %% [markdown]
# `array_to_img` and `img_to_array` go to Pillow and back; the array returns as float32, still 0 to 255.
#
# ### Your turn: cut without overlap
#
# Write `spatial_split`: where patches may start, left and right of a cut. A picture of 6 x 9 pixels, patches of 2, stride 2
# and a cut at column 5 give the training columns 0 and 2, the test columns 5 and 7, each in the rows 0, 2 and 4.


# %% exercise="spatial_split"
def spatial_split(h: int, w: int, patch: int, stride: int, cut: int) -> tuple:
    """(train_boxes, test_boxes): two lists of (row, col), the upper left corners of all patches that fit.

    h, w: rows and columns of the picture; patch: side of a patch; stride: step between neighbours, down
    and across. Training patches begin at column 0 and use no column from cut on; test patches begin at
    column cut. No patch leaves the picture; a list is empty where no patch fits.
    """
    ### BEGIN SOLUTION
    rows = range(0, h - patch + 1, stride)
    train = [(row, col) for row in rows for col in range(0, cut - patch + 1, stride)]
    test = [(row, col) for row in rows for col in range(cut, w - patch + 1, stride)]
    return train, test
    ### END SOLUTION


# %% check="spatial_split"
check(spatial_split)

# %% [markdown]
# ## Meet the files
#
# `data.patches()` has cut such squares, 32 pixels a side, and written each as a JPEG. Nothing but the folder says what a
# file shows. From here on you work as with any folder of photographs.

# %%
root = data.patches()
classes = sorted(folder.name for folder in (root / "train").iterdir())
for part in ("train", "test"):
    counts = [len(list((root / part / name).glob("*.jpg"))) for name in classes]
    print(f"{part:5}", dict(zip(classes, counts, strict=True)))
print("one file:", Path(*sorted((root / "test").glob("*/*.jpg"))[-1].parts[-3:]))

# %% [markdown]
# ### Your turn: the label is in the path
#
# Write `label_from_path` for a path that is a tensor, so that it also works inside a dataset's `map`.
# `train/flower/000.jpg` gives 1, `train/china/flower.jpg` gives 0. (One book matches the word flower in the whole path: a
# project folder called flowers makes everything a flower.)


# %% exercise="label_from_path"
def label_from_path(path: tf.Tensor, positive: str = "flower") -> tf.Tensor:
    """1 where the file lies directly in a folder that is called positive, else 0: a scalar of tf.int8.

    path: scalar string tensor, folders separated by os.sep; the file lies in at least one folder.
    """
    ### BEGIN SOLUTION
    folder = tf.strings.split(path, os.sep)[-2]
    return tf.cast(folder == positive, tf.int8)
    ### END SOLUTION


# %% check="label_from_path"
check(label_from_path)

# %% [markdown]
# ## Build the pipeline, stage by stage
#
# Read the bytes, decode, resize, divide: the order matters. `decode_jpeg` without `channels=3` gives one channel for a grey
# file, and an unknown shape for all. `resize` returns float32, but keeps the values.

# %%
raw = tf.io.read_file(str(min((root / "train").glob("*/*.jpg"))))
image = tf.io.decode_jpeg(raw, channels=3)
resized = tf.image.resize(image, [32, 32])
print("file   ", len(raw.numpy()), "bytes")
for name, t in {"decoded": image, "resized": resized, "divided": resized / 255}.items():
    print(name, t.shape, t.dtype.name, "up to", np.round(tf.reduce_max(t).numpy(), 3))

# %% [markdown] tags=["predict"]
# `tf.image.convert_image_dtype` divides too: never do both. Now the order of the files, which is that of the folders: 992
# of one class, then 992 of the other. **Predict:** how many flowers are in the first batch of 100 if you batch first and
# shuffle then? If you shuffle first?

# %%
labels = tf.data.Dataset.from_tensor_slices([0] * 992 + [1] * 992)
late = labels.batch(100).shuffle(20, seed=2)
early = labels.shuffle(1984, seed=2).batch(100)
for name, ds in {"batch, then shuffle": late, "shuffle, then batch": early}.items():
    print(name, [int(tf.reduce_sum(batch)) for batch in ds.take(8)])
assert all(30 < sum(batch) < 70 for batch in early.take(8).as_numpy_iterator())

# %% [markdown]
# <details><summary>Why</summary>
#
# Whole batches change places, and each but one is of a single class: 0 or 100. The network is torn to and fro. Shuffle
# single pictures, with a buffer as large as the list; a small buffer mixes only what lies near.
# </details>
#
# The full order: **map** (in parallel) reads, **cache** keeps what was decoded, **shuffle** comes after it, so that every
# epoch is new, then **batch**, and **prefetch** prepares the next batch while the network works on this one.


# %%
def load(path, label):
    image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    return tf.image.resize(image, [32, 32]) / 255, label


def pictures(part):
    files = sorted((root / part).glob("*/*.jpg"))
    labels = np.array([classes.index(file.parent.name) for file in files], "int8")
    ds = tf.data.Dataset.from_tensor_slices(([str(file) for file in files], labels))
    return ds.map(load, num_parallel_calls=tf.data.AUTOTUNE).cache()


train = pictures("train").shuffle(1984, seed=2).batch(100).prefetch(tf.data.AUTOTUNE)
test = pictures("test").batch(100).prefetch(tf.data.AUTOTUNE)
print(len(train), "and", len(test), "batches of", train.element_spec)

# %% [markdown]
# Old code asks `fit` for `workers=4`: Keras 3 refuses, and parallel reading belongs here. Before any training, look:

# %%
nine, truth = next(train.unbatch().batch(9).as_numpy_iterator())
plot.images(nine, [classes[label] for label in truth], columns=9)

# %% [markdown]
# Keras has a ready-made pipeline, today's heir of `ImageDataGenerator` (gone from `keras`, still there in
# `tf.keras.preprocessing`). It is short; yours is open at every stage. Its images are not divided.

# %%
ready = keras.utils.image_dataset_from_directory(
    root / "test", image_size=(32, 32), batch_size=100, label_mode="binary", verbose=False
)
batch, label = next(iter(ready))
print(ready.class_names, batch.shape, "up to", tf.reduce_max(batch).numpy(), label.shape)

# %% [markdown]
# ### Your turn: from a folder to batches
#
# Write `make_dataset` for a folder with grey and colour files of many sizes. With files `china/a.jpg`, `china/b.jpg`,
# `flower/a.jpg`, `batch=2` and `training=False` it gives labels `[0, 0]`, then `[1]`.


# %% exercise="make_dataset"
def make_dataset(root: str, batch: int, training: bool) -> tf.data.Dataset:
    """Batches (images, labels) of the files root/china/*.jpg and root/flower/*.jpg.

    images: float32 (n, 32, 32, 3) in [0, 1], each file resized as a whole; labels: (n,), of any numeric
    dtype, 1 for files in the folder flower, else 0. The last batch may be smaller.
    training=True mixes all files, anew in every epoch; else they come in the order of their paths.
    """
    ### BEGIN SOLUTION
    files = tf.data.Dataset.list_files(str(Path(root, "*", "*.jpg")), shuffle=False)

    def load(path):
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        label = tf.cast(tf.strings.split(path, os.sep)[-2] == "flower", tf.int8)
        return tf.image.resize(image, [32, 32]) / 255, label

    ds = files.map(load, num_parallel_calls=tf.data.AUTOTUNE).cache()
    if training:
        ds = ds.shuffle(len(files))
    return ds.batch(batch).prefetch(tf.data.AUTOTUNE)
    ### END SOLUTION


# %% check="make_dataset"
check(make_dataset)

# %% [markdown]
# ## Slide a kernel
#
# A **convolution** slides a small sheet of numbers, the **kernel**, over the picture. At each place it multiplies what it
# covers, number by number, and adds up. Here it looks for vertical edges. Move size, stride and padding.

# %%
explore.convolution(patch)

# %% [markdown]
# From n pixels a kernel of k with stride s makes `(n - k) // s + 1`, called **valid**; with zeros around the picture, called
# **same**, n / s rounded up. **Pooling** keeps the largest of each window, and valid pooling drops what is left over.

# %%
grid = tf.reshape(tf.range(1.0, 10), [1, 3, 3, 1])
wide = tf.reshape(tf.range(1.0, 13), [1, 3, 4, 1])
one = tf.nn.max_pool2d(grid, 2, strides=1, padding="VALID")
two = tf.nn.max_pool2d(wide, 2, strides=2, padding="SAME")
print(one.numpy().squeeze().tolist(), two.numpy().squeeze().tolist())
dark = keras.layers.MaxPool2D(2, padding="same")(-tf.ones([1, 3, 3, 1]))
assert tf.reduce_max(dark) == -1  # "same" pooling ignores the padding: no zero wins

# %% [markdown] tags=["predict"]
# A filter reaches through all incoming channels and has one bias, so a layer has `(k * k * c_in + 1) * filters` parameters,
# however large the picture. **Predict:** which of the two convolutions below has more, and how large is the last map?

# %%
two_convs = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        keras.layers.Conv2D(32, 3),
        keras.layers.MaxPool2D(),
        keras.layers.Conv2D(64, 3, strides=2),
        keras.layers.MaxPool2D(),
    ]
)
for layer in two_convs.layers:
    print(f"{layer.name:16} {layer.output.shape[1:]!s:13} {layer.count_params():6,}")
assert two_convs.count_params() == 896 + 18_496 == 19_392

# %% [markdown]
# <details><summary>Why</summary>
#
# The second has 32 channels to read, not 3: 18,496 against 896. Its map is 7 x 7, and the pool makes 3 x 3 of it: the
# seventh row and column are dropped.
# </details>
#
# ### Your turn: a report without a network
#
# Write `cnn_report`: shape and parameters after each layer, by arithmetic. For `(9, 7, 3)` and `[("conv", 4, 3, 1,
# "valid"), ("pool", 2)]` it is `[((7, 5, 4), 112), ((3, 2, 4), 0)]`.


# %% exercise="cnn_report"
def cnn_report(input_shape: tuple, spec: list) -> list:
    """[(shape, parameters), ...] of each layer: what it gives, without the batch axis, and its parameters.

    input_shape: (h, w, c), or (n,). spec: layers in order, each a tuple:
    ("conv", filters, kernel, stride, padding), square kernel with bias, padding "valid" or "same";
    ("pool", size), stride = size, valid; ("flatten",); ("dense", units), with bias, after (n,) only.
    """
    ### BEGIN SOLUTION
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
        else:
            count = (shape[0] + 1) * a[0] if kind == "dense" else 0
            shape = (a[0],) if kind == "dense" else (int(np.prod(shape)),)
        report.append((shape, count))
    return report
    ### END SOLUTION


# %% check="cnn_report"
check(cnn_report)

# %% [markdown]
# ## Ask what colour alone can do
#
# A network must beat something simple to deserve its cost. Six numbers a picture, mean and spread of each channel, and a
# logistic regression:


# %%
def arrays(ds):
    return [np.concatenate(part) for part in zip(*ds.as_numpy_iterator(), strict=True)]


def colours(x):
    return np.concatenate([x.mean((1, 2)), x.std((1, 2))], axis=1)


(x_train, y_train), (x_test, y_test) = arrays(pictures("train").batch(500)), arrays(test)
simple = LogisticRegression(max_iter=1000).fit(colours(x_train), y_train)
baseline = simple.score(colours(x_test), y_test)
print(f"colour baseline {baseline:.3f}")
assert 0.85 < baseline < 0.95

# %% [markdown]
# ## Build with the functional API
#
# Tensors in, tensors out, and `keras.Model(inputs=..., outputs=...)` draws the border. (`input=` and `output=` in old posts
# are errors today.) **Dropout** blanks a tenth of the values, in training only.


# %%
def network(activation):
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(16, 3, activation=activation)(inputs)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(32, 3, activation=activation)(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Flatten()(keras.layers.Dropout(0.1)(x))
    x = keras.layers.Dense(32, activation="relu")(x)
    outputs = keras.layers.Dense(1, activation="sigmoid")(x)
    model = keras.Model(inputs=inputs, outputs=outputs)
    model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy", metrics=["accuracy"])
    return model


# %% [markdown]
# A dataset shuffles itself, so `fit` need not: `shuffle=False` says so. `CSVLogger` writes each epoch to a file.

# %%
keras.utils.set_random_seed(2)
model = network("relu")
print(f"{model.count_params():,} parameters")
folder = Path(tempfile.mkdtemp())
log = keras.callbacks.CSVLogger(folder / "log.csv")
history = model.fit(
    train, epochs=4, validation_data=test, shuffle=False, callbacks=[log], verbose=0
)
plot.history(history, ["accuracy"], lines={"accuracy": {"colour baseline": baseline}})

# %%
accuracy = model.evaluate(test, verbose=0)[1]
assert accuracy > 0.93 and accuracy > baseline
pd.read_csv(folder / "log.csv").round(3)

# %% [markdown]
# TensorBoard would draw these curves live. It no longer comes with TensorFlow (`pip install tensorboard`), and without it
# the callback fails only in `fit`: ask first.

# %%
if importlib.util.find_spec("tensorboard"):
    print("TensorBoard is here: add keras.callbacks.TensorBoard(folder) to callbacks")
else:
    print("no TensorBoard: the CSV above holds the same numbers")

# %% [markdown]
# ## See where it errs, and what it sees
#
# A score hides which pictures fail. The file names hold row and column, so the errors can go back to their place. (This
# cell belongs to the photographs; for other data, `plot.images(..., wrong=...)`.)

# %%
files = sorted((root / "test").glob("*/*.jpg"))
wrong = (model.predict(test, verbose=0)[:, 0] > 0.5) != y_test
marked = {name: [] for name in photos}
for file in np.array(files)[wrong]:
    marked[file.parent.name].append((*map(int, file.stem.split("_")), 32, 32))
plot.outlines(photos, marked, zones=zones, title="Test patches that the network gets wrong")

# %%
first = keras.Model(model.input, model.layers[1].output)
maps = first(patch[None] / np.float32(255))[0].numpy()
maps = maps / np.maximum(maps.max((0, 1)), 1e-6)
plot.images(maps.transpose(2, 0, 1), columns=8)

# %% [markdown] tags=["predict"]
# These are the sixteen maps of the first convolution for one patch of roof; black is 0. Many an old example gives its
# convolutions no activation at all. **Predict:** does a network of linear convolutions beat the colour
# baseline?

# %%
keras.utils.set_random_seed(2)
linear = network(None)
linear.fit(train, epochs=4, shuffle=False, verbose=0)
linear_accuracy = linear.evaluate(test, verbose=0)[1]
print(f"linear convolutions {linear_accuracy:.3f}, relu {accuracy:.3f}, colour {baseline:.3f}")
assert linear_accuracy > baseline

# %% [markdown]
# <details><summary>Why</summary>
#
# It still learns: max-pooling is not linear, and neither is the hidden dense layer. But two convolutions without anything
# between them would melt into one. Give them `relu`; it costs nothing.
# </details>
#
# ### Your turn: the larger network
#
# Write `build_cnn`: 32 filters of 3 x 3, a pool of 2, 64 filters of 5 x 5, a pool of 2, dropout of 0.1, flatten, a dense layer
# of 32 and one of 1 unit. For pictures of 32 x 32 x 3 it has 103,425 parameters.


# %% exercise="build_cnn"
def build_cnn(input_shape: tuple = (32, 32, 3)) -> keras.Model:
    """The network above, not compiled, for pictures (h, w, c) of that shape; its output has shape (n, 1).

    Convolutions (stride 1) and pools (stride 2) are valid. The convolutions and the dense layer of 32
    have relu, the last layer a sigmoid; each has its bias. Dropout acts in training only.
    """
    ### BEGIN SOLUTION
    i = keras.Input(input_shape)
    x = keras.layers.Conv2D(32, 3, activation="relu")(i)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(32, activation="relu")(x)
    return keras.Model(inputs=i, outputs=keras.layers.Dense(1, activation="sigmoid")(x))
    ### END SOLUTION


# %% check="build_cnn"
check(build_cnn)

# %% [markdown]
# ## Make more of few pictures
#
# **Augmentation** layers turn, flip and zoom at random, in training only: the network sees a new picture each time, and at
# inference the true one. How strong may it be before a roof is no roof?


# %%
def varied(strength):
    turn = keras.layers.RandomRotation(strength / 2, seed=2)
    zoom = keras.layers.RandomZoom(strength, seed=2)
    vary = keras.Sequential([keras.layers.RandomFlip("horizontal", seed=2), turn, zoom])
    copies = np.repeat(patch[None] / np.float32(255), 9, axis=0)
    assert np.allclose(vary(copies, training=False), copies)
    return np.clip(vary(copies, training=True), 0, 1)


explore.variants(varied, title="Nine copies of one patch")

# %% [markdown] tags=["predict"]
# ## Ask the split what it measures
#
# Neighbouring patches overlap. Split them at random, and the test holds pixels from training. **Predict:** a
# nearest-neighbour classifier looks up the most similar training picture. Which split flatters it in colour? And in grey?

# %%
for name, view in {"colour": lambda x: x, "grey": lambda x: x.mean(-1)}.items():
    a, b = view(x_train).reshape(len(x_train), -1), view(x_test).reshape(len(x_test), -1)
    seen, held, y_seen, y_held = train_test_split(a, y_train, test_size=0.25, random_state=2)
    nearest = KNeighborsClassifier(5).fit(seen, y_seen)
    random, spatial = nearest.score(held, y_held), nearest.score(b, y_test)
    print(f"{name:6} random split {random:.3f}, spatial split {spatial:.3f}")
    assert random > spatial if name == "colour" else random < spatial

# %% [markdown]
# <details><summary>Why</summary>
#
# In colour the random split flatters: it asks for pictures between known pictures. In grey it looks worse, because the
# right of the photographs happens to be easier. A split does not only bias a score, it changes the question. Split as the
# model will be used.
# </details>
#
# ## Use it and keep it
#
# `predict` takes a dataset or an array, `predict_on_batch` one batch; both give NumPy arrays now. Keep the model as a
# `.keras` file, and export it for a server.

# %%
ends = x_test[[0, -1]]
few = model.predict_on_batch(ends)
model.save(folder / "patches.keras")
model.export(folder / "served", verbose=False)
again = keras.models.load_model(folder / "patches.keras")
served = tf.saved_model.load(folder / "served")
print(type(few).__name__, few.ravel().round(3))
assert np.allclose(few, again(ends), atol=1e-5)
assert np.allclose(few, served.serve(ends), atol=1e-5)

# %% [markdown]
# Handwritten digits are the other classic. For MNIST's 28 x 28 pixels the network below has 118,282 parameters; here it
# reads scikit-learn's 8 x 8. A flat network does well where every digit sits in the middle of its picture.

# %%
digits, names = data.digits()
keras.utils.set_random_seed(2)
layers = [
    keras.layers.Dense(n, activation=a)
    for n, a in ((128, "relu"), (128, "relu"), (10, "softmax"))
]
flat = keras.Sequential([keras.Input(digits.shape[1:]), keras.layers.Flatten(), *layers])
flat.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
flat.fit(digits[:1400], names[:1400], epochs=10, verbose=0)
assert flat.evaluate(digits[1400:], names[1400:], verbose=0)[1] > 0.8
assert flat.count_params() - 64 * 128 + 784 * 128 == 118_282

# %% [markdown]
# ### A stretch: the convolution itself
#
# Write `conv2d` with tensor operations, looping over the kernel's numbers and never over pixels. An image `[[0, 1, 2, 3],
# [4, 5, 6, 7], [8, 9, 10, 11]]` and a kernel `[[1, 0], [3, 2]]` give `[[22, 28, 34], [46, 52, 58]]`.


# %% exercise="conv2d"
def conv2d(img: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """The image seen through each filter: valid, stride 1, the kernel not flipped.

    img: float32 (h, w, c); kernel: float32 (kh, kw, c, f), kh <= h, kw <= w.
    Returns float32 (h - kh + 1, w - kw + 1, f). A gradient flows to both, and tf.function can trace it.
    """
    ### BEGIN SOLUTION
    kh, kw = kernel.shape[:2]
    h, w = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    total = tf.zeros([h, w, kernel.shape[3]])
    for i in range(kh):
        for j in range(kw):
            total += tf.tensordot(img[i : i + h, j : j + w], kernel[i, j], axes=1)
    return total
    ### END SOLUTION


# %% check="conv2d"
check(conv2d)

# %% [markdown]
# ## Recap
#
# - You **feed** a network by map, cache, shuffle, batch, prefetch, in this order, and look before you train.
# - You **count** sizes by `(n - k) // s + 1` and parameters by `(k * k * c_in + 1) * filters`.
# - You **judge** on a split that copies the use, against a baseline, and look at the errors.
#
# A mistake seen in many notebooks, and mended: `ds.shuffle(n).cache()` freezes the first epoch's order. Write
# `ds.cache().shuffle(n)`.
#
# To think about: which layers hold most of the 103,425 numbers? What would change for pictures of 640 x 427?

# %% [markdown]
# ## What next
#
# `data.patches(online=True)` writes the planes and cars of CIFAR-10 into the same folders: pipeline and networks run as
# they are, the asserted scores and the drawings on the photographs belong to the patches. `keras.datasets` also has
# cifar100, mnist and fashion_mnist. `keras.utils.get_file` fetches each once, checks its hash, and keeps it in
# `~/.keras/datasets`.
#
# On a TPU add `drop_remainder=True`; on a GPU gradients repeat exactly only after
# `tf.config.experimental.enable_op_determinism()`.
