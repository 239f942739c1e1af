"""What only some days or people need: the warm kernel, Spark with Java, nbgrader, a wall around submissions."""

from __future__ import annotations

from importlib import metadata

from course.learner.doctor.findings import Finding, State


def warm() -> list[Finding]:
    """Whether notebooks start from a process that has imported TensorFlow already."""
    from course.learner.warm.safe import why_not

    reason = why_not()
    if reason is None:
        return [Finding("fast start", State.GOOD, "notebooks of tf30 lab start with TensorFlow already imported")]
    return [Finding("fast start", State.NOTE, f"not used here, notebooks start as usual: {reason}")]


def spark() -> list[Finding]:
    """Whether day 30 can run Spark from Python, and its Scala job."""
    from course.spark import needs

    findings = []
    for need, subject in (("python", "Spark"), ("scala", "Spark's Scala job")):
        reason = needs.skip_reason(need)
        if reason is None:
            program = f" (Java: {needs.java()})" if need == "python" else ""
            findings.append(Finding(subject, State.GOOD, f"ready for day 30{program}"))
        else:
            findings.append(Finding(subject, State.NOTE, f"day 30 alone needs it: {reason}"))
            break
    return findings


def nbgrader() -> list[Finding]:
    """Whether an instructor's commands would run."""
    try:
        version = metadata.version("nbgrader")
    except metadata.PackageNotFoundError:
        remedy = 'To give a class: pip install "thirty-days-of-tensorflow[class]"'
        return [Finding("nbgrader", State.NOTE, "not installed; only instructors need it", remedy)]
    return [Finding("nbgrader", State.GOOD, f"{version}, for instructors")]


def isolation() -> list[Finding]:
    """Whether submissions can be walled in while they are graded."""
    try:
        metadata.version("nbgrader")
    except metadata.PackageNotFoundError:
        return []  # nobody grades here
    from course.grading.sandbox.isolation import NotIsolated, wall

    try:
        found = wall("namespaces")
    except NotIsolated as error:
        return [Finding("isolation", State.NOTE, f"only grading needs it: {error}")]
    return [Finding("isolation", State.GOOD, f"submissions are isolated with {found.tool}")]
