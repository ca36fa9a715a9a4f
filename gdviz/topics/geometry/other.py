"""Families without a plane, of one parameter or the Dirichlet of three: what the room computes."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.geometry import (
    FAMILIES,
    distance,
    e_geodesic,
    geodesic,
    m_geodesic,
    path_length,
    straight_length,
)
from gdviz.topics.geometry.results import GeodesicsResult, T, measures_between
from gdviz.topics.geometry.settings import Geometry, member


class Sight(NamedTuple):
    """How a family of one parameter is seen: the greatest λ, the outcomes, the height."""

    most: float
    outcomes: float
    top: float


SIGHTS = {"exponential": Sight(6.0, 6.0, 3.2), "poisson": Sight(12.0, 22.0, 0.7)}
BAR = np.array([-0.4, -0.4, 0.4, 0.4, np.nan])
CELLS = 48  # of the picture of a Dirichlet, each way


@cached
def other_result(spec: Geometry) -> GeodesicsResult:
    """Return the paths between a and b, `(n + 1, d)`, and the densities along the chosen one.

    Of a Dirichlet, `x` are the cells' middles `(cells², 2)` and `p (n + 1, cells, cells)`.
    """
    name, a, b = spec.other, member(spec, "a"), member(spec, "b")
    paths = {
        "fisher": geodesic(name, a, b, T),
        "straight": a + T[:, None] * (b - a),
        "e": e_geodesic(name, a, b, T),
        "m": m_geodesic(name, a, b, T),
    }
    lengths = {key: float(path_length(name, path)) for key, path in paths.items()}
    lengths["fisher"] = float(distance(name, a, b))
    lengths["straight"] = float(straight_length(name, a, b))
    chosen = spec.path if spec.path in paths else "fisher"
    steps = path_length(name, np.stack([paths[chosen][:-1], paths[chosen][1:]], 1))
    x, p = _simplex(paths[chosen]) if name == "dirichlet" else _line(name, paths[chosen])
    travelled = np.concatenate([[0], np.cumsum(steps)])
    return GeodesicsResult(a, b, paths, lengths, chosen, x, p, travelled)


def _line(name: str, path: Any) -> tuple[Any, Any]:
    """Return the densities of one variable, bars where the outcomes are whole numbers."""
    family, most = FAMILIES[name], SIGHTS[name].outcomes
    if name == "poisson":
        k = np.arange(most + 1)
        masses = np.exp(family.log_density(k, path[:, None, :]))
        shape = np.array([0, 1, 1, 0, np.nan])
        x, p = (k[:, None] + BAR).ravel(), (masses[..., None] * shape).reshape(len(path), -1)
    else:
        x = np.linspace(0, most, 241)
        p = np.exp(family.log_density(x, path[:, None, :]))
    return np.broadcast_to(x, p.shape), p


def _simplex(path: Any) -> tuple[Any, Any]:
    """Return the densities over p₁, p₂, each over its own high values; outside, not-a-number."""
    side = (np.arange(CELLS) + 0.5) / CELLS
    first, second = np.meshgrid(side, side)
    x = np.stack([first, second], -1).reshape(-1, 2)
    shares = np.column_stack([x, 1 - x.sum(1)])
    inside = shares[:, 2] > 0
    p = np.full((len(path), len(x)), np.nan)
    with np.errstate(over="ignore"):
        p[:, inside] = np.exp(FAMILIES["dirichlet"].log_density(shares[inside], path[:, None, :]))
    high = np.quantile(p[:, inside], 0.98, axis=1, keepdims=True)
    return x, np.minimum(p / np.maximum(high, 1e-300), 1.0).reshape(len(path), CELLS, CELLS)


def other_measures(spec: Geometry) -> dict[str, float | None]:
    """Return how far b is from a by every measure that these families have."""
    return measures_between(spec.other, member(spec, "a"), member(spec, "b"))
