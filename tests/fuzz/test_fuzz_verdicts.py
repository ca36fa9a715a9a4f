"""Verdicts on random problems whose truth is known: no false minimum, no false divergence."""

import re
from typing import Any

import numpy as np
import pytest
from gauge import Gauge, amounts
from problems import LINES, SHAPES, Posed, lowest_on_rings, on_a_line, placed, posed

from gdviz.optimize import Run, descend
from gdviz.optimize.linalg import norm
from gdviz.optimize.outcomes import rounding_of
from gdviz.optimize.stability import stability_edge
from gdviz.optimize.stationary import stationary_kind

pytestmark = pytest.mark.filterwarnings("ignore")

GOOD = {"minimum", "weak minimum"}
METHODS = ("gd", "heavy_ball", "adam", "newton", "backtracking", "bfgs", "nelder_mead", "rprop")
RUNS = 4  # of each problem
TYPED = 8  # one problem in so many is a text, whose derivatives cost more than its runs


@amounts(some=120, whole=40_000)
def test_a_stationary_point_is_called_what_it_is(amount: int) -> None:
    rng, gauge, wrong = np.random.default_rng(11), Gauge(amount > 1000), []
    for k in range(amount // 2):
        case = _case(k, rng)
        with gauge.one(case.problem.text):
            kind = stationary_kind(case.problem, case.x)
        if kind not in case.kinds:
            wrong.append((case.problem.text, case.x.tolist(), kind, sorted(case.kinds)))
        problem, x, expected = on_a_line(rng)
        kind = stationary_kind(problem, np.array([x]))
        if kind != expected:
            wrong.append((problem.text, x, kind, expected))
    gauge.report("kinds of stationary points")
    assert not wrong, f"{len(wrong)} of {amount}: {wrong[:8]}"


@amounts(some=100, whole=40_000)
def test_a_run_on_a_known_problem_is_judged_rightly(amount: int) -> None:
    rng, gauge, wrong, seen = np.random.default_rng(12), Gauge(amount > 1000, 4.0), [], set()
    for k in range(amount // RUNS):
        case = _case(k, rng)
        for method in rng.choice(METHODS, RUNS, replace=False):
            given = _knobs(method, case.curvature, rng)
            with gauge.one((case.problem.text, case.start.tolist(), method)):
                run = descend(case.problem, case.start, method, steps=120, **given)
                fault = _fault(run, case, method)
            seen.add(run.status)
            if fault:
                wrong.append((fault, case.problem.text, case.start.tolist(), method, given))
    gauge.report("runs")
    assert len(seen) >= 4, "all ends are met"
    assert not wrong, f"{len(wrong)} of {amount}: {wrong[:6]}"


def _case(k: int, rng: np.random.Generator) -> Posed:
    return posed(rng) if k % TYPED == 0 else placed(rng)


def _knobs(method: str, curvature: float, rng: np.random.Generator) -> dict[str, Any]:
    if method in ("gd", "heavy_ball"):
        return {"lr": float(np.clip(rng.choice([0.01, 0.3, 1.0, 2.5]) / curvature, 1e-300, 1e300))}
    return {"lr": float(10 ** rng.uniform(-3, 0))} if method in ("adam", "rprop") else {}


def _fault(run: Run, case: Any, method: str) -> str:
    """Return what is false in a verdict, by the known truth and by looking, "" if nothing is."""
    best, end = float(case.problem.f(case.x)), float(run.f[-1])
    rounding = 1e-9 * max(abs(best), abs(float(run.f[0])))
    if run.status == "converged":
        if not GOOD & case.kinds:
            return f"converged where there is no minimum: {run.verdict}"
        at_floor = norm(run.grad[-1]) <= rounding_of(case.problem)  # the rule can tell no more
        if not at_floor and end - best > 1e-3 * (float(run.f[0]) - best) + rounding:
            return f"converged with f − f* = {end - best:.3g}: {run.verdict}"
    if run.status == "diverged" and case.kinds <= {"minimum"} and end < float(run.f[0]) - rounding:
        return f"diverged though f fell: {run.reason}"
    if "no minimum" in run.reason:
        size = max(1.0, float(np.abs(run.x[-1]).max()))
        lower = lowest_on_rings(case.problem, run.x[-1], np.geomspace(1e-10, 0.3, 14) * size)
        halfway = float(case.problem.f((run.x[-1] + case.x) / 2))  # a ridge may be too narrow
        if not (lower > 0).any() and not halfway < end:
            return f"nothing is lower nearby: {run.reason}"
    return _false_numbers(run, method)


def _false_numbers(run: Run, method: str) -> str:
    """Return a fault if a reason blames an edge that its own numbers do not pass."""
    found = re.search(r"there it is (\S+) · (\S+) = (\S+?)[.,]? ", run.reason)
    edge = stability_edge(method, run.maker.hyper)
    if not found:
        return ""
    product = float(found[3].rstrip("."))
    return "" if edge and product > edge.value * 0.999 else f"{run.reason} ({edge})"


def test_every_shape_is_made() -> None:
    rng = np.random.default_rng(0)
    kinds = {kind for _ in range(300) for kind in posed(rng).kinds}
    assert {"minimum", "maximum", "saddle", "weak minimum", "weak maximum"} <= kinds
    assert len(SHAPES) > 20 and len(LINES) > 15
