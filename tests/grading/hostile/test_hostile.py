"""A class of people who would rather not solve day 5, and of people to whom odd things happened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hostile_cases import CASES, FILE, Case

DAY = "day05"


def test_there_are_many_of_every_family():
    families = {one.family for one in CASES}
    assert len(CASES) >= 60
    assert len(families) >= 14


def test_every_submission_earns_its_honest_part_and_nothing_more(submission: Case, graded):
    row = graded.rows[submission.name]
    assert row["points"] == submission.points, row


def test_gradebook_says_the_same(submission: Case, graded, gradebook):
    assert gradebook.find_submission(DAY, submission.name).score == submission.points


def test_report_says_what_happened(submission: Case, graded):
    row = graded.rows[submission.name]
    told = " ".join([*row["repairs"], *row["notes"], row["problem"]])
    assert submission.told in told


def test_nothing_that_a_submission_looked_for_was_found(submission: Case, graded):
    path = graded.folder / "autograded" / submission.name / DAY / FILE
    shown = [line for line in _texts(path) if line.startswith("FOUND")]
    assert all(line.strip() == "FOUND []" for line in shown), shown


def test_spies_did_look(graded):
    spies = (
        "walks_the_disk",
        "searches_memory",
        "reads_processes",
        "phones_home",
        "a2_looks_for_it",
        "memory_of_nobody",
    )
    told = {name: _texts(graded.folder / "autograded" / name / DAY / FILE) for name in spies}
    silent = {name: (told[name], graded.rows[name]["notes"]) for name in spies if "FOUND []\n" not in told[name]}
    assert not silent


def test_class_was_completed(graded):
    assert graded.code == 0
    assert set(graded.rows) == {one.name for one in CASES}


def test_nothing_outside_was_changed(graded):
    changed = {path for path in graded.before if graded.after.get(path) != graded.before[path]}
    new = graded.after.keys() - graded.before.keys()
    assert (changed, new) == (set(), set())


def test_nothing_went_over_the_network(graded):
    assert graded.visits == []


def test_nothing_is_left_running(graded):
    assert graded.strays == []


@pytest.mark.parametrize("what", ["autograded", "feedback"])
def test_no_page_of_the_instructors_holds_a_script_of_a_submission(what: str, graded):
    if what == "autograded":
        pages = {path: _html(path) for path in sorted((graded.folder / what).glob(f"*/{DAY}/*.ipynb"))}
    else:
        pages = {path: path.read_text() for path in sorted((graded.folder / what).glob(f"*/{DAY}/*.html"))}
    assert len(pages) == len(CASES)
    for path, page in pages.items():
        assert not _dangerous(page), path


def _html(path: Path) -> str:
    """The notebook's text, Markdown and HTML outputs as a browser would get them."""
    from nbconvert.filters import markdown2html

    found = []
    for cell in json.loads(path.read_text())["cells"]:
        text = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        if cell["cell_type"] != "code":
            found.append(markdown2html(text) if cell["cell_type"] == "markdown" else text)
        for output in cell.get("outputs", ()):
            for kind, data in output.get("data", {}).items():
                assert kind in ("text/plain", "text/html", "image/png"), kind
                if kind == "text/html":
                    found.append(data if isinstance(data, str) else "".join(data))
        found += [json.dumps(cell.get("attachments"))] if cell.get("attachments") else []
    return "\n".join(found)


def _dangerous(page: str) -> list[str]:
    """Elements and attributes with which a page could run something."""
    from html.parser import HTMLParser

    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag in ("script", "iframe", "object", "embed", "base", "form"):
                found.append(tag)
            for name, value in attrs:
                if name.startswith("on") or "javascript:" in (value or "").lower():
                    found.append(f"{tag} {name}")

        handle_startendtag = handle_starttag

    Reader().feed(page)
    return found


def _texts(path: Path) -> list[str]:
    cells = json.loads(path.read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ()) if output["output_type"] == "stream"]
    return ["".join(output["text"]) for output in outputs]
