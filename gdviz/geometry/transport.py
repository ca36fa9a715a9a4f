"""Parallel transport: along geodesics, along any drawn curve, by ladders; and holonomy."""

from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from gdviz.geometry.collocation import BoundaryPath, chebyshev, solve_boundary, value_at, velocity
from gdviz.geometry.families import family_of
from gdviz.geometry.family import Family, GeometryError, finite
from gdviz.geometry.fisher import Name, christoffel, curvature, metric, norm
from gdviz.geometry.geodesics import (
    are_close,
    far_end,
    geodesic,
    log_map,
    points_of,
    shoot,
    vector_of,
    with_vector,
)
from gdviz.geometry.unconstrained import from_unconstrained

ORDER = 24
RUNG = 1e-9  # of the integrator under a ladder, whose own error is far larger


def parallel_transport(family: Name, a: Any, b: Any, vector: Any, generic: bool = False) -> Any:
    """Return a vector at a, carried along the geodesic to b, `(..., d)`."""
    family = family_of(family)
    a, b, v = with_vector(family, points_of(family, a, b), vector, "The vector")
    if family.space is not None and not generic:
        with np.errstate(all="ignore"):
            return finite(family.space.transport(a, b, v), "The transported vector")
    near = are_close(family, a, b)
    G = christoffel(family, (a + b) / 2)
    series = v - np.einsum("...kij,...i,...j->...k", G, b - a, v)
    if np.all(near):
        return series
    path = solve_boundary(family, a, far_end(a, b, near))
    carried = _along(family, path, v[..., :, None])[..., -1, :, 0]
    return np.where(near[..., None], series, carried)


def transported_along(family: Name, a: Any, b: Any, vector: Any, t: Any) -> Any:
    """Return the vector at each of the times t `(n,)` of the geodesic, `(..., n, d)`."""
    family = family_of(family)
    if family.space is None:
        return _interpolated(family, a, b, vector, t)
    path = geodesic(family, a, b, t)
    start = np.broadcast_to(np.asarray(a, float)[..., None, :], path.shape)
    v = vector_of(family, vector)
    return parallel_transport(family, start, path, v[..., None, :])


def _interpolated(family: Family, a: Any, b: Any, vector: Any, t: Any) -> Any:
    """Return the carried vector of one pair, by one collocation and its polynomial."""
    a, b, v = with_vector(family, points_of(family, a, b), vector, "The vector")
    if np.all(are_close(family, a, b)):
        return v + np.asarray(t, float)[:, None] * (parallel_transport(family, a, b, v) - v)
    path = solve_boundary(family, a, b)
    carried = _along(family, path, v[..., :, None])[..., 0]
    return value_at(path._replace(u=carried), t)


def _along(family: Family, path: BoundaryPath, start: Any) -> Any:
    """Return vectors `start (..., d, m)` carried along a path, `(..., N + 1, d, m)`."""
    theta, speed = from_unconstrained(family, path.u).theta, velocity(family, path)
    return _solve(_turning(family, theta, speed), path.nodes.D, start)


def _turning(family: Family, theta: Any, speed: Any) -> Any:
    """Return the matrix M of V̇ = M V: −Γᵏᵢⱼ θ̇ⁱ."""
    return -np.einsum("...kij,...i->...kj", christoffel(family, theta), speed)


def _solve(turning: Any, D: Any, start: Any) -> Any:
    """Return V with V̇ = M(t) V at Chebyshev points, by one linear system."""
    count, d = turning.shape[-3], turning.shape[-1]
    grid = np.arange(count)
    system = np.zeros((*turning.shape[:-3], count, d, count, d))
    system += np.einsum("nm,ab->namb", D, np.eye(d))
    system[..., grid, :, grid, :] -= np.moveaxis(turning, -3, 0)
    inner = system[..., 1:, :, 1:, :].reshape(*turning.shape[:-3], (count - 1) * d, -1)
    right = -np.einsum("...nab,...bk->...nak", system[..., 1:, :, 0, :], start)
    rest = np.linalg.solve(inner, right.reshape(*inner.shape[:-1], -1))
    rest = rest.reshape(*right.shape)
    first = np.broadcast_to(start[..., None, :, :], (*rest.shape[:-3], 1, *start.shape[-2:]))
    return np.concatenate([first, rest], -3)


# --- along a drawn curve --------------------------------------------------------------------------


def curve_of(family: Family, curve: Any) -> Any:
    """Return a polyline `(n, d)` of a family, checked."""
    points = family.read(curve)
    if points.ndim != 2 or len(points) < 2:
        raise GeometryError("A curve is an array (n, d) of at least two points.")
    return points


def transport_along(family: Name, curve: Any, vector: Any) -> Any:
    """Return a vector carried along a polyline `(n, d)`, at each of its points: `(n, d)`.

    The pieces are straight in the parameters; each is solved by collocation.
    """
    family = family_of(family)
    points = curve_of(family, curve)
    v = vector_of(family, vector)
    out = [v]
    for step in _pieces(family, points):
        out.append(step @ out[-1])
    return finite(np.stack(out), "The transported vector")


def _pieces(family: Family, points: Any) -> Any:
    """Return the transport matrix of every piece of a polyline, `(n − 1, d, d)`.

    Short pieces need few collocation points; one that is long against the metric is cut.
    """
    a, step = points[:-1], np.diff(points, axis=0)
    sizes = np.maximum(norm(family, a, step), norm(family, points[1:], step))
    out = np.empty((len(a), family.d, family.d))
    for order, group in ((ORDER // 2, sizes < 0.25), (ORDER, (sizes >= 0.25) & (sizes < 1))):
        if group.any():
            out[group] = _straight(family, a[group], step[group], order)
    for i in np.flatnonzero(sizes >= 1):
        cuts = _cuts(float(sizes[i]))[:, None]
        parts = _straight(
            family, a[i] + cuts[:-1] * step[i], np.diff(cuts, axis=0) * step[i], ORDER
        )
        out[i] = reduce(lambda done, part: part @ done, parts)
    return out


def _straight(family: Family, start: Any, step: Any, order: int) -> Any:
    """Return the transport matrices `(n, d, d)` of straight pieces from `start` along `step`."""
    nodes = chebyshev(order)
    theta = start[:, None, :] + nodes.t[:, None] * step[:, None, :]
    speed = np.broadcast_to(step[:, None, :], theta.shape)
    return _solve(_turning(family, theta, speed), nodes.D, np.eye(family.d))[:, -1]


def _cuts(size: float) -> Any:
    """Return times 0 ... 1 that cut a piece, denser towards its ends, where σ may be small."""
    count = 2 + int(2 * np.log2(4 * size))
    half = np.concatenate([[0.0], np.geomspace(1 / (4 * size), 0.5, count)])
    return np.concatenate([half, 1 - half[-2::-1]])


class Holonomy(NamedTuple):
    """What a closed loop does to a vector: the matrix, the angle, and the curvature inside.

    `angle` (radians, counter-clockwise in the plane of the parameters) equals `curvature`, the
    integral of the Gaussian curvature, up to full turns; `area` is the Fisher area, signed.
    """

    matrix: Any
    angle: float
    curvature: float
    area: float


def holonomy(family: Name, loop: Any) -> Holonomy:
    """Return what a loop `(n, 2)` does; it is closed by a last piece if it is open.

    The angle comes from transport, the curvature from an integral over the inside: Gauss and
    Bonnet say that they agree.
    """
    family = family_of(family)
    if family.d != 2:
        raise GeometryError(f"“{family.label}” has {family.d} parameter(s); a loop needs two.")
    points = curve_of(family, loop)
    if np.any(points[0] != points[-1]):
        points = np.concatenate([points, points[:1]])
    matrix = np.eye(2)
    for step in _pieces(family, points):
        matrix = step @ matrix
    factor = np.linalg.cholesky(metric(family, points[0])).T  # to an orthonormal frame
    turn = factor @ matrix @ np.linalg.inv(factor)
    angle = float(np.arctan2(turn[1, 0] - turn[0, 1], turn[0, 0] + turn[1, 1]))
    inside, area = _inside(family, points)
    return Holonomy(matrix, angle, inside, area)


def _inside(family: Family, points: Any) -> tuple[float, float]:
    """Return ∫ K dA and ∫ dA over a loop, by triangles from its first point, signed."""
    x, w = np.polynomial.legendre.leggauss(16)
    x, w = (x + 1) / 2, w / 2
    u, s = np.meshgrid(x, x, indexing="ij")
    weights = np.outer(w, w) * u  # Duffy's square: p₀ + u (p₁ − p₀) + u s (p₂ − p₁)
    base, one, two = points[0], points[1:-1], points[2:]
    if len(one) == 0:
        return 0.0, 0.0
    leg, rim = one - base, two - one
    cross = leg[:, 0] * rim[:, 1] - leg[:, 1] * rim[:, 0]
    theta = base + u[..., None] * leg[:, None, None] + (u * s)[..., None] * rim[:, None, None]
    g = metric(family, theta)
    root = np.sqrt(np.linalg.det(g)) * weights
    area = (root.sum((1, 2)) * cross).sum()
    bent = ((curvature(family, theta) * root).sum((1, 2)) * cross).sum()
    return float(bent), float(area)


# --- ladders --------------------------------------------------------------------------------------


class Ladder(NamedTuple):
    """A ladder's rungs: `points (n + 1, d)` on the geodesic, the carried `vectors (n + 1, d)`.

    `tips (n + 1, d)` are the far ends of the rungs, and `middles (n, d)` the points that the
    diagonals of each parallelogram share. `vector` is the last one, scaled back.
    """

    points: Any
    vectors: Any
    tips: Any
    middles: Any
    vector: Any


def ladder(
    family: Name,
    a: Any,
    b: Any,
    vector: Any,
    rungs: int = 5,
    kind: str = "pole",
    scale: float = 0.0,
) -> Ladder:
    """Return transport by a pole ladder or by Schild's ladder, with every rung kept.

    The rungs are `vector` times `scale`, 1/rungs² unless given (Guigui & Pennec 2022, theorem 3.1:
    with that both ladders err by O(1/rungs²)). In a symmetric space, as the normal family is, the
    pole ladder is exact with any number of rungs.
    """
    family = family_of(family)
    if kind not in ("pole", "schild"):
        raise GeometryError("A ladder is “pole” or “schild”.")
    if not 1 <= rungs <= 1000:
        raise GeometryError("A ladder has between 1 and 1000 rungs.")
    points = geodesic(family, a, b, np.linspace(0, 1, rungs + 1))
    if points.ndim != 2:
        raise GeometryError("A ladder is built for one pair of points.")
    shrink = scale or 1 / rungs**2
    v = vector_of(family, vector) * shrink
    vectors, tips, middles = [v], [shoot(family, points[0], v, tolerance=RUNG)], []
    for p, q in zip(points[:-1], points[1:], strict=True):
        v, tip, middle = _RUNGS[kind](family, p, q, tips[-1], v)
        vectors.append(v)
        tips.append(tip)
        middles.append(middle)
    made = np.stack(vectors) / shrink
    return Ladder(points, made, np.stack(tips), np.stack(middles), made[-1])


def _pole(family: Family, p: Any, q: Any, tip: Any, v: Any) -> tuple[Any, Any, Any]:
    """Reflect the tip through the middle of the side: it lands opposite to the carried vector."""
    middle = geodesic(family, p, q, 0.5)
    opposite = shoot(family, middle, -log_map(family, middle, tip), tolerance=RUNG)
    moved = -log_map(family, q, opposite)
    return moved, shoot(family, q, moved, tolerance=RUNG), middle


def _schild(family: Family, p: Any, q: Any, tip: Any, v: Any) -> tuple[Any, Any, Any]:
    """Go from p through the middle of tip and q, and as far again."""
    middle = geodesic(family, tip, q, 0.5)
    end = shoot(family, p, 2 * log_map(family, p, middle), tolerance=RUNG)
    return log_map(family, q, end), end, middle


_RUNGS = {"pole": _pole, "schild": _schild}
