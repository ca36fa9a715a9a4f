"""The figures of one-dimensional descent."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.cache import cached
from gdviz.figures.curves import window
from gdviz.figures.explorer import Explorer
from gdviz.figures.explorer import explorer as explorer_of
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
from gdviz.figures.style import GREY, VERMILLION, Look, base_layout, looks_of
from gdviz.optimize import LABELS, Problem, Run, local_minima
from gdviz.queries import from_query
from gdviz.topics.descent import settings as topic
from gdviz.topics.descent.charts import slope_where_defined

CURVE_POINTS = 801


def curve(
    problem: Problem, lo: float, hi: float, minima: Any = (), large: bool = False
) -> go.Figure:
    """Return f above and f′ below on a shared x axis over [lo, hi]; minima are marked."""
    x = np.linspace(lo, hi, CURVE_POINTS)
    f, slope = problem.f(x[:, None]), slope_where_defined(problem, x)
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


def paths(runs: Mapping[str, Run], focus: str) -> list[tuple[str, Layer]]:
    """Return the layers, each with its method: paths on f and f′, the focus's triangle."""
    looks, run = looks_of(runs), runs[focus]
    walked = [
        (name, layer)
        for name, one in runs.items()
        for layer in _path(LABELS[name], one, looks[name])
    ]
    x, f, slope = run.x[:, 0], run.f, run.grad[:, 0]
    above = [Cursor("x", x), *_own(run, looks[focus].color)]
    above += [Reading("x", x), Reading("f", f), Reading("f′", slope)]
    return [
        *((focus, layer) for layer in step_triangle(run)),
        *walked,
        *((focus, layer) for layer in above),
    ]


def _path(label: str, run: Run, look: Look) -> list[Layer]:
    """Return the path of a run on f and on f′."""
    x, slope = run.x[:, 0], run.grad[:, 0]
    return [
        Track(label, x, run.f, *look, labels=("x", "f")),
        Track(label, x, slope, *look, panel=1, labels=("x", "f′")),
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


def _own(run: Run, color: str) -> list[Layer]:
    """Return what only this method has to show: trial points, or its bracket."""
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
    spec: topic.Descent, large: bool = False, runs: Mapping[str, Run] | None = None
) -> Picture:
    """Return the picture of the page at its settings; `runs` are those of the spec, if at hand."""
    scene = descent_scene(topic.run(spec) if runs is None else runs)
    return Picture(background(topic.problem_of(spec), large), scene)


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, for a hand that drags."""
    return picture(from_query(topic.Descent, query)).scene


def descent_scene(runs: Mapping[str, Run]) -> Scene:
    """Return the scene of the page: all paths, and the start as a handle on the curve.

    The first method is the one whose steps are shown by tangent and triangle.
    """
    focus, first = next(iter(runs.items()))
    height = float(first.f[0]) if np.isfinite(first.f[0]) else 0.0
    start = Handle("start", "start", float(first.x[0, 0]), height, "x", curve=0, knobs=("x0",))
    alt = f"{first.problem.name}: {first.reason}"
    layers = [layer for _, layer in paths(runs, focus)]
    return Scene(layers, (start,), alt, legend(runs))


def explorer(spec: topic.Descent) -> Explorer | None:
    """Return what moves the picture in a file without a server; None if nothing can."""
    runs = topic.run(spec)
    named = {(name, key): key for name in runs for key in topic.hyper(spec, name)}
    return explorer_of(runs, paths(runs, next(iter(runs))), topic.ends_of(spec), named=named)
