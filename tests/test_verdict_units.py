"""A verdict is the same in any unit of f and of x, as far as float64 holds what it rests on."""

from typing import Any

import numpy as np
import pytest
from cases import NO_WARNINGS, each

from gdviz.optimize import descend, function, surface
from gdviz.optimize.map_ends import ends
from gdviz.optimize.oscillation import scale_of
from gdviz.optimize.outcomes import ROUNDING, rounding_of
from gdviz.optimize.stationary import stationary_kind

pytestmark = NO_WARNINGS

UNITS = (1e-12, 1e-8, 1e-4, 1e4, 1e8, 1e12)
SHAPES = {  # of u and v: a start, and a rate of gradient descent
    "({u} - 0.3)**2 + 3*({v} + 0.2)**2": ((1.3, -0.7), 0.05),
    "(1 - {u})**2 + 100*({v} - {u}**2)**2": ((-1.2, 1.0), 0.001),
    "{u}**4 + {v}**2": ((1.0, 1.0), 0.05),
    "{u}**2 - {v}**2": ((1.0, 0.0), 0.05),
    "({u} - {v})**2": ((1.0, 0.2), 0.05),
    "abs({u}) + {v}**2": ((1.03, 0.4), 0.05),
    "{u}**4 - {u}**2 + {v}**2": ((0.3, 0.4), 0.05),
    "{u}**3 + {v}**2": ((1.0, 1.0), 0.05),
    "1 - exp(-{u}**2 - {v}**2)": ((0.5, 0.6), 0.05),
}


def judged(text: str, start: Any, method: str, rate: float) -> str:
    knobs = {} if method in ("nelder_mead", "lbfgs") else {"lr": rate}
    return descend(surface(text), start, method, steps=300, **knobs).status


def test_a_verdict_does_not_depend_on_the_unit_of_f() -> None:
    for shape, (start, rate) in SHAPES.items():
        text = shape.format(u="x", v="y")
        for method in ("gd", "backtracking", "nelder_mead"):
            plain = judged(text, start, method, rate)
            for unit in UNITS:
                if method == "nelder_mead" and unit > 1:
                    continue  # its rule looks at a gradient that it never makes small
                found = judged(f"{unit!r}*({text})", start, method, rate / unit)
                assert found == plain, (shape, method, unit)


def test_a_verdict_does_not_depend_on_the_unit_of_x() -> None:
    for shape, (start, rate) in SHAPES.items():
        plain = judged(shape.format(u="x", v="y"), start, "gd", rate)
        for unit in UNITS:
            text = shape.format(u=f"(x/{unit!r})", v=f"(y/{unit!r})")
            found = judged(text, np.array(start) * unit, "gd", rate * unit**2)
            assert found == plain, (shape, unit)


@pytest.mark.parametrize("unit", [1e-12, 1e-9, 1e-6])
def test_a_small_function_does_not_converge_early(unit: float) -> None:
    """x⁴ falls slower than any power: after 300 steps |x| is 0.05, whatever the unit of f."""
    problem = function(f"{unit!r}*x**4")
    run = descend(problem, [1.0], lr=0.05 / unit, steps=300)
    assert run.status == "step limit" and abs(run.x[-1, 0]) > 0.03
    assert ends(problem, [[1.0]], steps=300, lr=0.05 / unit).code.tolist() == [0]
    arrays = ends(problem, [[1.0]], "backtracking", steps=1, lr=0.05 / unit)
    assert arrays.code.tolist() == [0], "nor do the maps say so"


def test_rounding_is_a_share_of_how_steep_a_problem_is() -> None:
    assert rounding_of(function("x**2")) == rounding_of(function("1e9*x**2")) == ROUNDING
    assert rounding_of(function("1e-9*x**2")) == pytest.approx(1e-8 * ROUNDING)
    assert rounding_of(function("3")) == 0.0 and rounding_of(object()) == ROUNDING
    assert function("log(x)").steepness == 0.8, "where f is not defined nothing is steep"


def test_the_scale_of_a_run_is_in_its_unit() -> None:
    way = np.array([[3.0, 4.0], [0.0, 0.0]])
    assert scale_of(way) == 5.0 and scale_of(1e-9 * way) == pytest.approx(5e-9)
    assert scale_of(np.zeros((3, 2))) == 1.0


@pytest.mark.parametrize("unit", UNITS)
def test_cycles_and_kinks_are_seen_in_any_unit(unit: float) -> None:
    hops = descend(function(f"abs(x/{unit!r})"), [2.03 * unit], lr=0.1 * unit**2, steps=200)
    assert hops.verdict == "2-cycle" and "kink" in hops.reason
    if unit >= 1e-4:  # below, its first bracket is a million times too wide for the steps
        found = descend(
            function(f"abs(x/{unit!r})"), [2.03 * unit], "backtracking", lr=unit**2, steps=200
        )
        assert found.status == "converged", found.reason


@pytest.mark.parametrize("condition", [1e7, 1e10, 1e13, 1e16, 1e20])
def test_a_diagonal_hessian_tells_any_condition_number(condition: float) -> None:
    for sign, kind in (("+", "minimum"), ("-", "saddle")):
        problem = surface(f"x**2 {sign} {1 / condition!r}*y**2")
        assert stationary_kind(problem, np.zeros(2)) == kind


def test_what_cannot_be_told_apart_is_said_so() -> None:
    run = descend(surface("(x - y)**2"), [1.0, 0.2], steps=300)
    assert run.status == "converged" and "weak minimum" in run.verdict
    assert "cannot be told apart" in run.reason and "condition number" in run.reason


NARROW = [
    ("x**2 + y**2/{k} - 1e30*y**4/{k}", 0.0, "minimum"),
    ("x**2 + y**2/{k} - 1e20*y**4/{k} + 7", 0.0, "minimum"),
    ("1e30*x**4 - x**2 - y**2/{k}", 0.0, "maximum"),
    ("(x - 1)**2 + y**2/{k} - 1e29*(x - 1)**4", 1.0, "not known"),  # no float is near enough
    ("x**2 - 3*abs(x) + y**2/{k} - abs(y)/{k}", 0.0, "maximum"),  # no bend, however near
]


@each("text, x, kind", NARROW)
def test_a_point_narrower_than_the_rings_is_told_or_not_known(
    text: str, x: float, kind: str
) -> None:
    for k in ("1", "1e6", "1e12"):
        found = stationary_kind(surface(text.format(k=k)), np.array([x, 0.0]))
        assert found == kind, k


def test_the_floor_of_a_valley_is_no_saddle() -> None:
    """Its slope is below the rounding of the gradient, and f still shows it."""
    for valley in ("1e-16*(x - y)**2", "1e-15*(x - y)", "1e-17*(x - y - 3)**4"):
        run = descend(surface(f"(x + y)**2 + {valley}"), [1.0, 0.2], steps=300)
        assert run.status != "converged" or "weak" in run.verdict, (valley, run.reason)
        assert "saddle" not in run.reason and "maximum" not in run.reason, (valley, run.reason)


def test_between_two_parabolas_is_no_minimum() -> None:
    """Along any straight line f rises there, and curvature beside the point says so, too."""
    u, v = "(0.1666*(x - 2.687) + 0.986*(y - 7.148))", "(0.1666*(y - 7.148) - 0.986*(x - 2.687))"
    problem = surface(f"0.1*({v} - {u}**2)*({v} - 2*{u}**2)")
    for method in ("bfgs", "backtracking"):
        run = descend(problem, [3.5013463540300815, 7.926052347187261], method, steps=120)
        assert run.status != "converged", (method, run.reason)


def test_dividing_by_a_number_hides_nothing() -> None:
    for text in ("(x/3 - y/3)**2", "((x - y)/1e4)**2", "(x - y)**2/7"):
        assert stationary_kind(surface(text), np.zeros(2)) == "weak minimum", text
    for text in ("(x - y)**2 + exp(-y**2 - 900)", "(x - y)**2 + 1e-300/(1 + y**2)"):
        assert stationary_kind(surface(text), np.zeros(2)) != "weak minimum", text
