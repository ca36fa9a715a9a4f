"""Kernels of rules that couple their coordinates: a pass over these for each sum, then the rule."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

OVER_COORDINATES = ("total", "average")  # what a rule may call with all coordinates of a point


def couples(rule: Callable[..., Any]) -> bool:
    """Tell whether a rule calls a sum or mean over the coordinates."""
    return not set(OVER_COORDINATES).isdisjoint(rule.__code__.co_names)


class _Places(ast.NodeTransformer):
    """Put the places of numbers for the names of an expression, and take its sums out of it."""

    def __init__(self, places: dict[str, str], taken: int) -> None:
        self.places, self.taken, self.sums = places, taken, list[str]()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(self.places.get(node.id, node.id), mode="eval").body

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if not isinstance(node.func, ast.Name):
            return ast.Call(node.func, [self.visit(part) for part in node.args], [])
        inner = ast.unparse(self.visit(node.args[0]))
        name = f"sum{self.taken + len(self.sums)}"
        share = "" if node.func.id == "total" else " / d"
        self.sums.append(f"{name} = 0.0\nfor i in range(d):\n    {name} += {inner}{share}")
        return ast.Name(name)


def coupled_kernel_text(rule: Callable[..., Any], slots: int) -> str:
    """Return the text of the block kernel of a rule, as `block_kernels.rule_kernel` describes it.

    Each name of the rule has a place for every coordinate of the lane; a comparison is kept as 1 or
    0. Before the loop of a line runs, so does one for each of its sums.
    """
    body = ast.parse(textwrap.dedent(inspect.getsource(rule))).body[0]
    assert isinstance(body, ast.FunctionDef)
    names = list(inspect.signature(rule).parameters)
    memory, knobs = names[3 : 3 + slots], names[3 + slots :]
    others = [name for name in knobs if name != "lr"]
    lines = [line for line in body.body if isinstance(line, ast.Assign)]
    written = [line.targets[0].id for line in lines if isinstance(line.targets[0], ast.Name)]
    rows = {name: k for k, name in enumerate(dict.fromkeys([*memory, *written]))}
    places = {"x": "X[i, j]", "g": "G[i, j]", "lr": "lr[j]"}
    places |= {name: f"h_{name}" for name in others}
    places |= {name: f"own[{rows[name]}, i]" for name in memory}
    parts, taken = [f"own[{k}, i] = S[{k}, i, j]" for k in range(slots)], 0
    text = [_loop(parts)] if parts else []
    for name, line in zip(written, lines, strict=True):
        found = _Places(places, taken)
        value = ast.unparse(found.visit(copy.deepcopy(line.value)))
        taken += len(found.sums)
        text += [*found.sums, _loop([f"own[{rows[name]}, i] = {value}"])]
        kept = f"own[{rows[name]}, i]"
        places[name] = f"({kept} != 0.0)" if isinstance(line.value, ast.Compare) else kept
    last = body.body[-1]
    assert isinstance(last, ast.Return) and isinstance(last.value, ast.Tuple)
    ends = [ast.unparse(_Places(places, 0).visit(copy.deepcopy(e))) for e in last.value.elts]
    goals = ["Y[i, j]", *(f"S[{k}, i, j]" for k in range(slots))]
    text.append(_loop([f"{', '.join(goals)}, = {', '.join(ends)},"]))
    lane = textwrap.indent("\n".join(text), 8 * " ")
    read = "; ".join(f"h_{name} = h[{k}]" for k, name in enumerate(others)) or "pass"
    return (
        f"def coupled_kernel(X, G, lr, t, S, h, Y):\n    {read}\n"
        f"    d, own = X.shape[0], np.empty(({len(rows)}, X.shape[0]))\n"
        f"    for j in range(X.shape[1]):\n{lane}\n"
    )


def _loop(parts: list[str]) -> str:
    return "for i in range(d):\n" + textwrap.indent("\n".join(parts), "    ")
