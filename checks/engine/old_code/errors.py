"""One entry of the tables of old code, and the forms that its error has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Old:
    """One way to write something that TensorFlow and Keras do not know, or no longer know.

    Attributes:
        era: a key of `ERAS`: where the code is at home.
        error: a regular expression for the exception's "Type: message".
        old: a line that fails so.
        today: the line that does the same now.
        why: what has changed, in one sentence, or "".
        line: a regular expression for the learner's line, where the error alone could come from other code.
    """

    era: str
    error: str
    old: str
    today: str
    why: str = ""
    line: str = ""


def of_module(*names: str, owner: str = r"tensorflow[\w.]*") -> str:
    """The error where a module of TensorFlow or Keras has none of the names."""
    return rf"^AttributeError: module '{owner}' has no attribute '({'|'.join(names)})'"


def of_tensor(*names: str) -> str:
    """The error where a tensor has none of the names."""
    return rf"^AttributeError: '?[\w.]*Tensor'? object has no attribute '({'|'.join(names)})'"


def of_object(owner: str, *names: str) -> str:
    """The error where an object of these classes has none of the names."""
    return rf"^AttributeError: '({owner})' object has no attribute '({'|'.join(names)})'"


def of_import(name: str) -> str:
    """The error where Keras has no such module, or no such name in a module."""
    known = r" from '(keras|tensorflow)[\w.]*'"
    return rf"^(ModuleNotFoundError: No module named '{name}'|ImportError: cannot import name '{name}'{known})"


def of_function(functions: str, *names: str) -> str:
    """The error where these functions take none of the arguments; TensorFlow's own do not tell their names."""
    return (
        rf"^TypeError: (Got|(\w+\.)*({functions})(\.\w+)*\(\) got) an unexpected keyword argument '({'|'.join(names)})'"
    )


def of_setting(*names: str) -> str:
    """The error where an optimizer or a layer of Keras takes none of the arguments."""
    said = r"Argument\(s\) not recognized: |Unrecognized keyword arguments passed to \w+: "
    return rf"^ValueError: ({said}){{'({'|'.join(names)})'"


KERAS = r"keras[\w.]*"
BACKEND = r"keras[\w.]*\.backend"
LAYERS = r"Dense|Conv\w+|LSTM|GRU|SimpleRNN|Embedding|Flatten|Dropout|\w+Normalization|\w+Pooling\w+|Rescaling"
MODEL = "Sequential|Functional|Model"
OPTIMIZERS = "Adam|SGD|RMSprop|Adagrad|AdamW|Nadam"
