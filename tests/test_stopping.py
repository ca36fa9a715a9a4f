"""A run that can stop early does so at the first step where its rule holds, and says so."""

from typing import Any

import numpy as np
import pytest
from test_topics_backprop import printed
from visit import Visit

from gdviz.learn import FitError, fit_linear
from gdviz.learn.recommender import factorize
from gdviz.learn.recommender.synthetic import low_rank_ratings
from gdviz.topics.backprop import Playground
from gdviz.topics.backprop import as_python as network_program
from gdviz.topics.backprop.training import run as trained
from gdviz.topics.recommender import Recommender
from gdviz.topics.recommender import run as factorized
from gdviz.topics.regression import LineSettings
from gdviz.topics.regression import as_python as line_program
from gdviz.topics.regression import run as line
from gdviz.topics.regression.many import Many
from gdviz.topics.regression.many import run as many
from tests.cases import each

RNG = np.random.default_rng(2)
X = RNG.normal(size=(40, 3))
Y = X @ [1.0, -2.0, 0.5] + RNG.normal(size=40)


@each(
    "more",
    [
        {},
        {"method": "adam", "lr": 0.05},
        {"batch_size": 7, "lr": 0.05},
        {"method": "lbfgs"},
        {"method": "coordinate_descent", "l1": 0.1},
        {"l1": 0.05, "lr": 0.1},
    ],
)
def test_a_linear_fit_stops_at_the_first_step_that_holds(more: dict[str, Any]) -> None:
    whole = fit_linear(X, Y, steps=60, **more)
    halfway = float((whole.loss[0] + whole.loss.min()) / 2)
    for level in (halfway, float(whole.loss.min() * 1.01)):
        k = int(np.flatnonzero(whole.loss <= level)[0])
        fit = fit_linear(X, Y, steps=60, stop=("loss", level), **more)
        np.testing.assert_array_equal(fit.theta, whole.theta[: k + 1])
        assert fit.status in ("stopped early", "converged")
        assert fit.status == "converged" or f"at step {k}." in fit.reason
    never = fit_linear(X, Y, steps=60, stop=("loss", -1.0), **more)
    assert (never.status, never.reason) == (whole.status, whole.reason)


def test_a_slope_is_measured_against_its_start() -> None:
    whole = fit_linear(X, Y, steps=60)
    residual = X @ whole.weights.T + whole.bias - Y[:, None]
    slopes = np.hypot(np.linalg.norm(X.T @ residual, axis=0), residual.sum(axis=0))
    k = int(np.flatnonzero(slopes <= 0.05 * slopes[0])[0])
    assert len(fit_linear(X, Y, steps=60, stop=("slope", 0.05)).loss) == k + 1
    for wrong in (("luck", 1.0), ("loss", np.nan)):
        with pytest.raises(FitError):
            fit_linear(X, Y, stop=wrong)


def test_line_and_many_features_stop_and_their_programs_too() -> None:
    kinds = ("batch", "sgd")
    whole = line(LineSettings(kinds=kinds)).fits
    level = max(2 * float(fit.loss.min()) for fit in whole.values())
    spec = LineSettings(kinds=kinds, stop="loss", level=level)
    for kind, fit in line(spec).fits.items():
        k = int(np.flatnonzero(whole[kind].loss <= level)[0])
        assert len(fit.loss) == k + 1 and fit.status == "stopped early"
    assert f"stop={('loss', level)!r}" in line_program(spec)
    assert "stop=" not in line_program(LineSettings())
    one = many(Many(stop="slope", level=0.1))
    assert one.fit.status == "stopped early" and one.fit.slope[1] <= 0.1 * one.fit.slope[0]
    assert one.steps[-1] == len(one.fit.loss) - 1 < 300


@each("rule, level", [("loss", 0.3), ("score", 0.9)])
def test_a_network_stops_at_the_first_epoch_that_holds(rule: str, level: float) -> None:
    plain: dict[str, Any] = {"epochs": 120, "n": 60, "batch": 10, "schedule": "cosine"}
    stopped = trained(Playground(stop=rule, level=level, **plain))
    end = int(stopped.epochs[-1])
    values = stopped.train_loss if rule == "loss" else -stopped.train_score
    bound = level if rule == "loss" else -level
    assert 0 < end < 120 and stopped.stopped and values[-1] <= bound < values[:-1].min()
    close = trained(Playground(near=end, **plain))  # every epoch around it, never stopped
    before = close.train_loss if rule == "loss" else -close.train_score
    at = close.epochs.tolist().index(end)
    assert close.epochs[at - 1] == end - 1 and before[at] <= bound < before[at - 1]
    np.testing.assert_array_equal(close.path[at], stopped.path[-1])
    program = network_program(Playground(stop=rule, level=level, **plain))
    assert printed(program)[0] == pytest.approx(stopped.train_loss[-1], rel=1e-9)
    never = trained(Playground(stop=rule, level=0.0 if rule == "loss" else 10.0, **plain))
    np.testing.assert_array_equal(never.path, trained(Playground(**plain)).path)
    assert not never.stopped


def test_a_factorization_stops_at_its_target() -> None:
    ratings = low_rank_ratings(seed=1).ratings
    whole = factorize(ratings, epochs=30, lr=0.03, factors=4)
    level = float(whole.train_rmse[12])
    k = int(np.flatnonzero(whole.train_rmse <= level)[0])
    ended = factorize(ratings, epochs=30, lr=0.03, factors=4, target=level)
    np.testing.assert_array_equal(ended.train_rmse, whole.train_rmse[: k + 1])
    assert ended.status == "stopped early" and f"after epoch {k + 1}:" in ended.reason
    course = factorized(Recommender(target=0.5, epochs=30))
    assert course.train[-1] <= 0.5 < course.train[:-1].min() and len(course.train) < 31


def test_the_pages_offer_it() -> None:
    for page, query in (
        ("regression", {"stop": "slope", "level": "0.1"}),
        ("backprop", {"stop": "score", "level": "0.9", "epochs": "60"}),
        ("recommender", {"target": "0.5", "epochs": "20"}),
    ):
        visit = Visit(page, {f"{page}_{name}": text for name, text in query.items()})
        told = str([stage["chips"] for stage in visit.stages()]) + visit.words()
        assert "topped" in told, page
