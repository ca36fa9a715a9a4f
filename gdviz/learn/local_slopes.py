"""Functions with the slopes in their arguments, for the table of an automatic gradient."""

from typing import Any

import numpy as np


def _erf(x: Any) -> Any:
    from scipy.special import erf

    return erf(x)


def _gamma(x: Any) -> Any:
    from scipy.special import gamma

    return gamma(x)


def _gamma_slope(x: Any) -> Any:
    from scipy.special import digamma, gamma

    return gamma(x) * digamma(x)


def _largest(x: Any, y: Any) -> Any:
    # At a tie both halves of the kink are equal: each side is given half of the slope.
    return np.maximum(x, y), ((x > y) + 0.5 * (x == y), (y > x) + 0.5 * (x == y))


def _smallest(x: Any, y: Any) -> Any:
    return np.minimum(x, y), ((x < y) + 0.5 * (x == y), (y < x) + 0.5 * (x == y))


def _angle(y: Any, x: Any) -> Any:
    square = x * x + y * y
    return np.arctan2(y, x), (x / square, -y / square)


def _remainder(x: Any, y: Any) -> Any:
    whole = np.floor(x / y)
    return x - y * whole, (np.ones_like(whole), -whole)
