"""What the rooms of the page *geometry* compute: paths, flights, carried vectors, estimates."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached, freeze
from gdviz.geometry import (
    FAMILIES,
    GeometryError,
    Ladder,
    christoffel,
    distance,
    e_geodesic,
    euclid,
    geodesic,
    hellinger,
    holonomy,
    kl,
    ladder,
    m_geodesic,
    metric,
    norm,
    parallel_transport,
    path_length,
    shoot,
    straight_length,
    transport_along,
    transported_along,
    wasserstein,
)
from gdviz.geometry.family import OutOfReach
from gdviz.geometry.geodesics import unit_vectors
from gdviz.geometry.optimal_transport import displacement
from gdviz.geometry.planes import PLANE_FAMILIES, clamp_to_plane, densities, outcomes
from gdviz.topics.geometry.settings import Geometry, corners, has_path, point, vector

STEPS = 60
T = np.linspace(0, 1, STEPS + 1)
freeze(T)  # results share it
RADII = (0.25, 0.5, 0.75, 1.0)
RUNGS = (1, 2, 4, 8)
DRAWN = 1e-7  # what an integrator owes to a picture
NEAR = 0.998  # of the time to the border: as far as a path is drawn
FLOWS = 600  # accelerations that one try of a flight may ask for; a calm one asks two hundred times


class GeodesicsResult(NamedTuple):
    """Paths between two distributions, and the densities along the chosen one.

    `paths[name]` is `(n + 1, 2)`, `lengths[name]` its Fisher length; `x`, `p` `(n + 1, m)`.
    """

    a: Any
    b: Any
    paths: dict[str, Any]
    lengths: dict[str, float]
    chosen: str
    x: Any
    p: Any
    travelled: Any


def _wasserstein_points(name: str, a: Any, b: Any) -> Any:
    """Return the Wasserstein path in the parameters, which normals alone have: straight in μ, σ."""
    chart = FAMILIES[name].chart
    if name == "normal":
        return a + T[:, None] * (b - a)
    if chart is None:
        return None
    first, last = chart.forward(a), chart.forward(b)
    return chart.inverse(first + T[:, None] * (last - first))


@cached
def geodesics_result(spec: Geometry) -> GeodesicsResult:
    """Return the paths between a and b."""
    name, a, b = spec.family, point(spec, "a"), point(spec, "b")
    paths = {"fisher": geodesic(name, a, b, T), "straight": a + T[:, None] * (b - a)}
    if has_path(name, "e"):
        paths["e"], paths["m"] = e_geodesic(name, a, b, T), m_geodesic(name, a, b, T)
    moving = _wasserstein_points(name, a, b)
    if moving is not None:
        paths["wasserstein"] = moving
    lengths = {key: float(path_length(name, path)) for key, path in paths.items()}
    lengths["fisher"] = float(distance(name, a, b))
    lengths["straight"] = float(straight_length(name, a, b))
    chosen = spec.path if has_path(name, spec.path) else "fisher"
    x, p = _densities(name, a, b, chosen, paths)
    walked = paths[chosen if chosen in paths else "fisher"]
    steps = path_length(name, np.stack([walked[:-1], walked[1:]], 1))
    return GeodesicsResult(
        a, b, paths, lengths, chosen, x, p, np.concatenate([[0], np.cumsum(steps)])
    )


def _densities(name: str, a: Any, b: Any, chosen: str, paths: dict[str, Any]) -> tuple[Any, Any]:
    if chosen in paths:
        x = outcomes(name)
        return np.broadcast_to(x, (STEPS + 1, len(x))), densities(name, paths[chosen], x)
    s = np.linspace(-2.6, 2.6, 241)
    return displacement(FAMILIES[name], a, b, T, 1 / (1 + np.exp(-np.pi * np.sinh(s))))


def measures_between(name: str, a: Any, b: Any) -> dict[str, float | None]:
    """Return how far b is from a by the measures of every family, None where one is not known."""
    return {
        "Fisher–Rao": float(distance(name, a, b)),
        "straight line": float(straight_length(name, a, b)),
        "Euclid": float(euclid(name, a, b)),
        "KL(a ‖ b)": float(kl(name, a, b)),
        "KL(b ‖ a)": float(kl(name, b, a)),
        "Hellinger": hellinger(name, a, b),
    }


def measures(spec: Geometry) -> dict[str, float | None]:
    """Return how far b is from a by every measure, None where a family has none."""
    name, a, b = spec.family, point(spec, "a"), point(spec, "b")
    moved = wasserstein(name, a, b) if has_path(name, "wasserstein") else None
    return measures_between(name, a, b) | {"Wasserstein": moved}


class ShootingResult(NamedTuple):
    """A geodesic shot from a: `path (n + 1, 2)` at times `t`, and what is drawn around a.

    `border` is the time at which it reaches the family's border, where it does.
    """

    a: Any
    v: Any
    t: Any
    path: Any
    border: float | None
    speed: float
    balls: Any
    rays: Any


@cached
def shooting_result(spec: Geometry) -> ShootingResult:
    """Return the geodesic that leaves a with the vector's velocity."""
    name, a, v = spec.family, point(spec, "a"), vector(spec)
    speed = float(norm(name, a, v))
    span = min(spec.time, 60 / max(speed, 1e-9))
    t, path, border = _followed(name, a, v, span)
    balls, rays = _around(name, a) if {"balls", "grid"} & set(spec.overlays) else (None, None)
    return ShootingResult(a, v, t, path, border, speed, balls, rays)


def _followed(name: str, a: Any, v: Any, span: float) -> tuple[Any, Any, float | None]:
    """Follow a geodesic for a time, or as far as the family goes."""
    low, end, high, best = 0.0, span, span, None
    for _ in range(12):
        try:
            best = (end, shoot(name, a, v, end * T, tolerance=DRAWN, most=FLOWS))
        except OutOfReach as error:  # the integrator's steps have shrunk to nothing: at the border
            end = high = NEAR * min(end, error.reached)
            continue
        except GeometryError:
            high = end
        else:
            low = end
            if end == high:
                break
        end = (low + high) / 2
    if best is None:
        return 0 * T, np.broadcast_to(a, (STEPS + 1, 2)), 0.0
    end, path = best
    return end * T, path, None if end == span else end


def _around(name: str, a: Any) -> tuple[Any, Any]:
    """Return the rims of balls `(radii, points, 2)` and rays `(rays, points, 2)` around a."""
    rays = unit_vectors(name, a, 49)
    for count in range(len(RADII), 0, -1):
        try:
            rims = shoot(name, a, rays, RADII[:count], tolerance=DRAWN, most=FLOWS)
        except GeometryError:  # the border is nearer than that
            continue
        whole = np.concatenate([np.broadcast_to(a, (49, 1, 2)), rims], 1)
        return np.swapaxes(rims, 0, 1), whole[::4]
    return np.empty((0, 49, 2)), np.empty((0, 1, 2))


def bending_terms(spec: Geometry, count: tuple[int, int] = (12, 9)) -> tuple[Any, Any]:
    """Return points `(k, 2)` and −Γ(v, v) there: the acceleration of a geodesic with velocity v."""
    plane = PLANE_FAMILIES[spec.family]
    axes = [np.linspace(lo, hi, n) for lo, hi, n in zip(plane.low, plane.high, count, strict=True)]
    grid = np.stack(np.meshgrid(*axes), -1).reshape(-1, 2)
    at = np.array([p for p in grid if np.allclose(clamp_to_plane(spec.family, *p), p)])
    G, v = christoffel(spec.family, at), vector(spec)
    return at, -np.einsum("nkij,i,j->nk", G, v, v)


class TransportResult(NamedTuple):
    """A vector carried along a path: `path`, `vectors (n + 1, 2)`, `angle (n + 1,)` in radians.

    The angle is that of the vector in an orthonormal frame fixed to the axes, from where it began;
    `expected` is the integral of the curvature over what the loop encloses, None on a geodesic.
    """

    path: Any
    vectors: Any
    angle: Any
    expected: float | None
    ladder: Ladder | None
    exact: Any


@cached
def transport_result(spec: Geometry) -> TransportResult:
    """Return the vector carried along the geodesic, or around the loop."""
    name, v = spec.family, vector(spec)
    if spec.way == "loop":
        points = corners(spec)
        closed = np.concatenate([points, points[:1]])
        fine = max(2, STEPS * 2 // len(points))
        share = np.arange(fine)[:, None] / fine
        legs = [p + share * (q - p) for p, q in zip(closed[:-1], closed[1:], strict=True)]
        path = np.concatenate([*legs, closed[-1:]])
        vectors = transport_along(name, path, v)
        expected = holonomy(name, points).curvature if len(points) > 2 else 0.0
        return TransportResult(
            path, vectors, _turned(name, path, vectors), expected, None, vectors[-1]
        )
    a, b = point(spec, "a"), point(spec, "b")
    path = geodesic(name, a, b, T)
    vectors = transported_along(name, a, b, v, T)
    built = _built(spec, a, b, v)
    return TransportResult(path, vectors, _turned(name, path, vectors), None, built, vectors[-1])


def _built(spec: Geometry, a: Any, b: Any, v: Any) -> Ladder | None:
    """Return the ladder with rungs of 1/rungs of the vector, None where there is no room for it."""
    if spec.ladder == "none":
        return None
    with suppress(GeometryError):
        return ladder(spec.family, a, b, v, spec.rungs, spec.ladder, 1 / spec.rungs)
    return None


def _turned(name: str, path: Any, vectors: Any) -> Any:
    """Return the angle of vectors in the orthonormal frame g = L Lᵀ, from the first one's."""
    factor = np.swapaxes(np.linalg.cholesky(metric(name, path)), -1, -2)
    flat = np.einsum("nij,nj->ni", factor, vectors)
    angle = np.unwrap(np.arctan2(flat[:, 1], flat[:, 0]))
    return angle - angle[0]


def ladder_errors(spec: Geometry) -> Iterator[tuple[float, dict[str, list[float]]]]:
    """Yield the share done and the relative error of both ladders with `RUNGS` rungs."""
    name, a, b, v = spec.family, point(spec, "a"), point(spec, "b"), vector(spec)
    exact = parallel_transport(name, a, b, v)
    size = float(norm(name, b, exact)) or 1.0
    found: dict[str, list[float]] = {"pole": [], "schild": []}
    for k, rungs in enumerate(RUNGS):
        for kind, rows in found.items():
            try:
                off = ladder(name, a, b, v, rungs, kind).vector - exact
                rows.append(float(norm(name, b, off)) / size)
            except GeometryError:
                rows.append(float("nan"))
        yield (k + 1) / len(RUNGS), found
