"""One update, slowly: the lines of the rule that ran, each with its sentence and its numbers.

Nothing is written down twice. The source of the rule is read, every assignment becomes LaTeX, and
is evaluated with the numbers of the step; so the explanation cannot drift from what is computed.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from gdviz.optimize.elementwise import (
    NO_CONDITIONS,
    GradientConditions,
    perturbed_gradient,
    with_schedule,
)
from gdviz.optimize.latex import number
from gdviz.optimize.methods import METHODS
from gdviz.optimize.walkthrough_words import SYMBOLS, sentence

AXES = ("x", "y")


class UpdateLine(NamedTuple):
    """One inner state of an update: a sentence, the formula, the formula with its numbers."""

    sentence: str
    formula: str
    numbers: str


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
        return _searched(name, run, k)
    t = k + 1
    seen = perturbed_gradient(conditions, run.grad[k], t)[axis]
    slots = {field: getattr(run, field)[k, axis] for field in factory.state._fields[4:]}
    values = {"x": run.x[k, axis], "g": seen, "t": t, **slots}
    values |= with_schedule(dict(hyper), conditions, t)
    moments = [_measured(run, k, axis, seen)]
    for target, node in _lines(factory.__wrapped__):
        result = eval(
            compile(ast.Expression(node), name, "eval"), {"np": np}, values
        )  # our own text
        symbol = AXES[axis] if target == "x" else SYMBOLS.get(target, _word(target))
        moments.append(
            UpdateLine(
                sentence(name, target),
                rf"{symbol} \leftarrow {_latex(node, lambda n: _symbol(n, axis))}",
                rf"{symbol} = {_latex(node, lambda n: number(values[n]))} = {number(result)}",
            )
        )
        if target != "x":
            values[target] = result
    return moments


def _measured(run: Any, k: int, axis: int, seen: float) -> UpdateLine:
    partial = rf"g = \partial f / \partial {AXES[axis]}"
    words = "Measure the slope along this axis."
    if seen != run.grad[k, axis]:
        words = "Measure the slope along this axis, as noise and clipping let it through."
    return UpdateLine(words, partial, f"g = {number(seen)}")


def _word(name: str) -> str:
    return name if len(name) == 1 else rf"\mathrm{{{name}}}"


def _symbol(name: str, axis: int) -> str:
    return AXES[axis] if name == "x" else SYMBOLS.get(name, _word(name))


@lru_cache(maxsize=64)
def _lines(rule: Callable[..., Any]) -> tuple[tuple[str, ast.expr], ...]:
    """Return the assignments of a rule in order, the new coordinate last: `(name, expression)`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(rule))).body[0]
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
    return [("x", value.elts[0]), *late]


# --- from Python to LaTeX -------------------------------------------------------------------------

_WEAK, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4
_SIGNS = {ast.Gt: ">", ast.Lt: "<", ast.Eq: "=", ast.GtE: r"\ge", ast.LtE: r"\le"}


def _latex(node: ast.expr, leaf: Callable[[str], str]) -> str:
    return _render(node, leaf)[0]


def _render(node: ast.expr, leaf: Callable[[str], str]) -> tuple[str, int]:
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
    assert isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return _called(node.func.attr, [_latex(argument, leaf) for argument in node.args])


def _binary(node: ast.BinOp, leaf: Callable[[str], str]) -> tuple[str, int]:
    left, right = node.left, node.right
    if isinstance(node.op, ast.Div):
        return rf"\frac{{{_latex(left, leaf)}}}{{{_latex(right, leaf)}}}", _POWER
    if isinstance(node.op, ast.Pow):
        return f"{{{_wrapped(left, leaf, _ATOM)}}}^{{{_latex(right, leaf)}}}", _POWER
    if isinstance(node.op, ast.Mult):
        parts = _wrapped(left, leaf, _PRODUCT), _wrapped(right, leaf, _POWER)
        return r" \cdot ".join(parts), _PRODUCT
    sign = "+" if isinstance(node.op, ast.Add) else "-"
    tight = _WEAK if sign == "+" else _PRODUCT
    return f"{_wrapped(left, leaf, _WEAK)} {sign} {_wrapped(right, leaf, tight)}", _WEAK


def _wrapped(node: ast.expr, leaf: Callable[[str], str], least: int) -> str:
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
    words = {"maximum": r"\max", "minimum": r"\min", "sign": r"\operatorname{sign}"}
    return rf"{words[name]}\left({joined}\right)", _ATOM


# --- methods that ask the problem for more than one gradient --------------------------------------


def _searched(name: str, run: Any, k: int) -> list[UpdateLine]:
    """Return the moments of a method with a direction of its own: gradient, direction, search."""
    move = run.x[k + 1] - run.x[k]
    moments = [
        UpdateLine("Measure the gradient.", r"g = \nabla f(x_k)", f"g = {_vector(run.grad[k])}"),
        *_DIRECTIONS.get(name, lambda r, i: [])(run, k),
    ]
    if "tried" in run.trace._fields and name != "nelder_mead":
        tried = int(run.tried[k + 1])
        words = "The first trial already pays." if tried == 1 else f"{tried} trials, in turn."
        fall = f"f: {number(run.f[k])} \\to {number(run.f[k + 1])}"
        moments.append(UpdateLine(words, r"x_k + \alpha p", fall))
    step = f"{_vector(run.x[k])} + {_vector(move)} = {_vector(run.x[k + 1])}"
    return [*moments, UpdateLine("Take the step.", r"x_{k+1} = x_k + \alpha p", step)]


def _vector(values: Any) -> str:
    return r"\left(" + r",\, ".join(number(v).strip("()") for v in values) + r"\right)"


def _matrix(values: Any) -> str:
    rows = r" \\ ".join(" & ".join(number(v).strip("()") for v in line) for line in values)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def _hessian(run: Any, k: int) -> list[UpdateLine]:
    H = run.problem.hess(run.x[k])
    values = np.linalg.eigvalsh(H)
    flip = (
        " A negative one is turned positive, so that the step descends." if values.min() < 0 else ""
    )
    return [
        UpdateLine("Measure the curvature.", r"H = \nabla^2 f(x_k)", f"H = {_matrix(H)}"),
        UpdateLine(
            f"Its eigenvalues say how steep each way bends.{flip}",
            r"\lambda(H)",
            rf"\lambda = {_vector(values)}",
        ),
    ]


def _learnt(run: Any, k: int) -> list[UpdateLine]:
    return [
        UpdateLine(
            "The inverse curvature as learnt from the moves so far turns the gradient.",
            r"p = -H g",
            rf"H = {_matrix(run.H[k])}",
        )
    ]


def _conjugate(run: Any, k: int) -> list[UpdateLine]:
    words = "Mix the downhill direction with the last one, so that they do not undo each other."
    return [UpdateLine(words, r"p = -g + \beta^+ p_{k-1}", f"p = {_vector(run.direction[k])}")]


def _simplex(run: Any, k: int) -> list[UpdateLine]:
    best, worst = run.f_simplex[k, 0], run.f_simplex[k, -1]
    return [
        UpdateLine(
            "The corners in order: the worst one is to be replaced.",
            r"f_{\text{best}},\, f_{\text{worst}}",
            f"{number(best)},\\, {number(worst)}",
        )
    ]


_DIRECTIONS: dict[str, Callable[[Any, int], list[UpdateLine]]] = {
    "newton": _hessian,
    "newton_plain": _hessian,
    "bfgs": _learnt,
    "conjugate_gradient": _conjugate,
    "nelder_mead": _simplex,
}
