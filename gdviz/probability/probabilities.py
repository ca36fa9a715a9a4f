"""Probabilities by the tails of a law, in logs."""

from typing import Any

import numpy as np

from gdviz.probability.distributions import Distribution
from gdviz.probability.estimate import Estimate
from gdviz.probability.log_quadrature import integral, refine
from gdviz.probability.registry import distribution_of
from gdviz.probability.special import log1mexp
from gdviz.probability.tails import Tail
from gdviz.probability.validation import ProbabilityError, real

EPS = np.finfo(float).eps
CANCELS = -np.log(0.9)
MOST_TERMS = 200_000


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
        edges = np.unique(np.linspace(a, b, 3))  # two, if there is no float between
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
