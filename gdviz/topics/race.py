"""The optimizer race: the knobs of the page, its presets, what it runs, and that as Python."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qs

import numpy as np

from gdviz.expressions import FormulaError
from gdviz.knobs import (
    Choice,
    Choices,
    KnobError,
    Range,
    Switch,
    Text,
    bind,
    check,
    from_query,
    knobs,
    parse,
    to_query,
)
from gdviz.optimize import LABELS, METHODS, SCHEDULES, SURFACES, Problem, Run, race, surface
from gdviz.optimize.methods import ONE_VARIABLE
from gdviz.optimize.outcomes import STOP_LABELS
from gdviz.optimize.schedules import SCHEDULE_LABELS
from gdviz.topics.preset import Preset

TYPED = "typed"
NO_STOP = "none"
RACERS = {name: label for name, label in LABELS.items() if name not in ONE_VARIABLE}
OVERLAYS = {
    "gradient": "gradient −∇f",
    "momentum": "momentum",
    "spread": "√v ellipse",
    "curvature": "Hessian's axes",
}
Hyper = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]

Where = Annotated[float, Range(-1e3, 1e3, "window")]


@dataclass(frozen=True)
class Race:
    """Everything that the page *race* can be asked; `hyper` holds the methods' own knobs."""

    surface: Annotated[
        str,
        Choice({n: p.name for n, p in SURFACES.items()} | {TYPED: "Type a formula …"}, "surface"),
    ] = "himmelblau"
    formula: Annotated[
        str, Text("f(x, y) =", "Numbers, x, y, + − * / ^, pi, e and functions such as sin, exp.")
    ] = "x**2/4 + y**2 + sin(3*x)*cos(2*y)"
    left: Annotated[float, Range(-1e3, 1e3, "x from")] = -3.0
    right: Annotated[float, Range(-1e3, 1e3, "x to")] = 3.0
    bottom: Annotated[float, Range(-1e3, 1e3, "y from")] = -3.0
    top: Annotated[float, Range(-1e3, 1e3, "y to")] = 3.0
    methods: Annotated[
        tuple[str, ...], Choices(RACERS, "methods", "Up to twelve, from the same start.", most=12)
    ] = ("gd", "heavy_ball", "adam", "newton")
    x0: Annotated[float, Range(-1e3, 1e3, "start x₀", "Drag the handle, or click the map.")] = -0.5
    y0: Annotated[float, Range(-1e3, 1e3, "start y₀", "Drag the handle, or click the map.")] = 4.5
    steps: Annotated[int, Range(1, 2000, "steps at most")] = 150
    stop: Annotated[
        str, Choice({**STOP_LABELS, NO_STOP: "never: take every step"}, "stopping rule")
    ] = "gradient"
    tol: Annotated[float, Range(1e-14, 1.0, "tolerance", log=True)] = 1e-6
    schedule: Annotated[str, Choice(SCHEDULE_LABELS, "schedule of η")] = "constant"
    noise: Annotated[float, Range(0.0, 100.0, "gradient noise σ", "Stochastic gradients.")] = 0.0
    seed: Annotated[int, Range(0, 9999, "seed of the noise")] = 0
    clip: Annotated[float, Range(0.0, 1e4, "clip |∇f| at", "0 does not clip.")] = 0.0
    overlays: Annotated[
        tuple[str, ...],
        Choices({**OVERLAYS, "none": "nothing"}, "shown at the head of the first", most=4),
    ] = ("gradient", "momentum")
    hidden: Annotated[bool, Switch("hide the paths", "Let the class guess first.")] = False
    hyper: Hyper = field(default=())


def problem_of(spec: Race) -> Problem:
    """Return the surface of the race; raise `FormulaError` if the typed one says none."""
    if spec.surface != TYPED:
        return SURFACES[spec.surface]
    x, y = sorted((spec.left, spec.right)), sorted((spec.bottom, spec.top))
    if min(x[1] - x[0], y[1] - y[0]) < 1e-6:
        raise FormulaError("The window is empty: give it two different ends each way.")
    return surface(spec.formula, name="typed", box=((x[0], x[1]), (y[0], y[1])))


def hyper_of(spec: Race, method: str) -> dict[str, float]:
    """Return all knobs of a method on the page, those it was given and its defaults."""
    return bind(METHODS[method], dict(dict(spec.hyper).get(method, ())))


def entrants(spec: Race) -> list[str]:
    """Return the methods that can race here: Gauss-Newton needs a sum of squares."""
    sum_of_squares = bool(problem_of(spec).residuals)
    return [m for m in spec.methods if m != "gauss_newton" or sum_of_squares] or ["gd"]


def run(spec: Race) -> dict[str, Run]:
    """Return the run of each method of the spec, in order."""
    return race(problem_of(spec), [spec.x0, spec.y0], entries(spec), **around(spec))


def entries(spec: Race) -> dict[str, dict[str, float]]:
    """Return the methods with their knobs."""
    return {name: hyper_of(spec, name) for name in entrants(spec)}


def around(spec: Race) -> dict[str, Any]:
    """Return the rules of the race, the same for all."""
    return {
        "steps": spec.steps,
        "stop": None if spec.stop == NO_STOP else spec.stop,
        "tol": spec.tol,
        "schedule": spec.schedule,
        "noise": spec.noise,
        "seed": spec.seed,
        "clip": spec.clip or None,
    }


# --- rates that suit a surface --------------------------------------------------------------------

_BY_CURVATURE = {"gd": 1.0, "heavy_ball": 0.2, "nesterov": 0.2, "qhm": 1.0}
_BY_WIDTH = {"adagrad": 0.05, "rprop": 0.005, "lion": 0.003, "signsgd": 0.003, "rmsprop": 0.004}
_ALONE = {"newton", "newton_plain", "gauss_newton", "backtracking", "adadelta"}


def good_rate(problem: Problem, method: str) -> float | None:
    """Return a rate that suits a surface, one digit: a start for the eye, not a tuned one.

    Methods that feel the size of the gradient get a share of 1/λmax at the start and the minima;
    those that do not get a share of the window's width. None where the default is natural.
    """
    if method in _ALONE or "lr" not in bind(METHODS[method], {}):
        return None
    if method in _BY_CURVATURE:
        points = np.array([problem.start, *problem.minima])
        steepest = np.abs(np.linalg.eigvalsh(np.nan_to_num(problem.hess(points)))).max()
        rate = _BY_CURVATURE[method] / max(float(steepest), 1e-3)
    else:
        rate = _BY_WIDTH.get(method, 0.015) * float(np.ptp(problem.box[0]))
    return float(np.clip(float(f"{rate:.0e}"), 1e-5, 10.0))


def with_good_rates(spec: Race) -> Race:
    """Return the spec with a good rate for every racer, whatever it had."""
    from dataclasses import replace

    problem = problem_of(spec)
    rates = {name: good_rate(problem, name) for name in RACERS}
    hyper = tuple((name, (("lr", rate),)) for name, rate in rates.items() if rate is not None)
    return replace(spec, hyper=hyper)


# --- links ----------------------------------------------------------------------------------------


def hyper_pairs(spec: Race) -> Iterator[tuple[str, str, float]]:
    """Yield `(method, knob, value)` of every knob that a racer has other than its default."""
    for name in spec.methods:
        declared = knobs(METHODS[name])
        for key, value in hyper_of(spec, name).items():
            if value != declared[key].default:
                yield name, key, value


def as_query(spec: Race, prefix: str = "") -> str:
    """Return the spec as a query string, the methods' own knobs as `method_knob`."""
    own = {f"{prefix}{name}_{key}": f"{value!r}" for name, key, value in hyper_pairs(spec)}
    return to_query(spec, prefix, own)


def of_query(query: str) -> Race:
    """Return the spec that a query string says; what is not valid becomes the default."""
    from dataclasses import replace

    spec = from_query(Race, query)
    try:
        found = parse_qs(query, max_num_fields=400)
    except ValueError:
        return spec
    return replace(spec, hyper=tuple(_own(spec.methods, found)))


def _own(
    methods: Sequence[str], found: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, tuple[tuple[str, float], ...]]]:
    for name in methods:
        values = []
        for key, knob in knobs(METHODS[name]).items():
            try:
                values.append((key, check(knob, parse(knob, found[f"{name}_{key}"]))))
            except (KeyError, KnobError):
                continue
        if values:
            yield name, tuple(values)


def as_python(spec: Race) -> str:
    """Return a short program on the public API that prints the numbers of the page."""
    typed = spec.surface == TYPED
    source = f"surface({spec.formula!r})" if typed else f"SURFACES[{spec.surface!r}]"
    given = {name: {k: v for n, k, v in hyper_pairs(spec) if n == name} for name in entrants(spec)}
    rows = [f"    {name!r}: {values!r}," for name, values in given.items()]
    rules = ", ".join(f"{k}={v!r}" for k, v in around(spec).items())
    return "\n".join(
        [
            f"from gdviz.optimize import {'surface' if typed else 'SURFACES'}, race",
            "",
            "entries = {",
            *rows,
            "}",
            f"runs = race({source}, [{spec.x0!r}, {spec.y0!r}], entries,",
            f"            {rules})",
            "for name, run in runs.items():",
            '    print(f"{name}: {run.x[-1, 0]:.10g} {run.x[-1, 1]:.10g}", run.verdict)',
        ]
    )
