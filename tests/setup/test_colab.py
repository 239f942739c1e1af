"""A learner's notebook in Colab: the course is not installed, TensorFlow and google.colab are."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "day05_tensors.ipynb"
RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with all that this one has, google.colab besides, and no course."""
    folder = tmp_path_factory.mktemp("colab")
    packages = folder / "packages"
    packages.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "thirty_days" not in path.name and path.suffix != ".pth":
            (packages / path.name).symlink_to(path)
    (folder / "fake" / "google" / "colab").mkdir(parents=True)
    (folder / "fake" / "google" / "colab" / "__init__.py").touch()
    venv.create(folder / "venv", with_pip=True, symlinks=True)
    (site,) = (folder / "venv" / "lib").glob("python3*/site-packages")
    (site / "image.pth").write_text(f"{packages}\n{folder / 'fake'}\n")
    return folder / "venv" / "bin" / "python"


def _run(colab: Path, *command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [str(colab), *map(str, command)],
        cwd=colab.parents[2],
        env={**clean, **environment},
        capture_output=True,
        text=True,
    )


def test_the_image_has_tensorflow_and_google_colab_but_not_the_course(colab: Path):
    code = (
        "import importlib.util as u; import google.colab, google.protobuf;"
        "print([bool(u.find_spec(n)) for n in ('tensorflow', 'course', 'checks')])"
    )
    done = _run(colab, "-c", code)
    assert done.stdout.strip() == "[True, False, False]", done.stderr


def test_the_set_up_cell_installs_the_course_and_the_notebook_runs_to_its_end(colab: Path, wheel: Path, tmp_path: Path):
    copy = tmp_path / NOTEBOOK.name
    copy.write_bytes(NOTEBOOK.read_bytes())
    # The index is this folder alone: what the set-up cell says must be enough, and must replace nothing of Colab's.
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheel.parent), "PIP_CONFIG_FILE": os.devnull}
    done = _run(colab, "-c", RUN, copy, **offline)
    assert done.returncode == 0, done.stderr

    notebook = nbformat.read(copy, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) > 5
    assert all(cell.execution_count for cell in code if cell.source.strip())
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    assert any("TensorFlow 2." in output.get("data", {}).get("text/plain", "") for output in outputs)

    (site,) = (colab.parents[1] / "lib").glob("python3*/site-packages")
    added = {path.name.split("-")[0] for path in site.glob("*.dist-info")}
    assert added == {"pip", "setuptools", "thirty_days_of_tensorflow"} - ({"setuptools"} - added)
