"""How f bends at a point: its curvatures, and how far from the point f follows them."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.optimize.linalg import norm
from gdviz.optimize.noise import EPS

DEGENERATE = 1e-6  # of the largest curvature: a smaller one does not decide
FARTHER_IN = 100.0 ** -np.arange(1.0, 12.0)  # of the nearest ring


class Bend(NamedTuple):
    """Curvatures `(d,)` and their directions `(d, d)` in columns, and what Newton makes of them.

    `step (d,)` is the Newton step; f would fall by about `fall` on it, by ½ slope²/|curvature|;
    `blind` is the length of the gradient where the curvature is 0 or unknown. Of a `mixed` Hessian,
    one that is not diagonal, small curvatures are known to rounding of the largest only.
    """

    curvature: np.ndarray
    directions: np.ndarray
    step: np.ndarray
    fall: float
    blind: float
    mixed: bool


def bend(problem: Any, x: np.ndarray) -> Bend:
    """Return the curvature of f at x `(d,)`, and the Newton step that it asks for."""
    with np.errstate(all="ignore"):
        H = problem.hess(x)
        H = H if np.isfinite(H).all() else np.nan_to_num(H)
        curvature, directions = np.linalg.eigh(H)
        slope = directions.T @ problem.grad(x)
        slope = np.where(np.isfinite(slope), slope, 0.0)
    mixed = bool(np.count_nonzero(H) > np.count_nonzero(np.diag(H)))
    least = 16 * EPS * float(np.abs(curvature).max()) if mixed else 0.0
    bent = np.abs(curvature) > least
    along = np.where(bent, slope, 0.0) / np.where(bent, curvature, 1.0)
    fall = float(np.abs(slope * along).sum()) / 2
    blind = float(norm(np.where(bent, 0.0, slope)))
    return Bend(curvature, directions, -directions @ along, fall, blind, mixed)


def is_bent(bent: Bend) -> bool:
    """Tell whether the signs of all curvatures are known."""
    bends = np.abs(bent.curvature)
    return bool(bends.min() > (DEGENERATE if bent.mixed else 0.0) * bends.max())


def _is_steady(problem: Any, x: np.ndarray, bent: Bend) -> bool:
    """Tell whether the curvatures keep their signs when x moves by two units of its last place."""
    shift = 2 * EPS * float(np.abs(x).max()) * np.eye(len(x))
    along = bent.directions
    near = (np.diag(along.T @ problem.hess(x + step) @ along) for step in (*shift, *-shift))
    least = 0.5 * np.abs(bent.curvature)
    return all(bool((np.abs(bends - bent.curvature) < least).all()) for bends in near)


def _jumps(problem: Any, x: np.ndarray, steps: np.ndarray, curvature: np.ndarray) -> bool:
    """Tell whether f beside x differs from f(x) by what no curvature explains: by a step of f."""
    f = problem.f(np.stack([x + steps, x - steps])) - problem.f(x)  # (2, radii, d)
    bends = np.abs(curvature).max() * (norm(steps) ** 2 + EPS * norm(x) * norm(steps))
    rounding = 1e4 * EPS * float(np.abs(problem.f(x)))
    return bool((np.abs(f) > 4 * bends + rounding).any(axis=(0, 2)).all())


def bend_farther_in(problem: Any, x: np.ndarray, bent: Bend, radius: float) -> bool | None:
    """Tell whether ∇f follows the curvatures at x `(d,)` somewhere within a radius, None if unsure.

    Beside a kink it does so nowhere: it jumps, and is the same at all distances. Where f itself
    jumps, ∇f tells nothing. Where ∇f neither jumps nor follows them it may do so nearer to x than
    float64 can go.
    """
    radii = radius * FARTHER_IN
    if not _is_steady(problem, x, bent):
        return False
    away = 8 * float(norm(bent.step))  # nearer to x, ∇f is still that of a point on a slope
    radii = radii[radii > max(away, 64 * EPS * float(np.abs(x).max()))]
    if not len(radii):
        return None if away < radius * FARTHER_IN[0] else False
    here = problem.grad(x)
    steps = radii[:, None, None] * bent.directions.T  # (radii, d, d)
    sides = np.stack([problem.grad(x + steps) - here, here - problem.grad(x - steps)])
    slopes = np.einsum("srij,ij->sri", sides, bent.directions.T)
    ratio = slopes / (radii[:, None] * bent.curvature)
    if ((ratio > 0.5) & (ratio < 2)).all(axis=(0, 2)).any():
        return not _jumps(problem, x, steps, bent.curvature)
    both = np.abs(slopes.sum(axis=0))
    jumps = both[-1] > 0.5 * both[0]
    return False if jumps.any() else None
