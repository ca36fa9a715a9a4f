"""Integrals by any rule, over any range, with an error and a count of evaluations."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.core import iterate
from gdviz.probability.adaptive import Subdivision, adaptive, is_finished, is_within
from gdviz.probability.expectations import Estimate, function_of
from gdviz.probability.rules import RULES, Nodes, Rule, allowed_size, nodes_of
from gdviz.probability.substitutions import Substitution, clamp_inside, substitution_of
from gdviz.probability.user_functions import values
from gdviz.probability.validation import ProbabilityError, count, finite, real

EPS = np.finfo(float).eps
REPEATS = 4
Function = Callable[[Any], Any]


def integrate(
    f: Any,
    a: Any,
    b: Any,
    rule: str = "simpson",
    n: Any = 64,
    *,
    change: str = "rational",
    seed: int = 0,
    tol: float = 1e-12,
) -> Estimate:
    """Return ∫f from a to b by a rule of `RULES`; from a to b < a it is the negative.

    `f` is a callable of an array, or a formula's text in x. `n` is the number of strips of a
    composite rule, of nodes of Gauss's and the tanh–sinh rule, of intervals of Clenshaw and
    Curtis's, of points of the random ones, and the most pieces of an adaptive one, which stops
    earlier at the relative tolerance `tol`; Simpson rounds it up to a pair, Boole to a four,
    Romberg to a power of two. An infinite range is carried to [−1, 1] by the `change` of
    variable, except by Gauss–Hermite and Gauss–Laguerre, which are made for it.

    The error is what half as many nodes would have changed; for the random rules it is one
    standard error. Raises `ProbabilityError` where f is not finite, or where a rule does not fit
    the range.
    """
    name, entry = rule_of(rule)
    n = allowed_size(entry, count("n", n, 1, entry.most))
    a, b = real("a", a), real("b", b)
    if a == b:
        if not np.isfinite(a):
            raise ProbabilityError("The range from infinity to itself holds no integral.")
        return Estimate(0.0, 0.0, 0, "an empty range")
    if a > b:
        found = integrate(f, b, a, name, n, change=change, seed=seed, tol=tol)
        return found._replace(value=-found.value)
    function = finite_or_raise(function_of(f))
    found = _estimate(function, a, b, name, n, change, seed, tol)
    return _doubted(found, function_of(f), a, b) if np.isinf(a) or np.isinf(b) else found


def _doubted(found: Estimate, f: Function, a: float, b: float) -> Estimate:
    """Return an estimate with an infinite error if |f|·x does not fall towards an infinite end.

    It is the envelope of f far out that is looked at, over twenty-four octaves.
    """
    x = 2.0 ** np.arange(20, 44)[:, None] * np.array([1.0, 1.19, 1.41, 1.68])
    note, seen, error = found.note, found.evaluations, found.error
    for sign in [s for end, s in ((a, -1.0), (b, 1.0)) if np.isinf(end)]:
        with np.errstate(all="ignore"):
            size = np.nan_to_num(np.abs(values(f, sign * x)) * x, nan=0.0, posinf=np.inf)
        seen += x.size
        if size[-4:].max() > 0 and not size[-4:].max() < size[:4].max() * (1 - 1e-9):
            error = float("inf")
            note = f"{found.note}; |f|·x does not fall off: there may be no integral"
    return Estimate(found.value, error, seen, note)


def _estimate(
    function: Function, a: float, b: float, name: str, n: int, change: str, seed: int, tol: float
) -> Estimate:
    """Return the estimate of a rule for a < b."""
    entry = RULES[name]
    if entry.kind == "adaptive":
        return _by_pieces(function, a, b, name, n, change, finite("tol", tol))
    if entry.range != "finite":
        return _by_weight(function, a, b, name, entry, n)
    mapped = transformed_rule(function, a, b, substitution_of(a, b, change))
    if entry.kind == "random":
        return _by_chance(mapped, name, n, count("seed", seed, 0, 2**63))
    if name == "tanh_sinh" and np.isfinite(b - a):
        return _by_gaps(function, a, b, name, n)
    return _by_nodes(mapped, name, n)


def rule_of(name: Any) -> tuple[str, Rule]:
    """Return key and entry of a rule; raise `ProbabilityError` for an unknown one."""
    plain = str(name).strip().lower()
    for mark in "-–— ":
        plain = plain.replace(mark, "_")
    if plain not in RULES:
        raise ProbabilityError(f"There is no rule of that name; there are {', '.join(RULES)}.")
    return plain, RULES[plain]


def finite_or_raise(f: Function) -> Function:
    """Return f on arrays; raise `ProbabilityError` where it is not finite."""

    def value(x: Any) -> Any:
        with np.errstate(all="ignore"):
            y = values(f, x)
        wrong = ~np.isfinite(y)
        if np.any(wrong):
            where, what = x[wrong].ravel()[0], y[wrong].ravel()[0]
            word = "not a number" if np.isnan(what) else "infinite"
            raise ProbabilityError(
                f"The integrand is {word} at x = {where:g}; a rule that does not look there "
                "(midpoint, Gauss–Legendre, tanh–sinh) may do."
            )
        return y

    return value


def transformed_rule(f: Function, a: float, b: float, change: Substitution) -> Function:
    """Return f(x(u)) dx/du on [−1, 1]; nodes at an end at infinity are asked just inside."""

    def value(u: Any) -> Any:
        u = clamp_inside(np.asarray(u, float), a, b)
        with np.errstate(over="ignore", invalid="ignore"):
            x, slope = change.point(u), change.slope(u)
            held = np.clip(x, -1e300, 1e300)
            y = f(held)
            product = np.where(y == 0, 0.0, y * slope)
        if not np.all(np.isfinite(product)):
            raise ProbabilityError("The integrand does not fall off towards infinity.")
        return product

    return value


def _by_nodes(f: Function, name: str, n: int) -> Estimate:
    """Return the estimate of a fixed rule; its values are shared with the coarser rule."""
    fine, rough = nodes_of(name, n), nodes_of(name, coarser(RULES[name], n))
    both, place = np.unique(np.concatenate([fine.nodes, rough.nodes]), return_inverse=True)
    return _compared(fine, rough, f(both)[place], both.size, RULES[name].label, n)


def _by_gaps(f: Function, a: float, b: float, name: str, n: int) -> Estimate:
    """Return the estimate of a rule that crowds so close to the ends that x needs the distance."""
    fine, rough = nodes_of(name, n), nodes_of(name, coarser(RULES[name], n))
    half = b / 2 - a / 2
    x = np.concatenate([sorted_by_error(each, a, b) for each in (fine, rough)])
    both, place = np.unique(x, return_inverse=True)
    return _compared(fine, rough, half * f(both)[place], both.size, RULES[name].label, n)


def sorted_by_error(nodes: Nodes, a: float, b: float) -> Any:
    """Return nodes of [−1, 1] in [a, b], measured from the nearer end and never on it."""
    half = b / 2 - a / 2
    x = np.where(nodes.nodes < 0, a + half * nodes.gaps, b - half * nodes.gaps)
    return np.clip(x, np.nextafter(a, b), np.nextafter(b, a))


def _compared(fine: Nodes, rough: Nodes, y: Any, evaluations: int, label: str, n: int) -> Estimate:
    terms = fine.weights * y[: fine.nodes.size]
    value = float(terms.sum())
    gap = abs(value - float(rough.weights @ y[fine.nodes.size :]))
    floor = 4 * EPS * float(np.abs(terms).sum())
    note = f"{label}, n = {n}; the error is what half the nodes would change"
    return Estimate(value, float(max(gap, floor)), evaluations, note)


def coarser(rule: Rule, n: int) -> int:
    """Return the n of the rule that the error of n is measured by."""
    return (
        allowed_size(rule, n // 2) if n > max(1, abs(rule.multiple)) else allowed_size(rule, 2 * n)
    )


def _by_weight(f: Function, a: float, b: float, name: str, rule: Rule, n: int) -> Estimate:
    """Return the estimate of Gauss–Hermite on the line, of Gauss–Laguerre on half lines."""
    fine, rough = nodes_of(name, n), nodes_of(name, coarser(rule, n))
    x = np.concatenate([fine.nodes, rough.nodes])
    if rule.range == "line":
        if np.isfinite(a) or np.isfinite(b):
            raise ProbabilityError("Gauss–Hermite needs the range from −∞ to ∞.")
        return _compared(fine, rough, f(x), x.size, rule.label, n)
    if np.isfinite(a) and np.isfinite(b):
        raise ProbabilityError("Gauss–Laguerre needs a range with an end at infinity.")
    sides = [(a, 1.0)] if np.isfinite(a) else [(b, -1.0)] if np.isfinite(b) else [(0, 1), (0, -1)]
    parts = [_compared(fine, rough, f(end + s * x), x.size, rule.label, n) for end, s in sides]
    value, error = sum(p.value for p in parts), sum(p.error for p in parts)
    return Estimate(value, error, sum(p.evaluations for p in parts), parts[0].note)


def _by_chance(f: Function, name: str, n: int, seed: int) -> Estimate:
    """Return the estimate of a random rule and its standard error."""
    nodes, weights, _ = nodes_of(name, n, seed)
    y = f(nodes)
    value = float(weights @ y)
    if name == "stratified":
        spread = np.diff(y.reshape(-1, 2), axis=1)
        error = 2 * float(np.sqrt((spread**2).sum()) / n)
    elif name == "quasi_monte_carlo" and n >= 32:
        error = 2 * float(np.std(y.reshape(8, -1).mean(axis=1), ddof=1) / np.sqrt(8))
    else:
        error = 2 * float(np.std(y, ddof=1) / np.sqrt(n)) if n > 1 else float("inf")
    note = f"{RULES[name].label}, {n} points; the error is one standard error"
    return Estimate(value, error, n, note)


def _by_pieces(
    f: Function, a: float, b: float, name: str, n: int, change: str, tol: float
) -> Estimate:
    tree = subdivisions(f, a, b, name, n, change, tol)[-1]
    if is_within(tree, tol):
        done = "within the tolerance"
    elif is_finished(tree, tol):
        done = "not within the tolerance: the worst piece is too small to halve, it may diverge"
    else:
        done = f"stopped at {n} pieces"
    note = f"{RULES[name].label}, {int(tree.leaf.sum())} pieces, {done}"
    floor = 4 * EPS * float(np.abs(tree.value[tree.leaf]).sum())
    return Estimate(tree.total, max(tree.doubt, floor), tree.evaluations, note)


def subdivisions(
    f: Any,
    a: float,
    b: float,
    rule: str = "adaptive_gauss_kronrod",
    n: int = 64,
    change: str = "rational",
    tol: float = 1e-12,
) -> list[Subdivision]:
    """Return every state of an adaptive rule on its way to n pieces, in the variable u.

    `change_of(a, b, change).point` carries the ends of the pieces to x.
    """
    mapped = transformed_rule(finite_or_raise(function_of(f)), a, b, substitution_of(a, b, change))
    method = adaptive(mapped, rule, tol)
    states = []
    for state in iterate(method, method.init(None)):
        states.append(state)
        if is_finished(state, tol) or len(states) >= n:
            return states
    return states


def romberg_table(f: Any, a: float, b: float, levels: int) -> Any:
    """Return Romberg's triangle `(levels + 1, levels + 1)`, its first column the trapezoid rule."""
    mapped = transformed_rule(finite_or_raise(function_of(f)), a, b, substitution_of(a, b))
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
    name, entry = rule_of(rule)
    ns = sorted({allowed_size(entry, int(n)) for n in sizes if n <= entry.most})
    try:
        if entry.kind == "adaptive":
            pieces = min(96, int(max(sizes)) // (42 if name == "adaptive_gauss_kronrod" else 4))
            states = subdivisions(f, a, b, name, max(pieces, 2), tol=1e-16)
            counts, values_ = [s.evaluations for s in states], [[s.total] for s in states]
        elif entry.range != "finite":
            found = [_by_weight(finite_or_raise(function_of(f)), a, b, name, entry, n) for n in ns]
            counts, values_ = ns, [[each.value] for each in found]
        else:
            counts, values_ = _at_sizes(finite_or_raise(function_of(f)), a, b, name, ns, seed)
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
        at = np.concatenate([sorted_by_error(each, a, b) for each in found])
        y = (b / 2 - a / 2) * f(at)
    else:
        at = np.concatenate([each.nodes for each in found])
        y = transformed_rule(f, a, b, substitution_of(a, b))(at)
    parts = np.split(y, np.cumsum([each.nodes.size for each in found])[:-1])
    totals = [float(each.weights @ part) for each, part in zip(found, parts, strict=True)]
    counts = [each.nodes.size for each in found][:: len(seeds)]
    return counts, [totals[i : i + len(seeds)] for i in range(0, len(totals), len(seeds))]
