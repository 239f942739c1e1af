"""A kernel that was forked from the warm process is an ordinary kernel that has TensorFlow already."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from driven import PATIENCE, eventually, family_memory, gone

from course import paths
from course.learner.warm import safe
from course.learner.warm.client import ForkedKernel

pytestmark = pytest.mark.skipif(bool(safe.why_not({})), reason=f"kernels are not forked here: {safe.why_not({})}")


def test_the_first_tensor_needs_no_import(asked, start, tmp_path) -> None:
    kernel = start()
    assert isinstance(kernel.process, ForkedKernel)
    assert kernel.value("'tensorflow' in __import__('sys').modules")
    assert not kernel.run("import tensorflow as tf").error
    assert kernel.value("(tf.constant([1, 2]) + 1).numpy().tolist()") == [2, 3]
    assert kernel.value("__import__('os').getppid()") == asked.pid


def test_it_is_as_a_plain_start_would_make_it(asked, start, tmp_path, environment) -> None:
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "JE_ARROW_MALLOC_CONF")
    environment = {name: value for name, value in environment.items() if name not in threads}  # Dask leaves some
    kernel = start(env=environment | {"LESSON": "five"})
    plain_path = subprocess.run(
        [sys.executable, "-c", "import sys; print(sys.path[1:])"], capture_output=True, text=True, check=True
    ).stdout
    assert not kernel.run("import os, sys").error
    assert kernel.value("[os.getcwd(), os.environ['LESSON']]") == [str(tmp_path), "five"]
    assert kernel.value("[path for path in sys.path if path]") == eval(plain_path)
    assert kernel.value("[os.getpid() == os.getpgrp() == os.getsid(0), os.readlink('/proc/self/fd/0')]") == [
        True,
        "/dev/null",
    ]
    assert kernel.value(f"[name for name in {threads} if name in os.environ]") == []
    assert kernel.value("os.environ['TF_CPP_MIN_LOG_LEVEL']") == os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3")
    cores = len(os.sched_getaffinity(0))
    pools = (
        "[pool['num_threads'] for pool in __import__('threadpoolctl').threadpool_info() if pool['user_api'] == 'blas']"
    )
    assert set(kernel.value(pools)) == {cores}
    picture = kernel.run("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])")
    assert "image/png" in picture.shown[0]


def test_day_5_is_set_up_with_nothing_on_stderr(asked, start) -> None:
    cells = json.loads((paths.bundled("notebooks") / "day05_tensors.ipynb").read_text())["cells"]
    setup = next("".join(cell["source"]) for cell in cells if "course.setup" in "".join(cell["source"]))
    outcome = start().run(setup)
    assert (outcome.error, outcome.stderr) == ("", "")
    assert "TensorFlow" in outcome.shown[0]["text/plain"]


def test_the_cpu_can_still_be_split(asked, start) -> None:
    kernel = start()
    assert not kernel.run("import course, tensorflow as tf\ncourse.setup(cpus=2)").error
    assert kernel.value("len(tf.config.list_logical_devices('CPU'))") == 2


def test_a_restart_is_a_fresh_fork(asked, start) -> None:
    kernel = start()
    kernel.run("kept = 1")
    before = kernel.value("__import__('os').getpid()")
    kernel.restart()
    assert kernel.run("kept").error == "NameError"
    assert kernel.value("__import__('os').getpid()") != before
    assert kernel.value("__import__('os').getppid()") == asked.pid
    assert gone(before)


def test_an_interrupt_stops_the_cell_and_keeps_the_kernel(asked, start) -> None:
    kernel = start()
    kernel.run("import time\nkept = 1")
    request = kernel.client.execute("print('begun', flush=True)\ntime.sleep(600)")
    while kernel.client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "stream":
        pass
    kernel.manager.interrupt_kernel()
    assert kernel.finish(request).error == "KeyboardInterrupt"
    assert kernel.value("kept") == 1


def test_two_at_once_have_their_own_folder_and_their_own_chance(asked, start, tmp_path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor() as pool:
        kernels = list(pool.map(start, folders))
    for kernel in kernels:
        kernel.run("import os, random, uuid, numpy as np, tensorflow as tf, keras")
    assert [kernel.value("os.getcwd()") for kernel in kernels] == [str(folder) for folder in folders]
    for drawn in (
        "random.random()",
        "np.random.rand()",
        "np.random.default_rng().random()",
        "float(tf.random.normal([]))",
        "float(keras.random.normal([]))",
        "uuid.uuid4().hex",
    ):
        assert kernels[0].value(drawn) != kernels[1].value(drawn), drawn
    kernels[0].manager.shutdown_kernel()
    assert kernels[1].value("1 + 1") == 2


def test_memory_is_given_back_when_a_notebook_closes(asked, start) -> None:
    start().manager.shutdown_kernel()
    before = family_memory(asked.pid)
    kernels = [start(), start()]
    for kernel in kernels:
        kernel.run("import numpy as np, tensorflow as tf\nbig = tf.constant(np.ones(40_000_000, 'float32'))")
    during = family_memory(asked.pid)
    pids = [kernel.process.pid for kernel in kernels]
    for kernel in kernels:
        kernel.manager.shutdown_kernel()
    eventually(lambda: all(gone(pid) for pid in pids), "the kernels still run")
    assert during > before + 300
    assert family_memory(asked.pid) < before + 30
    assert psutil.Process(asked.pid).num_threads() == 1


def test_what_a_kernel_started_ends_with_it(asked, start) -> None:
    kernel = start()
    child = kernel.value("__import__('subprocess').Popen(['sleep', '600']).pid")
    kernel.manager.shutdown_kernel(now=True)
    eventually(lambda: gone(child), "a process of the kernel's stays behind")


def test_a_kernel_that_dies_says_how(asked, start) -> None:
    kernel = start()
    kernel.begin("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    process = kernel.process
    eventually(lambda: process.poll() is not None, "nobody noticed")
    assert process.returncode == -signal.SIGSEGV


def test_a_dead_warm_process_takes_its_kernels_along_and_is_healed(asked, start) -> None:
    kernel = start()
    pid, before = kernel.process.pid, asked.pid
    os.kill(before, signal.SIGKILL)
    eventually(lambda: gone(pid) and gone(before), "something stays behind")
    eventually(lambda: kernel.process.poll() == -signal.SIGKILL, "Jupyter takes it for alive")
    again = start()
    assert isinstance(again.process, ForkedKernel)
    assert again.value("__import__('os').getppid()") == asked.pid != before


def test_after_an_installation_a_restart_sees_it(asked, start, user_base) -> None:
    old, before = start(), asked.pid
    lib = user_base / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    (lib / "something-1.0.dist-info").mkdir(parents=True)
    new = start()
    assert isinstance(new.process, ForkedKernel)
    assert asked.pid != before
    assert new.value("__import__('os').getppid()") == asked.pid
    assert old.value("__import__('os').getppid()") == before  # it is not disturbed
    old.manager.shutdown_kernel()
    eventually(lambda: gone(before), "the outdated warm process stays behind")
    assert new.value("1 + 1") == 2


CLIENT = """
import sys, time
from pathlib import Path
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from course.learner.warm import client, extension, provisioner

client.PATIENCE = client.ANSWER = 180.0
specs = KernelSpecManager()
specs.kernel_dirs.insert(0, str(extension.write_kernelspec(specs, Path(sys.argv[1]))))
warm = client.Warm(print)
provisioner.use(warm)
manager = KernelManager(kernel_name="python3", kernel_spec_manager=specs)
manager.start_kernel()
channels = manager.client()
channels.start_channels()
channels.wait_for_ready()
channels.execute_interactive("child = __import__('subprocess').Popen(['sleep', '600'])\\nprint(child.pid, flush=True)")
print(warm.pid, manager.provisioner.process.pid, flush=True)
time.sleep(600)
"""


def test_when_jupyter_is_killed_nothing_stays_behind(tmp_path: Path) -> None:
    jupyter = subprocess.Popen([sys.executable, "-c", CLIENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        pids = [int(number) for number in (jupyter.stdout.readline() + jupyter.stdout.readline()).split()]
        assert len(pids) == 3
        assert not any(gone(pid) for pid in pids)
    finally:
        jupyter.kill()
        jupyter.wait()
    eventually(lambda: all(gone(pid) for pid in pids), "something stays behind")
