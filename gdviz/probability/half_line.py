"""Distributions on [0, ∞) and on an interval."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np
import scipy.special as sc

from gdviz.knobs import Range
from gdviz.probability.distributions import Distribution, Moments, on_support
from gdviz.probability.real_line import Freedom, Scale
from gdviz.probability.special import (
    beta_quantile,
    log1mexp,
    log_beta,
    log_beta_term,
    log_betainc,
    log_gamma_density,
    log_gammainc,
    log_gammaincc,
    upper_beta_quantile,
)
from gdviz.probability.validation import ProbabilityError, finite, positive

Shape = Annotated[float, Range(0.05, 1e3, "shape k", log=True)]


def _half_line(
    name: str,
    parameters: dict[str, float],
    scale: float,
    standard: Sequence[Callable[[Any], Any]],
    draw: Callable[[np.random.Generator, Any], Any],
    moments: Moments,
) -> Distribution:
    """Return a family of scale on [0, ∞), `standard` as in `_line` for z ≥ 0."""
    logpdf, logcdf, logsf, ppf, isf = standard

    def z(x: Any) -> Any:
        return np.maximum(np.asarray(x, float), 0.0) / scale

    def guarded(function: Callable[[Any], Any], shift: float, below: float, above: float) -> Any:
        def value(x: Any) -> Any:
            with np.errstate(all="ignore"):
                inner = function(np.minimum(z(x), 1e300)) - shift
            far = np.where(np.isinf(x), above, inner)
            return on_support(x, 0.0, np.inf, far, below, above)

        return value

    middle, left, right = (float(ppf(np.asarray(q))) for q in (0.5, 0.25, 0.75))
    return Distribution(
        name,
        tuple(parameters.items()),
        (0.0, np.inf),
        guarded(logpdf, np.log(scale), -np.inf, -np.inf),
        guarded(logcdf, 0.0, -np.inf, 0.0),
        guarded(logsf, 0.0, 0.0, -np.inf),
        lambda p: scale * ppf(np.asarray(p, float)),
        lambda p: scale * isf(np.asarray(p, float)),
        lambda rng, size: scale * draw(rng, size),
        ((scale * middle, max(scale * max(right - left, 1e-3 * middle), 1e-300)),),
        moments,
    )


def gamma(shape: Shape = 2.0, scale: Scale = 1.0) -> Distribution:
    """The gamma distribution with shape k and scale s: density ∝ xᵏ⁻¹ e^(−x/s)."""
    shape, scale = positive("k", shape), positive("s", scale)
    return _gamma("gamma", {"shape": shape, "scale": scale}, shape, scale)


def _gamma(name: str, given: dict[str, float], shape: float, scale: float) -> Distribution:
    standard = (
        lambda z: log_gamma_density(shape, z),
        lambda z: log_gammainc(shape, z),
        lambda z: log_gammaincc(shape, z),
        lambda p: sc.gammaincinv(shape, p),
        lambda p: sc.gammainccinv(shape, p),
    )
    moments = (shape * scale, shape * scale * scale)
    return _half_line(name, given, scale, standard, lambda r, n: r.gamma(shape, 1, n), moments)


def exponential(
    rate: Annotated[float, Range(1e-3, 1e3, "rate λ", log=True)] = 1.0,
) -> Distribution:
    """The exponential distribution with rate λ, mean 1/λ."""
    rate = positive("λ", rate)
    standard = (
        lambda z: -z,
        lambda z: log1mexp(-z),
        lambda z: -z,
        lambda p: -np.log1p(-p),
        lambda p: -np.log(p),
    )
    draw = lambda r, n: r.standard_exponential(n)  # noqa: E731
    moments = (1 / rate, rate**-2)
    return _half_line("exponential", {"rate": rate}, 1 / rate, standard, draw, moments)


def chi2(df: Freedom = 3.0) -> Distribution:
    """χ² with ν degrees of freedom: the gamma distribution with shape ν/2 and scale 2."""
    df = positive("ν", df)
    return _gamma("chi2", {"df": df}, df / 2, 2.0)


def weibull(shape: Shape = 1.5, scale: Scale = 1.0) -> Distribution:
    """The Weibull distribution: P(X > x) = e^(−(x/s)ᵏ)."""
    shape, scale = positive("k", shape), positive("s", scale)

    def logcdf(z: Any) -> Any:
        power = z**shape
        return np.where(power < 1e-17, shape * np.log(z), log1mexp(-power))

    standard = (
        lambda z: np.log(shape) + sc.xlogy(shape - 1, z) - z**shape,
        logcdf,
        lambda z: -(z**shape),
        lambda p: (-np.log1p(-p)) ** (1 / shape),
        lambda p: (-np.log(p)) ** (1 / shape),
    )
    first, second = (float(sc.gamma(1 + m / shape)) for m in (1, 2))
    moments = (scale * first, _spread(scale, first, second))
    given = {"shape": shape, "scale": scale}
    return _half_line("weibull", given, scale, standard, lambda r, n: r.weibull(shape, n), moments)


def _spread(scale: float, first: float, second: float) -> float:
    """Return the variance scale² (second − first²), infinite where no float can hold it."""
    spread = second - first * first
    return scale * (scale * spread) if np.isfinite(spread) else np.inf


def lognormal(
    mu: Annotated[float, Range(-10.0, 10.0, "μ of log x")] = 0.0,
    sigma: Annotated[float, Range(0.01, 5.0, "σ of log x", log=True)] = 0.5,
) -> Distribution:
    """The distribution of e^Z with Z normal: all its moments exist, E[e^X] does not."""
    mu, sigma = finite("μ", mu), positive("σ", sigma)
    scale = np.exp(mu)

    def u(z: Any) -> Any:
        return np.log(z) / sigma

    standard = (
        lambda z: np.where(
            z > 0,
            -0.5 * u(z) ** 2 - np.log(z) - np.log(sigma) - 0.5 * np.log(2 * np.pi),
            -np.inf,
        ),
        lambda z: sc.log_ndtr(u(z)),
        lambda z: sc.log_ndtr(-u(z)),
        lambda p: np.exp(sigma * sc.ndtri(p)),
        lambda p: np.exp(-sigma * sc.ndtri(p)),
    )
    with np.errstate(over="ignore"):  # σ² beyond 700: a moment that no float can hold is infinite
        mean, spread = np.exp(mu + sigma**2 / 2), np.expm1(sigma**2)
        moments = (float(mean), float(mean * mean * spread))
    draw = lambda r, n: r.lognormal(0, sigma, n)  # noqa: E731
    given = {"mu": mu, "sigma": sigma}
    return _half_line("lognormal", given, scale, standard, draw, moments)


def f(
    d1: Annotated[float, Range(0.1, 1e3, "degrees d₁", log=True)] = 5.0,
    d2: Annotated[float, Range(0.1, 1e3, "degrees d₂", log=True)] = 8.0,
) -> Distribution:
    """The F distribution with d₁ and d₂ degrees of freedom; moments below d₂/2 exist."""
    d1, d2 = positive("d₁", d1), positive("d₂", d2)
    a, b = d1 / 2, d2 / 2

    at_zero = sc.xlogy(a - 1, 0.0) + a * np.log(d1 / d2) - log_beta(a, b)

    def logpdf(z: Any) -> Any:
        held = np.where(z > 0, z, 1.0)
        inner = log_beta_term(a, b, *shares(held)) - np.log(held)
        return np.where(z > 0, inner, at_zero)

    def ppf(p: Any) -> Any:
        return _odds(beta_quantile(a, b, p), upper_beta_quantile(b, a, p)) * d2 / d1

    def isf(p: Any) -> Any:
        return _odds(upper_beta_quantile(a, b, p), beta_quantile(b, a, p)) * d2 / d1

    def shares(z: Any) -> tuple[Any, Any]:
        r = d1 / d2 * z
        return r / (1 + r), 1 / (1 + r)

    standard = (
        logpdf,
        lambda z: log_betainc(a, b, *shares(z)),
        lambda z: log_betainc(b, a, *shares(z)[::-1]),
        ppf,
        isf,
    )
    mean = d2 / (d2 - 2) if d2 > 2 else None
    variance = 2 * d2**2 * (d1 + d2 - 2) / (d1 * (d2 - 2) ** 2 * (d2 - 4)) if d2 > 4 else None
    given = {"d1": d1, "d2": d2}
    return _half_line("f", given, 1.0, standard, lambda r, n: r.f(d1, d2, n), (mean, variance))


def _odds(share: Any, rest: Any) -> Any:
    with np.errstate(divide="ignore"):
        return share / rest


def beta(
    a: Annotated[float, Range(0.05, 1e3, "a", log=True)] = 2.0,
    b: Annotated[float, Range(0.05, 1e3, "b", log=True)] = 3.0,
) -> Distribution:
    """The beta distribution on [0, 1]: density ∝ xᵃ⁻¹ (1 − x)ᵇ⁻¹."""
    a, b = positive("a", a), positive("b", b)
    at_ends = np.array([sc.xlogy(part - 1, 0.0) - log_beta(a, b) for part in (a, b)])

    def held(x: Any) -> Any:
        return np.clip(np.asarray(x, float), 0.0, 1.0)

    def logpdf(x: Any) -> Any:
        share = held(x)
        end = (share == 0) | (share == 1)
        inner = np.where(end, 0.5, share)
        value = log_beta_term(a, b, inner, 1 - inner) - np.log(inner) - np.log1p(-inner)
        value = np.where(end, at_ends[np.where(share == 1, 1, 0)], value)
        return on_support(x, 0.0, 1.0, value, -np.inf, -np.inf)

    middle, left, right = (float(sc.betaincinv(a, b, q)) for q in (0.5, 0.25, 0.75))
    return Distribution(
        "beta",
        (("a", a), ("b", b)),
        (0.0, 1.0),
        logpdf,
        lambda x: on_support(x, 0.0, 1.0, log_betainc(a, b, held(x), 1 - held(x)), -np.inf, 0.0),
        lambda x: on_support(x, 0.0, 1.0, log_betainc(b, a, 1 - held(x), held(x)), 0.0, -np.inf),
        lambda p: beta_quantile(a, b, p),
        lambda p: upper_beta_quantile(a, b, p),
        lambda rng, size: rng.beta(a, b, size),
        ((middle, max(right - left, 1e-6)),),
        (a / (a + b), a / (a + b) * (b / (a + b)) / (a + b + 1)),
    )


def uniform(
    lo: Annotated[float, Range(-1e3, 1e3, "from")] = 0.0,
    hi: Annotated[float, Range(-1e3, 1e3, "to")] = 1.0,
) -> Distribution:
    """The uniform distribution between two ends."""
    lo, hi = finite("The lower end", lo), finite("The upper end", hi)
    if not lo < hi:
        raise ProbabilityError(f"The uniform range from {lo:g} to {hi:g} is empty.")
    width = hi - lo
    if not np.isfinite(width):
        raise ProbabilityError("The uniform range is wider than any float.")

    def log_share(part: Any) -> Any:
        with np.errstate(divide="ignore"):
            return np.log(np.clip(part / width, 0, 1))

    return Distribution(
        "uniform",
        (("lo", lo), ("hi", hi)),
        (lo, hi),
        lambda x: on_support(x, lo, hi, -np.log(width), -np.inf, -np.inf),
        lambda x: log_share(np.asarray(x, float) - lo),
        lambda x: log_share(hi - np.asarray(x, float)),
        lambda p: lo + width * np.asarray(p, float),
        lambda p: hi - width * np.asarray(p, float),
        lambda rng, size: rng.uniform(lo, hi, size),
        ((lo + width / 2, width / 2),),
        (lo + width / 2, width * width / 12),
    )
