"""Adaptive rules at work: the states on the way to n pieces, and the estimate of the last."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from gdviz.probability.adaptive import (
    PIECES,
    SMALLEST,
    Subdivision,
    adaptive,
    confirm,
    is_finished,
    is_within,
)
from gdviz.probability.estimate import Estimate
from gdviz.probability.fixed_estimates import Sampled
from gdviz.probability.humps import Landmarks
from gdviz.probability.integrand import finite_or_raise, transform, transform_unchecked
from gdviz.probability.rules import RULES
from gdviz.probability.substitutions import Substitution, place_of, substitution_of
from gdviz.probability.unsampled import known_by_values_only, landmarks, with_known_doubts
from gdviz.probability.user_functions import function_of

EPS = np.finfo(float).eps
MOST_CUTS = 100
GRAIN = 0.02  # most of the roundings cancel


def adaptive_estimate(
    f: Any,
    a: float,
    b: float,
    name: str,
    n: int,
    change: Substitution,
    tol: float,
    marks: Landmarks,
) -> Estimate:
    """Return the estimate of an adaptive rule, and whether it came within the tolerance."""
    *_, tree = _states(f, a, b, name, n, change, tol, marks)
    floor = 4 * EPS * float(np.abs(tree.value[tree.leaf]).sum()) + _grain(tree)
    label = f"{RULES[name].label}, {tree.pieces} pieces"
    found = Estimate(tree.total, float(max(tree.doubt, floor)), tree.evaluations, label)
    seen = _seen(tree, name, found, a, b)
    found = with_known_doubts(seen, f, a, b, change, _with_smallest(marks, tree, change))
    return found._replace(note=f"{found.note}, {_ending(tree, found, tol, floor, n)}")


def _with_smallest(marks: Landmarks, tree: Subdivision, change: Substitution) -> Landmarks:
    """Return the landmarks, and the place of the worst leaf if it is too small to be halved."""
    worst = int(np.argmax(np.where(tree.leaf, tree.error, -1.0)))
    lo, hi = tree.lo[worst], tree.hi[worst]
    if hi - lo >= SMALLEST or not -1 < lo < hi < 1:
        return marks
    return marks._replace(breaks=np.append(marks.breaks, change.point((lo + hi) / 2)))


def _grain(tree: Subdivision) -> float:
    """Return what the rounding of the nodes does: it moves each up or down its flank.

    Between two leaves there may be a jump, whose place is rounded once: nothing cancels.
    """
    leaf = np.flatnonzero(tree.leaf)
    heights = np.stack(tree.heights)[leaf[np.argsort(tree.lo[leaf])]]
    steps = np.abs(heights[1:, 0] - heights[:-1, -1]).sum()
    return float(EPS * (GRAIN * np.abs(np.diff(heights, axis=1)).sum() + steps))


def _ending(tree: Subdivision, found: Estimate, tol: float, floor: float, n: int) -> str:
    if tree.confirmed and found.error <= max(tol * abs(tree.total), floor) * (1 + EPS):
        return "within the tolerance"
    if tree.pieces >= n:
        return f"stopped at {n} pieces"
    if is_within(tree, tol):
        return "not within the tolerance"
    return "not within the tolerance: the worst piece is too small to halve, it may diverge"


def _seen(tree: Subdivision, name: str, found: Estimate, a: float, b: float) -> Sampled:
    """Return the nodes and values of the leaves, on the axis of x where the range is finite."""
    leaf = np.flatnonzero(tree.leaf)
    leaf = leaf[np.argsort(tree.lo[leaf])]
    lo, hi, heights = tree.lo[leaf], tree.hi[leaf], np.stack(tree.heights)[leaf]
    u = (lo / 2 + hi / 2)[:, None] + (hi / 2 - lo / 2)[:, None] * PIECES[name].nodes
    ends = np.append(lo, hi[-1])
    if np.isinf(b - a):
        return Sampled(found, u.ravel(), heights.ravel(), ends)
    middle, half = a / 2 + b / 2, b / 2 - a / 2
    return Sampled(found, (middle + half * u).ravel(), heights.ravel(), middle + half * ends)


def subdivisions(
    f: Any,
    a: float,
    b: float,
    rule: str = "adaptive_gauss_kronrod",
    n: int = 64,
    change: str = "rational",
    tol: float = 1e-12,
    points: Any = (),
) -> list[Subdivision]:
    """Return every state of an adaptive rule on its way to n pieces, in the variable u.

    `change_of(a, b, change).point` carries the ends of the pieces to x.
    """
    marks = landmarks(f, a, b, points)
    return list(_states(f, a, b, rule, n, substitution_of(a, b, change), tol, marks))


def _states(
    f: Any,
    a: float,
    b: float,
    rule: str,
    n: int,
    change: Substitution,
    tol: float,
    marks: Landmarks,
) -> Iterator[Subdivision]:
    """Yield a state for each number of pieces; the last has been compared with f once more."""
    mapped = transform(finite_or_raise(function_of(f)), a, b, change)
    cuts = place_of(change, marks.cuts(a, b, MOST_CUTS), a, b)
    look = transform_unchecked(f, change)
    search = known_by_values_only(f)
    method = adaptive(mapped, rule, tol, cuts, look, search)
    state = method.init(None)
    while not state.confirmed:
        if state.pieces >= n and not is_finished(state, tol):
            state = confirm(state, look, rule, tol, search)
            break
        grown = method.step(state)
        if grown.pieces > state.pieces:
            yield state
        state = grown
    yield state
