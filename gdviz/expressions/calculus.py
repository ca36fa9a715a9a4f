"""Syntax tree to sympy, node by node, and derivatives; importing this module imports sympy.

Sympy computes with integers of any length, so numbers are kept exact only while they are small:
whatever else the text combines, no product or power of theirs can grow without bound.
"""

import ast
import math
from collections.abc import Callable, Sequence
from functools import reduce

import sympy as sp
from sympy.printing.latex import LatexPrinter

from gdviz.expressions.functions import NUMERIC, SYMBOLIC, exp, log, power_of, raised, within
from gdviz.expressions.latex import number, symbol
from gdviz.expressions.parse import MAX_EXPONENT, FormulaError

LIMITED = {"sqrt", "log", "ln", "log2", "log10", "asin", "acos", "acosh", "atanh"}
LARGEST_EXACT = 1000
MAX_TOWER = 3


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


def build_whole(tree: ast.expr, symbols: dict[str, sp.Symbol]) -> sp.Expr:
    """Return the expression of a whole formula, which has no value where one of its parts has none.

    Sympy collects like terms: of log(x) - log(x) nothing is left, and x**1.5/x**0.5 is x. Such
    parts are kept for their domain.
    """
    expression = build(tree, symbols)
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.expr))
    parts = {build(node, symbols) for node in nodes if _is_limited(node)}
    lost = parts - set(sp.preorder_traversal(expression)) if parts else parts
    for part in sorted(lost, key=str):
        if part.free_symbols and not _stays(part, expression):
            expression = within(expression, part)
    return expression


def _is_limited(node: ast.expr) -> bool:
    """Tell whether a part of a formula has no value for half of all numbers."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in LIMITED
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int() | float() as value)):
            return value != int(value)
    return False


def _stays(part: sp.Expr, expression: sp.Expr) -> bool:
    """Tell whether each function in a part is in an expression, too."""
    functions = part.atoms(sp.Function)
    return bool(functions) and functions <= expression.atoms(sp.Function)


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
        return power_of(base, exponent)
    if base == sp.E:
        return exp(exponent)
    if tower(exponent) >= MAX_TOWER:
        raise FormulaError(f"too many powers on top of each other (column {column})")
    return power_of(base, exponent)


def tower(expression: sp.Expr) -> int:
    """Return how many variable exponents are stacked in an expression."""
    below = max((tower(argument) for argument in expression.args), default=0)
    return below + (expression.func is raised and bool(expression.args[1].free_symbols))


def apply(name: str, arguments: list[sp.Expr], column: int) -> sp.Expr:
    """Return a function of expressions; functions of constants become numbers."""
    if not any(argument.free_symbols for argument in arguments):
        return constant(NUMERIC[name], arguments, _at(name, column))
    if name in ("min", "max"):
        several = numbers_together(name, arguments, column)
        return reduce(lambda a, b: SYMBOLIC[name](a, b, evaluate=False), several)
    return SYMBOLIC[name](*arguments, evaluate=False)


def numbers_together(name: str, arguments: list[sp.Expr], column: int) -> list[sp.Expr]:
    """Return the arguments of min or max with all numbers among them made into one."""
    numbers = [argument for argument in arguments if not argument.free_symbols]
    rest = [argument for argument in dict.fromkeys(arguments) if argument.free_symbols]
    if not numbers:
        return rest
    one = numbers[0] if len(numbers) == 1 else constant(NUMERIC[name], numbers, _at(name, column))
    return [*rest, one]


def _at(name: str, column: int) -> str:
    return f"`{name}` at column {column}"


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


def latex_of_derivative(expression: sp.Expr) -> str:
    """Return the LaTeX of a derivative."""
    return Latex({"ln_notation": True}).doprint(expression)
