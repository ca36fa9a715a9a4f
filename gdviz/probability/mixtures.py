"""Mixtures of normal distributions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import numpy as np
import scipy.special as sc

from gdviz.knobs import Range
from gdviz.probability.distributions import Distribution
from gdviz.probability.real_line import normal
from gdviz.probability.validation import ProbabilityError, finite, positive


def mixture(
    weight: Annotated[float, Range(0.01, 0.99, "weight of the first")] = 0.4,
    mu1: Annotated[float, Range(-1e3, 1e3, "first mean μ₁")] = -2.0,
    sigma1: Annotated[float, Range(1e-3, 1e3, "first σ₁", log=True)] = 0.7,
    mu2: Annotated[float, Range(-1e3, 1e3, "second mean μ₂")] = 1.5,
    sigma2: Annotated[float, Range(1e-3, 1e3, "second σ₂", log=True)] = 1.0,
) -> Distribution:
    """A mixture of two normal distributions; `mixture_of` takes any number."""
    weight = finite("The weight", weight)
    if not 0 < weight < 1:
        raise ProbabilityError(f"The weight must lie between 0 and 1, not be {weight:g}.")
    given = {"weight": weight, "mu1": mu1, "sigma1": sigma1, "mu2": mu2, "sigma2": sigma2}
    found = mixture_of((weight, 1 - weight), (mu1, mu2), (sigma1, sigma2))
    return _named(found, tuple((name, float(value)) for name, value in given.items()))


def _named(found: Distribution, parameters: Any) -> Distribution:
    return replace(found, parameters=parameters)


def _combined(
    parts: Sequence[Distribution], shares: np.ndarray, which: str
) -> Callable[[Any], Any]:
    """Return the log of Σ share · exp(log function) of the parts."""

    def value(x: Any) -> Any:
        logs = [getattr(part, which)(x) for part in parts]
        return sc.logsumexp(np.stack(np.broadcast_arrays(*logs), -1), axis=-1, b=shares)

    return value


def mixture_of(
    weights: Sequence[float], means: Sequence[float], sds: Sequence[float]
) -> Distribution:
    """Return a mixture of normal distributions; the weights are made to sum to one."""
    if not len(weights) == len(means) == len(sds) > 0:
        raise ProbabilityError("A mixture has as many weights as means and standard deviations.")
    raw = np.array([positive("Each weight", w) for w in weights])
    shares = raw / raw.sum()
    parts = [normal(m, s) for m, s in zip(means, sds, strict=True)]
    mu, sd = np.asarray(means, float), np.asarray(sds, float)
    mean = float(shares @ mu)
    combined = partial(_combined, parts, shares)

    def draw(rng: np.random.Generator, size: Any) -> Any:
        which = rng.choice(len(shares), size, p=shares)
        return mu[which] + sd[which] * rng.standard_normal(size)

    def inverse(tail: str, quantile: str, rising: bool) -> Callable[[Any], Any]:
        function = combined(tail)

        def value(p: Any) -> Any:
            ends = np.stack([getattr(part, quantile)(p) for part in parts])
            with np.errstate(divide="ignore"):
                return bisect(function, np.log(p), ends.min(0), ends.max(0), rising)

        return value

    return Distribution(
        "mixture",
        (("weights", tuple(shares)), ("means", tuple(mu)), ("sds", tuple(sd))),
        (-np.inf, np.inf),
        combined("logpdf"),
        combined("logcdf"),
        combined("logsf"),
        inverse("logcdf", "ppf", True),
        inverse("logsf", "isf", False),
        draw,
        tuple(zip(mu.tolist(), sd.tolist(), strict=True)),
        (mean, float(shares @ (sd**2 + (mu - mean) ** 2))),
    )


def bisect(function: Callable[[Any], Any], goal: Any, lo: Any, hi: Any, rising: bool) -> Any:
    """Return where a monotone function meets its goal, elementwise, between two finite ends."""
    for _ in range(100):
        middle = lo / 2 + hi / 2
        before = (function(middle) < goal) == rising
        lo, hi = np.where(before, middle, lo), np.where(before, hi, middle)
    return (lo / 2 + hi / 2)[()]
