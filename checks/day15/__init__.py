"""Day 15, tf.Module: the exercises."""

EXERCISES = (
    "Counter",
    "Screener",
    "save_and_load",
    "restore_into",
    "audit_variables",
    "KMeans",
)
"""In the order of the lesson; each stands in the module of its name."""
