"""The race: the compiled path is the plain one, all meet one weather, and each pays its way."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from cases import NO_WARNINGS, each
from scipy import optimize

from gdviz.optimize import METHODS, SURFACES, Problem, Run, descend, race, surface
from gdviz.optimize.elementwise import NO_CONDITIONS, perturbed_gradient
from gdviz.optimize.map_ends import compiles
from gdviz.optimize.methods import can_run
from gdviz.optimize.racing import conditions, evaluations
from gdviz.topics.race.rates import good_rate

pytestmark = NO_WARNINGS

ELEMENTWISE = [name for name, factory in METHODS.items() if hasattr(factory, "state")]
# Their rates are made of small differences, and blow the last digit up under noise.
SENSITIVE = ("prodigy", "d_adaptation", "barzilai_borwein")
PLACES = ("bowl", "himmelblau", "rosenbrock", "abs_banana", "plateau")
STORMY = {"schedule": "one_cycle", "noise": 0.3, "seed": 4, "clip": 1.0}
ROSENBROCK = SURFACES["rosenbrock"]


def calm_knobs(problem: Problem, method: str) -> dict[str, float]:
    rate = good_rate(problem, method)
    return {} if rate is None else {"lr": rate / 2}


def both(problem: Problem, method: str, steps: int, **around: Any) -> tuple[Run, Run]:
    """The run of the race, and the one of `descend` with the same conditions."""
    own = calm_knobs(problem, method)
    ours = race(problem, problem.start, {method: own}, steps=steps, stop=None, **around)[method]
    met = conditions(problem, steps, **around)
    return ours, descend(problem, problem.start, method, steps=steps, stop=None, conditions=met,
                         **own)  # fmt: skip


def assert_same(ours: Run, plain: Run) -> None:
    assert ours.trace._fields == plain.trace._fields
    for field in ours.trace._fields:
        one, other = getattr(ours, field), getattr(plain, field)
        assert one.shape == other.shape, field
        size = max(1.0, np.abs(other).max())
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-9 * size, err_msg=field)
    assert (ours.verdict, ours.reason) == (plain.verdict, plain.reason)


# --- one path ------------------------------------------------------------------------------------


@each("around", [{}, STORMY | {"sam": 0.1, "lookahead": (5, 0.5)}, STORMY])
@pytest.mark.parametrize("method", ELEMENTWISE)
def test_the_compiled_path_is_the_plain_one(method: str, around: dict[str, Any]):
    if "sam" in around and method == "barzilai_borwein":
        return  # the two roads round the way uphill differently, and it divides by what is left
    steps = 8 if method in SENSITIVE else 100
    for name in PLACES:
        assert compiles(SURFACES[name], method)
        assert_same(*both(SURFACES[name], method, steps, **around))


@pytest.mark.parametrize("stop", ["gradient", "step", "value", None])
def test_it_ends_where_descend_ends(stop: str | None):
    problem = SURFACES["himmelblau"]
    own = {"lr": 0.01}
    for method in ("gd", "adam", "rprop"):
        ours = race(problem, problem.start, {method: own}, steps=400, stop=stop, tol=1e-4)[method]
        plain = descend(problem, problem.start, method, steps=400, stop=stop, tol=1e-4, **own)
        assert_same(ours, plain)
        assert int(ours.last) == int(plain.last) == len(ours.f) - 1


def test_methods_that_do_not_compile_are_descend_to_the_bit():
    problem = SURFACES["himmelblau"]
    others = [n for n, f in METHODS.items() if not hasattr(f, "state") and can_run(n, problem)]
    runs = race(problem, problem.start, {name: {} for name in others}, **STORMY)
    for name, ours in runs.items():
        whole = descend(problem, problem.start, name, steps=300).x
        assert len(ours.x) == len(whole) or ours.spent
        assert np.array_equal(ours.x, whole[: len(ours.x)]), name


@pytest.mark.parametrize("text", ["x**2/4 + y**2 + sin(3*x)*cos(2*y)", "abs(x) + sqrt(1 + y^2)",
                                  "gamma(x + 5) + y**2"])  # fmt: skip
def test_a_typed_surface(text: str):
    """The last one is nothing for numba, and runs all the same."""
    for method in ("gd", "nadam", "rmsprop"):
        assert_same(*both(surface(text), method, 60, **STORMY))


def test_no_steps_at_all():
    runs = race(ROSENBROCK, [-1.5, 2.0], {"gd": {}, "adam": {}, "newton": {}}, steps=0)
    assert [run.x.tolist() for run in runs.values()] == 3 * [[[-1.5, 2.0]]]


def test_a_run_that_leaves_keeps_its_finite_points():
    for method in ("gd", "heavy_ball", "nesterov"):
        for stop in ("gradient", None):
            run = race(ROSENBROCK, [-1.5, 2.0], {method: {"lr": 0.003}}, stop=stop)[method]
            assert run.status == "diverged" and len(run.f) < 20
            assert all(np.isfinite(v).all() for v in run.trace), (method, stop)
            assert_same(run, descend(ROSENBROCK, [-1.5, 2.0], method, stop=stop, lr=0.003))


def test_starts_are_left_alone():
    start = np.array([-1.5, 2.0])
    race(ROSENBROCK, start, {"gd": {"lr": 1e-3}, "bfgs": {}}, **STORMY)
    assert start.tolist() == [-1.5, 2.0]


# --- one weather ---------------------------------------------------------------------------------


def noise_met(run: Run, lr: float) -> np.ndarray:
    return (run.x[:-1] - run.x[1:]) / lr - run.grad[:-1]


def test_noise_repeats_by_seed_and_is_the_same_for_all():
    bowl = SURFACES["bowl"]
    entries = {"gd": {"lr": 0.05}, "heavy_ball": {"lr": 0.05, "momentum": 0.0}}

    def runs(seed: int) -> dict[str, Run]:
        return race(bowl, bowl.start, entries, steps=50, stop=None, noise=2.0, seed=seed)

    one, again, other = runs(7), runs(7), runs(8)
    for name in entries:
        assert np.array_equal(one[name].x, again[name].x)
        assert not np.array_equal(one[name].x, other[name].x)
    table = conditions(bowl, 50, noise=2.0, seed=7).noise
    np.testing.assert_allclose(noise_met(one["gd"], 0.05), table, atol=1e-9)
    np.testing.assert_allclose(one["heavy_ball"].x, one["gd"].x, atol=1e-9)
    assert np.std(conditions(bowl, 4000, noise=2.0).noise) == pytest.approx(2.0, rel=0.03)


def test_calm_weather_is_none():
    assert conditions(ROSENBROCK, 10) == NO_CONDITIONS


@pytest.mark.parametrize("clip", [1e-3, 0.5, 30.0])
def test_no_gradient_is_longer_than_the_clip(clip: float):
    run = race(ROSENBROCK, [-1.5, 2.0], {"gd": {"lr": 1e-3}}, steps=80, stop=None, noise=5.0,
               clip=clip)["gd"]  # fmt: skip
    seen = (run.x[:-1] - run.x[1:]) / 1e-3
    length = np.hypot(*seen.T)
    assert length.max() <= clip * (1 + 1e-9)
    assert length.max() == pytest.approx(clip)
    met = conditions(ROSENBROCK, 80, noise=5.0, clip=clip)
    for k in range(80):
        np.testing.assert_allclose(seen[k], perturbed_gradient(met, run.grad[k], k + 1), atol=1e-8)


# --- what each step costs ------------------------------------------------------------------------


class Counting(Problem):
    """A surface that writes down every point at which it is asked for a value or a derivative."""

    asked: list[tuple[str, np.ndarray]] = []

    def f(self, x: Any) -> Any:
        self.asked.append(("f", np.reshape(x, (-1, 2))))
        return super().f(x)

    def grad(self, x: Any) -> Any:
        self.asked.append(("grad", np.reshape(x, (-1, 2))))
        return super().grad(x)

    def hess(self, x: Any) -> Any:
        self.asked.append(("hess", np.reshape(x, (-1, 2))))
        return super().hess(x)


def asked_by_step(method: str, k: int, **hyper: float) -> tuple[Run, list[dict[str, set[bytes]]]]:
    """The run of k steps, and the distinct points each step asked about, by what it asked."""
    problem = Counting(ROSENBROCK.text, ("x", "y"), residuals=ROSENBROCK.residuals)
    factory: Callable[..., Any] = METHODS[method]
    engine = factory(problem, **hyper)
    state = engine.init(np.array([-1.5, 2.0]))
    steps = []
    for _ in range(k):
        problem.asked.clear()
        before, state = state.x.tobytes(), engine.step(state)
        found: dict[str, set[bytes]] = {"f": set(), "grad": set(), "hess": set()}
        for what, points in problem.asked:
            found[what] |= {point.tobytes() for point in points} - {before}
            found[what] |= {before} if what == "hess" else set()
        steps.append(found)
    return descend(ROSENBROCK, [-1.5, 2.0], method, steps=k, stop=None, **hyper), steps


@pytest.mark.parametrize("method", ["gd", "adam", "rprop", "qhadam"])
def test_a_rule_asks_for_one_gradient_a_step(method: str):
    run, steps = asked_by_step(method, 12, lr=1e-3)
    assert [len(step["grad"]) for step in steps] == 12 * [1]
    expected = np.outer(np.arange(13), [0, 1, 0])
    assert np.array_equal(evaluations(method, run), expected)
    raced = race(ROSENBROCK, [-1.5, 2.0], {method: {"lr": 1e-3}}, steps=12, stop=None)[method]
    assert np.array_equal(evaluations(method, raced), expected)


@pytest.mark.parametrize("method", ["bfgs", "lbfgs", "conjugate_gradient"])
def test_a_wolfe_search_asks_for_a_value_and_a_gradient_a_trial(method: str):
    run, steps = asked_by_step(method, 25)
    values = [len(step["f"]) for step in steps]
    assert values == [len(step["grad"]) for step in steps]
    assert max(values) > 1
    cost = evaluations(method, run)
    assert np.array_equal(np.diff(cost, axis=0), [[n, n, 0] for n in values])


def armijo_trials(run: Run, p: np.ndarray, c1: float = 1e-4, shrink: float = 0.5) -> list[int]:
    """Count the trials of each step one by one, from the condition alone."""
    trials = []
    for k in range(len(run.f) - 1):
        slope, alpha, n = float(run.grad[k] @ p[k]), 1.0, 1
        while n < 40 and ROSENBROCK.f(run.x[k] + alpha * p[k]) > run.f[k] + c1 * alpha * slope:
            alpha, n = alpha * shrink, n + 1
        trials.append(n)
    return trials


@pytest.mark.parametrize("method", ["newton", "backtracking", "gauss_newton"])
def test_an_armijo_search_asks_for_a_value_a_trial(method: str):
    run, steps = asked_by_step(method, 15)
    p = -run.grad
    if method == "newton":
        values, vectors = np.linalg.eigh(ROSENBROCK.hess(run.x))
        turned = (vectors / np.abs(values)[:, None, :]) @ np.swapaxes(vectors, 1, 2)
        p = np.einsum("kij,kj->ki", turned, p)
    if method == "gauss_newton":
        J = ROSENBROCK.jacobian(run.x)
        p = np.linalg.solve(2 * np.swapaxes(J, 1, 2) @ J, p[..., None])[..., 0]
    trials = armijo_trials(run, p)
    hessians = [len(step["hess"]) for step in steps]
    assert hessians == (15 * [1] if method == "newton" else 15 * [0])
    assert max(trials) > 1
    cost = evaluations(method, run)
    expected = [[n, 1, h] for n, h in zip(trials, hessians, strict=True)]
    steep = np.hypot(*run.grad[:-1].T) > 1e-6  # below it a step pays or not by rounding
    assert np.array_equal(np.diff(cost, axis=0)[steep], np.array(expected)[steep])
    assert steep.sum() >= 5


def test_plain_newton_asks_for_a_gradient_and_a_hessian():
    run, steps = asked_by_step("newton_plain", 6)
    assert [len(step["hess"]) for step in steps] == 6 * [1]
    assert np.array_equal(evaluations("newton_plain", run), np.outer(np.arange(7), [0, 1, 1]))


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "abs_banana", "beale"])
def test_nelder_mead_asks_as_often_as_scipy(name: str):
    problem = SURFACES[name]
    ours = descend(problem, problem.start, "nelder_mead", steps=60, stop=None, edge=0.5)
    first = np.array(problem.start) + 0.5 * np.array([[0, 0], [1, 0], [0, 1.0]])
    cost = evaluations("nelder_mead", ours)
    assert cost[:, 1:].sum() == 0 and cost[0, 0] == 0
    for k in (2, 3, 5, 10, 20, 40, 60):
        theirs = optimize.minimize(
            lambda x: float(problem.f(x)),
            problem.start,
            method="Nelder-Mead",
            options={"initial_simplex": first, "maxiter": k, "xatol": 0, "fatol": 0},
        )
        assert theirs.nit == k
        assert cost[k - 1, 0] == theirs.nfev - 3, k  # three corners before the first step


def test_a_simplex_that_shrinks_pays_for_every_corner():
    flat = surface("abs(x) + 1000*abs(y - x)")
    run = descend(flat, [1.0, 1.0], "nelder_mead", steps=40, stop=None)
    area = np.abs(np.linalg.det(run.simplex[:, 1:] - run.simplex[:, :1]))
    shrunk = np.flatnonzero(np.isclose(area[1:] / area[:-1], 0.25)) + 1
    assert set(run.tried[1:].tolist()) <= {1, 2, 4}
    assert np.array_equal(np.flatnonzero(run.tried == 4), shrunk)
    assert run.tried[0] == 0


def test_every_method_has_a_bill():
    for method in (name for name in METHODS if can_run(name, ROSENBROCK)):
        run = race(ROSENBROCK, [-1.5, 2.0], {method: {}}, steps=9, stop=None)[method]
        bill = evaluations(method, run)
        assert bill.shape == (len(run.f), 3)
        assert not bill[0].any() and (np.diff(bill.sum(axis=1)) >= 1).all(), method


# --- misuse --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "around", "words"),
    [
        ({"sgd": {}}, {}, "unknown method 'sgd'"),
        ({"gd": {"beta": 0.1}}, {}, "no knob `beta`"),
        ({"adam": {"beta1": 1.5}}, {}, "between 0 and 1"),
        ({"gd": {"lr": -0.1}}, {}, "positive"),
        ({"bfgs": {"lr": 0.1}}, {}, "no knob `lr`"),
        ({"golden_section": {}}, {}, "one variable"),
        (["gd", "adam"], {}, "method names with their knobs"),
        ("adam", {}, "method names with their knobs"),
        ({"gd": {}}, {"stop": "soon"}, "unknown stopping rule"),
        ({"gd": {}}, {"steps": -1}, "steps = -1"),
        ({"gd": {}}, {"steps": 2.5}, "steps = 2.5"),
        ({"gd": {}}, {"tol": 0.0}, "tol = 0.0"),
        ({"gd": {}}, {"schedule": "linear"}, "unknown schedule 'linear'"),
    ],
)
def test_misuse_is_a_value_error_with_a_sentence(entries: Any, around: Any, words: str):
    with pytest.raises(ValueError, match=words):
        race(ROSENBROCK, [-1.5, 2.0], entries, **around)


@pytest.mark.parametrize("start", [1.0, [1.0], [1.0, 2.0, 3.0], [[1.0, 2.0], [3.0, 4.0]]])
def test_a_start_is_one_point(start: Any):
    with pytest.raises(ValueError):
        race(ROSENBROCK, start, {"gd": {}})
