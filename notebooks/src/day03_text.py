# %% [markdown]
# A review says "not dull", and a program that counts words reads "dull". After today you can
#
# - **prepare** text: clean it, number its words, cut and pad it to one length,
# - **train** a network of your own class with a loop of your own,
# - **show** with numbers when the order of words matters.

# %% tags=["setup"]
import re
import string
import sys
import tempfile
from collections import Counter
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from checks import check, hint, solution
from course import data, explore, plot

# %% [markdown]
# ## See what a count cannot see
#
# The reviews of today are made by a rule, so that you know the truth: a review praises (1) or blames (0), and with
# probability `p_neg` a clause denies the opposite word instead of saying its own.

# %%
for label, text in data.make_reviews(4, seed=6, p_neg=0.45):
    print(label, text.replace("<br />", " ")[:84], "...")

# %%
shares = {}
for p_neg in (0.0, 0.45):
    made = data.make_reviews(1000, seed=3, p_neg=p_neg)
    for word in ("dull", "not", "great"):
        labels = [label for label, text in made if word in text.lower().split()]
        shares[f"{word}, p_neg {p_neg:g}"] = np.mean(labels or 0.5)
plot.bars(shares, x_label="share of praise among reviews with the word", lines={"half": 0.5})

# %% [markdown] tags=["predict"]
# A **bag of words** is a review reduced to counts; a logistic regression weighs them. It is trained anew for each `p_neg`.
# **Predict:** how accurate is it on new reviews at `p_neg` 0, at 0.5, and at 1, where every clause is a denial?


# %%
def reviews_of(p_neg, seed, n):
    return np.array(data.make_reviews(n, seed, p_neg), dtype=object).T


def weigh_words(p_neg, n=2000):
    (y, x), (y_new, x_new) = reviews_of(p_neg, 0, n), reviews_of(p_neg, 1, 500)
    bag = CountVectorizer()
    model = LogisticRegression(max_iter=500).fit(bag.fit_transform(x), list(y))
    return model.score(bag.transform(x_new), list(y_new)), model, bag


steps = [0, 0.15, 0.3, 0.45, 0.6, 0.8, 1]
counted = [weigh_words(p_neg, 1000)[0] for p_neg in steps]
assert min(counted[0], counted[-1]) > 0.95 and counted[3] < 0.65
plot.curves({"word counts": counted}, steps, x_label="p_neg", y_label="accuracy")

# %% [markdown]
# <details><summary>Why</summary>
#
# At 0 each word tells its label. At 0.45 "dull" is nearly as frequent in praise as in blame, and the count is worth a coin.
# At 1 everything is denied: "dull" means praise, always, and the regression learns just that. No information is lost by
# turning every word round; it is lost by turning half of them.
# </details>
#
# Move the slider and watch the ten heaviest weights shrink.


# %%
limit = np.abs(weigh_words(0, 400)[1].coef_).max()


def heaviest(p_neg):
    score, model, bag = weigh_words(p_neg, 400)
    words, weights = bag.get_feature_names_out(), model.coef_[0]
    sizes = {}
    for k in np.argsort(-np.abs(weights))[:10]:
        sizes[f"{words[k]}, for {'praise' if weights[k] > 0 else 'blame'}"] = abs(weights[k])
    picture = plot.bars(sizes, x_label="weight", lines={"heaviest at 0:": limit})
    picture.note = f"trained on 400 reviews, accuracy on 500 new ones: {score:.2f}"
    return picture


explore.by_number(
    heaviest, label="p_neg", value=0.3, low=0.0, high=1.0, step=0.05, title="Ten heaviest words"
)

# %% [markdown]
# ## Read lines from a file
#
# Text comes in files. `data.reviews()` has written two, one review a line: label, TAB, text. A `TextLineDataset` streams
# them, so that a file may be larger than the memory.

# %%
folder = data.reviews()
lines = tf.data.TextLineDataset(str(folder / "train.tsv"))
first = next(iter(lines))
print(first.dtype, first.shape, first.numpy()[:60])

# %% [markdown]
# ### Your turn: label and text
#
# Write `split_line`. `"1\tgood film"` becomes the text `[b"good film"]` and the label `[1]`. The shape (1,) makes batches of
# (n, 1), like the network's output: with labels of shape (n,), a loss such as `(y - p) ** 2` quietly spreads to (n, n).


# %% exercise="split_line"
def split_line(line: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(text, label) of a line "label TAB text": string (1,) and int32 (1,).

    line: scalar string tensor. The label is one digit, 0 or 1; the text is all that follows the first TAB,
    which may be nothing, or hold more TABs. Works inside a dataset's map.
    """
    ### BEGIN SOLUTION
    parts = tf.strings.split(line, "\t", maxsplit=1)
    label = tf.cast(tf.strings.to_number(parts[0]), tf.int32)
    return tf.expand_dims(parts[1], 0), tf.expand_dims(label, 0)
    ### END SOLUTION


# %% check="split_line"
check(split_line)

# %% [markdown] tags=["predict"]
# ## Clean, in the right order
#
# Keras' `TextVectorization` cleans with `lower_and_strip_punctuation` unless told otherwise. **Predict:** which words does it
# find in `Great!<br />I LAUGHED`?

# %%
layer = keras.layers.TextVectorization()
layer.adapt(tf.constant(["Great!<br />I LAUGHED"]))
print([str(word) for word in layer.get_vocabulary(include_special_tokens=False)])

# %% [markdown]
# <details><summary>Why</summary>
#
# The punctuation goes first and takes the brackets along: `greatbr`, then `i`. A tag must become a space before that. The
# order of cleaning is part of the model; write it once, and use it for training and for use.
# </details>
#
# ### Your turn: clean text
#
# Write `clean_text` with `tf.strings` operations. `It's GREAT!<br />Go <BR /> x` becomes `its great go   x`.


# %% exercise="clean_text"
def clean_text(t: tf.Tensor) -> tf.Tensor:
    """The text in small letters, each tag <br /> a space, ASCII punctuation removed: string, shape of t.

    t: string tensor of any shape. The tag may stand in capitals. Spaces are kept, and so are letters of
    other scripts (whether they are lowered is left to you). Punctuation is what string.punctuation holds.
    Works inside a dataset's map.
    """
    ### BEGIN SOLUTION
    t = tf.strings.regex_replace(tf.strings.lower(t), "<br />", " ")
    return tf.strings.regex_replace(t, f"[{re.escape(string.punctuation)}]", "")
    ### END SOLUTION


# %% check="clean_text"
check(clean_text)

# %% [markdown]
# ## Number the words
#
# A **vocabulary** lists the words worth knowing, the most frequent first. How many are worth it? Real English, from NumPy's
# own manual: a few hundred words cover most of what is written, and the last thousands almost nothing.

# %%
manual = " ".join(getattr(np, name).__doc__ or "" for name in dir(np) if name[0].islower())
counts = Counter(re.findall(r"[a-z]+", manual.lower()))
covered = np.cumsum(sorted(counts.values(), reverse=True)) / counts.total()
print(f"{counts.total():,} words, {len(counts):,} different")
assert covered[499] > 0.7 and 1 - covered[-1000] < 0.05
plot.curves(
    {"covered": covered[::20]},
    np.arange(1, len(covered) + 1)[::20],
    x_label="words in the vocabulary",
    y_label="share of the text",
)

# %% [markdown]
# All other words share one id, the **unknown** word. Id 0 is **padding**, which fills short texts up; long ones lose their
# end. So the list begins with `""` and `"[UNK]"`. (Chinese or Japanese must be cut into words first.)
#
# ### Your turn: a vocabulary by hand
#
# Write `encode_texts` in plain Python. Training on `the the the cat cat dog dog bird` with `max_tokens=5` gives `["",
# "[UNK]", "the", "cat", "dog"]`, and `the bird cat` becomes `[2, 1, 3, 0]`.


# %% exercise="encode_texts"
def encode_texts(train: list, texts: list, max_tokens: int, length: int) -> tuple:
    """(vocab, ids): the vocabulary of train, and the ids of texts, whole numbers (len(texts), length).

    train, texts: lists of clean texts, words apart by spaces. vocab: list of str, "", "[UNK]", then the
    most frequent words of train, at most max_tokens (3 or more) in all; equal counts by the alphabet.
    ids: the place of each word in vocab, 1 where it is not there; the first length words, then zeros.
    """
    ### BEGIN SOLUTION
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))
    vocab = ["", "[UNK]", *words[: max_tokens - 2]]
    index = {word: place for place, word in enumerate(vocab)}
    rows = [[index.get(word, 1) for word in text.split()][:length] for text in texts]
    return vocab, np.array([row + [0] * (length - len(row)) for row in rows])
    ### END SOLUTION


# %% check="encode_texts"
check(encode_texts)

# %% [markdown]
# ## Let a layer do it
#
# `TextVectorization` does the same inside TensorFlow. `adapt` learns the vocabulary: from training text only, since words of
# the test would be a leak. `max_tokens` counts the two special ids (it did not in TF 2.1); ties come in another order.

# %%
small = keras.layers.TextVectorization(5, standardize=None, output_sequence_length=4)
small.adapt(["the the the cat cat dog dog bird"])
print([str(word) for word in small.get_vocabulary()][:4], small(["the bird cat"]).numpy())
bag = keras.layers.TextVectorization(5, standardize=None, output_mode="multi_hot")
bag.adapt(["the the the cat cat dog dog bird"])
print("as a bag:", bag(["cat the cat"]).numpy())

# %% [markdown]
# Older books import it from `layers.experimental.preprocessing`, or use `Tokenizer`, which only `tf.keras` still has;
# `keras.utils.pad_sequences` is there, and pads in front unless told otherwise.
#
# Now the whole pipeline. The cleaning function is registered, so that a saved model finds it.


# %%
@keras.saving.register_keras_serializable("day03")
def plain_words(t):
    return tf.strings.regex_replace(tf.strings.lower(t), "<br />|[^a-z' ]", " ")


def parse(line):
    label, text = tf.io.decode_csv(line, [0, ""], field_delim="\t", use_quote_delim=False)
    return text[None], label[None]


def stream(name):
    lines = tf.data.TextLineDataset(str(folder / name))
    return lines.map(parse, num_parallel_calls=tf.data.AUTOTUNE)


# %%
vectorize = keras.layers.TextVectorization(
    1000, standardize=plain_words, split="whitespace", output_sequence_length=100
)
vectorize.adapt(stream("train.tsv").map(lambda text, label: text).batch(200))
train = stream("train.tsv").cache().shuffle(2000, seed=3).batch(50)
train = train.map(lambda text, label: (vectorize(text), label)).prefetch(tf.data.AUTOTUNE)
test = stream("test.tsv").batch(50).map(lambda text, label: (vectorize(text), label)).cache()
test = test.apply(tf.data.experimental.assert_cardinality(sum(1 for _ in test)))
print(len(vectorize.get_vocabulary()), "words known;", train.element_spec)

# %% [markdown]
# A file does not say how many lines it has, and `predict` likes to know: hence the count. The layer stays in the pipeline,
# on the CPU: there are no string kernels on a GPU, and XLA and TPUs refuse strings.
#
# ## Give each word a vector
#
# An **embedding** is a matrix with a row for each word; an id picks its row. That equals one-hot rows times the matrix,
# without the multiplying, and the rows are trained like any weight: vocabulary times size of them.

# %%
ids = tf.constant([[2, 4, 0, 0]])
table = keras.layers.Embedding(5, 3)
rows = table(ids)
same = tf.one_hot(ids, 5) @ table.embeddings
assert rows.shape == (1, 4, 3) and np.allclose(rows, same) and table.count_params() == 15
print("padding has a row too:", rows[0, 3].numpy().round(3))

# %% [markdown]
# Zeros are data unless they are **masked**. `Embedding(..., mask_zero=True)` hands on a mask, and layers that know of it,
# recurrent ones or this mean, skip the padding. (`input_length=` is deprecated and not needed.)

# %%
average = keras.layers.GlobalAveragePooling1D()
masked = average(rows, mask=ids != 0)
print(
    "all four places:", average(rows).numpy().round(3), " two words:", masked.numpy().round(3)
)
assert np.allclose(masked, tf.reduce_mean(rows[:, :2], axis=1), atol=1e-6)

# %% [markdown]
# What reads the vectors? A recurrent layer walks from word to word, `Bidirectional` from both ends (days 4 and 19).
# **Dropout** blanks some values in training. Here another reader is quicker.

# %%
walker = keras.Sequential(
    [
        keras.Input((None,)),
        keras.layers.Embedding(1000, 7),
        keras.layers.Bidirectional(keras.layers.SimpleRNN(8)),
        keras.layers.Dropout(0.1),
        keras.layers.Dense(1),
    ]
)
print(f"{walker.count_params():,} parameters, 7,000 of them in the embedding")
assert walker.count_params() == 7000 + 2 * (7 + 8 + 1) * 8 + 17

# %% [markdown] tags=["predict"]
# ## Slide along the words
#
# A `Conv1D` of kernel 5 looks at five words at once, "was not really very dull": a detector of phrases, wherever they stand.
# **Predict:** which layer below has the most weights, and how long is the text after each?


# %%
def reading_net():
    return keras.Sequential(
        [
            keras.Input((100,)),
            keras.layers.Embedding(1000, 7),
            keras.layers.Conv1D(16, 5, activation="relu"),
            keras.layers.MaxPool1D(),
            keras.layers.Conv1D(128, 2, activation="relu"),
            keras.layers.MaxPool1D(),
            keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


for layer in reading_net().layers:
    print(f"{layer.name:18} {layer.output.shape[1:]!s:10} {layer.count_params():6,}")
assert reading_net().count_params() == 7000 + 576 + 4224 + 2945 == 14_745

# %% [markdown]
# <details><summary>Why</summary>
#
# The embedding, 1000 x 7. A filter of the first convolution has 5 x 7 weights and a bias. Lengths: 100, 96, 48, 47, 23, and
# the dense layer reads 23 x 128 numbers. (`keras.Input(100)` is an error today: write `(100,)`.)
# </details>
#
# ## Write a class of your own
#
# A **subclass** of `keras.Model` makes its layers in `__init__` and uses them in `call`. Its weights come with the first
# call; before, the summary shows question marks. Prefer Sequential or functional models unless you need more: they know
# their shapes, and how to be saved. Old books make the layers in `build`. See what that costs:


# %%
@keras.saving.register_keras_serializable("day03")
class Late(keras.Model):
    def build(self, shape):
        self.dense = keras.layers.Dense(1)  # made too late for the file

    def call(self, x):
        return self.dense(x)


scratch = Path(tempfile.mkdtemp())
late, ones = Late(), tf.ones([1, 3])
before = late(ones)
late.save(scratch / "late.keras")
after = keras.models.load_model(scratch / "late.keras")(ones)
print("before", before.numpy(), " after", after.numpy())
assert not np.allclose(before, after)

# %% [markdown]
# No error, no warning, random weights. With layers made in `__init__` it cannot happen. Two more rules: the class is
# registered, so that Keras finds it, and `get_config` returns what `__init__` needs.
#
# ### Your turn: the network as a class
#
# Write `CnnModel`, the network above for any sizes. `CnnModel(10000, 7, 200)` has 80,945 parameters after one call.


# %% exercise="CnnModel"
@keras.saving.register_keras_serializable()
class CnnModel(keras.Model):
    """Ids, whole numbers (n, length), to probabilities (n, 1); a .keras file brings it back whole.

    Embedding(vocab, dim), Conv1D of 16 filters and kernel 5, pool of 2, Conv1D of 128 and kernel 2, pool
    of 2, flatten, Dense(1). relu after the convolutions, a sigmoid at the end; padding is valid.
    """

    def __init__(self, vocab: int, dim: int, length: int, **kwargs):
        ### BEGIN SOLUTION
        super().__init__(**kwargs)
        self.vocab, self.dim, self.length = vocab, dim, length
        self.embedding = keras.layers.Embedding(vocab, dim)
        self.conv1 = keras.layers.Conv1D(16, 5, activation="relu")
        self.conv2 = keras.layers.Conv1D(128, 2, activation="relu")
        self.pool = keras.layers.MaxPool1D()
        self.flatten = keras.layers.Flatten()
        self.dense = keras.layers.Dense(1, activation="sigmoid")
        ### END SOLUTION

    def call(self, ids):
        ### BEGIN SOLUTION
        x = self.pool(self.conv1(self.embedding(ids)))
        return self.dense(self.flatten(self.pool(self.conv2(x))))
        ### END SOLUTION

    def get_config(self):
        ### BEGIN SOLUTION
        sizes = {"vocab": self.vocab, "dim": self.dim, "length": self.length}
        return {**super().get_config(), **sizes}
        ### END SOLUTION


# %% check="CnnModel"
check(CnnModel)

# %% [markdown]
# ## Train it yourself
#
# `fit` is a loop around one step. Take a step apart: a **tape** records the forward pass, the gradient says how the loss
# changes with each weight, the optimizer moves them. Untrained, the loss is near ln 2: the price of a coin's guess.

# %%
keras.utils.set_random_seed(3)
model = reading_net()
x, y = next(iter(train))
bce = keras.losses.BinaryCrossentropy()  # of probabilities; of logits: from_logits=True
with tf.GradientTape() as tape:
    loss = bce(y, model(x, training=True))
gradients = tape.gradient(loss, model.trainable_variables)
print(f"loss {loss:.3f}, ln 2 {np.log(2):.3f};", len(gradients), "gradients, nothing moved yet")
assert abs(loss - np.log(2)) < 0.05

# %% [markdown]
# `training=True` tells layers such as dropout what is going on. An optimizer remembers its first variables: for another
# model make another one. (`optimizer.minimize` is gone from Keras 3.)
#
# ### Your turn: one step for any model
#
# Write `train_step`, forward to applied gradients. Called three times on the same batch, the loss falls each time.


# %% exercise="train_step"
def train_step(model, optimizer, loss_fn, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """The loss on the batch before the step, a scalar tensor; moves the model's trainable weights once.

    model: a built Keras model; optimizer: of Keras; loss_fn: called as loss_fn(truth, prediction).
    The model runs in training mode; frozen layers stay. Works eagerly and inside a tf.function.
    """
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss
    ### END SOLUTION


# %% check="train_step"
check(train_step)

# %% [markdown]
# The loop: a step on each batch, **metrics** that add up over an epoch, and are reset before the next. (`reset_states` is
# `reset_state` now.) `tf.function` turns both steps into graphs.

# %%
optimizer = keras.optimizers.Nadam(1e-2)
mean = {name: keras.metrics.Mean() for name in ("loss", "val_loss")}
right = {name: keras.metrics.BinaryAccuracy() for name in ("accuracy", "val_accuracy")}


@tf.function
def learn(x, y):
    with tf.GradientTape() as tape:
        p = model(x, training=True)
        loss = bce(y, p)
    optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    mean["loss"].update_state(loss)
    right["accuracy"].update_state(y, p)


@tf.function
def judge(x, y):
    p = model(x, training=False)
    mean["val_loss"].update_state(bce(y, p))
    right["val_accuracy"].update_state(y, p)


# %%
log = {name: [] for name in (*mean, *right)}
start = tf.timestamp()
for epoch in range(8):
    for x, y in train:
        learn(x, y)
    for x, y in test:
        judge(x, y)
    for name, metric in {**mean, **right}.items():
        log[name].append(float(metric.result()))
        metric.reset_state()
    line = "epoch {} of 8, validation accuracy {}, {} s"
    seconds = tf.cast(tf.timestamp() - start, tf.int32)
    tf.print(
        tf.strings.format(line, (epoch + 1, log["val_accuracy"][-1], seconds)),
        output_stream=sys.stdout,
    )
assert log["val_accuracy"][-1] > 0.93 and log["loss"][-1] < log["loss"][0] / 2
plot.history(log, ["loss", "accuracy"])

# %% [markdown]
# It sits at a coin's guess until a filter finds the first phrase; then all goes quickly. Look at the validation loss: where
# it rises while the training loss falls, the network learns by heart, as it soon does with real reviews. Stop there.
#
# ## Compare counting with reading
#
# One network, trained at 0.45, now reads reviews of every `p_neg`; the word counts were trained anew for each.


# %%
def accuracy_at(p_neg):
    y, x = reviews_of(p_neg, 1, 500)
    p = model(vectorize(tf.constant(x.tolist())), training=False).numpy()[:, 0]
    return np.mean((p > 0.5) == y.astype(int))


read = [accuracy_at(p_neg) for p_neg in steps]
assert min(read) > 0.85 and read[3] - counted[3] > 0.25
series = {"word counts": counted, "Conv1D": read}
plot.curves(series, steps, x_label="p_neg", y_label="accuracy", lines={"coin": 0.5})

# %% [markdown]
# Type a review of your own: the bars are the probability of praise after each word, with its id. Id 1 is a word that the
# network has never met.


# %%
def after_each_word(text):
    ids = vectorize(tf.constant([text])).numpy()[0]
    words = plain_words(text).numpy().decode().split()[:16]
    if not words:
        raise ValueError("type a few words")
    parts = np.array([np.where(np.arange(100) <= k, ids, 0) for k in range(len(words))])
    p = model(parts, training=False).numpy()[:, 0]
    names = [f"{k + 1} {word} ({ids[k]})" for k, word in enumerate(words)]
    picture = plot.bars(dict(zip(names, p, strict=True)), x_label="probability of praise")
    picture.note = f"{len(words)} words, {100 - len(words)} zeros behind them"
    return picture


review = "The plot was not really dull. The cast felt never good!"
explore.by_text(after_each_word, label="review", value=review, title="Read word by word")

# %% [markdown]
# Which phrases wake the filters of the first convolution? For each of eight filters, the five words where it is most active:

# %%
first_layers = keras.Model(model.inputs, model.layers[1].output)
texts, _ = next(iter(stream("test.tsv").batch(300)))
active = first_layers(vectorize(texts)).numpy()
vocabulary = np.array(vectorize.get_vocabulary())
for k in range(8):
    row, place = np.unravel_index(active[..., k].argmax(), active.shape[:2])
    phrase = vocabulary[vectorize(texts)[row].numpy()[place : place + 5]]
    print(f"filter {k}: {' '.join(phrase):45} {active[row, place, k]:.1f}")

# %% [markdown]
# ## Use it and keep it
#
# `evaluate` wants a compiled model; your loop needed none. `model(x)` is a tensor, `predict_on_batch` an array, and
# `predict` goes through a whole dataset: prefer it (and never call `model.call`, which skips Keras' preparations).

# %%
try:
    model.evaluate(test, verbose=0)
except ValueError as error:
    print(str(error).splitlines()[0][:70])
p = model.predict(test, verbose=0)
assert np.allclose(p[:50], model.predict_on_batch(next(iter(test))[0]), atol=1e-5)

# %% [markdown]
# For use, put the words in front: a model that takes text as `tf.constant` (lists and object arrays are refused). The file
# keeps the vocabulary.

# %%
asked = tf.constant([["The script was hardly clever."], ["The ending seemed not so bad!"]])
whole = keras.Sequential([keras.Input((1,), dtype="string"), vectorize, model])
whole.save(scratch / "reader.keras")
again = keras.models.load_model(scratch / "reader.keras")
model.export(scratch / "served", verbose=False)  # ids in, for a server
print(again(asked).numpy().round(3).ravel())
assert np.allclose(again(asked), whole(asked), atol=1e-5)

# %% [markdown]
# ### A stretch: the mean of the real words
#
# A simpler network averages the embeddings of a text. Write `masked_mean`, in which padding does not count. For ids `[[5, 9, 0, 0],
# [0, 0, 0, 0]]` the first row is the mean of two vectors, the second is zeros.


# %% exercise="masked_mean"
def masked_mean(emb: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """The mean of each text's embeddings where its id is not 0: (batch, dim), of emb's dtype.

    emb: float32 or float64 (batch, length, dim); ids: int32 or int64 (batch, length), 0 or more; zeros may
    stand anywhere. A text of zeros only gives zeros. The gradient for emb is finite everywhere.
    """
    ### BEGIN SOLUTION
    mask = tf.cast(ids != 0, emb.dtype)[..., None]
    total = tf.reduce_sum(emb * mask, axis=1)
    return tf.math.divide_no_nan(total, tf.reduce_sum(mask, axis=1))
    ### END SOLUTION


# %% check="masked_mean"
check(masked_mean)

# %% [markdown]
# ## Recap
#
# - You **prepare** text: tags before punctuation, a vocabulary of the training text, 0 for padding, 1 for the unknown.
# - You **train** with a tape, an optimizer and metrics, and a class of your own comes back from its file.
# - You **show** that counts fail where denial is common, and that five words at a time do not.
#
# A mistake seen in many notebooks, and mended: `adapt` on training and test together. Adapt on the training text.
#
# To think about: what can word counts score at exactly 0.5, and why? What would a kernel of 1 see?

# %% [markdown]
# ## What next
#
# `data.reviews(online=True)` writes 25,000 reviews of IMDB as the same two files. They are longer: 10,000 words and a length
# of 200 suit them; the asserted scores belong to the made ones. `keras.datasets.imdb` gives ids, shifted by 3: 0 is padding,
# 1 the start, 2 the unknown. Old loops feed by `keras.utils.Sequence`, today `PyDataset`.
