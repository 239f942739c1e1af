"""Sentences of the State of the Union addresses of the United States' presidents, 1790 to 2021."""

from __future__ import annotations

import io
import random

import numpy as np
import pandas as pd

from course.data.catalogue import DataError, read

PARTS = ("train", "validation", "test")

Sentences = tuple[np.ndarray, np.ndarray]


def addresses() -> pd.DataFrame:
    """Sentences of 233 addresses, in the order of time: columns part, year, president, sentence; one row each.

    part: "train", "validation" or "test"; an address is in one part as a whole, three of five are for training.
    year: int64, 1790 to 2021. president, sentence: text; a sentence has 8 to 40 words and is plain ASCII. An address
    gives at most 80 sentences, drawn once; no sentence occurs twice.

    From 1801 to 1912 the addresses were sent to Congress as letters and not spoken. There is no online version.
    """
    packed = io.BytesIO(read("addresses", "addresses.csv.gz"))
    return pd.read_csv(packed, compression="gzip", keep_default_na=False)


def eras(before: int = 1900, after: int = 1950) -> dict[str, Sentences]:
    """{"train": (sentences, labels), "validation": ..., "test": ...}: was a sentence written long ago, or lately?

    sentences: an object array of str [n]; labels: int32 [n], 0 for addresses of a year < before, 1 for a year > after,
    as many of each in every part, shuffled; the same on every call. The parts share no address.

    Raises DataError when before > after, or when a part would have no sentence of a label.
    """
    if before > after:
        raise DataError(f"before is {before}, after is {after}: the early era must end before the late one begins.")
    table = addresses()
    draw = random.Random(0)
    found = {}
    for part in PARTS:
        rows = table[table["part"] == part]
        groups = [
            rows.loc[rows["year"] < before, "sentence"].tolist(),
            rows.loc[rows["year"] > after, "sentence"].tolist(),
        ]
        fewest = min(map(len, groups))
        if fewest == 0:
            raise DataError(f"The years before {before} and after {after} leave an era without sentences for {part}.")
        pairs = [(sentence, label) for label, group in enumerate(groups) for sentence in draw.sample(group, fewest)]
        draw.shuffle(pairs)
        texts, labels = zip(*pairs, strict=True)
        found[part] = np.array(texts, dtype=object), np.array(labels, dtype="int32")
    return found
