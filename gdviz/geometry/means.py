"""Fréchet means: the point with the least mean squared Fisher–Rao distance to given ones."""

from typing import Any

import numpy as np

from gdviz.geometry.collocation import BoundaryPath, Work, solve_boundary, velocity
from gdviz.geometry.families import family_of
from gdviz.geometry.family import Family, GeometryError, numbers
from gdviz.geometry.fisher import Name, metric, norm
from gdviz.geometry.geodesics import log_map, shoot
from gdviz.geometry.unconstrained import from_unconstrained, to_unconstrained

MOST_STEPS = 60
STEEPEST = -0.5  # the least sectional curvature of the families without a constant one
ROUGH = 1e-8  # a mean that rounding lets come no nearer is good to that


def frechet_mean(family: Name, points: Any, weights: Any = None, tolerance: float = 1e-12) -> Any:
    """Return the point with the least mean squared distance to `points (n, d)`.

    Newton's steps m ← exp_m(H⁻¹ Σ w log_m x), with the Hessian H of a space of constant curvature.
    Raises `GeometryError` if they do not end.
    """
    family = family_of(family)
    x = family.read(points)
    w = np.ones(len(x)) if weights is None else numbers(weights, "The weights")
    if x.ndim != 2 or w.shape != x.shape[:1] or w.min() < 0 or not w.sum() > 0:
        raise GeometryError("A mean needs points (n, d) and n weights, none negative, not all 0.")
    x, w = x[w > 0], w[w > 0] / w.sum()
    mean, least, path, work = (
        from_unconstrained(family, w @ to_unconstrained(family, x)).theta,
        np.inf,
        None,
        Work(),
    )
    last, step, size = mean, np.zeros(family.d), np.inf
    for _ in range(MOST_STEPS):
        logs, path = _logs(family, mean, x, path, work)
        spread = float(w @ norm(family, np.broadcast_to(mean, x.shape), logs) ** 2)
        if spread > least * (1 + 1e-12):  # Newton's step led too far
            step = step / 2
        else:
            last, least = mean, spread
            step = _newton_step(family, mean, logs, w)
            before, size = size, float(norm(family, mean, step))
            if size < tolerance or (size < ROUGH and size >= before):
                return mean
        mean = shoot(family, last, step)
    raise GeometryError("The mean was not found: the points are too far apart.")


def _logs(
    family: Family, mean: Any, x: Any, path: BoundaryPath | None, work: Work
) -> tuple[Any, BoundaryPath | None]:
    """Return log_m x `(n, d)`, and the paths, from which those of the next mean are found."""
    means = np.broadcast_to(mean, x.shape)
    if family.space is not None:
        return log_map(family, means, x), None
    path = solve_boundary(family, means, x, guess=path, work=work)
    return velocity(family, path)[..., 0, :], path


def _newton_step(family: Family, mean: Any, logs: Any, w: Any) -> Any:
    """Return H⁻¹ Σ w log_m x; H is Σ w (t tᵀ + h (I − t tᵀ)) with the unit vectors t of the logs.

    At the distance r of a space of curvature −c², h = c r coth(c r) (Karcher 1977).
    """
    factor = np.linalg.cholesky(metric(family, mean))
    flat = logs @ factor
    r = np.linalg.norm(flat, axis=1)
    t = flat / np.where(r > 0, r, 1.0)[:, None]
    h = _spreading(r, _curvature(family))
    hessian = np.einsum("n,na,nb->ab", w * (1 - h), t, t) + (w @ h) * np.eye(family.d)
    return np.linalg.solve(factor.T, np.linalg.solve(hessian, w @ flat))


def _curvature(family: Family) -> float:
    known = None if family.space is None else family.space.curvature
    return STEEPEST if known is None else known


def _spreading(r: Any, curvature: float) -> Any:
    """Return c r coth(c r) for a curvature −c², c r cot(c r) for c²; 1 where r is 0."""
    angle = np.sqrt(abs(curvature)) * r
    safe = np.where(angle > 1e-6, angle, 1.0)
    turned = safe / (np.tan(np.minimum(safe, 1.5)) if curvature > 0 else np.tanh(safe))
    return np.where(angle > 1e-6, turned, 1.0)
