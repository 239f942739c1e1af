"""Code of TensorFlow 1, of Keras 2 and of other libraries that stops with an error: what to write today.

`OLD` is the table. Each entry is recognised by its error, since the learner's line may say anything. The tests run both
lines of each entry: the old one must fail and be recognised, today's must work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ERAS = {"tf1": "TensorFlow 1", "keras2": "Keras 2", "numpy": "NumPy", "torch": "PyTorch", "jax": "JAX"}


@dataclass(frozen=True)
class Old:
    """One way to write something that TensorFlow and Keras do not know, or no longer know.

    Attributes:
        era: a key of `ERAS`: where the code is at home.
        error: a regular expression for the exception's "Type: message".
        old: a line that fails so.
        today: the line that does the same now.
        why: what has changed, in one sentence, or "".
    """

    era: str
    error: str
    old: str
    today: str
    why: str = ""


def explain(kind: str, message: str) -> str:
    """What to write today, in one or two sentences; "" where the error is not that of old code.

    Args:
        kind: the exception's type, such as "AttributeError".
        message: the exception's own message.
    """
    text = f"{kind}: {message}"
    found = next((one for one in OLD if re.search(one.error, text)), None)
    if found is None:
        return ""
    return f"This line is code for {ERAS[found.era]}. {found.why + ' ' if found.why else ''}Today: {found.today}"


def _module(*names: str) -> str:
    """The error where a module of TensorFlow or Keras has none of the names."""
    return rf"^AttributeError: module '(tensorflow|keras)[\w.]*' has no attribute '({'|'.join(names)})'"


def _tensor(*names: str) -> str:
    return rf"^AttributeError: '?[\w.]*Tensor'? object has no attribute '({'|'.join(names)})'"


def _object(owner: str, *names: str) -> str:
    return rf"^AttributeError: '({owner})' object has no attribute '({'|'.join(names)})'"


def _no_module(name: str) -> str:
    return rf"^(ModuleNotFoundError: No module named '{name}'|ImportError: cannot import name '{name}')"


def _keyword(*names: str) -> str:
    """The error where a function or class takes none of the arguments."""
    return (
        rf"(unexpected keyword argument '({'|'.join(names)})'|"
        rf"(not recognized|[Uu]nrecognized keyword arguments passed)[^{{]*{{'({'|'.join(names)})')"
    )


_MODEL = "Sequential|Functional|Model"
_OPTIMIZERS = "Adam|SGD|RMSprop|Adagrad|AdamW|Nadam"

OLD: tuple[Old, ...] = (
    # --- TensorFlow 1: a graph is built first, and run in a session
    Old(
        "tf1",
        _module("placeholder", "placeholder_with_default", "sparse_placeholder"),
        "tf.placeholder(tf.float32, [None, 3])",
        "keras.Input(shape=(3,))",
        "A function takes its input as an argument, and only a Keras model declares it.",
    ),
    Old(
        "tf1",
        _module("Session", "InteractiveSession", "ConfigProto", "GPUOptions"),
        "tf.Session()",
        "(tf.constant(2) + 3).numpy()",
        "There are no sessions: each operation runs at once, and .numpy() gives its value.",
    ),
    Old(
        "tf1",
        _module("global_variables_initializer", "initialize_all_variables", "local_variables_initializer"),
        "tf.global_variables_initializer()",
        "v = tf.Variable(1.0)",
        "A variable has its first value from the moment it is made.",
    ),
    Old(
        "tf1",
        _module("get_variable"),
        'tf.get_variable("w", [2, 3])',
        'tf.Variable(tf.zeros([2, 3]), name="w")',
        "Variables are Python objects; keep the object to share it.",
    ),
    Old(
        "tf1",
        _module("variable_scope", "AUTO_REUSE", "get_variable_scope"),
        'tf.variable_scope("dense")',
        'keras.layers.Dense(4, name="dense")',
        "A layer keeps its own variables, and is shared by calling the same object twice.",
    ),
    Old(
        "tf1",
        _module("get_default_graph", "reset_default_graph", "global_variables", "trainable_variables", "get_collection"),
        "tf.trainable_variables()",
        "model.trainable_variables",
        "There is no graph that collects things behind your back: ask the object that owns them.",
    ),
    Old("tf1", _module("assign"), "tf.assign(v, 2.0)", "v.assign(2.0)"),
    Old("tf1", _module("assign_add", "assign_sub"), "tf.assign_add(v, 1.0)", "v.assign_add(1.0)"),
    Old(
        "tf1",
        r"^NotImplementedError: eval is not supported when eager execution is enabled",
        "x.eval()",
        "x.numpy()",
        "A tensor has its value already.",
    ),
    Old(
        "tf1",
        r"^RuntimeError: tf\.gradients is not supported when eager execution is enabled",
        "tf.gradients(x, x)",
        "with tf.GradientTape() as tape: y = v * v\ntape.gradient(y, v)",
        "A tape records what runs, and is asked afterwards.",
    ),
    Old(
        "tf1",
        _module("enable_eager_execution"),
        "tf.enable_eager_execution()",
        "tf.executing_eagerly()",
        "It is always on: leave the line out.",
    ),
    Old(
        "tf1",
        _module("layers"),
        "tf.layers.dense(x, 4)",
        "keras.layers.Dense(4)(x)",
        "Make the layer, then call it.",
    ),
    Old(
        "tf1",
        _module("contrib"),
        "tf.contrib.layers.xavier_initializer()",
        "keras.initializers.GlorotUniform()",
        "tf.contrib is gone; its parts are in keras, in TensorFlow proper, or in packages of their own.",
    ),
    Old(
        "tf1",
        _module("app", "flags"),
        "tf.app.flags.FLAGS",
        'import argparse\nargparse.ArgumentParser().parse_args([])',
        "Arguments of a program are Python's own business.",
    ),
    Old("tf1", _module("logging"), "tf.logging.set_verbosity(40)", 'tf.get_logger().setLevel("ERROR")'),
    Old(
        "tf1",
        _module("(Adam|GradientDescent|RMSProp|Adagrad|Momentum|Adadelta|Ftrl)Optimizer"),
        "tf.train.AdamOptimizer(0.001)",
        "keras.optimizers.Adam(0.001)",
    ),
    Old(
        "tf1",
        _module("Saver"),
        "tf.train.Saver()",
        "tf.train.Checkpoint(v=v)",
        "For a Keras model, model.save does it.",
    ),
    Old(
        "tf1",
        _module("start_queue_runners", "batch", "shuffle_batch", "slice_input_producer", "string_input_producer"),
        "tf.train.batch([x], 2)",
        "tf.data.Dataset.from_tensor_slices(rows).batch(2)",
        "tf.data has taken the place of queues.",
    ),
    Old(
        "tf1",
        _module("softmax_cross_entropy", "sparse_softmax_cross_entropy"),
        "tf.losses.softmax_cross_entropy(labels, logits)",
        "keras.losses.CategoricalCrossentropy(from_logits=True)(labels, logits)",
    ),
    Old(
        "tf1",
        _module("softmax_cross_entropy_with_logits_v2"),
        "tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)",
        "tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)",
    ),
    Old("tf1", _module("random_normal", "truncated_normal"), "tf.random_normal([2, 3])", "tf.random.normal([2, 3])"),
    Old("tf1", _module("random_uniform"), "tf.random_uniform([2, 3])", "tf.random.uniform([2, 3])"),
    Old("tf1", _module("set_random_seed"), "tf.set_random_seed(30)", "tf.random.set_seed(30)"),
    Old(
        "tf1",
        _module("to_float", "to_int32", "to_int64", "to_double"),
        "tf.to_float(x)",
        "tf.cast(x, tf.float32)",
    ),
    Old("tf1", _module("log", "log1p"), "tf.log(x)", "tf.math.log(x)"),
    Old("tf1", _module("is_nan", "is_inf", "is_finite"), "tf.is_nan(x)", "tf.math.is_nan(x)"),
    Old("tf1", _module("mul", "sub", "neg"), "tf.mul(x, x)", "tf.multiply(x, x)", "Or simply x * x."),
    Old("tf1", _module("div", "floordiv"), "tf.div(x, 2.0)", "tf.divide(x, 2.0)", "Or simply x / 2."),
    Old("tf1", _module("pack"), "tf.pack([x, x])", "tf.stack([x, x])"),
    Old("tf1", _module("unpack"), "tf.unpack(x)", "tf.unstack(x)"),
    Old("tf1", _module("diag", "matrix_diag"), "tf.diag(row)", "tf.linalg.diag(row)"),
    Old(
        "tf1",
        _module("matrix_inverse", "matrix_determinant", "cholesky", "svd"),
        "tf.matrix_inverse(square)",
        "tf.linalg.inv(square)",
        "Linear algebra is in tf.linalg.",
    ),
    Old("tf1", _keyword("keep_dims"), "tf.reduce_sum(x, keep_dims=True)", "tf.reduce_sum(x, keepdims=True)"),
    Old("tf1", _keyword("reduction_indices"), "tf.reduce_sum(x, reduction_indices=0)", "tf.reduce_sum(x, axis=0)"),
    Old("tf1", _keyword("dimension"), "tf.argmax(x, dimension=1)", "tf.argmax(x, axis=1)"),
    Old(
        "tf1",
        _keyword("keep_prob"),
        "tf.nn.dropout(x, keep_prob=0.8)",
        "tf.nn.dropout(x, rate=0.2)",
        "The rate says what is dropped, not what is kept.",
    ),
    Old(
        "tf1",
        _module("dynamic_rnn", "rnn_cell", "static_rnn", "bidirectional_dynamic_rnn"),
        "tf.nn.rnn_cell.LSTMCell(4)",
        "keras.layers.LSTM(4)",
    ),
    Old("tf1", _module("resize_images", "resize_bilinear"), "tf.image.resize_images(photo, [2, 2])", "tf.image.resize(photo, [2, 2])"),
    Old("tf1", _module("gfile"), 'tf.gfile.Exists("x")', 'tf.io.gfile.exists("x")'),
    Old("tf1", _module("read_file"), 'tf.read_file(__file__)', 'tf.io.read_file(__file__)'),
    Old("tf1", _module("python_io"), 'tf.python_io.TFRecordWriter("x")', 'tf.io.TFRecordWriter("x")'),
    Old(
        "tf1",
        _module("parse_single_example", "parse_example", "FixedLenFeature", "VarLenFeature"),
        "tf.FixedLenFeature([], tf.int64)",
        "tf.io.FixedLenFeature([], tf.int64)",
        "What reads and writes files is in tf.io.",
    ),
    Old(
        "tf1",
        _object(r"\w*Dataset", "make_one_shot_iterator", "make_initializable_iterator"),
        "dataset.make_one_shot_iterator()",
        "next(iter(dataset))",
        "A dataset is looped over like any list.",
    ),
    Old(
        "tf1",
        _object(r"\w*Dataset", "output_shapes", "output_types", "output_classes"),
        "dataset.output_shapes",
        "dataset.element_spec",
    ),
    Old(
        "tf1",
        _module("FileWriter", "merge_all", "merge"),
        'tf.summary.FileWriter("logs")',
        'tf.summary.create_file_writer("logs")',
    ),
    Old(
        "tf1",
        _module("simple_save", "builder"),
        'tf.saved_model.simple_save(None, "saved", {}, {})',
        'model.export("saved")',
    ),
    Old("tf1", _module("Print"), "tf.Print(x, [x])", "tf.print(x)"),
    Old("tf1", _module("py_func"), "tf.py_func(np.sin, [x], tf.float32)", "tf.numpy_function(np.sin, [x], tf.float32)"),
    Old("tf1", _module("sparse_tensor_to_dense"), "tf.sparse_tensor_to_dense(thin)", "tf.sparse.to_dense(thin)"),
    Old("tf1", _module("string_split"), 'tf.string_split(["a b"])', 'tf.strings.split(["a b"])'),
    Old(
        "tf1",
        _module("estimator"),
        "tf.estimator.DNNClassifier",
        "keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])",
        "Estimators are gone; a Keras model with compile and fit does their work.",
    ),
    # --- Keras 2
    Old(
        "keras2",
        _keyword("lr"),
        "keras.optimizers.Adam(lr=0.01)",
        "keras.optimizers.Adam(learning_rate=0.01)",
    ),
    Old(
        "keras2",
        _keyword("decay"),
        "keras.optimizers.SGD(0.1, decay=0.01)",
        "keras.optimizers.SGD(keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 0.01))",
        "A schedule says how the learning rate falls.",
    ),
    Old("keras2", _object(_OPTIMIZERS, "lr"), "model.optimizer.lr", "model.optimizer.learning_rate"),
    Old("keras2", _object(_MODEL, "fit_generator"), "model.fit_generator(dataset)", "model.fit(labelled, verbose=0)"),
    Old(
        "keras2",
        _object(_MODEL, "evaluate_generator", "predict_generator"),
        "model.predict_generator(dataset)",
        "model.predict(dataset, verbose=0)",
    ),
    Old(
        "keras2",
        _object(_MODEL, "predict_classes"),
        "model.predict_classes(rows)",
        "model.predict(rows, verbose=0).argmax(axis=-1)",
    ),
    Old("keras2", _object(_MODEL, "predict_proba"), "model.predict_proba(rows)", "model.predict(rows, verbose=0)"),
    Old(
        "keras2",
        r"^ValueError: Invalid filepath extension for saving",
        'model.save("my_model")',
        'model.save("my_model.keras")',
        "A model is saved in one file whose name ends in .keras; model.export writes a SavedModel for serving.",
    ),
    Old(
        "keras2",
        r"^ValueError: The filename must end in `\.weights\.h5`",
        'model.save_weights("w.h5")',
        'model.save_weights("w.weights.h5")',
    ),
    Old(
        "keras2",
        r"^ValueError: File format not supported",
        'keras.models.load_model("exported")',
        'keras.layers.TFSMLayer("exported", call_endpoint="serve")',
        "Keras 3 loads .keras files; a SavedModel is used as a layer.",
    ),
    Old(
        "keras2",
        r"^ValueError: The filepath provided must end in `\.keras`",
        'keras.callbacks.ModelCheckpoint("best")',
        'keras.callbacks.ModelCheckpoint("best.keras")',
    ),
    Old(
        "keras2",
        _keyword("period"),
        'keras.callbacks.ModelCheckpoint("best.keras", period=2)',
        'keras.callbacks.ModelCheckpoint("best.keras", save_freq="epoch")',
    ),
    Old(
        "keras2",
        r"^KeyError: '(val_)?acc'",
        'history.history["acc"]',
        'history.history["accuracy"]',
        "The key is the metric's full name.",
    ),
    Old(
        "keras2",
        _object(r"\w+", "input_shape", "output_shape"),
        "layer.input_shape",
        "layer.input.shape",
        "Or model.input_shape: a model has it still.",
    ),
    Old("keras2", _object(r"\w+", "get_output_at", "get_input_at"), "layer.get_output_at(0)", "layer.output"),
    Old(
        "keras2",
        _module("mean", "sum", "square", "sqrt", "abs", "exp", "log", "clip", "dot", "maximum", "equal", "flatten"),
        "keras.backend.mean(x)",
        "keras.ops.mean(x)",
        "The functions of keras.backend are in keras.ops.",
    ),
    Old(
        "keras2",
        _module("get_session", "set_session", "placeholder", "function"),
        "keras.backend.get_session()",
        "model(rows)",
        "There are no sessions: call the model.",
    ),
    Old(
        "keras2",
        r"A KerasTensor cannot be used as input to a TensorFlow function",
        "tf.reduce_sum(keras.Input((3,)))",
        "keras.ops.sum(keras.Input((3,)))",
        "A model that is being put together is computed with keras.ops, or with a layer of your own.",
    ),
    Old("keras2", _keyword("nb_epoch"), "model.fit(rows, nb_epoch=2)", "model.fit(labelled, epochs=2, verbose=0)"),
    Old(
        "keras2",
        _keyword("workers", "use_multiprocessing", "max_queue_size"),
        "model.fit(labelled, workers=2)",
        "model.fit(labelled, verbose=0)",
        "A keras.utils.PyDataset has these arguments, and a tf.data.Dataset needs none.",
    ),
    Old("keras2", _keyword("output_dim", "init"), 'keras.layers.Dense(4, init="normal")', 'keras.layers.Dense(4, kernel_initializer="random_normal")'),
    Old("keras2", _keyword("border_mode", "subsample"), 'keras.layers.Conv2D(4, 3, border_mode="same")', 'keras.layers.Conv2D(4, 3, padding="same")'),
    Old("keras2", _no_module(r"np_utils"), "from keras.utils import np_utils", "from keras.utils import to_categorical"),
    Old(
        "keras2",
        _no_module(r"keras\.layers\.(core|convolutional|normalization|recurrent|embeddings|pooling|merge|advanced_activations)(\.\w+)*"),
        "from keras.layers.normalization import BatchNormalization",
        "from keras.layers import BatchNormalization",
        "All layers are in keras.layers.",
    ),
    Old("keras2", _no_module(r"CuDNN(LSTM|GRU)"), "from keras.layers import CuDNNLSTM", "from keras.layers import LSTM", "It uses the GPU's own kernels by itself."),
    Old("keras2", _no_module("(adam|sgd|rmsprop|adagrad)"), "from keras.optimizers import adam", "from keras.optimizers import Adam"),
    Old(
        "keras2",
        _no_module(r"keras\.wrappers\.scikit_learn"),
        "from keras.wrappers.scikit_learn import KerasClassifier",
        "from keras.wrappers import SKLearnClassifier",
    ),
    Old(
        "keras2",
        rf"{_no_module(r'keras.preprocessing.text')}|{_module('text')}|{_no_module('Tokenizer')}",
        "from keras.preprocessing.text import Tokenizer",
        "keras.layers.TextVectorization()",
        "Turning text into numbers is a layer, which is saved with the model.",
    ),
    Old(
        "keras2",
        rf"{_no_module('ImageDataGenerator')}|{_module('ImageDataGenerator')}",
        "from keras.preprocessing.image import ImageDataGenerator",
        "keras.layers.RandomFlip()",
        "Files are read with keras.utils.image_dataset_from_directory, and layers change the pictures.",
    ),
    Old(
        "keras2",
        _module("experimental"),
        "keras.layers.experimental.preprocessing.Rescaling(1 / 255)",
        "keras.layers.Rescaling(1 / 255)",
    ),
    Old(
        "keras2",
        _module("multi_gpu_model"),
        "keras.utils.multi_gpu_model(model, 2)",
        "tf.distribute.MirroredStrategy",
        "A strategy's scope is opened around the lines that make the model.",
    ),
    # --- NumPy, PyTorch, JAX
    Old(
        "numpy",
        r"^TypeError: '?[\w.]*Tensor'? object does not support item assignment",
        "x[0, 0] = 1.0",
        "tf.tensor_scatter_nd_update(x, [[0, 0]], [1.0])",
        "A tensor cannot be changed; this gives a new one. A tf.Variable can be changed with assign.",
    ),
    Old("numpy", _tensor("reshape", "ravel", "flatten"), "x.reshape(6)", "tf.reshape(x, [6])"),
    Old("numpy", _tensor("T", "transpose", "permute"), "x.T", "tf.transpose(x)"),
    Old("numpy", _tensor("astype"), "x.astype(float)", "tf.cast(x, tf.float64)"),
    Old(
        "numpy",
        _tensor("mean", "sum", "max", "min", "std", "prod"),
        "x.mean(0)",
        "tf.reduce_mean(x, axis=0)",
        "Also tf.reduce_sum, tf.reduce_max and so on.",
    ),
    Old("numpy", _tensor("size"), "x.size", "tf.size(x)"),
    Old("numpy", _tensor("tolist"), "x.tolist()", "x.numpy().tolist()"),
    Old("torch", _tensor("view"), "x.view(-1)", "tf.reshape(x, [-1])"),
    Old("torch", _tensor("unsqueeze"), "x.unsqueeze(0)", "tf.expand_dims(x, 0)"),
    Old("torch", _tensor("squeeze"), "x.squeeze()", "tf.squeeze(x)"),
    Old("torch", _tensor("detach", "cpu", "cuda", "to"), "x.detach()", "x.numpy()", "TensorFlow moves tensors itself."),
    Old("torch", _tensor("item"), "x[0, 0].item()", "float(x[0, 0])"),
    Old(
        "torch",
        _tensor("backward", "requires_grad_"),
        "x.backward()",
        "with tf.GradientTape() as tape: y = v * v\ntape.gradient(y, v)",
        "The tape records the forward pass and gives the gradients.",
    ),
    Old("torch", _object(_MODEL, "parameters"), "model.parameters()", "model.trainable_variables"),
    Old(
        "torch",
        _object(_MODEL, "eval", "train"),
        "model.eval()",
        "model(rows, training=False)",
        "Each call says whether it trains.",
    ),
    Old("torch", _object(_MODEL, "state_dict", "load_state_dict"), "model.state_dict()", "model.get_weights()"),
    Old("torch", _object(_OPTIMIZERS, "zero_grad", "step"), "model.optimizer.step()", "model.optimizer.apply_gradients", "It takes pairs of a gradient and a variable; gradients do not add up between steps."),
    Old("jax", _tensor("at"), "x.at[0, 0].set(1.0)", "tf.tensor_scatter_nd_update(x, [[0, 0]], [1.0])"),
)
"""The first entry whose error fits is the one that is told."""
