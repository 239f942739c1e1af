"""The pages before day 1: the start page's tiny exercise and the primer's four. None of them needs TensorFlow."""

EXERCISES = ("size_of", "axis_means", "filter_rows", "slope_at", "one_step")
"""In the order in which they are met; each stands in the module of its name."""
