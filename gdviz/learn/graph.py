"""The computational graph of an expression: each node's value, local derivatives and gradient."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from gdviz.expressions.parse import CONSTANTS, parse
from gdviz.learn import autograd
from gdviz.learn.autograd import Value, as_value, gradients

LONGEST = 100_000  # characters of an expression in a notebook; a page's own knob is shorter
_NUMBERS = {"pi": np.pi, "e": np.e}
_TREES = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}
_SIGNS = {tree: sign for sign, tree in _TREES.items()}


class Node(NamedTuple):
    """One node: what it computes from its `parents` (places in the tape), and what that came to.

    `local[i]` is ∂node/∂parents[i]; `grad` is ∂output/∂node, the sum over the `children` of each
    child's gradient times its local derivative by this node. `text` is its expression in names and
    numbers, `op` its operation: "input", "const", "+", "tanh" ...
    """

    name: str
    op: str
    text: str
    parents: tuple[int, ...]
    children: tuple[int, ...]
    value: Any
    local: tuple[Any, ...]
    grad: Any


@dataclass(frozen=True)
class Tape:
    """The nodes in the order of the forward pass, parents before children, the output last.

    It is iterated and indexed like a list; `tape["x"]` is the input or node of that name.
    """

    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, key: Any) -> Node:
        if isinstance(key, str):
            found = [node for node in self.nodes if node.name == key]
            if not found:
                raise KeyError(key)
            return found[0]
        return self.nodes[key]

    @property
    def output(self) -> Node:
        """The last node."""
        return self.nodes[-1]

    @property
    def value(self) -> Any:
        """The value of the output."""
        return self.output.value

    @property
    def grad(self) -> dict[str, Any]:
        """∂output/∂input by the name of the input; 0 for one that the expression does not use."""
        named = {node.name: node.grad for node in self.nodes if node.op == "input"}
        return {name: named.get(name, 0.0) for name in self.inputs}


def tape(expression: str | Callable[..., Any], **inputs: Any) -> Tape:
    """Run an expression forward and backward, and return what every node saw.

    `expression` is text in the names of the `inputs`, or a function of values. Inputs are numbers
    or arrays (then the gradients are those of the sum of the output). Raises `FormulaError`, a
    `ValueError`, for text that is no formula, and `ValueError` for inputs that are no numbers.

    >>> graph = tape("w*x + b", w=2.0, x=3.0, b=1.0)
    >>> graph.value, graph.grad
    (7.0, {'w': 3.0, 'x': 2.0, 'b': 1.0})
    """
    leaves = {name: Value(_number(name, x), op="input") for name, x in inputs.items()}
    words: dict[int, str] = {id(leaf): name for name, leaf in leaves.items()}
    if callable(expression):
        output = as_value(expression(**leaves))
    else:
        output = _built(parse(expression, tuple(inputs), LONGEST), leaves, words)
    return Tape(_nodes(output, leaves, words), tuple(inputs))


def _number(name: str, x: Any) -> np.ndarray:
    try:
        value = np.asarray(x, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"the input {name} is not a number.") from None
    if not np.isfinite(value).all():
        raise ValueError(f"the input {name} is not finite.")
    return value


def _built(tree: ast.expr, leaves: dict[str, Value], words: dict[int, str]) -> Value:
    """Return the value of a checked syntax tree, built from the leaves up without recursion."""
    done: dict[int, Value] = {}
    keep: list[Value] = []  # texts are found by id(value), so each value must stay alive
    stack: list[tuple[ast.expr, bool]] = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        parts = _parts(node)
        if not ready and parts:
            stack += [(node, True), *((part, False) for part in reversed(parts))]
            continue
        value = _made(node, [done[id(part)] for part in parts], leaves, words)
        keep.append(value)
        done[id(node)] = value
    return done[id(tree)]


def _parts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp):
        return [node.operand]
    return list(node.args) if isinstance(node, ast.Call) else []


def _made(
    node: ast.expr, parts: list[Value], leaves: dict[str, Value], words: dict[int, str]
) -> Value:
    if isinstance(node, ast.Constant):
        assert isinstance(node.value, int | float)
        return Value(float(node.value), op="const")
    if isinstance(node, ast.Name):
        if node.id in CONSTANTS and node.id not in leaves:
            value = Value(_NUMBERS[node.id], op="const")
            words[id(value)] = node.id
            return value
        return leaves[node.id]
    if isinstance(node, ast.UnaryOp):
        return -parts[0] if isinstance(node.op, ast.USub) else parts[0]
    if isinstance(node, ast.BinOp):
        return _operated(node.op, *parts)
    assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    value = autograd.apply(node.func.id, *parts[:2])
    for part in parts[2:]:  # max and min of several, two at a time
        value = autograd.apply(node.func.id, value, part)
    return value


def _operated(op: ast.operator, left: Value, right: Value) -> Value:
    if isinstance(op, ast.Pow):
        return left ** (float(right.data) if right.op == "const" else right)
    sign = _SIGNS[type(op)]
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    return left * right if sign == "*" else left / right


def evaluate(op: str, *values: Any) -> Any:
    """Return what an operation of a node makes of the values of its parents."""
    parts = [Value(value) for value in values]
    if op == "neg":
        return (-parts[0]).data
    if op in _TREES:
        return _operated(_TREES[op](), *parts).data
    if op.startswith("**"):
        return (parts[0] ** (float(op[2:]) if op[2:] else parts[1])).data
    return autograd.apply(op, *parts).data


def _nodes(output: Value, leaves: dict[str, Value], words: dict[int, str]) -> tuple[Node, ...]:
    ordered = autograd.order(output)
    grads = gradients(output)
    place = {id(value): i for i, value in enumerate(ordered)}
    children: list[list[int]] = [[] for _ in ordered]
    for i, value in enumerate(ordered):
        for parent in value.parents:
            children[place[id(parent)]].append(i)
    names = {id(leaf): name for name, leaf in leaves.items()}
    nodes: list[Node] = []
    count = 0
    for i, value in enumerate(ordered):
        parents = tuple(place[id(parent)] for parent in value.parents)
        if parents:
            count += 1
        plain = _plain(value.data)
        called = names.get(id(value)) or words.get(id(value))
        name = f"v{count}" if parents else called or f"{plain:g}"
        local = tuple(_plain(np.asarray(slope)) for slope in value.local)
        text = _text(value.op, [nodes[p].name for p in parents]) if parents else name
        nodes.append(
            Node(
                name,
                value.op,
                text,
                parents,
                tuple(children[i]),
                plain,
                local,
                _plain(grads[value]),
            )  # fmt: skip
        )
    return tuple(nodes)


def _plain(array: np.ndarray) -> Any:
    """Return a number as a float, an array as it is."""
    return float(array) if array.ndim == 0 else array


def _text(op: str, names: list[str]) -> str:
    if op == "neg":
        return f"-{names[0]}"
    if op in ("+", "-", "*", "/", "**", "@"):
        return f"{names[0]} {op} {names[1]}"
    if op.startswith("**"):
        return f"{names[0]}{op}"
    return f"{op}({', '.join(names)})"
