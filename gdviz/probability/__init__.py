"""Probability: targets, the samplers that draw from them, and whether the draws can be trusted."""

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
from gdviz.probability.samplers import SAMPLERS
from gdviz.probability.sampling import Trace, sample
from gdviz.probability.target_list import TARGETS
from gdviz.probability.targets import SamplerError, Target, target

__all__ = [
    "SAMPLERS",
    "TARGETS",
    "SamplerError",
    "Target",
    "Trace",
    "autocorrelation",
    "bfmi",
    "ess_bulk",
    "ess_tail",
    "integrated_time",
    "mcse_mean",
    "mcse_quantile",
    "mcse_sd",
    "rhat",
    "sample",
    "summary",
    "target",
]
