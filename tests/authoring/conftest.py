"""Small lessons in a folder of their own, and a registry that declares their exercises."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Declared:
    name: str
    points: int = 2
    stretch: bool = False


@dataclass
class Registry:
    by_day: dict[int, tuple[Declared, ...]] = field(default_factory=dict)

    def day(self, number: int) -> tuple[Declared, ...]:
        return self.by_day.get(number, ())

    def days(self) -> tuple[int, ...]:
        return tuple(sorted(self.by_day))


@dataclass
class Course:
    """Lesson texts under `notebooks/src`, with what they declare."""

    notebooks: Path
    registry: Registry = field(default_factory=Registry)

    @property
    def sources(self) -> Path:
        return self.notebooks / "src"

    def put(self, slug: str, text: str, *exercises: Declared) -> Path:
        path = self.sources / f"{slug}.py"
        path.write_text(text, encoding="utf-8")
        if exercises:
            self.registry.by_day[int(slug[3:5])] = exercises
        return path


@pytest.fixture
def course(tmp_path: Path) -> Course:
    notebooks = tmp_path / "notebooks"
    (notebooks / "src").mkdir(parents=True)
    return Course(notebooks)


FOUR = (Declared("double"), Declared("halve", 3), Declared("Counter"), Declared("triple", 4, stretch=True))

DAY = '''\
# %% [markdown]
# After today you can **double** a number.

# %% tags=["setup"]
import math

# %% [markdown]
# ## Look first

# %%
plot.line([1, 2])

# %% [markdown] tags=["predict"]
# What comes out?
#
# - one
# - two

# %%
math.floor(1.5)

# %% [markdown]
# <details><summary>Why</summary>It is one.</details>

# %%
explore.line([1, 2])

# %% [markdown]
# ## Double it

# %% exercise="double"
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    result = x + x
    return result
    ### END SOLUTION


# %% check="double"
check(double)

# %% [markdown]
# Halve it.

# %% exercise="halve"
def halve(x):
    """Half of x."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION


# %% check="halve"
check(halve)

# %% [markdown]
# Count.

# %% exercise="Counter"
class Counter:
    """Counts."""

    def __init__(self):
        ### BEGIN SOLUTION
        self.count = 0
        ### END SOLUTION

    def up(self):
        """One more."""
        ### BEGIN SOLUTION
        self.count += 1
        return self.count
        ### END SOLUTION


# %% check="Counter"
check(Counter)

# %% [markdown]
# A stretch.

# %% exercise="triple"
def triple(x):
    """Three times x."""
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION


# %% check="triple"
check(triple)

# %% [markdown]
# Halve it.
'''

START = """\
# %% [markdown]
# # Begin

# %% tags=["setup"]

# %% [markdown] tags=["map"]
# ## Choose
"""


@pytest.fixture
def day_text() -> str:
    return DAY


@pytest.fixture
def four() -> tuple[Declared, ...]:
    return FOUR


@pytest.fixture
def day5(course: Course) -> Course:
    """A course whose day 5 is finished, with a start page."""
    course.put("00_start_here", START)
    course.put("day05_tensors", DAY, *FOUR)
    return course


@pytest.fixture
def declare() -> type[Declared]:
    return Declared
