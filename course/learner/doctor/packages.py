"""Whether the installed packages fit what the course asks for, and each other."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import TYPE_CHECKING

from course.learner.doctor.findings import Finding, State

if TYPE_CHECKING:
    from packaging.requirements import Requirement

COURSE = "thirty-days-of-tensorflow"


def packages() -> list[Finding]:
    """What is missing or of a version that does not fit: the course's own needs first, then those of what it needs."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    try:
        lines = metadata.requires(COURSE) or []
    except metadata.PackageNotFoundError:
        remedy = f"In its folder run: {sys.executable} -m pip install --editable ."
        return [Finding("packages", State.WARNING, "the course is not installed, only found on the path", remedy)]
    findings, fitting = [], 0
    queue: list[str] = []
    for requirement in map(Requirement, lines):
        optional = requirement.marker is not None and not requirement.marker.evaluate({"extra": ""})
        if optional and not _belongs_to_an_extra(requirement):
            continue
        found = _installed(requirement.name)
        if optional and found is None:
            continue
        problem = _problem(requirement, found)
        if problem is None:
            fitting += not optional
            queue.append(canonicalize_name(requirement.name))
            continue
        state = State.WARNING if optional else State.BROKEN
        # Once for each package, however many extras ask for it.
        finding = Finding(requirement.name, state, problem, _install(requirement))
        if finding not in findings:
            findings.append(finding)
    others, around = _around(queue)
    if not any(finding.state is State.BROKEN for finding in findings):
        findings.insert(0, Finding("packages", State.GOOD, f"{fitting} fit, and {around} that these need"))
    return findings + others


def _around(queue: list[str]) -> tuple[list[Finding], int]:
    """What does not fit among the packages that these need, and theirs; and how many were looked at."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    findings: list[Finding] = []
    seen, first = set(queue), set(queue)
    while queue:
        name = queue.pop()
        try:
            lines = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # said where it was asked for
        for requirement in map(Requirement, lines):
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
                continue
            problem = _problem(requirement, _installed(requirement.name))
            if problem is not None:
                what = f"{problem}, says {name}"
                findings.append(Finding(requirement.name, State.WARNING, what, _install(requirement)))
            inner = canonicalize_name(requirement.name)
            if inner not in seen:
                seen.add(inner)
                queue.append(inner)
    return findings, len(seen - first)


def _belongs_to_an_extra(requirement: Requirement) -> bool:
    """Whether its marker fails for want of an extra, and not because it is for another system or Python."""
    extras = ("gpu", "class", "cluster", "serving", "spark")
    return any(requirement.marker.evaluate({"extra": extra}) for extra in extras)


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _problem(requirement: Requirement, found: str | None) -> str | None:
    """What is wrong with the version that is installed, or None."""
    if found is None:
        return f"is not installed ({requirement.name}{requirement.specifier} is needed)"
    if not requirement.specifier.contains(found, prereleases=True):
        return f"{found} is installed, {requirement.specifier} is needed"
    return None


def _install(requirement: Requirement) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f'Run: {sys.executable} -m pip install "{requirement.name}{extras}{requirement.specifier}"'
