"""Sentences of presidents: who, when, how many, and that no address is in two parts."""

from __future__ import annotations

import numpy as np
import pytest

from course import data

# When some of them were in office: the first and the last year in which one can have given an address.
TERMS = {
    "George Washington": (1789, 1797),
    "John Quincy Adams": (1825, 1829),
    "Abraham Lincoln": (1861, 1865),
    "William McKinley": (1897, 1901),
    "Theodore Roosevelt": (1901, 1909),
    "Franklin D. Roosevelt": (1933, 1945),
    "John F. Kennedy": (1961, 1963),
    "George H. W. Bush": (1989, 1993),
    "George W. Bush": (2001, 2009),
    "Barack Obama": (2009, 2017),
}


@pytest.fixture(scope="module")
def table():
    return data.addresses()


def test_the_table_has_17_085_sentences_of_233_addresses_by_43_presidents(table):
    assert list(table.columns) == ["part", "year", "president", "sentence"]
    assert len(table) == 17_085
    assert len(table.groupby(["year", "president"])) == 233
    assert table["president"].nunique() == 43
    assert (table["year"].min(), table["year"].max()) == (1790, 2021)
    assert table["year"].dtype == np.int64
    assert table["year"].is_monotonic_increasing


def test_every_sentence_was_written_while_its_president_was_in_office(table):
    years = table.groupby("president")["year"].agg(["min", "max"])
    for president, (first, last) in TERMS.items():
        assert first <= years.loc[president, "min"] <= years.loc[president, "max"] <= last


def test_nobody_is_missing_a_year_but_1933(table):
    """Roosevelt took office in March 1933 and gave his first address in January 1934."""
    assert set(range(1790, 2022)) - set(table["year"]) == {1933}


def test_an_address_is_in_one_part_and_no_sentence_in_two(table):
    parts = table.groupby(["year", "president"])["part"].nunique()
    assert parts.max() == 1
    assert not table["sentence"].duplicated().any()
    addresses = table.drop_duplicates(["year", "president"])["part"].value_counts()
    assert addresses.to_dict() == {"train": 141, "validation": 46, "test": 46}


def test_every_part_has_every_time(table):
    for _, rows in table.groupby("part"):
        assert {year // 20 for year in rows["year"]} >= set(range(1800 // 20, 2020 // 20))


def test_a_sentence_is_whole_and_plain(table):
    words = table["sentence"].str.split().str.len()
    assert words.between(8, 40).all()
    assert table["sentence"].map(str.isascii).all()
    assert table["sentence"].str[-1].isin(list(".!?")).all()
    assert table["sentence"].str[0].str.isupper().all()
    assert not table["sentence"].str.contains("applause|laughter", case=False).any()
    assert not table["sentence"].str.contains(r"(?:\bMr|\bMrs|\bU\.S|\bSt)\.$").any(), "cut after an abbreviation"
    assert table.groupby(["year", "president"]).size().max() == 80


def test_words_stand_in_the_years_that_knew_the_thing(table):
    first = {
        word: table.loc[table["sentence"].str.contains(rf"\b{word}\b", case=False), "year"].min()
        for word in ("railroads", "telegraph", "airplanes", "Soviet", "Internet")
    }
    since = {
        "railroads": 1825,
        "telegraph": 1837,
        "airplanes": 1903,
        "Soviet": 1917,
        "computers": 1945,
        "Internet": 1983,
    }
    assert {word for word, year in first.items() if not since[word] <= year < since[word] + 60} == set()


def test_the_eras_are_balanced_and_shuffled_and_the_same_again():
    parts = data.eras()
    assert list(parts) == ["train", "validation", "test"]
    for texts, labels in parts.values():
        assert len(texts) == len(labels)
        assert labels.mean() == 0.5
        assert labels.dtype == np.int32
        assert texts.dtype == object
        assert 0.4 < labels[: len(labels) // 2].mean() < 0.6
    again = data.eras()
    assert (again["train"][0] == parts["train"][0]).all()
    assert {name: len(labels) for name, (_, labels) in parts.items()} == {
        "train": 7200,
        "validation": 2240,
        "test": 2164,
    }


def test_the_labels_of_the_eras_tell_the_time(table):
    year = dict(zip(table["sentence"], table["year"], strict=True))
    for texts, labels in data.eras(before=1850, after=2000).values():
        for text, label in zip(texts, labels, strict=True):
            assert year[text] > 2000 if label else year[text] < 1850


def test_eras_without_sentences_are_refused():
    with pytest.raises(data.DataError, match="must end before"):
        data.eras(before=1950, after=1900)
    with pytest.raises(data.DataError, match="without sentences for train"):
        data.eras(before=1700)


def test_words_tell_the_eras_apart_in_addresses_that_the_model_never_read():
    """What day 3 may promise: a bag of words does well on held-out addresses, and better on those it has read."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    parts = data.eras()
    model = make_pipeline(CountVectorizer(min_df=2, binary=True), LogisticRegression(C=0.3, max_iter=500))
    model.fit(*parts["train"])
    scores = {name: model.score(*part) for name, part in parts.items()}
    assert 0.90 < scores["test"] < 0.97
    assert scores["train"] > scores["test"]
