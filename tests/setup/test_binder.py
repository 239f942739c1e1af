"""Binder, replayed: its files build an environment from the constraints, and JupyterLab serves the start page.

Binder installs with pip. Here uv does, which is ten times as fast and reads the same files; with --pip it is pip.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

import pytest

from course.learner.warm import safe

ROOT = Path(__file__).resolve().parents[2]
KERNEL = "Thirty Days (warm)" if not safe.why_not({}) else "Python 3 (ipykernel)"
START = "notebooks/00_start_here.ipynb"


def test_binders_python_is_one_that_the_course_supports():
    (named,) = re.findall(r"^python-(\d+)\.(\d+)$", (ROOT / "binder" / "runtime.txt").read_text(), re.MULTILINE)
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert wanted == ">=3.11,<3.14"
    assert (3, 11) <= tuple(map(int, named)) < (3, 14)


@pytest.mark.slow
def test_the_environment_builds_from_the_constraints_and_serves_the_start_page(
    clone: Path, lab, request: pytest.FixtureRequest
):
    with_pip = request.config.getoption("--pip")
    with tempfile.TemporaryDirectory(prefix="tf30-binder-", ignore_cleanup_errors=True) as folder:
        venv.create(folder, with_pip=with_pip, symlinks=True)
        programs = Path(folder) / "bin"
        clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
        # Bytecode for 2 GB of packages that run once would take longer than running them.
        environment = {**clean, "PATH": f"{programs}{os.pathsep}{clean['PATH']}", "PIP_NO_COMPILE": "1"}

        def run(*command: str) -> str:
            done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout

        python = str(programs / "python")
        pip, uv = [python, "-m", "pip", "install"], [sys.executable, "-m", "uv", "pip", "install", "--python", python]
        run(*(pip if with_pip else uv), "--quiet", "-r", "binder/requirements.txt")
        run(str(clone / "binder" / "postBuild"))

        (pinned,) = re.findall(r"^tensorflow==(\S+)$", (clone / "constraints" / "pinned.txt").read_text(), re.MULTILINE)
        shown = run(python, "-c", "import course; course.setup(day=5)")
        assert shown.startswith(f"TensorFlow {pinned} ")
        with lab(
            [programs / "jupyter-lab", "--no-browser", "--port=0", "--allow-root"], clone, **environment
        ) as running:
            assert running.ask(f"api/contents/{START}")["type"] == "notebook"
            assert "jupyter-config-data" in running.ask(f"lab/tree/{START}")
            assert running.ask("api/kernelspecs")["kernelspecs"]["python3"]["spec"]["display_name"] == KERNEL
