"""The registry of distributions: each factory declares its parameters as knobs."""

from collections.abc import Callable

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
from gdviz.probability.real_line import cauchy, laplace, logistic, normal, student_t

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
