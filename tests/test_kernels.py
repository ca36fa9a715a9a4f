"""The compiled blocks do what the same rules and formulas do in NumPy."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import each
from numba import types

from gdviz.kernels import batched_descent
from gdviz.kernels.block_kernels import (
    GRADIENT,
    RULE,
    gradient_kernel,
    other_knobs,
    rule_kernel,
)
from gdviz.kernels.compile_cache import compiled_once
from gdviz.knobs import bind_defaults
from gdviz.optimize import FUNCTIONS, METHODS, SURFACES, descend, function, surface
from gdviz.optimize.elementwise import is_elementwise
from gdviz.optimize.map_ends import CONVERGED, DIVERGED, NOT_YET, Ends, ends
from gdviz.optimize.problems import Problem

RULES = [name for name, factory in METHODS.items() if hasattr(factory, "state")]
PROBLEMS = {**FUNCTIONS, **SURFACES}
CALM = ["parabola", "shifted", "flat", "double_well", "huber", "log_cosh", "plateau", "cubic"]
CALM += ["wavy", "rosenbrock", "himmelblau", "bowl", "saddle"]
RATE = {"rosenbrock": 5e-4, "himmelblau": 5e-3, "wavy": 0.02}


def random_starts(problem: Problem, n: int, seed: int = 0) -> np.ndarray:
    """Points (n, d) in the problem's box."""
    lo, hi = np.array(problem.box).T
    return np.random.default_rng(seed).uniform(lo, hi, (n, problem.d))


def by_descend(problem: Problem, starts: Any, method: str, **settings: Any) -> Ends:
    """The result of `ends`, read from the trace of `descend`."""
    run = descend(problem, starts, method, **settings)
    code = np.where(run.lost >= 0, DIVERGED, np.where(run.fired, CONVERGED, NOT_YET))
    return Ends(run.x[-1], np.where(run.fired, run.last, -1), code)


def assert_same(a: Ends, b: Ends, rtol: float = 1e-12, atol: float = 1e-12) -> None:
    np.testing.assert_array_equal(a.code, b.code)
    np.testing.assert_array_equal(a.steps, b.steps)
    np.testing.assert_allclose(a.x, b.x, rtol=rtol, atol=atol)


# Every method on a third of the problems, so that each problem meets a third of the methods.
A_THIRD = [(m, name) for i, m in enumerate(RULES) for name in CALM[i % 3 :: 3]]


@pytest.mark.parametrize(("method", "name"), A_THIRD)
def test_ends_as_descend_does(method: str, name: str):
    problem, lr = PROBLEMS[name], RATE.get(name, 0.05)
    starts = random_starts(problem, 300)
    settings: dict[str, Any] = {"steps": 50, "tol": 1e-3, "lr": lr}
    expected = by_descend(problem, starts, method, **settings)
    # A difference in the last bit (numba divides by a product) may grow a little in fifty steps.
    assert_same(ends(problem, starts, method, **settings), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("problem", [FUNCTIONS["double_well"], SURFACES["himmelblau"]])
def test_every_code_occurs_and_agrees_with_descend(problem: Problem):
    starts = random_starts(problem, 500) * 1.5
    settings: dict[str, Any] = {"steps": 40, "tol": 1e-4, "lr": 0.14 if problem.d == 1 else 0.018}
    expected = by_descend(problem, starts, "gd", **settings)
    assert {*expected.code} == {-1, 0, 1}
    assert_same(ends(problem, starts, "gd", **settings), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", PROBLEMS)
def test_gradient_kernel_is_the_formula(name: str):
    problem = PROBLEMS[name]
    X = np.ascontiguousarray(random_starts(problem, 101).T)
    G, F, floor, wall, live = values_of(problem, X)
    np.testing.assert_allclose(G, problem.formula.gradient(*X), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(F, problem.formula.value(*X), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "erf(x)",
        "sqrt(x) + atan(x) + tanh(x)",
        "abs(x)**1.5 + x**-2",
        "log2(x) + log10(x) + asinh(x)",
        "relu(x) + softplus(x) + sigmoid(x)",
        "floor(x)*x + ceil(x) + sign(x) + heaviside(x)",
        "acosh(x) + atanh(x/9) + asin(x/9) + acos(x/9)",
        "atan2(x, 2) + max(x, 1) + min(x, 2)",
        "3",
    ],
)
def test_gradient_kernel_takes_every_function_of_the_language(text: str):
    problem = function(text)
    X = np.linspace(0.3, 4, 37)[None]
    with np.errstate(all="ignore"):
        expected = problem.formula.gradient(X[0])[0]
    np.testing.assert_allclose(values_of(problem, X)[0][0], expected, rtol=1e-12, atol=1e-12)


def values_of(problem: Problem, X: np.ndarray) -> tuple[np.ndarray, ...]:
    about = problem.formula.source, problem.variables, problem.ready
    kernel, numbers = gradient_kernel(*about)
    n = X.shape[1]
    rest = np.empty_like(X), np.empty(n), np.zeros(n), np.full(n, np.inf), np.ones(n, np.int64)
    ask()(kernel, X, *rest, numbers)
    return rest


@cache
def ask() -> Any:
    """Return a caller of any gradient kernel, compiled once for all of them."""
    given = types.int64(types.FunctionType(GRADIENT), *GRADIENT.args)
    return batched_descent.njit(given)(lambda k, X, G, F, a, b, live, n: k(X, G, F, a, b, live, n))


@cache
def tell() -> Any:
    """Return a caller of any kernel of a rule."""
    given = types.void(types.FunctionType(RULE), *RULE.args)
    return batched_descent.njit(given)(lambda k, X, G, lr, t, S, h, Y: k(X, G, lr, t, S, h, Y))


@pytest.mark.parametrize("method", [name for name in RULES if is_elementwise(METHODS[name])])
@each("t", [1, 7, 1000])
def test_rule_kernel_is_the_rule(method: str, t: int):
    rule = METHODS[method].__wrapped__
    slots = len(METHODS[method].state._fields) - 4
    rng, d, n = np.random.default_rng(1), 2, 67
    X, G, S = rng.normal(size=(d, n)), rng.normal(size=(d, n)), rng.random((slots, d, n))
    lr, hyper = rng.random(n), bind_defaults(rule, {})
    expected = rule(X, G, t, *S.copy(), **{**hyper, "lr": lr})
    h = np.array([hyper[name] for name in other_knobs(rule, slots)])
    Y = np.empty_like(X)
    tell()(rule_kernel(rule, slots), X, G, lr, float(t), S, h, Y)
    np.testing.assert_allclose(Y, expected[0], rtol=1e-13, atol=1e-14)
    if slots:
        np.testing.assert_allclose(S, np.array(expected[1:]), rtol=1e-14)


@pytest.mark.parametrize("method", RULES)
@each("name", ["double_well", "wavy", "himmelblau"])
def test_a_lane_does_not_depend_on_its_block(method: str, name: str):
    problem = PROBLEMS[name]
    starts = random_starts(problem, 2 * batched_descent.LANES + 3)
    together = ends(problem, starts, method, steps=60, lr=0.01)
    for j in [0, 1, 255, 256, 514]:
        alone = ends(problem, starts[j : j + 1], method, steps=60, lr=0.01)
        assert alone.x.tobytes() == together.x[j : j + 1].tobytes()
        assert (alone.steps[0], alone.code[0]) == (together.steps[j], together.code[j])


@pytest.mark.parametrize("n", [0, 1, 255, 256, 257, 1000])
def test_any_number_of_lanes(n: int):
    starts = np.linspace(-2, 2, n)[:, None]
    found = ends(FUNCTIONS["parabola"], starts, steps=10, lr=0.25)
    assert found.x.shape == (n, 1) and found.steps.shape == found.code.shape == (n,)
    np.testing.assert_allclose(found.x, starts / 2.0**10, rtol=1e-14)


def test_threads_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch):
    starts = random_starts(SURFACES["rosenbrock"], 3000)
    one = ends(SURFACES["rosenbrock"], starts, "adam", steps=100, lr=0.02)
    monkeypatch.setattr(batched_descent, "INLINE_WORK", 0)
    several = ends(SURFACES["rosenbrock"], starts, "adam", steps=100, lr=0.02)
    assert one.x.tobytes() == several.x.tobytes()


def test_starts_that_are_no_numbers_diverge_and_harm_no_neighbour():
    starts = np.array([[1.0], [np.nan], [np.inf], [-np.inf], [-1.0], [1e200]])
    found = ends(FUNCTIONS["double_well"], starts, steps=500, lr=0.02)
    assert found.code.tolist() == [1, -1, -1, -1, 1, -1]
    assert (found.steps[1:4] == -1).all()
    np.testing.assert_array_equal(found.x[[1, 2, 3, 5]], starts[[1, 2, 3, 5]])
    np.testing.assert_allclose(found.x[[0, 4], 0], [1.1309011, -1.3008396], atol=1e-6)


def test_where_f_is_not_defined_a_lane_is_lost_though_its_gradient_is_a_number():
    problem = function("log(x) + 1/x")
    starts = np.array([[0.2], [2.0]])
    settings: dict[str, Any] = {"steps": 300, "lr": 0.05, "tol": 1e-4}
    expected = by_descend(problem, starts, "gd", **settings)
    assert_same(ends(problem, starts, "gd", **settings), expected)
    jump = ends(problem, [[1.5]], lr=9.0)
    assert jump.code[0] == by_descend(problem, [[1.5]], "gd", lr=9.0).code[0] == -1
    assert jump.x[0, 0] == 1.5


def test_a_distant_minimum_is_not_divergence():
    problem = function("1e-7*(x - 1e8)**2")
    settings: dict[str, Any] = {"steps": 300, "lr": 1e6}
    found = ends(problem, [[0.0]], **settings)
    assert_same(found, by_descend(problem, [[0.0]], "gd", **settings))
    assert found.code[0] == CONVERGED


def test_knobs_may_differ_from_lane_to_lane():
    problem, starts = FUNCTIONS["double_well"], random_starts(FUNCTIONS["double_well"], 40)
    lr, momentum = np.linspace(0.01, 0.05, 40), np.tile([0.9, 0.0, 0.5, 0.7], 10)
    settings: dict[str, Any] = {"steps": 50, "tol": 1e-3}
    found = ends(problem, starts, "heavy_ball", lr=lr, momentum=momentum, **settings)
    for j in range(40):
        hyper = {"lr": lr[j], "momentum": momentum[j]}
        alone = by_descend(problem, starts[j : j + 1], "heavy_ball", **hyper, **settings)
        assert_same(Ends(*(field[j : j + 1] for field in found)), alone)


def test_many_sessions_at_once():
    texts = [f"x**2 + {k}*y**2" for k in range(1, 7)] * 2
    with ThreadPoolExecutor(6) as sessions:
        found = list(sessions.map(lambda text: ends(surface(text), [[1.0, 1.0]]).x, texts))
    for a, b in zip(found[:6], found[6:], strict=True):
        np.testing.assert_array_equal(a, b)


KEPT = """
import sys
from gdviz.kernels import block_kernels as blocks
from gdviz.optimize import METHODS, maps, function
print(blocks.rule_kernel(METHODS["lion"].__wrapped__, 1)._cache_hits)
exec("def lion(x, g, t, lr=0.1): return (x - lr * g,)")
print(blocks.rule_kernel(lion, 0)._cache_hits)
"""


def test_a_compiled_rule_is_kept_for_the_next_process():
    """But one that stands in no file is not, and is not taken for another of its name."""
    rule_kernel(METHODS["lion"].__wrapped__, 1)
    done = subprocess.run(
        [sys.executable, "-c", KEPT],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["1", "0"]


def test_formulas_that_differ_in_their_numbers_share_a_kernel():
    texts = ["1.5*exp(-x**2/3) + 1e-5*x", "-7*exp(-x**2/0.11) + 40*x"]
    kernels = [function(text).formula for text in texts]
    first, second = (gradient_kernel(made.source, ("x",)) for made in kernels)
    assert first.kernel is second.kernel
    assert set(first.numbers) ^ set(second.numbers)
    X = np.linspace(-2, 2, 41)[None]
    for text in texts:
        G, F, *_ = values_of(function(text), X)
        np.testing.assert_allclose(F, function(text).f(X.T), rtol=1e-14)
        np.testing.assert_allclose(G.T, function(text).grad(X.T), rtol=1e-14)


def test_what_a_visitor_types_is_compiled_but_not_kept_on_the_disk():
    ready, typed = SURFACES["himmelblau"], surface(SURFACES["himmelblau"].text)
    assert ready.ready and not typed.ready and ready.formula == typed.formula
    kept = [
        gradient_kernel(problem.formula.source, problem.variables, problem.ready).kernel
        for problem in (ready, typed)
    ]
    assert [type(kernel._cache).__name__ for kernel in kept] == ["FunctionCache", "NullCache"]


def test_what_is_compiled_is_kept_within_bounds():
    made: list[int] = []
    compile_ = compiled_once(maxsize=2)(lambda key: made.append(key) or key)
    assert [compile_(key) for key in (1, 2, 2, 3, 1)] == [1, 2, 2, 3, 1]
    assert made == [1, 2, 3, 1]  # the first had to go for the third


@pytest.mark.skipif(os.name != "posix", reason="folders without write permission")
def test_numba_finds_a_place_for_its_cache_when_nothing_can_be_written():
    code = (
        "import tempfile, pathlib, os, gdviz.kernels as k\n"
        "os.environ.pop('NUMBA_CACHE_DIR', None)\n"
        "k._writable = lambda folder: False\n"
        "k._find_cache()\n"
        "print(os.environ['NUMBA_CACHE_DIR'])\n"
        "import numpy as np\n"
        "from gdviz.kernels import visiting_order as visits\n"
        "order = np.arange(4)\n"
        "visits._shuffle(order, 0, 4, np.uint64(1))\n"
        "print(sorted(order.tolist()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    folder, answer = done.stdout.split("\n")[:2]
    assert answer == "[0, 1, 2, 3]"
    assert list(Path(folder).rglob("*.nbi"))
