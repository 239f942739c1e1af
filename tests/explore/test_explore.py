"""Explorers: controls move the picture, the twin stands for them, errors become sentences."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from course import explore, plot
from course.explore.casting import cast
from course.explore.deciding import best_threshold
from course.explore.descending import path, regime
from course.explore.explorer import WIDGET_VIEW
from course.explore.slicing import slice_text
from course.explore.stretching import parse_shape
from course.plot.rocs import roc_curve

TRUTH = np.array([0, 0, 0, 1, 0, 1, 1, 1])
SCORE = np.array([0.1, 0.2, 0.3, 0.35, 0.5, 0.6, 0.7, 0.9])
PHOTO = np.arange(12 * 16 * 3, dtype=np.uint8).reshape(12, 16, 3)

MAKERS = {
    "threshold": lambda: explore.threshold(TRUTH, SCORE, labels=("died", "survived")),
    "slices": lambda: explore.slices(PHOTO),
    "casts": explore.casts,
    "descent": explore.descent,
    "broadcasting": explore.broadcasting,
}
MOVES = {
    "threshold": ("threshold", 0.65),
    "slices": ("start0", 7),
    "casts": ("dtype", "int8"),
    "descent": ("lr", 1.1),
    "broadcasting": ("b", "5"),
}


@pytest.mark.parametrize("name", MAKERS)
def test_bundle_has_widget_view_and_the_twin_of_the_first_values(name):
    explorer = MAKERS[name]()
    data, _ = explorer._repr_mimebundle_()
    assert data[WIDGET_VIEW]["model_id"] == explorer.widget.model_id
    assert explorer.twin.html() in data["text/html"]
    assert data["text/plain"] == explorer.twin.alt
    assert "The controls appear where the notebook runs" in data["text/html"]
    assert "pip install" not in data["text/html"]
    assert "image/png" in data


@pytest.mark.parametrize("name", MAKERS)
def test_moving_a_control_redraws_and_leaves_the_twin(name):
    explorer = MAKERS[name]()
    control, value = MOVES[name]
    twin, shown = explorer.twin.alt, _shown(explorer)
    explorer.control(control).value = value
    assert explorer.values[control] == value
    assert explorer.picture.alt != twin
    assert explorer.twin.alt == twin
    assert _shown(explorer) != shown
    assert explorer.picture.note in _text(explorer)
    first = MAKERS[name]()
    assert explorer.set(**first.values).picture.png() == first.twin.png()


@pytest.mark.parametrize("name", MAKERS)
def test_set_moves_the_control_too(name):
    explorer = MAKERS[name]()
    control, value = MOVES[name]
    assert explorer.set(**{control: value}) is explorer
    assert explorer.control(control).value == value


@pytest.mark.parametrize("name", MAKERS)
def test_every_control_has_a_name_of_its_own_that_a_screen_reader_can_say(name):
    explorer = MAKERS[name]()
    labels = [explorer.control(control).description for control in explorer.values]
    assert all(labels)
    assert len(set(labels)) == len(labels)


def test_slider_and_number_field_move_together():
    explorer = explore.descent()
    field = explorer.control("lr")
    sliders = [w for w in _inside(explorer.widget) if type(w).__name__ == "FloatSlider" and w.max == field.max]
    sliders[0].value = 0.9
    assert field.value == 0.9
    assert "oscillates and converges" in explorer.picture.note
    sliders[0].value = 0.30000000000000004  # as a browser gives it
    assert field.value == 0.3


def test_values_outside_the_control_are_refused():
    explorer = explore.descent()
    with pytest.raises(ValueError, match=r"learning rate is 2; give a number from 0\.01 to 1\.1"):
        explorer.set(lr=2)
    with pytest.raises(ValueError, match="no control 'rate'; there are lr, x0"):
        explorer.set(rate=0.1)
    with pytest.raises(ValueError, match="cast to is 'int7'; choose one of"):
        explore.casts().set(dtype="int7")


def test_drawing_error_is_shown_as_a_sentence_and_goes_away(capfd):
    def draw(n):
        if n > 2:
            raise ValueError("n is too large; choose <= 2.")
        return plot.tensor([n])

    explorer = explore.Explorer(draw, {"n": explore.Slider("n", 1, 0, 5, 1)}, title="Count")
    explorer.control("n").value = 4
    assert explorer.picture is None
    assert "n is too large; choose &lt;= 2." in _text(explorer)
    assert 'role="alert"' in _text(explorer)
    explorer.control("n").value = 2
    assert explorer.error == ""
    assert "[2]" in explorer.picture.alt
    assert "too large" not in _text(explorer)
    assert capfd.readouterr().err == ""


def test_toggle_and_entry_reach_the_drawing():
    def draw(flip, word):
        return plot.tensor([word[::-1] if flip else word])

    controls = {"flip": explore.Toggle("flip", False), "word": explore.Entry("word", "abc")}
    explorer = explore.Explorer(draw, controls, title="Words")
    explorer.control("flip").value = True
    explorer.control("word").value = "xyz"
    assert "zyx" in explorer.picture.alt


def test_an_explorer_that_cannot_draw_its_first_picture_says_so_at_once():
    with pytest.raises(ValueError, match="give probabilities"):
        explore.threshold(TRUTH, SCORE * 3)
    with pytest.raises(ValueError, match=r"give \(height, width\)"):
        explore.slices(np.zeros((2, 2, 2, 2)))
    with pytest.raises(ValueError, match="give sizes with commas"):
        explore.broadcasting("2 by 2", (3,))
    with pytest.raises(ValueError, match="steps is 0"):
        explore.descent(steps=0)


def test_without_ipywidgets_the_twin_is_shown(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "ipywidgets" else found(name, *a))
    explorer = explore.descent()
    data, _ = explorer._repr_mimebundle_()
    assert explorer.widget is None
    assert explorer.control("lr") is None
    assert WIDGET_VIEW not in data
    assert explorer.twin.html() in data["text/html"]
    assert "Run <code>%pip install ipywidgets</code>" in data["text/html"]
    assert "x = −37.34" in explorer.set(lr=1.1).picture.alt


def test_import_is_light_and_showing_is_silent():
    code = """
import sys
from course import explore
assert "tensorflow" not in sys.modules
assert "ipywidgets" not in sys.modules
explore.descent()._repr_mimebundle_()
explore.casts().set(dtype="float16", span=(0, 70_000))
assert "tensorflow" not in sys.modules
assert "matplotlib.pyplot" not in sys.modules
"""
    run = subprocess.run([sys.executable, "-W", "always", "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""


@pytest.mark.parametrize(("miss", "alarm"), [(1, 1), (5, 1), (1, 5), (20, 1), (1, 20)])
def test_cheapest_threshold_equals_trying_them_all(miss, alarm):
    curve = roc_curve(TRUTH.astype(float), SCORE)

    def cost(cut):
        return miss * np.sum((TRUTH == 1) & (cut >= SCORE)) + alarm * np.sum((TRUTH == 0) & (cut < SCORE))

    best, least = best_threshold(curve, miss, alarm)
    assert least == min(cost(cut) for cut in np.linspace(0, 1, 201))
    assert cost(best) == least


def test_costs_move_the_cheapest_threshold():
    explorer = explore.threshold(TRUTH, SCORE, labels=("died", "survived"))
    assert "At threshold 0.50 the accuracy is 0.875: 1 missed, 0 false alarms, cost 1." in explorer.twin.note
    assert "cheapest threshold is about 0.32" in explorer.set(miss=10).picture.note
    assert "cheapest threshold is about 0.55" in explorer.set(miss=1, alarm=10).picture.note


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (slice(0, 12, 1), ":"),
        (slice(2, 8, 1), "2:8"),
        (slice(0, 12, 3), "::3"),
        (slice(-1, -13, -1), "::-1"),
        (slice(8, 2, -2), "8:2:-2"),
        (slice(-4, 12, 1), "-4:"),
    ],
)
def test_slice_text_means_the_same_slice(part, text):
    assert slice_text(part, 12) == text
    row = list(range(12))
    assert row[part] == eval(f"row[{text}]", {"row": row})


def test_slices_tell_expression_shape_and_bytes():
    explorer = explore.slices(PHOTO, name="patch")
    start = {"start0": 2, "stop0": 8, "step0": 1, "start1": 0, "stop1": 16, "step1": 2}
    note = explorer.set(**start, start2=-1, stop2=-4, step2=-1).picture.note
    assert note == "patch[2:8, ::2, ::-1] has shape (6, 8, 3), 144 values, 144 bytes."
    assert "shape (0, 8, 3), 0 values, 0 bytes" in explorer.set(start0=8, stop0=2).picture.note
    for step2 in (1, 2):  # one and two channels are drawn as well
        assert explorer.set(**start, start2=0, stop2=2 * step2 - 1, step2=step2).error == ""


def test_casts_wrap_saturate_round_and_overflow():
    values = np.array([-1, 44, 128, 255, 256, 257, 300, 65_504, 65_519, 65_520, 70_000])
    assert cast(values, "uint8")[:7].tolist() == [255, 44, 128, 255, 0, 1, 44]
    assert cast(values, "int8")[:4].tolist() == [-1, 44, -128, -1]
    assert cast(values, "uint8", "saturate_cast")[:7].tolist() == [0, 44, 128, 255, 255, 255, 255]
    assert cast(values, "bfloat16")[3:7].tolist() == [255, 256, 256, 300]
    assert cast(values, "float16")[-4:].tolist() == [65_504, 65_504, np.inf, np.inf]
    assert cast(values, "float16", "saturate_cast")[-1] == 65_504
    assert cast(values, "bool")[:2].tolist() == [1, 1]
    with pytest.raises(ValueError, match="give 'cast' or 'saturate_cast'"):
        cast(values, "uint8", "clip")
    with pytest.raises(ValueError, match="dtype is 'uint4'"):
        cast(values, "uint4")


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning:tensorflow")
@pytest.mark.parametrize("how", ["cast", "saturate_cast"])
def test_casts_agree_with_tensorflow(how):
    tf = pytest.importorskip("tensorflow")
    values = np.arange(-300, 70_001, dtype=np.int32)
    for dtype in ("uint8", "int8", "uint16", "int16", "float16", "bfloat16", "float32"):
        real = tf.cast(getattr(tf, how)(values, getattr(tf, dtype)), tf.float64).numpy()
        np.testing.assert_array_equal(cast(values, dtype, how), real)


@pytest.mark.parametrize(
    ("lr", "words"),
    [
        (0.01, "crawls from one side"),
        (0.1, "converges from one side: each step keeps 0.8"),
        (0.5, "one step"),
        (0.9, "oscillates and converges"),
        (1.0, "oscillates for ever"),
        (1.1, "diverges: each step jumps across and multiplies the distance by 1.2"),
    ],
)
def test_regime_names_what_the_path_does(lr, words):
    assert words in regime(lr)
    assert words in explore.descent(lr).twin.alt
    points = path(lr, 0.0, 20)
    np.testing.assert_allclose(points, 1 - (1 - 2 * lr) ** np.arange(21), rtol=1e-9, atol=1e-12)


def test_regime_at_the_minimum_says_that_nothing_moves():
    assert "nothing moves" in regime(0.3, 1.0)
    assert "nothing moves" in explore.descent(x0=1.0).twin.note


@pytest.mark.parametrize(
    ("text", "shape"), [("3, 1", (3, 1)), ("(4,)", (4,)), ("", ()), ("()", ()), ("2 3", (2, 3)), ("[5]", (5,))]
)
def test_shapes_are_read_as_people_type_them(text, shape):
    assert parse_shape(text) == shape


def test_broadcasting_says_whether_shapes_fit():
    explorer = explore.broadcasting()
    assert explorer.twin.note == "Shapes (3, 1) and (4,) broadcast to (3, 4)."
    assert "do not broadcast" in explorer.set(a="2, 3", b="2").picture.note
    explorer.control("a").value = "2, x"
    assert explorer.error == "the shape of a is “2, x”; give sizes with commas, such as 3, 1."
    explorer.control("a").value = "1000, 1000"
    assert "at most 4 axes" in explorer.error
    explorer.control("a").value = "100, 1"
    explorer.control("b").value = "100"
    assert "the result would have shape (100, 100)" in explorer.error


def _inside(widget):
    return [widget, *(found for child in getattr(widget, "children", ()) for found in _inside(child))]


def _htmls(explorer):
    return [widget.value for widget in _inside(explorer.widget) if type(widget).__name__ == "HTML"]


def _shown(explorer):
    return next(value for value in _htmls(explorer) if "<img" in value)


def _text(explorer):
    return " ".join(value for value in _htmls(explorer) if "<img" not in value)
