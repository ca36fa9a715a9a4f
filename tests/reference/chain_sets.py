"""The fixed chain sets on which the diagnostics are compared: recipes, rebuilt from their seeds.

Each set is `(chains, draws)`. The script that asks ArviZ and the tests build them by this file; a
sum recorded beside the answers shows that both had the same numbers.
"""

from functools import cache

import numpy as np


def ar1(rng, chains, draws, phi):
    """Return stationary autoregressive chains of unit variance."""
    x = np.empty((chains, draws))
    x[:, 0] = rng.standard_normal(chains)
    noise = np.sqrt(1 - phi**2) * rng.standard_normal((chains, draws))
    for t in range(1, draws):
        x[:, t] = phi * x[:, t - 1] + noise[:, t]
    return x


def stuck(rng):
    """Three good chains and one that never moves."""
    x = rng.standard_normal((4, 500))
    x[2] = 1.5
    return x


def with_nan(rng):
    """Good chains with one draw that is not a number."""
    x = rng.standard_normal((4, 100))
    x[1, 7] = np.nan
    return x


def metropolis(rng, draws=1000, step=0.5):
    """Plain Metropolis on a normal: values repeat, so that ranks have ties."""
    x = np.empty((4, draws))
    now = rng.standard_normal(4)
    for t in range(draws):
        new = now + step * rng.standard_normal(4)
        take = np.log(rng.random(4)) < 0.5 * (now**2 - new**2)
        now = np.where(take, new, now)
        x[:, t] = now
    return x


RECIPES = {
    "independent": lambda rng: rng.standard_normal((4, 500)),
    "ar1 0.5": lambda rng: ar1(rng, 4, 1000, 0.5),
    "ar1 0.99": lambda rng: ar1(rng, 4, 1000, 0.99),
    "antithetic": lambda rng: ar1(rng, 4, 500, -0.7),
    "stuck": stuck,
    "two modes": lambda rng: (
        rng.standard_normal((4, 500)) + np.array([4.0, 4.0, -4.0, 4.0])[:, None]
    ),
    "scales": lambda rng: rng.standard_normal((4, 500)) * np.array([1.0, 1.0, 1.0, 4.0])[:, None],
    "trend": lambda rng: rng.standard_normal((4, 500)) + np.linspace(0, 2, 500),
    "cauchy": lambda rng: rng.standard_cauchy((4, 500)),
    "metropolis": metropolis,
    "ties": lambda rng: rng.integers(0, 4, (4, 300)).astype(float),
    "two values": lambda rng: rng.integers(0, 2, (4, 300)).astype(float),
    "mostly one value": lambda rng: (rng.random((4, 300)) < 0.01).astype(float),
    "one chain": lambda rng: ar1(rng, 1, 400, 0.6),
    "two chains, odd": lambda rng: ar1(rng, 2, 501, 0.3),
    "many chains": lambda rng: ar1(rng, 20, 60, 0.4),
    "short 4": lambda rng: rng.standard_normal((4, 4)),
    "short 5": lambda rng: rng.standard_normal((4, 5)),
    "short 7": lambda rng: rng.standard_normal((3, 7)),
    "short 8": lambda rng: ar1(rng, 2, 8, 0.8),
    "short 10": lambda rng: rng.standard_normal((2, 10)),
    "too short": lambda rng: rng.standard_normal((4, 3)),
    "constant": lambda rng: np.full((4, 500), 2.5),
    "constant each": lambda rng: np.repeat(rng.standard_normal((4, 1)), 200, axis=1),
    "nan": with_nan,
    "far from zero": lambda rng: 1e9 + ar1(rng, 4, 400, 0.5),
    "tiny": lambda rng: 1e-12 * ar1(rng, 4, 400, 0.5),
    "quadratic drift": lambda rng: ar1(rng, 4, 300, 0.2) + np.linspace(-1, 1, 300) ** 2,
}


@cache
def chain_set(name):
    """Return one set; its seed is its place in the list."""
    return RECIPES[name](np.random.default_rng(list(RECIPES).index(name)))
