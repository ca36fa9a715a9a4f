"""The figures of one-dimensional descent."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.cache import cached
from gdviz.figures.curves import window
from gdviz.figures.hand import Hand
from gdviz.figures.legend import legend
from gdviz.figures.scene import (
    Cursor,
    Handle,
    Layer,
    Picture,
    Points,
    Polygon,
    Reading,
    Scene,
    Segments,
    Track,
)
from gdviz.figures.style import GREY, LOOKS, VERMILLION, base_layout
from gdviz.optimize import LABELS, Problem, Run, local_minima
from gdviz.queries import from_query
from gdviz.topics.descent import settings as topic

CURVE_POINTS = 801


def curve(
    problem: Problem, lo: float, hi: float, minima: Any = (), large: bool = False
) -> go.Figure:
    """Return f above and f′ below on a shared x axis over [lo, hi]; minima are marked."""
    x = np.linspace(lo, hi, CURVE_POINTS)
    f, slope = problem.f(x[:, None]), problem.grad(x[:, None])[:, 0]
    f, slope = (np.where(np.isfinite(a), a, np.nan) for a in (f, slope))
    points = np.asarray(minima, dtype=float)
    lows = problem.f(points[:, None]) if len(points) else points
    line = {"color": GREY, "width": 4 if large else 2.5, "simplify": False}
    mark = {"symbol": "star", "size": 16 if large else 11, "color": VERMILLION}
    traces = [
        go.Scatter(x=_small(x), y=_small(f), mode="lines", line=line, name="f"),
        go.Scatter(x=_small(x), y=_small(slope), mode="lines", line=line, name="f′", yaxis="y2"),
        go.Scatter(x=points, y=lows, mode="markers", marker=mark, name="minimum"),
    ]
    zero = {"zeroline": True, "zerolinewidth": 1}
    layout = base_layout(
        large,
        xaxis={"title": {"text": "x"}, "range": [lo, hi], "anchor": "y2"},
        yaxis={"title": {"text": "f(x)"}, "domain": [0.36, 1], "range": window(f)},
        yaxis2={"title": {"text": "f′(x)"}, "domain": [0, 0.28], "range": window(slope), **zero},
        uirevision=problem.text,
    )
    return go.Figure(data=traces, layout=layout)


@cached
def background(problem: Problem, large: bool = False) -> go.Figure:
    """Return the curve over the problem's window, minima marked; it is shared: do not change it."""
    lo, hi = problem.box[0]
    return curve(problem, lo, hi, local_minima(problem, lo, hi), large)


def _small(values: Any) -> Any:
    return np.asarray(values, dtype=np.float32)


def paths(runs: Mapping[str, Run], focus: str, pins: Sequence[tuple[str, Run]] = ()) -> list[Layer]:
    """Return the layers of several runs: pinned ghosts, paths on f and f′, the focus's triangle."""
    layers: list[Layer] = []
    for label, run in pins:
        layers.append(
            Track(label, run.x[:, 0], run.f, GREY, "dot", "open", labels=("x", "f"), kind="ghost")
        )
    layers += step_triangle(runs[focus])
    for name, run in runs.items():
        look = LOOKS[name]
        layers.append(Track(LABELS[name], run.x[:, 0], run.f, *look, labels=("x", "f")))
        layers.append(
            Track(LABELS[name], run.x[:, 0], run.grad[:, 0], *look, panel=1, labels=("x", "f′"))
        )
    layers.append(Cursor("x", runs[focus].x[:, 0]))
    layers += _own(focus, runs[focus])
    return layers + [
        Reading("x", runs[focus].x[:, 0]),
        Reading("f", runs[focus].f),
        Reading("f′", runs[focus].grad[:, 0]),
    ]


def step_triangle(run: Run) -> list[Layer]:
    """Return the tangent and the triangle of each step: along x by Δx, down by f′Δx.

    They have no colour of their own: in the ink of the page they are no method's.
    """
    x, f, slope = run.x[:, 0], run.f, run.grad[:, 0]
    dx = np.diff(x, append=x[-1:])
    rise = slope * dx
    corners_x = np.stack([x, x + dx, x + dx], axis=1)
    corners_y = np.stack([f, f, f + rise], axis=1)
    lo, hi = run.problem.box[0]
    reach = 1.6 * np.where(dx == 0, 0.04 * (hi - lo), dx)
    return [
        Polygon("step triangle", corners_x, corners_y, None),
        Segments(
            "tangent",
            (x - reach)[:, None],
            (f - slope * reach)[:, None],
            (x + reach)[:, None],
            (f + slope * reach)[:, None],
            None,
            "dash",
        ),
        Segments("step", x[:, None], f[:, None], (x + dx)[:, None], f[:, None], None, arrow=True),
    ]


def _own(name: str, run: Run) -> list[Layer]:
    """Return what only this method has to show: trial points, or its bracket."""
    color = LOOKS[name].color
    if "trials" in run.trace._fields:
        # The trials of a step belong to the point they start from, one step earlier.
        trials = np.concatenate([run.trials[1:, :, 0], np.full_like(run.trials[:1, :, 0], np.nan)])
        trials = trials[:, : max(1, int(np.max(run.tried, initial=1)))]
        return [Points("trial points", trials, run.problem.f(trials[..., None]), color, "open")]
    if "lo" in run.trace._fields:
        ends = np.stack([run.lo[:, 0], run.left[:, 0], run.right[:, 0], run.hi[:, 0]], axis=1)
        f = run.problem.f(ends[..., None])
        return [Points("bracket", ends, f, color, "cross")]
    return []


def picture(
    spec: topic.Descent,
    large: bool = False,
    runs: Mapping[str, Run] | None = None,
    pins: Sequence[tuple[str, Run]] = (),
) -> Picture:
    """Return the picture of the page at its settings; `runs` are those of the spec, if at hand."""
    scene = descent_scene(topic.run(spec) if runs is None else runs, pins)
    return Picture(background(topic.problem_of(spec), large), scene)


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, for a hand that drags."""
    return picture(from_query(topic.Descent, query)).scene


def descent_scene(runs: Mapping[str, Run], pins: Sequence[tuple[str, Run]] = ()) -> Scene:
    """Return the scene of the page: all paths, and the start as a handle on the curve.

    The first method is the one whose steps are shown by tangent and triangle.
    """
    focus, first = next(iter(runs.items()))
    height = float(first.f[0]) if np.isfinite(first.f[0]) else 0.0
    start = Handle("start", "start", float(first.x[0, 0]), height, "x", curve=0, knobs=("x0",))
    alt = f"{first.problem.name}: {first.reason}"
    return Scene(paths(runs, focus, pins), (start,), alt, legend(runs))
