"""Tuning finds the rate that theory knows, and the phase plane is the theory of the heavy ball."""

import numpy as np
import pytest
from cases import NO_WARNINGS, each

from gdviz.optimize import METHODS, SURFACES, function, momentum_theory, race
from gdviz.optimize.elementwise import update
from gdviz.optimize.range_test import range_test
from gdviz.optimize.surfaces import quadratic
from gdviz.optimize.tuning import RATES, TuningTrial, best, trials, tunable, tune_each

pytestmark = NO_WARNINGS

# --- tuning --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "rate"),
    [
        ([TuningTrial(0.1, 30, 0.0), TuningTrial(0.2, 12, 0.0), TuningTrial(0.4, 50, 0.0)], 0.2),
        ([TuningTrial(0.1, 30, 0.0), TuningTrial(0.2, 30, 0.0)], 0.1),  # a tie: the smaller rate
        ([TuningTrial(0.1, -1, 0.5), TuningTrial(0.2, -1, 0.1), TuningTrial(0.4, -1, np.inf)], 0.2),
        ([TuningTrial(0.1, 400, 0.0), TuningTrial(0.2, 3, 5.0)], 0.1),  # quick, into a worse valley
        ([TuningTrial(0.1, 40, 0.0), TuningTrial(0.2, 30, 9e-4)], 0.2),  # within a thousandth
        (
            [TuningTrial(0.1, 40, 1000.0), TuningTrial(0.2, 30, 1000.9)],
            0.2,
        ),  # of the value, where it is large
        ([TuningTrial(0.1, 9, 5.0), TuningTrial(0.2, -1, 0.0)], 0.2),  # none converged that low
        ([TuningTrial(0.1, -1, np.inf), TuningTrial(0.2, -1, np.inf)], 0.1),
        ([TuningTrial(0.3, 5, -2.0)], 0.3),
    ],
)
def test_the_best_trial(found: list[TuningTrial], rate: float):
    assert best(found).rate == rate


def test_rates_are_ten_a_decade():
    assert len(RATES) == 81 and (RATES[0], RATES[-1]) == (pytest.approx(1e-7), pytest.approx(10))
    np.testing.assert_allclose(RATES[10:] / RATES[:-10], 10)


@pytest.mark.parametrize(("condition", "angle"), [(3.0, 0.0), (10.0, 30.0), (30.0, 0.0)])
def test_gradient_descent_gets_the_rate_of_theory(condition: float, angle: float):
    """On a quadratic 2/(μ + L) is best: both ends of the spectrum shrink alike."""
    found = trials(quadratic(condition, angle), [-3.0, 2.0], "gd", {}, steps=400)
    assert [trial.rate for trial in found] == RATES.tolist()
    assert 1 / 1.3 < best(found).rate / (2 / (1 + condition)) < 1.3
    for trial in found:
        assert (trial.steps >= 0) <= (trial.rate < 2 / condition)
        if trial.rate > 2.2 / condition:
            assert trial == TuningTrial(trial.rate, -1, np.inf)


def test_a_trial_is_the_run_of_its_rate():
    problem = SURFACES["himmelblau"]
    around = {"steps": 60, "tol": 1e-4, "noise": 0.1, "seed": 3}
    for trial in trials(problem, [0.0, 0.0], "adam", {"beta1": 0.8}, **around)[::6]:
        own = {"beta1": 0.8, "lr": trial.rate}
        run = race(problem, [0.0, 0.0], {"adam": own}, **around)["adam"]
        assert trial.f == float(run.f[-1])
        assert trial.steps == (int(run.last) if run.status == "converged" else -1)


def test_only_rates_that_a_method_does_not_choose_are_tuned():
    assert not any(map(tunable, ["newton", "backtracking", "bfgs", "nelder_mead", "gauss_newton"]))
    assert all(tunable(name) for name, method in METHODS.items() if hasattr(method, "state"))


@each("curvature", [0.7, 1.0, 4.0])
def test_in_a_range_test_gradient_descent_turns_round_at_its_edge(curvature: float):
    """On a parabola f falls while η is below 2/f″, and grows from there on."""
    parabola = function(f"{curvature}*x**2/2")
    found = range_test(parabola, [3.0], "gd", {}, (1e-2, 10.0), 60)
    inside = found.rates < 2 / curvature
    assert found.lowest == found.rates[inside][-1]
    rising = np.diff(found.f) > 0
    assert (rising == ~inside[1:]).all() and len(found.f) == 60


def test_a_range_test_is_a_run_with_those_rates():
    place, rates = SURFACES["himmelblau"], np.geomspace(1e-4, 0.1, 30)
    found = range_test(place, [0.0, 0.0], "adam", {"beta1": 0.8}, (1e-4, 0.1), 30)
    rule, x = update(METHODS["adam"], lr=1.0, beta1=0.8), np.zeros(2)
    memory = rule.rest(x)
    for k, rate in enumerate(rates):
        x, memory = rule.step(x, place.grad(x), k + 1, memory, rate)
        assert found.f[k] == pytest.approx(float(place.f(x)), rel=1e-12)
    with pytest.raises(ValueError, match="needs a method whose rate is set"):
        range_test(place, [0.0, 0.0], "newton", {}, (1e-4, 0.1))


def test_tuning_each_yields_one_by_one_and_never_worsens():
    problem = SURFACES["bowl"]
    entries = {"gd": {"lr": 0.01}, "newton": {}, "adam": {"lr": 0.01}, "bfgs": {}}
    tuned = tune_each(problem, problem.start, entries, steps=200)
    assert iter(tuned) is tuned
    found = dict(tuned)
    assert list(found) == ["gd", "adam"]
    for name, trial in found.items():
        before = race(problem, problem.start, {name: entries[name]}, steps=200)[name]
        after = race(problem, problem.start, {name: {"lr": trial.rate}}, steps=200)[name]
        assert trial.steps == (int(after.last) if after.status == "converged" else -1)
        assert trial.f == float(after.f[-1]) <= float(before.f[-1])
    assert found["gd"].steps > 0


# --- momentum ------------------------------------------------------------------------------------


def companion(lr: float, beta: float, curvature: float) -> np.ndarray:
    """The heavy ball along one eigenvector, as the matrix of (x_k, x_{k−1})."""
    return np.array([[1 + beta - lr * curvature, -beta], [1.0, 0.0]])


def test_the_radius_is_that_of_the_matrix():
    rng = np.random.default_rng(0)
    for lr, beta, curvature in rng.uniform([0, 0, 0.1], [3, 0.999, 5], (400, 3)):
        radius = np.abs(np.linalg.eigvals(companion(lr, beta, curvature))).max()
        assert momentum_theory.radius(lr, beta, curvature) == pytest.approx(radius, abs=1e-7)


def test_radius_and_rate_are_elementwise():
    lr, beta = np.linspace(0.01, 0.5, 7)[None, :], np.linspace(0, 0.99, 5)[:, None]
    both = momentum_theory.rate(lr, beta, [1.0, 10.0])
    assert both.shape == (5, 7)
    for i in range(5):
        for j in range(7):
            each = [float(momentum_theory.radius(lr[0, j], beta[i, 0], v)) for v in (1.0, 10.0)]
            assert both[i, j] == max(each)


def test_without_momentum_it_is_gradient_descent():
    for lr in (0.05, 0.1, 0.15, 0.25):
        expected = max(abs(1 - lr), abs(1 - 10 * lr))
        assert momentum_theory.rate(lr, 0.0, [1.0, 10.0]) == pytest.approx(expected)


@pytest.mark.parametrize("values", [(1.0, 10.0), (0.02, 3.0), (5.0, 5.0), (1.0, 1000.0)])
def test_the_optimum(values: tuple[float, float]):
    lr, beta, factor = momentum_theory.optimum(values)
    assert factor == pytest.approx(np.sqrt(beta))
    assert momentum_theory.rate(lr, beta, values) == pytest.approx(np.sqrt(beta), abs=1e-6)
    kappa = values[1] / values[0]
    assert factor == pytest.approx((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1))
    rates = np.linspace(1e-3, 4.2, 200)[None, :] / values[1]
    grid = momentum_theory.rate(rates, np.linspace(0, 0.999, 200)[:, None], values)
    assert factor <= grid.min() + 1e-6


@pytest.mark.parametrize(
    ("lr", "beta", "name"),
    [
        (0.5, 0.0, "monotone"),
        (1.5, 0.0, "alternates"),
        (2.5, 0.0, "diverges"),
        (0.5, 0.9, "ripples"),
        (0.001, 0.5, "monotone"),
        (3.79, 0.9, "ripples"),  # momentum widens the limit to 2(1 + β)/λ
        (3.81, 0.9, "diverges"),
        (2.0, 0.01, "alternates"),
    ],
)
def test_regimes_by_name(lr: float, beta: float, name: str):
    assert momentum_theory.regime(lr, beta, 1.0) == name
    run = race(quadratic(1.0), [1.0, 0.0], {"heavy_ball": {"lr": lr, "momentum": beta}}, steps=400,
               stop=None)["heavy_ball"]  # fmt: skip
    x = run.x[:60, 0]
    x = x[np.abs(x) > 1e-12]  # below it the sign is rounding
    turns = (x[1:] * x[:-1] < 0).mean()
    if name == "diverges":
        assert np.abs(run.x[-1, 0]) > 1
    elif name == "monotone":
        assert turns == 0
    elif name == "alternates":
        assert turns == 1
    else:
        assert 0 < turns < 1


@pytest.mark.parametrize(
    ("lr", "beta"), [(0.02, 0.5), (0.15, 0.0), (0.03, 0.9), (0.1, 0.6), (0.25, 0.8), (0.35, 0.9)]
)
def test_a_run_shrinks_by_the_exact_factor(lr: float, beta: float):
    problem = quadratic(10.0, 20.0)
    values = np.linalg.eigvalsh(problem.hess([0.0, 0.0]))
    run = race(problem, [2.0, -1.0], {"heavy_ball": {"lr": lr, "momentum": beta}}, steps=240,
               stop=None)["heavy_ball"]  # fmt: skip
    size = np.hypot(*run.x.T)
    early, late = (size[k : k + 20].max() for k in (20, 80))
    measured = (late / early) ** (1 / 60)
    assert measured == pytest.approx(momentum_theory.rate(lr, beta, values), abs=1e-2)
