"""The room of the chain rule: an expression, its values, and the tape's walk forward and back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.expressions import FormulaError
from gdviz.expressions.parse import ARITY, CONSTANTS, SHORTHANDS
from gdviz.knobs import Text
from gdviz.learn import tape
from gdviz.learn.graph import Node, Tape, evaluate
from gdviz.optimize.latex import number

MOST_NODES, MOST_INPUTS = 26, 8
LARGEST = 1e6


@dataclass(frozen=True)
class Chain:
    """Everything that the room of the chain rule can be asked."""

    expression: Annotated[
        str, Text("L =", "Letters are inputs: + − * / ^ and functions such as tanh, exp.", most=120)
    ] = "(tanh(w*x + b) - y)^2"
    values: Annotated[str, Text("at", "A value for each input, such as w = 1.5, x = −0.7.")] = (
        "w=1.2, x=0.8, b=-0.4, y=1"
    )

    def unread(self) -> dict[str, str]:
        """Return which value belongs to no input, or is none."""
        inputs, said = names_in(self.expression), values_in(self.values)
        for part in self.values.split(","):
            if part.strip() and part.partition("=")[0].strip() not in {*inputs} & {*said}:
                names = ", ".join(inputs)
                return {
                    "values": f"“{part.strip()[:40]}” is no value of an input; these are {names}."
                }
        return {}


# No digit is tried twice: a long run of them must not cost its square.


def names_in(expression: str) -> tuple[str, ...]:
    """Return the inputs of an expression, in the order of their first appearance."""
    words = re.findall(
        r"[A-Za-z_][A-Za-z0-9_]*", re.sub(r"(?<![\d.])\d++(?:\.\d*+)?[eE][+-]?\d+", "", expression)
    )
    known = {*ARITY, *SHORTHANDS, *CONSTANTS}
    return tuple(dict.fromkeys(word for word in words if word not in known))


def values_in(text: str) -> dict[str, float]:
    """Return the values that a text like `w=1.5, x=-2` says; what is no value is left out."""
    found = {}
    for part in text.replace("−", "-").split(","):
        name, _, value = part.partition("=")
        try:
            x = float(value)
        except ValueError:
            continue
        if name.strip().isidentifier() and abs(x) <= LARGEST:
            found[name.strip()] = x
    return found


def inputs_of(spec: Chain) -> dict[str, float]:
    """Return a value for each input of the expression, 1 where none is said."""
    said = values_in(spec.values)
    return {name: said.get(name, 1.0) for name in names_in(spec.expression)}


@cached
def run(spec: Chain) -> Tape:
    """Return the tape of a spec; raise `FormulaError` for no formula, or too large a one."""
    inputs = inputs_of(spec)
    if not inputs:
        raise FormulaError("there is no input: type a letter, such as x")
    if len(inputs) > MOST_INPUTS:
        raise FormulaError(f"{len(inputs)} inputs; at most {MOST_INPUTS} fit")
    for name in inputs:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]?", name):
            raise FormulaError(f"inputs are letters, such as x or w1; `{name[:20]}` is longer")
    graph = tape(spec.expression, **inputs)
    if len(graph) > MOST_NODES:
        raise FormulaError(f"the graph has {len(graph)} nodes; at most {MOST_NODES} fit")
    for node in graph:
        if not np.isfinite(node.value) or not np.isfinite(node.grad):
            raise FormulaError(f"{node.text} has no finite value or slope at these inputs")
    return graph


class ChainStep(NamedTuple):
    """One step of the walk: which node is at work, what is known by then, and words for it.

    `values` and `grads` hold a number or None for every node.
    """

    node: int
    forward: bool
    values: tuple[float | None, ...]
    grads: tuple[float | None, ...]
    sentence: str
    formula: str
    numbers: str


def moments(graph: Tape) -> list[ChainStep]:
    """Return the walk: inputs, each operation forward, the seed, each operation backward."""
    inner = [i for i, node in enumerate(graph) if node.parents]
    values: list[float | None] = [None if node.parents else node.value for node in graph]
    grads: list[float | None] = [None] * len(graph)
    start = "The inputs are given."
    walk = [ChainStep(-1, True, tuple(values), tuple(grads), start, r"\text{given}", _given(graph))]
    for i in inner:
        values[i] = graph[i].value
        walk.append(ChainStep(i, True, tuple(values), tuple(grads), *_forward(graph, i)))
    grads[-1] = 1.0
    last = len(graph) - 1
    seed = ("The output changes with itself by 1.", r"\frac{\partial L}{\partial L} = 1", "1")
    walk.append(ChainStep(last, False, tuple(values), tuple(grads), *seed))
    for i in reversed(inner):
        before = list(grads)
        for parent, local in zip(graph[i].parents, graph[i].local, strict=True):
            grads[parent] = (grads[parent] or 0.0) + graph[i].grad * local
        walk.append(ChainStep(i, False, tuple(values), tuple(grads), *_backward(graph, i, before)))
    return walk


def _given(graph: Tape) -> str:
    told = [rf"{_name(n)} = {number(n.value)}" for n in graph if n.op == "input"]
    return r",\quad ".join(told)


def _name(node: Node) -> str:
    return re.sub(r"(?<=[A-Za-z])(\d+)$", r"_{\1}", node.name)


def _operation(graph: Tape, i: int, leaf: Any) -> str:
    node = graph[i]
    parts = [leaf(graph[p]) for p in node.parents]
    if node.op in ("+", "-"):
        return f" {node.op} ".join(parts)
    if node.op == "*":
        return r" \cdot ".join(parts)
    if node.op == "/":
        return rf"\frac{{{parts[0]}}}{{{parts[1]}}}"
    if node.op == "neg":
        return f"-{parts[0]}"
    if node.op.startswith("**"):
        power = node.op[2:] or parts[1]
        return f"{{{parts[0]}}}^{{{power}}}"
    return rf"\operatorname{{{node.op}}}\left({', '.join(parts)}\right)"


def _forward(graph: Tape, i: int) -> tuple[str, str, str]:
    node = graph[i]
    names = [graph[p].name for p in node.parents]
    sentence = f"Forward: {node.name} is made of {' and '.join(dict.fromkeys(names))}."
    numbers = _operation(graph, i, lambda n: number(n.value))
    return (
        sentence,
        f"{_name(node)} = {_operation(graph, i, _name)}",
        f"{numbers} = {number(node.value)}",
    )


def _backward(graph: Tape, i: int, before: Sequence[float | None]) -> tuple[str, str, str]:
    node, known = graph[i], list(before)
    formulas, numbers, shared = [], [], []
    for parent, local in zip(node.parents, node.local, strict=True):
        to = graph[parent]
        earlier = known[parent]
        sign = r"\mathrel{+}=" if earlier is not None else "="
        formulas.append(
            rf"\frac{{\partial L}}{{\partial {_name(to)}}} {sign} \frac{{\partial L}}{{\partial "
            rf"{_name(node)}}} \cdot \frac{{\partial {_name(node)}}}{{\partial {_name(to)}}}"
        )
        product = node.grad * local
        sum_of = f"{number(earlier)} + " if earlier is not None else ""
        total = (earlier or 0.0) + product
        numbers.append(rf"{sum_of}{number(node.grad)} \cdot {number(local)} = {number(total)}")
        if earlier is not None:
            shared.append(to.name)
        known[parent] = total
    sentence = f"Backward: {node.name} passes its gradient on, times its local slope."
    if shared:
        sentence += f" {shared[0]} is used more than once: what its children send is added."
    return sentence, r",\qquad ".join(formulas), r",\qquad ".join(numbers)


def differences(graph: Tape, h: float = 1e-5) -> list[float]:
    """Return ∂output/∂node of every node by moving it alone, by central differences."""
    found = []
    for i, node in enumerate(graph):
        step = h * max(1.0, abs(node.value))
        ends = [_replayed(graph, i, node.value + sign * step) for sign in (1, -1)]
        found.append((ends[0] - ends[1]) / (2 * step))
    return found


def _replayed(graph: Tape, place: int, value: float) -> float:
    """Return the output with one node set to a value, whatever its parents say."""
    values = []
    for i, node in enumerate(graph):
        if i == place:
            values.append(value)
        elif node.parents:
            values.append(float(evaluate(node.op, *(values[p] for p in node.parents))))
        else:
            values.append(node.value)
    return values[-1]


def as_python(spec: Chain) -> str:
    """Return a program on the public API that prints value and gradient of every node."""
    values = ", ".join(f"{name}={value!r}" for name, value in inputs_of(spec).items())
    return "\n".join(
        [
            "from gdviz.learn import tape",
            "",
            f"graph = tape({spec.expression!r}, {values})",
            "for node in graph:",
            "    print(node.name, node.text, node.value, node.grad)",
        ]
    )
