"""Day 7, automatic differentiation: the exercises."""

EXERCISES = (
    "derivative",
    "nth_derivative",
    "descend",
    "minimize",
    "entropy",
    "check_gradient",
    "Node",
)
"""In the order of the lesson; each stands in the module of its name."""
