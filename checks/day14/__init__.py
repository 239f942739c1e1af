"""Day 14, inside AutoGraph: the exercises."""

EXERCISES = (
    "which_graph",
    "op_histogram",
    "apply_n",
    "collatz_steps",
    "swap",
    "ToyFunction",
)
"""In the order of the lesson; each stands in the module of its name."""
