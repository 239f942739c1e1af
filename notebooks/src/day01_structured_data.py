# %% [markdown]
# In 1912 the Titanic sank with 2,201 people aboard, and we know who survived. How much of that can a program learn from a
# table? After today you can
#
# - **measure** how good a model of a table could possibly be, before you train one,
# - **train** a network on the table and judge it honestly, on people whom it has never seen,
# - **save** the model, so that you can load it again and a server can use it.
#
# A **model** is a function with many adjustable numbers. **Training** changes these numbers step by step, until the outputs
# of the function fit the examples that you show it.
#
# Days 1 to 4 all follow the same path: prepare the data, define a model, train it, evaluate it, use it, save it. Today
# the data are a table.

# %% tags=["setup"]
import io
import math
import tempfile
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.model_selection import train_test_split

from checks import check, hint, solution
from course import data, explore, plot
from course.answers import yours

layers = keras.layers

# %% [markdown] tags=["predict"]
# ## Look at everybody aboard
#
# The next cell draws all 2,201 people. Each rectangle is a group of people with the same class, sex and age. A larger
# rectangle means more people, and a darker one means that a larger share survived.
#
# **Predict:** In which group of men did the smallest share survive: first class, second class, third class, or the crew?

# %%
cells = data.titanic_cells()
died, survived = np.sum(list(cells.values()), axis=0)
assert (died, survived) == (1490, 711)
plot.mosaic(cells, title="Who survived the Titanic")

# %% [markdown]
# <details><summary>Why</summary>
#
# It is the second class: 14 of its 168 men lived, which is 8 %. In the third class it was 16 %. So a higher class did
# not always help.
# </details>
#
# We call each of these groups a **cell** of the table. For each cell, `cells` holds two numbers: how many people died and
# how many survived. For example, the entry for the men of the second class is `("2nd", "male", "adult"): (154, 14)`.
#
# The `assert` above compares their sums with the published ones, so that a typing error would be found.
#
# ### Your turn: from counts to rows
#
# A network reads one row for each person, so the counts must become rows. Write `expand_table`. For example, the table
# `{("1st", "female", "child"): (0, 2)}` becomes two equal rows: `1st`, `female`, `child`, `1`.


# %% exercise="expand_table"
def expand_table(cells: dict) -> pd.DataFrame:
    """One row per person, in any order.

    cells: {(class, sex, age): (died, survived)}, three texts to two counts; counts may be 0.
    Returns the columns Class, Sex, Age (as in the keys) and Survived (whole number, 0 or 1).
    """
    ### BEGIN SOLUTION
    rows = []
    for cell, counts in cells.items():
        for survived, count in enumerate(counts):
            rows.extend([(*cell, survived)] * count)
    return pd.DataFrame(rows, columns=["Class", "Sex", "Age", "Survived"])
    ### END SOLUTION


# %% check="expand_table"
check(expand_table)

# %% [markdown]
# `data.titanic()` returns the same rows, so you can go on if yours are not ready yet.
#
# Before you predict anything, ask how often each answer occurs, and which columns change that. In the picture, the dashed line
# is the share of all people who survived. A bar that ends far away from this line belongs to a useful column.

# %%
people = data.titanic()
rates = {
    f"{column}: {value}": round(group.mean(), 2)
    for column in ("Sex", "Class", "Age")
    for value, group in people.groupby(column)["Survived"]
}
overall = people["Survived"].mean()
plot.bars(rates, x_label="share that survived", lines={"everybody": overall})

# %% [markdown]
# ## Know the score to beat
#
# The **accuracy** of a model is the share of its answers that are right. Is an accuracy of 0.68 good? To find out, compare it
# with a **baseline**: a simple rule that needs no network. We try two: "nobody survives", and "women survive, men do not".

# %%
nobody = (people["Survived"] == 0).mean()
by_sex = (people["Survived"] == (people["Sex"] == "female")).mean()
print(f"nobody survives: {nobody:.4f}   women survive: {by_sex:.4f}")
assert abs(nobody - 1490 / 2201) < 1e-12 and abs(by_sex - 0.776011) < 1e-6

# %% [markdown]
# So a network is only useful if it beats 0.776. But no network is perfect here. Look at the 165 women of the third
# class, of whom 89 died and 76 survived. Their rows are all equal: 3rd, female, adult. Equal inputs give equal outputs,
# so a model gives the same answer for all 165 women, and some of these answers are wrong. The best score that any model
# of these columns can reach is called the **ceiling**.
#
# If the model must say yes or no, its best answer for these women is "died", which is right 89 times. If it may give a
# probability, the best one is the share that survived, 76 / 165 = 0.46.

# %% [markdown]
# To score probabilities we use the **log-loss**. For each person, take the probability $p_i$ that the model gave to what
# really happened. The cost of this person is minus the natural logarithm of $p_i$. The log-loss is the mean cost of all $n$
# people:
#
# $$\text{log-loss} = -\frac{1}{n} \sum_{i=1}^{n} \ln p_i$$
#
# A smaller log-loss is better. A probability of 1 for what happened costs 0, and 0.5 costs 0.69. A probability of only 0.01
# costs 4.6, because the model was almost sure, and wrong.

# %% [markdown]
# ### Your turn: how good can it get?
#
# Follow one calculation by hand. In a cell `(1, 3)`, one person died and three survived, so the best probability of
# survival is 3/4. Each survivor costs $-\ln 0.75 = 0.288$. The one who died costs $-\ln 0.25 = 1.386$. The mean of the
# four costs is $(3 \cdot 0.288 + 1.386) / 4 = 0.562$. The best yes-or-no answer is "survived", right for 3 of 4.
#
# Write `bayes_rate`, which does this for a whole table. The table with that one cell gives an accuracy of 0.75 and a log-loss
# of 0.562.


# %% exercise="bayes_rate"
def bayes_rate(cells: dict) -> dict:
    """The best accuracy and log-loss that any model of these cells can reach on these people.

    cells: {(class, sex, age): (died, survived)}; some cells may be empty, or hold one outcome only.
    Returns {"accuracy": share of right guesses, "log_loss": mean cost per person, natural log}.
    """
    ### BEGIN SOLUTION
    people, right, loss = 0, 0, 0.0
    for died, survived in cells.values():
        people += died + survived
        right += max(died, survived)
        for count in (died, survived):
            if count > 0:
                loss -= count * math.log(count / (died + survived))
    return {"accuracy": right / people, "log_loss": loss / people}
    ### END SOLUTION


# %% check="bayes_rate"
check(bayes_rate)

# %% [markdown]
# The lesson goes on with your own function: `yours(bayes_rate)` is your answer if it passes its check. If it does not pass
# yet, the course uses its own answer instead and says so.

# %%
ceiling = yours(bayes_rate)
best = {name: float(value) for name, value in ceiling(cells).items()}
print(best)
assert abs(best["accuracy"] - 1740 / 2201) < 1e-4 and abs(best["log_loss"] - 0.476487) < 1e-4
scores = {"nobody survives": nobody, "women survive": by_sex, "ceiling": best["accuracy"]}
plot.bars(scores, x_label="accuracy", highlight="ceiling")

# %% [markdown]
# The ceiling is only 0.0145 above the simple rule, so even the best network can gain little here.
#
# ## Turn a messy table into numbers
#
# The table of the Titanic is clean. Most tables are not: they have names, ticket numbers, and gaps. The next cell reads such a
# table. Its six people are invented, but the columns are those of the passenger list that many courses use.
#
# The text is **CSV**: one line for each row, with commas between the values. `pd.read_csv` turns it into a DataFrame. You
# usually give it the name of a file. Here the text stands in the cell, and `io.StringIO` makes it act like an open file.

# %%
text = """Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked
0,3,"Ash, Mr. Thomas",male,22,1,0,A 1001,7.25,,S
1,1,"Birch, Mrs. Clara",female,38,1,0,B 1002,71.5,C12,C
1,3,"Cedar, Miss. Nora",female,,0,0,C 1003,7.75,,Q
0,1,"Dogwood, Mr. Henry",male,54,0,0,D 1004,51.875,E34,S
1,2,"Elm, Master. Peter",male,4,0,2,E 1005,26,,S
1,1,"Fir, Miss. Amelia",female,33,0,0,F 1006,80,B56,
"""
sample = pd.read_csv(io.StringIO(text))
sample.head(3)

# %% [markdown]
# Where nothing stands between two commas, pandas writes `NaN`, "not a number", for a missing value. `isna()` finds
# these places, and `sum()` counts them in each column.

# %%
missing = sample.isna().sum()
print(missing[missing > 0].to_dict())

# %% [markdown] tags=["predict"]
# A network computes with numbers, so words must become numbers. The usual way is a **one-hot** code: one column for each
# possible value, with a 1 in the column of the value and 0 in all the others. `pd.get_dummies` does this.
#
# **Predict:** How many columns come out for the ports of all six people? How many for the first two people only? And which
# dtype do the columns have?

# %%
six = pd.get_dummies(sample["Embarked"])
two = pd.get_dummies(sample["Embarked"].head(2))
print(list(six.columns), list(two.columns), six["S"].dtype)

# %% [markdown]
# <details><summary>Why</summary>
#
# There are three columns for six people, but only two for the first two. `get_dummies` makes a column for each value that it
# *sees*, and the first two people came from S and C. But a model that was trained on three columns cannot read two. The dtype
# is bool; older versions of pandas made uint8.
# </details>
#
# So fix the list of possible values beforehand. This list is called a **vocabulary**.
#
# A network cannot compute with `NaN`, so we replace a missing age by 0. But then nobody can tell it from the age of a newborn
# child. So we add a second column, a **flag**, which is 1 where the age was missing.

# %%
age = pd.DataFrame({"Age": sample["Age"].fillna(0), "Age_null": sample["Age"].isna()})
print(age.T.astype("float32").to_string(header=False))
port = layers.StringLookup(vocabulary=["C", "Q", "S"], output_mode="one_hot")
print("ports S, and an unknown X:", port(tf.constant(["S", "X"])).numpy().tolist())
print("class 2 of 4:", keras.utils.to_categorical(2, num_classes=4))

# %% [markdown]
# `StringLookup` is Keras' layer for one-hot codes; its first column is for all words outside the vocabulary. For whole tables
# there is `keras.utils.FeatureSpace`, which replaces the feature columns of older books.
#
# Do it by hand once. These are the rules, in the order of the columns:
#
# | field | becomes |
# |:--|:--|
# | Pclass | `Pclass_1`, `Pclass_2`, `Pclass_3` |
# | Sex | `Sex_female`, `Sex_male` |
# | Age | `Age` (0 where it is missing), `Age_null` |
# | SibSp, Parch, Fare | unchanged |
# | Cabin | `Cabin_null` |
# | Embarked | `Embarked_C`, `Embarked_Q`, `Embarked_S`, `Embarked_nan` |
# | all others | dropped |
#
# ### Your turn: fifteen columns, always
#
# Write `preprocess`. For example, somebody in class 3 without an age becomes a row that starts with `0, 0, 1` and has `Age` 0
# and `Age_null` 1. A class or a port that is not in the table above has 0 in all of its columns.


# %% exercise="preprocess"
def preprocess(df: pd.DataFrame) -> pd.DataFrame:
    """Fifteen float32 columns, named and ordered as in the table of rules; df stays as it was.

    The columns: Pclass_1, Pclass_2, Pclass_3, Sex_female, Sex_male, Age, Age_null, SibSp, Parch,
    Fare, Cabin_null, Embarked_C, Embarked_Q, Embarked_S, Embarked_nan.
    df: passengers with Pclass, Sex, Age, SibSp, Parch, Fare, Cabin, Embarked, and perhaps others.
    Age, Cabin and Embarked may be missing; an age of 0 is not missing. A class outside 1, 2, 3
    has 0 in all three columns, a port outside C, Q, S has 0 in all four.
    Returns as many rows as df, with df's index.
    """
    ### BEGIN SOLUTION
    out = {f"Pclass_{value}": df["Pclass"] == value for value in (1, 2, 3)}
    out |= {f"Sex_{value}": df["Sex"] == value for value in ("female", "male")}
    out |= {"Age": df["Age"].fillna(0), "Age_null": df["Age"].isna()}
    out |= {name: df[name] for name in ("SibSp", "Parch", "Fare")}
    out |= {"Cabin_null": df["Cabin"].isna()}
    out |= {f"Embarked_{value}": df["Embarked"] == value for value in ("C", "Q", "S")}
    out |= {"Embarked_nan": df["Embarked"].isna()}
    return pd.DataFrame(out, index=df.index).astype("float32")
    ### END SOLUTION


# %% check="preprocess"
check(preprocess)

# %% [markdown]
# ## Bring numbers to one scale
#
# Measurements are numbers already, but in different units. The package scikit-learn comes with 569 tumours, each
# measured in 30 ways. One measurement lies near 0.1, and another goes up to 4,254.

# %%
tumours, benign = data.breast_cancer()
area = tumours["mean area"]
both = {"malignant": area[benign == 0], "benign": area[benign == 1]}
plot.histogram(both, x_label="mean area", title="One of 30 measurements")

# %% [markdown]
# First split the rows, because a model must be judged on rows that it did not learn from. There are three kinds of rows:
#
# - The model learns from the **training rows**.
# - You use the **validation rows** to decide: how long to train, which model to take, where to set a threshold.
# - You look at the **test rows** once, at the very end. They tell how good the model is on new data.
#
# Here we only compare two models, so training and validation rows are enough. `train_test_split` shuffles, then splits.
# With `stratify`, both parts get the same share of each **label**, which is the right answer for a row: here, malignant
# or benign.

# %% [markdown]
# To bring all columns to one scale, subtract the mean $\mu$ of a column and divide by its standard deviation $s$, which says
# how far the values spread: $(x - \mu) / s$. A `Normalization` layer does this. `adapt` computes $\mu$ and $s$, and it may see
# the training rows only. If it saw the others, the model would know something about them, and the score would be too good.
# This mistake is called **leakage**.

# %%
learn, compare, y_learn, y_compare = train_test_split(
    tumours, benign, test_size=0.2, stratify=benign, random_state=0
)
scale = layers.Normalization()
scale.adapt(learn.to_numpy())
after = scale(learn).numpy()
print(f"after scaling: mean {abs(after.mean()):.2f}, spread {after.std():.2f}")


# %% [markdown]
# Now a small network. A network is a chain of **layers**, and a layer is made of **units**. In a **dense** layer, each unit
# multiplies every input by a number of its own, the **weight** of that input. It adds up the products and adds one more
# number, its **bias**.
#
# The sum goes through a simple function, the **activation**. **relu** replaces negative numbers by 0 and leaves the others as
# they are. Without it, several layers could do no more than one.
#
# The last layer has one unit. Its sum $z$ can be any number and is called a **logit**. The **sigmoid** turns it into a
# probability between 0 and 1:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad \sigma(-5) = 0.007, \quad \sigma(0) = 0.5, \quad \sigma(5) = 0.993$$

# %% [markdown] tags=["predict"]
# In Keras, a `Sequential` model is a list of layers, and `keras.Input` says how many numbers a row has. (Older books write
# `input_shape=` into the first layer. This still runs, with a warning.)
#
# `compile` gets two things. The **loss** is the number that training makes smaller; `binary_crossentropy` is Keras' name for
# the log-loss. The **optimizer** is the method that changes the weights; `adam` is a good first choice, and day 9 explains it.
#
# **Predict:** An untrained network knows nothing. If it always said 0.5, its loss would be 0.69. What is its loss on the
# raw, unscaled numbers: about 0.7, about 2, or far more?


# %%
def small_net(*first):
    keras.utils.set_random_seed(1)
    parts = [*first, layers.Dense(8, activation="relu"), layers.Dense(1, activation="sigmoid")]
    net = keras.Sequential([keras.Input((30,)), *parts])
    net.compile(optimizer="adam", loss="binary_crossentropy")
    return net


raw, scaled = small_net(), small_net(scale)
print("scaled:", round(scaled.evaluate(learn, y_learn, verbose=0), 1))
print("raw:   ", round(raw.evaluate(learn, y_learn, verbose=0)))

# %% [markdown]
# <details><summary>Why</summary>
#
# It is far more. Some inputs are in the thousands, so the logit is huge, and the sigmoid of a huge logit is almost exactly 0
# or 1. The untrained network is almost sure about every tumour, and it is often wrong. That makes the log-loss large.
# </details>
#
# Now train both networks. `fit` takes the training rows in **batches**, here of 64 rows. After each batch it changes all
# weights a little; this is one **step**. When all rows have been used once, one **epoch** is over. The 455 training rows make
# 8 batches, the last one smaller, so 12 epochs are 96 steps.
#
# After each epoch, `fit` computes the loss on the validation rows, which take no part in training.

# %%
choice = {"batch_size": 64, "epochs": 12, "verbose": 0, "validation_data": (compare, y_compare)}
fitted = {
    "raw": raw.fit(learn, y_learn, **choice).history["val_loss"],
    "scaled": scaled.fit(learn, y_learn, **choice).history["val_loss"],
}
assert fitted["raw"][0] > 2 * fitted["scaled"][0]
plot.curves(fitted, x_label="epoch", y_label="validation loss", log=True)

# %% [markdown]
# Both losses fall, but the network with the raw numbers begins far behind. So scale the columns first.

# %% [markdown]
# ## Define the network
#
# Back to the Titanic. A dense layer of $u$ units on $n$ inputs has $(n + 1) \cdot u$ numbers that training can change, its
# **parameters**: $n$ weights and one bias for each unit. So 8 inputs and layers of 20, 10 and 1 units make
# $9 \cdot 20 + 21 \cdot 10 + 11 \cdot 1 = 401$ parameters.
#
# Keras can report other scores beside the loss, called **metrics**. One of them is the **AUC**. Draw one survivor and one
# victim at random: the AUC is the chance that the survivor got the higher probability, where equal probabilities count one
# half. Guessing gives 0.5, and a perfect order gives 1.

# %% [markdown]
# ### Your turn: build and compile
#
# Write `build_model`: exactly three dense layers, with 20 relu units, 10 relu units and 1 sigmoid unit. Compile it with adam,
# binary cross-entropy and the metric AUC. `build_model(8)` has 401 parameters and turns 4 rows into 4 probabilities, of shape
# (4, 1).


# %% exercise="build_model"
def build_model(n_features: int) -> keras.Model:
    """A compiled network of 20, 10 and 1 units that turns rows into probabilities.

    It maps float32 [rows, n_features] to [rows, 1] and has its weights from the start. It computes
    the same in training and in use (no Dropout), and reports the AUC of the ROC curve.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential(
        [
            keras.Input((n_features,)),
            layers.Dense(20, activation="relu"),
            layers.Dense(10, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model
    ### END SOLUTION


# %% check="build_model"
check(build_model)

# %% [markdown]
# There is a second way to write this network, the **functional** one: call each layer on the output of the layer before
# it, and say at the end where the model begins and ends.
#
# We also choose the **learning rate** ourselves: it says how large one step is.

# %%
keras.utils.set_random_seed(0)
person = keras.Input((15,), name="person")
hidden = layers.Dense(20, activation="relu")(person)
hidden = layers.Dense(10, activation="relu")(hidden)
output = layers.Dense(1, activation="sigmoid", name="chance")(hidden)
model = keras.Model(person, output, name="titanic")
model.compile(keras.optimizers.Adam(0.003), "binary_crossentropy", metrics=["accuracy", "AUC"])
assert model.count_params() == 16 * 20 + 21 * 10 + 11
model.summary()

# %% [markdown]
# ## Train below the ceiling
#
# The network has 15 inputs, because your `preprocess` makes 15 columns. Our table of the Titanic holds less, so we fill
# these columns as well as we can. The crew had no passenger class, so we write 0. For the age we know only child or
# adult, so we write 0 or 1. Relatives, fare, cabin and port are not known.


# %%
def as_passengers(rows):
    classes = {"1st": 1, "2nd": 2, "3rd": 3, "crew": 0}
    known = {"Pclass": rows["Class"].map(classes), "Sex": rows["Sex"]}
    known["Age"] = (rows["Age"] == "adult").astype(float)
    return pd.DataFrame(known).assign(SibSp=0, Parch=0, Fare=0.0, Cabin=np.nan, Embarked=np.nan)


to_numbers = yours(preprocess)
to_numbers(as_passengers(people.head(1)))

# %% [markdown] tags=["predict"]
# A column that is the same for everybody tells the model nothing, and does no harm. The crew can be recognised, because all
# three class columns are 0. So the ceiling has not changed.
#
# Now the rows must be split. `fit(validation_split=0.2)` takes a fifth of the rows away for validation. **Predict:** Our rows
# stand cell by cell, as in the table. Which fifth is taken, and does it look like the rest?

# %%
held_back = people.tail(len(people) // 5)
for name, rows in (("all rows", people), ("last fifth", held_back)):
    print(f"{name:10} {rows['Survived'].mean():.3f} survived", sorted(set(rows["Class"])))
assert set(held_back["Class"]) == {"crew"}

# %% [markdown]
# <details><summary>Why</summary>
#
# It takes the *last* fifth of the rows, before any shuffling. They are all crew, so the validation loss says nothing
# about passengers.
# </details>
#
# So shuffle and split the rows yourself. We take 60 % for training, 20 % for validation and 20 % for the test.

# %%
train, rest = train_test_split(
    people, train_size=0.6, stratify=people["Survived"], random_state=1
)
validation, test = train_test_split(
    rest, test_size=0.5, stratify=rest["Survived"], random_state=1
)
parts = {"training": train, "validation": validation, "test": test}
x = {name: to_numbers(as_passengers(rows)) for name, rows in parts.items()}
y = {name: rows["Survived"].to_numpy("float32") for name, rows in parts.items()}
print({name: len(rows) for name, rows in parts.items()})


# %% [markdown]
# Each part has a ceiling of its own, because in some parts the people happen to be easier to predict. So count the cells of
# each part, and use your `bayes_rate` again.


# %%
def cells_of(rows):
    counts = rows.groupby(["Class", "Sex", "Age"])["Survived"].agg(["size", "sum"])
    return {cell: (size - lived, lived) for cell, size, lived in counts.itertuples()}


limits = {name: ceiling(cells_of(rows)) for name, rows in parts.items()}
for name, limit in limits.items():
    print(f"{name:10}", {score: round(float(value), 4) for score, value in limit.items()})

# %% [markdown]
# Now train the network. The picture shows loss and accuracy after each epoch, and a line for the ceiling of each part. For the
# loss, the ceiling is the lowest possible value, so the curves stay above it.

# %%
history = model.fit(
    x["training"], y["training"], batch_size=64, epochs=30, verbose=0,
    validation_data=(x["validation"], y["validation"]),
)  # fmt: skip
lines = {
    keras_name: {
        f"ceiling, {name}": float(limits[name][score]) for name in ("training", "validation")
    }
    for keras_name, score in (("loss", "log_loss"), ("accuracy", "accuracy"))
}
plot.history(history, ["loss", "accuracy"], lines=lines)

# %% [markdown]
# Read the loss. It falls quickly and is almost flat at the end, so 30 epochs are enough. If both curves were still
# falling, you would train longer. If the training loss fell while the validation loss rose, the model would be learning
# single rows by heart. That is called **overfitting**, and day 2 shows it. Here only 14 different rows exist, so it
# hardly happens.
#
# The validation loss is lower than the training loss. This looks strange, but the ceilings explain it: the validation rows
# happen to be easier. Compare each curve with its own ceiling. The accuracy tells less, because it only changes when a
# probability crosses 0.5.

# %% [markdown]
# ## Choose a threshold
#
# To turn a probability into yes or no, compare it with a **threshold**: above it, the answer is "survived". Which threshold is
# best depends on what an error costs. A **miss** is a survivor whom the model calls a victim, and a **false alarm** is a victim
# whom it calls a survivor.
#
# The threshold is a decision, so we choose it on the validation rows. Move the threshold below. Then make a miss five times as
# expensive as a false alarm, and see how the cheapest threshold moves.

# %%
chance = model.predict(x["validation"], verbose=0)[:, 0]
explore.threshold(y["validation"], chance, labels=("died", "survived"))

# %% [markdown]
# The next cell tries 19 thresholds and takes the cheapest.


# %%
def cost(truth, chance, threshold, miss=5, alarm=1):
    answer = chance > threshold
    return miss * np.sum(~answer & (truth == 1)) + alarm * np.sum(answer & (truth == 0))


thresholds = np.linspace(0.05, 0.95, 19)
costs = [cost(y["validation"], chance, threshold) for threshold in thresholds]
chosen = thresholds[np.argmin(costs)]
print(f"cheapest threshold on the validation rows: {chosen:.2f}")
plot.curves({"cost": costs}, x=thresholds, x_label="threshold", y_label="cost")

# %% [markdown]
# ## Judge it once, on the test rows
#
# All decisions are made, so now you may look at the test rows. Compare the model with the ceiling of these rows: no model can
# beat it there, and a good one comes close.

# %%
result = model.evaluate(x["test"], y["test"], verbose=0, return_dict=True)
print("model:  ", {name: round(value, 3) for name, value in result.items()})
print("ceiling:", {name: round(float(value), 3) for name, value in limits["test"].items()})
assert float(limits["test"]["log_loss"]) - 1e-5 < result["loss"] < 0.53
assert 0.75 < result["accuracy"] < float(limits["test"]["accuracy"]) + 1e-6

# %% [markdown]
# `model(x)` returns a tensor, and computes all rows at once. `model.predict(x)` works in batches and returns a NumPy array.
# (Older books call `predict_classes`, which was removed: compare with a threshold instead.)
#
# Was it worth choosing the threshold? Compare its cost on the test rows with the cost at 0.5.

# %%
chance = model.predict(x["test"], verbose=0)[:, 0]
np.testing.assert_allclose(chance, model(x["test"].to_numpy())[:, 0], atol=1e-5)
for threshold in (chosen, 0.5):
    print(f"threshold {threshold:.2f} costs {cost(y['test'], chance, threshold)}")

# %% [markdown]
# Can you believe the probabilities? If the model says 0.2 about a group, then about 20 % of the group should have
# survived. In the picture, each dot is one cell of the test rows. On the diagonal, the predicted and the true share
# agree. Small dots may lie far away, because the share of a few people depends much on chance.

# %%
seen = test.assign(chance=chance).groupby(["Class", "Sex", "Age"]).mean()
sizes = test.value_counts(["Class", "Sex", "Age"])[seen.index]
names = [" ".join(cell) for cell in seen.index]
plot.predicted_vs_actual(seen["chance"], seen["Survived"], sizes, names)

# %% [markdown]
# ## Weight the rows
#
# Most of the 1,320 training rows are equal. To save work, feed each different row once, and give its count as a
# **sample weight**. The loss multiplies the cost of the row by this weight. But by what does it divide the sum? Compare
# two ways:

# %%
few = x["training"].assign(label=y["training"]).value_counts().reset_index()
label, given = few[["label"]].to_numpy(), model(few[x["training"].columns].to_numpy())
for reduction in ("sum_over_batch_size", "mean_with_sample_weight"):
    score = keras.losses.BinaryCrossentropy(reduction=reduction)
    loss = float(score(label, given, sample_weight=few["count"]))
    print(f"{len(few)} rows, {reduction:24} {loss:.4f}")
everybody = model.evaluate(x["training"], y["training"], verbose=0)[0]
np.testing.assert_allclose(loss, everybody, rtol=1e-3)

# %% [markdown]
# The default divides by the number of *rows*, so it is not the loss per person. The second one divides by the sum of the
# weights, and equals the loss of all training rows.
#
# ## Save it so that it comes back whole
#
# | you want | call | you get |
# |:--|:--|:--|
# | to continue training tomorrow | `model.save("m.keras")` | everything, with the state of the optimizer |
# | only the numbers | `model.save_weights("m.weights.h5")` | weights for a model that you build again |
# | only the plan | `model.to_json()` | layers without weights |
# | to put it on a server | `model.export("folder")` | a **SavedModel**, which runs without Keras |
#
# The plan and the numbers together are enough to build the model again. `tf.train.Checkpoint` saves any object that
# holds variables.

# %%
folder = Path(tempfile.mkdtemp())
model.save_weights(folder / "m.weights.h5")
twin = keras.models.model_from_json(model.to_json())
twin.load_weights(folder / "m.weights.h5")
rows = x["validation"].to_numpy()
np.testing.assert_allclose(twin(rows), model(rows), atol=1e-6)

path = tf.train.Checkpoint(model=model).save(folder / "checkpoint")
tf.train.Checkpoint(model=twin).restore(path).assert_existing_objects_matched()
print(sorted(file.name for file in folder.iterdir()))

# %% [markdown]
# Older books save to a plain folder, which Keras 3 refuses, or to a file that ends in `.h5`. Avoid this old format,
# because a `.keras` file that you save after it can lose the state of the optimizer. The folder that `export` writes is
# for TensorFlow, so `load_model` refuses it. Read both messages: they say what to do.

# %%
model.export(folder / "served", verbose=False)
for attempt in (model.save, keras.models.load_model):
    try:
        attempt(folder / "served")
    except ValueError as error:
        print(f"{attempt.__name__}: {error}\n".replace(str(folder), "..."))

# %% [markdown]
# To read an exported folder, write `loaded = tf.saved_model.load(folder)`. Then `loaded.serve(x)` predicts. The loaded object
# needs a name. Without one, in `tf.saved_model.load(folder).serve(x)`, Python deletes it too early, and `serve` fails.
#
# ### Your turn: there and back
#
# Write `roundtrip`. Inside the given folder, it saves the model to a `.keras` file and loads it, and it exports the model and
# loads the export. For 20 rows `x` it returns the loaded model and 20 served predictions, float32. Both agree with the
# original.


# %% exercise="roundtrip"
def roundtrip(model: keras.Model, x: np.ndarray, folder: Path) -> tuple:
    """(reloaded, served): the model from a .keras file, and what the exported SavedModel gives for x.

    model: built and compiled. x: float32 [rows, features]. folder: an empty folder that exists.
    reloaded is a new keras.Model with the same optimizer, its settings and its count of steps.
    served is float32 [rows, outputs].
    """
    ### BEGIN SOLUTION
    model.save(folder / "model.keras")
    reloaded = keras.models.load_model(folder / "model.keras")
    model.export(folder / "served", verbose=False)
    loaded = tf.saved_model.load(folder / "served")
    return reloaded, loaded.serve(x)
    ### END SOLUTION


# %% check="roundtrip"
check(roundtrip)

# %% [markdown]
# ## Look back
#
# - **Measure:** compute the baselines and the ceiling first, and compare each score with both.
# - **Train:** use a fixed vocabulary and one scale. Decide on validation rows, and look at the test rows once.
# - **Save:** a `.keras` file to continue training, `export` for a server.
#
# A common mistake in `preprocess` is to make the flag after the gaps have been filled. Then the flag is 0 everywhere.
# The fix is to make the flag from the original column.

# %%
ages = sample["Age"]
print("flag after filling: ", ages.fillna(0).isna().sum(), "missing")
print("flag before filling:", ages.isna().sum(), "missing")

# %% [markdown]
# Two questions to think about. What could `Age_null` tell a model? When does a log-loss say more than an accuracy?
#
# <details><summary>What we would answer</summary>
#
# Survivors could be asked their age later, victims could not. The log-loss matters when somebody acts on the
# probability, such as a doctor who weighs a risk.
# </details>
#
# ### Stretch: the AUC by hand
#
# Keras computes the AUC approximately, with 200 thresholds. Write `auc`, which computes it exactly; try to use NumPy alone. For
# labels `[0, 1, 0, 1]` and scores `[0.2, 0.4, 0.4, 0.9]` there are four pairs of a 1 and a 0. In three of them the 1 has the
# higher score, and one pair is equal. This makes 3.5 of 4, so the AUC is 0.875.


# %% exercise="auc"
def auc(y: np.ndarray, score: np.ndarray) -> float:
    """The chance that a row of label 1 has a higher score than a row of label 0; ties count 1/2.

    y: labels [n], 0 or 1 of any dtype; both occur. score: [n], any number dtype.
    16,000 rows must take less than a second.
    """
    ### BEGIN SOLUTION
    _, group, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[group]  # ties share the mean of their places
    n1 = np.sum(y == 1)
    n0 = len(y) - n1
    return float((np.sum(rank[y == 1]) - n1 * (n1 + 1) / 2) / (n0 * n1))
    ### END SOLUTION


# %% check="auc"
check(auc)

# %% [markdown]
# ## Go on
#
# **TensorFlow or PyTorch?** Both compute the same gradients and train the same networks; PyTorch is more common in research,
# and TensorFlow brings its own tools for servers, phones and browsers. You write your models with Keras 3, which runs on
# both, so most of what you learn here stays useful if you change.
#
# Next come images. For more practice with tables, predict the price of a house from `data.houses()`, or use the 891 passengers
# of `data.titanic_passengers(online=True)`.
