"""Every optimizer against PyTorch, optax, the papers and SciPy, and what must hold of it."""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from cases import NO_WARNINGS, sampled
from registries import check_same_keys
from scipy import optimize

from gdviz.core import trace
from gdviz.optimize import METHODS, SURFACES, Problem, descend, schedules, surface
from gdviz.optimize.elementwise import NO_CONDITIONS, GradientConditions, perturbed_gradient
from gdviz.optimize.methods import can_run
from gdviz.optimize.surfaces import quadratic

pytestmark = NO_WARNINGS
MADE = json.loads((Path(__file__).parent / "reference" / "race.json").read_text())
RUNS = [run for part in ("torch", "optax", "papers") for run in MADE[part]["runs"]]
RECENT = json.loads((Path(__file__).parent / "reference" / "race_recent.json").read_text())
RECENT_RUNS = [run for part in RECENT.values() if isinstance(part, dict) for run in part["runs"]]
OUTER = json.loads((Path(__file__).parent / "reference" / "race_outer.json").read_text())["runs"]
RECENT_RUNS += [run for run in OUTER if run["method"] == "sophia"]  # the others are loops
FIVE = ("rosenbrock", "beale", "himmelblau", "rastrigin", "rotated_bowl")

TESTED_OTHERWISE = {
    "newton": "affine invariance, Armijo's condition, rotation",
    "newton_plain": "affine invariance",
    "gauss_newton": "one step on linear residuals, Armijo's condition",
    "natural_gradient": "the same laws in other parameters: test_natural_racer.py",
    "bfgs": "SciPy's minimum, Wolfe's conditions",
    "lbfgs": "SciPy's minimum, Wolfe's conditions, memory",
    "conjugate_gradient": "SciPy's minimum, Wolfe's conditions, two steps on a quadratic",
    "nelder_mead": "SciPy's simplex at each step",
    "backtracking": "Armijo's condition, rotation",
    "golden_section": "needs one variable: test_optimize_methods.py",
    "trust_region": "SciPy's dogleg: test_recent_methods.py",
    "levenberg_marquardt": "damped least squares: test_recent_methods.py",
}


# --- the same points as others --------------------------------------------------------------------


def label(run: dict[str, Any]) -> str:
    knobs = ",".join(f"{key}={value}" for key, value in run["knobs"].items())
    return f"{run['problem']}-{run['method']}-{knobs}"


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_reference_or_a_reason(method: str):
    recorded = {run["problem"] for run in [*RUNS, *RECENT_RUNS] if run["method"] == method}
    told = "record its path by reference/make_race.py, or say in TESTED_OTHERWISE what tests it"
    assert (recorded == set(FIVE)) != (method in TESTED_OTHERWISE), f"{method}: {told}"


@pytest.mark.parametrize("run", RUNS, ids=label)
def test_the_same_points_as_the_reference(run: dict[str, Any]):
    assert run["steps"] == [1, 10, 100] or run["short"]
    problem, last = SURFACES[run["problem"]], run["steps"][-1]
    assert problem.start == tuple(run["start"])
    ours = descend(problem, run["start"], run["method"], steps=last, stop=None, **run["knobs"]).x[
        run["steps"]
    ]
    right = np.array(run["x"])
    apart = np.linalg.norm(ours - right, axis=1) / np.linalg.norm(right, axis=1)
    assert (apart <= 1e-10).all(), apart


def test_golden_figures_of_weight_decay():
    """100 steps on Rosenbrock from (−1.5, 2), η = 0.05, λ = 0.01: decay is not L2 under Adam."""
    knobs = {"lr": 0.05, "weight_decay": 0.01, "steps": 100, "stop": None}
    decayed = descend(SURFACES["rosenbrock"], [-1.5, 2.0], "adamw", **knobs).x[-1]
    penalised = descend(SURFACES["rosenbrock"], [-1.5, 2.0], "adam", **knobs).x[-1]
    assert decayed.round(5).tolist() == [-1.22127, 1.49874]
    assert penalised.round(5).tolist() == [-1.26499, 1.60667]


@pytest.mark.parametrize("name", SURFACES)
def test_nelder_mead_has_the_simplex_of_scipy(name: str):
    problem = SURFACES[name]
    first = np.array(problem.start) + 0.5 * np.array([[0, 0], [1, 0], [0, 1.0]])
    ours = descend(problem, problem.start, "nelder_mead", steps=50, stop=None, edge=0.5)
    bests: list[np.ndarray] = []
    for k in (1, 2, 3, 5, 10, 20, 35, 50):
        found = optimize.minimize(
            lambda x: float(problem.f(x)),
            problem.start,
            method="Nelder-Mead",
            callback=lambda x: bests.append(x),
            options={"initial_simplex": first, "maxiter": k, "xatol": 0, "fatol": 0},
        )
        size = max(1.0, np.abs(ours.simplex[k - 1]).max())
        simplex, values = found.final_simplex
        assert found.nit == k
        # SciPy sorts the last simplex and counts the first sort as step 1 of its loop.
        np.testing.assert_allclose(simplex, ours.simplex[k - 1], rtol=0, atol=1e-9 * size)
        scale = max(1.0, np.abs(values).max())
        np.testing.assert_allclose(values, ours.f_simplex[k - 1], rtol=0, atol=1e-9 * scale)


SMOOTH = [n for n in SURFACES if SURFACES[n].minima and n not in ("ackley", "abs_banana", "flower")]


PEERS = [("bfgs", "BFGS"), ("lbfgs", "L-BFGS-B"), ("conjugate_gradient", "CG")]


@pytest.mark.parametrize(
    ("name", "method", "peer"), sampled([(name, *pair) for name in SMOOTH for pair in PEERS], 2)
)
def test_the_minimum_of_scipy(name: str, method: str, peer: str):
    """Beside each minimum both end at a declared one, nearly always the same: a search may leap."""
    problem, same = SURFACES[name], []
    declared = np.array(problem.minima)
    for minimum in problem.minima[:: max(1, len(problem.minima) // 6)]:
        start = np.array(minimum) + [0.007, -0.005]
        run = descend(problem, start, method, steps=300)
        theirs = optimize.minimize(problem.f, start, jac=problem.grad, method=peer, tol=1e-9)
        assert run.status == "converged"
        for end in (run.x[-1], theirs.x):
            assert np.linalg.norm(declared - end, axis=1).min() < 2e-5
        same.append(np.linalg.norm(run.x[-1] - theirs.x) < 4e-5)
        assert run.last <= 3 * theirs.nit + 5
    assert sum(same) >= len(same) - 1


# --- conditions of the searches -------------------------------------------------------------------


def batch(name: str, n: int = 12) -> np.ndarray:
    return np.random.default_rng(5).uniform(*np.array(SURFACES[name].box).T, (n, 2))


BOWLS = [n for n in SMOOTH if n != "plateau"]  # out on the plateau f is flat in float64


STRICT = [("bfgs", 0.9), ("lbfgs", 0.9), ("bfgs", 0.3)]


@pytest.mark.parametrize(
    ("name", "method", "c2"), sampled([(name, *pair) for name in BOWLS for pair in STRICT], 2)
)
def test_accepted_steps_fulfil_the_strong_wolfe_conditions(name: str, method: str, c2: float):
    """f falls by c₁ of the promise, the slope to c₂: but for rounding, unless all trials failed."""
    run = descend(SURFACES[name], batch(name), method, steps=80, c2=c2)
    wolfe_holds(run, 1e-4, c2)


@pytest.mark.parametrize("name", [n for n in BOWLS if n != "beale"])
def test_conjugate_gradient_fulfils_them_with_a_strict_slope(name: str):
    run = descend(SURFACES[name], batch(name), "conjugate_gradient", steps=60)
    wolfe_holds(run, 1e-4, 0.1)


def wolfe_holds(run: Any, c1: float, c2: float) -> None:
    move = np.diff(run.x, axis=0)
    before, after = ((g * move).sum(axis=-1) for g in (run.grad[:-1], run.grad[1:]))
    going = np.arange(len(move))[:, None] < run.last
    found = going & (run.tried[1:] < run.trials.shape[-2])
    rounding = 2e-13 * np.abs(run.f[:-1])
    assert (run.f[1:] <= run.f[:-1] + c1 * before + rounding)[going].all()
    assert (np.abs(after) <= c2 * np.abs(before) * (1 + 1e-9) + 1e-300)[found].all()
    assert found.sum() >= 0.98 * going.sum()
    assert (before < 0)[found].all()


@pytest.mark.parametrize("method", ["backtracking", "newton", "gauss_newton"])
@pytest.mark.parametrize("name", [n for n in SURFACES if SURFACES[n].residuals])
def test_accepted_steps_fulfil_armijo_and_the_trial_before_does_not(name: str, method: str):
    problem, c1 = SURFACES[name], 0.2
    run = descend(problem, batch(name), method, steps=40, c1=c1, shrink=0.4)
    for i, k in np.ndindex(len(run.last), 40):
        if k >= run.last[i] or (run.x[k + 1, i] == run.x[k, i]).all():
            continue
        tried = int(run.tried[k + 1, i])
        points = run.trials[k + 1, i, :tried]
        moves = points - run.x[k, i]
        promise = c1 * moves @ run.grad[k, i]
        over = problem.f(points) - run.f[k, i] - promise
        rounding = 1e-13 * abs(run.f[k, i])
        np.testing.assert_allclose(points[-1], run.x[k + 1, i], rtol=1e-13)
        assert over[-1] <= rounding and (over[:-1] > -rounding).all()
        ratios = np.linalg.norm(moves[1:], axis=1) / np.linalg.norm(moves[:-1], axis=1)
        np.testing.assert_allclose(ratios, 0.4, rtol=1e-6)


def test_a_search_crosses_a_concave_stretch_in_few_trials():
    """Where f is concave no parabola has a lowest point: then the search must stride out."""
    run = descend(SURFACES["saddle"], [1e-3, 1.0], "bfgs", steps=1, stop=None)
    assert np.linalg.norm(run.x[1]) > 1e6
    far = descend(SURFACES["plateau"], [2.61, -2.63], "bfgs")
    assert np.linalg.norm(far.x[-1]) < 1e-6 and far.last < 20


def test_bfgs_goes_on_when_rounding_spoils_its_matrix():
    starts = [[-1.5763150531707022, 0.5326397841462311], [-1.4239884999229693, 0.8694869044249387]]
    run = descend(SURFACES["monkey_saddle"], starts, "bfgs", steps=150)
    assert (run.status == "diverged").all()
    H = run.H
    np.testing.assert_array_equal(H, np.swapaxes(H, -1, -2))


# --- invariances ----------------------------------------------------------------------------------


class Turned(NamedTuple):
    """The problem z ↦ f(Az + b)."""

    problem: Problem
    A: np.ndarray
    b: np.ndarray
    d: int = 2

    def f(self, z: Any) -> Any:
        return self.problem.f(z @ self.A.T + self.b)

    def grad(self, z: Any) -> Any:
        return self.problem.grad(z @ self.A.T + self.b) @ self.A

    def hess(self, z: Any) -> Any:
        return self.A.T @ self.problem.hess(z @ self.A.T + self.b) @ self.A


def both(name: str, A: Any, method: str, steps: int, **hyper: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the path on f and the image of the path on z ↦ f(Az + b), from the same place."""
    problem, shift = SURFACES[name], np.array([0.3, -0.2])
    A = np.array(A)
    start = np.array(problem.start)
    turned = Turned(problem, A, shift)
    plain = trace(METHODS[method](problem, **hyper), start, steps).x
    image = trace(METHODS[method](turned, **hyper), np.linalg.solve(A, start - shift), steps).x
    return plain, image @ A.T + shift


ROTATION = [[0.8, -0.6], [0.6, 0.8]]
SHEAR = [[2.0, 1.0], [0.5, 3.0]]


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "three_hump_camel"])
def test_plain_newton_knows_no_coordinates(name: str):
    plain, image = both(name, SHEAR, "newton_plain", 5)
    np.testing.assert_allclose(plain, image, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "three_hump_camel"])
@pytest.mark.parametrize(
    ("method", "hyper"),
    [
        ("gd", {"lr": 1e-4}),
        ("heavy_ball", {"lr": 1e-4}),
        ("nesterov", {"lr": 1e-4}),
        ("qhm", {"lr": 1e-4}),
        ("backtracking", {}),
        ("newton", {}),
        ("bfgs", {}),
        ("lbfgs", {}),
        ("conjugate_gradient", {}),
    ],
)
def test_no_direction_is_special(name: str, method: str, hyper: dict[str, float]):
    plain, image = both(name, ROTATION, method, 6, **hyper)
    np.testing.assert_allclose(plain, image, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("method", ["adam", "signsgd", "rprop", "adagrad", "lion"])
def test_rates_per_coordinate_see_a_rotation(method: str):
    plain, image = both("himmelblau", ROTATION, method, 6)
    assert np.abs(plain - image).max() > 1e-3


# Not radam: its first steps are plain momentum.
SCALED = ["adam", "adamw", "amsgrad", "nadam", "adamax", "adagrad", "rmsprop"]


@pytest.mark.parametrize("method", SCALED)
@pytest.mark.parametrize("name", FIVE)
def test_ten_times_f_gives_the_same_path(name: str, method: str):
    """Adam's step has no units of f, if ε has those of the gradient."""
    problem = SURFACES[name]
    ten = surface(f"10*({problem.text})")
    paths = [
        descend(p, problem.start, method, steps=40, stop=None, lr=0.02, eps=eps).x
        for p, eps in ((problem, 1e-8), (ten, 1e-7))
    ]
    np.testing.assert_allclose(*paths, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau"])
@pytest.mark.parametrize("method", ["signsgd", "rprop", "newton", "newton_plain", "bfgs"])
def test_other_methods_without_units(name: str, method: str):
    problem = SURFACES[name]
    paths = [
        descend(p, problem.start, method, steps=8, stop=None).x[2 * (method == "bfgs") :]
        for p in (problem, surface(f"16*({problem.text})"))
    ]
    if method != "bfgs":  # its very first step is as long as the gradient, at most 1
        np.testing.assert_allclose(*paths, rtol=1e-9, atol=1e-9)


# --- what theory promises -------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [0.0, 20.0, 75.0])
@pytest.mark.parametrize("condition", [3.0, 100.0, 1e4])
def test_conjugate_gradients_need_two_steps_on_a_quadratic(condition: float, angle: float):
    problem = quadratic(condition, angle)
    run = descend(problem, [-2.0, 1.3], "conjugate_gradient", steps=3, stop=None, c2=1e-10)
    assert np.linalg.norm(run.x[2]) <= 1e-7 < np.linalg.norm(run.x[1])
    directions = run.direction[0], run.direction[1]
    assert abs(directions[0] @ problem.hess([0, 0]) @ directions[1]) < 1e-6 * condition


@pytest.mark.parametrize("name", ["booth", "matyas", "bowl", "rotated_bowl"])
@pytest.mark.parametrize("method", ["gauss_newton", "newton", "newton_plain"])
def test_linear_residuals_need_one_step(name: str, method: str):
    problem = SURFACES[name]
    run = descend(problem, problem.start, method, steps=1, stop=None)
    np.testing.assert_allclose(run.x[1], problem.minima[0], atol=1e-12)


def test_gauss_newton_takes_the_least_squares_step():
    """Its first full step solves min |r + Jp|², wherever the residuals are not linear."""
    for name in ("rosenbrock", "beale", "himmelblau", "narrow_canyon"):
        problem = SURFACES[name]
        x = np.array(problem.start)
        expected = -np.linalg.lstsq(problem.jacobian(x), problem.residual(x), rcond=None)[0]
        run = descend(problem, x, "gauss_newton", steps=1, stop=None)
        np.testing.assert_allclose(run.trials[1, 0] - x, expected, rtol=1e-7)
        if name != "beale":  # from there it follows a valley to infinity, where J is singular
            assert descend(problem, x, "gauss_newton").status == "converged"


def test_gauss_newton_needs_residuals():
    with pytest.raises(ValueError, match="sum of squares"):
        descend(SURFACES["trid"], [0.0, 0.0], "gauss_newton")


def test_lbfgs_that_remembers_all_is_bfgs_on_a_quadratic():
    """With exact searches both are conjugate gradients (Nocedal & Wright 2006, section 7.1)."""
    problem = quadratic(50.0, 35.0)
    for method in ("bfgs", "lbfgs"):
        run = descend(problem, [-2.0, 1.3], method, steps=2, stop=None, c2=1e-10)
        assert np.linalg.norm(run.x[2]) < 1e-7


def test_lbfgs_with_one_pair_differs_from_many():
    paths = [
        descend(SURFACES["rosenbrock"], [-1.5, 2.0], "lbfgs", steps=15, stop=None, memory=m).x
        for m in (1, 10)
    ]
    np.testing.assert_array_equal(paths[0][:3], paths[1][:3])
    assert np.abs(paths[0] - paths[1]).max() > 1e-3


# --- schedules, noise, clipping -------------------------------------------------------------------


def by_hand(name: str, t: int, n: int) -> float:
    """Return a factor by the formulas that PyTorch's schedulers document."""
    u = t / n
    if name == "warmup_cosine":
        return u / 0.1 if u < 0.1 else (1 + math.cos(math.pi * (u - 0.1) / 0.9)) / 2
    if name == "one_cycle":
        high, low = (1.0, 1 / 25), 1e-4 / 25
        if u < 0.3:
            return high[1] + (high[0] - high[1]) * (1 - math.cos(math.pi * u / 0.3)) / 2
        return low + (1 - low) * (1 + math.cos(math.pi * (u - 0.3) / 0.7)) / 2
    return {
        "constant": 1.0,
        "step": 0.5 ** (t // (n // 4)),  # StepLR(step_size=n/4, gamma=0.5)
        "exponential": (0.01 ** (1 / n)) ** t,  # ExponentialLR(gamma=0.01^(1/n))
        "cosine": (1 + math.cos(math.pi * t / n)) / 2,  # CosineAnnealingLR(T_max=n)
        "inverse_sqrt": (1 + t) ** -0.5,
    }[name]


@pytest.mark.parametrize("name", schedules.SCHEDULES)
@pytest.mark.parametrize("n", [4, 100, 1000])
def test_schedules_are_their_formulas(name: str, n: int):
    found = schedules.factors(name, n)
    assert found.shape == (n,) and found.dtype == float
    np.testing.assert_allclose(found, [by_hand(name, t, n) for t in range(n)], rtol=1e-12)
    assert (found >= 0).all() and found.max() <= 1


def test_schedules_of_no_steps_and_their_labels():
    names = ("SCHEDULES", "SCHEDULE_LABELS")
    check_same_keys({f"{n} (gdviz/optimize/schedules.py)": getattr(schedules, n) for n in names})
    assert all(schedules.factors(name, 0).shape == (0,) for name in schedules.SCHEDULES)
    assert all(schedules.factors(name, 1).shape == (1,) for name in schedules.SCHEDULES)


ELEMENTWISE = [name for name, method in METHODS.items() if hasattr(method, "state")]


@pytest.mark.parametrize("name", [n for n in schedules.SCHEDULES])
def test_a_schedule_multiplies_the_rate(name: str):
    factors, x = schedules.factors(name, 30), np.array([-3.0, 1.5])
    problem = SURFACES["bowl"]
    run = scheduled(problem, x, "gd", GradientConditions(factors=factors), lr=0.05)
    for t in range(30):
        x = x - 0.05 * factors[t] * problem.grad(x)
        np.testing.assert_allclose(run[t + 1], x, rtol=1e-13, atol=1e-15)


def scheduled(
    problem: Problem, x: Any, method: str, given: GradientConditions, **hyper: Any
) -> np.ndarray:
    return descend(problem, x, method, steps=30, stop=None, conditions=given, **hyper).x


@pytest.mark.parametrize("method", ELEMENTWISE)
def test_conditions_that_change_nothing(method: str):
    problem = SURFACES["himmelblau"]
    hyper = {"final_lr": 1e-3} if method == "adabound" else {}
    calm = scheduled(problem, problem.start, method, NO_CONDITIONS, lr=1e-3, **hyper)
    for given in (
        GradientConditions(factors=np.ones(30)),
        GradientConditions(noise=np.zeros((30, 2))),
        GradientConditions(clip=1e9),
        GradientConditions(np.ones(30), np.zeros((30, 2)), 1e9),
    ):
        np.testing.assert_array_equal(
            scheduled(problem, problem.start, method, given, lr=1e-3, **hyper), calm
        )


@pytest.mark.parametrize("method", ELEMENTWISE)
def test_noise_is_a_table_and_therefore_repeats(method: str):
    # So large that a rule that sees only the sign of a mean of gradients meets it, too.
    problem, noise = SURFACES["bowl"], np.random.default_rng(3).normal(scale=30.0, size=(30, 2))
    starts = np.array([problem.start, (1.0, 1.0)])
    hyper = {"final_lr": 1e-3} if method == "adabound" else {}
    run = [
        scheduled(problem, starts, method, GradientConditions(noise=noise), lr=1e-3, **hyper)
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*run)
    for i, start in enumerate(starts):  # every run of a batch meets the same noise
        single = scheduled(
            problem, start, method, GradientConditions(noise=noise), lr=1e-3, **hyper
        )
        np.testing.assert_array_equal(run[0][:, i], single)
    other = scheduled(
        problem, starts, method, GradientConditions(noise=noise[::-1].copy()), lr=1e-3
    )
    assert np.abs(other - run[0]).max() > 0


@pytest.mark.parametrize("length", [1e-3, 0.5, 7.0])
def test_a_clipped_gradient_is_no_longer_than_asked(length: float):
    problem = SURFACES["rosenbrock"]
    run = scheduled(problem, problem.start, "gd", GradientConditions(clip=length), lr=1e-3)
    steps = np.linalg.norm(np.diff(run, axis=0), axis=1) / 1e-3
    assert (steps <= length * (1 + 1e-9)).all() and steps.max() > 0.99 * length


def test_clipping_keeps_the_direction_and_endures_zero():
    for grad in ([3.0, -4.0], [0.0, 0.0], [1e-320, 0.0], [3e200, 4e200]):
        found = perturbed_gradient(GradientConditions(clip=1.0), np.array(grad), 1)
        length = np.hypot(*grad)
        np.testing.assert_allclose(found, np.array(grad) / max(length, 1.0), rtol=1e-12)
    assert perturbed_gradient(GradientConditions(clip=1.0), -4.0, 1) == -1.0


def test_noise_comes_before_clipping():
    given = GradientConditions(noise=np.array([[30.0, 40.0]]), clip=5.0)
    np.testing.assert_allclose(perturbed_gradient(given, np.array([0.0, 0.0]), 1), [3.0, 4.0])


# --- a batch is its runs --------------------------------------------------------------------------


def takes(method: str, name: str) -> bool:
    return can_run(method, SURFACES[name])


BATCHES = [  # other surfaces: test_optimize_methods.py
    (method, name)
    for method in METHODS
    for name in sampled(("rotated_bowl", "hills", "plateau"), 3)
    if takes(method, name)
]


@pytest.mark.parametrize(("method", "name"), BATCHES)
def test_a_batch_has_the_bits_of_its_runs(method: str, name: str):
    problem, starts = SURFACES[name], batch(name, 3)
    together = descend(problem, starts, method, steps=25, stop=None)
    for i, start in enumerate(starts):
        alone = descend(problem, start, method, steps=25, stop=None)
        last = int(together.last[i])
        assert last == int(alone.last)
        for field in set(alone.trace._fields) - {"t"}:
            lane = getattr(together, field)[: last + 1, i]
            assert np.array_equal(lane, getattr(alone, field), equal_nan=True), field
