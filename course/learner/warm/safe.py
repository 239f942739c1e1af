"""Whether a process that has imported TensorFlow may fork here."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

SWITCH = "TF30_WARM"
"""Set to 0, it turns the warm kernel off."""

_OFF = ("0", "off", "no", "false")
# What a driver puts there: NVIDIA's (in WSL, too), AMD's, and the TPU's.
_ACCELERATORS = {
    "an NVIDIA GPU": ("nvidia[0-9]*", "dxg"),
    "an AMD GPU": ("kfd",),
    "a TPU": ("accel[0-9]*", "vfio/[0-9]*"),
}


def why_not(environment: Mapping[str, str] | None = None, devices: Path = Path("/dev")) -> str | None:
    """Why kernels are not forked here, as half a sentence; None where they are.

    Fork copies one thread and no driver's state: an accelerator's runtime would be broken in the copy. Hidden
    devices (CUDA_VISIBLE_DEVICES set to nothing or -1) do not count.

    Args:
        environment: of the kernel; this process's by default.
        devices: where the system lists its devices.
    """
    environment = os.environ if environment is None else environment
    if environment.get(SWITCH, "").strip().lower() in _OFF:
        return f"{SWITCH}={environment[SWITCH]} turns it off"
    if sys.platform != "linux":
        return f"TensorFlow's process cannot be forked safely on {sys.platform}"
    if not hasattr(os, "pidfd_open") or not _pidfd_works():
        return "this Linux is older than 5.3 and cannot watch a process by its descriptor"
    for name, patterns in _ACCELERATORS.items():
        if name == "an NVIDIA GPU" and environment.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1"):
            continue
        if any(found for pattern in patterns for found in devices.glob(pattern)):
            return f"{name} is visible, and its driver does not survive a fork"
    return None


def _pidfd_works() -> bool:
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:  # an old kernel, or a sandbox that forbids the call
        return False
    return True
