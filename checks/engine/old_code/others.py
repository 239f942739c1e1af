"""NumPy, PyTorch and JAX: what their arrays and models know, and those of TensorFlow do not."""

from __future__ import annotations

from checks.engine.old_code.errors import MODEL, OPTIMIZERS, Old, of_module, of_object, of_tensor

OLD = (
    Old("numpy", of_module("array", "asarray", owner="tensorflow"), "tf.array([1.0])", "tf.constant([1.0])"),
    Old(
        "numpy",
        of_module("sum", "mean", "max", "min", "prod", "any", "all", owner="tensorflow"),
        "tf.sum(x)",
        "tf.reduce_sum(x)",
        "TensorFlow says reduce_ before the names of what makes one number of many.",
    ),
    Old(
        "numpy",
        r"^TypeError: '?[\w.]*Tensor'? object does not support item assignment",
        "x[0, 0] = 1.0",
        "tf.tensor_scatter_nd_update(x, [[0, 0]], [1.0])",
        "A tensor cannot be changed; this gives a new one. A tf.Variable can be changed with assign.",
    ),
    Old("numpy", of_tensor("reshape", "ravel", "flatten"), "x.reshape(6)", "tf.reshape(x, [6])"),
    Old("numpy", of_tensor("T", "transpose", "permute"), "x.T", "tf.transpose(x)"),
    Old("numpy", of_tensor("astype"), "x.astype(float)", "tf.cast(x, tf.float64)"),
    Old(
        "numpy",
        of_tensor("mean", "sum", "max", "min", "std", "prod"),
        "x.mean(0)",
        "tf.reduce_mean(x, axis=0)",
        "Also tf.reduce_sum, tf.reduce_max and so on.",
    ),
    Old("numpy", of_tensor("size"), "x.size", "tf.size(x)"),
    Old("numpy", of_tensor("tolist"), "x.tolist()", "x.numpy().tolist()"),
    Old("torch", of_tensor("view"), "x.view(-1)", "tf.reshape(x, [-1])"),
    Old("torch", of_tensor("unsqueeze"), "x.unsqueeze(0)", "tf.expand_dims(x, 0)"),
    Old("torch", of_tensor("squeeze"), "x.squeeze()", "tf.squeeze(x)"),
    Old("torch", of_tensor("detach", "cuda", "to"), "x.detach()", "x.numpy()", "Devices are chosen for you."),
    Old("torch", of_tensor("item"), "x[0, 0].item()", "float(x[0, 0])"),
    Old(
        "torch",
        of_tensor("backward", "requires_grad_"),
        "x.backward()",
        "with tf.GradientTape() as tape: y = v * v\ntape.gradient(y, v)",
        "The tape records the forward pass and gives the gradients.",
    ),
    Old("torch", of_object(MODEL, "parameters"), "model.parameters()", "model.trainable_variables"),
    Old(
        "torch",
        of_object(MODEL, "eval", "train"),
        "model.eval()",
        "model(rows, training=False)",
        "Each call says whether it trains.",
    ),
    Old("torch", of_object(MODEL, "state_dict", "load_state_dict"), "model.state_dict()", "model.get_weights()"),
    Old(
        "torch",
        of_object(OPTIMIZERS, "zero_grad", "step"),
        "model.optimizer.step()",
        "model.optimizer.apply_gradients",
        "It takes pairs of a gradient and a variable; gradients do not add up between steps.",
    ),
    Old("jax", of_tensor("at"), "x.at[0, 0].set(1.0)", "tf.tensor_scatter_nd_update(x, [[0, 0]], [1.0])"),
)
