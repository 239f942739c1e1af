"""Day 15, the exercise `audit_variables`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st

from checks.engine.exercise import Exercise, Lazy

tf = Lazy("tensorflow")
keras = Lazy("keras")

VARIABLE, FROZEN, KERAS, DENSE, UNBUILT = (
    {"kind": "tf.Variable", "trainable": True},
    {"kind": "tf.Variable", "trainable": False},
    {"kind": "keras.Variable"},
    {"kind": "Dense", "built": True},
    {"kind": "Dense", "built": False},
)
SHARED = {"kind": "shared"}


def _holder(kind, **parts):
    return {"kind": kind, "parts": parts}


audit_variables = Exercise(
    "audit_variables",
    day=15,
    hints=(
        "Walk through the object: vars(obj) gives its attributes, and the same question comes up again for each of "
        "them.",
        "A keras.Variable wraps a tf.Variable, .value. Collect those by id, so that none is counted twice. For a Keras "
        "layer, walk through its weights too. Skip attributes that begin with _.",
        "def walk(x): if it is a keras.Variable, take x.value; if it is a tf.Variable, note it by id; for a list, "
        "tuple or dict, walk through its items; for a module or layer, through its attributes and weights.",
    ),
)
audit_variables.example(
    obj=_holder("tf.Module", w=VARIABLE, dense=DENSE, table=_holder("dict", a=VARIABLE)),
)


def _count(described, own, found, listed, seen):
    """Notes in found and listed what an object holds: own is the kind of variable that the outer object lists."""
    kind = described["kind"]
    name = "shared" if kind == "shared" else len(found)
    if kind in ("tf.Variable", "keras.Variable", "shared"):
        found.add(name)
        if seen and own == ("keras" if kind == "keras.Variable" else "tf"):
            listed.add(name)
    elif kind == "Dense":
        for _ in range(2 if described["built"] else 0):
            _count(KERAS, own, found, listed, seen)
    else:
        # A module looks into modules and containers, a layer into layers and containers, neither into the other.
        inside = seen and kind in ("list", "tuple", "dict", "tf.Module" if own == "tf" else "Keras layer")
        for part in described["parts"].values():
            _count(part, own, found, listed, inside)


@audit_variables.spec
def _(obj):
    found, listed = set(), set()
    _count(obj, "tf" if obj["kind"] == "tf.Module" else "keras", found, listed, True)
    return {"listed": len(listed), "total": len(found), "lost": len(found) - len(listed)}


@audit_variables.shown
def _(obj):
    return f"obj = {_text(obj)}; audit_variables(obj)"


def _text(described):
    kind = described["kind"]
    if kind == "Dense":
        return "Dense(2)" if described["built"] else "Dense(2) that is not built"
    if "parts" not in described:
        return "one shared tf.Variable" if kind == "shared" else kind
    return f"{kind} with {{{', '.join(f'{name}: {_text(part)}' for name, part in described['parts'].items())}}}"


def _objects(root):
    leaves = [VARIABLE, FROZEN, DENSE, UNBUILT] + ([KERAS] if root == "Keras layer" else [])

    def drawn(places):
        parts = {}
        for name, (leaf, holder) in zip("abcd", places, strict=False):
            part = leaf
            if holder in ("list", "tuple", "dict"):
                part = _holder(holder, first=leaf, second=VARIABLE)
            elif holder != "alone":
                part = _holder(holder, x=leaf)
            parts[name] = part
        return {"obj": _holder(root, **parts)}

    holders = ["alone", "alone", "dict", "list", "tuple", "tf.Module", "Keras layer"]
    # A Keras layer looks for layers in lists and dicts; its tuples and tf.Variables are tried by the fixed cases.
    place = st.tuples(st.sampled_from(leaves), st.sampled_from(holders))
    return st.lists(place, min_size=1, max_size=4).map(drawn)


@audit_variables.cases("modules that hold all kinds", points=2, examples=8)
def _():
    return _objects("tf.Module")


audit_variables.fixed_cases(
    "Keras layers, tuples, shared variables, nothing",
    1,
    {"obj": _holder("Keras layer", v=VARIABLE, dense=DENSE, k=KERAS)},
    {"obj": _holder("Keras layer", m=_holder("tf.Module", v=VARIABLE, dense=DENSE), k=KERAS, dense=DENSE)},
    {"obj": _holder("tf.Module", one=SHARED, two=SHARED, pair=_holder("tuple", a=SHARED, b=DENSE))},
    {"obj": _holder("tf.Module", dense=UNBUILT)},
    {
        "obj": _holder(
            "tf.Module", deep=_holder("dict", d=_holder("list", v=VARIABLE, m=_holder("tf.Module", v=FROZEN)))
        )
    },
)


@audit_variables.mistake(
    "lost is always 0. You asked the object for its own list; walk through its attributes to find the others."
)
def only_its_own_list(obj):
    listed = len(obj.variables) if isinstance(obj, tf.Module) else len(obj.weights)
    return {"listed": listed, "total": listed, "lost": 0}


@audit_variables.mistake("Variables inside a list, a tuple or a dict are not found. Walk through their items too.")
def no_containers(obj):
    found = {}

    def walk(x):
        x = x.value if isinstance(x, keras.Variable) else x
        if isinstance(x, tf.Variable):
            found[id(x)] = x
        elif isinstance(x, tf.Module | keras.layers.Layer):
            for part in [*getattr(x, "weights", []), *(v for k, v in vars(x).items() if k[0] != "_")]:
                walk(part)

    walk(obj)
    listed = len(obj.variables) if isinstance(obj, tf.Module) else len(obj.weights)
    return {"listed": listed, "total": len(found), "lost": len(found) - listed}


@audit_variables.mistake(
    "Variables of an inner module or of an inner layer are not found. Walk through their attributes too."
)
def no_inner_objects(obj):
    found = {}

    def walk(x):
        x = x.value if isinstance(x, keras.Variable) else x
        if isinstance(x, tf.Variable):
            found[id(x)] = x
        elif isinstance(x, list | tuple):
            for part in x:
                walk(part)
        elif isinstance(x, dict):
            for part in x.values():
                walk(part)

    for name, part in vars(obj).items():
        if name[0] != "_":
            walk(part)
    for weight in getattr(obj, "weights", []):
        walk(weight)
    listed = len(obj.variables) if isinstance(obj, tf.Module) else len(obj.weights)
    return {"listed": listed, "total": len(found), "lost": len(found) - listed}


@audit_variables.mistake(
    "A Variable that can be reached in two ways is counted twice. Note each one by the id of its tf.Variable."
)
def counted_twice(obj):
    def walk(x):
        if isinstance(x, tf.Variable | keras.Variable):
            return 1
        if isinstance(x, list | tuple):
            return sum(map(walk, x))
        if isinstance(x, dict):
            return sum(map(walk, x.values()))
        if isinstance(x, tf.Module | keras.layers.Layer):
            parts = [*getattr(x, "weights", []), *(v for k, v in vars(x).items() if k[0] != "_")]
            return sum(map(walk, parts))
        return 0

    listed = len(obj.variables) if isinstance(obj, tf.Module) else len(obj.weights)
    return {"listed": listed, "total": walk(obj), "lost": walk(obj) - listed}


@audit_variables.mistake(
    "Only trainable Variables are counted as listed. Ask for variables or weights, which hold the frozen ones too."
)
def trainable_only(obj):
    found = {}

    def walk(x):
        x = x.value if isinstance(x, keras.Variable) else x
        if isinstance(x, tf.Variable):
            found[id(x)] = x
        elif isinstance(x, list | tuple):
            for part in x:
                walk(part)
        elif isinstance(x, dict):
            for part in x.values():
                walk(part)
        elif isinstance(x, tf.Module | keras.layers.Layer):
            for part in [*getattr(x, "weights", []), *(v for k, v in vars(x).items() if k[0] != "_")]:
                walk(part)

    walk(obj)
    listed = len(obj.trainable_variables)
    return {"listed": listed, "total": len(found), "lost": len(found) - listed}


@audit_variables.right
def with_a_stack(obj):
    ids, done, stack = set(), set(), [obj]
    while stack:
        x = stack.pop()
        if isinstance(x, keras.Variable):
            x = x.value
        if id(x) in done:
            continue
        done.add(id(x))
        if isinstance(x, tf.Variable):
            ids.add(id(x))
        elif isinstance(x, dict):
            stack += list(x.values())
        elif isinstance(x, list | tuple):
            stack += list(x)
        elif isinstance(x, tf.Module | keras.layers.Layer):
            stack += [value for name, value in vars(x).items() if not name.startswith("_")]
            stack += list(getattr(x, "weights", []))
    listed = len(getattr(obj, "weights", None) or getattr(obj, "variables", ()))
    return {"listed": listed, "total": len(ids), "lost": len(ids) - listed}


@audit_variables.right
def with_a_generator(obj):
    def reached(x):
        if isinstance(x, tf.Variable):
            yield x.ref()
        elif isinstance(x, keras.Variable):
            yield x.value.ref()
        elif isinstance(x, list | tuple | dict):
            for part in x.values() if isinstance(x, dict) else x:
                yield from reached(part)
        elif isinstance(x, tf.Module | keras.layers.Layer):
            for part in getattr(x, "weights", ()):
                yield from reached(part)
            for name in vars(x):
                if not name.startswith("_"):
                    yield from reached(getattr(x, name))

    total = len(set(reached(obj)))
    listed = len(obj.weights if isinstance(obj, keras.layers.Layer) else obj.variables)
    return {"listed": listed, "total": total, "lost": total - listed}
