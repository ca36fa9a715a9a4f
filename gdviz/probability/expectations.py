"""Probabilities and expectations: by tails in logs, and by panels of exp(log|g| + log p)."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.expressions import Formula, formula
from gdviz.probability.distributions import Distribution
from gdviz.probability.log_quadrature import Tail, integral, refine
from gdviz.probability.registry import distribution_of
from gdviz.probability.special import log1mexp
from gdviz.probability.user_functions import SignedLog, signed_log
from gdviz.probability.validation import DoesNotExist, ProbabilityError, real

EPS = np.finfo(float).eps
CANCELS = -np.log(0.9)
MOST_TERMS = 200_000
NEGLIGIBLE = 60.0


class Estimate(NamedTuple):
    """A number, how far it may be off, how many values of a function it took, and how it was got.

    `error` is a bound in practice, or one standard error where the method is random (`note` says
    which).
    """

    value: float
    error: float
    evaluations: int
    note: str


def function_of(g: Any) -> Callable[[Any], Any]:
    """Return what was given as a function: a callable, a formula, or its text in x."""
    if isinstance(g, str):
        return formula(g, ("x",)).value
    if isinstance(g, Formula):
        return g.value
    if not callable(g):
        raise ProbabilityError("A function is a callable of x, or its text, such as “x**2”.")
    return g


# --- probabilities --------------------------------------------------------------------------------


def probability(distribution: Any, a: Any = -np.inf, b: Any = np.inf) -> Estimate:
    """Return P(a ≤ X ≤ b) by the tails of the distribution, not by quadrature.

    `distribution` is an object of `DISTRIBUTIONS[name](...)`, a bare name, or a frozen one of
    scipy.stats; a and b may be infinite. Raises `ProbabilityError` for a > b. A probability below
    1e-308 is 0 in a float: ask `log_probability`.
    """
    log = log_probability(distribution, a, b)
    value, note = float(np.exp(log.value)), log.note
    if value == 0 and log.value > -np.inf:
        note = f"smaller than any float: e^{log.value:.10g}; {note}"
    return Estimate(value, value * log.error, log.evaluations, note)


def log_probability(distribution: Any, a: Any = -np.inf, b: Any = np.inf) -> Estimate:
    """Return log P(a ≤ X ≤ b), −inf for an event that cannot happen; arguments as `probability`.

    `error` is that of the logarithm, which is the relative error of the probability.
    """
    law = distribution_of(distribution)
    a, b = real("a", a), real("b", b)
    if a > b:
        raise ProbabilityError(f"The range is reversed: a = {a:g} lies above b = {b:g}.")
    if law.discrete:
        return _log_mass(law, a, b)
    lo, hi = law.support
    if a == b or b <= lo or a >= hi:
        return Estimate(-np.inf, 0.0, 0, "an event of probability zero")
    value, cancels, note = _by_tails(law, float(law.logcdf(a)), float(law.logsf(a)), b)
    if cancels:
        return _log_integral(law, max(a, lo), min(b, hi))
    return Estimate(value, _log_error(value), 2, note)


def _by_tails(law: Distribution, below_a: float, above_a: float, b: float) -> tuple:
    """Return the log of what lies between the tails, whether it cancels, and the tail used."""
    below_b, above_b = float(law.logcdf(b)), float(law.logsf(b))
    half = np.log(0.5)
    if below_b == -np.inf or not above_a > -np.inf:  # so far out that its logarithm is no float
        return -np.inf, False, "beyond every float, even in logs"
    if below_b <= half:
        share = float(below_b + log1mexp(min(below_a - below_b, 0.0)))
        return share, below_a - below_b > -CANCELS, "F(b) − F(a), in logs"
    if above_a <= half:
        share = float(above_a + log1mexp(min(above_b - above_a, 0.0)))
        return share, above_b - above_a > -CANCELS, "S(a) − S(b), in logs"
    outside = np.exp(below_a) + np.exp(above_b)
    return float(np.log1p(-min(outside, 1.0))), outside > 0.9, "1 − F(a) − S(b)"


def _log_error(log: float) -> float:
    return float(8 * EPS * (1 + abs(log))) if np.isfinite(log) else 0.0


def _log_integral(law: Distribution, a: float, b: float) -> Estimate:
    """Return log P over an interval so narrow, against its tails, that their difference cancels."""

    def log_h(x: Any) -> tuple[Any, Any]:
        return np.ones(np.shape(x)), law.logpdf(x)

    if law.support[0] < a and b < law.support[1]:  # no end of the support, where a pole may be
        edges = np.linspace(a, b, 3)
        panels, tail = refine(log_h, edges, float(np.max(law.logpdf(edges)))), Tail(0.0, 0.0)
    else:
        panels, tail = integral(log_h, a, b, ((a / 2 + b / 2, b / 2 - a / 2),))
    total = float(panels.value.sum()) + tail.value
    if total <= 0:
        return Estimate(-np.inf, 0.0, panels.evaluations, "the density is zero there")
    log = float(np.log(total) + panels.scale)
    error = (float(panels.error.sum()) + tail.error) / total + _log_error(log)
    note = "the integral of the density: the tails would cancel"
    return Estimate(log, error, panels.evaluations, note)


def _log_mass(law: Distribution, a: float, b: float) -> Estimate:
    """Return log P(a ≤ X ≤ b) of a discrete distribution, both ends included."""
    a, b = np.maximum(np.ceil(a), law.support[0]), np.minimum(np.floor(b), law.support[1])
    if a > b:
        return Estimate(-np.inf, 0.0, 0, "no whole number of the support lies in the range")
    below, above = float(law.logcdf(a - 1)), float(law.logsf(a - 1))
    if b - a < 64:
        logs = law.logpdf(np.arange(a, b + 1))
        value, note, count = float(np.logaddexp.reduce(logs)), "the sum of the masses", logs.size
        return Estimate(value, _log_error(value), count, note)
    value, cancels, note = _by_tails(law, below, above, b)
    if cancels and b - a < MOST_TERMS:
        logs = law.logpdf(np.arange(a, b + 1))
        value, note = float(np.logaddexp.reduce(logs)), "the sum of the masses"
        return Estimate(value, _log_error(value), logs.size, note)
    return Estimate(value, _log_error(value) * (10 if cancels else 1), 2, note)


# --- expectations ---------------------------------------------------------------------------------


def expectation(g: Any, distribution: Any, points: Any = ()) -> Estimate:
    """Return E[g(X)] = ∫ g p, the integrand formed as sign(g) exp(log|g| + log p).

    `g` is a callable of an array, or a formula's text in x; `distribution` as in `probability`.
    `points` are places of g's own to split at, such as a narrow peak or a jump: nobody can find a
    peak of g that is much narrower than p without being told. Raises `DoesNotExist` where E|g(X)|
    is infinite, `ProbabilityError` where g is not a number.
    """
    law = distribution_of(distribution)
    log_h = integrand(function_of(g), law)
    if law.discrete:
        return _sum(log_h, law)
    panels, tail = integral(log_h, *law.support, law.centers, points)
    value = float(panels.value.sum()) + tail.value
    error = float(panels.error.sum()) + tail.error + 4 * EPS * float(panels.absolute.sum())
    shared = f"{panels.lo.size} panels of exp(log|g| + log p)"
    return scaled_estimate(value, error, panels.scale, panels.evaluations, shared)


def scaled_estimate(
    value: float, error: float, scale: float, evaluations: int, note: str
) -> Estimate:
    """Return an estimate of value·e^scale, infinite in value only where no float can hold it."""
    size = np.log(abs(value)) + scale if value else -np.inf
    with np.errstate(over="ignore", divide="ignore"):
        grown = float(np.sign(value) * np.exp(size))
        spread = float(np.exp(np.log(error) + scale))
    if np.isinf(grown):
        note = f"larger than any float: e^{size:.10g}; {note}"
    return Estimate(
        grown if abs(scale) > 600 else float(value * np.exp(scale)), spread, int(evaluations), note
    )


def integrand(g: Callable[[Any], Any], law: Distribution) -> SignedLog:
    """Return sign and log of |g|·p; g need not be a number where p is zero."""
    log_g = signed_log(g)

    def log_h(x: Any) -> tuple[Any, Any]:
        x = np.asarray(x, float)
        log_p = np.asarray(law.logpdf(x), float)
        sign, log = log_g(x)
        nowhere = log_p == -np.inf
        wrong = np.isnan(log) & (log_p > -745)
        if np.any(wrong):
            raise ProbabilityError(f"g is not a number at x = {x[wrong].ravel()[0]:g}.")
        with np.errstate(invalid="ignore"):
            total = np.where(nowhere | np.isnan(log), -np.inf, log + log_p)
        return np.where(np.isnan(sign), 0.0, sign), total

    return log_h


def _sum(log_h: SignedLog, law: Distribution) -> Estimate:
    """Return Σ g(k) p(k) over every whole number that matters, or every mth of very many."""
    first, last = law.support
    center, width = law.centers[0]
    rungs = np.unique(np.floor(_rungs(center, width, first, last)))
    signs, logs = log_h(rungs)
    mass = logs + np.log(np.diff(rungs, append=rungs[-1] + 1))
    broken = np.flatnonzero(logs == np.inf)
    if len(broken):
        rungs, logs, mass = (part[: broken[0]] for part in (rungs, logs, mass))
    best = float(mass.max(initial=-np.inf))
    if len(broken) and not (len(mass) > 1 and mass[-1] < min(best - NEGLIGIBLE, mass[-2])):
        raise DoesNotExist("It does not exist, as far as floats can tell: g overflows.")
    if best == -np.inf:
        return Estimate(0.0, 0.0, rungs.size, "g is zero on the support")
    rest = 0.0 if len(broken) else _far_terms(rungs, logs, mass, best, last)
    kept = np.flatnonzero(mass > best - NEGLIGIBLE)
    lo = float(rungs[max(kept.min() - 1, 0)])
    hi = float(rungs[min(kept.max() + 1, len(rungs) - 1)])
    stride = max(1, int(np.ceil((hi - lo) / MOST_TERMS)))
    heaviest = int(np.argmax(mass))
    if stride > 1 and stride > np.diff(rungs, append=np.inf)[heaviest]:
        return _head_and_tail(log_h, lo)
    k = np.arange(lo, hi + 1, stride)
    signs, logs = log_h(k)
    scale = float(logs.max())
    terms = signs * np.exp(logs - scale) * stride
    value = float(terms.sum())
    error = abs(value - 2 * float(terms[::2].sum())) if stride > 1 else 0.0
    error += 4 * EPS * float(np.abs(terms).sum()) + rest * np.exp(best - scale)
    note = (
        f"the sum of {k.size} terms" if stride == 1 else f"every {stride}th of {hi - lo:.0f} terms"
    )
    return scaled_estimate(value, error, scale, k.size + rungs.size, note)


def _head_and_tail(log_h: SignedLog, lo: float) -> Estimate:
    """Return a sum whose terms fall so slowly that all but the first follow their power law."""
    k = np.arange(lo, lo + MOST_TERMS)
    signs, logs = log_h(k)
    scale = float(logs.max())
    terms = signs * np.exp(logs - scale)
    ends = [len(k) // 2, len(k) - 1]
    slope = (logs[ends[1]] - logs[ends[0]]) / np.log(k[ends[1]] / k[ends[0]])
    start = k[-1] + 0.5
    rest = float(terms[-1]) * (start / k[-1]) ** slope * start / (-1 - slope)
    note = f"the sum of {k.size} terms, and the power law of the rest"
    error = abs(rest) / len(k) + 4 * EPS * float(np.abs(terms).sum())
    return scaled_estimate(float(terms.sum()) + rest, error, scale, k.size, note)


def _rungs(center: float, width: float, first: float, last: float) -> Any:
    steps = width * 2.0 ** np.linspace(-2, 49, 409)
    points = np.concatenate([[first, center], center - steps, center + steps])
    points = points[(points >= first) & (points <= min(last, 1e15))]
    return np.append(points, last) if np.isfinite(last) else points


def _far_terms(rungs: Any, logs: Any, mass: Any, best: float, last: float) -> float:
    """Return what lies beyond the last rung, over e^best, or raise `DoesNotExist`."""
    if np.isfinite(last) or not mass[-1] > best - NEGLIGIBLE:
        return 0.0
    slope = (logs[-1] - logs[-81]) / np.log(rungs[-1] / rungs[-81])
    if slope >= -1 - 1e-6:
        raise DoesNotExist("It does not exist: the sum of |g|·p grows without bound.")
    return float(np.exp(logs[-1] - best) * rungs[-1] / (-1 - slope))
