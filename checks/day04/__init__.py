"""Day 4, time series: the exercises."""

EXERCISES = (
    "make_windows",
    "mspe",
    "GrowthBlock",
    "roll_out",
    "baseline_report",
    "fit_scaler",
    "lstm_step",
)
"""In the order of the lesson; each stands in the module of its name."""
