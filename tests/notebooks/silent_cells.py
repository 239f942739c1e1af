"""A plugin for a run of nbval, which by itself takes no notice of it: a cell that writes to stderr fails.

A learner sees it as a red box, and stock nbgrader gives 0 to a graded cell that does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: Any) -> Iterator[None]:
    """Fails after the cell has run, where something of it is on stderr."""
    yield
    for output in item.test_outputs:
        assert output.get("name") != "stderr", f"{item.cell.source}\n{output.text}"
