"""Quantiles of a law on whole numbers that has none of its own, by doubling and halving."""

from collections.abc import Callable
from typing import Any

import numpy as np

FARTHEST = 2.0**20  # scipy.stats sums the masses one by one for each value of F

Function = Callable[[Any], Any]


def quantiles_of(frozen: Any, lo: float) -> tuple[Function, Function]:
    """Return `ppf` and `isf` of a law of scipy.stats, not-a-number where they lie too far out."""
    start = lo if np.isfinite(lo) else 0.0
    low = np.vectorize(lambda p: _first(lambda k: frozen.cdf(k) >= p, start), otypes=[float])
    high = np.vectorize(lambda p: _first(lambda k: frozen.sf(k) <= p, start), otypes=[float])
    return low, high


def _first(reached: Callable[[float], Any], start: float) -> float:
    """Return the first whole number at which something is reached for good."""
    side = -1.0 if reached(start) else 1.0
    near, step = start, 1.0
    while bool(reached(start + side * step)) == (side < 0):
        near, step = start + side * step, 2 * step
        if step > FARTHEST:
            return float("nan")
    low, high = sorted((near, start + side * step))
    while high - low > 1:
        middle = np.floor((low + high) / 2)
        low, high = (low, middle) if reached(middle) else (middle, high)
    return float(high)
