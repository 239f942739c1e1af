"""Day 1, the exercise `preprocess`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns
from checks.engine.plain import Array, Frame, live

tf = Lazy("tensorflow")
keras = Lazy("keras")
pd = Lazy("pandas")

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


def _frames(ages, cabins, ports, *, classes=(1, 2, 3), min_size=1, shuffled=False):
    quarters = st.integers(0, 400).map(lambda number: number / 4)
    person = {
        "Pclass": st.sampled_from(classes),
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


_AGES = st.just(0.0) | st.integers(1, 320).map(lambda number: number / 4)
"""A newborn's 0 is an age like any other."""
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


@preprocess.cases("a port and a class that nobody expected", points=1, examples=8)
def _():
    ports = _frames(_AGES, _CABINS, st.sampled_from(["X", "S"]), min_size=2)
    return ports | _frames(_AGES, _CABINS, _PORTS, classes=(0, 4, 1), min_size=2)


@preprocess.cases("a shuffled frame, left as it was", points=1, examples=5)
def _():
    return _frames(st.none() | _AGES, st.none() | _CABINS, st.none() | _PORTS, shuffled=True)


def _count(frame, prefix):
    return sum(str(name).startswith(prefix) for name in frame.names)


@preprocess.mistake(
    "Your columns depend on the data: a frame in which nobody boarded at Q loses a column, and the model cannot read "
    "it. Compare with a fixed list of values.",
)
def columns_from_the_data(df):
    dummies = pd.get_dummies(df[["Pclass", "Sex", "Embarked"]], columns=["Pclass", "Sex", "Embarked"], dummy_na=False)
    rest = df[["Age", "SibSp", "Parch", "Fare"]].fillna(0)
    rest["Age_null"], rest["Cabin_null"] = df["Age"].isna(), df["Cabin"].isna()
    return pd.concat([dummies, rest], axis=1).astype("float32")


@preprocess.mistake(
    "The columns are all there, in another order. A model knows columns by their place, not by their name: keep "
    "the order of the task.",
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


@preprocess.mistake(
    "Age_null is 0 where an age is missing: you asked after fillna, when nothing was missing any more. Ask the "
    "original column.",
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
    "Age_null is 1 for a newborn, whose age is 0 and is known. Ask the original column with isna(), not whether the "
    "filled age is 0."
)
def newborn_counts_as_missing(df):
    age = df["Age"].fillna(0)
    out = {f"Pclass_{c}": df["Pclass"] == c for c in (1, 2, 3)}
    out |= {f"Sex_{s}": df["Sex"] == s for s in ("female", "male")}
    out |= {"Age": age, "Age_null": age == 0}
    out |= {name: df[name] for name in ("SibSp", "Parch", "Fare")}
    out |= {"Cabin_null": df["Cabin"].isna()} | {f"Embarked_{p}": df["Embarked"] == p for p in "CQS"}
    out["Embarked_nan"] = df["Embarked"].isna()
    return pd.DataFrame(out, index=df.index).astype("float32")


@preprocess.mistake(
    "Rows are missing: you dropped the people without an age. Every person who comes in must come out, because the "
    "model has to answer for each of them. Fill the age with 0 and set Age_null.",
)
def rows_without_an_age_dropped(df):
    df = df.dropna(subset=["Age"])
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
    "frame of one has none."
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
