"""The manifest says thirty days, and finds the one that is meant."""

from __future__ import annotations

import re

import pytest

from course import days


def test_there_are_thirty_days_numbered_in_order() -> None:
    assert [day.number for day in days.load()] == list(range(1, 31))


def test_every_day_is_complete() -> None:
    for day in days.load():
        assert re.fullmatch(rf"day{day.number:02d}_[a-z0-9]+(_[a-z0-9]+)*", day.slug)
        assert day.title == day.title.strip() != ""
        assert 30 <= day.minutes <= 120
        assert 1 <= day.difficulty <= 5
        assert day.difficulty_word.isalpha()
        assert list(day.needs) == sorted({need for need in day.needs if 1 <= need < day.number})


def test_every_day_says_what_it_takes_for_granted_beside_days() -> None:
    for day in days.load():
        assert re.search(r"Python|NumPy|pandas|DataFrame", day.assumes), f"day {day.number} names no tool"
        assert day.assumes.endswith(".")
        assert 8 <= len(day.assumes.split()) <= 40
        assert not re.search(r"\bdays? \d", day.assumes), f"day {day.number}: earlier days stand in needs"


def test_slugs_and_titles_are_unique() -> None:
    assert len({day.slug for day in days.load()}) == len({day.title for day in days.load()}) == 30


def test_slugs_that_others_rely_on_stand() -> None:
    slugs = {day.slug for day in days.load()}
    assert {"day01_structured_data", "day05_tensors", "day07_autodiff", "day30_spark"} <= slugs


def test_six_chapters_hold_the_days_in_a_row() -> None:
    chapters = days.manifest().chapters
    assert [chapter.number for chapter in chapters] == [1, 2, 3, 4, 5, 6]
    assert [day.chapter.number for day in days.load()] == sorted(day.chapter.number for day in days.load())


def test_facts_of_a_day_are_those_of_its_sheet() -> None:
    day = days.find(7)
    assert (day.minutes, day.difficulty, day.needs, day.chapter.number) == (90, 3, (5, 6), 2)


@pytest.mark.parametrize("said", [5, "5", "05", "day05", "Day05", " day05_tensors "])
def test_a_day_is_found_by_number_or_name(said: object) -> None:
    assert days.find(said).slug == "day05_tensors"


def test_a_day_finds_itself() -> None:
    assert days.find(days.find(3)) is days.find(3)


@pytest.mark.parametrize("said", [0, 31, -1, "", "day31", "tensors", "day5x", "5.0", "²"])
def test_an_unknown_day_is_told_with_what_there_is(said: object) -> None:
    with pytest.raises(days.UnknownDay, match=r"There is no day .*1 to 30"):
        days.find(said)


def test_the_repository_is_named_once_for_the_badges() -> None:
    manifest = days.manifest()
    assert manifest.repository == "thirty-days-of-tensorflow/thirty-days-of-tensorflow"
    assert manifest.branch == "main"
