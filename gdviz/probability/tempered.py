"""Which rungs of parallel tempering are densities at all: p^(1/T) of a heavy tail may not be."""

from typing import Any

import numpy as np

from gdviz.probability.target import Target

REACH = np.array([1e5, 1e8, 1e11])  # of the window's width: where only the tail is left
STEADY = 0.02


def tail_power(target: Target) -> float:
    """Return the power a of a tail that falls like |x|^−a, the least over sixteen directions.

    Infinite where every tail falls faster than a power, or the density has bounds.
    """
    if target.bounds is not None:
        return float("inf")
    window = np.array(target.box)
    centre, width = window.mean(1), float(np.ptp(window, axis=1).max())
    points = centre + width * REACH[:, None, None] * _directions(target.d)
    logs = target.log_density(points)
    with np.errstate(all="ignore"):
        powers = -np.diff(logs, axis=0) / np.diff(np.log(REACH))[:, None]
        steady = np.isfinite(powers).all(0) & (np.abs(np.diff(powers, axis=0)[0]) < STEADY)
    return float(np.min(powers[-1], where=steady, initial=np.inf))


def _directions(d: int) -> Any:
    if d == 1:
        return np.array([[-1.0], [1.0]])
    angle = np.pi * np.arange(16) / 8 + 0.1
    return np.stack([np.cos(angle), np.sin(angle)], -1)


def hottest_proper(target: Target) -> float:
    """Return the temperature below which p^(1/T) has a finite integral: a/d of a tail |x|^−a."""
    return tail_power(target) / target.d
