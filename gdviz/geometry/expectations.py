"""Expectations under any family, by quadrature on its support: the fallback where no form is known.

Trapezoidal sums after a double-exponential change of variable (Takahasi & Mori 1974), which do
not mind singular ends; sums over the outcomes of a discrete family.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.geometry.family import Family, GeometryError

MOST_COUNTS = 200_000


def nodes(family: Family, theta: Any, count: int = 401) -> tuple[Any, Any]:
    """Return points and weights with Σ w h(x) p(x) = E h(x), for one θ `(d,)`."""
    points: tuple[Any, Any] = _SUPPORTS[family.support](theta, family, count)
    return points


def expected_value(family: Family, theta: Any, function: Callable[[Any, Any], Any]) -> Any:
    """Return E h(x, θ) for θ `(..., d)`; h of data `(n, ...)` and one θ answers along that axis."""
    theta = family.read(theta)
    if theta.ndim > 1:
        flat = theta.reshape(-1, family.d)
        out = np.array([expected_value(family, t, function) for t in flat])
        return out.reshape(*theta.shape[:-1], *out.shape[1:])
    x, w = nodes(family, theta)
    with np.errstate(all="ignore"):
        mass = w * np.exp(family.log_density(x, theta))
    kept = mass > 0
    return np.tensordot(mass[kept], function(x[kept], theta), 1)


def expected_metric(family: Family, theta: Any) -> Any:
    """Return the Fisher metric `(..., d, d)` from its definition, E[score scoreᵀ]."""

    def outer(x: Any, t: Any) -> Any:
        s = family.score(x, t)
        return s[:, :, None] * s[:, None, :]

    return expected_value(family, theta, outer)


def _double_exponential(count: int, reach: float) -> tuple[Any, Any]:
    u = np.linspace(-reach, reach, count)
    return 0.5 * np.pi * np.sinh(u), 0.5 * np.pi * np.cosh(u) * (u[1] - u[0])


def _moments(family: Family, theta: Any) -> tuple[Any, Any]:
    """Return a centre and a width of the density, from a few samples with a seed of their own."""
    draws = family.sample(theta, 256, np.random.default_rng(0))
    return np.median(draws, 0), np.std(draws, 0)


def _real(theta: Any, family: Family, count: int) -> tuple[Any, Any]:
    centre, width = _moments(family, theta)
    u = np.linspace(-4.2, 4.2, count)
    return centre + width * np.sinh(u), width * np.cosh(u) * (u[1] - u[0])


def _positive(theta: Any, family: Family, count: int) -> tuple[Any, Any]:
    centre, _ = _moments(family, theta)
    s, ds = _double_exponential(2 * count - 1, 4.5)
    x = centre * np.exp(s)
    return x, x * ds


def _unit(theta: Any, family: Family, count: int) -> tuple[Any, Any]:
    s, ds = _double_exponential(count, 3.2)
    x = 1 / (1 + np.exp(-2 * s))
    inside = (x > 0) & (x < 1)
    return x[inside], (2 * x * (1 - x) * ds)[inside]


def _plane(theta: Any, family: Family, count: int) -> tuple[Any, Any]:
    centre, width = _moments(family, theta)
    x, w = np.polynomial.legendre.leggauss(160)
    axes = [c + 12 * s * x for c, s in zip(centre, width, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    return grid, np.outer(12 * width[0] * w, 12 * width[1] * w).ravel()


def _simplex(theta: Any, family: Family, count: int) -> tuple[Any, Any]:
    x, w = _unit(theta, family, 161)
    first, share = np.meshgrid(x, x, indexing="ij")
    second = (1 - first) * share
    points = np.stack([first, second, (1 - first) * (1 - share)], -1).reshape(-1, 3)
    weights = (np.outer(w, w) * (1 - first)).ravel()
    inside = points.min(-1) > 0
    return points[inside], weights[inside]


def _counts(theta: Any, family: Family, count: int, first: int = 0) -> tuple[Any, Any]:
    centre, width = _moments(family, theta)
    top = int(centre + 60 * width + 60)
    if top > MOST_COUNTS:
        raise GeometryError(f"“{family.label}” has too many outcomes there for a sum over them.")
    x = np.arange(first, top, dtype=float)
    return x, np.ones_like(x)


def _outcomes(theta: Any, family: Family, count: int) -> tuple[Any, Any]:
    x = np.arange(3.0 if family.support == "three outcomes" else 2.0)
    return x, np.ones_like(x)


_SUPPORTS: dict[str, Callable[..., Any]] = {
    "real": _real,
    "positive": _positive,
    "unit": _unit,
    "plane": _plane,
    "simplex": _simplex,
    "counts": _counts,
    "counts from 1": lambda theta, family, count: _counts(theta, family, count, 1),
    "two outcomes": _outcomes,
    "three outcomes": _outcomes,
}
