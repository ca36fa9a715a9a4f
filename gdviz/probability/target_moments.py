"""What is true of a target: its reach, its marginals and moments, or that they are not known.

In one variable the mass is found by its humps, wherever they are. In two it is followed: a box
grows while the density is not small at its sides, and shrinks to where it is not; the moments count
as known if a finer grid over a wider box has the same.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from gdviz.expressions import formula
from gdviz.probability.target import Box, Target
from gdviz.probability.target_law import law_of_target
from gdviz.probability.validation import DoesNotExist, ProbabilityError

DEEP = 32.0  # a box holds what is within e^−32 of the peak
COARSE, FINE, WIDER = 401, 601, 1.4
SIDE = 81
ROUNDS = 60
STARTS = 4.0 ** np.arange(0, 12)  # the first boxes, in windows
SAME_MEAN, SAME_SPREAD = 1e-3, 1e-2  # in standard deviations, and of the covariance
TINY = 1e-12


class Moments(NamedTuple):
    """Mean `(d,)`, covariance `(d, d)`, and whether they are `exact` or by quadrature.

    Not a number where a moment does not exist, or is not known.
    """

    mean: np.ndarray
    cov: np.ndarray
    exact: bool

    @property
    def known(self) -> bool:
        """Whether every mean is known."""
        return bool(np.isfinite(self.mean).all())


def reach_of(target: Target) -> Box:
    """Return the box over which a density is integrated: its own, or where its mass was found."""
    if target.reach is not None:
        return target.reach
    if target.mean is not None:
        return _windows(target, 3.0)
    return _found_reach(target)


@lru_cache(maxsize=64)
def _found_reach(target: Target) -> Box:
    try:
        if target.d == 1:
            law = law_of_target(target)
            return ((float(law.ppf(TINY)), float(law.isf(TINY))),)
        return _followed(target) or _windows(target, 3.0)
    except ProbabilityError:
        return _windows(target, 3.0)


def _windows(target: Target, wide: float) -> Box:
    """Return a box so many windows wide, within the bounds."""
    box = np.array(target.box)
    middle, half = box.mean(axis=1), wide * np.ptp(box, axis=1) / 2
    return _bounded(target, np.stack([middle - half, middle + half], axis=1))


def _bounded(target: Target, box: np.ndarray) -> Box:
    bounds = np.array(target.bounds or [(-np.inf, np.inf)] * target.d)
    inside = np.clip(box, bounds[:, :1], bounds[:, 1:])
    return tuple((float(lo), float(hi)) for lo, hi in inside)


def _followed(target: Target) -> Box | None:
    """Return the box that holds the mass, from the window or from where a wider one sees it."""
    best: float = -np.inf
    start: Box | None = None
    for wide in STARTS:
        box = _windows(target, 3.0 * wide)
        top = _table(target, box, SIDE)[1].max()
        if top > best + 1.0:
            best, start = top, box
    found = start
    for step in _steps(target, start):
        found = step
    return found


def _steps(target: Target, box: Box | None) -> Iterator[Box | None]:
    """Yield the boxes on the way from one to that which holds the mass; None if none does."""
    for _ in range(ROUNDS):
        if box is None:
            return
        sides, logs = _table(target, box, SIDE)
        kept = np.argwhere(logs > logs.max() - DEEP)
        first, last = kept.min(axis=0), kept.max(axis=0)
        new = []
        for side, i, j in zip(sides, first, last, strict=True):
            step = side[1] - side[0]
            grow = (side[-1] - side[0]) / 2
            lo = side[0] - grow if i == 0 else side[i] - step
            new.append((lo, side[-1] + grow if j == SIDE - 1 else side[j] + step))
        found = _bounded(target, np.array(new))
        if np.allclose(found, box, rtol=0.02, atol=0.02 * np.ptp(np.array(box))):
            return
        box = found
        yield box
    yield None


def _table(target: Target, box: Box, size: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the sides of a grid over a box, and the log-density on it."""
    sides = [np.linspace(lo, hi, size) for lo, hi in box]
    points = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1)
    return sides, _numbers(target.log_density(points))


def marginal(target: Target, axis: int, at: Any) -> np.ndarray:
    """Return the marginal density of one coordinate at values `(n,)`.

    By its own formula where the target has one, else by the trapezoid rule over the other
    coordinate; normalised by `log_z`, or over the reach.
    """
    at = np.asarray(at, dtype=float)
    if target.d == 1 and target.log_z is None and target.reach is None:
        return np.asarray(law_of_target(target).pdf(at))
    if target.log_z is not None:
        return np.exp(_log_marginal(target, axis, at) - target.log_z)
    side = np.linspace(*reach_of(target)[axis], 1201)
    logs = _log_marginal(target, axis, side)
    top = np.max(logs)
    total = np.trapezoid(np.exp(logs - top), side)
    return np.exp(_log_marginal(target, axis, at) - top) / total


def _log_marginal(target: Target, axis: int, at: np.ndarray) -> np.ndarray:
    if target.d == 1:
        logs = target.log_density(at[:, None])
    elif target.marginals and target.marginals[axis]:
        own = formula(target.marginals[axis], (target.variables[axis],))
        logs = np.asarray(own.value(at))
    else:
        lo, hi = reach_of(target)[1 - axis]
        other = np.linspace(lo, hi, 1601)
        points = np.empty((len(at), len(other), 2))
        points[..., axis], points[..., 1 - axis] = at[:, None], other
        table = _numbers(target.log_density(points))
        top = np.maximum(table.max(axis=1, keepdims=True), -1e300)
        with np.errstate(divide="ignore"):
            logs = np.log(np.trapezoid(np.exp(table - top), other, axis=1)) + top[:, 0]
    return _numbers(logs)


def _numbers(logs: Any) -> np.ndarray:
    """Return logarithms with minus infinity for what is not a number."""
    return np.where(np.isnan(logs), -np.inf, logs)


@lru_cache(maxsize=64)
def moments(target: Target) -> Moments:
    """Return the moments of a target, by quadrature where none are known exactly."""
    if target.mean is not None and target.cov is not None:
        return Moments(np.array(target.mean), np.array(target.cov), True)
    if target.d == 1 and target.reach is None:
        return _of_law(target)
    box = reach_of(target)
    found, other = _by_grid(target, box, COARSE), _by_grid(target, _wider(target, box), FINE)
    return found if _agree(found, other) else _unknown(target.d)


def _of_law(target: Target) -> Moments:
    try:
        mean, variance = law_of_target(target).moments
    except (DoesNotExist, ProbabilityError):
        return _unknown(1)
    known = [np.nan if m is None else m for m in (mean, variance)]
    return Moments(np.array([known[0]]), np.array([[known[1]]]), False)


def _unknown(d: int) -> Moments:
    return Moments(np.full(d, np.nan), np.full((d, d), np.nan), False)


def _wider(target: Target, box: Box) -> Box:
    if target.reach is not None:
        return box  # it is known to hold the mass, and may end where the density does
    sides = np.array(box)
    half = WIDER * np.ptp(sides, axis=1) / 2
    return _bounded(
        target, np.stack([sides.mean(axis=1) - half, sides.mean(axis=1) + half], axis=1)
    )


def _by_grid(target: Target, box: Box, size: int) -> Moments:
    """Return the moments over a box by the trapezoid rule."""
    sides, logs = _table(target, box, size)
    points = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, target.d)
    weights = np.exp(logs.ravel() - np.max(logs))
    weights /= weights.sum()
    mean = weights @ points
    away = points - mean
    return Moments(mean, (away * weights[:, None]).T @ away, False)


def _agree(a: Moments, b: Moments) -> bool:
    spread = np.sqrt(np.maximum(np.diag(b.cov), 1e-300))
    near = np.all(np.abs(a.mean - b.mean) <= SAME_MEAN * spread)
    return bool(near and np.all(np.abs(a.cov - b.cov) <= SAME_SPREAD * np.outer(spread, spread)))
