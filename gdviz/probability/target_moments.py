"""What is true of a target: its reach, its marginals and moments, or that they are not known.

In one variable the mass is found by its humps, wherever they are. In two a box around every hump
grows while the density is not small at its sides, and shrinks to where it is not; the moments count
as known if finer grids over wider boxes have the same.
"""

from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np

from gdviz.expressions import formula
from gdviz.probability.target import Box, Target
from gdviz.probability.target_boxes import box_within_bounds, mass_boxes, numbers, table, windows
from gdviz.probability.target_law import law_of_target
from gdviz.probability.validation import DoesNotExist, ProbabilityError

COARSE, FINE, WIDER = 401, 601, 1.4
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
    boxes = boxes_of(target)
    sides = zip(*boxes, strict=True)
    return tuple((min(lo for lo, _ in side), max(hi for _, hi in side)) for side in sides)


@lru_cache(maxsize=64)
def boxes_of(target: Target) -> tuple[Box, ...]:
    """Return the boxes over which a density is integrated, more than one for humps far apart."""
    if target.reach is not None:
        return (target.reach,)
    if target.mean is not None:
        return (windows(target, 3.0),)
    try:
        if target.d == 1:
            law = law_of_target(target)
            return (((float(law.ppf(TINY)), float(law.isf(TINY))),),)
        return mass_boxes(target) or (windows(target, 3.0),)
    except ProbabilityError:
        return (windows(target, 3.0),)


def _sides(target: Target, axis: int) -> list[tuple[float, float]]:
    """Return the disjoint intervals of one coordinate over which there is mass."""
    found: list[tuple[float, float]] = []
    for lo, hi in sorted(box[axis] for box in boxes_of(target)):
        if found and lo <= found[-1][1]:
            found[-1] = (found[-1][0], max(hi, found[-1][1]))
        else:
            found.append((lo, hi))
    return found


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
    sides = [np.linspace(*side, 1201) for side in _sides(target, axis)]
    parts = [_log_marginal(target, axis, side) for side in sides]
    top = max(float(np.max(logs)) for logs in parts)
    pieces = zip(parts, sides, strict=True)
    total = sum(float(np.trapezoid(np.exp(logs - top), side)) for logs, side in pieces)
    return np.exp(_log_marginal(target, axis, at) - top) / total


def _log_marginal(target: Target, axis: int, at: np.ndarray) -> np.ndarray:
    if target.d == 1:
        logs = target.log_density(at[:, None])
    elif target.marginals and target.marginals[axis]:
        own = formula(target.marginals[axis], (target.variables[axis],))
        logs = np.asarray(own.value(at))
    else:
        across = [_log_across(target, axis, at, side) for side in _sides(target, 1 - axis)]
        logs = np.logaddexp.reduce(across)
    return numbers(logs)


def _log_across(target: Target, axis: int, at: np.ndarray, side: tuple[float, float]) -> Any:
    """Return the log of the integral over one side of the other coordinate."""
    other = np.linspace(*side, 1601)
    points = np.empty((len(at), len(other), 2))
    points[..., axis], points[..., 1 - axis] = at[:, None], other
    logs = numbers(target.log_density(points))
    top = np.maximum(logs.max(axis=1, keepdims=True), -1e300)
    with np.errstate(divide="ignore"):
        return np.log(np.trapezoid(np.exp(logs - top), other, axis=1)) + top[:, 0]


@lru_cache(maxsize=64)
def moments(target: Target) -> Moments:
    """Return the moments of a target, by quadrature where none are known exactly."""
    if target.mean is not None and target.cov is not None:
        return Moments(np.array(target.mean), np.array(target.cov), True)
    if target.d == 1 and target.reach is None:
        return _of_law(target)
    if target.d == 2 and target.reach is None and not mass_boxes(target):
        return _unknown(target.d)
    boxes = boxes_of(target)
    found = _by_grid(target, boxes, COARSE)
    other = _by_grid(target, tuple(_wider(target, box) for box in boxes), FINE)
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
    middle = sides.mean(axis=1)
    return box_within_bounds(target, np.stack([middle - half, middle + half], axis=1))


def _by_grid(target: Target, boxes: tuple[Box, ...], size: int) -> Moments:
    """Return the moments over boxes that do not overlap, by Gregory's rule in each."""
    tables = [table(target, box, size) for box in boxes]
    top = max(float(np.max(logs)) for _, logs in tables)
    grids = [np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1) for sides, _ in tables]
    points = np.concatenate([grid.reshape(-1, target.d) for grid in grids])
    weights = np.concatenate([(_cells(s) * np.exp(logs - top)).ravel() for s, logs in tables])
    weights /= weights.sum()
    mean = weights @ points
    away = points - mean
    return Moments(mean, (away * weights[:, None]).T @ away, False)


def _cells(sides: list[np.ndarray]) -> Any:
    """Return the area that each point of a grid stands for, by Gregory's rule of order 4."""
    return reduce(np.multiply.outer, [np.diff(s).mean() * _gregory(len(s)) for s in sides])


def _gregory(count: int) -> np.ndarray:
    """Return the trapezoid rule's weights with its ends corrected: a wall may cut a density off."""
    weights = np.ones(count)
    weights[:3] = weights[-1:-4:-1] = [3 / 8, 7 / 6, 23 / 24]
    return weights


def _agree(a: Moments, b: Moments) -> bool:
    spread = np.sqrt(np.maximum(np.diag(b.cov), 1e-300))
    near = np.all(np.abs(a.mean - b.mean) <= SAME_MEAN * spread)
    return bool(near and np.all(np.abs(a.cov - b.cov) <= SAME_SPREAD * np.outer(spread, spread)))
