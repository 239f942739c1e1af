"""nbgrader's gradebook: its database, the scores in it, and what leaves it."""
