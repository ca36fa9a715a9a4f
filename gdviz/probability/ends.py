"""What a quadrature rule never sees: the mass beyond its outermost nodes, by the power law there.

A power of the distance is fitted to |f| over octaves, towards a finite end or away to infinity. The
exponent −1 is the border: towards infinity it must lie below it, towards a finite end above.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Size = Callable[[Any], Any]
OCTAVES = 24
NEAR = 40
WITHIN = np.array([1.0, 1.19, 1.41, 1.68])  # four places within an octave: waves have an envelope
SINGULAR = -0.01  # a steeper slope than this is a singular end, not the slope of a smooth one
BORDER = 1e-3  # how well the slope towards an end is known
FAR = 2.0 ** np.array([50, 100, 200])
LEAST_POWER = 1.05
FLAT, TURNS = 0.3, 1.5
STEADY = 0.9  # an exponent that falls faster than this is that of a power of the logarithm


def tail_mass(size: Size, start: float, sign: float) -> float:
    """Return a bound of ∫|f| from sign·start to infinity, which is infinite where it diverges.

    `size` is |f| as a function of an array. Octaves count with the largest value seen in them,
    what lies beyond the last by its power law.
    """
    x = start * 2.0 ** np.arange(OCTAVES + 1)
    envelope = _sizes(size, sign * x[:, None] * WITHIN).max(axis=1)
    if not np.all(np.isfinite(envelope)):
        return float("inf")
    seen = float((envelope[:-1] * x[:-1]).sum())
    return seen + _power_law(x, envelope) if envelope[-1] > 0 else seen


def far_mass(size: Size, sign: float) -> float:
    """Return ∫|f| beyond the nodes of any rule where f falls hardly faster than 1/x, else 0.

    It is infinite where f does not fall faster. Where f goes as x⁻¹ log⁻ᵖ x the slope is
    −1 − p/log x: it must be seen that p is above 1.
    """
    envelope = _sizes(size, sign * FAR[:, None] * WITHIN).max(axis=1)
    if not np.all(envelope > 0):
        return 0.0 if envelope[-1] == 0 else float("inf")
    far = np.log(FAR)
    near, late = -1 - np.diff(np.log(envelope)) / np.diff(far)
    if not (near > BORDER and late > 0):
        return float("inf")
    if late > STEADY * near:
        return 0.0 if late > BORDER else float("inf")
    power = (far[2] - far[0]) / 2 / (1 / late - 1 / near)
    rest = FAR[0] * envelope[0] * far[0] / (power - 1)
    return float(rest) if power > LEAST_POWER else float("inf")


def _power_law(x: Any, envelope: Any) -> float:
    """Return ∫|f| beyond the last octave by the slope of log|f| against log x.

    Where f is x⁻¹ log⁻ᵖ x the slope creeps towards −1 like −1 − p/log x, and its power law gives
    (p − 1)/p of the integral: this is made up for.
    """
    half = len(x) // 2
    with np.errstate(divide="ignore"):
        logs, far = np.log(envelope), np.log(x)
    near, late = (-1 - (logs[j] - logs[i]) / (far[j] - far[i]) for i, j in ((0, half), (half, -1)))
    if not late > 1e-9:
        return float("inf")
    rest, power = float(x[-1] * envelope[-1] / late), late * far[3 * half // 2]
    if np.isfinite(near) and late < STEADY * near:
        return rest * power / (power - 1) if power > 1.02 else float("inf")
    return rest


def end_mass(size: Size, end: float, sign: float, distance: float, room: float) -> float:
    """Return ∫|f| over the last `distance` before a finite singular end; 0 where it is not one.

    `sign` points from the end into the range, which is `room` wide.
    """
    steps = _towards(end, distance, room)
    y = _sizes(size, end + sign * steps)
    if not (y[0] > 0 and np.all(np.isfinite(y)) and y[-1] > 2 * y[0]):
        return 0.0 if np.all(np.isfinite(y)) else float("inf")
    slope = (np.log(y[-1]) - np.log(y[0])) / (np.log(steps[-1]) - np.log(steps[0]))
    at = y[np.argmin(np.abs(steps - distance))]
    if slope > SINGULAR:
        return 0.0
    return float(distance * at / (1 + slope)) if slope > -1 + BORDER else float("inf")


def end_feature(f: Size, end: float, sign: float, distance: float) -> float:
    """Return ∫|f − f(node)| between an end and the node next to it if f turns in between, else 0.

    It does if it changes more over the last eighth of that distance than over the first half.
    """
    least = max(64 * np.spacing(abs(end)), 1e-300)
    count = min(NEAR, int(np.log2(max(distance / least, 1.0))))
    if count < 8:
        return 0.0
    steps = distance * 2.0 ** -np.arange(count + 1)
    with np.errstate(all="ignore"):
        y = f(end + sign * steps)
        off = np.abs(y - y[0])
        flat = np.abs(y[-1] - y[-4]) <= FLAT * off[-1]
        turns = np.abs(y[-1] - y[3]) > TURNS * off[1]
    if not (np.all(np.isfinite(y)) and flat and turns):
        return 0.0
    return float((off[1:] + off[:-1]) @ -np.diff(steps) / 2 + off[-1] * steps[-1])


def _towards(end: float, distance: float, room: float) -> Any:
    """Return distances from the end, the nearest last: inwards where floats can, else outwards."""
    least = max(64 * np.spacing(abs(end)), 1e-300)
    inward = min(NEAR, int(np.log2(max(distance / least, 1.0))))
    if inward >= 10:
        return distance * 2.0 ** -np.arange(inward + 1)
    outward = int(np.clip(np.log2(max(room / 8 / distance, 2.0)), 1, NEAR))
    return distance * 2.0 ** np.arange(outward, -inward - 1, -1.0)


def _sizes(size: Size, x: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.nan_to_num(size(x), nan=0.0, posinf=np.inf)
