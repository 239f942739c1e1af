"""What Spark needs of this machine, and one sentence on what is missing."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Literal

from course import paths

Need = Literal["python", "scala"]

OLDEST_JAVA = 17
PROJECT = Path(__file__).resolve().parent / "scala"
BRING = "in a clone of the course run `make spark`, elsewhere `tf30 spark`"


class SparkNotFound(RuntimeError):
    """PySpark, Java or the Scala job's jars are not on this machine; the message says which."""


def can(need: Need) -> bool:
    """Whether a cell that needs Spark from "python", or the "scala" job, can run; if not, prints why."""
    reason = skip_reason(need)
    if reason:
        print(f"Skipped: {reason}")
    return reason is None


def skip_reason(need: Need) -> str | None:
    """Why Spark from "python", or the "scala" job, cannot run here, in one sentence; None where it can."""
    if need not in ("python", "scala"):
        raise ValueError(f"Unknown need {need!r}: choose 'python' or 'scala'.")
    return _python() or (_scala() if need == "scala" else None)


def require(need: Need) -> None:
    """Nothing. Raises SparkNotFound where `skip_reason` finds something missing."""
    reason = skip_reason(need)
    if reason:
        raise SparkNotFound(reason)


def spark_home() -> Path:
    """The folder of the pyspark package: its jars hold Spark and the Scala compiler."""
    return Path(str(importlib.util.find_spec("pyspark").origin)).parent


def java() -> str | None:
    """The java program of JAVA_HOME, else of the PATH; None where there is none."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")


def folder() -> Path:
    """Where the Scala job and the jars of TensorFlow's Java API lie, 0.9 GB with the unpacked native library.

    TF30_SPARK, else build/spark in a clone, else the user's cache folder. Not created here.
    """
    if os.environ.get("TF30_SPARK"):
        return Path(os.environ["TF30_SPARK"]).expanduser().resolve()
    return PROJECT.parents[2] / "build" / "spark" if paths.in_clone() else paths.cache() / "spark"


def job() -> Path:
    """The compiled job, inside `folder()`."""
    return folder() / "scoring.jar"


def jars() -> tuple[Path, ...]:
    """TensorFlow's Java API and what it needs, inside `folder()`; empty before they were brought."""
    return tuple(sorted((folder() / "jars").glob("*.jar")))


def stamp() -> Path:
    """The file that holds the `fingerprint()` of what the job was built from; written last of all."""
    return folder() / "built-from.txt"


def fingerprint() -> str:
    """A hash of the Maven project and of the Spark that compiles it."""
    files = [PROJECT / "pom.xml", *sorted(PROJECT.glob("src/**/*.scala"))]
    found = hashlib.sha256(version().encode())
    for path in files:
        found.update(path.read_bytes())
    return found.hexdigest()


def version() -> str:
    """PySpark's version, read without importing it."""
    from importlib.metadata import version as installed

    return installed("pyspark")


def _python() -> str | None:
    for package in ("pyspark", "pyarrow"):
        if importlib.util.find_spec(package) is None:
            return (
                f"Spark needs the package {package}, which is not installed: "
                "%pip install 'thirty-days-of-tensorflow[spark]', then restart the kernel."
            )
    if not version().startswith("4."):
        return (
            f"the course is written for PySpark 4, and this is {version()}: %pip install 'pyspark>=4,<5' in a cell, "
            "then restart the kernel."
        )
    program = java()
    home = os.environ.get("JAVA_HOME")
    if program is None and home:
        return f"JAVA_HOME is {home}, and there is no bin/java in it: set it to Java's folder, or unset it."
    if program is None:
        return (
            f"Spark needs Java {OLDEST_JAVA} or newer, and no `java` was found: install it (Debian, Ubuntu: sudo apt "
            f"install openjdk-{OLDEST_JAVA}-jre-headless; macOS: brew install openjdk@{OLDEST_JAVA}) or set JAVA_HOME."
        )
    found = _java_version(program)
    if found < OLDEST_JAVA:
        named = f"Java {found}" if found else "no Java that starts"
        return f"Spark needs Java {OLDEST_JAVA} or newer, and {program} is {named}: install one, or set JAVA_HOME."
    return None


def _scala() -> str | None:
    if not (job().is_file() and jars() and stamp().is_file()):
        return (
            f"TensorFlow's Java API and the Scala job are not here yet: {BRING} (once; it needs Maven and a network)."
        )
    if stamp().read_text(encoding="utf-8") != fingerprint():
        return f"the Scala job was built from other sources or for another Spark: {BRING} again."
    return None


@functools.cache
def _java_version(program: str) -> int:
    """The main number, such as 17; 0 where the program does not run. (8 calls itself 1.8: 1 is too old as well.)"""
    try:
        told = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(\d+)', told.stderr + told.stdout)
    return int(found[1]) if found else 0
