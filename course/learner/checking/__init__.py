"""A learner's notebook file, run outside Jupyter: its answers judged one by one, the file itself left alone."""
