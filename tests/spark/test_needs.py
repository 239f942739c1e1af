"""A machine without PySpark, Java or the Scala job: one sentence that says what to do, and nothing is started."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from importlib.metadata import version

import pytest

from course import spark
from course.spark import jvm, needs


@pytest.fixture(autouse=True)
def java_17(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """Whatever this machine has: a java that says 17, and nothing of the Scala job."""
    _java(tmp_path, "17.0.15")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("TF30_SPARK", str(tmp_path / "nothing"))


def _java(home, told: str) -> None:
    program = home / "bin" / "java"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{told}\" 2025-01-01' >&2\n")
    program.chmod(0o755)


def _one_sentence(reason: str | None) -> str:
    assert reason
    assert "\n" not in reason
    assert reason.endswith(".")
    return reason


@pytest.mark.parametrize("missing", ["pyspark", "pyarrow"])
def test_a_missing_package_is_named_with_the_way_to_get_it(monkeypatch, missing):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    reason = _one_sentence(spark.skip_reason("python"))
    assert missing in reason
    assert "thirty-days-of-tensorflow[spark]" in reason


def test_no_java_at_all(monkeypatch, tmp_path):
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    reason = _one_sentence(spark.skip_reason("python"))
    assert "Java 17 or newer, and no `java` was found" in reason
    assert "JAVA_HOME" in reason


def test_a_java_home_that_holds_no_java(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    assert _one_sentence(spark.skip_reason("python")).startswith(f"JAVA_HOME is {tmp_path / 'gone'}, and there is no")


@pytest.mark.parametrize(("told", "named"), [("11.0.2", "Java 11"), ("1.8.0_392", "Java 1:")])
def test_a_java_that_is_too_old(tmp_path, monkeypatch, told, named):
    home = tmp_path / "old"
    home.mkdir()
    _java(home, told)
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert named in _one_sentence(spark.skip_reason("python"))


def test_a_java_that_does_not_start(tmp_path, monkeypatch):
    home = tmp_path / "broken"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").write_text("#!/bin/sh\nexit 1\n")
    (home / "bin" / "java").chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert "no Java that starts" in _one_sentence(spark.skip_reason("python"))


def test_another_spark_than_the_one_the_course_is_written_for(monkeypatch):
    monkeypatch.setattr(needs, "version", lambda: "3.5.1")
    assert "PySpark 4, and this is 3.5.1" in _one_sentence(spark.skip_reason("python"))


def test_all_is_there_for_python_and_the_jars_are_missing_for_scala(capsys):
    assert spark.can("python")
    assert capsys.readouterr().out == ""
    assert not spark.can("scala")
    told = capsys.readouterr().out
    assert told.startswith("Skipped: TensorFlow's Java API")
    assert "make spark" in told
    assert "tf30 spark" in told


def test_a_job_built_from_other_sources_is_not_used(monkeypatch, tmp_path):
    where = tmp_path / "built"
    (where / "jars").mkdir(parents=True)
    (where / "jars" / "tensorflow.jar").touch()
    (where / "scoring.jar").touch()
    monkeypatch.setenv("TF30_SPARK", str(where))
    needs.stamp().write_text(needs.fingerprint())
    assert spark.skip_reason("scala") is None
    monkeypatch.setattr(needs, "version", lambda: "4.99.0")
    assert "built from other sources or for another Spark" in _one_sentence(spark.skip_reason("scala"))


def test_an_unfinished_build_is_not_used(monkeypatch, tmp_path):
    (tmp_path / "nothing" / "jars").mkdir(parents=True)
    (tmp_path / "nothing" / "jars" / "tensorflow.jar").touch()
    (tmp_path / "nothing" / "scoring.jar").touch()
    assert "not here yet" in _one_sentence(spark.skip_reason("scala"))


def test_an_unknown_need_is_refused():
    with pytest.raises(ValueError, match="Unknown need 'java'"):
        spark.skip_reason("java")


def test_what_is_missing_is_raised_where_it_is_asked_for_all_the_same(monkeypatch, tmp_path):
    with pytest.raises(spark.SparkNotFound, match="make spark"):
        spark.submit(tmp_path, [[1.0, 2.0]])
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setattr(needs, "java", lambda: None)
    with pytest.raises(spark.SparkNotFound, match="no `java` was found"):
        spark.session()


def test_without_maven_nothing_is_built_and_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(spark.SparkNotFound, match="no `mvn` was found"):
        spark.build()
    assert not (tmp_path / "nothing").exists()


def test_the_command_tells_what_is_missing_in_a_sentence(monkeypatch, tmp_path):
    from typer.testing import CliRunner

    from course.cli import app

    monkeypatch.setenv("PATH", str(tmp_path))
    done = CliRunner().invoke(app, ["spark"])
    assert done.exit_code == 1
    assert "no `mvn` was found" in done.output
    assert "Traceback" not in done.output


def test_a_build_that_fails_leaves_nothing_that_looks_ready(monkeypatch, tmp_path):
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho '[ERROR] no network'\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    where = needs.folder()
    (where / "jars").mkdir(parents=True)
    for name in ("scoring.jar", "built-from.txt", "jars/old.jar"):
        (where / name).touch()
    with pytest.raises(jvm.JobFailed, match="no network"):
        spark.build()
    assert "not here yet" in _one_sentence(spark.skip_reason("scala"))


def test_the_versions_of_the_engine_the_compiler_and_the_project_fit():
    names = {path.name for path in (needs.spark_home() / "jars").glob("scala-*.jar")}
    assert any(name.startswith("scala-compiler-2.13") for name in names)
    assert version("pyspark") == needs.version()


def test_the_maven_project_compiles_every_scala_file():
    pom = (needs.PROJECT / "pom.xml").read_text()
    for path in needs.PROJECT.glob("src/**/*.scala"):
        assert path.relative_to(needs.PROJECT).as_posix() in pom


def test_importing_it_imports_no_engine():
    heavy = ("pyspark", "tensorflow", "pandas", "sklearn")
    code = f"import sys, course.spark; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_recorded_speeds_are_those_of_both_models():
    for model in ("linear", "dense"):
        found = spark.recorded(model)
        assert {"Keras predict", "predict_batch_udf", "mapInPandas", "Scala RDD"} <= set(found)
        assert all(speed > 0 for way in found.values() for speed in way.values())
    with pytest.raises(ValueError, match="give 'linear' or 'dense'"):
        spark.recorded("deep")
