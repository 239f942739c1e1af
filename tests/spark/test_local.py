"""PySpark on this machine: the lesson's functions on real workers, against the model itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course import spark

# The warning is for the notebook's kernel, where `spark.session` turns it off; pytest turns it on again for each test.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")

ROWS = np.stack([np.arange(200) % 7, np.arange(200) % 5], axis=1).astype("float32")


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    reason = spark.skip_reason("python")
    if reason:
        if os.environ.get("CI"):
            pytest.fail(f"here Spark must run: {reason}")
        pytest.skip(reason)
    yield spark.session()
    spark.stop()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SavedModel of 2 x1 - x2 + 3, and no TensorFlow in this process before it is needed."""
    from checks.drivers.day30 import _export_linear

    path = tmp_path_factory.mktemp("models") / "linear"
    _export_linear(str(path), [2.0, -1.0], 3.0)
    return path


@pytest.fixture
def table(session: Any) -> Any:
    rows = [(place, *map(float, row)) for place, row in enumerate(ROWS)]
    return session.createDataFrame(rows, "id long, x1 float, x2 float").repartition(2)


WANTED = ROWS @ np.array([2.0, -1.0], "float32") + 3


def _noting(make, file):
    def load():
        with Path(file).open("a") as notes:
            notes.write(f"{os.getpid()}\n")
        return make()

    return load


def _sorted(rows) -> list[float]:
    return [row.y for row in sorted(rows, key=lambda row: row.id)]


def test_a_batch_udf_answers_as_the_model_and_loads_once_per_worker(session, table, model, tmp_path):
    from pyspark.ml.functions import predict_batch_udf
    from pyspark.sql.functions import array
    from pyspark.sql.types import FloatType

    notes = tmp_path / "loads.txt"
    make = _noting(spark.reference("make_predict_fn")(str(model)), notes)
    score = predict_batch_udf(make, return_type=FloatType(), batch_size=16, input_tensor_shapes=[[2]])
    # Three queries, six tasks, and no more loads than workers.
    for _ in range(3):
        scored = table.select("id", score(array("x1", "x2")).alias("y")).collect()
        np.testing.assert_allclose(_sorted(scored), WANTED)
    loads = notes.read_text().split()
    assert len(loads) == len(set(loads)) <= 2

    session.udf.register("tfpredict", score)
    session.udf.register("tfonce", score.asNondeterministic())
    table.createOrReplaceTempView("points")
    asked = session.sql("select id, tfpredict(array(x1, x2)) as y from points").collect()
    np.testing.assert_allclose(_sorted(asked), WANTED)
    query = "select * from (select id, {}(array(x1, x2)) as y from points) where y > 3.5"
    for name, evaluations in (("tfpredict", 2), ("tfonce", 1)):
        frame = session.sql(query.format(name))
        assert frame._jdf.queryExecution().executedPlan().toString().count("ArrowEvalPython") == evaluations
        assert len(frame.collect()) == int((WANTED > 3.5).sum())


def test_frames_stream_through_map_in_pandas(table, model):
    make = spark.reference("make_predict_fn")(str(model))
    stream = partial(spark.reference("predict_frames"), load_model=make)
    scored = table.mapInPandas(stream, "id long, x1 float, x2 float, y float").collect()
    np.testing.assert_allclose(_sorted(scored), WANTED)


def test_partitions_of_an_rdd_are_scored_and_empty_ones_load_nothing(session, model, tmp_path):
    notes = tmp_path / "loads.txt"
    load = _noting(spark.reference("make_predict_fn")(str(model)), notes)
    body = partial(spark.reference("partition_predict"), load_model=load)
    scored = session.sparkContext.parallelize(ROWS[:1].tolist(), 4).mapPartitions(body).collect()
    assert scored == [3.0]
    assert len(notes.read_text().split()) == 1


def test_a_function_that_fails_tells_the_workers_last_line(session, model):
    from pyspark.errors import PythonException
    from pyspark.ml.functions import predict_batch_udf
    from pyspark.sql.types import FloatType

    make = spark.reference("make_predict_fn")(str(model / "gone"))
    score = predict_batch_udf(make, return_type=FloatType(), batch_size=16, input_tensor_shapes=[[2]])
    frame = session.createDataFrame([([1.0, 2.0],)], "x array<float>").coalesce(1)
    with pytest.raises(PythonException, match="SavedModel file does not exist"):
        frame.select(score("x")).collect()


def test_the_session_that_runs_is_handed_out_again(session):
    assert spark.session() is session


def test_nothing_reaches_stdout_or_stderr_and_nothing_is_left_behind(tmp_path):
    reason = spark.skip_reason("python")
    if reason:
        pytest.skip(reason)
    code = (
        "from course import spark; from course.spark.local import log; s = spark.session();"
        "print(s.sparkContext.parallelize(range(10), 2).map(lambda n: n * n).sum());"
        "s.sparkContext.setLogLevel('INFO'); s.range(3).count();"
        "print(log().stat().st_size > 0, log().parent)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert done.stderr == ""
    total, logged, scratch = done.stdout.split()
    assert (total, logged) == ("285", "True")
    assert not Path(scratch).exists()
    assert list(tmp_path.iterdir()) == []


class TestYours:
    def test_an_accepted_answer_runs_itself(self, capsys):
        def partition_predict(rows, load_model):
            kept = [list(row) for row in rows]
            return load_model()(kept).tolist() if kept else []

        assert spark.yours(partition_predict) is partition_predict
        assert capsys.readouterr().out == ""

    @pytest.mark.parametrize("body", ["...", "return rows"])
    def test_in_place_of_any_other_the_reference_runs_and_it_is_said(self, body, capsys):
        names: dict[str, Any] = {}
        exec(f"def partition_predict(rows, load_model):\n    {body}\n", names)
        found = spark.yours(names["partition_predict"])
        assert list(found(iter([[1.0, 2.0]]), lambda: lambda x: np.array([3.0]))) == [3.0]
        told = capsys.readouterr()
        assert told.out == "partition_predict does not pass its check yet: the course's own answer runs in its place.\n"
        assert told.err == ""

    def test_an_answer_that_was_never_written_is_replaced_too(self, capsys):
        from checks.engine.stub import Missing

        assert spark.yours(Missing("partition_predict"), "partition_predict") is spark.reference("partition_predict")
        assert "does not pass" in capsys.readouterr().out

    @pytest.mark.parametrize("name", ["partition_predict", "make_predict_fn", "predict_frames", "read_signature"])
    def test_the_reference_runs_outside_of_a_notebook(self, name):
        from course.answers import _accepted

        assert _accepted(spark.reference(name), name)
