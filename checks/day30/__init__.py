"""Day 30, Spark: the exercises. None needs Spark: they are the functions that its workers run."""

EXERCISES = (
    "partition_predict",
    "make_predict_fn",
    "predict_frames",
    "read_signature",
    "job_seconds",
    "export_tree",
)
"""In the order of the lesson; each stands in the module of its name."""
