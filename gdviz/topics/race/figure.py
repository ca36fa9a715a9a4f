"""The scene of the optimizer race: all paths, and what acts on their heads."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

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
from gdviz.figures.style import GREY, LOOKS, PURPLE
from gdviz.optimize import LABELS, Run
from gdviz.optimize.states import MomentumState
from gdviz.queries import from_query
from gdviz.topics.race import settings as topic
from gdviz.topics.race.rates import landmarks

REACH = 0.16  # the longest arrow, as a share of the window


def picture(
    spec: topic.Race,
    large: bool = False,
    runs: Mapping[str, Run] | None = None,
    pins: Sequence[tuple[str, Run]] = (),
) -> Picture:
    """Return the picture of the page at its settings; `runs` are those of the spec, if at hand."""
    problem = topic.problem_of(spec)
    background = contour(problem, landmarks(problem), large)
    return Picture(background, race_scene(topic.run(spec) if runs is None else runs, spec, pins))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, for a hand that drags."""
    return picture(from_query(topic.Race, query)).scene


def race_scene(
    runs: Mapping[str, Run], spec: topic.Race, pins: Sequence[tuple[str, Run]] = ()
) -> Scene:
    """Return the scene: ghosts, paths unless hidden, overlays at the heads, the start."""
    handle = Handle("start", "start", spec.x0, spec.y0, knobs=("x0", "y0"))
    if spec.hidden:
        return Scene((), (handle,), "The paths are hidden: guess where each method ends.")
    layers: list[Layer] = [
        Track(label, run.x[:, 0], run.x[:, 1], GREY, "dot", "open", kind="ghost")
        for label, run in pins
    ]
    for name, run in runs.items():
        layers.append(Track(LABELS[name], run.x[:, 0], run.x[:, 1], *LOOKS[name]))
    layers += _heads(runs, spec)
    first = next(iter(runs.values()))
    layers += [Reading(name, values) for name, values in _readings(first, spec.overlays).items()]
    return Scene(layers, (handle,), f"{first.problem.name}: {first.reason}", legend(runs))


def _readings(run: Run, overlays: Sequence[str]) -> dict[str, Any]:
    values = {"x": run.x[:, 0], "y": run.x[:, 1], "f": run.f, "|∇f|": np.hypot(*run.grad.T)}
    return values | ({"2/λmax": _limit(_hessian(run))} if "curvature" in overlays else {})


def _heads(runs: Mapping[str, Run], spec: topic.Race) -> list[Layer]:
    """Return the overlays of the first method, or of all of them, each then in its own colour."""
    every = spec.heads == "all" and len(runs) > 1
    layers: list[Layer] = []
    for i, (name, run) in enumerate(runs.items() if every else list(runs.items())[:1]):
        color = LOOKS[name].color if every else None
        for overlay in spec.overlays:
            if overlay == "curvature":
                layers += _curvature(run, color, i)
            elif overlay in _OVERLAYS:
                layers += _OVERLAYS[overlay](name, run, color)
        layers += _own(name, run)
    return layers


def _arrow(name: str, run: Run, along: Any, color: str | None, dash: str) -> list[Layer]:
    """Return arrows from the points along a direction; their length is compressed by a square root.

    Gradients of one run differ by factors of a million: drawn to scale, none but one would show.
    """
    width = np.ptp(np.asarray(run.problem.box), axis=1)
    length = np.hypot(*(along / width).T)
    longest = np.max(length, initial=1e-300)
    factor = REACH * np.sqrt(length / longest) / np.maximum(length, 1e-300)
    tip = run.x + along * factor[:, None]
    ends = (run.x[:, :1], run.x[:, 1:], tip[:, :1], tip[:, 1:])
    return [Segments(name, *ends, color, dash, arrow=True)]


def _gradient(name: str, run: Run, color: str | None) -> list[Layer]:
    return _arrow("−∇f", run, -run.grad, color, "dot" if color else "solid")


def _momentum(name: str, run: Run, color: str | None) -> list[Layer]:
    slot = "v" if isinstance(run.trace, MomentumState) else "m"
    if slot not in run.trace._fields:
        return []
    return _arrow("momentum", run, -getattr(run, slot), color or PURPLE, "dash")


def _step(name: str, run: Run, color: str | None) -> list[Layer]:
    """Return the step that each point takes, to scale; the last one takes none."""
    tip = np.concatenate([run.x[1:], np.full_like(run.x[:1], np.nan)])
    ends = (run.x[:, :1], run.x[:, 1:], tip[:, :1], tip[:, 1:])
    return [Segments("step", *ends, LOOKS[name].color, arrow=True)]


def _spread(name: str, run: Run, color: str | None) -> list[Layer]:
    """Return the ellipse of √v: Adam's step is short along its long axis."""
    squares = "v" in run.trace._fields and not isinstance(run.trace, MomentumState)
    if not squares or np.any(run.v < 0):
        return []
    root = np.sqrt(run.v)
    width = np.ptp(np.asarray(run.problem.box), axis=1)
    size = root / np.maximum(root.max(axis=1, keepdims=True), 1e-300) * 0.5 * REACH * width
    axes = size[:, 0, None] * [1.0, 0.0], size[:, 1, None] * [0.0, 1.0]
    return [_ellipse("√v", run.x, *axes, color)]


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
    texts = tuple(("" if np.isnan(v) else f"2/λ = {v:.3g}",) for v in _limit(hessian))
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


def _own(name: str, run: Run) -> list[Layer]:
    """Return what only this method has to show: trial points, or its simplex."""
    color = LOOKS[name].color
    if "trials" in run.trace._fields:
        trials = np.concatenate([run.trials[1:], np.full_like(run.trials[:1], np.nan)])
        trials = trials[:, : max(1, int(np.max(run.tried, initial=1)))]
        return [Points("trial points", trials[..., 0], trials[..., 1], color, "open")]
    if "simplex" in run.trace._fields:
        return [Polygon("simplex", run.simplex[..., 0], run.simplex[..., 1], color)]
    return []
