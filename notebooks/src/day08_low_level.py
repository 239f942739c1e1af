# %% [markdown]
# Before Keras there were tensors. Today you train everything by hand, and on problems whose best answer is known, so that
# you see when you are wrong. After today you can
#
# - **train** linear, logistic and softmax models and a network with Variables, a tape and `tf.function`,
# - **check** a fit against an answer in closed form,
# - **regularise** with ridge, lasso and dropout, and say what each does.

# %% tags=["setup"]
import numpy as np
import tensorflow as tf

from checks import check, hint, solution
from course import data, explore, plot

# %% [markdown]
# ## Meet the two problems of the week
#
# Days 8, 9 and 10 solve both, on three floors: today with bricks (operations, gradients, graphs), tomorrow with walls
# (layers, losses, optimizers), then with a whole house (models). Below the bricks lie kernels in C++, and the hardware.
#
# Which of the two rings does a point belong to? No straight line can tell.

# %%
ring_x, ring_y = data.rings()
plot.decision_map(ring_x, ring_y, names=("outer ring", "inner ring"))

# %% [markdown]
# The other problem: 400 points of y = 2 x₁ − 3 x₂ + 3, plus noise of standard deviation 2. You know the truth, and the
# model shall find it.

# %%
x, y = data.linear()
plot.scatter(x, y, names=["x₁", "x₂"])

# %% [markdown]
# ## Deal the data in batches
#
# A **batch** is a handful of rows for one step. Each **epoch** deals all rows once, in a new order. A function that yields
# one batch after the other is a generator: `for x_batch, y_batch in batches(x, y, 10, seed): ...`

# %% [markdown]
# ### Your turn: batches
#
# Write `batches`: pairs of tensors, every row exactly once, in an order drawn from the seed. Ten rows in batches of 4 come
# as 4, 4 and 2 rows.


# %% exercise="batches"
def batches(x, y, size: int, seed: int):
    """Yields pairs (x_batch, y_batch) of tensors: every row once, shuffled by the seed, the last batch may be short.

    x, y: tensors or NumPy arrays with the same number of rows, of any dtype, which the batches keep.
    The same seed gives the same order, another seed another.
    """
    ### BEGIN SOLUTION
    order = np.random.default_rng(seed).permutation(len(x))
    for start in range(0, len(x), size):
        places = order[start : start + size]
        yield tf.gather(x, places), tf.gather(y, places)
    ### END SOLUTION


# %% check="batches"
check(batches)

# %% [markdown]
# ## Take one step by hand
#
# A model is a function of Variables. The loss is half the mean squared error: the half cancels the 2 of the derivative. A
# tape gives the gradient, `assign_sub` goes downhill.

# %%
w, b = tf.Variable(tf.zeros([2, 1])), tf.Variable(0.0)


def half_mse(x, y):
    return tf.reduce_mean(0.5 * (x @ w + b - y) ** 2)


print("loss", half_mse(x, y).numpy())
with tf.GradientTape() as tape:
    loss = half_mse(x, y)
dw, db = tape.gradient(loss, [w, b])
w.assign_sub(0.03 * dw)
b.assign_sub(0.03 * db)
print("w", w.numpy().ravel(), " b", b.numpy(), " loss", half_mse(x, y).numpy())

# %% [markdown] tags=["predict"]
# **Predict:** predictions have the shape (n, 1), labels often (n,). What is the shape of their difference for n = 4? And
# what does a loss say about it?

# %%
error = tf.zeros([4, 1]) - tf.range(4.0)
print(error.shape, " loss", tf.reduce_mean(error**2).numpy())

# %% [markdown]
# <details><summary>Why</summary>
#
# (4, 1) and (4,) broadcast to (4, 4): every prediction minus every label. Nothing fails, and the loss is a number: the model
# just learns the mean. It is the most expensive silent mistake of this day. Reshape labels once, at the border.
# </details>

# %% [markdown]
# ### Your turn: a linear model
#
# Pack it into a class. On the rows (1, 0), (0, 1), (1, 1) with y = 1, 2, 3, from zero weights and with lr 0.5, one step
# returns the loss 2.3333 and leaves w = [0.6667, 0.8333], b = 1.


# %% exercise="LinearModel"
class LinearModel:
    """A linear model x w + b, trained with half the mean squared error.

    LinearModel(n, seed): w is a float32 tf.Variable of n numbers, normal, drawn from the seed; b one of one number, 0.
    """

    def __init__(self, n: int, seed: int):
        ### BEGIN SOLUTION
        self.w = tf.Variable(tf.random.stateless_normal([n, 1], seed=[seed, 0]))
        self.b = tf.Variable(0.0)
        ### END SOLUTION

    def __call__(self, x):
        """Predictions of shape (rows, 1) for a float32 tensor of shape (rows, n)."""
        ### BEGIN SOLUTION
        return x @ self.w + self.b
        ### END SOLUTION

    def loss(self, x, y):
        """Half the mean squared error, a scalar tensor; y has shape (rows,) or (rows, 1)."""
        ### BEGIN SOLUTION
        return tf.reduce_mean(0.5 * (self(x) - tf.reshape(y, [-1, 1])) ** 2)
        ### END SOLUTION

    def step(self, x, y, lr):
        """Moves w and b one step downhill, in place, also in a tf.function; returns the loss before the step."""
        ### BEGIN SOLUTION
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(lr * dw)
        self.b.assign_sub(lr * db)
        return loss
        ### END SOLUTION


# %% check="LinearModel"
check(LinearModel)

# %% [markdown]
# ## Train, and compare with the truth
#
# The loop is short: epochs, batches, one step each. `tf.function` turns the step into a graph, traced once. Give lr as a
# tensor: a Python number would be baked in, and each new one traced again.


# %%
@tf.function
def step(x, y, lr):
    with tf.GradientTape() as tape:
        loss = half_mse(x, y)
    dw, db = tape.gradient(loss, [w, b])
    w.assign_sub(lr * dw)
    b.assign_sub(lr * db)


deal = np.random.default_rng(0)
for _ in range(40):
    for rows in deal.permutation(400).reshape(40, 10):
        step(tf.gather(x, rows), tf.gather(y, rows), tf.constant(0.005))
print("w", w.numpy().ravel(), " b", b.numpy(), " traces", step.experimental_get_tracing_count())

# %% [markdown]
# How good is that? **Least squares** has an exact answer: `tf.linalg.lstsq` on the columns x and 1. No training can beat its
# loss, which lies near σ²/2 = 2, the noise that nobody can predict.

# %%
design = tf.concat([x, tf.ones([400, 1])], axis=1)
exact = tf.linalg.lstsq(design, y)
least = tf.reduce_mean(0.5 * (design @ exact - y) ** 2)
print("least squares", exact.numpy().ravel(), "half MSE", least.numpy())
assert (
    np.abs(tf.concat([w[:, 0], [b]], 0) - exact[:, 0]).max() < 0.3 and half_mse(x, y) >= least
)

# %% [markdown] tags=["predict"]
# ## Find the largest learning rate
#
# On a parabola of curvature λ, steps diverge from 2/λ on. Here are three curvatures, the eigenvalues of the Hessian.
# **Predict:** the largest stable rate. And which of w₁, w₂, b learns slowest?

# %%
hessian = tf.transpose(design) @ design / 400
curvatures, directions = tf.linalg.eigh(hessian)
print("curvatures", curvatures.numpy(), " largest stable rate", (2 / curvatures[-1]).numpy())
print("flattest direction (w₁, w₂, b):", np.abs(directions[:, 0].numpy()).round(2))

# %% [markdown]
# <details><summary>Why</summary>
#
# The steepest direction sets the limit, 2/36.7 = 0.0546; the flattest, almost exactly b, then crawls: its curvature is
# 37 times smaller. x reaches to 10, the column of ones only to 1. Had x been standardised, all would be about 1.
# </details>

# %% [markdown]
# Watch w₁ and b on their way from 0. All three runs take 12 steps on the full data; only the rate differs. The
# largest is just beyond the limit.

# %%
h, bottom, paths = hessian.numpy(), exact.numpy()[:, 0], {}
for rate in (0.003, 0.03, 0.056):
    path = [np.zeros(3)]
    for _ in range(12):
        path.append(path[-1] - rate * h @ (path[-1] - bottom))
    paths[f"rate {rate}"] = np.array(path)[:, [0, 2]]


def valley(w1, b):
    d1, d2 = w1 - bottom[0], b - bottom[2]
    return least.numpy() + (h[0, 0] * d1**2 + 2 * h[0, 2] * d1 * d2 + h[2, 2] * d2**2) / 2


ranges = (-4.5, 8), (-1, 4)
plot.surface(valley, paths, *ranges, minimum=bottom[[0, 2]], x_label="w₁", y_label="b")

# %% [markdown]
# ## Say how good a regression is
#
# MSE punishes large errors, **RMSE** is its root, in the unit of y; **MAE** is the mean distance. **R²** = 1 − SSE/SST
# compares the sum of squared errors with that of a model that always says the mean.

# %% [markdown]
# ### Your turn: four numbers
#
# Write `regression_metrics`. For y = (3, −0.5, 2, 7) and p = (2.5, 0, 2, 8) they are mse 0.375, rmse 0.61237, mae 0.5 and
# r2 0.9486.


# %% exercise="regression_metrics"
def regression_metrics(y, p) -> dict:
    """The numbers mse, rmse, mae and r2 as a dict.

    y, p: truth and prediction, n >= 2 numbers each; tensors, NumPy arrays or lists, of any numeric dtype, each of shape
    (n,) or (n, 1). r2 is nan where all y are equal.
    """
    ### BEGIN SOLUTION
    y = np.asarray(y, "float64").reshape(-1)
    p = np.asarray(p, "float64").reshape(-1)
    error = y - p
    mse = np.mean(error**2)
    total = np.sum((y - y.mean()) ** 2)
    r2 = 1 - np.sum(error**2) / total if total > 0 else np.nan
    return {"mse": mse, "rmse": np.sqrt(mse), "mae": np.mean(np.abs(error)), "r2": r2}
    ### END SOLUTION


# %% check="regression_metrics"
check(regression_metrics)

# %% [markdown] tags=["predict"]
# **Predict:** many notes say that R² lies between 0 and 1. What is it if you predict the mean of y? And with the sign of
# every prediction flipped?

# %%
truth, p = np.array([3, -0.5, 2, 7]), np.array([2.5, 0, 2, 8])
sst = np.sum((truth - truth.mean()) ** 2)
for name, guess in {"p": p, "mean": np.full(4, truth.mean()), "-p": -p}.items():
    print(f"{name:5} R² {1 - np.sum((truth - guess) ** 2) / sst:.3f}")

# %% [markdown]
# <details><summary>Why</summary>
#
# The mean scores 0 by definition, and there is always something worse than the mean: R² has no lower end. On test data a
# negative R² is an honest result, and clipping it hides a broken model. `keras.metrics.R2Score` agrees.
# </details>

# %% [markdown]
# ## Penalise large weights
#
# Ten measurements of 442 patients, and how their diabetes progressed. (Old books use Boston housing, which scikit-learn
# removed on ethical grounds.) At a small λ, s1 and s2 are large and opposite: they measure nearly the same, and least
# squares plays them off against each other. A penalty, added to the loss, stops that: **ridge** adds λ Σw², **lasso**
# λ Σ|w|, **elastic net** a share of each. Standardise first, with the training part alone.

# %%
from sklearn.model_selection import train_test_split

features, target = data.diabetes()
train_x, test_x, train_y, test_y = train_test_split(
    features, target, test_size=0.25, random_state=123
)
mean, spread = train_x.mean(), train_x.std(ddof=0)
train_x, test_x = (train_x - mean) / spread, (test_x - mean) / spread
explore.shrinkage(train_x, train_y, test_x, test_y, names=list(features.columns))

# %% [markdown] tags=["predict"]
# **Predict:** the lasso makes weights exactly 0. The gradient of |w| is its sign, so descent needs one more term. How many
# of the ten weights are exactly 0 after 1,500 steps?

# %%
v = tf.Variable(tf.zeros([10, 1]))
a, c = tf.constant(train_x.to_numpy()), tf.constant(train_y[:, None])


@tf.function
def lasso_descent(steps):
    for _ in tf.range(steps):
        smooth = 2 / len(a) * tf.transpose(a) @ (a @ v - (c - tf.reduce_mean(c)))
        v.assign_sub(0.05 * (smooth + 20 * tf.sign(v)))


lasso_descent(tf.constant(1500))
weights = v.numpy()
print("exact zeros:", np.sum(weights == 0), " smallest weight:", np.abs(weights).min().round(3))

# %% [markdown]
# <details><summary>Why</summary>
#
# Near 0 the sign flips from step to step, and the weight hovers by lr · λ. Zero is a single point; a step of fixed size
# jumps over it. The last exercise mends that with one line.
# </details>

# %% [markdown]
# scikit-learn's solvers do it too. Mind the scale: its lasso halves the squared error, so alpha is λ/2 (here λ = 20); its
# ridge sums where we average, so alpha is nλ (here λ = 1, n = 331).

# %%
from sklearn.linear_model import ElasticNet, Lasso, Ridge

for model in (Lasso(alpha=10), ElasticNet(alpha=1, l1_ratio=0.5), Ridge(alpha=331)):
    zeros = np.sum(model.fit(train_x, train_y).coef_ == 0)
    print(f"{model!s:20} exact zeros {zeros}   test R² {model.score(test_x, test_y):.3f}")

# %% [markdown]
# ## Turn a line into a probability
#
# Rosenblatt's **perceptron** answered with a step: yes or no, and no slope to learn from. The **sigmoid** is its smooth
# heir, the probability of yes. Between layers today's choice is relu; tanh is a sigmoid from −1 to 1.

# %%
z = tf.linspace(-4.0, 4.0, 81)
shapes = {
    "step": tf.cast(z > 0, tf.float32),
    "sigmoid": tf.sigmoid(z),
    "tanh": tf.tanh(z),
    "relu": tf.nn.relu(z / 2),
}
plot.curves(shapes, x=z, x_label="z (relu: of z/2)")

# %% [markdown]
# The loss follows from chance: a model that gives the seen labels a high probability is likely. Minus the mean log of those
# probabilities is the **cross-entropy**. (One old note prints 1 − log p; it is log(1 − p).) Straight into logistic
# regression, on the rings, once with x₁, x₂, once with x₁² + x₂² instead:


# %%
def logistic(inputs, labels, steps=400, lr=0.5):
    w, b = tf.Variable(tf.zeros([inputs.shape[1], 1])), tf.Variable(0.0)
    for _ in range(steps):
        error = (tf.sigmoid(inputs @ w + b) - labels) / len(labels)  # the gradient, by hand
        w.assign_sub(lr * tf.transpose(inputs) @ error)
        b.assign_sub(lr * tf.reduce_sum(error))
    return tf.reduce_mean(tf.cast((inputs @ w + b > 0) == (labels > 0.5), tf.float32)).numpy()


square = (np.sum(ring_x**2, axis=1, keepdims=True) - 45) / 20
plain, squared = logistic(tf.constant(ring_x), ring_y), logistic(tf.constant(square), ring_y)
print(f"accuracy with x₁, x₂: {plain:.3f}, with the squared radius: {squared:.3f}")
assert plain < 0.6 and 0.93 < squared < 0.97

# %% [markdown] tags=["predict"]
# Many programs compute the sigmoid first and clip it, so that log never sees 0. **Predict:** a point of class 0 has the
# logit 30, as wrong as can be. How large is the gradient, clipped, and straight from the logit?

# %%
z = tf.Variable(30.0)
with tf.GradientTape(persistent=True) as tape:
    clipped = -tf.math.log(1 - tf.clip_by_value(tf.sigmoid(z), 1e-7, 1 - 1e-7))
    stable = tf.nn.sigmoid_cross_entropy_with_logits(labels=0.0, logits=z)
print("clipped: loss", clipped.numpy(), "gradient", tape.gradient(clipped, z).numpy())
print("logits:  loss", stable.numpy(), "gradient", tape.gradient(stable, z).numpy())

# %% [markdown]
# <details><summary>Why</summary>
#
# Clipping has slope 0 where it clips: the point that is most wrong teaches nothing. The logits version simplifies the
# formula before it computes: log(1 + exp(z)). Note also 1 − 1e-8 in float32: it is 1.
# </details>

# %% [markdown]
# ### Your turn: cross-entropy for many classes
#
# **Softmax** turns k logits into k probabilities. Write `softmax_xent`, stable for logits of ±1000: rows (5, 0) and (1, 1)
# with labels 0 and 1 lose 0.0067 and 0.6931, on average 0.3499.


# %% exercise="softmax_xent"
def softmax_xent(logits, labels):
    """The mean cross-entropy of softmax(logits), a scalar tensor; a tape can differentiate it.

    logits: float32 tensor [n, k], values up to 1000 either way. labels: int32 or int64 tensor [n], 0 to k - 1.
    """
    ### BEGIN SOLUTION
    shifted = logits - tf.reduce_max(logits, axis=1, keepdims=True)
    total = tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1))
    return tf.reduce_mean(total - tf.gather(shifted, labels, axis=1, batch_dims=1))
    ### END SOLUTION


# %% check="softmax_xent"
check(softmax_xent)

# %% [markdown]
# ## Read digits without a layer
#
# Softmax regression: one product, ten logits. Before training all ten are equal, so the loss must be ln 10 = 2.303; another
# number is a mistake. (`tensorflow.examples.tutorials.mnist` is gone; these digits come with scikit-learn, and
# `data.digits(online=True)` brings MNIST.)

# %%
images, labels = data.digits()
rows = np.random.default_rng(0).permutation(len(images))
images, labels = images[rows].reshape(-1, 64), labels[rows]
plot.images(images[:10].reshape(-1, 8, 8), labels[:10])


# %%
def train_digits(model, variables, lr, steps=300):
    @tf.function
    def one_step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, model(x)))
        for v, g in zip(variables, tape.gradient(loss, variables), strict=True):
            v.assign_sub(lr * g)
        return loss

    losses = [one_step(images[:1347], labels[:1347]).numpy() for _ in range(steps)]
    return losses, np.mean(np.argmax(model(images[1347:]), axis=1) == labels[1347:])


w, b = tf.Variable(tf.zeros([64, 10])), tf.Variable(tf.zeros([10]))
losses, accuracy = train_digits(lambda x: x @ w + b, [w, b], lr=0.5)
print(f"loss {losses[0]:.4f} -> {losses[-1]:.3f}, test accuracy {accuracy:.3f}")
assert abs(losses[0] - np.log(10)) < 1e-4 and 0.9 < accuracy < 0.99

# %% [markdown]
# ## Stack layers, and start them well
#
# A **multilayer perceptron** repeats "product, bias, relu". `tf.Module` finds its Variables. How large should the first
# weights be? Sums over many inputs grow with their number; **Xavier** divides that out: standard deviation
# √(2 / (fan_in + fan_out)). All zeros would never part the units: they stay equal for ever.

# %% [markdown]
# ### Your turn: an MLP
#
# Write `MLP`. `MLP([2, 4, 8, 1], 0)` has 6 Variables of 61 numbers together; its last layer returns raw logits.


# %% exercise="MLP"
class MLP(tf.Module):
    """A multilayer perceptron: relu after every layer but the last, which returns raw logits.

    MLP(sizes, seed): for each neighbouring pair of sizes a float32 Variable [fan_in, fan_out], normal or uniform with
    mean 0 and Xavier's standard deviation, drawn from the seed and independent of the other layers, and one
    [fan_out] of zeros.
    """

    def __init__(self, sizes: list[int], seed: int):
        ### BEGIN SOLUTION
        super().__init__()
        self.layers = []
        for place, (a, b) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
            start = tf.random.stateless_normal(
                [a, b], seed=[seed, place], stddev=(2 / (a + b)) ** 0.5
            )
            self.layers.append((tf.Variable(start), tf.Variable(tf.zeros([b]))))
        ### END SOLUTION

    def __call__(self, x):
        """Logits [rows, sizes[-1]] for a float32 tensor [rows, sizes[0]]."""
        ### BEGIN SOLUTION
        for w, b in self.layers[:-1]:
            x = tf.nn.relu(x @ w + b)
        w, b = self.layers[-1]
        return x @ w + b
        ### END SOLUTION


# %% check="MLP"
check(MLP)

# %% [markdown] tags=["predict"]
# **Predict:** the same network 64-64-64-10 starts three times: with zeros, with a standard normal, with Xavier. Which first
# loss is 2.303, which is near it, which beyond 30?


# %%
def forward(x, ws, bs):
    for w, b in zip(ws[:-1], bs[:-1], strict=True):
        x = tf.nn.relu(x @ w + b)
    return x @ ws[-1] + bs[-1]


curves, shapes, draw = {}, [(64, 64), (64, 64), (64, 10)], np.random.default_rng(0)
for name, scale, lr in (
    ("zeros", 0, 0.2),
    ("normal", 1, 0.01),
    ("Xavier", (2 / 128) ** 0.5, 0.2),
):
    ws = [tf.Variable((scale * draw.normal(size=s)).astype("float32")) for s in shapes]
    bs = [tf.Variable(tf.zeros(s[1])) for s in shapes]
    curves[name], accuracy = train_digits(
        lambda x, ws=ws, bs=bs: forward(x, ws, bs), ws + bs, lr
    )
    print(f"{name:7} first loss {curves[name][0]:8.3f}   test accuracy {accuracy:.3f}")
assert curves["normal"][0] > 30 and curves["Xavier"][0] < 4
plot.curves(curves, x_label="step", y_label="loss", log=True, lines={"ln 10": np.log(10)})

# %% [markdown]
# <details><summary>Why</summary>
#
# With a standard normal each layer multiplies the size of its signal by about √(64/2); two layers later the logits are
# large and confidently wrong. Zeros start at ln 10 and stay near it: every hidden unit is 0, and gets gradient 0.
# </details>

# %% [markdown]
# ## Drop units while training
#
# **Dropout** sets a random share of units to 0 in each training step, so that none can rely on a neighbour. What is kept
# grows by 1 / (1 − rate): the mean stays, and at prediction time nothing has to change.

# %% [markdown]
# ### Your turn: dropout
#
# Write `dropout`. Of ones and a rate of 0.3, about 30 % become 0, the others 1.42857; the same seed drops the same ones.


# %% exercise="dropout"
def dropout(x, rate: float, training: bool, seed: int):
    """x with a share `rate` of its entries set to 0, each on its own, and the others divided by 1 - rate.

    x: float32 or float64 tensor of any shape, whose dtype is kept; rate: 0 to 1, and 1 gives zeros. The seed alone decides
    which entries go. With training=False, x comes back as it is.
    """
    ### BEGIN SOLUTION
    if not training or rate == 0:
        return x
    if rate == 1:
        return tf.zeros_like(x)
    u = tf.random.stateless_uniform(tf.shape(x), seed=[seed, 0])
    return tf.where(u < rate, tf.zeros_like(x), x / (1 - rate))
    ### END SOLUTION


# %% check="dropout"
check(dropout)

# %% [markdown]
# TensorFlow has it too: `tf.nn.dropout`, and `tf.nn.experimental.stateless_dropout`, which takes a seed. Neither knows
# whether you train; with Keras' layer, tomorrow, a flag says so.

# %% [markdown]
# ## Part the rings
#
# Now a network of bricks as you would ship it. An **input signature** fixes dtype and shape, None for any number of rows, so that the short
# last batch costs no new trace. (Such a method must call its first argument
# `self`.) Points go in as x/5: inputs of about 1 learn sooner, as you saw with b.


# %%
class Rings(tf.Module):
    def __init__(self):
        super().__init__()
        draw, self.w, self.b = tf.random.Generator.from_seed(0), [], []
        for a, c in ((2, 4), (4, 8), (8, 1)):
            self.w.append(tf.Variable(draw.normal([a, c], stddev=(2 / (a + c)) ** 0.5)))
            self.b.append(tf.Variable(tf.zeros([c])))

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    def __call__(self, x):
        return forward(x / 5, self.w, self.b)


net = Rings()
sizes = [v.shape.num_elements() for v in net.trainable_variables]
print(len(sizes), "Variables,", sum(sizes), "numbers")


# %%
@tf.function
def ring_step(x, y, lr):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, net(x)))
    gradients = tape.gradient(loss, net.trainable_variables)
    for v, g in zip(net.trainable_variables, gradients, strict=True):
        v.assign_sub(lr * g)


maps, deal = {}, np.random.default_rng(0)
for epoch in range(1, 21):
    for rows in deal.permutation(4000).reshape(40, 100):
        ring_step(tf.gather(ring_x, rows), tf.gather(ring_y, rows), tf.constant(0.3))
    if epoch in (1, 5, 20):
        now = [v.numpy() for v in net.w], [v.numpy() for v in net.b]
        maps[f"epoch {epoch}"] = lambda x, now=now: tf.sigmoid(forward(x / 5, *now))

# %% [markdown]
# How good can it get? The noise makes the rings overlap. The best possible rule says "inner" below radius 6.5, and is right
# in 95.38 % of all cases: the **Bayes limit**. More than 97 % on these 4,000 points would prove a bug, such as a label
# among the inputs.

# %%
accuracy = np.mean((net(ring_x).numpy() > 0) == ring_y)
best = np.mean((np.linalg.norm(ring_x, axis=1, keepdims=True) < 6.5) == (ring_y > 0))
print(f"network {accuracy:.4f}, radius below 6.5 on these points {best:.4f}")
assert 0.92 <= accuracy <= 0.97
plot.decision_map(ring_x, ring_y, maps, names=("outer ring", "inner ring"))

# %% [markdown]
# ## A stretch: the lasso, exactly
#
# Split each step in two: a gradient step on the mean squared error alone, then the **soft threshold**, which moves every
# weight towards 0 by lr · λ and stops there. This is ISTA.
#
# Write `lasso_ista`. For the rows (1, 0), (−1, 0), (0, 1), (0, −1), y = 3, −1, 1.25, 0.75 and λ = 0.5 the answer is
# w = [1.5, 0], b = 1.


# %% exercise="lasso_ista"
def lasso_ista(X, y, lam: float, lr: float, steps: int):
    """(w, b) that minimise mean((X w + b - y)²) + lam Σ|w|: w of shape [d] with exact zeros, b a scalar.

    X: float32 tensor [n, d]; y: float32 tensor [n]. lr is small enough for descent; `steps` steps from w = 0 are
    enough to arrive. b is not penalised.
    """
    ### BEGIN SOLUTION
    w, b = tf.zeros([X.shape[1]]), tf.constant(0.0)
    for _ in range(steps):
        error = tf.linalg.matvec(X, w) + b - y
        z = w - lr * 2 * tf.reduce_mean(error[:, None] * X, axis=0)
        b = b - lr * 2 * tf.reduce_mean(error)
        w = tf.sign(z) * tf.maximum(tf.abs(z) - lr * lam, 0.0)
    return w, b
    ### END SOLUTION


# %% check="lasso_ista"
check(lasso_ista)

# %% [markdown]
# ## Recap
#
# - You **train** any model with four bricks: Variables, a loss, a tape, `assign_sub`, and a graph for speed.
# - You **check** it: least squares for a line, ln 10 for ten classes, the Bayes limit for the rings.
# - You **regularise**: ridge shrinks, lasso zeroes, dropout keeps units from relying on each other.
#
# A mistake seen in many notebooks, and mended: labels of shape (n,) against predictions of (n, 1). `tf.reshape(y, [-1, 1])`,
# once, at the border.
#
# To think about: why does b learn slowest here? Why does descent on |w| never give an exact 0? Tomorrow Keras brings the
# walls: the same two problems, with layers and optimizers.
