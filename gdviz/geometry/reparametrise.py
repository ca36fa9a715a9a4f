"""The same distributions in other coordinates: everything that is known is carried over."""

from typing import Any

import numpy as np

from gdviz.geometry.family import Duals, Family, family
from gdviz.geometry.spaces import Chart


def reparametrise(base: Family, chart: Chart, name: str, label: str, **parts: Any) -> Family:
    """Return `base` with parameters θ that `chart` maps to the parameters of `base`.

    `parts` are its own parameters, bounds and closed forms, and take the place of what is carried.
    """

    def to(theta: Any) -> Any:
        return chart.forward(theta)

    def score(x: Any, theta: Any) -> Any:
        return np.einsum("...ai,...a->...i", chart.jacobian(theta), base.score(x, to(theta)))

    def metric(theta: Any) -> Any:
        J = chart.jacobian(theta)
        return np.swapaxes(J, -1, -2) @ base.metric(to(theta)) @ J

    carried = {
        "support": base.support,
        "log_density": lambda x, theta: base.log_density(x, to(theta)),
        "score": score,
        "sample": lambda theta, n, rng: base.sample(to(theta), n, rng),
        "metric": metric,
        "metric_slope": lambda theta: _slope(base, chart, theta),
        "kl": lambda a, b: base.kl(to(a), to(b)),
        "start": lambda x: chart.inverse(base.start(x)),
        "duals": _duals(base.duals, chart) if base.duals else None,
        "quantile": _quantile(base, chart),
        "event": base.event,
        "exact_start": base.exact_start,
    }
    return family(name, label, base=base, chart=chart, **(carried | parts))


def _quantile(base: Family, chart: Chart) -> Any:
    own = base.quantile
    if own is None:
        return None
    return lambda u, theta, above=None: own(u, chart.forward(theta), above)


def _slope(base: Family, chart: Chart, theta: Any) -> Any:
    """Return ∂_k of Jᵀ g J: the metric's own slope along J, and the two slopes of J."""
    J, H, y = chart.jacobian(theta), chart.hessian(theta), chart.forward(theta)
    own = np.einsum("...abc,...ai,...bj,...ck->...ijk", base.metric_slope(y), J, J, J)
    turn = np.einsum("...ab,...aik,...bj->...ijk", base.metric(y), H, J)
    return own + turn + np.swapaxes(turn, -2, -3)


def _duals(duals: Duals, chart: Chart) -> Duals:
    from_m = duals.from_expectation
    return Duals(
        lambda theta: duals.natural(chart.forward(theta)),
        lambda eta: chart.inverse(duals.from_natural(eta)),
        lambda theta: duals.slope(chart.forward(theta)) @ chart.jacobian(theta),
        lambda theta: duals.expectation(chart.forward(theta)),
        None if from_m is None else lambda m: chart.inverse(from_m(m)),
    )
