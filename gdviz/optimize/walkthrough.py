"""One update, slowly: the lines of the rule that ran, each with its sentence and its numbers.

Nothing is written down twice. The source of the rule is read, every assignment becomes LaTeX, and
is evaluated with the numbers of the step; so the explanation cannot drift from what is computed.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from gdviz.optimize.elementwise import (
    NO_CONDITIONS,
    GradientConditions,
    average,
    perturbed_gradient,
    total,
    with_schedule,
)
from gdviz.optimize.latex import number
from gdviz.optimize.methods import METHODS
from gdviz.optimize.walkthrough_searches import UpdateLine, search_lines, vector
from gdviz.optimize.walkthrough_words import SYMBOLS, sentence

AXES = ("x", "y")


def walkthrough(
    name: str,
    run: Any,
    k: int,
    hyper: Mapping[str, Any],
    axis: int = 0,
    conditions: GradientConditions = NO_CONDITIONS,
) -> list[UpdateLine]:
    """Return the moments of the step from k to k + 1 along one axis, `k < len(run.f) - 1`."""
    factory: Any = METHODS[name]
    if not hasattr(factory, "state"):
        return search_lines(name, run, k)
    t = k + 1
    slope = run.grad[k] if conditions.sam is None else run.problem.grad(run.ascent[k])
    seen = perturbed_gradient(conditions, slope, t)
    own = slice(None) if factory.couples else axis  # a coupled rule needs all coordinates
    slots = {field: getattr(run.trace, field)[k, own] for field in factory.state._fields[4:]}
    values = {"x": run.x[k, own], "g": seen[own], "t": t, **slots}
    values |= with_schedule(dict(hyper), conditions, t)
    values = {n: v if np.ndim(v) else np.float64(v) for n, v in values.items()}  # x/0 is inf
    moments = [_measured(run.grad[k, axis], slope[axis], seen[axis], axis)]
    names = {"np": np, "total": total, "average": average}
    for target, node in _lines(factory.__wrapped__):
        with np.errstate(all="ignore"):
            code = compile(ast.Expression(node), "<line>", "eval")
            result = eval(code, names, values)  # our own text
        symbol = AXES[axis] if target == "x" else SYMBOLS.get(target, _word(target))
        moments.append(
            UpdateLine(
                sentence(name, target, node),
                rf"{symbol} \leftarrow "
                + _latex(node, lambda n, whole=False: _symbol(n, axis, whole)),
                rf"{symbol} = {_latex(node, lambda n, whole=False: _shown(values[n], axis, whole))}"
                f" = {_shown(result, axis)}",
            )
        )
        if target != "x" or hasattr(factory, "rule_source"):  # ours return x: nothing reads it
            values[target] = result
    return [*moments, *_return(run, k, axis, conditions)]


def _measured(here: float, slope: float, seen: float, axis: int) -> UpdateLine:
    partial, words = rf"g = \partial f / \partial {AXES[axis]}", "Measure the slope along this axis"
    if slope != here:
        partial += r" \text{ at } \mathbf{x} + \rho\, \nabla f / |\nabla f|"
        words += ", at the point uphill"
    if seen != slope:
        words += ", as noise and clipping let it through"
    return UpdateLine(f"{words}.", partial, f"g = {number(seen)}")


def _return(run: Any, k: int, axis: int, conditions: GradientConditions) -> list[UpdateLine]:
    """Return what Lookahead does after the step from k to k + 1: in most steps nothing."""
    if conditions.lookahead is None or (k + 1) % conditions.lookahead[0]:
        return []
    slow, share, x = run.outer_slow[k, axis], conditions.lookahead[1], AXES[axis]
    fast = slow + (run.x[k + 1, axis] - slow) / share
    name = r"x_\mathrm{slow}"
    numbers = rf"{number(slow)} + {number(share)} \cdot ({number(fast)} - {number(slow)})"
    return [
        UpdateLine(
            "Return: the slow point follows a share of the way, and the point goes on from there.",
            rf"{name} \leftarrow {name} + \alpha ({x} - {name}), \quad {x} \leftarrow {name}",
            rf"{x} = {numbers} = {number(run.x[k + 1, axis])}",
        )
    ]


def _word(name: str) -> str:
    escaped = name.replace("_", r"\_")
    return name if len(name) == 1 else rf"\mathrm{{{escaped}}}"


def _symbol(name: str, axis: int, whole: bool = False) -> str:
    if name == "x":
        return r"\mathbf{x}" if whole else AXES[axis]
    return SYMBOLS.get(name, _word(name))


def _shown(value: Any, axis: int, whole: bool = False) -> str:
    """Return a number, or of several that of the axis; inside a sum the `whole` vector."""
    if np.ndim(value) == 0:
        return number(value)
    return vector(value) if whole else number(value[axis % len(value)])


@lru_cache(maxsize=64)
def _lines(rule: Callable[..., Any]) -> tuple[tuple[str, ast.expr], ...]:
    """Return the assignments of a rule in order, the new coordinate last: `(name, expression)`."""
    source = getattr(rule, "rule_source", None) or textwrap.dedent(inspect.getsource(rule))
    tree = ast.parse(source).body[0]
    assert isinstance(tree, ast.FunctionDef)
    found = []
    for line in tree.body:
        if isinstance(line, ast.Assign):
            assert isinstance(line.targets[0], ast.Name)
            found.append((line.targets[0].id, line.value))
        elif isinstance(line, ast.Return) and isinstance(line.value, ast.Tuple):
            found += _returned(line.value, tree)
    return tuple(found)


def _returned(value: ast.Tuple, tree: ast.FunctionDef) -> list[tuple[str, ast.expr]]:
    """Return what a rule computes in its return: slots written there, and the new coordinate."""
    slots = [argument.arg for argument in tree.args.args][3:]
    late = [
        (slot, node)
        for slot, node in zip(slots, value.elts[1:], strict=False)
        if not isinstance(node, ast.Name)
    ]
    first = value.elts[0]
    return [*([] if ast.unparse(first) == "x" else [("x", first)]), *late]


# --- from Python to LaTeX -------------------------------------------------------------------------

_WEAK, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4
_OVER = {"total": r"\textstyle\sum", "average": r"\operatorname{mean}"}
_SIGNS = {ast.Gt: ">", ast.Lt: "<", ast.Eq: "=", ast.GtE: r"\ge", ast.LtE: r"\le"}


def _latex(node: ast.expr, leaf: Callable[..., str]) -> str:
    return _render(node, leaf)[0]


def _render(node: ast.expr, leaf: Callable[..., str]) -> tuple[str, int]:
    """Return an expression as LaTeX and how tightly it binds."""
    if isinstance(node, ast.Name):
        return leaf(node.id), _ATOM
    if isinstance(node, ast.Constant):
        return number(node.value), _ATOM
    if isinstance(node, ast.BinOp):
        return _binary(node, leaf)
    if isinstance(node, ast.UnaryOp):
        return "-" + _wrapped(node.operand, leaf, _PRODUCT), _WEAK
    if isinstance(node, ast.Compare):
        sign = _SIGNS[type(node.ops[0])]
        return f"{_latex(node.left, leaf)} {sign} {_latex(node.comparators[0], leaf)}", _WEAK
    assert isinstance(node, ast.Call)
    if isinstance(node.func, ast.Name):
        sign = _OVER[node.func.id]
        return rf"{sign}\left({_latex(node.args[0], lambda n: leaf(n, whole=True))}\right)", _ATOM
    assert isinstance(node.func, ast.Attribute)
    return _called(node.func.attr, [_latex(argument, leaf) for argument in node.args])


def _binary(node: ast.BinOp, leaf: Callable[..., str]) -> tuple[str, int]:
    left, right = node.left, node.right
    if isinstance(node.op, ast.Div):
        return rf"\frac{{{_latex(left, leaf)}}}{{{_latex(right, leaf)}}}", _POWER
    if isinstance(node.op, ast.Pow):
        return f"{{{_wrapped(left, leaf, _ATOM)}}}^{{{_latex(right, leaf)}}}", _POWER
    if isinstance(node.op, ast.Mult):
        parts = _wrapped(left, leaf, _PRODUCT), _wrapped(right, leaf, _POWER)
        return r" \cdot ".join(parts), _PRODUCT
    if isinstance(node.op, ast.Mod):
        return rf"{_wrapped(left, leaf, _ATOM)} \bmod {_wrapped(right, leaf, _ATOM)}", _WEAK
    sign = "+" if isinstance(node.op, ast.Add) else "-"
    tight = _WEAK if sign == "+" else _PRODUCT
    return f"{_wrapped(left, leaf, _WEAK)} {sign} {_wrapped(right, leaf, tight)}", _WEAK


def _wrapped(node: ast.expr, leaf: Callable[..., str], least: int) -> str:
    text, strength = _render(node, leaf)
    return text if strength >= least else rf"\left({text}\right)"


def _called(name: str, arguments: list[str]) -> tuple[str, int]:
    joined = r",\, ".join(arguments)
    if name == "sqrt":
        return rf"\sqrt{{{joined}}}", _ATOM
    if name == "abs":
        return rf"\left|{joined}\right|", _ATOM
    if name == "where":
        test, then, otherwise = arguments
        cases = rf"{then} & {test} \\ {otherwise} & \text{{else}}"
        return rf"\begin{{cases}} {cases} \end{{cases}}", _ATOM
    if name == "square":
        return rf"\left({joined}\right)^{{2}}", _ATOM
    words = {"maximum": r"\max", "minimum": r"\min"}
    word = words.get(name, rf"\operatorname{{{name}}}")
    return rf"{word}\left({joined}\right)", _ATOM
