"""Why a run jumps between the same points: a kink, an η beyond the edge, or the rule itself."""

from typing import Any

import numpy as np

from gdviz.optimize.linalg import norm
from gdviz.optimize.stability import stability_edge

OWN_LENGTH = {
    "signsgd": "its step has the length η however small the gradient is",
    "lion": "its step has the length η however small the gradient is",
    "sam": "its gradient is taken a step ρ uphill, on the other side each time",
    "rprop": "its stride shrinks at each turn and grows again between",
    "newton_plain": "Newton's step overshoots as far each time, and a damped one would not",
}
SAMPLES, CLOSER = 129, 4


def why_it_jumps(problem: Any, points: np.ndarray, grad: np.ndarray, course: Any) -> str:
    """Return what makes a run jump between `points (period, d)`, "" where that is not known."""
    if course.method in OWN_LENGTH:
        return OWN_LENGTH[course.method]
    a, b = points[-1], points[-2]
    if _kink_between(problem, a, b):
        return "the slope jumps at a kink between them, where no fixed step can settle"
    edge = stability_edge(course.method, course.hyper)
    if edge is None or course.rates is None:
        return ""
    product = float(course.rates[-1]) * _curvature_between(problem, a, b)
    if product < edge.value * (1 - 1e-9):
        return ""
    return (
        f"at the lowest place between them η·λmax = {product:.4g} is not below "
        f"{edge.value:.4g}, so it cannot settle there"
    )


def _way(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a + np.linspace(0, 1, SAMPLES)[:, None] * (b - a)


def _kink_between(problem: Any, a: np.ndarray, b: np.ndarray) -> bool:
    """Tell whether one of many short parts of the way has half of all the change of slope."""
    slope = problem.grad(_way(a, b)) @ (b - a) / max(float(norm(b - a)), 1e-300)
    change = np.abs(np.diff(slope))
    return bool(np.isfinite(change).all() and change.max() > 0.5 * change.sum() > 0)


def _curvature_between(problem: Any, a: np.ndarray, b: np.ndarray) -> float:
    """Return the largest curvature at the lowest point of the way from a to b."""
    for _ in range(CLOSER):
        way = _way(a, b)
        at = int(np.nan_to_num(problem.f(way), nan=np.inf).argmin())
        a, b = way[max(at - 1, 0)], way[min(at + 1, SAMPLES - 1)]
    return float(np.linalg.eigvalsh(np.nan_to_num(problem.hess((a + b) / 2)))[-1])
