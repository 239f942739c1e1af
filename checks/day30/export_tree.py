"""Day 30, the exercise `export_tree`: its hints, cases, spec, mistakes and right answers."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from checks.engine.exercise import Exercise, Lazy, Returns

tf = Lazy("tensorflow")

export_tree = Exercise(
    "export_tree",
    day=30,
    limit=12.0,
    stretch=True,
    hints=(
        "Let all rows walk together: node is a vector, one number for each row, and every step goes one level down.",
        "sk_tree.tree_ has max_depth, and feature, threshold, children_left, children_right and value as arrays. "
        "At a leaf children_left is -1: make a leaf its own child, and steps too many do no harm.",
        "Per step: f = tf.gather(feature, node); v = tf.gather(x, f, axis=1, batch_dims=1); node = tf.where(v <= "
        "tf.gather(threshold, node), tf.gather(left, node), tf.gather(right, node)). Write 0 where feature is -2.",
    ),
    returns=Returns(rtol=1e-4, atol=1e-5),
    failures=3,
    shrinks=12,
)


@export_tree.shown
def _(x, y, depth, batches):
    sizes = ", ".join(str(len(batch.values)) for batch in batches)
    return (
        f"sk_tree = DecisionTreeClassifier(max_depth={depth}, random_state=0)\n"
        f"sk_tree.fit({np.round(x.values, 3).tolist()}, {y})\n"
        f"export_tree(sk_tree, path)  # then loaded, and asked for batches of {sizes} rows"
    )


@export_tree.spec
def _(x, y, depth, batches):
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(x, y)
    return tuple({"probabilities": tree.predict_proba(batch), "classes": tree.predict(batch)} for batch in batches)


def _forest(seed, depth, rows=12, features=3, labels=(0, 1, 2), sizes=(1, 9)):
    """A tree's data and batches; many queries lie exactly on a threshold, a midpoint of two neighbouring quarters."""
    draw = np.random.default_rng(seed)
    x = draw.integers(-8, 9, (rows, features)) / 4
    y = [int(label) for label in draw.choice(labels, rows)]
    batches = [(draw.integers(-16, 17, (size, features)) / 8).astype("float32") for size in sizes]
    return {"x": x.astype("float32"), "y": y, "depth": depth, "batches": batches}


# Two groups that one question separates, so that the card is short.
export_tree.example(
    x=np.array([[0, 0], [1, 5], [4, 1], [5, 6]], "float32"),
    y=[0, 0, 1, 1],
    depth=1,
    batches=[np.array([[1, 1], [2.5, 0], [9, 9]], "float32")],
)


@export_tree.cases("depth 1 to 5, batches of any size", points=3, examples=3)
def _():
    return st.builds(_forest, st.integers(0, 99), st.integers(1, 5), sizes=st.sampled_from([(1, 9), (30, 1)]))


@export_tree.cases("grown to the end; labels of any kind; ties", points=2, examples=2)
def _():
    labels = st.sampled_from([(3, 7), (-1, 1, 5)])
    return st.builds(_forest, st.integers(0, 99), st.sampled_from([None, 1, 2]), labels=labels)


@export_tree.mistake(
    "Only one row can be followed that way: Python's if decides once, while the graph is made. Move all rows together, "
    "one level per step, with tf.where.",
)
def recursion_in_python(sk_tree, path):
    tree, labels = sk_tree.tree_, tf.constant(sk_tree.classes_)

    class Tree(tf.Module):
        @tf.function(
            input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")], autograph=False
        )
        def serve(self, inputs):
            def descend(node):
                if tree.children_left[node] < 0:
                    p = tf.constant(tree.value[node], tf.float32)
                    return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}
                goes_left = inputs[0, tree.feature[node]] <= float(tree.threshold[node])
                return tf.cond(
                    goes_left,
                    lambda: descend(tree.children_left[node]),
                    lambda: descend(tree.children_right[node]),
                )

            return descend(0)

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake("A row that lies exactly on a threshold went right: scikit-learn goes left when x <= threshold.")
def strictly_less(sk_tree, path):
    tree, labels = sk_tree.tree_, tf.constant(sk_tree.classes_)
    leaf, own = tree.children_left < 0, np.arange(tree.node_count)
    feature, threshold = np.maximum(tree.feature, 0), tree.threshold.astype("float32")
    left, right = np.where(leaf, own, tree.children_left), np.where(leaf, own, tree.children_right)

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            node = tf.zeros_like(inputs[:, 0], tf.int64)
            for _ in range(tree.max_depth):
                value = tf.gather(inputs, tf.gather(feature, node), axis=1, batch_dims=1)
                below = value < tf.gather(threshold, node)
                node = tf.where(below, tf.gather(left, node), tf.gather(right, node))
            p = tf.gather(tree.value[:, 0].astype("float32"), node)
            return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake(
    "Rows that had reached a leaf moved on: there feature is -2 and both children are -1. Stay: make each leaf its own "
    "child.",
)
def leaves_move_on(sk_tree, path):
    tree, labels = sk_tree.tree_, tf.constant(sk_tree.classes_)
    threshold = tree.threshold.astype("float32")

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            node = tf.zeros_like(inputs[:, 0], tf.int64)
            for _ in range(tree.max_depth):
                value = tf.gather(inputs, tf.gather(np.maximum(tree.feature, 0), node), axis=1, batch_dims=1)
                below = value <= tf.gather(threshold, node)
                node = tf.where(below, tf.gather(tree.children_left, node), tf.gather(tree.children_right, node))
            p = tf.gather(tree.value[:, 0].astype("float32"), node)
            return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake(
    "classes holds places, 0, 1, 2, ...; the labels that the tree learnt are in sk_tree.classes_: gather from it.",
)
def places_not_labels(sk_tree, path):
    tree = sk_tree.tree_
    leaf, own = tree.children_left < 0, np.arange(tree.node_count)
    feature, threshold = np.maximum(tree.feature, 0), tree.threshold.astype("float32")
    left, right = np.where(leaf, own, tree.children_left), np.where(leaf, own, tree.children_right)

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            node = tf.zeros_like(inputs[:, 0], tf.int64)
            for _ in range(tree.max_depth):
                value = tf.gather(inputs, tf.gather(feature, node), axis=1, batch_dims=1)
                below = value <= tf.gather(threshold, node)
                node = tf.where(below, tf.gather(left, node), tf.gather(right, node))
            p = tf.gather(tree.value[:, 0].astype("float32"), node)
            return {"probabilities": p, "classes": tf.argmax(p, 1)}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake(
    "The signature was traced for one batch size. Give tf.function an input_signature whose first size is None.",
)
def one_batch_size(sk_tree, path):
    tree, labels = sk_tree.tree_, tf.constant(sk_tree.classes_)
    leaf, own = tree.children_left < 0, np.arange(tree.node_count)
    feature, threshold = np.maximum(tree.feature, 0), tree.threshold.astype("float32")
    left, right = np.where(leaf, own, tree.children_left), np.where(leaf, own, tree.children_right)

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([2, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            node = tf.zeros_like(inputs[:, 0], tf.int64)
            for _ in range(tree.max_depth):
                value = tf.gather(inputs, tf.gather(feature, node), axis=1, batch_dims=1)
                below = value <= tf.gather(threshold, node)
                node = tf.where(below, tf.gather(left, node), tf.gather(right, node))
            p = tf.gather(tree.value[:, 0].astype("float32"), node)
            return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake(
    "tf.numpy_function and tf.py_function call Python, which a SavedModel does not hold: on a worker, nobody answers. "
    "Say the tree in operations: gather and where.",
)
def asks_scikit_learn(sk_tree, path):
    labels = tf.constant(sk_tree.classes_)

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, sk_tree.n_features_in_], tf.float32, name="inputs")])
        def serve(self, inputs):
            p = tf.numpy_function(lambda x: sk_tree.predict_proba(x).astype("float32"), [inputs], tf.float32)
            return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.mistake("One step is not enough: go down as many levels as the tree has, sk_tree.tree_.max_depth.")
def one_level(sk_tree, path):
    tree, labels = sk_tree.tree_, tf.constant(sk_tree.classes_)

    class Tree(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            below = inputs[:, tree.feature[0]] <= float(tree.threshold[0])
            node = tf.where(below, tree.children_left[0], tree.children_right[0])
            p = tf.gather(tree.value[:, 0].astype("float32"), node)
            return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, 1))}

    model = Tree()
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})


@export_tree.right
def tree_with_a_while_loop(sk_tree, path):
    tree = sk_tree.tree_

    class Tree(tf.Module):
        def __init__(self):
            super().__init__()
            self.left, self.right = tf.Variable(tree.children_left), tf.Variable(tree.children_right)
            self.feature, self.threshold = tf.Variable(tree.feature), tf.Variable(tree.threshold)
            self.value, self.labels = tf.Variable(tree.value[:, 0]), tf.Variable(sk_tree.classes_)

        @tf.function(input_signature=[tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")])
        def serve(self, inputs):
            node = tf.zeros([tf.shape(inputs)[0]], tf.int64)
            inside = tf.gather(self.left, node) >= 0
            while tf.reduce_any(inside):
                column = tf.where(inside, tf.gather(self.feature, node), 0)
                value = tf.cast(tf.gather(inputs, column, axis=1, batch_dims=1), tf.float64)
                child = tf.where(
                    value <= tf.gather(self.threshold, node), tf.gather(self.left, node), tf.gather(self.right, node)
                )
                node = tf.where(inside, child, node)
                inside = tf.gather(self.left, node) >= 0
            p = tf.cast(tf.gather(self.value, node), tf.float32)
            p /= tf.reduce_sum(p, axis=1, keepdims=True)
            return {"classes": tf.gather(self.labels, tf.argmax(p, 1)), "probabilities": p}

    model = Tree()
    tf.saved_model.save(model, path, signatures=model.serve)


@export_tree.right
def tree_as_leaf_boxes(sk_tree, path):
    tree = sk_tree.tree_
    lows, highs, values = [], [], []

    def collect(node, low, high):
        if tree.children_left[node] < 0:
            lows.append(low), highs.append(high), values.append(tree.value[node, 0])
            return
        f, t = tree.feature[node], tree.threshold[node]
        collect(tree.children_left[node], low, np.where(np.arange(tree.n_features) == f, np.minimum(high, t), high))
        collect(tree.children_right[node], np.where(np.arange(tree.n_features) == f, np.maximum(low, t), low), high)

    collect(0, np.full(tree.n_features, -np.inf), np.full(tree.n_features, np.inf))
    lows, highs = np.array(lows, "float32"), np.array(highs, "float32")
    values, labels = np.array(values, "float32"), sk_tree.classes_

    def serve(inputs):
        rows = inputs[:, None]
        inside = tf.reduce_all((rows > lows) & (rows <= highs), axis=2)
        p = tf.cast(inside, tf.float32) @ values
        return {"probabilities": p, "classes": tf.gather(labels, tf.argmax(p, axis=1))}

    model = tf.Module()
    spec = tf.TensorSpec([None, tree.n_features], tf.float32, name="inputs")
    model.serve = tf.function(serve, input_signature=[spec])
    tf.saved_model.save(model, path, signatures={"serving_default": model.serve})
