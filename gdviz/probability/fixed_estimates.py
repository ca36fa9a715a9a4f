"""Estimates by rules that choose their nodes beforehand, and how far each may be off.

A fixed rule knows nothing of what lies between its nodes. Its error is what half as many nodes
would have changed, or as many on two unequal pieces, if that is more: waves that meet every node
of one rule at the same height do not meet those of the other so.
"""

from typing import Any, NamedTuple

import numpy as np

from gdviz.probability.estimate import Estimate
from gdviz.probability.integrand import Function, RangedFunction
from gdviz.probability.rules import RULES, Nodes, Rule, allowed_size, nodes_of
from gdviz.probability.validation import ProbabilityError

EPS = np.finfo(float).eps
FEW, ALONE = 8, 0.9
CUT = 2 - np.sqrt(5)  # where [−1, 1] is cut for the second opinion


class Sampled(NamedTuple):
    """An estimate, the sorted places of its range where f was asked for it, and its values.

    `edges` are places that no piece of the rule reaches across.
    """

    estimate: Estimate
    places: Any
    heights: Any
    edges: Any = ()


def fixed_estimate(ranged: RangedFunction, name: str, n: int) -> Sampled:
    """Return the estimate of a fixed rule; its values are shared with the coarser rules."""
    half = ranged.hi / 2 - ranged.lo / 2
    rules = [_laid(nodes, ranged, half) for nodes in opinions(name, n)]
    return _compared(rules, ranged.f, name, n)


def _laid(nodes: Nodes, ranged: RangedFunction, half: float) -> Nodes:
    if nodes.gaps is not None:
        return Nodes(nodes_by_gap(nodes, ranged.lo, ranged.hi), half * nodes.weights)
    return Nodes(ranged.lo / 2 + ranged.hi / 2 + half * nodes.nodes, half * nodes.weights)


def nodes_by_gap(nodes: Nodes, a: float, b: float) -> Any:
    """Return nodes of [−1, 1] in [a, b], measured from the nearer end and never on it."""
    half = b / 2 - a / 2
    x = np.where(nodes.nodes < 0, a + half * nodes.gaps, b - half * nodes.gaps)
    return np.clip(x, np.nextafter(a, b), np.nextafter(b, a))


def opinions(name: str, n: int) -> tuple[Nodes, Nodes, Nodes]:
    """Return the rule of n, that of half of it, and that of half of it on each unequal piece."""
    rough = nodes_of(name, coarser(RULES[name], n))
    left, right = (1 + CUT) / 2, (1 - CUT) / 2
    weights = np.concatenate([left * rough.weights, right * rough.weights])
    nodes = np.concatenate([left * (rough.nodes + 1) - 1, right * (rough.nodes - 1) + 1])
    if rough.gaps is None:
        return nodes_of(name, n), rough, Nodes(nodes, weights)
    first, last = rough.nodes < 0, rough.nodes > 0
    near = left * np.where(first, rough.gaps, 2 - rough.gaps)
    far = right * np.where(last, rough.gaps, 2 - rough.gaps)
    gaps = np.concatenate([near, np.where(far < 1, far, 2 - far)])
    return nodes_of(name, n), rough, Nodes(nodes, weights, gaps)


def coarser(rule: Rule, n: int) -> int:
    """Return the n of the rule that the error of n is measured by."""
    return (
        allowed_size(rule, n // 2) if n > max(1, abs(rule.multiple)) else allowed_size(rule, 2 * n)
    )


def _compared(rules: list[Nodes], f: Function, name: str, n: int) -> Sampled:
    """Return the estimate of the first rule, in doubt by what the others say otherwise."""
    every, place = np.unique(np.concatenate([r.nodes for r in rules]), return_inverse=True)
    heights = f(every)
    y = np.split(heights[place], np.cumsum([r.nodes.size for r in rules])[:-1])
    value, *others = (float(r.weights @ part) for r, part in zip(rules, y, strict=True))
    floor = 4 * EPS * float(rules[0].weights @ np.abs(y[0]))
    error = max(floor, *(abs(value - other) for other in others))
    note = f"{RULES[name].label}, n = {n}; the error is what half the nodes or a cut would change"
    return Sampled(Estimate(value, float(error), every.size, note), every, heights)


def weighted_estimate(f: Function, a: float, b: float, name: str, n: int) -> Sampled:
    """Return the estimate of Gauss–Hermite on the line, of Gauss–Laguerre on half lines.

    The nodes are places on the x axis. Raises `ProbabilityError` for a range that does not fit.
    """
    rule = RULES[name]
    if rule.range == "line" and (np.isfinite(a) or np.isfinite(b)):
        raise ProbabilityError("Gauss–Hermite needs the range from −∞ to ∞.")
    if rule.range == "half" and np.isfinite(a) and np.isfinite(b):
        raise ProbabilityError("Gauss–Laguerre needs a range with an end at infinity.")
    rules = [_on_line(rule, nodes_of(name, k), a, b) for k in (n, coarser(rule, n))]
    return _compared(rules, f, name, n)


def _on_line(rule: Rule, nodes: Nodes, a: float, b: float) -> Nodes:
    """Return the nodes of a rule for an infinite range where they lie, two halves joined at 0."""
    if rule.range == "line":
        return nodes
    if np.isfinite(a):
        return Nodes(a + nodes.nodes, nodes.weights)
    if np.isfinite(b):
        return Nodes(b - nodes.nodes, nodes.weights)
    return Nodes(np.concatenate([nodes.nodes, -nodes.nodes]), np.tile(nodes.weights, 2))


def random_estimate(ranged: RangedFunction, name: str, n: int, seed: int) -> Sampled:
    """Return the estimate of a random rule and its standard error.

    n values that are all the same have no spread, and yet may differ in three of n more (the rule
    of three, Hanley and Lippman-Hand 1983): this is the error then.
    """
    nodes = nodes_of(name, n, seed).nodes
    x = ranged.lo / 2 + ranged.hi / 2 + (ranged.hi / 2 - ranged.lo / 2) * nodes
    y, length = ranged.f(x), ranged.hi - ranged.lo
    error = length * standard_error(name, y)
    if n >= FEW and np.abs(y).max() > ALONE * np.abs(y).sum() > 0:
        error = float("inf")  # one point has all: the flank of a hump, for all that is known
    elif n > 1 and np.all(y == y[0]):
        error = length * abs(float(y[0])) * min(1.0, 3 / n)
    note = f"{RULES[name].label}, {n} points; the error is one standard error"
    order = np.argsort(x)
    return Sampled(Estimate(length * float(y.mean()), error, n, note), x[order], y[order])


def standard_error(name: str, y: Any) -> float:
    """Return one standard error of the mean of y, as a random rule knows it."""
    n = y.size
    if name == "stratified":
        return float(np.sqrt((np.diff(y.reshape(-1, 2), axis=1) ** 2).sum()) / n)
    if name == "quasi_monte_carlo" and n >= 32:
        return float(np.std(y.reshape(8, -1).mean(axis=1), ddof=1) / np.sqrt(8))
    return float(np.std(y, ddof=1) / np.sqrt(n)) if n > 1 else float("inf")
