"""The functions of formulas, as sympy objects with their derivatives and as plain numbers."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from gdviz.expressions.latex import call


def define(name: str, *partials: Callable) -> Any:
    """Return a sympy function with the given partial derivatives and no rewriting of its own.

    Sympy's own functions ask whether their arguments are real, which takes forever for a dozen
    nested tanh, evaluate constants to any number of digits, and leave `DiracDelta` behind.
    """

    def fdiff(self, argindex=1):
        return partials[argindex - 1](*self.args)

    def latex(self, printer, exp=None):
        arguments = [printer._print(argument) for argument in self.args]
        return call(name, ", ".join(arguments), f"^{{{exp}}}" if exp else "")

    def evalf(self, prec):
        return sp.Float(NUMERIC[name](*(float(argument) for argument in self.args)))

    own = {"fdiff": fdiff, "_latex": latex, "_eval_evalf": evalf}
    return type(name, (sp.Function,), own)


def flat(*_: sp.Expr) -> sp.Expr:
    """The derivative of a piecewise constant function."""
    return sp.Integer(0)


# Sympy's own roots and powers would make sqrt(x)**2 into x, which has a value at −4.
sqrt: Any = define("sqrt", lambda a: 1 / (2 * sqrt(a)))
cbrt: Any = define("cbrt", lambda a: 1 / (3 * cbrt(a) ** 2))
raised: Any = define(
    "raised", lambda a, b: b * power_of(a, b - 1), lambda a, b: raised(a, b) * log(a)
)
# The value of a where b has one, too: what keeps the domain of a term that has cancelled.
within: Any = define("within", lambda a, b: sp.Integer(1), lambda a, b: sp.Integer(0))
mod: Any = define("mod", lambda a, b: sp.Integer(1), lambda a, b: -floor(a / b))
sin: Any = define("sin", lambda a: cos(a))
cos: Any = define("cos", lambda a: -sin(a))
tan: Any = define("tan", lambda a: 1 + tan(a) ** 2)
asin: Any = define("asin", lambda a: 1 / sp.sqrt(1 - a**2))
acos: Any = define("acos", lambda a: -1 / sp.sqrt(1 - a**2))
atan: Any = define("atan", lambda a: 1 / (1 + a**2))
atan2: Any = define("atan2", lambda a, b: b / (a**2 + b**2), lambda a, b: -a / (a**2 + b**2))
sinh: Any = define("sinh", lambda a: cosh(a))
cosh: Any = define("cosh", lambda a: sinh(a))
tanh: Any = define("tanh", lambda a: 1 - tanh(a) ** 2)
asinh: Any = define("asinh", lambda a: 1 / sp.sqrt(a**2 + 1))
acosh: Any = define("acosh", lambda a: 1 / (sp.sqrt(a - 1) * sp.sqrt(a + 1)))
atanh: Any = define("atanh", lambda a: 1 / (1 - a**2))
exp: Any = define("exp", lambda a: exp(a))
log: Any = define("log", lambda a: 1 / a)
log2: Any = define("log2", lambda a: 1 / (a * sp.log(2)))
log10: Any = define("log10", lambda a: 1 / (a * sp.log(10)))
sign: Any = define("sign", flat)
floor: Any = define("floor", flat)
ceil: Any = define("ceil", flat)
heaviside: Any = define("heaviside", flat)
absolute: Any = define("abs", lambda a: sign(a))
maximum: Any = define("max", lambda a, b: heaviside(a - b), lambda a, b: heaviside(b - a))
minimum: Any = define("min", lambda a, b: heaviside(b - a), lambda a, b: heaviside(a - b))
relu: Any = define("relu", lambda a: heaviside(a))
sigmoid: Any = define("sigmoid", lambda a: sigmoid(a) * (1 - sigmoid(a)))
softplus: Any = define("softplus", lambda a: sigmoid(a))
erf: Any = define("erf", lambda a: 2 / sp.sqrt(sp.pi) * exp(-(a**2)))
gamma: Any = define("gamma", lambda a: gamma(a) * digamma(a))
digamma: Any = define("digamma", lambda a: trigamma(a))
trigamma: Any = define("trigamma")  # second derivatives are the last ones taken

SYMBOLIC: dict[str, Any] = {
    function.__name__: function
    for function in (
        *(sin, cos, tan, asin, acos, atan, atan2, sinh, cosh, tanh, asinh, acosh, atanh),
        *(exp, log, log2, log10, absolute, sign, floor, ceil, heaviside, minimum, maximum),
        *(relu, sigmoid, softplus, erf, gamma, sqrt, cbrt, mod),
    )
} | {"ln": log}
NUMERIC: dict[str, Callable[..., float]] = {
    **{name: getattr(math, name) for name in SYMBOLIC if hasattr(math, name)},
    "ln": math.log,
    "abs": abs,
    "cbrt": np.cbrt,
    "mod": lambda a, b: a % b,
    "sign": lambda a: float((a > 0) - (a < 0)),
    "heaviside": lambda a: 0.5 * (1 + (a > 0) - (a < 0)),
    "sigmoid": lambda a: 0.5 + 0.5 * math.tanh(0.5 * a),
    "softplus": lambda a: max(a, 0.0) + math.log1p(math.exp(-abs(a))),
    "relu": lambda a: max(a, 0.0),
    "min": min,
    "max": max,
}


def power_of(base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """Return base**exponent that keeps its domain: roots of negative numbers stay undefined."""
    if exponent.is_Integer:
        return sp.Pow(base, exponent)
    twice = 2 * exponent
    if not twice.is_Integer:
        return raised(base, exponent)
    whole = sp.Pow(base, sp.Integer(int(abs(twice))) // 2) * sqrt(base)
    return 1 / whole if exponent.is_negative else whole
