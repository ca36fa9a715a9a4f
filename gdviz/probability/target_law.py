"""A typed target in one variable as a distribution, whose mass is looked for everywhere."""

from functools import lru_cache
from typing import Any

import numpy as np

from gdviz.probability.distributions import Distribution
from gdviz.probability.from_log_density import from_log_density
from gdviz.probability.humps import landmarks_between
from gdviz.probability.target import Target


@lru_cache(maxsize=64)
def law_of_target(target: Target) -> Distribution:
    """Return a target of one variable as a distribution.

    Raises `DoesNotExist` if it cannot be normalised, `ProbabilityError` if no mass is found.
    """
    lo, hi = target.bounds[0] if target.bounds else (-np.inf, np.inf)

    def log_density(x: Any) -> tuple[Any, Any]:
        x = np.asarray(x, float)
        logs = np.asarray(target.log_density(x[..., None]))
        return np.ones(x.shape), np.where(np.isnan(logs), -np.inf, logs)

    marks = landmarks_between(target.formula, lo, hi)
    points = np.concatenate([marks.cuts(lo, hi), target.box[0]])
    parameters = (("text", target.text), ("lo", lo), ("hi", hi))
    return from_log_density("target", parameters, log_density, (lo, hi), points=points)
