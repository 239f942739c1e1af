"""The machine a notebook runs on: what was found, and the strategy that fits.

TF30_RUNTIME=cpu, cpus, gpu or tpu forces a choice; without it the best that is there is taken.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import queue
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from checks.engine.quiet import RuntimeNotFound, import_quietly, quiet

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = [
    "CHOICES",
    "Kind",
    "Need",
    "Runtime",
    "RuntimeNotFound",
    "TooLate",
    "can",
    "devices",
    "import_quietly",
    "skip_reason",
    "split_cpu",
    "strategy",
    "tpu_is_likely",
]

Kind = Literal["cpu", "cpus", "gpu", "gpus", "tpu"]
Need = Literal["cpus", "gpu", "gpus", "tpu", "devices"]

CHOICES = ("cpu", "cpus", "gpu", "tpu")
TPU_PATIENCE = 60  # seconds for the first answer of a TPU

_NEEDS = {
    "cpus": "two logical CPU devices",
    "gpu": "a GPU",
    "gpus": "two GPUs",
    "tpu": "a TPU",
    "devices": "two devices of one kind",
}
_TPU_VARIABLES = ("COLAB_TPU_ADDR", "TPU_NAME", "TPU_ACCELERATOR_TYPE")


class TooLate(RuntimeError):
    """TensorFlow has started its devices; they cannot be changed any more in this process."""


@dataclass(frozen=True)
class Runtime:
    """What TensorFlow can use here.

    Attributes:
        kind: "cpu", "cpus" (one CPU split into several logical ones), "gpu", "gpus" or "tpu".
        cpus: logical CPU devices.
        gpus: GPUs.
        tpu_cores: cores of the TPU.
        gpu_name: name of the first GPU, or "".
        note: one sentence on what was found and cannot be used, or "".
    """

    kind: Kind
    cpus: int = 1
    gpus: int = 0
    tpu_cores: int = 0
    gpu_name: str = ""
    note: str = ""

    @property
    def replicas(self) -> int:
        """How many devices `strategy()` computes on."""
        return {"cpu": 1, "gpu": 1, "cpus": self.cpus, "gpus": self.gpus, "tpu": self.tpu_cores}[self.kind]

    def __str__(self) -> str:
        named = f" ({self.gpu_name})" if self.gpu_name else ""
        words = {
            "cpu": "CPU",
            "cpus": f"CPU split into {self.cpus} logical devices",
            "gpu": f"one GPU{named}",
            "gpus": f"{self.gpus} GPUs{named}",
            "tpu": f"TPU with {self.tpu_cores} cores",
        }
        return words[self.kind]


def devices(cpus: int | None = None) -> Runtime:
    """What this machine offers, or what TF30_RUNTIME forces; found once, then remembered.

    `cpus` splits the CPU into that many logical devices where there is no accelerator. Raises RuntimeNotFound
    when TF30_RUNTIME names something else than cpu, cpus, gpu or tpu, or something that is not here; TooLate
    when TensorFlow already uses the devices otherwise.
    """
    global _found
    if _found is not None and (cpus is None or cpus == _found.cpus or _found.kind in ("gpu", "gpus", "tpu")):
        return _found
    choice = os.environ.get("TF30_RUNTIME", "").strip().lower()
    if choice and choice not in CHOICES:
        raise RuntimeNotFound(
            f"TF30_RUNTIME={choice} is not one of the choices: set it to {', '.join(CHOICES)}, or unset it."
        )
    tensorflow = import_quietly()
    with quiet():
        _found = _forced(tensorflow, choice, cpus) if choice else _best(tensorflow, cpus)
    return _found


def strategy() -> tf.distribute.Strategy:
    """The tf.distribute strategy for `devices()`: default, OneDevice, Mirrored or TPU."""
    runtime, tensorflow = devices(), import_quietly()
    with quiet():
        if runtime.kind == "tpu":
            return tensorflow.distribute.TPUStrategy(_tpu_system(tensorflow))
        if runtime.kind == "gpus":
            return tensorflow.distribute.MirroredStrategy()
        if runtime.kind == "cpus":
            names = [device.name for device in tensorflow.config.list_logical_devices("CPU")]
            return tensorflow.distribute.MirroredStrategy(names)
        if runtime.kind == "gpu":
            return tensorflow.distribute.OneDeviceStrategy("/GPU:0")
        return tensorflow.distribute.get_strategy()


def split_cpu(n: int) -> list[str]:
    """Names of the n logical CPU devices that the one CPU is now split into.

    They share the same cores: the code path of several devices, not their speed. Raises TooLate after the
    first operation, unless the CPU is already split into n.
    """
    if n < 1:
        raise ValueError(f"split_cpu({n}): a CPU is split into 1 device or more.")
    tensorflow = import_quietly()
    with quiet():
        cpu = tensorflow.config.list_physical_devices("CPU")[0]
        try:
            tensorflow.config.set_logical_device_configuration(
                cpu, [tensorflow.config.LogicalDeviceConfiguration() for _ in range(n)]
            )
        except RuntimeError:
            there = len(tensorflow.config.list_logical_devices("CPU"))
            if there != n:
                raise TooLate(
                    f"The CPU is in use as {there} device(s) and cannot be split into {n} any more: restart "
                    f"the kernel and call course.setup(cpus={n}) before the first TensorFlow operation."
                ) from None
        return [device.name for device in tensorflow.config.list_logical_devices("CPU")]


def skip_reason(need: Need) -> str | None:
    """Why a cell that needs "cpus", "gpu", "gpus", "tpu" or "devices" cannot run here; None where it can."""
    if need not in _NEEDS:
        raise ValueError(f"Unknown need {need!r}: choose one of {', '.join(_NEEDS)}.")
    here = devices()
    enough = {
        "cpus": here.cpus >= 2,
        "gpu": here.gpus >= 1,
        "gpus": here.gpus >= 2,
        "tpu": here.tpu_cores >= 1,
        "devices": here.replicas >= 2,
    }
    return None if enough[need] else f"it needs {_NEEDS[need]}, and this machine offers: {here}."


def can(need: Need) -> bool:
    """Whether a cell that needs "cpus", "gpu", "gpus", "tpu" or "devices" can run; if not, prints why."""
    reason = skip_reason(need)
    if reason:
        print(f"Skipped: {reason}")
    return reason is None


def tpu_is_likely() -> bool:
    """Whether a TPU may be here, found without TensorFlow, which would ask the network and wait where there is none."""
    if any(os.environ.get(name) for name in _TPU_VARIABLES):
        return True
    chips = (*Path("/dev").glob("accel[0-9]*"), *Path("/dev").glob("vfio/[0-9]*"))
    return bool(chips) and importlib.util.find_spec("libtpu") is not None


# --- Detection

_found: Runtime | None = None


def _forced(tensorflow: Any, choice: str, cpus: int | None) -> Runtime:
    if choice == "tpu":
        runtime = _tpu(tensorflow)
        if runtime.kind != "tpu":
            why = runtime.note or "none was found."
            raise RuntimeNotFound(f"TF30_RUNTIME=tpu, but no TPU can be used here: {why}")
        return runtime
    if choice == "gpu":
        gpus = _gpus(tensorflow)
        if not gpus:
            raise RuntimeNotFound(
                "TF30_RUNTIME=gpu, but TensorFlow sees no GPU here: check the driver with nvidia-smi and "
                "install tensorflow[and-cuda], or unset TF30_RUNTIME."
            )
        return _with_gpus(tensorflow, gpus)
    if tensorflow.config.list_physical_devices("GPU"):
        try:
            tensorflow.config.set_visible_devices([], "GPU")
        except RuntimeError:
            raise TooLate(
                f"TF30_RUNTIME={choice} comes too late, TensorFlow already uses the GPU: restart the kernel "
                "and begin with course.setup."
            ) from None
    return _cpu(cpus or 2) if choice == "cpus" else _cpu(cpus)


def _best(tensorflow: Any, cpus: int | None) -> Runtime:
    tpu = _tpu(tensorflow)
    if tpu.kind == "tpu":
        return tpu
    gpus = _gpus(tensorflow)
    return _with_gpus(tensorflow, gpus, tpu.note) if gpus else _cpu(cpus, tpu.note)


def _cpu(cpus: int | None, note: str = "") -> Runtime:
    if cpus is None or cpus == 1:
        return Runtime("cpu", note=note)
    return Runtime("cpus", cpus=len(split_cpu(cpus)), note=note)


def _gpus(tensorflow: Any) -> list[Any]:
    """The GPUs, set to take memory as they need it, so that a second notebook on the same GPU finds some."""
    gpus = tensorflow.config.list_physical_devices("GPU")
    for gpu in gpus:
        try:
            tensorflow.config.experimental.set_memory_growth(gpu, True)
        except (RuntimeError, ValueError):
            break  # devices already started, or a plug-in without the setting: both work as they are
    return gpus


def _with_gpus(tensorflow: Any, gpus: list[Any], note: str = "") -> Runtime:
    details = tensorflow.config.experimental.get_device_details(gpus[0])
    kind: Kind = "gpus" if len(gpus) > 1 else "gpu"
    return Runtime(kind, gpus=len(gpus), gpu_name=str(details.get("device_name", "")), note=note)


def _tpu(tensorflow: Any) -> Runtime:
    """A Runtime of kind "tpu", or one of kind "cpu" whose note tells why a likely TPU cannot be used."""
    if not tpu_is_likely():
        return Runtime("cpu")
    try:
        _tpu_system(tensorflow)
        return Runtime("tpu", tpu_cores=len(tensorflow.config.list_logical_devices("TPU")))
    except Exception as error:  # whatever a half-present TPU raises, the notebook goes on without it
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return Runtime("cpu", note=f"A TPU is announced here but cannot be used ({reason}).")


@functools.cache
def _tpu_system(tensorflow: Any) -> Any:
    """The resolver of the TPU, connected and initialised once; TimeoutError when none answers in time."""
    local = "" if os.environ.get("COLAB_TPU_ADDR") or os.environ.get("TPU_NAME") else "local"
    answers: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            resolver = tensorflow.distribute.cluster_resolver.TPUClusterResolver(tpu=local)
            resolver.cluster_spec()  # this is what asks the network
            answers.put((resolver, None))
        except Exception as error:  # handed over to the thread that waits, and raised there
            answers.put((None, error))

    threading.Thread(target=resolve, daemon=True).start()
    try:
        resolver, error = answers.get(timeout=TPU_PATIENCE)
    except queue.Empty:
        raise TimeoutError(f"no answer within {TPU_PATIENCE} seconds") from None
    if error is not None:
        raise error
    tensorflow.config.experimental_connect_to_cluster(resolver)
    tensorflow.tpu.experimental.initialize_tpu_system(resolver)
    return resolver
