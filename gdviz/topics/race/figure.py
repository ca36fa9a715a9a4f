"""The scene of the optimizer race: all paths, and what acts on their heads."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gdviz.figures.explorer import REACH, Explorer, drawn_memories
from gdviz.figures.explorer import explorer as explorer_of
from gdviz.figures.hand import Hand
from gdviz.figures.landscape import contour
from gdviz.figures.legend import legend
from gdviz.figures.scene import (
    Handle,
    Labels,
    Layer,
    Picture,
    Points,
    Polygon,
    Reading,
    Scene,
    Segments,
    Track,
)
from gdviz.figures.style import PURPLE, looks_of
from gdviz.numerals import number
from gdviz.optimize import Run
from gdviz.optimize.outer_loops import SLOW
from gdviz.optimize.racing import conditions
from gdviz.queries import from_query
from gdviz.topics.race import settings as topic
from gdviz.topics.race.racers import short_name
from gdviz.topics.race.rates import landmarks


def picture(spec: topic.Race, large: bool = False) -> Picture:
    """Return the picture of the page at its settings."""
    problem = topic.problem_of(spec)
    background = contour(problem, landmarks(problem), large)
    return Picture(background, race_scene(topic.run(spec), spec))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, for a hand that drags."""
    return picture(replace(from_query(topic.Race, query), hidden=False)).scene


def race_scene(runs: Mapping[str, Run], spec: topic.Race) -> Scene:
    """Return the scene: paths unless hidden, overlays at the heads, the start."""
    handle = Handle("start", "start", spec.x0, spec.y0, knobs=("x0", "y0"))
    if spec.hidden:
        return Scene((), (handle,), "The paths are hidden: guess where each method ends.")
    first = next(iter(runs.values()))
    layers = [layer for _, layer in _layers(runs, spec)]
    return Scene(layers, (handle,), f"{first.problem.name}: {first.reason}", legend(runs))


def explorer(spec: topic.Race) -> Explorer | None:
    """Return what moves the picture in a file without a server; None if nothing can."""
    if spec.hidden or spec.outer != "none":  # the browser has no outer loops
        return None
    runs, rules = topic.run(spec), topic.race_rules(spec)
    ends = {name: rules.pop(name) for name in ("stop", "tol")} | {"steps": spec.steps}
    around = conditions(topic.problem_of(spec), **rules)
    keys = [(name, key) for name, run in runs.items() for key in run.maker.hyper]
    named = {(name, key): f"{short_name(name)}_{key}" for name, key in keys}
    return explorer_of(runs, _layers(runs, spec), ends, around, named)


def _layers(runs: Mapping[str, Run], spec: topic.Race) -> list[tuple[str, Layer]]:
    """Return all layers, each with its method: the paths, what acts on heads, the readings."""
    layers: list[tuple[str, Layer]] = []
    for name, look in looks_of(runs).items():
        path = Track(runs[name].title, runs[name].x[:, 0], runs[name].x[:, 1], *look)
        layers += [(name, layer) for layer in (path, *_average(runs[name], look.color))]
    first, run = next(iter(runs.items()))
    read = _readings(run, spec.overlays).items()
    return layers + _heads(runs, spec) + [(first, Reading(name, values)) for name, values in read]


def _average(run: Run, color: str) -> list[Layer]:
    """Return the path of the average that a method gives back, apart from the one it walks."""
    if "average" not in run.trace._fields:
        return []
    path = np.concatenate([run.x[:1], run.average[1:]])  # it is empty before the first step
    x, y = path.T
    return [Track(f"{run.title}: average", x, y, color, "dot", "open", kind="ghost")]


def _readings(run: Run, overlays: Sequence[str]) -> dict[str, Any]:
    values = {"x": run.x[:, 0], "y": run.x[:, 1], "f": run.f, "|∇f|": np.hypot(*run.grad.T)}
    if "direction" in run.trace._fields:
        values["cos of p, p₋ by H"] = conjugacy(run)
    return values | ({"2/λmax": _limit(_hessian(run))} if "curvature" in overlays else {})


def conjugacy(run: Run) -> Any:
    """Return the cosine pᵀHp₋/√(pᵀHp · p₋ᵀHp₋) of each direction and the one before, `(n + 1,)`.

    It is 0 where they are conjugate by the Hessian here; nan at the start and where H makes no
    lengths.
    """
    p, before, hessian = run.direction, _before(run.direction), _hessian(run)
    pairs = (p, before), (p, p), (before, before)
    across, own, last = (np.einsum("ki,kij,kj->k", a, hessian, b) for a, b in pairs)
    square = np.where((own > 0) & (last > 0), own * last, np.nan)
    return across / np.sqrt(square)


def _before(direction: Any) -> Any:
    return np.concatenate([np.full_like(direction[:1], np.nan), direction[:-1]])


def _heads(runs: Mapping[str, Run], spec: topic.Race) -> list[tuple[str, Layer]]:
    """Return the overlays of the first method, or of all of them, each then in its own colour."""
    every = spec.heads == "all" and len(runs) > 1
    found: list[tuple[str, Layer]] = []
    looks = looks_of(runs)
    for i, (name, run) in enumerate(runs.items() if every else list(runs.items())[:1]):
        own = looks[name].color
        color, layers = own if every else None, list[Layer]()
        for overlay in spec.overlays:
            if overlay == "curvature":
                layers += _curvature(run, color, i)
            elif overlay in _OVERLAYS:
                layers += _OVERLAYS[overlay](run, own, color)
        found += [(name, layer) for layer in (*layers, *_own(run, own))]
    return found


def _arrow(name: str, run: Run, along: Any, color: str | None, dash: str) -> list[Layer]:
    """Return arrows from the points along a direction; their length is compressed by a square root.

    Gradients of one run differ by factors of a million: drawn to scale, none but one would show.
    """
    width = np.ptp(np.asarray(run.problem.box), axis=1)
    length = np.hypot(*(along / width).T)
    longest = np.nanmax(length, initial=1e-300)
    factor = REACH * np.sqrt(length / longest) / np.maximum(length, 1e-300)
    tip = run.x + along * factor[:, None]
    ends = (run.x[:, :1], run.x[:, 1:], tip[:, :1], tip[:, 1:])
    return [Segments(name, *ends, color, dash, arrow=True)]


def _gradient(run: Run, own: str, color: str | None) -> list[Layer]:
    return _arrow("−∇f", run, -run.grad, color, "dot" if color else "solid")


def _momentum(run: Run, own: str, color: str | None) -> list[Layer]:
    drawn = drawn_memories(run.maker.method)
    if drawn.velocity not in run.trace._fields:
        return []
    along = drawn.downhill * getattr(run.trace, drawn.velocity)
    return _arrow("momentum", run, along, color or PURPLE, "dash")


def _step(run: Run, own: str, color: str | None) -> list[Layer]:
    """Return the step that each point takes, to scale; the last one takes none."""
    tip = np.concatenate([run.x[1:], np.full_like(run.x[:1], np.nan)])
    ends = (run.x[:, :1], run.x[:, 1:], tip[:, :1], tip[:, 1:])
    return [Segments("step", *ends, own, arrow=True)]


def _spread(run: Run, own: str, color: str | None) -> list[Layer]:
    """Return the ellipse of √v: Adam's step is short along its long axis."""
    slot = drawn_memories(run.maker.method).squares
    if slot not in run.trace._fields or np.any(getattr(run.trace, slot) < 0):
        return []
    root = np.sqrt(getattr(run.trace, slot))
    width = np.ptp(np.asarray(run.problem.box), axis=1)
    size = root / np.maximum(root.max(axis=1, keepdims=True), 1e-300) * 0.5 * REACH * width
    axes = size[:, 0, None] * [1.0, 0.0], size[:, 1, None] * [0.0, 1.0]
    return [_ellipse(f"√{slot}", run.x, *axes, color)]


def _ellipse(name: str, at: Any, a: Any, b: Any, color: str | None) -> Layer:
    """Return ellipses around points `at (n, 2)` with half-axes `a` and `b (n, 2)`."""
    t = np.linspace(0, 2 * np.pi, 40)
    ring = at[:, None] + a[:, None] * np.cos(t)[:, None] + b[:, None] * np.sin(t)[:, None]
    return Polygon(name, ring[..., 0], ring[..., 1], color)


def _hessian(run: Run) -> Any:
    return np.nan_to_num(run.problem.hess(run.x))


def _limit(hessian: Any) -> Any:
    """Return 2/λmax, the rate beyond which gradient descent is thrown out; nan without a λ > 0."""
    steepest = np.linalg.eigvalsh(hessian)[:, -1]
    return np.where(steepest > 0, 2 / np.where(steepest > 0, steepest, 1.0), np.nan)


def _curvature(run: Run, color: str | None, row: int) -> list[Layer]:
    """Return the Hessian's eigen-axes, each as long as a step η = 1/|λ| of a unit slope allows.

    Below them stands 2/λmax, the limit of the rate here; those of several heads each in a `row`.
    """
    hessian = _hessian(run)
    values, vectors = np.linalg.eigh(hessian)
    widths = np.ptp(np.asarray(run.problem.box), axis=1)
    width = float(widths.min())
    length = 1 / np.maximum(np.abs(values), 1e-12)
    length = 0.5 * REACH * width * length / length.max(axis=1, keepdims=True)
    length = np.maximum(length, 0.02 * width)
    axes = vectors * length[:, None, :]
    lo, hi = run.x[:, :, None] - axes, run.x[:, :, None] + axes
    texts = tuple(("" if np.isnan(v) else f"2/λ = {number(v, 3)}",) for v in _limit(hessian))
    below = run.x[:, 1:] - 0.045 * widths[1] * (1 + row % 4)
    return [
        Segments("Hessian's axes", lo[:, 0], lo[:, 1], hi[:, 0], hi[:, 1], color, "dot"),
        Labels("2/λmax", run.x[:, :1], below, texts, color),
    ]


_OVERLAYS = {
    "gradient": _gradient,
    "momentum": _momentum,
    "step": _step,
    "spread": _spread,
}


def _own(run: Run, color: str) -> list[Layer]:
    """Return what only this method has to show: trial points, its directions, its simplex."""
    fields, shown = run.trace._fields, list[Layer]()
    if "trials" in fields:
        trials = np.concatenate([run.trials[1:], np.full_like(run.trials[:1], np.nan)])
        trials = trials[:, : max(1, int(np.max(run.tried, initial=1)))]
        shown += [Points("trial points", trials[..., 0], trials[..., 1], color, "open")]
    if "direction" in fields:
        shown += _arrow("direction p", run, run.direction, color, "solid")
        shown += _arrow("direction before, p₋", run, _before(run.direction), color, "dot")
    if "simplex" in fields:
        shown += [Polygon("simplex", run.simplex[..., 0], run.simplex[..., 1], color)]
    if "ascent" in fields:
        ends = (run.x[:, :1], run.x[:, 1:], run.ascent[:, :1], run.ascent[:, 1:])
        shown += [Segments("uphill, where the gradient is taken", *ends, color, "dot", arrow=True)]
    for name in ("slow", SLOW):
        if name in fields:
            slow = np.concatenate([run.x[:1], getattr(run.trace, name)[1:]])
            shown += [Points("slow point", slow[:, :1], slow[:, 1:], color, "open")]
    if "radius" in fields:
        wide = run.radius[:, None]
        shown += [_ellipse("disk of trust", run.x, wide * [1.0, 0.0], wide * [0.0, 1.0], color)]
    return shown + (_law(run, color) if "population" in fields else [])


def _law(run: Run, color: str) -> list[Layer]:
    """Return the ellipse σ√C of CMA-ES around its mean, and the points that it draws next."""
    values, vectors = np.linalg.eigh(np.nan_to_num(run.C))
    axes = vectors * (run.sigma[:, None] * np.sqrt(np.maximum(values, 0.0)))[:, None, :]
    drawn = np.concatenate([run.population[1:], np.full_like(run.population[:1], np.nan)])
    return [
        _ellipse("the law, one σ wide", run.x, axes[..., 0], axes[..., 1], color),
        Points("drawn points", drawn[..., 0], drawn[..., 1], color, "open"),
    ]
