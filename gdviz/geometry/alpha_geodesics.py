"""Geodesics of the α-connections: straight lines in natural or expectation parameters, and between.

α = 1 is the exponential (e-) connection, −1 the mixture (m-) one, 0 the Fisher metric's own.
"""

from typing import Any

import numpy as np

from gdviz.geometry.collocation import solve_boundary, value_at
from gdviz.geometry.families import family_of
from gdviz.geometry.family import Duals, Family, GeometryError, finite
from gdviz.geometry.fisher import Name, natural_direction
from gdviz.geometry.geodesics import geodesic, points_of, times_of
from gdviz.geometry.unconstrained import from_unconstrained, to_unconstrained


def alpha_geodesic(family: Name, a: Any, b: Any, t: Any, alpha: float) -> Any:
    """Return the α-geodesic from a to b at times t of 0 ... 1, `(..., *t.shape, d)`.

    Raises `GeometryError` for a family that is not exponential, unless α = 0.
    """
    family = family_of(family)
    if alpha == 0:
        return geodesic(family, a, b, t)
    if family.duals is None:
        raise GeometryError(f"“{family.label}” is not an exponential family: no α-geodesics.")
    if not -1 <= alpha <= 1:
        raise GeometryError("α lies between −1 (mixture) and 1 (exponential).")
    a, b = points_of(family, a, b)
    t = times_of(t)
    if np.any((t < 0) | (t > 1)):
        raise GeometryError("The times t of an α-geodesic lie between 0 and 1.")
    flat = t.reshape(-1)
    with np.errstate(all="ignore"):
        path = _path(family, family.duals, a, b, flat, alpha)
    start, end = a[..., None, :], b[..., None, :]
    path = np.where((flat == 0)[:, None], start, np.where((flat == 1)[:, None], end, path))
    return finite(path.reshape(*a.shape[:-1], *t.shape, family.d), "The α-geodesic")


def _path(family: Family, duals: Duals, a: Any, b: Any, t: Any, alpha: float) -> Any:
    if alpha == 1:
        return duals.from_natural(_straight(duals.natural(a), duals.natural(b), t))
    if alpha == -1:
        means = _straight(duals.expectation(a), duals.expectation(b), t)
        guess = duals.from_natural(_straight(duals.natural(a), duals.natural(b), t))
        return from_expectation(family, means, guess)
    return from_unconstrained(family, value_at(solve_boundary(family, a, b, alpha), t)).theta


def _straight(a: Any, b: Any, t: Any) -> Any:
    return a[..., None, :] + t[:, None] * (b - a)[..., None, :]


def from_expectation(family: Family, means: Any, guess: Any) -> Any:
    """Return θ with the given expectation parameters, in closed form or by Newton's method.

    ∂m/∂θ = (∂η/∂θ)⁻ᵀ g, so that the step is g⁻¹ (∂η/∂θ)ᵀ (m − m(θ)), taken in free coordinates.
    """
    duals = family.duals
    assert duals is not None
    if duals.from_expectation is not None:
        return duals.from_expectation(means)
    u = to_unconstrained(family, guess)
    for _ in range(60):
        free = from_unconstrained(family, u)
        miss = means - duals.expectation(free.theta)
        pulled = np.einsum("...ai,...a->...i", duals.slope(free.theta), miss)
        step = np.clip(natural_direction(family, free.theta, pulled) / free.slope, -1, 1)
        u = u + step
        if np.max(np.abs(step)) < 1e-14 * (1 + np.max(np.abs(u))):
            break
    return from_unconstrained(family, u).theta


def e_geodesic(family: Name, a: Any, b: Any, t: Any) -> Any:
    """Return the straight line in natural parameters."""
    return alpha_geodesic(family, a, b, t, 1.0)


def m_geodesic(family: Name, a: Any, b: Any, t: Any) -> Any:
    """Return the straight line in expectation parameters."""
    return alpha_geodesic(family, a, b, t, -1.0)
