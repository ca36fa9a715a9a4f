"""Functions with the slopes in their arguments, for the table of an automatic gradient."""

from typing import Any

import numpy as np


def erf_value(x: Any) -> Any:
    """Return erf(x); SciPy is read when it is asked for."""
    from scipy.special import erf

    return erf(x)


def gamma_value(x: Any) -> Any:
    """Return Γ(x)."""
    from scipy.special import gamma

    return gamma(x)


def gamma_slope(x: Any) -> Any:
    """Return Γ′(x) = Γ(x) ψ(x)."""
    from scipy.special import digamma, gamma

    return gamma(x) * digamma(x)


def max_and_slopes(x: Any, y: Any) -> Any:
    """Return max(x, y) and its slopes."""
    # At a tie both halves of the kink are equal: each side is given half of the slope.
    return np.maximum(x, y), ((x > y) + 0.5 * (x == y), (y > x) + 0.5 * (x == y))


def min_and_slopes(x: Any, y: Any) -> Any:
    """Return min(x, y) and its slopes."""
    return np.minimum(x, y), ((x < y) + 0.5 * (x == y), (y < x) + 0.5 * (x == y))


def angle_and_slopes(y: Any, x: Any) -> Any:
    """Return the angle of (x, y) and its slopes by y and x."""
    square = x * x + y * y
    return np.arctan2(y, x), (x / square, -y / square)


def remainder_and_slopes(x: Any, y: Any) -> Any:
    """Return x mod y and its slopes."""
    whole = np.floor(x / y)
    return x - y * whole, (np.ones_like(whole), -whole)
