"""The class folder is read as nbgrader reads it, and nothing that a student laid out there is followed."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import pytest

from course.cli.errors import UserError
from course.grading import classroom
from course.grading.submissions import finding, folders
from course.grading.submissions.folders import Refused

NOTEBOOK = "day05_tensors.ipynb"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A class folder with nothing but settings; the home has none."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "no-settings"))
    made = tmp_path / "class"
    made.mkdir()
    configure(made)
    return made


def configure(folder: Path, *lines: str) -> None:
    text = "\n".join(("c = get_config()", 'c.CourseDirectory.course_id = "tf"', *lines))
    (folder / "nbgrader_config.py").write_text(text + "\n")


def hand_in(folder: Path, student: str, name: str = NOTEBOOK, text: str = "{}", day: str = "day05") -> Path:
    place = folder / "submitted" / student / day
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_text(text)
    return place


def only(folder: Path) -> finding.Submission:
    (found,) = finding.find(classroom.load(folder), 5)
    return found


def test_the_folders_are_those_of_nbgraders_settings(folder: Path) -> None:
    configure(
        folder,
        'c.CourseDirectory.submitted_directory = "in"',
        'c.CourseDirectory.autograded_directory = "out"',
        'c.CourseDirectory.directory_structure = "{nbgrader_step}/{assignment_id}/{student_id}"',
    )
    room = classroom.load(folder)
    assert room.course_id == "tf"
    assert room.submitted("ada", 5) == folder / "in/day05/ada"
    assert room.autograded("ada", "day05") == folder / "out/day05/ada"
    assert room.source(5) == folder / "source/day05" / NOTEBOOK
    assert room.private == folder / ".tf30"


def test_the_gradebook_lies_in_the_class_folder_wherever_the_command_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert classroom.load(folder).db_url == f"sqlite:///{folder}/gradebook.db"
    configure(folder, 'c.CourseDirectory.db_url = "sqlite:///scores.db"')
    assert classroom.load(folder).db_url == f"sqlite:///{folder}/scores.db"
    configure(folder, 'c.CourseDirectory.db_url = "postgresql://me:secret@host/db"')
    assert classroom.load(folder).db_url == "postgresql://me:secret@host/db"


def test_the_settings_are_read_relative_to_the_folder_and_leave_python_as_it_was(folder: Path) -> None:
    configure(folder, "import pathlib", "c.ThirtyDays.jobs = len(list(pathlib.Path('.').glob('nbgrader_config.py')))")
    before = list(sys.path), Path.cwd()
    assert classroom.load(folder).settings.jobs == 1
    assert (list(sys.path), Path.cwd()) == before


def test_limits_are_told_in_seconds_and_bytes(folder: Path) -> None:
    configure(folder, "c.ThirtyDays.memory = 1.5", "c.ThirtyDays.seconds = 20", "c.ThirtyDays.output = 2")
    limits = classroom.load(folder).settings.limits()
    assert (limits.memory, limits.seconds, limits.output) == (3 * 2**29, 20.0, 2048)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("this is no Python", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("c.ThirtyDays.isolation = 'none'", "isolation"),
        ("c.ThirtyDays.seconds = 'many'", "seconds"),
        ("c.ThirtyDays.isolaton = 'process'", "c.ThirtyDays.isolaton, which does not exist"),
        ("c.CourseDirectory.groupshared = 'perhaps'", "groupshared"),
        ("import sys; sys.exit('no')", "SystemExit"),
        ("c.CourseDirectory.root = '/no/such/folder'", "which is not a folder"),
    ],
)
def test_wrong_settings_are_told_in_a_sentence(
    folder: Path, line: str, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    configure(folder, line)
    with pytest.raises(UserError, match=told):
        classroom.load(folder)
    assert capfd.readouterr() == ("", "")


def test_a_folder_without_settings_is_no_class_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a class folder.*--folder"):
        classroom.load(tmp_path)


def test_a_submission_is_found_with_its_time(folder: Path) -> None:
    place = hand_in(folder, "ada", text="hello")
    (place / "timestamp.txt").write_text("2026-01-02 03:04:05.678 UTC")
    (place / "submission_secret.txt").write_text("s3cret")
    found = only(folder)
    assert (found.student, found.day, found.notebook, found.file) == ("ada", 5, "day05_tensors", NOTEBOOK)
    assert found.timestamp == datetime(2026, 1, 2, 3, 4, 5, 678000)
    assert found.beside["submission_secret.txt"] == b"s3cret"
    assert (found.folder, found.read(), found.repairs, found.problem) == (place, b"hello", (), "")


def test_nobody_and_other_days_are_no_submissions(folder: Path) -> None:
    assert finding.find(classroom.load(folder), 5) == []
    hand_in(folder, "ada", day="day06")
    (folder / "submitted" / "README.txt").write_text("put them here")
    assert finding.find(classroom.load(folder), 5) == []


@pytest.mark.parametrize(
    "student", ['o\'hara "q"', "=1+1|cmd", "日本 語", "a\nb\x1b[31m", "[bold]", "{student_id}", "x" * 200, "%s"]
)
def test_a_name_is_just_a_name(folder: Path, student: str) -> None:
    hand_in(folder, student, text=student)
    found = only(folder)
    assert (found.student, found.read().decode()) == (student, student)


def test_names_that_nbgrader_leaves_out_are_left_out(folder: Path) -> None:
    configure(folder, 'c.CourseDirectory.student_id_exclude = "bob,eve"', 'c.CourseDirectory.ignore = ["*.tmp"]')
    for student in ("ada", "bob", "eve", ".hidden", "copy.tmp"):
        hand_in(folder, student)
    assert [found.student for found in finding.find(classroom.load(folder), 5)] == ["ada"]


def test_students_can_be_chosen_and_a_missing_one_is_told(folder: Path) -> None:
    hand_in(folder, "ada")
    hand_in(folder, "bob")
    room = classroom.load(folder)
    assert [found.student for found in finding.find(room, 5, ("bob",))] == ["bob"]
    with pytest.raises(UserError, match="'eve' has handed in nothing for day05"):
        finding.find(room, 5, ("bob", "eve"))


def test_students_are_found_in_every_structure(folder: Path) -> None:
    structure = 'c.CourseDirectory.directory_structure = "{nbgrader_step}/{assignment_id}/by-{student_id}"'
    configure(folder, structure)
    place = folder / "submitted/day05/by-ada"
    place.mkdir(parents=True)
    (place / NOTEBOOK).write_text("here")
    found = only(folder)
    assert (found.student, found.read()) == ("ada", b"here")


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["Tensors (1).ipynb"], "Tensors (1).ipynb"),
        (["DAY05_TENSORS.IPYNB", "notes.txt"], "DAY05_TENSORS.IPYNB"),
        (["unpacked/" + NOTEBOOK, "unpacked/scratch.ipynb"], "unpacked/" + NOTEBOOK),
        ([".ipynb_checkpoints/x.ipynb", "mine.ipynb"], "mine.ipynb"),
    ],
)
def test_a_wrongly_named_notebook_is_taken_and_reported(folder: Path, names: list[str], taken: str) -> None:
    place = hand_in(folder, "ada", "other.txt")
    for name in names:
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(name)
    found = only(folder)
    assert (found.file, found.read().decode()) == (taken, taken)
    assert len(found.repairs) == 1
    assert taken in found.repairs[0]


@pytest.mark.parametrize(
    ("names", "told"),
    [([], "no notebook in the folder"), (["a.ipynb", "b.ipynb"], "2 notebooks.*rename the right one")],
)
def test_a_folder_without_the_notebook_has_a_problem(folder: Path, names: list[str], told: str) -> None:
    place = hand_in(folder, "ada", "other.txt")
    for name in names:
        (place / name).write_text("{}")
    with pytest.raises(Refused, match=told):
        only(folder).read()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links and pipes are those of Linux and macOS")
class TestTraps:
    """What is not a plain file below submitted/."""

    @pytest.fixture
    def secret(self, tmp_path: Path) -> Path:
        """A file, and a folder, that no submission may reach."""
        place = tmp_path / "secret" / "day05"
        place.mkdir(parents=True)
        (place / NOTEBOOK).write_text("the secret")
        return place

    @pytest.mark.parametrize("kind", ["link", "pipe", "folder", "socket", "device"])
    def test_a_notebook_that_is_no_plain_file_is_not_read(self, folder: Path, secret: Path, kind: str) -> None:
        place = hand_in(folder, "ada", "other.txt")
        target = place / NOTEBOOK
        if kind == "link":
            target.symlink_to(secret / NOTEBOOK)
        elif kind == "pipe":
            os.mkfifo(target)  # to open it would wait for ever
        elif kind == "folder":
            target.mkdir()
        elif kind == "socket":
            import socket

            with socket.socket(socket.AF_UNIX) as end:
                os.chdir(place)
                end.bind(NOTEBOOK)
        else:
            target.symlink_to("/dev/zero")
        found = only(folder)
        assert found.problem == ""
        with pytest.raises(Refused, match="not a regular file"):
            found.read()

    def test_a_linked_day_is_a_submission_that_cannot_be_read(self, folder: Path, secret: Path) -> None:
        (folder / "submitted" / "ada").mkdir(parents=True)
        (folder / "submitted" / "ada" / "day05").symlink_to(secret)
        found = only(folder)
        assert "is a link, which is not followed" in found.problem
        assert str(folder) not in found.problem, "the student reads it"
        with pytest.raises(Refused):
            found.read()

    def test_a_linked_student_is_left_out_and_told(self, folder: Path, secret: Path) -> None:
        hand_in(folder, "bob")
        (folder / "submitted" / "ada").symlink_to(secret.parent)
        found = finding.survey(classroom.load(folder), 5)
        assert [one.student for one in found.submissions] == ["bob"]
        assert len(found.left_out) == 1
        assert "link, which is not followed" in found.left_out[0]

    def test_a_notebook_below_a_linked_folder_is_not_found(self, folder: Path, secret: Path) -> None:
        place = hand_in(folder, "ada", "other.txt")
        (place / "inner").symlink_to(secret)
        assert "no notebook" in only(folder).problem

    def test_a_linked_time_counts_as_none(self, folder: Path, tmp_path: Path) -> None:
        place = hand_in(folder, "ada")
        (tmp_path / "when").write_text("1999-01-01 00:00:00 UTC")
        (place / "timestamp.txt").symlink_to(tmp_path / "when")
        assert (only(folder).timestamp, only(folder).beside) == (None, {})

    def test_the_instructors_own_link_to_submitted_is_followed(self, folder: Path, tmp_path: Path) -> None:
        hand_in(folder, "ada")
        (folder / "submitted").rename(tmp_path / "elsewhere")
        (folder / "submitted").symlink_to(tmp_path / "elsewhere")
        assert only(folder).read() == b"{}"

    def test_a_swap_after_the_survey_is_noticed(self, folder: Path, secret: Path) -> None:
        place = hand_in(folder, "ada")
        found = only(folder)
        (place / NOTEBOOK).unlink()
        (place / NOTEBOOK).symlink_to(secret / NOTEBOOK)
        with pytest.raises(Refused):
            found.read()
        (place / NOTEBOOK).unlink()
        place.rmdir()
        place.symlink_to(secret)
        with pytest.raises(Refused):
            found.read()

    def test_a_name_that_is_no_text_is_left_out_and_told(self, folder: Path) -> None:
        hand_in(folder, "ada")
        os.makedirs(os.fsencode(folder / "submitted") + b"/caf\xe9/day05")  # noqa: PTH103 - no Path holds these bytes
        found = finding.survey(classroom.load(folder), 5)
        assert [one.student for one in found.submissions] == ["ada"]
        assert "not valid UTF-8" in found.left_out[0]
        assert found.left_out[0].isprintable()


def test_a_huge_sparse_file_is_not_read(folder: Path) -> None:
    place = hand_in(folder, "ada")
    os.truncate(place / NOTEBOOK, 2**40)
    with pytest.raises(Refused, match="1048576.0 MiB"):
        only(folder).read()


def test_the_size_limit_is_a_setting(folder: Path) -> None:
    configure(folder, "c.ThirtyDays.largest = 1")
    most = finding.MOST_TIMES * 2**20  # what cells have shown does not count, and is dropped when it is read
    hand_in(folder, "ada", text="x" * most)
    assert len(only(folder).read()) == most
    assert only(folder).limit == 2**20
    hand_in(folder, "ada", text="x" * (most + 1))
    with pytest.raises(Refused, match="more than 5 MiB"):
        only(folder).read()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["day05.zip"], "day05.zip' is an archive: unpack it"),
        (["day05.tar.gz", "notes.csv"], "day05.tar.gz' is an archive"),
        (["day05_tensors.html"], "is a web page made of a notebook.*ask for the file day05_tensors.ipynb"),
        (["day05_tensors.pdf"], "is a print of a notebook"),
        (["day05_tensors.ipynb.txt"], "looks like one with another ending: rename it"),
        (["a/b/" + NOTEBOOK], "'a/b/day05_tensors.ipynb' lies too deep: move it up"),
        ([".hidden.ipynb", "._" + NOTEBOOK], "There is no notebook in the folder"),
    ],
)
def test_what_was_handed_in_instead_is_named_with_what_to_do(folder: Path, names: list[str], told: str) -> None:
    place = hand_in(folder, "ada", "timestamp.txt", "")
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("x")
    with pytest.raises(Refused, match=told):
        only(folder).read()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("ada/day05.zip", "ada/day05.zip' is in no folder day05: put it into"),
        ("ada/" + NOTEBOOK, "day05_tensors.ipynb' is in no folder day05: put it into"),
        ("ada/ada/day05/" + NOTEBOOK, "submitted/ada/ada/day05' lies one folder too deep: move it to"),
        ("ada.zip", "ada.zip' is an archive: unpack it into a folder"),
        (".ada/day05/" + NOTEBOOK, ".ada' begins with a dot, so nbgrader passes it over: rename the folder"),
    ],
)
def test_what_lies_where_nbgrader_does_not_look_is_named(folder: Path, path: str, told: str) -> None:
    hand_in(folder, "bob")
    place = folder / "submitted" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("{}")
    found = finding.survey(classroom.load(folder), 5)
    assert [one.student for one in found.submissions] == ["bob"]
    assert len(found.left_out) == 1
    assert told in found.left_out[0]


def test_what_is_another_days_is_not_named(folder: Path) -> None:
    hand_in(folder, "bob")
    for path in ("ada/day06/day06_autograph.ipynb", ".git/x", "ada/notes.txt", "list.csv", ".eve/day06/x.ipynb"):
        (folder / "submitted" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "submitted" / path).write_text("{}")
    assert finding.survey(classroom.load(folder), 5).left_out == []


def test_a_folder_of_endless_names_is_not_listed_to_its_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_ENTRIES", 5)
    monkeypatch.setattr(folders.Folder.names, "__defaults__", (5,))
    place = hand_in(folder, "ada")
    for number in range(6):
        (place / str(number)).touch()
    assert "more than 5 files" in only(folder).problem


@pytest.mark.parametrize("text", ["yesterday-ish", "\x00", "9" * 400, "2026-13-45 99:99:99 UTC"])
def test_a_time_that_is_none_counts_as_on_time_and_is_told(folder: Path, text: str) -> None:
    (hand_in(folder, "ada") / "timestamp.txt").write_text(text)
    found = only(folder)
    assert (found.timestamp, found.beside, len(found.repairs)) == (None, {}, 1)
    assert "timestamp.txt" in found.repairs[0]
    assert found.read() == b"{}"
