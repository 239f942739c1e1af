# %% [markdown]
# To train a model means to change its weights a little, again and again, so that the loss becomes smaller. In which
# direction should each weight move? Its slope gives the answer: how fast the loss grows when this one weight grows.
# TensorFlow computes such slopes for you, and today you learn how. After today you can
#
# - **differentiate** what you compute, once or several times, with respect to many inputs at a time,
# - **minimise** a function, with a loop of your own and with an optimizer,
# - **diagnose** a gradient that is None, nan, or wrong without a message.

# %% tags=["setup"]
import keras
import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import explore, plot
from course.answers import yours

# %% [markdown]
# ## Watch numbers flow back
#
# The picture below shows the formula $y = a x^2 + b x + c$, cut into single operations. Each node holds one number.
#
# Read the upper half from left to right: $x^2$ is 9, times $a$ it is 18, and so on, until $y$ is 13. Read the lower
# half from right to left. Each red number is a slope: how fast $y$ grows when the number at this place grows.

# %%
nodes = {"b": -2, "x": 3, "a": 2, "c": 1, "x²": 9, "b·x": -6, "a·x²": 18, "y": 13}
plot.graph(
    nodes,
    [
        ("x", "x²", 12),
        ("a", "a·x²", 9),
        ("x²", "a·x²", 2),
        ("b", "b·x", 3),
        ("x", "b·x", -2),
        ("a·x²", "y", 1),
        ("b·x", "y", 1),
        ("c", "y", 1),
    ],
    title="y = a·x² + b·x + c",
)

# %% [markdown]
# Follow the upper path from $y$ back to $x$ by hand. First comes a sum, so each of its inputs has slope 1. The next
# operation multiplies $x^2$ by $a = 2$: if $x^2$ grows by 1, the product grows by 2, so its own slope is 2. We multiply
# it by the slope that arrived from the right: $2 \cdot 1 = 2$. Then comes the square. Its own slope is $2x = 6$, and 2
# arrived, so the result is $6 \cdot 2 = 12$.
#
# There is a second path from $y$ to $x$, through $b \cdot x$. It brings $-2$. Where paths meet, we add: the slope of
# $y$ with respect to $x$ is $12 - 2 = 10$. The formula from school agrees: $2ax + b = 12 - 2 = 10$.

# %% [markdown]
# What you just did is the **chain rule**:
#
# $$\frac{dy}{dx} = \sum_{\text{paths}} \; \prod_{\text{operations on the path}} \text{own slope}.$$
#
# In words: on each path multiply the slopes of its operations, then add up the paths.
#
# Each operation needs to know only its own slope. One walk from the result back to the inputs gives the slopes of all
# inputs: of $x$, and also of $a$, $b$ and $c$. This is called **automatic differentiation** in **reverse mode**. In a
# network the inputs are millions of weights.
#
# The slope of a function is also called its **derivative**, and to compute it is to **differentiate**. If there are
# several inputs, all their slopes together are the **gradient**.

# %% [markdown] tags=["predict"]
# ## Distrust small steps
#
# There is a simpler way to find a slope: take a small step to each side and see how much the function rises. This is
# the **central difference**:
#
# $$f'(x) \approx \frac{f(x + \varepsilon) - f(x - \varepsilon)}{2 \varepsilon}.$$
#
# The slope of $x^3$ at 2 is 12. **Predict:** in float32, which step $\varepsilon$ gives the result that is closest to
# 12: 1e-2, 1e-4 or 1e-7?

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
# 1e-2 is the best of the three. If the step is large, the curve bends between the two points, so the result is not the
# slope at 2. But if the step is small, you subtract two numbers that are almost equal. A float32 has about 7 digits,
# and the first ones cancel, so little but rounding is left. In float64 the best step is near 1e-5.
# </details>
#
# Small steps have a second drawback: for each input, the function is computed twice. A network with a million weights
# would need two million runs for one training step. So small steps are good for checking a gradient, but not for
# training.

# %% [markdown]
# ## Record a tape
#
# To walk back, TensorFlow must know which operations were computed. Inside its `with` block, a `tf.GradientTape`
# records every operation that uses a Variable. Afterwards, `tape.gradient(y, x)` walks back along the record and
# returns the slope of `y` with respect to `x`.
#
# The tape does not follow constants, because most of them are data, and we do not need slopes for data. If you want the
# slope with respect to a constant, say so with `tape.watch`.

# %%
a, b, c = tf.constant(2.0), tf.constant(-2.0), tf.constant(1.0)
x, elsewhere = tf.Variable(3.0), tf.Variable(5.0)
with tf.GradientTape() as tape:
    tape.watch([a, b, c])
    y = a * x**2 + b * x + c
slopes = tape.gradient(y, {"x": x, "a": a, "b": b, "c": c, "elsewhere": elsewhere})
print({name: None if slope is None else float(slope) for name, slope in slopes.items()})

# %% [markdown]
# These are the numbers of the picture. You may ask for one input, for a list, or for a dict as here.
#
# The last result is **None**, and not 0: the tape found no path from `y` to `elsewhere`. In most programs that is a
# mistake: perhaps you forgot `watch`, or the operation ran outside the `with` block. If you expect it, add
# `unconnected_gradients="zero"`, and you get 0 instead.
#
# `tape.watched_variables()` lists the Variables that the tape has seen, those of Keras layers too.

# %% [markdown]
# ### Your turn: the slope at every entry
#
# Write `derivative`. It takes a function that works entry by entry, and returns its slope at each entry of x. For
# `lambda x: x * x`, whose derivative is $2x$, and `[1, 2, 3]` it returns `[2, 4, 6]`.


# %% exercise="derivative"
def derivative(f, x):
    """The derivative of f at every entry of x: float32, of x's shape.

    f: function of a tensor that works entry by entry. It may ignore the values of x; then the derivative is 0.
    x: number, nested list, NumPy array or tensor, of whole numbers or of floats.
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
# The gradient of a loss has the same shape as the weights: the loss is one number, so each weight has exactly one slope.
#
# If `y` has several entries, `tape.gradient` returns the slope of their **sum**. `tape.jacobian` keeps the entries
# apart. A **jacobian** is a table: row $i$, column $j$ says how fast entry $i$ of the result grows when entry $j$ of
# the input grows.
#
# You can ask a tape for a gradient only once, because it then forgets its record. With `persistent=True` you can ask
# several times.

# %%
x = tf.Variable([0.0, 1.0, 2.0, 3.0])
with tf.GradientTape(persistent=True) as tape:
    y = 2 * tf.tensordot(x, x, axes=1)
    squares = x**2
print("2 xᵀx -> 4x        ", tape.gradient(y, x).numpy())
print("x², gradient of sum", tape.gradient(squares, x).numpy())
print("x², jacobian", tape.jacobian(squares, x).numpy().tolist())

# %% [markdown]
# If your function takes rows with `tf.gather`, most rows of the gradient are 0. So TensorFlow returns a
# `tf.IndexedSlices`, which holds only the rows that were used, and their places. `tf.convert_to_tensor` makes an
# ordinary tensor of it.

# %%
with tf.GradientTape() as tape:
    y = tf.reduce_sum(tf.gather(x, [2, 2, 0]) ** 2)
rows = tape.gradient(y, x)
print("places", rows.indices.numpy(), " values", rows.values.numpy())
print("as a tensor", tf.convert_to_tensor(rows).numpy())

# %% [markdown]
# Now a loss of the kind that day 8 uses. A line predicts $Xw + b$, and the **residual** $r = Xw + b - y$ is the
# difference between prediction and target. **Least squares** adds up the squares of the residuals:
#
# $$L = \sum_i r_i^2, \qquad \frac{\partial L}{\partial w} = 2 X^\top r, \qquad \frac{\partial L}{\partial b} = 2 \sum_i r_i.$$
#
# With $w = (1, 2)$ and $b = 1$ the predictions below are 6 and 12, the targets are 1 and 2, so $r = (5, 10)$. The loss
# is $25 + 100 = 125$, and the slope of $b$ is $2 \cdot (5 + 10) = 30$.

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
# The slope of a slope is the **second derivative**. It says how the curve bends. To get it, a second tape records how
# the first slope is computed.
#
# The second derivative of $x^2 - 2x + 1$ is 2. **Predict:** the cell below computes the slope twice, once inside the
# block of the outer tape and once after it. Do both lines print 2?

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
# Only the first line prints 2. A tape records while its `with` block is open. `unseen` is the same number, −2, but it
# was computed after the block, so the outer tape finds no path and returns None.
# </details>
#
# ### Your turn: as often as you like
#
# Write `nth_derivative`, which differentiates a function n times. For `lambda x: x * x * x * x` at 2, the derivatives
# number 0 to 5 are 16, 32, 48, 48, 24 and 0. Number 0 is the value of the function itself.


# %% exercise="nth_derivative"
def nth_derivative(f, x, n: int):
    """The n-th derivative of f at every entry of x: float32, of x's shape.

    f: function of a tensor that works entry by entry. x: float32 tensor of any shape. n: 0, 1, 2, ...;
    up to 4 the answer takes less than 4 seconds.
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
# A tape records the operations that really ran. Of an `if`, only the branch that was taken is on the tape. Of a loop,
# every pass is on it. The same is true inside a `tf.function`.
#
# In the code below `x` is cast to float32 first, because for whole numbers TensorFlow would return None.


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

# %% [markdown]
# For $x = 3$ the branch is $x^2 = 9$, with slope 6. The loop doubles 9 four times, until it is at least 100: 18, 36,
# 72, 144. So the slope is doubled four times too: $6 \cdot 2^4 = 96$.

# %% [markdown] tags=["predict"]
# ## Walk downhill
#
# The slope says in which direction a function grows, so we go the other way. **Gradient descent** repeats one step:
#
# $$x \leftarrow x - \eta \, f'(x).$$
#
# The number $\eta$ is the **learning rate**, called `lr` in the code. It decides how far we go in each step.
#
# Take $f(x) = (x - 1)^2$, whose minimum is at 1. Its slope is $2(x - 1)$, so each step multiplies the distance to the
# minimum by $1 - 2 \eta$. **Predict** where 20 steps from 0 end for $\eta$ = 0.01, 0.5, 0.9, 1 and 1.1.

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
# The distance is multiplied by this factor in each step:
#
# - lr 0.01: by 0.98. The walk is very slow.
# - lr 0.5: by 0. One step is enough.
# - lr 0.9: by −0.8. Each step jumps over the minimum, but ends closer to it.
# - lr 1: by −1. The walk jumps between 0 and 2 for ever.
# - lr 1.1: by −1.2. Each jump ends farther away.
#
# So the walk comes closer only if $|1 - 2 \eta| < 1$.
# </details>
#
# Move the learning rate through all five cases. The right half shows the distance to the minimum on a logarithmic axis.
# If each step multiplies the distance by the same factor, you see a straight line there.

# %%
explore.descent()

# %% [markdown]
# ### Your turn: write the walk
#
# Write `descend`, which does gradient descent without an optimizer. It returns the last point, and the path: all the
# points from the first to the last. Ten steps with `lr=0.1` on `lambda x: (x - 1) ** 2` from 0 end at 0.8926, and the
# path has eleven points.


# %% exercise="descend"
def descend(f, x0, lr: float, steps: int):
    """Where gradient descent ends, and its path.

    f: gives one number for a float tensor of x0's shape. x0: number, list, NumPy array, tensor or
    Variable, of whole numbers or of floats; it stays as it is. steps: 0 or more.
    Returns (x, path), float32 or float64: x of x0's shape; path with steps + 1 points, from x0 to x.
    """
    ### BEGIN SOLUTION
    x = tf.Variable(tf.cast(x0, tf.float32))
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
# An **optimizer** is an object that takes such steps for you. `SGD` is the rule that you just wrote; day 9 compares it
# with others. You give the optimizer pairs: first the gradient, then its Variable. Every training step in this course
# has the same three parts: record the loss on a tape, ask the tape for the gradients, let the optimizer apply them.

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
# Keras 2 wrote `optimizer.minimize(...)`, `SGD(lr=...)`, `optimizer.lr` and `optimizers.legacy`. Keras 3 has none of
# these: it writes `learning_rate`, and has a new method `optimizer.apply(gradients, variables)`. It still accepts
# `decay=`, but ignores it: use a schedule. The optimizers of TensorFlow 1 are in `tf.compat.v1.train`.
#
# Read the two errors below. The second one appears when every gradient is None.

# %%
print("minimize:", hasattr(optimizer, "minimize"), "  lr:", hasattr(optimizer, "lr"))
try:
    keras.optimizers.SGD(lr=0.1)
except ValueError as error:
    print("SGD(lr=0.1):", error)
try:
    optimizer.apply_gradients([(None, x)])
except ValueError as error:
    print("only None:", error)

# %% [markdown]
# ### Your turn: bring `minimize` back
#
# Write the old method as a function. It takes one step with the optimizer that you are given. A thousand calls with
# `SGD(0.01)` on $(x - 1)^2$ bring $x$ from 0 to 0.99999857.


# %% exercise="minimize"
def minimize(optimizer, loss_fn, variables):
    """The loss before the step, one number; takes one step on the variables, also inside a tf.function.

    optimizer: a Keras optimizer, which may have a memory such as momentum. loss_fn: without arguments, gives one number.
    variables: list; the loss depends on at least one. One on which it does not depend, or a frozen one, stays as it is.
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
# As on day 6, a `tf.function` turns a loop over `tf.range` into one loop of the graph. A loop over Python's `range` is
# **unrolled**: every pass adds its own operations to the graph. The cell below counts them for 50 steps.
#
# The steps are yours: `yours(minimize)` is your answer if it passes its check. If it does not pass yet, the course uses
# its own answer and says so.

# %%
take_one_step = yours(minimize)


def looped(numbers):
    x, sgd = tf.Variable(0.0), keras.optimizers.SGD(0.01)

    @tf.function
    def loop():
        for _ in numbers:
            take_one_step(sgd, lambda: (x - 1) ** 2, [x])
        return x.read_value()

    return loop


# %%
sizes = {
    name: len(looped(numbers).get_concrete_function().graph.get_operations())
    for name, numbers in {"range(50)": range(50), "tf.range(50)": tf.range(50)}.items()
}
assert sizes["range(50)"] > 10 * sizes["tf.range(50)"]
sizes

# %% [markdown] tags=["predict"]
# **Predict:** if numbers were exact, 1,000 such steps would end at $1 - 0.98^{1000} = 0.9999999983$. Does the program
# get there if it takes 10,000 steps?

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
# It does not. Just below 1, two neighbouring float32 numbers are 6e-8 apart. An update of less than half this gap is
# rounded away, so $x$ stays where it is for ever, although the gradient is not 0 yet. Day 22 comes back to this.
# </details>

# %% [markdown] tags=["predict"]
# ## Find out who killed the gradient
#
# When a gradient is None, some operation has cut the path. **Predict** for $x = 3$: which of these ten functions have a
# number as their gradient, and which have None? (The first line switches off a warning about the whole number.)

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
# - `stop_gradient` treats its input as a constant. One factor is left, so the slope is 3 and not 6.
# - `.numpy()`, a new Variable and `assign` leave the tape. A value that is written into a Variable has no history.
# - Whole numbers have no slope, and neither does anything that was cast to them, such as `argmax`.
# - `round` and `floor` consist of flat steps, and their gradient is None. In `floor(x) + x` the path through
#   the second `x` is left, so the slope is 1. `sign` is flat too, but there TensorFlow says 0.
# </details>
#
# In training, the usual causes are these: the model was called outside the `with` block, the loss was computed with
# `.numpy()`, or an input has an int dtype.

# %% [markdown]
# ## Keep nan out
#
# One step with a gradient of nan makes all weights nan. A common source is `tf.where`.
#
# `tf.where(condition, a, b)` computes both `a` and `b` and then chooses. On the way back it multiplies the slope of the
# one that was not chosen by 0. If that slope is infinite, as that of $\log x$ at 0, then $0 \cdot \infty$ is nan.
#
# The solution is a **double where**: first replace the dangerous input by a harmless one, here 1, so that no branch
# computes $\log 0$.

# %%
x = tf.Variable([0.0, 1.0])
with tf.GradientTape(persistent=True) as tape:
    single = tf.where(x > 0, tf.math.log(x), 0.0)
    safe = tf.where(x > 0, x, 1.0)
    double = tf.where(x > 0, tf.math.log(safe), 0.0)
print("values", single.numpy(), double.numpy())
print("slopes", tape.gradient(single, x).numpy(), tape.gradient(double, x).numpy())

# %% [markdown]
# ### Your turn: the entropy, also with zeros
#
# The **entropy** of a list of probabilities says how uncertain the outcome is:
#
# $$H(p) = -\sum_i p_i \log p_i.$$
#
# If one outcome is certain, it is 0. Write `entropy` so that a probability of 0 adds nothing, neither to the value nor
# to the gradient. For `[0, 0.5, 0.5]` the value is $-2 \cdot 0.5 \cdot \log 0.5 = 0.6931$, and the gradient is `[0,
# -0.3069, -0.3069]`, because the slope of $-p \log p$ is $-\log p - 1$.


# %% exercise="entropy"
def entropy(p):
    """The entropy along the last axis, with the natural logarithm; of p's dtype.

    p: float32 or float64 tensor of shape (..., k), k >= 1, of numbers >= 0 that add up to 1. Returns shape (...).
    Its gradient with respect to p, as a tape gives it, is -log(p) - 1 where p is positive, and 0 where p is 0.
    """
    ### BEGIN SOLUTION
    safe = tf.where(p > 0, p, tf.ones_like(p))
    parts = tf.where(p > 0, p * tf.math.log(safe), tf.zeros_like(p))
    return -tf.reduce_sum(parts, axis=-1)
    ### END SOLUTION


# %% check="entropy"
check(entropy)

# %% [markdown]
# Another source of nan is a number that is too large. In $\log(1 + e^x)$ at $x = 100$, $e^{100}$ is infinite in
# float32. `tf.math.softplus` computes the same formula in a way that avoids this. If no such function exists, you can give
# TensorFlow the slope yourself, with `tf.custom_gradient`.
#
# A function with this decorator returns two things: its value, and a function for the way back. That function gets the
# slope that arrived from the right, `upstream`, and multiplies it by its own slope, as in the picture.


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
# With your own slope, the slope is right, but the value is still infinite. Only `softplus` gets both right.
#
# At a sharp corner, such as $|x|$ at 0, no single slope is right, and TensorFlow chooses one. The cell below shows
# which. Its last line is a surprise: by the rule for powers, the third derivative of $x^2$ is $0 \cdot x^{-1}$, and at
# $x = 0$ that is nan.

# %%
x = tf.Variable([0.0, 2.0, 2.0])
with tf.GradientTape(persistent=True) as tape:
    relu, size, largest = tf.nn.relu(x), tf.abs(x), tf.reduce_max(x)
    power = 0 * x**-1
print("slope of relu at 0:", tape.gradient(relu, x).numpy()[0])
print("slope of |x| at 0:", tape.gradient(size, x).numpy()[0])
print("slope of max, if two entries are the largest:", tape.gradient(largest, x).numpy())
print("0 * 0**-1 =", power.numpy()[0])

# %% [markdown]
# ## Check a gradient before you trust it
#
# If a slope that you wrote by hand is wrong, no error tells you. The model may even train, but badly. So compare it
# with central differences: in float64, and one entry at a time.
#
# `tf.test.compute_gradient` does this; today you build it yourself. Run such a check on the CPU: most GPUs are slow in
# float64, and TPUs do not have it.
#
# ### Your turn: the lie detector
#
# Write `check_gradient`. For each entry it compares the tape's slope $a$ with the measured slope $n$, and it returns
# the largest relative error:
#
# $$\max_i \; \frac{|a_i - n_i|}{\max(1,\; |a_i| + |n_i|)}.$$
#
# For $\sum \sin(x) \cdot x$ the result is below 1e-6. If a slope is twice too large, it is about 0.33, because $|2 - 1|
# / (2 + 1) = 0.33$.


# %% exercise="check_gradient"
def check_gradient(f, x, eps: float = 1e-5) -> float:
    """The largest relative error of the tape's gradient, over all entries of x.

    f: gives one number for a float64 tensor of x's shape. x: number, list, NumPy array or tensor, of whole
    numbers or of floats, with at least one entry; it stays as it is. eps: step of the central difference to each side.
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
# Now use your detector on the slope that we wrote by hand above, and on a wrong one, in which the `1 -` is missing.


# %%
@tf.custom_gradient
def wrong_slope(x):
    e = tf.exp(x)
    return tf.math.log(1 + e), lambda upstream: upstream * (1 / (1 + e))


detector = yours(check_gradient)
for f in (log1pexp, wrong_slope):
    error = detector(lambda x, f=f: tf.reduce_sum(f(x)), [-2.0, 0.5, 3.0])
    print(f"{f.__name__:12} largest relative error {error:.1e}")

# %% [markdown]
# ## Use the second derivative
#
# The minimum of **Rosenbrock's function** lies at the end of a long, curved valley. It is easy to walk down into the
# valley, but hard to walk along it, because the ground hardly falls there.
#
# **Newton's method** uses the second derivatives as well. They form a square table, the **Hessian** $H$, which is the
# jacobian of the gradient $g$. Newton looks for the step $s$ that would lead to the minimum if the ground were a
# parabola:
#
# $$H s = g, \qquad x \leftarrow x - s.$$
#
# The first part is a system of linear equations, and `np.linalg.solve` solves it.


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

# %% [markdown]
# Eight steps of Newton's method start at the same point as 200 steps of your `descend`.

# %%
start = np.array([-1.2, 1.0])
newton = [start]
for _ in range(8):
    slope, bend = slope_and_bend(tf.constant(newton[-1]))
    newton.append(newton[-1] - np.linalg.solve(bend, slope))
walk = yours(descend)
_, downhill = walk(lambda p: rosenbrock(p[0], p[1]), start, lr=0.001, steps=200)
assert np.allclose(newton[-1], 1) and not np.allclose(downhill[-1], 1, atol=0.5)
paths = {"Newton, 8 steps": newton, "descent, 200 steps": np.asarray(downhill)}
plot.surface(rosenbrock, paths, (-1.6, 1.6), (-3.5, 2.2), minimum=(1, 1), log=True)

# %% [markdown]
# Newton's method reaches the minimum, while gradient descent is still at the beginning of the valley. But nobody trains
# networks with it: the Hessian of $n$ weights has $n^2$ entries, for a million weights a million million.
#
# ## Go forwards
#
# Reverse mode needs one walk for each *result*. If a function has one input and many results, the other direction needs
# less work. **Forward mode** starts at the input and carries the slope along with each value. In TensorFlow it is a
# `ForwardAccumulator`; its second argument is the slope at the start, here 1, and `jvp` returns the slopes of the
# results.

# %%
angle = tf.constant(0.0)
with tf.autodiff.ForwardAccumulator(angle, tf.constant(1.0)) as forwards:
    point = tf.stack([tf.cos(angle), tf.sin(angle)])
print("on the circle", point.numpy(), " moving towards", forwards.jvp(point).numpy())

# %% [markdown]
# ### A stretch: build the tape yourself
#
# Write the class `Node`: a number that remembers which nodes it was made from. Two nodes can be added and multiplied,
# and each has `tanh()`. All three make a new Node. The tanh of a large number is 1, without overflow. `y.backward()` walks
# back and sets the gradients.
#
# For `a = Node(2.0)`, `b = Node(3.0)` and `y = a * b`, `y.backward()` sets `a.grad` to 3 and `b.grad` to 2. With `a =
# Node(1.5)`, `b = Node(-0.7)`, `c = a * b + a` and `y = (c * c + a).tanh() * c`, `a.grad` is 0.351826 and `b.grad` is
# 1.479170.


# %% exercise="Node"
class Node:
    """A number that knows how it was made: Node(1.5), or +, * and tanh() of Nodes. .grad: its slope."""

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
        """Sets .grad of self, and of each Node it was made from, to d self / d Node. Each call starts afresh."""
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
# - You can **differentiate** with a tape. It records Variables by itself, and constants after `watch`. For a second derivative,
#   put a second tape around the first.
# - You can **minimise** a function: record, differentiate, apply. The learning rate decides whether the walk is slow, arrives, or
#   moves away.
# - You can **diagnose** a gradient. None means that there is no path, nan is often $0 \cdot \infty$, and central differences show a wrong
#   slope.
#
# A common mistake: the line `optimizer = keras.optimizers.Adam()` stands inside the training step. Every step then gets
# a new optimizer, without the memory of the steps before. The fix: make one optimizer for each model, before the loop.
#
# Three questions to check yourself: What does `tape.gradient` return if the result has several entries? Why does
# `assign` cut the path? For which learning rate does the walk on $(x - 1)^2$ jump between two points for ever?
