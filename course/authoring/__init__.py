"""One lesson text becomes a learner's notebook, nbgrader source, and a class folder."""
