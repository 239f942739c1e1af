"""Day 8, models from bare tensors: the exercises."""

EXERCISES = (
    "batches",
    "LinearModel",
    "regression_metrics",
    "softmax_xent",
    "MLP",
    "dropout",
    "lasso_ista",
)
"""In the order of the lesson; each stands in the module of its name."""
