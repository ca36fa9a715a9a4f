"""The value of a formula to as many digits as it takes, one point at a time, by mpmath."""

import math
import operator
from collections.abc import Callable
from functools import lru_cache, partial, reduce
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from gdviz.expressions import Formula

Value = Callable[[Any], Any]
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
    name = sp.Symbol(formula.variables[0])
    values = [partial(_compiled, formula.expression, name, digits) for digits in DIGITS]

    def both(x: Any, size: Any) -> tuple[Any, Any]:
        level, found = 0, []
        for at, terms in zip(np.ravel(x).tolist(), np.ravel(size).tolist(), strict=True):
            *pair, level = _signed_log(values, at, math.log(terms or 1.0), level)
            found.append(pair)
        sides = np.array(found).reshape(-1, 2)
        return sides[:, 0].reshape(np.shape(x)), sides[:, 1].reshape(np.shape(x))

    return both


def _signed_log(
    values: list[Callable[[], Value]], x: float, size: float, level: int
) -> tuple[float, float, int]:
    """Return sign and log|f| at a point, and with how many digits to begin at the next one."""
    before, digits_before, point = None, mp.mp.prec, mp.mpf(x)
    try:
        for i in range(level, len(DIGITS)):
            mp.mp.dps = DIGITS[i]
            y = values[i]()(point)
            if isinstance(y, mp.mpc) or not mp.isfinite(y):
                return np.nan, np.nan, level
            order = mp.mag(y) * LOG_2 - size if y else -np.inf
            same = before is not None and y and abs(y - before) <= SAME * abs(y)
            if same or order > (GUARD - DIGITS[i]) * LOG_10:
                enough = i > 0 and order > (GUARD - DIGITS[i - 1]) * LOG_10
                return (1.0 if y > 0 else -1.0), _log(y), i - enough
            before = y
    except (ArithmeticError, ValueError, TypeError, mp.libmp.NoConvergence):
        return np.nan, np.nan, level
    finally:
        mp.mp.prec = digits_before
    return 0.0, -np.inf, len(DIGITS) - 1


def _log(y: Any) -> float:
    return math.log(abs(float(y))) if abs(mp.mag(y)) < 900 else float(mp.log(abs(y)))


@lru_cache(maxsize=256)
def _compiled(expression: sp.Expr, variable: sp.Symbol, digits: int) -> Value:
    """Return an expression as a function of an mpf, its numbers computed once for these digits."""
    with mp.workdps(digits):
        return _compile(expression, variable)


def _compile(expression: sp.Expr, variable: sp.Symbol) -> Value:
    if expression == variable:
        return lambda x: x
    if not expression.free_symbols:
        number = _constant(expression)
        return lambda x: number
    parts = [_compile(part, variable) for part in expression.args]
    if expression.is_Add:
        return lambda x: reduce(operator.add, [part(x) for part in parts])
    if expression.is_Mul:
        return lambda x: reduce(operator.mul, [part(x) for part in parts])
    if expression.is_Pow and expression.exp.is_Integer:
        whole = int(expression.exp)
        return lambda x: parts[0](x) ** whole
    function = _power if expression.is_Pow else FUNCTIONS[expression.func.__name__]
    if len(parts) == 1:
        return lambda x: function(parts[0](x))
    return lambda x: function(*[part(x) for part in parts])


def _constant(expression: sp.Expr) -> Any:
    if not expression.args:
        return mp.mpf(expression._to_mpmath(mp.mp.prec))
    parts = [_constant(part) for part in expression.args]
    if expression.is_Add or expression.is_Mul:
        return reduce(operator.add if expression.is_Add else operator.mul, parts)
    return (_power if expression.is_Pow else FUNCTIONS[expression.func.__name__])(*parts)


def _exp(u: Any) -> Any:
    if u > LARGEST:
        raise OverflowError
    return mp.exp(u) if u > -LARGEST else mp.mpf(0)


def _power(base: Any, exponent: Any) -> Any:
    if base and abs(exponent * mp.log(abs(base))) > LARGEST:
        raise OverflowError
    return base**exponent


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(mp, name) for name in "sin cos tan asin acos atan atan2".split()},
    **{name: getattr(mp, name) for name in "asinh acosh atanh log log10".split()},
    **{name: getattr(mp, name) for name in "sign floor ceil sqrt gamma digamma".split()},
    "exp": _exp,
    "raised": _power,
    "log2": lambda u: mp.log(u, 2),
    "cbrt": lambda u: mp.sign(u) * mp.cbrt(abs(u)),
    "sinh": lambda u: (_exp(u) - _exp(-u)) / 2,
    "cosh": lambda u: (_exp(u) + _exp(-u)) / 2,
    "tanh": lambda u: mp.tanh(u) if abs(u) < FLAT else mp.sign(u),
    "erf": lambda u: mp.erf(u) if abs(u) < FLAT else mp.sign(u),
    "mod": lambda a, b: a - b * mp.floor(a / b),
    "abs": abs,
    "min": min,
    "max": max,
    "within": lambda value, other: value + 0 * other,
    "heaviside": lambda u: (1 + mp.sign(u)) / 2,
    "relu": lambda u: max(u, 0),
    "sigmoid": lambda u: 1 / (1 + _exp(-u)) if u > -LARGEST else mp.mpf(0),
    "softplus": lambda u: mp.log1p(_exp(u)) if u < LARGEST else u,
    "trigamma": lambda u: mp.psi(1, u),
}
