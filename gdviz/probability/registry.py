"""The registry of distributions: each factory declares its parameters as knobs."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.probability.discrete import binomial, geometric, poisson
from gdviz.probability.distributions import Distribution
from gdviz.probability.from_log_density import typed_density
from gdviz.probability.half_line import (
    beta,
    chi2,
    exponential,
    f,
    gamma,
    lognormal,
    uniform,
    weibull,
)
from gdviz.probability.mixtures import mixture
from gdviz.probability.quantile_search import quantiles_of
from gdviz.probability.real_line import cauchy, laplace, logistic, normal, student_t
from gdviz.probability.validation import ProbabilityError

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
    "typed": typed_density,
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

BULK, WIDEST = 30.0, 1e4  # quartiles' distances within which all mass lies, of a law of light tails
HEAVY = 1e-7


def distribution_of(thing: Any) -> Distribution:
    """Return what was given as a `Distribution`: one of ours, a name, or frozen scipy.stats.

    Raises `ProbabilityError` for anything else.
    """

    if isinstance(thing, Distribution):
        return thing
    if isinstance(thing, str):
        name = thing.strip().lower().replace("-", "_").replace(" ", "_")
        if name not in DISTRIBUTIONS:
            known = ", ".join(DISTRIBUTIONS)
            raise ProbabilityError(f"There is no distribution of that name; there are {known}.")
        return DISTRIBUTIONS[name]()
    if all(hasattr(thing, part) for part in ("logcdf", "logsf", "ppf", "isf", "support", "rvs")):
        return _of_scipy(_frozen(thing))
    raise ProbabilityError(
        "A distribution is an object of DISTRIBUTIONS, a name, or a frozen one of scipy.stats."
    )


def _frozen(thing: Any) -> Any:
    """Return one law of scipy.stats with its parameters, or raise `ProbabilityError`."""
    if not hasattr(thing, "dist"):
        if getattr(thing, "shapes", None):
            words = f"scipy.stats.{thing.name} needs its parameters: {thing.name}({thing.shapes})."
            raise ProbabilityError(words)
        thing = thing()
    if any(np.ndim(value) for value in (*thing.args, *thing.kwds.values())):
        raise ProbabilityError("Parameters that are arrays make several distributions: give one.")
    return thing


def _of_scipy(frozen: Any) -> Distribution:
    """Return a frozen distribution of scipy.stats as ours."""
    with np.errstate(all="ignore"):
        lo, hi = (float(end) for end in frozen.support())
        ppf, isf = (frozen.ppf, frozen.isf) if _has_quantiles(frozen) else quantiles_of(frozen, lo)
        middle, left, right = (float(ppf(q)) for q in (0.5, 0.25, 0.75))
    if not np.isfinite([middle, left, right]).all():
        raise ProbabilityError("The parameters of this scipy.stats distribution are out of range.")
    discrete = hasattr(frozen, "logpmf")
    with np.errstate(all="ignore"):
        mean, var = (float(np.nan if part is None else part) for part in frozen.stats("mv"))
        beyond = 0.0 if discrete else float(frozen.cdf(middle + 100 * max(right - left, 1.0)))
    if beyond > 1 + 1e-9:
        raise ProbabilityError(
            "This scipy.stats distribution lives on a circle, where F grows without end: give one "
            "on the line, such as vonmises_line."
        )
    width = max(right - left, 1.0 if discrete else np.spacing(abs(middle)), 1e-300)
    return Distribution(
        frozen.dist.name or type(frozen.dist).__name__,
        tuple((f"p{i}", value) for i, value in enumerate(frozen.args)) + tuple(frozen.kwds.items()),
        (lo, hi),
        frozen.logpmf if discrete else frozen.logpdf,
        frozen.logcdf,
        frozen.logsf,
        ppf,
        isf,
        lambda rng, size: frozen.rvs(size=size, random_state=rng),
        ((middle, width / 1.35),),
        (mean if np.isfinite(mean) else None, var if np.isfinite(var) else None),
        discrete,
        doubt=_lost_digits(frozen, middle, width, lo, hi) if discrete else 0.0,
    )


def _has_quantiles(frozen: Any) -> bool:
    """Tell whether a law need not be searched for its quantiles in steps of ten, as zipf is."""
    from scipy.stats import rv_discrete

    plain = isinstance(frozen.dist, rv_discrete)
    return not plain or type(frozen.dist)._ppf is not rv_discrete._ppf


def _lost_digits(frozen: Any, middle: float, width: float, lo: float, hi: float) -> float:
    """Return how far masses of scipy.stats are from summing to one, where few make nearly all."""
    if not width < WIDEST:
        return 0.0
    first, last = max(lo, middle - BULK * width), min(hi, middle + BULK * width)
    with np.errstate(all="ignore"):
        off = abs(float(np.exp(frozen.logpmf(np.arange(np.floor(first), last + 1))).sum()) - 1)
    return off if off < HEAVY else 0.0
