"""TensorFlow and what it computes on, tried in a process of its own with a time limit."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from course.learner.doctor.findings import Finding, State

LIMIT = 180.0
"""Seconds; an import on a slow disk takes half a minute, the first use of a GPU as long."""
AGAIN = f"{sys.executable} -m pip install --force-reinstall --no-cache-dir tensorflow"


def tensorflow() -> list[Finding]:
    """TensorFlow's version, and for each device whether it really computes."""
    stages, ended = probe()
    by_stage = {stage["stage"]: stage for stage in stages}
    if "imported" not in by_stage:
        return [_not_imported(ended)]
    imported = by_stage["imported"]
    what = f"{imported['tensorflow']} with Keras {imported['keras']}, imported in {imported['seconds']:.1f} s"
    findings = [Finding("TensorFlow", State.GOOD, what)]
    if "devices" not in by_stage:
        remedy = "TF30_RUNTIME=cpu leaves accelerators out; restart the machine, or update the driver, to use them."
        return [*findings, Finding("devices", State.BROKEN, f"looking for devices: {_words(ended)}", remedy)]
    for stage in stages:
        if stage["stage"] == "computed":
            findings.append(_computed(stage, by_stage["devices"]))
        elif stage["stage"] == "failed":
            findings.append(_failed(stage["device"], stage["error"]))
    last = stages[-1]
    if last["stage"] == "start":
        findings.append(_failed(last["device"], f"a matrix product: {_words(ended)}"))
    return findings + _accelerators(by_stage["devices"], imported)


def probe(limit: float = LIMIT) -> tuple[list[dict[str, Any]], str]:
    """What the probe told, stage by stage, and how it ended: "" where it came to its end."""
    command = [sys.executable, "-P", "-m", "course.learner.doctor.probe"]
    ours = str(Path(__file__).resolve().parents[3])
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, [ours, os.environ.get("PYTHONPATH")])),
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    ended = ""
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit, check=False
        )
        out, words = done.stdout, done.stderr.decode(errors="replace").strip().splitlines()
        if done.returncode < 0:
            ended = _signal(-done.returncode)
        elif done.returncode:
            ended = words[-1][:300] if words else f"exit code {done.returncode}"
    except subprocess.TimeoutExpired as error:
        out, ended = error.stdout or b"", f"did not finish within {limit:g} seconds"
    stages = []
    for line in out.decode(errors="replace").splitlines():
        try:
            stages.append(json.loads(line))
        except ValueError:
            break  # cut off by the end
    return stages, ended


def _not_imported(ended: str) -> Finding:
    if "RuntimeNotFound" in ended or "No module named 'tensorflow'" in ended:
        return Finding(
            "TensorFlow", State.BROKEN, "it is not installed", f"Run: {sys.executable} -m pip install tensorflow"
        )
    if ended == "SIGILL":
        what = "importing it crashes: this processor has no AVX instructions, which TensorFlow's builds need"
        return Finding("TensorFlow", State.BROKEN, what, "Use another machine, Binder or Colab.")
    missing = re.search(r"No module named '([\w.]+)'", ended)
    if missing:  # something that TensorFlow needs, and a new TensorFlow would need as well
        package = missing[1].partition(".")[0]
        remedy = f"Run: {sys.executable} -m pip install {package}"
        return Finding("TensorFlow", State.BROKEN, f"importing it fails, as {package} is not installed", remedy)
    return Finding("TensorFlow", State.BROKEN, f"importing it fails: {_words(ended)}", f"Run: {AGAIN}")


def _computed(stage: dict[str, Any], devices: dict[str, Any]) -> Finding:
    name = _name(stage["device"])
    named = f" ({devices['gpu']})" if devices["gpu"] and name.startswith("GPU") else ""
    if not stage["right"]:
        remedy = "Update the driver, or leave the device out with TF30_RUNTIME=cpu."
        return Finding(name, State.BROKEN, f"a matrix product came out wrong{named}", remedy)
    return Finding(name, State.GOOD, f"computes: a matrix product in {stage['seconds'] * 1000:.0f} ms{named}")


def _failed(device: str, error: str) -> Finding:
    name = _name(device)
    remedy = (
        f"Run: {AGAIN}"
        if name.startswith("CPU")
        else "Update the driver, close what else uses the device, or leave it out with TF30_RUNTIME=cpu."
    )
    return Finding(name, State.BROKEN, f"does not compute: {error}", remedy)


def _accelerators(devices: dict[str, Any], imported: dict[str, Any]) -> list[Finding]:
    """A finding on an accelerator that is there and not used; else that there is none."""
    if devices["note"]:
        return [Finding("TPU", State.WARNING, devices["note"], "Every cell runs without one, too.")]
    if devices["kind"] in ("gpu", "gpus", "tpu"):
        return []
    if os.environ.get("TF30_RUNTIME", "").strip().lower() in ("cpu", "cpus"):
        return [Finding("GPU", State.NOTE, "not looked for: TF30_RUNTIME says so")]
    card = nvidia()
    if not card:
        return [Finding("GPU", State.NOTE, "none found; every cell runs without one")]
    if os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1"):
        return [Finding("GPU", State.NOTE, f"{card} is hidden by CUDA_VISIBLE_DEVICES")]
    if not imported["cuda"]:
        what = f"{card} is there, but this TensorFlow was built without GPU support"
        return [Finding("GPU", State.WARNING, what, "On Linux: pip install 'thirty-days-of-tensorflow[gpu]'")]
    what = f"{card} is there, but TensorFlow does not see it"
    remedy = (
        "On Linux: pip install 'thirty-days-of-tensorflow[gpu]', which brings CUDA; then look at nvidia-smi's driver."
    )
    return [Finding("GPU", State.WARNING, what, remedy)]


def nvidia() -> str:
    """The name of the first NVIDIA card that its driver tells, or "" where there is none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    try:
        command = [program, "--query-gpu=name", "--format=csv,noheader"]
        told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return next((line.strip() for line in told.stdout.splitlines() if line.strip()), "")


def _name(device: str) -> str:
    """As GPU 0, from "/device:GPU:0"."""
    return " ".join(device.rsplit(":", 2)[-2:])


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _words(ended: str) -> str:
    return f"Python crashed ({ended})" if ended.startswith(("SIG", "signal")) else ended or "it ended without a message"
