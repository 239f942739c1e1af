"""The start page says what the machine offers and where the learner stands, in HTML and in words."""

from __future__ import annotations

import html.parser
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.engine import registry
from checks.engine.verdict import Outcome
from course import days
from course.authoring import lessons
from course.learner import progress
from course.learner.doctor import Finding, State, packages
from course.learner.progress.standing import summary
from course.learner.start_page import inspection, page
from course.learner.start_page.page import Map

READY = lessons.finished()


class Reader(html.parser.HTMLParser):
    """What a page holds: links, words, and whether each tag is closed."""

    EMPTY = ("br", "hr", "img", "input")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self.words = ""
        self.open: list[str] = []
        self._link: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.EMPTY:
            self.open.append(tag)
        if tag == "a":
            self._link = dict(attrs)["href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        self.words += data.replace("\xa0", " ")
        if self._link:
            self.links[data] = self._link


def halfway(check: Callable) -> list:
    checks = [check(one.name, 10, day=1) for one in registry.day(1) if not one.stretch]
    first, second, *_ = registry.day(2)
    return [*checks, check(first.name, 2, day=2), check(second.name, 1, Outcome.WRONG, day=2)]


def test_every_day_is_on_the_map_and_those_that_are_there_are_links() -> None:
    shown = Reader(Map(summary((), ()))._repr_html_())
    assert shown.open == []
    for day in days.load():
        name = f"{day.number} · {day.title}"
        assert name in shown.words
        assert shown.links.get(name) == (f"{day.slug}.ipynb" if day in READY else None)
    for chapter in days.manifest().chapters:
        assert f"{chapter.number}. {chapter.title}" in shown.words


def test_the_primer_stands_before_day_1_with_what_is_solved_of_it(home: Path, check: Callable) -> None:
    from course import home as start

    assert "Before day 1: Primer: arrays, tables, slopes and training (optional, 0 of 4" in repr(start.days())
    names = ("axis_means", "filter_rows", "slope_at", "one_step")
    for done in (1, 4):
        checks = [check(name, days=1, day=0) for name in (*names[:done], "size_of")]
        progress.import_({**progress.export(), "checks": [one.as_dict() for one in checks]})
        shown = start.days()
        assert shown.primer == (done, 4)
        assert '<a href="00_primer.ipynb"' in shown._repr_html_()
    assert "(optional, done)" in repr(shown)


def test_a_fresh_learner_is_sent_to_day_1() -> None:
    found = Map(summary((), ()))
    assert found.next_step == f"Start with day 1: {days.find(1).title}"
    assert Reader(found._repr_html_()).links[found.next_step] == "day01_structured_data.ipynb"
    assert "○ not started → start here" in Reader(found._repr_html_()).words
    assert "<progress" not in found._repr_html_()


def test_halfway_it_names_the_day_and_the_exercise_to_go_on_with(check: Callable) -> None:
    found = Map(summary(halfway(check), ()))
    second = registry.day(2)[1].name
    assert found.next_step == f"Continue with day 2: {days.find(2).title}, exercise {second}"
    assert found.headline.startswith(f"1 of {len(READY)} days done, ")
    words = Reader(found._repr_html_()).words
    assert "◐ in progress → continue here" in words
    assert words.count("✓ done") == 1
    assert f"1 of {len(registry.day(2))}" in words
    assert re.search(r"in progress, continue here +2 of|in progress, continue here", repr(found))


def test_finished_it_says_so(check: Callable) -> None:
    every = [check(one.name, 10, day=day.number) for day in READY for one in registry.day(day.number)]
    found = Map(summary(every, ()))
    coming = len(days.load()) - len(READY)
    wanted = f"{coming} more are coming" if coming else "all thirty days"
    assert wanted in found.next_step
    assert "continue here" not in found._repr_html_()
    assert found.summary.points == found.summary.out_of


def test_the_table_can_be_read_by_a_screen_reader(check: Callable) -> None:
    text = Map(summary(halfway(check), ()))._repr_html_()
    assert text.count('scope="rowgroup"') == 6
    assert text.count('scope="row"') == 30
    assert text.count('scope="col"') == 5
    assert "<caption" in text
    assert 'aria-label="Points"' in text
    assert text.count('aria-current="true"') == 1


def test_words_say_all_that_the_table_says(check: Callable) -> None:
    text = repr(Map(summary(halfway(check), ()), ("Something to know.",)))
    assert text.startswith("Something to know.\n")
    assert all(day.title in text for day in days.load())
    assert "✓  1" in text
    assert "◐  2" in text


def test_in_colab_a_day_opens_from_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    assert page.address(days.find(5).slug).startswith("https://colab.research.google.com/github/")
    assert inspection.fleeting()


# ------------------------------------------------------------------------------------------------------- the machine


def found(name: str) -> Finding:
    return next(one for one in inspection.machine().findings if one.subject == name)


def test_the_machine_is_looked_at_without_tensorflow(home: Path) -> None:
    code = "from course import home; import sys; print(home.machine()); print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == "Your machine is ready."
    assert done.stdout.splitlines()[-1] == "False"
    for name in ("Python", "TensorFlow", "Computes on", "Memory", "Disk", "Progress", "Sliders"):
        assert f" {name} " in done.stdout


def test_a_package_that_does_not_fit_is_told_with_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Finding(
        "tensorflow", State.BROKEN, "2.18 is installed, and >=2.19 is needed", "Run: pip install tensorflow"
    )
    monkeypatch.setattr(packages, "packages", lambda: [Finding("packages", State.GOOD, "fit"), wrong])
    shown = inspection.machine()
    assert shown.headline == "1 thing needs fixing before you begin."
    assert "! Tensorflow" in repr(shown)
    reader = Reader(shown._repr_html_())
    assert reader.open == []
    assert "2.18 is installed, and >=2.19 is needed. Run: pip install tensorflow" in reader.words


def test_a_processor_that_tensorflow_cannot_use_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "_lacks_avx", lambda: True)
    assert found("TensorFlow").state is State.BROKEN
    assert "AVX" in found("TensorFlow").what


def test_what_is_missing_but_not_needed_is_a_note(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = inspection._version
    monkeypatch.setattr(inspection, "_version", lambda name: None if name == "ipywidgets" else kept(name))
    assert found("sliders").state is State.NOTE
    assert inspection.machine().headline == "Your machine is ready."


def test_a_home_that_cannot_be_written_is_told(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TF30_HOME", str(tmp_path / "file" / "home"))
    assert "cannot be written" in found("your data").what


def test_where_progress_is_kept_is_told_and_that_binder_forgets(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(home) in found("progress").what
    monkeypatch.setenv("BINDER_SERVICE_HOST", "10.0.0.1")
    assert "until this session ends" in found("progress").what
