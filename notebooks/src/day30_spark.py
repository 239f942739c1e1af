# %% [markdown]
# Yesterday a model waited for requests. Today a table waits for a model: a billion rows, on many machines. After today you can
#
# - **score** a table with a SavedModel on Spark, in Python, in SQL and in Scala,
# - **ship** to the workers what can travel, and load the rest there, once,
# - **predict** what a job will cost before you start it.

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
# Spark cuts a table into **partitions** and hands each to a **worker**, a process on some machine. The work is the same in
# all three lanes below. What differs is how often the model is loaded.


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
# Scoring is cheap, and starting is dear: a worker must import TensorFlow (some seconds) and load the model. So today's rule is
# two-fold: **load once, call in batches**.
#
# ## Test on the driver first
#
# The **driver** is the process that asks: this notebook. A model that fails here will fail there, with a longer message. The
# model is yesterday's, with the weights (2, −1) and the bias 3.

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
# PySpark is a Python package that drives a Java program, so it needs Java 17. `local[2]` means: two workers on this machine,
# no cluster. What Spark logs goes to a file, not below the cell. A process has one session: `spark.stop()` comes before another.
#
# Without Java the cell says so in one sentence. Then the Spark cells stay empty, and everything else runs, all exercises
# too.

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
# An **RDD** is Spark's oldest table: any objects, in partitions. `mapPartitions` calls your function once for each
# partition, with an iterator over its rows.
#
# **Predict:** four rows in six partitions. How many partitions are empty, and how many calls are there?


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
# Six calls, two of them with nothing. Filters and joins leave many empty partitions behind, and each costs a load of the
# model unless your function looks first. Nothing ran before `collect`: an RDD is **lazy**.
# </details>

# %% [markdown]
# ### Your turn: score one partition
#
# Write `partition_predict`, the body of `mapPartitions`. With the model above, the rows [1, 2] and [3, 5] give 3.0 and 4.0;
# no rows give nothing, and load nothing.


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
# Now on Spark, with your function if it passes. What it gets as `load_model` imports TensorFlow **inside**: that line runs in
# the worker.


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
# A function goes to the workers pickled, with everything that it mentions. **Predict:** which of these five can be shipped?

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
# A loaded SavedModel is a set of handles into this process. Keras models know how to write themselves down, which costs more
# with every weight. A path costs nothing, if every worker finds a file there: on a cluster that means HDFS, S3 or
# `session.sparkContext.addFile`.
# </details>

# %% [markdown]
# ### Your turn: a function that travels
#
# Write `make_predict_fn`. With the model above, `predict = make_predict_fn(MODEL)()` turns [[1, 2], [3, 5]] into [3, 4].


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
# A **DataFrame** has named columns with types, and travels between Java and Python in **Arrow** batches. `predict_batch_udf`
# takes a factory like yours, cuts the rows into batches, and keeps what the factory made for as long as the worker lives.

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
# The schema says `float`, 32 bits: Spark's own decimals are doubles. Plain columns go in as `score(array("x1", "x2"))`, and
# the return type must be an object, not its name. Now 20,000 rows, in two partitions, three times.

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
# One load for each worker, however many queries. Look at what a query costs on this machine, and what only the first one
# costs:

# %%
if not here:
    print("Recorded elsewhere, on two cores:")
    took = {"start Spark": 5.2, "3 rows, first": 8.6, "20,000 rows, first": 5.5}
    took |= {"20,000 rows, again": 1.0}
plot.bars({name: round(t, 2) for name, t in took.items()}, x_label="seconds")

# %% [markdown]
# An ordinary **row UDF** calls Python once for each row, and a call of the model with one row costs about as much as with a
# thousand. Keep it for what is no model.
#
# ## Stream frames
#
# `mapInPandas` gives you an iterator over pandas frames, and takes one back: freer than a UDF, for you may add columns or
# drop rows. It is called once for each partition, so it loads there; what you keep lives until the partition ends. (A `pandas_udf` over
# an iterator of Series is the same for one column, and can be registered for SQL.)
#
# ### Your turn: score frame by frame
#
# Write `predict_frames`. A frame with x1 = [1, 3] and x2 = [2, 5] leaves with one more column, y = [3, 4].


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
# Note the `orderBy`: a table has no order of its own, and after a shuffle its rows come as they come.
#
# ## Ask in SQL
#
# Registered under a name, the function belongs to everybody who writes SQL.

# %%
if here:
    session.udf.register("tfpredict", score)
    three.createOrReplaceTempView("points")
    session.sql("select x, tfpredict(x) as y from points where x[0] < 5").show()

# %% [markdown] tags=["predict"]
# **Predict:** this query names the function once. How often will Spark call it for each row?

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
# Spark trusts that a function gives the same result for the same row, and moves the filter below the projection: one
# evaluation to filter, one to show. `asNondeterministic()` forbids that, and halves the bill. In return, such a function may not
# stand inside an aggregate: first select it as a column, then sum the column.
# </details>

# %% [markdown]
# When a worker fails, Spark sends its words along. Read the last line first.

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
# Outside Python, a model is called by **tensor names**. An alias such as `inputs` stands for the name of a tensor in the graph, and
# exports differ in these.
#
# ### Your turn: names from the file
#
# Write `read_signature`. For the model above it gives `{"tags": ["serve"], "inputs": {"inputs": "serving_default_inputs:0"}, ...}`.


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
# `model.export` writes two endpoints, so serving_default is `StatefulPartitionedCall_1:0` here. Older texts fetch
# `StatefulPartitionedCall:0`: the other one.
#
# ## Say it in Scala
#
# Spark is written in Scala, and so are the jobs of many teams. TensorFlow's Java API runs the model inside the executor, with no Python at
# all. A small Maven project comes with the course; `make spark` (or `tf30 spark`) fetches TensorFlow 2.18 for Java
# and compiles with the Scala that PySpark brought.

# %%
spark.source("Models")

# %% [markdown]
# A Scala `object` exists once in each executor: that is the load once per worker. The job uses it as an RDD and as a
# registered function:

# %%
spark.source("Score")

# %% [markdown]
# | older texts | today |
# |---|---|
# | `org.tensorflow:tensorflow:1.15.0` | `tensorflow-core-api` and `-native`, 1.1.0; the old one is TensorFlow 1 |
# | `Tensor.create(array)` | `TFloat32.tensorOf(...)`, closed after use |
# | `feed`, `fetch` by tensor name | `function("serving_default").call`, by alias |
# | broadcast of the loaded bundle | works in one JVM only; an `object` works everywhere |
#
# `spark-submit` runs the job in a JVM of its own.

# %%
scala = here and spark.can("scala")
if scala:
    told = timed("Scala, everything", lambda: spark.submit(MODEL, ROWS))
    print({name: told[name] for name in ("tensorflow", "scala", "loads", "rdd", "sql")})
    assert told["rdd"] == told["sql"] == answers.tolist()

# %% [markdown]
# The runtime (2.18) is older than what exported the model. That works while it knows every **operation** in the graph, so
# the job looks before it loads, and names what it does not know. Safe are MatMul and Add, Gather, Select, comparisons,
# loops, variables: years old. Unsafe are what came later (`tf.io.decode_webp`) and custom operations.
#
# Without jars there is always yesterday's way: a Scala job can ask a server over REST, and its rows travel as JSON.
#
# ## Predict the bill
#
# Load, calls, rows: three numbers per partition, and partitions run in **waves** of as many as there are cores.

# %%
explore.jobs()

# %% [markdown]
# ### Your turn: seconds of a job
#
# Write `job_seconds`. 20,000 rows in 4 partitions on 2 cores, batches of 1,000, 5 s to load, 2 ms a call, 1 µs a row: 10.03
# s.


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
# ## Know when it pays
#
# A recorded run: two cores, workers warm, eight numbers per row, two hidden layers; of one, two and four partitions the
# best. `tests/benchmarks/spark.py` in the course's repository repeats it on your machine.

# %%
speeds = spark.recorded("dense")
rows = sorted(speeds["Keras predict"])
curves = {way: [found.get(n, np.nan) for n in rows] for way, found in speeds.items()}
plot.curves(curves, np.log10(rows), x_label="log₁₀ rows", y_label="rows per second", log=True)

# %% [markdown]
# - On one machine there is little to win. Up to 100,000 rows `predict` is faster, for each query has a fixed price; at a
#   million Spark's two cores are a little ahead.
# - An RDD pickles row by row; Arrow moves columns, up to twice as fast. Calling the model a row at a time is slower
#   still, about ten times.
# - More partitions than cores only cost, here.
#
# So Spark pays where the table lives there already, or fits on no machine.

# %% [markdown]
# ## Move to a cluster
#
# The functions stay. This changes:
#
# - `local[2]` becomes the cluster's address. Every worker needs the same Python packages, and a path to the model that it can
#   read: HDFS, S3, or `addFile`.
# - Each worker process holds its own TensorFlow, hundreds of megabytes. Give each one thread (`tf.config.threading`), or they fight for the
#   cores.
# - Partitions: two to four for each core, each worth many times its load.
# - `spark.sql.execution.arrow.maxRecordsPerBatch` bounds a frame. Machines die and tasks run again: scoring must have no side
#   effects. Jars travel with `--jars`.

# %% [markdown]
# ## A stretch: any algorithm
#
# A SavedModel need not be a network. What you can say with operations can be exported, served, and scored: here a decision
# tree of scikit-learn. Write `export_tree`; for iris and depth 3, all 150 classes are scikit-learn's own.


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
# The same folder, on Spark. `spark.submit(f"{TREES}/1", iris.data, output="classes")` asks Scala.


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
# - You **score** a table with `mapPartitions`, `predict_batch_udf`, `mapInPandas`, SQL, and in Scala.
# - You **ship** a path and code; the model is loaded in the worker, once.
# - You **predict** a job's time from loads, calls, rows and waves.
#
# A mistake seen and mended: a model in the closure. "Cannot pickle" means: load it inside.
#
# That was the thirtieth day. You began with a table of passengers and a network of three layers, took tensors apart, put models
# together, trained them on what devices there were, and now you put them to work. Take a problem of your own, and go.
