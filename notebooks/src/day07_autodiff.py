# %% [markdown]
# Training is one sentence: move every number a little in the direction that makes the loss smaller. That direction is a
# derivative, and TensorFlow finds it for you. After today you can
#
# - **differentiate** whatever you compute with a tape: once, twice, and by many inputs at a time,
# - **minimise** a function with a loop of your own, and with an optimizer,
# - **diagnose** a gradient that is None, nan or quietly wrong.

# %% tags=["setup"]
import keras
import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import explore, plot

# %% [markdown]
# ## Watch numbers flow back
#
# Here is *y = a·x² + b·x + c*, taken apart into single operations. Forwards, each makes one number. Then the way back
# begins at the result: how fast does *y* change if this edge changes a little?

# %%
nodes = {"b": -2, "x": 3, "a": 1, "c": 1, "x²": 9, "b·x": -6, "a·x²": 9, "y": 4}
plot.graph(
    nodes,
    [
        ("x", "x²", 6),
        ("a", "a·x²", 9),
        ("x²", "a·x²", 1),
        ("b", "b·x", 3),
        ("x", "b·x", -2),
        ("a·x²", "y", 1),
        ("b·x", "y", 1),
        ("c", "y", 1),
    ],
    title="y = a·x² + b·x + c",
)

# %% [markdown]
# Every operation knows only its own slope. Along a path slopes multiply; where paths meet they add up: *x* collects
# 6 − 2 = 4. One walk back gives the slope for **all** inputs. This is **automatic differentiation** in **reverse mode**: no
# formula is rewritten, no slope is estimated.

# %% [markdown] tags=["predict"]
# ## Distrust small steps
#
# The naive way is a small step: the **central difference** (*f*(*x* + ε) − *f*(*x* − ε)) / 2ε. For *x*³ at 2 the slope is 12.
# **Predict:** in float32, which ε comes closest: 1e-2, 1e-4 or 1e-7?

# %%
exponents = np.arange(-9.0, 0.0)
errors = {}
for dtype in (np.float32, np.float64):
    eps = (10**exponents).astype(dtype)
    slope = ((dtype(2) + eps) ** 3 - (dtype(2) - eps) ** 3) / (2 * eps)
    errors[dtype.__name__] = np.maximum(np.abs(slope - 12), 1e-12)
assert errors["float32"][exponents == -2] < min(errors["float32"][exponents < -3])
plot.curves(errors, exponents, x_label="log₁₀ of ε", y_label="error of the slope", log=True)

# %% [markdown]
# <details><summary>Why</summary>
#
# Two errors compete. A large ε bends away from the tangent. A small one subtracts two nearly equal numbers, and what is left
# is rounding: float32 is best near 1e-2, float64 near 1e-5.
# </details>
#
# And *n* inputs cost 2*n* evaluations. A network has millions: small steps serve to check, not to train.

# %% [markdown]
# ## Record a tape
#
# A `tf.GradientTape` writes down each operation that touches a Variable, and plays the list backwards when you ask. A
# constant it follows only after `tape.watch`.

# %%
a, b, c = tf.constant(1.0), tf.constant(-2.0), tf.constant(1.0)
x, elsewhere = tf.Variable(0.0), tf.Variable(5.0)
with tf.GradientTape() as tape:
    tape.watch([a, b, c])
    y = a * x**2 + b * x + c
slopes = tape.gradient(y, {"x": x, "a": a, "b": b, "c": c, "elsewhere": elsewhere})
print({name: None if slope is None else float(slope) for name, slope in slopes.items()})

# %% [markdown]
# You may ask for one source, a list or a dict. What *y* does not depend on has the gradient **None**, not 0: "no path", which is
# mostly a mistake. Where 0 is what you mean, add `unconnected_gradients="zero"`. (Who is on the list? Ask
# `tape.watched_variables()`. Keras's own Variables are followed as well.)
#
# ### Your turn: the slope at every entry
#
# Write `derivative` for a function that works entry by entry. For `lambda x: x * x` at `[1, 2, 3]` it gives `[2, 4, 6]`.


# %% exercise="derivative"
def derivative(f, x):
    """The derivative of f at every entry of x, a float32 tensor of x's shape.

    f: element-wise function of a tensor; it may be flat, then the derivative is 0.
    x: number, nested list, NumPy array or tensor; whole numbers are welcome.
    """
    ### BEGIN SOLUTION
    x = tf.cast(tf.convert_to_tensor(x), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x, unconnected_gradients="zero")
    ### END SOLUTION


# %% check="derivative"
check(derivative)

# %% [markdown]
# ## Differentiate a loss
#
# A gradient always has the shape of its source. If the target has several entries, the tape differentiates their **sum**;
# `tape.jacobian` keeps them apart. A tape plays once, unless it is `persistent=True`. (After `tf.gather` a gradient comes as
# `tf.IndexedSlices`, rows with their places; `tf.convert_to_tensor` makes it dense.)

# %%
x = tf.Variable([0.0, 1.0, 2.0, 3.0])
with tf.GradientTape(persistent=True) as tape:
    y = 2 * tf.tensordot(x, x, axes=1)
    squares = x**2
print("2 xᵀx -> 4x      ", tape.gradient(y, x).numpy())
print("x², entries added", tape.gradient(squares, x).numpy())
print("x², jacobian", tape.jacobian(squares, x).numpy().tolist())

# %% [markdown]
# Least squares is the loss of day 8: *L* = ‖*Xw* + *b* − *y*‖². By hand the gradient is 2*Xᵀr* with the residual *r*. The
# tape agrees:

# %%
X, targets = tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([[1.0], [2.0]])
w, bias = tf.Variable([[1.0], [2.0]]), tf.Variable(1.0)
with tf.GradientTape() as tape:
    residual = X @ w + bias - targets
    loss = tf.reduce_sum(residual**2)
dw, db = tape.gradient(loss, [w, bias])
print("loss", loss.numpy(), " dw", dw.numpy().ravel(), " db", db.numpy())
assert np.allclose(dw, 2 * tf.transpose(X) @ residual) and db == 2 * tf.reduce_sum(residual)

# %% [markdown] tags=["predict"]
# ## Differentiate twice
#
# A gradient is a computation too, so a second tape can record it. **Predict:** both lines below ask for the second
# derivative of *x*² − 2*x* + 1. Do both get 2?

# %%
x = tf.Variable(0.0)
with tf.GradientTape(persistent=True) as outer:
    with tf.GradientTape(persistent=True) as inner:
        y = x**2 - 2 * x + 1
    seen = inner.gradient(y, x)
unseen = inner.gradient(y, x)
print("slope computed inside the outer tape: ", outer.gradient(seen, x))
print("slope computed after it:              ", outer.gradient(unseen, x))

# %% [markdown]
# <details><summary>Why</summary>
#
# A tape records while its `with` block is open. `unseen` is the same number, −2, but nobody wrote down how it was made: no
# path, so None.
# </details>
#
# ### Your turn: as often as you like
#
# Write `nth_derivative`; the 0th derivative is *f* itself. For `lambda x: x * x * x * x` at 2 the derivatives are 16, 32, 48,
# 48, 24, 0.


# %% exercise="nth_derivative"
def nth_derivative(f, x, n: int):
    """The n-th derivative of f at every entry of x, a float32 tensor of x's shape.

    f: element-wise function of a tensor. x: float32 tensor of any shape. n: 0, 1, 2, ...
    """
    ### BEGIN SOLUTION
    if n == 0:
        return f(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = nth_derivative(f, x, n - 1)
    return tape.gradient(y, x, unconnected_gradients="zero")
    ### END SOLUTION


# %% check="nth_derivative"
check(nth_derivative)

# %% [markdown]
# ## Follow only the branch that was taken
#
# The tape sees what ran: of an `if`, the branch taken; of a loop, its actual turns. It works inside a `tf.function` as well.
# Mind the cast: whole numbers have no gradient.


# %%
@tf.function
def value_and_slope(x):
    x = tf.cast(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x if x > 0 else -x
        while tf.abs(y) < 100:
            y = 2 * y
    return y, tape.gradient(y, x)


for start in (3, -5):
    y, slope = value_and_slope(tf.constant(start))
    print(f"x = {start:2}: y = {y.numpy():.0f}, slope {slope.numpy():.0f}")

# %% [markdown] tags=["predict"]
# ## Walk downhill
#
# **Gradient descent** repeats *x* ← *x* − *lr*·*f* ′(*x*). On *f* = (*x* − 1)² the distance to the minimum is multiplied by
# 1 − 2*lr* each time. **Predict** where 20 steps from 0 end for *lr* = 0.01, 0.5, 0.9, 1 and 1.1.

# %%
for lr in (0.01, 0.5, 0.9, 1.0, 1.1):
    x = tf.Variable(0.0)
    for _ in range(20):
        with tf.GradientTape() as tape:
            y = (x - 1) ** 2
        x.assign_sub(lr * tape.gradient(y, x))
    print(f"lr {lr:4}: x = {x.numpy():9.4f}   exact {1 - (1 - 2 * lr) ** 20:9.4f}")

# %% [markdown]
# <details><summary>Why</summary>
#
# The factor is 0.98 (it crawls), 0 (one step), −0.8 (it jumps across and still converges), −1 (to and fro for ever) and −1.2
# (each jump is wider). Beyond |1 − 2*lr| = 1 nothing converges.
# </details>
#
# Drag the learning rate through all five regimes. A straight line on the right is that constant factor.

# %%
explore.descent()

# %% [markdown]
# ### Your turn: write the walk
#
# Write `descend`: gradient descent without an optimizer, which also hands back its path. Ten steps with `lr=0.1` on
# `lambda x: (x - 1) ** 2` from 0 end at 0.8926, and the path has eleven points.


# %% exercise="descend"
def descend(f, x0, lr: float, steps: int):
    """Where gradient descent ends, and its path.

    f: gives one number for a float tensor of x0's shape. x0: number, list, NumPy array, tensor or
    Variable, which stays as it is; whole numbers are welcome.
    Returns (x, path): x of x0's shape; path with steps + 1 points, from x0 to x.
    """
    ### BEGIN SOLUTION
    x = tf.Variable(x0, dtype=tf.float32)
    path = [x.numpy().copy()]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            y = f(x)
        x.assign_sub(lr * tape.gradient(y, x))
        path.append(x.numpy().copy())
    return x.numpy(), np.stack(path)
    ### END SOLUTION


# %% check="descend"
check(descend)

# %% [markdown]
# ## Hand the step to an optimizer
#
# An optimizer knows what to do with a gradient. It wants pairs, gradient first. Three moves make every training step of this
# course: record, differentiate, apply.

# %%
x = tf.Variable(0.0)
optimizer = keras.optimizers.SGD(learning_rate=0.1)
for _ in range(3):
    with tf.GradientTape() as tape:
        loss = (x - 1) ** 2
    gradient = tape.gradient(loss, x)
    optimizer.apply_gradients([(gradient, x)])
    print("loss before the step", loss.numpy(), " x after it", x.numpy())

# %% [markdown]
# Books from before Keras 3 write `optimizer.minimize(...)`, `SGD(lr=...)`, `optimizer.lr` or `optimizers.legacy`: all gone.
# `decay=` is still taken, and ignored: use a schedule. New is `optimizer.apply(gradients, variables)`. TensorFlow 1's
# `tf.train.GradientDescentOptimizer` lives on in `tf.compat.v1`.

# %%
print("minimize:", hasattr(optimizer, "minimize"), "  lr:", hasattr(optimizer, "lr"))
try:
    keras.optimizers.SGD(lr=0.1)
except ValueError as error:
    print("SGD(lr=0.1):", error)
try:
    optimizer.apply_gradients([(None, x)])
except ValueError as error:
    print("only None:", str(error)[:38])

# %% [markdown]
# ### Your turn: bring `minimize` back
#
# Write the lost method as a function (with a z, unlike your own walk): one step of the optimizer you are given. A thousand
# calls with `SGD(0.01)` on (*x* − 1)² bring *x* from 0 to 0.99999857.


# %% exercise="minimize"
def minimize(optimizer, loss_fn, variables):
    """The loss before the step; takes one step on the variables, also inside a tf.function.

    optimizer: a Keras optimizer, which may have a memory such as momentum. loss_fn: without arguments,
    gives one number. variables: list; one that the loss does not reach, or a frozen one, stays as it is.
    """
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        loss = loss_fn()
    pairs = zip(tape.gradient(loss, variables), variables, strict=True)
    optimizer.apply_gradients([(g, v) for g, v in pairs if g is not None])
    return loss
    ### END SOLUTION


# %% check="minimize"
check(minimize)

# %% [markdown]
# ## Keep the loop inside the graph
#
# Inside a `tf.function`, `tf.range` becomes one loop. A Python `range` is unrolled while tracing: every turn adds its own
# operations. Count them for 50 steps.


# %%
def looped(numbers):
    x, sgd = tf.Variable(0.0), keras.optimizers.SGD(0.01)

    @tf.function
    def loop():
        for _ in numbers:
            with tf.GradientTape() as tape:
                y = (x - 1) ** 2
            sgd.apply([tape.gradient(y, x)], [x])
        return x.read_value()

    return loop


sizes = {
    name: len(looped(numbers).get_concrete_function().graph.get_operations())
    for name, numbers in {"range(50)": range(50), "tf.range(50)": tf.range(50)}.items()
}
assert sizes["range(50)"] > 10 * sizes["tf.range(50)"]
sizes

# %% [markdown] tags=["predict"]
# **Predict:** exactly, 1,000 such steps end at 1 − 0.98¹⁰⁰⁰ = 0.9999999983. Does the program get there if it takes 10,000?

# %%
for steps in (1000, 10_000):
    x = looped(tf.range(steps))()
    print(f"{steps:6} steps: x = {x.numpy():.8f}   (x - 1)² = {((x - 1) ** 2).numpy():.0e}")
update, half_gap = 0.01 * 2 * (1 - x), np.spacing(x.numpy()) / 2
print(f"the next update {update.numpy():.2e} is smaller than {half_gap:.2e}")
assert 1e-7 < 1 - x.numpy() < 1e-5 and update < half_gap

# %% [markdown]
# <details><summary>Why</summary>
#
# Just below 1, float32 numbers are 6e-8 apart. An update of less than half that gap rounds away, and *x* stands still for ever.
# Low precision stalls long before the gradient is 0. Day 22 comes back to this.
# </details>

# %% [markdown] tags=["predict"]
# ## Find out who killed the gradient
#
# **Predict**, for *x* = 3, which of these ten give a number and which None. (The log is quietened: TensorFlow also warns of
# the whole number.)

# %%
tf.get_logger().setLevel("ERROR")
state = tf.Variable(0.0)
suspects = {
    "x * stop_gradient(x)": lambda x: x * tf.stop_gradient(x),
    "x.numpy() ** 2": lambda x: tf.constant(x.numpy() ** 2),
    "whole number ** 2": lambda x: tf.constant(3) ** 2,
    "cast to int and back": lambda x: tf.cast(tf.cast(x, tf.int32), tf.float32),
    "round(x)": tf.round,
    "floor(x) + x": lambda x: tf.floor(x) + x,
    "sign(x)": tf.sign,
    "argmax([x, 1])": lambda x: tf.cast(tf.argmax([x, 1.0]), tf.float32),
    "Variable(x) ** 2": lambda x: tf.Variable(x) ** 2,
    "state.assign(x * x)": lambda x: state.assign(x * x) + 0.0,
}
for name, f in suspects.items():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = f(x)
    print(f"{name:22}", tape.gradient(y, x))

# %% [markdown]
# <details><summary>Why</summary>
#
# `stop_gradient` is meant to cut: it freezes one factor, so 3. NumPy, a new Variable and `assign` leave the tape: what is
# written into a Variable has no history. Whole numbers, and steps like round, floor and argmax, have no useful slope; only
# `sign` says 0. In `floor(x) + x` the other path survives.
# </details>
#
# The usual culprits in training: the forward pass outside the `with` block, a `.numpy()` in the loss, an int input.

# %% [markdown]
# ## Keep nan out
#
# `tf.where` chooses values, but on the way back both branches are played, and the unchosen one is multiplied by 0. If its slope
# is infinite, 0 · ∞ is nan. The cure is a **double where**: make the input harmless first.

# %%
x = tf.Variable([0.0, 1.0])
with tf.GradientTape(persistent=True) as tape:
    single = tf.where(x > 0, tf.math.log(x), 0.0)
    safe = tf.where(x > 0, x, 1.0)
    double = tf.where(x > 0, tf.math.log(safe), 0.0)
print("values", single.numpy(), double.numpy())
print("slopes", tape.gradient(single, x).numpy(), tape.gradient(double, x).numpy())

# %% [markdown]
# ### Your turn: entropy with honest zeros
#
# Write `entropy`, −Σ *p* log *p*, where a part of 0 adds nothing, neither value nor gradient. For `[0, 0.5, 0.5]` it is
# 0.6931, with the gradient `[0, -0.3069, -0.3069]`.


# %% exercise="entropy"
def entropy(p):
    """The entropy in natural units along the last axis, of p's dtype, with a finite gradient by p.

    p: float32 or float64 tensor of shape (..., k), parts >= 0 that add up to 1. Where p is 0, value and
    gradient count as 0. Returns shape (...).
    """
    ### BEGIN SOLUTION
    safe = tf.where(p > 0, p, tf.ones_like(p))
    parts = tf.where(p > 0, p * tf.math.log(safe), tf.zeros_like(p))
    return -tf.reduce_sum(parts, axis=-1)
    ### END SOLUTION


# %% check="entropy"
check(entropy)

# %% [markdown]
# Overflow makes nan as well: log(1 + eˣ) at 100. Use the stable operation, `tf.math.softplus`; if there is none, write the slope
# yourself with `tf.custom_gradient`.


# %%
@tf.custom_gradient
def log1pexp(x):
    e = tf.exp(x)
    return tf.math.log(1 + e), lambda upstream: upstream * (1 - 1 / (1 + e))


x = tf.Variable(100.0)
for name, f in {
    "naive": lambda x: tf.math.log(1 + tf.exp(x)),
    "own slope": log1pexp,
    "softplus": tf.math.softplus,
}.items():
    with tf.GradientTape() as tape:
        y = f(x)
    print(f"{name:9}", "value", y.numpy(), " slope", tape.gradient(y, x).numpy())

# %% [markdown]
# Your own slope is right, though the value still overflows: only softplus mends both. At a kink there is no derivative, and
# TensorFlow picks one. And a power keeps its rule beyond its end: three times down, *x*² meets 0 · 0⁻¹.

# %%
x = tf.Variable([0.0, 2.0, 2.0])
with tf.GradientTape(persistent=True) as tape:
    relu, size, largest = tf.nn.relu(x), tf.abs(x), tf.reduce_max(x)
    power = 0 * x**-1
print(
    "relu'(0)", tape.gradient(relu, x).numpy()[0], " |x|'(0)", tape.gradient(size, x).numpy()[0]
)
print("max, where a tie shares:", tape.gradient(largest, x).numpy())
print("0 * 0**-1 =", power.numpy()[0])

# %% [markdown]
# ## Check a gradient before you trust it
#
# A slope written by hand can be wrong and still train, badly. So compare it with small steps, in float64, one entry at a time.
# `tf.test.compute_gradient` does that; build your own once. (Check on the CPU: float64 is slow on most GPUs and foreign to TPUs.)
#
# ### Your turn: the lie detector
#
# Write `check_gradient`: the largest |*a* − *n*| / max(1, |*a*| + |*n*|) of the tape's slope *a* and the measured *n*. For Σ sin(*x*)·*x* it
# is below 1e-6; a slope twice too large gives about 0.33.


# %% exercise="check_gradient"
def check_gradient(f, x, eps: float = 1e-5) -> float:
    """The largest relative error of the tape's gradient, over all entries of x.

    f: gives one number for a float64 tensor of x's shape. x: number, list, NumPy array or tensor, which
    stays as it is. eps: step of the central difference to each side.
    """
    ### BEGIN SOLUTION
    x = np.array(x, dtype=np.float64)
    v = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = f(v)
    slope, worst = tape.gradient(y, v).numpy(), 0.0
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = eps
        rise = f(tf.constant(x + step)) - f(tf.constant(x - step))
        a, n = slope[place], float(rise) / (2 * eps)
        worst = max(worst, abs(a - n) / max(1, abs(a) + abs(n)))
    return float(worst)
    ### END SOLUTION


# %% check="check_gradient"
check(check_gradient)

# %% [markdown]
# ## Use the second derivative
#
# Rosenbrock's valley is easy to enter and hard to follow. Newton's method divides the gradient by the **Hessian**, the jacobian
# of the gradient, and so knows how the ground bends.


# %%
def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


@tf.function
def slope_and_bend(p):
    with tf.GradientTape() as outer:
        outer.watch(p)
        with tf.GradientTape() as inner:
            inner.watch(p)
            height = rosenbrock(p[0], p[1])
        slope = inner.gradient(height, p)
    return slope, outer.jacobian(slope, p)


slope, bend = slope_and_bend(tf.constant([-1.2, 1.0], tf.float64))
print("gradient", slope.numpy(), " Hessian", bend.numpy().tolist())

# %%
newton, downhill = [np.array([-1.2, 1.0])], [np.array([-1.2, 1.0])]
for _ in range(8):
    slope, bend = slope_and_bend(tf.constant(newton[-1]))
    newton.append(newton[-1] - np.linalg.solve(bend, slope))
for _ in range(200):
    downhill.append(downhill[-1] - 0.001 * slope_and_bend(tf.constant(downhill[-1]))[0].numpy())
assert np.allclose(newton[-1], 1) and not np.allclose(downhill[-1], 1, atol=0.5)
paths = {"Newton, 8 steps": newton, "descent, 200 steps": downhill}
plot.surface(rosenbrock, paths, (-1.6, 1.6), (-3.5, 2.2), minimum=(1, 1), log=True)

# %% [markdown]
# Newton lands on the minimum; descent has hardly begun along the valley. But a Hessian has *n*² entries: for a million weights
# nobody builds it.
#
# For one input and many outputs, **forward mode** is cheaper: it carries the slope along with the value, and needs no tape.

# %%
angle = tf.constant(0.0)
with tf.autodiff.ForwardAccumulator(angle, tf.constant(1.0)) as forwards:
    point = tf.stack([tf.cos(angle), tf.sin(angle)])
print("on the circle", point.numpy(), " moving towards", forwards.jvp(point).numpy())

# %% [markdown]
# ### A stretch: build the tape yourself
#
# Write `Node`, reverse mode in twenty lines. With `a = Node(1.5)`, `b = Node(-0.7)`, `c = a * b + a` and
# `y = (c * c + a).tanh() * c`, `y.backward()` sets `a.grad` to 0.351826 and `b.grad` to 1.479170.


# %% exercise="Node"
class Node:
    """A number that knows how it was made; .value is it, .grad its slope after backward()."""

    def __init__(self, value, parents=()):
        ### BEGIN SOLUTION
        self.value, self.parents, self.grad = float(value), parents, 0.0
        ### END SOLUTION

    def __add__(self, other):
        ### BEGIN SOLUTION
        return Node(self.value + other.value, [(self, 1.0), (other, 1.0)])
        ### END SOLUTION

    def __mul__(self, other):
        ### BEGIN SOLUTION
        return Node(self.value * other.value, [(self, other.value), (other, self.value)])
        ### END SOLUTION

    def tanh(self):
        ### BEGIN SOLUTION
        t = np.tanh(self.value)
        return Node(t, [(self, 1 - t * t)])
        ### END SOLUTION

    def backward(self):
        """Sets .grad of self and of every Node below to d self / d Node; each call starts afresh."""
        ### BEGIN SOLUTION
        order = []

        def visit(node):
            if node not in order:
                for parent, _ in node.parents:
                    visit(parent)
                order.append(node)
                node.grad = 0.0

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for parent, local in node.parents:
                parent.grad += local * node.grad
        ### END SOLUTION


# %% check="Node"
check(Node)

# %% [markdown]
# ## Recap
#
# - You **differentiate** with a tape: Variables by themselves, constants after `watch`, second derivatives by a tape around a
#   tape.
# - You **minimise** by record, differentiate, apply; the learning rate decides between crawling, landing and diverging.
# - You **diagnose**: None is a missing path, nan a hidden 0 · ∞, and a wrong slope shows against central differences.
#
# A mistake seen in many notebooks, and mended: a new `keras.optimizers.Adam()` inside the training step forgets its memory in
# every step. Make one, before the loop, and one per model.
#
# To think about: why is `tape.gradient` of a vector a sum? Why does `assign` cut the tape? Which learning rate lets this
# parabola swing for ever, and why?
