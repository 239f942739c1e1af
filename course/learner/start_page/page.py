"""The thirty days as a learner sees them on the start page: a table with links, in HTML and in plain text."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from checks.engine import card
from course import days
from course.days import Chapter, Day
from course.learner.progress import DayProgress, State, Summary
from course.learner.start_page.inspection import in_colab

SIGNS = {State.DONE: "✓", State.IN_PROGRESS: "◐", State.NOT_STARTED: "○", State.COMING: "·"}
WORDS = {
    State.DONE: "done",
    State.IN_PROGRESS: "in progress",
    State.NOT_STARTED: "not started",
    State.COMING: "coming",
}
PRIMER = "00_primer"
PRIMER_MINUTES = 30
_PRIMER_TITLE = "Primer: arrays, tables, slopes and training"
GREEN = "#1a8a5a"
"""Seen at 3:1 or better on JupyterLab's light and dark pages; the words carry the meaning."""

_LINE = "1px solid var(--jp-border-color2, #8884)"
_PAGE = (
    f"{card.INK}; font-family:var(--jp-content-font-family, system-ui, sans-serif); line-height:1.45; max-width:60em"
)
_BOX = (
    "border:1px solid #6b7280; border-left:6px solid #1a8a5a; border-radius:6px; padding:.6em .9em; margin:.3em 0 .8em"
)
# JupyterLab makes all columns of a table equally wide, which would break every title into three lines.
_TABLE = "border-collapse:collapse; table-layout:auto; font-size:1em; line-height:1.35; width:100%; margin:0"
_CELL = "text-align:left; vertical-align:top; padding:.25em .8em .25em 0; border:0; max-width:none; white-space:normal"


@dataclass(frozen=True)
class Map:
    """Where the learner stands; shows as a table with a link for each day that is there.

    Attributes:
        summary: what is solved.
        notices: sentences to show above it.
        primer: how many of the primer's exercises are solved, and how many there are; None leaves the primer out.
    """

    summary: Summary
    notices: tuple[str, ...] = ()
    primer: tuple[int, int] | None = None

    @property
    def headline(self) -> str:
        """How far the learner is, in one sentence."""
        found = self.summary
        if not found.started:
            return "Welcome. Nothing is solved yet, so start at the beginning."
        points = f"{_number(found.points)} of {_number(found.out_of)} points"
        return f"{found.done} of {found.ready} days done, {points}."

    @property
    def next_step(self) -> str:
        """What to do next, in words."""
        day = self.summary.next
        if day is None:
            coming = len(self.summary.days) - self.summary.ready
            return (
                f"You have done every day that is ready; {coming} more are coming."
                if coming
                else "You have done all thirty days."
            )
        verb = "Start with" if not self.summary.started else "Continue with"
        unsolved = [one.name for one in self._of(day).exercises if not one.solved]
        begun = self._of(day).state is State.IN_PROGRESS
        exercise = f", exercise {unsolved[0]}" if begun and unsolved else ""
        return f"{verb} day {day.number}: {day.title}{exercise}"

    def __repr__(self) -> str:
        lines = [*self.notices, self.headline, self.next_step]
        if self.primer:
            lines += ["", f"Before day 1: {_PRIMER_TITLE} (optional, {self._primer_words})"]
        for chapter in days.manifest().chapters:
            lines += ["", f"{chapter.number}. {chapter.title} ({self._chapter_words(chapter)})"]
            for one in self._in(chapter):
                state = WORDS[one.state] + (f", {self._here}" if one.day == self.summary.next else "")
                points = f"{_points(one)} points" if one.exercises else ""
                lines.append(f"  {SIGNS[one.state]} {one.day.number:2} {one.day.title:55} {state:26} {points}".rstrip())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        notices = "".join(
            f'<p role="status" style="margin:.2em 0"><b>Note:</b> {escape(one)}</p>' for one in self.notices
        )
        bodies = self._primer_html() + "".join(self._chapter_html(chapter) for chapter in days.manifest().chapters)
        heads = "".join(
            f'<th scope="col" style="{_CELL}; border-bottom:{_LINE}">{name}</th>'
            for name in ("Day", "Minutes", "State", "Exercises", "Points")
        )
        return (
            f'<div class="tf30-map" style="{_PAGE}">{notices}'
            f'<div style="{_BOX}">{self._bar()}<div>{escape(self.headline)}</div>'
            f'<div style="font-size:1.1em"><b>{self._next_html()}</b></div></div>'
            f'<div style="overflow-x:auto"><table style="{_TABLE}">'
            f'<caption style="text-align:left; padding:0 0 .3em; {card.INK}">The thirty days, in six chapters</caption>'
            f'<thead style="border:0"><tr style="background:none">{heads}</tr></thead>{bodies}</table></div></div>'
        )

    @property
    def _here(self) -> str:
        return "continue here" if self.summary.started else "start here"

    def _of(self, day: Day) -> DayProgress:
        return self.summary.days[day.number - 1]

    def _in(self, chapter: Chapter) -> list[DayProgress]:
        return [one for one in self.summary.days if one.day.chapter == chapter]

    def _bar(self) -> str:
        if not self.summary.started:
            return ""
        points, most = _number(self.summary.points), _number(self.summary.out_of)
        return (
            f'<progress aria-label="Points" max="{most}" value="{points}" '
            'style="width:100%; max-width:24em; height:1em; accent-color:#1a8a5a"></progress>'
        )

    def _next_html(self) -> str:
        day = self.summary.next
        return escape(self.next_step) if day is None else _link(day.slug, self.next_step)

    def _chapter_words(self, chapter: Chapter) -> str:
        own = self._in(chapter)
        done = sum(one.state is State.DONE for one in own)
        return f"{done} of {len(own)} days done" if any(one.exercises for one in own) else "coming"

    @property
    def _primer_words(self) -> str:
        solved, most = self.primer or (0, 0)
        return "done" if solved == most else f"{solved} of {most} exercises solved"

    def _primer_html(self) -> str:
        if self.primer is None:
            return ""
        solved, most = self.primer
        state = f'<span aria-hidden="true" style="color:{GREEN}; font-weight:700">✓</span> done'
        cells = (f"{PRIMER_MINUTES}", state if solved == most else "optional", f"{solved}&nbsp;of&nbsp;{most}", "")
        link = _link(PRIMER, _PRIMER_TITLE)
        head = (
            f'<tr style="background:none"><th colspan="5" scope="rowgroup" style="{_CELL}; padding-top:.8em; '
            f'border-bottom:{_LINE}">Before day 1 <span style="font-weight:400">· optional</span></th></tr>'
        )
        rest = "".join(f'<td style="{_CELL}">{text}</td>' for text in cells)
        row = f'<th scope="row" style="{_CELL}; font-weight:400">{link}</th>{rest}'
        return f'<tbody>{head}<tr style="background:none">{row}</tr></tbody>'

    def _chapter_html(self, chapter: Chapter) -> str:
        head = (
            f'<tr style="background:none"><th colspan="5" scope="rowgroup" style="{_CELL}; padding-top:.8em; '
            f'border-bottom:{_LINE}">{chapter.number}. {escape(chapter.title)} '
            f'<span style="font-weight:400">· {self._chapter_words(chapter)}</span></th></tr>'
        )
        return f"<tbody>{head}{''.join(map(self._row, self._in(chapter)))}</tbody>"

    def _row(self, one: DayProgress) -> str:
        day, is_next = one.day, one.day == self.summary.next
        name = f"{day.number} · {day.title}"
        shown = escape(name) if one.state is State.COMING else _link(day.slug, name)
        colour = GREEN if one.state is State.DONE else "inherit"
        sign = f'<span aria-hidden="true" style="color:{colour}; font-weight:700">{SIGNS[one.state]}</span>'
        state = f"{sign} {WORDS[one.state]}" + (f" <b>→ {self._here}</b>" if is_next else "")
        solved = f"{one.solved} of {len(one.exercises)}" if one.exercises else ""
        short = (f"{day.minutes}", state, solved, _points(one))
        cells = "".join(f'<td style="{_CELL}">{text.replace(" of ", "&nbsp;of&nbsp;")}</td>' for text in short)
        back = "background:var(--jp-layout-color2, #8882)" if is_next else "background:none"
        current = ' aria-current="true"' if is_next else ""
        return f'<tr style="{back}"{current}><th scope="row" style="{_CELL}; font-weight:400">{shown}</th>{cells}</tr>'


def address(slug: str) -> str:
    """Where the notebook of that name is: beside this one, or, in Colab, on GitHub."""
    if not in_colab():
        return f"{quote(slug)}.ipynb"
    manifest = days.manifest()
    return (
        f"https://colab.research.google.com/github/{manifest.repository}/blob/{manifest.branch}/notebooks/{slug}.ipynb"
    )


def _link(slug: str, text: str) -> str:
    target = ' target="_blank" rel="noopener"' if in_colab() else ""
    return f'<a href="{address(slug)}"{target} style="color:var(--jp-content-link-color, #0b57d0)">{escape(text)}</a>'


def _points(one: DayProgress) -> str:
    return f"{_number(one.points)} of {_number(one.out_of)}" if one.exercises else ""


def _number(points: float) -> str:
    return f"{points:g}"
