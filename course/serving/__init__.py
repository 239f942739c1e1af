"""A model server for day 29: it speaks TensorFlow Serving's API, and is not TensorFlow Serving.

    from course import serving
    with serving.start([serving.Model("linear", "models/linear")]) as server:
        print(server.url)      # http://127.0.0.1:<a free port>, this machine only

Same URLs, JSON and status codes over REST, same services over gRPC (with the package tensorflow-serving-api). It
does not offer batching of concurrent requests, warm-up, encryption or metrics. Where TF_SERVING_URL names a real
server, `start` starts nothing and hands out that one. Importing this package imports neither TensorFlow nor tornado.
"""

from course.serving.client import Answer, ask, wait_until_available
from course.serving.config import Model, config_text
from course.serving.errors import ServingError
from course.serving.loadtest import Load, load_test, rest_client
from course.serving.needs import grpc_missing
from course.serving.starting import Remote, folder, start

__all__ = [
    "Answer",
    "Load",
    "Model",
    "Remote",
    "ServingError",
    "ask",
    "config_text",
    "folder",
    "grpc_missing",
    "load_test",
    "rest_client",
    "start",
    "wait_until_available",
]
