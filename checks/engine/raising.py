"""An exception as plain data: its own reason, without what libraries wrap around it, and the learner's own line."""

from __future__ import annotations

import linecache
import re
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path

from checks.engine.plain import Raised, plain_name
from checks.engine.worker import Stopped

MAX_MESSAGE = 2_000
MAX_RAW = 100_000
MAX_CHAIN = 10
"""Exceptions that led to one another and are looked through for the learner's line."""
MAX_PEELED = 6

_CHECKS = Path(__file__).resolve().parents[1]
_OURS = (str(_CHECKS), str(_CHECKS.parent / "course"))
_LIBRARIES = tuple(dict.fromkeys(sysconfig.get_paths()[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")))


def raised(error: BaseException) -> Raised:
    """The exception as plain data, with the learner's own line: the last frame that is neither a library's nor ours."""
    try:
        return _raised(error)
    except Stopped:
        raise
    except BaseException as broken:  # a learner's own exception class may do anything when it is looked at
        return Raised(plain_name(type(error)), f"<its message raises {plain_name(type(broken))}>")


def _raised(error: BaseException) -> Raised:
    message = str.__str__(str(error))[:MAX_RAW]
    line, code = None, None
    # AutoGraph runs generated code; it names the learner's line, which is deeper than any frame, in its message only.
    for file, number in re.findall(r'File "([^"]+)", line (\d+), in \S+  \*', message):
        if _is_learners(file):
            line, code = int(number), _text_of(file, int(number))
    for one in _chain(error):
        if line is not None:
            break
        for frame, number in traceback.walk_tb(one.__traceback__):
            if _is_learners(frame.f_code.co_filename):
                line, code = number, _text_of(frame.f_code.co_filename, number)
    if line is None:  # an operation of a graph knows where it was made
        for file, number in re.findall(r'File "([^"]+)", line (\d+)', message):
            if _is_learners(file):
                line, code = int(number), _text_of(file, int(number))
    return Raised(plain_name(type(error)), reason(message)[:MAX_MESSAGE], line, code)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, and those that it came from, as Python would show them."""
    one: BaseException | None = error
    for _ in range(MAX_CHAIN):
        if one is None:
            return
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _text_of(file: str, number: int) -> str | None:
    return linecache.getline(file, number).strip() or None


def _is_learners(filename: str) -> bool:
    if filename.startswith("<frozen") or filename == "<string>" or "__autograph_generated_file" in filename:
        return False
    return not filename.startswith((*_OURS, *_LIBRARIES, sys.base_prefix + "/lib"))


# Each finds the inner reason in a message that wraps it.
_WRAPPERS = (
    # Keras: "Exception encountered when calling Dense.call(). reason Arguments received by Dense.call(): ..."
    re.compile(
        r"^Exception encountered when calling [^\n]*\n\s*(?P<inner>.*?)(?:\n\s*\n\s*Arguments received by .*)?$", re.S
    ),
    # Keras: "<class ...> could not be deserialized properly. ... config={...}. Exception encountered: reason"
    re.compile(r"^[^\n]* could not be deserialized properly\..*Exception encountered: ?(?P<inner>.*)$", re.S),
    # Keras: "Error when deserializing class 'X' using config={...}. Exception encountered: reason"
    re.compile(r"^Error when deserializing class .*?Exception encountered: ?(?P<inner>.*)$", re.S),
    # Keras: "Could not automatically infer the output shape / dtype of 'x' (of type X). ... Error encountered: reason"
    re.compile(r"^Could not automatically infer the output shape .*?Error encountered:\s*(?P<inner>.*)$", re.S),
    # tf.data: "Error in user-defined function passed to Map... with iterator: Iterator::Root::Map: reason"
    re.compile(r"^Error in user-defined function passed to .*?Iterator::[\w:\[\]]+: (?P<inner>.*)$", re.S),
    # AutoGraph: "in user code: File ..., line 3, in f * ... TypeError: reason"
    re.compile(r"^in user code:\n.*?\n\s*\n\s+(?P<inner>(?:[A-Za-z_][\w.]*: )?\S.*)$", re.S),
)
_TRACE = re.compile(r'^\s*(File "[^"]*", line \d+|Detected at node|Node: |<stack traces unavailable>)')


def reason(message: str) -> str:
    """What went wrong, in the words of the exception that was first: without wrappers, names of nodes and devices."""
    message = message.partition("\n\nOriginal stack trace for ")[0]
    message = re.sub(r"\x1b\[[0-9;]*m", "", message)
    # "for '{{node add}} = AddV2[T=DT_FLOAT](x, y)'": the operation's kind is all that tells a learner anything.
    message = re.sub(r"'\{\{node [^{}]*\}\} = (\w+)\[[^']*'", r"\1", message)
    message = re.sub(r"\n?\s*\[\[\{\{[^{}]*\}\}\]\]", "", message)
    message = re.sub(r"\{\{[^{}]*\}\} ?| ?\[Op:\w+\]( name: ?\S*)?", "", message).strip()
    for _ in range(MAX_PEELED):
        inner = _peeled(message)
        if inner is None or not inner.strip() or inner.strip() == message:
            break
        message = inner.strip()
    # The class as the learner knows it, not where TensorFlow keeps it.
    message = re.sub(r"tensorflow\.python\.framework\.ops\.(?:Eager)?Tensor", "tf.Tensor", message)
    return message.partition(" Full object config: {")[0]


def _peeled(message: str) -> str | None:
    if message.startswith("Graph execution error:"):
        return _of_a_graph(message)
    for wrapper in _WRAPPERS:
        found = wrapper.match(message)
        if found:
            # Behind AutoGraph's trace, the type is said once more.
            return re.sub(r"^[A-Za-z_][\w.]*(Error|Exception|Unusable): ", "", _without_margin(found["inner"]).strip())
    return None


def _of_a_graph(message: str) -> str | None:
    """The reason in "Graph execution error: Detected at node ... File ... reason [[node]]"."""
    rest = message.partition("Graph execution error:")[2]
    rest = re.sub(r"\n\s*\[\[.*", "", rest, flags=re.S)
    lines = rest.strip("\n").split("\n")
    last = max((place for place, line in enumerate(lines) if _TRACE.match(line)), default=-1)
    kept = [line for line in lines[last + 1 :] if line.strip()]
    if last >= 0 and len(kept) > 1 and lines[last].lstrip().startswith("File"):
        kept = kept[1:]  # the line of source that the trace quotes
    return "\n".join(kept).strip() or None


def _without_margin(text: str) -> str:
    lines = text.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    return "\n".join([lines[0].strip(), *(line[margin:] for line in lines[1:])])
