"""How far apart two distributions are, by other measures than Fisher and Rao's."""

from typing import Any

import numpy as np

from gdviz.geometry.expectations import nodes
from gdviz.geometry.families import family_of
from gdviz.geometry.family import Family, GeometryError
from gdviz.geometry.fisher import Name
from gdviz.geometry.geodesics import points_of


def kl(family: Name, a: Any, b: Any) -> Any:
    """Return KL(p_a ‖ p_b) in nats, in closed form."""
    family = family_of(family)
    return family.kl(*points_of(family, a, b))


def euclid(family: Name, a: Any, b: Any) -> Any:
    """Return the Euclidean distance of the parameters: it depends on how they are chosen."""
    family = family_of(family)
    a, b = points_of(family, a, b, boundary=True)
    return np.linalg.norm(b - a, axis=-1)


def hellinger(family: Name, a: Any, b: Any) -> float:
    """Return √(1 − ∫ √(p_a p_b)) of one pair, between 0 and 1.

    It is √(½ ∫ (√p_a − √p_b)²), summed in that form: no digits are lost between close ones.
    """
    family = family_of(family)
    a, b = points_of(family, a, b)
    if a.ndim != 1:
        raise GeometryError("The Hellinger distance is computed for one pair at a time.")
    if family.base is family_of("normal"):
        assert family.chart is not None
        return hellinger("normal", family.chart.forward(a), family.chart.forward(b))
    if family.name == "normal":
        return float(_hellinger_normal(a, b))
    total = 0.0
    # Each half of the mixture is summed on the points of its own density.
    for own, other in ((a, b), (b, a)):
        x, w = nodes(family, own, 801)
        with np.errstate(all="ignore"):
            p, q = family.log_density(x, own), family.log_density(x, other)
            share = 1 / (1 + np.exp(np.clip(q - p, -700, 700)))  # of the mixture, that is p's
            gap = np.expm1(np.clip(q - p, -700, 300) / 2) ** 2 * np.exp(p) * share
        total += float(np.nansum(w * gap))
    return float(np.sqrt(min(total / 2, 1.0)))


def _hellinger_normal(a: Any, b: Any) -> Any:
    """1 − √(2σσ′/(σ² + σ′²)) exp(−Δμ²/(4(σ² + σ′²))), by expm1 and log1p."""
    square = a[1] ** 2 + b[1] ** 2
    shape = 0.5 * np.log1p(-((b[1] - a[1]) ** 2) / square)
    return np.sqrt(-np.expm1(shape - (b[0] - a[0]) ** 2 / (4 * square)))


def has_wasserstein(family: Name) -> bool:
    """Tell whether the Wasserstein distance is known here: the normal, or a quantile function."""
    return family_of(family).quantile is not None


def wasserstein(family: Name, a: Any, b: Any) -> float:
    """Return the 2-Wasserstein distance √∫ (Q_a(u) − Q_b(u))² du of one pair on the line."""
    family = family_of(family)
    a, b = points_of(family, a, b)
    if a.ndim != 1:
        raise GeometryError("The Wasserstein distance is computed for one pair at a time.")
    if family.name == "normal":
        return float(np.hypot(*(b - a)))
    if family.base is family_of("normal"):
        assert family.chart is not None
        return float(np.hypot(*family.chart.gap(a, b)))
    if family.quantile is None:
        raise GeometryError(f"No Wasserstein distance for “{family.label}” here.")
    u, w = _levels()
    gap = family.quantile(u, a) - family.quantile(u, b)
    return float(np.sqrt(w @ gap**2))


def _levels(count: int = 801) -> tuple[Any, Any]:
    """Return levels and weights on 0 ... 1, dense at both ends, as quantiles are steep there."""
    s = np.linspace(-3.0, 3.0, count)
    u = 1 / (1 + np.exp(-np.pi * np.sinh(s)))
    w = np.pi * np.cosh(s) * u * (1 - u) * (s[1] - s[0])
    inside = (u > 0) & (u < 1)
    return u[inside], w[inside]


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
