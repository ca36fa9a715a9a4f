"""Descent: functions and surfaces, the methods that descend them, and how a run ended."""

from gdviz.optimize.descend import descend
from gdviz.optimize.functions import FUNCTIONS, local_minima
from gdviz.optimize.methods import LABELS, METHODS
from gdviz.optimize.outcomes import STOPS
from gdviz.optimize.problems import Problem, function, surface
from gdviz.optimize.racing import race
from gdviz.optimize.runs import Run
from gdviz.optimize.schedules import SCHEDULES
from gdviz.optimize.surfaces import SURFACES, quadratic, rosenbrock

__all__ = [
    "FUNCTIONS",
    "LABELS",
    "METHODS",
    "SCHEDULES",
    "STOPS",
    "SURFACES",
    "Problem",
    "Run",
    "descend",
    "function",
    "local_minima",
    "quadratic",
    "race",
    "rosenbrock",
    "surface",
]
