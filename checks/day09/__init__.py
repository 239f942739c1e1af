"""Day 9, the middle level of layers, losses and optimizers: the exercises."""

EXERCISES = (
    "take_step",
    "binary_report",
    "momentum_step",
    "Centered",
    "Affine",
    "KerasInModule",
    "MyAdam",
)
"""In the order of the lesson; each stands in the module of its name."""
