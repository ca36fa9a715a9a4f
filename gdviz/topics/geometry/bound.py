"""The room of the bound of Cramér and Rao: estimates, and the ellipse that they fill."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.geometry import FAMILIES, metric
from gdviz.geometry.estimates import estimates
from gdviz.topics.geometry.settings import SIZES, Geometry, point

NINETY = float(-2 * np.log(0.1))  # the 90 % point of χ² with two degrees of freedom


class BoundResult(NamedTuple):
    """Maximum-likelihood estimates of many samples of each size, `cloud (sizes, samples, 2)`.

    `standard (sizes, samples, 2)` are √n Lᵀ(θ̂ − θ) with g = L Lᵀ: as good as standard normal.
    `ellipse (sizes, points, 2)` holds 90 % of a normal cloud at the Cramér–Rao bound; `inside` is
    the share found in it, `efficiency (sizes, 2)` the bound over the variance found.
    """

    a: Any
    sizes: tuple[int, ...]
    cloud: Any
    standard: Any
    ellipse: Any
    inside: Any
    efficiency: Any


@cached
def bound(spec: Geometry) -> BoundResult:
    """Return the cloud of estimates for growing samples, each the beginning of the next."""
    family, a = FAMILIES[spec.family], point(spec, "a")
    rng = np.random.default_rng(spec.seed)
    x = family.sample(np.broadcast_to(a, (spec.samples, 2)), SIZES[-1], rng)
    cloud = np.stack([estimates(family, x[:, :n]) for n in SIZES])
    g = metric(spec.family, a)
    off = cloud - a
    factor, roots = np.linalg.cholesky(g), np.sqrt(SIZES)[:, None, None]
    standard = roots * (off @ factor)
    far = (standard**2).sum(-1)
    angle = np.linspace(0, 2 * np.pi, 73)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    ring = np.linalg.solve(factor.T, circle).T * np.sqrt(NINETY)
    ellipse = a + ring / roots
    least = np.diag(np.linalg.inv(g)) / np.array(SIZES)[:, None]
    efficiency = least / (off**2).mean(1)
    return BoundResult(a, SIZES, cloud, standard, ellipse, (far <= NINETY).mean(1), efficiency)
