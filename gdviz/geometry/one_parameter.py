"""Families of one parameter, and three outcomes: the geometry is a line or a sphere."""

from typing import Any

import numpy as np
from scipy import special

from gdviz.geometry.arrays import diagonal, minus_log, stack_3d
from gdviz.geometry.bregman import kl_terms, phi
from gdviz.geometry.family import Duals, Logs, family
from gdviz.geometry.spaces import Chart, asinh_ratio, line, log_ratio
from gdviz.geometry.sphere_and_spd import SPHERE, whole

INF = np.inf
POSITIVE, UNIT = (0.0, INF), (0.0, 1.0)


def _own(theta: Any) -> Any:
    return theta[..., 0]


def _matrix(value: Any) -> Any:
    return value[..., None]


def _arc(forward: Any, inverse: Any, slope: Any, bend: Any, gap: Any) -> Chart:
    """Return the chart of the arc length s(θ), with its first and second derivative."""
    return Chart(
        forward,
        inverse,
        lambda t: slope(t)[..., None],
        lambda t: bend(t)[..., None, None],
        gap,
    )


def _dual(natural: Any, from_natural: Any, slope: Any, mean: Any, from_mean: Any) -> Duals:
    return Duals(natural, from_natural, lambda t: slope(t)[..., None], mean, from_mean)


# --- exponential, rate λ --------------------------------------------------------------------------


def _exponential_quantile(u: Any, t: Any, above: Any = None) -> Any:
    return minus_log(u, above) / _own(t)


EXPONENTIAL = family(
    "exponential",
    "Exponential (rate λ)",
    parameters=("λ",),
    bounds=(POSITIVE,),
    support="positive",
    log_density=lambda x, t: np.where(x < 0, -INF, np.log(_own(t)) - _own(t) * x),
    logs=Logs(
        lambda y, t: y + np.log(_own(t)) - _own(t) * np.exp(y),
        lambda y, t: (1 / _own(t) - np.exp(y))[..., None],
        lambda t: (-float(np.log(t[0])), 1.0),
    ),
    score=lambda x, t: (1 / _own(t) - x)[..., None],
    sample=lambda t, n, rng: rng.exponential(1 / t, (*t.shape[:-1], n)),
    metric=lambda t: _matrix(t**-2),
    metric_slope=lambda t: _matrix(_matrix(-2 * t**-3)),
    kl=lambda a, b: _own(kl_terms(a, b) / a),
    start=lambda x: 1 / x.mean(-1, keepdims=True),
    exact_start=True,
    space=line(_arc(np.log, np.exp, lambda t: 1 / t, lambda t: -(t**-2), log_ratio)),
    duals=_dual(
        lambda t: -t, lambda e: -e, lambda t: -np.ones_like(t), lambda t: 1 / t, lambda m: 1 / m
    ),
    wasserstein=lambda a, b: _own(np.sqrt(2) * np.abs(b - a) / a / b),
    quantile=_exponential_quantile,
)

# --- Poisson, mean λ ------------------------------------------------------------------------------


def _poisson_density(x: Any, t: Any) -> Any:
    """Return log p(x) by the deviance: large terms that cancel are never formed (Loader 2000)."""
    mean = _own(t)
    usual = -kl_terms(x, mean) - phi(np.maximum(x, 1)) - np.log(np.maximum(x, 1))
    return np.where(x > 0, usual, -mean)


POISSON = family(
    "poisson",
    "Poisson (λ)",
    parameters=("λ",),
    bounds=(POSITIVE,),
    support="counts",
    log_density=_poisson_density,
    score=lambda x, t: (x / _own(t) - 1)[..., None],
    sample=lambda t, n, rng: rng.poisson(t, (*t.shape[:-1], n)),
    metric=lambda t: _matrix(1 / t),
    metric_slope=lambda t: _matrix(_matrix(-(t**-2))),
    kl=lambda a, b: _own(kl_terms(a, b)),
    start=lambda x: x.mean(-1, keepdims=True),
    exact_start=True,
    space=line(
        _arc(
            lambda t: 2 * np.sqrt(t),
            lambda s: (s / 2) ** 2,
            lambda t: 1 / np.sqrt(t),
            lambda t: -0.5 * t**-1.5,
            lambda a, b: _ratio(2 * (b - a), np.sqrt(a) + np.sqrt(b)),
        ),
        (0.0, INF),
    ),
    duals=_dual(np.log, np.exp, lambda t: 1 / t, lambda t: t * 1.0, lambda m: m * 1.0),
    closed=True,
)


def _ratio(top: Any, bottom: Any) -> Any:
    """Return top / bottom, and 0 where both are."""
    return top / np.where(bottom > 0, bottom, 1.0)


def _chances_bhattacharyya(p: Any, q: Any, gap: Any) -> Any:
    """Return −log Σ √(pᵢqᵢ), for close ones by 1 − ½ Σ (√pᵢ − √qᵢ)²; `gap` is q − p."""
    roots = np.sqrt(p) + np.sqrt(q)
    apart = np.sum(_ratio(gap, roots) ** 2, -1) / 2
    return np.where(apart < 0.5, -np.log1p(-apart), -np.log(np.sum(np.sqrt(p * q), -1)))


def _two_outcomes_bhattacharyya(a: Any, b: Any) -> Any:
    both = np.concatenate([a, 1 - a], -1), np.concatenate([b, 1 - b], -1)
    return _chances_bhattacharyya(*both, _whole_change(b - a))


def _two_outcomes_kl(a: Any, b: Any) -> Any:
    return kl_terms(a, b) + kl_terms(1 - a, 1 - b, a - b)


# --- geometric, success p, x = 1, 2, ... ----------------------------------------------------------


def _geometric_gap(a: Any, b: Any) -> Any:
    """Return 2 artanh √(1 − p) of b less that of a: sinh of half of it is a quotient of roots."""
    u, w = np.sqrt(1 - a), np.sqrt(1 - b)
    step = _ratio(a - b, u + w)
    return 2 * np.sign(step) * asinh_ratio(2 * np.abs(step), a, b)


def _geometric_bend(t: Any) -> Any:
    return (1 - 1.5 * t) / (t**2 * (1 - t) ** 1.5)


GEOMETRIC = family(
    "geometric",
    "Geometric (p)",
    parameters=("p",),
    bounds=(UNIT,),
    support="counts from 1",
    log_density=lambda x, t: np.log(_own(t)) + (x - 1) * np.log1p(-_own(t)),
    score=lambda x, t: (1 / _own(t) - (x - 1) / (1 - _own(t)))[..., None],
    sample=lambda t, n, rng: rng.geometric(t, (*t.shape[:-1], n)),
    metric=lambda t: _matrix(1 / (t**2 * (1 - t))),
    metric_slope=lambda t: _matrix(_matrix((3 * t - 2) / (t**3 * (1 - t) ** 2))),
    kl=lambda a, b: _own(_two_outcomes_kl(a, b) / a),
    start=lambda x: 1 / np.maximum(x.mean(-1, keepdims=True), 1 + 1e-9),
    exact_start=True,
    space=line(
        _arc(
            lambda t: 2 * np.arctanh(np.sqrt(1 - t)),
            lambda s: np.cosh(s / 2) ** -2.0,
            lambda t: -1 / (t * np.sqrt(1 - t)),
            _geometric_bend,
            _geometric_gap,
        ),
        (0.0, INF),
    ),
    duals=_dual(
        lambda t: np.log1p(-t),
        lambda e: -np.expm1(e),
        lambda t: -1 / (1 - t),
        lambda t: 1 / t,
        lambda m: 1 / m,
    ),
)

# --- Bernoulli, success p -------------------------------------------------------------------------


def _bernoulli_gap(a: Any, b: Any) -> Any:
    """Return 2 arcsin √p of b less that of a, by the sine and cosine of the difference."""
    one, other = np.sqrt(b * (1 - a)), np.sqrt(a * (1 - b))
    sine = _ratio(b - a, one + other)
    return 2 * np.arctan2(sine, np.sqrt(a * b) + np.sqrt((1 - a) * (1 - b)))


BERNOULLI = family(
    "bernoulli",
    "Bernoulli (p)",
    parameters=("p",),
    bounds=(UNIT,),
    support="two outcomes",
    log_density=lambda x, t: special.xlogy(x, _own(t)) + special.xlog1py(1 - x, -_own(t)),
    score=lambda x, t: ((x - _own(t)) / (_own(t) * (1 - _own(t))))[..., None],
    sample=lambda t, n, rng: rng.binomial(1, t, (*t.shape[:-1], n)),
    metric=lambda t: _matrix(1 / (t * (1 - t))),
    metric_slope=lambda t: _matrix(_matrix((2 * t - 1) / (t * (1 - t)) ** 2)),
    kl=lambda a, b: _own(_two_outcomes_kl(a, b)),
    bhattacharyya=_two_outcomes_bhattacharyya,
    start=lambda x: np.clip(x.mean(-1, keepdims=True), 1e-9, 1 - 1e-9),
    exact_start=True,
    space=line(
        _arc(
            lambda t: 2 * np.arcsin(np.sqrt(t)),
            lambda s: np.sin(s / 2) ** 2,
            lambda t: 1 / np.sqrt(t * (1 - t)),
            lambda t: (t - 0.5) / (t * (1 - t)) ** 1.5,
            _bernoulli_gap,
        ),
        (0.0, np.pi),
    ),
    duals=_dual(
        special.logit,
        special.expit,
        lambda t: 1 / (t * (1 - t)),
        lambda t: t * 1.0,
        lambda m: m * 1.0,
    ),
    closed=True,
)

# --- three outcomes (p₁, p₂); p₃ is what is left --------------------------------------------------


def _log_odds(t: Any) -> Any:
    return np.log(t) - np.log(whole(t)[..., 2:])


def _from_log_odds(e: Any) -> Any:
    return special.softmax(np.concatenate([e, np.zeros_like(e[..., :1])], -1), -1)[..., :2]


def _outcome(x: Any, t: Any) -> Any:
    """Return one-hot outcomes of x = 0, 1, 2."""
    return np.equal(np.asarray(x)[..., None], np.arange(3)).astype(float)


def _categorical_score(x: Any, t: Any) -> Any:
    share = _outcome(x, t) / whole(t)
    return share[..., :2] - share[..., 2:]


def _whole_change(change: Any) -> Any:
    return np.concatenate([change, -change.sum(-1, keepdims=True)], -1)


def _categorical_sample(t: Any, n: int, rng: np.random.Generator) -> Any:
    edges = np.cumsum(t, -1)[..., None, :]
    return (rng.random((*t.shape[:-1], n))[..., None] > edges).sum(-1)


def _categorical_inside(t: Any, ends: bool) -> Any:
    total = t.sum(-1)
    return total <= 1 if ends else total < 1


CATEGORICAL = family(
    "categorical",
    "Three outcomes (p₁, p₂)",
    parameters=("p₁", "p₂"),
    bounds=(UNIT, UNIT),
    support="three outcomes",
    log_density=lambda x, t: special.xlogy(_outcome(x, t), whole(t)).sum(-1),
    score=_categorical_score,
    sample=_categorical_sample,
    metric=lambda t: diagonal(1 / t) + (1 / whole(t)[..., 2])[..., None, None],
    metric_slope=lambda t: stack_3d(-(t**-2)) + whole(t)[..., 2, None, None, None] ** -2,
    kl=lambda a, b: kl_terms(whole(a), whole(b), _whole_change(b - a)).sum(-1),
    bhattacharyya=lambda a, b: _chances_bhattacharyya(whole(a), whole(b), _whole_change(b - a)),
    start=lambda x: np.clip(np.stack([(x == i).mean(-1) for i in (0, 1)], -1), 1e-9, 1 - 2e-9),
    exact_start=True,
    space=SPHERE,
    duals=Duals(
        _log_odds,
        _from_log_odds,
        lambda t: diagonal(1 / t) + (1 / whole(t)[..., 2])[..., None, None],
        lambda t: t * 1.0,
        lambda m: m * 1.0,
    ),
    inside=_categorical_inside,
    outside_words="the probabilities p₁ + p₂ + p₃ must make 1, none of them negative",
    closed=True,
    simplex=True,
)
