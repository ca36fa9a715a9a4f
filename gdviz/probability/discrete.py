"""Distributions on the whole numbers."""

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np

from gdviz.knobs import Range
from gdviz.probability.distributions import Distribution
from gdviz.probability.special import (
    log1mexp,
    log_betainc,
    log_gammainc,
    log_gammaincc,
    log_poisson_term,
)
from gdviz.probability.validation import ProbabilityError, count, finite, positive

LARGEST = 1e15  # mean: beyond, floats do not tell a whole number from its neighbours


def _whole(
    name: str,
    parameters: dict[str, float],
    support: tuple[float, float],
    functions: tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[Any], Any]],
    draw: Callable[[np.random.Generator, Any], Any],
    moments: tuple[float, float],
) -> Distribution:
    """Return a distribution on whole numbers from the logs of mass, P(X ≤ k) and P(X > k)."""
    first, last = support
    mass, below, above = functions
    logcdf = _on_wholes(below, support, -np.inf, 0.0)
    logsf = _on_wholes(above, support, 0.0, -np.inf)
    mean, variance = moments
    scale = max(np.sqrt(variance), 0.5)

    def inverse(function: Callable[[Any], Any], rising: bool) -> Callable[[Any], Any]:
        def value(p: Any) -> Any:
            with np.errstate(divide="ignore"):
                return _first(function, np.log(np.asarray(p, float)), first, last, scale, rising)

        return value

    return Distribution(
        name,
        tuple(parameters.items()),
        support,
        _on_wholes(mass, support, -np.inf, -np.inf, exact=True),
        logcdf,
        logsf,
        inverse(logcdf, True),
        inverse(logsf, False),
        draw,
        ((round(mean), scale),),
        moments,
        True,
    )


def _on_wholes(
    function: Callable[[Any], Any],
    support: tuple[float, float],
    low: float,
    high: float,
    exact: bool = False,
) -> Callable[[Any], Any]:
    """Return a function of any x from one of whole numbers: `low` below the support, `high` above.

    Between two whole numbers it is that of the lower one, or −∞ if only `exact` ones count.
    """
    first, last = support

    def value(x: Any) -> Any:
        x = np.asarray(x, float)
        k = np.clip(np.floor(x), first, min(last, 1e300))
        with np.errstate(all="ignore"):
            result = np.where(x < first, low, np.where(x > last, high, function(k)))
        if exact:
            result = np.where((k != x) & (x >= first) & (x <= last), -np.inf, result)
        return np.where(np.isnan(x), np.nan, np.where(x == np.inf, high, result))[()]

    return value


def _first(
    function: Callable[[Any], Any], goal: Any, first: float, last: float, scale: float, rising: bool
) -> Any:
    """Return the first whole number at which P(X ≤ k), or P(X > k), has come to a goal."""

    def reached(k: Any) -> Any:
        return function(k) >= goal if rising else function(k) <= goal

    lo = np.full(np.shape(goal), first - 1.0)
    hi = np.full(np.shape(goal), np.ceil(min(first + 2 * scale, last)))
    while np.any(short := ~reached(hi) & (hi < min(last, 1e15))):
        hi = np.where(short, np.minimum(2 * hi - first + 1, last), hi)
    while np.any(hi - lo > 1):
        middle = np.floor((lo + hi) / 2)
        ready = reached(middle)
        lo, hi = np.where(ready, lo, middle), np.where(ready, middle, hi)
    return np.ceil(hi)[()]


def _held(name: str, mean: float) -> float:
    """Return a mean; raise `ProbabilityError` where floats hold no whole numbers around it."""
    if mean > LARGEST:
        raise ProbabilityError(
            f"{name} = {mean:g} is too large: floats hold no whole numbers there."
        )
    return mean


def poisson(
    rate: Annotated[float, Range(0.01, 1e3, "mean λ", log=True)] = 4.0,
) -> Distribution:
    """The Poisson distribution with mean λ."""
    rate = _held("λ", positive("λ", rate))
    functions = (
        lambda k: log_poisson_term(k, rate),
        lambda k: log_gammaincc(k + 1, rate),
        lambda k: log_gammainc(k + 1, rate),
    )
    draw = lambda rng, size: rng.poisson(rate, size)  # noqa: E731
    return _whole("poisson", {"rate": rate}, (0.0, np.inf), functions, draw, (rate, rate))


def binomial(
    n: Annotated[int, Range(1, 10_000, "trials n")] = 20,
    p: Annotated[float, Range(0.001, 0.999, "success p")] = 0.3,
) -> Distribution:
    """The number of successes in n trials of probability p."""
    n, p = count("n", n), _share(p)

    def mass(k: Any) -> Any:
        # Loader (2000): three Poisson terms, none of which is the difference of large numbers.
        return (
            log_poisson_term(k, n * p)
            + log_poisson_term(n - k, n * (1 - p))
            - log_poisson_term(n, n)
        )

    def below(k: Any) -> Any:
        k = np.minimum(k, n - 0.5)
        return np.where(k >= n - 0.5, 0.0, log_betainc(n - np.floor(k), np.floor(k) + 1, 1 - p, p))

    def above(k: Any) -> Any:
        k = np.minimum(k, n - 0.5)
        inner = log_betainc(np.floor(k) + 1, n - np.floor(k), p, 1 - p)
        return np.where(k >= n - 0.5, -np.inf, inner)

    draw = lambda rng, size: rng.binomial(n, p, size)  # noqa: E731
    moments = (n * p, n * p * (1 - p))
    given = {"n": n, "p": p}
    return _whole("binomial", given, (0.0, float(n)), (mass, below, above), draw, moments)


def geometric(
    p: Annotated[float, Range(0.001, 0.999, "success p")] = 0.3,
) -> Distribution:
    """The number of the first success in trials of probability p: 1, 2, 3, …"""
    p = _share(p)
    _held("1/p", 1 / p)
    fail = np.log1p(-p)
    functions = (
        lambda k: (k - 1) * fail + np.log(p),
        lambda k: log1mexp(k * fail),
        lambda k: k * fail,
    )
    draw = lambda rng, size: rng.geometric(p, size)  # noqa: E731
    moments = (1 / p, (1 - p) / p / p)
    return _whole("geometric", {"p": p}, (1.0, np.inf), functions, draw, moments)


def _share(p: Any) -> float:
    p = finite("p", p)
    if not 0 < p < 1:
        raise ProbabilityError(f"p must lie between 0 and 1, not be {p:g}.")
    return p
