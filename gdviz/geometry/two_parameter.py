"""The gamma and the Weibull family."""

from typing import Any

import numpy as np
from scipy import special

from gdviz.geometry.arrays import minus_log, stack, table
from gdviz.geometry.bregman import (
    exp_excess,
    gamma_bregman,
    phi,
    phi_bregman,
    phi_slope,
    ratio_excess,
    tetragamma,
    tetragamma_excess,
    trigamma,
    trigamma_excess,
)
from gdviz.geometry.family import Duals, Logs, family
from gdviz.geometry.half_plane import half_plane
from gdviz.geometry.integrals import integral, octaves
from gdviz.geometry.spaces import Chart, log_ratio

INF = np.inf
POSITIVE = (0.0, INF)


# --- gamma (k, θ): shape and scale ----------------------------------------------------------------


def _gamma_logs(y: Any, t: Any, off: Any = None) -> Any:
    """Return the log-density by y = log x; `off` is y − log(kθ), if it is known better."""
    k = t[..., 0]
    off = y - np.log(k) - np.log(t[..., 1]) if off is None else off
    return -k * exp_excess(off) - phi(k)


def _gamma_density(x: Any, t: Any) -> Any:
    k, s = t[..., 0], t[..., 1]
    held = np.where(x > 0, x, 1.0)
    logs = np.log(held)
    inside = _gamma_logs(logs, t, log_ratio(k * s, held)) - logs
    at_zero = special.xlogy(k - 1, 0.0) - special.gammaln(k) - k * np.log(s)
    return np.where(x > 0, inside, np.where(x < 0, -INF, at_zero))


def _gamma_log_score(y: Any, t: Any) -> Any:
    k, s = t[..., 0], t[..., 1]
    off = y - np.log(k) - np.log(s)
    return stack(off - phi_slope(k), np.expm1(off) * k / s)


def _gamma_score(x: Any, t: Any) -> Any:
    k, s = t[..., 0], t[..., 1]
    return stack(log_ratio(k * s, x) - phi_slope(k), (x - k * s) / s / s)


def _gamma_quantile(u: Any, t: Any, above: Any = None) -> Any:
    k, s = t[..., 0], t[..., 1]
    if above is None:
        return s * special.gammaincinv(k, u)
    return s * np.where(u < 0.5, special.gammaincinv(k, u), special.gammainccinv(k, above))


def _gamma_place(t: Any) -> tuple[float, float]:
    return float(np.log(t).sum()), float(1 / np.sqrt(t[0]))


def _gamma_metric(t: Any) -> Any:
    k, s = t[..., 0], t[..., 1]
    return table(t, [[trigamma(k), 1 / s], [1 / s, k / s**2]])


def _gamma_slope(t: Any) -> Any:
    k, s = t[..., 0], t[..., 1]
    cross = -1 / s**2
    return table(
        t, [[[tetragamma(k), 0.0], [0.0, cross]], [[0.0, cross], [1 / s**2, -2 * k / s**3]]]
    )


def _gamma_kl(a: Any, b: Any) -> Any:
    """Return m (r − 1 − log r) with r the ratio of the means, and what the shapes add."""
    k, s, m, u = a[..., 0], a[..., 1], b[..., 0], b[..., 1]
    grown = (k - m) / m * (s / u)
    change = np.where(np.abs(grown) < 0.5, grown + (s - u) / u, k / m * (s / u) - 1)
    return m * ratio_excess(change, log_ratio(m, k) + log_ratio(u, s)) + phi_bregman(m, k)


def _gamma_curvature(t: Any) -> Any:
    """Return K (Arwini & Dodson 2008, section 3.5), from ψ′(k) − 1/k and its derivative."""
    k = t[..., 0]
    excess = trigamma_excess(k)
    return (excess + k * tetragamma_excess(k)) / (2 * k * excess) ** 2


def _gamma_square(t: Any, v: Any) -> Any:
    """Return g(v, v) = k (k̇/k + θ̇/θ)² + (ψ′ − 1/k) k̇²."""
    k, dk = t[..., 0], v[..., 0]
    return k * (dk / k + v[..., 1] / t[..., 1]) ** 2 + trigamma_excess(k) * dk**2


def _gamma_force(t: Any, v: Any) -> Any:
    """Return Γᵏᵢⱼ vⁱvʲ, written with k̇/k + θ̇/θ, the growth of the mean."""
    k, s, dk = t[..., 0], t[..., 1], v[..., 0]
    ds = v[..., 1] / s
    excess = 2 * k * trigamma_excess(k)
    pull = ((dk / k + ds) ** 2 - tetragamma_excess(k) * dk**2) / excess
    return stack(-k * pull, s * (pull + ds * (dk / k - ds)))


def _gamma_start(x: Any) -> Any:
    """Return Minka's approximation (2002, Estimating a Gamma distribution, equation 8)."""
    mean = x.mean(-1)
    s = np.log(mean) - np.log(x).mean(-1)
    k = (3 - s + np.sqrt((s - 3) ** 2 + 24 * s)) / (12 * s)
    return stack(k, mean / k)


GAMMA = family(
    "gamma",
    "Gamma (shape k, scale θ)",
    parameters=("k", "θ"),
    bounds=(POSITIVE, POSITIVE),
    support="positive",
    log_density=_gamma_density,
    score=_gamma_score,
    logs=Logs(_gamma_logs, _gamma_log_score, _gamma_place),
    sample=lambda t, n, rng: rng.gamma(t[..., :1], t[..., 1:], (*t.shape[:-1], n)),
    metric=_gamma_metric,
    metric_slope=_gamma_slope,
    kl=_gamma_kl,
    gaussian=_gamma_curvature,
    square=_gamma_square,
    force=_gamma_force,
    start=_gamma_start,
    duals=Duals(
        lambda t: stack(t[..., 0], -1 / t[..., 1]),
        lambda e: stack(e[..., 0], -1 / e[..., 1]),
        lambda t: table(t, [[1.0, 0.0], [0.0, t[..., 1] ** -2]]),
        lambda t: stack(special.digamma(t[..., 0]) + np.log(t[..., 1]), t[..., 0] * t[..., 1]),
    ),
    quantile=_gamma_quantile,
)

# --- Weibull (k, λ): shape and scale; log x has location and scale, hence a half-plane ------------

EULER = float(np.euler_gamma)
_PSI2 = 1 - EULER  # ψ(2)
_ZETA2 = float(np.pi**2 / 6)
_ROOT = float(np.sqrt(_ZETA2))


def _weibull_logs(y: Any, t: Any) -> Any:
    k = t[..., 0]
    power = k * (y - np.log(t[..., 1]))
    return np.log(k) + power - np.exp(power)


def _weibull_density(x: Any, t: Any) -> Any:
    k, s = t[..., 0], t[..., 1]
    held = np.where(x > 0, x, 1.0)
    inside = _weibull_logs(np.log(held), t) - np.log(held)
    at_zero = special.xlogy(k - 1, 0.0) + np.log(k) - k * np.log(s)
    return np.where(x > 0, inside, np.where(x < 0, -INF, at_zero))


def _weibull_score(y: Any, t: Any) -> Any:
    k, s = t[..., 0], t[..., 1]
    off = y - np.log(s)
    excess = np.expm1(k * off)
    return stack(1 / k - off * excess, k / s * excess)


def _weibull_place(t: Any) -> tuple[float, float]:
    return float(np.log(t[1])), float(1 / t[0])


def _weibull_metric(t: Any) -> Any:
    k, s = t[..., 0], t[..., 1]
    cross = -_PSI2 / s
    return table(t, [[(_ZETA2 + _PSI2**2) / k**2, cross], [cross, (k / s) ** 2]])


def _weibull_slope(t: Any) -> Any:
    k, s = t[..., 0], t[..., 1]
    cross = _PSI2 / s**2
    own = -2 * (_ZETA2 + _PSI2**2) / k**3
    return table(t, [[[own, 0.0], [0.0, cross]], [[0.0, cross], [2 * k / s**2, -2 * k**2 / s**3]]])


def _weibull_kl(a: Any, b: Any) -> Any:
    """Return eʷ − 1 − w + log Γ(r) + γ(r − 1), r = m/k (Bauckhage 2013, equation 10)."""
    k, s, m, u = a[..., 0], a[..., 1], b[..., 0], b[..., 1]
    ratio, change = m / k, (m - k) / k
    log = m * log_ratio(u, s) + _PSI2 * change + gamma_bregman(1 + ratio, 2.0, change)
    return exp_excess(log) + gamma_bregman(ratio, 1.0, change)


def _weibull_wasserstein(a: Any, b: Any) -> Any:
    """Return √((A − B)² + 2AB(1 − c)), A² = E X² = λ²Γ(1 + 2/k), c the correlation of quantiles.

    AB c = λ_a λ_b Γ(1 + 1/k_a + 1/k_b), and −log c is how far log Γ is from its chord.
    """
    p, q = 1 / a[..., 0], 1 / b[..., 0]
    change = (b[..., 0] - a[..., 0]) / a[..., 0] / b[..., 0]  # p − q
    log_b = np.log(b[..., 1]) + special.gammaln(1 + 2 * q) / 2
    log_change = log_ratio(b[..., 1], a[..., 1]) + change * special.digamma(1 + 2 * q)
    log_change = log_change + gamma_bregman(1 + 2 * p, 1 + 2 * q, 2 * change) / 2
    middle = 1 + p + q
    bend = gamma_bregman(1 + 2 * p, middle, change) + gamma_bregman(1 + 2 * q, middle, -change)
    spread = np.expm1(log_change) ** 2 - 2 * np.exp(log_change) * np.expm1(-bend / 2)
    far = log_change > 300  # then b is nothing beside a
    return np.where(far, np.exp(log_b + log_change), np.exp(log_b) * np.sqrt(spread))


def _weibull_bhattacharyya(a: Any, b: Any) -> Any:
    """Return −log ∫ √(p_a p_b) by quadrature, from ½ ∫ (√p_a − √p_b)² for close ones."""
    flat = zip(a.reshape(-1, 2), b.reshape(-1, 2), strict=True)
    return np.reshape([_weibull_overlap(*pair) for pair in flat], a.shape[:-1])


def _weibull_overlap(a: Any, b: Any) -> float:
    """Sum over v = k log(x/λ) of a, whose density is e^(v − eᵛ); the one of b is e^D times that."""
    if np.array_equal(a, b):
        return 0.0
    ratio, change = b[0] / a[0], (b[0] - a[0]) / a[0]
    shift, log = b[0] * log_ratio(b[1], a[1]), log_ratio(a[0], b[0])

    def logs(v: Any) -> tuple[Any, Any]:
        step = change * v + shift
        first = v - np.exp(v)
        growth = np.where(v + step < 700, np.exp(v) * np.expm1(step), np.exp(v + step) - np.exp(v))
        return first, log + step - growth

    def gaps(v: Any) -> Any:
        first, change = logs(v)
        top = np.where(change > 0, first + change, first)
        square = np.exp(top) * np.expm1(-np.abs(change) / 2) ** 2 / 2
        return np.stack([square, np.exp(first + change / 2)], -1)

    edges = octaves((0.0, 1.0), (float(-shift / ratio), float(1 / ratio)))
    apart, both = integral(gaps, edges)
    return float(-np.log1p(-apart) if apart < 0.5 else -np.log(both))


def _weibull_start(x: Any) -> Any:
    logs = np.log(x)
    k = np.pi / np.sqrt(6) / logs.std(-1)
    return stack(k, np.exp(logs.mean(-1) + EULER / k))


def _weibull_gap(a: Any, b: Any) -> Any:
    """Return the change of x = log λ + ψ(2)/k and of y = √ζ(2)/k."""
    change = (a[..., 0] - b[..., 0]) / (a[..., 0] * b[..., 0])
    return stack(log_ratio(a[..., 1], b[..., 1]) + _PSI2 * change, _ROOT * change)


def _weibull_inverse(y: Any) -> Any:
    width = y[..., 1] / _ROOT
    return stack(1 / width, np.exp(y[..., 0] - _PSI2 * width))


_WEIBULL_CHART = Chart(
    lambda t: stack(np.log(t[..., 1]) + _PSI2 / t[..., 0], _ROOT / t[..., 0]),
    _weibull_inverse,
    lambda t: table(t, [[-_PSI2 / t[..., 0] ** 2, 1 / t[..., 1]], [-_ROOT / t[..., 0] ** 2, 0.0]]),
    lambda t: table(
        t,
        [
            [[2 * _PSI2 / t[..., 0] ** 3, 0.0], [0.0, -1 / t[..., 1] ** 2]],
            [[2 * _ROOT / t[..., 0] ** 3, 0.0], [0.0, 0.0]],
        ],
    ),
    _weibull_gap,
)

WEIBULL = family(
    "weibull",
    "Weibull (shape k, scale λ)",
    parameters=("k", "λ"),
    bounds=(POSITIVE, POSITIVE),
    support="positive",
    log_density=_weibull_density,
    logs=Logs(_weibull_logs, _weibull_score, _weibull_place),
    score=lambda x, t: _weibull_score(np.log(x), t),
    sample=lambda t, n, rng: t[..., 1:] * rng.weibull(t[..., :1], (*t.shape[:-1], n)),
    metric=_weibull_metric,
    metric_slope=_weibull_slope,
    kl=_weibull_kl,
    start=_weibull_start,
    space=half_plane(_WEIBULL_CHART, _ZETA2),
    bhattacharyya=_weibull_bhattacharyya,
    wasserstein=_weibull_wasserstein,
    quantile=lambda u, t, above=None: t[..., 1] * minus_log(u, above) ** (1 / t[..., 0]),
)
