"""Expectations by panels of exp(log|g| + log p), by quantiles where those cannot see all of p."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from gdviz.expressions import Formula
from gdviz.probability.distributions import Distribution
from gdviz.probability.estimate import Estimate, scaled_estimate
from gdviz.probability.humps import can_jump, jumps_between, landmarks_between
from gdviz.probability.infinite import finite_or_told
from gdviz.probability.log_quadrature import Panels, integral
from gdviz.probability.registry import distribution_of
from gdviz.probability.sums import sum_over
from gdviz.probability.tails import NEGLIGIBLE, Tail
from gdviz.probability.user_functions import SignedLog, function_of, signed_log, values
from gdviz.probability.validation import DoesNotExist, ProbabilityError

EPS = np.finfo(float).eps
LEAST = 1e-17  # of the mass: where g jumps beyond that quantile matters to no digit
NEAR_END = 1e-6  # of a range: a median so near to an end does not part it in two
SEEN = 1e-9  # how far from one the total mass of a law may come out for its panels to be trusted
QUANTILES = 0.5 ** np.arange(1, 12)
LARGEST, SMALL = 1e300, 1e-290
FLAT = 1e-6
MOST_QUANTILES = 10_000  # of a typed density, each is found by Newton's steps: 15 µs
UNTOLD = "It cannot be told: what matters lies beyond all floats."


@np.errstate(all="ignore")
def expectation(g: Any, distribution: Any, points: Any = ()) -> Estimate:
    """Return E[g(X)] = ∫ g p, the integrand formed as sign(g) exp(log|g| + log p).

    `g` is a callable of an array, or a formula's text in x; `distribution` as in `probability`.
    `points` are places of g's own to split at, such as a narrow peak or a jump: those of a formula
    are known, but nobody can find a peak of a callable that is much narrower than p. A law whose
    density does not sum to one over its panels is integrated by its quantiles. Raises
    `DoesNotExist` where E|g(X)| is infinite (`Infinite` where E[g(X)] is +∞ or −∞),
    `ProbabilityError` where g is not a number.
    """
    law = distribution_of(distribution)
    function = function_of(g)
    log_h, own = integrand(function, law), [np.ravel(points), _own_places(function, law)]
    if law.discrete:
        terms = np.concatenate(own)
        total = finite_or_told(log_h, lambda part: sum_over(part, law, terms))
        return total._replace(error=total.error + abs(total.value) * law.doubt)
    places = np.concatenate([law.points, *own])
    ends = (*law.support, law.centers, places)
    found = finite_or_told(
        log_h, lambda part: integral(part, *ends), lambda: _by_panels(function, law, places)
    )
    found = found._replace(error=found.error + abs(found.value) * law.doubt)
    return found if isinstance(function, Formula) else found.by_values()


def _by_panels(function: Callable[[Any], Any], law: Distribution, places: Any) -> Estimate:
    """Return E[g(X)] by panels of the density, or of its quantiles where those miss some of it."""
    off = abs(_share(law, *law.support) - 1)
    if off > max(SEEN, law.doubt):
        return _by_sides(function, law, places)
    panels, tail = integral(integrand(function, law), *law.support, law.centers, places)
    found = _summed(panels, tail, f"{panels.lo.size} panels of exp(log|g| + log p)")
    return found._replace(error=found.error + off * abs(found.value))


def _own_places(function: Callable[[Any], Any], law: Distribution) -> Any:
    """Return the places where a formula breaks or peaks, within the support."""
    if not isinstance(function, Formula):
        return np.zeros(0)
    lo, hi = law.support
    places = landmarks_between(function, lo, hi).cuts(lo, hi)
    if not can_jump(function):
        return places
    bulk = max(lo, float(law.ppf(LEAST))), min(hi, float(law.isf(LEAST)))
    return np.union1d(places, jumps_between(function, *bulk))


def _summed(panels: Panels, tail: Tail, note: str, factor: float = 1.0) -> Estimate:
    value = factor * (float(panels.value.sum()) + tail.value)
    error = float(panels.error.sum()) + tail.error + 4 * EPS * float(panels.absolute.sum())
    return scaled_estimate(value, error, panels.scale, panels.evaluations, note)


@lru_cache(maxsize=256)
def _share(law: Distribution, lo: float, hi: float) -> float:
    """Return the mass of a law between two places as its panels see it."""
    try:
        panels, tail = integral(
            lambda x: (np.ones(np.shape(x)), law.logpdf(x)), lo, hi, law.centers, law.points
        )
    except ProbabilityError:
        return 0.0
    return float((panels.value.sum() + tail.value) * np.exp(panels.scale))


def _by_sides(g: Callable[[Any], Any], law: Distribution, points: Any) -> Estimate:
    """Return E[g(X)] = ∫ g(F⁻¹(u)) du + ∫ g(S⁻¹(u)) du below and above the middle: no mass is lost.

    A side whose mass panels do see is left to them, for they come nearer to an end.
    """
    lo, hi = law.support
    middle = float(law.ppf(0.5))
    if np.isfinite(hi - lo) and not min(middle - lo, hi - middle) > NEAR_END * (hi - lo):
        middle = (lo + hi) / 2
    grain = max(float(np.spacing(abs(place))) / width for place, width in law.centers)
    found = []
    for start, end, log_share, quantile in (
        (lo, middle, law.logcdf, law.ppf),
        (middle, hi, law.logsf, law.isf),
    ):
        share = float(np.exp(log_share(middle)))
        wide = end - start > abs(np.spacing(middle)) / SEEN
        if share < SMALL:
            continue
        if wide and abs(_share(law, start, end) / share - 1) < SEEN:
            panels, tail = integral(integrand(g, law), start, end, law.centers, points)
            found.append(_summed(panels, tail, ""))
        else:
            found.append(_side(g, quantile, share, np.exp(log_share(points)), grain))
    value, error = sum(h.value for h in found), sum(h.error for h in found)
    error += _at_jumps(g, law, np.unique([*points, lo, middle, hi]))
    count = sum(h.evaluations for h in found)
    return Estimate(value, error, count, "by quantiles: the panels of the density miss some of it")


def _at_jumps(g: Callable[[Any], Any], law: Distribution, places: Any) -> float:
    """Return what the rounding of places may do where g jumps: the mass within some floats."""
    ring = places + 4 * np.spacing(np.abs(places)) * np.array([[-1.0], [1.0]])
    with np.errstate(all="ignore"):
        (left, right), (before, after) = values(g, ring), np.exp(law.logcdf(ring))
        missed = np.abs(right - left) * (after - before)
    return float(np.nan_to_num(missed, nan=0.0, posinf=0.0).sum())


def _side(
    g: Callable[[Any], Any],
    quantile: Callable[[Any], Any],
    share: float,
    points: Any,
    grain: float,
) -> Estimate:
    """Return the integral of g at a quantile over u from 0 to the share of a side.

    `grain` is what share of the law's width a float is: so far is the u of a jump of g unknown.
    """
    log_g = signed_log(g)

    def log_h(u: Any) -> tuple[Any, Any]:
        return log_g(_held(quantile, u))

    try:
        around, places = ((share / 2, share / 2),), [*(2 * share * QUANTILES), *points]
        panels, tail = integral(log_h, 0.0, share, around, places, most=MOST_QUANTILES)
    except DoesNotExist:
        if _leaves_floats(quantile):
            raise ProbabilityError(UNTOLD) from None
        raise
    steps = grain * float(np.abs(np.diff(panels.heights.ravel())).sum())
    found = _summed(panels, tail._replace(error=tail.error + steps), "")
    told = np.isfinite(found.value) and (not _leaves_floats(quantile) or _is_flat(log_g, quantile))
    if not told:
        raise ProbabilityError(UNTOLD)
    return found


def _held(quantile: Callable[[Any], Any], u: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.clip(quantile(np.asarray(u, float)), -LARGEST, LARGEST)


def _leaves_floats(quantile: Callable[[Any], Any]) -> bool:
    """Tell whether a quantile of a tiny probability is beyond the floats, or nearer to 0 than they.

    A law of a bounded support, whose quantile is its end, does not leave them.
    """
    x = np.abs(_held(quantile, np.array([SMALL, 1e-4, 0.25])))
    return bool(x[0] >= LARGEST or (x[0] == 0 and x[1] < 1e-6 * x[2]))


def _is_flat(log_g: SignedLog, quantile: Callable[[Any], Any]) -> bool:
    """Tell whether g hardly changes where the quantile comes near to the end of the floats."""
    end = float(_held(quantile, np.array([SMALL]))[0])
    near = np.array([0.0, 1e-300, 1e-290]) if end == 0 else end * np.array([1.0, 1e-5, 1e-10])
    sign, log = log_g(near)
    return bool(np.ptp(sign) == 0 and np.ptp(log) < FLAT) or bool(np.all(log < -NEGLIGIBLE))


def integrand(g: Callable[[Any], Any], law: Distribution) -> SignedLog:
    """Return sign and log of |g|·p; g need not be a number where p is zero, else it must be."""
    log_product = signed_product(g, law)

    def log_h(x: Any) -> tuple[Any, Any]:
        sign, log = log_product(x)
        if np.any(wrong := np.isnan(log)):
            where = np.asarray(x, float)[wrong].ravel()[0]
            raise ProbabilityError(f"g is not a number at x = {where:g}.")
        return sign, log

    return log_h


def signed_product(g: Callable[[Any], Any], law: Distribution) -> SignedLog:
    """Return sign and log of |g|·p; the log is nan where g is not a number and p is not zero."""
    log_g = signed_log(g)

    def log_h(x: Any) -> tuple[Any, Any]:
        log_p = np.asarray(law.logpdf(np.asarray(x, float)), float)
        sign, log = log_g(x, log_p)
        nothing = (log_p == -np.inf) | (log == -np.inf) | (np.isnan(log) & ~(log_p > -745))
        with np.errstate(invalid="ignore"):
            total = np.where(nothing, -np.inf, log + log_p)
        return np.where(np.isnan(sign), 0.0, sign), total

    return log_h
