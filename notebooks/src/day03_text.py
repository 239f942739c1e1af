# %% [markdown]
# A review says "not dull". A program that only counts words sees "dull" and takes it for criticism. Today you build a
# network that reads words in their order. After today you can
#
# - **prepare** text: clean it, give each word a number, and bring every text to the same length,
# - **train** a network that you wrote as a class, with a training loop that you wrote yourself,
# - **show** with numbers whether the order of words matters.

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
# The film reviews of today are made by a program, so we know exactly how they were made. Each review either praises a
# film (label 1) or criticizes it (label 0). It consists of short clauses, and the label is the opinion of most of them.
# A clause usually states its opinion directly, for example "was dull". But with probability `p_neg` it denies the
# opposite word: it says "was not great" instead.
#
# The first cell shows four reviews. The second one asks how much a single word tells: among the reviews that contain "dull",
# how many praise? Compare `p_neg` 0, where nothing is denied, with 0.45.

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
# A **bag of words** is a text of which only the counts are left: how often each word occurs, but not where. Such counts
# can be given to a **logistic regression**. It multiplies each count by a weight, adds the products up, and turns the
# sum into a probability. A word with a positive weight speaks for praise, a word with a negative weight for criticism.
#
# The cell below trains such a model anew for each `p_neg`.
#
# **Predict:** how accurate is it on new reviews if `p_neg` is 0? If it is 0.45? And if it is 1, so that every clause is a denial?


# %%
def reviews_of(p_neg, seed, n):
    return np.array(data.make_reviews(n, seed, p_neg), dtype=object).T


def weigh_words(p_neg, n=2000):
    (y, x), (y_new, x_new) = reviews_of(p_neg, 0, n), reviews_of(p_neg, 7, 500)
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
# At 0 nothing is denied, so each word of opinion points to the label. At 0.45 "dull" occurs in praise nearly as often
# as in criticism, so counting it helps no more than tossing a coin. At 1 everything is denied. Then "dull" always means
# praise, and the model simply learns that. So denial itself is not the problem. The problem is that a count cannot tell
# which words are denied and which are not.
# </details>
#
# Move the slider from 0 to 0.5 and watch the ten largest weights. They shrink, because each word tells less.


# %%
limit = np.abs(weigh_words(0, 400)[1].coef_).max()


def heaviest(p_neg):
    score, model, bag = weigh_words(p_neg, 400)
    words, weights = bag.get_feature_names_out(), model.coef_[0]
    sizes = {}
    for k in np.argsort(-np.abs(weights))[:10]:
        sizes[f"{words[k]}, {'praise' if weights[k] > 0 else 'critical'}"] = abs(weights[k])
    picture = plot.bars(sizes, x_label="weight", lines={"heaviest at 0:": limit})
    picture.note = f"trained on 400 reviews, accuracy on 500 new ones: {score:.2f}"
    return picture


explore.by_number(
    heaviest, label="p_neg", value=0.3, low=0.0, high=1.0, step=0.05, title="Ten heaviest words"
)

# %% [markdown]
# ## Read lines from a file
#
# Text usually comes in files. `data.reviews()` has written two of them, `train.tsv` and `test.tsv`. Each line is one review:
# the label, a TAB character, and the text. A `TextLineDataset` reads the lines one after the other, so a file may be larger than
# the memory of your computer.

# %%
folder = data.reviews()
lines = tf.data.TextLineDataset(str(folder / "train.tsv"))
first = next(iter(lines))
print(first.dtype, first.shape, first.numpy()[:60])

# %% [markdown]
# ### Your turn: label and text
#
# Write `split_line`. For example, `"1\tgood film"` becomes the text `[b"good film"]` and the label `[1]`.
#
# Both results have shape (1,), not (). The reason is the network's output. It has shape (n, 1) for a batch of n reviews, and labels
# of shape (1,) are batched to (n, 1) as well. If the labels had shape (n,), then `(y - p) ** 2` would not fail. It would broadcast
# to (n, n), and compare each label with every prediction.


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
# "Great!" and "great" should be the same word. So text is cleaned first: capital letters become small, and punctuation is
# removed. The Keras layer `TextVectorization` does both, if you do not tell it otherwise. But our reviews also contain `<br />`,
# the HTML tag for a new line.
#
# **Predict:** which words does the layer find in `Great!<br />I LAUGHED`?

# %%
layer = keras.layers.TextVectorization()
layer.adapt(tf.constant(["Great!<br />I LAUGHED"]))
print([str(word) for word in layer.get_vocabulary(include_special_tokens=False)])

# %% [markdown]
# <details><summary>Why</summary>
#
# The layer removes `!`, `<`, `/` and `>` and puts nothing in their place. So "great" and "br" become one word, `greatbr`, and then
# comes `i`. To avoid this, replace the tag by a space *before* you remove punctuation.
# </details>
#
# A model that was trained on cleaned text expects text that was cleaned in the same way. So write the cleaning once, as a function, and
# use it both in training and later.
#
# ### Your turn: clean text
#
# Write `clean_text` with operations from `tf.strings`. For example, `It's GREAT!<br />Go <BR /> x` becomes `its great go   x`.
# There are three spaces before the `x`: two stood beside the tag, and the tag itself became the third.


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
# A network computes with numbers, so each word gets a number, its **id**. The list of known words is called the **vocabulary**. It
# usually starts with the most frequent words.
#
# How many words should it hold? Let us look at real English: the texts of NumPy's own manual. The curve below shows
# which share of the manual you can read if you know only its most frequent words. A few hundred words cover most of the
# text, and the last thousand almost nothing.

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
# A word outside the vocabulary gets id 1, which means **unknown** and is written `[UNK]`. Id 0 is **padding**: a batch must be a
# rectangle, so zeros are added to short texts until all have the same length. Texts that are too long lose their end.
#
# Follow an example by hand. The training text is `the the the cat cat dog dog bird`, and five places are allowed. Two are taken by
# `""` and `"[UNK]"`. The three most frequent words get ids 2, 3 and 4: the, cat, dog. Now translate `the bird cat` to length 4. "the"
# is 2, "bird" has no place and is 1, "cat" is 3, and a zero fills the last place: `[2, 1, 3, 0]`.
#
# ### Your turn: a vocabulary by hand
#
# Write `encode_texts` in plain Python. With the training text above and `max_tokens=5` the vocabulary is `["", "[UNK]", "the",
# "cat", "dog"]`, and `the bird cat` becomes `[2, 1, 3, 0]`.


# %% exercise="encode_texts"
def encode_texts(train: list, texts: list, max_tokens: int, length: int) -> tuple:
    """(vocab, ids): the vocabulary of train, and the ids of texts, whole numbers (len(texts), length).

    train, texts: lists of clean texts, words separated by spaces. vocab: list of str, "", "[UNK]", then the
    most frequent words of train, at most max_tokens (3 or more) in all; equal counts in alphabetical order.
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
# `TextVectorization` does the same work inside TensorFlow. Its method `adapt` reads texts and learns the vocabulary. Give it training text
# only. If it also saw the test text, then the test would no longer be new to the model. This mistake is called a **leak**.
#
# The argument `max_tokens` counts the two special ids as well. If words occur equally often, the layer may order them
# differently than your function does: here it puts "dog" before "cat". With `output_mode="multi_hot"` the layer gives a
# bag of words: a 1 for each word that occurs, and a 0 for each that does not.

# %%
small = keras.layers.TextVectorization(5, standardize=None, output_sequence_length=4)
small.adapt(["the the the cat cat dog dog bird"])
print([str(word) for word in small.get_vocabulary()][:4], small(["the bird cat"]).numpy())
bag = keras.layers.TextVectorization(5, standardize=None, output_mode="multi_hot")
bag.adapt(["the the the cat cat dog dog bird"])
print("as a bag:", bag(["cat the cat"]).numpy())

# %% [markdown]
# In older books you will find the layer in `layers.experimental.preprocessing`, or a class `Tokenizer`, which today exists only in
# `tf.keras`. The function `keras.utils.pad_sequences` still exists, but it adds its zeros in front unless you tell it otherwise.
#
# Now build the whole pipeline. The cleaning function gets a decorator (the line with @ above it) that **registers** it:
# Keras writes its name into a saved model, and can find the function again when it loads the file.
#
# The data are split into three parts, and each has one purpose. The network learns from the **training** reviews, 1,600
# of them. With 400 **validation** reviews you watch the training, and decide for example when to stop. The 500 **test**
# reviews are used once, at the end. Each time you choose something by a score, this score becomes a little too good. So
# the final score must come from reviews that you have not used for any choice.


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
learning, checking = stream("train.tsv").take(1600), stream("train.tsv").skip(1600)
vectorize.adapt(learning.map(lambda text, label: text).batch(200))


def batches(rows):
    return rows.batch(50).map(lambda text, label: (vectorize(text), label))


train = batches(learning.cache().shuffle(1600, seed=3)).prefetch(tf.data.AUTOTUNE)
validation, test = batches(checking).cache(), batches(stream("test.tsv")).cache()
test = test.apply(tf.data.experimental.assert_cardinality(sum(1 for _ in test)))
print(len(vectorize.get_vocabulary()), "words known;", train.element_spec)

# %% [markdown]
# A file does not say how many lines it has. So the last step counted the batches of the test and noted the number with
# `assert_cardinality`. `predict` can then show how far it is. The layer runs in the pipeline, on the CPU, because GPUs and TPUs
# cannot compute with text.
#
# ## Give each word a vector
#
# An id is only a name: word 40 is not twice word 20. So the first layer of a network for text replaces each id by a vector of a few
# numbers. This layer is an **embedding**. It is a matrix $E$ with one row for each word, and id $i$ picks row $i$:
#
# $$\text{embedding}(i) = E_i = \text{onehot}(i)\,E$$
#
# The right side says the same with a **one-hot** row, which is 1 in place $i$ and 0 elsewhere. Picking is faster than multiplying. The rows are
# weights: they start random and are trained. A vocabulary of 5 words with 3 numbers each has 5 · 3 = 15 weights.

# %%
ids = tf.constant([[2, 4, 0, 0]])
table = keras.layers.Embedding(5, 3)
rows = table(ids)
same = tf.one_hot(ids, 5) @ table.embeddings
assert rows.shape == (1, 4, 3) and np.allclose(rows, same) and table.count_params() == 15
print("padding has a row too:", rows[0, 3].numpy().round(3))

# %% [markdown]
# Padding is id 0, and id 0 has a row too. If you average over all places, the padding counts as if it were a word. To leave it out, a
# layer needs a **mask**: True where there is a word, False where there is padding. `Embedding(..., mask_zero=True)` makes the mask and
# passes it on, and layers that understand masks skip the padding. Recurrent layers do, and so does the mean in the cell below. (The
# argument `input_length=` is no longer needed.)

# %%
average = keras.layers.GlobalAveragePooling1D()
masked = average(rows, mask=ids != 0)
print(
    "all four places:", average(rows).numpy().round(3), " two words:", masked.numpy().round(3)
)
assert np.allclose(masked, tf.reduce_mean(rows[:, :2], axis=1), atol=1e-6)

# %% [markdown]
# Which layer should read the vectors? One choice is a **recurrent** layer. It goes from word to word and keeps a memory of what it
# has read. `Bidirectional` uses two of them: one reads from the front, one from the back. Days 4 and 19 explain them. **Dropout** sets
# some values to zero during training, at random, so that the network does not rely on a single one.
#
# The cell below builds such a network and counts its weights. We will train another one, which is faster.

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
# A **convolution** over text, `Conv1D`, looks at a few neighbouring words at a time. With kernel size 5 it sees "was not really
# very dull" in one piece, so it can learn that this phrase is praise. Each **filter** is one such detector. It slides along the text and
# gives one number for each place. Day 2 did the same with pictures.
#
# After it, **relu** replaces negative numbers by 0: $\text{relu}(x) = \max(0, x)$. `MaxPool1D` keeps the larger of every two neighbours,
# so the text becomes half as long. `Flatten` puts all numbers in one row. The **sigmoid** at the end turns any number into a
# probability: $\sigma(z) = 1 / (1 + e^{-z})$. The number $z$ before it is called the **logit**.
#
# **Predict:** which layer has the most weights? How long is the text after each layer?


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
# The embedding has the most: 1000 · 7 = 7,000. A filter of the first convolution has 5 · 7 weights and one bias, so 16 filters have
# 16 · 36 = 576.
#
# The text has 100 places. A window of 5 fits in 96 places, the pool leaves 48, a window of 2 fits in 47, and the pool leaves 23. So
# `Flatten` gives 23 · 128 = 2,944 numbers, and the dense layer has one weight for each, and a bias.
# </details>
#
# ## Write a class of your own
#
# A network can also be a Python class that is derived from `keras.Model`, a **subclass**. Make the layers in `__init__`, and use
# them in `call`. Keras makes the weights at the first call, because only then does it know the shapes. Prefer `Sequential` or the functional style
# if they are enough: such models know their shapes from the start, and Keras can save them without your help.
#
# Older books make layers in `build`. The cell below shows what happens to such a model when it is saved and loaded.


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
# The loaded model gives another result: its weights are random again. There was no error and no warning. The reason is that the
# layer did not exist yet when the file was read, so the weights had nowhere to go. If you make layers in `__init__`, this cannot happen.
#
# Saving asks for two more things. The class must be registered, so that Keras finds it by name. And `get_config` must return the arguments that
# `__init__` needs, so that Keras can make the object again.
#
# ### Your turn: the network as a class
#
# Write `CnnModel`, a class derived from `keras.Model`. It is the network above, for any sizes. For example, `CnnModel(10000, 7, 200)`
# has 80,945 parameters after its first call.


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
# `model.fit` repeats one **training step** for each batch. Let us write that step ourselves. A **tape** records the calculation from input to
# loss, the **forward pass**. From the record it computes the **gradient**: for each weight, how much the loss changes if the weight grows a
# little. The **optimizer** then moves each weight a small distance against its gradient, so that the loss falls.
#
# The loss here is the **binary cross-entropy**. For a label $y$ and a probability $p$ it is
#
# $$-\big(y \log p + (1 - y) \log(1 - p)\big)$$
#
# An untrained network says about 0.5 for each review. Whatever the label is, the loss is then $-\log 0.5 = \log 2 =
# 0.693$. So a first loss near 0.693 is a good sign.

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
# The argument `training=True` tells layers such as dropout that this is training. An optimizer remembers the variables that it saw first, so
# make a new optimizer for each new model. (`optimizer.minimize` does not exist in Keras 3 any more. There you compute the gradients with a tape.)
#
# ### Your turn: one step for any model
#
# Write `train_step`: forward pass, loss, gradients, and one move of the optimizer. For example, if you call it three times with the same
# batch, the loss falls each time.


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
# Now the loop around the step. One pass through all the training data is called an **epoch**. A **metric** object collects values over an epoch:
# `update_state` adds a batch, `result` gives the mean so far, and `reset_state` starts again from zero.
#
# There are two functions. `learn` changes the weights and sees training data only. `judge` changes nothing and sees the validation
# data. `tf.function` turns both into graphs, which run faster (day 6).

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
for epoch in range(10):
    for x, y in train:
        learn(x, y)
    for x, y in validation:
        judge(x, y)
    for name, metric in {**mean, **right}.items():
        log[name].append(float(metric.result()))
        metric.reset_state()
    line = "epoch {} of 10, validation accuracy {}, {} s"
    seconds = tf.cast(tf.timestamp() - start, tf.int32)
    tf.print(
        tf.strings.format(line, (epoch + 1, log["val_accuracy"][-1], seconds)),
        output_stream=sys.stdout,
    )
assert log["val_accuracy"][-1] > 0.93 and log["loss"][-1] < log["loss"][0] / 2
plot.history(log, ["loss", "accuracy"])

# %% [markdown]
# Read the curves from left to right. At first the accuracy stays near 0.5: the network guesses. Then the loss falls
# quickly: the filters have found useful phrases.
#
# Then compare the solid curve with the dashed one. If both fall, go on training. If the training loss falls and the validation loss
# rises, then the network learns the training reviews by heart, which is called **overfitting**. Stop there. The reviews are made from few
# words, so overfitting is mild here. Real sentences will show it more clearly.
#
# ## Compare counting with reading
#
# Does the order of words matter? Compare the word counts with the network. The network was trained once, at 0.45, and now reads new reviews of
# every `p_neg`. The word counts were trained anew for each.


# %%
def accuracy_at(p_neg):
    y, x = reviews_of(p_neg, 7, 500)
    p = model(vectorize(tf.constant(x.tolist())), training=False).numpy()[:, 0]
    return np.mean((p > 0.5) == y.astype(int))


read = [accuracy_at(p_neg) for p_neg in steps]
assert min(read) > 0.85 and read[3] - counted[3] > 0.25
series = {"word counts": counted, "Conv1D": read}
plot.curves(series, steps, x_label="p_neg", y_label="accuracy", lines={"coin": 0.5})

# %% [markdown]
# Type a review of your own. Each bar is the probability of praise after the network has read that many words. The number in brackets is
# the id of the word. Id 1 means that the network does not know it.


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
# What did the filters of the first convolution learn? For eight of them, the cell below searches 300 training reviews for the five words
# where the filter gives its largest value.

# %%
first_layers = keras.Model(model.inputs, model.layers[1].output)
texts, _ = next(iter(learning.batch(300)))
active = first_layers(vectorize(texts)).numpy()
vocabulary = np.array(vectorize.get_vocabulary())
for k in range(8):
    row, place = np.unravel_index(active[..., k].argmax(), active.shape[:2])
    phrase = vocabulary[vectorize(texts)[row].numpy()[place : place + 5]]
    print(f"filter {k}: {' '.join(phrase):45} {active[row, place, k]:.1f}")

# %% [markdown]
# ## Read real sentences
#
# The reviews were made so that order matters. Does it always? Take real text. Every year the president of the United States
# gives an address on the state of the country. Our sentences were written before 1900 (label 0) or after 1950 (label 1). We
# say *written*, because from 1801 to 1912 the addresses were letters.
#
# There are 7,200 sentences to train on, 2,240 for validation and 2,164 for the test. All sentences of one address are in the
# same part. Otherwise a test sentence could have a neighbour in the training part, about the same topic and in the same words.
# Each part has as many old sentences as new ones, so guessing is right in half of the cases.

# %%
parts = data.eras(before=1900, after=1950)
for part, (sentences, eras) in parts.items():
    print(f"{part:10} {len(sentences):5,} sentences, {eras.mean():.2f} of them after 1950")
sentences, eras = parts["train"]
for k in (1, 3, 5, 13):
    print(eras[k], sentences[k])

# %% [markdown]
# This network takes the mean of the embeddings of all words. A mean does not depend on the order, so this network is a kind of
# bag of words. It has no layer for phrases. Train it with `fit`: the same loop as yours, written by Keras.


# %%
eras_words = keras.layers.TextVectorization(5000, output_sequence_length=40)
eras_words.adapt(tf.constant(parts["train"][0].tolist()))
numbered = {part: (eras_words(tf.constant(x.tolist())), y) for part, (x, y) in parts.items()}


def fit_mean(x, y, rate, epochs):
    keras.utils.set_random_seed(3)
    words = keras.layers.Embedding(5000, 32, mask_zero=True)
    mean_of_words = keras.layers.GlobalAveragePooling1D()
    top = keras.layers.Dense(1, activation="sigmoid")
    net = keras.Sequential([keras.Input((None,)), words, mean_of_words, top])
    net.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    held = numbered["validation"]
    h = net.fit(x, y, batch_size=128, epochs=epochs, validation_data=held, verbose=0)
    return net, h.history


# %%
mean_net, full = fit_mean(*numbered["train"], 3e-3, 10)
assert full["val_accuracy"][-1] > 0.9
plot.history(full, ["loss", "accuracy"])

# %% [markdown]
# The validation loss falls until it becomes flat, and more than nine of ten validation sentences are assigned to the
# right period. So the order of words hardly matters for this question: the words themselves tell.
#
# Now train the same network on 300 sentences only, for more epochs. Then look at the test, once, with the network that was
# better on the validation data.

# %%
x, y = numbered["train"]
_, few = fit_mean(x[:300], y[:300], 1e-2, 40)
test_loss, test_accuracy = mean_net.evaluate(*numbered["test"], verbose=0)
print(f"lowest validation loss: epoch {np.argmin(few['val_loss']) + 1} of 40")
print(f"validation accuracy: {few['val_accuracy'][-1]:.3f} from 300 sentences,", end=" ")
print(f"{full['val_accuracy'][-1]:.3f} from 7,200; test of the better: {test_accuracy:.3f}")
assert few["accuracy"][-1] > 0.97 and few["val_accuracy"][-1] < full["val_accuracy"][-1]
plot.history(few, ["loss", "accuracy"])

# %% [markdown]
# With 300 sentences the training accuracy comes close to 1, but the validation accuracy stays clearly below it. This
# gap is overfitting: the network knows its 300 sentences by heart, and has not seen enough words to judge others. If
# the validation loss starts to rise, stop at its lowest point. The better remedy here is more data, as the run on all
# sentences has shown.

# %% [markdown]
# ## Use it and keep it
#
# Now the test reviews are used, for the first and only time. There are two ways to predict: `model.predict` goes
# through a whole dataset and returns a NumPy array, and `model.predict_on_batch` does the same for one batch. For your
# own steps use `model(x)`, which gives a tensor. Never write `model.call(x)`, because then Keras cannot prepare the
# call.
#
# `model.evaluate` needs a model that was compiled with a loss. Ours was not, because the loop did its work, so we get an error. Read it.

# %%
try:
    model.evaluate(test, verbose=0)
except ValueError as error:
    print(error)
p = model.predict(test, verbose=0)
y_test = np.concatenate([y for _, y in test])
print(f"accuracy on the test: {np.mean((p > 0.5) == y_test):.3f}")
assert np.allclose(p[:50], model.predict_on_batch(next(iter(test))[0]), atol=1e-5)

# %% [markdown]
# People send text, not ids. So put the vectorizer in front of the network and save both as one model. Its input must be a tensor,
# `tf.constant`; it does not take Python lists. The file contains the vocabulary, so the loaded model gives the same numbers.

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
# The network for the presidents' sentences took the mean of the embeddings and left out the padding. Write this step as `masked_mean`.
# For ids `[[5, 9, 0, 0], [0, 0, 0, 0]]` the first row of the result is the mean of the first two vectors. The second text has no words, and its
# row is zeros.


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
# - You **prepare** text: replace tags before you remove punctuation, learn the vocabulary from training text, use 0 for padding and 1 for unknown
#   words.
# - You **train** a class of your own with a tape, an optimizer and metrics. You watch the validation loss, and use the test once.
# - You **show** that counting fails where about half of the words are denied, while a network that sees five words at a
#   time succeeds. For the period of a sentence, counting was enough.
#
# A common mistake is to call `adapt` on training and test text together. Then the vocabulary knows words of the test, and the test result is
# too good. The fix: adapt on the training text only.
#
# Two questions to think about: what would a convolution with kernel size 1 see? And why do word counts work again at `p_neg` 1?

# %% [markdown]
# ## What next
#
# `data.reviews(online=True)` downloads 25,000 real film reviews from IMDB and writes them as the same two files. They
# are longer, so use 10,000 words and a length of 200. The scores that today's cells check hold only for the reviews
# made by our program.
#
# `keras.datasets.imdb` gives such reviews as ids, but shifted by 3: there 0 is padding, 1 marks the start and 2 the unknown word. In older
# code you will see `keras.utils.Sequence` for feeding a loop. Today the class is called `PyDataset`.
#
# Day 4 goes from words to numbers over time.
