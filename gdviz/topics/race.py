"""The optimizer race: the knobs of the page, its presets, what it runs, and that as Python."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Any

import numpy as np

from gdviz.expressions import FormulaError
from gdviz.knobs import (
    Choice,
    Choices,
    Knob,
    KnobError,
    Range,
    Switch,
    Text,
    bind,
    knobs,
    parse,
)
from gdviz.optimize import LABELS, METHODS, SURFACES, Problem, Run, race, surface
from gdviz.optimize.methods import ONE_VARIABLE, can_run
from gdviz.optimize.outcomes import STOP_LABELS
from gdviz.optimize.problems import Box
from gdviz.optimize.schedules import SCHEDULE_LABELS
from gdviz.optimize.surfaces import stationary_points
from gdviz.topics.preset import Preset, every_knob

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


@dataclass(frozen=True)
class Race:
    """Everything that the page *race* can be asked; `hyper` holds the methods' own knobs."""

    surface: Annotated[
        str,
        Choice({n: p.name for n, p in SURFACES.items()} | {TYPED: "Type a formula …"}, "surface"),
    ] = "three_hump_camel"
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
    x0: Annotated[float, Range(-1e3, 1e3, "start x₀", "Drag the handle, or click the map.")] = -1.9
    y0: Annotated[float, Range(-1e3, 1e3, "start y₀", "Drag the handle, or click the map.")] = -0.4
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

    def more_query(self) -> dict[str, float]:
        """Return the methods' own knobs as `method_knob`."""
        return {f"{name}_{key}": value for name, pairs in self.hyper for key, value in pairs}

    def with_query(self, found: Mapping[str, Sequence[str]]) -> "Race":
        """Return this spec with the methods' own knobs that a query names."""
        return replace(self, hyper=own_knobs(self.methods, found))


def problem_of(spec: Race) -> Problem:
    """Return the surface of the race; raise `FormulaError` if the typed one says none."""
    if spec.surface != TYPED:
        return SURFACES[spec.surface]
    x, y = sorted((spec.left, spec.right)), sorted((spec.bottom, spec.top))
    if min(x[1] - x[0], y[1] - y[0]) < 1e-6:
        raise FormulaError("The window is empty: give it two different ends each way.")
    return surface(spec.formula, name="typed", box=((x[0], x[1]), (y[0], y[1])))


def same_surface(a: Race, b: Race) -> bool:
    """Tell whether two specs race on the same surface; a formula counts only where it is typed."""
    return a.surface == b.surface and (a.surface != TYPED or a.formula == b.formula)


def hyper_of(spec: Race, method: str) -> dict[str, float]:
    """Return all knobs of a method on the page, those it was given and its defaults."""
    return bind(METHODS[method], dict(dict(spec.hyper).get(method, ())))


def entrants(spec: Race) -> list[str]:
    """Return the methods that can race here, gradient descent if none can."""
    return [name for name in spec.methods if can_run(name, problem_of(spec))] or ["gd"]


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
_BY_BOTH = {"radam"}  # its first steps are plain momentum
_ALONE = {"newton", "newton_plain", "gauss_newton", "backtracking", "adadelta"}


def good_rate(problem: Problem, method: str) -> float | None:
    """Return a rate that suits a surface, one digit: a start for the eye, not a tuned one.

    Methods that feel the size of the gradient get a share of 1/λmax at the start and the minima;
    those that do not get a share of the window's width. None where the default is natural.
    """
    if method in _ALONE or "lr" not in bind(METHODS[method], {}):
        return None
    rate = _BY_WIDTH.get(method, 0.015) * float(np.ptp(problem.box[0]))
    if method in _BY_CURVATURE or method in _BY_BOTH:
        points = np.array([problem.start, *problem.minima])
        steepest = np.abs(np.linalg.eigvalsh(np.nan_to_num(problem.hess(points)))).max()
        safe = _BY_CURVATURE.get(method, 1.0) / max(float(steepest), 1e-3)
        rate = min(rate, safe) if method in _BY_BOTH else safe
    return float(np.clip(float(f"{rate:.0e}"), 1e-5, 10.0))


@lru_cache(maxsize=64)
def landmarks(problem: Problem) -> tuple[tuple[tuple[float, float], str], ...]:
    """Return the minima and saddles in the window, each with its kind."""
    found = stationary_points(problem)
    return tuple(((float(point[0]), float(point[1])), kind) for point, kind in found)


def minima_of(problem: Problem) -> list[tuple[float, float]]:
    """Return the minima: those that a surface declares, or those found in a typed one."""
    declared = [(float(x), float(y)) for x, y in problem.minima]
    return declared or [point for point, kind in landmarks(problem) if kind == "minimum"]


def zoomed(box: Box, centre: tuple[float, float], zoom: int) -> Box:
    """Return the box itself, or one `zoom` times smaller around a centre."""
    if zoom == 1:
        return box
    half = [(hi - lo) / (2 * zoom) for lo, hi in box]
    return tuple((c - h, c + h) for c, h in zip(centre, half, strict=True))


def rate_marks(spec: Race, method: str) -> list[tuple[float, str]]:
    """Return 1/λ and 2/λ for the largest curvature at the minimum nearest to the start."""
    problem = problem_of(spec)
    if method not in _BY_CURVATURE or not problem.minima:
        return []
    start = np.array([spec.x0, spec.y0])
    nearest = min(problem.minima, key=lambda m: float(np.hypot(*(np.array(m) - start))))
    steepest = float(np.linalg.eigvalsh(problem.hess(nearest)).max())
    return [(1 / steepest, "1/λ"), (2 / steepest, "2/λ")] if steepest > 0 else []


# --- links and code -------------------------------------------------------------------------------


def own_knobs(methods: Sequence[str], found: Mapping[str, Sequence[str]]) -> Hyper:
    """Return the methods' own knobs that a query names as `method_knob`, the sound ones."""
    hyper = []
    for name in methods:
        values = []
        for key, knob in knobs(METHODS[name]).items():
            with suppress(KeyError, KnobError):
                values.append((key, parse(knob, found[f"{name}_{key}"])))
        hyper.append((name, tuple(values)))
    return told(methods, hyper)


def told(methods: Sequence[str], hyper: Iterable[tuple[str, Any]]) -> Hyper:
    """Return the knobs of the racing methods that differ from their defaults, in one order."""
    given = {name: dict(pairs) for name, pairs in hyper}
    found = []
    for name in methods:
        declared = knobs(METHODS[name])
        values = given.get(name, {})
        changed = tuple(
            (k, values[k]) for k in declared if k in values and values[k] != declared[k].default
        )
        if changed:
            found.append((name, changed))
    return tuple(found)


def more_knobs() -> dict[str, Knob]:
    """Return the methods' own knobs: `adam_lr` of one method, `lr` of each that has it."""
    own = {(name, key): k for name in RACERS for key, k in knobs(METHODS[name]).items()}
    shared = {key: knob for (_, key), knob in own.items()}
    return shared | {f"{name}_{key}": knob for (name, key), knob in own.items()}


def with_more(spec: Race, values: Mapping[str, Any]) -> Race:
    """Return the spec with some of `more_knobs` set; that of one method counts before the shared.

    >>> with_more(Race(methods=("gd", "adam")), {"lr": 0.01, "adam_lr": 0.2}).hyper
    (('gd', (('lr', 0.01),)), ('adam', (('lr', 0.2),)))
    """
    own = {}
    for name in spec.methods:
        given = dict(dict(spec.hyper).get(name, ()))
        for key in knobs(METHODS[name]):
            given[key] = values.get(f"{name}_{key}", values.get(key, given.get(key)))
        own[name] = tuple((key, v) for key, v in given.items() if v is not None)
    return replace(spec, hyper=told(spec.methods, own.items()))


def as_python(spec: Race) -> str:
    """Return a short program on the public API that prints the numbers of the page."""
    typed = spec.surface == TYPED
    source = f"surface({spec.formula!r})" if typed else f"SURFACES[{spec.surface!r}]"
    own = dict(spec.hyper)
    rows = [f"    {name!r}: {dict(own.get(name, ()))!r}," for name in entrants(spec)]
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


# --- presets --------------------------------------------------------------------------------------


def _preset(label: str, good: bool, reason: str, hyper: Mapping[str, Any], **values: Any) -> Preset:
    """A preset sets every knob, those it does not name to their defaults."""
    every = every_knob(Race, values)
    own = told(every["methods"], [(name, tuple(pairs.items())) for name, pairs in hyper.items()])
    return Preset(label, good, reason, every | {"hyper": own})


PRESETS = (
    _preset(
        "The banana",
        True,
        "Rosenbrock's valley: finding it is easy, following it is not. Newton bends with it.",
        {"gd": {"lr": 0.001}, "heavy_ball": {"lr": 0.0005}, "adam": {"lr": 0.1}},
        surface="rosenbrock",
        x0=-1.5,
        y0=2.0,
        methods=("gd", "heavy_ball", "adam", "bfgs", "newton"),
        steps=300,
    ),
    _preset(
        "Four valleys",
        True,
        "One start, one surface, and not all methods end in the same minimum.",
        {
            "gd": {"lr": 0.01},
            "heavy_ball": {"lr": 0.005},
            "adam": {"lr": 0.4},
            "rprop": {"lr": 0.1},
        },
        surface="himmelblau",
        x0=-0.3,
        y0=0.6,
        methods=("gd", "heavy_ball", "adam", "rprop", "newton"),
        steps=150,
    ),
    _preset(
        "Ill-conditioned",
        True,
        "A narrow, tilted bowl: gradient descent zigzags, momentum averages it out, "
        "Adam's axes do not fit the tilt.",
        {"gd": {"lr": 0.018}, "heavy_ball": {"lr": 0.03, "momentum": 0.7}, "adam": {"lr": 0.2}},
        surface="rotated_bowl",
        x0=-3.0,
        y0=1.5,
        methods=("gd", "heavy_ball", "adam", "conjugate_gradient"),
        steps=200,
    ),
    _preset(
        "Saddle",
        False,
        "Started on the ridge, gradient descent runs into the saddle; it leaves only by rounding.",
        {"gd": {"lr": 0.1}, "newton_plain": {}},
        surface="saddle",
        x0=1.5,
        y0=0.0,
        methods=("gd", "newton_plain"),
        steps=100,
    ),
    _preset(
        "Too fast",
        False,
        "The same η for all, beyond 2/λmax of the wall: those that feel the slope are lost.",
        {"gd": {"lr": 0.003}, "heavy_ball": {"lr": 0.003}, "adam": {"lr": 0.003}},
        surface="rosenbrock",
        x0=-1.5,
        y0=2.0,
        methods=("gd", "heavy_ball", "adam"),
        steps=100,
    ),
    _preset(
        "AdamW is not Adam + L2",
        True,
        "The same decay, once on the weights and once in the gradient, where Adam divides it away.",
        {
            "adam": {"lr": 0.05, "weight_decay": 0.1},
            "adamw": {"lr": 0.05, "weight_decay": 0.1},
        },
        surface="rosenbrock",
        x0=-1.5,
        y0=2.0,
        methods=("adam", "adamw"),
        steps=400,
        stop=NO_STOP,
    ),
    _preset(
        "Noise",
        True,
        "Stochastic gradients: a constant rate never settles, a decaying one does.",
        {"gd": {"lr": 0.05}, "adam": {"lr": 0.15}},
        surface="bowl",
        x0=-3.0,
        y0=1.5,
        methods=("gd", "adam"),
        noise=3.0,
        schedule="cosine",
        steps=300,
        stop=NO_STOP,
    ),
    _preset(
        "No derivatives",
        True,
        "Nelder-Mead's simplex crawls like an amoeba; it asks for values only.",
        {},
        surface="himmelblau",
        x0=0.5,
        y0=-4.0,
        methods=("nelder_mead", "bfgs"),
        steps=80,
    ),
)
