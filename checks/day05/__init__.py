"""Day 5, tensors: the exercises."""

EXERCISES = (
    "describe",
    "to_float01",
    "running_mean",
    "word_lengths",
    "counts_to_sparse",
)
"""In the order of the lesson; each stands in the module of its name."""
