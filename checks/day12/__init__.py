"""Day 12, tensor arithmetic: the exercises."""

EXERCISES = (
    "wrap_degrees",
    "standardize",
    "pairwise_sq_dist",
    "knn_predict",
    "pca",
    "modern_name",
    "broadcast_shape",
)
"""In the order of the lesson; each stands in the module of its name."""
