"""Day 2, images: the exercises."""

EXERCISES = (
    "spatial_split",
    "label_from_path",
    "make_dataset",
    "cnn_report",
    "build_cnn",
    "read_history",
    "conv2d",
)
"""In the order of the lesson; each stands in the module of its name."""
