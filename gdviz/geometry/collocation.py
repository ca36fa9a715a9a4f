"""Geodesics between two points without a closed form, by Chebyshev collocation.

The path is a polynomial through N + 1 Chebyshev points (Trefethen 2000, Spectral Methods in
MATLAB, chapters 6, 12 and 13); its equation there is solved by Newton, and N grows until the last
coefficients vanish. That is faster and steadier than shooting, and its length has twice the digits
of the path, for a geodesic is stationary.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from gdviz.geometry.family import Family, GeometryError
from gdviz.geometry.fisher import norm
from gdviz.geometry.unconstrained import (
    acceleration,
    acceleration_slopes,
    from_unconstrained,
    to_unconstrained,
)
from gdviz.one_thread import one_thread

ORDERS = (16, 32, 64, 128, 256)
NEWTONS, RESOLVED, ROUGH = 10, 1e-11, 1e-3  # the last coefficients, at the goal and on the way
FINE = 1e-7  # of them, where no polynomial does better: the length has ten digits still
TIMID = 1 / 50  # a Newton step that must be shortened so much leads nowhere
LEAST_STEP = 1e-3
MOST_WORK = 80.0  # hundredths of a second, for one question


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


class Work:
    """What Newton's steps for one question have cost, in hundredths of a second."""

    def __init__(self) -> None:
        self.spent = 0.0

    def add(self, pairs: int, unknowns: int) -> None:
        """Count a step for so many pairs; raise `GeometryError` where it was one too many."""
        self.spent += pairs * (0.1 + unknowns**2 / 130_000)
        if self.spent > MOST_WORK:
            raise GeometryError("No geodesics were found between points so far apart, in time.")


def solve_boundary(
    family: Family,
    a: Any,
    b: Any,
    alpha: float = 0.0,
    guess: BoundaryPath | None = None,
    work: Work | None = None,
) -> BoundaryPath:
    """Return the geodesic of the α-connection between points `(..., d)`.

    `guess` are geodesics between points not far from these, `work` is what has been spent on the
    question already. All pairs are tried at once; where that
    fails, halves of them, and at last each is followed from a to b by itself. Raises
    `GeometryError` where none is found with 257 collocation points and a bounded amount of work.
    """
    start, end, work = to_unconstrained(family, a), to_unconstrained(family, b), work or Work()
    with np.errstate(all="ignore"), one_thread():
        if guess is not None:
            found = _near(family, start, end, alpha, guess, work)
            if found is not None:
                return found
        flat = start.reshape(-1, family.d), end.reshape(-1, family.d)
        path = _together(family, *flat, alpha, work)
    return BoundaryPath(path.u.reshape(*start.shape[:-1], *path.u.shape[1:]), path.nodes)


def _near(
    family: Family, start: Any, end: Any, alpha: float, guess: BoundaryPath, work: Work
) -> BoundaryPath | None:
    """Return the path found from another one, whose ends are moved to the new ones."""
    t = guess.nodes.t[:, None]
    first, last = start - guess.u[..., 0, :], end - guess.u[..., -1, :]
    moved = guess.u + (1 - t) * first[..., None, :] + t * last[..., None, :]
    u = _newton(family, moved, guess.nodes, alpha, work)
    if u is None or np.any(_rest(BoundaryPath(u, guess.nodes)) > RESOLVED):
        return None
    return BoundaryPath(u, guess.nodes)


def _together(family: Family, start: Any, end: Any, alpha: float, work: Work) -> BoundaryPath:
    """Return the paths of pairs `(n, d)`: of all at once, or of two halves, or of each."""
    found = _at_once(family, start, end, alpha, work)
    if found is not None:
        return found
    if len(start) == 1:
        hinges = start[0], np.minimum(start[0], end[0]), np.maximum(start[0], end[0])
        tried = (_followed(family, hinges[0], end[0], hinge, alpha, work) for hinge in hinges)
        path = next((path for path in tried if path is not None), None)
        if path is None:
            raise GeometryError(
                f"No geodesic of “{family.label}” was found between points so far apart."
            )
        return BoundaryPath(path.u[None], path.nodes)
    half = len(start) // 2
    parts = [
        _together(family, start[part], end[part], alpha, work)
        for part in (slice(None, half), slice(half, None))
    ]
    finest = max((path.nodes for path in parts), key=lambda nodes: len(nodes.t))
    return BoundaryPath(np.concatenate([value_at(path, finest.t) for path in parts]), finest)


def _at_once(family: Family, start: Any, end: Any, alpha: float, work: Work) -> BoundaryPath | None:
    """Return the path from a straight start in free coordinates, or None."""
    path: BoundaryPath | None = None
    for order in ORDERS[:3]:
        nodes = chebyshev(order)
        straight = start[..., None, :] + nodes.t[:, None] * (end - start)[..., None, :]
        guess = straight if path is None else value_at(path, nodes.t)
        u = _newton(family, guess, nodes, alpha, work)
        if u is None:
            return None
        path = BoundaryPath(u, nodes)
        if np.all(_rest(path) <= RESOLVED):
            return path
    return None


def _followed(
    family: Family, start: Any, end: Any, hinge: Any, alpha: float, work: Work
) -> BoundaryPath | None:
    """Return the path of one pair, or None: its ends leave a hinge, as fast as Newton can follow.

    From a alone only the other end moves. Most geodesics bend: their hinge is a corner of the ends.
    """
    path: BoundaryPath | None = None
    reached, step, order = 0.0, 0.5, ORDERS[0]  # the whole way at once has been tried
    while step > LEAST_STEP:
        goal = min(1.0, reached + step)
        nodes = chebyshev(order)
        if path is None:
            t, bend = nodes.t[:, None], 1 if hinge is start else 2
            guess = hinge + goal * ((1 - t) ** bend * (start - hinge) + t**bend * (end - hinge))
        else:
            guess = hinge + (value_at(path, nodes.t) - hinge) * (goal / reached)
        u = _newton(family, guess, nodes, alpha, work)
        if u is None and reached == 1:
            if order == ORDERS[-1]:
                break
            order *= 2
            continue
        if u is None:
            step /= 2
            if step < reached / 16 and order < ORDERS[-2]:
                step, order = 4 * step, 2 * order
            continue
        path, reached, step = BoundaryPath(u, nodes), goal, 2 * step
        rest = _rest(path)
        if goal == 1 and rest <= RESOLVED:
            return path
        if rest > (RESOLVED if goal == 1 else ROUGH):
            if order == ORDERS[-1]:
                break
            order *= 2
    return _finer(path) if path is not None and reached == 1 and _rest(path) <= FINE else None


def _finer(path: BoundaryPath) -> BoundaryPath:
    """Return a path on the most nodes: its length by them has twice the digits of the path."""
    nodes = chebyshev(ORDERS[-1])
    return BoundaryPath(value_at(path, nodes.t), nodes)


def _newton(family: Family, u: Any, nodes: ChebyshevNodes, alpha: float, work: Work) -> Any:
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
        work.add(u[..., 0, 0].size, count)
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
        u, r, share, size = _damped(residual, u, r, move)
        if share < TIMID:
            return None
        if size < 1e-12 * (1 + np.max(np.abs(u))):
            return u
    return None


def _damped(residual: Any, u: Any, r: Any, move: Any) -> tuple[Any, Any, float, float]:
    """Take the Newton step, halved until the residual falls; return its share and size too."""
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
    return trial, after, float(np.min(share)), float(np.max(share * np.abs(move)))


def _rest(path: BoundaryPath) -> Any:
    """Return the size of the last Chebyshev coefficients of a path, against the path's own."""
    u, order = path.u, len(path.nodes.t) - 1
    k = np.arange(order + 1)
    transform = np.cos(np.pi * np.outer(k, k) / order)
    coefficients = np.linalg.solve(transform, u)
    tail = np.abs(coefficients[..., -3:, :]).max((-2, -1))
    return tail / (1 + np.abs(u).max((-2, -1)))


def velocity(family: Family, path: BoundaryPath) -> Any:
    """Return θ̇ at the Chebyshev points, `(..., N + 1, d)`."""
    return from_unconstrained(family, path.u).slope * (path.nodes.D @ path.u)


def length(family: Family, path: BoundaryPath) -> Any:
    """Return the Fisher length of a path."""
    speed = norm(family, from_unconstrained(family, path.u).theta, velocity(family, path))
    return speed @ path.nodes.weights
