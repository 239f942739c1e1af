# %% [markdown]
# Yesterday a model waited for requests. Today the data waits for a model: a table with so many rows that it lies on many
# machines. **Spark** is the program that many companies use to work on such tables. After today you can
#
# - **score** a table with a SavedModel on Spark, in Python, in SQL and in Scala (to score a row means to compute the
#   model's prediction for it),
# - **ship** a function to the machines that do the work: send what can travel, and load the rest there, once,
# - **predict** how long a job will take before you start it.

# %% tags=["setup"]
import math
import os
import tempfile
import time
from functools import partial
from pathlib import Path

import cloudpickle
import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from checks import check, hint, solution
from course import explore, plot, serving, spark

# %% [markdown]
# ## See where the time goes
#
# Spark cuts a table into pieces, which are called **partitions**. It gives each partition to a **worker**, a process on
# some machine. In the three lanes below one worker scores the same six rows in two partitions. The lanes differ only in
# how often the worker loads the model.


# %%
def lane(loads, calls):
    bars, now = [], 0
    for kind, seconds in [*[("load", 2), ("score", 0.4)] * loads, *[("score", 0.4)] * calls]:
        bars.append(("", now, now + seconds, kind))
        now += seconds
    return bars


lanes = {
    "for each row": lane(6, 0),
    "for each partition": lane(2, 4),
    "once per worker": lane(1, 5),
}
plot.timeline(lanes, unit="seconds", title="One worker, six rows in two partitions")

# %% [markdown]
# Scoring takes little time, but the start takes long. Before the first prediction a worker must import TensorFlow, which
# takes some seconds, and then load the model. So remember two rules today: load the model **once**, and call it with
# **many rows** at a time.
#
# ## Test on the driver first
#
# The **driver** is the process that gives the orders. Here it is the kernel of this notebook. Test the model on the
# driver first, because a model that fails here fails on the workers, too, and there the error message is much longer.
#
# The model is the linear model of yesterday. Its weights are 2 and −1, and its bias is 3:
#
# $$y = 2 x_1 - x_2 + 3$$
#
# We can check the first row by hand: for the inputs 1 and 2 the model computes $2 \cdot 1 - 2 + 3 = 3$.

# %%
x = keras.Input((2,), name="inputs")
line = keras.Model(x, {"outputs": keras.layers.Dense(1)(x)})
line.set_weights([np.array([[2.0], [-1.0]]), np.array([3.0])])
MODEL = f"{tempfile.mkdtemp()}/linear"
line.export(MODEL, verbose=False)
print(sorted(os.listdir(MODEL)))

# %%
ROWS = [[1, 2], [3, 5], [6, 7], [8, 3]]
serve = tf.saved_model.load(MODEL).signatures["serving_default"]
answers = serve(inputs=tf.constant(ROWS, tf.float32))["outputs"].numpy()[:, 0]
assert answers.tolist() == [3, 4, 8, 16]
answers

# %% [markdown]
# ## Start Spark
#
# Spark itself is a Java program. The Python package **PySpark** starts it and sends it your orders, so Spark needs Java
# 17 on your machine. The address `local[2]` means that Spark uses two workers on this machine and no **cluster**, which
# is a group of machines that work together. Spark writes its log to a file, so it does not appear below the cell. A
# process has one Spark **session** at a time. Call `spark.stop()` before you start another one.
#
# If this machine has no Java, the next cell says so in one sentence. Then the cells that need Spark show nothing. All
# other cells run, and you can do all the exercises.

# %%
took = {}


def timed(name, query):
    start = time.perf_counter()
    found = query()
    took[name] = time.perf_counter() - start
    return found


here = spark.can("python")
if here:
    session = timed("start Spark", spark.session)
    print("Spark", session.version, "on", session.sparkContext.master)

# %% [markdown] tags=["predict"]
# The oldest kind of table in Spark is the **RDD**: a list of any Python objects, cut into partitions. Its method
# `mapPartitions` calls your function once for each partition. Your function gets an iterator over the rows of the
# partition.
#
# **Predict:** we put four rows into six partitions. How many partitions are empty? How often is the function called?


# %%
def sizes(rows):
    yield sum(1 for _ in rows)


if here:
    rdd = session.sparkContext.parallelize(ROWS, 6)
    counted = timed("RDD without TensorFlow", lambda: rdd.mapPartitions(sizes).collect())
    print("rows in each partition:", counted)
    assert sorted(counted) == [0, 0, 1, 1, 1, 1]

# %% [markdown]
# <details><summary>Why</summary>
#
# Two partitions are empty, and there are six calls, because an empty partition gets a call as well. Empty partitions are
# common: a filter, for example, may remove all rows of a partition. If your function loads the model before it looks at
# the rows, each empty partition costs a load for nothing.
#
# Nothing ran before `collect`. An RDD is **lazy**: it notes what you want, and computes it only when you ask for the
# result.
# </details>

# %% [markdown]
# ### Your turn: score one partition
#
# Write `partition_predict`, the function that `mapPartitions` calls. With the model above, a partition with the rows [1,
# 2] and [3, 5] gives 3.0 and 4.0. A partition without rows gives nothing, and the model is not loaded for it.


# %% exercise="partition_predict"
def partition_predict(rows, load_model):
    """The predictions for one partition, one number after the other (any iterable of numbers).

    rows: an iterator over rows, each a list of k numbers; perhaps empty. load_model(): loads the
    model and returns predict, where predict(x) takes [n, k] (list or array) and returns n
    numbers as float32. Loads once and calls once; neither where there are no rows.
    """
    ### BEGIN SOLUTION
    rows = list(rows)
    if rows:
        yield from load_model()(np.array(rows, "float32")).tolist()
    ### END SOLUTION


# %% check="partition_predict"
check(partition_predict)

# %% [markdown]
# Now Spark runs your function, if it passes its check. The function gets `load_model` as its second argument. Look at
# the first line of `load_model`: it imports TensorFlow **inside** the function, so that the import happens in the worker.


# %%
def load_model():
    import tensorflow as tf

    serve = tf.saved_model.load(MODEL).signatures["serving_default"]
    return lambda x: serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()[:, 0]


if here:
    score = partial(spark.yours(partition_predict), load_model=load_model)
    rdd = session.sparkContext.parallelize(ROWS, 1)
    scored = timed("RDD, first", lambda: rdd.mapPartitions(score).collect())
    print(scored, f"after {took['RDD, first']:.1f} s")
    assert scored == [3, 4, 8, 16]

# %% [markdown] tags=["predict"]
# ## Know what can travel
#
# How does a function get from the driver to a worker? Spark **pickles** it: it turns the function, and every object that
# the function mentions, into bytes. The worker turns the bytes into a function again.
#
# **Predict:** which of these five things can travel with a function?

# %%
loaded = tf.saved_model.load(MODEL)
things = {
    "the path": MODEL,
    "weights as arrays": [weight.numpy() for weight in line.weights],
    "a Keras model": line,
    "a loaded SavedModel": loaded,
    "its signature": loaded.signatures["serving_default"],
}
for name, thing in things.items():
    try:
        print(f"{name:20} {len(cloudpickle.dumps(lambda x, thing=thing: thing)):7,} bytes")
    except Exception as error:
        print(f"{name:20} {type(error).__name__}: {error}")

# %% [markdown]
# <details><summary>Why</summary>
#
# A loaded SavedModel is a set of references to memory of this process, and another process cannot use them. So the last
# two cannot travel. A Keras model can, because Keras knows how to write a model as bytes. But these bytes contain all
# weights, so a large model costs a lot each time. A path is only a short text. It works if every worker finds the file
# under this path. On a cluster the file therefore lies in a storage that all machines share, such as HDFS or S3, or you
# send it with `session.sparkContext.addFile`.
# </details>

# %% [markdown]
# ### Your turn: a function that travels
#
# Write `make_predict_fn`. It takes a path and returns a function that Spark can ship. The worker calls this function once,
# and gets `predict`. With the model above, `predict = make_predict_fn(MODEL)()` turns [[1, 2], [3, 5]] into [3, 4].


# %% exercise="make_predict_fn"
def make_predict_fn(path: str):
    """A function without arguments, which Spark ships and calls once in a worker.

    It returns predict. predict(x): x is an array [n, k], float32 or float64; returns a NumPy
    array [n]. path: a SavedModel whose signature serving_default takes "inputs", float32, and
    gives "outputs" [n, 1]; the folder may be gone after the first batch.
    """

    ### BEGIN SOLUTION
    def make():
        import tensorflow as tf

        serve = tf.saved_model.load(path).signatures["serving_default"]
        return lambda x: serve(inputs=tf.constant(x, tf.float32))["outputs"].numpy()[:, 0]

    return make
    ### END SOLUTION


# %% check="make_predict_fn"
check(make_predict_fn)

# %% [markdown]
# ## Score a DataFrame
#
# The table that most Spark programs use now is the **DataFrame**: it has columns with names and types. A **UDF**
# (user-defined function) is a function of yours that Spark applies to columns. The rows travel between Java and Python
# in **Arrow** batches. Arrow is a format in which all values of a column lie side by side, so that a whole column is
# copied at once.
#
# `predict_batch_udf` makes a UDF from a function like the one you have just written. It cuts the rows into batches, and it
# keeps the loaded model as long as the worker lives. The next cells count the loads: each load writes the number of its
# process into a file.

# %%
LOADS = Path(tempfile.mkdtemp(), "loads.txt")


def noting_loads(make):
    def load():
        with LOADS.open("a") as file:
            file.write(f"{os.getpid()}\n")
        return make()

    return load


# %%
if here:
    from pyspark.ml.functions import predict_batch_udf
    from pyspark.sql.types import FloatType, LongType

    make = noting_loads(spark.yours(make_predict_fn)(MODEL))
    score = predict_batch_udf(
        make, return_type=FloatType(), batch_size=1000, input_tensor_shapes=[[2]]
    )
    three = session.createDataFrame(
        [([1.0, 2.0],), ([3.0, 5.0],), ([7.0, 8.0],)], "x array<float>"
    )
    three = three.coalesce(1)
    timed("3 rows, first", lambda: three.withColumn("y", score("x")).show())

# %% [markdown]
# Three details of this cell are easy to get wrong. The **schema**, the text that names the columns and their types,
# says `float`, which has 32 bits like the model's inputs, because Spark would otherwise take 64 bits. If the inputs
# stand in separate columns, write `score(array("x1", "x2"))`. And the return type must be an object, `FloatType()`, and
# not the name "float".
#
# Next we score 20,000 rows in two partitions, three times.

# %%
if here:
    numbers = session.range(20_000, numPartitions=2)
    big = numbers.selectExpr("array(cast(id % 7 as float), cast(id % 5 as float)) as x")

    def whole():
        return big.select(score("x").alias("y")).agg({"y": "sum"}).first()[0]

    for name in ("20,000 rows, first", "20,000 rows, again", "20,000 rows, once more"):
        total = timed(name, whole)
    assert total == 139_994
    print(
        f"sum {total:,.0f}; the model was loaded in the processes {LOADS.read_text().split()}"
    )

# %% [markdown]
# The list shows the processes that loaded the model. Each worker loads it once, although there are several queries.
# Below you see what each query took on this machine. The first ones took longer, because the workers had to start and
# to load.

# %%
if not here:
    print("Recorded elsewhere, on two cores:")
    took = {"start Spark": 5.2, "3 rows, first": 8.6, "20,000 rows, first": 5.5}
    took |= {"20,000 rows, again": 1.0}
plot.bars({name: round(t, 2) for name, t in took.items()}, x_label="seconds")

# %% [markdown]
# There is also the ordinary **row UDF**, which calls Python once for each row. Do not use it for a model: a call of the
# model with one row takes about as long as a call with a thousand rows.
#
# ## Stream frames
#
# `mapInPandas` is the third way. Your function gets an iterator over pandas DataFrames, called frames here, and gives
# frames back. This is freer than a UDF, because you may add several columns or drop rows. Your function is called once
# for each partition, so it loads the model once for each partition, too. (If you need one column only, a `pandas_udf` over
# an iterator of Series does the same, and you can use it in SQL.)
#
# ### Your turn: score frame by frame
#
# Write `predict_frames`. A frame with x1 = [1, 3] and x2 = [2, 5] comes out with one more column, y = [3, 4].


# %% exercise="predict_frames"
def predict_frames(frames, load_model):
    """The frames with a last column y, one by one, each before the next is taken.

    frames: an iterator over DataFrames with the columns x1, x2 and perhaps more; some may be
    empty, and there may be none. load_model(): as before, its predict takes [n, 2]. Loads once,
    when the first frame has come; leaves the frames that come in as they are.
    """
    ### BEGIN SOLUTION
    predict = None
    for frame in frames:
        predict = predict or load_model()
        yield frame.assign(y=predict(frame[["x1", "x2"]].to_numpy("float32")))
    ### END SOLUTION


# %% check="predict_frames"
check(predict_frames)

# %%
if here:
    table = session.createDataFrame(
        [(1, 1.0, 2.0), (2, 3.0, 5.0)], "id long, x1 float, x2 float"
    )
    stream = partial(spark.yours(predict_frames), load_model=load_model)
    result = table.coalesce(1).mapInPandas(stream, "id long, x1 float, x2 float, y float")
    timed("mapInPandas", lambda: result.orderBy("id").show())

# %% [markdown]
# Note the `orderBy` in the last line. A Spark table has no order of its own. When Spark moves rows between workers, they
# may arrive in any order, so sort the result when the order matters.
#
# ## Ask in SQL
#
# If you register a function under a name, everybody who writes SQL queries can use your model.

# %%
if here:
    session.udf.register("tfpredict", score)
    three.createOrReplaceTempView("points")
    session.sql("select x, tfpredict(x) as y from points where x[0] < 5").show()

# %% [markdown] tags=["predict"]
# **Predict:** this query contains the function once. How often does Spark call it for each row?

# %%
QUERY = "select * from (select x, {}(x) as y from points) where y > 3.5"


def evaluations(name):
    plan = session.sql(QUERY.format(name))._jdf.queryExecution().executedPlan().toString()
    return plan.count("ArrowEvalPython")


if here:
    session.udf.register("tfonce", score.asNondeterministic())
    print({name: evaluations(name) for name in ("tfpredict", "tfonce")})
    assert (evaluations("tfpredict"), evaluations("tfonce")) == (2, 1)

# %% [markdown]
# <details><summary>Why</summary>
#
# It calls it once for every row, to filter, and once more for each row that stays. Spark assumes that a function gives
# the same result for the same row, so it may compute it again wherever that looks useful. Here it filters as early as
# possible, so it computes y for the filter and again for the result.
#
# `asNondeterministic()` tells Spark that this assumption is wrong, so the function is computed once. There is a price:
# such a function must not stand inside a function that combines many rows, such as `sum`. First select it as a column,
# then sum the column.
# </details>

# %% [markdown]
# When a worker fails, Spark sends you the worker's error message, wrapped in a long one of its own. The cause stands in
# the last line, so read the last line first.

# %%
if here:
    try:
        wrong = session.createDataFrame([([1.0, 2.0, 3.0],)], "x array<float>")
        wrong.select(score("x")).collect()
    except Exception as error:
        print(type(error).__name__, "|", str(error).strip().splitlines()[-1][:150])

# %% [markdown]
# ## Read the signature
#
# Programs in other languages call a model by **tensor names**. A signature has short names such as `inputs`, called
# aliases, and each alias stands for the name of a tensor in the graph. These tensor names differ from model to model, so
# read them from the file.
#
# ### Your turn: names from the file
#
# Write `read_signature`. For the model above it returns `{"tags": ["serve"], "inputs": {"inputs":
# "serving_default_inputs:0"}, ...}`.


# %% exercise="read_signature"
def read_signature(path: str, key: str = "serving_default") -> dict:
    """{"tags": [...], "inputs": {alias: tensor name}, "outputs": {alias: tensor name}}.

    Reads saved_model.pb in the folder path; its first meta graph holds everything. No model is
    loaded. Raises KeyError where there is no signature of that key.
    """
    ### BEGIN SOLUTION
    from tensorflow.core.protobuf import saved_model_pb2

    file = Path(path, "saved_model.pb").read_bytes()
    meta = saved_model_pb2.SavedModel.FromString(file).meta_graphs[0]
    if key not in meta.signature_def:
        raise KeyError(key)
    found = meta.signature_def[key]
    sides = {"inputs": found.inputs, "outputs": found.outputs}
    names = {side: {a: info.name for a, info in ends.items()} for side, ends in sides.items()}
    return {"tags": list(meta.meta_info_def.tags), **names}
    ### END SOLUTION


# %% check="read_signature"
check(read_signature)

# %%
read = spark.yours(read_signature)
for key in ("serving_default", "serve"):
    print(key, read(MODEL, key))

# %% [markdown]
# `model.export` writes two signatures, `serving_default` and `serve`, and their outputs get different numbers in the
# graph. The output of `serving_default` is called `StatefulPartitionedCall_1:0` here. Older texts ask for
# `StatefulPartitionedCall:0`, which is the output of the other signature. This is why you read names from the file
# instead of copying them from a text.
#
# ## Say it in Scala
#
# Spark is written in Scala, and many teams write their jobs in Scala as well. Such a job uses TensorFlow's Java API. Then
# the model runs inside Spark's own process, the **executor**, and no Python is needed. The course contains a small
# project for this. `make spark` (or `tf30 spark`) downloads TensorFlow 2.18 for Java, and compiles the project with the
# Scala that came with PySpark.

# %%
spark.source("Models")

# %% [markdown]
# In Scala an `object` exists once in each executor. This is how the job loads the model once for each worker. The job
# below uses the model in two ways: on an RDD, and as a function in SQL.

# %%
spark.source("Score")

# %% [markdown]
# | older texts | today |
# |---|---|
# | `org.tensorflow:tensorflow:1.15.0`, which is TensorFlow 1 | `tensorflow-core-api` and `-native`, 1.1.0 |
# | `Tensor.create(array)` | `TFloat32.tensorOf(...)`, closed after use |
# | `feed`, `fetch` by tensor name | `function("serving_default").call`, by alias |
# | the driver sends the loaded model to all workers (Spark calls this a broadcast), which works in one Java process only | an `object`, which works everywhere |
#
# The command `spark-submit` runs a job in a Java process of its own.

# %%
scala = here and spark.can("scala")
if scala:
    told = timed("Scala, everything", lambda: spark.submit(MODEL, ROWS))
    print({name: told[name] for name in ("tensorflow", "scala", "loads", "rdd", "sql")})
    assert told["rdd"] == told["sql"] == answers.tolist()

# %% [markdown]
# TensorFlow for Java is version 2.18 here, so it is older than the TensorFlow that exported the model. This works as
# long as the old version knows every **operation** in the graph. The job checks this before it loads the model, and
# names the operations that it does not know. MatMul, Add, Gather, Select, comparisons, loops and variables have existed
# for years, so they are safe. Newer operations, such as `tf.io.decode_webp`, and custom operations may be missing from
# the old version.
#
# If you cannot use these Java libraries, there is still the way of yesterday: a Scala job can send its rows as JSON to a
# server.
#
# ## Predict the time of a job
#
# Three numbers decide how long a partition takes: loads, calls and rows. The partitions run in **waves**. With two cores,
# two partitions run at the same time, and they form one wave. Move the controls, and find out what makes a job slow.

# %%
explore.jobs()

# %% [markdown]
# ### Your turn: seconds of a job
#
# Write `job_seconds`. For example, take 20,000 rows in 4 partitions on 2 cores, with batches of 1,000, 5 s for a load, 2 ms
# for a call and 1 µs for a row. A partition has 5,000 rows, so it needs 5 calls: $5 + 5 \cdot 0.002 + 5000 \cdot 0.000001
# = 5.015$ s. There are $4 / 2 = 2$ waves, so the job takes 10.03 s.
#
# $$t = \left\lceil \frac{\text{partitions}}{\text{cores}} \right\rceil \cdot \left( t_{\text{load}} + \left\lceil
# \frac{n}{\text{batch}} \right\rceil t_{\text{call}} + n \, t_{\text{row}} \right), \qquad n = \left\lceil
# \frac{\text{rows}}{\text{partitions}} \right\rceil$$


# %% exercise="job_seconds"
def job_seconds(rows, partitions, cores, batch, t_load, t_call, t_row) -> float:
    """Seconds of a job in which every partition loads the model.

    rows (at least as many as partitions), partitions, cores, batch: whole numbers from 1.
    t_load, t_call, t_row: seconds for a load, a call and a row. The rows are split as evenly as
    can be; each wave starts when the one before has ended, and lasts as long as its largest
    partition; take the largest of all for every wave.
    """
    ### BEGIN SOLUTION
    n = math.ceil(rows / partitions)
    one = t_load + math.ceil(n / batch) * t_call + n * t_row
    return math.ceil(partitions / cores) * one
    ### END SOLUTION


# %% check="job_seconds"
check(job_seconds)

# %% [markdown]
# ## Know when Spark pays
#
# The next picture comes from a recorded run on two cores. Each row has eight numbers, the model has two hidden layers,
# and the workers had started before. Each way ran with one, two and four partitions, and the picture shows the fastest
# of the three. To repeat the measurement on your machine, run `tests/benchmarks/spark.py` from the course's repository.

# %%
speeds = spark.recorded("dense")
rows = sorted(speeds["Keras predict"])
curves = {way: [found.get(n, np.nan) for n in rows] for way, found in speeds.items()}
plot.curves(curves, np.log10(rows), x_label="log₁₀ rows", y_label="rows per second", log=True)

# %% [markdown]
# - On one machine Spark gains little. Every query has a fixed cost, so up to 100,000 rows `predict` of Keras is faster. With
#   a million rows Spark, which uses two cores, was a little faster.
# - An RDD pickles its rows one by one. Arrow moves whole columns, which was up to twice as fast. Calling the model row
#   by row is about ten times slower still.
# - More partitions than cores did not help here. They only added costs.
#
# So Spark pays in two cases: your table is already in Spark, or it is too large for one machine.

# %% [markdown]
# ## Move to a cluster
#
# On a cluster you keep your functions. These things change:
#
# - **The address.** `local[2]` becomes the address of the cluster. Every worker needs the same Python packages, and a path to
#   the model that it can read: HDFS, S3 or `addFile`.
# - **Memory and threads.** Each worker process holds its own TensorFlow, which takes hundreds of megabytes. Give each one a
#   single thread (`tf.config.threading`), because otherwise they compete for the cores.
# - **Partitions.** Use two to four for each core. A partition should be so large that scoring it takes much longer than
#   loading the model.
# - **Frames.** `spark.sql.execution.arrow.maxRecordsPerBatch` limits how many rows a frame has.
# - **Repeated work.** When a machine fails, Spark runs its partitions again on another machine. So a scoring function must not
#   do anything that may happen only once, such as sending an e-mail.
# - **Java libraries.** They travel with the option `--jars`.

# %% [markdown]
# ## A stretch: any algorithm
#
# A SavedModel does not have to be a neural network. Everything that you can write with TensorFlow's operations can be
# exported, served and scored. Take a **decision tree**: at each node it compares one input with a number, and goes left or
# right, until it reaches a leaf with the answer.
#
# Write `export_tree`, which saves a decision tree of scikit-learn as a SavedModel. For the iris data and depth 3, all 150
# classes must be the same as those of scikit-learn.


# %% exercise="export_tree"
def export_tree(sk_tree, path: str) -> None:
    """Writes the fitted DecisionTreeClassifier as a SavedModel to path.

    Its signature serving_default takes inputs, float32 [n, k], any n, and gives probabilities,
    float [n, classes], and classes [n], labels out of sk_tree.classes_ (numbers).
    """

    ### BEGIN SOLUTION
    def walk(inputs):
        node = tf.zeros_like(inputs[:, 0], tf.int64)
        for _ in range(tree.max_depth):
            value = tf.gather(inputs, tf.gather(feature, node), axis=1, batch_dims=1)
            below = value <= tf.gather(tree.threshold.astype("float32"), node)
            node = tf.where(below, tf.gather(left, node), tf.gather(right, node))
        p = tf.gather(tree.value[:, 0], node)
        return {"probabilities": p, "classes": tf.gather(sk_tree.classes_, tf.argmax(p, 1))}

    tree, model = sk_tree.tree_, tf.Module()
    feature, ends = np.maximum(tree.feature, 0), (tree.children_left, tree.children_right)
    left, right = (np.where(end < 0, np.arange(len(end)), end) for end in ends)
    spec = tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")
    model.walk = tf.function(walk, input_signature=[spec])
    tf.saved_model.save(model, path, signatures=model.walk)
    ### END SOLUTION


# %% check="export_tree"
check(export_tree)

# %%
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier

iris = load_iris()
tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(iris.data, iris.target)
TREES = serving.folder()
spark.yours(export_tree)(tree, f"{TREES}/1")
with serving.start([serving.Model("tree", TREES)]) as server:
    asked = {"instances": iris.data.tolist()}
    reply = serving.ask(f"{server.url}/v1/models/tree:predict", asked)
served = [one["classes"] for one in reply.json["predictions"]]
print("served as scikit-learn says:", served == tree.predict(iris.data).tolist())
assert served == tree.predict(iris.data).tolist()

# %% [markdown]
# The same folder works on Spark. (With Scala, `spark.submit(f"{TREES}/1", iris.data, output="classes")` does it.)


# %%
def load_tree():
    import tensorflow as tf

    serve = tf.saved_model.load(f"{TREES}/1").signatures["serving_default"]
    return lambda x: serve(inputs=tf.constant(x, tf.float32))["classes"].numpy()


if here:
    score = predict_batch_udf(
        load_tree, return_type=LongType(), batch_size=50, input_tensor_shapes=[[4]]
    )
    flowers = session.createDataFrame([(row,) for row in iris.data.tolist()], "x array<float>")
    flowers = flowers.coalesce(1)
    found = [row.y for row in flowers.select(score("x").alias("y")).collect()]
    print(f"Spark: accuracy {np.mean(found == iris.target):.4f}")
    assert found == served
spark.stop()

# %% [markdown]
# ## Recap
#
# - You can **score** a table with `mapPartitions`, `predict_batch_udf` and `mapInPandas`, in SQL and in Scala.
# - You can **ship** a path and a function to the workers. Each worker loads the model itself, once.
# - You can **predict** how long a job takes from its loads, calls, rows and waves.
#
# A common mistake is to use a loaded model inside the function that Spark ships. The error message then says "Cannot
# pickle". The fix is to ship the path, and to load the model inside the function.
#
# This was the thirtieth day. You started with a table of passengers and a small network. Since then you have taken tensors
# apart, built models and trained them on different devices, and now you have put them to work. Choose a problem of your
# own, and use what you have learned.
