"""The named families of distributions; each factory declares its parameters as knobs.

Densities and tails are written in logs with `scipy.special`, so that they hold where the
functions themselves have long underflowed (P(Z > 40), say).
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np
import scipy.special as sc

from gdviz.knobs import Range
from gdviz.probability.discrete import binomial, geometric, poisson
from gdviz.probability.distributions import Distribution, inside
from gdviz.probability.errors import ProbabilityError, finite, positive
from gdviz.probability.numeric import typed
from gdviz.probability.special import (
    log1mexp,
    log_betainc,
    log_gammainc,
    log_gammaincc,
    log_poisson_term,
)

Place = Annotated[float, Range(-1e3, 1e3, "location μ")]
Sigma = Annotated[float, Range(1e-3, 1e3, "standard deviation σ", log=True)]
Scale = Annotated[float, Range(1e-3, 1e3, "scale s", log=True)]
Shape = Annotated[float, Range(0.05, 1e3, "shape k", log=True)]
Freedom = Annotated[float, Range(0.1, 1e3, "degrees of freedom ν", log=True)]
FAR = 1e100  # beyond, a power tail is its leading term
Moments = tuple[float | None, float | None]


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
        "normal", given, mu, sigma, standard, lambda r, n: r.standard_normal(n), (mu, sigma**2)
    )


def student_t(df: Freedom = 3.0, mu: Place = 0.0, scale: Scale = 1.0) -> Distribution:
    """Student's t with ν degrees of freedom, moved to μ and scaled by s; moments below ν exist."""
    df, mu, scale = positive("ν", df), finite("μ", mu), positive("s", scale)
    root = np.sqrt(df)

    def logpdf(t: Any) -> Any:
        far = np.abs(t) > FAR * root
        squares = np.where(far, 1.0, t / root) ** 2
        with np.errstate(divide="ignore"):
            growth = np.where(far, 2 * (np.log(np.abs(t)) - np.log(root)), np.log1p(squares))
        return -(df + 1) / 2 * growth - np.log(root) - sc.betaln(0.5, df / 2)

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

    standard = (
        logpdf,
        lambda t: logsf(-t),
        logsf,
        lambda p: sc.stdtrit(df, p),
        lambda p: -sc.stdtrit(df, p),
    )
    variance = scale**2 * df / (df - 2) if df > 2 else None
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
        "laplace", given, mu, scale, standard, lambda r, n: r.laplace(0, 1, n), (mu, 2 * scale**2)
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
    moments = (mu, (np.pi * scale) ** 2 / 3)
    given = {"mu": mu, "scale": scale}
    return _line("logistic", given, mu, scale, standard, lambda r, n: r.logistic(0, 1, n), moments)


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
            return inside(x, 0.0, np.inf, far, below, above)

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
        ((scale * middle, scale * max(right - left, 1e-3 * middle)),),
        moments,
    )


def gamma(shape: Shape = 2.0, scale: Scale = 1.0) -> Distribution:
    """The gamma distribution with shape k and scale s: density ∝ xᵏ⁻¹ e^(−x/s)."""
    shape, scale = positive("k", shape), positive("s", scale)
    return _gamma("gamma", {"shape": shape, "scale": scale}, shape, scale)


def _gamma(name: str, given: dict[str, float], shape: float, scale: float) -> Distribution:
    standard = (
        lambda z: log_poisson_term(shape - 1, z),
        lambda z: log_gammainc(shape, z),
        lambda z: log_gammaincc(shape, z),
        lambda p: sc.gammaincinv(shape, p),
        lambda p: sc.gammainccinv(shape, p),
    )
    moments = (shape * scale, shape * scale**2)
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
    moments = (scale * first, scale**2 * (second - first**2))
    given = {"shape": shape, "scale": scale}
    return _half_line("weibull", given, scale, standard, lambda r, n: r.weibull(shape, n), moments)


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
    mean = float(np.exp(mu + sigma**2 / 2))
    moments = (mean, float(mean**2 * np.expm1(sigma**2)))
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

    def logpdf(z: Any) -> Any:
        r = d1 / d2 * z
        return sc.xlogy(a - 1, z) + a * np.log(d1 / d2) - (a + b) * np.log1p(r) - sc.betaln(a, b)

    def ppf(p: Any) -> Any:
        return _odds(sc.betaincinv(a, b, p), sc.betainccinv(b, a, p)) * d2 / d1

    def isf(p: Any) -> Any:
        return _odds(sc.betainccinv(a, b, p), sc.betaincinv(b, a, p)) * d2 / d1

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
    norm = sc.betaln(a, b)

    def held(x: Any) -> Any:
        return np.clip(np.asarray(x, float), 0.0, 1.0)

    def logpdf(x: Any) -> Any:
        value = sc.xlogy(a - 1, held(x)) + sc.xlog1py(b - 1, -held(x)) - norm
        return inside(x, 0.0, 1.0, value, -np.inf, -np.inf)

    middle, left, right = (float(sc.betaincinv(a, b, q)) for q in (0.5, 0.25, 0.75))
    return Distribution(
        "beta",
        (("a", a), ("b", b)),
        (0.0, 1.0),
        logpdf,
        lambda x: inside(x, 0.0, 1.0, log_betainc(a, b, held(x), 1 - held(x)), -np.inf, 0.0),
        lambda x: inside(x, 0.0, 1.0, log_betainc(b, a, 1 - held(x), held(x)), 0.0, -np.inf),
        lambda p: sc.betaincinv(a, b, p),
        lambda p: sc.betainccinv(a, b, p),
        lambda rng, size: rng.beta(a, b, size),
        ((middle, max(right - left, 1e-6)),),
        (a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1))),
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

    def log_share(part: Any) -> Any:
        with np.errstate(divide="ignore"):
            return np.log(np.clip(part / width, 0, 1))

    return Distribution(
        "uniform",
        (("lo", lo), ("hi", hi)),
        (lo, hi),
        lambda x: inside(x, lo, hi, -np.log(width), -np.inf, -np.inf),
        lambda x: log_share(np.asarray(x, float) - lo),
        lambda x: log_share(hi - np.asarray(x, float)),
        lambda p: lo + width * np.asarray(p, float),
        lambda p: hi - width * np.asarray(p, float),
        lambda rng, size: rng.uniform(lo, hi, size),
        ((lo + width / 2, width / 2),),
        (lo + width / 2, width**2 / 12),
    )


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
    from dataclasses import replace

    return replace(found, parameters=parameters)


def mixture_of(
    weights: Sequence[float], means: Sequence[float], sds: Sequence[float]
) -> Distribution:
    """Return a mixture of normal distributions; the weights are made to sum to one."""
    if not len(weights) == len(means) == len(sds) > 0:
        raise ProbabilityError("A mixture has as many weights as means and standard deviations.")
    shares = np.array([positive("Each weight", w) for w in weights])
    shares = shares / shares.sum()
    parts = [normal(m, s) for m, s in zip(means, sds, strict=True)]
    mu, sd = np.asarray(means, float), np.asarray(sds, float)
    mean = float(shares @ mu)

    def combined(which: str) -> Callable[[Any], Any]:
        def value(x: Any) -> Any:
            logs = [getattr(part, which)(x) for part in parts]
            return sc.logsumexp(np.stack(np.broadcast_arrays(*logs), -1), axis=-1, b=shares)

        return value

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


DISTRIBUTIONS: dict[str, Callable[..., Distribution]] = {
    "normal": normal,
    "student_t": student_t,
    "cauchy": cauchy,
    "laplace": laplace,
    "logistic": logistic,
    "gamma": gamma,
    "exponential": exponential,
    "chi2": chi2,
    "weibull": weibull,
    "lognormal": lognormal,
    "f": f,
    "beta": beta,
    "uniform": uniform,
    "mixture": mixture,
    "typed": typed,
    "poisson": poisson,
    "binomial": binomial,
    "geometric": geometric,
}
DISTRIBUTION_LABELS = {
    "normal": "Normal",
    "student_t": "Student t",
    "cauchy": "Cauchy",
    "laplace": "Laplace",
    "logistic": "Logistic",
    "gamma": "Gamma",
    "exponential": "Exponential",
    "chi2": "χ²",
    "weibull": "Weibull",
    "lognormal": "Lognormal",
    "f": "F",
    "beta": "Beta",
    "uniform": "Uniform",
    "mixture": "Two normals mixed",
    "typed": "Type a density …",
    "poisson": "Poisson",
    "binomial": "Binomial",
    "geometric": "Geometric",
}
