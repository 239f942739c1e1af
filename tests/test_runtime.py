"""The set-up line and the machine: what is found, what is forced, what is said, and that descriptor 2 stays clean."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import textwrap
import time
from types import SimpleNamespace
from unittest import mock

import pytest

import course
from course import opening, runtime
from course.runtime import Runtime, RuntimeNotFound, TooLate


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """As in a new process: nothing found yet, nothing forced, no TPU announced."""
    monkeypatch.setattr(runtime, "_found", None)
    for name in ("TF30_RUNTIME", *runtime._TPU_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    runtime._tpu_system.cache_clear()


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a fresh Python prints for this code."""
    clean = {key: value for key, value in os.environ.items() if key not in ("TF30_RUNTIME", "TF_CPP_MIN_LOG_LEVEL")}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**clean, "CUDA_VISIBLE_DEVICES": "-1", **environment},
        capture_output=True,
        text=True,
    )


class FakeTensorFlow:
    """As much of TensorFlow as the detection asks, on a machine with that many GPUs and TPU cores."""

    def __init__(self, gpus: int = 0, tpu_cores: int = 0, tpu_error: Exception | None = None, started=False):
        self.grown, self.hidden, self.tpu_address = [], [], None
        devices = {"CPU": ["CPU:0"], "GPU": [f"GPU:{i}" for i in range(gpus)]}

        def set_memory_growth(gpu, on):
            if started:
                raise RuntimeError("Physical devices cannot be modified after being initialized")
            self.grown.append((gpu, on))

        def set_visible_devices(wanted, kind):
            if started:
                raise RuntimeError("Visible devices cannot be modified after being initialized")
            self.hidden.append((wanted, kind))

        def resolver(tpu):
            self.tpu_address = tpu
            if tpu_error:
                raise tpu_error
            return SimpleNamespace(cluster_spec=dict)

        self.config = SimpleNamespace(
            list_physical_devices=lambda kind: devices[kind],
            list_logical_devices=lambda kind: [SimpleNamespace(name=f"{kind}:{i}") for i in range(tpu_cores)],
            set_visible_devices=set_visible_devices,
            experimental_connect_to_cluster=lambda resolver: None,
            experimental=SimpleNamespace(
                set_memory_growth=set_memory_growth,
                get_device_details=lambda gpu: {"device_name": "Fast Card"},
            ),
        )
        self.tpu = SimpleNamespace(experimental=SimpleNamespace(initialize_tpu_system=lambda resolver: None))
        self.distribute = SimpleNamespace(
            cluster_resolver=SimpleNamespace(TPUClusterResolver=resolver),
            MirroredStrategy=lambda names=None: ("mirrored", names),
            OneDeviceStrategy=lambda device: ("one", device),
            TPUStrategy=lambda resolver: ("tpu", resolver),
            get_strategy=lambda: ("default",),
        )


@pytest.fixture
def machine(monkeypatch):
    """Makes the fake TensorFlow the one that is imported."""

    def make(**kind) -> FakeTensorFlow:
        fake = FakeTensorFlow(**kind)
        monkeypatch.setattr(runtime, "import_quietly", lambda: fake)
        return fake

    return make


# --- The set-up line


def test_setup_says_versions_and_device_in_one_line_and_nothing_on_descriptor_2():
    done = run(
        """
        import course
        course.setup(day=5)
        import tensorflow as tf
        tf.matmul(tf.ones((2, 2)), tf.ones((2, 2)))
        """
    )
    assert done.stderr == ""
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()
    parts = [part.strip() for part in line.split("·")]
    assert [part.split()[0] for part in parts] == ["TensorFlow", "Keras", "Python", "CPU"]


def test_setup_twice_is_as_good_as_once():
    done = run("import course; course.setup(day=5); course.setup(day='day05', cpus=1)")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first == second


def test_after_setup_descriptor_2_and_logging_work_as_before():
    done = run(
        """
        import logging, os, course
        course.setup()
        os.write(2, b"from C\\n")
        logging.getLogger("mine").warning("from Python")
        """
    )
    assert done.stderr.splitlines() == ["from C", "from Python"]


def test_setup_leaves_a_log_level_that_you_chose():
    done = run("import course, os; course.setup(); print(os.environ['TF_CPP_MIN_LOG_LEVEL'])", TF_CPP_MIN_LOG_LEVEL="0")
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def test_setup_seeds_python_numpy_and_tensorflow():
    code = """
        import course
        course.setup(seed={seed})
        import random, numpy as np, tensorflow as tf
        print(random.random(), np.random.rand(), float(tf.random.uniform(())))
        """
    draws = [run(code.format(seed=seed)).stdout.splitlines()[-1] for seed in (1, 1, 2)]
    assert draws[0] == draws[1]
    assert all(a != b for a, b in zip(draws[0].split(), draws[2].split(), strict=True))


def test_an_unknown_day_is_refused_before_tensorflow_is_imported():
    done = run("import course, sys\ntry: course.setup(day=31)\nfinally: print('tensorflow' in sys.modules)")
    assert done.returncode == 1
    assert done.stdout == "False\n"
    assert "The days are 1 to 30" in done.stderr.splitlines()[-1]


def test_without_tensorflow_the_error_says_what_to_run():
    done = run(
        """
        import sys
        sys.modules["tensorflow"] = None  # as if it were not installed
        import course
        course.setup()
        """
    )
    assert "TensorFlow is not installed here: run %pip install tensorflow" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(("version", "kind"), [("2.18.1", 1), ("2.19.0", 0), ("2.22.0-rc1", 0), ("3.0.0", 0)])
def test_a_tensorflow_older_than_supported_is_told_kindly_and_what_to_do(version, kind):
    card = opening._versions(version, "3.10.0", Runtime("cpu"))
    assert len(card.notes) == kind
    if kind:
        assert "needs TensorFlow 2.19 or newer, and this is 2.18.1" in card.notes[0]
        assert "%pip install --upgrade tensorflow keras" in card.notes[0]
        assert card.notes[0] in repr(card)
        assert "<b>Note:</b>" in card._repr_html_()


def test_the_card_shows_as_one_line_of_html_with_its_text_escaped():
    card = opening._versions("2.21.0", "3.15.1", Runtime("gpu", gpus=1, gpu_name="<Card>"))
    assert "one GPU (&lt;Card&gt;)" in card._repr_html_()
    assert repr(card).count("\n") == 0


def test_in_a_notebook_the_card_is_displayed_and_the_days_exercises_get_placeholders(tmp_path):
    import nbformat
    from nbclient import NotebookClient

    cells = [
        "answered = 'mine'\ndescribe = answered",
        "import course\ncourse.setup(day=5)",
        "from checks.engine import registry\n"
        "print(describe, sorted({e.name for e in registry.day(5)} - set(globals())), 'nonsense' in globals())",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    assert [output.output_type for output in outputs] == ["display_data", "stream"]
    assert outputs[0].data["text/plain"].startswith("TensorFlow 2.")
    assert "text/html" in outputs[0].data
    assert outputs[1].name == "stdout"
    assert outputs[1].text == "mine [] False\n", "an answer is kept, every other exercise has its placeholder"


def test_course_offers_its_parts_lazily_and_no_others():
    assert course.setup is opening.setup
    assert course.runtime is runtime
    assert course.data.__name__ == "course.data"
    with pytest.raises(AttributeError, match="no attribute 'datasets'"):
        _ = course.datasets


# --- What is found


def test_a_plain_machine_computes_on_the_cpu_with_the_default_strategy(machine):
    machine()
    assert runtime.devices() == Runtime("cpu")
    assert runtime.strategy() == ("default",)
    assert str(runtime.devices()) == "CPU"


def test_one_gpu_is_found_with_its_name_and_memory_growth(machine):
    fake = machine(gpus=1)
    assert runtime.devices() == Runtime("gpu", gpus=1, gpu_name="Fast Card")
    assert fake.grown == [("GPU:0", True)]
    assert runtime.strategy() == ("one", "/GPU:0")
    assert str(runtime.devices()) == "one GPU (Fast Card)"


def test_several_gpus_are_mirrored(machine):
    fake = machine(gpus=4)
    assert runtime.devices() == Runtime("gpus", gpus=4, gpu_name="Fast Card")
    assert [growth for _, growth in fake.grown] == [True] * 4
    assert runtime.strategy() == ("mirrored", None)
    assert runtime.devices().replicas == 4


def test_gpus_that_are_already_in_use_stay_as_they_are(machine):
    machine(gpus=1, started=True)
    assert runtime.devices().kind == "gpu"


@pytest.mark.parametrize(
    ("variable", "address"),
    [("COLAB_TPU_ADDR", ""), ("TPU_NAME", ""), ("TPU_ACCELERATOR_TYPE", "local")],
)
def test_an_announced_tpu_is_connected_once_and_preferred_to_a_gpu(machine, monkeypatch, variable, address):
    fake = machine(gpus=1, tpu_cores=8)
    monkeypatch.setenv(variable, "something")
    assert runtime.devices() == Runtime("tpu", tpu_cores=8)
    assert fake.tpu_address == address
    kind, resolver = runtime.strategy()
    assert kind == "tpu"
    assert resolver is runtime._tpu_system(fake)
    assert str(runtime.devices()) == "TPU with 8 cores"


def test_no_tpu_is_looked_for_where_none_is_announced(machine):
    fake = machine(tpu_error=AssertionError("asked for a TPU"))
    assert runtime.devices() == Runtime("cpu")
    assert fake.tpu_address is None


def test_a_tpu_that_fails_leaves_a_note_and_the_next_best_device(machine, monkeypatch):
    machine(gpus=1, tpu_error=ValueError("Please provide a TPU Name to connect to.\nMore lines"))
    monkeypatch.setenv("TPU_NAME", "gone")
    found = runtime.devices()
    assert found.kind == "gpu"
    assert found.note == ("A TPU is announced here but cannot be used (Please provide a TPU Name to connect to.).")
    assert opening._versions("2.21.0", "3.15.1", found).notes == (found.note,)


def test_a_tpu_that_never_answers_is_given_up(machine, monkeypatch):
    fake = machine()
    fake.distribute.cluster_resolver.TPUClusterResolver = lambda tpu: time.sleep(600)
    monkeypatch.setenv("TPU_NAME", "silent")
    monkeypatch.setattr(runtime, "TPU_PATIENCE", 0.1)
    assert "no answer within 0.1 seconds" in runtime.devices().note


def test_what_was_found_is_remembered(machine):
    first = machine(gpus=1)
    runtime.devices()
    runtime.devices()
    assert len(first.grown) == 1


# --- What is forced


def test_cpu_forced_hides_the_gpus(machine, monkeypatch):
    fake = machine(gpus=2)
    monkeypatch.setenv("TF30_RUNTIME", "CPU")
    assert runtime.devices() == Runtime("cpu")
    assert fake.hidden == [([], "GPU")]


def test_cpu_forced_after_the_gpu_is_in_use_says_restart(machine, monkeypatch):
    machine(gpus=1, started=True)
    monkeypatch.setenv("TF30_RUNTIME", "cpu")
    with pytest.raises(TooLate, match="restart the kernel"):
        runtime.devices()


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("gpu", "TF30_RUNTIME=gpu, but TensorFlow sees no GPU here"),
        ("tpu", "TF30_RUNTIME=tpu, but no TPU can be used here: none was found."),
        ("quantum", "TF30_RUNTIME=quantum is not one of the choices: set it to cpu, cpus, gpu, tpu"),
    ],
)
def test_forcing_what_is_not_there_is_refused_in_one_sentence(machine, monkeypatch, choice, sentence):
    machine()
    monkeypatch.setenv("TF30_RUNTIME", choice)
    with pytest.raises(RuntimeNotFound) as caught:
        runtime.devices()
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_gpu_forced_is_preferred_to_an_announced_tpu(machine, monkeypatch):
    machine(gpus=1, tpu_cores=8)
    monkeypatch.setenv("TF30_RUNTIME", "gpu")
    monkeypatch.setenv("TPU_NAME", "there")
    assert runtime.devices().kind == "gpu"


def test_two_logical_cpus_train_one_keras_model_under_a_mirrored_strategy():
    done = run(
        """
        import course
        course.setup()
        from course import runtime
        strategy = runtime.strategy()
        import json, keras, numpy as np
        with strategy.scope():
            model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
            model.compile("sgd", "mse")
        loss = model.fit(np.ones((8, 3)), np.ones((8, 1)), batch_size=4, epochs=3, verbose=0).history["loss"]
        print(json.dumps([type(strategy).__name__, strategy.num_replicas_in_sync, runtime.devices().kind,
                          loss[-1] < loss[0], runtime.can("cpus"), runtime.can("devices")]))
        """,
        TF30_RUNTIME="cpus",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == ["MirroredStrategy", 2, "cpus", True, True, True]


def test_setup_can_split_the_cpu_and_the_strategy_is_made_silently():
    done = run(
        """
        import course
        course.setup(cpus=4)
        import course.runtime as runtime
        print(runtime.strategy().num_replicas_in_sync)
        """
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[0].endswith("CPU split into 4 logical devices")
    assert done.stdout.splitlines()[1] == "4"


def test_splitting_the_cpu_is_repeatable_before_and_refused_after_the_first_operation():
    done = run(
        """
        from course import runtime
        print(runtime.split_cpu(2), runtime.split_cpu(2))
        try:
            runtime.split_cpu(3)
        except runtime.TooLate as error:
            print(error)
        """
    )
    assert done.returncode == 0, done.stderr
    names, sentence = done.stdout.splitlines()
    assert names == "['/device:CPU:0', '/device:CPU:1'] ['/device:CPU:0', '/device:CPU:1']"
    assert "restart the kernel and call course.setup(cpus=3)" in sentence


def test_a_cpu_is_not_split_into_none():
    with pytest.raises(ValueError, match="1 device or more"):
        runtime.split_cpu(0)


# --- What a cell asks


@pytest.mark.parametrize(
    ("here", "offers"),
    [
        (Runtime("cpu"), set()),
        (Runtime("cpus", cpus=2), {"cpus", "devices"}),
        (Runtime("gpu", gpus=1), {"gpu"}),
        (Runtime("gpus", gpus=2), {"gpu", "gpus", "devices"}),
        (Runtime("tpu", tpu_cores=8), {"tpu", "devices"}),
    ],
    ids=lambda value: value.kind if isinstance(value, Runtime) else "",
)
def test_a_cell_learns_whether_it_can_run_and_if_not_why_in_one_line(monkeypatch, capsys, here, offers):
    monkeypatch.setattr(runtime, "_found", here)
    for need in ("cpus", "gpu", "gpus", "tpu", "devices"):
        assert runtime.can(need) == (need in offers)
        printed = capsys.readouterr().out
        if need in offers:
            assert runtime.skip_reason(need) is None
            assert printed == ""
        else:
            assert printed == f"Skipped: {runtime.skip_reason(need)}\n"
            assert printed.count("\n") == 1
            assert printed.rstrip().endswith(f"and this machine offers: {here}.")


def test_an_unknown_need_names_the_known_ones():
    with pytest.raises(ValueError, match="Unknown need 'quantum': choose one of cpus, gpu"):
        runtime.can("quantum")


def test_logging_is_on_again_when_the_import_of_tensorflow_fails():
    with mock.patch.dict(sys.modules, {"tensorflow": None}), pytest.raises(RuntimeNotFound):
        runtime.import_quietly()
    assert logging.root.manager.disable == logging.NOTSET


@pytest.mark.parametrize(
    ("function", "kept"),
    [
        ("<function TensorFlowTrainer._make_function.<locals>.multi_step_on_iterator at 0x7f>", False),
        ("<function step at 0x7f>", True),
    ],
)
def test_retracing_is_told_of_the_learners_functions_and_not_of_keras_own_loop(function: str, kept: bool):
    record = logging.LogRecord(
        "tensorflow",
        logging.WARNING,
        __file__,
        1,
        "%d out of the last %d calls to %s triggered tf.function retracing.",
        (5, 21, function),
        None,
    )
    assert opening.of_learners_code(record) is kept
