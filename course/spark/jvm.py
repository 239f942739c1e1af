"""The Scala job: built with Maven, run with spark-submit, its answers as Python data."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course.plot.values import ArrayLike, as_array
from course.spark import needs
from course.spark.local import CORES, SETTINGS, environment

MAIN = "thirtydays.Score"
PATIENCE = 300


class JobFailed(RuntimeError):
    """Maven or the Scala job ended with an error; the message holds its own words."""


class Code:
    """Source text that a notebook shows in colour, and print shows as it is."""

    def __init__(self, text: str, language: str) -> None:
        self.text, self.language = text, language

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return f"```{self.language}\n{self.text}\n```"


def source(name: str) -> Code:
    """The Scala text of "Models" or "Score", to be shown by a notebook. Raises FileNotFoundError for another name."""
    path = needs.PROJECT / "src" / "main" / "scala" / "thirtydays" / f"{name}.scala"
    return Code(path.read_text(encoding="utf-8").strip(), "scala")


def submit(
    model: str | os.PathLike[str], rows: ArrayLike, *, output: str = "outputs", batch: int = 1000, cores: int = CORES
) -> dict[str, Any]:
    """What the Scala job says of the rows, through spark-submit, in a JVM of its own on this machine.

    model: folder of a SavedModel whose input "inputs" is float32 [n, k]. rows: [n, k]. output: the name of an output
    of float32 or int64, [n] or [n, m]; column 0 is taken. The dictionary holds "rdd" and "sql" (n numbers each),
    "rdd_seconds", "sql_seconds", "loads" (of the model, in all), "tensorflow" and "scala" (versions).
    Raises SparkNotFound where something is missing, JobFailed where the job fails.
    """
    needs.require("scala")
    table = as_array(rows, "rows")
    if table.ndim != 2 or not len(table):
        raise ValueError(f"rows has the shape {table.shape}; give at least one row, [n, k].")
    home = needs.spark_home()
    # --jars would copy the 160 MB into the work folder of every run; on this one machine the class path does.
    classes = os.pathsep.join(str(path) for path in needs.jars())
    with tempfile.TemporaryDirectory(prefix="scala-job-", ignore_cleanup_errors=True) as scratch:
        table_file = Path(scratch) / "rows.csv"
        table_file.write_text("".join(",".join(map(repr, row)) + "\n" for row in table.astype(float).tolist()))
        settings = {
            **SETTINGS,
            "spark.local.dir": scratch,
            "spark.driver.extraClassPath": classes,
            # Where the native library is unpacked to, once.
            "spark.driver.extraJavaOptions": f"-Dorg.bytedeco.javacpp.cachedir={needs.folder() / 'native'}",
        }
        script = home / "bin" / ("spark-submit.cmd" if os.name == "nt" else "spark-submit")
        command = [str(script), "--master", f"local[{cores}]", "--class", MAIN]
        for name, value in settings.items():
            command += ["--conf", f"{name}={value}"]
        command += [str(needs.job()), str(Path(model).resolve()), str(table_file), output, str(batch)]
        done = _run(command, {"SPARK_HOME": str(home)}, scratch, "The Scala job")
    return json.loads(done.splitlines()[-1])


def build(offline: bool = False) -> Path:
    """The folder that now holds the compiled job and TensorFlow's Java API; Maven downloads about 170 MB once.

    offline: with what Maven has downloaded before.
    Raises SparkNotFound where PySpark, Java or Maven is missing, JobFailed where Maven or the first run fails.
    """
    needs.require("python")
    maven = shutil.which("mvn")
    if maven is None:
        raise needs.SparkNotFound(
            "Maven brings TensorFlow's Java API, and no `mvn` was found: install it (Debian, Ubuntu: sudo apt install "
            "maven; macOS: brew install maven)."
        )
    where = needs.folder()
    where.mkdir(parents=True, exist_ok=True)
    needs.stamp().unlink(missing_ok=True)
    for old in (needs.job(), *needs.jars()):
        old.unlink(missing_ok=True)
    command = [maven, "--batch-mode", "--no-transfer-progress", "--file", str(needs.PROJECT / "pom.xml"), "package"]
    command += [f"-Dspark.home={needs.spark_home()}", f"-Dout={where}"]
    _run([*command, *["--offline"] * offline], {}, str(where), "Maven")
    needs.stamp().write_text(needs.fingerprint(), encoding="utf-8")
    return where


def _run(command: Sequence[str], more: dict[str, str], folder: str, who: str) -> str:
    """What the program wrote on its standard output. Raises JobFailed with its last lines where it fails."""
    started = {**os.environ, **environment(), **more}
    try:
        done = subprocess.run(
            command, cwd=folder, env=started, capture_output=True, text=True, errors="replace", timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise JobFailed(f"{who} did not end within {PATIENCE} seconds.") from None
    if done.returncode:
        raise JobFailed(f"{who} ended with an error:\n{_told(done.stdout + done.stderr)}")
    return done.stdout


def _told(text: str) -> str:
    """The lines that say what went wrong; without any, the last ones."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "exception" in line.lower()]
    return "\n".join((errors or lines)[:8])
