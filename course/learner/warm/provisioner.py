"""How Jupyter starts a kernel of the warm kind: forked where it can be had, plain where not."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from course.learner.warm.client import OPTIONS, NotWarm, Warm

NAME = "thirty-days-warm"
"""As pyproject.toml names the entry point, and the kernel its provisioner."""

_warm: Warm | None = None


def without_options(command: Sequence[str]) -> list[str]:
    """The command without what `python -m ipykernel install` puts before -m, and the warm process has itself."""
    return [word for place, word in enumerate(command) if place != 1 or word not in OPTIONS]


def use(warm: Warm | None) -> None:
    """Nothing; kernels of this program are asked of this warm process from now on, of none with None."""
    global _warm
    _warm = warm


class WarmProvisioner(LocalProvisioner):
    """A local kernel, which the warm process forked where there is one; else started as Jupyter does it."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """What a client needs to connect; the kernel is starting."""
        try:
            self.process = await self._fork(cmd, **kwargs)
        except NotWarm as reason:
            self.log.info("Plain start of a kernel: %s.", reason)
            return await super().launch_kernel(cmd, **kwargs)
        # Signals go through the parent, see ForkedKernel.send_signal.
        self.pid, self.pgid = self.process.pid, None
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    async def _fork(self, cmd: list[str], *, env: dict[str, str], cwd: str | None = None, **others: Any) -> Any:
        if _warm is None:
            raise NotWarm("this program keeps no warm process")
        streams = _descriptor(others.pop("stdout", None), 1), _descriptor(others.pop("stderr", None), 2)
        unknown = {name for name, value in others.items() if value is not None} - {"extra_arguments", "kernel_id"}
        if unknown:
            raise NotWarm(f"its start has settings of its own: {', '.join(sorted(unknown))}")
        cmd = without_options(cmd)
        if cmd[1:3] != ["-m", "ipykernel_launcher"]:
            raise NotWarm(f"it starts another program: {' '.join(cmd[:3])}")
        folder = Path(cwd or Path.cwd())
        if not folder.is_dir():
            raise NotWarm(f"there is no folder {folder}")
        return await _warm.launch(cmd, env, os.fspath(folder), streams)


def _descriptor(stream: Any, ordinary: int) -> int:
    """Where a kernel's output goes: to the file that was given, as subprocess.Popen takes it, or where ours goes."""
    if stream is None:
        return ordinary
    descriptor = stream if isinstance(stream, int) else stream.fileno()
    if descriptor < 0:
        raise NotWarm("its output goes through a pipe of subprocess's")
    return descriptor
