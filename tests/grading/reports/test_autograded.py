"""The notebook in autograded/ holds nbgrader's marks and the right scores, and nothing in it runs in a browser."""

from __future__ import annotations

import base64
import copy
import json
import os
import re
import shutil
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
import nbgrader
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbgrader.utils import compute_checksum, determine_grade, is_grade
from traitlets.config import Config

from checks.engine.verdict import Outcome, Part, Verdict
from course.authoring import builder
from course.authoring.release import release
from course.grading.model import Sheet
from course.grading.reports import autograded, sanitise
from course.grading.submissions import sheet

DAY = 5
SOURCE = builder.source_notebook(DAY)
MARK = {"schema_version": 3, "locked": False, "task": False, "grade": True, "solution": True, "points": 3}
FIXED = MARK | {"locked": True, "solution": False}
for name, kind, mark, text in (
    ("why", "markdown", MARK, "Your **answer**."),
    ("sketch", "code", MARK, "# Your code."),
    ("job", "markdown", FIXED | {"grade": False, "task": True}, "Do *it*."),
    ("test_own", "code", FIXED, "assert 1\n### BEGIN HIDDEN TESTS\nassert 2 == 2\n### END HIDDEN TESTS"),
):
    new = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
    SOURCE.cells.append(new(text, id=name, metadata={"nbgrader": mark | {"grade_id": name}}))
RELEASED = release(SOURCE)
ASSIGNMENT = sheet.assignment(RELEASED, day=DAY, notebook="day05_tensors", original=SOURCE)
NAMES = tuple(ASSIGNMENT.answers)


def solved() -> dict:
    notebook = json.loads(json.dumps(RELEASED))
    answers = {cell.id: cell.source for cell in builder.solved_notebook(DAY).cells}
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"]) if cell["id"] in NAMES else cell["source"]
    return notebook


def verdict(name: str, points: float, **more: object) -> dict:
    outcome = Outcome.CORRECT if points == ASSIGNMENT.checks[name].mark["points"] else Outcome.WRONG
    return Verdict(name, outcome, points, ASSIGNMENT.checks[name].mark["points"], **more).as_dict()


def graded(notebook: dict, cells: list[dict] | None = None, **result: object) -> nbformat.NotebookNode:
    found = sheet.read(json.dumps(notebook).encode(), ASSIGNMENT)
    made = autograded.notebook(found, {"verdicts": [], "cells": cells or []} | result, ASSIGNMENT)
    nbformat.validate(made)
    return nbformat.reads(nbformat.writes(made), as_version=4)


def scores(made: nbformat.NotebookNode) -> dict[str, float | None]:
    return {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in made.cells if is_grade(cell)}


def test_nbgrader_reads_the_points_of_every_verdict():
    given = {"describe": 2, "to_float01": 1, "running_mean": 0, "word_lengths": 4}
    made = graded(solved(), verdicts=[verdict(name, points) for name, points in given.items()])
    own = {"why": 0, "sketch": 0, "test_own": 0}
    assert scores(made) == {f"check_{name}": given.get(name, 0) for name in NAMES} | own


@pytest.mark.parametrize(
    ("points", "score"), [(-3, 0), (99, 2), (float("nan"), 0), (float("inf"), 0), (1.5, 1.5), (1.9999999, 1.9999999)]
)
def test_no_verdict_can_score_outside_of_what_the_check_is_worth(points, score):
    made = graded(solved(), verdicts=[verdict("describe", points)])
    assert scores(made)["check_describe"] == score


def test_the_points_in_the_assignment_bound_the_verdicts():
    source = copy.deepcopy(RELEASED)
    next(cell for cell in source.cells if cell.id == "check_describe").metadata.nbgrader.points = 1
    assignment = sheet.assignment(source, day=DAY, notebook="day05_tensors")
    found = sheet.read(json.dumps(solved()).encode(), assignment)
    made = autograded.notebook(found, {"verdicts": [verdict("describe", 2)]}, assignment)
    assert scores(made)["check_describe"] == 1


def test_a_check_shows_its_card_as_stock_nbgrader_does():
    parts = (Part("the example", True, 1), Part("text", False, 1))
    made = graded(solved(), verdicts=[verdict("describe", 1, problems=("a <b>problem</b>",), parts=parts)])
    cell = next(cell for cell in made.cells if cell.id == "check_describe")
    card, points = cell.outputs
    assert card.output_type == "display_data"
    assert "Not yet" in card.data["text/plain"]
    assert "a &lt;b&gt;problem" in card.data["text/html"]
    assert (points.output_type, points.data) == ("execute_result", {"text/plain": "1"})


def test_hidden_inputs_are_nowhere_in_the_notebook_that_nbgrader_makes_feedback_of():
    secret = "4711"
    notebook = solved()
    notebook["cells"].append(nbformat.v4.new_code_cell("print(kept)", id="mine"))
    told = {"problems": (f"expected 1, got {secret}",), "advice": f"You got {secret}.", "line": (1, secret)}
    failed = verdict("describe", 0, hidden=True, case=f"describe({secret})", got=secret, **told)
    shown = [{"output_type": "stream", "name": "stdout", "text": secret}]
    ran = [{"id": "setup", "outputs": [], "error": ""}, {"id": "mine", "outputs": shown, "error": f"E: {secret}"}]
    found = sheet.read(json.dumps(notebook).encode(), ASSIGNMENT)
    result = {"verdicts": [failed, verdict("to_float01", 3)], "cells": ran}
    assert secret in nbformat.writes(autograded.notebook(found, result, ASSIGNMENT))
    made = autograded.notebook(found, result, ASSIGNMENT, hide_inputs=True)
    assert secret not in nbformat.writes(made)
    assert "It fails on a hidden case, which is not shown in this class." in nbformat.writes(made)
    assert scores(made)["check_to_float01"] == 3


def test_what_could_not_be_graded_says_why_in_every_check():
    found = sheet.read(b"no notebook", ASSIGNMENT)
    made = autograded.notebook(found, {"verdicts": [], "cells": []}, ASSIGNMENT)
    assert set(scores(made).values()) == {0}
    checks = [cell for cell in made.cells if cell.id.startswith("check_")]
    assert all("does not hold JSON" in cell.outputs[0].data["text/plain"] for cell in checks)


def test_the_marks_are_the_assignments_with_checksums_that_hold():
    notebook = solved()
    for cell in notebook["cells"]:
        cell["metadata"] = {"nbgrader": {"grade_id": cell["id"], "points": 1000, "grade": True, "checksum": "x"}}
    made = graded(notebook)
    marks = {cell.metadata.nbgrader.grade_id: cell for cell in made.cells if "nbgrader" in cell.metadata}
    given = {one.id: one for one in ASSIGNMENT.cells if one.mark}
    assert {name: dict(cell.metadata) for name, cell in marks.items()} == {
        name: dict(one.metadata) for name, one in given.items()
    }
    for name, cell in marks.items():
        if given[name].fixed or given[name].kind == "setup":
            assert compute_checksum(cell) == cell.metadata.nbgrader.checksum, name


def test_of_an_answer_in_two_cells_the_last_carries_the_mark():
    notebook = solved()
    again = copy.deepcopy(next(cell for cell in notebook["cells"] if cell["id"] == "describe"))
    notebook["cells"].append(again | {"id": "again", "source": "def describe(t):\n    return 1"})
    made = graded(notebook)
    marked = [cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "describe"]
    assert [cell.source for cell in marked] == ["def describe(t):\n    return 1"]
    assert "2 cells" in BeautifulSoup(made.cells[0].source, "html.parser").text


def test_an_answered_question_waits_for_a_person_and_an_untouched_one_scores_nothing():
    notebook = solved()
    assert scores(graded(notebook))["why"] == 0
    for cell in notebook["cells"]:
        cell["source"] = {"why": "Because 2 < 3.", "sketch": "x = 1"}.get(cell["id"], cell["source"])
    made = graded(notebook)
    assert scores(made)["why"] is None
    assert scores(made)["sketch"] is None
    text = next(cell.source for cell in made.cells if cell.id == "why")
    assert BeautifulSoup(text, "html.parser").text == "Because 2 < 3."


def test_an_instructors_own_test_says_that_it_was_not_run_and_keeps_its_hidden_part():
    cell = next(cell for cell in graded(solved()).cells if cell.id == "test_own")
    assert cell.source == SOURCE.cells[-1].source
    assert "grade it by hand" in cell.outputs[0].text
    assert determine_grade(cell)[0] == 0


def test_outputs_of_the_students_cells_are_shown_under_them():
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": "warned"},
        {"output_type": "execute_result", "data": {"text/plain": "42", "text/html": "<b>42</b>"}, "metadata": {}},
        {
            "output_type": "error",
            "ename": "ValueError",
            "evalue": "no",
            "traceback": ["\x1b[0;31mValueError\x1b[0m: no"],
        },
    ]
    made = graded(solved(), [{"id": "describe", "outputs": outputs, "error": "ValueError: no"}])
    cell = next(cell for cell in made.cells if cell.id == "describe")
    assert [output.output_type for output in cell.outputs] == ["stream", "execute_result", "error"]
    assert cell.outputs[1].data == {"text/plain": "42"}
    assert cell.outputs[2].traceback == ["\x1b[0;31mValueError\x1b[0m: no"]


def test_a_cell_that_did_not_come_to_its_end_says_so():
    made = graded(solved(), [{"id": "describe", "outputs": [], "error": "not finished: too long"}])
    cell = next(cell for cell in made.cells if cell.id == "describe")
    assert "not finished: too long" in cell.outputs[0].text


def png(width: int = 2, height: int = 2, extra: bytes = b"") -> str:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compress((b"\x00" + b"\xff\x00\x00" * 2) * 2)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    text = chunk(b"tEXt", extra) if extra else b""
    body = b"\x89PNG\r\n\x1a\n" + header + text + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return base64.b64encode(body).decode()


def test_a_picture_stays_and_carries_nothing_but_the_picture():
    assert sanitise.picture(png()) == png()
    assert sanitise.picture([png()[:20] + "\n", png()[20:]]) == png()
    assert sanitise.picture(png(extra=b"Comment\x00<script>")) == png()
    tail = base64.b64encode(base64.b64decode(png()) + b"<script>alert(1)</script>").decode()
    assert sanitise.picture(tail) == png()


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        [],
        "",
        "no base64 <script>",
        base64.b64encode(b"<svg onload='alert(1)'>").decode(),
        base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(),
        png(100_000, 1),
        png(9_000, 9_000),
        png()[:-20],
        png().replace("IHDR"[:1], "J", 1),
        "A" * 3_000_000,
        'x" onerror="alert(1)',
    ],
    ids=lambda data: repr(data)[:20],
)
def test_what_is_no_sound_picture_goes(data):
    assert sanitise.picture(data) is None
    output = {"output_type": "display_data", "data": {"image/png": data}, "metadata": {}}
    assert all(made.output_type == "stream" for made in sanitise.outputs([output]))


@pytest.mark.parametrize("junk", [None, 5, "x", [None, 3, []], [{}], [{"output_type": "stream", "text": {}}]], ids=repr)
def test_outputs_of_any_shape_are_bounded_outputs(junk):
    nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=sanitise.outputs(junk))]))


def test_outputs_are_cut_where_they_are_too_long():
    flood = [{"output_type": "stream", "name": "stdout", "text": "x" * 10**6}] * 1_000
    made = sanitise.outputs(flood)
    assert len(made) <= sanitise.MAX_OUTPUTS + 1
    assert sum(len(output.text) for output in made) < 2 * sanitise.MAX_TEXT
    assert "more characters" in made[0].text
    assert "more outputs" in made[-1].text


RAN = "window.ran = (window.ran || 0) + 1"
PAYLOADS = (
    f"<script>{RAN}</script>",
    f"<ScRiPt/x>{RAN}</sCrIpT >",
    f"</script></pre></div><script>{RAN}</script>",
    f"</textarea></title></style><img src=x onerror='{RAN}'>",
    f'<svg onload="{RAN}"><animate onbegin="{RAN}" attributeName=x dur=1s></svg>',
    f"<svg><script>{RAN}</script></svg>",
    f"<math><mtext><mglyph><style><img src=x onerror={RAN.replace(' ', '')}>",
    f"<details open ontoggle='{RAN}'>x</details>",
    f'<iframe srcdoc="<script>parent.{RAN}</script>"></iframe>',
    f'<iframe src="javascript:parent.{RAN}"></iframe>',
    f"<body onload='{RAN}'><input autofocus onfocus='{RAN}'><video><source onerror='{RAN}'></video>",
    f"[click](javascript:{RAN.replace(' ', '')}) <javascript:{RAN.replace(' ', '')}> [x]: javascript:alert(1)",
    f'[a](<x" onmouseover="{RAN}">) ![b](x" onerror="{RAN})',
    f"&lt;script&gt;{RAN}&lt;/script&gt; &#60;script&#62;{RAN}&#60;/script&#62;",
    f"```html\n<script>{RAN}</script>\n```\n~~~\n<script>{RAN}</script>",
    f"`<script>{RAN}</script>\n\n<script>{RAN}</script>`",
    f"$$\\href{{javascript:{RAN.replace(' ', '')}}}{{x}}$$ \\(\\unicode{{60}}script\\)",
    f"$</script><script>{RAN}</script>$",
    f"\\begin{{x}}<script>{RAN}</script>\\end{{x}}",
    f"<!--><script>{RAN}</script>-->",
    f"<noscript><p title=\"</noscript><img src=x onerror='{RAN}'>\">",
    f"<base href='http://127.0.0.1:9/'><meta http-equiv=refresh content='0;url=javascript:{RAN}'><form id=nbgrader>",
    f"<div class=\"mermaid\">graph TD; A[<img src=x onerror='{RAN}'>]</div><link rel=stylesheet href=//x>",
    "{{ cell.__class__.__mro__ }}{% for x in y %}",
    "\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07\x1b[31m<script>" + RAN + "</script>\u202e\x00",
    '" onmouseover="' + RAN + "\" x='",
)


def hostile() -> tuple[dict, list[dict], list[dict], list[str]]:
    """A submission with markup wherever it can write: notebook, outputs, verdicts and notes."""
    notebook = solved()
    everything = "\n\n".join(PAYLOADS)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" or cell["id"] in ("why", "job"):
            cell["source"] += everything
        if cell["id"] in (*NAMES, "sketch"):
            cell["source"] += f"\n# {everything!r}\nr'''{everything}'''"
        cell["metadata"]["name"] = cell["metadata"]["raw_mimetype"] = PAYLOADS[0]
        cell["metadata"]["magics_language"] = "html"
        cell["attachments"] = {"a": {"text/html": PAYLOADS[0], "image/svg+xml": PAYLOADS[4]}}
    for place, payload in enumerate(PAYLOADS):
        for kind in ("markdown", "raw", "code"):
            metadata = {"raw_mimetype": "text/html", "format": "text/html", "tags": [payload]}
            notebook["cells"].append({"cell_type": kind, "id": payload, "metadata": metadata, "source": payload})
            notebook["cells"].append(
                {"cell_type": kind, "id": f"p{kind}{place}", "metadata": {}, "source": f"# {payload}"}
            )
    notebook["metadata"] = {
        "title": PAYLOADS[2],
        "kernelspec": {"name": PAYLOADS[0], "display_name": PAYLOADS[0]},
        "language_info": {"name": PAYLOADS[0], "pygments_lexer": "html", "codemirror_mode": PAYLOADS[0]},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"</script><script>" + RAN: {}}}},
    }
    kinds = (
        "text/plain",
        "text/html",
        "text/markdown",
        "text/latex",
        "text/vnd.mermaid",
        "image/svg+xml",
        "image/png",
        "image/jpeg",
        "application/javascript",
        "application/json",
        "application/pdf",
        "application/vnd.jupyter.widget-view+json",
        PAYLOADS[0],
    )
    outputs = [
        {"output_type": kind, "data": dict.fromkeys(kinds, payload), "metadata": {"filenames": {"image/png": payload}}}
        for payload in PAYLOADS
        for kind in ("display_data", "execute_result")
    ]
    outputs = [
        {"output_type": "error", "ename": everything, "evalue": everything, "traceback": list(PAYLOADS)},
        {"output_type": "stream", "name": PAYLOADS[0], "text": everything},
        *outputs,
    ]
    found = sheet.read(json.dumps(notebook).encode(), ASSIGNMENT)
    cells = [
        {"id": cell.id, "outputs": outputs, "error": everything}
        for cell in found.cells
        if cell.id in ("describe", "sketch")
    ]
    verdicts = [
        verdict(name, 1, problems=PAYLOADS[:4], case=everything, got=everything, line=(1, everything), notes=PAYLOADS)
        for name in NAMES
    ]
    return notebook, cells, verdicts, list(PAYLOADS)


def page(made: nbformat.NotebookNode, template: str) -> str:
    """The page that stock formgrader ("formgrade") or generate_feedback ("feedback") makes of the notebook."""
    made = copy.deepcopy(made)
    for cell in made.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.score = 1.0
    folder = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
    config = Config()
    config.HTMLExporter.template_name = template
    config.HTMLExporter.extra_template_basedirs = [str(folder / "templates")]
    styles = folder / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    config.HTMLExporter.extra_template_paths = [str(styles)]
    names = {"notebook_id": "day05_tensors", "assignment_id": "day05", "submission_id": "1", "student": "ada"}
    resources = names | {
        "index": 0,
        "total": 1,
        "base_url": "",
        "notebook_path": "x",
        "last_name": "",
        "first_name": "",
    }
    resources["nbgrader"] = {"notebook": "day05_tensors", "score": 1.0, "max_score": 2.0, "late_penalty": 0.0}
    return HTMLExporter(config=config).from_notebook_node(made, resources=resources)[0]


def active(html: str) -> list[str]:
    """Everything in a page's DOM that could run or load something, apart from the text that it shows."""
    found = []
    for tag in BeautifulSoup(html, "html.parser").find_all(True):
        if tag.name in (
            "script",
            "iframe",
            "object",
            "embed",
            "base",
            "link",
            "meta",
            "form",
            "svg",
            "math",
            "video",
            "style",
        ):
            found.append(f"{tag.name} {sorted(tag.attrs.items())} {tag.string or ''}")
        for name, value in tag.attrs.items():
            value = " ".join(value) if isinstance(value, list) else value
            if (
                name.startswith("on")
                or name == "srcdoc"
                or re.match(r"\s*(javascript|vbscript|data:text)", value, re.I)
            ):
                found.append(f"{tag.name} {name}={value}")
        if tag.name == "img" and sanitise.picture(tag["src"].removeprefix("data:image/png;base64,")) is None:
            found.append(f"img {tag['src']}")
    return found


@pytest.mark.parametrize("template", ["formgrade", "feedback"])
def test_a_hostile_submissions_page_holds_no_more_active_parts_than_an_honest_one(template):
    notebook, cells, verdicts, notes = hostile()
    html = page(graded(notebook, cells, verdicts=verdicts, notes=notes), template)
    assert not Counter(active(html)) - Counter(active(page(graded(solved()), template)))
    shown = BeautifulSoup(html, "html.parser")
    assert "window.ran" in shown.text  # the payloads are there, as text
    for tag in shown.find_all(["script", "style"]):
        assert "window.ran" not in (tag.string or "")
    for text in shown.find_all(string=re.compile("javascript:window")):
        # MathJax reads \\href in running text; it passes over these.
        assert text.find_parent(["pre", "code"]) or text.find_parent(class_="tex2jax_ignore"), text


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    program = os.environ.get("CHROMIUM") or next((found for name in names if (found := shutil.which(name))), None)
    assert program, "Chromium is missing: install Debian's package chromium, or name one with CHROMIUM=/path/to/it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def scripts_that_ran(chromium, html: str, path: Path, picture: Path | None = None) -> int:
    """How often a payload ran in the page: on loading, on moving over things, and on clicking its links."""
    path.write_text(html, encoding="utf-8")
    tab = chromium.new_page()
    tab.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
    tab.on("dialog", lambda dialog: dialog.dismiss())
    tab.goto(path.as_uri(), wait_until="load")
    tab.evaluate(
        """() => document.querySelectorAll('#notebook *').forEach(part => {
            for (const name of ['mouseover', 'focus', 'toggle', 'click']) part.dispatchEvent(new Event(name));
            if (part.href && String(part.href).startsWith('javascript:')) part.click();
        })"""
    )
    tab.wait_for_function("() => document.readyState === 'complete'")
    if picture is not None:
        tab.screenshot(path=picture)
    ran = tab.evaluate("() => window.ran || 0")
    tab.close()
    return ran


@pytest.mark.browser
@pytest.mark.parametrize("template", ["formgrade", "feedback"])
def test_no_script_of_a_submission_runs_in_a_browser(template, chromium, tmp_path, artifacts):
    notebook, cells, verdicts, notes = hostile()
    made = graded(notebook, cells, verdicts=verdicts, notes=notes)
    picture = artifacts / f"autograded-{template}.png"
    assert scripts_that_ran(chromium, page(made, template), tmp_path / "safe.html", picture) == 0
    # The same submission as it was handed in does run them, so that the line above proves something.
    raw = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell(payload) for payload in PAYLOADS if "\x00" not in payload]
    )
    assert scripts_that_ran(chromium, page(raw, template), tmp_path / "unsafe.html") > 0


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_a_written_answer_is_formatted_and_keeps_its_pasted_pictures():
    notebook = solved()
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "why")
    cell |= {
        "source": "**Because** $x^2$\n\n![plot](attachment:plot.png)",
        "attachments": {"plot.png": {"image/png": PNG, "text/html": "<script>"}, "other.svg": {"image/svg+xml": "x"}},
    }
    found = sheet.read(json.dumps(notebook).encode(), ASSIGNMENT)
    kept = next(one for one in found.cells if one.id == "why")
    assert kept.markdown
    assert kept.attachments["plot.png"] == {"image/png": PNG}
    again = Sheet.from_dict(json.loads(json.dumps(found.as_dict())))
    assert again == found
    made = autograded.notebook(again, {"verdicts": [], "cells": []}, ASSIGNMENT)
    page = BeautifulSoup(next(one for one in made.cells if one.id == "why").source, "html.parser")
    assert page.strong.get_text() == "Because"
    assert [image["alt"] for image in page.find_all("img")] == ["x^2", "plot"]
    assert "other.svg: it is damaged, too large, or neither PNG nor JPEG" in page.get_text()


@pytest.mark.parametrize("junk", [5, [], {"a": 5}, {"a": {"image/png": 5}}, {"a": {"image/png": ["A", 5]}}, {"": {}}])
def test_attachments_that_are_none_cost_nothing(junk):
    notebook = solved()
    for cell in notebook["cells"]:
        cell["attachments"] = junk
    found = sheet.read(json.dumps(notebook).encode(), ASSIGNMENT)
    autograded.notebook(found, {"verdicts": [], "cells": []}, ASSIGNMENT)
