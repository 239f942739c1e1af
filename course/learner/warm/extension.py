"""What JupyterLab is told: the warm kernel in place of python3, and nothing of it in the learner's files."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from course.learner.warm import safe

DISPLAY_NAME = "Thirty Days (warm)"
NATIVE = "python3"


def load(app: Any) -> None:
    """Nothing, but the ServerApp offers the warm kernel, and the warm process imports in the background.

    Where there can be none, python3 stays as it is, and the log says why.
    """
    from course.learner.warm import client, provisioner

    specs = app.kernel_spec_manager
    reason = safe.why_not() or unlike_ours(specs)
    if reason:
        app.log.info(f"Kernels start plainly: {reason}.")
        return
    plain_name = specs.get_kernel_spec(NATIVE).display_name
    specs.kernel_dirs.insert(0, str(write_kernelspec(specs, Path(app.runtime_dir))))
    # Not before all extensions are loaded: jupytext's puts another contents manager in place.
    app.io_loop.add_callback(lambda: app.contents_manager.register_pre_save_hook(keep_plain_name(plain_name)))
    warm = client.Warm(app.log.info)
    provisioner.use(warm)
    atexit.register(warm.stop)
    warm.start()
    app.log.info(f"Kernels start warm: TensorFlow is imported once, in process {warm.pid}.")

    def tell_when_ready() -> None:
        ready = warm.ready
        if ready:
            app.log.info("The warm process is ready: TensorFlow is imported.")
        elif ready is not None:
            app.io_loop.call_later(0.5, tell_when_ready)

    app.io_loop.add_callback(tell_when_ready)


def unlike_ours(specs: Any) -> str | None:
    """Why the kernel python3 of this KernelSpecManager is left alone; None where it is this Python, plainly started."""
    from importlib.metadata import entry_points

    from jupyter_client.kernelspec import NoSuchKernel
    from jupyter_client.provisioning import KernelProvisionerFactory

    from course.learner.warm.provisioner import NAME, without_options

    if not hasattr(specs, "kernel_dirs"):
        return "Jupyter keeps its kernels elsewhere"
    if not entry_points(group=KernelProvisionerFactory.GROUP_NAME, name=NAME):
        return "the course is not installed as a package; run pip install again"
    try:
        spec = specs.get_kernel_spec(NATIVE)
    except NoSuchKernel:
        return f"there is no kernel {NATIVE}"
    plain = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    if without_options(spec.argv)[1:] != plain or spec.argv[0] not in _this_python() or spec.env:
        return f"the kernel {NATIVE} in {spec.resource_dir} is one of your own"
    if "kernel_provisioner" in spec.metadata:
        return f"the kernel {NATIVE} in {spec.resource_dir} has a provisioner of its own"
    return None


def write_kernelspec(specs: Any, folder: Path) -> Path:
    """The folder to look for kernels in: it holds python3 as it is, but warm and under another display name."""
    from course.learner.warm.provisioner import NAME

    plain = specs.get_kernel_spec(NATIVE)
    kernels = folder / f"{NAME}-{hashlib.sha256(sys.executable.encode()).hexdigest()[:12]}"
    target = kernels / NATIVE
    target.mkdir(parents=True, exist_ok=True)
    # Each file in one step: another JupyterLab of the same person reads them at this moment, or writes the same.
    for file in Path(plain.resource_dir).iterdir():
        if file.is_file() and file.name != "kernel.json":
            _place(target / file.name, file.read_bytes())
    warm = plain.to_dict()
    warm["display_name"] = DISPLAY_NAME
    warm["metadata"] = {**warm["metadata"], "kernel_provisioner": {"provisioner_name": NAME}}
    _place(target / "kernel.json", json.dumps(warm, indent=1).encode())
    return kernels


def keep_plain_name(plain_name: str) -> Any:
    """A hook for Jupyter to call before it saves: the notebook's file names the plain kernel, as elsewhere."""

    def before_saving(model: dict[str, Any], **_: Any) -> None:
        if model.get("type") != "notebook" or not model.get("content"):
            return
        spec = model["content"].get("metadata", {}).get("kernelspec", {})
        if spec.get("display_name") == DISPLAY_NAME:
            spec["display_name"] = plain_name

    return before_saving


def _place(target: Path, data: bytes) -> None:
    part = target.with_name(f".{target.name}-{os.getpid()}")
    part.write_bytes(data)
    part.replace(target)


def _this_python() -> tuple[str, ...]:
    major, minor = sys.version_info[:2]
    return (sys.executable, "python", f"python{major}", f"python{major}.{minor}")
