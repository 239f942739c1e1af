"""Day 1, the exercise `expand_table`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

from collections import Counter

import hypothesis.strategies as st
import numpy as np

from checks.day01.cells import tables, titanic_cells
from checks.engine.exercise import Exercise, Lazy
from checks.engine.plain import Array, Frame
from checks.engine.show import short_type

pd = Lazy("pandas")

COLUMNS = ("Class", "Sex", "Age", "Survived")
expand_table = Exercise(
    "expand_table",
    day=1,
    hints=(
        "Two nested loops: over cells.items(), and inside over the two outcomes, 0 and 1.",
        "A list repeats by multiplication: [row] * 3 is three rows, [row] * 0 is none. Collect, then one DataFrame.",
        "rows.extend([(*cell, survived)] * count); then pd.DataFrame(rows, columns=[...]).",
    ),
)
expand_table.example(cells={("1st", "female", "child"): (0, 2), ("crew", "male", "adult"): (2, 1)})


@expand_table.cases("other tables, with empty cells", points=1)
def _():
    return st.fixed_dictionaries({"cells": tables()})


@expand_table.cases("the Titanic", points=1, examples=1)
def _():
    return st.builds(lambda: {"cells": titanic_cells()})


@expand_table.verify
def _(inputs, got, expected):
    if not isinstance(got, Frame) or got.kind != "DataFrame":
        return [f"expected a pandas DataFrame, got {short_type(got)}"]
    if got.names != COLUMNS:
        return [f"columns: expected {list(COLUMNS)}, got {list(got.names)}"]
    wanted = Counter({(*cell, lived): n for cell, pair in inputs["cells"].items() for lived, n in enumerate(pair) if n})
    if len(got.index) != wanted.total():
        return [f"rows: expected {wanted.total()}, one per person, got {len(got.index)}"]
    values = [column.values.tolist() if isinstance(column, Array) else column for _, _, column in got.columns]
    if "int" not in got.dtypes[3].lower():
        return [f"column 'Survived': expected whole numbers 0 and 1, got dtype {got.dtypes[3]}"]
    found = Counter(zip(*values, strict=True))
    if found != wanted:
        row = next(row for row in [*wanted, *found] if wanted[row] != found[row])
        return [f"rows {row}: expected {wanted[row]}, got {found[row]}"]
    return []


def _lived(got):
    return int(sum(got.columns[3][2].values.tolist()))


@expand_table.mistake(
    lambda inputs, got: (
        f"You have {_lived(got)} survivors: the first number of each pair is the number who died. "
        "enumerate((died, survived)) numbers them 0 and 1, as the column wants them."
    ),
)
def died_and_survived_swapped(cells):
    rows = []
    for cell, (survived, died) in cells.items():
        rows += [(*cell, 0)] * died + [(*cell, 1)] * survived
    return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])


@expand_table.mistake(
    lambda inputs, got: f"You have {len(got.index)} rows, one for each cell and outcome: repeat each row by its count."
)
def one_row_per_outcome(cells):
    rows = [(*cell, survived) for cell in cells for survived in (0, 1)]
    return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])


@expand_table.mistake("One row per cell is too few: each cell stands for many people. Repeat it by its counts.")
def one_row_per_cell(cells):
    rows = [(*cell, int(survived > died)) for cell, (died, survived) in cells.items()]
    return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])


@expand_table.mistake(
    "A count of 0 must give no row, and yours gives one. [row] * 0 is the empty list: no special case is needed.",
)
def a_row_for_nobody(cells):
    rows = []
    for cell, (died, survived) in cells.items():
        rows += [(*cell, 0)] * max(1, died) + [(*cell, 1)] * max(1, survived)
    return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])


@expand_table.mistake(
    "The second number of a pair is taken for everybody in the cell. It is the number of survivors, so the cell has "
    "died + survived people."
)
def survived_taken_for_everybody(cells):
    rows = []
    for cell, (died, everybody) in cells.items():
        rows += [(*cell, 0)] * died + [(*cell, 1)] * (everybody - died)
    return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])


@expand_table.mistake(
    "Only the first cell of the table is there: return stands inside the loop, so the function ends after one cell. "
    "Move it to the left, below the loop."
)
def returned_inside_the_loop(cells):
    for cell, (died, survived) in cells.items():
        rows = [(*cell, 0)] * died + [(*cell, 1)] * survived
        return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])
    return None


@expand_table.mistake("Only the survivors are there: the dead are rows too, with Survived 0.")
def survivors_only(cells):
    rows = []
    for cell, (_, survived) in cells.items():
        rows += [(*cell, 1)] * survived
    return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])


@expand_table.mistake(
    "Each key is a tuple of three parts, and each part is a column: unpack it, (*cell, survived).",
)
def keys_not_unpacked(cells):
    rows = []
    for cell, counts in cells.items():
        for survived, count in enumerate(counts):
            rows += [(cell, survived)] * count
    return pd.DataFrame(rows, columns=["Cell", "Survived"])


@expand_table.mistake(
    "The label is not a whole number. A model needs 0 and 1, not words, True or 1.0: enumerate gives integers.",
)
def labels_in_words(cells):
    rows = []
    for cell, (died, survived) in cells.items():
        rows += [(*cell, "died")] * died + [(*cell, "survived")] * survived
    return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])


@expand_table.right
def expand_table_with_pandas(cells):
    table = pd.DataFrame(
        [(*cell, survived, count) for cell, pair in cells.items() for survived, count in enumerate(pair)],
        columns=["Class", "Sex", "Age", "Survived", "count"],
    )
    return table.loc[table.index.repeat(table["count"])].drop(columns="count")


@expand_table.right
def expand_table_with_numpy(cells):
    keys = np.array(list(cells)).repeat(2, axis=0)
    counts = np.array(list(cells.values())).ravel()
    frame = pd.DataFrame(keys.repeat(counts, axis=0), columns=["Class", "Sex", "Age"])
    return frame.assign(Survived=np.tile([0, 1], len(cells)).repeat(counts))


@expand_table.right
def expand_table_person_by_person(cells):
    people = {"Class": [], "Sex": [], "Age": [], "Survived": []}
    for (group, sex, age), (died, survived) in cells.items():
        for person in range(died + survived):
            people["Class"].append(group)
            people["Sex"].append(sex)
            people["Age"].append(age)
            people["Survived"].append(int(person >= died))
    return pd.DataFrame(people).sample(frac=1, random_state=0)
