"""One-dimensional descent: the knobs of the page, its presets, what it runs, and that as Python."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from gdviz.expressions import FormulaError
from gdviz.knob_texts import as_arguments
from gdviz.knobs import Choice, Choices, Range, Text, knobs, needs
from gdviz.optimize import (
    FUNCTIONS,
    LABELS,
    METHODS,
    Problem,
    Run,
    descend,
    function,
    latex,
    local_minima,
)
from gdviz.optimize.outcomes import STOP_LABELS
from gdviz.optimize.rules import Beta1, Beta2, Momentum, Rate
from gdviz.optimize.stability import stability_edge
from gdviz.optimize.typed_rules import (
    RULE,
    RULE_LABEL,
    RULE_TEXT,
    RuleText,
    is_rule,
    rule_name,
    undeclared_knobs,
)

TYPED = "typed"
NO_STOP = "none"
OWN_RATE = {"newton", "newton_plain", "backtracking"}  # their natural first step is 1, not η

ON_A_LINE = {name: LABELS[name] for name in latex.RULES} | {RULE: f"{RULE_LABEL} …"}


def _having(knob: str) -> list[str]:
    """Return the methods that take a knob of the page."""
    taking = [name for name in ON_A_LINE if name == RULE or knob in knobs(METHODS[name])]
    return [name for name in taking if knob != "lr" or name not in OWN_RATE]


@dataclass(frozen=True)
class Descent:
    """Everything that the page *descent* can be asked."""

    function: Annotated[
        str,
        Choice(
            {name: p.name for name, p in FUNCTIONS.items()} | {TYPED: "Type a formula …"},
            "function",
        ),
    ] = "double_well"
    formula: Annotated[
        str,
        Text("f(x) =", "Numbers, x, + − * / ^, pi, e and functions such as sin, exp, abs."),
        needs("function", TYPED),
    ] = "x**2/4 + sin(3*x)"
    left: Annotated[float, Range(-1e3, 1e3, "window from"), needs("function", TYPED)] = -5.0
    right: Annotated[float, Range(-1e3, 1e3, "window to"), needs("function", TYPED)] = 5.0
    methods: Annotated[
        tuple[str, ...], Choices(ON_A_LINE, "methods", "Up to four, from the same start.")
    ] = ("gd",)
    rule: Annotated[RuleText, needs("methods", RULE)] = RULE_TEXT
    x0: Annotated[
        float, Range(-1e3, 1e3, "start x₀", "Drag the handle, or click on the curve.")
    ] = 2.0
    lr: Annotated[Rate, needs("methods", *_having("lr"))] = 0.05
    momentum: Annotated[Momentum, needs("methods", *_having("momentum"))] = 0.9
    beta1: Annotated[Beta1, needs("methods", *_having("beta1"))] = 0.9
    beta2: Annotated[Beta2, needs("methods", *_having("beta2"))] = 0.999
    steps: Annotated[int, Range(1, 1000, "steps at most")] = 60
    stop: Annotated[
        str, Choice({**STOP_LABELS, NO_STOP: "never: take every step"}, "stopping rule")
    ] = "gradient"
    tol: Annotated[float, Range(1e-14, 1.0, "tolerance", log=True), needs("stop")] = 1e-6


def problem_of(spec: Descent) -> Problem:
    """Return the function that is descended; raise `FormulaError` if the typed one says none."""
    if spec.function != TYPED:
        return FUNCTIONS[spec.function]
    lo, hi = sorted((spec.left, spec.right))
    if hi - lo < 1e-6:
        raise FormulaError("The window is empty: give it two different ends.")
    return function(spec.formula, name="typed", box=((lo, hi),))


def alike(a: Descent, b: Descent) -> bool:
    """Tell whether two specs descend the same function: a formula counts where it is typed."""
    return a.function == b.function and (a.function != TYPED or a.formula == b.formula)


def names_of(spec: Descent) -> list[str]:
    """Return the methods as the library names them: a typed rule has its text as its name."""
    return [rule_name(spec.rule) if name == RULE else name for name in spec.methods]


def hyper(spec: Descent, method: str) -> dict[str, Any]:
    """Return the knobs that the page hands to a method; a rule that sets one itself keeps it."""
    if is_rule(method):
        return {k: getattr(spec, k) for k in undeclared_knobs(method) if hasattr(spec, k)}
    own = {"lr"} if method in OWN_RATE else set()
    names = set(knobs(METHODS[method])) - own
    return {name: getattr(spec, name) for name in names if hasattr(spec, name)}


def run(spec: Descent) -> dict[str, Run]:
    """Return the run of each method of the spec, in order."""
    return {
        name: descend(problem_of(spec), [spec.x0], name, **ends_of(spec), **hyper(spec, name))
        for name in names_of(spec)
    }


def ends_of(spec: Descent) -> dict[str, Any]:
    """Return what ends a run of the page, the same for all."""
    stop = None if spec.stop == NO_STOP else spec.stop
    return {"steps": spec.steps, "stop": stop, "tol": spec.tol}


def best_value(problem: Problem) -> float | None:
    """Return the lowest f of the local minima in the window, f*, or None where there is none."""
    minima = local_minima(problem, *problem.box[0])
    return float(problem.f(minima[:, None]).min()) if len(minima) else None


def parabola_rate(spec: Descent) -> float | None:
    """Return |1 − ηf″|, the factor of the error a step, if gd runs first and f″ is constant."""
    if spec.methods[0] != "gd":
        return None
    problem = problem_of(spec)
    second = problem.hess(np.linspace(*problem.box[0], 7)[:, None])[:, 0, 0]
    if not np.all(second == second[0]) or second[0] == 0:
        return None
    return float(abs(1 - spec.lr * second[0]))


def steepest_curvature(problem: Problem) -> float | None:
    """Return the largest f″ at a local minimum in the window, None where there is none."""
    minima = local_minima(problem, *problem.box[0])
    second = problem.hess(minima[:, None])[:, 0, 0] if len(minima) else np.zeros(0)
    return float(second.max()) if np.any(second > 0) else None


def share_finite(problem: Problem) -> float:
    """Return the share of the window on which f is finite, 0 to 1."""
    f = problem.f(np.linspace(*problem.box[0], 1001)[:, None])
    return float(np.mean(np.isfinite(f)))


def rate_marks(spec: Descent) -> list[tuple[float, str]]:
    """Return what theory says of η at the minimum nearest to the start: the best and the limit.

    For f″ there: 1/f″ is Newton's step, and each method is stable up to its own edge over f″.
    """
    minima = local_minima(problem_of(spec), *problem_of(spec).box[0])
    if not len(minima):
        return []
    nearest = minima[np.argmin(np.abs(minima - spec.x0))]
    curvature = float(problem_of(spec).hess([nearest])[0, 0])
    if not curvature > 0:
        return []
    edges = [stability_edge(name, hyper(spec, name)) for name in names_of(spec)]
    marks = [(1.0, "1/f″")] if "gd" in spec.methods else []
    marks += [(edge.value, edge.over("f″")) for edge in edges if edge]
    return [(factor / curvature, label) for factor, label in marks]


def as_python(spec: Descent) -> str:
    """Return a short program on the public API that prints the numbers of the page."""
    typed = spec.function == TYPED
    problem = f"function({spec.formula!r})" if typed else f"FUNCTIONS[{spec.function!r}]"
    ends = ", ".join(f"{name}={value!r}" for name, value in ends_of(spec).items())
    lines = [
        f"from gdviz.optimize import {'function' if typed else 'FUNCTIONS'}, descend",
        "",
        f"problem = {problem}",
        f"common = dict({ends})",
    ]
    for name in names_of(spec):
        knobs_given = as_arguments(METHODS[name], hyper(spec, name))
        call = ", ".join(filter(None, [f"[{spec.x0!r}]", repr(name), knobs_given]))
        lines += [
            f"run = descend(problem, {call}, **common)",
            f'print({f"{name}:"!r}, f"{{run.x[-1, 0]:.10g}} {{run.f[-1]:.10g}}", run.verdict)',
        ]
    return "\n".join(lines)
