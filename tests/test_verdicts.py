"""Verdicts whose truth is known beforehand: kinks, standstills, kinds of points, divergence."""

from typing import Any

import numpy as np
import pytest
from cases import NO_WARNINGS, each

from gdviz.optimize import Problem, descend, function, race, surface
from gdviz.optimize.jumping import why_it_jumps
from gdviz.optimize.map_ends import ends
from gdviz.optimize.outcomes import Course
from gdviz.optimize.stability import Edge, beyond_edge, stability_edge
from gdviz.optimize.stationary import stationary_kind
from gdviz.optimize.verdicts import classify

pytestmark = NO_WARNINGS


def problem_of(text: str) -> Problem:
    return surface(text) if "y" in text else function(text)


# --- arriving at a kink is not divergence ---------------------------------------------------------

LANDINGS = [
    ("sqrt(x**2 + y**2)", (3.0, 4.0), "gd", {"lr": 1.0}),
    ("sqrt(x**2 + y**2)", (3.0, 4.0), "backtracking", {}),
    ("sqrt(x**2 + y**2)", (3.0, 4.0), "nelder_mead", {}),
    ("sqrt(x**2 + y**2)", (0.0, 0.0), "gd", {}),
    ("sqrt(x**2)", (3.0,), "gd", {"lr": 1.0}),
    ("sqrt(x**2)", (3.0,), "gd", {"lr": 0.5}),
    ("sqrt(x**2)", (3.0,), "backtracking", {}),
    ("sqrt(x**2)", (3.0,), "nelder_mead", {}),
    ("sqrt(x**2)", (2.0,), "signsgd", {"lr": 0.25}),
    ("sqrt((x - 1)**2) + 7", (3.0,), "gd", {"lr": 0.25}),
    ("sqrt((x - 1)**2 + (y + 2)**2)", (4.0, 2.0), "gd", {"lr": 1.0}),
    ("2*sqrt(x**2 + y**2) - 3", (3.0, 4.0), "gd", {"lr": 0.5}),
    ("sqrt(x**2) + sqrt(y**2)", (2.0, 2.0), "gd", {"lr": 0.5}),
    ("sqrt(abs(x))", (0.0,), "gd", {}),
]


@each("text, start, method, given", LANDINGS)
@pytest.mark.parametrize("stop", ["gradient", None])
def test_a_kink_with_f_all_around_it_higher_is_a_minimum(
    text: str, start: tuple[float, ...], method: str, given: dict[str, Any], stop: str | None
) -> None:
    problem = problem_of(text)
    run = descend(problem, start, method, steps=1000, stop=stop, **given)
    assert run.status == "converged" and "kink" in run.verdict, run.reason
    assert "minimum" in run.reason and np.isfinite(run.grad).all()
    ring = run.x[-1] + 1e-4 * np.random.default_rng(0).standard_normal((500, problem.d))
    assert (problem.f(ring) > run.f[-1]).all()


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("-sqrt(x**2)", 0.0),
        ("-sqrt(x**2) + x", 0.0),
        ("sign(x)*abs(x)**0.5", 0.0),
        ("2*x + sqrt(x**2)", 0.0),
        ("x - sqrt((x - 1)**2)/2", 1.0),
        ("-sqrt(x**2 + y**2)", (0.0, 0.0)),
        ("sqrt(x**2) - sqrt(y**2)", (0.0, 0.0)),
        ("x + sqrt(x**2 + y**2)/2", (0.0, 0.0)),
        ("sqrt((x*y)**2) - x**2 - y**2", (0.0, 0.0)),
        ("y - sqrt(x**2 + y**2)", (0.0, 0.0)),
    ],
)
def test_a_kink_with_lower_neighbours_is_none(text: str, x: Any) -> None:
    run = descend(problem_of(text), np.atleast_1d(x), steps=20)
    assert (run.status, run.verdict) == ("stationary", "stuck at step 0: a kink"), run.reason


def test_the_maps_see_the_kink_too() -> None:
    cone = surface("sqrt(x**2 + y**2)")
    found = ends(cone, [[3.0, 4.0], [0.3, 0.1]], "gd", steps=50, lr=1.0)
    assert found.code.tolist() == [1, 0] and found.steps.tolist() == [5, -1]
    assert found.x[0].tolist() == [0.0, 0.0]
    plain = ends(cone, [[3.0, 4.0]], "backtracking", steps=50)
    assert plain.code.tolist() == [1] and plain.steps.tolist() == [5]
    hill = ends(surface("-sqrt(x**2 + y**2)"), [[0.0, 0.0]], "gd", steps=50, lr=1.0)
    assert hill.code.tolist() == [0] and hill.steps.tolist() == [-1]


def test_the_race_sees_the_kink_too() -> None:
    runs = race(surface("sqrt(x**2 + y**2)"), [3.0, 4.0], {"gd": {"lr": 1.0}, "backtracking": {}})
    assert {run.verdict for run in runs.values()} == {"converged in 5 steps · at a kink"}


# --- a run that stands still ----------------------------------------------------------------------

KINKED = [
    ("abs(x)", (2.03,)),
    ("abs(x - 0.3) + x/3", (2.0,)),
    ("max(x, -2*x)", (1.7,)),
    ("abs(x)**1.5 + abs(x)", (2.0,)),
    ("max(abs(x + y), 3*abs(x - y))", (1.0, 0.3)),
]


@pytest.mark.parametrize(("text", "start"), KINKED)
@pytest.mark.parametrize("method", ["backtracking", "nelder_mead", "bfgs", "golden_section"])
def test_at_rest_at_a_kink(text: str, start: tuple[float, ...], method: str) -> None:
    if len(start) == 2 and method in ("golden_section", "bfgs"):
        pytest.skip("one variable only, or stuck on the ridge")
    run = descend(problem_of(text), start, method, steps=600, **_wide(method))
    assert run.status == "converged", run.reason
    assert "η is too large" not in run.reason and "on its way" not in run.reason


def _wide(method: str) -> dict[str, float]:
    return {"width": 5.0} if method == "golden_section" else {}


@pytest.mark.parametrize(
    "method", ["backtracking", "nelder_mead", "bfgs", "lbfgs", "conjugate_gradient", "newton"]
)
@each("high", [1e6, 1e9, 1e12, 1e15])
def test_the_rounding_floor_is_a_minimum(method: str, high: float) -> None:
    """f = (x − 1)² + 3(y − 2)² + high: what float64 cannot tell is within √(ε·high) of (1, 2)."""
    problem = surface(f"(x - 1)**2 + 3*(y - 2)**2 + {high:.0f}")
    run = descend(problem, [0.3, -0.7], method, steps=600)
    assert run.status == "converged", run.reason
    floor = 10 * np.sqrt(2.2e-16 * high)
    np.testing.assert_allclose(run.x[-1], [1, 2], atol=max(floor, 1e-6))


def test_a_bracket_without_a_minimum_says_so() -> None:
    for x0 in (9.0, -7.0, 3.1):
        run = descend(function("x**2"), [x0], "golden_section", steps=300)
        assert run.status == "stationary" and "bracket" in run.reason, run.reason
        assert abs(run.x[-1, 0]) == pytest.approx(abs(x0) - 2)


@pytest.mark.parametrize(
    ("text", "x0", "rate"),
    [("x", 1e12, 1e-7), ("x**2", 1e8, 1e-17), ("exp(x)", 3.0, 1e-19), ("abs(x)", 2.0, 1e-17)],
)
def test_steps_below_the_last_digit_are_named(text: str, x0: float, rate: float) -> None:
    run = descend(function(text), [x0], "gd", lr=rate, steps=50)
    assert (run.x == x0).all() and run.verdict == "stands still since step 0"
    assert "last digit" in run.reason and "no minimum" in run.reason


@pytest.mark.parametrize(
    ("text", "start"),
    [("abs(x) + 3*abs(y)", (1.0, 0.3)), ("max(x, 0) + 5*abs(y)", (3.0, 0.2))],
)
def test_jammed_on_a_ridge_is_no_minimum(text: str, start: tuple[float, float]) -> None:
    run = descend(surface(text), start, "backtracking", steps=400)
    assert run.status == "stationary" and "no minimum" in run.reason, run.reason
    ring = run.x[-1] + 1e-3 * np.random.default_rng(0).standard_normal((500, 2))
    assert surface(text).f(ring).min() < run.f[-1]


class Counted:
    """A problem that counts how often it is asked."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.calls = problem, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.problem, name)

    def f(self, x: Any) -> Any:
        self.calls += 1
        return self.problem.f(x)

    def grad(self, x: Any) -> Any:
        self.calls += 1
        return self.problem.grad(x)


@pytest.mark.parametrize("method", ["bfgs", "lbfgs", "conjugate_gradient", "backtracking"])
@pytest.mark.parametrize("stop", ["gradient", None])
@pytest.mark.parametrize("text", ["(x - 1)**2 + 3*(y - 2)**2 + 1e9", "abs(x - 1) + (y - 2)**2"])
def test_standing_still_costs_nothing(method: str, stop: str | None, text: str) -> None:
    counted: Any = Counted(surface(text))
    run = descend(counted, [0.7, -0.2], method, steps=1000, stop=stop)
    assert counted.calls < (3100 if method == "backtracking" else 900)
    if stop is None:
        assert len(run.x) == 1001 and run.t[-1] == 1000


def test_a_cycle_gives_its_cause() -> None:
    hops = descend(function("abs(x)"), [2.03], lr=0.1, steps=200)
    assert hops.verdict == "2-cycle" and "kink" in hops.reason
    wide = descend(function("x**4 - 3*x**2 + x"), [-1.0], lr=0.15, steps=1000)
    curvature = 12 * 1.3008395659415772**2 - 6  # at the left minimum of the double well
    assert f"η·λmax = {0.15 * curvature:.4g} is not below 2" in wide.reason
    for method, words in [("signsgd", "length η"), ("rprop", "stride"), ("lion", "length η")]:
        run = descend(function("(x - 1/3)**2"), [2.0], method, steps=900, stop=None)
        assert run.status == "oscillating", (method, run.reason)
        assert words in run.reason or "without a period" in run.reason
        assert "η is too large" not in run.reason
    cause = why_it_jumps(
        function("log(cosh(x))"), np.array([[1.0], [-1.0]]), None, Course("newton_plain")
    )
    assert "Newton" in cause and "η" not in cause


# --- kinds of stationary points -------------------------------------------------------------------

KINDS = [
    ("(y - x**2)*(y - 2*x**2)", "saddle"),
    ("(y - x**2)*(y - 1.1*x**2)", "saddle"),
    ("(y - x**3)*(y - 2*x**3)", "saddle"),
    ("(x - y**2)*(x - 3*y**2)", "saddle"),
    ("(y - x**2)**2 - x**8", "saddle"),
    ("x**2 - y**6", "saddle"),
    ("x**3 + y**2", "saddle"),
    ("x**2*y + y**3", "saddle"),
    ("x**2*y**2 - y**5", "saddle"),
    ("(x + y)**2 - (x - y)**4", "saddle"),
    ("abs(x) - y**2", "saddle"),
    ("(y - x**2)*(2*y - x**2)", "saddle"),
    ("(y - x**2)**2", "weak minimum"),
    ("(x - y)**2", "weak minimum"),
    ("x**2*y**2", "weak minimum"),
    ("(x*y)**2 + 1e6", "weak minimum"),
    ("abs(x)", "minimum"),
    ("x**2 + 0*y", "weak minimum"),
    ("max(x, 0)**2 + 0*y", "weak minimum"),
    ("relu(x) + y**2", "weak minimum"),
    ("max(0, x + y)", "weak minimum"),
    ("(3*x - y)**4", "weak minimum"),
    ("(x**2 + y**2 - 1)**2 - 1", "maximum"),
    ("-(y - x**2)**2", "weak maximum"),
    ("-(x - y)**4", "weak maximum"),
    ("min(0, x)", "weak maximum"),
    ("x**10 + y**10", "minimum"),
    ("x**2 + y**12", "minimum"),
    ("(y - x**2)**2 + x**8", "minimum"),
    ("1e12*(y - x**2)**2 + x**2", "minimum"),
    ("x**2 + y**2 + 1e15", "minimum"),
    ("1e-12*(x**2 + y**4)", "minimum"),
    ("1e12*(x**2 + y**4)", "minimum"),
    ("abs(x) + abs(y)", "minimum"),
    ("max(abs(x), abs(y)) + 5", "minimum"),
    ("sqrt(abs(x)) + y**2", "minimum"),
    ("x**2 + y**2 - 3*abs(x)", "saddle"),
    ("-x**2 - y**4", "maximum"),
    ("3 + 0*x*y", "flat"),
    ("exp(-x**2 - 900) + 0*y", "flat"),
]


@each("text, kind", KINDS)
def test_kinds_at_the_origin(text: str, kind: str) -> None:
    problem = problem_of(text)
    assert stationary_kind(problem, np.zeros(problem.d)) == kind


@each("shift", [0.0, 3.0, -1e3])
@each("size", [1e-12, 1e-6, 1.0, 1e6, 1e12])
@each(
    "text, kind",
    [
        ("{s}*((x - {c})**2 + (y - {c})**2)", "minimum"),
        ("{s}*((x - {c})**2 + (y - {c})**4)", "minimum"),
        ("{s}*((x - {c})**2 - (y - {c})**2)", "saddle"),
        ("{s}*((x - {c})**2 - 1e-4*(y - {c})**4)", "saddle"),
        ("{s}*(x - y)**2", "weak minimum"),
        ("-{s}*((x - {c})**2 + 5*(y - {c})**2)", "maximum"),
    ],
)
def test_kinds_do_not_depend_on_scale_or_place(
    text: str, kind: str, size: float, shift: float
) -> None:
    problem = surface(text.format(s=repr(size), c=f"({shift!r})"))
    assert stationary_kind(problem, np.full(2, shift)) == kind


@pytest.mark.parametrize("p", [4, 6, 8, 10, 14, 20])
@pytest.mark.parametrize("method", ["newton", "newton_plain"])
def test_high_powers_under_newton(p: int, method: str) -> None:
    run = descend(function(f"x**{p}"), [1.0], method, steps=300)
    assert run.status == "converged" and run.f[-1] < 1e-5, run.reason


@pytest.mark.parametrize("text", ["exp(x)", "exp(2*x)", "1/(1 + exp(-x))", "log(1 + exp(x))"])
def test_a_slope_that_only_flattens_out_has_no_minimum(text: str) -> None:
    for x in (-9.5, -15.0, -25.0):
        assert "minimum" not in stationary_kind(function(text), np.array([x])), x


@pytest.mark.parametrize("high", [1e12, 1e15])
def test_a_high_minimum_is_one(high: float) -> None:
    assert descend(function(f"(x - 1)**2 + {high:.0f}"), [3.0]).status == "converged"


# --- divergence with its numbers ------------------------------------------------------------------


@each("curvature", [0.5, 2.0, 300.0])
@pytest.mark.parametrize(
    ("method", "knobs", "limit"),
    [
        ("gd", {}, 2.0),
        ("heavy_ball", {"momentum": 0.9}, 3.8),
        ("heavy_ball", {"momentum": 0.5}, 3.0),
        ("nesterov", {"momentum": 0.9}, 3.8 / 2.8),
        ("nesterov", {"momentum": 0.5}, 1.5),
        ("qhm", {"momentum": 0.9, "nu": 0.7}, 3.8 / (1.9 - 1.26)),
        ("qhm", {"momentum": 0.5, "nu": 1.0}, 6.0),
    ],
)
def test_the_edge_is_where_runs_part(
    method: str, knobs: dict[str, float], limit: float, curvature: float
) -> None:
    edge = stability_edge(method, knobs)
    assert edge is not None and edge.value == pytest.approx(limit)
    bowl = function(f"{curvature}*x**2/2")
    below = descend(bowl, [1.0], method, lr=0.99 * limit / curvature, steps=4000, **knobs)
    rate = 1.01 * limit / curvature
    above = descend(bowl, [1.0], method, lr=rate, steps=4000, **knobs)
    assert below.status == "converged" and above.status == "diverged"
    assert f"since step 0 η·λmax is more than {edge.formula}" in above.reason
    assert f"{rate:.4g} · {curvature:.4g} = {rate * curvature:.4g}" in above.reason
    if edge.formula != "2":
        assert f"{edge.formula} = {limit:.4g}" in above.reason


def test_the_edge_of_momentum_is_that_of_its_matrix() -> None:
    """The largest modulus of the eigenvalues of one step, as a matrix, passes 1 at the edge."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        beta, nu = rng.uniform(0, 0.99), rng.uniform(0, 1)
        steps = {
            "heavy_ball": lambda a, b=beta: [[1 - a, -a * b], [1, b]],
            "nesterov": lambda a, b=beta: [[1 - a * (1 + b), -a * b * b], [1, b]],
            "qhm": lambda a, b=beta, n=nu: [[1 - a * (1 - n * b), -a * n * b], [1 - b, b]],
        }
        for method, matrix in steps.items():
            edge = stability_edge(method, {"momentum": beta, "nu": nu})
            assert edge is not None
            radii = [
                np.abs(np.linalg.eigvals(matrix(share * edge.value))).max()
                for share in (0.99, 1.01)
            ]
            assert radii[0] < 1 < radii[1], (method, beta, nu)


def test_since_which_step() -> None:
    problem = function("x**4")  # f″ = 12x²: beyond 2/η where x² > 1/(6η)
    x = np.array([[0.1], [5.0], [0.2], [3.0], [4.0]])
    found = beyond_edge(problem, x, np.full(5, 0.1), Edge(2.0, "2"))
    assert found is not None and (found.step, found.curvature) == (3, pytest.approx(108.0))
    assert beyond_edge(problem, x[:3], np.full(3, 0.1), Edge(2.0, "2")) is None


def test_a_scheduled_rate_counts_as_it_is_at_its_step() -> None:
    bowl = surface("x**2 + y**2")
    runs = race(bowl, [1.0, 1.0], {"gd": {"lr": 8.0}}, steps=40, schedule="cosine")
    assert runs["gd"].status == "diverged" and "8 · 2 = 16" in runs["gd"].reason


@pytest.mark.parametrize("text", ["-x**2", "-x", "x**3", "-exp(x)", "x - x**2/9"])
def test_without_an_edge_no_edge_is_blamed(text: str) -> None:
    run = descend(function(text), [-1.0 if text != "-exp(x)" else 1.0], lr=0.4, steps=3000)
    assert run.status in ("diverged", "step limit") and "η·λmax" not in run.reason


# --- what a verdict says is known -----------------------------------------------------------------


def test_a_minimum_beside_a_run_that_stands_is_not_denied() -> None:
    """The point is a hair from a minimum, in units in which f shows it: no verdict may deny it."""
    rng, seen = np.random.default_rng(5), set()
    for _ in range(60):
        centre = rng.uniform(-2, 2, 2).round(3) * rng.choice([0.0, 1.0])
        aside = 10.0 ** rng.uniform(-8.5, -6) * np.array([1.0, 0.3])
        bend, size = 10.0 ** rng.integers(-1, 3), 10.0 ** rng.integers(-3, 4)
        x, y = (f"(%s - ({c!r}) - {a!r})" % n for n, c, a in zip("xy", centre.tolist(),
                aside.tolist(), strict=True))  # fmt: skip
        problem = surface(f"{size}*({x}**2 + {bend}*{y}**2)")
        path = np.vstack([centre + 1, np.tile(centre, (8, 1))])
        outcome = classify(problem, path, problem.f(path), problem.grad(path), Course())
        seen.add(outcome.reason.partition(". ")[2] or outcome.status)
        assert "no minimum" not in outcome.reason and "not a minimum" not in outcome.reason
    assert any("cannot be told" in words for words in seen)


def test_beside_the_edge_of_a_domain_no_minimum_is_seen_over_the_edge() -> None:
    """Nearer to the edge than the second ring, f rises the other way and is lower at the edge."""
    for size in (1e-3, 1.0, 1e3):
        for x in (1.5e-8, 3.7e-8, 4.9e-8):
            problem = function(f"{size}*sqrt(x)")
            assert problem.f([x / 2]) < problem.f([x])
            assert stationary_kind(problem, np.array([x]), within=1e-8) not in ("minimum", "flat")


def test_why_a_run_was_lost_is_what_happened() -> None:
    """These f are bounded below and grow: none falls without end, and no bend of them vanishes."""
    texts = (
        "exp(x**2)",
        "x**4 + x**2",
        "cosh(3*x) + x",
        "x**2 + exp(x) + exp(-2*x)",
        "exp(exp(x**2))",
    )
    told, rng = set(), np.random.default_rng(3)
    methods = ("gd", "adam", "rmsprop", "heavy_ball", "newton_plain", "adagrad", "lion")
    for text in texts:
        problem = function(text)
        for _ in range(30):
            name = str(rng.choice(methods))
            rate = {} if name == "newton_plain" else {"lr": float(10 ** rng.uniform(-2, 2))}
            run = descend(problem, [float(rng.uniform(-2, 2))], name, steps=60, **rate)
            if run.status == "diverged":
                told.add(run.reason.partition(": ")[2][:24])
                assert "falls without end" not in run.reason, (text, name, rate, run.reason)
                assert "hardly bends" not in run.reason, (text, name, rate, run.reason)
                if "left for infinity" in run.reason:
                    assert np.abs(run.x).max() > 100, (text, name, rate, run.reason)
    assert any("10¹⁰⁰" in words for words in told)
    level = descend(function("x**3 - 3*x"), [0.0], "newton_plain", steps=9)
    assert "hardly bends" in level.reason
    down = descend(function("-x**3"), [1.0], "gd", steps=60, lr=0.5).reason
    assert "falls without end" in down


def test_one_step_is_not_steps() -> None:
    for steps, says in ((1, "of 1 step came first: "), (2, "of 2 steps came first: ")):
        reason = str(descend(function("x**2"), [2.0], lr=1e-3, steps=steps).reason)
        assert says in reason and ("in the last step f" in reason) == (steps == 1)
