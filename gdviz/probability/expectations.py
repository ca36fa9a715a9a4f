"""Expectations by panels of exp(log|g| + log p), by quantiles where those cannot see all of p."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from gdviz.expressions import Formula
from gdviz.probability.distributions import Distribution
from gdviz.probability.estimate import Estimate, scaled_estimate
from gdviz.probability.humps import landmarks_between
from gdviz.probability.log_quadrature import Panels, integral
from gdviz.probability.registry import distribution_of
from gdviz.probability.sums import sum_over
from gdviz.probability.tails import NEGLIGIBLE, Tail
from gdviz.probability.user_functions import SignedLog, function_of, signed_log
from gdviz.probability.validation import DoesNotExist, ProbabilityError

EPS = np.finfo(float).eps
SEEN = 1e-9  # how far from one the total mass of a law may come out for its panels to be trusted
QUANTILES = 0.5 ** np.arange(1, 12)
LARGEST, SMALL = 1e300, 1e-290
FLAT = 1e-6
UNTOLD = "It cannot be told: what matters lies beyond all floats."


def expectation(g: Any, distribution: Any, points: Any = ()) -> Estimate:
    """Return E[g(X)] = ∫ g p, the integrand formed as sign(g) exp(log|g| + log p).

    `g` is a callable of an array, or a formula's text in x; `distribution` as in `probability`.
    `points` are places of g's own to split at, such as a narrow peak or a jump: those of a formula
    are known, but nobody can find a peak of a callable that is much narrower than p. A law whose
    density does not sum to one over its panels is integrated by its quantiles. Raises
    `DoesNotExist` where E|g(X)| is infinite, `ProbabilityError` where g is not a number.
    """
    law = distribution_of(distribution)
    function = function_of(g)
    if law.discrete:
        return sum_over(integrand(function, law), law)
    places = np.concatenate([law.points, np.ravel(points), _own_places(function, law)])
    if abs(_share(law) - 1) > SEEN:
        return _by_quantiles(function, law, places)
    panels, tail = integral(integrand(function, law), *law.support, law.centers, places)
    note = f"{panels.lo.size} panels of exp(log|g| + log p)"
    return _summed(panels, tail, note)


def _own_places(function: Callable[[Any], Any], law: Distribution) -> Any:
    """Return the places where a formula breaks or peaks, within the support."""
    if not isinstance(function, Formula):
        return np.zeros(0)
    return landmarks_between(function, *law.support).cuts(*law.support)


def _summed(panels: Panels, tail: Tail, note: str, factor: float = 1.0) -> Estimate:
    value = factor * (float(panels.value.sum()) + tail.value)
    error = float(panels.error.sum()) + tail.error + 4 * EPS * float(panels.absolute.sum())
    return scaled_estimate(value, error, panels.scale, panels.evaluations, note)


@lru_cache(maxsize=256)
def _share(law: Distribution) -> float:
    """Return the total mass of a law as its panels see it: one, if they see all of it."""
    try:
        panels, tail = integral(
            lambda x: (np.ones(np.shape(x)), law.logpdf(x)), *law.support, law.centers, law.points
        )
    except ProbabilityError:
        return 0.0
    return float((panels.value.sum() + tail.value) * np.exp(panels.scale))


def _by_quantiles(g: Callable[[Any], Any], law: Distribution, points: Any) -> Estimate:
    """Return E[g(X)] = ∫₀^½ g(F⁻¹(u)) + g(S⁻¹(u)) du: no mass can be missed."""
    halves = [
        _half(g, law.ppf, np.exp(law.logcdf(points))),
        _half(g, law.isf, np.exp(law.logsf(points))),
    ]
    value, error = sum(h.value for h in halves), sum(h.error for h in halves)
    count = sum(h.evaluations for h in halves)
    return Estimate(value, error, count, "by quantiles: the panels of the density miss some of it")


def _half(g: Callable[[Any], Any], quantile: Callable[[Any], Any], points: Any) -> Estimate:
    """Return the integral of g at a quantile over u from 0 to ½."""
    log_g = signed_log(g)

    def log_h(u: Any) -> tuple[Any, Any]:
        return log_g(_held(quantile, u))

    try:
        panels, tail = integral(log_h, 0.0, 0.5, ((0.25, 0.25),), [*QUANTILES, *points])
    except DoesNotExist:
        if _leaves_floats(quantile):
            raise ProbabilityError(UNTOLD) from None
        raise
    found = _summed(panels, tail, "")
    if _leaves_floats(quantile) and not _is_flat(log_g, quantile):
        raise ProbabilityError(UNTOLD)
    return found


def _held(quantile: Callable[[Any], Any], u: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.clip(quantile(np.asarray(u, float)), -LARGEST, LARGEST)


def _leaves_floats(quantile: Callable[[Any], Any]) -> bool:
    """Tell whether a quantile of a tiny probability is beyond the floats, or nearer to 0 than they.

    A law of a bounded support, whose quantile is its end, does not leave them.
    """
    x = np.abs(_held(quantile, np.array([SMALL, 1e-4])))
    return bool(x[0] >= LARGEST or (x[0] == 0 and x[1] < 1e-20))


def _is_flat(log_g: SignedLog, quantile: Callable[[Any], Any]) -> bool:
    """Tell whether g hardly changes where the quantile comes near to the end of the floats."""
    end = float(_held(quantile, np.array([SMALL]))[0])
    near = np.array([0.0, 1e-300, 1e-290]) if end == 0 else end * np.array([1.0, 1e-5, 1e-10])
    sign, log = log_g(near)
    return bool(np.ptp(sign) == 0 and np.ptp(log) < FLAT) or bool(np.all(log < -NEGLIGIBLE))


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
