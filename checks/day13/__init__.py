"""Day 13, AutoGraph's house rules: the exercises."""

EXERCISES = (
    "jitter",
    "running_max",
    "train_in_graph",
    "fix_branches",
    "newton_sqrt",
    "is_frozen",
)
"""In the order of the lesson; each stands in the module of its name."""
