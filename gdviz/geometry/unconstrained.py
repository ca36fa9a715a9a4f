"""Free coordinates u of a family, without borders: logarithms and log-odds, where there are bounds.

Numerical geodesics are sought in them, so that no step can leave the family.
"""

from typing import Any, NamedTuple

import numpy as np

from gdviz.geometry.family import Family
from gdviz.geometry.fisher import unchecked_symbols


class Unconstrained(NamedTuple):
    """θ(u) and its first two derivatives, coordinate by coordinate."""

    theta: Any
    slope: Any
    bend: Any


def to_unconstrained(family: Family, theta: Any) -> Any:
    """Return the free coordinates of θ."""
    out = []
    for i, (lo, hi) in enumerate(family.bounds):
        x = theta[..., i]
        if np.isfinite(lo) and np.isfinite(hi):
            out.append(np.log((x - lo) / (hi - x)))
        elif np.isfinite(lo):
            out.append(np.log(x - lo))
        else:
            out.append(np.log(hi - x) if np.isfinite(hi) else x)
    return np.stack(out, -1)


def from_unconstrained(family: Family, u: Any) -> Unconstrained:
    """Return θ(u), θ′(u) and θ″(u)."""
    theta, slope, bend = np.empty_like(u), np.empty_like(u), np.empty_like(u)
    for i, (lo, hi) in enumerate(family.bounds):
        x = u[..., i]
        if np.isfinite(lo) and np.isfinite(hi):
            p = 1 / (1 + np.exp(-x))
            first = (hi - lo) * p * (1 - p)
            parts = (lo + (hi - lo) * p, first, first * (1 - 2 * p))
        elif np.isfinite(lo):
            parts = (lo + np.exp(x), np.exp(x), np.exp(x))
        elif np.isfinite(hi):
            parts = (hi - np.exp(x), -np.exp(x), -np.exp(x))
        else:
            parts = (x, np.ones_like(x), np.zeros_like(x))
        theta[..., i], slope[..., i], bend[..., i] = parts
    return Unconstrained(theta, slope, bend)


def acceleration(family: Family, u: Any, w: Any, alpha: float = 0.0) -> Any:
    """Return ü of the geodesic through u with velocity w = u̇, of the α-connection."""
    free = from_unconstrained(family, u)
    v = free.slope * w
    return -(_force(family, free.theta, v, alpha) + free.bend * w * w) / free.slope


def _force(family: Family, theta: Any, v: Any, alpha: float) -> Any:
    """Return Γᵏᵢⱼ vⁱvʲ."""
    if family.force is not None and not alpha:
        return family.force(theta, v)
    G = unchecked_symbols(family, theta, alpha)
    once = (G @ v[..., None, :, None])[..., 0]
    return (once @ v[..., :, None])[..., 0]


def acceleration_slopes(family: Family, u: Any, w: Any, alpha: float = 0.0) -> tuple[Any, Any]:
    """Return ∂ü/∂u and ∂ü/∂u̇, `(..., d, d)`: a Jacobian for Newton, good to six digits."""
    step, d = 1e-5, family.d
    moves = step * np.concatenate([np.eye(d), -np.eye(d)])
    still = np.zeros_like(moves)
    by_u, by_w = np.concatenate([moves, still]), np.concatenate([still, moves])
    values = acceleration(family, u[..., None, :] + by_u, w[..., None, :] + by_w, alpha)
    ahead, back = values[..., :d, :], values[..., d : 2 * d, :]
    faster, slower = values[..., 2 * d : 3 * d, :], values[..., 3 * d :, :]
    slopes = (ahead - back) / (2 * step), (faster - slower) / (2 * step)
    return np.swapaxes(slopes[0], -1, -2), np.swapaxes(slopes[1], -1, -2)
