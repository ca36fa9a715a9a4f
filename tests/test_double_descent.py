"""The room *double descent*: least norm, ridge and descent against other roads, and its words."""

import io
import re
from contextlib import redirect_stdout
from dataclasses import replace

import numpy as np
import pytest
from cases import each
from scipy import linalg

from gdviz.catalogue import lookup
from gdviz.catalogue.pitfall import output_of
from gdviz.figures.hand import Hand
from gdviz.learn.feature_maps import FEATURE_MAPS, legendre, waves
from gdviz.learn.minimum_norm import least_squares_descent
from gdviz.server.live_scene import live
from gdviz.topics.regression.double_descent.figure import live_scene, picture
from gdviz.topics.regression.double_descent.settings import (
    TRUTHS,
    DoubleDescent,
    curve_of,
    fit,
    points_of,
    run,
)
from gdviz.topics.regression.double_descent.verdict import bends_of, verdict_on

NOWHERE = np.array([np.inf])


@each("n, p", [(1, 1), (5, 1), (12, 7), (9, 9), (7, 30), (40, 200)])
def test_the_end_is_the_solution_of_least_norm_and_of_ridge(n: int, p: int) -> None:
    """By NumPy's `lstsq`, by SciPy's QR with pivots, and by the normal equations of the ridge."""
    rng = np.random.default_rng(n + p)
    A, y = rng.standard_normal((n, p)), rng.standard_normal(n)
    found = least_squares_descent(A, y)
    for other in (np.linalg.lstsq(A, y)[0], linalg.lstsq(A, y, lapack_driver="gelsy")[0]):
        np.testing.assert_allclose(found.weights[0], other, rtol=0, atol=1e-10)
    assert found.rank == min(n, p)
    assert found.smallest == pytest.approx(1 / np.linalg.norm(np.linalg.pinv(A), 2))
    ridge = np.linalg.solve(A.T @ A / n + 0.3 * np.eye(p), A.T @ y / n)
    np.testing.assert_allclose(least_squares_descent(A, y, l2=0.3).weights[0], ridge, atol=1e-12)


def test_directions_that_the_rows_do_not_tell_apart_stay_at_zero() -> None:
    A = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 1.0, 1.0]])
    y = np.array([1.0, 0.0, 2.0])
    found = least_squares_descent(A, y)
    assert found.rank == 2
    np.testing.assert_allclose(found.weights[0], np.linalg.lstsq(A, y)[0], atol=1e-12)
    assert least_squares_descent(np.zeros((3, 2)), y).weights.tolist() == [[0.0, 0.0]]


@each("l2", [0.0, 0.05])
def test_the_way_is_that_of_gradient_descent_step_by_step(l2: float) -> None:
    rng = np.random.default_rng(3)
    A, y = rng.standard_normal((6, 9)), rng.standard_normal(6)
    found = least_squares_descent(A, y, np.arange(60), l2).weights
    w, rate = np.zeros(9), 1 / (np.linalg.norm(A, 2) ** 2 / 6 + l2)
    for k in range(60):
        np.testing.assert_allclose(found[k], w, atol=1e-13)
        w = w - rate * (A.T @ (A @ w - y) / 6 + l2 * w)


@pytest.mark.parametrize("name", FEATURE_MAPS)
def test_the_first_features_stay_when_more_are_asked_for(name: str) -> None:
    x = np.linspace(-1, 1, 9)
    few, many = (FEATURE_MAPS[name].make(x, p, 4) * np.sqrt(p) for p in (5, 60))
    np.testing.assert_allclose(few, many[:, :5], rtol=1e-14)
    other = FEATURE_MAPS[name].make(x, 5, 5) * np.sqrt(5)
    assert (name == "legendre") is bool(np.allclose(other, few))


def test_features_are_what_they_are_called() -> None:
    """Legendre's are orthonormal under the mean over x; waves have the Laplace kernel."""
    x, weights = np.polynomial.legendre.leggauss(20)
    P = legendre(x, 8) * np.sqrt(8)
    np.testing.assert_allclose(P.T * weights @ P / 2, np.eye(8), atol=1e-12)
    x = np.array([0.0, 0.03, 0.1, 0.25])
    kernel = waves(x, 400_000, 1) @ waves(x, 400_000, 1).T
    np.testing.assert_allclose(kernel, np.exp(-10 * np.abs(x[:, None] - x)), atol=0.01)


@pytest.mark.parametrize("basis", FEATURE_MAPS)
def test_the_error_peaks_where_there_are_as_many_features_as_points(basis: str) -> None:
    """The median of the test errors of 31 draws, within one of n, for three n."""
    for n in (8, 15, 24):
        near = np.arange(n - 5, n + 6)
        errors = []
        for seed in range(31):
            spec = DoubleDescent(basis=basis, rows=n, sample=seed, drawn=seed)
            errors.append([fit(spec, p, NOWHERE).test[-1] for p in near.tolist()])
        middle = np.median(errors, axis=0)
        assert abs(int(near[np.argmax(middle)]) - n) <= 1
        assert middle.max() > 5 * middle[0]


def test_the_test_error_is_that_of_new_points() -> None:
    """Drawn as the points were, a hundred thousand of them."""
    spec = DoubleDescent(p=8)
    x, y = points_of(spec)
    curve, rng = curve_of(spec), np.random.default_rng(7)
    new = rng.uniform(-1, 1, 100_000)
    truth = TRUTHS[spec.truth].value(new) + spec.sigma * rng.standard_normal(len(new))
    made = FEATURE_MAPS[spec.basis].make
    off = (made(new, 8, spec.drawn) @ curve.weights[-1] - truth) ** 2
    assert curve.test[-1] == pytest.approx(off.mean(), abs=4 * off.std() / len(new) ** 0.5)
    at_points = made(x, 8, spec.drawn) @ curve.weights[-1] - y
    assert curve.train[-1] == pytest.approx(np.mean(at_points**2))
    done = run(spec)
    column = int(np.flatnonzero(done.p == 8)[0])
    np.testing.assert_array_equal(done.test[:, column], curve.test)


def test_the_verdict_says_what_the_errors_do() -> None:
    done = run(DoubleDescent())
    n, told = len(done.x), verdict_on(DoubleDescent(), done)
    assert "where p = n = 15" in told and "a double descent" in told
    assert "not as low as" in told and "Without" not in told
    for test, words in (
        (np.ones_like(done.plain), "No peak"),
        (np.where(done.p < n, 1.0, 9.0), "stays above two thirds"),
        (np.where(done.p == n + 1, 9.0, 1.0), "1 above n = 15"),
        (np.where(done.p == n, 9.0, np.where(done.p < n, 1.0, 0.5)), "lower than the first"),
        (np.where(done.p == n, 1e-14, 1e-20), "No peak"),  # rounding is no error
        (np.where(done.p == n, 1e-14, 1e-20), "least below n, under 1e-12"),
        (np.where(done.p == n, 9.0, 1.0), "begins with 1 at p = 1, rises"),  # it never fell before
        (np.where(done.p == n, 9.0, 1.0), ": one descent"),
        (np.where(done.p == done.p[-1], 9.0, 1.0), "the most features tried"),
    ):
        assert words in verdict_on(DoubleDescent(), done._replace(test=test[None]))
    ridge = replace(DoubleDescent(), ridge=0.01)
    assert "Without a ridge" in verdict_on(ridge, run(ridge))
    bends = bends_of(done, done.test[-1])
    assert done.p[bends.before] < n <= done.p[bends.peak] < done.p[bends.after]


@each(
    "spec",
    [
        DoubleDescent(p=40),
        DoubleDescent(p=15, ridge=0.01),
        DoubleDescent(p=15, basis="ramps", truth="step", ridge=0.001, stop=50),
    ],
)
def test_the_program_prints_the_errors_of_the_page(spec: DoubleDescent) -> None:
    told = io.StringIO()
    with redirect_stdout(told):
        exec(compile(lookup.as_python(spec), "page", "exec"), {})
    done = run(spec)
    rows = np.array([line.split() for line in told.getvalue().splitlines()], float)
    assert spec.p in rows[:, 0] and spec.rows in rows[:, 0]
    for p, train, test, norm in rows:
        (column,) = np.flatnonzero(done.p == p) if p in done.p else (None,)
        curve = fit(spec, int(p), done.steps[-1:])
        assert column is None or done.test[-1, column] == pytest.approx(curve.test[0])
        assert (test, norm) == pytest.approx((curve.test[0], np.linalg.norm(curve.weights)), 1e-6)
        assert train == pytest.approx(curve.train[0], rel=1e-6, abs=1e-18)


def test_a_hand_moves_the_number_of_features_and_the_room_answers_it() -> None:
    for x, p in ((40.4, 40), (0.2, 1), (1e9, 200), (-3, 1)):
        scene = live_scene("ridge=0.01", Hand("p", x, 0.5, True))
        assert scene.layers[1].name == f"fit of {p} features"
    assert live("regression_double_descent", "hand=p,30,1").status_code == 200
    steps = {len(picture(DoubleDescent(stop=stop)).scene.layers[1].y) for stop in (0, 1, 7, 10**6)}
    assert min(steps) == 2


@each("stop", [0, 1, 2, 1000])
def test_every_picture_is_finite_and_within_its_chart(stop: int) -> None:
    for spec in (
        DoubleDescent(stop=stop, sigma=0.0, truth="parabola", basis="legendre"),
        DoubleDescent(stop=stop, rows=40, sigma=2.0, p=1),
        DoubleDescent(stop=stop, rows=4, truth="step", basis="ramps", p=200),
    ):
        drawn = picture(spec)
        low, high = 10 ** np.array(drawn.background.layout.yaxis2.range, float)
        for layer in drawn.scene.layers:
            if layer.kind == "line":
                assert np.isfinite(layer.y).all()
            if layer.kind == "line" and layer.panel == 1:
                assert low * 0.999 <= layer.y.min() and layer.y.max() <= high * 1.001
        assert not re.search("nan|undefined", drawn.scene.alt + str(drawn.scene.chips))


def test_the_pitfalls_of_the_room_print_what_they_say() -> None:
    normal, chosen = lookup.pitfalls("regression_double_descent")
    told = [output_of(program) for program in (normal.wrong, normal.right)]
    sizes = [float(words.rpartition(" ")[2]) for words in told]
    assert all("False" in words for words in told) and sizes[0] > 5 * sizes[1]
    held = [float(output_of(p).rpartition(" ")[2]) for p in (chosen.wrong, chosen.right)]
    assert held[0] > 10 * held[1]
    settings = [row.setting for row in (normal, chosen)]
    assert all(setting.startswith("regression_room=double_descent") for setting in settings)
