"""A target is the text of a log-density: value, gradient, LaTeX and compiled code come from it.

It need not be normalised. Everything is computed in log space; a log-density that is not a number,
or that is minus infinity, says that a point has no probability.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from gdviz.expressions import Formula, formula

Box = tuple[tuple[float, float], ...]


class SamplerError(ValueError):
    """A question that no sampler can answer; the message is one sentence, fit for a page."""


class Component(NamedTuple):
    """A normal in a mixture: its share, its mean `(d,)` and covariance `(d, d)`, as tuples."""

    weight: float
    mean: tuple[float, ...]
    cov: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Target:
    """A density of one or two variables, by the text of its logarithm up to a constant.

    `box` is the window worth looking at, where chains start; `reach` holds all but a trifle of the
    mass; outside `bounds` the density is zero. Where they are known exactly: `mean (d,)`,
    `cov (d, d)`, the logarithm `log_z` of the density's integral, `draw(rng, n) -> (n, d)`, the
    log-densities of the marginals as texts, and the normals of which it is a `mixture`.
    """

    text: str
    variables: tuple[str, ...] = ("x",)
    name: str = "typed"
    box: Box = ((-5.0, 5.0),)
    reach: Box | None = None
    bounds: Box | None = None
    mean: tuple[float, ...] | None = None
    cov: tuple[tuple[float, ...], ...] | None = None
    log_z: float | None = None
    draw: Callable[[np.random.Generator, int], np.ndarray] | None = field(
        default=None, compare=False
    )
    marginals: tuple[str, ...] = ()
    mixture: tuple[Component, ...] = ()
    teaches: str = ""

    @property
    def d(self) -> int:
        """The number of variables."""
        return len(self.variables)

    @property
    def ready(self) -> bool:
        """Whether it is one of our own, which teach something: no visitor has typed it."""
        return bool(self.teaches)

    @property
    def formula(self) -> Formula:
        """The checked formula with its derivatives."""
        return formula(self.text, self.variables)

    def log_density(self, x: Any) -> Any:
        """Return the log-density at points `(..., d)`, shape `(...)`; −inf outside the bounds."""
        points = _points(x, self)
        with np.errstate(all="ignore"):
            values = self.formula.value(*_coordinates(points))
        return np.where(_inside(points, self.bounds), values, -np.inf)[()]

    def grad(self, x: Any) -> Any:
        """Return the gradient of the log-density at points `(..., d)`, shape `(..., d)`."""
        with np.errstate(all="ignore"):
            parts = self.formula.gradient(*_coordinates(_points(x, self)))
        return np.stack(parts, axis=-1)


def _points(x: Any, target: Target) -> np.ndarray:
    points = np.asarray(x, dtype=float)
    if points.ndim == 0 and target.d == 1:
        points = points[None]
    if points.ndim == 0 or points.shape[-1] != target.d:
        names = ", ".join(target.variables)
        raise SamplerError(
            f"points of shape {points.shape} given; the last axis must be {target.d} ({names})."
        )
    return points


def _coordinates(points: np.ndarray) -> tuple[np.ndarray, ...]:
    return tuple(points[..., j] for j in range(points.shape[-1]))


def _inside(points: np.ndarray, bounds: Box | None) -> Any:
    if bounds is None:
        return True
    lo, hi = np.array(bounds).T
    return ((points >= lo) & (points <= hi)).all(axis=-1)


def _floats(box: Box) -> Box:
    return tuple((float(lo), float(hi)) for lo, hi in box)


class DensityCheck(NamedTuple):
    """What is wrong with a density as a whole: a status and a sentence; `ok` for nothing."""

    status: str
    reason: str


@lru_cache(maxsize=256)
def check_density(target: Target) -> DensityCheck:
    """Say whether a density falls off far away, by rays from the middle of its window.

    A density of d variables has a finite integral only if it falls faster than the distance to the
    power −d. This looks along 16 rays, so a ridge between them may escape it.
    """
    if target.bounds and np.isfinite(np.array(target.bounds)).all():
        return DensityCheck("ok", "")
    middle = np.mean(target.box, axis=1)
    far = np.ptp(np.array(target.box)) * np.geomspace(1e2, 1e6, 5)
    angles = np.arange(16) * np.pi / 8 if target.d == 2 else np.array([0.0, np.pi])
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=-1)[:, : target.d]
    values = target.log_density(middle + rays[:, None] * far[:, None])
    values = np.where(np.isnan(values), -np.inf, values)
    with np.errstate(invalid="ignore"):
        slope = np.diff(values, axis=1)[:, 1:] / np.diff(np.log(far))[1:]
    slope = np.where(np.isneginf(values[:, 2:]), -np.inf, slope)
    heavy = np.nanmax(slope, initial=-np.inf)
    if np.any(np.all(slope > 1e-6, axis=1)):
        return DensityCheck("unbounded", _UNBOUNDED)
    here = target.log_density(_grid(target, 21))
    finite = here[np.isfinite(here)]
    if heavy > -target.d - 1e-6 and finite.size and np.ptp(finite) <= 1e-12 * abs(finite).max():
        return DensityCheck("flat", _FLAT)
    if heavy > -target.d - 1e-6:
        return DensityCheck("improper", _IMPROPER)
    return DensityCheck("ok", "")


_UNBOUNDED = (
    "The log-density grows without bound: this is no probability, and the chains run away. "
    "A minus sign may be missing."
)
_FLAT = (
    "The log-density is the same everywhere: without bounds this is no probability, and the "
    "chains wander off for ever."
)
_IMPROPER = (
    "The density does not fall off fast enough to have a finite integral: it is improper, and "
    "no average of these chains means anything."
)


def _grid(target: Target, size: int) -> np.ndarray:
    """Return points of the window, `(size ** d, d)`."""
    sides = [np.linspace(lo, hi, size) for lo, hi in target.box]
    return np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, target.d)


# --- truths by quadrature -------------------------------------------------------------------------


def reach_of(target: Target) -> Box:
    """Return the box over which a density is integrated: its own, or three windows wide."""
    if target.reach is not None:
        return target.reach
    wide = [(2 * lo - hi, 2 * hi - lo) for lo, hi in target.box]
    if target.bounds is None:
        return tuple(wide)
    pairs = zip(wide, target.bounds, strict=True)
    return tuple((max(lo, a), min(hi, b)) for (lo, hi), (a, b) in pairs)


def marginal(target: Target, axis: int, at: Any) -> np.ndarray:
    """Return the marginal density of one coordinate at values `(n,)`.

    By its own formula where the target has one, else by the trapezoid rule over the other
    coordinate; normalised by `log_z`, or over the reach.
    """
    at = np.asarray(at, dtype=float)
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


class Moments(NamedTuple):
    """Mean `(d,)`, covariance `(d, d)`, and whether they are `exact` or by quadrature."""

    mean: np.ndarray
    cov: np.ndarray
    exact: bool


@lru_cache(maxsize=64)
def moments(target: Target) -> Moments:
    """Return the moments of a target, by the trapezoid rule over its reach where none are known."""
    if target.mean is not None and target.cov is not None:
        return Moments(np.array(target.mean), np.array(target.cov), True)
    size = 4001 if target.d == 1 else 801
    sides = [np.linspace(lo, hi, size) for lo, hi in reach_of(target)]
    points = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, target.d)
    logs = _numbers(target.log_density(points))
    weights = np.exp(logs - np.max(logs))
    weights /= weights.sum()
    mean = weights @ points
    away = points - mean
    return Moments(mean, (away * weights[:, None]).T @ away, False)
