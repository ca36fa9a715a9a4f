"""Integrals by any rule, over any range, with an error and a count of evaluations."""

from typing import Any

import numpy as np

from gdviz.expressions import formula
from gdviz.probability.adaptive_estimates import adaptive_estimate
from gdviz.probability.ends import tail_mass
from gdviz.probability.estimate import Estimate
from gdviz.probability.fixed_estimates import (
    Sampled,
    fixed_estimate,
    random_estimate,
    weighted_estimate,
)
from gdviz.probability.humps import Landmarks
from gdviz.probability.integrand import (
    CountedFunction,
    Function,
    RangedFunction,
    finite_or_raise,
    ranged_function,
)
from gdviz.probability.lost_digits import careful_function, with_lost_digits
from gdviz.probability.rules import RULES, Rule, allowed_size
from gdviz.probability.substitutions import substitution_of
from gdviz.probability.unsampled import (
    absolute,
    known_by_values_only,
    landmarks,
    with_doubts,
    with_known_doubts,
)
from gdviz.probability.user_functions import function_of
from gdviz.probability.validation import ProbabilityError, count, finite, real


@np.errstate(all="ignore")
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
    points: Any = (),
) -> Estimate:
    """Return ∫f from a to b by a rule of `RULES`; from a to b < a it is the negative.

    `f` is a callable of an array, or the text of a formula in x. `n` counts strips, nodes or
    points, or the most pieces of an adaptive rule, which stops at the relative tolerance `tol`.
    An infinite range goes to [−1, 1] by the `change` of variable, but for the rules made for it.
    `points` are places where f breaks or peaks; those of a formula or a law are known. Of another
    callable nothing is known but its values, and the note says so.

    The error is what half the nodes would have changed, or one standard error of a random rule,
    and what may lie where none is: infinite if only zeros were seen. Raises `ProbabilityError`
    where f is not finite, or where a rule does not fit the range.
    """
    name, entry = rule_of(rule)
    n = allowed_size(entry, count("n", n, 1, entry.most))
    a, b = real("a", a), real("b", b)
    if a == b:
        if not np.isfinite(a):
            raise ProbabilityError("The range from infinity to itself holds no integral.")
        return Estimate(0.0, 0.0, 0, "an empty range")
    if a > b:
        more: dict[str, Any] = {"change": change, "seed": seed, "tol": tol, "points": points}
        found = integrate(f, b, a, name, n, **more)
        return found._replace(value=-found.value)
    f = formula(f, ("x",)) if isinstance(f, str) else f
    tol, seed = finite("tol", tol), count("seed", seed, 0, 2**63)
    found = _by_rule(f, a, b, name, n, change, seed, tol, landmarks(f, a, b, points))
    return found.by_values() if known_by_values_only(f) else found


def _by_rule(
    f: Any, a: float, b: float, name: str, n: int, change: str, seed: int, tol: float, marks: Any
) -> Estimate:
    """Return the estimate of a rule over a range in order, its doubts included."""
    entry = RULES[name]
    if entry.kind == "adaptive":
        return adaptive_estimate(f, a, b, name, n, substitution_of(a, b, change), tol, marks)
    if entry.range != "finite":
        return _weighted(f, a, b, name, n, marks)
    map_ = substitution_of(a, b, change)
    ranged = ranged_function(finite_or_raise(function_of(f)), a, b, map_)
    chance = entry.kind == "random"
    seen = random_estimate(ranged, name, n, seed) if chance else fixed_estimate(ranged, name, n)
    return with_known_doubts(seen, f, a, b, map_, marks)


def _weighted(f: Any, a: float, b: float, name: str, n: int, marks: Landmarks) -> Estimate:
    """Return the estimate of Gauss–Hermite or Gauss–Laguerre, whose nodes lie on the x axis."""
    seen = weighted_estimate(finite_or_raise(function_of(f)), a, b, name, n)
    loose = CountedFunction(careful_function(f))
    found = with_doubts(seen, RangedFunction(loose, a, b), marks, _outside(loose, seen, a, b))
    return loose.added(with_lost_digits(found, seen, f))


def _outside(f: Function, seen: Sampled, a: float, b: float) -> float:
    """Return what lies beyond the outermost nodes of a rule for an infinite range."""
    sides = ((a, -1.0, seen.places[0]), (b, 1.0, seen.places[-1]))
    return sum(
        tail_mass(absolute(f), max(abs(x), 1.0), sign) for end, sign, x in sides if np.isinf(end)
    )


def rule_of(name: Any) -> tuple[str, Rule]:
    """Return key and entry of a rule; raise `ProbabilityError` for an unknown one."""
    plain = str(name).strip().lower()
    for mark in "-–— ":
        plain = plain.replace(mark, "_")
    if plain not in RULES:
        raise ProbabilityError(f"There is no rule of that name; there are {', '.join(RULES)}.")
    return plain, RULES[plain]
