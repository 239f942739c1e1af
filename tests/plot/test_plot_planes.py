"""Pictures of points on a plane, and the explorer of penalties: what they say, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from course import explore, plot
from course.explore import shrinking


@pytest.fixture
def two_sides():
    points = np.random.default_rng(0).normal(size=(60, 2)).astype("float32")
    return points, (points[:, 0] > 0).astype("float32")


@pytest.fixture
def standardised():
    draw = np.random.default_rng(1)
    x = draw.normal(size=(80, 4))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return x, x @ [3.0, 0.0, -2.0, 0.1] + 5 + draw.normal(size=80)


def _png(picture):
    return picture.png()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_map_says_how_many_points_lie_on_the_right_side(two_sides):
    points, labels = two_sides
    picture = plot.decision_map(points, labels[:, None], lambda x: x[:, 0] + 0.5, names=("left", "right"))
    assert "100.0% of them on the right side" in picture.alt
    assert "class left" in picture.alt
    assert _png(picture)


def test_several_models_stand_side_by_side(two_sides):
    points, labels = two_sides
    one = plot.decision_map(points, labels, lambda x: x[:, 0], cut=0)
    maps = {"good": lambda x: x[:, 0], "upside down": lambda x: -x[:, :1]}
    both = plot.decision_map(points, labels, maps, cut=0)
    assert "good: the model has 100.0%" in both.alt
    assert "upside down: the model has 0.0%" in both.alt
    assert both.size[0] > 1.7 * one.size[0]


def test_points_are_drawn_without_a_model(two_sides):
    picture = plot.decision_map(*two_sides, title="Only points")
    assert picture.alt.startswith("Only points")
    assert "right side" not in picture.alt


@pytest.mark.parametrize(
    ("points", "labels", "score", "said"),
    [
        (np.zeros((3, 2)), np.zeros(2), None, "give n points"),
        (np.zeros((3, 3)), np.zeros(3), None, "give n points"),
        (np.eye(2), np.array([0, 2]), None, "other values than 0 and 1"),
        (np.eye(2), np.array([0, 1]), lambda x: x, "one for each"),
    ],
)
def test_a_map_refuses_what_it_cannot_draw(points, labels, score, said):
    with pytest.raises(ValueError, match=said):
        plot.decision_map(points, labels, score)


def test_scatter_has_a_chart_for_every_column_and_names_its_lines(two_sides):
    points, _ = two_sides
    y = 2 * points[:, :1] + 1
    picture = plot.scatter(points, y, names=["a", "b"], lines={"truth": ([2, 0], 1.0)})
    assert "over a correlation 1.00" in picture.alt
    assert "with the lines truth" in picture.alt
    assert _png(picture)
    assert plot.scatter(points[:, 0], y).size[0] < picture.size[0]


def test_scatter_refuses_rows_that_do_not_match(two_sides):
    points, labels = two_sides
    with pytest.raises(ValueError, match="a row of x for every y"):
        plot.scatter(points, labels[:5])
    with pytest.raises(ValueError, match="1 name; x has 2 columns"):
        plot.scatter(points, labels, names=["only one"])


@pytest.mark.parametrize(("lam", "share"), [(0.0, 1.0), (1.5, 1.0), (1.5, 0.0), (1.5, 0.5)])
def test_the_penalty_is_solved_as_scikit_learn_solves_it(standardised, lam, share):
    from sklearn.linear_model import ElasticNet, LinearRegression

    x, y = standardised
    # Its loss is half of ours, and its ridge part carries another half.
    alpha = lam / 2 * share + lam * (1 - share)
    ours = shrinking.solve(x, y, lam, share, np.zeros(4))
    if lam == 0:
        theirs = LinearRegression().fit(x, y)
    else:
        theirs = ElasticNet(alpha=alpha, l1_ratio=lam / 2 * share / alpha, tol=1e-10).fit(x, y)
    np.testing.assert_allclose(ours, theirs.coef_, atol=1e-4)


def test_a_stronger_lasso_leaves_fewer_coefficients_and_ridge_leaves_all(standardised):
    x, y = standardised
    explorer = explore.shrinkage(x, y, x, y, names=["a", "b", "c", "d"])
    assert "coefficients are exactly 0" in explorer.twin.note
    explorer.set(power=8)
    assert "4 of 4 coefficients are exactly 0" in explorer.picture.note
    explorer.set(penalty=0.0)
    assert "0 of 4 coefficients are exactly 0" in explorer.picture.note
    assert "−0," not in explorer.picture.alt


def test_columns_that_are_not_standardised_are_refused(standardised):
    x, y = standardised
    with pytest.raises(ValueError, match="standardise"):
        explore.shrinkage(x * 3, y, x, y)
