"""The Titanic: the classic table of 2,201 people, and passengers in the schema of the passenger list."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from course.data.catalogue import DataError, read
from course.data.online import announce_fallback, fetch

COLUMNS = (
    "Survived",
    "Pclass",
    "Name",
    "Sex",
    "Age",
    "SibSp",
    "Parch",
    "Ticket",
    "Fare",
    "Cabin",
    "Embarked",
)
_RENAMED = {
    "survived": "Survived",
    "sex": "Sex",
    "age": "Age",
    "n_siblings_spouses": "SibSp",
    "parch": "Parch",
    "fare": "Fare",
}


def titanic_cells() -> dict[tuple[str, str, str], tuple[int, int]]:
    """{(class, sex, age): (died, survived)}: 16 cells, 2,201 people, 711 of whom survived.

    Class is "1st", "2nd", "3rd" or "crew", sex "male" or "female", age "child" or "adult". Two cells are
    empty: the crew had no children.
    """
    table = pd.read_csv(io.BytesIO(read("titanic", "cells.csv")))
    return {
        (row["class"], row["sex"], row["age"]): (int(row["died"]), int(row["survived"]))
        for row in table.to_dict("records")
    }


def titanic() -> pd.DataFrame:
    """One row per person: Class, Sex, Age (as in `titanic_cells`) and Survived (0 or 1, int64); 2,201 rows.

    The rows stand in the order of the cells: shuffle before you split. This is the whole set; there is no
    online one.
    """
    people = [
        (*cell, survived)
        for cell, counts in titanic_cells().items()
        for survived, count in enumerate(counts)
        for _ in range(count)
    ]
    return pd.DataFrame(people, columns=["Class", "Sex", "Age", "Survived"])


def titanic_sample() -> pd.DataFrame:
    """Six invented passengers in the schema of the passenger list, with an Age, Cabins and a port missing."""
    return pd.read_csv(io.BytesIO(read("titanic", "passengers.csv")))


def titanic_passengers(online: bool = False, path: str | Path | None = None) -> pd.DataFrame:
    """Passengers, one per row, with the eleven columns of `COLUMNS`.

    online=False gives the six of `titanic_sample`. online=True gives 891 real ones, downloaded once; their
    publisher left out Name and Ticket (empty here), reduced Cabin to the letter of its deck, and filled a
    missing Age with 28.
    `path` names a CSV of your own in that schema instead. Where the download fails, the sample comes back and
    one line says so. Raises DataError when the file at `path` lacks a column.
    """
    if path is not None:
        return _own_file(Path(path))
    if not online:
        return titanic_sample()
    try:
        return pd.concat([_to_schema(pd.read_csv(file)) for file in fetch("titanic")], ignore_index=True)
    except DataError as failure:
        announce_fallback(failure, "six invented passengers with the same columns")
        return titanic_sample()


def _own_file(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path)
    missing = [column for column in COLUMNS if column not in frame]
    if missing:
        raise DataError(f"{path} lacks the column(s) {', '.join(missing)}; wanted are {', '.join(COLUMNS)}.")
    return frame[list(COLUMNS)]


def _to_schema(raw: pd.DataFrame) -> pd.DataFrame:
    missing = {*_RENAMED, "class", "deck", "embark_town"} - set(raw.columns)
    if missing:
        raise DataError(f"Could not use the downloaded passenger list: it lacks {', '.join(sorted(missing))}.")
    frame = raw.rename(columns=_RENAMED)
    frame["Pclass"] = raw["class"].map({"First": 1, "Second": 2, "Third": 3})
    frame["Cabin"] = raw["deck"].where(raw["deck"].str.lower() != "unknown")
    frame["Embarked"] = raw["embark_town"].str[0].where(raw["embark_town"].str.lower() != "unknown")
    frame["Name"] = frame["Ticket"] = None
    return frame[list(COLUMNS)]
