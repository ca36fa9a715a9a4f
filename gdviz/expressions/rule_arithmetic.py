"""From a formula of an update rule to code that reads the same for floats, arrays and numba."""

import ast
from typing import Any, NamedTuple

import numpy as np

from gdviz.expressions.tokens import FormulaError

WRITTEN_OUT = 8  # powers of a name up to this one are products, which have the same bits everywhere
NUMPY = {
    **{name: name for name in "sin cos tan sinh cosh tanh exp log log2 log10".split()},
    **{name: name for name in "sqrt abs sign floor ceil cbrt".split()},
    **{f"a{name}": f"arc{name}" for name in "sin cos tan tan2 sinh cosh tanh".split()},
    **{"ln": "log", "min": "minimum", "max": "maximum"},
}
NUMBERS = {"pi": float(np.pi), "e": float(np.e)}


class Place(NamedTuple):
    """Where a text stands: line and column count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


def wrong(place: Place, words: str) -> FormulaError:
    """Return the error that says what is wrong at a place."""
    return FormulaError(f"{place}: {words}")


def names_in(node: ast.AST) -> set[str]:
    """Return the names that an expression reads."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - {"np"}


def arithmetic(node: ast.expr, line: int) -> ast.expr:
    """Return a checked formula as code that reads the same for floats, arrays and numba."""
    if isinstance(node, ast.Constant):
        return _number(float(node.value), node, line)  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return _number(NUMBERS[node.id], node, line) if node.id in NUMBERS else ast.Name(node.id)
    if isinstance(node, ast.UnaryOp):
        inner = arithmetic(node.operand, line)
        made: ast.expr = ast.UnaryOp(node.op, inner) if isinstance(node.op, ast.USub) else inner
        parts = [inner]
    elif isinstance(node, ast.BinOp):
        parts = [arithmetic(side, line) for side in (node.left, node.right)]
        made = _power(*parts) if isinstance(node.op, ast.Pow) else _binary(node.op, *parts)
    else:
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        parts = [arithmetic(argument, line) for argument in node.args]
        made = _call(node.func.id, parts, Place(line, node.col_offset))
    constant = not any(isinstance(n, ast.Name) and n.id != "np" for n in ast.walk(made))
    return _number(value_of_numbers(made), node, line) if constant else made


def _number(value: float, node: ast.expr, line: int) -> ast.expr:
    """Return a number as code; one that is none is refused, since a page has no use for it."""
    if not np.isfinite(value):
        raise wrong(Place(line, node.col_offset), "this has no value, or one that is too large")
    size = abs(float(value))
    whole = size.is_integer() and size < 2**53
    plain = ast.Constant(int(size) if whole else size)
    return ast.UnaryOp(ast.USub(), plain) if value < 0 else plain


def value_of_numbers(node: ast.expr) -> float:
    """Return the value of an expression of numbers alone, in the arithmetic of NumPy."""
    if isinstance(node, ast.Constant):
        return np.float64(node.value)  # type: ignore[arg-type]
    with np.errstate(all="ignore"):
        if isinstance(node, ast.UnaryOp):
            return -value_of_numbers(node.operand)
        if isinstance(node, ast.BinOp):
            return _ARITHMETIC[type(node.op)](
                value_of_numbers(node.left), value_of_numbers(node.right)
            )
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        return getattr(np, node.func.attr)(*map(value_of_numbers, node.args))


_ARITHMETIC: dict[type, Any] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}


def _binary(operator: ast.operator, left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.BinOp(left, operator, right)


def _power(base: ast.expr, exponent: ast.expr) -> ast.expr:
    """Return a power; that of a name is written as a product, a square of anything as a square."""
    times = exponent.value if isinstance(exponent, ast.Constant) else 0
    if isinstance(base, ast.Name) and isinstance(times, int) and 1 < times <= WRITTEN_OUT:
        product: ast.expr = base
        for _ in range(times - 1):
            product = _binary(ast.Mult(), product, base)
        return product
    if times == 2:
        return _numpy("square", base)
    return _binary(ast.Pow(), base, exponent)


def _numpy(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(ast.Name("np"), name), list(arguments), [])


def _call(name: str, given: list[ast.expr], place: Place) -> ast.expr:
    """Return a call as NumPy has it, the functions it lacks through those it has."""
    one, zero, half = ast.Constant(1), ast.Constant(0), ast.Constant(0.5)
    if name == "heaviside":
        raised = _binary(ast.Add(), one, _numpy("sign", *given))
        return _binary(ast.Mult(), half, raised)
    if name == "relu":
        return _numpy("maximum", *given, zero)
    if name == "sigmoid":
        falling = _numpy("exp", ast.UnaryOp(ast.USub(), *given))
        return _binary(ast.Div(), one, _binary(ast.Add(), one, falling))
    if name not in NUMPY:
        raise wrong(place, f"`{name}` is no function of update rules")
    if name in ("min", "max"):
        found = given[0]
        for other in given[1:]:
            found = _numpy(NUMPY[name], found, other)
        return found
    return _numpy(NUMPY[name], *given)
