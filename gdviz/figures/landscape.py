"""Surfaces as figures: contours with log levels, minima and saddles, and the same in 3-D."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.cache import cached
from gdviz.figures.style import VERMILLION, base_layout
from gdviz.optimize import Problem

GRID = 161
LEVELS = 26
LARGEST = float(np.finfo(float).max)
# Transparent, so that valleys take the colour of the page, light or dark, and paths stand out.
SHADES = [[0, "rgba(110,130,150,0.02)"], [1, "rgba(110,130,150,0.55)"]]


@cached
def grid(problem: Problem, n: int = GRID) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x `(n,)`, y `(n,)` and f `(n, n)` over the box, rows by y."""
    (x0, x1), (y0, y1) = problem.box
    x, y = np.linspace(x0, x1, n), np.linspace(y0, y1, n)
    return x, y, problem.f(np.stack(np.meshgrid(x, y), axis=-1))


def heights(f: Any, floor: float) -> Any:
    """Return log10 of f above its lowest value, so that valleys and cliffs both have level lines.

    The log starts at a thousandth of the median rise. Otherwise all level lines would crowd around
    the minimum. Halves, because a rise from the lowest float to the highest is none.
    """
    rise = np.where(np.isfinite(f), f / 2 - floor / 2, np.nan)
    unit = np.nanmedian(rise) / 1e3 or 1e-9
    with np.errstate(over="ignore"):
        return np.log10(np.minimum(rise / unit, LARGEST) + 1)


def _marks(stationary: tuple[tuple[tuple[float, float], str], ...], large: bool) -> list[Any]:
    """Return a star for each minimum and a cross for each saddle."""
    traces = []
    for kind, symbol, color in (
        ("minimum", "star", VERMILLION),
        ("saddle", "x-thin-open", "#808080"),
    ):
        points = np.array([point for point, what in stationary if what == kind])
        if len(points):
            edge = {"width": 2 if symbol.endswith("open") else 1, "color": "#ffffff"}
            marker = {"symbol": symbol, "color": color, "size": 20 if large else 13, "line": edge}
            traces.append(
                go.Scatter(x=points[:, 0], y=points[:, 1], mode="markers", marker=marker, name=kind)
            )
    return traces


@cached
def contour(
    problem: Problem,
    stationary: tuple[tuple[tuple[float, float], str], ...] = (),
    large: bool = False,
) -> go.Figure:
    """Return the contours of a surface with its minima (stars) and saddles (crosses).

    It is shared between visitors: do not change it.
    """
    x, y, f = grid(problem)
    z = heights(f, float(np.nanmin(np.where(np.isfinite(f), f, np.nan))))
    lines = {"showlines": True, "coloring": "heatmap"}
    levels = np.linspace(np.nanmin(z), np.nanmax(z), LEVELS)
    step = float(levels[1] - levels[0]) or 1.0
    traces: list[Any] = [
        go.Contour(
            x=x.astype(np.float32),
            y=y.astype(np.float32),
            z=z.astype(np.float32),
            contours={**lines, "start": float(levels[0]), "end": float(levels[-1]), "size": step},
            line={"width": 0.7, "color": "rgba(110,130,150,0.55)"},
            colorscale=SHADES,
            showscale=False,
            hoverinfo="skip",
        )
    ]
    traces += _marks(stationary, large)
    (x0, x1), (y0, y1) = problem.box
    layout = base_layout(
        large,
        xaxis={"title": {"text": "x"}, "range": [x0, x1], "showgrid": False},
        yaxis={"title": {"text": "y"}, "range": [y0, y1], "showgrid": False},
        uirevision=f"{problem.text}{problem.box}",
    )
    return go.Figure(data=traces, layout=layout)


@cached
def relief(problem: Problem, large: bool = False) -> go.Figure:
    """Return the surface in three dimensions, heights as in `contour`."""
    x, y, f = grid(problem, 81)
    z = relief_heights(f, f)
    axis = {"showspikes": False, "showbackground": False}
    layout = base_layout(
        large,
        scene={
            "xaxis": {"title": {"text": "x"}, **axis},
            "yaxis": {"title": {"text": "y"}, **axis},
            "zaxis": {"title": {"text": "height^⅓"}, **axis},
            "aspectratio": {"x": 1.4, "y": 1.4, "z": 0.7},
            "camera": {"eye": {"x": -1.3, "y": -1.3, "z": 1.0}},
        },
        uirevision=f"{problem.text}{problem.box}",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )
    surface = go.Surface(
        x=x.astype(np.float32),
        y=y.astype(np.float32),
        z=z.astype(np.float32),
        colorscale="Cividis",
        showscale=False,
        hoverinfo="skip",
        contours={"z": {"show": True, "color": "rgba(255,255,255,0.4)", "width": 1}},
        opacity=0.95,
    )
    return go.Figure(data=[surface], layout=layout)


def relief_heights(values: Any, f: Any) -> Any:
    """Return the cube root of f minus its lowest value, scaled to at most 1."""
    finite = f[np.isfinite(f)] / 2  # halves, as in `heights`
    rise = np.where(np.isfinite(values), values, np.nan) / 2 - finite.min()
    return np.cbrt(np.maximum(rise, 0) / (np.ptp(finite) or 1.0))


def on_relief(problem: Problem, x: Any) -> Any:
    """Return the heights of points `(n, 2)` on the relief, not-a-number outside the window."""
    _, _, f = grid(problem, 81)
    z = relief_heights(problem.f(x), f)
    (x0, x1), (y0, y1) = problem.box
    inside = (x[:, 0] >= x0) & (x[:, 0] <= x1) & (x[:, 1] >= y0) & (x[:, 1] <= y1)
    return np.where(inside, z, np.nan)
