"""Day 12, the exercise `modern_name`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st

from checks.engine.exercise import Exercise, Returns

modern_name = Exercise(
    "modern_name",
    day=12,
    hints=(
        "A dict holds pairs of an old name and a new one. What should happen with a name that is not in it?",
        "Compare whole names. If you look for tf.log anywhere in the text, you also find it in tf.logical_and.",
        'names = {"tf.log": "tf.math.log", ...}; return names.get(old, old)',
    ),
    returns=Returns(kind="python"),
)
modern_name.example(old="tf.matrix_inverse")
modern_name.example(old="tf.logical_and")

TABLE = """
log math.log | ceil math.ceil | erf math.erf | lgamma math.lgamma | mod math.floormod | div math.divide
matrix_inverse linalg.inv | matrix_determinant linalg.det | self_adjoint_eig linalg.eigh
svd linalg.svd | qr linalg.qr | cholesky linalg.cholesky | diag linalg.diag
string_join strings.join | substr strings.substr
"""
PAIRS = dict(pair.split() for line in TABLE.strip().splitlines() for pair in line.split("|"))
SAME = ("logical_and", "logical_or", "add_n", "exp", "sqrt", "floor", "pow", "matmul", "norm", "reduce_logsumexp")


@modern_name.spec
def _(old):
    short = old.removeprefix("tf.")
    return "tf." + PAIRS.get(short, short)


def _old(names):
    return st.sampled_from(names).map(lambda name: {"old": f"tf.{name}"})


@modern_name.cases("names of the table", points=1, examples=60)
def _():
    return _old(list(PAIRS))


@modern_name.cases("names that have not changed", points=1, examples=40)
def _():
    return _old(SAME)


@modern_name.mistake(
    "You replace the old name wherever it stands, so tf.logical_and becomes something else. Compare the whole name.",
)
def replaced_inside(old):
    rows = "log math.log, ceil math.ceil, erf math.erf, lgamma math.lgamma, mod math.floormod, div math.divide"
    rows += ", matrix_inverse linalg.inv, matrix_determinant linalg.det, self_adjoint_eig linalg.eigh, svd linalg.svd"
    rows += ", qr linalg.qr, cholesky linalg.cholesky, diag linalg.diag, string_join strings.join"
    rows += ", substr strings.substr"
    for row in rows.split(", "):
        before, after = row.split()
        if old.startswith("tf." + before):
            return old.replace("tf." + before, "tf." + after, 1)
    return old


@modern_name.mistake(
    "A name that is not in the table stays as it is; a dict raises KeyError for it. Use .get(old, old)."
)
def unknown_raises(old):
    rows = "log math.log, ceil math.ceil, erf math.erf, lgamma math.lgamma, mod math.floormod, div math.divide"
    rows += ", matrix_inverse linalg.inv, matrix_determinant linalg.det, self_adjoint_eig linalg.eigh, svd linalg.svd"
    rows += ", qr linalg.qr, cholesky linalg.cholesky, diag linalg.diag, string_join strings.join"
    rows += ", substr strings.substr"
    return {"tf." + row.split()[0]: "tf." + row.split()[1] for row in rows.split(", ")}[old]


@modern_name.mistake(
    "A name that is not in the table became None. It has not changed: return the old one, .get(old, old).",
    about="none",
)
def unknown_is_none(old):
    rows = "log math.log, ceil math.ceil, erf math.erf, lgamma math.lgamma, mod math.floormod, div math.divide"
    rows += ", matrix_inverse linalg.inv, matrix_determinant linalg.det, self_adjoint_eig linalg.eigh, svd linalg.svd"
    rows += ", qr linalg.qr, cholesky linalg.cholesky, diag linalg.diag, string_join strings.join"
    rows += ", substr strings.substr"
    return {"tf." + row.split()[0]: "tf." + row.split()[1] for row in rows.split(", ")}.get(old)


@modern_name.mistake(
    "Every name got the module math. The table has three modules, and some names have not moved at all."
)
def all_into_math(old):
    return old.replace("tf.", "tf.math.", 1)


@modern_name.mistake(
    "The new name has lost its tf. in front: the table's names begin with tf.math, tf.linalg, tf.strings."
)
def without_tf(old):
    rows = "log math.log, ceil math.ceil, erf math.erf, lgamma math.lgamma, mod math.floormod, div math.divide"
    rows += ", matrix_inverse linalg.inv, matrix_determinant linalg.det, self_adjoint_eig linalg.eigh, svd linalg.svd"
    rows += ", qr linalg.qr, cholesky linalg.cholesky, diag linalg.diag, string_join strings.join"
    rows += ", substr strings.substr"
    return {"tf." + row.split()[0]: row.split()[1] for row in rows.split(", ")}.get(old, old)


@modern_name.right
def modern_name_with_match(old):
    match old.removeprefix("tf."):
        case "log" | "ceil" | "erf" | "lgamma" as name:
            return "tf.math." + name
        case "mod":
            return "tf.math.floormod"
        case "div":
            return "tf.math.divide"
        case "svd" | "qr" | "cholesky" | "diag" as name:
            return "tf.linalg." + name
        case "matrix_inverse":
            return "tf.linalg.inv"
        case "matrix_determinant":
            return "tf.linalg.det"
        case "self_adjoint_eig":
            return "tf.linalg.eigh"
        case "string_join":
            return "tf.strings.join"
        case "substr":
            return "tf.strings.substr"
    return old


@modern_name.right
def modern_name_by_module(old):
    name = old[3:]
    special = {"mod": "math.floormod", "div": "math.divide", "matrix_inverse": "linalg.inv"}
    special |= {"matrix_determinant": "linalg.det", "self_adjoint_eig": "linalg.eigh", "string_join": "strings.join"}
    if name in special:
        return f"tf.{special[name]}"
    for module, names in {"math": "log ceil erf lgamma", "linalg": "svd qr cholesky diag", "strings": "substr"}.items():
        if name in names.split():
            return f"tf.{module}.{name}"
    return old
