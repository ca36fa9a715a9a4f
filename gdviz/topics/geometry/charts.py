"""Charts of the page *geometry*: lengths, ladders, and the surfaces that some families are."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.cache import cached
from gdviz.figures.style import GREEN, ORANGE, base_layout
from gdviz.geometry import FAMILIES, path_length
from gdviz.topics.geometry.figure_parts import LOOKS
from gdviz.topics.geometry.results import RUNGS, GeodesicsResult, T
from gdviz.topics.geometry.settings import PATHS

RIM = 0.5  # the y of the half-plane where the pseudosphere has its rim


def travel_chart(run: GeodesicsResult, family: str, large: bool = False) -> go.Figure:
    """Return the Fisher length from a against t, for every path."""
    figure = go.Figure(
        layout=base_layout(
            large,
            showlegend=True,
            xaxis={"title": {"text": "t"}},
            yaxis={"title": {"text": "Fisher length from a"}},
        )
    )
    for name, path in run.paths.items():
        steps = path_length(family, np.stack([path[:-1], path[1:]], 1))
        color, dash, _ = LOOKS[name]
        y = np.concatenate([[0], np.cumsum(steps)])
        figure.add_scatter(x=T, y=y, name=PATHS[name], line={"color": color, "dash": dash})
    return figure


def ladders(errors: Mapping[str, Sequence[float]], large: bool = False) -> go.Figure:
    """Return the relative error of both ladders against the number of rungs."""
    axis = {"type": "log"}
    figure = go.Figure(
        layout=base_layout(
            large,
            showlegend=True,
            xaxis={"title": {"text": "rungs"}, "tickvals": list(RUNGS), **axis},
            yaxis={"title": {"text": "relative error"}, "exponentformat": "power", **axis},
        )
    )
    for kind, color in (("pole", GREEN), ("schild", ORANGE)):
        y = np.maximum(errors[kind], 1e-17)
        name = "pole ladder" if kind == "pole" else "Schild's ladder"
        figure.add_scatter(x=RUNGS, y=y, name=name, mode="lines+markers", line={"color": color})
    return figure


# --- surfaces -------------------------------------------------------------------------------------


def on_surface(family: str, points: Any) -> Any:
    """Return points `(n, 3)` of the surface that a family is; not numbers beyond its rim.

    Three outcomes: 2√p on a sphere of radius 2. A half-plane: Beltrami's pseudosphere, on which x
    is an angle and the circle at height y ≥ `RIM` has the radius `RIM`/y.
    """
    if family == "categorical":
        whole = np.concatenate([points, 1 - points.sum(-1, keepdims=True)], -1)
        return 2 * np.sqrt(np.clip(whole, 0, 1))
    space = FAMILIES[family].space
    assert space is not None and space.chart is not None
    x, y = space.chart.forward(points).T
    return _tractricoid(x / RIM, np.where(y >= RIM, y / RIM, np.nan))


def _tractricoid(angle: Any, height: Any) -> Any:
    u = np.arccosh(height)
    radius = 1 / height
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), u - np.tanh(u)], -1)


def surface_words(family: str) -> str:
    """Return what the surface is."""
    if family == "categorical":
        return (
            "With z = 2√p, three outcomes lie on an eighth of a sphere of radius 2, and the Fisher "
            "metric is the sphere's own: K = 1/4. Geodesics are great circles."
        )
    return (
        "The strip above the rim of the half-plane, rolled up: a pseudosphere, the surface in "
        "space with the same constant negative curvature. It ends at the rim; the half-plane goes "
        "on. The path is wound around it, and is broken where it dips below."
    )


@cached
def surface(family: str, large: bool = False) -> go.Figure:
    """Return the surface. It is shared between visitors: do not change it."""
    if family == "categorical":
        turn, rise = np.meshgrid(np.linspace(0, np.pi / 2, 31), np.linspace(0, np.pi / 2, 31))
        x, y = 2 * np.sin(rise) * np.cos(turn), 2 * np.sin(rise) * np.sin(turn)
        z = 2 * np.cos(rise)
    else:
        turn, height = np.meshgrid(np.linspace(0, 2 * np.pi, 61), np.geomspace(1, 12, 40))
        x, y, z = np.moveaxis(_tractricoid(turn, height), -1, 0)
    axis = {"showspikes": False, "showbackground": False, "showticklabels": False, "title": ""}
    scene = {
        "xaxis": axis,
        "yaxis": axis,
        "zaxis": axis,
        "aspectmode": "data",
        "camera": {"eye": {"x": 1.3, "y": 1.0, "z": 0.8}},
    }
    made = go.Surface(
        x=x, y=y, z=z, colorscale="Cividis", showscale=False, opacity=0.8, hoverinfo="skip"
    )
    margin = {"l": 0, "r": 0, "t": 0, "b": 0}
    return go.Figure(made, base_layout(large, scene=scene, margin=margin, uirevision=family))
