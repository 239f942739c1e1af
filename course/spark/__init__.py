"""Day 30's engine: a quiet Spark on this machine, and the Scala job with TensorFlow's Java API.

    from course import spark
    if spark.can("python"):
        session = spark.session()

Nothing here imports PySpark, or starts Java, before it is asked to.
"""

from course.answers import reference, yours
from course.spark.jvm import build, source, submit
from course.spark.local import session, stop
from course.spark.needs import SparkNotFound, can, skip_reason
from course.spark.recorded import RECORDED, recorded

__all__ = [
    "RECORDED",
    "SparkNotFound",
    "build",
    "can",
    "recorded",
    "reference",
    "session",
    "skip_reason",
    "source",
    "stop",
    "submit",
    "yours",
]
