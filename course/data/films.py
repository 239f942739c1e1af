"""Film reviews whose true rule is known: made of clauses that praise or blame, some by denying the opposite."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from course.data.catalogue import DataError
from course.data.online import DownloadFailed, _first_line, _patience, announce_fallback
from course.paths import cache

TRAIN, TEST = 2_000, 500  # reviews in the two files; their seeds are 0 and 1
ONLINE_TEST = 5_000  # of IMDB's 25,000, as in much-read tutorials

SUBJECTS = ("the plot", "the cast", "the music", "the ending", "the script", "the whole film")
VERBS = ("was", "felt", "seemed", "looked")
DENIALS = ("not", "never", "hardly")
DEGREES = ("really", "very", "quite", "so")
PRAISE = ("good", "great", "moving", "clever", "funny", "bright", "honest", "fresh")
BLAME = ("bad", "dull", "boring", "clumsy", "slow", "empty", "silly", "terrible")
ASIDES = (
    "we saw it on a rainy evening",
    "my sister came with me",
    "the cinema was half full",
    "it's set in a small town by the sea",
    "two hours and ten minutes, no break",
    "they sell popcorn at the door",
    "I had read the book before",
)


def make_reviews(n: int, seed: int = 0, p_neg: float = 0.45) -> list[tuple[int, str]]:
    """Reviews (label, text): label 1 for praise, 0 for blame, as many of each, shuffled; the same n for the same seed.

    A review has 3, 5 or 7 clauses of opinion, most of them of its label, and asides that say nothing. With
    probability p_neg a clause denies the opposite word ("not dull") instead of saying its own ("good").
    """
    if n < 0 or not 0 <= p_neg <= 1:
        raise ValueError(f"n is {n!r}, p_neg is {p_neg!r}; n must be at least 0, and p_neg between 0 and 1.")
    draw = random.Random(seed)
    labels = [place % 2 for place in range(n)]
    draw.shuffle(labels)
    return [(label, _review(draw, label, p_neg)) for label in labels]


def reviews(folder: str | Path | None = None, p_neg: float = 0.45, online: bool = False) -> Path:
    """The folder with train.tsv and test.tsv: a line is a label, 0 or 1, a TAB, and a text. Written where not there.

    online=False: 2,000 and 500 made reviews. online=True: 25,000 and 5,000 reviews of IMDB (Maas and others,
    Learning word vectors for sentiment analysis, 2011), in small letters without punctuation,
    downloaded once; where the download fails, the made ones serve and one line says so.

    folder: where to make it, in a folder of its own; by default in the course's cache.
    """
    place = Path(folder) if folder is not None else cache() / "datasets" / "reviews"
    if online:
        try:
            return _written(place / "imdb", *_imdb())
        except DataError as failure:
            announce_fallback(failure, f"{TRAIN + TEST:,} made reviews")
    made = (make_reviews(n, seed, p_neg) for seed, n in enumerate((TRAIN, TEST)))
    return _written(place / f"made_{p_neg:g}", *made)


def _review(draw: random.Random, label: int, p_neg: float) -> str:
    clauses = draw.choice((3, 5, 7))
    agreeing = draw.randint(clauses // 2 + 1, clauses)
    parts = [_clause(draw, label if place < agreeing else 1 - label, p_neg) for place in range(clauses)]
    parts += draw.sample(ASIDES, draw.randint(0, 5))
    draw.shuffle(parts)
    return _typed(draw, parts)


def _clause(draw: random.Random, label: int, p_neg: float) -> str:
    denied = draw.random() < p_neg
    words = [draw.choice(SUBJECTS), draw.choice(VERBS)]
    if denied:
        words.append(draw.choice(DENIALS))
    if draw.random() < 0.5:
        words.append(draw.choice(DEGREES))
    words.append(draw.choice(PRAISE if bool(label) != denied else BLAME))
    return " ".join(words)


def _typed(draw: random.Random, parts: Iterable[str]) -> str:
    """The parts as somebody types them: capitals, stops, now and then a line break of HTML."""
    text = ""
    for part in parts:
        part = part[0].upper() + part[1:] if draw.random() < 0.8 else part
        words = [word.upper() if draw.random() < 0.03 else word for word in part.split()]
        text += " ".join(words) + draw.choice((".", ".", "!", " ...")) + draw.choice((" ", " ", " ", "<br />"))
    return text.strip().removesuffix("<br />")


def _imdb() -> Iterator[list[tuple[int, str]]]:
    from keras.datasets import imdb

    try:
        with _patience():
            train, test = imdb.load_data()
            index = imdb.get_word_index()
    except Exception as error:  # Keras raises a plain Exception for a URL that cannot be fetched
        raise DownloadFailed(f"Could not download the reviews of IMDB ({_first_line(error)}).") from error
    # Three ids come before the words: padding, the start of a review, and the unknown word.
    words = {number + 3: word for word, number in index.items()}
    for (texts, labels), n in ((train, len(train[0])), (test, ONLINE_TEST)):
        yield [
            (int(label), " ".join(words[number] for number in text if number in words))
            for text, label in zip(texts[:n], labels[:n], strict=True)
        ]


def _written(folder: Path, train: Iterable[tuple[int, str]], test: Iterable[tuple[int, str]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("train.tsv", train), ("test.tsv", test)):
        path = folder / name
        if path.exists():
            continue
        # A kernel that stops here leaves no half of a file under the name of a whole one.
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text("".join(f"{label}\t{text}\n" for label, text in rows), encoding="utf-8", newline="\n")
        unfinished.replace(path)
    return folder
