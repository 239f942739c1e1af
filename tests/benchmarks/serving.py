"""Requests a second and latencies of the embedded server: single and batched, REST and gRPC, few clients and many.

Usage: python tests/benchmarks/serving.py [--requests 2000] [--json results.json]

The clients run in processes of their own, so that they do not share Python's lock with the server. With TF_SERVING_URL
and TF_SERVING_MODELS set, a real server is measured in its place. Prints a table, and fails if one answer is lost or
wrong.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

WEIGHTS, BIAS = (2.0, -1.0), 3.0
MOST_PROCESSES = 4


def export(folder: Path) -> None:
    """Writes version 1 of y = 2 a - b + 3."""
    from course.runtime import import_quietly

    tf = import_quietly()
    module = tf.Module()
    module.kernel, module.bias = tf.Variable([[weight] for weight in WEIGHTS]), tf.Variable(BIAS)

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="inputs")])
    def predict(inputs):
        return {"outputs": inputs @ module.kernel + module.bias}

    tf.saved_model.save(module, str(folder / "1"), signatures={"serving_default": predict})


def drive(way: str, address: str, rows: int, first: int, count: int, clients: int) -> tuple[list[float], int]:
    """One client process: the seconds of each request, and how many answers were lost or wrong."""
    from course.serving import load_test, rest_client

    bodies = [np.stack([np.arange(i, i + rows), np.full(rows, i % 7)], 1) for i in range(first, first + count)]
    if way == "REST":
        sent: list[Any] = [{"instances": body.tolist()} for body in bodies]
        load = load_test(rest_client(f"{address}/v1/models/bench:predict"), sent, clients)
        got = [answer["predictions"] if isinstance(answer, dict) else [] for answer in load.answers]
    else:
        load = load_test(lambda: grpc_client(address), [body.astype("float32") for body in bodies], clients)
        got = [answer if isinstance(answer, np.ndarray) else [] for answer in load.answers]
    wrong = 0
    for body, answer in zip(bodies, got, strict=True):
        wanted = body @ np.array(WEIGHTS) + BIAS
        wrong += np.shape(answer) != (rows, 1) or not np.allclose(np.ravel(answer), wanted)
    return load.seconds.tolist(), wrong


def grpc_client(address: str) -> Any:
    """A function from rows to predictions over a channel of its own."""
    import grpc

    from course.runtime import import_quietly

    tf = import_quietly()
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel(address))

    def send(rows: np.ndarray) -> np.ndarray:
        request = predict_pb2.PredictRequest()
        request.model_spec.name = "bench"
        request.inputs["inputs"].CopyFrom(tf.make_tensor_proto(rows))
        return tf.make_ndarray(stub.Predict(request, timeout=120).outputs["outputs"])

    return send


def measure(
    pool: ProcessPoolExecutor, way: str, address: str, rows: int, requests: int, clients: int
) -> dict[str, Any]:
    """One row of the table; the clients are spread over the processes."""
    processes = min(clients, MOST_PROCESSES)
    share, threads = max(requests // processes, 1), clients // processes
    started = time.perf_counter()
    jobs = [pool.submit(drive, way, address, rows, place * share, share, threads) for place in range(processes)]
    done = [job.result() for job in jobs]
    elapsed = time.perf_counter() - started
    seconds = np.concatenate([one for one, _ in done]) * 1000
    return {
        "way": way,
        "rows": rows,
        "clients": clients,
        "requests": len(seconds),
        "requests_per_second": len(seconds) / elapsed,
        "rows_per_second": rows * len(seconds) / elapsed,
        **{f"p{percent}_ms": float(np.percentile(seconds, percent)) for percent in (50, 95, 99)},
        "wrong": sum(wrong for _, wrong in done),
    }


def main() -> int:
    """The number of answers that were lost or wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=2000, help="single requests for each line (default 2000)")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    given = parser.parse_args()

    from course import serving

    folder = serving.folder() / "bench"
    export(folder)
    found = []
    context = multiprocessing.get_context("spawn")
    with (
        serving.start([serving.Model("bench", folder)]) as server,
        ProcessPoolExecutor(MOST_PROCESSES, context) as pool,
    ):
        ways = {"REST": server.url} | ({"gRPC": server.grpc} if server.grpc else {})
        for way, address in ways.items():
            # Once in every process, so that no line pays for imports.
            for warm in [pool.submit(drive, way, address, 1, 0, 20, 1) for _ in range(2 * MOST_PROCESSES)]:
                warm.result()
            for rows, clients in ((1, 1), (1, 8), (1, 32), (100, 1), (100, 8), (1000, 1), (1000, 8)):
                count = max(given.requests // (1 if rows == 1 else 5 if rows == 100 else 20), 4 * clients)
                found.append(measure(pool, way, address, rows, count, clients))
        real = server.real
    show(found, real)
    if given.json:
        facts = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
        given.json.write_text(json.dumps({**facts, "real": real, "figures": found}, indent=1), encoding="utf-8")
    return sum(one["wrong"] for one in found)


def show(found: list[dict[str, Any]], real: bool) -> None:
    """Prints the figures."""
    name = "the server that TF_SERVING_URL names" if real else "embedded server"
    table = Table(title=f"{name}, {os.cpu_count()} cores")
    for column in ("way", "rows a request", "clients", "requests/s", "rows/s", "p50 ms", "p95 ms", "p99 ms", "wrong"):
        table.add_column(column, justify="left" if column == "way" else "right")
    for one in found:
        table.add_row(
            one["way"],
            f"{one['rows']:,}",
            str(one["clients"]),
            f"{one['requests_per_second']:,.0f}",
            f"{one['rows_per_second']:,.0f}",
            *(f"{one[f'p{percent}_ms']:.1f}" for percent in (50, 95, 99)),
            str(one["wrong"]),
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
