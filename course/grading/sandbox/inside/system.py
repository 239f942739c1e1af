"""Linux's ways to lock a process in: namespaces, mounts, capabilities, limits. Through ctypes, as Python 3.11 has none.

Each function raises OSError where the system does not permit it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import platform
import resource
import socket
import struct
import sys
from pathlib import Path

# Numbers of linux/sched.h, sys/mount.h and linux/prctl.h.
NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_PR_GET_SECCOMP, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 21, 22, 2
_CAPABILITY_VERSION_3 = 0x20080522
_MNT_DETACH = 2
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1

_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)

LINUX = sys.platform == "linux"

_CALLS = {
    # By machine: the number of its architecture in linux/audit.h, and of the calls in its asm/unistd.h.
    "x86_64": (
        0xC000003E,
        {"memfd_create": 319, "memfd_secret": 447, "shmget": 29, "msgget": 68, "socket": 41, "socketpair": 53}
        | {"unshare": 272, "setns": 308, "clone": 56, "clone3": 435}
        | {"add_key": 248, "request_key": 249, "keyctl": 250}
        | {"bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "io_uring_setup": 425},
    ),
    "aarch64": (
        0xC00000B7,
        {"memfd_create": 279, "memfd_secret": 447, "shmget": 194, "msgget": 186, "socket": 198, "socketpair": 199}
        | {"unshare": 97, "setns": 268, "clone": 220, "clone3": 435}
        | {"add_key": 217, "request_key": 218, "keyctl": 219}
        | {"bpf": 280, "userfaultfd": 282, "perf_event_open": 241, "io_uring_setup": 425},
    ),
}


def die_with_parent() -> None:
    """The process that calls it is killed when the one that started it ends."""
    _prctl(_PR_SET_PDEATHSIG, 9)


def hide_memory(hidden: bool = True) -> None:
    """Other processes of the same user can read neither memory nor environment of this one (or can again)."""
    _prctl(_PR_SET_DUMPABLE, 0 if hidden else 1)


def adopt_orphans() -> None:
    """Processes whose parent ends become children of this one, so that all of them can be found and ended."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def become(user: int | None) -> None:
    """The process has that user's rights and no others; None leaves it as it is."""
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def give_up_privileges() -> None:
    """No capability is left, and none can be gained by starting a program."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    with contextlib.suppress(OSError):  # not permitted without capabilities, which is as good
        for capability in range(64):
            _prctl(_PR_CAPBSET_DROP, capability)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc().capset(header, nothing), "capset")


def can_forbid_calls() -> bool:
    """Whether `forbid_calls` works on this machine."""
    return LINUX and platform.machine() in _CALLS and _libc().prctl(ctypes.c_int(_PR_GET_SECCOMP), 0, 0, 0, 0) == 0


def forbid_calls() -> None:
    """Neither this process nor what it starts can have memory that belongs to no process, or further namespaces.

    A file in memory, a System V segment or the tmpfs of a new mount namespace would count for no limit. The kernel's
    key rings, which may hold the grader's, and calls that submissions need for nothing good are closed as well. Sockets
    are of this machine's own kind or of the internet's, which a network namespace holds: others, such as those between
    a virtual machine and its host, pass it.
    To be called after `give_up_privileges`.
    """
    architecture, calls = _CALLS[platform.machine()]
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h: BPF_LD and so on
    allow, refuse, unknown = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS  # linux/seccomp.h
    namespaces = NEWNS | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET | 0x2000000  # the last: control groups
    steps = [(load, 0, 0, 4), (equal, 1, 0, architecture), (answer, 0, 0, refuse), (load, 0, 0, 0)]
    steps += [(at_least, 0, 1, 0x40000000), (answer, 0, 0, unknown)]  # the x32 names of the same calls
    for name in ("socket", "socketpair"):
        steps += [(equal, 0, 2 + len(_FAMILIES), calls[name]), (load, 0, 0, 16)]
        steps += [(equal, len(_FAMILIES) - place, 0, family) for place, family in enumerate(_FAMILIES)]
        steps += [(answer, 0, 0, 0x00050000 | errno.EAFNOSUPPORT), (load, 0, 0, 0)]
    for name, number in calls.items():
        if name in ("clone", "socket", "socketpair"):
            continue
        # Who is told that a call is unknown takes an older one: clone3 keeps its flags where no filter can see them.
        told = unknown if name in ("clone3", "memfd_create") else refuse
        steps += [(equal, 0, 1, number), (answer, 0, 0, told)]
    steps += [(equal, 1, 0, calls["clone"]), (answer, 0, 0, allow), (load, 0, 0, 16)]
    steps += [(any_bit, 0, 1, namespaces), (answer, 0, 0, refuse), (answer, 0, 0, allow)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    program = ctypes.create_string_buffer(code, len(code))
    filled = struct.pack("HP", len(steps), ctypes.addressof(program))
    _checked(_libc().prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), filled, 0, 0), "seccomp")


def unshare(flags: int) -> None:
    """The process has its own namespaces; in a new user namespace it keeps its user id."""
    uid, gid = os.getuid(), os.getgid()
    _checked(_libc().unshare(ctypes.c_int(flags)), "unshare")
    if flags & NEWUSER:
        with contextlib.suppress(FileNotFoundError):
            Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """The file system is there."""
    result = _libc().mount(
        source.encode() or None,
        target.encode(),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        data.encode() or None,
    )
    _checked(result, f"mount {target}")


def bind(source: str, target: str, writable: bool = False) -> None:
    """The folder or file is there a second time, by default for reading only."""
    mount(source, target, flags=MS_BIND | MS_REC)
    if not writable:
        seal(target)


def seal(target: str) -> None:
    """The mount is for reading only."""
    # The kernel refuses to loosen what the outer mount has locked, so its flags are repeated.
    locked = os.statvfs(target).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount("", target, flags=MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | locked)


def change_root(root: str) -> None:
    """The folder, a mount of its own, is the root; what was there before is out of reach."""
    os.chdir(root)
    _checked(_libc().pivot_root(b".", b"."), "pivot_root")
    _checked(_libc().umount2(b".", ctypes.c_int(_MNT_DETACH)), "umount")
    os.chdir("/")


def start_loopback() -> None:
    """127.0.0.1 works in this network namespace."""
    with socket.socket() as probe:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(probe, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(probe, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def limit(cpu_seconds: float, memory: int, processes: int, files: int, file_bytes: int) -> None:
    """The limits hold for this process and for all that it starts.

    Args:
        cpu_seconds: CPU time of one process.
        memory: bytes of address space on top of what the process has now (TensorFlow maps much that it never uses).
        processes: processes and threads of this user, in this user namespace.
        files: open files of one process.
        file_bytes: size of one file.
    """
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if LINUX else 0
    cpu = max(1, int(cpu_seconds))
    wanted = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_NOFILE, files),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NPROC, processes),
    ]
    if LINUX:  # elsewhere the address space tells nothing, or cannot be limited
        wanted.append((resource.RLIMIT_AS, now + memory))
    for kind, value in wanted:
        hard = resource.getrlimit(kind)[1]
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (least, least))


def lift_data_limit() -> None:
    """The limit of data that was inherited is as loose as it may be: submissions have one of their own."""
    if LINUX:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _prctl(option: int, value: int) -> None:
    _checked(_libc().prctl(ctypes.c_int(option), *(ctypes.c_ulong(part) for part in (value, 0, 0, 0))), "prctl")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
