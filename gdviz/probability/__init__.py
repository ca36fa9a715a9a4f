"""Probability: targets, the samplers that draw from them, and whether the draws can be trusted."""

from gdviz.probability.sampling import Trace, sample
from gdviz.probability.samplers import SAMPLERS
from gdviz.probability.target_list import TARGETS
from gdviz.probability.targets import SamplerError, Target, target
