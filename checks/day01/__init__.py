"""Day 1, structured data: the exercises."""

EXERCISES = (
    "expand_table",
    "bayes_rate",
    "preprocess",
    "build_model",
    "roundtrip",
    "auc",
)
"""In the order of the lesson; each stands in the module of its name."""
