"""The Fisher metric and its calculus: inverse, Christoffel symbols, curvature, α-connections.

Closed forms where a family has them; `generic=True` differentiates the metric numerically instead
(eighth-order central differences, good to about twelve digits), for any family.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.geometry.families import family_of
from gdviz.geometry.family import Family, GeometryError, finite
from gdviz.geometry.spaces import solve

Name = str | Family
# Fornberg (1988), table 1: the eighth-order centred first derivative
_OFFSETS = np.array([-4, -3, -2, -1, 1, 2, 3, 4], float)
_WEIGHTS = np.array([3, -32, 168, -672, 672, -168, 32, -3]) / 840


def metric(family: Name, theta: Any) -> Any:
    """Return the Fisher metric g_ij, `(..., d, d)`."""
    return family_of(family).metric(theta)


def inverse_metric(family: Name, theta: Any) -> Any:
    """Return gⁱʲ, `(..., d, d)`: the Cramér–Rao bound of one observation."""
    return np.linalg.inv(metric(family, theta))


def inner(family: Name, theta: Any, u: Any, v: Any) -> Any:
    """Return the inner product g(u, v) at θ."""
    return np.einsum("...i,...ij,...j->...", u, metric(family, theta), v)


def norm(family: Name, theta: Any, v: Any) -> Any:
    """Return √g(v, v), also for vectors whose squares would underflow."""
    family, v = family_of(family), np.asarray(v, float)
    size = np.max(np.abs(v), axis=-1)
    unit = v / np.where(size > 0, size, 1.0)[..., None]
    if family.square is None:
        return size * np.sqrt(inner(family, theta, unit, unit))
    with np.errstate(all="ignore"):
        square = family.square(family.read(theta), unit)
    return size * np.sqrt(finite(square, "The metric"))


def differentiate(family: Family, function: Callable[[Any], Any], theta: Any) -> Any:
    """Return the derivatives of `function(theta) (..., *out)` as `(..., *out, d)`."""
    h = _steps(family, theta)
    shifts = np.eye(family.d)[:, None, :] * _OFFSETS[:, None]
    points = theta[..., None, None, :] + shifts * h[..., None, None, :]
    batch = theta.ndim - 1
    values = np.moveaxis(function(points), batch + 1, -1) @ _WEIGHTS
    out = values.ndim - batch - 1
    slope = values / h.reshape(h.shape + (1,) * out)
    return np.moveaxis(slope, batch, -1)


def _steps(family: Family, theta: Any) -> Any:
    """Return steps small against the metric and against the way to the family's border."""
    g = np.diagonal(family.metric(theta), axis1=-2, axis2=-1)
    way = 1 / np.sqrt(g)
    for i, (lo, hi) in enumerate(family.bounds):
        way[..., i] = np.minimum(way[..., i], np.minimum(theta[..., i] - lo, hi - theta[..., i]))
    h = 0.01 * way
    if family.inside is not None:
        for i in range(family.d):
            for sign in (-10.0, 10.0):
                for _ in range(60):
                    bad = ~family.inside(theta + sign * h * np.eye(family.d)[i], False)
                    h = np.where(bad[..., None], h / 2, h)
    return h


def metric_slope(family: Name, theta: Any, generic: bool = False) -> Any:
    """Return ∂g_ij/∂θᵏ as `[..., i, j, k]`."""
    family = family_of(family)
    if generic:
        return differentiate(family, family.metric, family.read(theta))
    return family.metric_slope(theta)


def christoffel(
    family: Name, theta: Any, kind: int = 2, generic: bool = False, alpha: float = 0.0
) -> Any:
    """Return the Christoffel symbols `[..., k, i, j]`: Γᵏᵢⱼ, or with `kind=1` Γ_kij = g_kl Γˡᵢⱼ.

    Γ_kij = ½ (∂_i g_jk + ∂_j g_ik − ∂_k g_ij). With `alpha`, those of Amari's α-connection,
    Γ_kij − (α/2) T_kij: 1 is the exponential, −1 the mixture connection.
    """
    family = family_of(family)
    theta = family.read(theta)
    lower = lower_index(metric_slope(family, theta, generic))
    if alpha:
        lower = lower - 0.5 * alpha * cubic(family, theta)
    if kind == 1:
        return lower
    if kind != 2:
        raise GeometryError("Christoffel symbols are of kind 1 or 2.")
    return finite(raise_index(family.metric(theta), lower), "The Christoffel symbols")


def lower_index(slope: Any) -> Any:
    """Return Γ_kij from ∂_k g_ij, which is `slope[..., i, j, k]`."""
    first = np.swapaxes(slope, -1, -2)  # [k, i, j] = ∂_i g_kj
    third = np.moveaxis(slope, -1, -3)  # [k, i, j] = ∂_k g_ij
    return 0.5 * (first + np.swapaxes(first, -1, -2) - third)


def raise_index(g: Any, lower: Any) -> Any:
    """Return Γᵏᵢⱼ = gᵏˡ Γ_lij."""
    flat = lower.reshape(*lower.shape[:-2], -1)
    return np.linalg.solve(g, flat).reshape(lower.shape)


def unchecked_symbols(family: Family, theta: Any, alpha: float = 0.0) -> Any:
    """Return Γᵏᵢⱼ of points known to be good, for an inner loop; what overflows is no number."""
    if alpha:
        return christoffel(family, theta, alpha=alpha)
    slope, g = family.unchecked["metric_slope"](theta), family.unchecked["metric"](theta)
    return raise_index(g, lower_index(slope))


def cubic(family: Name, theta: Any) -> Any:
    """Return Amari and Chentsov's tensor T_ijk = E[s_i s_j s_k] of an exponential family.

    Its exponential connection is flat in the natural parameters η: with J = ∂η/∂θ its symbols are
    J⁻¹ ∂J, and T is twice the difference to the Levi-Civita symbols.
    """
    family = family_of(family)
    if family.duals is None:
        raise GeometryError(f"“{family.label}” is not an exponential family: no α-connections.")
    theta = family.read(theta)
    J = family.duals.slope(theta)
    bend = differentiate(family, family.duals.slope, theta)  # [a, i, j]
    flat = np.linalg.solve(J, bend.reshape(*bend.shape[:-2], -1)).reshape(bend.shape)
    exponential = np.einsum("...kl,...lij->...kij", family.metric(theta), flat)
    return 2 * (christoffel(family, theta, kind=1) - exponential)


def riemann(family: Name, theta: Any, generic: bool = False) -> Any:
    """Return Rˡ_kij = ∂_i Γˡ_jk − ∂_j Γˡ_ik + Γˡ_im Γᵐ_jk − Γˡ_jm Γᵐ_ik, `[..., l, k, i, j]`."""
    family = family_of(family)
    theta = family.read(theta)
    G = christoffel(family, theta, generic=generic)
    dG = differentiate(family, lambda t: christoffel(family, t, generic=generic), theta)
    part = np.einsum("...ljki->...lkij", dG) + np.einsum("...lim,...mjk->...lkij", G, G)
    return part - np.swapaxes(part, -1, -2)


def ricci(family: Name, theta: Any, generic: bool = False) -> Any:
    """Return the Ricci tensor R_kj = Rⁱ_kij, `(..., d, d)`."""
    return np.einsum("...ikij->...kj", riemann(family, theta, generic))


def scalar_curvature(family: Name, theta: Any, generic: bool = False) -> Any:
    """Return gᵏʲ R_kj, twice the Gaussian curvature where d = 2."""
    return np.einsum(
        "...kj,...kj->...", inverse_metric(family, theta), ricci(family, theta, generic)
    )


def curvature(family: Name, theta: Any, generic: bool = False) -> Any:
    """Return the Gaussian curvature `(...)`; with d ≠ 2, the mean of the sectional curvatures.

    That mean is R/(d(d − 1)), and 0 where d = 1: a line is not curved.
    """
    family = family_of(family)
    theta = family.read(theta)
    if family.d == 1:
        return np.zeros(theta.shape[:-1])[()]
    if family.space is not None and family.space.curvature is not None and not generic:
        return np.full(theta.shape[:-1], family.space.curvature)[()]
    if family.gaussian is not None and not generic:
        return finite(family.gaussian(theta), "The curvature")
    return scalar_curvature(family, theta, generic) / (family.d * (family.d - 1))


def sectional_curvature(family: Name, theta: Any, u: Any, v: Any) -> Any:
    """Return the curvature of the plane of two vectors, g(R(u, v)v, u)/(|u|²|v|² − g(u, v)²)."""
    family = family_of(family)
    g, R = metric(family, theta), riemann(family, theta)
    u, v = np.asarray(u, float), np.asarray(v, float)
    top = np.einsum("...al,...lkij,...k,...i,...j,...a->...", g, R, v, u, v, u)
    bottom = inner(family, theta, u, u) * inner(family, theta, v, v)
    bottom = bottom - inner(family, theta, u, v) ** 2
    if np.any(bottom <= 0):
        raise GeometryError("Two vectors of one direction span no plane.")
    return top / bottom


def natural_direction(family: Name, theta: Any, slope: Any) -> Any:
    """Return gⁱʲ ∂_j: the natural gradient of a gradient `slope (..., d)`."""
    return solve(metric(family, theta), slope)
