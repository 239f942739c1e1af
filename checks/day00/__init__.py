"""The start page: one tiny exercise, to show how a day works. It needs no TensorFlow."""

EXERCISES = ("size_of",)
"""In the order of the lesson; each stands in the module of its name."""
