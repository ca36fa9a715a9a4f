"""Expectations under any family by quadrature, which know nothing of the family's closed forms.

A law on the positive numbers, the unit interval or the simplex is summed over logarithms, in which
its density has one hump and no singular end; a discrete one over its outcomes. The weights times
the density must make 1, or there is no answer.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.geometry.families import family_of
from gdviz.geometry.family import Family, GeometryError, Logs
from gdviz.geometry.fisher import Name
from gdviz.geometry.integrals import nodes, octaves, refine_until

MOST_COUNTS = 200_000
WHOLE = 1e-8  # how far the sum of the weights may be from 1


class SampleCloud(NamedTuple):
    """Outcomes `x (n, ...)`, weights `(n,)` with Σ w h(x) = E h, and the scores there `(n, d)`."""

    x: Any
    weights: Any
    scores: Any


def cloud(family: Family, theta: Any) -> SampleCloud:
    """Return the points of a rule for expectations under one θ `(d,)`.

    Raises `GeometryError` where the weights do not make 1: the density is too narrow for floats.
    """
    with np.errstate(all="ignore"):
        found: SampleCloud = _SUPPORTS[family.support](family, theta)
    kept = (found.weights > 0) & np.isfinite(found.scores).all(-1)
    found = SampleCloud(*(part[kept] for part in found))
    if not abs(found.weights.sum() - 1) < WHOLE:
        raise GeometryError(f"The density of “{family.label}” there is too narrow for quadrature.")
    return found


def expected_value(family: Family, theta: Any, function: Callable[[Any, Any], Any]) -> Any:
    """Return E h(x, θ) for θ `(..., d)`; h of data `(n, ...)` and one θ answers along that axis.

    Raises `GeometryError` where h is not finite at outcomes that matter.
    """

    def mean(theta: Any, points: SampleCloud) -> Any:
        with np.errstate(all="ignore"):
            values = np.asarray(function(points.x, theta), float)
        finite = np.isfinite(values).reshape(len(values), -1).all(1)
        if points.weights[~finite].sum() > 1e-12:  # a trifle lies where x is rounded to an end
            raise GeometryError(f"The function is not finite on all of “{family.label}”.")
        return np.tensordot(points.weights[finite], values[finite], 1)

    return _each(family, theta, mean)


def expected_metric(family: Name, theta: Any) -> Any:
    """Return the Fisher metric `(..., d, d)` from its definition, E[score scoreᵀ]."""
    return _each(family_of(family), theta, lambda t, c: (c.scores.T * c.weights) @ c.scores)


def _each(family: Family, theta: Any, mean: Callable[[Any, SampleCloud], Any]) -> Any:
    theta = family.read(theta)
    flat = theta.reshape(-1, family.d)
    out = np.array([mean(t, cloud(family, t)) for t in flat])
    return out.reshape((*theta.shape[:-1], *out.shape[1:]))[()]


def _moments(family: Family, theta: Any) -> tuple[Any, Any]:
    """Return a centre and a width of the density, from a few samples with a seed of their own."""
    draws = family.sample(theta, 256, np.random.default_rng(0))
    return np.median(draws, 0), np.std(draws, 0)


def _on_line(density: Callable[[Any], Any], scores: Callable[[Any], Any], edges: Any) -> Any:
    """Return points, weights and scores of a density on a line, fine enough for E[score scoreᵀ]."""

    def products(y: Any) -> Any:
        s = scores(y)
        square = (s[:, :, None] * s[:, None, :]).reshape(len(y), -1)
        return np.exp(density(y))[:, None] * np.concatenate([np.ones((len(y), 1)), square], 1)

    fine = refine_until(products, edges)
    y, w = nodes(fine[:-1], fine[1:])
    return y.ravel(), w.ravel() * np.exp(density(y.ravel())), scores(y.ravel())


def _real(family: Family, theta: Any) -> SampleCloud:
    centre, width = _moments(family, theta)

    def x(z: Any) -> Any:
        return centre + width * z

    found = _on_line(
        lambda z: family.log_density(x(z), theta) + np.log(width),
        lambda z: family.score(x(z), theta),
        np.linspace(-40, 40, 33),
    )
    return SampleCloud(x(found[0]), *found[1:])


def _positive(family: Family, theta: Any) -> SampleCloud:
    """Sum over y = log x."""
    logs = family.logs
    assert logs is not None
    found = _on_line(
        lambda y: logs.density(y, theta), lambda y: logs.score(y, theta), octaves(logs.place(theta))
    )
    return SampleCloud(np.exp(found[0]), *found[1:])


def _log_shares(z: Any) -> Any:
    """Return log x and log(1 − x) `(..., 2)` of the log-odds z of x."""
    return np.stack([-np.logaddexp(0, -z), -np.logaddexp(0, z)], -1)


def _by_log_odds(logs: Logs, theta: Any) -> tuple[Any, Any, Any]:
    """Return log-odds, weights and scores of a law on the unit interval."""
    return _on_line(
        lambda z: logs.density(_log_shares(z), theta),
        lambda z: logs.score(_log_shares(z), theta),
        octaves(logs.place(theta)),
    )


def _unit(family: Family, theta: Any) -> SampleCloud:
    logs = family.logs
    assert logs is not None
    found = _by_log_odds(logs, theta)
    return SampleCloud(np.exp(_log_shares(found[0]))[:, 0], *found[1:])


def _simplex(family: Family, theta: Any) -> SampleCloud:
    """Sum over the log-odds of x₁, and those of x₂ among what is left: both have beta laws."""
    from gdviz.geometry.dirichlet import BETA

    logs, of_pair = family.logs, BETA.logs
    assert logs is not None and of_pair is not None
    first = _by_log_odds(of_pair, np.array([theta[0], theta[1] + theta[2]]))
    (z, w), (y, v) = (_heavy(found) for found in (first, _by_log_odds(of_pair, theta[1:])))
    outer, inner = _log_shares(z)[:, None, :], _log_shares(y)[None, :, :]
    shares = np.broadcast_arrays(outer[..., 0], outer[..., 1] + inner[..., 0])
    log_x = np.stack([*shares, outer[..., 1] + inner[..., 1]], -1).reshape(-1, 3)
    return SampleCloud(np.exp(log_x), np.outer(w, v).ravel(), logs.score(log_x, theta))


def _heavy(found: tuple[Any, Any, Any]) -> tuple[Any, Any]:
    """Return the points of a rule that matter in a product of rules, and their weights."""
    kept = found[1] > 1e-20
    return found[0][kept], found[1][kept]


def _plane(family: Family, theta: Any) -> SampleCloud:
    """Sum over a square of twelve standard deviations, turned and scaled as samples are."""
    draws = family.sample(theta, 256, np.random.default_rng(0))
    factor = np.linalg.cholesky(np.cov(draws.T))
    x, w = np.polynomial.legendre.leggauss(160)
    grid = 12 * np.stack(np.meshgrid(x, x, indexing="ij"), -1).reshape(-1, 2)
    points = draws.mean(0) + grid @ factor.T
    area = 144 * np.outer(w, w).ravel()
    mass = np.exp(family.log_density(points, theta) + np.log(np.diag(factor)).sum())
    return SampleCloud(points, area * mass, family.score(points, theta))


def _counts(family: Family, theta: Any, first: int = 0) -> SampleCloud:
    centre, width = _moments(family, theta)
    top = centre + 60 * width + 60
    if top > MOST_COUNTS:
        raise GeometryError(f"“{family.label}” has too many outcomes there for a sum over them.")
    return _summed(family, theta, np.arange(first, top))


def _outcomes(family: Family, theta: Any) -> SampleCloud:
    return _summed(family, theta, np.arange(3.0 if family.support == "three outcomes" else 2.0))


def _summed(family: Family, theta: Any, x: Any) -> SampleCloud:
    return SampleCloud(x, np.exp(family.log_density(x, theta)), family.score(x, theta))


_SUPPORTS: dict[str, Callable[[Family, Any], SampleCloud]] = {
    "real": _real,
    "positive": _positive,
    "unit": _unit,
    "plane": _plane,
    "simplex": _simplex,
    "counts": _counts,
    "counts from 1": lambda family, theta: _counts(family, theta, 1),
    "two outcomes": _outcomes,
    "three outcomes": _outcomes,
}
