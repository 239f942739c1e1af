"""What lies around notebooks and disturbs them: files with a module's name, settings of Keras, a proxy."""

from __future__ import annotations

from pathlib import Path

from course import surroundings
from course.learner.doctor.findings import Finding, State


def files() -> list[Finding]:
    """The files where the learner works that have the name of a module."""
    from course.cli.lab import default_folder

    folders = dict.fromkeys((default_folder(), Path.cwd()))
    return [_hides(double) for folder in folders if folder.is_dir() for double in surroundings.doubles(folder)]


def keras() -> list[Finding]:
    """Whether something asks for another Keras than the course needs."""
    findings = []
    for where, wish in surroundings.keras_wishes().items():
        asks = "Keras 2" if where == surroundings.LEGACY else f"the backend {wish}"
        variable = where in (surroundings.BACKEND, surroundings.LEGACY)
        back = f"Unset {where}" if variable else f'Write "backend": "tensorflow" in {where}'
        what = f"{where} asks for {asks}; the set-up line of each notebook puts that aside"
        findings.append(Finding("Keras", State.NOTE, what, f"{back}, and your own programs use TensorFlow, too."))
    return findings


def proxy() -> list[Finding]:
    """Whether a proxy stands between a notebook and the servers that day 29 starts on this machine."""
    variable = surroundings.proxy()
    if not variable:
        return []
    what = f"{variable} is set for this machine's own servers, too; the set-up line excepts them"
    return [Finding("proxy", State.NOTE, what, f"For your own programs, set no_proxy={','.join(surroundings.LOCAL)}.")]


def _hides(double: surroundings.Double) -> Finding:
    ours = double.whose == "the course"
    what = f"{double.path} has the name of a module of {double.whose}"
    ends = ", so the set-up line cannot run beside it" if ours else ", and is imported in its place beside notebooks"
    remedy = f"Rename it, for example to {double.another_name}, and restart the kernels."
    return Finding("this folder", State.BROKEN if ours else State.WARNING, what + ends, remedy)
