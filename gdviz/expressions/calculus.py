"""Syntax tree to sympy, node by node, and derivatives; importing this module imports sympy.

Sympy computes with integers of any length, so numbers are kept exact only while they are small:
whatever else the text combines, no product or power of theirs can grow without bound.
"""

import ast
import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

from gdviz.expressions.latex import call, number, symbol
from gdviz.expressions.parse import MAX_EXPONENT, FormulaError

LARGEST_EXACT = 1000
MAX_TOWER = 3


def define(name: str, *partials: Callable) -> Any:
    """Return a sympy function with the given partial derivatives and no rewriting of its own.

    Sympy's own functions ask whether their arguments are real, which takes forever for a dozen
    nested tanh, evaluate constants to any number of digits, and leave `DiracDelta` behind.
    """

    def fdiff(self, argindex=1):
        return partials[argindex - 1](*self.args)

    def latex(self, printer, exp=None):
        arguments = ", ".join(printer._print(argument) for argument in self.args)
        return call(name, arguments, f"^{{{exp}}}" if exp else "")

    return type(name, (sp.Function,), {"fdiff": fdiff, "_latex": latex})


def flat(*_: sp.Expr) -> sp.Expr:
    """The derivative of a piecewise constant function."""
    return sp.Integer(0)


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
        *(relu, sigmoid, softplus, erf, gamma),
    )
} | {"ln": log}
NUMERIC: dict[str, Callable[..., float]] = {
    **{name: getattr(math, name) for name in SYMBOLIC if hasattr(math, name)},
    "ln": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "sign": lambda a: float((a > 0) - (a < 0)),
    "heaviside": lambda a: 0.5 * (1 + (a > 0) - (a < 0)),
    "sigmoid": lambda a: 0.5 + 0.5 * math.tanh(0.5 * a),
    "softplus": lambda a: max(a, 0.0) + math.log1p(math.exp(-abs(a))),
    "relu": lambda a: max(a, 0.0),
    "min": min,
    "max": max,
}


def build(node: ast.expr, symbols: dict[str, sp.Symbol]) -> sp.Expr:
    """Return the sympy expression of a checked syntax tree; raise FormulaError if never real."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return exact(value)
        case ast.Name(id=name):
            return symbols.get(name) or {"pi": sp.pi, "e": sp.E}[name]
        case ast.UnaryOp(op=op, operand=operand):
            inner = build(operand, symbols)
            return -inner if isinstance(op, ast.USub) else inner
        case ast.Call(func=ast.Name(id=name), args=args):
            arguments = [build(argument, symbols) for argument in args]
            return tame(apply(name, arguments, node.col_offset), node.col_offset)
        case ast.BinOp(left=left, op=op, right=right):
            pair = build(left, symbols), build(right, symbols)
            return tame(combine(pair[0], op, pair[1], right.col_offset), node.col_offset)
    raise TypeError(type(node).__name__)


def exact(value: float) -> sp.Expr:
    """Return small integers and halves as such and every other number as a float."""
    if abs(value) <= LARGEST_EXACT and 2 * value == int(2 * value):
        return sp.Rational(int(2 * value), 2)
    return sp.Float(float(value))


def combine(left: sp.Expr, op: ast.operator, right: sp.Expr, column: int) -> sp.Expr:
    """Return the sum, difference, product, quotient or power of two expressions."""
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div() if right == 0:
            raise FormulaError(f"division by zero at column {column}")
        case ast.Div():
            return left / right
    return power(left, right, column)


def power(base: sp.Expr, exponent: sp.Expr, column: int) -> sp.Expr:
    """Return base**exponent; constant powers are numbers, so that 9**9**9 costs nothing."""
    if not base.free_symbols and not exponent.free_symbols:
        return constant(math.pow, [base, exponent], f"the power at column {column}")
    if not exponent.free_symbols:
        size = abs(real(exponent, column))
        if size > MAX_EXPONENT:
            raise FormulaError(f"the exponent at column {column} is larger than {MAX_EXPONENT}")
        return sp.Pow(base, exponent)
    if base == sp.E:
        return exp(exponent)
    if tower(exponent) >= MAX_TOWER:
        raise FormulaError(f"too many powers on top of each other (column {column})")
    return sp.Pow(base, exponent)


def tower(expression: sp.Expr) -> int:
    """Return how many variable exponents are stacked in an expression."""
    below = max((tower(argument) for argument in expression.args), default=0)
    return below + (bool(expression.is_Pow) and bool(expression.exp.free_symbols))


def apply(name: str, arguments: list[sp.Expr], column: int) -> sp.Expr:
    """Return a function of expressions; functions of constants become numbers."""
    if not any(argument.free_symbols for argument in arguments):
        return constant(NUMERIC[name], arguments, f"`{name}` at column {column}")
    if name == "sqrt":
        return sp.sqrt(arguments[0])
    if len(arguments) == 1:
        return SYMBOLIC[name](arguments[0], evaluate=False)
    return reduce(lambda a, b: SYMBOLIC[name](a, b, evaluate=False), arguments)


def constant(function: Callable[..., float], values: Sequence[sp.Expr], what: str) -> sp.Expr:
    """Return a function of numbers as a number; raise FormulaError unless it is real and finite."""
    try:
        result = float(function(*(float(value) for value in values)))
    except (ValueError, ZeroDivisionError, TypeError):
        raise FormulaError(f"{what} is not a real number") from None
    except OverflowError:
        raise FormulaError(f"{what} is too large") from None
    if not math.isfinite(result):
        raise FormulaError(f"{what} is not finite")
    return exact(result)


def real(value: sp.Expr, column: int) -> float:
    """Return a constant expression as a finite float or raise FormulaError."""
    try:
        result = float(value)
    except (TypeError, OverflowError):
        result = math.nan
    if not math.isfinite(result):
        raise FormulaError(f"the number at column {column} is not real and finite")
    return result


def tame(expression: sp.Expr, column: int) -> sp.Expr:
    """Replace long exact numbers by floats; raise FormulaError for numbers no float can hold."""
    atoms = expression.atoms(sp.Number, sp.NumberSymbol, sp.I, sp.zoo)
    if atoms & {sp.I, sp.zoo, sp.nan, sp.oo, -sp.oo}:
        raise FormulaError(f"the expression at column {column} is not a real number")
    long = {}
    for atom in atoms:
        value = real(atom, column)
        if atom.is_Rational and max(abs(atom.p), atom.q) > LARGEST_EXACT:
            long[atom] = sp.Float(value)
    return expression.xreplace(long) if long else expression


def gradient(expression: sp.Expr, symbols: Sequence[sp.Symbol]) -> tuple[sp.Expr, ...]:
    """Return the partial derivatives by each of the d symbols."""
    return tuple(derivative(expression, variable, {}) for variable in symbols)


def hessian(
    partials: Sequence[sp.Expr], symbols: Sequence[sp.Symbol]
) -> tuple[tuple[sp.Expr, ...], ...]:
    """Return the (d, d) second derivatives, the lower triangle taken from the upper one."""
    memories: list[dict] = [{} for _ in symbols]
    size = range(len(symbols))
    upper = {
        (i, j): derivative(partials[i], symbols[j], memories[j]) for i in size for j in size[i:]
    }
    return tuple(tuple(upper[min(i, j), max(i, j)] for j in size) for i in size)


def derivative(expression: sp.Expr, variable: sp.Symbol, memory: dict) -> sp.Expr:
    """Differentiate once, visiting each distinct subexpression once.

    Sympy's own `diff` asks every node for its symbols: seconds for deeply nested formulas.
    """
    if expression not in memory:
        memory[expression] = chain(expression, variable, memory)
    return memory[expression]


def chain(expression: sp.Expr, variable: sp.Symbol, memory: dict) -> sp.Expr:
    """Apply the sum, product, power or chain rule to the top of an expression."""
    if not expression.args:
        return sp.Integer(int(expression == variable))
    inner = [derivative(argument, variable, memory) for argument in expression.args]
    moving = [i for i, slope in enumerate(inner) if slope != 0]
    if expression.is_Add:
        return sp.Add(*inner)
    if expression.is_Mul:
        args = expression.args
        return sp.Add(*(sp.Mul(*args[:i], inner[i], *args[i + 1 :]) for i in moving))
    if expression.is_Pow:
        return power_rule(expression, *inner)
    return sp.Add(*(expression.fdiff(i + 1) * inner[i] for i in moving))


def power_rule(expression: sp.Expr, base_slope: sp.Expr, exponent_slope: sp.Expr) -> sp.Expr:
    """Differentiate b**e; a constant base or exponent leaves no logarithm or quotient behind."""
    base, exponent = expression.args
    by_base = exponent * base ** (exponent - 1) * base_slope if base_slope != 0 else 0
    if exponent_slope == 0:
        return sp.Integer(0) + by_base
    logarithm = log(base) if base.free_symbols else sp.log(base)
    return by_base + expression * logarithm * exponent_slope


class Latex(LatexPrinter):
    """Sympy's LaTeX with short numbers and our names for variables."""

    def _print_Float(self, expr):
        return number(float(expr)) if abs(float(expr)) != math.inf else r"\infty"

    def _print_Symbol(self, expr, style="plain"):
        return symbol(expr.name)


def written(expression: sp.Expr) -> str:
    """Return the LaTeX of a derivative."""
    return Latex({"ln_notation": True}).doprint(expression)
