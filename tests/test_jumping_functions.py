"""Verdicts where f has steps, is level, or is the same everywhere, and beside a kink."""

from typing import Any

import numpy as np
import pytest
from cases import each

from gdviz.optimize import METHODS, Problem, descend, function, surface
from gdviz.optimize.methods import can_run
from gdviz.optimize.stationary import stationary_kind

STEPS = [  # where the curvature is that of a minimum, but f is lower across a step
    ("heaviside(x) + x**2", (0.0,)),
    ("floor(x) + x**2", (0.0,)),
    ("sign(x) + cosh(x)", (0.0,)),
    ("1e-9*(floor(x) + x**2)", (0.0,)),
    ("1e6 + (x/100)**2 + (y/100)**2 + heaviside(x/100)", (5.6e-5, -1e-5)),
    ("0.001*((x + 64.203)**2 + (y + 27.853)**2 + heaviside(x + 64.203))", (-64.202995, -27.853)),
    ("(x - 7)**2 + (y + 3)**2 + 4*heaviside(x - y - 10)", (7.0, -3.0)),
    ("floor(y - 2) + (x - 1)**2 + (y - 2)**2", (1.0, 2.0)),
]


def problem_of(text: str) -> Problem:
    return surface(text) if "y" in text else function(text)


@each("text, x", STEPS)
def test_a_lower_place_across_a_step_is_seen(text: str, x: tuple[float, ...]) -> None:
    problem = problem_of(text)
    aside = np.full(problem.d, 1e-4)
    aside[1:] *= -1
    assert min(problem.f(x - aside), problem.f(x + aside)) < problem.f(x)
    assert "minimum" not in stationary_kind(problem, np.array(x))
    run = descend(problem, x, "gd", lr=1e-9)
    assert run.status != "converged" and "every side" not in run.reason


@each(
    "text, x, kind",
    [
        ("heaviside(x - 0.1) + x**2", 0.0, "minimum"),
        ("x**2 - heaviside(x)*heaviside(-x)", 0.0, "minimum"),
        ("x**2 - 5*heaviside(x - 0.08)", 0.0, "minimum"),
        ("floor(x)", 0.9, "flat"),
        ("sqrt(floor(4*x**2))", 0.6, "flat"),
        ("relu(x)", -0.05, "flat"),
        ("tanh(100*x)", 0.2, "flat"),
        ("x**20 + 1", 0.0, "minimum"),
        ("relu(x)", 0.0, "weak minimum"),
    ],
)
def test_what_lies_beyond_a_step_says_nothing_of_a_point(text: str, x: float, kind: str) -> None:
    assert stationary_kind(function(text), np.array([x])) == kind


def test_on_a_step_in_the_plane_it_is_level() -> None:
    problem = surface("floor(x**2 + y**2)")
    run = descend(problem, (-1.858, 0.1368))
    assert run.verdict.endswith("flat") and "saddle" not in run.reason
    beside = surface("1e-6*(ceil(0.41*(x - 0.58) + 0.912*(y + 0.036)) + abs(0.41*y - 0.912*x))")
    run = descend(beside, (2.807, 3.7256), "lbfgs", steps=600)
    assert "no minimum" not in run.reason and "saddle" not in run.reason


@each("text", ["sqrt(relu(x))", "sqrt(max(0, x))", "asin(mod(1, 4 - x))"])
def test_a_level_place_without_a_gradient_is_no_kink(text: str) -> None:
    run = descend(function(text), [-1.0], "gd")
    assert run.verdict == "stuck at step 0: flat" and "kink" not in run.reason


@each("text", ["3", "0*x", "x - x + 0*y"])
def test_every_method_runs_on_a_constant(text: str) -> None:
    problem = problem_of(text)
    for method in METHODS:
        if can_run(method, problem):
            run = descend(problem, np.ones(problem.d), method, steps=5)
            assert run.status in ("stationary", "step limit", "oscillating"), (method, run.reason)


def test_complex_points_are_refused() -> None:
    for x in (np.array([1 + 2j]), [1j], np.array([1 + 0j])):
        with pytest.raises(ValueError, match="complex points"):
            descend(function("x**2"), x)


BESIDE_KINKS: list[tuple[str, tuple[float, ...], str, dict[str, Any]]] = [
    ("abs(x + 0.096) + relu(y + 0.486)**2", (-0.4156, -0.7712), "backtracking", {"steps": 600}),
    ("100*abs(x*y)", (0.6985, -1.5504), "lbfgs", {}),
    ("abs(x) + 0*y", (0.7, 1.0), "backtracking", {}),
]


@each("text, start, method, given", BESIDE_KINKS)
def test_to_rounding_at_a_kink_is_not_denied(
    text: str, start: tuple[float, ...], method: str, given: dict[str, Any]
) -> None:
    run = descend(surface(text), start, method, **given)
    assert run.f[-1] < 1e-9 * run.f[0]
    assert run.status == "converged" and "no minimum" not in run.reason


def test_beside_a_minimum_is_not_in_it() -> None:
    """What counts is how much of the fall is left, not how near the minimum is."""
    text = "1e12*max((x - 0.935)/1e-8, (y + 0.953)/1e-8, (0.935 - x - y - 0.953)/1e-8)"
    run = descend(surface(text), (0.9350000046447449, -0.9529999990457826), "newton")
    assert run.f[-1] > 1e11 and run.status == "stationary", run.reason
    run = descend(function("mod(x - 81.167, 2)"), [81.0434], "newton")
    assert run.f[-1] < 1e-4 and run.status == "stationary", run.reason


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e9])
def test_a_step_is_told_from_rounding(size: float) -> None:
    """Written out, (x − 1)⁶ jumps about by rounding near 1, and has its minimum there."""
    text = "x**6 - 6*x**5 + 15*x**4 - 20*x**3 + 15*x**2 - 6*x + 1"
    kind = stationary_kind(function(f"{size}*({text})"), np.array([1.0]))
    assert kind in ("minimum", "flat", "weak minimum", "not known")
