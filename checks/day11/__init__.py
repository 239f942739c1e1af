"""Day 11, tensor structure: the exercises."""

EXERCISES = (
    "reading_order",
    "pick_block",
    "pick_per_row",
    "replace_at",
    "interleave_rows",
    "to_patches",
    "from_patches",
)
"""In the order of the lesson; each stands in the module of its name."""
