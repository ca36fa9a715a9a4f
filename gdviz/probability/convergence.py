"""How rules converge: errors against evaluations, and Romberg's table."""

from typing import Any

import numpy as np

from gdviz.probability.adaptive_estimates import subdivisions
from gdviz.probability.fixed_estimates import nodes_by_gap, weighted_estimate
from gdviz.probability.integrand import Function, finite_or_raise, transform
from gdviz.probability.quadrature import rule_of
from gdviz.probability.rules import RULES, allowed_size, nodes_of
from gdviz.probability.substitutions import substitution_of
from gdviz.probability.user_functions import function_of
from gdviz.probability.validation import ProbabilityError

REPEATS = 4


def romberg_table(f: Any, a: float, b: float, levels: int) -> Any:
    """Return Romberg's triangle `(levels + 1, levels + 1)`, its first column the trapezoid rule."""
    mapped = transform(finite_or_raise(function_of(f)), a, b, substitution_of(a, b))
    table = np.full((levels + 1, levels + 1), np.nan)
    for k in range(levels + 1):
        nodes, weights, _ = nodes_of("trapezoid", 2**k)
        table[k, 0] = weights @ mapped(nodes)
        for j in range(1, k + 1):
            table[k, j] = table[k, j - 1] + (table[k, j - 1] - table[k - 1, j - 1]) / (4**j - 1)
    return table


def error_curve(
    f: Any, a: float, b: float, rule: str, sizes: Any, exact: float, seed: int = 0
) -> tuple[Any, Any]:
    """Return evaluations and |estimate − exact| of a rule for several n, without error estimates.

    Of a random rule it is the root mean square over `REPEATS` seeds. Sizes that the rule cannot do
    are left out; an integrand that is not finite at a node leaves the whole curve empty.
    """
    f = function_of(f)  # once: a formula tells where it breaks
    name, entry = rule_of(rule)
    ns = sorted({allowed_size(entry, int(n)) for n in sizes if n <= entry.most})
    try:
        if entry.kind == "adaptive":
            pieces = min(96, int(max(sizes)) // (42 if name == "adaptive_gauss_kronrod" else 4))
            states = subdivisions(f, a, b, name, max(pieces, 2), tol=1e-16)
            counts, values_ = [s.evaluations for s in states], [[s.total] for s in states]
        elif entry.range != "finite":
            found = [weighted_estimate(finite_or_raise(f), a, b, name, n) for n in ns]
            counts, values_ = ns, [[each.estimate.value] for each in found]
        else:
            counts, values_ = _at_sizes(finite_or_raise(f), a, b, name, ns, seed)
    except ProbabilityError:
        return np.zeros(0), np.zeros(0)
    return np.array(counts), np.array(
        [np.sqrt(np.mean((np.array(v) - exact) ** 2)) for v in values_]
    )


def _at_sizes(
    f: Function, a: float, b: float, name: str, ns: list[int], seed: int
) -> tuple[list[int], list[list[float]]]:
    """Return the nodes of a rule of each n, and its estimates, asking f for all of them at once."""
    seeds = range(seed, seed + REPEATS) if RULES[name].kind == "random" else [0]
    found = [nodes_of(name, n, s) for n in ns for s in seeds]
    if name == "tanh_sinh" and np.isfinite(b - a):
        at = np.concatenate([nodes_by_gap(each, a, b) for each in found])
        y = (b / 2 - a / 2) * f(at)
    else:
        at = np.concatenate([each.nodes for each in found])
        y = transform(f, a, b, substitution_of(a, b))(at)
    parts = np.split(y, np.cumsum([each.nodes.size for each in found])[:-1])
    totals = [float(each.weights @ part) for each, part in zip(found, parts, strict=True)]
    counts = [each.nodes.size for each in found][:: len(seeds)]
    return counts, [totals[i : i + len(seeds)] for i in range(0, len(totals), len(seeds))]
