"""Day 29, the exercise `route`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import re

import hypothesis.strategies as st

from checks.engine.exercise import Exercise, Returns

route = Exercise(
    "route",
    day=29,
    hints=(
        "One pattern describes every good path: a fixed beginning, a name, perhaps a version or a label, an ending.",
        'Named groups: r"/v1/models/(?P<name>[^/:]+)(/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?" with '
        "re.fullmatch; POST and GET differ in the ending only.",
        'The ending is r":(?P<verb>predict|classify|regress)" for POST and r"(/(?P<verb>metadata))?" for GET, where no '
        'verb means "status". No match: return None. The version goes through int where it is not None.',
    ),
    returns=Returns(kind="python"),
)
WORDS = ("linear", "ring_net", "v2-small", "m", "10")
VERBS = ("predict", "classify", "regress")
route.example(method="POST", path="/v1/models/linear:predict")
route.example(method="GET", path="/v1/models/linear/versions/2/metadata")


@route.spec
def _(method, path):
    rest, colon, verb = path.partition(":")
    if method == "POST":
        if not colon or verb not in VERBS:
            return None
    elif method == "GET" and not colon:
        verb = "status"
        if rest.endswith("/metadata"):
            rest, verb = rest[: -len("/metadata")], "metadata"
    else:
        return None
    empty, api, models, *steps = [*rest.split("/"), "", ""][: max(3, rest.count("/") + 1)]
    if (empty, api, models) != ("", "v1", "models") or len(steps) not in (1, 3) or not all(steps):
        return None
    found = {"name": steps[0], "version": None, "label": None, "verb": verb}
    if len(steps) == 3:
        kind, which = steps[1:]
        if kind == "versions" and which.isdigit():
            found["version"] = int(which)
        elif kind == "labels":
            found["label"] = which
        else:
            return None
    return found


def _paths(middles, endings):
    return st.builds(
        lambda name, middle, ending: f"/v1/models/{name}{middle}{ending}",
        st.sampled_from(WORDS),
        st.sampled_from(middles),
        st.sampled_from(endings),
    )


@route.cases("versions and labels", points=1, examples=30)
def _():
    middles = ("/labels/canary", "/versions/7", "/versions/010", "/versions/0", "/labels/stable", "/labels/3", "")
    post = st.tuples(st.just("POST"), _paths(middles, [f":{verb}" for verb in VERBS]))
    get = st.tuples(st.just("GET"), _paths(middles, ["", "/metadata"]))
    return st.one_of(post, get).map(lambda pair: dict(zip(("method", "path"), pair, strict=True)))


# Written out, so that every check meets each of them.
NO_ROUTES = [
    *(
        ("POST", f"/v1/models/m{middle}:predict")
        for middle in ("/versions/x", "/versions/-1", "/versions/", "/labels/")
    ),
    *(("GET", f"/v1/models/m{middle}") for middle in ("/versions/x", "/versions/-1", "/versions/", "/labels/")),
    *(("POST", f"/v1/models/m{middle}:regress") for middle in ("/versions/1/labels/a", "/version/1", "/1")),
    *(("GET", f"/v1/models/m{middle}/metadata") for middle in ("/versions/1/labels/a", "/version/1", "/1")),
    *(("POST", f"/v1/models/m{ending}") for ending in ("", "/metadata", ":guess", ":", ":predict:predict")),
    *(("POST", f"/v1/models/m/versions/7{ending}") for ending in ("", ":predict/", ":predictor", "/metadata:predict")),
    *(("GET", f"/v1/models/m{ending}") for ending in (":predict", "/", "/metadata/", "/metadatas", ":")),
    *((method, "/v1/models/m:classify") for method in ("GET", "PUT")),
    *((method, "/v1/models/m/labels/canary") for method in ("POST", "PUT")),
    *(("POST", path) for path in ("/v1/models/:predict", "/v2/models/m:predict", "v1/models/m:predict", "")),
    *(("GET", path) for path in ("/v1/models", "/v1/models/", "/")),
    *(("POST", f"/v1/models/m{ending}\n") for ending in (":predict", "/versions/7:regress")),
    *(("GET", f"/v1/models/m{ending}\n") for ending in ("/metadata", "/versions/7")),
]


@route.cases("what is not a route", points=1, examples=len(NO_ROUTES))
def _():
    return st.sampled_from([{"method": method, "path": path} for method, path in NO_ROUTES])


@route.mistake(
    "A label is not a version: /labels/canary names a label, and only /versions/ is followed by a number. Keep the two "
    "apart, in a key each.",
)
def takes_a_label_for_a_version(method, path):
    found = re.fullmatch(r"/v1/models/([^/:]+)(?:/(?:versions|labels)/([^/:]+))?(?::(\w+)|/(metadata))?", path)
    if not found or (method == "POST") != (found[3] is not None) or method not in ("GET", "POST"):
        return None
    if found[3] not in (None, "predict", "classify", "regress"):
        return None
    version = None if found[2] is None else int(found[2])
    return {"name": found[1], "version": version, "label": None, "verb": found[3] or found[4] or "status"}


@route.mistake(
    "predict, classify and regress carry a body, so they need POST; status and metadata need GET. Look at the method "
    "as well as at the path.",
)
def any_method_will_do(method, path):
    pattern = (
        r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
        r"(?::(?P<verb>predict|classify|regress)|/(?P<more>metadata))?"
    )
    found = re.fullmatch(pattern, path)
    if found is None:
        return None
    version = found["version"] and int(found["version"])
    verb = found["verb"] or found["more"] or "status"
    return {"name": found["name"], "version": version, "label": found["label"], "verb": verb}


@route.mistake(
    "The version is still text: what comes out of a path is a string. Return int(version).",
)
def version_as_text(method, path):
    ends = {"POST": r":(?P<verb>predict|classify|regress)", "GET": r"(?:/(?P<verb>metadata))?"}
    pattern = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
    found = re.fullmatch(pattern + ends[method], path) if method in ends else None
    return found and {**found.groupdict(), "verb": found["verb"] or "status"}


@route.mistake(
    "re.match looks at the beginning only, so whatever follows a good path is let through. Take re.fullmatch.",
)
def matches_the_beginning_only(method, path):
    ends = {"POST": r":(?P<verb>predict|classify|regress)", "GET": r"(?:/(?P<verb>metadata))?"}
    pattern = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
    found = re.match(pattern + ends[method], path) if method in ends else None
    if found is None:
        return None
    version = found["version"] and int(found["version"])
    return {"name": found["name"], "version": version, "label": found["label"], "verb": found["verb"] or "status"}


@route.mistake(
    'A GET without an ending asks for the status of the model: its verb is "status", not None.',
)
def status_without_a_verb(method, path):
    ends = {"POST": r":(?P<verb>predict|classify|regress)", "GET": r"(?:/(?P<verb>metadata))?"}
    pattern = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
    found = re.fullmatch(pattern + ends[method], path) if method in ends else None
    if found is None:
        return None
    return {**found.groupdict(), "version": found["version"] and int(found["version"])}


@route.mistake("Version 0 got lost. 0 counts as False in Python, so `or` replaces it. Ask whether the version is None.")
def version_zero_lost(method, path):
    ends = {"POST": r":(?P<verb>predict|classify|regress)", "GET": r"(?:/(?P<verb>metadata))?"}
    pattern = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
    found = re.fullmatch(pattern + ends[method], path) if method in ends else None
    if found is None:
        return None
    version = int(found["version"] or 0) or None
    return {"name": found["name"], "version": version, "label": found["label"], "verb": found["verb"] or "status"}


@route.mistake(
    "A path with a line break at its end was let through: $ also stands before a last line break. re.fullmatch wants "
    "the whole text."
)
def dollar_allows_a_line_break(method, path):
    ends = {"POST": r":(?P<verb>predict|classify|regress)", "GET": r"(?:/(?P<verb>metadata))?"}
    pattern = r"^/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
    found = re.match(pattern + ends[method] + "$", path) if method in ends else None
    if found is None:
        return None
    version = None if found["version"] is None else int(found["version"])
    return {"name": found["name"], "version": version, "label": found["label"], "verb": found["verb"] or "status"}


@route.mistake(
    "A version that is not written in digits makes the path none of this form: return None. int() raises an error for "
    "it, so let the pattern take digits only, [0-9]+.",
    about="exception",
)
def letters_into_int(method, path):
    ends = {"POST": r":(?P<verb>predict|classify|regress)", "GET": r"(?:/(?P<verb>metadata))?"}
    pattern = r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>[^/:]*)|/labels/(?P<label>[^/:]+))?"
    found = re.fullmatch(pattern + ends[method], path) if method in ends else None
    if found is None:
        return None
    version = None if found["version"] is None else int(found["version"])
    return {"name": found["name"], "version": version, "label": found["label"], "verb": found["verb"] or "status"}


@route.right
def step_by_step(method, path):
    if method == "POST":
        path, colon, verb = path.rpartition(":")
        if not colon or verb not in ("predict", "classify", "regress"):
            return None
    elif method == "GET":
        verb = "metadata" if path.endswith("/metadata") else "status"
        path = path.removesuffix("/metadata")
    else:
        return None
    start = "/v1/models/"
    if not path.startswith(start) or ":" in path:
        return None
    name, *rest = path.removeprefix(start).split("/")
    version = label = None
    if len(rest) == 2 and rest[0] == "versions" and rest[1].isdecimal():
        version = int(rest[1])
    elif len(rest) == 2 and rest[0] == "labels" and rest[1]:
        label = rest[1]
    elif rest:
        return None
    return {"name": name, "version": version, "label": label, "verb": verb} if name else None


@route.right
def with_match(method, path):
    if "//" in path:
        return None
    found = re.fullmatch(r"/v1/models/([^:]+)(?::(\w+))?", path)  # a verb with a line break is not a word
    if not found:
        return None
    steps, verb = found[1].split("/"), found[2]
    if method == "GET" and verb is None:
        verb = "status"
        if steps[-1] == "metadata" and len(steps) > 1:
            verb = steps.pop()
    elif method != "POST" or verb not in {"predict", "classify", "regress"}:
        return None
    match steps:
        case [name]:
            return {"name": name, "version": None, "label": None, "verb": verb}
        case [name, "versions", number] if re.fullmatch("[0-9]+", number):
            return {"name": name, "version": int(number), "label": None, "verb": verb}
        case [name, "labels", label] if label:
            return {"name": name, "version": None, "label": label, "verb": verb}
    return None
