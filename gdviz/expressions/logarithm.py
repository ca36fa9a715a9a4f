"""Sign and logarithm of a formula, right where its value has long underflowed or overflowed.

A product is a sum of logarithms, a sum is a log-sum-exp, and exp(u) is u itself.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from gdviz.expressions import Formula, load
from gdviz.expressions.source import function_source

SignedLog = Callable[[Any], tuple[Any, Any]]
Pair = tuple[Any, Any]
LOG_2 = np.log(2.0)
SMALL = -40.0  # the logarithm of a u of which log(1 + u) is u itself


def signed_logarithm(formula: Formula) -> SignedLog:
    """Return x -> (sign, log|f|) of a formula in one variable, without computing f itself."""
    (name,) = formula.variables
    return signed_logarithm_of(formula.expression, sp.Symbol(name))


@lru_cache(maxsize=512)
def signed_logarithm_of(expression: sp.Expr, variable: sp.Symbol) -> SignedLog:
    """Return x -> (sign, log|f|) of an expression in one variable."""
    value = _compile(expression, variable)

    def quiet(x: Any) -> Pair:
        x = np.asarray(x, float)
        with np.errstate(all="ignore"):
            sign, log = value(x)
        return np.broadcast_to(sign, x.shape), np.broadcast_to(log, x.shape)

    return quiet


@lru_cache(maxsize=512)
def number_of(expression: sp.Expr, variable: sp.Symbol) -> Callable[[Any], Any]:
    """Return a subexpression as a function of an array."""
    value = load(function_source("value", [variable], expression))["value"]
    return lambda x: value(np.asarray(x, float)) + 0.0 * x


def _compile(expression: sp.Expr, variable: sp.Symbol) -> SignedLog:
    """Return sign and logarithm of an expression as a function of its variable."""
    if expression == variable or not expression.args:
        return _split(number_of(expression, variable))
    parts = [_compile(part, variable) for part in expression.args]
    name = expression.func.__name__
    if expression.is_Add and (exponent := _exponent_less_one(expression)) is not None:
        side, argument = exponent[0], number_of(exponent[1], variable)
        return lambda x: _pair(side * np.expm1(argument(x)))
    if name == "log" and (rest := _beside_one(expression.args[0])) is not None:
        small = _compile(rest, variable)
        return lambda x: _log1p(small(x), parts[0](x))
    if expression.is_Add:
        return lambda x: _sum([part(x) for part in parts])
    if expression.is_Mul:
        return lambda x: _product([part(x) for part in parts])
    if expression.is_Pow:
        return _power(parts[0], expression.exp, variable)
    if name == "raised":
        return _power(parts[0], expression.args[1], variable)
    if name == "exp":
        exponent = number_of(expression.args[0], variable)
        return lambda x: (1.0, _number(exponent(x), parts[0], x))
    if name in OF_PAIRS:
        return lambda x: OF_PAIRS[name](*(part(x) for part in parts))
    if name in OF_NUMBERS:
        argument = number_of(expression.args[0], variable)
        return lambda x: OF_NUMBERS[name](argument(x))
    return _split(number_of(expression, variable))


def _exponent_less_one(total: sp.Expr) -> Any:
    """Return the sign and u of ±(exp(u) − 1), which would be lost where u is small; else None."""
    for sign in (1, -1):
        rest = sign * total + 1
        if rest.func.__name__ == "exp":
            return sign, rest.args[0]
    return None


def _beside_one(total: sp.Expr) -> Any:
    """Return u of 1 + u, whose logarithm would be lost where u is small; else None."""
    return total - 1 if total.is_Add and sp.Integer(1) in total.args else None


def _log1p(small: Pair, whole: Pair) -> Pair:
    """Return log(1 + u) of u and of 1 + u."""
    sign, log = small
    u = sign * np.exp(np.minimum(log, 0.0))
    near = log < np.log(0.5)
    tiny = log < SMALL
    by_u, by_whole = _pair(np.log1p(np.where(near, u, 0.0))), _logarithm(whole)
    sign = np.where(tiny, sign, np.where(near, by_u[0], by_whole[0]))
    return sign, np.where(tiny, log, np.where(near, by_u[1], by_whole[1]))


def _split(function: Callable[[Any], Any]) -> SignedLog:
    return lambda x: _pair(function(x))


def _pair(value: Any) -> Pair:
    return np.sign(value), np.log(np.abs(value))


def _number(value: Any, in_logs: SignedLog, x: Any) -> Any:
    """Return a number, by its logarithm where it is ∞ − ∞."""
    if not np.isnan(value).any():
        return value
    sign, log = in_logs(x)
    return np.where(np.isnan(value), sign * np.exp(log), value)


def _sum(parts: list[Pair]) -> Pair:
    """Return a log-sum-exp of signed terms."""
    flat = np.stack(np.broadcast_arrays(*(side for pair in parts for side in pair)))
    signs, logs = flat[::2], flat[1::2]
    top = logs.max(axis=0)
    top = np.where(np.isfinite(top), top, 0.0)
    sign, log = _pair((signs * np.exp(logs - top)).sum(axis=0))
    return sign, log + top


def _product(parts: list[Pair]) -> Pair:
    sign, log = parts[0]
    for more, other in parts[1:]:
        sign, log = sign * more, log + other
    return sign, log


def _power(base: SignedLog, exponent: sp.Expr, variable: sp.Symbol) -> SignedLog:
    """Return base**exponent; a negative base is allowed under a whole constant exponent only."""
    size = number_of(exponent, variable)
    if exponent.is_Integer:
        return lambda x: _whole_power(base(x), int(exponent))

    def value(x: Any) -> Pair:
        sign, log = base(x)
        domain = np.where(np.asarray(sign) < 0, np.nan, 1.0)
        return domain, domain * size(x) * log

    return value


def _whole_power(pair: Pair, exponent: int) -> Pair:
    return np.asarray(pair[0], float) ** exponent, exponent * pair[1]


def _larger(a: Pair, b: Pair) -> Pair:
    """Return the larger of two signed logarithms: by sign, then by size."""
    first = (a[0] > b[0]) | ((a[0] == b[0]) & (a[0] * a[1] >= b[0] * b[1]))
    return np.where(first, a[0], b[0]), np.where(first, a[1], b[1])


def _negative(pair: Pair) -> Pair:
    return -pair[0], pair[1]


def _logarithm(pair: Pair, base: float = 1.0) -> Pair:
    sign, log = pair
    return _pair(np.where(sign < 0, np.nan, log / base))


def _root(pair: Pair) -> Pair:
    domain = np.where(np.asarray(pair[0]) < 0, np.nan, 1.0)
    return domain * pair[0], domain * pair[1] / 2


def _log_sigmoid(u: Any) -> Any:
    return -np.logaddexp(0.0, -u)


def _softplus(u: Any) -> Pair:
    return 1.0, np.where(u < -30, u, np.log(np.logaddexp(0.0, np.maximum(u, -30.0))))


def _hyperbolic(u: Any, sign: float) -> Any:
    return np.abs(u) + np.log1p(sign * np.exp(-2 * np.abs(u))) - LOG_2


def _gamma(u: Any) -> Pair:
    from scipy import special

    return special.gammasgn(u), special.gammaln(u)


OF_PAIRS: dict[str, Callable[..., Pair]] = {
    "abs": lambda pair: (np.abs(pair[0]), pair[1]),
    "relu": lambda pair: (np.maximum(pair[0], 0.0), np.where(pair[0] > 0, pair[1], -np.inf)),
    "sqrt": _root,
    "cbrt": lambda pair: (pair[0], pair[1] / 3),
    "max": _larger,
    "min": lambda a, b: _negative(_larger(_negative(a), _negative(b))),
    "log": _logarithm,
    "log2": lambda pair: _logarithm(pair, LOG_2),
    "log10": lambda pair: _logarithm(pair, np.log(10.0)),
}
OF_NUMBERS: dict[str, Callable[[Any], Pair]] = {
    "cosh": lambda u: (1.0, _hyperbolic(u, 1.0)),
    "sinh": lambda u: (np.sign(u), _hyperbolic(u, -1.0)),
    "sigmoid": lambda u: (1.0, _log_sigmoid(u)),
    "softplus": _softplus,
    "gamma": _gamma,
}
