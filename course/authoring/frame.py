"""The cells that the builder writes itself: a day's head with its badges, its foot, the map of days."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote

from course import days
from course.authoring.lessons import PRIMER, START, Lesson

SETUP = """\
try:
    import course
except ModuleNotFoundError:  # Colab brings TensorFlow but not this course
    %pip install --quiet thirty-days-of-tensorflow
    import course

{call}
"""
CALLS = {
    START: "from course import home\n\nhome.machine()",
    PRIMER: "from course import home\n\nhome.primer()",
}
"""What the pages without a day call: neither imports TensorFlow."""


def setup(lesson: Lesson, author: str) -> str:
    """The set-up cell: the course, installed where it is missing, then the day, then the author's lines."""
    call = CALLS[lesson.slug] if lesson.day is None else f"course.setup(day={lesson.day.number})"
    return f"{SETUP.format(call=call)}\n{author}".rstrip()


def badges(slug: str) -> str:
    """Binder and Colab badges that open the notebook, as markdown."""
    manifest = days.manifest()
    path = quote(f"lab/tree/notebooks/{slug}.ipynb", safe="")
    binder = f"https://mybinder.org/v2/gh/{manifest.repository}/{manifest.branch}?urlpath={path}"
    colab = (
        f"https://colab.research.google.com/github/{manifest.repository}/blob/{manifest.branch}/notebooks/{slug}.ipynb"
    )
    return (
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})\n"
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})"
    )


def header(day: days.Day, finished: Collection[days.Day]) -> str:
    """A day's first cell: title, badges, minutes, difficulty, needs and chapter, and what else it takes for granted."""
    stars = "★" * day.difficulty + "☆" * (5 - day.difficulty)
    facts = (
        f"**{day.minutes} minutes** · Difficulty: {day.difficulty_word}, {day.difficulty} of 5 {stars} · "
        f"Needs: {_needs(day, finished)} · Chapter {day.chapter.number}: {day.chapter.title}"
    )
    known = f"**You should know:** {day.assumes} ([Primer]({PRIMER}.ipynb))"
    return f"# Day {day.number} - {day.title}\n\n{badges(day.slug)}\n\n{facts}\n\n{known}"


def footer(day: days.Day, finished: Collection[days.Day]) -> str:
    """A day's last cell: the finished day before it, the start page, the finished day after it."""
    before = [other for other in finished if other.number < day.number]
    after = [other for other in finished if other.number > day.number]
    way = []
    if before:
        previous = max(before, key=lambda other: other.number)
        way.append(f"← {_link(previous, f'Day {previous.number} - {previous.title}')}")
    way.append(f"[Start page]({START}.ipynb)")
    if after:
        following = min(after, key=lambda other: other.number)
        way.append(f"{_link(following, f'Day {following.number} - {following.title}')} →")
    return "---\n\n" + " · ".join(way)


def day_map(finished: Collection[days.Day]) -> str:
    """The thirty days by chapter: links to the finished ones, names of those to come."""
    ready = set(finished)
    rows = ["| Chapter | Days |", "|:---|:---|"]
    for chapter in days.manifest().chapters:
        names = []
        for day in days.load():
            if day.chapter == chapter:
                name = f"{day.number} {_topic(day)}"
                names.append(f"**{_link(day, name)}**" if day in ready else name)
        rows.append(f"| {chapter.number}. {chapter.title} | {' · '.join(names)} |")
    coming = len(days.load()) - len(ready)
    if coming:
        rows += ["", f"Ready: {len(ready)} of {len(days.load())}. A day without a link is coming."]
    return "\n".join(rows)


def _topic(day: days.Day) -> str:
    """The day's title up to its colon, so that the map fits on a screen."""
    return day.title.split(":")[0]


def _needs(day: days.Day, finished: Collection[days.Day]) -> str:
    if not day.needs:
        return "no earlier day"
    links = []
    for number in day.needs:
        needed = days.find(number)
        links.append(_link(needed, f"day {number}") if needed in finished else f"day {number}")
    return ", ".join(links)


def _link(day: days.Day, text: str) -> str:
    return f"[{text}]({day.slug}.ipynb)"
