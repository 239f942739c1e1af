"""Silence on descriptor 2, and a bounded record of what an answer prints."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

KEPT = 2_000


class Record(io.TextIOBase):
    """Keeps the first characters that are written and counts them all.

    Attributes:
        count: characters written so far.
    """

    def __init__(self, kept: int = KEPT) -> None:
        super().__init__()
        self._kept = kept
        self._text = ""
        self.count = 0

    def writable(self) -> bool:
        """True: it can be written to."""
        return True

    def write(self, text: str) -> int:
        """The number of characters written; only the first few are kept."""
        text = str(text)
        if len(self._text) < self._kept:
            self._text += text[: self._kept - len(self._text)]
        self.count += len(text)
        return len(text)

    @property
    def text(self) -> str:
        """The beginning of what was written."""
        return self._text


@contextlib.contextmanager
def printing_kept() -> Iterator[Record]:
    """Python's print and sys.stderr go to the record that is given, until the block ends."""
    record = Record()
    with contextlib.redirect_stdout(record), contextlib.redirect_stderr(record):
        yield record


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Nothing that the block does reaches descriptor 2, not even from C++; logging is off.

    nbgrader gives 0 to a cell with a single byte on stderr, and TensorFlow and Keras write there.
    """
    logging_was = logging.root.manager.disable
    with contextlib.suppress(AttributeError, ValueError, OSError):  # a notebook may have lost or closed it
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # a process without a descriptor 2 has nothing to silence
        kept = None
    logging.disable(logging.CRITICAL)
    with open(os.devnull, "wb") as sink:  # noqa: PTH123 - os.devnull is a name, not a path
        if kept is not None:
            os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            logging.disable(logging_was)
            if kept is not None:
                os.dup2(kept, 2)
                os.close(kept)


class RuntimeNotFound(RuntimeError):
    """What was asked for (TensorFlow, a GPU, a TPU) is not on this machine."""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing of the block reaches descriptor 2, nor a warning the learner; both are as before afterwards."""
    with silent(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def import_quietly() -> Any:
    """The module tensorflow, imported without a byte on descriptor 2.

    Sets TF_CPP_MIN_LOG_LEVEL=3 unless you chose another: at 2, a cast to float16 prints a red line on some CPUs.
    Keras, once it is imported, is Keras 3 on TensorFlow, whatever the environment or a keras.json asks for.
    Raises RuntimeNotFound where TensorFlow is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    _choose_keras()
    with quiet():
        try:
            import tensorflow
        except ModuleNotFoundError as error:
            if error.name != "tensorflow":
                raise
            raise RuntimeNotFound(
                "TensorFlow is not installed here: run %pip install tensorflow in a cell (Python 3.11 to "
                "3.13), then restart the kernel."
            ) from None
    return tensorflow


def _choose_keras() -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"  # it goes before what a keras.json says
    os.environ.pop("TF_USE_LEGACY_KERAS", None)
    if "keras" not in sys.modules:
        # Parts that an import left behind which failed for want of another backend: they remember that backend.
        for name in [name for name in sys.modules if name.startswith("keras.")]:
            del sys.modules[name]
