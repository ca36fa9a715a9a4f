"""The beta and the Dirichlet family; their α are natural parameters."""

from typing import Any

import numpy as np
from scipy import special

from gdviz.geometry.arrays import diagonal, stack_3d
from gdviz.geometry.bregman import (
    kl_terms,
    phi,
    phi_bregman,
    phi_bregman_growth,
    polygammas,
    ratio_excess,
    tetragamma,
    trigamma,
    trigamma_drop,
    trigamma_excess,
)
from gdviz.geometry.family import Duals, Logs, family
from gdviz.geometry.spaces import log_ratio

INF = np.inf
POSITIVE = (0.0, INF)


def _dirichlet_metric(t: Any) -> Any:
    """Return diag ψ′(α) − ψ′(Σα); on the diagonal the difference is formed as one."""
    d = t.shape[-1]
    across = -trigamma(t.sum(-1))[..., None, None] * (1 - np.eye(d))
    return diagonal(trigamma_drop(t, t @ (1 - np.eye(d)))) + across


def _dirichlet_square(t: Any, v: Any) -> Any:
    """Return g(v, v) = Σ αᵢ (vᵢ/αᵢ − V/A)² + Σ (ψ′(αᵢ) − 1/αᵢ) vᵢ² − (ψ′(A) − 1/A) V²."""
    total, change = t.sum(-1), v.sum(-1)
    shares = v / t - (change / total)[..., None]
    sizes = np.sum(trigamma_excess(t) * v**2, -1) - trigamma_excess(total) * change**2
    return np.sum(t * shares**2, -1) + sizes


def _dirichlet_force(t: Any, v: Any) -> Any:
    """Return Γᵏᵢⱼ vⁱvʲ by Sherman and Morrison's inverse of diag ψ′(α) − ψ′(A).

    What cancels for large α is taken out: 1/ψ′(α) = α − q, ψ″/ψ′ = w − 1/α.
    """
    total, change = t.sum(-1), v.sum(-1)
    known = polygammas(np.concatenate([t, total[..., None]], -1))
    slope, excess, bend, rest = (part[..., :-1] for part in known)
    slope_all, excess_all, bend_all, rest_all = (part[..., -1] for part in known)
    q = t * excess / slope
    w = (excess + t * rest) / (t * slope)
    left = q.sum(-1) / total - excess_all * np.sum(1 / slope, -1)
    shares = np.sum(t * (v / t - (change / total)[..., None]) ** 2, -1)
    bent = total * rest_all - bend_all * q.sum(-1)
    mean = np.sum(w * v**2, -1) - shares - bent * change**2
    own = bend * v**2 - (bend_all * change**2)[..., None]
    return (own + (slope_all * mean / left)[..., None]) / slope / 2


def _dirichlet_slope(t: Any) -> Any:
    return stack_3d(tetragamma(t)) - tetragamma(t.sum(-1))[..., None, None, None]


def _log_norm(t: Any) -> Any:
    return special.gammaln(t).sum(-1) - special.gammaln(t.sum(-1))


def _mean_log(t: Any) -> Any:
    return special.digamma(t) - special.digamma(t.sum(-1))[..., None]


def _dirichlet_kl(a: Any, b: Any) -> Any:
    """Return Σ bᵢ log(bᵢ A/(aᵢ B)) + Σ B_φ(bᵢ, aᵢ) − B_φ(B, A), with the totals A and B."""
    first, second, change = a.sum(-1), b.sum(-1), b - a
    others = 1 - np.eye(a.shape[-1])
    gap = (a * (change @ others) - change * (a @ others)) / first[..., None]
    shares = kl_terms(b, a * (second / first)[..., None], gap).sum(-1)
    return shares + _excess_of_parts(a, b)


def _excess_of_parts(a: Any, b: Any) -> Any:
    """Return Σ B_φ(bᵢ, aᵢ) − B_φ(B, A); where one α is most of both totals, without that one."""
    change, parts = b - a, phi_bregman(b, a)
    whole = parts.sum(-1) - phi_bregman(b.sum(-1), a.sum(-1), change.sum(-1))
    is_top = np.arange(a.shape[-1]) == np.argmax(a, -1)[..., None]
    first, second, gaps, (_, rest) = (
        (np.where(is_top, x, 0.0).sum(-1), np.where(is_top, 0.0, x).sum(-1))
        for x in (a, b, change, parts)
    )
    most = (first[1] < first[0] / 2) & (second[1] < second[0] / 2)
    if not np.any(most):
        return whole
    return np.where(most, rest - phi_bregman_growth(first, second, gaps), whole)


def _dirichlet_logs(y: Any, t: Any) -> Any:
    """Return the log-density, times all x, of shares with the logarithms y `(..., outcomes)`.

    It is −Σ αᵢ (rᵢ − 1 − log rᵢ) with r the shares over their means, and what Σ φ leaves.
    """
    total = t.sum(-1)
    log = y - np.log(t) + np.log(total)[..., None]
    change = np.exp(y) * total[..., None] / t - 1
    return phi(total) - phi(t).sum(-1) - np.sum(t * ratio_excess(change, log), -1)


def _dirichlet_density(x: Any, t: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(x)
        inside = _dirichlet_logs(logs, t) - logs.sum(-1)
    on_rim = special.xlogy(t - 1, x).sum(-1) - _log_norm(t)
    return np.where(np.all(x > 0, -1), inside, on_rim)


def _dirichlet_score(y: Any, t: Any) -> Any:
    return y - _mean_log(t)


def _beta_quantile(u: Any, t: Any, above: Any = None) -> Any:
    p, q = t[..., 0], t[..., 1]
    if above is None:
        return special.betaincinv(p, q, u)
    return np.where(u < 0.5, special.betaincinv(p, q, u), special.betainccinv(p, q, above))


def _beta_place(t: Any) -> tuple[float, float]:
    return float(log_ratio(t[1], t[0])), float(np.sqrt(1 / t[0] + 1 / t[1]))


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
    logs=Logs(_dirichlet_logs, _dirichlet_score, _beta_place),
    score=lambda x, t: _dirichlet_score(np.log(_both(x)), t),
    sample=lambda t, n, rng: rng.beta(t[..., :1], t[..., 1:], (*t.shape[:-1], n)),
    metric=_dirichlet_metric,
    metric_slope=_dirichlet_slope,
    square=_dirichlet_square,
    force=_dirichlet_force,
    kl=_dirichlet_kl,
    gaussian=_beta_curvature,
    start=lambda x: _dirichlet_start(_both(x)),
    duals=_ALPHAS,
    quantile=_beta_quantile,
)

DIRICHLET = family(
    "dirichlet",
    "Dirichlet on 3 outcomes (α₁, α₂, α₃)",
    parameters=("α₁", "α₂", "α₃"),
    bounds=(POSITIVE, POSITIVE, POSITIVE),
    support="simplex",
    log_density=_dirichlet_density,
    logs=Logs(_dirichlet_logs, _dirichlet_score, _beta_place),
    score=lambda x, t: _dirichlet_score(np.log(x), t),
    sample=_dirichlet_sample,
    metric=_dirichlet_metric,
    metric_slope=_dirichlet_slope,
    square=_dirichlet_square,
    force=_dirichlet_force,
    kl=_dirichlet_kl,
    start=_dirichlet_start,
    duals=_ALPHAS,
    event=1,
)
