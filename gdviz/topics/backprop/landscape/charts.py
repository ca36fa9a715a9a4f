"""The charts below the loss landscape: a relief, the line between two networks, the directions."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.scene import Path3D, Scene
from gdviz.figures.style import BLUE, GREEN, GREY, ORANGE, VERMILLION, base_layout
from gdviz.topics.backprop.landscape.figure import axis_names, shown_losses
from gdviz.topics.backprop.landscape.settings import Landscape, LandscapeRun, T, Twin

MOST_DIRECTIONS = 12


def directions(done: LandscapeRun, large: bool = False) -> go.Figure:
    """Return how much of the path its first k main directions hold, a bar each."""
    shares = 100 * np.cumsum(done.shares)[:MOST_DIRECTIONS]
    axes = {
        "xaxis": {"title": {"text": "main directions of the path"}, "dtick": 1},
        "yaxis": {"title": {"text": "% of the path held"}, "range": [0, 104]},
    }
    bars = go.Bar(
        x=np.arange(1, len(shares) + 1), y=shares, marker={"color": BLUE},
        hovertemplate="%{x} directions<br>%{y:.4g} %<extra></extra>",
    )  # fmt: skip
    return go.Figure(bars, base_layout(large, **axes))


def line(twin: Twin, large: bool = False) -> go.Figure:
    """Return the loss on the straight line from A to B, before and after its units are matched."""
    axes = {
        "xaxis": {"title": {"text": "t, from A to B"}},
        "yaxis": {"title": {"text": "loss"}, "rangemode": "tozero"},
    }
    figure = go.Figure(layout=base_layout(large, showlegend=True, **axes))
    for name, losses, color, dash in (
        ("to B", twin.before, VERMILLION, "solid"),
        ("to B, its units matched", twin.after, GREEN, "dash"),
    ):
        figure.add_scatter(x=T, y=losses, name=name, line={"color": color, "dash": dash})
    ends = twin.before[[0, -1]]
    figure.add_scatter(
        x=[0, 1], y=ends, name="no barrier", line={"color": GREY, "dash": "dot"}, mode="lines"
    )
    return figure


def relief(spec: Landscape, done: LandscapeRun, large: bool = False) -> tuple[go.Figure, Scene]:
    """Return the loss of the plane in three dimensions, and the path at its own loss."""
    z = np.log10(shown_losses(done, done.loss))
    z = np.minimum(z, np.quantile(z, 0.98))
    names, bare = axis_names(spec), {"showspikes": False, "showbackground": False}
    layout: Any = base_layout(
        large,
        scene={
            "xaxis": {"title": {"text": names[0]}, **bare},
            "yaxis": {"title": {"text": names[1]}, **bare},
            "zaxis": {"title": {"text": "log₁₀ L"}, **bare},
            "aspectratio": {"x": 1.4, "y": 1.4, "z": 0.8},
            "camera": {"eye": {"x": -1.3, "y": -1.3, "z": 1.0}},
        },
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )
    surface = go.Surface(
        x=done.a, y=done.b, z=z.astype("f4"), colorscale="Cividis", showscale=False,
        hoverinfo="skip", opacity=0.85,
        contours={"z": {"show": True, "color": "rgba(255,255,255,0.4)", "width": 1}},
    )  # fmt: skip
    x, y = done.seen.places.T
    layers = [
        Path3D("on the path", x, y, np.log10(shown_losses(done, done.losses)), ORANGE),
        Path3D("in the plane", x, y, np.log10(shown_losses(done, done.flat_losses)), BLUE),
    ]
    words = "The loss of the plane in three dimensions; the path at its own loss, and below it."
    return go.Figure(surface, layout), Scene(layers, (), words)
