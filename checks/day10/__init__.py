"""Day 10, the high level: Model, fit and what it hides: the exercises."""

EXERCISES = (
    "fit_linear",
    "RingNet",
    "run_epoch",
    "bayes_rings",
    "StopWhen",
    "total_loss",
    "ClippedModel",
)
"""In the order of the lesson; each stands in the module of its name."""
