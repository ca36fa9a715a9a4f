"""What a fit is called: converged where least squares are reached, in whatever units."""

from typing import Any

import numpy as np
import pytest

from gdviz.learn import FitError, closed_form, fit_linear
from gdviz.learn.least_squares import shortest_solution
from gdviz.learn.pipeline import Plan, run_pipeline

RNG = np.random.default_rng(0)
NORMAL = RNG.standard_normal((60, 3))
TARGET = NORMAL @ [2.0, -1.0, 0.5] + 3 + 0.1 * RNG.standard_normal(60)
CLASSES = (TARGET + 0.9 * RNG.standard_normal(60) > 3).astype(float)


def excess_by_scipy(X: np.ndarray, y: np.ndarray, fit: Any) -> float:
    """Return the mean squared error above the least, as a share of the variance."""
    from scipy.linalg import lstsq

    middle = X.mean(axis=0)
    C = (X - middle) / X.std(axis=0)
    w = lstsq(C, y - y.mean())[0]
    least = np.mean((C @ w - (y - y.mean())) ** 2)
    here = np.mean((fit.predict(X) - y) ** 2)
    return float((here - least) / y.var())


UNFINISHED: dict[str, tuple[np.ndarray, dict[str, Any], str]] = {
    "far from zero": (NORMAL + 1e6, {"steps": 5000}, "Standardise"),
    "far from zero, by Adam": (NORMAL + 1e6, {"method": "adam", "steps": 2000}, "Standardise"),
    "far from zero, by momentum": (NORMAL + 1e6, {"method": "heavy_ball"}, "Standardise"),
    "far from zero, by coordinates": (
        NORMAL + 1e6,
        {"method": "coordinate_descent", "steps": 300},
        "Standardise",
    ),
    "far from zero, Huber": (NORMAL + 1e6, {"loss": "huber", "steps": 2000}, "Standardise"),
    "tiny": (NORMAL * 1e-6, {"steps": 5000}, "Standardise"),
    "tiny, by Adam": (NORMAL * 1e-6, {"method": "adam"}, "Standardise"),
    "of two sizes": (NORMAL * [1, 1e4, 1], {"steps": 1000}, "Standardise"),
    "one far from zero": (NORMAL + [0, 0, 1e4], {"steps": 1000}, "Standardise"),
    "ended by tol": (NORMAL + 1e6, {"steps": 5000, "tol": 1e-6}, "Ended after"),
    "nearly the same": (
        np.column_stack([NORMAL[:, 0], NORMAL[:, 0] + 1e-4 * NORMAL[:, 1]]),
        {"steps": 1000},
        "repeat each other",
    ),
    "in batches": (NORMAL, {"batch_size": 8, "steps": 400}, "Batches keep it"),
    "a short walk": (NORMAL, {"steps": 3}, "All 3 steps taken"),
    "a ridge far from zero": (NORMAL + 1e6, {"l2": 0.1, "steps": 500}, "above its least"),
}


@pytest.mark.parametrize("case", UNFINISHED)
def test_a_small_slope_is_not_called_converged(case: str):
    X, how, words = UNFINISHED[case]
    fit = fit_linear(X, TARGET, **how)
    assert fit.status == "step limit" and words in fit.reason, fit.reason
    if not how.get("l2") and how.get("loss") != "huber":
        above = excess_by_scipy(X, TARGET, fit)
        assert above > 1e-9
        assert 2 * fit.excess / TARGET.var() == pytest.approx(above, rel=1e-3)


def test_the_reason_names_what_least_squares_have():
    fit = fit_linear(NORMAL + 1e6, TARGET, steps=5000)
    assert np.sqrt(2 * fit.loss[-1]) > 2 and "least squares have 0.99" in fit.reason


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1.0, 1e6, 1e12])
@pytest.mark.parametrize("method", ["gd", "bfgs", "coordinate_descent", "conjugate_gradient"])
def test_what_has_arrived_is_called_converged_in_all_units(scale: float, method: str):
    """Without a bias the walk is the same in all units, and so is its verdict."""
    X, y = NORMAL * scale, NORMAL @ [2.0, -1.0, 0.5] + 0.1 * np.cos(np.arange(60))
    rate = {"lr": 0.5 / scale**2} if method == "gd" else {}
    if method in ("bfgs", "conjugate_gradient") and scale != 1:
        pytest.skip("their first step has a length of its own")
    fit = fit_linear(X, y, method=method, steps=400, fit_bias=False, **rate)
    assert fit.status == "converged" and fit.excess < 1e-10


@pytest.mark.parametrize("loss", ["huber", "logistic"])
def test_other_losses_are_judged_by_a_newton_step(loss: str):
    y = CLASSES if loss == "logistic" else TARGET
    done = fit_linear(NORMAL, y, loss=loss, steps=4000)
    short = fit_linear(NORMAL, y, loss=loss, steps=10)
    assert (done.status, short.status) == ("converged", "step limit")
    assert short.excess == pytest.approx(short.loss[-1] - done.loss[-1], rel=0.5)


@pytest.mark.parametrize("l1", [0.01, 0.2, 3.0])
def test_a_lasso_is_judged_with_its_kinks(l1: float):
    from sklearn.linear_model import Lasso

    done = fit_linear(NORMAL, TARGET, l1=l1, steps=3000)
    best = Lasso(l1, tol=1e-14, max_iter=100_000).fit(NORMAL, TARGET)
    assert done.status == "converged"
    assert done.weights[-1] == pytest.approx(best.coef_, abs=1e-7)
    assert fit_linear(NORMAL, TARGET, l1=l1, steps=3).status == "step limit"


def test_the_absolute_loss_is_converged_only_at_a_vertex():
    """The median of an odd number of values is one of them, and no other constant is as good."""
    y = np.array([1.0, 2.0, 7.0, 8.0, 30.0])
    zeros = np.zeros((5, 1))
    at = fit_linear(zeros, y, loss="absolute", start=[0.0, 7.0], steps=0)
    beside = fit_linear(zeros, y, loss="absolute", start=[0.0, 6.9], steps=0)
    assert (at.status, beside.status) == ("converged", "step limit")
    assert beside.excess is None and "not known" in beside.reason


def test_separated_classes_have_no_minimum():
    y = (NORMAL[:, 0] > 0).astype(float)
    fit = fit_linear(NORMAL, y, loss="logistic", method="bfgs", steps=60)
    assert fit.status != "converged" and "no minimum" in fit.reason
    assert fit_linear(NORMAL, y, loss="logistic", l2=0.1, steps=2000).status == "converged"


def test_a_constant_target_is_reached():
    fit = fit_linear(NORMAL, np.full(60, 5.0), steps=3000)
    assert fit.status == "converged" and fit.bias[-1] == pytest.approx(5)


def test_an_unscaled_pipeline_is_not_called_converged():
    import pandas as pd

    table = pd.DataFrame(NORMAL + 1e6, columns=list("abc")).assign(y=TARGET)
    raw = run_pipeline(table, "y", plan=Plan(scale=False, method="gd", steps=3000))
    assert raw.on_train.r2 < 0.1 and raw.fit.status != "converged"
    done = run_pipeline(table, "y", plan=Plan(method="gd", steps=3000))
    assert done.on_train.r2 > 0.99 and done.fit.status == "converged"


# --- the closed form ------------------------------------------------------------------------------


@pytest.mark.parametrize("exponents", [(-12, 0, 12), (-6, 3, 9), (12, 12, -12)])
def test_columns_of_any_size_keep_their_weight(exponents: tuple[int, ...]):
    sizes = 10.0 ** np.array(exponents)
    weights, bias = closed_form(NORMAL * sizes, TARGET)
    plain, middle = closed_form(NORMAL, TARGET)
    assert weights * sizes == pytest.approx(plain, rel=1e-10) and bias == pytest.approx(middle)


def test_the_shortest_of_many_solutions_is_that_of_numpy():
    X = np.column_stack([NORMAL, NORMAL[:, 0] + NORMAL[:, 1], 2 * NORMAL[:, 2], np.zeros(60)])
    assert shortest_solution(X, TARGET) == pytest.approx(np.linalg.pinv(X) @ TARGET, abs=1e-12)
    wide = RNG.standard_normal((4, 9))
    assert shortest_solution(wide, TARGET[:4]) == pytest.approx(np.linalg.pinv(wide) @ TARGET[:4])


def test_descent_from_zero_finds_the_shortest_weights_with_their_bias():
    """With a column of ones it shares the constant with the bias; the closed form does not."""
    X = np.column_stack([NORMAL, np.ones(60)])
    fit = fit_linear(X, TARGET, steps=5000)
    weights, bias = closed_form(X, TARGET)
    assert weights[3] == pytest.approx(0, abs=1e-12) and bias == pytest.approx(fit.bias[-1] * 2)
    assert fit.weights[-1][3] == pytest.approx(fit.bias[-1])
    both = np.linalg.pinv(np.column_stack([X, np.ones(60)])) @ TARGET
    assert fit.theta[-1] == pytest.approx(both, abs=1e-8)


@pytest.mark.parametrize("factor", [1e200, 1e-200])
def test_numbers_whose_squares_leave_the_range_are_refused(factor: float):
    with pytest.raises(FitError, match="another unit"):
        fit_linear(NORMAL * factor, TARGET)
    with pytest.raises(FitError, match="y has no value beyond"):
        closed_form(NORMAL, TARGET * 1e200)
