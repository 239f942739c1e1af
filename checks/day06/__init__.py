"""Day 6, three kinds of graph: the exercises."""

EXERCISES = (
    "build_linear_graph",
    "count_traces",
    "make_joiner",
    "make_counter",
    "graph_report",
    "run_graph",
)
"""In the order of the lesson; each stands in the module of its name."""
