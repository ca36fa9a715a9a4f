"""How far rounding may move the value of a formula: a running error analysis of its parts.

Each part is computed with a bound of its error, which sums, products and functions hand on (Higham
2002, *Accuracy and Stability of Numerical Algorithms*, section 3.3).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from gdviz.expressions import Formula, load
from gdviz.expressions.source import function_source

Bounded = Callable[[Any], tuple[Any, Any]]
UNIT = np.finfo(float).eps / 2
FLAT = ("sign", "heaviside", "floor", "ceil")


@lru_cache(maxsize=256)
def rounding_of(formula: Formula) -> Bounded:
    """Return x -> (f, a bound of its rounding error) of a formula in one variable.

    Of the numbers in it, only whole ones and halves count as exact: others may have been computed.
    """
    value = _compile(formula.expression, sp.Symbol(formula.variables[0]))

    def quiet(x: Any) -> tuple[Any, Any]:
        x = np.asarray(x, float)
        with np.errstate(all="ignore"):
            y, bound = value(x)
        return np.broadcast_to(y, x.shape), np.nan_to_num(np.broadcast_to(bound, x.shape), nan=0.0)

    return quiet


def _compile(expression: sp.Expr, variable: sp.Symbol) -> Bounded:
    if expression == variable:
        return lambda x: (x, 0.0)
    if not expression.free_symbols:
        number = load(function_source("value", [], expression))["value"]()
        off = 0.0 if expression.is_Rational and expression == sp.Rational(number) else abs(number)
        return lambda x: (number, UNIT * off)
    parts = [_compile(part, variable) for part in expression.args]
    if expression.is_Add:
        return lambda x: _sum([part(x) for part in parts])
    if expression.is_Mul:
        return lambda x: _product([part(x) for part in parts])
    roundings = 2.0
    if expression.is_Pow and expression.exp.is_number:
        parts, roundings = parts[:1], max(2.0, abs(float(expression.exp)))
    return _function(expression, parts, roundings)


def _sum(parts: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    total, bound = parts[0]
    for y, off in parts[1:]:
        total = total + y
        bound = bound + off + UNIT * np.abs(total)
    return total, bound


def _product(parts: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    total, bound = parts[0]
    for y, off in parts[1:]:
        bound = bound * (np.abs(y) + off) + np.abs(total) * off
        total = total * y
        bound = bound + UNIT * np.abs(total)
    return total, bound


def _function(expression: sp.Expr, parts: list[Bounded], roundings: float) -> Bounded:
    """Return a function of parts, which hands their errors on by its derivatives."""
    inner = [sp.Symbol(f"u{i}") for i in range(len(parts))]
    outer = expression.func(*inner, *expression.args[len(parts) :], evaluate=False)
    slopes = tuple(
        sp.Integer(0) if expression.func.__name__ in FLAT else outer.diff(u) for u in inner
    )
    both = load(function_source("value", inner, (outer, *slopes)))["value"]

    def value(x: Any) -> tuple[Any, Any]:
        found = [part(x) for part in parts]
        y, *rises = both(*(u for u, _ in found))
        pairs = zip(rises, found, strict=True)
        handed = sum(np.where(off == 0, 0.0, np.abs(rise) * off) for rise, (_, off) in pairs)
        (u, off), *others = found
        if not others and np.any(off):  # beyond the first order, for what is flat at its own zero
            ends = [np.abs(both(u + side * off)[0] - y) for side in (-1.0, 1.0)]
            handed = np.fmax(handed, np.fmax(*ends))
        return y, handed + roundings * UNIT * np.abs(y)

    return value
