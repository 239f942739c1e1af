# %% [markdown]
# Keras hides the parts that a model is made of. Today you build models from these parts yourself: Variables, a loss, and
# gradients. You do it on problems whose best answer is known, so that you notice when something is wrong. After today you
# can
#
# - **train** linear, logistic and softmax models and a small network with Variables, a tape and `tf.function`,
# - **check** a trained model against the best answer that is possible,
# - **regularise** a model with ridge, lasso and dropout, and say what each of them does.

# %% tags=["setup"]
import numpy as np
import tensorflow as tf
from sklearn.linear_model import ElasticNet, Lasso, Ridge
from sklearn.model_selection import train_test_split

from checks import check, hint, solution
from course import data, explore, plot
from course.answers import yours

# %% [markdown]
# ## Meet the two problems
#
# Days 8, 9 and 10 solve the same two problems at three levels. Today you use the lowest level: operations, gradients and
# graphs. Day 9 uses layers, losses and optimizers, and day 10 uses whole models.
#
# The first problem: which of two rings does a point belong to? No straight line can separate the rings.

# %%
ring_x, ring_y = data.rings()
plot.decision_map(ring_x, ring_y, names=("outer ring", "inner ring"))

# %% [markdown]
# The second problem: find the formula behind 400 points. They were made with $y = 2 x_1 - 3 x_2 + 3$, and then a random
# number, the **noise**, was added to each y. The noise has the standard deviation 2. So you know which numbers a model
# should find: 2, -3 and 3.

# %%
x, y = data.linear()
plot.scatter(x, y, names=["x₁", "x₂"])

# %% [markdown]
# ## Take the rows in batches
#
# A **batch** is a group of rows that one training step uses. An **epoch** is one pass through all rows. In each epoch the
# rows are shuffled, so that the batches differ from those of the epoch before.
#
# A function that hands out one batch after the other is a generator: it says `yield` where other functions say `return`.
# You use it in a loop: `for x_batch, y_batch in batches(x, y, 10, seed):`.
#
# ### Your turn: batches
#
# Write `batches`. It yields pairs of tensors in which every row comes exactly once, in an order that depends on the seed.
# For example, ten rows in batches of 4 come as 4, 4 and 2 rows.


# %% exercise="batches"
def batches(x, y, size: int, seed: int):
    """Yields pairs (x_batch, y_batch) of tensors: every row once, shuffled by the seed, the last batch may be short.

    x, y: both tensors or both NumPy arrays, with the same number of rows, of any dtype, which the batches keep.
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
# ## Take one step
#
# The model computes $x w + b$. Its weights $w$ and its **bias** $b$ are Variables, because training changes them. The loss
# is half of the mean squared error:
#
# $$L = \frac{1}{2n} \sum_i (x_i w + b - y_i)^2$$
#
# The derivative of a square brings a factor 2. The half cancels it, so the gradients have no factor in front:
#
# $$\frac{\partial L}{\partial w} = \frac{1}{n} \sum_i (x_i w + b - y_i)\, x_i \qquad
# \frac{\partial L}{\partial b} = \frac{1}{n} \sum_i (x_i w + b - y_i)$$

# %% [markdown]
# You do not need these formulas for training, because a tape computes the gradients (day 7). `assign_sub` then subtracts
# the gradient times the learning rate from each Variable.

# %%
w, b = tf.Variable(tf.zeros([2, 1])), tf.Variable(0.0)


def half_mse(x, y):
    return tf.reduce_mean(0.5 * (x @ w + b - y) ** 2)


print("loss before", half_mse(x, y).numpy())
with tf.GradientTape() as tape:
    loss = half_mse(x, y)
dw, db = tape.gradient(loss, [w, b])
w.assign_sub(0.03 * dw)
b.assign_sub(0.03 * db)
print("w", w.numpy().ravel(), " b", b.numpy(), " loss after", half_mse(x, y).numpy())

# %% [markdown] tags=["predict"]
# The shapes of predictions and labels need care. The predictions above have the shape (n, 1), but labels often come with
# the shape (n,).
#
# **Predict:** which shape does the difference of the two have for n = 4? Does TensorFlow raise an error?

# %%
error = tf.zeros([4, 1]) - tf.range(4.0)
print(error.shape, " loss", tf.reduce_mean(error**2).numpy())

# %% [markdown]
# <details><summary>Why</summary>
#
# There is no error. Broadcasting (day 5) repeats the column to the right and the row downwards, so the difference has
# the shape (4, 4): every prediction minus every label. The mean of its squares looks like a loss, but it is smallest
# when all predictions are the mean of the labels. So the model learns only this mean. Bring the labels into the shape
# (n, 1) before you subtract: `tf.reshape(y, [-1, 1])`.
# </details>

# %% [markdown]
# ### Your turn: a linear model
#
# Write the class `LinearModel`. You can follow one step by hand. The rows are (1, 0), (0, 1) and (1, 1) with y = 1, 2, 3.
# With w = (0, 0) and b = 0 all predictions are 0, so the errors are -1, -2 and -3.
#
# - The loss is (1 + 4 + 9) / (2 · 3) = 2.3333.
# - The gradient for w₁ is (-1 · 1 - 2 · 0 - 3 · 1) / 3 = -1.3333, for w₂ it is (0 - 2 - 3) / 3 = -1.6667, and for b it is
#   (-1 - 2 - 3) / 3 = -2.
# - With the learning rate 0.5, w becomes (0.6667, 0.8333) and b becomes 1.


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
# ## Train, and compare with the exact answer
#
# Now train. The loop takes the batches of each epoch and makes one step with each. `yours(batches)` is your own function if
# it passes its check. If it does not pass yet, it is the course's, so that the cells below run.
#
# `tf.function` turns the step into a graph (day 6). Give it the learning rate as a tensor. A Python number would become a
# fixed part of the graph, so each new learning rate would need a new trace.

# %%
deal, Model = yours(batches), yours(LinearModel)
model = Model(2, seed=0)


@tf.function
def step(x, y, lr):
    return model.step(x, y, lr)


for epoch in range(40):
    for x_batch, y_batch in deal(x, y, 10, epoch):
        step(x_batch, y_batch, tf.constant(0.005))
w_found, b_found = tf.reshape(model.w, [-1]).numpy(), tf.reshape(model.b, [-1]).numpy()
print("w", w_found, " b", b_found, " traces", step.experimental_get_tracing_count())

# %% [markdown]
# The numbers are close to 2, -3 and 3. For a linear model the best answer can be computed directly, without training. This is
# called **least squares**. `tf.linalg.lstsq` does it. It needs one more column of ones, because b is the weight of that column.
#
# No training can reach a lower loss. The lowest one is close to $2^2 / 2 = 2$, half the variance of the noise, because nobody
# can predict the noise.

# %%
design = tf.concat([x, tf.ones([400, 1])], axis=1)
exact = tf.linalg.lstsq(design, y)
least = tf.reduce_mean(0.5 * (design @ exact - y) ** 2)
print("least squares", exact.numpy().ravel(), " half MSE", least.numpy())
print("training     ", w_found, b_found, " half MSE", model.loss(x, y).numpy())
assert np.abs([*w_found, *b_found] - exact.numpy().ravel()).max() < 0.3

# %% [markdown]
# ### Put all epochs into one graph
#
# In the loop above, Python calls the graph once for each batch. A `tf.function` can also hold the loops: AutoGraph turns
# `for` over `tf.range` or over a dataset into a loop of the graph. Then one call does the whole training. Below, one model
# is trained this way and one without a graph. Both end at the same place. Day 13 measures how much time this saves.

# %%
parts = tf.data.Dataset.from_tensor_slices((x, y)).batch(50)
in_graph, eager = Model(2, seed=1), Model(2, seed=1)


@tf.function
def train_all(epochs):
    for _ in tf.range(epochs):
        for x_batch, y_batch in parts:
            in_graph.step(x_batch, y_batch, 0.01)


train_all(tf.constant(5))
for _ in range(5):
    for x_batch, y_batch in parts:
        eager.step(x_batch, y_batch, 0.01)
print("one graph", in_graph.loss(x, y).numpy(), "  eager", eager.loss(x, y).numpy())

# %% [markdown] tags=["predict"]
# ## Find the largest learning rate
#
# On day 2 you found a learning rate by trying several. For a linear model you can compute the limit.
#
# Think of a parabola, $\frac{\lambda}{2} w^2$. The number $\lambda$ is its **curvature**: how fast the slope grows. One step
# with the rate $\eta$ gives
#
# $$w - \eta \lambda w = (1 - \eta \lambda)\, w.$$
#
# If $\eta$ is larger than $2 / \lambda$, the factor is below -1. Then w changes its sign and grows in each step. Our loss is a
# parabola in each of three directions. Their curvatures are the eigenvalues of the **Hessian**, the table of second
# derivatives.
#
# **Predict:** the three curvatures are about 1, 30 and 37. What is the largest stable rate? And which of w₁, w₂ and b learns
# slowest?

# %%
hessian = tf.transpose(design) @ design / 400
curvatures, directions = tf.linalg.eigh(hessian)
print("curvatures", curvatures.numpy(), " largest stable rate", (2 / curvatures[-1]).numpy())
print("flattest direction (w₁, w₂, b):", np.abs(directions[:, 0].numpy()).round(2))

# %% [markdown]
# <details><summary>Why</summary>
#
# The largest curvature sets the limit: 2 / 36.7 = 0.0546. The flattest direction is almost exactly b, and its curvature is
# 37 times smaller. So the rate that is just right for w is much too small for b, and b learns slowest.
#
# The cause is the size of the inputs: the columns of x go up to 10. If you standardise x, all three curvatures are about 1.
# </details>

# %% [markdown]
# The picture shows w₁ and b on their way from 0 to the lowest point, which is marked with a cross.  Each path has 12 steps with all 400 rows. With
# 0.003 the steps are small. With 0.03, w₁ arrives quickly and b slowly. With 0.056, just above the limit, w₁ jumps from
# side to side and does not come closer. On day 2 you saw the same three cases as curves of the loss: nearly flat,
# falling, and jumping.

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
# A **regression** predicts a number. Four measures are common:
#
# - **MSE** is the mean squared error. Large errors count most.
# - **RMSE** is its square root. It has the same unit as y.
# - **MAE** is the mean absolute error: how far a prediction is away, on average.
# - **R²** compares the model with one that always predicts the mean of y:
#
# $$R^2 = 1 - \frac{SSE}{SST}, \qquad SSE = \sum_i (y_i - p_i)^2, \qquad SST = \sum_i (y_i - \bar y)^2$$
#
# ### Your turn: four numbers
#
# Write `regression_metrics`. For y = (3, -0.5, 2, 7) and p = (2.5, 0, 2, 8) the errors are 0.5, -0.5, 0 and -1. So mse is
# (0.25 + 0.25 + 0 + 1) / 4 = 0.375, rmse is its root 0.61237, and mae is 0.5. SSE is 1.5 and SST is 29.1875, so r2 is 0.9486.


# %% exercise="regression_metrics"
def regression_metrics(y, p) -> dict:
    """The numbers mse, rmse, mae and r2 as a dict.

    y, p: truth and prediction, n >= 2 numbers each; tensors, NumPy arrays or lists, each of shape (n,) or
    (n, 1), of any numeric dtype, also int8 and uint8: cast before you subtract.
    r2 is nan where all y are equal (the check asks that with numbers whose mean is exact).
    """
    ### BEGIN SOLUTION
    y = np.asarray(y, "float64").reshape(-1)
    p = np.asarray(p, "float64").reshape(-1)
    error = y - p
    mse = np.mean(error**2)
    r2 = 1 - mse / np.var(y) if y.max() > y.min() else np.nan
    return {"mse": mse, "rmse": np.sqrt(mse), "mae": np.mean(np.abs(error)), "r2": r2}
    ### END SOLUTION


# %% check="regression_metrics"
check(regression_metrics)

# %% [markdown] tags=["predict"]
# **Predict:** many texts say that R² lies between 0 and 1. What is it if you predict the mean of y for every row? And
# if you change the sign of every prediction?

# %%
measure = yours(regression_metrics)
truth, p = np.array([3, -0.5, 2, 7]), np.array([2.5, 0, 2, 8])
for name, guess in {"p": p, "mean": np.full(4, truth.mean()), "-p": -p}.items():
    print(f"{name:5} R² {float(measure(truth, guess)['r2']):.3f}")

# %% [markdown]
# <details><summary>Why</summary>
#
# The mean has an R² of 0, because then SSE equals SST. A model that is worse than the mean has a negative R², and there is
# no lower limit. So a negative R² is an honest result, and it says that the model is useless. Do not replace it by 0.
# </details>

# %% [markdown]
# ## Penalise large weights
#
# The next data are real: ten measurements of 442 patients, and how far their diabetes progressed within a year. (Older books
# use the Boston house prices, which scikit-learn removed for ethical reasons.) The columns are standardised with the mean and
# the standard deviation of the training rows alone.
#
# Two of the columns, s1 and s2, measure nearly the same. Least squares gives them large weights of opposite sign, which
# almost cancel each other. Such weights fit the noise of the training rows. A **penalty** prevents that: it is added to the
# loss, and it grows with the weights, so training keeps the weights small. The number $\lambda$ says how strong it is:
#
# $$\text{ridge: } \lambda \sum_j w_j^2 \qquad \text{lasso: } \lambda \sum_j |w_j|$$
#
# **Elastic net** is a mixture of both. Making a model simpler in such a way is called **regularisation**.

# %%
features, target = data.diabetes()
rest_x, test_x, rest_y, test_y = train_test_split(
    features, target, test_size=90, random_state=1
)
train_x, val_x, train_y, val_y = train_test_split(rest_x, rest_y, test_size=90, random_state=1)
mean, spread = train_x.mean(), train_x.std(ddof=0)
train_x, val_x, test_x = ((part - mean) / spread for part in (train_x, val_x, test_x))
explore.shrinkage(train_x, train_y, val_x, val_y, names=list(features.columns))

# %% [markdown] tags=["predict"]
# Move the strength, and compare lasso and ridge. With the lasso, more and more weights are exactly 0: the model does not use
# these columns at all. Ridge makes the weights smaller, but none of them becomes 0.
#
# Can plain gradient descent find these zeros? The slope of $|w|$ is the sign of w, so each step also subtracts $\eta
# \lambda \, \mathrm{sign}(w)$.
#
# **Predict:** how many of the ten weights are exactly 0 after 1,500 steps with $\lambda = 20$?

# %%
v = tf.Variable(tf.zeros([10, 1]))
a = tf.constant(train_x.to_numpy())
c = tf.constant(train_y[:, None] - train_y.mean())


@tf.function
def lasso_descent(steps):
    for _ in tf.range(steps):
        smooth = 2 / len(a) * tf.transpose(a) @ (a @ v - c)
        v.assign_sub(0.05 * (smooth + 20 * tf.sign(v)))


lasso_descent(tf.constant(1500))
weights = v.numpy()
print("exact zeros:", np.sum(weights == 0), " smallest weight:", np.abs(weights).min().round(3))

# %% [markdown]
# <details><summary>Why</summary>
#
# None. Take a weight of 0.3 that should be 0. The penalty moves it by 0.05 · 20 = 1, so it becomes about -0.7. Now the
# sign is negative, and the next step moves it back. It jumps to and fro around 0 and never stops there. The last exercise of this day
# repairs this with one line.
# </details>
#
# The solvers of scikit-learn find the exact zeros. But scikit-learn defines the strength in another way. Its lasso
# halves the squared error, so `alpha` is $\lambda / 2$. Its ridge adds up the squared errors and does not average them,
# so `alpha` is
# $n \lambda$. Below, the lasso has 20, the ridge 1, and the elastic net 1 for $|w|$
# and 0.5 for $w^2$.

# %%
models = [Lasso(alpha=10), ElasticNet(alpha=1, l1_ratio=0.5), Ridge(alpha=len(train_x))]
scores = {}
for model in models:
    model.fit(train_x, train_y)
    scores[model] = measure(val_y, model.predict(val_x))["r2"]
    zeros = np.sum(model.coef_ == 0)
    print(f"{model!s:30} exact zeros {zeros}   validation R² {float(scores[model]):.3f}")

# %% [markdown]
# We choose the model with the validation rows. Then the test rows say, once, how good it is. Its R² may be lower or
# higher than before, because 90 rows are few.

# %%
chosen = max(scores, key=scores.get)
for name, value in measure(test_y, chosen.predict(test_x)).items():
    print(f"test {name:4} {float(value):9.3f}")

# %% [markdown]
# ## Turn a number into a probability
#
# The **perceptron** (1958) answered yes above 0 and no below it, which is a step. A step has the slope 0 almost
# everywhere, so gradient descent learns nothing from it. The **sigmoid** is a smooth step, $\sigma(z) = 1 / (1 +
# e^{-z})$. It turns any number z, the **logit**, into the probability of yes. **tanh** has the same shape and goes from
# -1 to 1. **relu** replaces negative numbers by 0. It is the usual choice between layers.

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
# Which loss fits a probability? A model is good if it gives a high probability to what really happened. So the loss is minus
# the logarithm of that probability, averaged over the rows. This is the **cross-entropy** (day 1 called it log-loss). For a
# label y of 0 or 1 and a probability p it is
#
# $$-\left( y \log p + (1 - y) \log (1 - p) \right).$$
#
# Its gradient with respect to the logit is simple: p - y. A linear model with a sigmoid and this loss is called **logistic
# regression**. Try it on the rings: once with x₁ and x₂, and once with $x_1^2 + x_2^2$, the squared distance from the centre.


# %%
def logistic(inputs, labels, steps=400, lr=0.5):
    w, b = tf.Variable(tf.zeros([inputs.shape[1], 1])), tf.Variable(0.0)
    for _ in range(steps):
        error = (tf.sigmoid(inputs @ w + b) - labels) / len(labels)  # the gradient: p - y
        w.assign_sub(lr * tf.transpose(inputs) @ error)
        b.assign_sub(lr * tf.reduce_sum(error))
    return tf.reduce_mean(tf.cast((inputs @ w + b > 0) == (labels > 0.5), tf.float32)).numpy()


square = (np.sum(ring_x**2, axis=1, keepdims=True) - 45) / 20
plain, squared = logistic(tf.constant(ring_x), ring_y), logistic(tf.constant(square), ring_y)
print(f"accuracy with x₁, x₂: {plain:.3f}, with the squared distance: {squared:.3f}")
assert plain < 0.6 and 0.93 < squared < 0.97

# %% [markdown] tags=["predict"]
# With the right input, a linear model is enough. A network finds such an input by itself, as you will see at the end.
#
# A common trap. The logarithm of 0 is minus infinity, so many programs clip the probability to stay away
# from 0 and 1.
#
# **Predict:** a point of class 0 has the logit 30, so the model is sure of the wrong class. How large is the gradient if the
# probability is clipped? How large is it if the loss is computed from the logit?

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
# Where clipping acts, the result is constant, so its slope is 0. The point that is most wrong teaches the model nothing. The
# function with logits simplifies the formula first: minus the logarithm of 1 - p is $\log(1 + e^z)$, whose slope at 30 is
# almost exactly 1.
# </details>
#
# ### Your turn: cross-entropy for many classes
#
# With k classes there are k logits. **Softmax** turns them into k probabilities that add up to 1, and the loss of a row is
# minus the logarithm of the probability of its label:
#
# $$p_j = \frac{e^{z_j}}{\sum_i e^{z_i}} \qquad -\log p_{label} = \log \sum_i e^{z_i} - z_{label}$$
#
# Write `softmax_xent`, the mean of these losses. It must also work for logits of ±1000, although $e^{1000}$ is infinite.
# For example, the row (5, 0) with label 0 has the loss $\log(e^5 + e^0) - 5 = 0.0067$, the row (1, 1) with label 1 has
# $\log 2 = 0.6931$, and their mean is 0.3499.


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
# The next problem has ten classes: handwritten digits of 8 x 8 pixels. We take 1,047 for training, 300 for validation and 450
# for the test. (`data.digits(online=True)` brings the larger MNIST. Old code loads it from `tensorflow.examples.tutorials`,
# which is gone.)

# %%
images, labels = data.digits()
rows = np.random.default_rng(0).permutation(len(images))
images, labels = images[rows].reshape(-1, 64), labels[rows]
plot.images(images[:10].reshape(-1, 8, 8), labels[:10])

# %% [markdown]
# **Softmax regression** multiplies the 64 pixels by a table of weights and adds a bias, which gives ten logits. With
# weights of 0 all ten classes get the probability 0.1, so the first loss must be $-\log 0.1 = \log 10 = 2.303$. If
# yours is far from that, look for a mistake.


# %%
def train_digits(model, variables, lr, steps=300):
    @tf.function
    def one_step():
        with tf.GradientTape() as tape:
            loss = cross_entropy(labels[:1047], model(images[:1047]))
        for v, g in zip(variables, tape.gradient(loss, variables), strict=True):
            v.assign_sub(lr * g)
        return loss, cross_entropy(labels[1047:1347], model(images[1047:1347]))

    losses = np.array([one_step() for _ in range(steps)])
    return {"loss": losses[:, 0], "val_loss": losses[:, 1]}


def cross_entropy(labels, logits):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


# %%
def accuracy(model, part):
    return np.mean(np.argmax(model(images[part]), axis=1) == labels[part])


def softmax_model(x):
    return x @ w + b


validation, test = slice(1047, 1347), slice(1347, None)
w, b = tf.Variable(tf.zeros([64, 10])), tf.Variable(tf.zeros([10]))
losses = train_digits(softmax_model, [w, b], lr=0.5)["loss"]
print(f"loss {losses[0]:.4f} -> {losses[-1]:.3f}")
print(f"validation accuracy {accuracy(softmax_model, validation):.3f}")
print("your own loss:", yours(softmax_xent)(softmax_model(images), tf.constant(labels)).numpy())
assert abs(losses[0] - np.log(10)) < 1e-4

# %% [markdown]
# ## Stack layers, and start them well
#
# A **multilayer perceptron** repeats three operations: multiply by a matrix, add a bias, apply relu. The class `tf.Module`
# collects its Variables for you in `trainable_variables`.
#
# How large should the first weights be? Each unit adds up many products. If every weight has the standard deviation 1, the sum
# grows with the number of inputs, and it grows again in each layer. **Xavier's** rule makes the weights smaller where a layer
# has many inputs (fan_in) and outputs (fan_out):
#
# $$\text{standard deviation} = \sqrt{\frac{2}{\text{fan\_in} + \text{fan\_out}}}$$
#
# Zeros would be small, too. But then all units of a layer compute the same and get the same gradient, so they stay equal for
# ever.
#
# ### Your turn: an MLP
#
# Write `MLP`. For example, `MLP([2, 4, 8, 1], 0)` has three layers. They hold 2 · 4 + 4 = 12, 4 · 8 + 8 = 40 and 8 · 1 + 1 = 9
# numbers, together 61 in 6 Variables.


# %% exercise="MLP"
class MLP(tf.Module):
    """A multilayer perceptron: relu after every layer but the last, which returns raw logits.

    MLP(sizes, seed): for each neighbouring pair of sizes a float32 Variable [fan_in, fan_out], normal or uniform with
    mean 0 and Xavier's standard deviation, drawn from the seed and independent of the other layers, and a float32
    Variable [fan_out] of zeros. Several models may live at the same time.
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
        """Logits [rows, sizes[-1]] for a float32 tensor [rows, sizes[0]]; a tape can differentiate it, in a graph too."""
        ### BEGIN SOLUTION
        for w, b in self.layers[:-1]:
            x = tf.nn.relu(x @ w + b)
        w, b = self.layers[-1]
        return x @ w + b
        ### END SOLUTION


# %% check="MLP"
check(MLP)

# %% [markdown] tags=["predict"]
# **Predict:** the same network, 64-64-64-10, starts three times: with zeros, with weights of standard deviation 1, and with
# Xavier's. Which first loss is 2.303, which one is near it, and which one is above 30?

# %%
Net, runs, nets = yours(MLP), {}, {}
for name, rate in {"zeros": 0.2, "normal": 0.01, "Xavier": 0.2}.items():
    nets[name] = Net([64, 64, 64, 10], 0)
    for place, v in enumerate(nets[name].trainable_variables):
        if name != "Xavier" and len(v.shape) == 2:
            new = tf.random.stateless_normal(v.shape, seed=[place, 1])
            v.assign(new if name == "normal" else tf.zeros_like(v))
    runs[name] = train_digits(nets[name], nets[name].trainable_variables, rate)
    score = accuracy(nets[name], validation)
    print(f"{name:7} first loss {runs[name]['loss'][0]:8.3f}   validation accuracy {score:.3f}")
curves = {name: run["loss"] for name, run in runs.items()}
plot.curves(curves, x_label="step", y_label="loss", log=True, lines={"log 10": np.log(10)})

# %% [markdown]
# <details><summary>Why</summary>
#
# With the standard deviation 1, each layer makes its numbers several times larger. After three layers the logits are far from
# 0, so the network is sure of random classes, and the loss is large. With zeros, every hidden unit is 0 and its weights get
# the gradient 0. Only the last bias learns. Xavier's start is a little above 2.303 and learns quickly.
# </details>

# %% [markdown]
# Now look at the validation loss of the last run, too. Both curves fall, so the network does not **overfit** yet: it
# does not get worse on new pictures while it gets better on the training pictures (day 2). Then look at the test
# pictures, once.

# %%
print(f"test accuracy {accuracy(nets['Xavier'], test):.3f}")
plot.curves(
    {"training": runs["Xavier"]["loss"], "validation": runs["Xavier"]["val_loss"]},
    x_label="step",
    y_label="loss",
    log=True,
)

# %% [markdown]
# ## Drop units while training
#
# **Dropout** works against overfitting. In each training step it sets a random share of the units to 0, so that no unit
# can rely on any single other unit. The share is called the **rate**. The units that stay are divided by 1 - rate, so
# that the mean stays the same. For example, with the rate 0.3 about 70 of 100 ones stay, each becomes 1 / 0.7 = 1.4286,
# and their sum is 100 again. When the model predicts, nothing is dropped and nothing has to be scaled.
#
# ### Your turn: dropout
#
# Write `dropout`. With ones and a rate of 0.3, about 30 % become 0 and the others 1.42857. The same seed drops the same ones.


# %% exercise="dropout"
def dropout(x, rate: float, training: bool, seed: int):
    """x with a share `rate` of its entries set to 0, each on its own, and the others divided by 1 - rate.

    x: float32 or float64 tensor of any shape, whose dtype is kept; rate: 0 to 1, and 1 gives zeros. The seed alone, and
    never the values of x, decides which entries go. With training=False, x comes back as it is.
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
# TensorFlow has dropout too: `tf.nn.dropout`, and `tf.nn.experimental.stateless_dropout`, which takes a seed. They do not know
# whether you are training, so call them in training only.
#
# ## Separate the rings
#
# Now build a network for the rings, in the form in which you would give it to other people. An **input signature**
# fixes the dtype and the shape of the input. `None` means any number of rows, so a short last batch does not need a new
# trace. The input is divided by 5, because a network learns faster from inputs of about 1, as you saw with b.


# %%
class Rings(tf.Module):
    def __init__(self):
        self.net = Net([2, 4, 8, 1], 4)

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    def __call__(self, x):
        return self.net(x / 5)

    def loss(self, x, y):
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, self(x)))

    @tf.function
    def step(self, x, y, lr):
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        gradients = tape.gradient(loss, self.trainable_variables)
        for v, g in zip(self.trainable_variables, gradients, strict=True):
            v.assign_sub(lr * g)


# %% [markdown]
# We know how these points are made, so we can draw as many new ones as we want: 1,000 for validation and 4,000 for the test.

# %%
fresh_x, fresh_y = data.rings(1000, seed=1)
rings, history, maps = Rings(), {"loss": [], "val_loss": []}, {}
for epoch in range(1, 21):
    for x_batch, y_batch in deal(ring_x, ring_y, 100, epoch):
        rings.step(x_batch, y_batch, tf.constant(0.3))
    history["loss"].append(rings.loss(ring_x, ring_y).numpy())
    history["val_loss"].append(rings.loss(fresh_x, fresh_y).numpy())
    if epoch in (1, 5, 20):
        copy = Net([2, 4, 8, 1], 4)
        for v, now in zip(copy.trainable_variables, rings.trainable_variables, strict=True):
            v.assign(now)
        maps[f"epoch {epoch}"] = lambda points, copy=copy: tf.sigmoid(copy(points / 5))
plot.history(history)

# %% [markdown]
# Both curves fall and stay together, so the network does not overfit: its 61 numbers are too few to learn so many
# points by heart.
#
# How good can a model of these points be? The noise makes the rings overlap, so no model is always right. The best rule is:
# "inner ring" if the distance from the centre is below 6.5. It is right for 95.38 % of all points. This number is called the
# **Bayes limit**. A network that is clearly above it has a bug, for example a label among its inputs.

# %%
new_x, new_y = data.rings(4000, seed=2)
right = np.mean((rings(new_x).numpy() > 0) == new_y)
best = np.mean((np.linalg.norm(new_x, axis=1, keepdims=True) < 6.5) == (new_y > 0))
print(f"test accuracy: network {right:.4f}, best rule on the same points {best:.4f}")
assert 0.92 <= right <= 0.97
plot.decision_map(ring_x, ring_y, maps, names=("outer ring", "inner ring"))

# %% [markdown]
# ## A stretch: the lasso with exact zeros
#
# Split each step in two. First make a gradient step on the mean squared error alone; this gives z. Then move every weight towards 0 by
# lr · λ, but stop at 0. This second part is called the **soft threshold**, and the whole method is called ISTA:
#
# $$w \leftarrow \text{sign}(z) \cdot \max(|z| - lr \cdot \lambda,\ 0)$$
#
# For example, with lr · λ = 0.2 a weight of 1.0 becomes 0.8, one of -1.0 becomes -0.8, and one of 0.1 becomes exactly 0.
#
# Write `lasso_ista`. For the rows (1, 0), (-1, 0), (0, 1), (0, -1), y = 3, -1, 1.25, 0.75 and λ = 0.5 the answer is
# w = [1.5, 0] and b = 1. Another method is right as well, if it finds the same minimum.


# %% exercise="lasso_ista"
def lasso_ista(X, y, lam: float, lr: float, steps: int):
    """(w, b) that minimise mean((X w + b - y)²) + lam Σ|w|: w of shape [d] with exact zeros, b a scalar.

    X: float32 tensor [n, d]; y: float32 tensor [n]. lr is small enough for descent; `steps` steps of ISTA from w = 0
    are enough to arrive, and any other method may be used. b is not penalised. w and b: tensors, Variables or NumPy,
    of any float dtype, correct to 0.01.
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
# - You can **train** linear, logistic and softmax models and a network with four parts: Variables, a loss, a tape and
#   `assign_sub`. A `tf.function` around the step, or around the whole training, makes a graph of it.
# - You can **check** a model against the best possible answer: least squares for a line, a first loss of log 10 for ten
#   classes, the Bayes limit for the rings. A model that is clearly above it has a bug.
# - You can **regularise**: ridge makes weights smaller, lasso makes some of them 0, and dropout keeps units from
#   relying on each other. You choose with the validation rows, and look at the test rows once.

# %% [markdown]
# A common mistake: labels of shape (n,) and predictions of shape (n, 1). Their difference has the shape (n, n), and the model
# learns only the mean. The fix is `tf.reshape(y, [-1, 1])` before you subtract.
#
# Three questions to check yourself: Why does b learn slowest here? Why
# is the first loss of a good start close to log 10?
