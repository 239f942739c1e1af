"""What this machine offers the course: looked at, not assumed, each finding with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from course.learner.doctor.findings import Finding, State

__all__ = ["Finding", "Look", "State", "look", "looks"]


Look = Callable[[], list[Finding]]


def look(heard: Callable[[str], None] = lambda name: None) -> Iterator[Finding]:
    """Every finding, one after the other; a look that fails itself is a finding, too.

    Args:
        heard: told what is looked at next.
    """
    for name, one in looks().items():
        heard(name)
        try:
            yield from one()
        except Exception as error:  # whatever goes wrong here, a person who seeks help gets no traceback
            what = f"could not be checked ({type(error).__name__}: {error})"
            yield Finding(name, State.WARNING, what, "Please report this: it is a bug in tf30 doctor.")


def looks() -> dict[str, Look]:
    """What is looked at, by name, the cheap things first."""
    from course.learner.doctor import devices, extras, jupyter, machine, packages, surrounding

    return {
        "Python": machine.python,
        "memory": machine.memory,
        "disk": machine.disk,
        "your data": machine.home,
        "settings": machine.settings,
        "files beside notebooks": surrounding.files,
        "Keras": surrounding.keras,
        "proxy": surrounding.proxy,
        "packages": packages.packages,
        "JupyterLab": jupyter.server,
        "kernels": jupyter.kernels,
        "TensorFlow": devices.tensorflow,
        "fast start": extras.warm,
        "Spark": extras.spark,
        "nbgrader": extras.nbgrader,
        "isolation": extras.isolation,
    }
