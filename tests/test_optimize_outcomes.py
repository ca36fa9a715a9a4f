"""How a run ended is said truly: no false minimum, no silent divergence, no number that is none."""

import random
from typing import Any

import numpy as np
import pytest
from cases import NO_WARNINGS, each
from scipy.optimize import minimize_scalar

from gdviz.expressions import FormulaError
from gdviz.optimize import FUNCTIONS, METHODS, SURFACES, Problem, Run, descend, function, surface
from gdviz.optimize.elementwise import elementwise
from gdviz.optimize.methods import can_run
from gdviz.optimize.oscillation import cycle
from gdviz.optimize.outcomes import STOPS
from gdviz.optimize.rules import Rate
from gdviz.optimize.stationary import stationary_kind

pytestmark = NO_WARNINGS

ON_A_LINE = [name for name in METHODS if can_run(name, FUNCTIONS["parabola"])]
STATUSES = {"converged", "step limit", "stationary", "stopped early", "oscillating", "diverged"}


def run(text: str, x0: float, method: str = "gd", **given: Any) -> Run:
    return descend(function(text), [x0], method, **given)


# --- the tutorial's traps, each with its figure --------------------------------------------------


def test_the_edge_of_stability_is_no_minimum() -> None:
    edge = run("x**2", 2.0, lr=1.0)
    assert edge.x[:4, 0].tolist() == [2, -2, 2, -2]
    assert (edge.status, edge.verdict) == ("oscillating", "2-cycle")
    by_value = run("x**2", 2.0, lr=1.0, stop="value")
    assert (by_value.status, len(by_value.x)) == ("stopped early", 2)
    assert "not a minimum" in by_value.reason


@pytest.mark.parametrize("stop", ["gradient", "step", "value", None])
@pytest.mark.parametrize("lr", [1.1, 10.0])
def test_divergence_is_seen_and_the_last_finite_point_kept(lr: float, stop: str | None) -> None:
    away = run("x**2", 2.0, lr=lr, steps=1000, stop=stop)
    assert away.status == "diverged"
    exact = 2 * (1 - 2 * lr) ** np.arange(len(away.x), dtype=float)
    np.testing.assert_allclose(away.x[:, 0], exact, rtol=1e-12)
    assert np.isfinite([away.x[:, 0], away.f, away.grad[:, 0]]).all()
    if stop:
        assert np.abs(away.x).max() < 1e8, "it is noticed long before float64 overflows"
        assert f"({away.x[-1, 0]:.4g})" in away.reason
        assert away.verdict == f"diverged at step {len(away.x)}"


@pytest.mark.parametrize(("text", "x0"), [("1e-4*x**2", 5.0), ("1e-6*x**2", 2.0)])
def test_flat_is_not_minimal(text: str, x0: float) -> None:
    fooled = run(text, x0, lr=0.1, stop="value")
    assert fooled.status == "stopped early" and len(fooled.x) == 2
    assert abs(fooled.x[-1, 0] - x0) < 1e-3 * x0
    assert run(text, x0, lr=0.1).status == "step limit"
    found = run(text, x0, "newton")
    assert found.status == "converged" and abs(found.x[-1, 0]) < 1e-6


@pytest.mark.parametrize("stop", ["gradient", "step", "value"])
@pytest.mark.parametrize("steps", [100, 1000, 20_000])
def test_an_inflection_is_never_called_a_minimum(steps: int, stop: str) -> None:
    cubic = run("x**3", 2.0, lr=0.1, steps=steps, stop=stop)
    assert cubic.status != "converged"
    assert 0 < cubic.x[-1, 0] < 0.1
    assert run("x**3", 2.0, "newton_plain", steps=steps, stop=stop).status != "converged"


def test_a_method_may_rest_before_its_first_step(monkeypatch: pytest.MonkeyPatch) -> None:
    @elementwise
    def delayed(x: Any, g: Any, t: Any, v: Any, lr: Rate = 0.1) -> Any:
        """Gradient descent along the gradient of the step before, the first of which is zero."""
        return x - lr * v, g

    monkeypatch.setitem(METHODS, "delayed", delayed)
    for stop in STOPS:
        found = run("x**2", 2.0, "delayed", stop=stop, tol=1e-8)
        assert found.x[1, 0] == found.x[0, 0] == 2.0
        assert abs(found.x[-1, 0]) < 1e-3, stop
        assert len(run("x**2", 0.0, "delayed", stop=stop).x) <= 2  # there is nothing to wait for
        still = run("1e-30*x**2", 2.0, "delayed", stop=stop, steps=40)  # it never moves
        assert stop == "gradient" or len(still.x) == 41, stop
    pair = descend(function("x**2"), [[2.0], [0.0]], "delayed", stop="step", tol=1e-8)
    assert pair.last[1] == 1 and abs(pair.x[pair.last[0], 0, 0]) < 1e-3
    best = descend(SURFACES["rosenbrock"], [-1.5, 1.5], "nelder_mead", stop="value")
    assert len(best.x) > 2, "the best corner of the first simplex may stay the best one"


def test_the_tutorials_own_figures() -> None:
    """0.0048574, the step that it computed and threw away, is where we stop, 299 points."""
    kept = run("x**2", 2.0, lr=0.01, stop="value", steps=1000)
    assert kept.x[-1, 0] == pytest.approx(0.0048574, abs=5e-8)
    assert kept.x[-2, 0] == pytest.approx(0.0049565, abs=5e-8)
    assert len(kept.x) == 299 and kept.status == "stopped early"
    right = run("x**2", 2.0, lr=0.01, steps=1000)
    assert right.status == "converged" and abs(right.x[-1, 0]) < 1e-6


def test_a_quartic_has_a_minimum() -> None:
    assert run("x**4", 2.0, "newton").status == "converged"
    slow = run("x**4", 1.0, lr=0.2, steps=100)
    assert slow.status == "step limit"
    assert run("x**4", 1.0, lr=0.2, steps=20_000).status == "converged"


def test_the_absolute_value() -> None:
    hops = run("abs(x)", 2.03, lr=0.1)
    assert (hops.status, hops.verdict) == ("oscillating", "2-cycle")
    lucky = run("abs(x)", 2.0, lr=0.25)
    assert lucky.status == "converged" and lucky.x[-1, 0] == 0


def test_what_falls_without_end_says_so() -> None:
    for method in ("gd", "heavy_ball", "nesterov", "newton", "backtracking"):
        given = {"lr": 0.1} if method in ("gd", "heavy_ball", "nesterov") else {}
        hill = run("-x**2", 1.0, method, steps=1000, **given)
        assert hill.status == "diverged" and "falls without end" in hill.reason
    on_top = run("-x**2", 0.0)
    assert (on_top.status, on_top.verdict) == ("stationary", "stuck at step 0: maximum")


def test_leaving_the_domain() -> None:
    left = run("log(x)", 1.0, lr=0.6)
    assert left.status == "diverged" and left.verdict == "diverged at step 2"
    assert left.x[:, 0] == pytest.approx([1.0, 0.4])
    assert "not defined" in left.reason


def test_a_start_without_a_slope() -> None:
    edge = run("sqrt(x)", 0.0)
    assert edge.f[0] == 0 and "f is not finite at the start" not in edge.reason


@pytest.mark.parametrize("curvature", [0.3, 2.0, 50.0])
@pytest.mark.parametrize(
    ("method", "limit"),
    [("gd", 2.0), ("heavy_ball", 2 * 1.9), ("nesterov", 2 * 1.9 / 2.8)],
)
def test_limits_of_stability(method: str, limit: float, curvature: float) -> None:
    text, given = f"{curvature}*x**2/2", {} if method == "gd" else {"momentum": 0.9}
    below = run(text, 1.0, method, lr=0.99 * limit / curvature, steps=3000, **given)
    above = run(text, 1.0, method, lr=1.01 * limit / curvature, steps=3000, **given)
    assert below.status == "converged" and abs(below.x[-1, 0]) < 1e-5
    assert above.status == "diverged"


# --- no false minimum ----------------------------------------------------------------------------

ATOMS = """x x**2 x**3 x**4 sin({a}*x) cos({a}*x) exp(-x**2) exp({b}*x) abs(x) log(x**2+{c})
sqrt(x**2+{c}) tanh({a}*x) 1/(1+x**2) sigmoid({a}*x) relu(x) max(x,{b}) log(x) sqrt(x) x*sin(x)
floor(x) sign(x) abs(x-1) (x-1)**6 atan(x) cosh(x)""".split()
SIZES = [-3, -1, -0.1, 0.01, 0.1, 1, 2, 10, 100, 1e-3, 1e-5]


def any_formula(rng: random.Random) -> str:
    return " + ".join(
        f"({rng.choice(SIZES)})*({rng.choice(ATOMS)})".format(
            a=rng.choice([0.5, 1, 2, 3, 7, 20]),
            b=rng.choice([-1, 0.5, 1, 2]),
            c=rng.choice([0.01, 1]),
        )
        for _ in range(rng.randint(1, 3))
    )


def any_run(rng: random.Random) -> Run | None:
    method = rng.choice(ON_A_LINE)
    given: dict[str, Any] = {}
    if method in ("gd", "heavy_ball", "nesterov", "adam"):
        given["lr"] = 10 ** rng.uniform(-4, 1)
    start = rng.choice([0.0, 1.0, -1.0, rng.uniform(-5, 5), rng.uniform(-50, 50)])
    given |= {"steps": rng.choice([10, 60, 200]), "stop": rng.choice([*STOPS, None])}
    try:
        return run(any_formula(rng), start, method, **given)
    except FormulaError:
        return None


def is_local_minimum(problem: Problem, x: float) -> bool:
    """Say whether f has a local minimum within 1e-3 of x, by values of f alone.

    Where f is flatter than a parabola, "within" is what the values can tell: a point from which f
    falls by no more than 1e-7 on the way to the minimum.
    """

    def f(at: Any) -> Any:
        return problem.f(np.asarray(at)[..., None])

    here, rounding = float(f(x)), 1e-14 * max(1.0, abs(float(f(x))))
    for reach in (1e-3, 1e-2, 1e-1):
        width = reach * max(1.0, abs(x))
        around = np.linspace(x - width, x + width, 2001)
        lowest = around[np.argmin(f(around))]
        fine = minimize_scalar(
            lambda at: float(f(at)), bounds=(lowest - width / 500, lowest + width / 500)
        )
        best, least = min((float(f(lowest)), lowest), (float(fine.fun), fine.x))
        inside = abs(least - x) < 0.99 * width
        rises = (
            min(f(x - 2 * width), f(x + 2 * width), f(x - width), f(x + width)) >= best - rounding
        )
        if inside and rises:
            return reach == 1e-3 or here - best <= 1e-7 * max(1.0, abs(here))
    return False


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_called_converged_is_a_minimum(seed: int) -> None:
    rng = random.Random(seed)
    found = 0
    for _ in range(80):
        ended = any_run(rng)
        if ended is None:
            continue
        story = (ended.problem.text, ended.x[0, 0], type(ended.trace).__name__, ended.reason)
        assert ended.status in STATUSES and ended.verdict and ended.reason.endswith("."), story
        if ended.verdict != "no start":
            for kept in (ended.x, ended.f, ended.grad):
                assert np.isfinite(kept).all(), story
        if ended.status == "converged":
            found += 1
            with np.errstate(all="ignore"):
                assert is_local_minimum(ended.problem, float(ended.x[-1, 0])), story
    assert found > 1, "a search that finds nothing proves nothing"


def test_the_check_itself_can_fail() -> None:
    assert is_local_minimum(function("x**2"), 5e-4)
    assert is_local_minimum(function("abs(x)"), 5e-4)
    for text, x in [("x**2", 0.01), ("-x**2", 0.0), ("x**3", 0.01), ("x", 0.0), ("x**4", 0.5)]:
        assert not is_local_minimum(function(text), x)


FALSE_MINIMA = [
    ("x**4 - 1e-5*x**2", 0.0, "gd", {}),  # a maximum between two wells 0.0022 away
    ("x**2 + 1e-5*cos(1000*x)", 1e-4, "newton_plain", {}),  # climbs to a maximum
    ("-3/(1 + x**2)", -1.0, "newton_plain", {}),  # runs off to −237, where f″ < 0
    ("1e-15*x**2", 5.0, "gd", {}),  # flatter than the floor of the rule
    ("(x + 1)**2 - x**2 - 2*x", 100.0, "gd", {}),  # constant; what rises is rounding
]


@pytest.mark.parametrize(("text", "x0", "method", "given"), FALSE_MINIMA)
def test_false_minima(text: str, x0: float, method: str, given: dict[str, Any]) -> None:
    assert run(text, x0, method, **given).status != "converged"


def test_a_loose_tolerance_makes_no_minimum() -> None:
    loose = run("x**2", 0.4, tol=1.0)
    assert loose.status == "stopped early" and "still 0.8" in loose.reason


# --- oscillation ---------------------------------------------------------------------------------


def logistic(r: float, n: int = 3000, x: float = 0.3) -> np.ndarray:
    orbit = [x]
    for _ in range(n):
        orbit.append(r * orbit[-1] * (1 - orbit[-1]))
    return np.array(orbit)[:, None]


@pytest.mark.parametrize(
    ("r", "period"), [(2.8, 0), (3.2, 2), (3.5, 4), (3.55, 8), (3.566, 16), (3.83, 3), (3.9, 0)]
)
def test_cycles_of_the_logistic_map(r: float, period: int) -> None:
    """The windows are those of May, Nature 261 (1976)."""
    assert cycle(logistic(r)) == period


@pytest.mark.parametrize("period", range(2, 17))
def test_constructed_cycles(period: int) -> None:
    points = np.random.default_rng(period).normal(size=(period, 2))
    assert cycle(np.tile(points, (4, 1))) == period
    assert cycle(np.tile(points[:, :1], (4, 1))) == period
    assert cycle(np.tile(points, (2, 1))) == 0, "seen twice only"


def test_what_is_no_cycle() -> None:
    k = np.arange(200.0)[:, None]
    for path in (k, 0.9**k, (-0.9) ** k, 0 * k, np.cos(k), k[:1], 1 + 1e-12 * (-1) ** k):
        assert cycle(path) == 0


def double_well_exponent(lr: float) -> float:
    """Return the Lyapunov exponent of x − η f′(x) by its definition, the mean of log|1 − ηf″|."""
    x, total = -1.0, 0.0
    for _ in range(20_000):
        total += np.log(abs(1 - lr * (12 * x * x - 6)))
        x -= lr * (4 * x**3 - 6 * x + 1)
    return total / 20_000


@pytest.mark.parametrize(
    ("lr", "verdict"), [(0.15, "2-cycle"), (0.176, "4-cycle"), (0.205, "6-cycle")]
)
def test_period_doubling(lr: float, verdict: str) -> None:
    assert double_well_exponent(lr) < 0
    assert descend(FUNCTIONS["double_well"], [-1.0], lr=lr, steps=1000).verdict == verdict


def test_chaos_is_called_chaotic_at_every_length() -> None:
    for lr in (0.19, 0.195, 0.2, 0.21, 0.215):
        assert double_well_exponent(lr) > 0.2
        for steps in (60, 100, 150, 200, 300, 500, 1000):
            ended = descend(FUNCTIONS["double_well"], [-1.0], lr=lr, steps=steps)
            assert ended.verdict == "chaotic", (lr, steps)


def test_slow_damping_is_no_cycle() -> None:
    slow = run("x**2", 2.0, lr=0.9998, steps=100)
    assert np.all(np.diff(slow.f) < 0) and slow.status == "step limit"


@pytest.mark.parametrize("momentum", [0.99, 0.999])
def test_damped_momentum_is_not_chaotic(momentum: float) -> None:
    """On a parabola it shrinks by √β a step: far on its way it converges."""
    ball = {"method": "heavy_ball", "lr": 1.5, "momentum": momentum}
    assert run("x**2", 2.0, **ball, steps=50_000).status == "converged"
    assert run("x**2", 2.0, **ball, steps=100).status == "step limit"


def test_climbing_to_a_maximum_is_not_diverging() -> None:
    assert run("-x**4", 1.0, "newton_plain", steps=100).status == "stationary"
    assert run("-x**4", 1.0, "newton_plain", steps=10).status == "step limit"


def test_at_rest_without_a_rule() -> None:
    still = descend(FUNCTIONS["double_well"], [2.0], lr=0.05, steps=1000, stop=None)
    assert abs(still.grad[-1, 0]) < 1e-14 and "on its way" not in still.reason


# --- kinds of stationary points ------------------------------------------------------------------


@each(
    "text, x, kind",
    [
        ("x**2", 0.0, "minimum"),
        ("x**2", 1e-7, "minimum"),
        ("1e6*(x - 3)**2 + 1e3", 3 + 1e-9, "minimum"),
        ("1e-6*x**2", 1e-3, "minimum"),
        ("x**4", 0.0, "minimum"),
        ("x**4", 5e-3, "minimum"),
        ("x**6", 0.0, "minimum"),
        ("abs(x)", 0.0, "minimum"),
        ("cosh(x)", 0.0, "minimum"),
        ("x**2", 1e6 * 0, "minimum"),
        ("(x - 1e6)**2", 1e6, "minimum"),
        ("-x**2", 0.0, "maximum"),
        ("-x**4", 0.0, "maximum"),
        ("-x**4", 5e-3, "maximum"),
        ("-abs(x)", 0.0, "maximum"),
        ("cos(x)", 0.0, "maximum"),
        ("x**3", 0.0, "saddle"),
        ("x**3", 5e-4, "saddle"),
        ("-x**3", -5e-4, "saddle"),
        ("x**5", 0.0, "saddle"),
        ("3 + 0*x", 1.0, "flat"),
        ("relu(x)", -1.0, "flat"),
        ("exp(-x**2)", 30.0, "flat"),
        ("max(abs(x) - 1, 0)", 0.2, "flat"),
        ("floor(x)", 0.5, "flat"),
    ],
)
def test_kinds_in_one_variable(text: str, x: float, kind: str) -> None:
    assert stationary_kind(function(text), np.array([x])) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x**2 + y**2", "minimum"),
        ("x**2 + y**4", "minimum"),
        ("x**4 + y**4", "minimum"),
        ("(x + y)**2 + (x - y)**4", "minimum"),
        ("abs(x) + abs(y)", "minimum"),
        ("-x**2 - y**4", "maximum"),
        ("x**2 - y**2", "saddle"),
        ("x*y", "saddle"),
        ("x**2 + y**3", "saddle"),
        ("x**3 - 3*x*y**2", "saddle"),
        ("x**2 - y**4", "saddle"),
        ("0*x*y + 1", "flat"),
        ("x**2 + 0*y", "weak minimum"),
    ],
)
def test_kinds_in_two_variables(text: str, kind: str) -> None:
    assert stationary_kind(surface(text), np.zeros(2)) == kind


def test_stopping_rules_are_what_they_say() -> None:
    x = np.array([[4.0], [1.0], [0.5], [0.4999]])
    f, grad = x[:, 0] ** 2, 2 * x
    assert STOPS["gradient"](x, f, grad, 0.9999).tolist() == [False, False, False, True]
    assert STOPS["step"](x, f, grad, 1e-3).tolist() == [False, False, False, True]
    assert STOPS["value"](x, f, grad, 0.76).tolist() == [False, False, True, True]
    tiny = grad / 100  # |∇f₀| = 0.08: relative below one, absolute above
    assert STOPS["gradient"](x, f, tiny, 0.2).tolist() == [False, False, True, True]
    assert STOPS["gradient"](x, f, 100 * grad, 0.2).tolist() == [False] * 4


@pytest.mark.parametrize("stop", [*STOPS, None])
def test_no_step_is_taken_from_one_point(stop: str | None) -> None:
    one = run("x**2", 2.0, steps=0, stop=stop)
    assert one.x.tolist() == [[2.0]] and one.verdict == "step limit 0"
