"""How much of a difference of f is rounding."""

from math import factorial
from typing import Any

import numpy as np

from gdviz.optimize.linalg import norm

EPS = float(np.finfo(float).eps)
STEP = 1e6  # units of the last place of f: a change as large, between neighbours, is no rounding


def noise(problem: Any, x: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the rounding noise of f on the ways from x to `points (n, d)`, shape `(n,)`.

    Moré & Wild 2011, "Estimating computational noise", eq. 2.3: high differences of a smooth
    function vanish, those of noise do not. A single step of f, as of heaviside, is no noise: the
    differences across it are left out.
    """
    share = np.arange(17)[:, None, None] / 16
    f = problem.f(x + share * (points - x))
    steps = np.abs(np.diff(f, axis=0)).max(axis=0) > STEP * EPS * np.abs(f).max(axis=0)
    sizes = []
    for k in (4, 5, 6, 7):
        gamma = factorial(k) ** 2 / factorial(2 * k)
        squares = np.sort(gamma * np.diff(f, n=k, axis=0) ** 2, axis=0)
        whole, rest = (np.sqrt(part.mean(axis=0)) for part in (squares, squares[: -k - 1]))
        sizes.append(np.where(steps & (8 * rest < whole), 3 * rest, whole))
    return np.nan_to_num(np.min(sizes, axis=0), nan=0.0, posinf=0.0)


def has_step(problem: Any, x: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Tell of which ways from x to `points (n, d)` f has a step that no gradient explains, `(n,)`.

    Between neighbours f changes by |∇f| times their distance at most; where it does everywhere by
    more, it is noise.
    """
    ways = x + np.arange(17)[:, None, None] / 16 * (points - x)
    f, slope = problem.f(ways), np.nan_to_num(norm(problem.grad(ways)), nan=np.inf)
    least = 4 * np.maximum(slope[:-1], slope[1:]) * norm(points - x) / 16
    beyond = np.sort(np.nan_to_num(np.abs(np.diff(f, axis=0)) - least, nan=-np.inf), axis=0)
    return beyond[-1] > np.maximum(STEP * EPS * np.abs(f).max(axis=0), 8 * beyond[-3])


def wiggle(problem: Any, x: np.ndarray) -> float:
    """Return how much f changes when x moves by a few units of its last place, but for a step."""
    f = problem.f(np.outer(1 + EPS * np.arange(-8, 9), x))
    changes = np.diff(f)
    steps = np.argsort(np.abs(changes))[-2:]  # one before x and one behind it, if x is on the step
    if (np.abs(changes[steps]) > STEP * EPS * np.abs(f).max()).any():
        changes[steps] = 0.0
    way = np.cumsum(changes)
    return float(np.nan_to_num(np.max(np.abs(way - way[7]))))
