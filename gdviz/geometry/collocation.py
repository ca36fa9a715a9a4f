"""Geodesics without a closed form: Chebyshev collocation between two points, DOP853 from one.

The path is a polynomial through N + 1 Chebyshev points (Trefethen 2000, Spectral Methods in
MATLAB, chapters 6, 12 and 13); its equation there is solved by Newton, and N grows until the last
coefficients vanish. That is faster and steadier than shooting, and its length has twice the digits
of the path, for a geodesic is stationary.
"""

from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from gdviz.geometry.family import Family, GeometryError, OutOfReach, finite
from gdviz.geometry.fisher import norm
from gdviz.geometry.unconstrained import (
    acceleration,
    acceleration_slopes,
    from_unconstrained,
    to_unconstrained,
)

ORDERS = (16, 32, 64)
NEWTONS, RESOLVED = 40, 1e-11


class ChebyshevNodes(NamedTuple):
    """Chebyshev points on 0 ... 1, the matrix that differentiates there, and weights."""

    t: Any
    D: Any
    weights: Any
    barycentric: Any


class BoundaryPath(NamedTuple):
    """A path through Chebyshev points, in free coordinates, `u (..., N + 1, d)`."""

    u: Any
    nodes: ChebyshevNodes


@lru_cache(maxsize=8)
def chebyshev(n: int) -> ChebyshevNodes:
    """Return n + 1 Chebyshev points on 0 ... 1 in ascending order, with what belongs to them."""
    k = np.arange(n + 1)
    x = -np.cos(np.pi * k / n)
    c = np.where((k == 0) | (k == n), 2.0, 1.0) * (-1.0) ** k
    gaps = x[:, None] - x + np.eye(n + 1)
    D = np.outer(c, 1 / c) / gaps
    D -= np.diag(D.sum(1))
    moments = np.where(k % 2 == 0, 2 / (1 - k.astype(float) ** 2 + (k == 1)), 0.0)
    transform = np.cos(np.pi * np.outer(k, k) / n)  # T_j at x_i up to the sign (−1)ʲ
    weights = np.linalg.solve(transform.T, moments * 1.0)
    return ChebyshevNodes((x + 1) / 2, 2 * D, weights / 2, 1 / c)


def value_at(path: BoundaryPath, t: Any) -> Any:
    """Return the free coordinates of a path at t `(...)`, by barycentric interpolation."""
    t = np.asarray(t, float)
    gap = t[..., None] - path.nodes.t
    hit = np.abs(gap) < 1e-15
    share = np.where(
        hit.any(-1, keepdims=True), hit, path.nodes.barycentric / np.where(hit, 1, gap)
    )
    share = share / share.sum(-1, keepdims=True)
    return share @ path.u


def solve_boundary(family: Family, a: Any, b: Any, alpha: float = 0.0) -> BoundaryPath:
    """Return the geodesic of the α-connection between points `(..., d)`.

    Raises `GeometryError` where none is found: points too far apart for 65 collocation points.
    """
    start, end = to_unconstrained(family, a), to_unconstrained(family, b)
    path: BoundaryPath | None = None
    with np.errstate(all="ignore"):
        for order in ORDERS:
            nodes = chebyshev(order)
            straight = start[..., None, :] + nodes.t[:, None] * (end - start)[..., None, :]
            guess = straight if path is None else value_at(path, nodes.t)
            u = _newton(family, guess, nodes, alpha)
            if u is None:
                continue
            path = BoundaryPath(u, nodes)
            if _resolved(u, order):
                return path
    raise GeometryError(f"No geodesic of “{family.label}” was found between points so far apart.")


def _newton(family: Family, u: Any, nodes: ChebyshevNodes, alpha: float) -> Any:
    """Return the points of the path that obey the geodesic equation, or None."""
    D, D2 = nodes.D, nodes.D @ nodes.D
    inner, d = slice(1, -1), family.d
    count = (len(nodes.t) - 2) * d

    def residual(points: Any) -> Any:
        try:
            force = acceleration(family, points, D @ points, alpha)
        except (GeometryError, np.linalg.LinAlgError):
            return np.full_like(points[..., inner, :], np.nan)
        return (D2 @ points - force)[..., inner, :]

    r = residual(u)
    for _ in range(NEWTONS):
        if not np.all(np.isfinite(r)):
            return None
        by_u, by_w = acceleration_slopes(family, u, D @ u, alpha)
        J = -np.einsum("...nab,nm->...namb", by_w, D)
        grid = np.arange(len(nodes.t))
        J[..., grid, :, grid, :] -= np.moveaxis(by_u, -3, 0)
        J += np.einsum("nm,ab->namb", D2, np.eye(d))
        J = J[..., inner, :, inner, :].reshape(*u.shape[:-2], count, count)
        step = np.linalg.solve(J, -r.reshape(*u.shape[:-2], count, 1))
        move = step.reshape(r.shape)
        u, r, size = _damped(residual, u, r, move)
        if size < 1e-12 * (1 + np.max(np.abs(u))):
            return u
    return None


def _damped(residual: Any, u: Any, r: Any, move: Any) -> tuple[Any, Any, float]:
    """Take the Newton step, halved until the residual falls; return the step's size too."""
    norms = np.abs(r).max((-2, -1), keepdims=True)
    share = np.ones_like(norms)
    for _ in range(12):
        trial = u.copy()
        trial[..., 1:-1, :] += share * move
        after = residual(trial)
        now = np.abs(after).max((-2, -1), keepdims=True)
        worse = ~(now < np.maximum(norms, 1e-9))
        if not worse.any():
            break
        share = np.where(worse, share / 2, share)
    return trial, after, float(np.max(share * np.abs(move)))


def _resolved(u: Any, order: int) -> bool:
    """Tell whether the last Chebyshev coefficients of the path have vanished."""
    k = np.arange(order + 1)
    transform = np.cos(np.pi * np.outer(k, k) / order)
    coefficients = np.linalg.solve(transform, u)
    tail = np.abs(coefficients[..., -3:, :]).max((-2, -1))
    return bool(np.all(tail <= RESOLVED * (1 + np.abs(u).max((-2, -1)))))


def velocity(family: Family, path: BoundaryPath) -> Any:
    """Return θ̇ at the Chebyshev points, `(..., N + 1, d)`."""
    return from_unconstrained(family, path.u).slope * (path.nodes.D @ path.u)


def length(family: Family, path: BoundaryPath) -> Any:
    """Return the Fisher length of a path."""
    speed = norm(family, from_unconstrained(family, path.u).theta, velocity(family, path))
    return speed @ path.nodes.weights


def integrate(
    family: Family,
    a: Any,
    v: Any,
    t: Any,
    alpha: float = 0.0,
    tolerance: float = 1e-12,
    most: int | None = None,
) -> Any:
    """Return the geodesics from points a with velocities v `(..., d)` at times t `(n,)`.

    The shape is `(..., n, d)`; Dormand and Prince's method of order 8. Raises `OutOfReach` if one
    cannot be followed so far, or asks for the acceleration more than `most` times.
    """
    from scipy.integrate import solve_ivp

    u = to_unconstrained(family, a)
    w = v / from_unconstrained(family, u).slope
    state, d = np.concatenate([u, w], -1), family.d
    times = np.asarray(t, float)

    asked = count()

    def flow(now: float, y: Any) -> Any:
        if most is not None and next(asked) >= most:
            words = f"The geodesic of “{family.label}” bends too much to be followed."
            raise OutOfReach(words, now)
        both = y.reshape(state.shape)
        u, w = both[..., :d], both[..., d:]
        return np.concatenate([w, acceleration(family, u, w, alpha)], -1).ravel()

    out = np.empty((len(times), *u.shape))
    for side in (times >= 0, times < 0):
        if not side.any():
            continue
        end = times[side][np.argmax(np.abs(times[side]))]
        if end == 0:
            out[side] = u
            continue
        with np.errstate(all="ignore"):
            run = solve_ivp(
                flow,
                (0, end),
                state.ravel(),
                "DOP853",
                dense_output=True,
                rtol=tolerance,
                atol=0.1 * tolerance,
            )
        if not run.success:
            words = f"The geodesic of “{family.label}” cannot be followed so far."
            raise OutOfReach(words, float(run.t[-1]))
        dense = np.moveaxis(run.sol(times[side]), -1, 0)
        out[side] = dense.reshape(-1, *state.shape)[..., :d]
    path = np.moveaxis(out, 0, -2)
    return finite(from_unconstrained(family, path).theta, "The geodesic")
