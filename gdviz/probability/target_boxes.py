"""Where the mass of a typed density of two variables lies: a box around every hump that is found.

The humps are climbed to from starts at all distances, on the log-density and on the exponents of
the exponentials that it is made of: far from its hump an exponential is 0, its exponent is not.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from gdviz.probability.target import Box, Target

DEEP = 32.0  # a box holds what is within e^−32 of the peak
SIDE = 81
ROUNDS = 60
SAME = 0.02  # of its sides, by which the last box may differ from the one before
CLIMBS = 90
MOST = 6
STARTS = 4.0 ** np.arange(0, 12)  # the first distances, in windows
_AROUND = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], float)
_ANGLES = np.pi * np.arange(16) / 8 + 0.1


def windows(target: Target, wide: float) -> Box:
    """Return a box so many windows wide, within the bounds."""
    box = np.array(target.box)
    middle, half = box.mean(axis=1), wide * np.ptp(box, axis=1) / 2
    return box_within_bounds(target, np.stack([middle - half, middle + half], axis=1))


def box_within_bounds(target: Target, box: np.ndarray) -> Box:
    """Return a box cut off at the bounds of a target."""
    inside = np.clip(box.T, *_corners(target)).T
    return tuple((float(lo), float(hi)) for lo, hi in inside)


def table(target: Target, box: Box, size: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the sides of a grid over a box, and the log-density on it."""
    sides = [np.linspace(lo, hi, size) for lo, hi in box]
    points = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1)
    return sides, numbers(target.log_density(points))


def numbers(logs: Any) -> np.ndarray:
    """Return logarithms with minus infinity for what is not a number."""
    return np.where(np.isnan(logs), -np.inf, logs)


@lru_cache(maxsize=64)
def mass_boxes(target: Target) -> tuple[Box, ...]:
    """Return disjoint boxes that hold the mass of a density of two variables; none if unbounded."""
    found: list[Box] = []
    for peak, width in _peaks(target):
        if any(_holds(box, peak) for box in found):
            continue
        sides = np.stack([peak - width, peak + width], axis=1)
        box = _followed(target, box_within_bounds(target, sides))
        if box is None or len(found) == MOST:
            return ()
        found = _merged(found, box)
    return tuple(found)


def _holds(box: Box, point: np.ndarray) -> bool:
    return all(lo <= x <= hi for (lo, hi), x in zip(box, point.tolist(), strict=True))


def _merged(boxes: list[Box], new: Box) -> list[Box]:
    """Return boxes with a new one, those that overlap made one."""
    for box in boxes:
        if all(a[0] <= b[1] and b[0] <= a[1] for a, b in zip(box, new, strict=True)):
            both = tuple((min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(box, new, strict=True))
            return _merged([b for b in boxes if b is not box], both)
    return [*boxes, new]


def _followed(target: Target, box: Box) -> Box | None:
    """Return the box that holds the mass around a peak; None if it grows for ever."""
    found: Box | None = box
    for step in _steps(target, box):
        found = step
    return found


def _steps(target: Target, box: Box) -> Iterator[Box | None]:
    """Yield the boxes on the way from one to that which holds the mass; None if none does."""
    for _ in range(ROUNDS):
        sides, logs = table(target, box, SIDE)
        kept = np.argwhere(logs > logs.max() - DEEP)
        if not len(kept):
            break
        first, last = kept.min(axis=0), kept.max(axis=0)
        new = []
        for side, i, j in zip(sides, first, last, strict=True):
            step = side[1] - side[0]
            grow = (side[-1] - side[0]) / 2
            lo = side[0] - grow if i == 0 else side[i] - step
            new.append((lo, side[-1] + grow if j == SIDE - 1 else side[j] + step))
        found = box_within_bounds(target, np.array(new))
        settled = np.abs(np.array(found) - box) <= SAME * np.ptp(np.array(box), axis=1)[:, None]
        if settled.all():
            return
        box = found
        yield box
    yield None


def _peaks(target: Target) -> list[tuple[np.ndarray, float]]:
    """Return the humps within e^−32 of the highest, the highest first, and how wide each may be."""
    from gdviz.expressions.landmarks import exponents_of  # which imports sympy

    climbed = [_climbed(lambda x: numbers(target.log_density(x)), _starts(target))]
    for exponent in exponents_of(target.formula):
        climbed.append(_climbed(_quiet(exponent), _starts(target)))
    points = np.concatenate(climbed)
    logs = numbers(target.log_density(points))
    order = np.argsort(-logs, kind="stable")
    order = order[(logs[order] > logs.max() - DEEP) & (logs[order] > -np.inf)]
    return [(points[i], _width(target, points[i], float(logs[i]))) for i in order]


def _quiet(function: Callable[..., Any]) -> Callable[[Any], Any]:
    def value(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return numbers(function(x[..., 0], x[..., 1]) + 0.0 * x[..., 0])

    return value


def _starts(target: Target) -> tuple[np.ndarray, np.ndarray]:
    """Return points at all distances from the window `(n, 2)`, and first steps `(n, 1)`."""
    box = np.array(target.box)
    middle, half = box.mean(axis=1), np.ptp(box, axis=1).max() / 2
    rings = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=-1)
    near = np.stack(np.meshgrid(*(np.linspace(lo, hi, 7) for lo, hi in box)), axis=-1)
    points = [near.reshape(-1, 2), *(middle + half * wide * rings for wide in STARTS)]
    steps = [np.full(49, half / 4), *(np.full(16, half * wide / 2) for wide in STARTS)]
    return np.clip(np.concatenate(points), *_corners(target)), np.concatenate(steps)[:, None]


def _corners(target: Target) -> np.ndarray:
    """Return the lower and the upper bounds `(2, d)`."""
    return np.array(target.bounds or [(-np.inf, np.inf)] * target.d).T


def _climbed(log: Callable[[Any], Any], starts: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return where steps to the best of eight neighbours lead, doubled or halved on the way."""
    x, step = starts
    for _ in range(CLIMBS):
        around = x[:, None] + step[:, None] * _AROUND
        best = np.argmax(log(around), axis=1)
        still = best == 4  # the middle of the nine, also where all are −∞
        x = around[np.arange(len(x)), best]
        step = np.where(still[:, None], step / 2, step)
    return x


def _width(target: Target, peak: np.ndarray, top: float) -> float:
    """Return over how many units the log-density falls by one around a peak, in some direction."""
    size = max(float(np.abs(peak).max()), 1.0)
    steps = size * 2.0 ** np.arange(-45, 10)
    around = np.clip(peak + steps[:, None, None] * _AROUND, *_corners(target))
    logs = numbers(target.log_density(around)).min(axis=1)
    return float(steps[int(np.argmax(logs < top - 1.0))])
