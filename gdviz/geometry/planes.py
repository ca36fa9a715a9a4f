"""The families that can be seen on a stage: those with two parameters, each with its window."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.geometry import FAMILIES, Family

Pair = tuple[float, float]


class Plane(NamedTuple):
    """The window of a family: the ranges of its axes, where a hand may go, and where it starts.

    `x` and `y` are the axes, `low` and `high` the corners of the box that holds every handle, `a`,
    `b` two points to begin with, `tip` a vector at a; `outcomes` is the range of the densities'
    axis and `top` its height.
    """

    x: Pair
    y: Pair
    low: Pair
    high: Pair
    a: Pair
    b: Pair
    tip: Pair
    outcomes: Pair
    top: float


PLANE_FAMILIES: dict[str, Plane] = {
    "normal": Plane(
        (-3.2, 3.2), (0, 3.0), (-3, 0.12), (3, 2.9), (-1.5, 0.5), (1.5, 0.8), (0.6, 0.25),
        (-6, 6), 1.2,
    ),
    "normal_variance": Plane(
        (-3.2, 3.2), (0, 4.2), (-3, 0.03), (3, 4), (-1.5, 0.25), (1.5, 0.64), (0.6, 0.25),
        (-6, 6), 1.2,
    ),
    "normal_log_sigma": Plane(
        (-3.2, 3.2), (-2, 1.3), (-3, -1.9), (3, 1.2), (-1.5, -0.7), (1.5, -0.2), (0.6, 0.25),
        (-6, 6), 1.2,
    ),
    "normal_natural": Plane(
        (-4.2, 4.2), (-3, 0), (-4, -2.9), (4, -0.08), (-2, -1.5), (2.5, -0.9), (0.8, 0.5),
        (-6, 6), 1.2,
    ),
    "normal_expectation": Plane(
        (-2.2, 2.2), (0, 6), (-2.1, 0.05), (2.1, 5.9), (-1.2, 1.9), (1.2, 2.4), (0.5, 0.8),
        (-6, 6), 1.2,
    ),
    "gamma": Plane(
        (0, 8), (0, 3.2), (0.3, 0.1), (7.8, 3.1), (1.5, 1.8), (6, 0.5), (1, 0.5), (0, 12), 1.2
    ),
    "beta": Plane(
        (0, 8), (0, 8), (0.3, 0.3), (7.8, 7.8), (1.5, 5), (5, 1.5), (1, 1), (0, 1), 4.5
    ),
    "weibull": Plane(
        (0, 5), (0, 4), (0.4, 0.15), (4.9, 3.9), (1, 1), (3.5, 2.5), (0.6, 0.5), (0, 7), 1.2
    ),
    "categorical": Plane(
        (-0.04, 1.04), (-0.04, 1.04), (0.01, 0.01), (0.98, 0.98), (0.1, 0.15), (0.8, 0.1),
        (0.1, 0.1), (-0.6, 2.6), 1.0,
    ),
}  # fmt: skip
LABELS = {name: FAMILIES[name].label for name in PLANE_FAMILIES}


def clamp_to_plane(name: str, x: float, y: float) -> Pair:
    """Return the point of the window of a family that is nearest to where a hand is."""
    plane = PLANE_FAMILIES[name]
    x = float(np.clip(x, plane.low[0], plane.high[0]))
    y = float(np.clip(y, plane.low[1], plane.high[1]))
    if name == "categorical" and x + y > 0.99:
        over = (x + y - 0.99) / 2
        x, y = max(x - over, 0.01), max(y - over, 0.01)
        x, y = x * min(1, 0.99 / (x + y)), y * min(1, 0.99 / (x + y))
    if name == "normal_expectation":
        y = max(y, x * x + 0.05)
    return x, y


def outcomes(name: str, count: int = 241) -> Any:
    """Return where the densities of a family are drawn."""
    lo, hi = PLANE_FAMILIES[name].outcomes
    if name == "categorical":
        bar = np.array([-0.4, -0.4, 0.4, 0.4, np.nan])
        return (np.arange(3)[:, None] + bar).ravel()
    edge = (hi - lo) * 1e-4 if lo == 0 else 0.0
    return np.linspace(lo + edge, hi - (edge if hi == 1 else 0.0), count)


def densities(name: str, theta: Any, x: Any) -> Any:
    """Return the densities `(n, len(x))` of points `(n, 2)`, bars where outcomes are three."""
    family: Family = FAMILIES[name]
    if name == "categorical":
        chances = np.concatenate([theta, 1 - theta.sum(-1, keepdims=True)], -1)
        shape = np.array([0, 1, 1, 0, np.nan])
        return (chances[..., None] * shape).reshape(len(theta), -1)
    return np.exp(family.log_density(x, theta[:, None, :]))
