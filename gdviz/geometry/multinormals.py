"""Normal families of two variables: independent ones, and a covariance around zero."""

from typing import Any

import numpy as np

from gdviz.geometry.arrays import diagonal, stack
from gdviz.geometry.bregman import exp_excess, log_cosh
from gdviz.geometry.family import Duals, family
from gdviz.geometry.normals import (
    DUALS,
    LOG_2PI,
    NORMAL,
    bhattacharyya,
    from_expectation,
    kl,
    log_density,
    sample,
    score,
)
from gdviz.geometry.spaces import product
from gdviz.geometry.sphere_and_spd import COVARIANCES, log_spectrum, matrix, vector

INF = np.inf

# --- two independent variables, (μ₁, μ₂, σ₁, σ₂) --------------------------------------------------


def _split(theta: Any) -> tuple[Any, Any]:
    return theta[..., ::2], theta[..., 1::2]


def _join(first: Any, second: Any) -> Any:
    return stack(first[..., 0], second[..., 0], first[..., 1], second[..., 1])


def _pair_sample(theta: Any, n: int, rng: np.random.Generator) -> Any:
    return np.stack([sample(part, n, rng) for part in _split(theta)], -1)


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
    log_density=lambda x, theta: sum(_of_pair(log_density)(x, theta)),
    score=lambda x, theta: _join(*_of_pair(score)(x, theta)),
    sample=_pair_sample,
    metric=lambda t: diagonal(np.concatenate([1 / t[..., 2:] ** 2, 2 / t[..., 2:] ** 2], -1)),
    metric_slope=_pair_slope,
    kl=lambda a, b: kl(a[..., ::2], b[..., ::2]) + kl(a[..., 1::2], b[..., 1::2]),
    start=lambda x: np.concatenate([x.mean(-2), x.std(-2)], -1),
    bhattacharyya=lambda a, b: sum(map(bhattacharyya, _split(a), _split(b))),
    space=product(NORMAL.space, NORMAL.space, _split, _join),  # type: ignore[arg-type]
    duals=Duals(
        lambda t: _join(*map(DUALS.natural, _split(t))),
        lambda e: _join(*map(DUALS.from_natural, _split(e))),
        lambda t: _pair_matrix(*map(DUALS.slope, _split(t))),
        lambda t: _join(*map(DUALS.expectation, _split(t))),
        lambda m: _join(*map(from_expectation, _split(m))),
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
    """Return ½ Σ (e^−ℓ − 1 + ℓ), with ℓ the logarithms of the eigenvalues of a⁻¹b."""
    return 0.5 * exp_excess(-log_spectrum(matrix(a), matrix(b))).sum(-1)


def _centred_bhattacharyya(a: Any, b: Any) -> Any:
    return 0.5 * log_cosh(log_spectrum(matrix(a), matrix(b)) / 2).sum(-1)


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
    bhattacharyya=_centred_bhattacharyya,
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
