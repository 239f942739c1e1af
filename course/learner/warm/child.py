"""A fresh fork of the warm process becomes an ordinary IPython kernel."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course.learner.warm.server import Birth

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def become(birth: Birth) -> None:
    """Nothing, once the kernel has ended. What a plain start makes anew is made anew here, in the same order."""
    os.setsid()
    _die_with(birth.parent)
    _take_streams(birth.stdout, birth.stderr)
    _take_environment(birth.env, birth.parent)
    os.chdir(birth.cwd)
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [launcher.origin, *birth.command[3:]]
    importlib.invalidate_caches()  # something may have been installed since
    _fresh_chance()
    _wake_threads(birth.env)

    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


def _die_with(parent: int) -> None:
    """Nothing; the system kills this process when the warm one ends, even by SIGKILL."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it ended before the system was told
    with contextlib.suppress(OSError):
        # Where memory runs out, one kernel goes and not the process that all of them hang on.
        Path("/proc/self/oom_score_adj").write_text("100")


def _take_streams(stdout: int, stderr: int) -> None:
    """Nothing; descriptors 0, 1, 2 are as after a plain start: no input, and output where JupyterLab wants it."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (stdout, 1), (stderr, 2)):
        os.dup2(source, target)
        os.close(source)


def _take_environment(environment: Mapping[str, str], parent: int) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.environ["JPY_PARENT_PID"] = str(parent)
    # As course.runtime sets it: TensorFlow is imported already, but a program that a cell starts may import it again.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    time.tzset()


def _fresh_chance() -> None:
    """Nothing; kernels of one warm process draw different numbers. Python's own module random sees to itself."""
    import numpy as np

    np.random.seed()


def _wake_threads(environment: Mapping[str, str]) -> None:
    """Nothing; linear algebra uses as many threads as after a plain start. In the warm process it had one."""
    from threadpoolctl import threadpool_limits

    wanted = environment.get("OPENBLAS_NUM_THREADS") or environment.get("OMP_NUM_THREADS") or ""
    cores = len(os.sched_getaffinity(0))
    threadpool_limits(int(wanted) if wanted.isdecimal() and int(wanted) else cores, user_api="blas")
