"""How long a learner waits for the first tensor: a plain kernel against a warm one, in turn on this machine.

    python tests/benchmarks/warm_kernel.py [rounds]

A round starts a kernel as JupyterLab does, runs `import tensorflow as tf; tf.constant([1, 2]) + 1`, and stops the
clock when the sum is there; once plain, once warm. The warm process is ready before the first round, as it is when
a learner opens a second notebook or restarts a kernel; how long it took to get ready is printed, too. With day 5's
set-up cell in place of the sum, the same again.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from course.learner.warm import client, extension, provisioner, safe
from course.learner.warm.client import ForkedKernel, Warm

CELLS = {
    "first tensor": "import tensorflow as tf\nprint(tf.constant([1, 2]) + 1)",
    "day 5 set up": "import course\ncourse.setup(day=5)\nimport tensorflow as tf",
}


def seconds(specs: KernelSpecManager, cell: str, kind: type) -> float:
    """From the launch of a kernel of this kind to the end of its first cell."""
    manager = KernelManager(kernel_name="python3", kernel_spec_manager=specs)
    begun = time.perf_counter()
    manager.start_kernel()
    channels = manager.client()
    try:
        channels.start_channels()
        channels.wait_for_ready(timeout=120)
        reply = channels.execute_interactive(cell, timeout=120, output_hook=lambda message: None)
        took = time.perf_counter() - begun
        assert reply["content"]["status"] == "ok", reply["content"]
        assert isinstance(manager.provisioner.process, kind), manager.provisioner.process
        return took
    finally:
        channels.stop_channels()
        manager.shutdown_kernel(now=True)


def main(rounds: int) -> None:
    """Nothing; prints a table."""
    if reason := safe.why_not():
        sys.exit(f"No warm kernel here: {reason}.")
    _hush_kernels()
    client.PATIENCE = 120.0
    with tempfile.TemporaryDirectory() as folder:
        plain, warmed = KernelSpecManager(), KernelSpecManager()
        warmed.kernel_dirs.insert(0, str(extension.write_kernelspec(plain, Path(folder))))
        warm = Warm(print)
        provisioner.use(warm)
        try:
            begun = time.perf_counter()
            warm.start()
            seconds(warmed, "1", ForkedKernel)
            print(f"Warm process and its first kernel ready after {time.perf_counter() - begun:.2f} s.")
            for name, cell in CELLS.items():
                _compare(name, cell, rounds, plain, warmed)
        finally:
            warm.stop()


def _hush_kernels() -> None:
    """Nothing; what kernels write to stderr, which they inherit, does not tear the table apart."""
    sys.stderr = os.fdopen(os.dup(2), "w")
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - os.devnull is a name, not a path
        os.dup2(nowhere.fileno(), 2)


def _compare(name: str, cell: str, rounds: int, plain: KernelSpecManager, warmed: KernelSpecManager) -> None:
    seconds(plain, cell, subprocess.Popen)  # once for the disk's cache
    print(f"\n{name}: seconds from launch\n{'round':>8}{'cold':>8}{'warm':>8}{'ratio':>8}")
    pairs = []
    for number in range(1, rounds + 1):
        pairs.append((seconds(plain, cell, subprocess.Popen), seconds(warmed, cell, ForkedKernel)))
        print(_row(str(number), *pairs[-1], pairs[-1][0] / pairs[-1][1]))
    # Of the ratio, too, the median of the rounds: the machine may have been busy in one column's middle round.
    columns = zip(*((cold, warm, cold / warm) for cold, warm in pairs), strict=True)
    print(_row("median", *map(statistics.median, columns)))


def _row(name: str, cold: float, warm: float, ratio: float) -> str:
    return f"{name:>8}{cold:8.2f}{warm:8.2f}{ratio:8.1f}"


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
