"""The tutorial's mistakes give the figures that its own code gave, and ours are right."""

import math

import numpy as np
import pytest

from gdviz.catalogue import lookup
from gdviz.cli.links import from_link
from gdviz.optimize import function
from gdviz.topics.descent import Descent
from gdviz.topics.descent.pitfalls import (
    Comparison,
    Tutorial,
    compare,
    outcome_words,
    tutorial_descent,
)

ROWS: dict[str, Descent] = {
    row.row: from_link(f"/descent?{row.setting}").spec
    for row in lookup.pitfalls("descent")
    if row.setting
}


def compare_row(spec: Descent) -> Comparison:
    return compare(function(spec.formula), spec.x0, spec.lr)


def tutorial_on(problem, x0: float, lr: float) -> Tutorial:
    return tutorial_descent(problem, x0, lr)


def by_hand(f, df, x: float, lr: float, tol: float = 1e-6) -> tuple[float, int]:
    """The tutorial's loop once more, with Python's floats, from its description alone."""
    points = [x]
    while len(points) <= 1000:
        new = points[-1] - lr * df(points[-1])
        if abs(f(new) - f(points[-1])) < tol:
            break
        points.append(new)
    return points[-1], len(points)


def test_1a_it_stops_too_soon_and_drops_its_last_step():
    tutorial, ours = compare_row(ROWS["1a"])
    assert tutorial.x == pytest.approx(0.0049565, abs=5e-8)
    assert tutorial.points == 298
    assert tutorial.slope == pytest.approx(9.9e-3, abs=5e-5)
    assert tutorial.x - 0.01 * tutorial.slope == pytest.approx(0.0048574, abs=5e-8)
    assert (tutorial.x, tutorial.points) == by_hand(lambda x: x * x, lambda x: 2 * x, 2.0, 0.01)
    assert ours.status == "converged"
    assert abs(2 * ours.x[-1, 0]) <= 1e-6


def test_1b_an_oscillation_is_read_as_convergence():
    tutorial, ours = compare_row(ROWS["1b"])
    assert (tutorial.x, tutorial.points) == (2.0, 1)
    assert (ours.status, ours.verdict) == ("oscillating", "2-cycle")


def test_1c_an_absolute_tolerance_depends_on_the_scale():
    tutorial, ours = compare_row(ROWS["1c"])
    assert (tutorial.x, tutorial.points) == (5.0, 1)
    assert ours.status == "step limit"  # too slow to arrive, and it says so
    assert tutorial_on(function("1e-6*x**2"), 2.0, 0.01).x == 2.0
    patient = compare(function("1e-4*x**2"), 5.0, 2500.0).ours
    assert patient.status == "converged"
    assert abs(patient.x[-1, 0]) < 0.01


def test_1d_divergence_is_noticed():
    tutorial, ours = compare_row(ROWS["1d"])
    assert abs(tutorial.x) == pytest.approx(3.0e79, rel=0.02)
    assert abs(tutorial.x) == pytest.approx(2 * 1.2**1000, rel=1e-9)
    assert ours.status == "diverged"
    assert "Diverged at step" in ours.reason and np.all(np.isfinite(ours.x))
    assert math.isnan(tutorial_on(function("x**2"), 2.0, 10.0).x)


def test_1e_an_inflection_is_no_minimum():
    tutorial, ours = compare_row(ROWS["1e"])
    assert tutorial.x == pytest.approx(0.0577, abs=5e-5)
    assert ours.status != "converged"
    rested = compare(function("x**3"), 2.0, 1 / 12).ours  # lands on 1, then creeps to 0
    assert rested.status != "converged"
    exact = compare(function("x**3"), 0.0, 0.01).ours
    assert (exact.status, exact.verdict) == ("stationary", "stuck at step 0: saddle")


def test_the_link_of_a_mistake_is_its_setting():
    asked = {name: (spec.formula, spec.x0, spec.lr) for name, spec in ROWS.items()}
    assert asked == {
        "1a": ("x**2", 2.0, 0.01),
        "1b": ("x**2", 2.0, 1.0),
        "1c": ("1e-4*x**2", 5.0, 0.01),
        "1d": ("x**2", 2.0, 1.1),
        "1e": ("x**3", 2.0, 0.01),
    }
    for spec in ROWS.values():
        assert spec.left < min(spec.x0, 0) and spec.right > max(spec.x0, 0) and spec.steps == 1000
        told = outcome_words(compare_row(spec))
        assert lookup.run(spec)["gd"].reason == told[1] and told[0].startswith("“minimum” at x = ")


@pytest.mark.parametrize("name", ROWS)
def test_a_converged_run_of_ours_is_a_minimum(name: str):
    tutorial, ours = compare_row(ROWS[name])
    problem = function(ROWS[name].formula)
    assert tutorial.slope != 0.0
    if ours.status == "converged":
        x = ours.x[-1, 0]
        assert abs(problem.grad([x])[0]) <= 1e-6
        assert np.all(problem.f(np.array([[x - 0.1], [x + 0.1]])) > problem.f([x]))
