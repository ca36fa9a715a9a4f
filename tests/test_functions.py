"""The ready functions and surfaces: right derivatives, right minima, starts in their windows."""

from collections.abc import Callable

import mpmath as mp
import numpy as np
import pytest
from cases import NO_WARNINGS
from registries import check_same_keys

from gdviz.knobs import knobs, validate
from gdviz.optimize import FUNCTIONS, SURFACES, Problem, function, local_minima, surface
from gdviz.topics.descent.settings import Descent

pytestmark = NO_WARNINGS
mp.mp.dps = 40

Truth = Callable[[mp.mpf], mp.mpf]


def clipped(x: mp.mpf) -> mp.mpf:
    return min(abs(x), mp.mpf(1))


# The functions once more, by hand and in forty digits.
TRUE: dict[str, Truth] = {
    "parabola": lambda x: x * x,
    "shifted": lambda x: (x - 2) ** 2 + 1,
    "flat": lambda x: x * x / 10000,
    "double_well": lambda x: x**4 - 3 * x**2 + x,
    "absolute": abs,
    "huber": lambda x: x**2 / 2 if abs(x) < 1 else abs(x) - mp.mpf("0.5"),
    "log_cosh": lambda x: mp.log(mp.cosh(x)),
    "wavy": lambda x: mp.sin(3 * x) + x**2 / 10,
    "x_sin_x": lambda x: x * mp.sin(x),
    "rastrigin": lambda x: 10 + x**2 - 10 * mp.cos(2 * mp.pi * x),
    "ackley": lambda x: 20 - 20 * mp.exp(-abs(x) / 5) + mp.e - mp.exp(mp.cos(2 * mp.pi * x)),
    "plateau": lambda x: (1 / (1 + mp.exp(-x)) - mp.mpf("0.2")) ** 2,
    "cliff": lambda x: x**2 / 20 + 2 / (1 + mp.exp(-20 * (x - 1))),
    "cubic": lambda x: x**3,
}


def roots(truth: Truth, guesses: list[float]) -> list[float]:
    return [float(mp.findroot(lambda x: mp.diff(truth, x), guess)) for guess in guesses]


def cosines(which: list[int]) -> list[float]:
    """Return the roots of 4 x³ − 6 x + 1, the slope of the double well, by the cosine formula."""
    angle = mp.acos(-mp.sqrt(2) / 4) / 3
    return [float(mp.sqrt(2) * mp.cos(angle - 2 * mp.pi * mp.mpf(k) / 3)) for k in which]


MINIMA: dict[str, list[float]] = {
    "parabola": [0.0],
    "shifted": [2.0],
    "flat": [0.0],
    "double_well": sorted(cosines([0, 1, 2]))[::2],
    "absolute": [0.0],
    "huber": [0.0],
    "log_cosh": [0.0],
    "wavy": roots(TRUE["wavy"], [-4.6, -2.56, -0.51, 1.54, 3.58, 5.63]),
    "x_sin_x": roots(TRUE["x_sin_x"], [-4.9, 0.0, 4.9]),
    "rastrigin": roots(TRUE["rastrigin"], [k * 0.995 for k in range(-5, 6)]),
    "ackley": roots(TRUE["ackley"], [-4.986, -3.983, -2.979, -1.974, -0.968])
    + [0.0]
    + roots(TRUE["ackley"], [0.968, 1.974, 2.979, 3.983, 4.986]),
    "plateau": [float(-mp.log(4))],
    "cliff": roots(TRUE["cliff"], [0.0]),
    "cubic": [],
}
KINKS = {"absolute": [0.0], "huber": [-1.0, 1.0], "ackley": [0.0]}
EVERY: dict[str, Problem] = {**FUNCTIONS, **SURFACES}


def test_every_function_has_a_truth() -> None:
    check_same_keys(
        {
            "TRUE (tests/test_functions.py)": TRUE,
            "MINIMA (tests/test_functions.py)": MINIMA,
            "FUNCTIONS (gdviz/optimize/functions.py)": FUNCTIONS,
        }
    )


@pytest.mark.parametrize("name", EVERY)
def test_entries_are_whole(name: str) -> None:
    problem = EVERY[name]
    assert problem.name and problem.teaches.endswith(".")
    assert len(problem.box) == len(problem.start) == problem.d
    for (lo, hi), start in zip(problem.box, problem.start, strict=True):
        assert lo <= start <= hi
    assert np.isfinite([problem.f(problem.start), *problem.grad(problem.start)]).all()
    make = function if problem.d == 1 else surface
    again = make(problem.text)
    points = np.random.default_rng(0).uniform(*np.array(problem.box).T, (50, problem.d))
    assert np.array_equal(again.f(points), problem.f(points))
    assert again.latex == problem.latex != ""


def test_names_are_distinct_and_starts_fit_the_page() -> None:
    assert len({problem.name for problem in EVERY.values()}) == len(EVERY)
    for problem in FUNCTIONS.values():
        assert validate(knobs(Descent)["x0"], problem.start[0]) == problem.start[0]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_derivatives_are_those_of_forty_digits(name: str) -> None:
    lo, hi = FUNCTIONS[name].box[0]
    points = np.random.default_rng(1).uniform(lo, hi, 25)
    points = points[[min(np.abs(x - KINKS.get(name, [np.inf]))) > 1e-3 for x in points]]
    problem, truth = FUNCTIONS[name], TRUE[name]
    for order, ours in enumerate((problem.f, problem.grad, problem.hess)):
        values = np.ravel(ours(points[:, None]))
        exact = np.array([float(mp.diff(truth, mp.mpf(x), order)) for x in points])
        size = np.maximum(1.0, np.abs(exact))
        assert np.abs((values - exact) / size).max() < 1e-12, ("f", "f′", "f″")[order]


@pytest.mark.parametrize("name", SURFACES)
def test_derivatives_of_surfaces_are_central_differences(name: str) -> None:
    problem, h = SURFACES[name], 1e-5
    points = np.random.default_rng(2).uniform(*np.array(problem.box).T, (20, 2))
    for i, unit in enumerate(np.eye(2)):
        slope = (problem.f(points + h * unit) - problem.f(points - h * unit)) / (2 * h)
        bend = (problem.grad(points + h * unit) - problem.grad(points - h * unit)) / (2 * h)
        np.testing.assert_allclose(problem.grad(points)[:, i], slope, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(problem.hess(points)[:, i], bend, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_local_minima_are_all_found(name: str) -> None:
    found = local_minima(FUNCTIONS[name], *FUNCTIONS[name].box[0])
    np.testing.assert_allclose(found, MINIMA[name], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abs(x - 0.3)", [0.3]),
        ("sqrt(abs(x))", [0.0]),  # no slope at its minimum
        ("sqrt(abs(x - 0.1234))", [0.1234]),
        ("(x**2)**(1/3)", [0.0]),
        ("log(abs(x))", []),  # falls to −∞, which is no minimum
        ("1/x", []),
        ("-1/abs(x)", []),
        ("tan(x)", []),
        ("x*log(x)", [float(mp.exp(-1))]),  # not defined left of 0
        ("(x - 1)**4", [1.0]),
        ("x", []),
        ("3 + 0*x", []),
        ("-x**2", []),  # the ends of the window are no minima
        ("max(abs(x) - 1, 0)", []),  # a flat bottom is not told as points
    ],
)
def test_local_minima_of_typed_formulas(text: str, expected: list[float]) -> None:
    np.testing.assert_allclose(local_minima(function(text), -3, 3), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("points", [2.0, [2], [[1], [2]], np.int64(2), np.zeros((3, 2, 1))])
def test_points_of_any_batch(points: object) -> None:
    parabola = FUNCTIONS["parabola"]
    array = np.asarray(points, float)
    shape = array.shape[:-1]
    assert np.shape(parabola.f(points)) == shape
    assert parabola.grad(points).shape == (*shape, 1)
    assert parabola.hess(points).shape == (*shape, 1, 1)


@pytest.mark.parametrize(
    ("problem", "points", "words"),
    [
        (FUNCTIONS["parabola"], [1.0, 2.0], r"shape \(2,\) given; the last axis must be 1 \(x\)"),
        (SURFACES["bowl"], 1.0, r"shape \(\) given; the last axis must be 2 \(x, y\)"),
        (SURFACES["bowl"], [[1.0], [2.0]], r"shape \(2, 1\) given; the last axis must be 2"),
        (SURFACES["bowl"], "one", "could not convert"),
    ],
)
def test_points_of_a_wrong_shape(problem: Problem, points: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        problem.f(points)
