"""The edge of stability: how large η·λ may be, and from which step on a run was beyond it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np


class Edge(NamedTuple):
    """The largest stable η·λ of a method, and the formula for it as text."""

    value: float
    formula: str

    def over(self, curvature: str) -> str:
        """Return the largest stable rate as text, the formula over a curvature's symbol.

        >>> Edge(2.0, "2").over("λ"), Edge(1.5, "2(1 + β)/(1 + 2β)").over("λ")
        ('2/λ', '2(1+β)/((1+2β)λ)')
        """
        above, divided, below = self.formula.replace(" ", "").partition("/")
        return f"{above}/({below}{curvature})" if divided else f"{above}/{curvature}"


class BeyondEdge(NamedTuple):
    """From `step` to the end of a run η·λmax was beyond the edge; `rate` and `curvature` there."""

    step: int
    rate: float
    curvature: float
    edge: Edge


def stability_edge(method: str, hyper: Mapping[str, Any]) -> Edge | None:
    """Return the edge of a method on a parabola f″ = λ, None where theory knows none.

    An error shrinks if and only if η·λ stays below 2 for gradient descent, 2(1 + β) for the heavy
    ball, 2(1 + β)/(1 + 2β) for Nesterov and 2(1 + β)/(1 + β − 2νβ) for QHM: beyond it a root of
    the recursion's characteristic polynomial is below −1 (Polyak 1964; O'Donoghue & Candès 2015;
    for QHM from its recursion, Ma & Yarats 2019, eq. 3-4).

    >>> stability_edge("heavy_ball", {"momentum": 0.9})
    Edge(value=3.8, formula='2(1 + β)')
    """
    beta, nu = float(hyper.get("momentum", 0.0)), float(hyper.get("nu", 1.0))
    if method == "gd":
        return Edge(2.0, "2")
    if method == "heavy_ball":
        return Edge(2 * (1 + beta), "2(1 + β)")
    if method == "nesterov":
        return Edge(2 * (1 + beta) / (1 + 2 * beta), "2(1 + β)/(1 + 2β)")
    if method == "qhm":
        return Edge(2 * (1 + beta) / (1 + beta - 2 * nu * beta), "2(1 + β)/(1 + β − 2νβ)")
    return None


def preconditioned_edge(method: str, hyper: Mapping[str, Any]) -> Edge | None:
    """Return the edge of a method that divides the gradient by P, for the curvature of P⁻¹H.

    P is held: then Adam is a heavy ball whose velocity is a mean, stable below 2(1 + β₁)/(1 − β₁),
    and RMSProp is gradient descent (Cohen et al. 2022, section 3). None for other methods.

    >>> round(preconditioned_edge("adam", {"beta1": 0.9}).value, 9)
    38.0
    """
    if method == "rmsprop" and not hyper.get("momentum"):
        return Edge(2.0, "2")
    if method == "adam":
        beta = float(hyper["beta1"])
        return Edge(2 * (1 + beta) / (1 - beta), "2(1 + β₁)/(1 − β₁)")
    return None


def beyond_edge(problem: Any, x: Any, rates: Any, edge: Edge) -> BeyondEdge | None:
    """Return since when a run `x (k + 1, d)` with `rates (k + 1,)` was beyond the edge.

    λmax is the largest curvature of f at each point. None if the run's end is not beyond it.
    """
    with np.errstate(all="ignore"):
        H = problem.hess(x)
        known = np.isfinite(H).all(axis=(-1, -2))
        largest = np.linalg.eigvalsh(np.where(known[:, None, None], H, 0.0))[:, -1]
        over = known & (np.asarray(rates) * largest > edge.value)
    if not over[-1]:
        return None
    inside = np.flatnonzero(~over)
    step = int(inside[-1]) + 1 if len(inside) else 0
    return BeyondEdge(step, float(rates[step]), float(largest[step]), edge)


def excess_in_words(found: BeyondEdge) -> str:
    """Return the clause that gives both numbers.

    >>> excess_in_words(BeyondEdge(3, 0.003, 1202.0, Edge(2.0, "2")))
    'since step 3 η·λmax is more than 2: there it is 0.003 · 1202 = 3.606'
    """
    limit = f"{found.edge.value:.4g}"
    named = limit if found.edge.formula == limit else f"{found.edge.formula} = {limit}"
    product = found.rate * found.curvature
    return (
        f"since step {found.step} η·λmax is more than {named}: "
        f"there it is {found.rate:.4g} · {found.curvature:.4g} = {product:.4g}"
    )
