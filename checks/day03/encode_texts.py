"""Day 3, the exercise `encode_texts`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

from collections import Counter

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.whole import not_whole

keras = Lazy("keras")
pd = Lazy("pandas")

encode_texts = Exercise(
    "encode_texts",
    day=3,
    hints=(
        "First the vocabulary, from train alone: count its words, and sort them by falling count, then by the word.",
        "Keep max_tokens - 2 words behind '' and '[UNK]'. A word's id is its place in that list.",
        "ids = [index.get(word, 1) for word in text.split()][:length], then as many zeros as are missing.",
    ),
    returns=Returns(kind="list"),
)
encode_texts.example(train=["the the the cat cat dog dog bird"], texts=["the bird cat"], max_tokens=5, length=4)


@encode_texts.spec
def _(train, texts, max_tokens, length):
    words = " ".join(train).split()
    ordered = []
    left = set(words)
    while left and len(ordered) < max_tokens - 2:
        most = max(words.count(word) for word in left)
        first = min(word for word in left if words.count(word) == most)
        ordered.append(first)
        left.remove(first)
    vocab = ["", "[UNK]", *ordered]
    ids = np.zeros((len(texts), length), dtype="int64")
    for row, text in enumerate(texts):
        for place, word in enumerate(text.split()):
            if place < length:
                ids[row, place] = 2 + ordered.index(word) if word in ordered else 1
    return vocab, ids


@encode_texts.verify
def _(inputs, got, expected):
    return not_whole(got[1], "an id")


def _corpora(words, max_tokens):
    text = st.lists(st.sampled_from(words), max_size=9).map(" ".join)
    return st.fixed_dictionaries(
        {
            "train": st.lists(text, min_size=1, max_size=3),
            "texts": st.lists(text, min_size=1, max_size=3),
            "max_tokens": max_tokens,
            "length": st.integers(1, 6),
        }
    )


@encode_texts.cases("a few words, many of them equally frequent", points=2, examples=60)
def _():
    return _corpora(["film", "good", "bad", "not", "a", "dull", "so"], st.integers(3, 7))


@encode_texts.cases("a vocabulary with room to spare, texts with new words", points=1, examples=40)
def _():
    return _corpora(["plot", "cast", "the", "0", "café", "very"], st.integers(8, 20))


encode_texts.fixed_cases(
    "only train makes the vocabulary",
    1,
    {"train": ["good film"], "texts": ["bad bad bad film", ""], "max_tokens": 10, "length": 5},
    {"train": ["a b", "b c c"], "texts": ["d d d d a", "c b a"], "max_tokens": 4, "length": 2},
)


@encode_texts.mistake(
    "Short texts are filled up with 1, and that is the id of an unknown word. Padding is 0.",
)
def padded_with_one(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [1] * (length - len(row)) for row in rows])


@encode_texts.mistake(
    "The vocabulary is too long by two: max_tokens counts padding and [UNK] as well.",
)
def specials_not_counted(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[:max_tokens]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


@encode_texts.mistake("A long text lost its beginning: keep the first `length` words, and drop the rest.")
def head_cut_off(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][-length:] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


@encode_texts.mistake(
    "Words that occur only in texts are in the vocabulary. The test is then no longer unseen: count the words of train "
    "alone.",
)
def vocabulary_of_everything(train, texts, max_tokens, length):
    counts = Counter(" ".join([*train, *texts]).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


@encode_texts.mistake(
    "Equally frequent words stand in the order in which they were met, which is how most_common leaves them. Sort them "
    "by the alphabet: key (-count, word)."
)
def ties_as_met(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = [word for word, _ in counts.most_common(max_tokens - 2)]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


@encode_texts.mistake(
    "Unknown words are left out, and the words behind them move up. An unknown word keeps its place, as 1."
)
def unknown_left_out(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index[word] for word in text.split() if word in index][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


@encode_texts.mistake(
    "The zeros stand in front, as in the old pad_sequences' default. Here the words come first, then the zeros."
)
def padded_in_front(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 1) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([[0] * (length - len(row)) + row for row in rows])


@encode_texts.mistake("An unknown word got id 0, as if nothing stood there. Its id is 1, the place of [UNK].")
def unknown_is_zero(train, texts, max_tokens, length):
    counts = Counter(" ".join(train).split())
    words = sorted(counts, key=lambda word: (-counts[word], word))[: max_tokens - 2]
    index = {word: place + 2 for place, word in enumerate(words)}
    rows = [[index.get(word, 0) for word in text.split()][:length] for text in texts]
    return ["", "[UNK]", *words], np.array([row + [0] * (length - len(row)) for row in rows])


@encode_texts.right
def encode_with_numpy(train, texts, max_tokens, length):
    words, counts = np.unique(np.array(" ".join(train).split(), dtype=str), return_counts=True)
    vocab = ["", "[UNK]", *words[np.argsort(-counts, kind="stable")][: max_tokens - 2].tolist()]
    ids = np.zeros((len(texts), length), int)
    for row, text in enumerate(texts):
        for place, word in enumerate(text.split()[:length]):
            ids[row, place] = vocab.index(word) if word in vocab else 1
    return vocab, ids


@encode_texts.right
def encode_with_pandas_and_keras(train, texts, max_tokens, length):
    counts = pd.Series(" ".join(train).split(), dtype=object).value_counts().sort_index()
    words = counts.sort_values(ascending=False, kind="stable").index[: max_tokens - 2]
    vocab = ["", "[UNK]", *words]
    places = {word: place for place, word in enumerate(vocab)}
    ids = [[places.get(word, 1) for word in text.split()] for text in texts]
    return vocab, keras.utils.pad_sequences(ids, maxlen=length, padding="post", truncating="post")
