"""Distributions, quadrature, importance sampling, and Markov chains that can be trusted or not."""

from gdviz.probability.diagnostics import (
    autocorrelation,
    bfmi,
    ess_bulk,
    ess_tail,
    integrated_time,
    mcse_mean,
    mcse_quantile,
    mcse_sd,
    rhat,
    summary,
)
from gdviz.probability.distributions import Distribution
from gdviz.probability.estimate import Estimate
from gdviz.probability.expectations import expectation
from gdviz.probability.importance import Importance, importance_estimate, optimal_proposal
from gdviz.probability.pareto import pareto_k
from gdviz.probability.probabilities import log_probability, probability
from gdviz.probability.quadrature import integrate
from gdviz.probability.registry import DISTRIBUTIONS
from gdviz.probability.rules import RULES
from gdviz.probability.samplers import SAMPLERS
from gdviz.probability.sampling import Trace, sample
from gdviz.probability.target import SamplerError, Target
from gdviz.probability.targets import TARGETS, target
from gdviz.probability.validation import DoesNotExist, ProbabilityError

__all__ = [
    "DISTRIBUTIONS",
    "RULES",
    "SAMPLERS",
    "TARGETS",
    "Distribution",
    "DoesNotExist",
    "Estimate",
    "Importance",
    "ProbabilityError",
    "SamplerError",
    "Target",
    "Trace",
    "autocorrelation",
    "bfmi",
    "ess_bulk",
    "ess_tail",
    "expectation",
    "importance_estimate",
    "integrate",
    "integrated_time",
    "log_probability",
    "mcse_mean",
    "mcse_quantile",
    "mcse_sd",
    "optimal_proposal",
    "pareto_k",
    "probability",
    "rhat",
    "sample",
    "summary",
    "target",
]
