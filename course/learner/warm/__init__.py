"""Kernels that start with TensorFlow already imported, for JupyterLab on Linux without a GPU.

JupyterLab loads this package as a server extension; `tf30 lab` asks for it. In JupyterLab's process,

    extension     shows the kernel "Thirty Days (warm)" in place of the plain python3
    provisioner   starts each kernel, warm where it can be had and plain where not
    client        keeps the warm process and asks it for kernels

and in the warm process, which is JupyterLab's child,

    server        imports TensorFlow, never runs an operation, and forks
    child         turns the fork into an ordinary IPython kernel.

The warm process is the parent of its kernels. JupyterLab and it are joined by a pair of sockets: when either
ends, however it ends, the other notices, and no kernel stays behind.

What all kernels of one warm process share, as a plain one would not: Python's hash seed, and the variables that
TensorFlow reads while it is imported. Setting one of those in a notebook, before `import tensorflow`, comes too
late here; set it before `tf30 lab`, or turn the warm kernel off with TF30_WARM=0.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "course.learner.warm"}]


def _load_jupyter_server_extension(app: Any) -> None:
    from course.learner.warm import extension

    extension.load(app)
