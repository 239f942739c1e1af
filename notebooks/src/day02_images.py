# %% [markdown]
# Many photographs lie in folders, and the name of the folder says what each one shows. After today you can
#
# - **feed** a network from a folder of JPEG files, in the right order of steps,
# - **count** how many numbers a convolution returns and how many parameters it has, before you build it,
# - **judge** an image classifier: on pixels that it has never seen, and by the curves of its training.
#
# Day 1 explained what a model, a loss, an epoch and validation rows are.

# %% tags=["setup"]
import os
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from checks import check, hint, solution
from course import data, explore, plot
from course.answers import yours

# %% [markdown]
# ## Split the photographs before you cut them
#
# We begin with two photographs: a Chinese roof and a flower. From each we cut many small squares, called **patches**. The
# question for each patch is: does it show the roof or the flower?
#
# The picture below divides each photograph into two zones. The network learns from the patches of the left zone. The
# patches of the right zone are the **test**: we use them once, at the end, to see how good the network is on pixels
# that it has never seen.

# %%
photos = data.photos()
patch = photos["china"][80:112, 100:132]
zones = {"train": (0, 0, 427, 440), "test": (0, 440, 427, 200)}
plot.outlines(photos, zones=zones, title="Where the patches come from")

# %% [markdown]
# A colour picture is an array of shape (height, width, 3). The last axis holds three **channels**: how much red, green and
# blue each pixel has. Each number is a `uint8`, a whole number from 0 to 255. A **batch** of pictures has one more axis in
# front: (batch, height, width, 3).
#
# ### Your turn: cut without overlap
#
# Write `spatial_split`. It returns the places where training patches and test patches may begin, so that no training
# patch shares a pixel with a test patch. For example, take a picture of 6 rows and 9 columns, patches of 2 x 2, a step of 2
# and a cut at column 5. Training patches begin in the columns 0 and 2, because a patch at column 4 would cover column 5.
# Test patches begin in the columns 5 and 7. Both use the rows 0, 2 and 4.


# %% exercise="spatial_split"
def spatial_split(h: int, w: int, patch: int, stride: int, cut: int) -> tuple:
    """(train_boxes, test_boxes): two lists of pairs (row, col), the upper left corners of all patches that fit.

    h, w: rows and columns of the picture; patch: side of a patch; stride: step between neighbours, down
    and across. The rows begin at 0. Training patches begin at column 0 and use no column from cut on; test
    patches begin at column cut. No patch leaves the picture; a list is empty where no patch fits. Any order.
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
# ## Look at the files
#
# `data.patches()` has cut such patches, 32 pixels a side, and has written each one as a JPEG file. JPEG makes files small
# because it drops details that the eye hardly sees. Only the folder says what a file shows. From here on you work as you
# would with any folder of photographs.
#
# A file's name holds the row and the column of the patch. We use it to set aside **validation** patches: the right edge of
# the training zone, from column 338 on. We look at them during training, so that the test stays unseen. Patches that
# would lie on both sides of column 338 are left out.

# %%
root = data.patches()
classes = sorted(folder.name for folder in (root / "train").iterdir())
column = {file: int(file.stem.split("_")[1]) for file in sorted(root.glob("*/*/*.jpg"))}
files = {
    "train": [f for f in column if f.parts[-3] == "train" and column[f] + 32 <= 338],
    "validation": [f for f in column if f.parts[-3] == "train" and column[f] >= 338],
    "test": [f for f in column if f.parts[-3] == "test"],
}
for part, found in files.items():
    print(f"{part:10}", {name: sum(f.parent.name == name for f in found) for name in classes})
print("one file:  ", Path(*files["test"][-1].parts[-3:]))

# %% [markdown]
# ### Your turn: the label is in the path
#
# Write `label_from_path`: 1 if the file lies in the folder `flower`, else 0. The path is a tensor of text, not a Python
# string, because this function will run inside TensorFlow. For example, `train/flower/000.jpg` gives 1 and
# `train/china/flower.jpg` gives 0.
#
# Look at the folder only. If you search for the word in the whole path, a project folder called `flowers` turns every
# picture into a flower.


# %% exercise="label_from_path"
def label_from_path(path: tf.Tensor, positive: str = "flower") -> tf.Tensor:
    """1 where the file lies directly in a folder whose name is exactly positive, else 0: a scalar of tf.int8.

    path: scalar string tensor, folders separated by os.sep; the file lies in at least one folder.
    positive: the folder's name, any text; it is not a pattern, so a dot is a dot.
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
# A **pipeline** is the chain of steps from the file to the batch. First we read the bytes of the file. Then we decode them
# into pixels, resize the picture to 32 x 32, and divide by 255, so that all values lie between 0 and 1.
#
# Two details matter. `channels=3` gives three channels for grey files, too; without it, a grey file has one channel and
# does not fit into the batch. And `tf.image.resize` changes the dtype to float32, but not the range of the values: they
# still go up to 255.

# %%
raw = tf.io.read_file(str(files["train"][0]))
image = tf.io.decode_jpeg(raw, channels=3)
resized = tf.image.resize(image, [32, 32])
print("file   ", len(raw.numpy()), "bytes")
for name, t in {"decoded": image, "resized": resized, "divided": resized / 255}.items():
    print(name, t.shape, t.dtype.name, "up to", np.round(tf.reduce_max(t).numpy(), 3))

# %% [markdown] tags=["predict"]
# `tf.image.convert_image_dtype` also divides by 255. If you use it, do not divide again.
#
# Next comes the order of the pictures. `shuffle(n)` keeps n elements in a **buffer**, a kind of waiting room, and draws
# the next one from it at random. Our list begins with 744 roofs, and 744 flowers follow. **Predict:** how many flowers
# are in the first batch of 100 if you batch first and shuffle afterwards? How many if you shuffle first?

# %%
labels = tf.data.Dataset.from_tensor_slices([0] * 744 + [1] * 744)
late = labels.batch(100).shuffle(20, seed=2)
early = labels.shuffle(1488, seed=2).batch(100)
for name, ds in {"batch, then shuffle": late, "shuffle, then batch": early}.items():
    print(name, [int(tf.reduce_sum(batch)) for batch in ds.take(8)])
assert all(25 < sum(batch) < 75 for batch in early.take(8).as_numpy_iterator())

# %% [markdown]
# <details><summary>Why</summary>
#
# If you batch first, whole batches change places, but the pictures inside a batch stay together. Nearly every batch
# holds only one class, so it has 0 or 100 flowers. Such batches push the network first towards "always roof", then
# towards "always flower". So shuffle single pictures. Make the buffer as large as the list, because a small buffer only
# mixes pictures that are close to each other.
# </details>

# %% [markdown]
# This is the order of the stages:
#
# 1. **map** reads and decodes the files, several at the same time.
# 2. **cache** keeps the decoded pictures in memory, so that they are decoded only once.
# 3. **shuffle** comes after the cache, so that each epoch has a new order.
# 4. **batch** puts pictures together.
# 5. **prefetch** prepares the next batch while the network works on this one.


# %%
def load(path, label):
    image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    return tf.image.resize(image, [32, 32]) / 255, label


def pictures(part):
    labels = np.array([classes.index(file.parent.name) for file in files[part]], "int8")
    ds = tf.data.Dataset.from_tensor_slices(([str(file) for file in files[part]], labels))
    return ds.map(load, num_parallel_calls=tf.data.AUTOTUNE).cache()


train = pictures("train").shuffle(1488, seed=2).batch(100).prefetch(tf.data.AUTOTUNE)
validation = pictures("validation").batch(100).prefetch(tf.data.AUTOTUNE)
print(len(train), "and", len(validation), "batches of", train.element_spec)

# %% [markdown]
# Always look at a few pictures before you train. A wrong label or a black picture is easy to see here, and hard to find
# later.

# %%
nine, truth = next(train.unbatch().batch(9).as_numpy_iterator())
plot.images(nine, [classes[label] for label in truth], columns=9)

# %% [markdown]
# Keras also has a ready-made pipeline, `image_dataset_from_directory`. It replaces `ImageDataGenerator`, which you find in
# older code. It is shorter, and your own pipeline is easier to change. Its pictures are not divided by 255, as the output
# shows.

# %%
ready = keras.utils.image_dataset_from_directory(
    root / "train", image_size=(32, 32), batch_size=100, label_mode="binary", verbose=False
)
batch, label = next(iter(ready))
print(ready.class_names, batch.shape, "up to", tf.reduce_max(batch).numpy(), label.shape)

# %% [markdown]
# ### Your turn: from a folder to batches
#
# Write `make_dataset` for a folder that holds grey and colour files of many sizes. For example, take the files
# `china/a.jpg`, `china/b.jpg` and `flower/a.jpg`. With `batch=2` and `training=False`, the first batch has the labels
# `[0, 0]` and the second `[1]`.


# %% exercise="make_dataset"
def make_dataset(root: str, batch: int, training: bool) -> tf.data.Dataset:
    """Batches (images, labels) of the files root/china/*.jpg and root/flower/*.jpg.

    images: float32 (n, 32, 32, 3) in [0, 1], each file resized as a whole, its proportions not kept;
    labels: (n,), of any numeric dtype, 1 for files in the folder flower, else 0. Both folders exist and hold
    files. The last batch may be smaller. training=True mixes all files, however many, anew in every epoch;
    else they come in the order of their paths.
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
# ## Slide a kernel over the picture
#
# A **kernel** is a small grid of numbers. A **convolution** moves it over the picture. At each place it multiplies each
# number of the kernel by the pixel below it and adds up the products. The sums make a new picture, called a **map**. A
# network learns the numbers of its kernels; the kernel in the explorer is fixed, and it finds vertical edges.
#
# You can change three things: the size of the kernel, the **stride** (how many pixels it moves each time), and the
# **padding** (whether zeros are put around the picture).

# %%
explore.convolution(patch)

# %% [markdown]
# Follow one convolution by hand. The picture has a dark left side (1) and a bright right column (5). The kernel has -1
# in its left column and 1 in its right column. At the top left it covers the numbers 1, 1, 1, 1, so the sum is -1 + 1 -
# 1 + 1 = 0. One step to the right, it covers 1, 5, 1, 5, and the sum is -1 + 5 - 1 + 5 = 8. So the map is 0 where all
# pixels are equal, and large at the edge.

# %%
picture = tf.constant([[1.0, 1, 5], [1, 1, 5], [1, 1, 5]])
kernel = tf.constant([[-1.0, 1], [-1, 1]])
found = tf.nn.conv2d(picture[None, :, :, None], kernel[:, :, None, None], 1, "VALID")
print(found.numpy().squeeze())

# %% [markdown]
# How large is the map? Without padding (called **valid**), a kernel of k pixels that moves over n pixels with stride s fits
# in this many places:
#
# $$\left\lfloor \frac{n - k}{s} \right\rfloor + 1$$
#
# The brackets mean: round down, in Python `(n - k) // s + 1`. With padding (called **same**), the size is n / s, rounded
# up.
#
# **Pooling** makes a map smaller: it keeps only the largest number of each window. A window of 2 x 2 halves height and
# width. A row or column that is left over is dropped, so 7 becomes 3.

# %% [markdown] tags=["predict"]
# A convolution layer has several kernels, called **filters**, and each filter makes one map. A filter covers all channels
# that come in, and it has one number more, the **bias**, which is added to each sum. So the layer has
#
# $$(k \cdot k \cdot c_{in} + 1) \cdot \text{filters}$$
#
# parameters, however large the picture is. **Predict:** which of the two convolutions below has more parameters, and how
# large is the last map?

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
# The second has more, because 32 channels come in and not 3: (3 * 3 * 32 + 1) * 64 = 18,496 against
# (3 * 3 * 3 + 1) * 32 = 896. Its map has (15 - 3) // 2 + 1 = 7 rows and columns. The pool makes 3 x 3 of it, because the
# seventh row and column are dropped.
# </details>
#
# ### Your turn: a report without a network
#
# Write `cnn_report`. It computes the shape after each layer and the parameters of each layer, without Keras. For example,
# the input `(9, 7, 3)` and the layers `[("conv", 4, 3, 1, "valid"), ("pool", 2)]` give
# `[((7, 5, 4), 112), ((3, 2, 4), 0)]`. **Flatten** writes all numbers of the maps in one row. A **dense** layer connects
# each of n numbers with each of its units, so it has (n + 1) * units parameters.


# %% exercise="cnn_report"
def cnn_report(input_shape: tuple, spec: list) -> list:
    """[(shape, parameters), ...] of each layer: what it gives, without the batch axis, and its parameters.

    input_shape: (h, w, c), or (n,). spec: layers in order, each a tuple:
    ("conv", filters, kernel, stride, padding), square kernel with bias, padding "valid" or "same";
    ("pool", size), stride = size, valid; ("flatten",); ("dense", units), with bias, after (n,) only.
    Sizes and counts are whole numbers.
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
# ## Begin with something simple
#
# A network is only worth its cost if it beats something simple. Such a simple model is called a **baseline**. Ours looks
# at colour alone: six numbers a picture, the mean and the spread of each channel. A **logistic regression** weighs them,
# adds them up, and turns the sum into a probability. We measure it on the validation patches.


# %%
def arrays(ds):
    return [np.concatenate(part) for part in zip(*ds.as_numpy_iterator(), strict=True)]


def colours(x):
    return np.concatenate([x.mean((1, 2)), x.std((1, 2))], axis=1)


(x_train, y_train), (x_val, y_val) = arrays(pictures("train").batch(500)), arrays(validation)
simple = LogisticRegression(max_iter=1000).fit(colours(x_train), y_train)
baseline = simple.score(colours(x_val), y_val)
print(f"colour baseline, validation accuracy {baseline:.3f}")
assert 0.7 < baseline < 0.9

# %% [markdown]
# ## Build a network with the functional API
#
# In the functional API you call each layer on a tensor and get a tensor back. `keras.Model(inputs=..., outputs=...)` then
# says where the network begins and ends. (Old posts write `input=` and `output=`; Keras 3 wants the plural.)
#
# Three functions appear in it. **relu** replaces negative numbers by 0. Without it, two convolutions in a row could do
# little more than one. **sigmoid** turns any number into a probability between 0 and 1. **Dropout** sets a tenth of the
# numbers to 0, at random, in training only, so that the network cannot rely on a single number.


# %%
def network():
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(16, 3, activation="relu")(inputs)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Conv2D(32, 3, activation="relu")(x)
    x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Flatten()(keras.layers.Dropout(0.1)(x))
    x = keras.layers.Dense(32, activation="relu")(x)
    outputs = keras.layers.Dense(1, activation="sigmoid")(x)
    model = keras.Model(inputs=inputs, outputs=outputs)
    model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy", metrics=["accuracy"])
    return model


# %% [markdown]
# `fit` receives the dataset and the validation patches. The dataset shuffles itself, so `shuffle=False` tells `fit` not to.
# Older posts also pass `workers=4`; Keras 3 refuses it, because the dataset already reads files in parallel. To watch the
# curves live, install TensorBoard (`pip install tensorboard`) and pass `callbacks=[keras.callbacks.TensorBoard("logs")]`.

# %%
keras.utils.set_random_seed(2)
model = network()
print(f"{model.count_params():,} parameters")
history = model.fit(train, epochs=4, validation_data=validation, shuffle=False, verbose=0)
plot.history(history, ["accuracy"], lines={"accuracy": {"colour baseline": baseline}})

# %% [markdown]
# What does the first convolution see? The smaller model below ends right after it. The picture shows the sixteen maps
# that it makes of one patch of roof. Black is 0: the filter found nothing there.

# %%
first = keras.Model(model.input, model.layers[1].output)
maps = first(patch[None] / np.float32(255))[0].numpy()
maps = maps / np.maximum(maps.max((0, 1)), 1e-6)
plot.images(maps.transpose(2, 0, 1), columns=8)

# %% [markdown]
# ### Your turn: the larger network
#
# Write `build_cnn` with these layers: 32 filters of 3 x 3, a pool of 2, 64 filters of 5 x 5, a pool of 2, dropout of 0.1,
# flatten, a dense layer of 32 units, and a dense layer of 1 unit. For pictures of 32 x 32 x 3 it has 103,425 parameters.


# %% exercise="build_cnn"
def build_cnn(input_shape: tuple = (32, 32, 3)) -> keras.Model:
    """The network of the task for pictures (h, w, c) of that shape, compiled or not; its output is (n, 1).

    Convolutions (stride 1) and pools (stride 2) are valid. The convolutions and the dense layer of 32
    have relu, the last layer a sigmoid; each has its bias. Dropout acts in training only, on single numbers.
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
# ## See a network overfit
#
# Two photographs are easy to tell apart. Fashion-MNIST is harder: grey pictures of clothes, 28 x 28 pixels, in ten classes.
# We have 8,000 pictures for training and 2,000 for the test. The last 1,600 training pictures serve as validation rows. At
# first we train on 1,000 pictures only.

# %%
(x, y), (x_test, y_test) = data.fashion()
x, x_test = x / np.float32(255), x_test / np.float32(255)
held_out = (x[-1600:], y[-1600:])
plot.images(x[:16], [data.FASHION_CLASSES[label] for label in y[:16]], columns=8)

# %% [markdown]
# The network has no convolutions: it flattens the picture and has two dense layers of 128 units. With ten classes, the
# last layer needs **softmax**, which turns ten numbers into ten probabilities that add up to 1. It has 118,282
# parameters: that is 118 for each of the 1,000 pictures.


# %%
def flat_net(units=128, dropout=0.0, first=(), optimizer="adam"):
    keras.utils.set_random_seed(2)
    hidden = []
    for _ in range(2):
        hidden += [keras.layers.Dense(units, activation="relu"), keras.layers.Dropout(dropout)]
    last = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential(
        [keras.Input((28, 28)), *first, keras.layers.Flatten(), *hidden, last]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def trained(model, rows=1000, epochs=30, **more):
    more |= {"batch_size": 50, "validation_data": held_out, "verbose": 0}
    return model.fit(x[:rows], y[:rows], epochs=epochs, **more).history


assert flat_net().count_params() == 118_282

# %% [markdown] tags=["predict"]
# We train for 30 epochs. **Predict:** the training loss falls from epoch to epoch. What does the validation loss do: does
# it fall as well, stay where it is, or fall first and rise later?

# %%
run = trained(flat_net())
plot.history(run)

# %% [markdown]
# <details><summary>Why</summary>
#
# It falls first and rises later. At first the network learns what is true of all clothes: trousers have two legs. Later
# it learns what is true only of these 1,000 pictures, because it has enough parameters to remember each one. That does
# not help with new pictures. On them it becomes more and more sure of its answers, also of the wrong ones, and the loss
# punishes sure and wrong answers most. </details>
#
# This is called **overfitting**: the network still gets better on the rows that it trains on, and worse on other rows. You
# see it as a gap between the two curves. Read three things: where the validation loss is lowest, how far it rises after
# that, and whether the training loss still falls.

# %% [markdown]
# ### Your turn: read a history
#
# Write `read_history`. It reads the losses of a training and says what happened and when. For example, the losses
# `[1.0, 0.6, 0.4, 0.2]` and validation losses `[0.9, 0.7, 0.8, 0.9]` give `{"best_epoch": 2, "overfits": True, "stalled":
# False, "nan_epoch": None}`: the lowest validation loss is 0.7, in epoch 2, and 0.9 is more than 10 % higher.


# %% exercise="read_history"
def read_history(history: dict) -> dict:
    """{"best_epoch": int, "overfits": bool, "stalled": bool, "nan_epoch": int or None}. Epochs count from 1.

    history: "loss" and "val_loss" are equally long lists of floats, one for each epoch; other keys may be there.
    nan_epoch: the first epoch whose loss is nan, or None. It is never epoch 1. The other three entries read
    only the epochs before it, where no loss and no val_loss is nan, and all are above 0.
    best_epoch: the epoch with the lowest val_loss, the first of them where several are equal.
    overfits: the last val_loss is more than 1.1 times the lowest val_loss, and the last loss is lower than
    the loss in best_epoch. stalled: the lowest loss of all is still more than 0.95 times the first loss.
    """
    ### BEGIN SOLUTION
    loss, val_loss = history["loss"], history["val_loss"]
    broken = next((epoch for epoch, value in enumerate(loss, 1) if np.isnan(value)), None)
    if broken is not None:
        loss, val_loss = loss[: broken - 1], val_loss[: broken - 1]
    best = int(np.argmin(val_loss))
    return {
        "best_epoch": best + 1,
        "overfits": val_loss[-1] > 1.1 * val_loss[best] and loss[-1] < loss[best],
        "stalled": min(loss) > 0.95 * loss[0],
        "nan_epoch": broken,
    }
    ### END SOLUTION


# %% check="read_history"
check(read_history)

# %% [markdown]
# ## Try five things against overfitting
#
# - **More data:** with 6,400 pictures it is harder to remember each one.
# - **Augmentation:** random layers shift and flip each picture a little, in training only, so the network sees a new
#   version in each epoch.
# - **Dropout:** here half of the numbers are set to 0.
# - **A smaller net:** 16 units in place of 128 can remember less.
# - **Stopping early:** keep the weights of the epoch with the lowest validation loss.
#
# How strong may augmentation be? Move the slider and ask: would you still call this a roof?


# %%
def varied(strength):
    turn = keras.layers.RandomRotation(strength / 2, seed=2)
    zoom = keras.layers.RandomZoom(strength, seed=2)
    vary = keras.Sequential([keras.layers.RandomFlip("horizontal", seed=2), turn, zoom])
    copies = np.repeat(patch[None] / np.float32(255), 9, axis=0)
    assert np.allclose(vary(copies, training=False), copies)
    return np.clip(vary(copies, training=True), 0, 1)


explore.variants(varied, title="Nine copies of one patch")

# %% [markdown]
# Now train the first four, each one alone, and compare their validation losses. "More data" runs for 10 epochs only,
# because each of its epochs has more than six times as many steps. The dashed line is the lowest validation loss of the
# net as it is: this is what stopping early gives without any other change.

# %%
shift = [
    keras.layers.Reshape((28, 28, 1)),
    keras.layers.RandomFlip("horizontal", seed=2),
    keras.layers.RandomTranslation(0.1, 0.1, fill_mode="constant", seed=2),
]
runs = {"as it is": run}
runs["more data"] = trained(flat_net(), rows=6400, epochs=10)
runs["augmentation"] = trained(flat_net(first=shift))
runs["dropout"] = trained(flat_net(dropout=0.5))
runs["smaller net"] = trained(flat_net(units=16))
losses = {name: each["val_loss"] for name, each in runs.items()}
lines = {"stopped early": min(run["val_loss"])}
plot.curves(losses, range(1, 31), x_label="epoch", y_label="validation loss", lines=lines)

# %% [markdown]
# What do you see?
#
# - **More data** helps most. Its lowest loss is about 0.45, the best of all, and it takes few epochs.
# - **Dropout** keeps the loss from rising: the curve stays low to the end. But its lowest loss, about 0.54, is hardly
#   better than the dashed line at 0.55.
# - **The smaller net** does not overfit either, but its lowest loss is higher: about 0.60. It cannot learn enough.
# - **Augmentation** does not help in 30 epochs. The pictures are harder now, so the loss falls slowly. It is lowest in
#   the last epoch, about 0.61, so this net needs longer training.
# - **Stopping early** (the dashed line) costs nothing, and can be combined with all the others.
#
# What does `read_history` say about these runs? `yours(read_history)` is your own function if it passes its check, else the
# course's.

# %%
diagnose = yours(read_history)
for name, each in runs.items():
    print(f"{name:13} lowest validation loss {min(each['val_loss']):.2f}: {diagnose(each)}")

# %% [markdown]
# ## Find a learning rate
#
# The **learning rate** says how far one training step goes. The plain optimizer SGD computes
#
# $$\text{new weight} = \text{old weight} - \text{rate} \cdot \text{slope of the loss}$$
#
# We try four rates, and compare the validation losses. For comparison: a network that gives all ten classes the
# probability 0.1 has a loss of -log(0.1) = 2.30.

# %%
sweep = {}
for rate in (0.0001, 0.1, 0.5, 1.0):
    sgd = keras.optimizers.SGD(rate)
    sweep[f"rate {rate:g}"] = trained(flat_net(optimizer=sgd), rows=2000, epochs=6)["val_loss"]
w = tf.constant(1.0)
for _ in range(130):
    w -= 1.5 * (2 * w)
print("w after 130 steps with a rate of 1.5:", w.numpy())
plot.curves(
    sweep,
    range(1, 7),
    x_label="epoch",
    y_label="validation loss",
    lines={"all equal": np.log(10)},
)

# %% [markdown]
# Read the curves like this:
#
# - **Flat near 2.30, with 0.0001:** the steps are so small that hardly anything changes. Try a larger rate.
# - **Falling fast, with 0.1:** this is a good rate.
# - **Higher, with 0.5:** many steps go past the lowest point and come out on the other side. Often such a curve also jumps
#   up and down. Try a smaller rate.
# - **Flat again, with 1.0:** the first steps moved the weights so far that nearly all relu units answer 0, whatever the
#   picture is. So a flat curve has two causes: a rate that is too small, or one that is much too large.

# %% [markdown]
# And **nan**? It means "not a number". The printed line shows where it comes from. Take the loss w * w, whose slope is 2
# * w, with w = 1 and a rate of 1.5. The first step gives 1 - 1.5 * 2 = -2. The next steps give 4, -8, 16: each one
# doubles the size of w. Soon w is larger than float32 can hold and becomes infinite, and infinite minus infinite is nan.
# When you see nan, make the rate ten times smaller first, and check that the inputs are divided by 255 and hold no nan
# themselves.

# %% [markdown]
# ## Look at the test rows once
#
# All choices are made: more data, dropout, and stopping early. **EarlyStopping** ends the training when the validation
# loss has not improved for two epochs, and puts the best weights back. Only now do we look at the test rows. If we looked
# earlier and then chose by what we saw, the test would no longer be new to us, and its score would be too good.

# %%
stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
final = flat_net(dropout=0.3)
last_run = trained(final, rows=6400, callbacks=[stop])
print(
    len(last_run["loss"]), "epochs, lowest validation loss", round(min(last_run["val_loss"]), 3)
)
print("validation accuracy", round(final.evaluate(*held_out, verbose=0)[1], 3))
print("test accuracy      ", round(final.evaluate(x_test, y_test, verbose=0)[1], 3))

# %% [markdown]
# Now test the network for roofs and flowers on its own test zone. A score alone does not say which pictures fail, so we
# also draw where the errors are.

# %%
test = pictures("test").batch(100)
x_right, y_right = arrays(test)
accuracy = model.evaluate(test, verbose=0)[1]
colour_score = simple.score(colours(x_right), y_right)
print(f"test accuracy: network {accuracy:.3f}, colour baseline {colour_score:.3f}")
assert accuracy > 0.95 and accuracy > colour_score
wrong = (model.predict(test, verbose=0)[:, 0] > 0.5) != y_right
marked = {name: [] for name in photos}
for file in np.array(files["test"])[wrong]:
    marked[file.parent.name].append((*map(int, file.stem.split("_")), 32, 32))
plot.outlines(photos, marked, zones=zones, title="Test patches that the network gets wrong")

# %% [markdown]
# In our run, all errors lie in one corner of the first photograph. There it shows dark bushes and no roof at all.

# %% [markdown] tags=["predict"]
# ## Ask the split what it measures
#
# Why did we cut the photographs in two? We could simply have drawn test patches at random. Neighbouring patches
# overlap, so a random test patch shares pixels with training patches. A **nearest-neighbour** classifier shows what
# follows: it looks up the five most similar training pictures and answers with the class that most of them have.
# **Predict:** on which split does it look better, the random one or the one by zones?

# %%
a, b = (each.reshape(len(each), -1) for each in (x_train, x_right))
seen, unseen, y_seen, y_unseen = train_test_split(a, y_train, test_size=0.25, random_state=2)
nearest = KNeighborsClassifier(5).fit(seen, y_seen)
random, zoned = nearest.score(unseen, y_unseen), nearest.score(b, y_right)
print(f"random split {random:.3f}, split by zones {zoned:.3f}")
assert random > zoned

# %% [markdown]
# <details><summary>Why</summary>
#
# The random split looks better, because its test patches lie between known patches: nearly the same pixels are in the
# training set. A new part of the photograph is a harder question. So split the data as the model will be used: if it will
# meet new photographs, keep whole photographs, or at least whole zones, for the test.
# </details>
#
# ## Use it and keep it
#
# `predict` takes a dataset or an array, `predict_on_batch` takes one batch. Both return NumPy arrays. `save` writes a
# `.keras` file, from which Keras loads the model again. `export` writes a folder for a server, which does not need your
# Python code.

# %%
folder = Path(tempfile.mkdtemp())
ends = x_right[[0, -1]]
few = model.predict_on_batch(ends)
model.save(folder / "patches.keras")
model.export(folder / "served", verbose=False)
again = keras.models.load_model(folder / "patches.keras")
served = tf.saved_model.load(folder / "served")
print(type(few).__name__, few.ravel().round(3))
assert np.allclose(few, again(ends), atol=1e-5)
assert np.allclose(few, served.serve(ends), atol=1e-5)

# %% [markdown]
# ### A stretch: the convolution itself
#
# Write `conv2d` with tensor operations. Do not loop over the pixels: a larger image must not need more operations. For
# example, the image `[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]` and the kernel `[[1, 0], [3, 2]]` give `[[22, 28,
# 34], [46, 52, 58]]`: the first number is 1 * 0 + 0 * 1 + 3 * 4 + 2 * 5 = 22.


# %% exercise="conv2d"
def conv2d(img: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """The image seen through each filter: valid, stride 1, the kernel not flipped.

    img: float32 (h, w, c); kernel: float32 (kh, kw, c, f), kh <= h, kw <= w.
    Returns float32 (h - kh + 1, w - kw + 1, f), also where a side is 1. A gradient flows to both, tf.function
    can trace it, and a larger image does not make the traced graph larger. Ready-made operations are allowed.
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
# - You **feed** a network from a folder with map, cache, shuffle, batch and prefetch, in this order, and you look at some
#   pictures before you train.
# - You **count** the places of a kernel with `(n - k) // s + 1` and its parameters with `(k * k * c_in + 1) * filters`.
# - You **judge** a classifier against a baseline, on a split that is like its later use. You read its curves: when the
#   validation loss rises while the training loss falls, the network overfits.
#
# A common mistake is `ds.shuffle(n).cache()`. The cache keeps the order of the first epoch, so all later epochs have the
# same order. Write `ds.cache().shuffle(n)`.
#
# To think about: which layer of `build_cnn` holds most of its 103,425 parameters? What would change for pictures of
# 640 x 427 pixels?

# %% [markdown]
# ## What next
#
# `data.fashion(online=True)` downloads all 70,000 pictures of Fashion-MNIST, and `data.patches(online=True)` writes the
# planes and cars of CIFAR-10 into the same kind of folders. Later days come back to overfitting: day 10 stops early and
# adds penalties.
#
# On a TPU, add `drop_remainder=True` to `batch`. On a GPU, results repeat exactly only after
# `tf.config.experimental.enable_op_determinism()`.
