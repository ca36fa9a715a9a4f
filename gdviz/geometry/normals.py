"""The normal families: one variable in five parametrisations, covariances, and two independent."""

from typing import Any

import numpy as np

from gdviz.geometry.arrays import diagonal, stack, table
from gdviz.geometry.curved import COVARIANCES, matrix, vector
from gdviz.geometry.family import Duals, Family, family
from gdviz.geometry.half_plane import half_plane
from gdviz.geometry.reparametrise import reparametrised
from gdviz.geometry.spaces import Chart, Space, product, scaled

INF = np.inf
LOG_2PI = float(np.log(2 * np.pi))
ROOT2 = float(np.sqrt(2))


# --- one variable, (μ, σ) -------------------------------------------------------------------------


def _log_density(x: Any, theta: Any) -> Any:
    mu, sigma = theta[..., 0], theta[..., 1]
    return -0.5 * ((x - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * LOG_2PI


def _score(x: Any, theta: Any) -> Any:
    mu, sigma = theta[..., 0], theta[..., 1]
    z = (x - mu) / sigma
    return stack(z / sigma, (z * z - 1) / sigma)


def _sample(theta: Any, n: int, rng: np.random.Generator) -> Any:
    draws = rng.standard_normal((*theta.shape[:-1], n))
    return theta[..., :1] + theta[..., 1:] * draws


def _metric(theta: Any) -> Any:
    return diagonal(np.array([1.0, 2.0]) / theta[..., 1:] ** 2)


def _slope(theta: Any) -> Any:
    sigma = theta[..., 1]
    a, b = -2 / sigma**3, -4 / sigma**3
    return table(theta, [[[0.0, a], [0.0, 0.0]], [[0.0, 0.0], [0.0, b]]])


def _kl(a: Any, b: Any) -> Any:
    """Return log(σ_b/σ_a) + (σ_a² + Δμ²)/(2σ_b²) − ½, without cancellation for close ones."""
    r = a[..., 1] / b[..., 1]
    e = (a[..., 1] - b[..., 1]) / b[..., 1]
    shape = np.where(
        np.abs(e) < 1e-2, _half_excess(np.clip(e, -0.02, 0.02)), 0.5 * (r * r - 1) - np.log(r)
    )
    return shape + 0.5 * ((a[..., 0] - b[..., 0]) / b[..., 1]) ** 2


def _half_excess(e: Any) -> Any:
    """Return ((1 + e)² − 1)/2 − log(1 + e) = e² − e³/3 + e⁴/4 − ... for small e."""
    return e**2 + sum((-e) ** k / k for k in range(3, 12))


def _start(x: Any) -> Any:
    return stack(x.mean(-1), x.std(-1))


def _quantile(u: Any, theta: Any) -> Any:
    from scipy.special import ndtri

    return theta[..., 0] + theta[..., 1] * ndtri(u)


_IDENTITY = Chart(
    lambda t: t * np.ones(2),
    lambda y: y * np.ones(2),
    lambda t: diagonal(np.ones(t.shape)),
    lambda t: np.zeros((*t.shape, 2, 2)),
    lambda a, b: b - a,
)


def _hyperbolic(chart: Chart) -> Space:
    """Return the half-plane x = μ/√2, y = σ, curvature −1/2, of a chart that leads to (μ, σ)."""
    return half_plane(scaled(chart, [ROOT2, 1.0]), 2.0)


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


def _from_expectation(m: Any) -> Any:
    return stack(m[..., 0], np.sqrt(m[..., 1] - m[..., 0] ** 2))


DUALS = Duals(_natural, _from_natural, _natural_slope, _expectation, _from_expectation)

NORMAL = family(
    "normal",
    "Normal (μ, σ)",
    parameters=("μ", "σ"),
    bounds=((-INF, INF), (0.0, INF)),
    support="real",
    log_density=_log_density,
    score=_score,
    sample=_sample,
    metric=_metric,
    metric_slope=_slope,
    kl=_kl,
    start=_start,
    exact_start=True,
    space=_hyperbolic(_IDENTITY),
    duals=DUALS,
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


def _variance_of(m: Any) -> Any:
    return m[..., 1] - m[..., 0] ** 2


def _expectation_gap(a: Any, b: Any) -> Any:
    dm = b[..., 0] - a[..., 0]
    change = b[..., 1] - a[..., 1] - dm * (a[..., 0] + b[..., 0])
    return stack(dm, change / (np.sqrt(_variance_of(a)) + np.sqrt(_variance_of(b))))


def _expectation_hessian(m: Any) -> Any:
    mean, sigma = m[..., 0], np.sqrt(_variance_of(m))
    cross = mean / (2 * sigma**3)
    rows = [[-m[..., 1] / sigma**3, cross], [cross, -0.25 / sigma**3]]
    return table(m, [_FLAT, rows])


_EXPECTATION = Chart(
    _from_expectation,
    _expectation,
    lambda m: table(
        m, [[1, 0], [-m[..., 0] / np.sqrt(_variance_of(m)), 0.5 / np.sqrt(_variance_of(m))]]
    ),
    _expectation_hessian,
    _expectation_gap,
)

OTHER_COORDINATES: tuple[Family, ...] = (
    reparametrised(
        NORMAL,
        _VARIANCE,
        "normal_variance",
        "Normal (μ, σ²)",
        parameters=("μ", "σ²"),
        bounds=((-INF, INF), (0.0, INF)),
        space=_hyperbolic(_VARIANCE),
    ),
    reparametrised(
        NORMAL,
        _LOG_SIGMA,
        "normal_log_sigma",
        "Normal (μ, log σ)",
        parameters=("μ", "log σ"),
        bounds=((-INF, INF), (-INF, INF)),
        space=_hyperbolic(_LOG_SIGMA),
    ),
    reparametrised(
        NORMAL,
        _NATURAL,
        "normal_natural",
        "Normal, natural (η₁, η₂)",
        parameters=("η₁", "η₂"),
        bounds=((-INF, INF), (-INF, 0.0)),
        space=_hyperbolic(_NATURAL),
    ),
    reparametrised(
        NORMAL,
        _EXPECTATION,
        "normal_expectation",
        "Normal, expectation (E x, E x²)",
        parameters=("m₁", "m₂"),
        bounds=((-INF, INF), (0.0, INF)),
        inside=lambda t, ends: _variance_of(t) > 0,
        outside_words="the variance m₂ − m₁² must be positive",
        space=_hyperbolic(_EXPECTATION),
    ),
)

# --- two independent variables, (μ₁, μ₂, σ₁, σ₂) --------------------------------------------------


def _split(theta: Any) -> tuple[Any, Any]:
    return theta[..., ::2], theta[..., 1::2]


def _join(first: Any, second: Any) -> Any:
    return stack(first[..., 0], second[..., 0], first[..., 1], second[..., 1])


def _pair_sample(theta: Any, n: int, rng: np.random.Generator) -> Any:
    return np.stack([_sample(part, n, rng) for part in _split(theta)], -1)


def _pair_slope(theta: Any) -> Any:
    sigma = theta[..., 2:]
    out = np.zeros((*theta.shape, 4, 4))
    for i in (0, 1):
        out[..., i, i, 2 + i] = -2 / sigma[..., i] ** 3
        out[..., 2 + i, 2 + i, 2 + i] = -4 / sigma[..., i] ** 3
    return out


def _of_pair(function: Any) -> Any:
    def call(x: Any, theta: Any) -> Any:
        return tuple(function(x[..., i], part) for i, part in enumerate(_split(theta)))

    return call


DIAGONAL_NORMAL = family(
    "diagonal_normal",
    "Two independent normals",
    parameters=("μ₁", "μ₂", "σ₁", "σ₂"),
    bounds=((-INF, INF), (-INF, INF), (0.0, INF), (0.0, INF)),
    support="plane",
    log_density=lambda x, theta: sum(_of_pair(_log_density)(x, theta)),
    score=lambda x, theta: _join(*_of_pair(_score)(x, theta)),
    sample=_pair_sample,
    metric=lambda t: diagonal(np.concatenate([1 / t[..., 2:] ** 2, 2 / t[..., 2:] ** 2], -1)),
    metric_slope=_pair_slope,
    kl=lambda a, b: _kl(a[..., ::2], b[..., ::2]) + _kl(a[..., 1::2], b[..., 1::2]),
    start=lambda x: np.concatenate([x.mean(-2), x.std(-2)], -1),
    space=product(NORMAL.space, NORMAL.space, _split, _join),  # type: ignore[arg-type]
    duals=Duals(
        lambda t: _join(*map(_natural, _split(t))),
        lambda e: _join(*map(_from_natural, _split(e))),
        lambda t: _pair_matrix(*map(_natural_slope, _split(t))),
        lambda t: _join(*map(_expectation, _split(t))),
        lambda m: _join(*map(_from_expectation, _split(m))),
    ),
    event=1,
    exact_start=True,
)


def _pair_matrix(first: Any, second: Any) -> Any:
    out = np.zeros((*first.shape[:-2], 4, 4))
    out[..., ::2, ::2], out[..., 1::2, 1::2] = first, second
    return out


# --- two variables of mean zero with a covariance (s₁₁, s₁₂, s₂₂) ---------------------------------

_UNITS = np.array([[[1.0, 0], [0, 0]], [[0, 1.0], [1.0, 0]], [[0, 0], [0, 1.0]]])


def _positive(theta: Any, ends: bool) -> Any:
    return theta[..., 0] * theta[..., 2] > theta[..., 1] ** 2


def _parts(theta: Any) -> Any:
    """Return S⁻¹E_i for the three unit changes of the covariance, `(..., 3, 2, 2)`."""
    return np.linalg.inv(matrix(theta))[..., None, :, :] @ _UNITS


def _centred_metric(theta: Any) -> Any:
    parts = _parts(theta)
    return 0.5 * np.einsum("...iab,...jba->...ij", parts, parts)


def _centred_slope(theta: Any) -> Any:
    parts = _parts(theta)
    third = np.einsum("...kab,...ibc,...jca->...ijk", parts, parts, parts)
    return -0.5 * (third + np.swapaxes(third, -2, -3))


def _centred_density(x: Any, theta: Any) -> Any:
    s = matrix(theta)
    form = np.einsum("...a,...ab,...b->...", x, np.linalg.inv(s), x)
    return -0.5 * form - 0.5 * np.log(np.linalg.det(s)) - LOG_2PI


def _centred_score(x: Any, theta: Any) -> Any:
    inverse = np.linalg.inv(matrix(theta))
    y = np.einsum("...ab,...b->...a", inverse, x)
    square = y[..., :, None] * y[..., None, :] - inverse
    return stack(0.5 * square[..., 0, 0], square[..., 0, 1], 0.5 * square[..., 1, 1])


def _centred_sample(theta: Any, n: int, rng: np.random.Generator) -> Any:
    factor = np.linalg.cholesky(matrix(theta))
    return np.einsum("...ab,...nb->...na", factor, rng.standard_normal((*theta.shape[:-1], n, 2)))


def _centred_kl(a: Any, b: Any) -> Any:
    first, second = matrix(a), matrix(b)
    excess = np.linalg.solve(second, first - second)
    trace = np.trace(excess, axis1=-2, axis2=-1)
    return 0.5 * (trace - np.log1p(trace + np.linalg.det(excess)))


def _centred_natural(theta: Any) -> Any:
    inverse = vector(np.linalg.inv(matrix(theta)))
    return inverse * np.array([-0.5, -1.0, -0.5])


def _centred_from_natural(eta: Any) -> Any:
    return vector(np.linalg.inv(matrix(eta * np.array([-2.0, -1.0, -2.0]))))


def _centred_natural_slope(theta: Any) -> Any:
    inverse = np.linalg.inv(matrix(theta))
    change = inverse[..., None, :, :] @ _UNITS @ inverse[..., None, :, :]
    return np.swapaxes(vector(change) * np.array([0.5, 1.0, 0.5]), -1, -2)


CENTRED_NORMAL = family(
    "centred_normal",
    "Normal with mean 0, covariance 2×2",
    parameters=("s₁₁", "s₁₂", "s₂₂"),
    bounds=((0.0, INF), (-INF, INF), (0.0, INF)),
    support="plane",
    log_density=_centred_density,
    score=_centred_score,
    sample=_centred_sample,
    metric=_centred_metric,
    metric_slope=_centred_slope,
    kl=_centred_kl,
    start=lambda x: stack(
        (x[..., 0] ** 2).mean(-1), (x[..., 0] * x[..., 1]).mean(-1), (x[..., 1] ** 2).mean(-1)
    ),
    space=COVARIANCES,
    duals=Duals(
        _centred_natural,
        _centred_from_natural,
        _centred_natural_slope,
        lambda t: t * np.ones(3),
        lambda m: m * np.ones(3),
    ),
    inside=_positive,
    outside_words="the covariance must be positive definite, s₁₁ s₂₂ > s₁₂²",
    event=1,
    exact_start=True,
)
