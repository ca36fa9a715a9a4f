"""Every surface: its text, its derivatives, its declared minima, all of them and no others."""

from typing import Any

import mpmath as mp
import numpy as np
import pytest
from cases import NO_WARNINGS, each

from gdviz.expressions import formula
from gdviz.optimize import SURFACES, Problem, descend, surface
from gdviz.optimize.critical_points import stationary_points
from gdviz.optimize.stationary import stationary_kind
from gdviz.optimize.surfaces import quadratic, rosenbrock

pytestmark = NO_WARNINGS
SQUARES = [name for name, problem in SURFACES.items() if problem.residuals]
DIGITS = 40
MIRRORED = ("rastrigin", "ackley")  # in y = 0
NO_SIMPLE_ROOT = (("ackley", (0, 0)), ("flower", (0, 0)))


def precise(problem: Problem) -> Any:
    """Return f by mpmath, straight from the text."""
    names = {n: getattr(mp, n) for n in ("sin", "cos", "exp", "sqrt", "pi", "e")} | {"abs": abs}
    code = compile(problem.text, problem.name, "eval")
    return lambda x, y: eval(code, {"__builtins__": {}}, {**names, "x": x, "y": y})


def inside(problem: Problem, point: Any) -> bool:
    return all(lo <= c <= hi for c, (lo, hi) in zip(point, problem.box, strict=True))


def random_points(problem: Problem, n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(*np.array(problem.box).T, (n, 2))


def precise_gradient(problem: Problem, point: Any) -> np.ndarray:
    """Return ∇f at a point by mpmath's numerical derivatives in 40 digits."""
    with mp.workdps(DIGITS):
        at, f = tuple(mp.mpf(float(c)) for c in point), precise(problem)
        return np.array([float(mp.diff(f, at, order)) for order in ((1, 0), (0, 1))])


# --- what a surface says of itself ----------------------------------------------------------------


@pytest.mark.parametrize("name", SURFACES)
def test_an_entry_is_complete(name: str):
    problem = SURFACES[name]
    assert name == name.lower() and name.isidentifier()
    assert problem.name and problem.teaches.endswith(".") and problem.variables == ("x", "y")
    assert inside(problem, problem.start) and all(inside(problem, p) for p in problem.minima)
    assert len(set(problem.minima)) == len(problem.minima)
    assert np.isfinite(problem.f(problem.start)) and np.linalg.norm(problem.grad(problem.start)) > 0
    for text in (problem.text, *problem.residuals, *problem.information):
        assert formula(text, problem.variables).text == text
    assert surface(problem.text).f(problem.start) == problem.f(problem.start)
    assert problem.latex


def test_names_are_distinct():
    assert len({problem.name for problem in SURFACES.values()}) == len(SURFACES) == 25


@pytest.mark.parametrize("name", SURFACES)
def test_value_and_gradient_are_those_of_high_precision(name: str):
    problem = SURFACES[name]
    points = random_points(problem, 12)
    f, grad, hess = problem.f(points), problem.grad(points), problem.hess(points)
    with mp.workdps(DIGITS):
        exact = [float(precise(problem)(*map(mp.mpf, map(float, p)))) for p in points]
    np.testing.assert_allclose(f, exact, rtol=1e-11, atol=1e-11)
    slopes = np.array([precise_gradient(problem, p) for p in points])
    size = np.linalg.norm(slopes, axis=1).max()
    np.testing.assert_allclose(grad, slopes, rtol=1e-11, atol=1e-13 * size)
    step = 1e-6
    for j in range(2):
        move = step * np.eye(2)[j]
        column = (problem.grad(points + move) - problem.grad(points - move)) / (2 * step)
        np.testing.assert_allclose(hess[..., j], column, rtol=1e-5, atol=1e-6 * np.abs(hess).max())
    np.testing.assert_allclose(hess, np.swapaxes(hess, 1, 2), rtol=1e-12, atol=1e-12 * size)


# --- minima ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in SURFACES if SURFACES[name].minima])
def test_every_declared_minimum_is_one_to_the_last_digits(name: str):
    problem = SURFACES[name]
    points = np.array(problem.minima)
    if name == "ackley":  # a cone: no gradient at its tip
        f_tip = problem.f([0.0, 0.0])
        ring = 1e-7 * np.stack([np.cos(np.arange(64)), np.sin(np.arange(64))], axis=-1)
        assert abs(f_tip) < 1e-14 and (problem.f(ring) > 1e-8).all()
        points = points[(points != 0).any(axis=1)]
    grad, values = problem.grad(points), np.linalg.eigvalsh(problem.hess(points))
    # A gradient of 1e-8 of the curvature is a distance of 1e-8; an ulp off gives far less.
    assert (np.linalg.norm(grad, axis=1) <= 1e-13 * np.abs(values).max(axis=1) * 10).all()
    if name == "flower":  # 2t² − 2t sin t = t⁴/3 + … along x = −y
        assert values.min() == 0
        t = np.array([-1e-2, 1e-3, 1e-2])
        np.testing.assert_allclose(problem.f(np.stack([t, -t], axis=-1)), t**4 / 3, rtol=1e-4)
    else:
        assert (values > 0).all()


@pytest.mark.parametrize("name", [name for name in SURFACES if SURFACES[name].minima])
def test_the_declared_points_are_the_rounded_roots(name: str):
    """Newton's method in 30 digits; the lower half of a mirrored surface follows from the upper."""
    problem = SURFACES[name]
    points = [point for point in problem.minima if (name, point) not in NO_SIMPLE_ROOT]
    if name in MIRRORED:
        assert {(x, -y) for x, y in points} == set(points)
        points = [(x, y) for x, y in points if y >= 0]
    f = precise(problem)
    for point in points:
        with mp.workdps(30):
            at = tuple(mp.mpf(c) for c in point)
            for _ in range(2):  # 1e-16 → 1e-30
                g = mp.matrix([mp.diff(f, at, n) for n in ((1, 0), (0, 1))])
                a, b, c = (mp.diff(f, at, n) for n in ((2, 0), (1, 1), (0, 2)))
                at = (
                    at[0] - (c * g[0] - b * g[1]) / (a * c - b * b),
                    at[1] - (a * g[1] - b * g[0]) / (a * c - b * b),
                )
            found, value = [float(x) for x in at], float(f(*at))
        np.testing.assert_allclose(point, found, rtol=1e-15, atol=1e-18)
        np.testing.assert_allclose(problem.f(point), value, rtol=1e-13, atol=2e-13)


def test_minima_that_are_no_simple_roots_lie_at_the_origin():
    """Ackley's cone has no gradient there, and the flower no curvature along x = −y."""
    tip, flower = (SURFACES[name] for name, _ in NO_SIMPLE_ROOT)
    assert abs(tip.f([0.0, 0.0])) < 1e-14 and (tip.f(1e-7 * np.eye(2)) > 1e-8).all()
    assert flower.minima == ((0, 0),) and not flower.grad([0.0, 0.0]).any()
    assert abs(np.linalg.det(flower.hess([0.0, 0.0]))) < 1e-15


BEST = {
    "goldstein_price": 3.0,
    "styblinski_tang": -78.33233140754282,
    "six_hump_camel": -1.0316284534898774,
    "branin": 0.39788735772973816,
    "mccormick": -1.9132229549810367,
    "trid": -2.0,
    "hills": -0.15880861003441451,
    "normal_likelihood": 0.5 - 0.6931471805599453,  # log s + 1/2
}


@pytest.mark.parametrize("name", [name for name in SURFACES if SURFACES[name].minima])
def test_the_lowest_value_is_the_published_one(name: str):
    problem = SURFACES[name]
    lowest = problem.f(np.array(problem.minima)).min()
    np.testing.assert_allclose(lowest, BEST.get(name, 0.0), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("name", [name for name in SURFACES if name not in ("flower",)])
def test_no_minimum_is_missing(name: str):
    """Descents from many starts in the box end at declared minima, or at none, and reach them all.

    The flower's only minimum is so flat that no descent arrives; Newton proves it below.
    """
    problem, declared = SURFACES[name], np.array(SURFACES[name].minima).reshape(-1, 2)
    many = name in ("rastrigin", "ackley")
    starts = random_points(problem, 3000 if many else 300, seed=7)
    # Small steps for these two, that every dimple keeps its starts.
    how: dict[str, Any] = {"method": "gd", "lr": 0.002} if many else {"method": "bfgs"}
    run = descend(problem, starts, steps=200, **how)
    ends = run.x[-1]
    distance = np.linalg.norm(ends[:, None] - declared, axis=-1).min(axis=1, initial=np.inf)
    for end in ends[run.fired & (distance >= 1e-4)]:  # at a saddle, out on a plateau, outside
        assert not inside(problem, end) or stationary_kind(problem, end) != "minimum", end
    reached = np.linalg.norm(ends[:, None] - declared, axis=-1).min(axis=0) < 1e-4
    if name == "ackley":  # around the tip of a cone a fixed rate goes to and fro
        reached |= (declared == 0).all(axis=1)
    assert reached.all(), declared[~reached]


# --- marks of any formula -------------------------------------------------------------------------


COUNTS = {  # minima, saddles, maxima
    "himmelblau": (4, 4, 1),
    "rastrigin": (121, 220, 100),
    "ackley": (121, 220, 100),
    "goldstein_price": (4, 4, 1),
    "six_hump_camel": (6, 7, 2),
    "styblinski_tang": (4, 4, 1),
    "hills": (2, 3, 2),
    "three_hump_camel": (3, 2, 0),
    "branin": (3, 2, 0),
    "mccormick": (2, 1, 0),
    "dixon_price": (2, 1, 0),
    "beale": (1, 2, 0),
    "saddle": (0, 1, 0),
    "monkey_saddle": (0, 1, 0),
}


@pytest.mark.parametrize("name", SURFACES)
def test_stationary_points_are_the_declared_minima_and_the_saddles_between(name: str):
    problem = SURFACES[name]
    found = stationary_points(problem)
    kinds = [kind for _, kind in found]
    counts = tuple(kinds.count(kind) for kind in ("minimum", "saddle", "maximum"))
    assert counts == COUNTS.get(name, (1, 0, 0))
    minima = np.array([point for point, kind in found if kind == "minimum"]).reshape(-1, 2)
    declared = np.array(problem.minima).reshape(-1, 2)
    apart = np.linalg.norm(minima[:, None] - declared, axis=-1)
    assert (apart.min(axis=0, initial=np.inf) < 1e-6).all()
    assert all(inside(problem, point) for point, _ in found)
    # Morse: on these, minima + maxima − saddles is 1 where f rises all round the box.
    if name in ("himmelblau", "goldstein_price", "styblinski_tang", "six_hump_camel", "hills"):
        assert counts[0] + counts[2] - counts[1] == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x**2", []),  # a line of minima: nothing to mark
        ("1", []),
        ("x", []),
        ("(x**2 + y**2 - 1)**2", [((0, 0), "maximum")]),  # and a ring
        ("-x**2 - y**2", [((0, 0), "maximum")]),
        ("x**4 + y**4", [((0, 0), "minimum")]),
        ("x**3 + y**2", [((0, 0), "saddle")]),
        ("x**4 - y**4", [((0, 0), "saddle")]),
        ("abs(x - 0.123) + y**2", [((0.123, 0), "minimum")]),
        ("max(abs(x), abs(y))", [((0, 0), "minimum")]),
        ("abs(x) + abs(y) + x*y", [((-1, 1), "saddle"), ((0, 0), "minimum"), ((1, -1), "saddle")]),
        ("log(x) + y", []),
        ("floor(x) + floor(y)", []),
        ("log(x) - x + y**2", [((1, 0), "saddle")]),
        ("1e-9*(x**2 + y**2)", [((0, 0), "minimum")]),
        ("1e9*((x - 1)**2 + y**2) + 1e12", [((1, 0), "minimum")]),
    ],
)
def test_marks_of_a_typed_formula(text: str, expected: list[Any]):
    found = sorted(stationary_points(surface(text)))
    assert [kind for _, kind in found] == [kind for _, kind in expected]
    for (point, _), (right, _) in zip(found, expected, strict=True):
        np.testing.assert_allclose(point, right, atol=1e-6)


def test_a_kinked_top_is_no_minimum():
    for text in ("-abs(x) - y**2", "-abs(x - 0.123) - y**2", "x**2 - abs(x) - y**2"):
        assert "minimum" not in [kind for _, kind in stationary_points(surface(text))]


# --- sums of squares ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SQUARES)
def test_residuals_square_and_sum_to_f(name: str):
    problem = SURFACES[name]
    points = random_points(problem, 50).reshape(5, 10, 2)
    r, J = problem.residual(points), problem.jacobian(points)
    m = len(problem.residuals)
    assert r.shape == (5, 10, m) and J.shape == (5, 10, m, 2)
    np.testing.assert_allclose((r**2).sum(-1), problem.f(points), rtol=1e-12, atol=1e-12)
    slope = 2 * np.einsum("...mj,...m->...j", J, r)
    size = np.abs(slope).max()
    np.testing.assert_allclose(slope, problem.grad(points), rtol=1e-11, atol=1e-13 * size)


@pytest.mark.parametrize("name", SQUARES)
def test_at_a_perfect_fit_the_hessian_is_twice_jtj(name: str):
    problem = SURFACES[name]
    at = np.array(problem.minima)
    J = problem.jacobian(at)
    np.testing.assert_allclose(
        2 * np.swapaxes(J, 1, 2) @ J, problem.hess(at), rtol=1e-10, atol=1e-9
    )


def test_a_problem_without_residuals_says_so():
    for method in (SURFACES["trid"].residual, SURFACES["trid"].jacobian):
        with pytest.raises(ValueError, match="sum of squares"):
            method([1.0, 2.0])
    with pytest.raises(ValueError):
        surface("x**2 + y**2", residuals=("x", "z"))


# --- families -------------------------------------------------------------------------------------


@pytest.mark.parametrize("a", [1.0, -2.0, 0.3])
@pytest.mark.parametrize("b", [100.0, 5.5, 1e-5])
def test_rosenbrock_family(a: float, b: float):
    problem = rosenbrock(a, b)
    x, y = random_points(problem, 20).T
    expected = (a - x) ** 2 + b * (y - x**2) ** 2
    points = np.stack([x, y], axis=-1)
    np.testing.assert_allclose(problem.f(points), expected, rtol=1e-13)
    np.testing.assert_allclose((problem.residual(points) ** 2).sum(-1), expected, rtol=1e-13)
    np.testing.assert_allclose(problem.grad(problem.minima[0]), 0, atol=1e-12)


@each("angle", [0.0, 30.0, 45.0, -60.0, 90.0, 17.3, 180.0, 22.5, 400.0])
@each("condition", [10.0, 100.0, 1.0, 0.37, 1e6])
def test_quadratic_family(condition: float, angle: float):
    problem = quadratic(condition, angle)
    H = problem.hess([0.3, -0.2])
    turn = np.deg2rad(angle)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    expected = axes.T @ np.diag([1.0, condition]) @ axes
    np.testing.assert_allclose(H, expected, atol=1e-14 * max(1, condition))
    at = random_points(problem, 5)
    np.testing.assert_allclose((problem.residual(at) ** 2).sum(-1), problem.f(at), rtol=1e-9)


def test_texts_of_the_families():
    assert rosenbrock().text == "(1 - x)**2 + 100*(y - x**2)**2"
    assert quadratic().text == "x**2/2 + 10*y**2/2"
    assert quadratic(100, 30).text == (
        "(x*cos(pi/6) + y*sin(pi/6))**2/2 + 100*(y*cos(pi/6) - x*sin(pi/6))**2/2"
    )


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan")])
def test_families_refuse_what_has_no_minimum(bad: float):
    with pytest.raises(ValueError):
        quadratic(bad)
    with pytest.raises(ValueError):
        rosenbrock(1.0, bad)
