"""What gRPC needs beside the course itself."""

from __future__ import annotations

import importlib.util


def grpc_missing() -> str:
    """What to install for gRPC, as a sentence; "" where everything is there."""
    missing = [name for name in ("grpc", "tensorflow_serving") if importlib.util.find_spec(name) is None]
    if not missing:
        return ""
    return (
        f"gRPC needs {' and '.join(missing)}, and this Python does not have it. Run: pip install "
        "tensorflow-serving-api, then "
        "restart the kernel. REST works without."
    )
