"""The warm process: it imports what a day's notebook needs, and forks a kernel for each request."""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import site
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from course.learner.warm import wire

PRELOADED = (
    "keras",
    "matplotlib.pyplot",
    "pandas",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "IPython.display",
    "ipywidgets",
    "hypothesis.extra.numpy",
    "threadpoolctl",
    "course.data",
    "course.explore",
    "course.plot",
    "course.plot.style",
    "checks",
)
"""Besides TensorFlow: what a day's set-up cell imports, and what a kernel is made of."""

# No thread may run when a process forks: these libraries would start theirs when they are loaded. A kernel may.
_NO_THREADS = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}


@dataclass(frozen=True)
class Birth:
    """What a fresh fork needs to become a kernel.

    Attributes:
        command: as for a plain start: python, -m, ipykernel_launcher, arguments.
        env: its whole environment.
        cwd: its folder.
        stdout, stderr: descriptors.
        parent: the process that forked it.
    """

    command: list[str]
    env: dict[str, str]
    cwd: str
    stdout: int
    stderr: int
    parent: int


@dataclass(frozen=True)
class _Kernel:
    pid: int
    pidfd: int
    channel: socket.socket


def main(descriptor: int) -> None:
    """Nothing. It returns in a kernel that has ended; the server itself never returns."""
    channel = wire.received(descriptor)
    # Ctrl-C in the terminal is JupyterLab's business. A kernel, too, ignores it while no cell runs.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a kernel takes for the process that started it; ipykernel reads it when it is imported.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    try:
        preload()
    except Exception as error:  # whatever is broken here, the client must hear of it and start plainly
        _tell(channel, {"unfit": f"{type(error).__name__}: {error}"})
        os._exit(1)
    birth = Server(channel).serve()
    from course.learner.warm import child

    child.become(birth)


def preload() -> None:
    """Nothing, but TensorFlow and the rest are imported, and what they left is kept out of the collector's way."""
    os.environ.update(_NO_THREADS)  # before whatever may import NumPy, and with it OpenBLAS
    from course.runtime import import_quietly

    # Matplotlib asks for its backend when it is imported; ipykernel would name it only in the child.
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    import_quietly()
    for name in PRELOADED:
        import_module(name)
    gc.collect()
    gc.freeze()  # a collection would write to every page, and each kernel would get a copy of it all


class Server:
    """Forks kernels for the client at the other end of the main channel, and watches them until they end."""

    def __init__(self, main_channel: socket.socket) -> None:
        self._main = main_channel
        self._selector = selectors.DefaultSelector()
        self._kernels: list[_Kernel] = []
        self._retired = False
        self._imported = dict(_stamps(_files()))

    def serve(self) -> Birth:
        """In a fresh fork, what it is to become. In the server it does not return: it ends with its client."""
        reason = _threads_run()
        _tell(self._main, {"unfit": reason} if reason else {"ready": True})
        if reason:
            os._exit(1)
        self._selector.register(self._main, selectors.EVENT_READ)
        while not (self._retired and not self._kernels):
            for key, _ in self._selector.select():
                if key.fileobj is self._main:
                    birth = self._on_main()
                    if birth is not None:
                        return birth
                elif key.data in self._kernels:  # not closed by the event before this one
                    self._on_kernel(key.data, ended=key.fileobj == key.data.pidfd)
        os._exit(0)

    def _on_main(self) -> Birth | None:
        message, descriptors = wire.hear_with(self._main, 3)
        if message is None:
            self._end()
        if "retire" in message:
            self._retired = True
            return None
        if len(descriptors) != 3:  # no descriptor is free here; the client waits a little and starts plainly
            for descriptor in descriptors:
                os.close(descriptor)
            return None
        channel, (stdout, stderr) = wire.received(descriptors[0]), descriptors[1:]
        birth = Birth(**message, stdout=stdout, stderr=stderr, parent=os.getpid())
        if self._fork(channel):
            return birth
        os.close(stdout)
        os.close(stderr)
        return None

    def _fork(self, channel: socket.socket) -> bool:
        """Whether this is the child, which holds nothing of the server's any more."""
        try:
            refused = self._refusal()
            if not refused:
                pid = os.fork()
        except OSError as error:  # no memory, too many processes, or no descriptor is free
            refused = {"refused": f"the warm process cannot fork: {error.strerror}", "stale": False}
        if refused:
            _tell(channel, refused)
            channel.close()
            return False
        if pid == 0:
            self._selector.close()
            self._main.close()
            channel.close()
            for kernel in self._kernels:
                kernel.channel.close()
                os.close(kernel.pidfd)
            return True
        self._watch(pid, channel)
        return False

    def _watch(self, pid: int, channel: socket.socket) -> None:
        """Nothing; the client knows the new kernel, and its end will be noticed."""
        try:
            kernel = _Kernel(pid, os.pidfd_open(pid), channel)
        except OSError as error:  # it could not be watched, and must not take along those that are
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            _tell(channel, {"refused": f"the warm process cannot watch a kernel: {error.strerror}", "stale": False})
            channel.close()
            return
        self._kernels.append(kernel)
        self._selector.register(kernel.pidfd, selectors.EVENT_READ, kernel)
        self._selector.register(channel, selectors.EVENT_READ, kernel)
        _tell(channel, {"pid": pid})

    def _refusal(self) -> dict[str, str | bool] | None:
        changed = next((file for file, stamp in _stamps(self._imported) if stamp != self._imported[file]), None)
        if changed:  # %pip install, or an edit: a kernel that starts now must see it
            return {"refused": f"{changed} has changed since it was imported", "stale": True}
        reason = _threads_run()
        return {"refused": reason, "stale": False} if reason else None

    def _on_kernel(self, kernel: _Kernel, ended: bool) -> None:
        message = None if ended else wire.hear(kernel.channel)
        if message is not None:
            _signal(kernel.pid, message["signal"])
            return
        # It ended, or nobody wants it any more. Its process group goes with it, before its number can be used again.
        _signal(kernel.pid, signal.SIGKILL)
        _, status = os.waitpid(kernel.pid, 0)
        _tell(kernel.channel, {"exit": os.waitstatus_to_exitcode(status)})
        self._selector.unregister(kernel.pidfd)
        self._selector.unregister(kernel.channel)
        os.close(kernel.pidfd)
        kernel.channel.close()
        self._kernels.remove(kernel)

    def _end(self) -> None:
        for kernel in self._kernels:
            _signal(kernel.pid, signal.SIGKILL)
        for kernel in self._kernels:
            os.waitpid(kernel.pid, 0)
        os._exit(0)


def _tell(channel: socket.socket, message: dict[str, object]) -> None:
    with contextlib.suppress(OSError):  # the client has gone; its channel says so, too
        wire.say(channel, message)


def _signal(pid: int, signum: int) -> None:
    """Nothing; a child's process group got the signal, or the child where it has not made its group yet."""
    try:
        os.killpg(pid, signum)
    except ProcessLookupError:
        os.kill(pid, signum)


def _threads_run() -> str | None:
    tasks = sorted(Path("/proc/self/task").iterdir(), key=lambda task: int(task.name))
    names = [(task / "comm").read_text().strip() for task in tasks]
    return f"threads run in the warm process ({', '.join(names[1:])})" if len(names) > 1 else None


def _files() -> Iterator[str]:
    """Files that were imported, and the folders where an installation shows."""
    yield from [file for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))]
    yield from site.getsitepackages()
    yield site.getusersitepackages()


def _stamps(files: Iterator[str] | dict[str, object]) -> Iterator[tuple[str, tuple[int, int] | None]]:
    for file in files:
        try:
            found = os.stat(file)  # noqa: PTH116 - thousands of files, at each start of a kernel
            yield file, (found.st_mtime_ns, found.st_size)
        except OSError:
            yield file, None
