"""Day 29, serving: SavedModel, REST and gRPC: the exercises."""

EXERCISES = (
    "export_linear",
    "route",
    "build_feed",
    "format_response",
    "choose_version",
    "MicroBatcher",
)
"""In the order of the lesson; each stands in the module of its name."""
