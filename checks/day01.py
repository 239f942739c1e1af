"""Day 1, structured data: the exercises."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np

from checks.engine.cases import arrays, seeds
from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, Frame, Raised, live
from checks.engine.show import short_type

tf = Lazy("tensorflow")
keras = Lazy("keras")
pd = Lazy("pandas")


def titanic_cells():
    """The table of the Titanic, read when a case needs it."""
    from course.data import titanic_cells

    return titanic_cells()


def tables(max_count=4, names=("a", "b", "c"), pure=False):
    """A strategy of tables of cells: three-part keys in any order, counts from 0, at least one person in all."""
    key = st.tuples(st.sampled_from(names), st.sampled_from(["male", "female"]), st.sampled_from(names))
    count = st.integers(0, max_count)
    pair = st.tuples(count, st.just(0)) | st.tuples(st.just(0), count) if pure else st.tuples(count, count)
    table = st.dictionaries(key, pair, min_size=1, max_size=4)
    return table.filter(lambda cells: any(map(sum, cells.values())))


# ----------------------------------------------------------------------------------------------------- expand_table

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
    when=lambda inputs, got, expected: (
        _lived(got) == sum(pair[0] for pair in inputs["cells"].values())
        and len(got.index) == sum(map(sum, inputs["cells"].values()))
    ),
)
def died_and_survived_swapped(cells):
    rows = []
    for cell, (survived, died) in cells.items():
        rows += [(*cell, 0)] * died + [(*cell, 1)] * survived
    return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])


@expand_table.mistake(
    lambda inputs, got: f"You have {len(got.index)} rows, one for each cell and outcome: repeat each row by its count.",
    when=lambda inputs, got, expected: len(got.index) in (len(inputs["cells"]), 2 * len(inputs["cells"])),
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
    when=lambda inputs, got, expected: (
        len(got.index) == sum(max(1, count) for pair in inputs["cells"].values() for count in pair)
    ),
)
def a_row_for_nobody(cells):
    rows = []
    for cell, (died, survived) in cells.items():
        rows += [(*cell, 0)] * max(1, died) + [(*cell, 1)] * max(1, survived)
    return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])


@expand_table.mistake("Only the survivors are there: the dead are rows too, with Survived 0.")
def survivors_only(cells):
    rows = []
    for cell, (_, survived) in cells.items():
        rows += [(*cell, 1)] * survived
    return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])


@expand_table.mistake(
    "Each key is a tuple of three parts, and each part is a column: unpack it, (*cell, survived).",
    when=lambda inputs, got, expected: len(got.names) == 2,
)
def keys_not_unpacked(cells):
    rows = []
    for cell, counts in cells.items():
        for survived, count in enumerate(counts):
            rows += [(cell, survived)] * count
    return pd.DataFrame(rows, columns=["Cell", "Survived"])


@expand_table.mistake(
    "The label is no whole number. A model wants 0 and 1, not words, True, or 1.0: enumerate gives you the integers.",
    when=lambda inputs, got, expected: got.names == COLUMNS and "int" not in got.dtypes[3].lower(),
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


# ------------------------------------------------------------------------------------------------------- bayes_rate

bayes_rate = Exercise(
    "bayes_rate",
    day=1,
    hints=(
        "Nobody in a cell can be told from the others, so one guess serves them all: the larger of the two counts "
        "is how many it gets right.",
        "The honest probability in a cell is survived / people. Each person costs -log of the probability given to "
        "what happened to them.",
        "loss -= n * math.log(n / (died + survived)) for n in (died, survived) if n > 0; at the end divide by "
        "everybody.",
    ),
    returns=Returns(rtol=1e-5, atol=1e-6),
)
bayes_rate.example(cells={("1st", "female", "adult"): (1, 3), ("crew", "male", "adult"): (4, 2)})


@bayes_rate.spec
def _(cells):
    right, loss, people = 0, 0.0, 0
    for died, survived in cells.values():
        for outcome, count in enumerate((died, survived)):
            for _ in range(count):
                chance = survived / (died + survived)
                loss += math.log(chance if outcome else 1 - chance)
        right += max(died, survived)
        people += died + survived
    return {"accuracy": right / people, "log_loss": -loss / people}


@bayes_rate.cases("other tables", points=1)
def _():
    cells = tables(max_count=9).filter(lambda cells: all(n > 0 for pair in cells.values() for n in pair))
    return st.fixed_dictionaries({"cells": cells})


@bayes_rate.cases("empty cells, and cells where all shared one fate", points=1)
def _():
    return st.fixed_dictionaries({"cells": tables(pure=True) | tables(max_count=2)})


@bayes_rate.cases("the Titanic", points=1, examples=1)
def _():
    return st.builds(lambda: {"cells": titanic_cells()})


@bayes_rate.mistake(
    "You averaged the cells as if they were equally large: weight each cell by its people, the crew's 862 men "
    "count more than one girl."
)
def cells_averaged_equally(cells):
    right, loss, filled = 0.0, 0.0, 0
    for died, survived in cells.values():
        people = died + survived
        if people:
            filled += 1
            right += max(died, survived) / people
            loss -= sum(n / people * math.log(n / people) for n in (died, survived) if n)
    return {"accuracy": right / filled, "log_loss": loss / filled}


def _log_base_2(inputs, got, expected):
    return math.isclose(got["log_loss"], expected["log_loss"] / math.log(2), rel_tol=1e-5)


@bayes_rate.mistake(
    "That is the logarithm of base 2, which counts bits. Keras and this course use the natural one: math.log.",
    when=_log_base_2,
)
def log_of_base_2(cells):
    total = sum(died + survived for died, survived in cells.values())
    right = sum(max(pair) for pair in cells.values())
    loss = 0.0
    for died, survived in cells.values():
        loss -= sum(n * math.log2(n / (died + survived)) for n in (died, survived) if n)
    return {"accuracy": right / total, "log_loss": loss / total}


@bayes_rate.mistake(
    "0 * log(0) must count as 0: nobody paid that cost. NumPy makes it nan, math.log refuses it; skip counts of 0.",
    when=lambda inputs, got, expected: (
        (isinstance(got, Raised) and got.type == "ValueError")
        or not all(math.isfinite(value) for value in got.values())
    ),
)
def nan_from_zero_counts(cells):
    counts = np.array(list(cells.values()), float)
    counts = counts[counts.sum(axis=1) > 0]
    shares = counts / counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        loss = -(counts * np.log(shares)).sum() / counts.sum()
    return {"accuracy": counts.max(axis=1).sum() / counts.sum(), "log_loss": loss}


@bayes_rate.mistake(
    "A cell may be empty, the crew had no children: there is no share of nobody. Skip it before you divide.",
    when=lambda inputs, got, expected: isinstance(got, Raised) and got.type == "ZeroDivisionError",
)
def empty_cell_divides(cells):
    total = sum(died + survived for died, survived in cells.values())
    right, loss = 0, 0.0
    for died, survived in cells.values():
        share = survived / (died + survived)
        right += max(died, survived)
        loss -= survived * math.log(max(share, 1e-12)) + died * math.log(max(1 - share, 1e-12))
    return {"accuracy": right / total, "log_loss": loss / total}


@bayes_rate.mistake(
    "That is one guess for the whole ship. The best rule guesses in each cell for itself: sum the larger counts."
)
def one_guess_for_everybody(cells):
    died = sum(pair[0] for pair in cells.values())
    survived = sum(pair[1] for pair in cells.values())
    total = died + survived
    loss = -sum(n * math.log(n / total) for n in (died, survived) if n)
    return {"accuracy": max(died, survived) / total, "log_loss": loss / total}


@bayes_rate.mistake(
    "That is everybody's cost added up: the log-loss is the mean, so divide by the number of people.",
    when=lambda inputs, got, expected: math.isclose(
        got["log_loss"], expected["log_loss"] * sum(map(sum, inputs["cells"].values())), rel_tol=1e-5
    ),
)
def loss_not_divided(cells):
    total = sum(died + survived for died, survived in cells.values())
    loss = 0.0
    for died, survived in cells.values():
        loss -= sum(n * math.log(n / (died + survived)) for n in (died, survived) if n)
    return {"accuracy": sum(map(max, cells.values())) / total, "log_loss": loss}


@bayes_rate.mistake(
    "A loss is a cost, so it is not negative: logarithms of shares are negative, turn the sign.",
    when=lambda inputs, got, expected: got["log_loss"] < 0,
)
def sign_forgotten(cells):
    total = sum(died + survived for died, survived in cells.values())
    loss = 0.0
    for died, survived in cells.values():
        loss += sum(n * math.log(n / (died + survived)) for n in (died, survived) if n)
    return {"accuracy": sum(map(max, cells.values())) / total, "log_loss": loss / total}


@bayes_rate.right
def bayes_rate_with_numpy(cells):
    counts = np.array(list(cells.values()), dtype=float)
    people = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, people, out=np.ones_like(counts), where=counts > 0)
    return {
        "accuracy": float(counts.max(axis=1).sum() / counts.sum()),
        "log_loss": float(-(counts * np.log(shares)).sum() / counts.sum()),
    }


@bayes_rate.right
def bayes_rate_with_tensorflow(cells):
    counts = tf.constant(list(cells.values()), tf.float64)
    people = tf.reduce_sum(counts, axis=1, keepdims=True)
    cost = -tf.math.xlogy(counts, tf.math.divide_no_nan(counts, people))
    total = tf.reduce_sum(counts)
    best = tf.reduce_sum(tf.reduce_max(counts, axis=1))
    return {"accuracy": best / total, "log_loss": tf.reduce_sum(cost) / total}


@bayes_rate.right
def bayes_rate_person_by_person(cells):
    y, chance = [], []
    for died, survived in cells.values():
        y += [0] * died + [1] * survived
        chance += [survived / max(died + survived, 1)] * (died + survived)
    y, chance = np.array(y), np.array(chance)
    given = np.where(y == 1, chance, 1 - chance)
    return {"accuracy": np.mean((chance > 0.5) == y), "log_loss": -np.mean(np.log(given))}


# ------------------------------------------------------------------------------------------------------- preprocess

FEATURES = (
    *("Pclass_1", "Pclass_2", "Pclass_3", "Sex_female", "Sex_male", "Age", "Age_null", "SibSp", "Parch", "Fare"),
    *("Cabin_null", "Embarked_C", "Embarked_Q", "Embarked_S", "Embarked_nan"),
)

preprocess = Exercise(
    "preprocess",
    day=1,
    hints=(
        "Build one new column after the other from df, and never let the data decide which columns there are.",
        'Compare with each value of a fixed list: (df["Pclass"] == 2). A missing value is found by isna(), not by ==.',
        'out[f"Pclass_{c}"] = df["Pclass"] == c; out["Age_null"] = df["Age"].isna(); at the end '
        'pd.DataFrame(out, index=df.index).astype("float32").',
    ),
    returns=Returns(dtype="float32", rtol=1e-5, atol=1e-5),
    keeps_inputs=True,
)

_KINDS = {
    "Survived": "int64",
    "Pclass": "int64",
    "Age": "float64",
    "SibSp": "int64",
    "Parch": "int64",
    "Fare": "float64",
}


_ORDER = ("Survived", "Pclass", "Name", "Sex", "Age", "SibSp", "Parch", "Ticket", "Fare", "Cabin", "Embarked")


def passengers(people, index=None):
    """Plain data of a frame in the schema of the passenger list; None stands for a missing value."""
    columns = []
    for name in [name for name in _ORDER if name in people[0]]:
        cells = [math.nan if person[name] is None else person[name] for person in people]
        texts = any(isinstance(cell, str) for cell in cells)
        # A column of missing values only is a column of floats, as pd.read_csv has it.
        dtype = "str" if texts else _KINDS.get(name, "float64")
        columns.append((name, dtype, cells if texts else Array(np.array(cells, dtype))))
    return Frame(tuple(columns), tuple(range(len(people)) if index is None else index))


_ASH = {"Pclass": 3, "Name": "Ash, Mr. Thomas", "Sex": "male", "Age": None, "SibSp": 1, "Parch": 0}
_BIRCH = {"Pclass": 1, "Name": "Birch, Mrs. Clara", "Sex": "female", "Age": 38.0, "SibSp": 0, "Parch": 2}
preprocess.example(
    df=passengers(
        [
            _ASH | {"Ticket": "A 1001", "Fare": 7.25, "Cabin": None, "Embarked": "S"},
            _BIRCH | {"Ticket": "B 1002", "Fare": 71.5, "Cabin": "C12", "Embarked": None},
        ]
    )
)


@preprocess.shown
def _(df):
    used = ["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Cabin", "Embarked"]
    return f"preprocess(df), where df holds\n{live(df)[used].to_string()}"


@preprocess.spec
def _(df):
    rows = []
    for person in df.to_dict("records"):
        age, cabin, port = person["Age"], person["Cabin"], person["Embarked"]
        rows.append(
            [
                *(1 if person["Pclass"] == number else 0 for number in (1, 2, 3)),
                *(1 if person["Sex"] == sex else 0 for sex in ("female", "male")),
                0 if age != age else age,
                1 if age != age else 0,
                person["SibSp"],
                person["Parch"],
                person["Fare"],
                0 if isinstance(cabin, str) else 1,
                *(1 if port == letter else 0 for letter in "CQS"),
                0 if isinstance(port, str) else 1,
            ]
        )
    return pd.DataFrame(rows, columns=list(FEATURES), index=df.index, dtype="float32")


def _frames(ages, cabins, ports, *, min_size=1, shuffled=False):
    quarters = st.integers(0, 400).map(lambda number: number / 4)
    person = {
        "Pclass": st.sampled_from([1, 2, 3]),
        "Name": st.just("Elm, Miss. Ida"),
        "Sex": st.sampled_from(["female", "male"]),
        "Age": ages,
        "SibSp": st.integers(0, 3),
        "Parch": st.integers(0, 3),
        "Ticket": st.just("E 1005"),
        "Fare": quarters,
        "Cabin": cabins,
        "Embarked": ports,
    }
    people = st.lists(st.fixed_dictionaries(person), min_size=min_size, max_size=4)
    if not shuffled:
        return people.map(lambda found: {"df": passengers(found)})
    # As after a shuffle or a split: the labels are no longer 0, 1, 2, ..., and the answers to learn stand first.
    labelled = st.lists(st.fixed_dictionaries({"Survived": st.sampled_from([0, 1])} | person), min_size=2, max_size=4)
    return labelled.flatmap(
        lambda found: st.permutations(range(3, 3 + len(found))).map(lambda index: {"df": passengers(found, index)})
    )


_AGES = st.integers(1, 320).map(lambda number: number / 4)
_CABINS = st.sampled_from(["C12", "E34"])
_PORTS = st.sampled_from(["C", "Q", "S"])


@preprocess.cases("nothing missing, not every class or port aboard", points=1, examples=6)
def _():
    return _frames(_AGES, _CABINS, _PORTS)


@preprocess.cases("missing ages, cabins and ports", points=1, examples=10)
def _():
    return _frames(st.none() | _AGES, st.none() | _CABINS, st.none() | _PORTS) | _frames(
        st.none(), st.none(), st.none()
    )


@preprocess.cases("a port that nobody expected", points=1, examples=5)
def _():
    return _frames(_AGES, _CABINS, st.sampled_from(["X", "S"]), min_size=2)


@preprocess.cases("a shuffled frame, left as it was", points=1, examples=5)
def _():
    return _frames(st.none() | _AGES, st.none() | _CABINS, st.none() | _PORTS, shuffled=True)


_ONE_HOT = ("Pclass_", "Sex_", "Embarked_")


def _count(frame, prefix):
    return sum(str(name).startswith(prefix) for name in frame.names)


@preprocess.mistake(
    "Your columns depend on the data: a frame in which nobody boarded at Q loses a column, and the model cannot read "
    "it. Compare with a fixed list of values.",
    when=lambda inputs, got, expected: any(0 < _count(got, field) < _count(expected, field) for field in _ONE_HOT),
)
def columns_from_the_data(df):
    dummies = pd.get_dummies(df[["Pclass", "Sex", "Embarked"]], columns=["Pclass", "Sex", "Embarked"], dummy_na=False)
    rest = df[["Age", "SibSp", "Parch", "Fare"]].fillna(0)
    rest["Age_null"], rest["Cabin_null"] = df["Age"].isna(), df["Cabin"].isna()
    return pd.concat([dummies, rest], axis=1).astype("float32")


@preprocess.mistake(
    "The columns are all there, in another order. A model knows columns by their place, not by their name: keep "
    "the order of the task.",
    when=lambda inputs, got, expected: got.names != FEATURES and set(got.names) == set(FEATURES),
)
def columns_in_another_order(df):
    out = {f"Pclass_{c}": df["Pclass"] == c for c in (1, 2, 3)}
    out |= {f"Sex_{s}": df["Sex"] == s for s in ("male", "female")}
    out |= {"Age": df["Age"].fillna(0), "Age_null": df["Age"].isna()}
    out |= {name: df[name] for name in ("SibSp", "Parch", "Fare")}
    out |= {"Cabin_null": df["Cabin"].isna()} | {f"Embarked_{p}": df["Embarked"] == p for p in "CQS"}
    out["Embarked_nan"] = df["Embarked"].isna()
    return pd.DataFrame(out, index=df.index).astype("float32")


def _column(frame, name):
    return {column: values for column, _, values in frame.columns}[name].values


def _sum(frame, name):
    return _column(frame, name).sum()


@preprocess.mistake(
    "Age_null is 0 where an age is missing: you asked after fillna, when nothing was missing any more. Ask the "
    "original column.",
    when=lambda inputs, got, expected: _sum(got, "Age_null") == 0 and _sum(expected, "Age_null") > 0,
)
def flag_after_filling(df):
    df = df.copy()
    df["Age"] = df["Age"].fillna(0)
    out = {f"Pclass_{c}": df["Pclass"] == c for c in (1, 2, 3)}
    out |= {f"Sex_{s}": df["Sex"] == s for s in ("female", "male")}
    out |= {"Age": df["Age"], "Age_null": df["Age"].isna()}
    out |= {name: df[name] for name in ("SibSp", "Parch", "Fare")}
    out |= {"Cabin_null": df["Cabin"].isna()} | {f"Embarked_{p}": df["Embarked"] == p for p in "CQS"}
    out["Embarked_nan"] = df["Embarked"].isna()
    return pd.DataFrame(out, index=df.index).astype("float32")


@preprocess.mistake(
    "Not every column is float32. Mixed dtypes become object in one array, and fit() refuses objects: end with "
    '.astype("float32").',
    when=lambda inputs, got, expected: got.names == FEATURES and set(got.dtypes) != {"float32"},
)
def mixed_dtypes(df):
    out = {f"Pclass_{c}": df["Pclass"] == c for c in (1, 2, 3)}
    out |= {f"Sex_{s}": df["Sex"] == s for s in ("female", "male")}
    out |= {"Age": df["Age"].fillna(0), "Age_null": df["Age"].isna()}
    out |= {name: df[name] for name in ("SibSp", "Parch", "Fare")}
    out |= {"Cabin_null": df["Cabin"].isna()} | {f"Embarked_{p}": df["Embarked"] == p for p in "CQS"}
    out["Embarked_nan"] = df["Embarked"].isna()
    return pd.DataFrame(out, index=df.index)


@preprocess.mistake(
    "A missing value equals nothing, not even itself: == np.nan is False everywhere. Ask with isna().",
    when=lambda inputs, got, expected: any(
        _sum(got, name) == 0 and _sum(expected, name) > 0 for name in ("Embarked_nan", "Cabin_null")
    ),
)
def compared_with_nan(df):
    out = {f"Pclass_{c}": df["Pclass"] == c for c in (1, 2, 3)}
    out |= {f"Sex_{s}": df["Sex"] == s for s in ("female", "male")}
    out |= {"Age": df["Age"].fillna(0), "Age_null": df["Age"].isna()}
    out |= {name: df[name] for name in ("SibSp", "Parch", "Fare")}
    out |= {"Cabin_null": df["Cabin"] == np.nan} | {f"Embarked_{p}": df["Embarked"] == p for p in "CQS"}
    out["Embarked_nan"] = df["Embarked"] == np.nan
    return pd.DataFrame(out, index=df.index).astype("float32")


@preprocess.mistake(
    "An unknown port is not a missing one: Embarked_nan is 1 only where nothing was written down. A port outside "
    "C, Q and S has four zeros.",
    when=lambda inputs, got, expected: _sum(got, "Embarked_nan") > _sum(expected, "Embarked_nan"),
)
def unknown_counts_as_missing(df):
    ports = df["Embarked"].where(df["Embarked"].isin(["C", "Q", "S"]))
    out = {f"Pclass_{c}": df["Pclass"] == c for c in (1, 2, 3)}
    out |= {f"Sex_{s}": df["Sex"] == s for s in ("female", "male")}
    out |= {"Age": df["Age"].fillna(0), "Age_null": df["Age"].isna()}
    out |= {name: df[name] for name in ("SibSp", "Parch", "Fare")}
    out |= {"Cabin_null": df["Cabin"].isna()} | {f"Embarked_{p}": ports == p for p in "CQS"}
    out["Embarked_nan"] = ports.isna()
    return pd.DataFrame(out, index=df.index).astype("float32")


@preprocess.mistake(
    "A missing age becomes 0 here, beside its flag. The mean of this frame would differ from frame to frame, and a "
    "frame of one has none.",
    when=lambda inputs, got, expected: (
        got.names == FEATURES and not np.array_equal(_column(got, "Age"), _column(expected, "Age"))
    ),
)
def filled_with_the_mean(df):
    out = {f"Pclass_{c}": df["Pclass"] == c for c in (1, 2, 3)}
    out |= {f"Sex_{s}": df["Sex"] == s for s in ("female", "male")}
    out |= {"Age": df["Age"].fillna(df["Age"].mean()), "Age_null": df["Age"].isna()}
    out |= {name: df[name] for name in ("SibSp", "Parch", "Fare")}
    out |= {"Cabin_null": df["Cabin"].isna()} | {f"Embarked_{p}": df["Embarked"] == p for p in "CQS"}
    out["Embarked_nan"] = df["Embarked"].isna()
    return pd.DataFrame(out, index=df.index).astype("float32")


@preprocess.mistake(
    "The index is a new one, so the rows no longer line up with their labels: build the frame with index=df.index.",
    when=lambda inputs, got, expected: got.index != expected.index,
)
def index_lost(df):
    out = {f"Pclass_{c}": (df["Pclass"] == c).tolist() for c in (1, 2, 3)}
    out |= {f"Sex_{s}": (df["Sex"] == s).tolist() for s in ("female", "male")}
    out |= {"Age": df["Age"].fillna(0).tolist(), "Age_null": df["Age"].isna().tolist()}
    out |= {name: df[name].tolist() for name in ("SibSp", "Parch", "Fare")}
    out |= {"Cabin_null": df["Cabin"].isna().tolist()}
    out |= {f"Embarked_{p}": (df["Embarked"] == p).tolist() for p in "CQS"}
    out["Embarked_nan"] = df["Embarked"].isna().tolist()
    return pd.DataFrame(out).astype("float32")


@preprocess.mistake(
    "The frame that you were given has changed: filling in place destroys what the next cell wants to look at. Work "
    "on new columns, or on df.copy()."
)
def input_changed(df):
    df["Age_null"] = df["Age"].isna()
    df["Age"] = df["Age"].fillna(0)
    out = {f"Pclass_{c}": df["Pclass"] == c for c in (1, 2, 3)}
    out |= {f"Sex_{s}": df["Sex"] == s for s in ("female", "male")}
    out |= {name: df[name] for name in ("Age", "Age_null", "SibSp", "Parch", "Fare")}
    out |= {"Cabin_null": df["Cabin"].isna()} | {f"Embarked_{p}": df["Embarked"] == p for p in "CQS"}
    out["Embarked_nan"] = df["Embarked"].isna()
    return pd.DataFrame(out, index=df.index).astype("float32")


@preprocess.right
def preprocess_with_get_dummies(df):
    names = {"Pclass": [1, 2, 3], "Sex": ["female", "male"], "Embarked": ["C", "Q", "S"]}
    hot = {
        column: pd.get_dummies(df[column]).reindex(columns=values, fill_value=0).add_prefix(f"{column}_")
        for column, values in names.items()
    }
    nulls = df[["Age", "Cabin", "Embarked"]].isna()
    numbers = df[["Age", "SibSp", "Parch", "Fare"]].fillna({"Age": 0})
    numbers.insert(1, "Age_null", nulls["Age"])
    cabin = nulls[["Cabin"]].rename(columns={"Cabin": "Cabin_null"})
    port = nulls[["Embarked"]].rename(columns={"Embarked": "Embarked_nan"})
    parts = [hot["Pclass"], hot["Sex"], numbers, cabin, hot["Embarked"], port]
    return pd.concat(parts, axis=1).astype(np.float32)


@preprocess.right
def preprocess_in_numpy(df):
    names = ["Pclass_1", "Pclass_2", "Pclass_3", "Sex_female", "Sex_male", "Age", "Age_null", "SibSp", "Parch"]
    names += ["Fare", "Cabin_null", "Embarked_C", "Embarked_Q", "Embarked_S", "Embarked_nan"]
    out = np.zeros((len(df), 15), dtype=np.float32)
    out[:, :3] = df["Pclass"].to_numpy()[:, None] == [1, 2, 3]
    out[:, 3] = df["Sex"] == "female"
    out[:, 4] = 1 - out[:, 3]
    out[:, 5] = np.nan_to_num(df["Age"].to_numpy(dtype=float))
    out[:, 6] = df["Age"].isna()
    out[:, 7:10] = df[["SibSp", "Parch", "Fare"]]
    out[:, 10] = df["Cabin"].isna()
    for place, port in enumerate("CQS", start=11):
        out[:, place] = df["Embarked"] == port
    out[:, 14] = df["Embarked"].isna()
    return pd.DataFrame(out, columns=names, index=df.index)


@preprocess.right
def preprocess_with_lookup_layers(df):
    def one_hot(column, vocabulary):
        lookup = keras.layers.StringLookup(vocabulary=vocabulary, output_mode="one_hot")
        filled = ["nan" if pd.isna(value) else str(value) for value in df[column]]
        codes = np.array(lookup(tf.constant(filled)))[:, 1:]  # column 0 is for words outside the vocabulary
        return pd.DataFrame(codes, columns=[f"{column}_{word}" for word in vocabulary], index=df.index)

    out = one_hot("Pclass", ["1", "2", "3"]).join(one_hot("Sex", ["female", "male"]))
    out = out.assign(Age=df["Age"].fillna(0), Age_null=df["Age"].isnull(), SibSp=df["SibSp"], Parch=df["Parch"])
    out = out.assign(Fare=df["Fare"], Cabin_null=df["Cabin"].isnull())
    return out.join(one_hot("Embarked", ["C", "Q", "S", "nan"])).astype("float32")


# ------------------------------------------------------------------------------------------------------ build_model

build_model = Exercise(
    "build_model",
    day=1,
    hints=(
        "A list of layers in keras.Sequential; the first of them tells how wide a row is, the last gives one "
        "probability.",
        "keras.Input((n_features,)), then three keras.layers.Dense with 20, 10 and 1 units; then one call of compile.",
        'layers.Dense(1, activation="sigmoid") ends it; '
        'model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"]); return model.',
    ),
)
build_model.example(n_features=8, rows=4, seed=1, judged=False)


@build_model.cases("other numbers of features", points=1, examples=3)
def _():
    return st.fixed_dictionaries(
        {
            "n_features": st.integers(1, 20).filter(lambda n: n != 8),
            "rows": st.integers(2, 8),
            "seed": seeds(),
            "judged": st.just(False),
        }
    )


@build_model.cases("loss, metric and optimizer", points=1, examples=2)
def _():
    return st.fixed_dictionaries(
        {"n_features": st.integers(5, 20), "rows": st.just(200), "seed": seeds(), "judged": st.just(True)}
    )


@build_model.shown
def _(n_features, rows, seed, judged):
    then = "its loss and metrics" if judged else "its predictions"
    return f"build_model({n_features}), then {then} for {rows} rows with random weights"


@build_model.verify
def _(inputs, got, expected):
    n, rows = inputs["n_features"], inputs["rows"]
    weights = [array.values for array in got["weights"]]
    shapes = [(n, 20), (20,), (20, 10), (10,), (10, 1), (1,)]
    if sorted(array.shape for array in weights) != sorted(shapes):
        count, wanted = sum(array.size for array in weights), (n + 1) * 20 + 21 * 10 + 11
        found = ", ".join(str(array.shape) for array in weights)
        return [f"parameters: expected {wanted}, got {count}: weights of shapes {found}"]
    outputs = got["outputs"].values
    if outputs.shape != (rows, 1):
        return [f"predictions: expected shape ({rows}, 1), got {outputs.shape}"]
    if outputs.min() < 0 or outputs.max() > 1:
        return [f"predictions reach from {outputs.min():.3g} to {outputs.max():.3g}, outside (0, 1)"]
    found = {array.shape: array.astype(np.float64) for array in weights}
    signal = got["x"].values.astype(np.float64)
    for kernel, bias in ((shapes[0], shapes[1]), (shapes[2], shapes[3])):
        signal = np.maximum(signal @ found[kernel] + found[bias], 0)
    chance = 1 / (1 + np.exp(-(signal @ found[shapes[4]] + found[shapes[5]])))
    if not np.allclose(outputs, chance, atol=1e-4):
        row = int(np.abs(outputs - chance).argmax())
        return [
            f"prediction of row {row}: expected {chance[row, 0]:.4f}, got {outputs[row, 0]:.4f}; relu, relu and "
            "sigmoid give another number"
        ]
    return _judged(got, chance) if inputs["judged"] else []


def _judged(got, chance):
    if not got["compiled"]:
        return ["the model is not compiled: it has neither loss nor optimizer"]
    y = got["y"].values
    near = np.clip(chance, 1e-7, 1 - 1e-7)
    loss = -np.mean(y * np.log(near) + (1 - y) * np.log(1 - near))
    if not np.isclose(got["loss"].values, loss, rtol=1e-2):
        return [f"loss: expected {loss:.4f}, the binary cross-entropy, got {float(got['loss'].values):.4f}"]
    if got["optimizer"] != "Adam":
        return [f"optimizer: expected Adam, got {got['optimizer']}"]
    area = np.mean(np.sign(chance[y == 1][:, None] - chance[y == 0][None, :]) / 2 + 0.5)
    values = {name: float(value.values) for name, value in got["metrics"].items() if not value.shape}
    if not any(abs(value - area) < 0.02 for value in values.values()):
        listed = ", ".join(f"{name} {value:.4f}" for name, value in values.items()) or "no metric"
        return [f"metrics: expected the AUC, here {area:.4f}, got {listed}"]
    return []


def _refused(got, words):
    return isinstance(got, Raised) and words in got.message


@build_model.mistake(
    "The model has no weights yet, since nobody told it how wide a row is: begin with keras.Input((n_features,)).",
    when=lambda inputs, got, expected: _refused(got, "no weights yet"),
)
def no_input(n_features):
    layers = keras.layers
    model = keras.Sequential(
        [layers.Dense(20, activation="relu"), layers.Dense(10, activation="relu"), layers.Dense(1, "sigmoid")]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    'Outputs outside (0, 1) are no probabilities: the last layer needs activation="sigmoid".',
    when=lambda inputs, got, expected: got["outputs"].values.min() < 0 or got["outputs"].values.max() > 1,
)
def linear_output(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    "There are two outputs. One is enough: it is the chance of survival, and 1 minus it is the other.",
    when=lambda inputs, got, expected: got["outputs"].shape == (inputs["rows"], 2),
)
def two_units(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(2, activation="softmax"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@build_model.mistake(
    "Every prediction is 1: softmax shares 1 among the units, and there is one unit. For one unit take sigmoid.",
    when=lambda inputs, got, expected: bool((got["outputs"].values == 1).all()),
)
def softmax_of_one_unit(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="softmax"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    'Without activations, three layers are one: a line through the data. The first two need activation="relu".'
)
def no_activation_inside(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20), layers.Dense(10)])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    "The width is written into your model: it fits 8 features and no others. Use n_features.",
    when=lambda inputs, got, expected: inputs["n_features"] != 8 and _refused(got, "incompatible with the layer"),
)
def always_eight(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((8,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    "A shape is a tuple, even of one number: keras.Input((n_features,)), with the comma.",
    when=lambda inputs, got, expected: _refused(got, "to a shape"),
)
def shape_without_a_comma(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input(n_features), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    "compile is missing: without it there is no loss to lower and no optimizer to lower it.",
    when=lambda inputs, got, expected: inputs["judged"] and not got["compiled"],
)
def not_compiled(n_features):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((n_features,)),
            layers.Dense(20, activation="relu"),
            layers.Dense(10, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


@build_model.mistake(
    "The loss is the squared error, which hardly punishes a confident wrong probability: take binary_crossentropy."
)
def squared_error(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="mse", metrics=["AUC"])
    return model


@build_model.mistake(
    "Plain gradient descent works too, but slowly here: the task asks for the optimizer adam.",
    when=lambda inputs, got, expected: inputs["judged"] and got["compiled"] and got["optimizer"] != "Adam",
)
def another_optimizer(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["AUC"])
    return model


@build_model.mistake(
    'Accuracy is not the AUC: it looks at one threshold only. The metric\'s name is "AUC".',
    when=lambda inputs, got, expected: (
        inputs["judged"] and got["compiled"] and not any("auc" in name.lower() for name in got["metrics"])
    ),
)
def accuracy_instead(n_features):
    layers = keras.layers
    model = keras.Sequential([keras.Input((n_features,)), layers.Dense(20, "relu"), layers.Dense(10, "relu")])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


@build_model.right
def build_model_functional(n_features):
    inputs = keras.Input(shape=(n_features,), name="passenger")
    hidden = keras.layers.Dense(20, activation=keras.activations.relu)(inputs)
    hidden = keras.layers.Dense(10, activation=tf.nn.relu)(hidden)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden))
    model.compile(keras.optimizers.Adam(), keras.losses.BinaryCrossentropy(), metrics=[keras.metrics.AUC()])
    return model


@build_model.right
def build_model_layer_by_layer(n_features):
    model = keras.Sequential()
    for units, activation in ((20, "relu"), (10, "relu"), (1, "sigmoid")):
        model.add(keras.layers.Dense(units))
        model.add(keras.layers.Activation(activation))
    model.build((None, n_features))
    model.compile(optimizer="Adam", loss=keras.losses.binary_crossentropy, metrics=["accuracy", "auc"])
    return model


@build_model.right
def build_model_subclassed(n_features):
    class Survival(keras.Model):
        def __init__(self):
            super().__init__()
            self.first, self.second = keras.layers.Dense(20), keras.layers.Dense(10)
            self.last = keras.layers.Dense(1)

        def call(self, x):
            return tf.sigmoid(self.last(tf.nn.relu(self.second(tf.nn.relu(self.first(x))))))

    model = Survival()
    model(np.zeros((1, n_features), "float32"))
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["AUC"])
    return model


# -------------------------------------------------------------------------------------------------------- roundtrip

roundtrip = Exercise(
    "roundtrip",
    day=1,
    hints=(
        "Two files for two readers: .keras for you, who goes on training; a SavedModel for a server that has no Keras.",
        'model.save(folder / "m.keras") and keras.models.load_model(...); model.export(folder / "served") and '
        "tf.saved_model.load(...).",
        "Give the loaded SavedModel a name, loaded, so that it stays alive, then: return reloaded, loaded.serve(x).",
    ),
)
roundtrip.example(sizes=[3, 4, 1], optimizer="Adam", rate=0.01, steps=0, seed=1)


@roundtrip.cases("another model, in the middle of its training", points=2, examples=1)
def _():
    return st.fixed_dictionaries(
        {
            "sizes": st.lists(st.integers(1, 8), min_size=3, max_size=4),
            "optimizer": st.sampled_from(["SGD", "Adam", "RMSprop", "Adagrad"]),
            # No optimizer's own rate: a new one would have it, too.
            "rate": st.integers(2, 60).map(lambda n: n / 128),
            "steps": st.integers(1, 99),
            "seed": seeds(),
        }
    )


@roundtrip.shown
def _(sizes, optimizer, rate, steps, seed):
    after = f" after {steps} steps" if steps else ""
    wide = " -> ".join(map(str, sizes))
    return (
        f"roundtrip(model, x, folder), where model is {wide}, compiled with {optimizer}({rate}){after}; x has 20 rows"
    )


def _forward(sizes, seed):
    draw = np.random.default_rng(seed)
    layers = [(draw.normal(size=(before, after)), draw.normal(size=(after,))) for before, after in pairwise(sizes)]
    signal = draw.normal(size=(20, sizes[0]))
    for kernel, bias in layers[:-1]:
        signal = np.tanh(signal @ kernel + bias)
    kernel, bias = layers[-1]
    return 1 / (1 + np.exp(-(signal @ kernel + bias)))


@roundtrip.verify
def _(inputs, got, expected):
    if got["same_object"]:
        return ["the first of the two is the original model itself"]
    if ".keras" not in got["files"]:
        return [f"no .keras file was written to the folder; there is: {', '.join(got['files']) or 'nothing'}"]
    if "SavedModel" not in got["files"]:
        return [f"no SavedModel was exported to the folder; there is: {', '.join(got['files'])}"]
    wanted = _forward(inputs["sizes"], inputs["seed"])
    for name, what in (
        ("reloaded", "predictions of the reloaded model"),
        ("served", "the served predictions"),
    ):
        found = got[name]
        if not isinstance(found, Array) or found.shape != wanted.shape:
            shape = found.shape if isinstance(found, Array) else type(found).__name__
            return [f"{what}: expected shape {wanted.shape}, got {shape}"]
        if not np.allclose(found.values, wanted, atol=1e-5):
            return [f"{what} differ from the original's by up to {np.abs(found.values - wanted).max():.3g}"]
    if not got["compiled"]:
        return ["the reloaded model is not compiled: its optimizer is lost"]
    for name, value in (("optimizer", inputs["optimizer"]), ("steps", inputs["steps"])):
        if got[name] != value:
            return [f"{name} of the reloaded model: expected {value}, got {got[name]}"]
    if not math.isclose(got["learning_rate"], inputs["rate"], rel_tol=1e-4):
        return [f"learning rate of the reloaded model: expected {inputs['rate']}, got {got['learning_rate']:.4g}"]
    return []


@roundtrip.mistake(
    "You wrote an .h5 file, the legacy format: after it, the next .keras file of the same model comes back with "
    'another optimizer. End the name in ".keras".',
    when=lambda inputs, got, expected: ".h5" in got["files"] and ".keras" not in got["files"] and got["compiled"],
)
def legacy_h5(model, x, folder):
    model.save(folder / "m.h5")
    reloaded = keras.models.load_model(folder / "m.h5")
    return reloaded, reloaded(x)


@roundtrip.mistake(
    "You returned the model that you were given, not one that was read from a file: keras.models.load_model.",
    when=lambda inputs, got, expected: got["same_object"],
)
def original_returned(model, x, folder):
    model.save(folder / "m.keras")
    return model, model(x)


@roundtrip.mistake(
    "A weights file holds numbers only: architecture, loss and optimizer are missing from it, and whoever reads it "
    "must build the same model first. model.save keeps all of it.",
    when=lambda inputs, got, expected: ".keras" not in got["files"] and not got["compiled"],
)
def weights_only(model, x, folder):
    model.save_weights(folder / "m.weights.h5")
    reloaded = keras.models.clone_model(model)
    reloaded.load_weights(folder / "m.weights.h5")
    return reloaded, reloaded(x)


@roundtrip.mistake(
    "compile=False leaves the optimizer and the loss in the file: the model can predict, but not go on training.",
    when=lambda inputs, got, expected: ".keras" in got["files"] and not got["compiled"],
)
def loaded_without_compiling(model, x, folder):
    model.save(folder / "m.keras")
    reloaded = keras.models.load_model(folder / "m.keras", compile=False)
    return reloaded, reloaded(x)


@roundtrip.mistake(
    "The loaded SavedModel was thrown away before its function ran, and its variables went with it. Give it a name: "
    "loaded = tf.saved_model.load(...), then loaded.serve(x).",
    when=lambda inputs, got, expected: _refused(got, "variables which have been deleted"),
)
def loaded_thrown_away(model, x, folder):
    model.save(folder / "m.keras")
    model.export(folder / "served", verbose=False)
    return keras.models.load_model(folder / "m.keras"), tf.saved_model.load(folder / "served").serve(x)


@roundtrip.mistake(
    "Nothing was exported: the served predictions must come from a SavedModel, model.export and tf.saved_model.load.",
    when=lambda inputs, got, expected: "SavedModel" not in got["files"],
)
def nothing_exported(model, x, folder):
    model.save(folder / "m.keras")
    reloaded = keras.models.load_model(folder / "m.keras")
    return reloaded, reloaded(x)


@roundtrip.mistake(
    "Keras 3 saves to a name that ends in .keras; save_format is gone, and a folder is written by model.export.",
    when=lambda inputs, got, expected: _refused(got, "save_format") or _refused(got, "extension"),
)
def save_to_a_folder(model, x, folder):
    model.save(folder / "m")
    reloaded = keras.models.load_model(folder / "m")
    return reloaded, reloaded.predict(x, verbose=0)


@roundtrip.mistake(
    "keras.models.load_model reads .keras files only. A SavedModel is read by tf.saved_model.load(folder).",
    when=lambda inputs, got, expected: _refused(got, "File format not supported"),
)
def keras_loads_the_export(model, x, folder):
    model.save(folder / "m.keras")
    model.export(folder / "served", verbose=False)
    served = keras.models.load_model(folder / "served")
    return keras.models.load_model(folder / "m.keras"), served(x)


@roundtrip.right
def roundtrip_with_a_layer(model, x, folder):
    path, export = str(folder / "again.keras"), str(folder / "for_a_server")
    keras.saving.save_model(model, path)
    model.export(export, verbose=False)
    served = keras.layers.TFSMLayer(export, call_endpoint="serve")
    return keras.saving.load_model(path), served(x)


@roundtrip.right
def roundtrip_by_signature(model, x, folder):
    model.save(folder / "whole.keras", overwrite=True)
    archive = keras.export.ExportArchive()
    archive.track(model)
    spec = tf.TensorSpec((None, x.shape[1]), tf.float32)
    archive.add_endpoint("serve", model.call, input_signature=[spec])
    archive.write_out(folder / "archive", verbose=False)
    loaded = tf.saved_model.load(folder / "archive")
    return keras.models.load_model(folder / "whole.keras"), loaded.serve(tf.constant(x)).numpy()


# -------------------------------------------------------------------------------------------------------------- auc

auc = Exercise(
    "auc",
    day=1,
    stretch=True,
    limit=1.0,
    hints=(
        "The AUC is the chance that a survivor, drawn at random, has a higher score than one who died; equal scores "
        "count one half.",
        "Nobody needs all pairs: sort once. np.unique(score, return_inverse=True, return_counts=True) gives the "
        "groups of equal scores in order.",
        "Rank of a group: how many lie below, plus (its size + 1) / 2. With R the sum of the survivors' ranks: "
        "(R - n1 * (n1 + 1) / 2) / (n0 * n1).",
    ),
)
auc.example(y=np.array([0, 1, 0, 1]), score=np.array([0.2, 0.4, 0.4, 0.9]))


@auc.spec
def _(y, score):
    survived, died = score[y == 1].astype(np.float64), np.sort(score[y == 0].astype(np.float64))
    below = np.searchsorted(died, survived, side="left")
    not_above = np.searchsorted(died, survived, side="right")
    return float(np.mean(below + (not_above - below) / 2) / len(died))


def _titanic_scores():
    y, score = [], []
    for died, survived in titanic_cells().values():
        y += [0] * died + [1] * survived
        score += [survived / max(died + survived, 1)] * (died + survived)
    return {"y": np.array(y), "score": np.array(score)}


def _many(rows, seed):
    draw = np.random.default_rng(seed)
    y = draw.permutation(np.arange(rows) % 2)
    return {"y": y, "score": np.round(draw.normal(y * 0.8, 1.0) * 512) / 512}


def _both(y):
    return y.min() == 0 and y.max() == 1


def _labels(size):
    kinds = st.sampled_from(("int64", "float32", "bool"))
    return kinds.flatmap(lambda kind: arrays(kind, shape=(size,), low=0, high=1).map(_whole)).filter(_both)


def _whole(y):
    return np.round(y) if y.dtype.kind == "f" else y


def _scored(kinds, low, high):
    def both(size):
        score = arrays(st.sampled_from(kinds), shape=(size,), low=low, high=high)
        return st.tuples(_labels(size), score).map(lambda pair: {"y": pair[0], "score": pair[1]})

    return st.integers(2, 8).flatmap(both)


@auc.cases("scores with ties, of any dtype", points=1, examples=40)
def _():
    return _scored(("float32", "float64", "int64", "uint8"), 0, 4)


@auc.cases("negative scores, perfect and reversed rankings, all tied", points=1)
def _():
    def extreme(size):
        return _labels(size).flatmap(
            lambda y: st.sampled_from([1.0, -1.0, 0.0]).map(lambda sign: {"y": y, "score": sign * (y - 0.5)})
        )

    return st.integers(2, 6).flatmap(extreme) | _scored(("float32", "int32"), -8, 8)


@auc.cases("the Titanic", points=1, examples=1)
def _():
    return st.builds(_titanic_scores)


@auc.cases("16,000 rows within a second", points=1, examples=1)
def _():
    return seeds().map(lambda seed: _many(16_000, seed))


@auc.mistake(
    "Tied pairs count as full wins here: a survivor and a victim of equal score are half a point.",
    when=lambda inputs, got, expected: math.isclose(_number(got), _all_pairs(inputs, 1.0), abs_tol=1e-6),
)
def ties_as_wins(y, score):
    survived, died = score[y == 1], np.sort(score[y == 0])
    return float(np.searchsorted(died, survived, side="right").mean() / len(died))


@auc.mistake(
    "Tied pairs count as losses here: a survivor and a victim of equal score are half a point.",
    when=lambda inputs, got, expected: math.isclose(_number(got), _all_pairs(inputs, 0.0), abs_tol=1e-6),
)
def ties_as_losses(y, score):
    survived, died = score[y == 1], np.sort(score[y == 0])
    return float(np.searchsorted(died, survived, side="left").mean() / len(died))


@auc.mistake(
    "Equal scores must share one rank, the mean of their places: argsort gives them different ones, in the order in "
    "which they happen to stand.",
    when=lambda inputs, got, expected: _all_pairs(inputs, 0.0) - 1e-6 <= _number(got) <= _all_pairs(inputs, 1.0) + 1e-6,
)
def ranks_without_ties(y, score):
    ranks = np.empty(len(y))
    ranks[np.argsort(score, kind="stable")] = np.arange(1, len(y) + 1)
    n1 = int((y == 1).sum())
    return float((ranks[y == 1].sum() - n1 * (n1 + 1) / 2) / (n1 * (len(y) - n1)))


@auc.mistake(
    "Too slow: two nested loops visit 64 million pairs. Sort once and work with ranks; np.unique counts the ties."
)
def nested_loops(y, score):
    wins = 0.0
    died, survived = score[y == 0].tolist(), score[y == 1].tolist()
    for one in survived:
        for other in died:
            wins += 1.0 if one > other else 0.5 if one == other else 0.0
    return wins / (len(died) * len(survived))


@auc.mistake(
    "The roles are exchanged: count the pairs in which the survivor, label 1, has the higher score.",
    when=lambda inputs, got, expected: math.isclose(_number(got), 1 - expected, abs_tol=1e-6),
)
def roles_exchanged(y, score):
    ranks = pd.Series(score).rank()
    n0, n1 = np.sum(y == 0), np.sum(y == 1)
    return float((ranks[y == 0].sum() - n0 * (n0 + 1) / 2) / (n0 * n1))


@auc.mistake(
    "The sum of the survivors' ranks still holds n1 * (n1 + 1) / 2, what they would have if they stood last: "
    "subtract it.",
    when=lambda inputs, got, expected: _number(got) > 1,
)
def least_sum_not_subtracted(y, score):
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    n1 = int((y == 1).sum())
    return float(ranks[y == 1].sum() / (n1 * (len(y) - n1)))


@auc.mistake(
    "That is the accuracy at one threshold. The AUC asks, for all pairs, who is ranked higher, and knows no threshold."
)
def accuracy_at_one_half(y, score):
    return float(((score > 0.5) == (y == 1)).mean())


@auc.mistake(
    "These scores are whole numbers without a sign: -score and differences wrap around, so 0 lands above 1. Turn "
    "them into floats first, or sort upwards.",
    when=lambda inputs, got, expected: inputs["score"].dtype.startswith("uint"),
)
def unsigned_scores_negated(y, score):
    order = np.argsort(-score, kind="stable")
    hits, alarms = np.cumsum(y[order] == 1), np.cumsum(y[order] == 0)
    last = np.append(score[order][1:] != score[order][:-1], True)
    hits, alarms = np.append(0, hits[last]) / hits[-1], np.append(0, alarms[last]) / alarms[-1]
    return float(np.sum(np.diff(alarms) * (hits[1:] + hits[:-1]) / 2))


def _number(got):
    return float(got.values) if isinstance(got, Array) else float(got)


def _all_pairs(inputs, tie):
    y, score = inputs["y"].values, inputs["score"].values.astype(np.float64)
    survived, died = score[y == 1][:, None], score[y == 0][None, :]
    return float(np.where(survived == died, tie, survived > died).mean())


@auc.right
def auc_with_searchsorted(y, score):
    died, survived = np.sort(score[y == 0]), score[y == 1]
    places = np.searchsorted(died, survived, "left") + np.searchsorted(died, survived, "right")
    return places.mean() / 2 / len(died)


@auc.right
def auc_by_the_area(y, score):
    # The area under the ROC curve itself: one step for each distinct score, joined by straight lines.
    order = np.argsort(-score.astype(float), kind="stable")
    hits, alarms = np.cumsum(y[order] == 1), np.cumsum(y[order] == 0)
    last = np.append(np.diff(score[order].astype(float)) != 0, True)
    hits, alarms = np.append(0, hits[last]) / hits[-1], np.append(0, alarms[last]) / alarms[-1]
    return float(np.sum(np.diff(alarms) * (hits[1:] + hits[:-1]) / 2))


@auc.right
def auc_with_pandas_ranks(y, score):
    ranks = pd.Series(score).rank(method="average")
    n1 = int(np.count_nonzero(y))
    return (ranks[np.asarray(y, bool)].sum() - n1 * (n1 + 1) / 2) / (n1 * (len(y) - n1))


@auc.right
def auc_in_plain_python(y, score):
    below, wins = 0, 0.0
    groups = {}
    for label, value in zip(y.tolist(), score.tolist(), strict=True):
        groups.setdefault(value, [0, 0])[int(label)] += 1
    for value in sorted(groups):
        died, survived = groups[value]
        wins += survived * (below + died / 2)
        below += died
    return wins / below / (len(y) - below)


EXERCISES = (expand_table, bayes_rate, preprocess, build_model, roundtrip, auc)
