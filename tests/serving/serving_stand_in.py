"""Stands in for a real server in tests: a process that serves what models.config in a folder says, again and again.

Usage: python serving_stand_in.py FOLDER; prints the REST and gRPC addresses.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from course.runtime import import_quietly


def main(config: Path) -> None:
    """Never returns; looks at the file every 50 ms."""
    import_quietly()
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    from course.serving.errors import ServingError
    from course.serving.rpc import models_of
    from course.serving.server import Server

    server, told = Server([], poll=0.05), ""
    print(server.url, server.grpc, flush=True)
    while True:
        text = config.read_text(encoding="utf-8") if config.exists() else ""
        if text != told:
            models = models_of(text_format.Parse(text, model_server_config_pb2.ModelServerConfig()))
            try:
                server.configure(models)
                told = text
            except ServingError:  # its versions are still to come: the next look finds them
                pass
        time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]) / "models.config")
