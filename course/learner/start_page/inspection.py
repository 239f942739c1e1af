"""What a machine offers, found in about a second: nothing is computed and TensorFlow is not imported."""

from __future__ import annotations

import os
import platform
import re
import sys
from dataclasses import dataclass
from html import escape
from importlib import metadata
from pathlib import Path

from checks.engine import card
from course.learner.doctor import Finding, State

SIGNS = {State.GOOD: "✓", State.NOTE: "○", State.WARNING: "○", State.BROKEN: "!"}
WORDS = {State.GOOD: "fine", State.NOTE: "to know", State.WARNING: "to know", State.BROKEN: "to fix"}
# Seen at 3:1 or better on JupyterLab's light and dark pages; the words carry the meaning.
COLOURS = {State.GOOD: "#1a8a5a", State.NOTE: "#7c8594", State.WARNING: "#7c8594", State.BROKEN: "#c4561a"}


@dataclass(frozen=True)
class Machine:
    """What was found on a machine; shows as a card."""

    findings: tuple[Finding, ...]

    @property
    def broken(self) -> int:
        """How many things stand in the way of the course."""
        return sum(one.state is State.BROKEN for one in self.findings)

    @property
    def headline(self) -> str:
        """One sentence that sums up."""
        if not self.broken:
            return "Your machine is ready."
        return f"{self.broken} thing{'s need' if self.broken > 1 else ' needs'} fixing before you begin."

    def __repr__(self) -> str:
        width = max(len(_name(one)) for one in self.findings)
        lines = [f"{SIGNS[one.state]} {_name(one):{width}}  {_sentence(one)}".rstrip() for one in self.findings]
        return "\n".join([self.headline, *lines, _MORE])

    def _repr_html_(self) -> str:
        rows = []
        for one in self.findings:
            sign = (
                f'<span style="color:{COLOURS[one.state]}; font-weight:700" role="img" '
                f'aria-label="{WORDS[one.state]}">{SIGNS[one.state]}</span>'
            )
            cells = (_cell(sign), _cell(escape(_name(one)), "th"), _cell(escape(_sentence(one))))
            rows.append(f'<tr style="background:none">{"".join(cells)}</tr>')
        colour = COLOURS[State.BROKEN if self.broken else State.GOOD]
        return (
            f'<div class="tf30-machine" style="{card.BOX}; {card.INK}; border-color:{colour}">'
            f"<div><b>{escape(self.headline)}</b></div>"
            '<table style="border-collapse:collapse; table-layout:auto; margin:.3em 0; font-size:1em">'
            f"{''.join(rows)}</table><div>{escape(_MORE)}</div></div>"
        )


_MORE = "In a terminal, tf30 doctor checks more: it computes on every device and says how to fix problems."


def machine() -> Machine:
    """What this machine offers: the looks of `tf30 doctor` that take no time, and what a learner likes to know."""
    from course.learner.doctor import machine as doctor

    unusual = (one for one in (*doctor.home(), *doctor.settings()) if one.state is not State.GOOD)
    found = (*doctor.python(), *_tensorflow(), _devices(), *doctor.memory(), *doctor.disk(), *unusual)
    return Machine((*found, _progress(), _sliders()))


def fleeting() -> bool:
    """Whether this machine forgets: Binder and Colab give a fresh one each time."""
    return any(os.environ.get(name) for name in ("BINDER_SERVICE_HOST", "BINDER_REPO_URL")) or in_colab()


def in_colab() -> bool:
    """Whether this is a Colab runtime."""
    return "google.colab" in sys.modules or bool(os.environ.get("COLAB_RELEASE_TAG"))


def _tensorflow() -> list[Finding]:
    """What stands in the way among the installed packages, or else which TensorFlow there is."""
    from course.learner.doctor import packages

    broken = [one for one in packages.packages() if one.state is State.BROKEN]
    if broken:
        return broken
    what = f"{_version('tensorflow')} with Keras {_version('keras')}; a day's first cell loads it"
    if _lacks_avx():
        what = f"{_version('tensorflow')} needs a processor with AVX instructions, and this one has none"
        return [
            Finding("TensorFlow", State.BROKEN, what, "Use Colab or Binder: each day's first cell has their badges.")
        ]
    return [Finding("TensorFlow", State.GOOD, what)]


def _devices() -> Finding:
    from course.runtime import tpu_is_likely

    cores = os.cpu_count() or 1
    found = f"{cores} CPU core{'' if cores == 1 else 's'}"
    gpus = [name for path in Path("/proc/driver/nvidia/gpus").glob("*/information") if (name := _gpu_name(path))]
    if tpu_is_likely():
        found += " and a TPU"
    elif gpus:
        found += f" and {len(gpus)} GPU{'' if len(gpus) == 1 else 's'} ({gpus[0]})"
    else:
        found += "; the course needs no GPU"
    return Finding("computes on", State.GOOD, found)


def _progress() -> Finding:
    from course.learner import progress

    if progress.is_off():
        return Finding("progress", State.NOTE, "is not kept, because TF30_PROGRESS or nbgrader turns it off")
    if fleeting():
        remedy = "Take it with you: the end of this page says how."
        return Finding("progress", State.NOTE, "is kept until this session ends", remedy)
    return Finding("progress", State.GOOD, f"is kept in {progress.path()}")


def _sliders() -> Finding:
    version = _version("ipywidgets")
    if version is None:
        what = "ipywidgets is missing, so explorers are pictures without controls"
        return Finding("sliders", State.NOTE, what, "Run %pip install ipywidgets in a cell.")
    return Finding("sliders", State.GOOD, f"ipywidgets {version}")


def _lacks_avx() -> bool:
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    try:
        flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        return False  # not Linux: nothing is known
    return flags is not None and "avx" not in flags[1].split()


def _gpu_name(path: Path) -> str:
    try:
        match = re.search(r"^Model:\s*(.+)$", path.read_text(), re.MULTILINE)
    except OSError:
        return ""
    return match[1].strip() if match else "NVIDIA"


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _name(one: Finding) -> str:
    return one.subject[:1].upper() + one.subject[1:]


def _sentence(one: Finding) -> str:
    return f"{one.what.rstrip('.')}. {one.remedy}" if one.remedy else one.what


def _cell(text: str, kind: str = "td") -> str:
    scope = ' scope="row"' if kind == "th" else ""
    # A path has no space to break at, and would lead out of the card where the window is narrow.
    breaks = "overflow-wrap:break-word" if kind == "th" else "overflow-wrap:anywhere"
    return (
        f'<{kind}{scope} style="text-align:left; vertical-align:top; padding:.1em .7em .1em 0; border:0; '
        f'background:none; max-width:none; white-space:normal; {breaks}">{text}</{kind}>'
    )
