"""Pictures of a request and its answer, as a client and a server see them."""

from __future__ import annotations

from course.plot.canvas import Canvas, text_height, text_width, wrapped
from course.plot.picture import Picture
from course.plot.style import CELL, INK, MUTED, SMALL, VERMILION, in_style

WIDTH, PAD, GAP = 7.2, 0.14, 0.42  # inches
MOST_LINES = 9  # of an answer; the rest is counted


@in_style
def exchange(request: str, answer: str, status: int, *, title: str | None = None, alt: str | None = None) -> Picture:
    """A picture of an HTTP request, the answer below it, and its status in numbers and words.

    request, answer: texts, wrapped where they are wide; of a long answer the first lines are shown.
    status: 200 to 299 is drawn as a success, any other as a refusal, with another edge.
    """
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        raise ValueError(f"status is {status!r}; give an HTTP status, from 100 to 599.")
    fine = 200 <= status < 300
    canvas = Canvas()
    canvas.text(0, 0, "request", size=SMALL, color=MUTED, ha="left")
    bottom = _panel(canvas, 0.14, request, INK, "-")
    says = f"answer {status}: {'answered' if fine else 'refused'}"
    canvas.arrow((0.5, bottom + 0.05), (0.5, bottom + GAP - 0.05))
    canvas.text(0.68, bottom + GAP / 2, says, size=SMALL, weight="bold", color=INK if fine else VERMILION, ha="left")
    _panel(canvas, bottom + GAP, answer, INK if fine else VERMILION, "-" if fine else (0, (4, 2)))
    canvas.heading(title)
    return canvas.picture(f"request: {request} {says}: {answer}", title=title, alt=alt)


def _panel(canvas: Canvas, top: float, text: str, edge: str, dash: object) -> float:
    """Draws a text in its box, as wide as all others; returns where it ends."""
    lines = _broken(text).split("\n")
    if len(lines) > MOST_LINES:
        left = len(lines) - MOST_LINES + 1
        lines = [*lines[: MOST_LINES - 1], f"… {left} more lines"]
    shown = "\n".join(lines)
    height = text_height(shown) + 1.6 * PAD
    canvas.rounded(0, top, WIDTH, height, CELL, edge=edge, radius=0.06, dash=dash)
    canvas.text(PAD, top + PAD, shown, ha="left", va="top")
    return top + height


def _broken(text: str) -> str:
    """The text wrapped; a word wider than the box, such as a long list of numbers without blanks, is cut."""
    room = WIDTH - 2 * PAD
    done = []
    for line in wrapped(text.replace("$", "\\$"), room).split("\n"):
        while text_width(line) > room:
            fits = max(int(len(line) * room / text_width(line)) - 1, 1)
            done.append(line[:fits])
            line = line[fits:]
        done.append(line)
    return "\n".join(done)
