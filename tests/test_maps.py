"""Maps of many descents against closed forms and plain loops."""

from typing import Any

import numpy as np
import pytest

from gdviz.optimize import FUNCTIONS, SURFACES, descend, function, latex, map_ends, maps
from gdviz.optimize.map_ends import CONVERGED, DIVERGED, NOT_YET, compiles, ends
from gdviz.optimize.maps import basins, bifurcation, rate_map

LEFT, TOP, RIGHT = -1.3008396, 0.16993844, 1.1309011
LIMIT = 0.1398  # 2/f'' at the left minimum of the double well


def plain_tail(slope: Any, x: float, lr: float, skip: int, keep: int) -> list[float]:
    """The points after `skip` steps of gradient descent, by a plain loop."""
    tail = []
    for _ in range(skip + keep):
        x = x - lr * slope(x)
        tail.append(x)
    return tail[-keep:]


def double_well_slope(x: float) -> float:
    return 4 * x**3 - 6 * x + 1


def test_rate_map_of_the_parabola_is_its_closed_form():
    starts, rates = np.linspace(-3, 3, 41), np.linspace(0.005, 1.2, 57)
    found = rate_map(FUNCTIONS["parabola"], starts, rates, steps=200, tol=1e-6)
    assert found.steps.shape == found.end.shape == found.code.shape == (57, 41)
    k = np.arange(201)[:, None, None]
    with np.errstate(all="ignore"):
        size = np.abs(2 * starts * (1 - 2 * rates[:, None]) ** k)
    small = size <= np.maximum(1e-6 * np.minimum(1, size[0]), 1e-14)
    expected = np.where(small.any(axis=0), small.argmax(axis=0), -1)
    np.testing.assert_array_equal(found.steps, expected)
    np.testing.assert_array_equal(found.code == CONVERGED, expected >= 0)


def test_rates_beyond_the_limit_diverge():
    found = rate_map(FUNCTIONS["parabola"], [-2.0, 0.0, 1.0], [0.5, 0.999, 1.0, 1.1], steps=200)
    assert found.code.tolist() == [[1, 1, 1], [0, 1, 0], [0, 1, 0], [-1, 1, -1]]
    assert found.steps[0].tolist() == [1, 0, 1]


@pytest.mark.parametrize("method", [name for name in latex.RULES if name != "golden_section"])
def test_rate_map_is_the_ends_of_every_pair(method: str):
    problem, starts, rates = FUNCTIONS["double_well"], [-2.0, 0.5, 1.7], [0.01, 0.05]
    found = rate_map(problem, starts, rates, method, steps=60, tol=1e-4)
    for i, lr in enumerate(rates):
        row = ends(problem, np.array(starts)[:, None], method, steps=60, tol=1e-4, lr=lr)
        np.testing.assert_array_equal(found.steps[i], row.steps)
        np.testing.assert_array_equal(found.code[i], row.code)
        np.testing.assert_array_equal(found.end[i], row.x[:, 0])


def test_basins_of_the_double_well_meet_at_its_maximum():
    starts = np.concatenate([np.linspace(-2.2, TOP - 1e-4, 150), np.linspace(TOP + 1e-4, 2.2, 150)])
    found = basins(FUNCTIONS["double_well"], starts, [LEFT, RIGHT], lr=0.01)
    np.testing.assert_array_equal(found.minimum, (starts > TOP).astype(int))
    assert (found.steps > 0).all()


def test_basins_tell_none_from_diverged():
    starts = [-1.0, 1.0, 50.0]
    found = basins(FUNCTIONS["double_well"], starts, [LEFT], lr=0.01)
    assert found.minimum.tolist() == [0, maps.NO_MINIMUM, maps.NOWHERE]
    assert found.steps[2] == -1
    few = basins(FUNCTIONS["double_well"], starts, [LEFT], lr=0.01, steps=1)
    assert few.minimum.tolist() == [-1, -1, -1]
    assert basins(FUNCTIONS["double_well"], starts, []).minimum[0] == maps.NO_MINIMUM


def test_basins_of_a_surface():
    himmelblau = SURFACES["himmelblau"]
    starts = np.array(himmelblau.minima) + 0.1
    found = basins(himmelblau, starts, himmelblau.minima, lr=0.01)
    assert found.minimum.tolist() == [0, 1, 2, 3]


def test_bifurcation_of_the_parabola():
    found = bifurcation(FUNCTIONS["parabola"], 1.0, [0.25, 1.0, 1.5], skip=200, keep=8)
    assert found.x.shape == (3, 8)
    np.testing.assert_allclose(found.x[0], 0, atol=1e-12)
    np.testing.assert_array_equal(found.x[1], np.tile([-1.0, 1.0], 4))
    assert np.isnan(found.x[2]).all()


@pytest.mark.parametrize("lr", [0.05, 0.1, 0.135, 0.15])
def test_bifurcation_of_the_double_well_is_a_plain_loop(lr: float):
    found = bifurcation(FUNCTIONS["double_well"], -1.0, [lr], skip=500, keep=16).x[0]
    np.testing.assert_allclose(found, plain_tail(double_well_slope, -1.0, lr, 500, 16), rtol=1e-9)
    if lr < LIMIT:
        np.testing.assert_allclose(found, LEFT, atol=1e-6)
    else:
        np.testing.assert_allclose(found[2:], found[:-2], rtol=1e-9)
        assert abs(found[1] - found[0]) > 0.1


def test_the_first_points_of_a_bifurcation_are_the_first_steps():
    found = bifurcation(FUNCTIONS["double_well"], -1.0, [0.02, 0.15], skip=0, keep=5).x
    for row, lr in zip(found, [0.02, 0.15], strict=True):
        np.testing.assert_allclose(row, plain_tail(double_well_slope, -1.0, lr, 0, 5), rtol=1e-14)


def test_a_formula_that_numba_does_not_take_goes_the_plain_road():
    problem = function("gamma(x)")
    assert not compiles(problem, "gd")
    found = ends(problem, [[1.0], [3.0], [-0.5]], lr=0.2, steps=300)
    np.testing.assert_allclose(found.x[:2, 0], 1.4616321449683622, atol=1e-5)
    assert found.code[:2].tolist() == [1, 1]
    tail = bifurcation(problem, 1.0, [0.2, 0.3], skip=300, keep=4).x
    np.testing.assert_allclose(tail, 1.4616321449683622, atol=1e-9)


def test_both_roads_arrive_at_the_same_place(monkeypatch: pytest.MonkeyPatch):
    problem, starts, rates = FUNCTIONS["double_well"], np.linspace(-2.5, 2.5, 30), [0.03, 0.09, 0.3]
    fast = rate_map(problem, starts, rates, steps=60)
    tail = bifurcation(problem, -1.0, [0.1, 0.15, 1.0], skip=50, keep=5).x
    monkeypatch.setattr(maps, "compiles", lambda problem, method: False)
    monkeypatch.setattr(map_ends, "ROOM", 20_000)  # a few lanes at a time
    plain = rate_map(problem, starts, rates, steps=60)
    calm = slice(0, 2)  # 0.3 is chaotic: rounding decides
    np.testing.assert_array_equal(fast.steps[calm], plain.steps[calm])
    np.testing.assert_array_equal(fast.code[calm], plain.code[calm])
    np.testing.assert_allclose(fast.end[calm], plain.end[calm], rtol=1e-12)
    slow = bifurcation(problem, -1.0, [0.1, 0.15, 1.0], skip=50, keep=5).x
    np.testing.assert_allclose(tail, slow, rtol=1e-12)
    assert np.isnan(tail[2]).all()


def test_line_searches_and_newton_have_ends_too():
    for method, lr in (("newton", 1.0), ("backtracking", 0.1)):
        found = ends(FUNCTIONS["double_well"], [[-1.5], [1.3]], method, lr=lr)
        assert found.code.tolist() == [1, 1]
        np.testing.assert_allclose(found.x[:, 0], [LEFT, RIGHT], atol=1e-5)
    assert ends(FUNCTIONS["parabola"], [[1.0]], "golden_section", steps=100).x.shape == (1, 1)


@pytest.mark.parametrize(
    ("method", "name"),
    [
        *(("newton_plain", n) for n in ("himmelblau", "monkey_saddle", "plateau")),
        *(("newton", n) for n in ("rosenbrock", "saddle")),
        *(("bfgs", n) for n in ("himmelblau", "saddle")),
        ("gauss_newton", "beale"),
        ("lbfgs", "branin"),
        ("conjugate_gradient", "six_hump_camel"),
        ("nelder_mead", "abs_banana"),
    ],
)
def test_the_ends_of_searches_are_those_of_descend(method: str, name: str):
    """A lane that has ended leaves the batch; what stays must not notice."""
    problem = SURFACES[name]
    starts = np.random.default_rng(1).uniform(*np.array(problem.box).T, (40, 2))
    starts[7] = np.nan
    found = ends(problem, starts, method, steps=120, tol=1e-5)
    run = descend(problem, starts, method, steps=120, tol=1e-5)
    code = np.where(run.lost >= 0, DIVERGED, np.where(run.fired, CONVERGED, NOT_YET))
    np.testing.assert_array_equal(found.code, code)
    np.testing.assert_array_equal(found.steps, np.where(run.fired, run.last, -1))
    np.testing.assert_array_equal(found.x, run.x[-1])
    assert (code != NOT_YET).sum() > 3, "lanes leave the batch"


@pytest.mark.parametrize("draw", [rate_map, bifurcation])
def test_what_has_no_rate_has_no_map_of_rates(draw: Any):
    start: Any = 1.0 if draw is bifurcation else [1.0]
    with pytest.raises(ValueError, match="learning rate; golden_section has none"):
        draw(FUNCTIONS["parabola"], start, [0.1], "golden_section")
    with pytest.raises(ValueError, match="unknown method"):
        draw(FUNCTIONS["parabola"], start, [0.1], "sgd")


def test_wrong_knobs_and_points_are_refused():
    with pytest.raises(ValueError, match="no knob `beta`"):
        ends(FUNCTIONS["parabola"], [[1.0]], beta=1)
    with pytest.raises(ValueError, match="not a finite number"):
        ends(FUNCTIONS["parabola"], [[1.0]], lr=np.array([np.nan]))
    with pytest.raises(ValueError, match="last axis"):
        ends(FUNCTIONS["parabola"], [[1.0, 2.0]])
