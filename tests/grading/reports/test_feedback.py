"""The feedback page: it tells what each exercise got and why, gives nothing away, and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest

pytest.importorskip("nbgrader", reason="grading needs the extra: pip install 'thirty-days-of-tensorflow[class]'")

from bs4 import BeautifulSoup
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash
from typer.testing import CliRunner

from course.cli import app
from course.cli.errors import UserError
from course.grading import classroom, files
from course.grading.gradebook import scores as gradebook
from course.grading.gradebook.records import CellScore, Scores
from course.grading.judging.journal import Journal
from course.grading.reports import feedback
from course.grading.submissions import finding

HOSTILE = (
    "</code></pre></style></title><script>document.title='owned'</script><img src=x onerror=alert(1)>"
    "<iframe src='http://evil.example'></iframe><a href='javascript:alert(1)'>x</a><base href='//evil'>{{ 7*7 }}"
    "<svg onload=alert(1)><form action='//evil'><meta http-equiv=refresh content='0;url=//evil'>\x1b[2J\u202e\ud800\0"
)


def verdict(exercise: str, outcome: str, points: int, out_of: int, **more: Any) -> dict[str, Any]:
    made = {
        "exercise": exercise,
        "outcome": outcome,
        "points": points,
        "out_of": out_of,
        "problems": [],
        "case": "",
        "got": "",
        "mistake": None,
        "advice": None,
        "hidden": False,
        "line": None,
        "parts": [],
        "notes": [],
        "seed": 918273645,
        "seconds": 0.1,
    }
    return {**made, **more}


def cell(name: str, source: str, kind: str = "answer", error: str = "") -> dict[str, Any]:
    exercise = name if kind == "answer" else ""
    return {"id": name, "kind": kind, "exercise": exercise, "source": source, "outputs": [], "error": error}


def parts(*passed: bool) -> list[dict[str, Any]]:
    names = ("the example", "empty tensors", "many axes")
    return [{"name": name, "passed": ok, "points": 1} for name, ok in zip(names, passed, strict=False)]


def result(student: str = "ada", **more: Any) -> dict[str, Any]:
    """Five exercises, one for each outcome, a text answer and a cell of the student's own."""
    made = {
        "student": student,
        "day": 5,
        "notebook": "day05_tensors",
        "seed": 918273645,
        "version": "1.2.3",
        "verdicts": [
            verdict("describe", "correct", 3, 3, parts=parts(True, True, True)),
            verdict(
                "to_float01",
                "wrong",
                1,
                3,
                problems=["dtype: expected float32, got int32"],
                case="to_float01(img=tf.constant([4711]))",
                got="tf.constant([4712])",
                mistake="no_cast",
                advice="Cast before you divide.",
                hidden=True,
                parts=parts(True, False, True),
                notes=["your answer printed 9 characters, beginning with 'secret 4711'; only the result counts"],
            ),
            verdict(
                "running_mean",
                "error in your code",
                0,
                3,
                problems=["NameError: name 'missing' is not defined"],
                case="running_mean(x=1)",
                line=[2, "return missing"],
                parts=parts(False, False, True),
            ),
            verdict("word_lengths", "not attempted", 0, 4, problems=["Write your answer where the ... stands."]),
            verdict("counts_to_sparse", "could not check", 0, 4, problems=["The check failed: a fault of ours."]),
        ],
        "cells": [
            cell("describe", "def describe(t):\n    return {'rank': 1 < 2}"),
            cell("to_float01", "def to_float01(img):\n    return img + 1"),
            cell("running_mean", "def running_mean(x):\n    return missing"),
            cell("why", "Because of **axes**.", "text"),
            cell("mine", "import numpy as np\n1 / 0", "added", "ZeroDivisionError: division by zero"),
            cell("check_describe", "check(describe)", "check"),
            cell("lesson-1", "a lesson cell", "lesson"),
        ],
        "repairs": ["The check of describe was missing; it was put back."],
        "notes": ["It printed a lot."],
        "problem": "",
        "isolation": {"network": True},
        "seconds": {"total": 1.0},
    }
    return {**made, **more}


def scores() -> Scores:
    cells = [
        CellScore("check_describe", 3.0, None, None, 3.0, 3.0, False),
        CellScore("check_to_float01", 1.0, 2.0, 0.5, 2.5, 3.0, False),
        CellScore("check_running_mean", 0.0, None, None, 0.0, 3.0, False),
        CellScore("check_word_lengths", 0.0, None, None, 0.0, 4.0, False),
        CellScore("check_counts_to_sparse", None, None, None, 0.0, 4.0, True),
        CellScore("why", None, 3.0, None, 3.0, 4.0, False, "Well put."),
    ]
    comments = {"to_float01": "Nearly.\nLook again.", "word_lengths": gradebook.NO_RESPONSE, "draw": "Where is it?"}
    when = datetime(2026, 1, 11, 12, 30)
    return Scores("ada", {one.name: one for one in cells}, comments, 1.5, 90_000.0, when)


def parsed(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def words(page: str) -> str:
    return " ".join(parsed(page).get_text(" ").split())


def section(page: str, name: str) -> str:
    """The words of the part with that heading."""
    found = next(one for one in parsed(page).find_all("section") if one.h2.get_text() == name)
    return " ".join(found.get_text(" ").split())


def test_each_exercise_tells_what_it_got_and_why() -> None:
    page = feedback.page(result(), scores())
    right, wrong = section(page, "describe"), section(page, "to_float01")
    assert "Correct · 3 of 3 points" in right
    assert "rank': 1 < 2" in right
    assert "hint(" not in right
    for text in (
        "Not yet · 2.5 of 3 points",
        "Cast before you divide.",
        "expected float32, got int32",
        "Called, in a hidden case to_float01(img=tf.constant([4711]))",
        "Came back tf.constant([4712])",
        "empty tensors ✗ not yet 1",
        "many axes ✓ held 1",
        "return img + 1",
        "hint(to_float01)",
    ):
        assert text in wrong
    error = section(page, "running_mean")
    assert "Error in your code · 0 of 3 points" in error
    assert "Your line 2 return missing" in error
    assert "their points count once the example holds" in error
    assert "Not attempted · 0 of 4 points" in section(page, "word_lengths")
    assert "Could not check" in section(page, "counts_to_sparse")


def test_what_a_person_gave_is_told() -> None:
    page = feedback.page(result(), scores())
    mine = section(page, "to_float01")
    assert "A person gave 2 (the grader 1)." in mine
    assert "Extra credit: +0.5." in mine
    assert "Comment from a person Nearly. Look again." in mine
    why = section(page, "why")
    assert "3 of 4 points" in why
    assert "Comment from a person Well put." in why
    assert "Because of **axes**." in why
    assert "A person will look at this" in section(page, "counts_to_sparse")
    assert "Where is it?" in section(page, "More comments from a person")
    assert gradebook.NO_RESPONSE not in words(page)


def test_a_written_answer_is_formatted_and_shows_pasted_pictures() -> None:
    source = "Because of **axes** and $x$: ![plot](attachment:a.png) <script>x</script>"
    picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    answer = cell("why", source, "text") | {"markdown": True, "attachments": {"a.png": {"image/png": picture}}}
    page = parsed(feedback.page(result(cells=[answer]), scores()))
    written = page.select_one(".written")
    assert written.strong.get_text() == "axes"
    assert [image["alt"] for image in written.find_all("img")] == ["x", "plot"]
    assert "<script>x</script>" in written.get_text()
    assert page.script is None


def test_the_total_is_the_gradebooks() -> None:
    page = feedback.page(result(), scores())
    score = section(page, "Your score")
    assert scores().total == 7
    assert score.startswith("Your score 7 of 21 points Part of it still waits for a person")
    assert "Late handed in 1 day 1 hour late −1.5" in score
    assert "handed in 2026-01-11 12:30 UTC" in words(page)


def test_without_a_gradebook_the_page_shows_what_the_grader_found() -> None:
    page = feedback.page(result())
    assert section(page, "Your score").startswith("Your score 4 of 17 points Points")
    assert "person" not in words(page)


def test_a_submission_that_is_no_notebook_is_told_why() -> None:
    made = result(problem="The file is empty.", cells=[], verdicts=[verdict("describe", "not attempted", 0, 3)])
    assert "The file is empty." in section(feedback.page(made), "Your notebook could not be graded")


def test_repairs_notes_and_own_cells_are_shown() -> None:
    page = feedback.page(result(), scores())
    about = section(page, "About your notebook")
    assert "it was put back" in about
    assert "It printed a lot." in about
    assert "It raised ZeroDivisionError: division by zero" in words(page)
    assert "a lesson cell" not in page


def test_nothing_is_given_away() -> None:
    page = feedback.page(result(), scores())
    assert "918273645" not in page
    assert "check(describe)" not in page
    assert "no_cast" not in page


def everywhere(value: Any, text: str) -> Any:
    """The data with a text in place of every string, but for those that the grader itself chooses."""
    if isinstance(value, dict):
        chosen = ("outcome", "kind", "student")
        return {key: item if key in chosen else everywhere(item, text) for key, item in value.items()}
    if isinstance(value, list):
        return [everywhere(item, text) for item in value]
    return text if isinstance(value, str) else value


def test_markup_in_a_submission_stays_text() -> None:
    made = everywhere(result(), HOSTILE)
    held = scores()
    held.comments.update({HOSTILE: HOSTILE, "draw": HOSTILE})
    page = feedback.page(made, held)
    seen = parsed(page)
    allowed = re.compile(
        "html|head|meta|title|style|body|header|main|footer|section|h[12]|p|span|b|a|wbr|ul|li|pre|code|details|summary|div"
        "|table|caption|thead|tbody|tfoot|tr|th|td"
    )
    assert all(allowed.fullmatch(tag.name) for tag in seen.find_all(True))
    attributes = {name for tag in seen.find_all(True) for name in tag.attrs}
    assert attributes <= {
        "lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "scope", "aria-labelledby",
        "aria-hidden", "open",
    }  # fmt: skip
    assert all(re.fullmatch(r"#(part|other)-\d+", tag["href"]) for tag in seen.find_all("a"))
    assert [tag["http-equiv"] for tag in seen.find_all("meta") if "http-equiv" in tag.attrs] == [
        "Content-Security-Policy"
    ]
    assert "49" not in seen.find("main").get_text()
    assert not {"\x1b", "\u202e", "\0"} & set(page)
    page.encode("utf-8")


def test_the_page_stands_alone() -> None:
    page = feedback.page(result(), scores())
    seen = parsed(page)
    policy = seen.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    style = seen.find("style").string
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        policy == f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert "&" not in style
    assert not re.search(r"https?:|//|url\(|@import", page)
    assert not seen.find_all(style=True)


def test_the_page_can_be_read_with_a_screen_reader() -> None:
    seen = parsed(feedback.page(result(), scores()))
    assert seen.html["lang"] == "en"
    assert [tag.name for tag in seen.find_all(re.compile("^h[1-6]$"))][:2] == ["h1", "h2"]
    assert len(seen.find_all("h1")) == 1
    ids = [tag["id"] for tag in seen.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert {tag["aria-labelledby"] for tag in seen.find_all("section")} <= set(ids)
    assert {tag["href"][1:] for tag in seen.find_all("a")} <= set(ids)
    assert all(table.caption and table.find_all("th", scope="col") for table in seen.find_all("table"))


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_reads_on_light_and_on_dark() -> None:
    style = Path(feedback.__file__).with_name("feedback.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    themes = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block)) for block in blocks[:2]]
    assert all(len(theme) == 10 for theme in themes)
    for theme in themes:
        for ink in ("ink", "soft", "right", "wrong", "open", "unsure", "link"):
            for ground in ("paper", "panel"):
                light, dark = sorted((luminance(theme[ink]), luminance(theme[ground])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


def test_hidden_inputs_are_nowhere_on_the_page() -> None:
    secret = "4711"
    made = result()
    wrong, error = made["verdicts"][1], made["verdicts"][2]
    wrong |= {"advice": f"You got {secret}.", "line": [1, secret], "problems": [f"expected 1, got {secret}"]}
    error |= {"hidden": True, "problems": [f"ValueError: {secret}"], "case": secret}
    made["cells"][4]["error"] = f"ValueError: {secret}"
    assert secret in feedback.page(made, scores())
    page = feedback.page(made, scores(), hide_inputs=True)
    assert secret not in page
    assert "It fails on a hidden case, which is not shown in this class." in section(page, "to_float01")
    assert "your answer printed 9 characters" in section(page, "to_float01")
    assert "Your line 2 return missing" in section(page, "running_mean")
    assert "It raised an error" in words(page)


def test_a_fixed_advice_and_the_example_are_shown_though_inputs_are_hidden() -> None:
    from checks.engine import registry

    mistakes = {item.name: [one for one in item.mistakes if isinstance(one.says, str)] for item in registry.day(5)}
    name, known = next((name, found[0]) for name, found in mistakes.items() if found)
    shown = verdict(name, "wrong", 0, 3, mistake=known.name, advice=known.says, hidden=True)
    visible = verdict("word_lengths", "wrong", 0, 3, case="word_lengths(['an'])", got="2")
    page = feedback.page(result(verdicts=[shown, visible]), hide_inputs=True)
    assert " ".join(known.says.split()) in section(page, name)
    assert "word_lengths(['an'])" in section(page, "word_lengths")


def test_a_flood_of_text_is_cut() -> None:
    made = result(cells=[cell("describe", "x" * 10**6), *(cell(f"c{n}", "y", "added") for n in range(10**4))])
    page = feedback.page(made)
    assert len(page) < 100_000
    assert "more)" in page


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class folder with a gradebook that knows the assignment, and results in the journal of ada and of bob."""
    place = tmp_path_factory.mktemp("feedback") / "tiny"
    place.mkdir()
    (place / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "tiny"\n')
    scripts = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", scripts)
        with Gradebook(f"sqlite:///{place / 'gradebook.db'}", "tiny") as book:
            book.add_assignment("day05")
            book.add_notebook("day05_tensors", "day05")
            for name in ("describe", "to_float01"):
                cells = {"notebook": "day05_tensors", "assignment": "day05"}
                book.add_grade_cell(f"check_{name}", **cells, max_score=3, cell_type="code")
                book.add_source_cell(f"check_{name}", **cells, cell_type="code", locked=True, source="check")
                book.add_solution_cell(name, **cells)
                book.add_source_cell(name, **cells, cell_type="code", locked=False, source="...")
    results = {student: only_two(student) for student in ("ada", "bob")}
    for student in results:
        handed_in = place / "submitted" / student / "day05"
        handed_in.mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(), handed_in / "day05_tensors.ipynb")
    room = classroom.load(place)
    with Journal(room.private) as journal:
        run = journal.start(5, 1, {}, {})
        journal.plan(run, dict.fromkeys(results, "hash"))
        for student, made in results.items():
            journal.running(run, student, "hash")
            journal.judged(run, student, made, True)
    with gradebook.Writer(room) as writer:
        writer.write([(results[one.student], one) for one in finding.find(room, 5)])
    return place


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "tiny")


def only_two(student: str) -> dict[str, Any]:
    made = result(student)
    made["cells"][0]["source"] = f"def describe(t):\n    return 'written by {student}'"
    return {**made, "verdicts": made["verdicts"][:2]}


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["feedback", *map(str, arguments)])


def test_the_command_makes_every_page_with_what_a_person_gave_since(folder: Path) -> None:
    first = run("day05", "--folder", folder)
    assert first.exit_code == 0, first.output
    assert "2 pages of feedback for day05" in first.output
    pages = {student: folder / "feedback" / student / "day05" / "day05_tensors.html" for student in ("ada", "bob")}
    assert "Not yet · 1 of 3 points" in words(pages["ada"].read_text())
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "tiny") as book:
        book.find_grade("check_to_float01", "day05_tensors", "day05", "ada").manual_score = 2
        book.find_comment("to_float01", "day05_tensors", "day05", "ada").manual_comment = "Better than it looks."
        book.db.commit()
    old = pages["bob"].stat().st_mtime_ns
    again = run("5", "--folder", folder, "--student", "ada")
    assert "1 page of feedback" in again.output
    page = words(pages["ada"].read_text())
    assert "A person gave 2 (the grader 1)." in page
    assert "Better than it looks." in page
    assert pages["bob"].stat().st_mtime_ns == old


def test_a_page_holds_its_own_student_only(folder: Path) -> None:
    run("day05", "--folder", folder)
    ada, bob = (
        (folder / "feedback" / student / "day05" / "day05_tensors.html").read_text() for student in ("ada", "bob")
    )
    assert "written by ada" in ada
    assert "bob" not in ada
    assert "written by bob" in bob
    assert "ada" not in bob


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("day06",), r"Nothing of day06 has been graded here yet\. Run: tf30 grade day06"),
        (("day05", "--student", "eve"), r"'eve' has no graded submission of day05"),
        (("day31",), "There is no day"),
    ],
)
def test_what_cannot_be_made_is_told_in_a_sentence(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    told = run(*arguments, "--folder", folder)
    assert told.exit_code == 1
    assert re.search(message, " ".join(told.output.split()))


def test_a_page_is_replaced_as_a_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = classroom.load(folder)
    path = feedback.write(room, only_two("ada"))
    before = path.read_text()
    monkeypatch.setattr(files.os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space left"):
        feedback.write(room, {**only_two("ada"), "repairs": ["something new"]})
    assert path.read_text() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_the_class_folder_says_whether_inputs_are_hidden(folder: Path) -> None:
    assert "4711" in feedback.write(classroom.load(folder), only_two("ada")).read_text()
    with (folder / "nbgrader_config.py").open("a") as settings:
        settings.write("c.ThirtyDays.hide_inputs = True\n")
    assert "4711" not in feedback.write(classroom.load(folder), only_two("ada")).read_text()


@pytest.mark.parametrize("student", ["..", "a/b", ""])
def test_a_page_stays_inside_the_feedback_folder(folder: Path, student: str) -> None:
    with pytest.raises(ValueError, match="not the name of a folder"):
        feedback.write(classroom.load(folder), result(student))


def test_without_a_gradebook_nothing_is_written(folder: Path) -> None:
    (folder / "gradebook.db").unlink()
    with pytest.raises(UserError, match="no gradebook yet"):
        feedback.write(classroom.load(folder), only_two("ada"))
    assert not (folder / "feedback").exists()


def test_stock_nbgrader_releases_the_page(folder: Path, tmp_path: Path) -> None:
    graded = folder / "autograded" / "ada" / "day05"
    graded.mkdir(parents=True)
    (graded / "timestamp.txt").write_text("2026-01-11 12:00:00 UTC")
    (graded / "submission_secret.txt").write_text("a secret")
    path = feedback.write(classroom.load(folder), only_two("ada"))
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    command = [sys.executable, "-m", "nbgrader", "release_feedback", "day05", f"--Exchange.root={exchange}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    released = exchange / "tiny" / "feedback" / f"{notebook_hash(secret='a secret', notebook_id='day05_tensors')}.html"
    assert released.read_bytes() == path.read_bytes()


def test_a_link_beside_the_graded_notebook_is_not_followed(folder: Path) -> None:
    graded = folder / "autograded" / "ada" / "day05"
    graded.mkdir(parents=True)
    (graded / "submission_secret.txt").symlink_to(folder / "nbgrader_config.py")
    path = feedback.write(classroom.load(folder), only_two("ada"))
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_result_from_the_journal_is_enough() -> None:
    made = json.loads(json.dumps(result()))
    assert feedback.page(made, scores()) == feedback.page(result(), scores())
