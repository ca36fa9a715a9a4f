"""Importance sampling: expectations under one distribution from samples of another, in logs."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.numerals import number
from gdviz.probability.distributions import Distribution
from gdviz.probability.estimate import Estimate, scaled_estimate
from gdviz.probability.expectations import expectation, integrand
from gdviz.probability.from_log_density import from_log_density
from gdviz.probability.log_quadrature import integral
from gdviz.probability.pareto import largest_usable_k, pareto_k
from gdviz.probability.registry import distribution_of
from gdviz.probability.sums import sum_over
from gdviz.probability.user_functions import function_of, values
from gdviz.probability.validation import DoesNotExist, ProbabilityError, count

CHUNK = 16_384  # samples whose logs stay in the cache
MISSED = 5.0  # standard errors by which the mean weight may differ from 1
UNDERSTATED = 2.5  # an error that quadrature says to be so many times larger is not believed
ROUNDING = 1e-12
K_DOUBTFUL = 0.5
Function = Callable[[Any], Any]


class Importance(NamedTuple):
    """What importance sampling says of E[h(X)], and how far that is to be trusted.

    `value` is the plain mean of w·h, unbiased, with its `std_error`; `self_normalised` is
    Σwh/Σw with its own error. Where the target is not normalised only the second exists, and both
    say so. `ess` = (Σw)²/Σw², `pareto_k` the tail of the weights. `warning` is empty or a sentence;
    `samples` and `log_weights` are `(n,)`.
    """

    value: float
    std_error: float
    self_normalised: float
    self_normalised_error: float
    ess: float
    pareto_k: float
    n: int
    warning: str
    samples: Any
    log_weights: Any


def importance_estimate(
    h: Any, target: Any, proposal: Any, n: Any = 10_000, seed: int = 0
) -> Importance:
    """Return E[h(X)] under `target` from n samples of `proposal`.

    Both are distributions as `probability` takes them; the target may also be a callable that
    returns an unnormalised log-density. Raises `ProbabilityError` where h is not a number, or no
    sample fell where the target has mass.
    """
    n = count("n", n, 2, 10**7)
    q = distribution_of(proposal)
    p, log_p = log_density_of(target)
    if p is not None and p.discrete != q.discrete:
        raise ProbabilityError("Target and proposal must both be discrete or both continuous.")
    rng = np.random.default_rng(count("seed", seed, 0, 2**63))
    x = np.asarray(q.draw(rng, n), float)
    log_w, y = _weigh(function_of(h), log_p, q, x)
    top = float(log_w.max())
    if top == -np.inf:
        raise ProbabilityError("No sample of the proposal fell where the target has any mass.")
    k = pareto_k(log_w)
    w = np.exp(log_w - top)
    plain, ratio, size = _estimates(w, y, top, p is not None)
    if p is None:
        warning = _warning_of_weights(k, log_w, y, False)
    else:
        known = _by_quadrature(h, p, q) if _covers(p, q) else None
        warning = _known_fault(known) or _warning_of_weights(k, log_w, y, True)
        warning = warning or _missed(w, size, top) or _understated(known, n, plain[1])
    return Importance(*plain, *ratio, size, k, n, warning, x, log_w)


def log_density_of(target: Any) -> tuple[Distribution | None, Function]:
    """Return the distribution and its log-density; a bare callable is an unnormalised one."""
    if callable(target) and not hasattr(target, "logcdf"):
        return None, lambda x: values(target, x)
    law = distribution_of(target)
    return law, law.logpdf


def _weigh(h: Function, log_p: Function, q: Distribution, x: Any) -> tuple[Any, Any]:
    """Return log p − log q and h at the samples, a cacheful at a time."""
    log_w, y = np.empty_like(x), np.empty_like(x)
    with np.errstate(all="ignore"):
        for start in range(0, x.size, CHUNK):
            part = slice(start, start + CHUNK)
            log_w[part] = log_p(x[part]) - q.logpdf(x[part])
            y[part] = values(h, x[part])
    if np.isnan(log_w).any():
        raise ProbabilityError(f"The weight is not a number at x = {x[np.isnan(log_w)][0]:g}.")
    if not np.isfinite(y[log_w > -np.inf]).all():
        raise ProbabilityError(f"h is not finite at x = {x[~np.isfinite(y)][0]:g}.")
    return log_w, np.where(log_w > -np.inf, y, 0.0) if not np.isfinite(y).all() else y


Pair = tuple[float, float]


def _estimates(w: Any, y: Any, top: float, normalised: bool) -> tuple[Pair, Pair, float]:
    """Return the plain and the self-normalised estimate with their errors, and the weights' ESS."""
    n, total = w.size, float(w.sum())
    products = w * y
    unit = float(np.abs(products).max()) or 1.0  # h may be so large that its square is no float
    products /= unit
    size = total**2 / float(w @ w)
    share = float(products.sum()) / total
    off = products - share * w
    both = unit * share, unit * float(np.sqrt(off @ off)) / total
    if not normalised:
        return both, both, size
    mean = float(products.mean())
    products -= mean
    error = float(np.sqrt((products @ products) / (n - 1) / n))
    plain = scaled_estimate(mean, error, top + float(np.log(unit)), n, "")
    return (plain.value, plain.error), both, size


def _covers(p: Distribution, q: Distribution) -> bool:
    return p.support[0] >= q.support[0] and p.support[1] <= q.support[1]


def _warning_of_weights(k: float, log_w: Any, y: Any, normalised: bool) -> str:
    """Say what the weights show to be wrong with them."""
    if not np.any(y):
        return "h is zero at every sample: the estimate says nothing."
    usable = largest_usable_k(log_w.size)
    if k <= (usable if normalised else min(K_DOUBTFUL, usable)):
        return ""
    with np.errstate(divide="ignore"):
        plain, shown = pareto_k(log_w + np.log(np.abs(y))), number(k, 3)
    if normalised and plain <= usable:
        return f"Only the plain estimate is sound: Pareto k̂ of the weights alone is {shown}."
    return f"Pareto k̂ = {shown}: a few weights decide the estimate, and its error is not known."


class Known(NamedTuple):
    """E_p[h], E_q[(w h)²] and E_q[w²] by quadrature; None where one is no number, and `why`."""

    mean: Estimate | None
    square: Estimate | None
    weights: Estimate | None
    why: str = ""


def _by_quadrature(h: Any, p: Distribution, q: Distribution) -> Known:
    """Return what is known of an estimate, and of the weights alone."""
    try:
        mean = expectation(h, p)
    except DoesNotExist as error:
        why = "does not exist" if np.isnan(error.value) else "is infinite"
        return Known(None, None, None, why)
    squares: list[Estimate | None] = []
    for g in (h, np.ones_like):
        try:
            squares.append(second_moment(g, p, q))
        except DoesNotExist:
            squares.append(None)
    return Known(mean, squares[0], squares[1])


def _known_fault(known: Known | None) -> str:
    """Say what is wrong with a target and a proposal that are both known, or nothing."""
    if known is None:
        return "The proposal does not reach all of the target: the estimate is biased."
    if known.mean is None:
        return f"The expectation {known.why}: no number of samples leads anywhere."
    if known.square and known.weights:
        return ""
    if known.square:
        return "Only the plain estimate is sound: the variance of the weights alone is infinite."
    where = "where |h| is large" if known.weights else "for the target: its tails are too light"
    return (
        f"The variance is infinite: the proposal is too thin {where}, and the reported error means "
        "nothing."
    )


def _understated(known: Known | None, n: int, error: float) -> str:
    """Say so if the samples know less of the variance than quadrature does."""
    assert known and known.mean and known.square
    mean, square = known.mean, known.square
    if not (np.isfinite(square.value) and square.error < 0.1 * square.value):
        return ""
    least = float(np.sqrt(max(square.value - mean.value * mean.value, 0.0) / n))
    if error >= least / UNDERSTATED or least <= ROUNDING * abs(mean.value):
        return ""
    return (
        f"The error is understated: by quadrature {n} samples know the mean to ±{least:.2g} only; "
        "the rare samples that weigh most are missing."
    )


def _missed(w: Any, size: float, top: float) -> str:
    """Say so if the mean weight is not 1, as it is where samples have reached all of the target.

    The weights are w e^top; their ESS, `size`, tells their standard deviation.
    """
    mean = float(w.mean()) * float(np.exp(min(top, 700.0)))
    error = mean * float(np.sqrt(max(w.size / size - 1, 0.0) / w.size))
    if abs(mean - 1) <= MISSED * error + 1e-9:
        return ""
    words = f"The weights have the mean {mean:.3g}, and it should be 1: "
    return words + "the samples have missed a part of the target."


def second_moment(h: Any, target: Any, proposal: Any) -> Estimate:
    """Return E_q[(w h)²] = ∫ h² p²/q by quadrature; raise `DoesNotExist` where it is infinite."""
    p, q = distribution_of(target), distribution_of(proposal)
    log_hp = integrand(function_of(h), p)

    def log_square(x: Any) -> tuple[Any, Any]:
        log = log_hp(x)[1]
        with np.errstate(invalid="ignore"):
            square = np.where(log == -np.inf, -np.inf, 2 * log - q.logpdf(x))
        return np.ones_like(square), square

    if p.discrete:
        return sum_over(log_square, p)
    panels, tail = integral(log_square, *p.support, p.centers + q.centers)
    value, error = float(panels.value.sum()) + tail.value, float(panels.error.sum()) + tail.error
    return scaled_estimate(value, error, panels.scale, panels.evaluations, "∫ h² p²/q")


def optimal_proposal(h: Any, target: Any, points: Any = ()) -> Distribution:
    """Return the proposal of least variance, its density proportional to |h|·p.

    With it, and h of one sign, every sample gives the exact answer: it needs the answer to be
    written down, and is shown as what to aim at. `points` as in `expectation`.
    """
    p = distribution_of(target)
    log_hp = integrand(function_of(h), p)

    def log_density(x: Any) -> tuple[Any, Any]:
        log = log_hp(x)[1]
        return np.ones_like(log), log

    name = (("h", h if isinstance(h, str) else repr(h)), ("target", repr(p)))
    return from_log_density("optimal", name, log_density, p.support, p.centers, points)


def repeat_estimate(
    h: Any, target: Any, proposal: Any, n: int, times: int = 200, seed: int = 0
) -> tuple[Any, Any]:
    """Return the plain and the self-normalised estimate of many independent runs, `(times,)`."""
    q = distribution_of(proposal)
    p, log_p = log_density_of(target)
    rng = np.random.default_rng(seed)
    x = np.asarray(q.draw(rng, times * n), float)
    log_w, y = (part.reshape(times, n) for part in _weigh(function_of(h), log_p, q, x))
    top = log_w.max(axis=1, keepdims=True)
    w = np.exp(log_w - np.where(np.isfinite(top), top, 0.0))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio = (w * y).sum(axis=1) / w.sum(axis=1)
        plain = (w * y).mean(axis=1) * np.exp(top[:, 0]) if p is not None else ratio
    return np.where(np.isneginf(top[:, 0]), 0.0, plain), ratio


def running_estimate(found: Importance, h: Any) -> tuple[Any, Any, Any]:
    """Return the plain estimate after each sample, its standard error, and the self-normalised.

    Each is `(n,)`; the plain one is scaled as if the target were normalised.
    """
    y = values(function_of(h), found.samples)
    top = found.log_weights.max()
    w = np.exp(found.log_weights - top)
    unit = float(np.abs(y).max()) or 1.0
    y, n = y / unit, np.arange(1, w.size + 1)
    first, second = np.cumsum(w * y) / n, np.cumsum((w * y) ** 2) / n
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio = first * n / np.cumsum(w)
        error = np.sqrt(np.maximum(second - first**2, 0) / np.maximum(n - 1, 1))
        return unit * first * np.exp(top), unit * error * np.exp(top), unit * ratio


# --- less variance from the same samples ----------------------------------------------------------


def degeneracy(ratio: float, dimensions: Any, n: int = 10_000, seed: int = 0) -> tuple[Any, Any]:
    """Return ESS/n in d dimensions, sampled and as n → ∞, for N(0, I) from N(0, ratio²·I).

    The limit is ((2r² − 1)^½ / r²)ᵈ for a ratio r above 1/√2; below, the variance is infinite.
    """
    rng = np.random.default_rng(seed)
    dims = np.asarray(dimensions, int)
    x = ratio * rng.standard_normal((n, int(dims.max())))
    each = -0.5 * x**2 * (1 - 1 / ratio**2) + np.log(ratio)
    log_w = np.cumsum(each, axis=1)[:, dims - 1]
    w = np.exp(log_w - log_w.max(axis=0))
    sampled = w.sum(axis=0) ** 2 / (w**2).sum(axis=0) / n
    each_limit = np.sqrt(2 * ratio**2 - 1) / ratio**2 if 2 * ratio**2 > 1 else 0.0
    return sampled, each_limit**dims
