"""nbgrader's own steps from a source notebook to what students get, without its database and its folders."""

from __future__ import annotations

import copy
import logging
from functools import cache

from nbformat import NotebookNode

from course.authoring.lessons import STUB

CODE_STUB = {"python": STUB}
"""What stands in place of a solution; the class folder's nbgrader_config.py says the same."""


def release(source: NotebookNode) -> NotebookNode:
    """The notebook that `nbgrader generate_assignment` makes of a source notebook, its header cells left out.

    The steps and their order are those of `nbgrader.converters.GenerateAssignment`. Left out are
    IncludeHeaderFooter, SaveCells, which only writes the gradebook, and InstantiateTests, which changes
    nothing where no cell asks for made-up tests (the lints refuse those).
    """
    notebook = copy.deepcopy(source)
    resources: dict = {}
    for step in _steps():
        notebook, resources = step(notebook, resources)
    return notebook


@cache
def _steps() -> tuple:
    from nbgrader import preprocessors
    from traitlets.config import Config

    # Its own configuration, so that nothing in an author's home changes the course.
    config = Config({"ClearSolutions": {"code_stub": CODE_STUB}})
    logging.getLogger("traitlets").setLevel(logging.WARNING)
    names = (
        "LockCells",
        "ClearSolutions",
        "ClearOutput",
        "CheckCellMetadata",
        "ComputeChecksums",
        "ClearHiddenTests",
        "ClearMarkScheme",
        "ComputeChecksums",
        "CheckCellMetadata",
    )
    return tuple(getattr(preprocessors, name)(config=config) for name in names)
