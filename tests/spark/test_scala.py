"""The Scala job: built by its Maven project, run by spark-submit, its answers equal to Python's."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from course import spark
from course.spark import jvm, needs

pytestmark = pytest.mark.slow


def _missing(reason: str | None) -> None:
    if reason and os.environ.get("CI"):
        pytest.fail(f"here the Scala job must run: {reason}")
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="module", autouse=True)
def ready() -> None:
    _missing(spark.skip_reason("scala"))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, np.ndarray, np.ndarray]]:
    """{name: (SavedModel, rows, answers)} of a Keras network, as the lesson exports it, and of a scikit-learn tree."""
    import keras
    from sklearn.datasets import load_iris
    from sklearn.tree import DecisionTreeClassifier

    folder = tmp_path_factory.mktemp("models")
    keras.utils.set_random_seed(0)
    rows = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    x = h = keras.Input((4,), name="inputs")
    for units, activation in ((16, "relu"), (8, "gelu"), (1, "sigmoid")):
        h = keras.layers.Dense(units, activation=activation)(keras.layers.LayerNormalization()(h))
    model = keras.Model(x, {"outputs": h})
    model.export(str(folder / "network"), verbose=False)
    iris = load_iris()
    tree = DecisionTreeClassifier(max_depth=5, random_state=0).fit(iris.data, iris.target)
    spark.reference("export_tree")(tree, str(folder / "tree"))
    return {
        "network": (folder / "network", rows, model.predict(rows, verbose=0)["outputs"][:, 0]),
        "tree": (folder / "tree", iris.data, tree.predict(iris.data)),
    }


def test_a_network_answers_in_scala_as_in_python(exported):
    path, rows, wanted = exported["network"]
    told = spark.submit(path, rows, batch=10)
    np.testing.assert_allclose(told["rdd"], wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(told["sql"], wanted, rtol=1e-5, atol=1e-6)
    assert told["loads"] == 1
    assert told["scala"].startswith("2.13.")


def test_any_algorithm_answers_in_scala_as_in_python(exported):
    path, rows, wanted = exported["tree"]
    told = spark.submit(path, rows, output="classes", batch=1000)
    assert told["rdd"] == told["sql"] == wanted.tolist()


def _write(path: Path, operation: str) -> None:
    from tensorflow.core.protobuf import saved_model_pb2

    written = saved_model_pb2.SavedModel()
    graph = written.meta_graphs.add()
    graph.meta_info_def.tags.append("serve")
    graph.graph_def.node.add(name="new", op=operation)
    path.mkdir()
    (path / "saved_model.pb").write_bytes(written.SerializeToString())


def test_an_operation_that_the_older_runtime_does_not_know_is_named(tmp_path):
    _write(tmp_path / "model", "InventedTomorrow")
    with pytest.raises(jvm.JobFailed, match=r"TensorFlow 2\.\d+\.\d+ does not know InventedTomorrow"):
        spark.submit(tmp_path / "model", [[1.0, 2.0]])


def test_rows_that_are_no_table_are_refused_before_java_starts(exported):
    for rows in ([1.0, 2.0], np.zeros((0, 4))):
        with pytest.raises(ValueError, match="give at least one row"):
            spark.submit(exported["network"][0], rows)


def _contents(path: Path) -> dict[str, int]:
    with zipfile.ZipFile(path) as jar:
        return {one.filename: one.CRC for one in jar.infolist() if one.filename.endswith(".class")}


def test_the_maven_project_compiles_again_without_a_network_to_the_job_that_runs_here(tmp_path, monkeypatch):
    _missing(None if shutil.which("mvn") else "Maven is not installed.")
    job, jars = needs.job(), [path.name for path in needs.jars()]
    monkeypatch.setenv("TF30_SPARK", str(tmp_path / "again"))
    spark.build(offline=True)
    assert spark.skip_reason("scala") is None
    assert [path.name for path in needs.jars()] == jars
    assert any("tensorflow-core-native" in name for name in jars)
    assert _contents(needs.job()) == _contents(job)


def test_the_command_says_that_everything_is_there():
    from typer.testing import CliRunner

    from course.cli import app

    done = CliRunner().invoke(app, ["spark"])
    assert done.exit_code == 0
    assert f"{needs.folder()}: everything is there." in done.output.replace("\n", "")
