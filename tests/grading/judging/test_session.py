"""One submission, one score: what runs, in which order, and what it is worth."""

from __future__ import annotations

import base64
import json
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import nbformat
import pytest

from checks.engine import judge
from course.authoring import builder, lessons
from course.grading.judging import session
from course.grading.model import Limits
from course.grading.sandbox import warm
from course.grading.sandbox.inside import system
from course.grading.submissions import sheet

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are made of Linux namespaces")
DAY = 5


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> sheet.Assignment:
    path = tmp_path_factory.mktemp("source") / "day05_tensors.ipynb"
    nbformat.write(builder.source_notebook(DAY), path)
    return sheet.load(path, DAY)


@pytest.fixture(scope="module", autouse=True)
def nothing_stays():
    yield
    session.close()


def solution(name: str) -> str:
    return lessons.without_markers(lessons.lesson(DAY).exercises()[name].source)


class Hand:
    """A notebook that is being handed in."""

    def __init__(self, assignment: sheet.Assignment, **answers: str) -> None:
        self.assignment = assignment
        self.notebook = builder.answered_notebook(DAY, answers)

    def add(self, code: str, before: str) -> Hand:
        place = [cell.id for cell in self.notebook.cells].index(before)
        self.notebook.cells.insert(place, nbformat.v4.new_code_cell(code))
        return self

    def graded(self, seed: int = 0, files: dict[str, str] | None = None, **limits: float) -> dict[str, Any]:
        read = sheet.read(json.dumps(self.notebook).encode(), self.assignment)
        job = {"student": "ada", "day": DAY, "sheet": read.as_dict(), "seed": seed, "isolation": "process"}
        job["files"] = {name: base64.b64encode(text.encode()).decode() for name, text in (files or {}).items()}
        return json.loads(json.dumps(session.grade(job | {"limits": Limits(**limits).as_dict()})))


def points(result: dict[str, Any]) -> dict[str, int]:
    return {verdict["exercise"]: verdict["points"] for verdict in result["verdicts"]}


def ran(result: dict[str, Any]) -> list[str]:
    return [cell["source"] for cell in result["cells"] if cell["outputs"] and cell["kind"] == "lesson"]


def test_right_answers_get_their_points_and_lesson_cells_do_not_run(assignment):
    result = Hand(assignment, describe=solution("describe"), running_mean=solution("running_mean")).graded()
    assert points(result) == {
        "describe": 2,
        "to_float01": 0,
        "running_mean": 3,
        "word_lengths": 0,
        "counts_to_sparse": 0,
    }
    assert ran(result) == []
    assert all(result["isolation"][layer] for layer in ("own process", "own folder"))
    assert result["seconds"]["total"] >= result["seconds"]["checks"] > 0


def test_seed_zero_stands_for_the_notebooks_own_cases(assignment):
    result = Hand(assignment, describe=solution("describe")).graded()
    assert result["verdicts"][0]["seed"] == zlib.crc32(b"describe")


def test_another_seed_is_recorded_and_gives_other_cases(assignment):
    wrong = "def describe(t):\n    return 0"
    results = [Hand(assignment, describe=wrong).graded(seed=seed) for seed in (0, 1)]
    assert len({result["verdicts"][0]["seed"] for result in results}) == 2
    assert [result["seed"] for result in results] == [0, 1]


def test_lesson_cell_that_an_answer_needs_runs(assignment):
    needs = solution("describe").replace("    return", "    patch.shape\n    return", 1)
    result = Hand(assignment, describe=needs).graded()
    assert points(result)["describe"] == 2
    assert any("data.china_patch()" in source for source in ran(result))
    assert len(ran(result)) < 10


def test_name_that_no_text_shows_makes_the_whole_notebook_run(assignment):
    hidden = "half = eval('pa' + 'tch').shape\n" + solution("describe").replace(
        "    return", "    half[0]\n    return", 1
    )
    result = Hand(assignment, describe=hidden).graded()
    assert points(result)["describe"] == 2
    assert len(ran(result)) > 10


def test_answer_counts_as_it_stands_at_its_check(assignment):
    right, wrong = solution("describe"), "def describe(t):\n    return 0"
    after = Hand(assignment, describe=right).add(wrong, before="recap").graded()
    before = Hand(assignment, describe=right).add(wrong, before="check_describe").graded()
    assert (points(after)["describe"], points(before)["describe"]) == (2, 0)


def test_answer_that_comes_after_its_check_counts_too(assignment):
    result = Hand(assignment).add(f"# mine\n{solution('describe')}", before="recap").graded()
    assert points(result)["describe"] == 2


def test_helper_that_comes_after_the_check_is_waited_for(assignment):
    helped = "def describe(t):\n    return helper(t)"
    helper = solution("describe").replace("def describe(", "def helper(")
    result = Hand(assignment, describe=helped).add(helper, before="recap").graded()
    assert points(result)["describe"] == 2


def test_output_is_cut_on_our_side_too(assignment):
    hand = Hand(assignment)
    flood = "[{'output_type': 'stream', 'text': 'x' * 10**6}, {'output_type': 'display_data', 'data': DATA}]"
    flood = flood.replace("DATA", "{kind: 'y' * 10**6 for kind in ('text/plain', 'text/html')}")
    patch = "get_ipython().cell = lambda source: "
    hand.add(f"{patch}{{'outputs': {flood} * 5, 'error': 'z' * 10**6}}", before="recap").add("1", before="recap")
    told = [cell for cell in hand.graded(output=1_000)["cells"] if cell["error"].startswith("z")]
    assert len(told) == 1
    assert len(json.dumps(told)) < 10_000


def test_helpers_magics_and_await_work_as_in_a_notebook(assignment):
    hand = Hand(assignment, describe=solution("describe").replace("    return", "    helper()\n    return", 1))
    hand.add(
        "%time\nimport asyncio\nawait asyncio.sleep(0)\ndef helper():\n    return get_ipython()", before="describe"
    )
    result = hand.graded()
    assert points(result)["describe"] == 2
    assert [cell["error"] for cell in result["cells"] if cell["error"]] == []


def test_files_beside_the_notebook_are_found_and_shadow_nothing(assignment):
    helped = "import helper\n" + solution("describe").replace(
        "    return", "    helper.help(open('data.txt').read())\n    return", 1
    )
    files = {"helper.py": "def help(text):\n    assert text == 'mine'", "data.txt": "mine"}
    files |= {f"{name}.py": "raise SystemExit" for name in ("numpy", "checks", "json", "statistics", "colorsys")}
    result = Hand(assignment, describe=helped).add("import colorsys, statistics", before="setup").graded(files=files)
    assert points(result)["describe"] == 2
    assert [cell["error"] for cell in result["cells"] if cell["error"]] == []


def test_module_that_a_cell_writes_is_imported_and_shadows_nothing(assignment):
    helped = solution("describe").replace("    return", "    help()\n    return", 1)
    hand = Hand(assignment, describe=f"from helpers import help\n{helped}")
    hand.add("%%writefile helpers.py\ndef help():\n    return 1", before="describe")
    for name in ("colorsys", "statistics"):
        hand.add(f"%%writefile {name}.py\nraise SystemExit", before="describe")
    hand.add("import colorsys, statistics\nfrom checks.engine import plain", before="describe")
    result = hand.graded()
    assert points(result)["describe"] == 2
    assert [cell["error"] for cell in result["cells"] if cell["error"]] == []


@pytest.mark.parametrize("last", ["plt.show()", "fig", "display(fig)", "None"])
def test_figure_is_kept_without_a_magic_that_asks_for_it(assignment, last):
    hand = Hand(assignment)
    hand.add(f"# mine\nimport matplotlib.pyplot as plt\nfig, axes = plt.subplots()\naxes.plot([1, 2])\n{last}", "recap")
    cell = next(cell for cell in hand.graded()["cells"] if cell["source"].startswith("# mine"))
    assert cell["error"] == ""
    assert sum("image/png" in output.get("data", {}) for output in cell["outputs"]) >= 1


@pytest.mark.parametrize(
    "line", ["%pip install seaborn", "!pip install seaborn", "!python -m pip install seaborn", "out = !pip install x"]
)
def test_what_installs_packages_ends_at_once(assignment, line):
    hand = Hand(assignment).add(f"import time\nstart = time.time()\n{line}\ntook = time.time() - start", "recap")
    hand.add("# mine\nprint(took < 5)", before="recap")
    result = hand.graded()
    cell = next(cell for cell in result["cells"] if cell["source"].startswith("# mine"))
    assert cell["outputs"][0]["text"] == "True\n"
    if not line.startswith("out"):
        assert any("installed while grading" in text for text in result["repairs"])


def test_pip_itself_does_not_look_for_a_network(assignment):
    code = "import subprocess, sys\ncommand = [sys.executable, '-m', 'pip', 'install', 'no-such-package-here']\n"
    code += "print(subprocess.run(command, capture_output=True, text=True).stderr)"
    result = Hand(assignment).add(f"# mine\n{code}", before="recap").graded()
    cell = next(cell for cell in result["cells"] if cell["source"].startswith("# mine"))
    assert "Retrying" not in cell["outputs"][0]["text"]


def test_what_the_grader_itself_takes_is_not_the_submissions_time(assignment, monkeypatch):
    def slowly(call, seconds):
        def slow(*given, **named):
            time.sleep(seconds)
            return call(*given, **named)

        return slow

    hand = Hand(assignment, describe=solution("describe"), counts_to_sparse=solution("counts_to_sparse"))
    hand.graded()  # the limit below is for this submission, not for TensorFlow's first steps in this process
    monkeypatch.setattr(warm.Warm, "start", slowly(warm.Warm.start, 12))
    monkeypatch.setattr(judge, "examine", slowly(judge.examine, 12))
    result = hand.graded(seconds=20)
    assert points(result)["describe"] + points(result)["counts_to_sparse"] == 6
    assert result["notes"] == []


def test_many_cells_within_their_limits_end_with_that_of_the_whole(assignment):
    hand = Hand(assignment)
    for _ in range(40):
        hand.add("import time; time.sleep(0.4)", before="recap")
    started = time.monotonic()
    result = hand.graded(seconds=4, cell_seconds=2)
    assert result["seconds"]["cells"] < 8
    assert time.monotonic() - started < 60
    assert any("as a whole took too long" in note for note in result["notes"])


def test_failing_case_and_mistake_are_told(assignment):
    result = Hand(assignment, describe="def describe(t):\n    return len(t.shape)").graded()
    verdict = result["verdicts"][0]
    assert verdict["outcome"] == "wrong"
    assert verdict["problems"]
    assert verdict["case"].startswith("describe(")


def test_untouched_answer_is_not_attempted(assignment):
    result = Hand(assignment).graded()
    assert {verdict["outcome"] for verdict in result["verdicts"]} == {"not attempted"}


def test_answer_that_is_no_python_is_an_error_and_not_left_as_it_was(assignment):
    verdict = Hand(assignment, describe="def describe(t):\n    return (t.rank,").graded()["verdicts"][0]
    assert (verdict["outcome"], verdict["points"]) == ("error in your code", 0)
    assert "its cell did not run to its end: " in verdict["problems"][0]
    assert "SyntaxError" in verdict["problems"][0]


def test_endless_submission_ends_at_its_limit_and_keeps_what_it_earned(assignment):
    hand = Hand(assignment, describe=solution("describe"), counts_to_sparse=solution("counts_to_sparse"))
    hand.add("while True: pass", before="to_float01")
    result = hand.graded(cell_seconds=4.0)  # enough for every other cell on a busy machine
    assert points(result)["describe"] + points(result)["counts_to_sparse"] == 6
    assert any("left out: no result" in note for note in result["notes"])


def test_file_that_is_no_notebook_earns_nothing_and_runs_nothing(assignment):
    read = sheet.read(b"PK\x03\x04", assignment)
    job = {"student": "ada", "day": DAY, "sheet": read.as_dict(), "seed": 0, "isolation": "process"}
    result = session.grade(job | {"limits": Limits().as_dict()})
    assert result["problem"]
    assert sum(points(result).values()) == 0
    assert result["cells"] == []


def test_package_brings_everything_that_runs_behind_the_wall():
    inside = Path(system.__file__).parent
    texts = [path.read_text() for path in inside.glob("*.py")]
    assert len(texts) > 5
    text = "\n".join(texts)
    assert "checks.day" not in text
    assert "judge" not in text.replace("no expected value, and nothing here judges", "")


def test_limit_holds_over_all_cells_together(assignment):
    hand = Hand(assignment, describe=solution("describe"))
    for _ in range(60):
        hand.add("import time; time.sleep(0.45)", before="describe")
    result = hand.graded(seconds=4.0)
    assert result["seconds"]["cells"] < 8
    assert sum(points(result).values()) == 0
    assert any("as a whole took too long" in note for note in result["notes"])


def test_what_the_judge_and_the_start_take_is_not_charged(assignment, monkeypatch):
    from checks.engine import trial

    real = trial.witnessed

    def slow(*values: Any, **more: Any) -> Any:
        time.sleep(0.5)
        return real(*values, **more)

    monkeypatch.setattr(trial, "witnessed", slow)
    result = Hand(assignment, describe=solution("describe"), running_mean=solution("running_mean")).graded(seconds=12.0)
    assert result["seconds"]["checks"] > 12
    assert (points(result)["describe"], points(result)["running_mean"]) == (2, 3)


SPY = """
SEEN = []
def describe(t):
    SEEN.append(t)
    return helper(t)
"""


def test_helper_in_a_later_cell_is_waited_for_and_has_seen_no_case(assignment):
    hand = Hand(assignment, describe=SPY)
    helper = solution("describe").replace("def describe", "def helper")
    hand.notebook.cells.append(nbformat.v4.new_code_cell(f'print("seen", len(SEEN))\n{helper}'))
    result = hand.graded()
    shown = "".join(output["text"] for cell in result["cells"] for output in cell["outputs"] if "text" in output)
    assert points(result)["describe"] == 2
    assert "seen 0" in shown
    assert "seen 1" not in shown
