"""The normal family of one variable, in five parametrisations."""

from typing import Any

import numpy as np

from gdviz.geometry import compiled
from gdviz.geometry.arrays import diagonal, stack, table
from gdviz.geometry.bregman import ratio_excess
from gdviz.geometry.family import Duals, Family, family
from gdviz.geometry.half_plane import half_plane
from gdviz.geometry.reparametrise import reparametrise
from gdviz.geometry.spaces import Chart, Space, log_ratio, scaled_space

INF = np.inf
LOG_2PI = float(np.log(2 * np.pi))
ROOT2 = float(np.sqrt(2))


# --- one variable, (μ, σ) -------------------------------------------------------------------------


def log_density(x: Any, theta: Any) -> Any:
    mu, sigma = theta[..., 0], theta[..., 1]
    return -0.5 * ((x - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * LOG_2PI


def score(x: Any, theta: Any) -> Any:
    mu, sigma = theta[..., 0], theta[..., 1]
    z = (x - mu) / sigma
    return stack(z / sigma, (z * z - 1) / sigma)


def sample(theta: Any, n: int, rng: np.random.Generator) -> Any:
    draws = rng.standard_normal((*theta.shape[:-1], n))
    return theta[..., :1] + theta[..., 1:] * draws


def _metric(theta: Any) -> Any:
    return diagonal(np.array([1.0, 2.0]) / theta[..., 1:] ** 2)


def _slope(theta: Any) -> Any:
    sigma = theta[..., 1]
    a, b = -2 / sigma**3, -4 / sigma**3
    return table(theta, [[[0.0, a], [0.0, 0.0]], [[0.0, 0.0], [0.0, b]]])


def kl(a: Any, b: Any) -> Any:
    """Return log(σ_b/σ_a) + (σ_a² + Δμ²)/(2σ_b²) − ½."""
    return _kl(a[..., 1], b[..., 1], b - a)


def _kl(sigma: Any, tau: Any, gap: Any) -> Any:
    """Return KL of normals with the sds σ and τ; `gap (..., 2)` is the change of mean and sd."""
    across, up = gap[..., 0] / tau, -gap[..., 1] / tau
    return 0.5 * (ratio_excess(up * (2 + up), 2 * log_ratio(tau, sigma)) + across**2)


def bhattacharyya(a: Any, b: Any) -> Any:
    """Return −log ∫ √(p_a p_b) of normals."""
    return _bhattacharyya(a[..., 1], b[..., 1], b - a)


def _bhattacharyya(sigma: Any, tau: Any, gap: Any) -> Any:
    """Return Δμ²/(4(σ² + τ²)) + ½ log(1 + (τ − σ)²/(2στ))."""
    across, up = gap[..., 0] / np.hypot(sigma, tau), gap[..., 1]
    return across**2 / 4 + 0.5 * np.log1p(up / sigma * (up / tau) / 2)


def _start(x: Any) -> Any:
    return stack(x.mean(-1), x.std(-1))


def _quantile(u: Any, theta: Any, above: Any = None) -> Any:
    from scipy.special import ndtri

    z = ndtri(u) if above is None else np.where(u < 0.5, ndtri(u), -ndtri(above))
    return theta[..., 0] + theta[..., 1] * z


_IDENTITY = Chart(
    lambda t: t * np.ones(2),
    lambda y: y * np.ones(2),
    lambda t: diagonal(np.ones(t.shape)),
    lambda t: np.zeros((*t.shape, 2, 2)),
    lambda a, b: b - a,
)


def _hyperbolic(chart: Chart) -> Space:
    """Return the half-plane x = μ/√2, y = σ, curvature −1/2, of a chart that leads to (μ, σ)."""
    return half_plane(scaled_space(chart, [ROOT2, 1.0]), 2.0)


def _natural(theta: Any) -> Any:
    mu, sigma = theta[..., 0], theta[..., 1]
    return stack(mu / sigma**2, -0.5 / sigma**2)


def _from_natural(eta: Any) -> Any:
    variance = -0.5 / eta[..., 1]
    return stack(eta[..., 0] * variance, np.sqrt(variance))


def _natural_slope(theta: Any) -> Any:
    mu, sigma = theta[..., 0], theta[..., 1]
    return table(theta, [[1 / sigma**2, -2 * mu / sigma**3], [0.0, 1 / sigma**3]])


def _expectation(theta: Any) -> Any:
    mu, sigma = theta[..., 0], theta[..., 1]
    return stack(mu, mu**2 + sigma**2)


def _variance_of(m: Any) -> Any:
    """Return m₂ − m₁² with the rounding of the square taken back (Dekker 1971)."""
    x = m[..., 0]
    square, split = x * x, 134217729.0 * x
    high = split - (split - x)
    low = x - high
    lost = (high * high - square) + 2 * high * low + low * low
    return (m[..., 1] - square) - np.where(np.isfinite(lost), lost, 0.0)


def from_expectation(m: Any) -> Any:
    return stack(m[..., 0], np.sqrt(_variance_of(m)))


DUALS = Duals(_natural, _from_natural, _natural_slope, _expectation, from_expectation)

NORMAL = family(
    "normal",
    "Normal (μ, σ)",
    parameters=("μ", "σ"),
    bounds=((-INF, INF), (0.0, INF)),
    support="real",
    log_density=log_density,
    score=score,
    sample=sample,
    metric=_metric,
    metric_slope=_slope,
    kl=kl,
    start=_start,
    exact_start=True,
    space=_hyperbolic(_IDENTITY)._replace(
        quick_distance=compiled.distances, quick_geodesic=compiled.geodesics
    ),
    duals=DUALS,
    bhattacharyya=bhattacharyya,
    wasserstein=lambda a, b: np.hypot(*np.moveaxis(b - a, -1, 0)),
    quantile=_quantile,
)

# --- the same in other coordinates: the chart leads to (μ, σ) -------------------------------------


_FLAT = [[0.0, 0.0], [0.0, 0.0]]

_VARIANCE = Chart(
    lambda t: stack(t[..., 0], np.sqrt(t[..., 1])),
    lambda y: stack(y[..., 0], y[..., 1] ** 2),
    lambda t: table(t, [[1, 0], [0, 0.5 / np.sqrt(t[..., 1])]]),
    lambda t: table(t, [_FLAT, [[0, 0], [0, -0.25 * t[..., 1] ** -1.5]]]),
    lambda a, b: stack(
        b[..., 0] - a[..., 0],
        (b[..., 1] - a[..., 1]) / (np.sqrt(a[..., 1]) + np.sqrt(b[..., 1])),
    ),
)

_LOG_SIGMA = Chart(
    lambda t: stack(t[..., 0], np.exp(t[..., 1])),
    lambda y: stack(y[..., 0], np.log(y[..., 1])),
    lambda t: table(t, [[1, 0], [0, np.exp(t[..., 1])]]),
    lambda t: table(t, [_FLAT, [[0, 0], [0, np.exp(t[..., 1])]]]),
    lambda a, b: stack(b[..., 0] - a[..., 0], np.exp(a[..., 1]) * np.expm1(b[..., 1] - a[..., 1])),
)


def _natural_gap(a: Any, b: Any) -> Any:
    da, db = b[..., 0] - a[..., 0], b[..., 1] - a[..., 1]
    both = 2 * a[..., 1] * b[..., 1]
    one, other = np.sqrt(-0.5 / a[..., 1]), np.sqrt(-0.5 / b[..., 1])
    return stack((a[..., 0] * db - da * a[..., 1]) / both, db / both / (one + other))


_NATURAL = Chart(
    _from_natural,
    _natural,
    lambda t: table(
        t,
        [
            [-0.5 / t[..., 1], 0.5 * t[..., 0] / t[..., 1] ** 2],
            [0, (-2 * t[..., 1]) ** -1.5],
        ],
    ),
    lambda t: table(
        t,
        [
            [[0, 0.5 / t[..., 1] ** 2], [0.5 / t[..., 1] ** 2, -t[..., 0] / t[..., 1] ** 3]],
            [[0, 0], [0, 3 * (-2 * t[..., 1]) ** -2.5]],
        ],
    ),
    _natural_gap,
)


def _expectation_gap(a: Any, b: Any) -> Any:
    """Return the gaps of μ and σ; that of σ² is formed in the way that cancels less."""
    dm, second = b[..., 0] - a[..., 0], b[..., 1] - a[..., 1]
    v, w = _variance_of(a), _variance_of(b)
    change = np.where(np.abs(second) > v + w, w - v, second - dm * (a[..., 0] + b[..., 0]))
    return stack(dm, change / (np.sqrt(v) + np.sqrt(w)))


def _expectation_hessian(m: Any) -> Any:
    mean, sigma = m[..., 0], np.sqrt(_variance_of(m))
    cross = mean / (2 * sigma**3)
    rows = [[-m[..., 1] / sigma**3, cross], [cross, -0.25 / sigma**3]]
    return table(m, [_FLAT, rows])


_EXPECTATION = Chart(
    from_expectation,
    _expectation,
    lambda m: table(
        m, [[1, 0], [-m[..., 0] / np.sqrt(_variance_of(m)), 0.5 / np.sqrt(_variance_of(m))]]
    ),
    _expectation_hessian,
    _expectation_gap,
)


def _other(chart: Chart, name: str, label: str, **parts: Any) -> Family:
    """Return the normals in the coordinates of a chart; close ones keep the digits of its gap."""

    def of_pair(function: Any) -> Any:
        def call(a: Any, b: Any) -> Any:
            return function(chart.forward(a)[..., 1], chart.forward(b)[..., 1], chart.gap(a, b))

        return call

    return reparametrise(
        NORMAL,
        chart,
        name,
        label,
        space=_hyperbolic(chart),
        kl=of_pair(_kl),
        bhattacharyya=of_pair(_bhattacharyya),
        wasserstein=lambda a, b: np.hypot(*np.moveaxis(chart.gap(a, b), -1, 0)),
        **parts,
    )


OTHER_COORDINATES: tuple[Family, ...] = (
    _other(
        _VARIANCE,
        "normal_variance",
        "Normal (μ, σ²)",
        parameters=("μ", "σ²"),
        bounds=((-INF, INF), (0.0, INF)),
    ),
    _other(
        _LOG_SIGMA,
        "normal_log_sigma",
        "Normal (μ, log σ)",
        parameters=("μ", "log σ"),
        bounds=((-INF, INF), (-INF, INF)),
    ),
    _other(
        _NATURAL,
        "normal_natural",
        "Normal, natural (θ₁, θ₂)",
        parameters=("θ₁", "θ₂"),
        bounds=((-INF, INF), (-INF, 0.0)),
    ),
    _other(
        _EXPECTATION,
        "normal_expectation",
        "Normal, expectation (E x, E x²)",
        parameters=("m₁", "m₂"),
        bounds=((-INF, INF), (0.0, INF)),
        inside=lambda t, ends: _variance_of(t) > 0,
        outside_words="the variance m₂ − m₁² must be positive",
    ),
)
