"""Targets that are mixtures of normals: their moments and exact draws follow."""

from functools import partial
from typing import Any

import numpy as np

from gdviz.probability.target import Box, Component, Target
from gdviz.probability.target_draws import Rng


def normal_mixture(
    text: str, parts: tuple[Component, ...], name: str, box: Box, teaches: str, **about: Any
) -> Target:
    """Return a mixture of normals: mean, covariance and an exact sampler follow from its parts."""
    shares = np.array([part.weight for part in parts])
    means = np.array([part.mean for part in parts])
    mean = shares @ means
    away = means - mean
    cov = np.einsum("k,kij->ij", shares, np.array([part.cov for part in parts]))
    cov += np.einsum("k,ki,kj->ij", shares, away, away)
    return Target(
        text,
        ("x", "y")[: len(mean)],
        name,
        box,
        mean=tuple(mean.tolist()),
        cov=tuple(map(tuple, cov.tolist())),
        draw=partial(_draw_mixture, parts),
        mixture=parts,
        teaches=teaches,
        **about,
    )


def _draw_mixture(parts: tuple[Component, ...], rng: Rng, n: int) -> np.ndarray:
    which = rng.choice(len(parts), n, p=[part.weight for part in parts])
    noise = rng.standard_normal((n, len(parts[0].mean)))
    means = np.array([part.mean for part in parts])
    roots = np.array([np.linalg.cholesky(np.array(part.cov)) for part in parts])
    return means[which] + np.einsum("nij,nj->ni", roots[which], noise)


def one_normal(
    mean: tuple[float, ...], cov: tuple[tuple[float, ...], ...]
) -> tuple[Component, ...]:
    """Return the parts of a mixture that is a single normal."""
    return (Component(1.0, mean, cov),)


def round_covariance(variance: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the covariance of two independent variables of one variance."""
    return ((variance, 0.0), (0.0, variance))
