"""Sentences about the store that the learner should see, each once in a process."""

from __future__ import annotations

_untold: list[str] = []
_known: set[str] = set()


def tell(sentence: str) -> None:
    """Nothing; the sentence waits until somebody takes it, unless it was told before."""
    if sentence not in _known:
        _known.add(sentence)
        _untold.append(sentence)


def take() -> tuple[str, ...]:
    """The sentences not yet taken."""
    taken = tuple(_untold)
    _untold.clear()
    return taken
