"""Two releases of a small lesson, built as the course's are, and a working folder that was made from the first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from course.authoring import builder, lints
from course.learner.copies import files, originals

NAME = "day05_tensors.ipynb"

FIRST = '''\
# %% [markdown]
# After today you can **double** a number.

# %% tags=["setup"]
import math

# %% [markdown] tags=["predict"]
# ## Look first
#
# What comes out of the cell below?
#
# - one
# - two

# %%
math.floor(1.5)

# %% [markdown]
# The floor is the whole number below, so 1.5 gives one, and -1.5 gives minus two.

# %%
plot.line([1, 2])

# %%
explore.line([1, 2])

# %% [markdown]
# ## Double it

# %% exercise="double"
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return x + x
    ### END SOLUTION


# %% check="double"
check(double)

# %% exercise="halve"
def halve(x):
    """Half of x."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION


# %% check="halve"
check(halve)

# %% exercise="triple"
def triple(x):
    """Three times x."""
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION


# %% check="triple"
check(triple)

# %% [markdown]
# ## Recap
#
# You can **double** now.
'''

CHANGES = (
    ("What comes out of the cell below?", "What does the cell below print?"),
    ("The floor is the whole number below, so 1.5", "The floor is the nearest whole number below, so 1.5"),
    ("plot.line([1, 2])", "plot.line([1, 2, 3])"),
    ("# ## Double it\n", "# ## Double it\n#\n# Twice is enough.\n\n# %%\nmath.pi * 2\n"),
    ("def double(x):", "def double(x, times=1):"),
    ('"""Half of x."""', '"""Half of x, exactly."""'),
    ("# You can **double** now.", "# You can **double** now, and more than once."),
)


@dataclass(frozen=True)
class Declared:
    name: str
    points: int = 2
    stretch: bool = False


class Registry:
    """Declares the exercises that a text has; the last is the stretch."""

    def __init__(self, text: str) -> None:
        names = re.findall(r'exercise="(\w+)"', text)
        self.exercises = tuple(Declared(name, stretch=name == names[-1]) for name in names)

    def day(self, number: int) -> tuple[Declared, ...]:
        return self.exercises if number == 5 else ()


Release = Callable[[str], bytes]


@pytest.fixture
def release(tmp_path: Path, monkeypatch) -> Release:
    """Builds a lesson text into the bytes of the notebook that learners get; the house style is not a matter here."""
    monkeypatch.setattr(lints, "problems", lambda *arguments: [])

    def build(text: str) -> bytes:
        sources = tmp_path / "notebooks" / "src"
        sources.mkdir(parents=True, exist_ok=True)
        (sources / "day05_tensors.py").write_text(text, encoding="utf-8")
        notebook = builder.learner_notebook(5, sources=sources, registry=Registry(text))
        return builder.as_text(notebook).encode()

    return build


@pytest.fixture
def first_text() -> str:
    return FIRST


@pytest.fixture
def second_text() -> str:
    text = FIRST
    for old, new in CHANGES:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def first(release: Release) -> bytes:
    return release(FIRST)


@pytest.fixture
def second(release: Release, second_text: str) -> bytes:
    return release(second_text)


@dataclass
class Work:
    """A learner's working copy.

    Attributes:
        path: the file.
        lesson: the file that the course brings.
    """

    path: Path
    lesson: Path

    def cells(self) -> list[dict]:
        """The cells, their texts joined."""
        return list(files.parse(self.path.read_bytes(), NAME).cells)

    def cell(self, text: str) -> dict:
        """The one cell that holds this text."""
        found = [cell for cell in self.cells() if text in cell["source"]]
        assert len(found) == 1, (text, [cell["source"] for cell in found])
        return found[0]

    def sources(self) -> list[str]:
        return [cell["source"] for cell in self.cells()]

    def edit(self, text: str, source: str) -> None:
        """Types over the cell that holds this text, as JupyterLab would save it."""
        notebook = json.loads(self.path.read_text(encoding="utf-8"))
        found = [cell for cell in notebook["cells"] if text in "".join(cell["source"])]
        assert len(found) == 1, text
        found[0]["source"] = source.splitlines(keepends=True)
        self._save(notebook)

    def add(
        self, after: str, source: str, kind: str = "code", name: str = "3f2c9a4e-8a51-4c0e-9d2b-5d7be1f0a001"
    ) -> None:
        """Inserts a cell after the one that holds this text."""
        notebook = json.loads(self.path.read_text(encoding="utf-8"))
        place = next(number for number, cell in enumerate(notebook["cells"]) if after in "".join(cell["source"]))
        cell: dict = {"cell_type": kind, "id": name, "metadata": {}, "source": source.splitlines(keepends=True)}
        if kind == "code":
            cell |= {"execution_count": 7, "outputs": []}
        notebook["cells"].insert(place + 1, cell)
        self._save(notebook)

    def run(self, text: str, printed: str) -> None:
        """Gives the cell that holds this text an output."""
        notebook = json.loads(self.path.read_text(encoding="utf-8"))
        cell = next(cell for cell in notebook["cells"] if text in "".join(cell["source"]))
        cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": [printed]}]
        cell["execution_count"] = 3
        self._save(notebook)

    def drop(self, text: str) -> None:
        """Deletes the cell that holds this text."""
        notebook = json.loads(self.path.read_text(encoding="utf-8"))
        notebook["cells"] = [cell for cell in notebook["cells"] if text not in "".join(cell["source"])]
        self._save(notebook)

    def _save(self, notebook: dict) -> None:
        self.path.write_text(
            json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
        )


@pytest.fixture
def work(tmp_path: Path, first: bytes) -> Work:
    """A working copy of the first release, made by `tf30 lab`; the course still brings the first."""
    lesson = tmp_path / "course" / NAME
    lesson.parent.mkdir()
    lesson.write_bytes(first)
    path = tmp_path / "learner" / NAME
    path.parent.mkdir()
    path.write_bytes(first)
    originals.remember(path, first)
    return Work(path, lesson)


@pytest.fixture
def old_work(work: Work) -> Work:
    """The same, in a folder that was made before originals were kept."""
    for path in (work.path.parent / ".tf30").rglob("*.ipynb"):
        path.unlink()
    return work
