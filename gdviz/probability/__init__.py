"""Distributions, quadrature, importance sampling and Markov chains."""

from gdviz.probability.distributions import Distribution
from gdviz.probability.errors import DoesNotExist, ProbabilityError
from gdviz.probability.expectations import Estimate, expectation, log_probability, probability
from gdviz.probability.families import DISTRIBUTIONS
from gdviz.probability.importance import Importance, importance_estimate, optimal_proposal
from gdviz.probability.pareto import pareto_k
from gdviz.probability.quadrature import integrate
from gdviz.probability.rules import RULES

__all__ = [
    "DISTRIBUTIONS",
    "RULES",
    "Distribution",
    "DoesNotExist",
    "Estimate",
    "Importance",
    "ProbabilityError",
    "expectation",
    "importance_estimate",
    "integrate",
    "log_probability",
    "optimal_proposal",
    "pareto_k",
    "probability",
]
