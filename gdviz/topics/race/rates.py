"""What suits a surface of the race: rates for each method, its landmarks, windows into it."""

from functools import lru_cache

import numpy as np

from gdviz.knobs import bind_defaults
from gdviz.optimize import METHODS, Problem
from gdviz.optimize.critical_points import stationary_points
from gdviz.optimize.problems import Box
from gdviz.optimize.stability import stability_edge
from gdviz.topics.race.settings import Race, hyper_of, problem_of

_BY_CURVATURE = {"gd": 1.0, "heavy_ball": 0.2, "nesterov": 0.2, "qhm": 1.0, "sam": 1.0}
_BY_CURVATURE |= {"schedule_free_sgd": 1.0, "barzilai_borwein": 0.2}
_BY_WIDTH = {"adagrad": 0.05, "rprop": 0.005, "lion": 0.003, "signsgd": 0.003, "rmsprop": 0.004}
_BY_WIDTH |= {"sophia": 0.003}
_BY_BOTH = {"radam"}  # its first steps are plain momentum
_ALONE = {"newton", "newton_plain", "gauss_newton", "natural_gradient", "backtracking", "adadelta"}
_ALONE |= {"prodigy", "d_adaptation", "lamb", "lars", "adafactor"}  # in units of x, or of a guess
_ALONE |= {"polyak"}


@lru_cache(maxsize=256)
def good_rate(problem: Problem, method: str) -> float | None:
    """Return a rate that suits a surface, one digit: rough, sensible, not tuned.

    Methods that feel the size of the gradient get a share of 1/λmax at the start and the minima;
    those that do not get a share of the window's width. None where the default is natural.
    """
    if method in _ALONE or "lr" not in bind_defaults(METHODS[method], {}):
        return None
    rate = _BY_WIDTH.get(method, 0.015) * float(np.ptp(problem.box[0]))
    if method in _BY_CURVATURE or method in _BY_BOTH:
        points = np.array([problem.start, *problem.minima])
        steepest = np.abs(np.linalg.eigvalsh(np.nan_to_num(problem.hess(points)))).max()
        safe = _BY_CURVATURE.get(method, 1.0) / max(float(steepest), 1e-3)
        rate = min(rate, safe) if method in _BY_BOTH else safe
    return float(np.clip(float(f"{rate:.0e}"), 1e-7, 10.0))


def rate_window(problem: Problem, method: str) -> tuple[float, float]:
    """Return the rates worth looking at: five decades, lower where the surface is steeper."""
    rate = good_rate(problem, method)
    lo = 1e-4 if rate is None else min(1e-4, 10.0 ** np.floor(np.log10(rate / 10)))
    return max(1e-7, float(lo)), 10.0


@lru_cache(maxsize=64)
def landmarks(problem: Problem) -> tuple[tuple[tuple[float, float], str], ...]:
    """Return the minima and saddles in the window, each with its kind."""
    found = stationary_points(problem)
    return tuple(((float(point[0]), float(point[1])), kind) for point, kind in found)


def minima_of(problem: Problem) -> list[tuple[float, float]]:
    """Return the minima: those that a surface declares, or those found in a typed one."""
    declared = [(float(x), float(y)) for x, y in problem.minima]
    return declared or [point for point, kind in landmarks(problem) if kind == "minimum"]


def zoom_window(box: Box, centre: tuple[float, float], zoom: int) -> Box:
    """Return the box itself, or one `zoom` times smaller around a centre."""
    if zoom == 1:
        return box
    half = [(hi - lo) / (2 * zoom) for lo, hi in box]
    return tuple((c - h, c + h) for c, h in zip(centre, half, strict=True))


def rate_marks(spec: Race, method: str) -> list[tuple[float, str]]:
    """Return 1/λ of gradient descent and the edge of stability of a method that has one.

    λ is the largest curvature at the minimum nearest to the start.
    """
    problem, edge = problem_of(spec), stability_edge(method, hyper_of(spec, method))
    if edge is None or not problem.minima or spec.outer != "none":
        return []  # what is known is of the method alone
    start = np.array([spec.x0, spec.y0])
    nearest = min(problem.minima, key=lambda m: float(np.hypot(*(np.array(m) - start))))
    steepest = float(np.linalg.eigvalsh(problem.hess(nearest)).max())
    if not steepest > 0:
        return []
    best = [(1 / steepest, "1/λ")] if method == "gd" else []
    return [*best, (edge.value / steepest, edge.over("λ"))]
