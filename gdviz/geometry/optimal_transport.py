"""The 2-Wasserstein distance of laws on the line, and the path of least transport between them."""

from typing import Any

import numpy as np

from gdviz.geometry.families import family_of
from gdviz.geometry.family import Family, GeometryError
from gdviz.geometry.fisher import Name
from gdviz.geometry.geodesics import points_of
from gdviz.geometry.integrals import integral

# Log-odds of the levels: what lies beyond ±80 weighs e⁻⁸⁰
_EDGES = np.array([0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 4.5, 7.0, 11.0, 18.0, 30.0, 50.0, 80.0])
_EDGES = np.concatenate([-_EDGES[:0:-1], _EDGES])
CLOSE = 1e-5  # a change of the parameters below which quantiles are differentiated
# Fornberg (1988), table 1: the eighth-order centred first derivative
_OFFSETS = np.array([-4, -3, -2, -1, 1, 2, 3, 4], float)
_WEIGHTS = np.array([3, -32, 168, -672, 672, -168, 32, -3]) / 840


def wasserstein(family: Name, a: Any, b: Any) -> Any:
    """Return the 2-Wasserstein distance √∫ (Q_a(u) − Q_b(u))² du of points `(..., d)`.

    In closed form where there is one, else by quadrature over the log-odds of u. Raises
    `GeometryError` for a family without quantiles, or a distance that no float can hold.
    """
    family = family_of(family)
    a, b = points_of(family, a, b)
    if family.quantile is None:
        raise GeometryError(f"No Wasserstein distance for “{family.label}” here.")
    with np.errstate(all="ignore"):
        if family.wasserstein is not None:
            value = family.wasserstein(a, b)
        else:
            pairs = zip(a.reshape(-1, family.d), b.reshape(-1, family.d), strict=True)
            value = np.array([_by_quantiles(family, *pair) for pair in pairs])
            value = value.reshape(a.shape[:-1])
    if not np.all(np.isfinite(value)):
        raise GeometryError("The Wasserstein distance leaves the range of floating-point numbers.")
    return np.asarray(value)[()]


def _by_quantiles(family: Family, a: Any, b: Any) -> float:
    change = float(np.max(np.abs(b - a) / np.maximum(np.abs(a), np.abs(b))))
    if change == 0:
        return 0.0
    gap = _slope(family, a, b, change) if change < CLOSE else _gap(family, a, b)

    def squares(z: Any) -> Any:
        return gap(z) ** 2 * np.exp(-np.logaddexp(0, z) - np.logaddexp(0, -z))

    return float(np.sqrt(integral(squares, _EDGES, 1e-12)))


def _gap(family: Family, a: Any, b: Any) -> Any:
    return lambda z: _at_odds(family, z, a) - _at_odds(family, z, b)


def _slope(family: Family, a: Any, b: Any, change: float) -> Any:
    """Return the derivative of the quantiles from a to b, halfway: the gap without its rounding."""
    middle, along = (a + b) / 2, (b - a) / change
    points = [middle + 0.01 * offset * along for offset in _OFFSETS]

    def gap(z: Any) -> Any:
        parts = [w * _at_odds(family, z, p) for w, p in zip(_WEIGHTS, points, strict=True)]
        return change / 0.01 * np.sum(parts, 0)

    return gap


def _at_odds(family: Family, z: Any, theta: Any) -> Any:
    """Return the quantiles at the levels with the log-odds z: both tails keep their digits."""
    assert family.quantile is not None
    below, above = np.exp(-np.logaddexp(0, -z)), np.exp(-np.logaddexp(0, z))
    return family.quantile(below, theta, above)


def displacement(family: Family, a: Any, b: Any, t: Any, u: Any) -> tuple[Any, Any]:
    """Return x and the density on the Wasserstein path at times t `(n,)`, each `(n, len(u))`.

    The quantiles at the levels u are averaged; the density is 1/Q′, by 1/p at both ends.
    """
    if family.quantile is None:
        raise GeometryError(f"No Wasserstein path for “{family.label}” here.")
    first, second = family.quantile(u, a), family.quantile(u, b)
    t = np.asarray(t, float)[:, None]
    slopes = [np.exp(-family.log_density(x, p)) for x, p in ((first, a), (second, b))]
    return (1 - t) * first + t * second, 1 / ((1 - t) * slopes[0] + t * slopes[1])
