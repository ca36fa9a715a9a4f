"""What stays on the stage of the page *geometry*: axes, the ellipses of the metric, borders."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.cache import cached
from gdviz.figures.axes import SPLIT, axis, border
from gdviz.figures.style import GREY, base_layout
from gdviz.geometry import FAMILIES
from gdviz.geometry.geodesics import unit_vectors
from gdviz.geometry.planes import PLANE_FAMILIES, clamp_to_plane
from gdviz.topics.geometry.bound import NINETY

FAINT = "rgba(128,128,128,0.45)"
HYPERBOLIC = {"weibull", *(name for name in PLANE_FAMILIES if name.startswith("normal"))}


@cached
def background(room: str, family: str, ellipses: bool, way: str, large: bool) -> go.Figure:
    """Return the axes of a room: the parameters at the left, what belongs to them at the right.

    It is shared between visitors: do not change it.
    """
    plane, names = PLANE_FAMILIES[family], FAMILIES[family].parameters
    axes = {
        "xaxis": axis(names[0], plane.x, SPLIT[0], "y"),
        "yaxis": axis(names[1], plane.y, [0, 1], "x"),
        **_right(room, family, way),
    }
    figure = go.Figure(border(family), base_layout(large, **axes, uirevision=f"{room}{family}"))
    if ellipses:
        x, y = ellipses_of(family)
        line = {"color": FAINT, "width": 1}
        figure.add_scatter(x=x, y=y, mode="lines", line=line, name="metric", hoverinfo="skip")
    figure.add_traces(_rim(room, family))
    return figure


def _right(room: str, family: str, way: str) -> dict[str, Any]:
    """Return the axes of the panel at the right."""
    plane = PLANE_FAMILIES[family]
    if room == "between" or (room == "shoot" and family in ("gamma", "beta")):
        x, y = axis("outcome x", plane.outcomes, SPLIT[1], "y2"), (0, plane.top)
        if family == "categorical":
            x |= {"tickvals": [0, 1, 2], "ticktext": ["p₁", "p₂", "p₃"], "title": {"text": ""}}
        what = "probability" if family == "categorical" else "density"
        return {"xaxis2": x, "yaxis2": axis(what, y, [0, 1], "x2")}
    if room == "shoot":
        return _model(family)
    if room == "transport":
        about = "share of the way"
        return {
            "xaxis2": axis(about, (0, 1), SPLIT[1], "y2"),
            "yaxis2": axis("turned by, degrees", (-270, 270), [0, 1], "x2", dtick=90),
        }
    square = {"constrain": "domain", "dtick": 2}
    return {
        "xaxis2": axis("√n Lᵀ(θ̂ − θ), g = L Lᵀ", (-4.2, 4.2), SPLIT[1], "y2", **square),
        "yaxis2": axis("", (-4.2, 4.2), [0, 1], "x2", scaleanchor="x2", **square),
    }


def _model(family: str) -> dict[str, Any]:
    """Return the axes of the model: Poincaré's disk, or an octant of the sphere seen from above."""
    bare = {"showticklabels": False, "ticks": "", "constrain": "domain"}
    disk = family in HYPERBOLIC
    bounds, title = ((-1.08, 1.08), "Poincaré disk") if disk else ((-0.05, 1.1), "√p₁, √p₂")
    return {
        "xaxis2": axis(title, bounds, SPLIT[1], "y2", **bare),
        "yaxis2": axis("", bounds, [0, 1], "x2", scaleanchor="x2", **bare),
    }


def _rim(room: str, family: str) -> list[Any]:
    """Return the rim of the model at the right, and an empty trace that calls its axes to life."""
    x: Any = [None]
    y: Any = [None]
    if room == "shoot" and family in HYPERBOLIC:
        turn = np.linspace(0, 2 * np.pi, 121)
        x, y = np.cos(turn), np.sin(turn)
    elif room == "shoot" and family == "categorical":
        turn = np.linspace(0, np.pi / 2, 61)
        x, y = np.r_[0, np.cos(turn), 0], np.r_[0, np.sin(turn), 0]
    elif room == "bound":
        turn = np.linspace(0, 2 * np.pi, 121)
        x, y = NINETY**0.5 * np.cos(turn), NINETY**0.5 * np.sin(turn)
    elif room == "transport":
        x, y = [0, 1], [0, 0]
    line = {"color": GREY, "width": 1.5}
    return [go.Scatter(x=x, y=y, xaxis="x2", yaxis="y2", mode="lines", line=line, hoverinfo="skip")]


@cached
def ellipses_of(family: str) -> tuple[Any, Any]:
    """Return circles of the metric, all of one Fisher radius, as one broken line."""
    plane = PLANE_FAMILIES[family]
    axes = [np.linspace(lo, hi, n) for lo, hi, n in zip(plane.low, plane.high, (9, 6), strict=True)]
    grid = np.stack(np.meshgrid(*axes), -1).reshape(-1, 2)
    at = np.array([p for p in grid if np.hypot(*(p - clamp_to_plane(family, *p))) < 1e-9])
    rings = unit_vectors(family, at, 33)
    reach = np.abs(rings).max((0, 1)) / [(a[1] - a[0]) for a in axes]
    rings = at[:, None] + 0.46 / reach.max() * rings
    gap = np.full((len(at), 1, 2), np.nan)
    x, y = np.concatenate([rings, gap], 1).reshape(-1, 2).T
    return x, y
