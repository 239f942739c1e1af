"""Day 10, the exercise `run_epoch`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st

from checks.engine.cases import eighths
from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

run_epoch = Exercise(
    "run_epoch",
    day=10,
    hints=(
        "A metric object adds up until it is told to forget. Who tells it, and when?",
        "After the loop read every metric.result(); then metric.reset_state(), so that the next epoch starts at zero.",
        "report = {name: float(m.result()) for name, m in metrics.items()}; then for m in metrics.values(): "
        "m.reset_state(); return report.",
    ),
    returns=Returns(rtol=1e-3, atol=1e-4),
)
run_epoch.example(epochs=[[4.0, 2.0], [1.0, 1.0]], size=1, names=["mean"])


@run_epoch.spec
def _(epochs, size, names):
    seen = []
    for values in epochs:
        n = len(values)
        every = {
            "mean": sum(values) / n if n else 0.0,
            "total": sum(values),
            "rms": (sum(value**2 for value in values) / n) ** 0.5 if n else 0.0,
        }
        seen.append({"report": {name: every[name] for name in names}, "steps": math.ceil(n / size)})
    return tuple(seen)


@run_epoch.shown
def _(epochs, size, names):
    lines = [f"run_epoch(step, batches of {size} from {values}, metrics)" for values in epochs]
    return "\n".join([f"metrics = {{{', '.join(f'{name!r}: ...' for name in names)}}}", *lines])


def _epochs(names, low, high, count=(2, 3)):
    return st.fixed_dictionaries(
        {
            "epochs": st.lists(
                st.lists(eighths(-4, 4), min_size=low, max_size=high), min_size=count[0], max_size=count[1]
            ),
            "size": st.integers(1, 4),
            "names": names,
        }
    )


@run_epoch.cases("one epoch, batches of unequal size", points=1, examples=5)
def _():
    return _epochs(st.sampled_from([["mean"], ["mean", "total"], ["rms", "mean"]]), 3, 7, (1, 1))


@run_epoch.cases("each epoch for itself", points=1, examples=5)
def _():
    return _epochs(st.sampled_from([["mean"], ["total", "rms"], ["mean", "rms"]]), 1, 5)


@run_epoch.cases("an empty data set", points=1, examples=4)
def _():
    return _epochs(st.sampled_from([["total"], ["mean", "total"]]), 0, 1)


@run_epoch.mistake(
    "A later epoch still contains the earlier ones: reset_state() on every metric, before or after each epoch.",
)
def never_reset(step, dataset, metrics):
    for batch in dataset:
        step(batch, metrics)
    return {name: float(metric.result()) for name, metric in metrics.items()}


@run_epoch.mistake(
    "reset_states is gone: since Keras 3 the method is called reset_state.",
)
def old_name(step, dataset, metrics):
    for batch in dataset:
        step(batch, metrics)
    report = {name: float(metric.result()) for name, metric in metrics.items()}
    for metric in metrics.values():
        metric.reset_states()
    return report


@run_epoch.mistake(
    "A mean of batch means gives a short batch the weight of a full one. Let the metric collect all batches, and read "
    "it once, after the loop.",
)
def mean_of_batch_means(step, dataset, metrics):
    reports = []
    for batch in dataset:
        for metric in metrics.values():
            metric.reset_state()
        step(batch, metrics)
        reports.append({name: float(metric.result()) for name, metric in metrics.items()})
    return {name: sum(report[name] for report in reports) / max(len(reports), 1) for name in metrics}


@run_epoch.mistake(
    "Only the last batch is left: the metrics are reset inside the loop. Reset them once for each epoch.",
)
def reset_for_every_batch(step, dataset, metrics):
    for batch in dataset:
        for metric in metrics.values():
            metric.reset_state()
        step(batch, metrics)
    report = {name: float(metric.result()) for name, metric in metrics.items()}
    for metric in metrics.values():
        metric.reset_state()
    return report


@run_epoch.mistake(
    "The metrics forget before you have read them: everything is 0. First result(), then reset_state().",
)
def reset_before_reading(step, dataset, metrics):
    for batch in dataset:
        step(batch, metrics)
    for metric in metrics.values():
        metric.reset_state()
    return {name: float(metric.result()) for name, metric in metrics.items()}


@run_epoch.mistake(
    "The report holds the metric objects themselves: call result() on each, and turn it into a float.",
)
def objects_reported(step, dataset, metrics):
    for metric in metrics.values():
        metric.reset_state()
    for batch in dataset:
        step(batch, metrics)
    return dict(metrics)


@run_epoch.mistake(
    "The report comes from inside the loop: an empty data set makes no report. Build it after the loop.",
)
def report_made_in_the_loop(step, dataset, metrics):
    for metric in metrics.values():
        metric.reset_state()
    for batch in dataset:
        step(batch, metrics)
        report = {name: float(metric.result()) for name, metric in metrics.items()}
    return report


@run_epoch.right
def epoch_reset_first(step, dataset, metrics):
    for metric in metrics.values():
        metric.reset_state()
    for batch in dataset:
        step(batch, metrics)
    return {name: metric.result() for name, metric in metrics.items()}


@run_epoch.right
def epoch_with_an_iterator(step, dataset, metrics):
    rows, report = iter(dataset), {}
    while (batch := next(rows, None)) is not None:
        step(batch, metrics)
    for name in metrics:
        report[name] = metrics[name].result().numpy()
        for variable in metrics[name].variables:
            variable.assign(tf.zeros_like(variable))
    return report
