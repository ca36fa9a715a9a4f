"""How much of a difference of f is rounding."""

from math import factorial
from typing import Any

import numpy as np

EPS = float(np.finfo(float).eps)


def noise(problem: Any, x: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the rounding noise of f on the ways from x to `points (n, d)`, shape `(n,)`.

    Moré & Wild 2011, "Estimating computational noise", eq. 2.3: high differences of a smooth
    function vanish, those of noise do not.
    """
    share = np.arange(17)[:, None, None] / 16
    f = problem.f(x + share * (points - x))
    sizes = []
    for k in (4, 5, 6, 7):
        gamma = factorial(k) ** 2 / factorial(2 * k)
        sizes.append(np.sqrt(gamma * np.mean(np.diff(f, n=k, axis=0) ** 2, axis=0)))
    return np.nan_to_num(np.min(sizes, axis=0), nan=0.0, posinf=0.0)


def wiggle(problem: Any, x: np.ndarray) -> float:
    """Return how much f changes when x moves by a few units of its last place."""
    f = problem.f(np.outer(1 + EPS * np.arange(-8, 9), x))
    return float(np.nan_to_num(np.max(np.abs(f - f[8]))))
