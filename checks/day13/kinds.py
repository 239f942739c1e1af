"""The functions that `is_frozen` is asked about, as they are shown; the drivers make them."""

from __future__ import annotations

FROZEN = {
    "NumPy draws": "return tf.constant(np.random.normal())",
    "Python draws": "return tf.constant(random.random())",
    "Python's clock": "return tf.constant(time.time())",
    "a draw that nobody needs": "tf.random.normal([]); return tf.constant(2.0)",
    "a draw with a fixed seed": "return tf.random.stateless_normal([], seed=(1, 2))",
    "a sum of constants": "return tf.constant(1.0) + 2.0",
    "a branch of constants": "return tf.cond(tf.constant(1) > 0, lambda: 1.0, lambda: 0.0)",
    "an inner function of constants": "return tf.function(lambda: tf.constant(3.0))()",
    "a line of tf.print": 'tf.print(""); return tf.constant(1.0)',
}
LIVE = {
    "TensorFlow draws": "return tf.random.normal([])",
    "a Variable": "return v + 1.0  # v is a tf.Variable",
    "TensorFlow's clock": "return tf.timestamp()",
    "a Python function in the graph": "return tf.py_function(lambda: 1.0, [], tf.float32)",
    "a branch that draws": "return tf.cond(tf.constant(1) > 0, lambda: tf.random.normal([]), lambda: 0.0)",
    "an inner function that draws": "return tf.function(lambda: tf.random.normal([]))()",
    "a draw, far back": "return tf.exp(tf.tanh(2.0 * tf.random.uniform([]) + 1.0))",
    "a generator's draw": "return generator.normal([])  # generator is a tf.random.Generator",
    "a shuffled list": "return tf.random.shuffle([1, 2, 3])",
}
