"""Day 29, the exercise `choose_version`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import re

import hypothesis.strategies as st

from checks.engine.exercise import Exercise, Returns

choose_version = Exercise(
    "choose_version",
    day=29,
    hints=(
        'Folder names are text, and "10" comes before "9" as text. What must they become, and which are not versions?',
        "Refuse both; then label to version; then look whether the version is there. The latest comes last.",
        "found = {int(name) for name in available if name.isdecimal()}; with a label, version = labels[label]; "
        "version not in found, or nothing found: raise LookupError; else the version, or max(found).",
    ),
    returns=Returns(kind="python"),
)
choose_version.example(available=["1", "2"], labels={}, version=None, label=None)
choose_version.example(available=["1", "2"], labels={}, version=1, label=None)
BOTH, UNKNOWN = ({"raised": name, "version": None} for name in ("ValueError", "LookupError"))


@choose_version.spec
def _(available, labels, version, label):
    numbers = [int(name) for name in available if name.isdecimal()]
    if version is not None and label is not None:
        return BOTH
    if label is not None:
        if label not in labels:
            return UNKNOWN
        version = labels[label]
    if version is None:
        version = max(numbers, default=None)
    return {"raised": "", "version": version} if version in numbers else UNKNOWN


@choose_version.shown
def _(available, labels, version, label):
    asked = "" if version is None else f", version={version}"
    asked += "" if label is None else f", label={label!r}"
    return f"choose_version({list(available)}, {labels}{asked})"


def _stores(version, label, names=None):
    names = names or st.lists(
        st.sampled_from(["0", "1", "2", "3", "8", "9", "10", "11", "100"]), min_size=1, max_size=4, unique=True
    )
    labels = st.dictionaries(st.sampled_from(["stable", "canary"]), st.sampled_from([0, 1, 2, 9, 10, 42]), max_size=2)
    return st.fixed_dictionaries({"available": names, "labels": labels, "version": version, "label": label})


@choose_version.cases("the latest, an explicit version, a label", points=1, examples=50)
def _():
    rubbish = st.lists(
        st.sampled_from(["1", "2", "9", "10", "tmp", "v3", ".cache", "2_old", "export-1"]),
        min_size=1,
        max_size=5,
        unique=True,
    )
    asked = st.sampled_from([None, 0, 1, 2, 9, 10])
    labels = st.sampled_from([None, "stable", "canary"])
    # Where the number with more digits is the larger, and its text is not.
    digits = st.lists(st.sampled_from(["8", "9", "10", "11", "100"]), min_size=2, max_size=4, unique=True)
    return st.one_of(
        _stores(st.none(), st.none()),
        _stores(st.none(), st.none(), digits),
        _stores(st.none(), st.none(), rubbish),
        _stores(asked, st.none()),
        _stores(st.none(), labels),
    )


@choose_version.cases("what is not there, and both at once", points=1, examples=40)
def _():
    empty = st.sampled_from([[], ["tmp"]])
    return st.one_of(
        _stores(st.sampled_from([42, 7, 0]), st.none()),
        _stores(st.none(), st.sampled_from(["prod", "stable", ""])),
        _stores(st.sampled_from([0, 1, 2]), st.sampled_from(["stable", "canary", ""])),
        _stores(st.none(), st.none(), empty),
    )


@choose_version.mistake(
    "The latest version is the largest number, not how many versions there are: of 1 and 5 the latest is 5."
)
def number_of_versions(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [int(name) for name in available if name.isdecimal()]
    if label is not None:
        version = labels[label]
    elif version is None and found:
        version = len(found)
    if version not in found:
        raise LookupError("no such version")
    return version


@choose_version.mistake(
    "The label itself came back. A label stands for a version: look it up, labels[label], and return that number."
)
def label_itself(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [int(name) for name in available if name.isdecimal()]
    if label is not None:
        if label not in labels:
            raise LookupError(label)
        return label
    if version is None:
        version = max(found, default=None)
    if version not in found:
        raise LookupError("no such version")
    return version


@choose_version.mistake(
    'Version 9 was chosen over 10: as text, "9" is the larger. Compare integers.',
)
def largest_text(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    names = [name for name in available if name.isdecimal()]
    if label is not None:
        version = labels[label]
    if version is None:
        if not names:
            raise LookupError("no version")
        return int(max(names))
    if str(version) not in names:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    lambda inputs, got: (
        f"The label {inputs['label']!r} was ignored, and the latest version was served. A label is what keeps a client "
        "on its version when a new one arrives: look it up in labels."
    ),
)
def ignores_labels(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [int(name) for name in available if name.isdecimal()]
    if not found:
        raise LookupError("no version")
    if version is None:
        return max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    "A version that is not there was replaced by the latest, in silence. A client that asks for one version must "
    "notice that it did not get it: raise LookupError.",
)
def falls_back_to_the_latest(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [int(name) for name in available if name.isdecimal()]
    if not found:
        raise LookupError("no version")
    wanted = labels.get(label) if label is not None else version
    return wanted if wanted in found else max(found)


@choose_version.mistake(
    "With a version and a label at once, the client contradicts itself or will: refuse it with ValueError rather than "
    "let the label win."
)
def the_label_wins(available, labels, version=None, label=None):
    found = [int(name) for name in available if name.isdecimal()]
    if label is not None:
        version = labels[label]
    if version is None:
        if not found:
            raise LookupError("no version")
        return max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    "Version 0 is a version, and is false: `if version:` takes it for none. Compare with None.",
)
def zero_is_none(available, labels, version=None, label=None):
    if version and label:
        raise ValueError("both")
    found = [int(name) for name in available if name.isdecimal()]
    if label is not None:
        version = labels[label]
    if not found:
        raise LookupError("no version")
    if not version:
        return max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    "A folder of models also holds names that are not versions, such as tmp or v3: int() fails on them. Skip them.",
)
def every_folder_is_a_version(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [int(name) for name in available]
    if label is not None:
        version = labels[label]
    if version is None:
        if not found:
            raise LookupError("no version")
        return max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    "With a version and a label at once, the client contradicts itself or will: refuse it with ValueError rather than "
    "choose one of the two.",
)
def the_version_wins(available, labels, version=None, label=None):
    found = [int(name) for name in available if name.isdecimal()]
    if version is None and label is not None:
        version = labels[label]
    if version is None:
        if not found:
            raise LookupError("no version")
        return max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.mistake(
    "A version that is not there was given out: nobody looked for it in the folder. Look, and raise LookupError.",
)
def does_not_look(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    if label is not None:
        return labels[label]
    found = [int(name) for name in available if name.isdecimal()]
    if version is None and not found:
        raise LookupError("no version")
    return max(found) if version is None else version


@choose_version.mistake(
    "What is not there, be it the version, the label or any version at all, is a LookupError. ValueError is for a "
    "version and a label at once; max() of nothing raises it, too.",
)
def value_error_for_what_is_missing(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [int(name) for name in available if name.isdecimal()]
    if label is not None and label not in labels:
        raise ValueError("no such label")
    version = max(found) if version is None and label is None else labels.get(label, version)
    if version not in found:
        raise ValueError("no such version")
    return version


@choose_version.mistake(
    "The version is still text: names of folders are. Return int(name).",
)
def version_left_as_text(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [name for name in available if name.isdecimal()]
    if label is not None:
        version = labels[label]
    if version is None and found:
        return max(found, key=int)
    if str(version) not in found:
        raise LookupError(f"Specific({version})")
    return str(version)


@choose_version.mistake(
    'The names of the folders stayed text while you compared them. So version 2 is not found among them, and "9" is '
    'larger than "10". Turn every name into an int first.'
)
def names_left_as_text(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("both")
    found = [name for name in available if name.isdecimal()]
    if label is not None:
        version = labels[label]
    if version is None and found:
        version = max(found)
    if version not in found:
        raise LookupError(f"Specific({version})")
    return version


@choose_version.right
def sorted_versions(available, labels, version=None, label=None):
    if None not in (version, label):
        raise ValueError(f"version {version} and label {label}: give one of them")
    found = sorted(int(name) for name in available if re.fullmatch("[0-9]+", name))
    if label is not None:
        version = labels[label]
    if version is None:
        return found[-1]
    if version not in found:
        raise LookupError(f"Specific({version}): there are {found}")
    return version


@choose_version.right
def by_a_table(available, labels, version=None, label=None):
    if version is not None and label is not None:
        raise ValueError("give a version or a label")
    table = {}
    for name in available:
        try:
            table[int(name)] = name
        except ValueError:
            continue
    wanted = labels.get(label, -1) if label is not None else version
    if wanted is None and table:
        wanted = max(table)
    if wanted not in table or not table[wanted].isdigit():
        raise LookupError(f"Specific({wanted})")
    return wanted
