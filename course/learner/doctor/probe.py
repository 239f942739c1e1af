"""A process of its own that imports TensorFlow and computes on every device: one line of JSON for each stage.

`course.learner.doctor.devices` starts it as `python -m course.learner.doctor.probe`, so that a crash or a hang ends
this process alone.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

SIZE = 64


def main() -> None:
    """Nothing; tells the versions, the devices, and of each whether it multiplies matrices rightly."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with open(os.devnull, "r+b") as nowhere:  # noqa: PTH123 - os.devnull is a name, not a path
        os.dup2(nowhere.fileno(), 1)

    def tell(**event: Any) -> None:
        told.write(json.dumps(event) + "\n")
        told.flush()

    from course import runtime

    started = time.perf_counter()
    tensorflow = runtime.import_quietly()
    import keras

    tell(
        stage="imported",
        tensorflow=tensorflow.__version__,
        keras=keras.__version__,
        seconds=time.perf_counter() - started,
        cuda=bool(tensorflow.test.is_built_with_cuda()),
    )
    found = runtime.devices()
    names = [device.name for kind in ("CPU", "GPU", "TPU") for device in tensorflow.config.list_logical_devices(kind)]
    tell(stage="devices", kind=found.kind, note=found.note, gpu=found.gpu_name, devices=names)
    for name in names:
        tell(stage="start", device=name)
        started = time.perf_counter()
        try:
            right = computes(tensorflow, name)
            tell(stage="computed", device=name, right=right, seconds=time.perf_counter() - started)
        except Exception as error:  # whatever a broken driver raises is the finding
            tell(stage="failed", device=name, error=f"{type(error).__name__}: {str(error).splitlines()[0][:300]}")
    tell(stage="end")


def computes(tensorflow: Any, device: str) -> bool:
    """Whether a product of two float32 matrices [64, 64] on that device is what NumPy says."""
    import numpy as np

    one, other = np.random.default_rng(30).standard_normal((2, SIZE, SIZE)).astype(np.float32)
    with tensorflow.device(device):
        product = tensorflow.matmul(tensorflow.constant(one), tensorflow.constant(other)).numpy()
    # TPUs and newer GPUs multiply with fewer digits (bfloat16, TF32): 64 terms of size 1 leave an error below 0.5.
    return bool(np.allclose(product, one @ other, atol=0.5))


if __name__ == "__main__":
    main()
