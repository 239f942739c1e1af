"""Many clients at once: what each request answered, how long it took, and how many were answered in a second."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np

Send = Callable[[Any], Any]


@dataclass(frozen=True)
class Load:
    """What came of a load: one entry for each request, in the order of the requests.

    Attributes:
        answers: what `send` returned, or the exception that it raised.
        seconds: float64, how long each took, as its client saw it.
        elapsed: seconds from the first request to the last answer.
    """

    answers: list[Any]
    seconds: np.ndarray
    elapsed: float

    @property
    def failed(self) -> list[Exception]:
        """The exceptions among the answers."""
        return [answer for answer in self.answers if isinstance(answer, Exception)]

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return len(self.answers) / self.elapsed

    def percentile(self, percent: float) -> float:
        """The milliseconds within which so many percent of the requests were answered."""
        return float(np.percentile(self.seconds, percent) * 1000)


def load_test(connect: Callable[[], Send], bodies: Sequence[Any], clients: int = 1) -> Load:
    """What came of sending all bodies, spread over so many clients at once.

    connect: makes one client's connection, a function from a body to its answer; called once for each client.
    """
    if clients < 1 or not len(bodies):
        raise ValueError(f"there are {len(bodies)} bodies for {clients} clients; give at least one of each.")
    answers: list[Any] = [None] * len(bodies)
    seconds = np.zeros(len(bodies))
    gate = threading.Barrier(clients + 1)

    def run(first: int) -> None:
        try:
            send: Any = connect()
        except Exception as error:  # told as the answer to each of its requests
            send = error
        gate.wait()
        for place in range(first, len(bodies), clients):
            started = time.perf_counter()
            try:
                answers[place] = send if isinstance(send, Exception) else send(bodies[place])
            except Exception as error:  # a request that fails is a finding, and the others go on
                answers[place] = error
            seconds[place] = time.perf_counter() - started

    threads = [threading.Thread(target=run, args=(first,), name=f"client-{first}") for first in range(clients)]
    for thread in threads:
        thread.start()
    gate.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return Load(answers, seconds, time.perf_counter() - started)


def rest_client(url: str) -> Callable[[], Send]:
    """For `load_test`: connections to one REST address, kept alive, that send data as JSON and return the JSON's data.

    An answer other than 200 raises RuntimeError with its text.
    """
    parts = urlsplit(url)

    def connect() -> Send:
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=60)

        def send(body: Any) -> Any:
            connection.request("POST", parts.path, json.dumps(body), {"Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read()
            if response.status != 200:
                raise RuntimeError(f"HTTP {response.status}: {text[:300]!r}")
            return json.loads(text)

        return send

    return connect
