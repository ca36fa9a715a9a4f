"""Geodesics of the Fisher metric: distance, exponential and logarithm, balls, means.

Closed forms where a family has them, else collocation and an integrator; `generic=True` asks for
the numbers in any case.
"""

from typing import Any

import numpy as np

from gdviz.geometry.collocation import length, solve_boundary, value_at, velocity
from gdviz.geometry.families import family_of
from gdviz.geometry.family import Family, GeometryError, finite, numbers
from gdviz.geometry.fisher import Name, christoffel, metric, norm
from gdviz.geometry.initial_value import MOST_CALLS, integrate
from gdviz.geometry.unconstrained import from_unconstrained, to_unconstrained

CLOSE = 1e-6  # in free coordinates: nearer, two terms of the series are exact to rounding


def points_of(family: Family, *points: Any, boundary: bool = False) -> list[Any]:
    """Return points `(..., d)` of one shape, each checked."""
    arrays = [family.read(point, boundary) for point in points]
    if all(array.shape == arrays[0].shape for array in arrays):
        return arrays
    try:
        return [np.array(array) for array in np.broadcast_arrays(*arrays)]
    except ValueError:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise GeometryError(f"Points of the shapes {shapes} do not go together.") from None


def vector_of(family: Family, vector: Any, what: str = "The vector") -> Any:
    """Return a vector `(..., d)`, checked."""
    v = numbers(vector, what)
    if v.ndim == 0 or v.shape[-1] != family.d:
        raise GeometryError(f"{what} must have {family.d} component(s), as “{family.label}” has.")
    return v


def with_vector(family: Family, points: list[Any], vector: Any, what: str) -> list[Any]:
    """Return points and a vector at them, broadcast together."""
    v = vector_of(family, vector, what)
    try:
        return [np.array(x) for x in np.broadcast_arrays(*points, v)]
    except ValueError:
        raise GeometryError(f"{what} of the shape {v.shape} does not go with the point.") from None


def times_of(t: Any) -> Any:
    """Return times as an array of numbers."""
    return numbers(t, "The times t")


def distance(family: Name, a: Any, b: Any, generic: bool = False) -> Any:
    """Return the Fisher–Rao distance of points `(..., d)`.

    Raises `GeometryError` for a point outside the family.
    """
    family = family_of(family)
    space = None if generic else family.space
    if space and space.quick_distance and (quick := space.quick_distance(a, b)) is not None:
        return quick
    a, b = _boundary_points(family, a, b)
    if space:
        with np.errstate(all="ignore"):
            return finite(space.distance(a, b), "The distance")
    near = are_close(family, a, b)
    out = norm(family, (a + b) / 2, b - a)
    if np.all(near):
        return out
    return np.where(near, out, length(family, solve_boundary(family, a, far_end(a, b, near))))[()]


def _boundary_points(family: Family, a: Any, b: Any) -> list[Any]:
    return points_of(family, a, b, boundary=family.space is not None)


def are_close(family: Family, a: Any, b: Any) -> Any:
    """Tell where two members are too close to tell their direction."""
    return np.max(np.abs(to_unconstrained(family, b) - to_unconstrained(family, a)), -1) < CLOSE


def far_end(a: Any, b: Any, near: Any) -> Any:
    """Return b, and a itself where b is near: the path there is not used."""
    return np.where(near[..., None], a, b)


def _bend(family: Family, a: Any, b: Any) -> Any:
    """Return ½ Γ(Δ, Δ) halfway: what the chart's straight line misses."""
    step = b - a
    G = christoffel(family, (a + b) / 2)
    return 0.5 * np.einsum("...kij,...i,...j->...k", G, step, step)


def geodesic(family: Name, a: Any, b: Any, t: Any, generic: bool = False) -> Any:
    """Return the geodesic from a (t = 0) to b (t = 1) at times t, of constant speed.

    Points `(..., d)` and t of any shape give `(..., *t.shape, d)`; t beyond 0 ... 1 goes on.
    """
    family = family_of(family)
    space = None if generic else family.space
    if space and space.quick_geodesic and (quick := space.quick_geodesic(a, b, t)) is not None:
        return quick
    a, b = _boundary_points(family, a, b)
    t = times_of(t)
    batch = a.shape[:-1]
    flat = t.reshape(-1)
    start, end = a[..., None, :], b[..., None, :]
    with np.errstate(all="ignore"):
        if space:
            path = space.geodesic(start, end, flat)
        else:
            path = _numeric(family, a, b, flat)
    path = np.where((flat == 0)[:, None], start, np.where((flat == 1)[:, None], end, path))
    return finite(path.reshape(*batch, *t.shape, family.d), "The geodesic")


def _numeric(family: Family, a: Any, b: Any, t: Any) -> Any:
    if np.any((t < 0) | (t > 1)):
        return integrate(family, a, log_map(family, a, b, generic=True), t)
    near = are_close(family, a, b)
    step = (b - a)[..., None, :]
    s = t[:, None]
    series = a[..., None, :] + s * step + (s - s * s) * _bend(family, a, b)[..., None, :]
    if np.all(near):
        return series
    found = from_unconstrained(
        family, value_at(solve_boundary(family, a, far_end(a, b, near)), t)
    ).theta
    return np.where(near[..., None, None], series, found)


def shoot(
    family: Name,
    a: Any,
    velocity: Any,
    t: Any = 1.0,
    generic: bool = False,
    tolerance: float = 1e-12,
    most: int = MOST_CALLS,
) -> Any:
    """Return the geodesic that leaves a with a velocity, at times t: `(..., *t.shape, d)`.

    At t = 1 it is the exponential map; `tolerance` is that of the integrator, if one is needed, and
    `most` how often it may ask for the acceleration.
    Raises `GeometryError` where it leaves the family, as it can where the border is at a finite
    distance.
    """
    family = family_of(family)
    a, v = with_vector(family, points_of(family, a), velocity, "The velocity")
    t = times_of(t)
    flat = t.reshape(-1)
    if family.space is not None and not generic:
        with np.errstate(all="ignore"):
            path = family.space.shoot(a[..., None, :], v[..., None, :], flat)
        path = np.where((flat == 0)[:, None], a[..., None, :], path)
    else:
        path = integrate(family, a, v, flat, tolerance=tolerance, most=most)
    if not np.all(np.isfinite(path)):
        raise GeometryError(
            f"The geodesic leaves “{family.label}”, or the range of numbers, before that time."
        )
    return family.read(path.reshape(*a.shape[:-1], *t.shape, family.d), boundary=True)


def log_map(family: Name, a: Any, b: Any, generic: bool = False) -> Any:
    """Return the velocity at a of the geodesic that arrives in b at time 1, `(..., d)`."""
    family = family_of(family)
    a, b = points_of(family, a, b)
    if family.space is not None and not generic:
        with np.errstate(all="ignore"):
            return finite(family.space.log(a, b), "The logarithm")
    near = are_close(family, a, b)
    series = b - a + _bend(family, a, b)
    if np.all(near):
        return series
    start = velocity(family, solve_boundary(family, a, far_end(a, b, near)))[..., 0, :]
    return np.where(near[..., None], series, start)


def exp_map(family: Name, a: Any, velocity: Any) -> Any:
    """Return where the geodesic with this velocity is at time 1."""
    return shoot(family, a, velocity, 1.0)


def midpoint(family: Name, a: Any, b: Any) -> Any:
    """Return the point halfway between two."""
    return geodesic(family, a, b, 0.5)


def unit_vectors(family: Name, theta: Any, count: int = 100) -> Any:
    """Return `count` vectors of Fisher length 1 around a point of a family with two parameters.

    They are even in angle: L⁻ᵀ (cos φ, sin φ) with g = L Lᵀ. The first and the last are the same.
    """
    family = family_of(family)
    if family.d != 2:
        raise GeometryError(f"“{family.label}” has {family.d} parameter(s); a ring needs two.")
    factor = np.linalg.cholesky(metric(family, theta))
    angle = np.linspace(0, 2 * np.pi, count)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    return np.swapaxes(np.linalg.solve(np.swapaxes(factor, -1, -2), circle), -1, -2)


def ball(family: Name, centre: Any, radius: float, count: int = 100) -> Any:
    """Return the rim of a geodesic ball, `(..., count, 2)`."""
    rays = float(radius) * unit_vectors(family, centre, count)
    return shoot(family, np.asarray(centre, float)[..., None, :], rays, 1.0)


def path_length(family: Name, curve: Any) -> Any:
    """Return the Fisher length of a polyline `(..., n, d)`, straight between its points.

    Each piece is integrated by Gauss–Legendre with 24 points.
    """
    family = family_of(family)
    curve = family.read(curve)
    x, w = np.polynomial.legendre.leggauss(24)
    step = np.diff(curve, axis=-2)
    along = curve[..., :-1, None, :] + (x[:, None] + 1) / 2 * step[..., None, :]
    return (norm(family, along, step[..., None, :]) @ (w / 2)).sum(-1)


def straight_length(family: Name, a: Any, b: Any) -> Any:
    """Return the Fisher length of the straight line between two points, never below the distance.

    The line is cut where the metric changes fast: evenly in the free coordinates of the family.
    """
    family = family_of(family)
    a, b = points_of(family, a, b)
    t = np.concatenate([[0], np.geomspace(1e-12, 0.5, 40)])
    t = np.concatenate([t, 1 - t[-2::-1]])
    return path_length(family, a[..., None, :] + t[:, None] * (b - a)[..., None, :])
