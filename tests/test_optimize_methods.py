"""Every method against its closed form, against PyTorch, against itself in a batch, and misused."""

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from cases import NO_WARNINGS, each
from registries import check_same_keys

from gdviz.core import trace
from gdviz.knobs import knobs
from gdviz.optimize import (
    FUNCTIONS,
    LABELS,
    METHODS,
    SURFACES,
    Problem,
    descend,
    function,
    latex,
    surface,
)
from gdviz.optimize.methods import can_run
from gdviz.optimize.problems import elementwise_view

pytestmark = NO_WARNINGS
mp.mp.dps = 50

START = 2.0
PARABOLA = FUNCTIONS["parabola"]
SEVERAL = ("rosenbrock", "himmelblau", "bowl", "saddle")  # all surfaces: test_race_references.py
ENDLESS = ("double_well", "absolute", "rosenbrock")  # where runs without a rule are compared too
EVERY = {**FUNCTIONS, **{name: SURFACES[name] for name in SEVERAL}}
ON_A_LINE = [name for name in METHODS if can_run(name, PARABOLA)]
TORCH = json.loads((Path(__file__).parent / "reference" / "torch_descent.json").read_text())["runs"]


# --- closed forms on x², f′ = 2x, f″ = 2 ---------------------------------------------------------


def powers(matrix: list[list[Any]], n: int) -> list[Any]:
    """Return the first component of Mᵏ (x₀, 0) for k = 0 … n."""
    M = mp.matrix(matrix)
    return [(M**k * mp.matrix([START, 0]))[0] for k in range(n + 1)]


def gd_path(n: int, lr: float) -> list[Any]:
    return [START * (1 - 2 * mp.mpf(lr)) ** k for k in range(n + 1)]


def heavy_ball_path(n: int, lr: float, momentum: float) -> list[Any]:
    r, b = mp.mpf(lr), mp.mpf(momentum)
    return powers([[1 - 2 * r, -r * b], [2, b]], n)


def nesterov_path(n: int, lr: float, momentum: float) -> list[Any]:
    r, b = mp.mpf(lr), mp.mpf(momentum)
    return powers([[1 - 2 * r * (1 + b), -r * b * b], [2, b]], n)


def adam_path(n: int, lr: float, beta1: float, beta2: float, eps: float) -> list[Any]:
    """Write the moments as the weighted sums that they are (Kingma & Ba 2015, eq. 1)."""
    r, b1, b2, e = (mp.mpf(value) for value in (lr, beta1, beta2, eps))
    x, gradients = [mp.mpf(START)], []
    for t in range(1, n + 1):
        gradients.append(2 * x[-1])
        ages = range(t - 1, -1, -1)
        m = (1 - b1) * sum(b1**a * g for a, g in zip(ages, gradients, strict=True)) / (1 - b1**t)
        v = (1 - b2) * sum(b2**a * g * g for a, g in zip(ages, gradients, strict=True))
        x.append(x[-1] - r * m / (mp.sqrt(v / (1 - b2**t)) + e))
    return x


def newton_path(n: int, lr: float, **_: float) -> list[Any]:
    return [START * (1 - mp.mpf(lr)) ** k for k in range(n + 1)]


def backtracking_path(n: int, lr: float, c1: float, shrink: float) -> list[Any]:
    """On a x²/2 Armijo's condition is α ≤ 2(1 − c₁)/a, whatever x."""
    rate = mp.mpf(lr)
    while rate > 1 - mp.mpf(c1):
        rate *= mp.mpf(shrink)
    return gd_path(n, rate)


def golden_section_path(n: int, width: float) -> list[Any]:
    """Re-derive it from the bracket alone: both inner points anew at every step."""
    lo, hi = mp.mpf(START) - width, mp.mpf(START) + width
    ratio = (mp.sqrt(5) - 1) / 2
    path = [mp.mpf(START)]
    for _ in range(n):
        left, right = hi - ratio * (hi - lo), lo + ratio * (hi - lo)
        lo, hi = (lo, right) if left**2 <= right**2 else (left, hi)
        path.append((lo + hi) / 2)
    return path


CLOSED: dict[str, tuple[Callable[..., list[Any]], list[dict[str, float]]]] = {
    "gd": (gd_path, [{"lr": lr} for lr in (0.05, 0.3, 0.5, 0.9, 1.0, 1.05)]),
    "heavy_ball": (
        heavy_ball_path,
        [{"lr": lr, "momentum": b} for lr in (0.01, 0.3, 1.2) for b in (0.0, 0.5, 0.9, 0.99)],
    ),
    "nesterov": (
        nesterov_path,
        [{"lr": lr, "momentum": b} for lr in (0.01, 0.3, 0.6) for b in (0.0, 0.5, 0.9, 0.99)],
    ),
    "adam": (
        adam_path,
        [
            {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
            {"lr": 0.5, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
            {"lr": 0.01, "beta1": 0.0, "beta2": 0.99, "eps": 1e-8},
        ],
    ),
    "newton": (newton_path, [{"lr": lr, "c1": 1e-4, "shrink": 0.5} for lr in (0.25, 1.0, 1.5)]),
    "newton_plain": (newton_path, [{"lr": lr} for lr in (0.25, 1.0, 2.5)]),
    "backtracking": (
        backtracking_path,
        [
            {"lr": lr, "c1": c1, "shrink": s}
            for lr in (0.3, 1.0, 7.0)
            for c1, s in ((1e-4, 0.5), (0.3, 0.8), (0.5, 0.3))
        ],
    ),
    "golden_section": (golden_section_path, [{"width": w} for w in (0.5, 3.0)]),
}


@pytest.mark.parametrize("method", CLOSED)
def test_closed_form_on_the_parabola(method: str) -> None:
    path, settings = CLOSED[method]
    n = 25 if method == "golden_section" else 60
    for given in settings:
        run = descend(PARABOLA, [START], method, steps=n, stop=None, **given)
        exact = np.array([float(x) for x in path(n, **given)])
        bound = 1e-12 * max(1.0, np.abs(exact).max())
        np.testing.assert_allclose(run.x[:, 0], exact, rtol=0, atol=bound, err_msg=str(given))


@pytest.mark.parametrize("method", ["newton", "newton_plain"])
def test_newton_needs_one_step_on_a_quadratic(method: str) -> None:
    rng = np.random.default_rng(3)
    for a, b, c in rng.uniform([0.001, -5, -5], [50, 5, 5], (20, 3)):
        run = descend(function(f"{a}*x**2 + {b}*x + {c}"), [c], method, steps=1, stop=None)
        assert run.x[1, 0] == pytest.approx(-b / (2 * a), rel=1e-12, abs=1e-12)
    run = descend(surface("3*x**2 + 2*x*y + y**2 - x + 4*y"), [7.0, -9.0], method, steps=1)
    np.testing.assert_allclose(run.x[1], np.linalg.solve([[6, 2], [2, 2]], [1, -4]), rtol=1e-13)


def test_only_plain_newton_climbs() -> None:
    hill, saddle = function("1 - (x - 1)**2"), surface("x**2 - (y - 1)**2")
    assert descend(hill, [3.0], "newton_plain", steps=1).x[1, 0] == 1
    assert descend(hill, [3.0], "newton", steps=1).x[1, 0] == 5  # p = −g/|H| = +2
    np.testing.assert_allclose(descend(saddle, [1.0, 2.0], "newton_plain", steps=1).x[1], [0, 1])
    np.testing.assert_allclose(descend(saddle, [1.0, 2.0], "newton", steps=1).x[1], [0, 3])


def test_a_very_flat_quadratic_takes_newton_many_steps() -> None:
    """|H| is held above 1e-8: in exchange for safety on plateaus Newton is not scale-free there."""
    run = descend(function("1e-9*x**2"), [5.0], "newton", steps=2, stop=None)
    np.testing.assert_allclose(run.x[:, 0], [5.0, 4.0, 3.2], rtol=1e-12)


@pytest.mark.parametrize(("c1", "shrink"), [(1e-4, 0.5), (0.4, 0.7), (0.5, 0.9)])
@pytest.mark.parametrize("a", [0.1, 1.0, 30.0])
def test_line_search_shows_its_trials(a: float, c1: float, shrink: float) -> None:
    bowl = function(f"{a}*x**2/2")
    run = descend(bowl, [3.0], "backtracking", steps=1, stop=None, lr=1.0, c1=c1, shrink=shrink)
    rates = shrink ** np.arange(40)
    tried = int(np.argmax(rates <= 2 * (1 - c1) / a)) + 1
    assert run.tried.tolist() == [0, tried]
    assert run.trials.shape == (2, 40, 1)
    assert np.isnan(run.trials[0]).all() and np.isnan(run.trials[1, tried:]).all()
    np.testing.assert_allclose(run.trials[1, :tried, 0], 3 - rates[:tried] * 3 * a, atol=1e-12)
    assert run.x[1, 0] == run.trials[1, tried - 1, 0]


def test_a_line_search_that_finds_nothing_stays() -> None:
    """Uphill on both sides of a kink whose slope is not zero: no trial pays."""
    run = descend(function("abs(x) + 1e-30*x"), [0.0], "backtracking", steps=3, stop=None)
    assert run.x[:, 0].tolist() == [0, 0, 0, 0]
    assert run.tried.tolist() == [0, 40, 40, 40]


def test_golden_section_brackets_and_reuses() -> None:
    seen: list[float] = []
    view = elementwise_view(function("(x - 0.7)**2"))
    counted = view._replace(f=lambda x: seen.append(float(x)) or view.f(x))
    path = trace(METHODS["golden_section"](counted, width=2.0), 1.5, 30)
    length = path.hi - path.lo
    np.testing.assert_allclose(length[1:] / length[:-1], (5**0.5 - 1) / 2, rtol=1e-9)
    assert np.all((path.lo <= 0.7) & (path.hi >= 0.7))
    assert np.all((path.lo < path.left) & (path.left < path.right) & (path.right < path.hi))
    assert np.all(np.diff(path.lo) >= 0) and np.all(np.diff(path.hi) <= 0)
    for k in range(30):
        old, new = ({float(path.left[j]), float(path.right[j])} for j in (k, k + 1))
        assert len(old & new) == 1, "one inner point is kept, one is new"
    inner = {*path.left.tolist(), *path.right.tolist()} & set(seen)
    assert len(inner) == 2 + 30, "one new value of f each step"


def test_golden_section_endures_a_thousand_steps() -> None:
    run = descend(function("(x - 0.7)**2"), [1.5], "golden_section", steps=1000, stop=None)
    assert np.all(np.abs(run.x[60:, 0] - 0.7) < 2e-8)  # √ε: f is flat nearer than that
    assert np.all(run.lo <= run.hi)


# --- PyTorch -------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", TORCH, ids=lambda run: f"{run['method']}-{run['problem']}")
def test_pytorch_walks_the_same_path(run: dict[str, Any]) -> None:
    expected = np.array(run["x"])
    ready = EVERY[run["problem"]]
    assert ready.text == run["text"]
    ours = descend(ready, expected[0], run["method"], steps=100, stop=None, **run["knobs"])
    assert ours.x.shape == expected.shape == (101, ready.d)
    np.testing.assert_allclose(ours.x, expected, rtol=1e-12, atol=1e-12)
    assert np.abs(expected[-1] - expected[0]).max() > 1e-3, (
        "a path that does not move proves nothing"
    )


def test_pytorch_is_asked_about_every_rule_it_has() -> None:
    assert {run["method"] for run in TORCH} == {"gd", "heavy_ball", "nesterov", "adam"}


def test_adam_feels_no_slope_below_eps() -> None:
    tiny = descend(function("1e-12*x"), [0.0], "adam", steps=1, stop=None, lr=0.1)
    assert tiny.x[1, 0] == pytest.approx(-0.1 * 1e-12 / (1e-12 + 1e-8), rel=1e-12)
    still = descend(PARABOLA, [0.0], "adam", steps=5, stop=None)
    assert not still.x.any(), "0/(0 + ε) is 0"


# --- the shape of a run --------------------------------------------------------------------------


def starts(problem: Problem, n: int) -> np.ndarray:
    drawn = np.random.default_rng(4).uniform(*np.array(problem.box).T, (n, problem.d))
    return np.vstack([drawn, [problem.start]])


def a_third(method: str) -> list[str]:
    """Return every third problem, from a place of its own for each method: each meets many."""
    names = [name for name in EVERY if can_run(method, EVERY[name])]
    return names[ON_A_LINE.index(method) % 3 :: 3]


@pytest.mark.parametrize("method", ON_A_LINE)
def test_batched_equals_single_bit_for_bit(method: str) -> None:
    for name in a_third(method):
        check_batch(method, EVERY[name], "gradient")
    for name in ENDLESS:
        if can_run(method, EVERY[name]):
            check_batch(method, EVERY[name], None)


def test_golden_section_needs_one_variable() -> None:
    for name in SEVERAL:
        with pytest.raises(ValueError, match="golden section needs one variable"):
            descend(EVERY[name], EVERY[name].start, "golden_section")


def check_batch(method: str, problem: Problem, stop: str | None) -> None:
    """Assert that a batch walks as each of its starts alone, and stays where it has ended."""
    points = starts(problem, 2)
    batch = descend(problem, points, method, steps=40, stop=stop)
    for i in (0, 2):
        single = descend(problem, points[i], method, steps=40, stop=stop)
        last = int(batch.last[i])
        assert len(single.x) == last + 1
        for field in set(single.trace._fields) - {"t"}:
            lane, alone = getattr(batch, field)[:, i], getattr(single, field)
            assert alone.shape == lane[: last + 1].shape
            assert np.array_equal(lane[: last + 1], alone, equal_nan=True), field
            held = np.broadcast_to(lane[last], lane[last:].shape)
            assert np.array_equal(lane[last:], held, equal_nan=True), f"{field} moves after its end"
        assert (batch.status[i], batch.verdict[i]) == (single.status, single.verdict)
        assert batch.reason[i] == single.reason


@pytest.mark.parametrize("method", ON_A_LINE)
def test_any_batch_shape(method: str) -> None:
    points = starts(FUNCTIONS["wavy"], 5).reshape(2, 3, 1)
    run = descend(FUNCTIONS["wavy"], points, method, steps=9, stop=None)
    assert run.x.shape == run.grad.shape == (10, 2, 3, 1)
    assert run.f.shape == (10, 2, 3) and run.last.shape == run.status.shape == (2, 3)
    flat = descend(FUNCTIONS["wavy"], points.reshape(-1, 1), method, steps=9, stop=None)
    assert np.array_equal(run.x.reshape(10, 6, 1), flat.x)


@pytest.mark.parametrize(
    ("method", "name"),
    [(m, n) for m in ON_A_LINE for n in ("double_well", "rosenbrock") if can_run(m, EVERY[n])],
)
def test_init_and_step_change_nothing(method: str, name: str) -> None:
    problem = EVERY[name]
    made = METHODS[method](problem)
    point = np.array([problem.start])
    before = point.copy()
    state = made.init(point)
    assert np.array_equal(point, before) and state._fields[:4] == ("x", "f", "grad", "t")
    for _ in range(3):
        kept = copy.deepcopy(state)
        once, twice = made.step(state), made.step(state)
        assert type(once) is type(state) and once.t == state.t + 1
        for field in state._fields:
            equal = {"equal_nan": field in ("trials", "population")}
            assert np.array_equal(getattr(state, field), getattr(kept, field), **equal), field
            assert np.array_equal(getattr(once, field), getattr(twice, field), **equal), field
        assert np.array_equal(once.f, problem.f(once.x))
        assert np.array_equal(once.grad, problem.grad(once.x))
        state = once


@pytest.mark.parametrize("method", ON_A_LINE)
def test_without_a_rule_every_step_is_taken(method: str) -> None:
    given = {"lr": 0.01} if "lr" in knobs(METHODS[method]) else {}
    for steps in (0, 1, 63, 64, 65, 130):
        run = descend(FUNCTIONS["double_well"], [1.9], method, steps=steps, stop=None, **given)
        assert run.x.shape == (steps + 1, 1) and run.f.shape == (steps + 1,)
        assert run.t.tolist() == list(range(steps + 1))
        assert int(run.last) == steps and not run.fired, steps


@pytest.mark.parametrize("method", ON_A_LINE)
def test_starts_are_left_alone_and_may_be_integers(method: str) -> None:
    for point in (np.array([2]), np.array([[2], [3]]), [2], 2, np.array([2.0])):
        before = copy.deepcopy(point)
        run = descend(PARABOLA, point, method, steps=5)
        assert np.array_equal(point, before)
        assert run.x.dtype == run.f.dtype == run.grad.dtype == float
    alone = descend(PARABOLA, 2.0, method, steps=5).x
    assert np.array_equal(descend(PARABOLA, [2], method, steps=5).x, alone)


@pytest.mark.parametrize("method", ON_A_LINE)
def test_a_start_at_the_minimum_is_the_end(method: str) -> None:
    run = descend(PARABOLA, [0.0], method)
    assert run.x.shape == (1, 1) and run.status == "converged"
    assert run.verdict == "converged at the start"
    on = descend(PARABOLA, [0.0], method, steps=20, stop=None)
    assert np.isfinite(on.x).all() and np.abs(on.x).max() <= 2 and np.isfinite(on.f).all()


@each("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("method", ON_A_LINE)
def test_a_start_that_is_no_number(method: str, bad: float) -> None:
    run = descend(PARABOLA, [bad], method)
    assert (run.status, run.verdict) == ("diverged", "no start")
    batch = descend(PARABOLA, [[bad], [2.0]], method, steps=20)
    assert batch.verdict[0] == "no start"
    assert np.array_equal(
        batch.x[: batch.last[1] + 1, 1], descend(PARABOLA, [2.0], method, steps=20).x
    )
    if method != "golden_section":
        pair = descend(SURFACES["rosenbrock"], [[bad, 0.0], [1.0, 1.0]], method, steps=5)
        assert pair.status.tolist() == ["diverged", "converged"]


@pytest.mark.parametrize("method", ON_A_LINE)
def test_a_run_can_be_pickled(method: str) -> None:
    run = descend(FUNCTIONS["wavy"], [[1.0], [2.0]], method, steps=5)
    again = pickle.loads(pickle.dumps(run))
    assert np.array_equal(again.x, run.x) and again.reason.tolist() == run.reason.tolist()


def test_no_two_knobs_of_a_method_have_one_label() -> None:
    for name, method in METHODS.items():
        labels = [knob.kind.label for knob in knobs(method).values()]
        assert len(labels) == len(set(labels)), f"{name}: {labels}"


def test_methods_and_labels_have_the_same_keys() -> None:
    where = "(gdviz/optimize/methods.py)"
    check_same_keys({f"METHODS {where}": METHODS, f"LABELS {where}": LABELS})
    assert list(METHODS) == list(LABELS), "LABELS has the order of METHODS"
    check_same_keys(
        {
            "CLOSED (tests/test_optimize_methods.py)": CLOSED,
            "RULES (gdviz/optimize/latex.py)": latex.RULES,
        }
    )


# --- misuse --------------------------------------------------------------------------------------

MISUSES: list[tuple[dict[str, Any], str]] = [
    ({"x0": [1.0, 2.0]}, r"shape \(2,\) given; the last axis must be 1"),
    ({"x0": "here"}, "could not convert"),
    ({"method": "sgd"}, "unknown method 'sgd'; there is gd, heavy_ball"),
    ({"stop": "never"}, "unknown stopping rule 'never'; there is gradient, step, value and None"),
    ({"lr": np.nan}, "`lr` = nan of `gd` is not a finite number"),
    ({"lr": "fast"}, "`lr` = fast of `gd` is not one number"),
    ({"lr": None}, "`lr` = None of `gd` is not one number"),
    *[({"method": m, "speed": 1.0}, f"`{m}` has no knob `speed`; it has") for m in METHODS],
]


@pytest.mark.parametrize(("given", "words"), MISUSES)
def test_misuse_is_a_value_error_with_a_sentence(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        descend(PARABOLA, **{"x0": [2.0], **given})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"steps": -1}, "steps"),
        ({"steps": 2.5}, "steps"),
        ({"tol": np.nan}, "tol"),
        ({"tol": -1.0}, "tol"),
        ({"method": "golden_section", "width": -1.0}, "width"),
        ({"method": "backtracking", "shrink": 2.0}, "shrink"),
        ({"x0": np.zeros((0, 1))}, "start|point"),
    ],
)
def test_misuse_that_should_be_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        descend(PARABOLA, **{"x0": [2.0], **given})
