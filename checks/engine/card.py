"""Draws a verdict: a card in HTML, and the same words in plain text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from checks.engine.outcome import Outcome

if TYPE_CHECKING:
    from checks.engine.verdict import Verdict

SIGNS = {
    Outcome.CORRECT: "✓",
    Outcome.WRONG: "✗",
    Outcome.ERROR: "!",
    Outcome.NOT_ATTEMPTED: "○",
    Outcome.UNCHECKED: "?",
}
# Each stands out at 3:1 or better on white and on JupyterLab's dark #111, as border and sign; words carry the meaning.
COLOURS = {
    Outcome.CORRECT: "#1a8a5a",
    Outcome.WRONG: "#c4561a",
    Outcome.ERROR: "#c4561a",
    Outcome.NOT_ATTEMPTED: "#6b7280",
    Outcome.UNCHECKED: "#8a5cc2",
}
TITLES = {
    Outcome.CORRECT: "Correct",
    Outcome.WRONG: "Not yet",
    Outcome.ERROR: "Error in your code",
    Outcome.NOT_ATTEMPTED: "Not attempted",
    Outcome.UNCHECKED: "Could not check",
}
LABELS = {Outcome.WRONG: "What differs", Outcome.ERROR: "What happened"}
"""What the problems are called; where nothing was compared, they stand for themselves."""
INK = "color:var(--jp-content-font-color1, #1f2328)"
BOX = (
    "border:1px solid; border-left:6px solid; border-radius:6px; padding:.6em .9em; margin:.3em 0; max-width:52em; "
    "font-family:var(--jp-content-font-family, system-ui, sans-serif); line-height:1.45"
)
CODE = (
    "font-family:var(--jp-code-font-family, monospace); font-size:.92em; white-space:pre-wrap; "
    "overflow-wrap:anywhere; margin:.2em 0 .4em"
)


def headline(verdict: Verdict) -> str:
    """The card's first line: the outcome in words, and the points."""
    points = f"{verdict.points:g} of {verdict.out_of:g} point{'s' if verdict.out_of != 1 else ''}"
    title = TITLES[verdict.outcome]
    if verdict.outcome is Outcome.ERROR and not verdict.line:
        title = "Stopped by an error"  # which of the lines is theirs is not known: nothing says that it is in them
    return f"{title} · {verdict.exercise} · {points}"


def text(verdict: Verdict) -> str:
    """The card as plain text."""
    lines = [f"{SIGNS[verdict.outcome]} {headline(verdict)}"]
    for label, body in _sections(verdict):
        first, *rest = body.splitlines() or [""]
        lines.append(f"  {label + ': ' if label else ''}{first}")
        lines += [f"    {line}" for line in rest]
    return "\n".join(lines)


def html(verdict: Verdict) -> str:
    """The card as HTML: words and a sign beside the colour; readable in dark mode and by a screen reader."""
    colour = COLOURS[verdict.outcome]
    rows = []
    for label, body in _sections(verdict):
        shown = escape(body)
        if label in ("Called", "Came back", "Your line"):
            shown = f'<pre style="{CODE}; background:none; border:0; padding:0; {INK}">{shown}</pre>'
            rows.append(f"<div><b>{label}</b> {shown}</div>")
        else:
            rows.append(f"<div>{f'<b>{label}</b> ' if label else ''}{shown}</div>")
    sign = f'<span aria-hidden="true" style="color:{colour}; font-weight:700">{SIGNS[verdict.outcome]}</span>'
    return (
        f'<div class="tf30-card" role="status" aria-label="{escape(headline(verdict), quote=True)}" '
        f'style="{BOX}; {INK}; border-color:{colour}">'
        f"<div>{sign} <b>{escape(headline(verdict))}</b></div>{''.join(rows)}</div>"
    )


def _sections(verdict: Verdict) -> list[tuple[str, str]]:
    """The card's lines after the first, as (label, text)."""
    found: list[tuple[str, str]] = []
    if verdict.outcome is Outcome.CORRECT:
        hidden = sum(part.name != "the example" for part in verdict.parts)
        if hidden:
            names = ", ".join(part.name for part in verdict.parts if part.name != "the example")
            found.append(("", f"Held on the example and on hidden cases: {names}."))
    if verdict.advice:
        found.append(("", verdict.advice))
    if verdict.line:
        number, code = verdict.line
        found.append(("Your line", f"{number}: {code}"))
    label = LABELS.get(verdict.outcome, "")
    found += [(label if place == 0 else "", problem) for place, problem in enumerate(verdict.problems[:4])]
    if verdict.case:
        found.append(("Called", verdict.case))
    if verdict.got:
        found.append(("Came back", verdict.got))
    if verdict.outcome in (Outcome.WRONG, Outcome.ERROR) and verdict.parts:
        passed = [part.name for part in verdict.parts if part.passed]
        if passed:
            found.append(("Already right", ", ".join(passed)))
        found.append(("", f"Stuck? Run hint({verdict.exercise}) in your notebook."))
    found += [("Note", note) for note in verdict.notes]
    return found
