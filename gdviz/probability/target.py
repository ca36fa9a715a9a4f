"""A target is the text of a log-density: value, gradient, LaTeX and compiled code come from it.

It need not be normalised. Everything is computed in log space; a log-density that is not a number,
or that is minus infinity, says that a point has no probability.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
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


def float_box(box: Box) -> Box:
    """Return a box with its ends as floats."""
    return tuple((float(lo), float(hi)) for lo, hi in box)
