"""Where the terms of a formula cancel so far that rounding is most of what is left, and f there."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from gdviz.expressions import Formula
from gdviz.expressions.high_precision import precise_value
from gdviz.expressions.rounding import UNIT, rounding_of

LOST = 1e-13  # of f: a bound of its rounding beyond that counts
BY_NODES = 8.0  # units: so far f moves where its point is rounded, which no integral minds
UNSEEN = 1e-26  # of the largest sure value, where it is not known how much each counts
ROUNDED = 8 * UNIT  # and where it is: a sum of the values has that error anyhow
NOTHING = -745.0  # where a weight is zero
MANY, STRIDE = 100, 8  # of many points some are looked at first: digits are lost over a stretch
MOST_LOOKED = 100_000
POSITIVE = ("exp", "cosh", "sigmoid", "softplus", "abs", "sqrt", "relu", "heaviside", "gamma")
EXACT_TERMS = 2  # x − c is rounded once


class Lost(NamedTuple):
    """Where digits are lost, and the size of the terms that cancel at each of these places."""

    at: Any
    size: Any


@lru_cache(maxsize=256)
def can_cancel(formula: Formula) -> bool:
    """Tell whether a formula in one variable has a sum in it whose terms may cancel."""
    if len(formula.variables) != 1:
        return False
    return any(_may_cancel(node) for node in sp.preorder_traversal(formula.expression))


def _may_cancel(node: sp.Expr) -> bool:
    if not (node.is_Add and node.free_symbols):
        return False
    if len(node.args) == EXACT_TERMS and all(
        term.is_Symbol or term.is_Number for term in node.args
    ):
        return False
    return {_sign(term) for term in node.args} not in ({1}, {-1})


def _sign(term: sp.Expr) -> int:
    """Return the sign of a term wherever it has a value, 0 if it may be either."""
    if not term.free_symbols:
        return 1 if term.is_positive else -1
    if term.is_Mul:
        return int(np.prod([_sign(factor) for factor in term.args]))
    if term.is_Pow:
        even = term.exp.is_Integer and term.exp % 2 == 0
        return 1 if even or _sign(term.base) == 1 else 0
    return 1 if term.func.__name__ in POSITIVE else 0


def lost_digits(formula: Formula, x: Any, log_weight: Any = None) -> Lost:
    """Tell where rounding may move f by more than `LOST` of it, as no rounding of x would.

    A weight, such as a density, says how much each point counts: what it hides need not be known.
    """
    at = np.zeros(np.shape(x), bool)
    if log_weight is not None and not np.all(counts := log_weight > NOTHING):
        found = lost_digits(formula, x[counts], log_weight[counts])
        at[counts] = found.at
        return Lost(at, found.size)
    if not can_cancel(formula):
        return Lost(at, np.zeros(0))
    look = rounding_of(formula)
    if np.size(x) > MANY and not _is_suspect(*look(np.ravel(x)[::STRIDE])):
        return Lost(at, np.zeros(0))
    y, bound = look(x)
    if not _is_suspect(y, bound):
        return Lost(at, np.zeros(0))
    with np.errstate(all="ignore"):
        inherent = np.abs(np.nan_to_num(np.multiply(x, formula.gradient(x)[0]), nan=0.0))
        at = (bound > LOST * np.abs(y)) & (bound > BY_NODES * UNIT * inherent)
        at = (at | ~np.isfinite(y)) & np.isfinite(x)
        at = at & _matters(x, y, bound, log_weight)
    return Lost(at, bound[at] / UNIT)


def _is_suspect(y: Any, bound: Any) -> bool:
    """Tell whether any value may be lost, before its slope is asked for."""
    return bool(np.any(~(bound <= LOST * np.abs(y))))


def _matters(x: Any, y: Any, bound: Any, log_weight: Any) -> Any:
    """Tell where the bound would be seen beside what is sure: its height, or that over |x|."""
    if log_weight is None:
        return _is_seen(np.abs(x), y, bound, UNSEEN)
    weight = np.exp(log_weight - np.max(log_weight, initial=-700.0))
    tall = _is_seen(weight, y, bound, ROUNDED)
    return tall | _is_seen(weight * np.abs(x), y, bound, ROUNDED)


def _is_seen(weight: Any, y: Any, bound: Any, least: float) -> Any:
    mass = weight * np.abs(y)
    most = np.max(mass, initial=0.0, where=np.isfinite(mass) & (bound < 0.1 * np.abs(y)))
    return ~(bound * weight <= least * most)


def precise_where_lost(formula: Formula, most: int) -> Callable[..., tuple[Any, Any]]:
    """Return (x, log_weight) -> where digits are lost, and sign and log|f| by high precision.

    It computes `most` points at most, which take up to a tenth of a millisecond each, and gives up
    on functions that are asked for at very many points.
    """
    looked = 0
    known: dict[float, tuple[float, float]] = {}

    def found(x: Any, log_weight: Any = None) -> tuple[Any, Any]:
        nonlocal looked
        looked += np.size(x)
        if looked > MOST_LOOKED:
            return np.zeros(np.shape(x), bool), (np.zeros(0), np.zeros(0))
        at, size = lost_digits(formula, x, log_weight)
        points = x[at].tolist()
        new = [i for i, point in enumerate(points) if point not in known]
        if len(known) + len(new) > most:
            return np.zeros(np.shape(x), bool), (np.zeros(0), np.zeros(0))
        asked = np.array([points[i] for i in new])
        fine = precise_value(formula)(asked, size[new])
        known.update(zip(asked.tolist(), zip(*fine, strict=True), strict=True))
        sides = np.array([known[point] for point in points]).reshape(-1, 2)
        return at, (sides[:, 0], sides[:, 1])

    return found


def careful_value(formula: Formula, most: int) -> Callable[[Any], Any]:
    """Return a formula as a function of an array, by high precision where its digits are lost."""
    precise = precise_where_lost(formula, most)

    def value(x: Any) -> Any:
        x = np.asarray(x, float)
        with np.errstate(all="ignore"):
            y = np.array(formula.value(x), float)
            at, (sign, log) = precise(x)
            y[at] = np.where(np.isnan(sign), y[at], sign * np.exp(log))
        return y

    return value
