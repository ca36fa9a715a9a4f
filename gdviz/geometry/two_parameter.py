"""Families on the positive numbers, the unit interval and the simplex, and the discrete ones."""

from typing import Any

import numpy as np
from scipy import special

from gdviz.geometry.arrays import diagonal, stack, stack_3d, table
from gdviz.geometry.family import Duals, family
from gdviz.geometry.half_plane import half_plane
from gdviz.geometry.spaces import Chart, log_ratio

INF = np.inf
POSITIVE = (0.0, INF)


def trigamma(x: Any) -> Any:
    """Return ψ′(x); Hurwitz' zeta function is fast, scipy's polygamma is not."""
    return special.zeta(2, x)


def tetragamma(x: Any) -> Any:
    """Return ψ″(x)."""
    return -2 * special.zeta(3, x)


# --- gamma (k, θ): shape and scale ----------------------------------------------------------------


def _gamma_density(x: Any, t: Any) -> Any:
    k, s = t[..., 0], t[..., 1]
    inside = special.xlogy(k - 1, x) - x / s - special.gammaln(k) - k * np.log(s)
    return np.where(x < 0, -INF, inside)


def _gamma_score(x: Any, t: Any) -> Any:
    k, s = t[..., 0], t[..., 1]
    return stack(np.log(x / s) - special.digamma(k), (x / s - k) / s)


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
    k, s, m, u = a[..., 0], a[..., 1], b[..., 0], b[..., 1]
    shape = (k - m) * special.digamma(k) - special.gammaln(k) + special.gammaln(m)
    return shape + m * log_ratio(s, u) + k * (s - u) / u


def _gamma_curvature(t: Any) -> Any:
    """Return K (Arwini & Dodson 2008, section 3.5)."""
    k = t[..., 0]
    return (trigamma(k) + k * tetragamma(k)) / (4 * (k * trigamma(k) - 1) ** 2)


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
    sample=lambda t, n, rng: rng.gamma(t[..., :1], t[..., 1:], (*t.shape[:-1], n)),
    metric=_gamma_metric,
    metric_slope=_gamma_slope,
    kl=_gamma_kl,
    gaussian=_gamma_curvature,
    start=_gamma_start,
    duals=Duals(
        lambda t: stack(t[..., 0] - 1, -1 / t[..., 1]),
        lambda e: stack(e[..., 0] + 1, -1 / e[..., 1]),
        lambda t: table(t, [[1.0, 0.0], [0.0, t[..., 1] ** -2]]),
        lambda t: stack(special.digamma(t[..., 0]) + np.log(t[..., 1]), t[..., 0] * t[..., 1]),
    ),
    quantile=lambda u, t: t[..., 1] * special.gammaincinv(t[..., 0], u),
)

# --- beta (α, β) and Dirichlet (α₁, α₂, α₃): α are natural parameters -----------------------------


def _dirichlet_metric(t: Any) -> Any:
    return diagonal(trigamma(t)) - trigamma(t.sum(-1))[..., None, None]


def _dirichlet_slope(t: Any) -> Any:
    return stack_3d(tetragamma(t)) - tetragamma(t.sum(-1))[..., None, None, None]


def _log_norm(t: Any) -> Any:
    return special.gammaln(t).sum(-1) - special.gammaln(t.sum(-1))


def _mean_log(t: Any) -> Any:
    return special.digamma(t) - special.digamma(t.sum(-1))[..., None]


def _dirichlet_kl(a: Any, b: Any) -> Any:
    return _log_norm(b) - _log_norm(a) + np.sum((a - b) * _mean_log(a), -1)


def _dirichlet_density(x: Any, t: Any) -> Any:
    return special.xlogy(t - 1, x).sum(-1) - _log_norm(t)


def _dirichlet_start(x: Any) -> Any:
    """Return the moments' estimate of data `(..., n, outcomes)`."""
    mean, square = x.mean(-2), (x[..., 0] ** 2).mean(-1)
    first = mean[..., 0]
    total = (first - square) / np.maximum(square - first**2, 1e-12)
    return mean * np.maximum(total, 1e-3)[..., None]


def _both(x: Any) -> Any:
    return np.stack([x, 1 - x], -1)


def _dirichlet_sample(t: Any, n: int, rng: np.random.Generator) -> Any:
    draws = rng.standard_gamma(t[..., None, :], (*t.shape[:-1], n, t.shape[-1]))
    return draws / draws.sum(-1, keepdims=True)


def _beta_curvature(t: Any) -> Any:
    """Return K (Le Brigant, Preston & Puechmorel 2021, proposition 9)."""
    both, one = np.moveaxis(t, -1, 0), t.sum(-1)
    (p, q), r = trigamma(both), trigamma(one)
    (x, y), z = tetragamma(both), tetragamma(one)
    return x * y * z * (p / x + q / y - r / z) / (4 * (p * q - r * (p + q)) ** 2)


_ALPHAS = Duals(
    lambda t: t * 1.0,
    lambda e: e * 1.0,
    lambda t: diagonal(np.ones(t.shape)),
    _mean_log,
)

BETA = family(
    "beta",
    "Beta (α, β)",
    parameters=("α", "β"),
    bounds=(POSITIVE, POSITIVE),
    support="unit",
    log_density=lambda x, t: np.where(
        (x < 0) | (x > 1), -INF, _dirichlet_density(_both(np.clip(x, 0, 1)), t)
    ),
    score=lambda x, t: np.log(_both(x)) - _mean_log(t),
    sample=lambda t, n, rng: rng.beta(t[..., :1], t[..., 1:], (*t.shape[:-1], n)),
    metric=_dirichlet_metric,
    metric_slope=_dirichlet_slope,
    kl=_dirichlet_kl,
    gaussian=_beta_curvature,
    start=lambda x: _dirichlet_start(_both(x)),
    duals=_ALPHAS,
    quantile=lambda u, t: special.betaincinv(t[..., 0], t[..., 1], u),
)

DIRICHLET = family(
    "dirichlet",
    "Dirichlet on 3 outcomes (α₁, α₂, α₃)",
    parameters=("α₁", "α₂", "α₃"),
    bounds=(POSITIVE, POSITIVE, POSITIVE),
    support="simplex",
    log_density=_dirichlet_density,
    score=lambda x, t: np.log(x) - _mean_log(t),
    sample=_dirichlet_sample,
    metric=_dirichlet_metric,
    metric_slope=_dirichlet_slope,
    kl=_dirichlet_kl,
    start=_dirichlet_start,
    duals=_ALPHAS,
    event=1,
)

# --- Weibull (k, λ): shape and scale; log x has location and scale, hence a half-plane ------------

EULER = float(np.euler_gamma)
_PSI2 = 1 - EULER  # ψ(2)
_ZETA2 = float(np.pi**2 / 6)
_ROOT = float(np.sqrt(_ZETA2))


def _weibull_z(x: Any, t: Any) -> tuple[Any, Any, Any]:
    k, s = t[..., 0], t[..., 1]
    logs = np.log(x / s)
    return k, s, logs


def _weibull_density(x: Any, t: Any) -> Any:
    k, s, logs = _weibull_z(np.where(x > 0, x, 1.0), t)
    inside = np.log(k / s) + (k - 1) * logs - np.exp(k * logs)
    return np.where(x > 0, inside, -INF)


def _weibull_score(x: Any, t: Any) -> Any:
    k, s, logs = _weibull_z(x, t)
    excess = np.expm1(k * logs)
    return stack(1 / k - logs * excess, k / s * excess)


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
    """Return KL of two Weibulls (Bauckhage 2013, arXiv:1310.3713, equation 10)."""
    k, s, m, u = a[..., 0], a[..., 1], b[..., 0], b[..., 1]
    change = log_ratio(m, k) + log_ratio(s, u) * m
    expected = np.exp(m * log_ratio(u, s) + special.gammaln(m / k + 1))
    return change - EULER * (1 - m / k) + expected - 1


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
    score=_weibull_score,
    sample=lambda t, n, rng: t[..., 1:] * rng.weibull(t[..., :1], (*t.shape[:-1], n)),
    metric=_weibull_metric,
    metric_slope=_weibull_slope,
    kl=_weibull_kl,
    start=_weibull_start,
    space=half_plane(_WEIBULL_CHART, _ZETA2),
    quantile=lambda u, t: t[..., 1] * (-np.log1p(-u)) ** (1 / t[..., 0]),
)
