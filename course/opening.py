"""The set-up line of every day: TensorFlow, style, placeholders, progress and review brought together.

The only module that knows all the others.
"""

from __future__ import annotations

import logging
import platform
import re
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from checks.engine import api
from checks.engine.exercise import Exercise
from checks.engine.quiet import import_quietly, quiet
from course import days, surroundings
from course.days import Day
from course.runtime import Runtime, devices

OLDEST = (2, 19)
SEED = 30


class AnotherKeras(RuntimeError):
    """Keras is loaded, and is not the one that the course needs; that cannot be changed in this process."""


@dataclass(frozen=True)
class Versions:
    """What `setup` shows: one line of versions and device, and sentences that need attention."""

    line: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "\n".join((self.line, *self.notes))

    def _repr_html_(self) -> str:
        notes = "".join(f"<div><b>Note:</b> {escape(note)}</div>" for note in self.notes)
        return f'<div style="font-family:monospace;font-size:0.9em">{escape(self.line)}{notes}</div>'


def setup(day: int | str | None = None, *, cpus: int | None = None, seed: int = SEED) -> None:
    """Nothing, but the notebook is ready: quiet TensorFlow, seeds, plot style, versions and device shown.

    Args:
        day: which day's exercises get a placeholder, so that a cell that names one runs before it is written.
        cpus: splits the CPU into that many logical devices where there is neither GPU nor TPU; by default what the
            day asks for in days.toml.
        seed: of Python, NumPy and TensorFlow.

    Raises:
        UnknownDay: there is no such day.
        RuntimeNotFound: TensorFlow is not installed, or TF30_RUNTIME asks for what is not here.
        TooLate: the CPU is to be split, and TensorFlow already uses it.
        AnotherKeras: Keras was imported before, and not for TensorFlow.
    """
    found_day = None if day is None else days.find(day)
    _refuse_another_keras()
    notes = surroundings.prepare()
    from course.plot.style import use_style

    api.solution_texts = _solution_text
    tensorflow = import_quietly()
    split = found_day.cpus if found_day is not None and found_day.cpus > 1 else None
    runtime = devices(cpus=cpus or split)
    import keras

    notes += surroundings.set_keras(keras)
    with quiet():
        tensorflow.zeros(1) + 1  # the first operation starts the devices, and they talk on descriptor 2
        keras.utils.set_random_seed(seed)
    tensorflow.get_logger().setLevel("WARNING")  # model.export would tell on stderr where it put its assets
    tensorflow.get_logger().addFilter(of_learners_code)
    use_style()
    # h5py asks NumPy 2 for an array in an outdated way at every save; the learner cannot fix it.
    warnings.filterwarnings("ignore", message=r".*__array__.*copy", category=DeprecationWarning)
    _show(_versions(tensorflow.__version__, keras.__version__, runtime, notes))
    if found_day is not None:
        _place(found_day.number)
    _accompany(found_day)


def of_learners_code(record: logging.LogRecord) -> bool:
    """Whether a message of TensorFlow's log is about what a learner can change.

    TensorFlow counts the traces of all models together, since they share the code of Keras' own training loop. So it
    warns of retracing where a notebook fits one small model after the other, as each of them must be traced.
    """
    message = record.getMessage()
    return not ("triggered tf.function retracing" in message and "TensorFlowTrainer." in message)


def _refuse_another_keras() -> None:
    keras = sys.modules.get("keras")
    backend = keras.config.backend() if hasattr(keras, "config") else "tensorflow"
    legacy = surroundings.LEGACY in surroundings.keras_wishes() and "tensorflow" in sys.modules
    if legacy or backend != "tensorflow":
        found = "Keras 2" if legacy else f"Keras with the backend {backend}"
        raise AnotherKeras(
            f"An earlier cell has imported {found}, and this course needs Keras 3 on TensorFlow. Restart the kernel "
            "(Kernel > Restart Kernel) and run the set-up cell first: it chooses TensorFlow."
        )


def _solution_text(exercise: Exercise) -> str:
    """The solution as the exercise's lesson has it."""
    from course.authoring import lessons

    return lessons.solution_text(exercise.name)


def _versions(tensorflow: str, keras: str, runtime: Runtime, surrounding: Sequence[str] = ()) -> Versions:
    notes = [*([runtime.note] if runtime.note else []), *surrounding]
    numbers = tuple(int(part) for part in re.findall(r"\d+", tensorflow)[:2])
    if numbers < OLDEST:
        notes.append(
            f"This course needs TensorFlow {OLDEST[0]}.{OLDEST[1]} or newer, and this is {tensorflow}: some "
            "cells may fail. Run %pip install --upgrade tensorflow keras in a cell, then restart the kernel."
        )
    line = f"TensorFlow {tensorflow} · Keras {keras} · Python {platform.python_version()} · {runtime}"
    return Versions(line, tuple(notes))


def _ipython() -> Any:
    """The running IPython shell, or None; IPython is not imported for the question."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def _show(card: Versions) -> None:
    if _ipython() is None:
        print(card)
    else:
        from IPython.display import display

        display(card)


def _place(day: int) -> None:
    names = api.placeholders(day)
    shell = _ipython()
    if shell is not None:
        for name, placeholder in names.items():
            shell.user_ns.setdefault(name, placeholder)


def _accompany(day: Day | None) -> None:
    """Nothing; in a notebook, checks are kept from now on, and what is due from earlier days is shown."""
    shell = _ipython()
    if shell is None:
        return
    from course.learner import explaining, review
    from course.learner.progress import listening

    listening.listen(shell)
    explaining.listen(shell)
    if day is not None:
        review.open_day(day)
    listening.tell()
