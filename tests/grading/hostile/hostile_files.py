"""Metadata, format and cells: what a notebook file can be made to say."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
from hostile_cases import ALL_POINTS, EXERCISES, FILE, Notebook, add, answer, case, cell, solved, stub

MARKS, FORMAT, ODD = "metadata tricks", "format tricks", "odd but honest"


def _checks(notebook: Notebook) -> list[dict]:
    return [one for one in notebook["cells"] if one["id"].startswith("check_")]


@case(MARKS)
def skipped_checks() -> Notebook:
    notebook = solved("describe")
    for one in notebook["cells"]:
        one["metadata"]["tags"] = ["skip-execution"]
    return notebook


@case(MARKS)
def checks_that_may_raise() -> Notebook:
    notebook = solved("describe")
    for one in _checks(notebook):
        one["metadata"]["tags"] = ["raises-exception", "nbval-skip", "remove-cell"]
        one["source"] = "raise SystemExit"
    return notebook


@case(MARKS)
def a_thousand_points() -> Notebook:
    notebook = solved("describe")
    for one in _checks(notebook):
        one["metadata"]["nbgrader"]["points"] = 1000
    return notebook


@case(MARKS)
def negative_points() -> Notebook:
    notebook = solved("describe")
    for one in _checks(notebook):
        one["metadata"]["nbgrader"]["points"] = -5
        one["source"] = "-1"
    return notebook


@case(MARKS)
def checks_say_sixteen() -> Notebook:
    notebook = solved("describe")
    for one in _checks(notebook):
        one["source"] = "16"
    return notebook


@case(MARKS)
def checks_say_nan() -> Notebook:
    notebook = solved("describe")
    for one in _checks(notebook):
        one["source"] = "float('nan')"
    return notebook


@case(MARKS)
def checks_deleted() -> Notebook:
    notebook = solved("describe")
    notebook["cells"] = [one for one in notebook["cells"] if not one["id"].startswith("check_")]
    return notebook


@case(MARKS)
def checks_are_text() -> Notebook:
    notebook = solved("describe")
    for one in _checks(notebook):
        one["cell_type"] = "markdown"
        del one["outputs"], one["execution_count"]
    return notebook


@case(MARKS)
def checks_are_answers() -> Notebook:
    notebook = solved("describe")
    for one in _checks(notebook):
        one["metadata"]["nbgrader"] |= {"solution": True, "grade": True, "locked": False}
    return notebook


@case(MARKS)
def answers_are_checks() -> Notebook:
    notebook = solved("describe")
    for name in EXERCISES:
        cell(notebook, name)["metadata"]["nbgrader"] |= {"solution": False, "grade": True, "points": 16}
    return notebook


@case(MARKS)
def check_of_the_easy_one_four_times() -> Notebook:
    notebook = solved("describe")
    easy = cell(notebook, "check_describe")["source"]
    for one in _checks(notebook):
        one["source"] = easy
    return notebook


@case(MARKS, points=ALL_POINTS)
def swapped_check_ids() -> Notebook:
    notebook = solved()
    one, other = cell(notebook, "check_describe"), cell(notebook, "check_word_lengths")
    one["metadata"], other["metadata"] = other["metadata"], one["metadata"]
    return notebook


@case(MARKS, points=ALL_POINTS)
def future_schema() -> Notebook:
    notebook = solved()
    for one in notebook["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"]["schema_version"] = 4
    return notebook


@case(MARKS, points=ALL_POINTS)
def no_marks_at_all() -> Notebook:
    notebook = solved()
    for one in notebook["cells"]:
        one["metadata"] = {}
    return notebook


@case(MARKS, points=ALL_POINTS)
def marks_of_nonsense() -> Notebook:
    notebook = solved()
    for place, one in enumerate(notebook["cells"]):
        one["metadata"]["nbgrader"] = [None, 7, "x", {"grade_id": ["a"]}, {"grade_id": "", "points": "many"}][place % 5]
    return notebook


@case(MARKS)
def forged_checksums() -> Notebook:
    notebook = solved("describe")
    for one in notebook["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"]["checksum"] = "0" * 32
    return notebook


@case(MARKS)
def points_without_end() -> Notebook:
    notebook = solved("describe")
    for one in notebook["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"] |= {"grade": True, "solution": True, "points": float("inf")}
    return notebook


@case(MARKS, points=ALL_POINTS)
def one_grade_id_for_all() -> Notebook:
    notebook = solved()
    for one in notebook["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"] |= {"grade_id": "describe", "cell_type": "markdown", "task": True}
    return notebook


@case(MARKS, points=ALL_POINTS)
def metadata_of_other_types() -> Notebook:
    notebook = solved()
    for place, one in enumerate(notebook["cells"]):
        one["metadata"] = [None, [["nbgrader", 1]], "tags", {"tags": {"skip-execution": True}}][place % 4]
        one["execution_count"], one["outputs"], one["id"] = "7<b>", "16", place
    return notebook


@case(MARKS)
def a_second_setup() -> Notebook:
    notebook = solved("describe")
    new = add(notebook, "import checks\ncheck = checks.check = lambda *_: 16")
    new |= {"id": "setup", "metadata": dict(cell(notebook, "setup")["metadata"])}
    return notebook


@case(MARKS, points=ALL_POINTS)
def another_kernel() -> Notebook:
    notebook = solved()
    notebook["metadata"]["kernelspec"] = {"name": "ir; rm -rf /", "display_name": "R", "language": "R"}
    notebook["metadata"]["language_info"] = {"name": "R"}
    return notebook


@case(MARKS)
def setup_replaced() -> Notebook:
    notebook = solved("describe")
    cell(notebook, "setup")["source"] += "\ncheck = lambda answer: 16\n"
    return notebook


@case(ODD, points=ALL_POINTS, told="stood in 2 cells")
def answers_twice() -> Notebook:
    notebook = solved()
    for name in EXERCISES:
        place = notebook["cells"].index(cell(notebook, name))
        notebook["cells"].insert(place, dict(cell(notebook, name)))
    return notebook


@case(ODD, points=ALL_POINTS)
def checks_before_answers() -> Notebook:
    notebook = solved()
    checks = _checks(notebook)
    rest = [one for one in notebook["cells"] if one not in checks]
    notebook["cells"] = checks + rest
    return notebook


@case(ODD, points=ALL_POINTS)
def everything_backwards() -> Notebook:
    notebook = solved()
    notebook["cells"].reverse()
    return notebook


@case(ODD, points=ALL_POINTS)
def setup_deleted() -> Notebook:
    notebook = solved()
    notebook["cells"].remove(cell(notebook, "setup"))
    return notebook


@case(ODD, points=ALL_POINTS)
def answers_in_new_cells() -> Notebook:
    notebook = solved()
    for name in EXERCISES:
        code = cell(notebook, name)["source"]
        answer(notebook, name, cell(stub(), name)["source"])
        add(notebook, code, before=f"check_{name}")
    return notebook


@case(ODD, points=ALL_POINTS)
def answers_as_text() -> Notebook:
    notebook = solved()
    for name in EXERCISES:
        one = cell(notebook, name)
        one["cell_type"] = "markdown"
        del one["outputs"], one["execution_count"]
    return notebook


@case(ODD, points=ALL_POINTS)
def split_answers() -> Notebook:
    notebook = solved()
    for name in EXERCISES:
        one = cell(notebook, name)
        lines = one["source"].splitlines(keepends=True)
        second = json.loads(json.dumps(one))
        second["id"] = f"half-{name}"
        one["source"], second["source"] = "".join(lines[: len(lines) // 2]), "".join(lines[len(lines) // 2 :])
        notebook["cells"].insert(notebook["cells"].index(one) + 1, second)
    return notebook


@case(ODD, points=ALL_POINTS)
def all_in_one_cell() -> Notebook:
    notebook = solved()
    cell(notebook, "describe")["source"] = "\n\n".join(cell(notebook, name)["source"] for name in EXERCISES)
    for name in EXERCISES[1:]:
        notebook["cells"].remove(cell(notebook, name))
    return notebook


def _in_other_words(*ways: str) -> Notebook:
    """Every exercise solved by a function _NAME, and given its name in one of the ways."""
    notebook = solved()
    for name, way in zip(EXERCISES, ways, strict=True):
        code = cell(notebook, name)["source"].replace(f"def {name}(", f"def _{name}(", 1)
        answer(notebook, name, f"{code}\n\n{way.replace('NAME', name)}")
    return notebook


@case(ODD, points=ALL_POINTS)
def answers_that_are_no_functions() -> Notebook:
    return _in_other_words(
        "NAME = lambda *values: _NAME(*values)",
        "import functools\nNAME = functools.partial(_NAME)",
        "class Answer:\n    def __call__(self, *values): return _NAME(*values)\n\nNAME = Answer()",
        "class Box:\n    def NAME(self, *values): return _NAME(*values)\n\nNAME = Box().NAME",
        "import functools\n@functools.wraps(_NAME)\ndef NAME(*values): return _NAME(*values)",
    )


@case(ODD, points=ALL_POINTS)
def answers_that_do_more() -> Notebook:
    return _in_other_words(
        "if True:\n    def NAME(t):\n        print('x' * 10**6)\n        return _NAME(t)",
        "calls = 0\ndef NAME(image):\n    global calls\n    calls += 1\n    return tf.function(_NAME)(image)",
        "try:\n    NAME = _NAME\nexcept Exception:\n    raise",
        "from concurrent.futures import ThreadPoolExecutor\ndef NAME(*values):\n"
        "    with ThreadPoolExecutor(2) as pool: return pool.submit(_NAME, *values).result()",
        "import sys\ndef NAME(*values):\n    sys.stderr.write('y' * 10**5)\n    return _NAME(*values)",
    )


@case(ODD, points=ALL_POINTS)
def magics_around_answers() -> Notebook:
    notebook = solved()
    ways = ("%%time\n{}", "%%capture out\n{}", "%matplotlib inline\n!ls\n{}\nprint?\nfiles = !ls", "  {}", ">>> {}")
    for name, way in zip(EXERCISES, ways, strict=True):
        between = {"  {}": "\n  ", ">>> {}": "\n... "}.get(way, "\n")
        code = between.join(cell(notebook, name)["source"].splitlines())
        cell(notebook, name)["source"] = way.format(code)
    add(notebook, "%matplotlib inline\n" * 60, before="describe")
    return notebook


@case(ODD, points=ALL_POINTS)
def helpers_at_the_end() -> Notebook:
    notebook = solved()
    for name in EXERCISES:
        add(notebook, cell(notebook, name)["source"].replace(f"def {name}(", f"def help_{name}(", 1))
        answer(notebook, name, f"def {name}(*values):\n    return help_{name}(*values)")
    return notebook


@case(ODD, points=ALL_POINTS)
def noise_of_every_kind() -> Notebook:
    notebook = solved()
    for code in (
        "import logging, os, warnings\nlogging.basicConfig(level=10)\nlogging.error('x')\nos.write(2, b'raw')",
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.imshow([[1]])\nplt.show()",
        "import ipywidgets\n@ipywidgets.interact(x=(0, 5))\ndef show(x=1): print(x)",
        "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1]))",
        "import pandas as pd\ndisplay(pd.DataFrame({'a': [1]}).style, pd.DataFrame({'a': [1]}))\ninput('name?')",
        "tf.random.set_seed(1)\nnp.random.seed(1)\nwarnings.filterwarnings('error')\nnp.seterr(all='raise')",
        "del check, hint\nlist = [1]\nmax = str = 3\nassert False, 'a test of mine'",
    ):
        add(notebook, code, before="describe")
    return notebook


@case(ODD, points=ALL_POINTS)
def answers_alone() -> Notebook:
    notebook = solved()
    notebook["cells"] = [{"cell_type": "code", "source": cell(notebook, name)["source"]} for name in EXERCISES]
    return notebook


@case(ODD, points=ALL_POINTS)
def one_cell_of_everything() -> Notebook:
    notebook = solved()
    code = [one["source"] for one in notebook["cells"] if one["cell_type"] == "code"]
    notebook["cells"] = [{"cell_type": "code", "source": "\n\n".join(code)}]
    return notebook


@case(ODD, points=ALL_POINTS)
def everything_twice() -> Notebook:
    notebook = solved()
    notebook["cells"] += json.loads(json.dumps(notebook["cells"]))
    return notebook


@case(ODD, points=ALL_POINTS)
def from_colab() -> Notebook:
    notebook = solved() | {"nbformat_minor": 0}
    notebook["metadata"] = {"colab": {"provenance": []}, "accelerator": "GPU"}
    for place, one in enumerate(notebook["cells"]):
        del one["id"]
        one["metadata"] = {"id": f"x{place}AbC", "outputId": "z", "colab": {"base_uri": "https://localhost:8080/"}}
        one["source"] = one["source"].splitlines(keepends=True)
    return notebook


NOISY = """
import sys, warnings
quiet_NAME = NAME

def NAME(*values):
    print("a line on stderr", file=sys.stderr)
    warnings.warn("a warning")
    return quiet_NAME(*values)
"""


@case(ODD, points=ALL_POINTS)
def warnings_and_bars() -> Notebook:
    notebook = solved()
    add(
        notebook,
        """
        import logging, sys, warnings
        warnings.warn("something")
        logging.warning("something else")
        print("to stderr", file=sys.stderr)
        print("\\r" + "#" * 40, end="")
        """,
        before="describe",
    )
    for name in EXERCISES:
        code = cell(notebook, name)["source"]
        answer(notebook, name, f"{code}\n\n{NOISY.replace('NAME', name)}")
    return notebook


@case(ODD, points=ALL_POINTS)
def cells_that_fail() -> Notebook:
    notebook = solved()
    for code in ("1 / 0", "def f(:", "undefined", "%no_such_magic", "!false", "import no_such_module"):
        add(notebook, code, before="to_float01")
    return notebook


@case(FORMAT, points=ALL_POINTS)
def format_three(folder: Path) -> None:
    notebook = nbformat.convert(nbformat.from_dict(solved()), 3)
    (folder / FILE).write_text(json.dumps(notebook), encoding="utf-8")


@case(FORMAT, points=ALL_POINTS)
def format_two(folder: Path) -> None:
    cells = [
        {"cell_type": "code", "input": one["source"], "language": "python", "outputs": [], "collapsed": False}
        if one["cell_type"] == "code"
        else {"cell_type": one["cell_type"], "source": one["source"]}
        for one in solved()["cells"]
    ]
    old = {"nbformat": 2, "metadata": {}, "worksheets": [{"cells": cells[:9]}, {"cells": cells[9:]}]}
    (folder / FILE).write_text(json.dumps(old), encoding="utf-16")


@case(FORMAT, points=ALL_POINTS)
def format_of_tomorrow() -> Notebook:
    return solved() | {"nbformat": 4, "nbformat_minor": 99, "new_key": {"x": [1]}}


@case(FORMAT, points=ALL_POINTS)
def no_cell_ids() -> Notebook:
    notebook = solved() | {"nbformat_minor": 2}
    for one in notebook["cells"]:
        del one["id"]
        one["source"] = one["source"].splitlines(keepends=True)
    return notebook


@case(FORMAT, points=ALL_POINTS)
def one_id_for_all() -> Notebook:
    notebook = solved()
    for one in notebook["cells"]:
        one["id"] = "same"
    return notebook


@case(FORMAT, points=ALL_POINTS)
def byte_order_mark(folder: Path) -> None:
    (folder / FILE).write_bytes(b"\xef\xbb\xbf" + json.dumps(solved(), indent=1).replace("\n", "\r\n").encode())


@case(FORMAT, points=0, told="is empty")
def empty_file(folder: Path) -> None:
    (folder / FILE).write_bytes(b"")


@case(FORMAT, points=0, told="not a notebook")
def a_picture(folder: Path) -> None:
    (folder / FILE).write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(1000))


@case(FORMAT, points=0, told="not a notebook")
def a_zip(folder: Path) -> None:
    import zipfile

    with zipfile.ZipFile(folder / FILE, "w") as archive:
        archive.writestr("../../../../escaped.txt", "x")


@case(FORMAT, points=0, told="not a notebook")
def deep_json(folder: Path) -> None:
    (folder / FILE).write_text("[" * 200_000 + "]" * 200_000)


@case(FORMAT, points=0, told="not a notebook")
def deep_cells(folder: Path) -> None:
    (folder / FILE).write_text('{"cells": ' + '{"a": ' * 50_000 + "1" + "}" * 50_000 + "}")


@case(FORMAT)
def cells_of_nonsense() -> Notebook:
    notebook = solved("describe")
    notebook["cells"][3:3] = [None, 7, "cell", [], {}, {"cell_type": "quantum"}, {"cell_type": "code", "source": 5}]
    return notebook


@case(FORMAT)
def million_cells() -> Notebook:
    notebook = solved("describe")
    notebook["cells"] += [{"cell_type": "code", "source": "1", "metadata": {}}] * 200_000
    return notebook


@case("symlinks and archives", points=0)
def link_to_passwords(folder: Path) -> None:
    (folder / FILE).symlink_to("/etc/passwd")


@case("symlinks and archives", points=0)
def link_to_a_neighbour(folder: Path) -> None:
    (folder / FILE).symlink_to(Path("../../solved/day05") / FILE)


@case("symlinks and archives", points=0)
def a_pipe(folder: Path) -> None:
    os.mkfifo(folder / FILE)


@case("symlinks and archives", points=0)
def sparse_file(folder: Path) -> None:
    with (folder / FILE).open("wb") as file:
        file.truncate(20 * 2**30)


@case("symlinks and archives", points=0, told="not a regular file")
def a_folder(folder: Path) -> None:
    (folder / FILE).mkdir()


@case("symlinks and archives", points=ALL_POINTS, told="taken for day05_tensors.ipynb")
def another_name_deeper_down(folder: Path) -> None:
    (folder / "hand in").mkdir()
    (folder / "hand in" / "day05_tensors (1).ipynb").write_text(json.dumps(solved()))


@case("symlinks and archives")
def links_beside_it(folder: Path) -> Notebook:
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "root").symlink_to("/")
    (folder / "numpy.py").write_text("raise SystemExit('shadowed')")
    (folder / "checks").mkdir()
    (folder / "checks" / "__init__.py").write_text("check = lambda f: 16")
    return solved("describe")


SCRIPT = "<img src=x onerror=\"window.HACKED='%s'\"><script>window.HACKED='%s'</script>"


@case("markup in outputs", points=ALL_POINTS)
def markup_everywhere() -> Notebook:
    notebook = solved()
    add(notebook, SCRIPT % ("markdown", "markdown"), kind="markdown")
    add(notebook, SCRIPT % ("raw", "raw"), kind="raw")["metadata"] = {"raw_mimetype": "text/html"}
    add(
        notebook,
        f"""
        from IPython.display import HTML, Javascript, SVG, Markdown, Latex, display
        markup = {SCRIPT % ("output", "output")!r}
        display(HTML(markup), Javascript("window.HACKED='js'"), Markdown(markup), Latex(markup))
        display(SVG("<svg xmlns='http://www.w3.org/2000/svg'><script>window.HACKED='svg'</script></svg>"))
        print(markup)
        raise ValueError(markup)
        """,
    )
    attached = add(notebook, "![a](attachment:a.svg)", kind="markdown")
    attached["attachments"] = {"a.svg": {"image/svg+xml": "<svg onload=\"window.HACKED='attachment'\"/>"}}
    return notebook


@case("markup in outputs")
def markup_in_an_answer() -> Notebook:
    notebook = solved("describe")
    text = SCRIPT % ("answer", "answer")
    answer(notebook, "to_float01", f"def to_float01(image):\n    raise ValueError({text!r})  # {text}")
    answer(notebook, "running_mean", f"def running_mean(values):\n    return {text!r}")
    return notebook


@case("names", points=ALL_POINTS, name='O\'Brien "Bobby" <b>x; DROP TABLE student')
def _quotes() -> Notebook:
    return solved()


@case("names", points=ALL_POINTS, name="=HYPERLINK(1)")
def _formula() -> Notebook:
    return solved()


@case("names", points=ALL_POINTS, name="--force")
def _option() -> Notebook:
    return solved()


@case("names", points=ALL_POINTS, name="žluťoučký kůň %s {0} $HOME")
def _letters() -> Notebook:
    return solved()


@case("names", points=ALL_POINTS, name="a⁄b∕c")
def _slashes() -> Notebook:
    return solved()
