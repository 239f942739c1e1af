"""A Spark session on this machine that keeps its log out of the notebook."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from course.spark.needs import java, require

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CORES = 2
# Addresses: a laptop's own name may resolve to nothing, or to a network that is gone. No page, no progress bar, and two
# partitions after a shuffle instead of 200.
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": str(CORES),
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


def session(cores: int = CORES) -> SparkSession:
    """The running Spark session, started where there is none: workers on so many cores of this machine.

    Everything that Spark, its workers and TensorFlow inside them log goes to the file that `log()` names. Raises
    SparkNotFound where PySpark or Java is missing.
    """
    require("python")
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None:
        return running
    os.environ.update(environment())
    builder = SparkSession.builder.appName("thirty-days").master(f"local[{cores}]")
    for name, value in {**SETTINGS, "spark.local.dir": str(_scratch()), **_warehouse()}.items():
        builder = builder.config(name, value)
    # PySpark says so at every function that it wraps; what the course does with pandas 3, its tests prove.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
    with _logged():
        return builder.getOrCreate()


def stop() -> None:
    """Nothing; the session has ended, its workers with it."""
    if "pyspark" in sys.modules:
        from pyspark.sql import SparkSession

        running = SparkSession.getActiveSession()
        if running is not None:
            running.stop()


def log() -> Path:
    """The file of this process that holds what Spark and its workers say."""
    return _scratch() / "spark.log"


def environment() -> dict[str, str]:
    """What the driver and its workers need to find: this Python, this machine, a quiet TensorFlow."""
    needed = {
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    program = java()
    if program and not os.environ.get("JAVA_HOME"):
        # The PATH may hold a link; Java's home is where the program really is.
        needed["JAVA_HOME"] = str(Path(program).resolve().parents[1])
    return needed


@functools.cache
def _scratch() -> Path:
    """A folder of this process alone: a shared name would belong to whoever came first. It ends with the process."""
    made = tempfile.mkdtemp(prefix="thirty-days-spark-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


def _warehouse() -> dict[str, str]:
    # Spark makes a folder of this name where it starts: beside the notebook, by default.
    return {"spark.sql.warehouse.dir": str(_scratch() / "warehouse")}


@contextlib.contextmanager
def _logged() -> Iterator[None]:
    """Descriptors 1 and 2 are the log in the block: a process that starts there, such as Java, keeps them for life."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(number) for number in (1, 2)]
    try:
        with log().open("ab") as file:
            for number in (1, 2):
                os.dup2(file.fileno(), number)
            yield
    finally:
        for number, before in zip((1, 2), kept, strict=True):
            os.dup2(before, number)
            os.close(before)
