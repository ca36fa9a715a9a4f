"""Vectors that may be plain floats: what a method needs of linear algebra in one and two variables.

A *float* stands for a point of one variable, an array `(..., d)` for points of d variables; the
functions of the first part take both, so that a method is written once.
"""

from typing import Any

import numpy as np

FLATTEST = 1e-8  # |H| is kept above this, else a flat spot would send Newton to infinity


def inner(u: Any, v: Any) -> Any:
    """Return uᵀv, shape `(...)`."""
    product = u * v
    if np.ndim(product) == 0:
        return product
    # Written out for two variables: a reduction over so short an axis is five times slower.
    return product[..., 0] + product[..., 1] if product.shape[-1] == 2 else product.sum(axis=-1)


def norm(u: Any) -> Any:
    """Return the Euclidean length of u, shape `(...)`, without overflow where |u| is finite."""
    if np.ndim(u) == 0:
        return np.abs(u)
    if u.shape[-1] == 1:
        return np.abs(u[..., 0])
    return (  # written out for two variables, as above
        np.hypot(u[..., 0], u[..., 1]) if u.shape[-1] == 2 else np.hypot.reduce(np.abs(u), axis=-1)
    )


def scale(factor: Any, u: Any) -> Any:
    """Return factor·u, the factor one per point, shape `(...)`."""
    return factor * u if np.ndim(u) == 0 else np.asarray(factor)[..., None] * u


def where(condition: Any, u: Any, v: Any) -> Any:
    """Return u where the condition (one per point) holds and v elsewhere."""
    if max(np.ndim(u), np.ndim(v)) > np.ndim(condition):
        condition = np.asarray(condition)[..., None]
    return np.where(condition, u, v)


def solve(H: Any, g: Any) -> Any:
    """Return H⁻¹g for symmetric H; infinite where H is singular."""
    if np.ndim(H) == 0:
        return np.divide(g, H)
    if g.shape[-1] == 1:
        return g / H[..., 0]
    if g.shape[-1] > 2:
        try:
            return np.linalg.solve(H, g[..., None])[..., 0]
        except np.linalg.LinAlgError:
            return np.full_like(g, np.inf)
    a, b, c = H[..., 0, 0], H[..., 0, 1], H[..., 1, 1]
    det = a * c - b * b
    u, v = g[..., 0], g[..., 1]
    return np.stack([(c * u - b * v) / det, (a * v - b * u) / det], axis=-1)


def absolute(H: Any) -> Any:
    """Return |H|: the same eigenvectors, the absolute eigenvalues, none below `FLATTEST`."""
    if np.ndim(H) == 0 or H.shape[-1] == 1:
        return np.maximum(np.abs(H), FLATTEST)
    values, vectors = np.linalg.eigh(np.nan_to_num(H))
    return (vectors * np.maximum(np.abs(values), FLATTEST)[..., None, :]) @ transpose(vectors)


def trials_last(points: Any) -> Any:
    """Move the leading axis of trials behind the batch: `(n, ..., d)` to `(..., n, d)`."""
    return points if points.ndim == 1 else np.moveaxis(points, 0, -2)


# --- arrays only --------------------------------------------------------------------------------


def transpose(H: np.ndarray) -> np.ndarray:
    """Return Hᵀ, shape `(..., d, d)`."""
    return np.swapaxes(H, -1, -2)


def outer(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return uvᵀ, shape `(..., d, d)`."""
    return u[..., :, None] * v[..., None, :]


def times(H: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return Hv, shape `(..., d)`."""
    return (H * v[..., None, :]).sum(axis=-1)
