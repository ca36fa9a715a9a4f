"""What the memories of a typed rule are: which turns with the gradient, and which does not.

In the mirror image of a problem x and g change their signs. A mean of gradients changes its sign
with them, it is odd; a mean of their squares stays, it is even.
"""

import ast
from collections.abc import Mapping
from itertools import product
from typing import NamedTuple

from gdviz.expressions.rule_arithmetic import names_in
from gdviz.expressions.update_rule import UpdateRule

ODD, NEITHER, EVEN = -1, 0, 1
ODD_FUNCTIONS = set("sign sin tan arcsin arctan sinh tanh arcsinh arctanh cbrt".split())
EVEN_FUNCTIONS = {"abs", "square", "cos", "cosh"}


class MemoryKinds(NamedTuple):
    """The memory that is a momentum, and the one that is a mean of squares; "" where none is."""

    velocity: str
    squares: str


def memory_kinds(rule: UpdateRule) -> MemoryKinds:
    """Return the first memory of each kind among those that are made of themselves and g."""
    parity, touched = _consistent(rule), _touched(rule)
    own = {line.name for line in rule.lines if line.name in names_in(line.value)}
    kept = [name for name in rule.memories if name in own & touched]
    velocity, squares = (
        next((name for name in kept if parity.get(name) == kind), "") for kind in (ODD, EVEN)
    )
    return MemoryKinds(velocity, squares)


def _consistent(rule: UpdateRule) -> Mapping[str, int]:
    """Return parities of the memories that an update leaves as they are, none if there are none."""
    for guess in product((ODD, EVEN), repeat=len(rule.memories)):
        before = dict(zip(rule.memories, guess, strict=True))
        now = {"x": ODD, "g": ODD, **before}
        for line in rule.lines:
            now[line.name] = _parity(line.value, now)
        if all(now[name] == kind for name, kind in before.items()):
            return before
    return {}


def _touched(rule: UpdateRule) -> set[str]:
    """Return the names that the gradient reaches, in this update or by a memory in a later one."""
    reached = {"g"}
    for _ in range(1 + len(rule.memories)):
        for line in rule.lines:
            reached |= {line.name} if names_in(line.value) & reached else set()
    return reached


def _parity(node: ast.expr, known: Mapping[str, int]) -> int:
    if isinstance(node, ast.Constant):
        return EVEN
    if isinstance(node, ast.Name):
        return known.get(node.id, EVEN)
    if isinstance(node, ast.UnaryOp):
        return _parity(node.operand, known)
    if isinstance(node, ast.BinOp):
        left, right = _parity(node.left, known), _parity(node.right, known)
        if isinstance(node.op, ast.Mult | ast.Div):
            return left * right
        if isinstance(node.op, ast.Pow):
            return _of_power(left, right, node.right)
        return left if left == right else NEITHER
    assert isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    found = {_parity(argument, known) for argument in node.args}
    if node.func.attr in ODD_FUNCTIONS:
        return found.pop()
    if node.func.attr in EVEN_FUNCTIONS:
        return abs(found.pop())
    return EVEN if found == {EVEN} else NEITHER


def _of_power(base: int, exponent: int, node: ast.expr) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return base if node.value % 2 else abs(base)
    return EVEN if base == exponent == EVEN else NEITHER
