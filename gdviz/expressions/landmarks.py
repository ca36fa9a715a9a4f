"""What the text of a formula tells of its graph: where it breaks, and what may make a hump."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import sympy as sp

from gdviz.expressions import Formula, load
from gdviz.expressions.functions import sin
from gdviz.expressions.logarithm import SignedLog, number_of, signed_logarithm_of
from gdviz.expressions.source import function_source

# At a zero of its argument each of these has a kink, a jump, a pole or a steep step.
BREAKS = (
    "abs sign heaviside relu log log2 log10 sqrt cbrt raised tanh sigmoid erf atan softplus"
).split()
STEPS = "floor ceil".split()
BENDS = "tanh sigmoid erf atan softplus".split()  # turn where their argument goes from −1 to 1
MOST_TERMS = 24


class Parts(NamedTuple):
    """Functions of x: at a zero of `roots` the graph may break, at a maximum of `terms` it peaks.

    It breaks wherever one of `steps` is a whole number, too. `roots` and `steps` give numbers;
    `terms` give sign and logarithm. `bends` are pairs of a function and its derivative: where the
    first is zero the graph turns, over as far as one over the second.
    """

    roots: tuple[Callable[[Any], Any], ...]
    terms: tuple[SignedLog, ...]
    steps: tuple[Callable[[Any], Any], ...]
    bends: tuple[tuple[Callable[[Any], Any], Callable[[Any], Any]], ...]


@lru_cache(maxsize=256)
def parts_of(formula: Formula) -> Parts:
    """Return the parts of a formula in one variable that decide where it breaks and peaks."""
    variable = sp.Symbol(formula.variables[0])
    nodes = list(_nodes(formula.expression))
    roots = dict.fromkeys(argument for node in nodes for argument in _breaking(node))
    steps = dict.fromkeys(argument for node in nodes for argument in _stepping(node))
    bends = dict.fromkeys(node.args[0] for node in nodes if node.func.__name__ in BENDS)
    terms = dict.fromkeys([formula.expression, *_terms(formula.expression)])
    peaked = [term for term in terms if _is_peaked(term)][:MOST_TERMS]
    return Parts(
        tuple(number_of(root, variable) for root in roots if root.free_symbols),
        tuple(signed_logarithm_of(term, variable) for term in peaked),
        tuple(number_of(step, variable) for step in steps if step.free_symbols),
        tuple(
            (number_of(bend, variable), number_of(sp.diff(bend, variable), variable))
            for bend in bends
            if bend.free_symbols
        ),
    )


@lru_cache(maxsize=64)
def exponents_of(formula: Formula) -> tuple[Callable[..., Any], ...]:
    """Return the exponents of a formula's exponentials as functions of all its variables.

    Where an exponential itself is 0 in floats, its exponent still tells the way to its maximum.
    """
    found = [n.args[0] for n in _nodes(formula.expression) if n.func.__name__ == "exp"]
    symbols = [sp.Symbol(name) for name in formula.variables]
    distinct = [u for u in dict.fromkeys(found) if u.free_symbols][:MOST_TERMS]
    return tuple(load(function_source("value", symbols, u))["value"] for u in distinct)


def _nodes(expression: sp.Expr) -> Iterator[sp.Expr]:
    yield expression
    for part in expression.args:
        yield from _nodes(part)


def _breaking(node: sp.Expr) -> list[sp.Expr]:
    """Return the expressions at whose zeros a node breaks."""
    name = node.func.__name__
    if node.is_Pow:
        whole = node.exp.is_Integer and node.exp >= 0
        return [] if whole else [node.base]
    if name in BREAKS:
        return [node.args[0]]
    if steps := _stepping(node):
        return [sin(sp.pi * step) for step in steps]
    if name in ("min", "max"):
        return [node.args[0] - node.args[1]]
    if name in ("asin", "acos"):
        return [node.args[0] - 1, node.args[0] + 1]
    return []


def _stepping(node: sp.Expr) -> list[sp.Expr]:
    """Return the expressions at whose whole values a node breaks."""
    name = node.func.__name__
    if name in STEPS:
        return [node.args[0]]
    if name == "mod":
        return [node.args[0] / node.args[1]]
    return [node.args[0] / sp.pi + sp.Rational(1, 2)] if name == "tan" else []


def _terms(expression: sp.Expr) -> Iterator[sp.Expr]:
    """Yield every term of every sum, and every exponential."""
    if expression.is_Add:
        yield from expression.args
    name = expression.func.__name__
    if name == "exp":
        yield expression
        return
    for part in expression.args:
        yield from _terms(part)


def _is_peaked(term: sp.Expr) -> bool:
    """Tell whether a term is more than a polynomial."""
    if not term.free_symbols:
        return False
    return any(
        node.is_Function or (node.is_Pow and not (node.exp.is_Integer and node.exp > 0))
        for node in _nodes(term)
    )
