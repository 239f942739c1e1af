"""Pictures: what they show, what they say in words, and how they refuse what cannot be drawn."""

import base64
import io
import subprocess
import sys
import warnings

import numpy as np
import pytest
from PIL import Image

from course import plot
from course.plot.rocs import roc_curve
from course.plot.style import MARKERS, PAPER, SERIES, ink_on
from course.plot.values import number_text

CELLS = {
    ("1st", "Male", "Child"): (0, 5),
    ("1st", "Female", "Child"): (0, 1),
    ("1st", "Male", "Adult"): (118, 57),
    ("1st", "Female", "Adult"): (4, 140),
    ("Crew", "Male", "Adult"): (670, 192),
    ("Crew", "Female", "Adult"): (3, 20),
    ("Crew", "Male", "Child"): (0, 0),
}
LABELS = np.array([0, 0, 1, 1, 0, 1, 0, 1])
SCORES = np.array([0.1, 0.4, 0.35, 0.8, 0.2, 0.9, 0.4, 0.4])


def parabola(x):
    return x * x - 2 * x + 1


def every_picture():
    """One picture of every public drawing function, by name."""
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
    path = 1 - 0.8 ** np.arange(9)
    live = {key: pair for key, pair in CELLS.items() if sum(pair)}
    rates = [yes / (no + yes) for no, yes in live.values()]
    return {
        "tensor": plot.tensor(rng.normal(size=(3, 4)), "A table", highlight=np.s_[1:, :2]),
        "tensors": plot.tensors([[1, 2]], "+", [[3, 4]], "=", [[4, 6]], names=["a", "b", "a + b"]),
        "broadcast": plot.broadcast([[0], [1], [2]], [10, 20, 30, 40]),
        "memory_order": plot.memory_order(np.arange(12).reshape(3, 4)),
        "channels": plot.channels(photo),
        "images": plot.images(photo[None].repeat(5, 0), list("abcde"), wrong=[True, False, False, False, True]),
        "outlines": plot.outlines({"photo": photo}, {"photo": [(2, 3, 4, 5)]}, zones={"train": (0, 0, 12, 8)}),
        "ragged": plot.ragged([[0, 1, 2, 3], [4, 5], [], [9]]),
        "sparse": plot.sparse(([[0, 0], [1, 2]], [1.0, 2.0], (3, 4))),
        "curves": plot.curves({"good": [3, 2, 1], "bad": [1, 2, 4]}, y_label="loss", lines={"best": 0.5}),
        "history": plot.history({"loss": [0.9, 0.5], "val_loss": [0.8, 0.6], "auc": [0.5, 0.7]}),
        "bars": plot.bars({"guess": 0.5, "model": 0.79}, lines={"best": 0.8}, highlight="model"),
        "histogram": plot.histogram({"men": rng.normal(size=50), "women": rng.normal(1, size=50)}),
        "confusion_matrix": plot.confusion_matrix(LABELS, SCORES > 0.37, ["died", "survived"]),
        "roc": plot.roc(LABELS, SCORES, 0.37),
        "predicted_vs_actual": plot.predicted_vs_actual(rates, rates[::-1], [sum(p) for p in live.values()]),
        "calibration": plot.calibration(LABELS, SCORES, groups=list("aabbccdd")),
        "heat_table": plot.heat_table([[0.9, np.nan]], ["1st"], ["F", "M"], percent=True, counts=[[10, 0]]),
        "mosaic": plot.mosaic(CELLS, dict.fromkeys(live, 0.4)),
        "surface": plot.surface(lambda x, y: x**2 + 4 * y**2, [[1, 1], [0.5, 0.2]], three_d=True, minimum=(0, 0)),
        "descent": plot.descent(parabola, path, (-1, 3), minimum=1),
        "graph": plot.graph({"x": 3, "y": 9}, [("x", "y", 6)], labels={"y": "square"}),
    }


@pytest.fixture(scope="module")
def pictures():
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no picture may be drawn with a warning
        drawn = every_picture()
        for picture in drawn.values():
            picture.png()
    return drawn


@pytest.mark.parametrize(
    "name",
    [
        "tensor",
        "tensors",
        "broadcast",
        "memory_order",
        "channels",
        "images",
        "outlines",
        "ragged",
        "sparse",
        "curves",
        "history",
        "bars",
        "histogram",
        "confusion_matrix",
        "roc",
        "predicted_vs_actual",
        "calibration",
        "heat_table",
        "mosaic",
        "surface",
        "descent",
        "graph",
    ],
)
def test_picture_shows_as_image_html_and_words(pictures, name):
    picture = pictures[name]
    data, metadata = picture._repr_mimebundle_()
    assert set(data) == {"text/html", "image/png", "text/plain"}
    assert data["text/plain"] == picture.alt
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
    assert image.size == (2 * picture.size[0], 2 * picture.size[1])
    assert metadata["image/png"] == {"width": picture.size[0], "height": picture.size[1]}
    assert len(picture.alt) > 30
    assert picture.size[0] < 1050
    assert picture.size[1] < 900
    # Nothing touches the edge: the outermost pixels are all panel.
    pixels = np.asarray(image).astype(int)
    edge = np.concatenate([pixels[:4].reshape(-1, 3), pixels[-4:].reshape(-1, 3), pixels[:, :4].reshape(-1, 3)])
    edge = np.concatenate([edge, pixels[:, -4:].reshape(-1, 3)])
    panel = np.array([int(PAPER[i : i + 2], 16) for i in (1, 3, 5)])
    assert np.abs(edge - panel).max() <= 3


def test_html_carries_the_alt_text_escaped_on_a_light_panel():
    picture = plot.bars({'a "quoted" <b>': 1.0})
    html = picture.html()
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "&quot;quoted&quot;" in html
    assert f"background:{PAPER}" in html
    assert 'alt="' in html


def test_own_alt_text_replaces_the_one_made_from_the_data():
    assert plot.tensor([1, 2], alt="Two numbers.").alt == "Two numbers."
    assert plot.tensor([1, 2], "Pair").alt.startswith("Pair: a tensor of rank 1, shape (2,), dtype int32")


def test_picture_is_saved_as_png_and_nothing_else(tmp_path):
    path = plot.tensor([1, 2]).save(tmp_path / "t.png")
    assert Image.open(path).format == "PNG"
    with pytest.raises(ValueError, match=r"t\.pdf.*\.png"):
        plot.tensor([1, 2]).save(tmp_path / "t.pdf")


def test_no_pyplot_figure_and_no_setting_is_left_behind():
    code = """
import sys, numpy as np, matplotlib
def settings():  # reading the backend would choose one, and import pyplot
    return {key: matplotlib.rcParams[key] for key in matplotlib.rcParams if key != "backend"}
before = settings()
from course import plot
plot.tensor(np.eye(3)).png(); plot.curves({"a": [1, 2]}).png()
assert "tensorflow" not in sys.modules, "tensorflow was imported"
assert "matplotlib.pyplot" not in sys.modules, "pyplot was imported"
assert settings() == before, "settings changed"
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""


def test_odd_values_and_scripts_are_drawn_without_a_word_on_stderr(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot.tensor(["你好", "🥳", "$x_1$"]).png()
        plot.tensor([np.nan, np.inf, 1.0]).png()
        plot.broadcast([1, 0], [0, 0], "/").png()
    assert capfd.readouterr().err == ""


def test_learners_own_style_does_not_reach_the_pictures():
    import matplotlib

    plain = plot.curves({"a": [1, 2, 3]}).png()
    with matplotlib.rc_context({"axes.facecolor": "black", "lines.linewidth": 9, "font.size": 30}):
        assert plot.curves({"a": [1, 2, 3]}).png() == plain


def test_use_style_sets_the_colours_of_pyplot():
    import matplotlib

    with matplotlib.rc_context():
        plot.use_style()
        assert matplotlib.rcParams["figure.facecolor"] == PAPER
        assert matplotlib.rcParams["axes.prop_cycle"].by_key()["color"][0] == SERIES[0]


def test_series_differ_by_more_than_colour():
    assert len(set(MARKERS)) >= len(SERIES)


def test_text_has_contrast_on_every_shade():
    assert ink_on("#FFFFFF") != "#FFFFFF"
    assert ink_on("#0B4F8A") == "#FFFFFF"


@pytest.mark.parametrize(
    ("given", "shape", "dtype", "values"),
    [
        (3, "()", "int32", "3"),
        ([1.5, 2.25], "(2,)", "float32", "[1.50, 2.25]"),
        (np.zeros((0, 3), np.float32), "(0, 3)", "float32", "no values"),
        ([True, False], "(2,)", "bool", "[True, False]"),
        ([b"caf\xc3\xa9"], "(1,)", "string", "[“café”]"),
        (np.array([[1 + 2j]]), "(1, 1)", "complex128", "[[1+2j]]"),
        (np.arange(-3, 3).reshape(1, 2, 3), "(1, 2, 3)", "int64", "[[[−3, −2, −1], [0, 1, 2]]]"),
        (np.ones((2, 30, 30, 3), np.uint8), "(2, 30, 30, 3)", "uint8", "from 1 to 1"),
    ],
)
def test_tensor_alt_tells_shape_dtype_and_values(given, shape, dtype, values):
    alt = plot.tensor(given).alt
    assert f"shape {shape}, dtype {dtype}" in alt
    assert values in alt


def test_tensor_names_axes_and_outlined_cells():
    alt = plot.tensor(np.arange(6).reshape(2, 3), axes=("example", "feature"), highlight=np.s_[:, 1]).alt
    assert "axes example, feature" in alt
    assert "2 cells outlined: [1, 4]" in alt


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot.tensor(None), TypeError, "x is None; give a tensor"),
        (lambda: plot.tensor([[1], [2, 3]]), ValueError, "different length; draw it with plot.ragged"),
        (lambda: plot.tensor(np.zeros((1,) * 5)), ValueError, r"rank 5.*Pick a part first"),
        (lambda: plot.tensor([1, 2], axes=("a", "b")), ValueError, "rank 1, so give 1 name"),
        (lambda: plot.tensor([1, 2], highlight=np.s_[5]), IndexError, r"does not fit shape \(2,\)"),
        (lambda: plot.tensor([{}, {}]), TypeError, "dict"),
        (lambda: plot.tensors("+"), ValueError, "no tensor"),
        (lambda: plot.tensors([1], names=["a", "b"]), ValueError, "2 entries for 1 tensor;"),
        (lambda: plot.broadcast([1], [1], "%"), ValueError, "op is '%'; give one of"),
        (lambda: plot.broadcast(["a"], [1]), TypeError, "a holds text"),
        (lambda: plot.memory_order(3), ValueError, "rank 0"),
        (lambda: plot.channels(np.zeros((4, 4))), ValueError, r"shape \(4, 4\); give \(height, width, channels\)"),
        (lambda: plot.channels(np.full((4, 4, 3), 200.0)), ValueError, "Divide by 255"),
        (lambda: plot.images(np.zeros((2, 4, 4)), ["one"]), ValueError, "labels has 1 entry for 2 images"),
        (lambda: plot.ragged([]), ValueError, "rows is empty"),
        (lambda: plot.ragged([1, 2]), TypeError, "row 0 is a int; give a list of lists"),
        (lambda: plot.sparse(([[5, 0]], [1], (3, 4))), IndexError, r"\[5, 0\] lies outside shape \(3, 4\)"),
        (lambda: plot.sparse(np.zeros((2, 2, 2))), ValueError, "rank 2"),
        (lambda: plot.curves({}), ValueError, "series is empty"),
        (lambda: plot.curves([1, 2]), TypeError, "give a dictionary"),
        (lambda: plot.curves({"a": [1, 0]}, log=True), ValueError, "no place on a log axis"),
        (lambda: plot.curves({"a": [1, 2, 3]}, x=[1, 2]), ValueError, "3 values, x has 2"),
        (lambda: plot.history({}), ValueError, "has model.fit run"),
        (lambda: plot.history({"loss": [1]}, ["acc"]), ValueError, "no 'acc'; it has loss"),
        (lambda: plot.bars({"a": np.nan}), ValueError, "a that is nan or infinite"),
        (lambda: plot.bars({"a": 1}, highlight="b"), ValueError, "which is not a bar"),
        (lambda: plot.histogram([1, 2], bins=0), ValueError, "at least 1"),
        (lambda: plot.histogram([np.nan]), ValueError, "no finite number"),
        (lambda: plot.confusion_matrix([0, 1], [[0.1, 0.9], [1, 0]]), ValueError, "argmax"),
        (lambda: plot.confusion_matrix([0, 1], [0.2, 0.9]), ValueError, "class numbers"),
        (lambda: plot.confusion_matrix([0, 1], [0]), ValueError, "one prediction for each row"),
        (lambda: plot.roc([0, 0], [0.1, 0.2]), ValueError, "holds only 0"),
        (lambda: plot.roc([0, 2], [0.1, 0.2]), ValueError, "holds 2; give only 0 and 1"),
        (lambda: plot.calibration([0, 1], [0.2, 1.7]), ValueError, r"1\.7; rates and probabilities"),
        (lambda: plot.heat_table([[1, 2]], ["a"], ["b"]), ValueError, r"give shape \(1, 1\)"),
        (lambda: plot.mosaic({("1st",): (1, 2)}), ValueError, "not a tuple of parts"),
        (lambda: plot.mosaic({("1st", "F"): (1, 2)}, {}), ValueError, "prediction has no rate"),
        (lambda: plot.surface(lambda x, y: 1.0), ValueError, r"returned shape \(\)"),
        (lambda: plot.surface(lambda x, y: x, [1, 2, 3]), ValueError, "rank 2"),
        (lambda: plot.descent(parabola, [0, 1], (3, 1)), ValueError, "the smaller first"),
        (lambda: plot.graph({"a": 1}, [("a", "b")]), ValueError, "'b', which is not a node"),
        (lambda: plot.graph(["a", "b"], [("a", "b"), ("b", "a")]), ValueError, "circle through a and b"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_broadcast_tells_what_is_stretched_and_the_result():
    alt = plot.broadcast([[0], [1]], [10, 20, 30]).alt
    assert "a of shape (2, 1) + b of shape (3,)" in alt
    assert "a is stretched along axis -1 from 1 to 3" in alt
    assert "b is stretched along axis -2 from 1 to 2" in alt
    assert "[[10, 20, 30], [11, 21, 31]]" in alt


def test_broadcast_mismatch_is_a_picture_that_names_the_axis():
    picture = plot.broadcast(np.zeros((2, 3)), np.zeros((2,)))
    assert "fails: on axis -1 the sizes 3 and 2 differ, and neither is 1" in picture.alt
    assert picture.size[0] > 200


def test_broadcast_of_large_tensors_shows_the_shapes_alone():
    picture = plot.broadcast(np.zeros((100, 1)), np.zeros((1, 50)))
    assert "gives shape (100, 50)" in picture.alt
    assert picture.size[1] < 300


def test_memory_order_tells_the_jump_of_every_axis():
    alt = plot.memory_order(np.zeros((2, 3, 4), np.float32)).alt
    assert "axis 0 jumps 12 values = 48 bytes, axis 1 jumps 4 values = 16 bytes, axis 2 jumps 1 value = 4 bytes" in alt


def test_ragged_counts_the_wasted_cells():
    alt = plot.ragged([[0, 1, 2, 3], [4, 5], [6, 7, 8], [9]]).alt
    assert "shape (4, None)" in alt
    assert "10 values. Padded with 0 to 4 by 4 = 16 cells, 6 of them wasted" in alt


def test_sparse_lists_entries_in_order_from_any_form():
    words = "2 of 12 cells stored (16.7%). [0, 0] holds 1 and [1, 2] holds 2."
    dense = np.zeros((3, 4), np.int32)
    dense[0, 0], dense[1, 2] = 1, 2
    for given in (([[1, 2], [0, 0]], [2, 1], (3, 4)), dense):
        assert words in plot.sparse(given).alt


def test_curves_alt_tells_where_each_goes_and_the_reference():
    alt = plot.curves({"loss": [3, 1, 2]}, lines={"best possible": 0.476}).alt
    assert "loss goes from 3 to 2, lowest 1 at position 2 of 3" in alt
    assert "best possible at 0.476" in alt


def test_history_takes_keras_object_or_dictionary_and_pairs_validation():
    class History:
        history = {"loss": [1.0, 0.5], "val_loss": [1.2, 0.7]}  # noqa: RUF012 - as in Keras

    alt = plot.history(History()).alt
    assert alt == plot.history(History.history).alt
    assert "over 2 epochs" in alt
    assert "training goes from 1 to 0.5" in alt
    assert "validation goes from 1.2 to 0.7" in alt


def test_confusion_matrix_counts_true_against_predicted():
    alt = plot.confusion_matrix([[0], [1], [1]], [0, 0, 1], ["no", "yes"]).alt
    assert "2 of 3 right: accuracy 0.667" in alt
    assert "1 true yes predicted no" in alt
    assert "0 true no predicted yes" in alt


def test_roc_area_counts_ties_half():
    assert roc_curve(np.array([0.0, 1.0, 0.0, 1.0]), np.full(4, 0.3)).area == 0.5
    pairs = [(a > b) + 0.5 * (a == b) for a in SCORES[LABELS == 1] for b in SCORES[LABELS == 0]]
    assert roc_curve(LABELS.astype(float), SCORES).area == pytest.approx(np.mean(pairs))
    assert f"area under it {np.mean(pairs):.3f}" in plot.roc(LABELS, SCORES).alt


@pytest.mark.parametrize("cut", [-1.0, 0.1, 0.35, 0.4, 0.5, 0.9, 2.0])
def test_roc_point_equals_counting(cut):
    table = roc_curve(LABELS.astype(float), SCORES).table(cut)
    for truth in (0, 1):
        for guess in (0, 1):
            assert table[truth, guess] == np.sum((truth == LABELS) & ((cut < SCORES) == guess))


def test_calibration_groups_rows_and_names_the_worst():
    alt = plot.calibration([0, 0, 1, 1], [0.1, 0.1, 0.4, 0.4], groups=["low", "low", "high", "high"]).alt
    assert "2 groups" in alt
    assert "Farthest off: high, predicted 0.40, actual 1.00" in alt


def test_mosaic_counts_people_and_leaves_out_empty_cells():
    alt = plot.mosaic(CELLS).alt
    assert "6 groups" in alt
    assert "415 of 1,210 survived" in alt
    assert "Crew Female Adult 20 of 23 = 87%" in alt
    assert "Crew Male Child" not in alt


def test_descent_and_surface_tell_start_and_end():
    alt = plot.descent(parabola, [0, 0.5, 0.75], minimum=1).alt
    assert "2 descent steps on a curve from x = 0 to x = 0.75; the minimum is at 1" in alt
    alt = plot.surface(lambda x, y: x * x + y * y, {"slow": [[1, 1], [0.5, 0.25]]}).alt
    assert "slow: 1 step from (1, 1) to (0.5, 0.25)" in alt


def test_graph_tells_forward_values_and_derivatives():
    nodes = {"x": 3.0, "square": 9.0, "f": 10.0}
    picture = plot.graph(nodes, [("x", "square", 6.0), ("square", "f", 1.0)])
    assert "square = 9 from x" in picture.alt
    assert "Backward: square to x 6; f to square 1" in picture.alt
    assert picture.size[1] > 1.5 * plot.graph(nodes, [("x", "square"), ("square", "f")]).size[1]


def test_graph_layout_keeps_nodes_apart_and_edges_forward():
    from course.plot.graphs import lay_out

    rng = np.random.default_rng(1)
    names = [f"n{i}" for i in range(14)]
    edges = [(names[i], names[j]) for j in range(1, 14) for i in rng.choice(j, min(j, 2), replace=False)]
    layout = lay_out(names, edges, dict.fromkeys(names, 0.6))
    for a, b in edges:
        assert layout.centre[a][0] < layout.centre[b][0]
    places = np.array([layout.centre[name] for name in names])
    for i in range(14):
        for j in range(i):
            dx, dy = np.abs(places[i] - places[j])
            assert dx > 0.59 or dy > 0.36


def test_shapes_and_dtypes_read_as_in_tensorflow():
    assert plot.shape_text((2, None, 3)) == "(2, None, 3)"
    assert plot.shape_text(np.zeros(4)) == "(4,)"
    assert plot.shape_text(()) == "()"
    assert plot.dtype_text(np.array(["a"])) == "string"
    assert plot.dtype_text(np.float16(1)) == "float16"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.7905, "0.7905"), (0.5, "0.5"), (2201, "2,201"), (-37.3376, "−37.34"), (1e-7, "1.00e−07"), (np.inf, "inf")],
)
def test_numbers_in_labels_are_short(value, text):
    assert number_text(value) == text


def test_tensorflow_objects_are_drawn_like_arrays():
    tf = pytest.importorskip("tensorflow")
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    assert plot.tensor(x).png() == plot.tensor(x.numpy()).png()
    assert "float32" in plot.tensor(tf.Variable(x)).alt
    assert "[“ab”]" in plot.tensor(tf.constant([b"ab"])).alt
    assert "bfloat16" in plot.tensor(tf.cast(x, tf.bfloat16)).alt
    assert "[[1.0, 2.0], [3.0, 4.0]]" in plot.tensor(tf.cast(x, tf.bfloat16)).alt
    rows = tf.ragged.constant([[1, 2], [3]])
    assert "Rows: [1, 2]; [3]" in plot.ragged(rows).alt
    with pytest.raises(TypeError, match=r"plot\.ragged"):
        plot.tensor(rows)
    matrix = tf.sparse.SparseTensor([[0, 1]], [5.0], [2, 2])
    assert "[0, 1] holds 5.0" in plot.sparse(matrix).alt
    with pytest.raises(TypeError, match=r"plot\.sparse"):
        plot.tensor(matrix)
    with pytest.raises(TypeError, match="symbolic"):
        plot.tensor(tf.keras.Input((3,)))
    assert plot.shape_text(tf.TensorShape([None, 3])) == "(None, 3)"
    errors = []

    @tf.function
    def traced(y):
        try:
            plot.tensor(y)
        except TypeError as error:
            errors.append(str(error))
        return y

    traced(x)
    assert "symbolic" in errors[0]
