"""The value of a formula to as many digits as it takes, one point at a time, by mpmath.

The precision is a state of what computes, and visitors are threads: so nobody else has our context,
SymPy has `mpmath.mp`, and one point is computed at a time.
"""

import ast
import math
import operator
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from threading import Lock
from typing import Any

import numpy as np
from mpmath import MPContext
from mpmath.libmp import NoConvergence

from gdviz.expressions import Formula
from gdviz.expressions.parse import CONSTANTS, parse

Value = Callable[[Any], Any]
mp, _one_at_a_time = MPContext(), Lock()
DIGITS = (40, 100, 200, 400)  # the later, where terms cancel in the earlier
GUARD, SAME = 18, 1e-16
LOG_2, LOG_10 = math.log(2), math.log(10)
LARGEST = 1e6  # of an exponent
FLAT = 500.0  # where tanh and erf differ from one beyond all these digits


@lru_cache(maxsize=256)
def precise_value(formula: Formula) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Return (x, size) -> (sign, log|f|) of a formula in one variable, right to the last digit.

    `size` is that of the terms that may cancel. The results are nan where f is not real, or larger
    than e^1e6. Where terms cancel beyond 400 digits, f counts as zero.
    """
    values = [partial(_compiled, formula, digits) for digits in DIGITS]

    def both(x: Any, size: Any) -> tuple[Any, Any]:
        level, found = 0, []
        for at, terms in zip(np.ravel(x).tolist(), np.ravel(size).tolist(), strict=True):
            with _one_at_a_time:
                *pair, level = _signed_log(values, at, math.log(terms or 1.0), level)
            found.append(pair)
        sides = np.array(found).reshape(-1, 2)
        return sides[:, 0].reshape(np.shape(x)), sides[:, 1].reshape(np.shape(x))

    return both


def _signed_log(
    values: Sequence[Callable[[], Value]], x: float, size: float, level: int
) -> tuple[float, float, int]:
    """Return sign and log|f| at a point, and with how many digits to begin at the next one."""
    before, point = None, mp.mpf(x)
    try:
        for i in range(level, len(DIGITS)):
            mp.dps = DIGITS[i]
            y = values[i]()(point)
            if isinstance(y, mp.mpc) or not mp.isfinite(y):
                return np.nan, np.nan, level
            order = mp.mag(y) * LOG_2 - size if y else -np.inf
            same = before is not None and y and abs(y - before) <= SAME * abs(y)
            if same or order > (GUARD - DIGITS[i]) * LOG_10:
                enough = i > 0 and order > (GUARD - DIGITS[i - 1]) * LOG_10
                return (1.0 if y > 0 else -1.0), _log(y), i - enough
            before = y
    except (ArithmeticError, ValueError, TypeError, NoConvergence):
        return np.nan, np.nan, level
    return 0.0, -np.inf, len(DIGITS) - 1


def _log(y: Any) -> float:
    return math.log(abs(float(y))) if abs(mp.mag(y)) < 900 else float(mp.log(abs(y)))


@lru_cache(maxsize=256)
def _compiled(formula: Formula, digits: int) -> Value:
    """Return a formula as a function of an mpf, its numbers computed once for these digits.

    It is made of the text: sympy has collected and rounded the numbers of the expression.
    """
    with mp.workdps(digits):
        return _compile(parse(formula.text, formula.variables))


def _compile(node: ast.expr) -> Value:
    match node:
        case ast.Constant(value=int() | float() as value):
            number = mp.mpf(float(value))
            return lambda x: number
        case ast.Name(id=name) if name in CONSTANTS:
            constant = +getattr(mp, name)
            return lambda x: constant
        case ast.Name():
            return lambda x: x
        case ast.UnaryOp(op=op, operand=operand):
            inner = _compile(operand)
            return (lambda x: -inner(x)) if isinstance(op, ast.USub) else inner
        case ast.Call(func=ast.Name(id=name), args=args):
            return _applied(FUNCTIONS[name], [_compile(part) for part in args])
        case ast.BinOp(left=left, op=op, right=right):
            return _applied(OPERATORS[type(op)], [_compile(left), _compile(right)])
    raise TypeError(type(node).__name__)


def _applied(function: Callable[..., Any], parts: list[Value]) -> Value:
    if len(parts) == 1:
        (only,) = parts
        return lambda x: function(only(x))
    return lambda x: function(*[part(x) for part in parts])


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that raises ValueError where it is not real."""

    def value(*arguments: Any) -> Any:
        found = function(*arguments)
        if isinstance(found, mp.mpc):
            raise ValueError
        return found

    return value


def _exp(u: Any) -> Any:
    if u > LARGEST:
        raise OverflowError
    return mp.exp(u) if u > -LARGEST else mp.mpf(0)


def _power(base: Any, exponent: Any) -> Any:
    if mp.isint(exponent) and abs(exponent) < LARGEST:
        return base ** int(exponent)
    if base < 0:
        raise ValueError
    if base and abs(exponent * mp.log(base)) > LARGEST:
        raise OverflowError
    return base**exponent


OPERATORS: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: _power,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(mp, name) for name in "sin cos tan atan atan2 asinh".split()},
    **{name: getattr(mp, name) for name in "sign floor ceil gamma".split()},
    **{name: _real(getattr(mp, name)) for name in "sqrt asin acos acosh atanh log log10".split()},
    "exp": _exp,
    "ln": _real(mp.log),
    "log2": _real(lambda u: mp.log(u, 2)),
    "cbrt": lambda u: mp.sign(u) * mp.cbrt(abs(u)),
    "sinh": lambda u: (_exp(u) - _exp(-u)) / 2,
    "cosh": lambda u: (_exp(u) + _exp(-u)) / 2,
    "tanh": lambda u: mp.tanh(u) if abs(u) < FLAT else mp.sign(u),
    "erf": lambda u: mp.erf(u) if abs(u) < FLAT else mp.sign(u),
    "mod": lambda a, b: a - b * mp.floor(a / b),
    "abs": abs,
    "min": min,
    "max": max,
    "heaviside": lambda u: (1 + mp.sign(u)) / 2,
    "relu": lambda u: max(u, 0),
    "sigmoid": lambda u: 1 / (1 + _exp(-u)) if u > -LARGEST else mp.mpf(0),
    "softplus": lambda u: mp.log1p(_exp(u)) if u < LARGEST else u,
}
