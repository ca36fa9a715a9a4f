"""The optimizer race: the knobs of the page, its presets, what it runs, and that as Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Any

import numpy as np

from gdviz.cache import cached
from gdviz.expressions import FormulaError
from gdviz.knobs import (
    Choice,
    Choices,
    Range,
    Switch,
    Text,
    bind_defaults,
    knobs,
    needs,
)
from gdviz.optimize import METHODS, SURFACES, Problem, Run, race, surface
from gdviz.optimize.map_ends import compiles
from gdviz.optimize.methods import can_run
from gdviz.optimize.outcomes import STOP_LABELS
from gdviz.optimize.schedules import SCHEDULE_LABELS
from gdviz.optimize.surfaces import quadratic, rosenbrock
from gdviz.optimize.typed_rules import RULE, RULE_TEXT, RuleText
from gdviz.topics.race.loops import OuterClimb, OuterLoop, OuterPeriod, OuterPull, loop_of
from gdviz.topics.race.racers import (
    RACERS,
    Hyper,
    changed_knobs,
    full_name,
    knobs_of,
    own_knobs,
    short_name,
)

TYPED = "typed"
NO_STOP = "none"
SEEN = 81  # points of each axis: every picture of a surface has these, and maybe more between
GRADIENT_STOPS = {name: label.replace("f′", "∇f") for name, label in STOP_LABELS.items()}
OVERLAYS = {
    "gradient": "gradient −∇f",
    "momentum": "momentum",
    "step": "the step taken",
    "spread": "√v ellipse",
    "curvature": "Hessian's axes, 2/λmax",
}
HEADS = {"first": "for the first method", "all": "for every method"}
SHAPES = {"rosenbrock": ("a", "b"), "bowl": ("condition", "angle"), TYPED: ("formula",)}


@dataclass(frozen=True)
class Race:
    """Everything that the page *race* can be asked; `hyper` holds the methods' own knobs."""

    surface: Annotated[
        str,
        Choice({n: p.name for n, p in SURFACES.items()} | {TYPED: "Type a formula …"}, "surface"),
    ] = "three_hump_camel"
    formula: Annotated[
        str,
        Text("f(x, y) =", "Numbers, x, y, + − * / ^, pi, e and functions such as sin, exp."),
        needs("surface", TYPED),
    ] = "x**2/4 + y**2 + sin(3*x)*cos(2*y)"
    left: Annotated[float, Range(-1e3, 1e3, "x from"), needs("surface", TYPED)] = -3.0
    right: Annotated[float, Range(-1e3, 1e3, "x to"), needs("surface", TYPED)] = 3.0
    bottom: Annotated[float, Range(-1e3, 1e3, "y from"), needs("surface", TYPED)] = -3.0
    top: Annotated[float, Range(-1e3, 1e3, "y to"), needs("surface", TYPED)] = 3.0
    a: Annotated[
        float, Range(-1.6, 1.6, "a", "The minimum lies at (a, a²)."), needs("surface", "rosenbrock")
    ] = 1.0
    b: Annotated[
        float,
        Range(0.5, 500.0, "b", "How steep the walls of the valley are.", log=True),
        needs("surface", "rosenbrock"),
    ] = 100.0
    condition: Annotated[
        float,
        Range(1.0, 1000.0, "condition", "Steepest curvature over flattest.", log=True),
        needs("surface", "bowl"),
    ] = 10.0
    angle: Annotated[
        float,
        Range(-90.0, 90.0, "rotation in °", "The axes of the bowl against x and y."),
        needs("surface", "bowl"),
    ] = 0.0
    methods: Annotated[
        tuple[str, ...], Choices(RACERS, "methods", "Up to twelve, from the same start.", most=12)
    ] = ("gd", "heavy_ball", "adam", "newton")
    rule: Annotated[RuleText, needs("methods", RULE)] = RULE_TEXT
    x0: Annotated[float, Range(-1e3, 1e3, "start x₀", "Drag the handle, or click the map.")] = -1.9
    y0: Annotated[float, Range(-1e3, 1e3, "start y₀", "Drag the handle, or click the map.")] = -0.4
    steps: Annotated[int, Range(1, 2000, "steps at most")] = 150
    stop: Annotated[
        str, Choice({**GRADIENT_STOPS, NO_STOP: "never: take every step"}, "stopping rule")
    ] = "gradient"
    tol: Annotated[float, Range(1e-14, 1.0, "tolerance", log=True), needs("stop")] = 1e-6
    schedule: Annotated[str, Choice(SCHEDULE_LABELS, "schedule of η")] = "constant"
    noise: Annotated[float, Range(0.0, 100.0, "gradient noise σ", "Stochastic gradients.")] = 0.0
    seed: Annotated[int, Range(0, 9999, "seed of the noise"), needs("noise")] = 0
    clip: Annotated[float, Range(0.0, 1e4, "clip |∇f| at", "0 does not clip.")] = 0.0
    outer: OuterLoop = "none"
    outer_period: OuterPeriod = 5
    outer_pull: OuterPull = 0.5
    outer_climb: OuterClimb = 0.05
    overlays: Annotated[
        tuple[str, ...],
        Choices({**OVERLAYS, "none": "nothing"}, "shown where each is now", most=5),
    ] = ("gradient", "momentum", "step")
    heads: Annotated[str, Choice(HEADS, "shown"), needs("overlays")] = "first"
    hidden: Annotated[bool, Switch("hide the paths", "Let the class guess first.")] = False
    hyper: Hyper = field(default=())

    def extra_query(self) -> dict[str, Any]:
        """Return the methods' own knobs as `method_knob`.

        Settings that are all defaults name their surface: a link that says nothing at all opens
        the page with its first preset.
        """
        own = {f"{name}_{key}": value for name, pairs in self.hyper for key, value in pairs}
        return own or ({"surface": self.surface} if self == Race() else {})

    def with_extra_query(self, found: Mapping[str, Sequence[str]]) -> "Race":
        """Return this spec with the methods' own knobs that a query names."""
        return replace(self, hyper=own_knobs(self.methods, found, self.rule))


def problem_of(spec: Race) -> Problem:
    """Return the surface of the race; raise `FormulaError` if the typed one says none.

    A typed one says none, too, where it is finite nowhere in its window.
    """
    if spec.surface == "rosenbrock":
        return rosenbrock(spec.a, spec.b)
    if spec.surface == "bowl":
        bowl = SURFACES["bowl"]  # one window and one start, however the bowl is turned
        return replace(quadratic(spec.condition, spec.angle), box=bowl.box, start=bowl.start)
    if spec.surface != TYPED:
        return SURFACES[spec.surface]
    x, y = sorted((spec.left, spec.right)), sorted((spec.bottom, spec.top))
    if min(x[1] - x[0], y[1] - y[0]) < 1e-6:
        raise FormulaError("The window is empty: give it two different ends each way.")
    box = ((x[0], x[1]), (y[0], y[1]))
    if not _finite_somewhere(spec.formula, box):
        raise FormulaError("f is finite nowhere in this window.")
    return surface(spec.formula, name="typed", box=box)


@lru_cache(maxsize=256)
def _finite_somewhere(text: str, box: tuple[tuple[float, float], tuple[float, float]]) -> bool:
    """Tell whether a typed surface is finite at some point of the grid that pictures are drawn on.

    An empty picture would have no height, and no level lines.
    """
    x, y = np.meshgrid(*(np.linspace(*ends, SEEN) for ends in box))
    return bool(np.any(np.isfinite(surface(text).f(np.stack([x, y], axis=-1)))))


def alike(a: Race, b: Race) -> bool:
    """Tell whether two specs race on the same surface; its knobs count only where it has them."""
    shape = SHAPES.get(a.surface, ())
    return a.surface == b.surface and all(getattr(a, k) == getattr(b, k) for k in shape)


def hyper_of(spec: Race, method: str) -> dict[str, float]:
    """Return all knobs of a method on the page, those it was given and its defaults."""
    factory = METHODS[full_name(method, spec.rule)]
    own = dict(dict(spec.hyper).get(short_name(method), ()))
    return bind_defaults(factory, {k: v for k, v in own.items() if k in knobs(factory)})


def entrants(spec: Race) -> list[str]:
    """Return the methods that can race here, gradient descent if none can.

    A typed rule has its text as its name.
    """
    names = [full_name(racer, spec.rule) for racer in spec.methods]
    return [name for name in names if can_run(name, problem_of(spec))] or ["gd"]


def run(spec: Race) -> dict[str, Run]:
    """Return the run of each method of the spec, in order; what has not moved is not run again.

    Compiled methods run each for itself, the others share their patience and run together.
    """
    problem, rules = problem_of(spec), tuple(race_rules(spec).items())
    given = [(name, tuple(sorted(own.items()))) for name, own in entries(spec).items()]
    alone = [(entry,) for entry in given if compiles(problem, entry[0])]
    together = tuple(entry for entry in given if (entry,) not in alone)
    found: dict[str, Run] = {}
    for group in [*alone, together] if together else alone:
        found |= _raced(problem, (spec.x0, spec.y0), group, rules)
    return {name: found[name] for name, _ in given}


@cached
def _raced(
    problem: Problem,
    start: tuple[float, float],
    given: Hyper,
    rules: tuple[tuple[str, Any], ...],
) -> dict[str, Run]:
    return race(problem, start, {name: dict(own) for name, own in given}, **dict(rules))


def entries(spec: Race) -> dict[str, dict[str, float]]:
    """Return the methods with their knobs."""
    return {name: hyper_of(spec, name) for name in entrants(spec)}


def race_rules(spec: Race) -> dict[str, Any]:
    """Return the rules of the race, the same for all."""
    return {
        "steps": spec.steps,
        "stop": None if spec.stop == NO_STOP else spec.stop,
        "tol": spec.tol,
        "schedule": spec.schedule,
        "noise": spec.noise,
        "seed": spec.seed,
        "clip": spec.clip or None,
        **loop_of(spec),
    }


# --- links and code -------------------------------------------------------------------------------


def with_more(spec: Race, values: Mapping[str, Any]) -> Race:
    """Return the spec with some of `method_knobs` set; that of one method counts before the shared.

    >>> with_more(Race(methods=("gd", "adam")), {"lr": 0.01, "adam_lr": 0.2}).hyper
    (('gd', (('lr', 0.01),)), ('adam', (('lr', 0.2),)))
    """
    own = {}
    for name in spec.methods:
        given = dict(dict(spec.hyper).get(name, ()))
        for key in knobs_of(name, spec.rule):
            given[key] = values.get(f"{name}_{key}", values.get(key, given.get(key)))
        own[name] = tuple((key, v) for key, v in given.items() if v is not None)
    return replace(spec, hyper=changed_knobs(spec.methods, own.items(), spec.rule))


def _source(spec: Race) -> tuple[str, str]:
    """Return the name to import for the surface, and the expression that makes it."""
    if spec.surface == TYPED:
        return "surface", f"surface({spec.formula!r})"
    if spec.surface == "rosenbrock":
        return "rosenbrock", f"rosenbrock({spec.a!r}, {spec.b!r})"
    if spec.surface == "bowl":
        return "quadratic", f"quadratic({spec.condition!r}, {spec.angle!r})"
    return "SURFACES", f"SURFACES[{spec.surface!r}]"


def as_python(spec: Race) -> str:
    """Return a short program on the public API that prints the numbers of the page."""
    name, source = _source(spec)
    own = dict(spec.hyper)
    rows = [f"    {name!r}: {dict(own.get(short_name(name), ()))!r}," for name in entrants(spec)]
    rows = [row if len(row) <= 100 else row.replace(", '", ",\n        '") for row in rows]
    rules = ", ".join(f"{k}={v!r}" for k, v in race_rules(spec).items())
    return "\n".join(
        [
            f"from gdviz.optimize import {', '.join(sorted((name, 'race')))}",
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
