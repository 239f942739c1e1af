"""The Makefile: what it says when something is missing, and that it installs only when it must.

Python and pip are played by a shell script here; the real ones are used by the tests of the wheel and of Binder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PYTHON = """#!/bin/sh
# A Python {version}; its environments get a copy of it, and a tf30.
case "$*" in
  --version) echo "Python {version}" ;;
  *"version_info[:2])"*print*|*print*"version_info[:2]"*) echo {version} ;;
  *version_info*) exit {out_of_range} ;;
  *ensurepip*) exit {no_venv} ;;
  "-m venv --clear "*)
    for folder in "$@"; do :; done
    rm -rf "$folder" && mkdir -p "$folder/bin" && cp "$0" "$folder/bin/python"
    printf '#!/bin/sh\\necho "tf30 $*"\\n' > "$folder/bin/tf30"; chmod +x "$folder/bin/tf30" ;;
  "-m pip install "*) echo "$*" >> "$PIP_LOG"; exit {pip_fails} ;;
  *) echo "python $*" ;;
esac
"""


class Machine:
    """A clone's set-up files, and a PATH that holds the programs that the test put there and the usual tools."""

    def __init__(self, folder: Path) -> None:
        self.clone, self.programs, self.log = folder / "clone", folder / "programs", folder / "pip.log"
        self.programs.mkdir()
        self.clone.mkdir()
        for name in ("Makefile", "pyproject.toml"):
            shutil.copy(ROOT / name, self.clone)
        shutil.copytree(ROOT / "constraints", self.clone / "constraints")
        for tool in ("sh", "make", "awk", "cat", "cp", "mkdir", "chmod", "touch", "rm", "printf"):
            (self.programs / tool).symlink_to(shutil.which(tool))

    def add(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def python(self, name="python3.12", version="3.12", out_of_range=0, no_venv=0, pip_fails=0) -> None:
        self.add(
            name,
            PYTHON.format(version=version, out_of_range=out_of_range, no_venv=no_venv, pip_fails=pip_fails),
        )

    def make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *arguments],
            cwd=self.clone,
            env={"PATH": str(self.programs), "PIP_LOG": str(self.log), "HOME": os.devnull, **environment},
            capture_output=True,
            text=True,
        )

    @property
    def installs(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def edit(self, name: str) -> None:
        """As if this file had been changed after the installation, and no other."""
        for path in self.clone.rglob("*"):
            age = 100 if path.name in (".lab", ".dev") else 200
            os.utime(path, (time.time() - age,) * 2)
        (self.clone / name).touch()


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


def _refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence on stderr, besides make's own last line."""
    assert done.returncode != 0
    (sentence,) = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    return sentence


def test_make_alone_lists_the_commands(machine):
    done = machine.make()
    assert done.returncode == 0
    for command in ("make lab", "make test", "make lint", "make pin", "make clean", "TF=oldest|pinned|newest"):
        assert command in done.stdout


def test_lab_sets_up_from_the_pins_and_opens(machine):
    machine.python()
    done = machine.make("lab")
    assert done.returncode == 0, done.stderr
    (install,) = machine.installs
    assert "--constraint constraints/pinned.txt" in install
    assert install.endswith("--editable .")
    said = done.stdout.splitlines()
    assert said[0] == "Creating .venv with Python 3.12 (python3.12)"
    assert said[1].startswith("Installing JupyterLab and TensorFlow into .venv")
    assert said[-1] == "tf30 lab"


def test_the_second_time_nothing_is_installed(machine):
    machine.python()
    machine.make("lab")
    done = machine.make("lab")
    assert len(machine.installs) == 1
    assert done.stdout.splitlines() == ["Opening JupyterLab (Ctrl-C here stops it)", "tf30 lab"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints/pinned.txt"])
def test_a_changed_requirement_is_installed_into_the_same_environment(machine, name):
    machine.python()
    machine.make("lab")
    machine.edit(name)
    done = machine.make("lab")
    assert len(machine.installs) == 2
    assert "Creating" not in done.stdout


def test_the_test_tools_serve_the_lab_too(machine):
    machine.python()
    machine.make("env")
    machine.make("lab")
    assert [line.rsplit(" ", 1)[1] for line in machine.installs] == [".[dev]"]


@pytest.mark.parametrize(
    ("choice", "how", "folder"),
    [
        ("oldest", "--constraint constraints/oldest.txt", ".venv-oldest"),
        ("newest", "--upgrade --upgrade-strategy eager", ".venv-newest"),
    ],
)
def test_each_tensorflow_has_an_environment_of_its_own(machine, choice, how, folder):
    machine.python()
    done = machine.make("env", f"TF={choice}")
    assert done.returncode == 0, done.stderr
    assert how in machine.installs[0]
    assert (machine.clone / folder / "bin" / "python").exists()
    assert not (machine.clone / ".venv").exists()


def test_newest_is_looked_for_every_time_and_the_others_are_not(machine):
    machine.python()
    for choice in ("newest", "oldest"):
        machine.make("env", f"TF={choice}")
        machine.make("env", f"TF={choice}")
    assert len(machine.installs) == 3


def test_an_unknown_choice_is_refused_with_the_choices(machine):
    machine.python()
    assert _refused(machine.make("lab", "TF=2.15")) == (
        "TF=2.15 is not possible: write TF=oldest, TF=pinned or TF=newest."
    )
    assert not machine.installs


def test_without_python_one_sentence_says_what_to_install(machine):
    sentence = _refused(machine.make("lab"))
    assert sentence.startswith("No Python 3.11, 3.12 or 3.13 found")
    assert "sudo apt install python3 python3-venv" in sentence


def test_a_python_out_of_range_is_passed_over(machine):
    machine.python("python3", "3.9", out_of_range=1)
    assert "No Python 3.11, 3.12 or 3.13 found" in _refused(machine.make("lab"))
    machine.python("python", "3.13")
    assert "Creating .venv with Python 3.13 (python)" in machine.make("lab").stdout


def test_a_python_with_venv_is_preferred_to_one_without(machine):
    machine.python("python3.12", no_venv=1)
    machine.python("python3", "3.11")
    assert "Creating .venv with Python 3.11 (python3)" in machine.make("lab").stdout


def test_a_missing_venv_module_is_named_with_its_package(machine):
    machine.python("python3.12", "3.12", no_venv=1)
    sentence = _refused(machine.make("lab"))
    assert sentence.startswith("python3.12 has no venv module")
    assert "sudo apt install python3.12-venv" in sentence


def test_a_python_of_your_choice_is_the_only_candidate(machine):
    machine.python()
    assert "looked for: python3.14" in _refused(machine.make("lab", "PYTHON=python3.14"))


def test_a_failing_pip_is_explained_and_tried_again_next_time(machine):
    machine.python(pip_fails=1)
    sentence = _refused(machine.make("lab"))
    assert sentence.startswith("pip could not install the course into .venv")
    assert "network connection" in sentence
    machine.make("lab")
    assert len(machine.installs) == 2


def test_an_environment_of_another_python_is_not_used(machine):
    machine.python()
    machine.make("lab")
    machine.python("python3.9", "3.9", out_of_range=1)
    shutil.copy(machine.programs / "python3.9", machine.clone / ".venv" / "bin" / "python")
    machine.edit("pyproject.toml")
    assert _refused(machine.make("lab")) == (
        ".venv was made with a Python that is not 3.11, 3.12 or 3.13: remove that folder and run make again."
    )


def test_an_environment_whose_python_is_gone_is_made_again(machine):
    machine.python()
    machine.make("lab")
    python = machine.clone / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.12")
    done = machine.make("lab")
    assert done.returncode == 0, done.stderr
    assert "Creating .venv" in done.stdout


def test_without_chromium_the_tests_say_what_to_install_before_anything_else(machine):
    machine.python()
    sentence = _refused(machine.make("test"))
    assert "found none: install it (sudo apt install chromium" in sentence
    assert not machine.installs


def test_a_browser_can_be_named(machine, tmp_path):
    machine.python()
    assert "is not a program" in _refused(machine.make("chromium", CHROMIUM=str(tmp_path / "none")))
    machine.add("my-browser", "#!/bin/sh\n")
    assert machine.make("chromium", CHROMIUM=str(machine.programs / "my-browser")).returncode == 0


def test_the_tests_run_in_order_and_stop_at_the_first_failure(machine):
    machine.python()
    for name in ("chromium", "java", "mvn"):
        machine.add(name, "#!/bin/sh\n")
    machine.make("env")
    bin_folder = machine.clone / ".venv" / "bin"
    for name, code in (("ruff", 0), ("tf30", 0)):
        (bin_folder / name).write_text(f'#!/bin/sh\necho "{name} $*"; exit {code}\n')
        (bin_folder / name).chmod(0o755)
    done = machine.make("test", "TESTS=-x")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if not line.startswith("==")] == [
        "tf30 spark",
        "ruff check .",
        "ruff format --check .",
        "tf30 build --check",
        "python -m pytest -x",
    ]
    (bin_folder / "tf30").write_text("#!/bin/sh\nexit 3\n")
    done = machine.make("test")
    assert done.returncode != 0
    assert "pytest" not in done.stdout


def test_a_machine_without_java_is_told_and_runs_the_other_tests(machine):
    machine.python()
    machine.add("chromium", "#!/bin/sh\n")
    machine.make("env")
    for name in ("ruff", "tf30"):
        (machine.clone / ".venv" / "bin" / name).write_text(f'#!/bin/sh\necho "{name} $*"\n')
        (machine.clone / ".venv" / "bin" / name).chmod(0o755)
    done = machine.make("test")
    assert done.returncode == 0, done.stderr
    assert "tf30 spark" not in done.stdout
    assert "Without Java 17 and Maven" in done.stdout


def test_clean_never_touches_a_learners_notebooks(machine):
    machine.python()
    machine.make("lab")
    own = machine.clone / "my-notebooks" / "day05_tensors.ipynb"
    own.parent.mkdir()
    own.write_text("mine")
    assert machine.make("clean").returncode == 0
    assert own.read_text() == "mine"
    assert not (machine.clone / ".venv").exists()


def _ci(machine: Machine, **environment: str) -> subprocess.CompletedProcess[str]:
    """`.ci/run`, with an apt-get, a sudo and a make that only say what they were asked."""
    (machine.clone / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", machine.clone / ".ci")
    for tool in {"bash", "dirname", "env", "head", "sed"} - {path.name for path in machine.programs.iterdir()}:
        (machine.programs / tool).symlink_to(shutil.which(tool))
    machine.add("apt-get", '#!/bin/sh\necho "apt-get $*"\n')
    machine.add("sudo", '#!/bin/sh\nshift\nexec "$@"\n')
    if (machine.programs / "make").exists():
        (machine.programs / "make").unlink()
        machine.add("make", '#!/bin/sh\necho "make $* CI=$CI"\n')
    (machine.clone / "artifacts").mkdir()
    (machine.clone / "artifacts" / "old.png").touch()
    return subprocess.run(
        [machine.clone / ".ci" / "run"],
        cwd=machine.programs,
        env={"PATH": str(machine.programs), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_ci_installs_only_what_is_missing_and_then_runs_the_tests(machine):
    machine.add("git", "#!/bin/sh\n")
    done = _ci(machine, TF="oldest")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "== Installing python3 python3-venv chromium default-jdk-headless maven bubblewrap",
        "apt-get update -qq",
        "apt-get install -y -qq --no-install-recommends "
        "python3 python3-venv chromium default-jdk-headless maven bubblewrap",
        "make test TF=oldest CI=true",
    ]


def test_ci_installs_nothing_where_all_is_there_and_begins_with_empty_artifacts(machine):
    machine.python()
    for name in ("git", "google-chrome", "mvn", "bwrap"):
        machine.add(name, "#!/bin/sh\n")
    machine.add("java", """#!/bin/sh\necho 'openjdk version "17.0.15" 2025-04-15' >&2\n""")
    done = _ci(machine)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["make test TF=pinned CI=true"]
    assert not list((machine.clone / "artifacts").iterdir())
