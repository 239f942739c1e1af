"""The process from which answers are started: it has imported what they need, and has run none of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from course.grading.sandbox import frames
from course.grading.sandbox.inside import system

LOOK_SECONDS = 0.1
GRACE_SECONDS = 0.2
WORK = "work"
MOST_FILES = 50_000
"""In each folder that a submission may write to: empty files take memory, too."""
STOP = b"s"
"""What the grader sends to have the submission's process ended."""


def main(control_number: int, options: dict[str, Any]) -> None:
    """Nothing: serves until the grader closes the connection.

    Args:
        control_number: the inherited descriptor of the connection to the grader.
        options: `warm` (import TensorFlow now), `own_namespaces` (each submission gets its own), `scratch` (a folder
            that is emptied after each submission), `user` (whose rights to take), `shared` (one process is forked for
            each worker that asks; see `course.grading.sandbox.shared`).
    """
    control = socket.socket(fileno=control_number)
    system.lift_data_limit()
    system.become(options["user"])
    if system.LINUX:
        system.die_with_parent()
        system.adopt_orphans()
        system.hide_memory()
    os.chdir(options["scratch"])
    if options["warm"]:
        _import_all()
    if options.get("shared"):
        _share(control, options)
        return
    frames.send(control, {"ready": True, "threads": _threads()})
    _for_one_grader(control, options)


def _share(asking: socket.socket, options: dict[str, Any]) -> None:
    """Nothing: forks a warm process for each worker that asks for one, until all workers are gone."""
    safe = _threads() == 1  # a process with threads must not fork: each worker imports for itself
    forked: dict[str, int] = {}
    while True:
        try:
            message, descriptors, _, _ = socket.recv_fds(asking, 4_096, 1)
        except OSError:
            return
        if not message:
            return
        asked = json.loads(message)
        _reap(forked)
        if "end" in asked:
            if asked["end"] in forked:
                os.kill(forked[asked["end"]], signal.SIGKILL)
            continue
        connection = socket.socket(fileno=descriptors[0])
        if not safe:
            with contextlib.suppress(frames.Gone):
                frames.send(connection, {"failed": "it has threads"})
            connection.close()
            continue
        process = os.fork()
        if process == 0:
            try:
                asking.close()
                system.die_with_parent()
                system.adopt_orphans()
                frames.send(connection, {"ready": True})
                _for_one_grader(connection, options)
            finally:
                os._exit(0)
        connection.close()
        forked[asked["start"]] = process


def _reap(forked: dict[str, int]) -> None:
    """Nothing; those that have ended are forgotten."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            for name in [name for name, process in forked.items() if process == ended]:
                del forked[name]


def _for_one_grader(control: socket.socket, options: dict[str, Any]) -> None:
    """Nothing: starts one submission's process after the other, until the grader closes the connection."""
    while True:
        try:
            asked, connection = _asked(control)
        except frames.Gone:
            return
        ended = _serve(control, connection, asked | options)
        with contextlib.suppress(frames.Gone):
            frames.send(control, ended)


def _import_all() -> None:
    from course.grading.sandbox.inside import preload

    preload.everything()


def _threads() -> int:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 1


def _asked(control: socket.socket) -> tuple[dict[str, Any], socket.socket]:
    """What is asked next, and the connection that comes with it."""
    while True:
        try:
            message, descriptors, _, _ = socket.recv_fds(control, 64 * 2**10, 1)
        except OSError as error:
            raise frames.Gone("the grader is gone") from error
        if not message:
            raise frames.Gone("the grader is gone")
        if descriptors:  # else a request to stop what had ended already
            return json.loads(message.lstrip(STOP)), socket.socket(fileno=descriptors[0])


def _serve(control: socket.socket, connection: socket.socket, asked: dict[str, Any]) -> dict[str, Any]:
    """How the submission's process ended: `status` (negative: the signal), `reason`."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            control.close()
            status = _inside(connection, asked)
        except OSError as error:  # a lock that does not close: the grader is told, and nothing runs
            frames.send(connection, {"failed": str(error)})
        finally:
            os._exit(status)
    connection.close()
    reason = _watch(control, process, asked["limits"])
    _end_all(process)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    while True:  # orphans that were adopted
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                break
        except ChildProcessError:
            break
    for folder in (asked["scratch"], "/dev/shm") if asked["walled"] else (asked["scratch"],):
        _empty(Path(folder))
    return {"ended": True, "status": status, "reason": reason}


def _watch(control: socket.socket, process: int, limits: dict[str, Any]) -> str:
    """Why it must end, or "" where it has ended by itself."""
    while True:
        if select.select([control], [], [], LOOK_SECONDS)[0]:
            control.recv(1)
            # The grader may have seen the connection close before this process saw the end of the other.
            stop = time.monotonic() + GRACE_SECONDS
            while not _has_ended(process):
                if time.monotonic() > stop:
                    return "stopped"
                time.sleep(0.002)
        if _has_ended(process):
            return ""
        over = _over(limits) if system.LINUX else ""
        if over:
            return over


def _over(limits: dict[str, Any]) -> str:
    """The limit that all processes together are over, or ""."""
    started = _descendants(os.getpid())
    if _too_many(started, limits):
        return "processes"
    if sum(map(_memory, started)) <= limits["memory"]:
        return ""
    memory, looked = 0, time.monotonic()
    for process in started:
        memory += _own_memory(process)
        if memory > limits["memory"]:
            return "memory"
        # Beside a bomb the kernel takes long to tell, and the bomb goes on.
        if time.monotonic() > looked + LOOK_SECONDS:
            if _too_many(_descendants(os.getpid()), limits):
                return "processes"
            looked = time.monotonic()
    return ""


def _has_ended(process: int) -> bool:
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _too_many(processes: list[int], limits: dict[str, Any]) -> bool:
    """Whether there are nearly as many processes and threads as are allowed, or an eighth of it in processes."""
    # Nearly: the kernel refuses the last ones, and a bomb would try again for ever. An eighth: hundreds of processes
    # that share TensorFlow's memory take seconds to start and to end.
    found = len(processes)
    if found > limits["processes"] / 8:
        return True
    for process in processes:
        with contextlib.suppress(OSError):
            found += len(os.listdir(f"/proc/{process}/task")) - 1  # noqa: PTH208 - a count, every tenth of a second
    return found > 0.95 * limits["processes"]


def _memory(process: int) -> int:
    """Bytes of its memory that no file on a disk holds, 0 once it has ended; what is shared counts in full."""
    with contextlib.suppress(OSError):  # it has ended meanwhile
        status = Path(f"/proc/{process}/status").read_text()
        return sum(map(int, re.findall(r"(?m)^Rss(?:Anon|Shmem):\s+(\d+) kB", status))) * 1024
    return 0


def _own_memory(process: int) -> int:
    """As `_memory`, but what is shared counts in equal parts; it takes a hundred times as long."""
    # A process can close this file to all others, and Linux before 5.14 does not tell it: then all of it counts.
    with contextlib.suppress(OSError):
        told = Path(f"/proc/{process}/smaps_rollup").read_text()
        sizes = re.findall(r"(?m)^Pss_(?:Anon|Shmem):\s+(\d+) kB", told)
        if sizes:
            return sum(map(int, sizes)) * 1024
    return _memory(process)


def _descendants(process: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = Path(f"/proc/{entry}/stat").read_text()
                parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry))
    found, waiting = [], [process]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def _end_all(process: int) -> None:
    """Everything that the submission started is gone: again and again, as a fork bomb goes on meanwhile."""
    stop = time.monotonic() + 10
    while time.monotonic() < stop:
        left = _descendants(os.getpid()) if system.LINUX else []
        for child in {process, *left}:
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGSTOP)
        for child in {process, *left}:
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        if not system.LINUX:
            with contextlib.suppress(OSError):
                os.killpg(process, signal.SIGKILL)
        if not [child for child in left if child != process and not _is_dead(child)]:
            return
        time.sleep(0.01)
        with contextlib.suppress(ChildProcessError):
            while os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                if found is None or found.si_pid == process:
                    break
                os.waitpid(found.si_pid, os.WNOHANG)


def _is_dead(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                entry.unlink()


def _inside(connection: socket.socket, asked: dict[str, Any]) -> int:
    """The exit status of the process that runs the submission."""
    os.setsid()
    os.nice(5)  # a bomb must not starve those who watch it
    limits = asked["limits"]
    if asked["own_namespaces"]:
        system.hide_memory(False)  # the files that map its user id belong to root otherwise
        spaces = system.NEWUSER | system.NEWNS | system.NEWPID | system.NEWIPC
        # Where several submissions run behind one wall, none may hear what another says to its own servers.
        system.unshare(spaces | system.NEWNET if asked.get("shared") else spaces)
        first = os.fork()
        if first:
            system.die_with_parent()
            connection.close()
            return _as_it_ended(os.waitpid(first, 0)[1])
        os.setsid()  # a signal to its own group must not reach the process that waits for it
        if asked.get("shared"):
            system.start_loopback()
        system.mount("", "/", flags=system.MS_REC | system.MS_PRIVATE)
        for folder in (asked["scratch"], "/dev/shm"):
            free = f"size={limits['disk']},nr_inodes={MOST_FILES},mode=700"
            system.mount("tmpfs", folder, "tmpfs", system.MS_NOSUID | system.MS_NODEV, free)
        # Not permitted over bubblewrap's: it then sees the warm process, which is closed to it.
        with contextlib.suppress(OSError):
            system.mount("proc", "/proc", "proc", system.MS_NOSUID | system.MS_NODEV | system.MS_NOEXEC)
    folder = Path(asked["scratch"], WORK)
    folder.mkdir()
    os.chdir(folder)
    if system.LINUX:
        system.give_up_privileges()
        system.die_with_parent()  # only now: the kernel forgets it where privileges change
        if system.can_forbid_calls():
            system.forbid_calls()
    system.limit(limits["cpu_seconds"], limits["memory"], limits["processes"], limits["files"], limits["disk"])
    with open(os.devnull, "r+b") as nowhere:  # noqa: PTH123
        for number in (0, 1, 2):
            os.dup2(nowhere.fileno(), number)
    from course.grading.sandbox.inside import serve

    serve.serve(connection, asked)
    return 0


def _as_it_ended(status: int) -> int:
    """The exit status of the process that was waited for; where a signal ended that, it ends this one, too."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
