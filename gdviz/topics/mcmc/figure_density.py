"""The background of the page *mcmc*: a density with its true marginals, and room for the traces."""

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from gdviz.cache import cached
from gdviz.figures.axes import ticks_from_zero
from gdviz.figures.style import GREY, base_layout
from gdviz.probability.density_check import check_density
from gdviz.probability.target import Target
from gdviz.probability.target_moments import marginal

GRID = 141
SHADES = [[0, "rgba(110,130,150,0)"], [1, "rgba(110,130,150,0.6)"]]
TRUTH = {"color": GREY, "width": 2, "dash": "dot"}


class Places(NamedTuple):
    """Where the panels are, as shares of the figure: x from, to; y from, to."""

    main: tuple[float, ...] = (0.0, 0.45, 0.0, 0.8)
    above: tuple[float, ...] = (0.0, 0.45, 0.83, 1.0)
    beside: tuple[float, ...] = (0.463, 0.55, 0.0, 0.8)
    first: tuple[float, ...] = (0.65, 1.0, 0.56, 1.0)
    second: tuple[float, ...] = (0.65, 1.0, 0.0, 0.44)


@cached
def background(target: Target, draws: int, large: bool = False) -> go.Figure:
    """Return the density with its true marginals, and empty panels for the traces.

    It is shared between visitors: do not change it.
    """
    return _plane(target, draws, large) if target.d == 2 else _line(target, draws, large)


def heights(target: Target) -> tuple[float, float]:
    """Return the highest value of each true marginal in the window (the second is 0 for d = 1)."""
    tops = []
    for axis in range(target.d):
        _, density = truth(target, axis)
        tops.append(float(density.max()) or 1.0)
    return tops[0], tops[1] if len(tops) > 1 else 0.0


@cached
def truth(target: Target, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a grid over the window `(n,)` and the true marginal; zero where there is none."""
    side = np.linspace(*target.box[axis], 301)
    if check_density(target).status != "ok":
        return side, np.zeros_like(side)
    with np.errstate(all="ignore"):
        return side, np.nan_to_num(marginal(target, axis, side), posinf=0.0)


def _axes(name: str, place: tuple[float, ...], **more: Any) -> dict[str, Any]:
    """Return the pair of axes of one panel."""
    x: dict[str, Any] = {"domain": place[:2], "anchor": f"y{name}", "showgrid": False}
    y: dict[str, Any] = {"domain": place[2:], "anchor": f"x{name}", "showgrid": False}
    return {f"xaxis{name}": x | more.get("x", {}), f"yaxis{name}": y | more.get("y", {})}


def _plane(target: Target, draws: int, large: bool) -> go.Figure:
    side, density = truth(target, 0)
    above = go.Scatter(x=side, y=density, xaxis="x2", yaxis="y2", mode="lines", line=TRUTH)
    side, density = truth(target, 1)
    beside = go.Scatter(x=density, y=side, xaxis="x3", yaxis="y3", mode="lines", line=TRUTH)
    empty = [_nothing("4"), _nothing("5")]
    traces = [_contours(target), above, beside, *empty]
    return _figure(traces, _plane_axes(target, draws), target, draws, large)


def _contours(target: Target) -> go.Contour:
    """Return the contours of the root of a density: a low hump is seen beside a high one."""
    (x0, x1), (y0, y1) = target.box
    x, y = np.linspace(x0, x1, GRID), np.linspace(y0, y1, GRID)
    logs = target.log_density(np.stack(np.meshgrid(x, y), axis=-1))
    logs = np.where(np.isfinite(logs), logs, -np.inf)
    top = logs.max()
    root = np.exp((logs - top) / 2) if np.isfinite(top) else np.zeros_like(logs)
    return go.Contour(
        x=x.astype(np.float32),
        y=y.astype(np.float32),
        z=root.astype(np.float32),
        contours={"showlines": True, "coloring": "heatmap", "start": 0.06, "end": 1, "size": 0.13},
        line={"width": 0.8, "color": "rgba(110,130,150,0.7)"},
        colorscale=SHADES,
        showscale=False,
        hoverinfo="skip",
    )


def _plane_axes(target: Target, draws: int) -> dict[str, Any]:
    """Return the axes of the plane, of the marginals at its sides, and of the two traces."""
    (x0, x1), (y0, y1) = target.box
    tops, places = heights(target), Places()
    bare = {"showticklabels": False, "ticks": ""}
    return {
        **_axes(
            "",
            places.main,
            x={"title": {"text": "x"}, "range": [x0, x1]},
            y={"title": {"text": "y"}, "range": [y0, y1]},
        ),
        **_axes(
            "2",
            places.above,
            x={"matches": "x", **bare},
            y={"range": [0, 1.35 * tops[0]], "title": {"text": "p(x)"}, **bare},
        ),
        **_axes(
            "3",
            places.beside,
            x={"range": [0, 1.35 * tops[1]], "title": {"text": "p(y)"}, **bare},
            y={"matches": "y", **bare},
        ),
        **_trace_axes("4", places.first, target, 0, draws, last=False),
        **_trace_axes("5", places.second, target, 1, draws, last=True),
    }


def _line(target: Target, draws: int, large: bool) -> go.Figure:
    side, density = truth(target, 0)
    top = heights(target)[0]
    curve = go.Scatter(x=side, y=density, mode="lines", line=TRUTH)
    places = Places()
    axes = {
        **_axes(
            "",
            (*places.main[:1], places.beside[1], 0.0, 1.0),
            x={"title": {"text": "x"}, "range": list(target.box[0])},
            y={
                "title": {"text": "p(x); below, a lane a chain"},
                "range": [-0.62 * top, 1.5 * top],
                "tickvals": ticks_from_zero(1.5 * top),  # a density is nowhere negative
            },
        ),
        **_trace_axes("2", (*places.first[:2], 0.0, 1.0), target, 0, draws, last=True),
    }
    return _figure([curve, _nothing("2")], axes, target, draws, large)


def _trace_axes(
    name: str, place: tuple[float, ...], target: Target, axis: int, draws: int, last: bool
) -> dict[str, Any]:
    words = target.variables[axis]
    x = {"range": [0, draws], "title": {"text": "draw"} if last else {}, "showticklabels": last}
    return _axes(name, place, x=x, y={"range": list(target.box[axis]), "title": {"text": words}})


def _nothing(name: str) -> go.Scatter:
    """Return an empty trace, without which a panel would not be drawn."""
    return go.Scatter(x=[None], y=[None], xaxis=f"x{name}", yaxis=f"y{name}", hoverinfo="skip")


def _figure(
    traces: list[Any], axes: dict[str, Any], target: Target, draws: int, large: bool
) -> go.Figure:
    layout = base_layout(large, **axes, uirevision=f"{target.text}{target.box}{draws}")
    return go.Figure(data=traces, layout=layout)
