"""A damaged store is set aside, and made again from what is left of it and from the notebooks."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.engine.verdict import Outcome
from course.learner import progress
from course.learner.progress import database, notebooks


def zero_bytes(file: Path) -> None:
    file.write_bytes(b"")


def garbage(file: Path) -> None:
    file.write_bytes(os.urandom(50_000))


def garbage_inside(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[4096:20_000] = os.urandom(20_000 - 4096)
    file.write_bytes(data)


def first_half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def odd_bytes_missing(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1000])


def header_alone(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def another_database(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE cats (name TEXT)")
    connection.close()


def table_dropped(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE checks")
    connection.close()


def nonsense_in_a_row(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE checks SET outcome = 'splendid', time = CAST(x'ff' AS TEXT) WHERE rowid = 1")
    connection.close()


def words_that_are_no_text(file: Path) -> None:
    data = file.read_bytes().replace(b"indexchecks_of", b"indexchecks\xd6\xd6\xd6")  # SQLite's message will cite it
    file.write_bytes(data.replace(b"CREATE INDEX checks_of", b"CREATE NOTHING ON HERE"))


DAMAGES = (
    zero_bytes,
    garbage,
    garbage_inside,
    first_half,
    odd_bytes_missing,
    header_alone,
    another_database,
    table_dropped,
    nonsense_in_a_row,
    words_that_are_no_text,
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_what_the_notebooks_show_is_there_again(
    home: Path, check: Callable, notebook: Callable, damage: Callable[[Path], None]
) -> None:
    known = [check(days=100 - place / 10, outcome=Outcome.WRONG, seed=place) for place in range(300)] + [check()]
    progress.import_({**progress.export(), "checks": [one.as_dict() for one in known]})
    notebook(Path("day05_tensors.ipynb"), known)
    damage(progress.path())
    damaged = progress.path().read_bytes()
    database._examined.clear()  # as in another process

    assert {one.id for one in progress.history()[0]} == {one.id for one in known}
    (notice,) = progress.notices()
    (aside,) = home.glob("*damaged*.sqlite")
    assert str(aside) in notice
    assert aside.read_bytes() == damaged
    assert progress.summary().days[4].exercises[0].solved


def test_a_folder_in_its_place_is_set_aside(home: Path, check: Callable, notebook: Callable, verdict: Callable) -> None:
    known = notebook(Path("day05_tensors.ipynb"), [check()])
    progress.path().mkdir(parents=True)
    (progress.path() / "kept.txt").write_text("somebody's")
    progress.record(verdict())
    assert len(progress.history()[0]) == 2, known
    (aside,) = home.glob("*damaged*.sqlite")
    assert (aside / "kept.txt").read_text() == "somebody's"
    (notice,) = progress.notices()
    assert str(aside) in notice


def test_a_row_that_is_no_text_hides_no_other(home: Path, check: Callable) -> None:
    known = [check(days=place) for place in range(5)]
    progress.import_({**progress.export(), "checks": [one.as_dict() for one in known]})
    with sqlite3.connect(progress.path()) as connection:
        connection.execute("UPDATE checks SET mistake = CAST(x'ff' AS TEXT) WHERE id = ?", [known[0].id])
    connection.close()
    assert {one.id for one in progress.history()[0]} == {one.id for one in known[1:]}


def test_damage_in_the_middle_of_a_session_costs_no_check(home: Path, check: Callable, verdict: Callable) -> None:
    progress.record(verdict())
    garbage(progress.path())
    kept = progress.record(verdict())
    assert kept.id in {one.id for one in progress.history()[0]}
    assert "set aside" in progress.notices()[0]


def test_what_a_damaged_file_still_holds_is_read_from_it(home: Path, check: Callable) -> None:
    known = [check(days=place) for place in range(300)]
    progress.import_({**progress.export(), "checks": [one.as_dict() for one in known]})
    first_half(progress.path())
    database._examined.clear()
    left = progress.history()[0]
    assert 0 < len(left) < 300
    assert {one.id for one in left} <= {one.id for one in known}


def test_an_old_log_is_not_played_into_the_new_file(home: Path, verdict: Callable) -> None:
    progress.record(verdict())
    reader = sqlite3.connect(progress.path())
    reader.execute("SELECT * FROM checks").fetchall()  # as long as somebody reads, the log stays beside the file
    progress.record(verdict())
    log = progress.path().with_name(database.FILE + "-wal")
    stale = log.read_bytes()
    reader.close()
    progress.path().unlink()
    log.write_bytes(stale)
    last = progress.record(verdict())
    assert [one.id for one in progress.history()[0]] == [last.id]
    with sqlite3.connect(progress.path()) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_card_without_its_record_is_read_by_its_words(home: Path, check: Callable, notebook: Callable) -> None:
    notebook(Path("day05_tensors.ipynb"), [check(), check("to_float01", outcome=Outcome.ERROR)], kept=False)
    first = notebooks.checks_in(Path())
    assert sorted((one.exercise, one.outcome, one.day) for one in first) == [
        ("describe", Outcome.CORRECT, 5),
        ("to_float01", Outcome.ERROR, 5),
    ]
    assert notebooks.checks_in(Path()) == first


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"cells": 3}',
        '{"cells": [{"outputs": [3, {"metadata": 4, "data": 5}]}, 7]}',
        '{"cells": [{"outputs": [{"metadata": {"tf30": {"id": "x"}}}]}]}',
        '{"cells": [{"outputs": [{"data": {"text/plain": "✓ Correct · nowhere · 2 of 2 points"}}]}]}',
        '{"cells": [{"outputs": [{"data": {"text/plain": "✓ Correct · describe · 9 of 2 points"}}]}]}',
    ],
)
def test_a_file_that_is_no_good_notebook_shows_nothing(home: Path, text: str) -> None:
    Path("odd.ipynb").write_text(text)
    assert notebooks.checks_in(Path()) == ()
