"""JupyterLab and the kernels that it would start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from course.learner.doctor.findings import Finding, State

LIMIT = 60.0
"""Seconds that a kernel's Python may take to answer."""


def server() -> list[Finding]:
    """Whether JupyterLab is there, can write its files and open a port."""
    try:
        version = metadata.version("jupyterlab")
    except metadata.PackageNotFoundError:
        remedy = f"Run: {sys.executable} -m pip install jupyterlab"
        return [Finding("JupyterLab", State.BROKEN, "it is not installed", remedy)]
    from jupyter_core.paths import jupyter_runtime_dir

    folder = Path(jupyter_runtime_dir())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        what = f"{version}, but {folder} cannot be written ({error.strerror or error})"
        remedy = "Change its permissions, or set JUPYTER_RUNTIME_DIR to a folder of your own."
        return [Finding("JupyterLab", State.BROKEN, what, remedy)]
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
    except OSError as error:
        what = f"{version}, but no port can be opened on 127.0.0.1 ({error.strerror or error})"
        return [Finding("JupyterLab", State.BROKEN, what, "A firewall or sandbox forbids it: allow local connections.")]
    return [Finding("JupyterLab", State.GOOD, f"{version}; tf30 lab opens it")]


def kernels() -> list[Finding]:
    """Whether the kernel that notebooks ask for can start, and which other kernels cannot."""
    from course.cli import lab
    from course.cli.errors import UserError

    try:
        lab.need_jupyter()
    except UserError as error:
        return [Finding("kernel python3", State.BROKEN, error.message, error.remedy)]
    from jupyter_client.kernelspec import KernelSpecManager

    findings = []
    for name, found in sorted(KernelSpecManager().get_all_specs().items()):
        argv = found["spec"].get("argv") or [""]
        program = argv[0]
        if Path(program).is_absolute() and not os.access(program, os.X_OK):
            what = f"starts {program}, which is not there"
            remedy = f"Run: {sys.executable} -m jupyter kernelspec remove {name}"
            findings.append(Finding(f"kernel {name}", State.WARNING, what, remedy))
        elif name == "python3":
            findings.insert(0, _has_the_course(program))
        else:
            findings.append(Finding(f"kernel {name}", State.GOOD, found["spec"].get("display_name") or name))
    return findings


def _has_the_course(program: str) -> Finding:
    """Whether the Python that runs notebooks has the course: it need not be the one that runs this."""
    subject = "kernel python3"
    # A name without a folder is replaced by JupyterLab's own Python, which is this one. Environments are compared,
    # since the programs of two of them may be links to one and the same.
    if not Path(program).is_absolute() or Path(program).parent.parent == Path(sys.prefix):
        return Finding(subject, State.GOOD, "notebooks run with this Python")
    remedy = f"Run: {sys.executable} -m ipykernel install --sys-prefix"
    try:
        done = subprocess.run(
            [program, "-P", "-c", "import ipykernel, course, checks"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(subject, State.BROKEN, f"{program} does not start ({error})", remedy)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        what = f"notebooks run with another Python, {program}, which lacks the course ({last})"
        return Finding(subject, State.BROKEN, what, remedy)
    return Finding(
        subject, State.WARNING, f"notebooks run with another Python, {program}, which has the course", remedy
    )
