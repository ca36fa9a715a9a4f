"""Two points and data-free vectors of every family, for the tests of its geometry.

A family without an entry here fails every test that is run over the registry.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from gdviz.geometry import FAMILIES

REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("geometry.json").read_text())

PAIRS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "normal": ((0.3, 1.2), (1.1, 0.7)),
    "normal_variance": ((0.3, 1.2), (1.1, 0.7)),
    "normal_log_sigma": ((0.3, 0.2), (1.1, -0.3)),
    "normal_natural": ((0.3, -1.2), (1.1, -0.7)),
    "normal_expectation": ((0.3, 1.2), (1.1, 2.7)),
    "centred_normal": ((1.0, 0.3, 2.0), (2.0, -0.4, 1.0)),
    "diagonal_normal": ((0.1, 0.2, 1.0, 2.0), (-0.5, 1.0, 2.0, 1.0)),
    "gamma": ((2.0, 1.5), (3.5, 0.8)),
    "beta": ((2.0, 3.0), (4.0, 1.5)),
    "weibull": ((1.5, 2.0), (2.5, 1.0)),
    "exponential": ((0.5,), (2.0,)),
    "poisson": ((1.5,), (6.0,)),
    "geometric": ((0.3,), (0.7,)),
    "bernoulli": ((0.2,), (0.9,)),
    "categorical": ((0.2, 0.3), (0.5, 0.4)),
    "dirichlet": ((2.0, 3.0, 1.5), (1.0, 2.0, 4.0)),
}
NAMES = list(FAMILIES)
CLOSED = [name for name, family in FAMILIES.items() if family.space is not None]
PLANES = [name for name, family in FAMILIES.items() if family.d == 2]
EXPONENTIAL = [name for name, family in FAMILIES.items() if family.duals is not None]


def pair(name: str) -> tuple[Any, Any]:
    """Return two points of a family."""
    a, b = PAIRS[name]
    return np.array(a), np.array(b)


def vectors(name: str) -> tuple[Any, Any]:
    """Return two vectors of a family, always the same."""
    draws = np.random.default_rng(len(name)).standard_normal((2, FAMILIES[name].d))
    return draws[0], draws[1]


def batch(name: str, count: int = 5) -> Any:
    """Return points between and around the two, `(count, d)`."""
    a, b = pair(name)
    return a + np.linspace(0.05, 0.95, count)[:, None] * (b - a)
