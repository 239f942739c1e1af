"""Day 3, text: the exercises."""

EXERCISES = (
    "split_line",
    "clean_text",
    "encode_texts",
    "CnnModel",
    "train_step",
    "masked_mean",
)
"""In the order of the lesson; each stands in the module of its name."""
