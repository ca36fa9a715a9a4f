"""Distributions on the whole line: a place, a scale, and a shape at 0 and 1.

Densities and tails are written in logs with `scipy.special`, so that they hold where the functions
themselves have long underflowed (P(Z > 40), say).
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np
import scipy.special as sc

from gdviz.knobs import Range
from gdviz.probability.distributions import Distribution, Moments
from gdviz.probability.special import log_beta, log_betainc
from gdviz.probability.validation import finite, positive

Place = Annotated[float, Range(-1e3, 1e3, "location μ")]
Sigma = Annotated[float, Range(1e-3, 1e3, "standard deviation σ", log=True)]
Scale = Annotated[float, Range(1e-3, 1e3, "scale s", log=True)]
Freedom = Annotated[float, Range(0.1, 1e3, "degrees of freedom ν", log=True)]
FAR = 1e100  # beyond, a power tail is its leading term


def _line(
    name: str,
    parameters: dict[str, float],
    place: float,
    scale: float,
    standard: Sequence[Callable[[Any], Any]],
    draw: Callable[[np.random.Generator, Any], Any],
    moments: Moments,
) -> Distribution:
    """Return a family of place and scale; `standard` is logpdf, logcdf, logsf, ppf, isf at 0, 1."""
    logpdf, logcdf, logsf, ppf, isf = standard
    log_scale = np.log(scale)

    def z(x: Any) -> Any:
        return (np.asarray(x, float) - place) / scale

    return Distribution(
        name,
        tuple(parameters.items()),
        (-np.inf, np.inf),
        lambda x: logpdf(z(x)) - log_scale,
        lambda x: logcdf(z(x)),
        lambda x: logsf(z(x)),
        lambda p: place + scale * ppf(np.asarray(p, float)),
        lambda p: place + scale * isf(np.asarray(p, float)),
        lambda rng, size: place + scale * draw(rng, size),
        ((place, scale),),
        moments,
    )


def normal(mu: Place = 0.0, sigma: Sigma = 1.0) -> Distribution:
    """The normal distribution with mean μ and standard deviation σ."""
    mu, sigma = finite("μ", mu), positive("σ", sigma)
    standard = (
        lambda z: -0.5 * z * z - 0.5 * np.log(2 * np.pi),
        sc.log_ndtr,
        lambda z: sc.log_ndtr(-z),
        sc.ndtri,
        lambda p: -sc.ndtri(p),
    )
    given = {"mu": mu, "sigma": sigma}
    return _line(
        "normal", given, mu, sigma, standard, lambda r, n: r.standard_normal(n), (mu, sigma * sigma)
    )


def student_t(df: Freedom = 3.0, mu: Place = 0.0, scale: Scale = 1.0) -> Distribution:
    """Student's t with ν degrees of freedom, moved to μ and scaled by s; moments below ν exist."""
    df, mu, scale = positive("ν", df), finite("μ", mu), positive("s", scale)
    root, norm = np.sqrt(df), log_beta(0.5, df / 2)

    def logpdf(t: Any) -> Any:
        far = np.abs(t) > FAR * root
        squares = np.where(far, 1.0, t / root) ** 2
        with np.errstate(divide="ignore"):
            growth = np.where(far, 2 * (np.log(np.abs(t)) - np.log(root)), np.log1p(squares))
        return -(df + 1) / 2 * growth - np.log(root) - norm

    def half(t: Any) -> Any:
        """Return log of twice the tail beyond |t|."""
        far = np.abs(t) > FAR * root
        r = np.where(far, 1.0, t / root) ** 2
        near = log_betainc(df / 2, 0.5, 1 / (1 + r), r / (1 + r))
        held = np.clip(np.abs(t), 1.0, 1e300)
        power = logpdf(held) + np.log(held) - np.log(df) + np.log(2)
        return np.where(np.isinf(t), -np.inf, np.where(far, power, near))

    def logsf(t: Any) -> Any:
        tail = half(t) - np.log(2)
        return np.where(t >= 0, tail, np.log1p(-np.exp(tail)))[()]

    def isf(p: Any) -> Any:
        """Return the quantile of an upper tail: by its power law where scipy's does not reach."""
        p = np.asarray(p, float)
        with np.errstate(divide="ignore", over="ignore"):
            power = np.exp((df / 2 * np.log(df) - np.log(df) - norm - np.log(p)) / df)
        far = power > 1e9 * df
        return np.where(far, power, -sc.stdtrit(df, np.where(far, 0.5, p)))[()]

    standard = (logpdf, lambda t: logsf(-t), logsf, lambda p: -isf(p), isf)
    variance = scale * scale * df / (df - 2) if df > 2 else None
    given = {"df": df, "mu": mu, "scale": scale}
    moments = (mu if df > 1 else None, variance)
    return _line("student_t", given, mu, scale, standard, lambda r, n: r.standard_t(df, n), moments)


def cauchy(mu: Place = 0.0, scale: Scale = 1.0) -> Distribution:
    """The Cauchy distribution, which has a median μ and no mean."""
    mu, scale = finite("μ", mu), positive("s", scale)

    def logpdf(z: Any) -> Any:
        return -2 * np.log(np.hypot(1, z)) - np.log(np.pi)

    def logsf(z: Any) -> Any:
        with np.errstate(divide="ignore"):
            return np.log(np.arctan2(1, z) / np.pi)

    standard = (
        logpdf,
        lambda z: logsf(-z),
        logsf,
        lambda p: np.where(p == 0.5, 0.0, -1 / np.tan(np.pi * p)),
        lambda p: np.where(p == 0.5, 0.0, 1 / np.tan(np.pi * p)),
    )
    given = {"mu": mu, "scale": scale}
    return _line(
        "cauchy", given, mu, scale, standard, lambda r, n: r.standard_cauchy(n), (None, None)
    )


def laplace(mu: Place = 0.0, scale: Scale = 1.0) -> Distribution:
    """The Laplace distribution, two exponentials back to back."""
    mu, scale = finite("μ", mu), positive("s", scale)
    log2 = np.log(2)

    def logsf(z: Any) -> Any:
        return np.where(z > 0, -np.abs(z) - log2, np.log1p(-np.exp(-np.abs(z)) / 2))[()]

    def ppf(p: Any) -> Any:
        with np.errstate(divide="ignore"):
            return np.where(p < 0.5, np.log(2 * p), -np.log(2 * (1 - p)))

    standard = (
        lambda z: -np.abs(z) - log2,
        lambda z: logsf(-z),
        logsf,
        ppf,
        lambda p: -ppf(p),
    )
    given = {"mu": mu, "scale": scale}
    return _line(
        "laplace",
        given,
        mu,
        scale,
        standard,
        lambda r, n: r.laplace(0, 1, n),
        (mu, 2 * scale * scale),
    )


def logistic(mu: Place = 0.0, scale: Scale = 1.0) -> Distribution:
    """The logistic distribution, whose distribution function is the sigmoid."""
    mu, scale = finite("μ", mu), positive("s", scale)
    standard = (
        lambda z: -np.abs(z) - 2 * np.log1p(np.exp(-np.abs(z))),
        lambda z: -np.logaddexp(0, -z),
        lambda z: -np.logaddexp(0, z),
        sc.logit,
        lambda p: -sc.logit(p),
    )
    moments = (mu, np.pi * scale * np.pi * scale / 3)
    given = {"mu": mu, "scale": scale}
    return _line("logistic", given, mu, scale, standard, lambda r, n: r.logistic(0, 1, n), moments)
