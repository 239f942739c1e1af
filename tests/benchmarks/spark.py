"""Rows per second of day 30's ways to score a table, over growing tables and partitions.

    python tests/benchmarks/spark.py                      # 1,000 to 1,000,000 rows; 1 to 4 partitions
    python tests/benchmarks/spark.py --largest 10000000 --record

Every way scores the same rows with the same SavedModel, and the sum of its answers is compared. The first query of a
way, which starts workers and imports TensorFlow there, is told apart from the best of the next ones. --record keeps the
rows of the models that were measured in course/spark/recorded.csv, from which the lesson draws.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from course import spark
from course.runtime import import_quietly

ROWS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
PARTITIONS = [1, 2, 4]
BATCH = 1000
MODELS = {"linear": (), "dense": (256, 256)}
FEATURES = 8
REPEATS = 2
MOST_IN_SCALA = 10_000  # its registered function calls the model for each row
HEADER = ("model", "way", "rows", "partitions", "first_seconds", "seconds", "rows_per_second")


def export(folder: Path, hidden: tuple[int, ...]) -> Any:
    """The Keras model, exported to the folder: inputs [n, 8] -> outputs [n, 1], weights from a fixed seed."""
    import keras

    keras.utils.set_random_seed(0)
    x = h = keras.Input((FEATURES,), name="inputs")
    for units in hidden:
        h = keras.layers.Dense(units, activation="relu")(h)
    model = keras.Model(x, keras.layers.Dense(1)(h))
    keras.Model(x, {"outputs": model(x)}).export(str(folder), verbose=False)
    return model


def table(rows: int) -> np.ndarray:
    """The rows that `frame` makes inside Spark, as float32 [rows, 8]."""
    ids = np.arange(rows)
    return np.stack([ids % (3 + place) for place in range(FEATURES)], axis=1).astype("float32")


def frame(session: Any, rows: int, partitions: int) -> Any:
    """A DataFrame of one array column x, made by the workers."""
    columns = ", ".join(f"cast(id % {3 + place} as float)" for place in range(FEATURES))
    return session.range(rows, numPartitions=partitions).selectExpr(f"array({columns}) as x")


def ways(session: Any, path: str, model: Any) -> dict[str, tuple[Callable[[int, int], float], int]]:
    """{name: (sum of the answers for (rows, partitions), most rows it is asked)}."""
    from pyspark.ml.functions import predict_batch_udf

    make = spark.reference("make_predict_fn")(path)
    score = predict_batch_udf(make, return_type=_float(), batch_size=BATCH, input_tensor_shapes=[[FEATURES]])

    def by_frames(frames: Iterator[Any]) -> Iterator[Any]:
        import numpy as np

        predict = None
        for one in frames:
            predict = predict or make()
            yield one[[]].assign(y=predict(np.stack(one["x"].to_numpy())))

    def by_partition(rows: Iterator[Any]) -> list[float]:
        rows = [row.x for row in rows]
        return make()(rows).tolist() if rows else []

    def total(scored: Any) -> float:
        return scored.agg({"y": "sum"}).first()[0]

    largest = max(ROWS)
    return {
        "Keras predict": (lambda n, _: float(model.predict(table(n), batch_size=BATCH, verbose=0).sum()), largest),
        "predict_batch_udf": (lambda n, p: total(frame(session, n, p).select(score("x").alias("y"))), largest),
        "mapInPandas": (lambda n, p: total(frame(session, n, p).mapInPandas(by_frames, "y float")), largest),
        "RDD mapPartitions": (lambda n, p: frame(session, n, p).rdd.mapPartitions(by_partition).sum(), 100_000),
    }


def _float() -> Any:
    from pyspark.sql.types import FloatType

    return FloatType()


def measure(ask: Callable[[int, int], float], rows: int, partitions: int, right: float) -> tuple[float, float]:
    """Seconds of the first query and of the best of the next. Raises AssertionError where an answer is wrong."""
    seconds = []
    for _ in range(1 + REPEATS):
        started = time.perf_counter()
        found = ask(rows, partitions)
        seconds.append(time.perf_counter() - started)
        assert abs(found - right) <= 1e-3 * max(abs(right), rows), f"{found} for {right}"
    return seconds[0], min(seconds[1:])


def rows_of(session: Any, models: list[str], largest: int, partitions: list[int]) -> Iterator[tuple[Any, ...]]:
    """One row of the table after the other, as it is measured."""
    for name in models:
        with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
            path = Path(scratch) / name
            model = export(path, MODELS[name])
            asked = ways(session, str(path), model)
            for way, (ask, most) in asked.items():
                for rows in (n for n in ROWS if n <= min(most, largest)):
                    right = float(model.predict(table(rows), batch_size=100_000, verbose=0).astype("float64").sum())
                    for count in (1,) if way == "Keras predict" else partitions:
                        first, best = measure(ask, rows, count, right)
                        yield name, way, rows, count, round(first, 3), round(best, 3), round(rows / best)
            if spark.skip_reason("scala") is None:
                for rows in (n for n in ROWS if n <= min(MOST_IN_SCALA, largest)):
                    told = spark.submit(path, table(rows), batch=BATCH)
                    for way, key in (("Scala RDD", "rdd"), ("Scala SQL, a row at a time", "sql")):
                        seconds = told[f"{key}_seconds"]
                        yield name, way, rows, 2, round(seconds, 3), round(seconds, 3), round(rows / seconds)


def main() -> None:
    """Nothing; prints the table as it grows, and keeps it where that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=1_000_000, help="rows of the largest table")
    parser.add_argument("--partitions", type=int, nargs="+", default=PARTITIONS)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--cores", type=int, default=os.cpu_count(), help="cores that Spark may use")
    parser.add_argument("--record", action="store_true", help="keep the table for the lesson")
    chosen = parser.parse_args()
    import_quietly()
    session = spark.session(chosen.cores)
    found = []
    print(*HEADER, sep="\t")
    for row in rows_of(session, chosen.models, chosen.largest, chosen.partitions):
        found.append(row)
        print(*row, sep="\t", flush=True)
    spark.stop()
    if chosen.record:
        with spark.RECORDED.open(newline="", encoding="utf-8") as file:
            kept = [row for row in list(csv.reader(file))[1:] if row[0] not in chosen.models]
        with spark.RECORDED.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADER, *kept, *found])


if __name__ == "__main__":
    main()
