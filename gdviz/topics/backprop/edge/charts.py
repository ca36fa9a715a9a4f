"""The charts below the stage of the edge: shares of the limit, the largest eigenvalues."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import BLUE, GREY, ORANGE, base_layout, colour_of
from gdviz.topics.backprop.edge.settings import EdgeRun

LOG = {"type": "log", "exponentformat": "power"}


def _steps(large: bool, **axes: Any) -> go.Figure:
    return go.Figure(
        layout=base_layout(large, showlegend=True, xaxis={"title": {"text": "step"}}, **axes)
    )


def shares(done: EdgeRun, large: bool = False) -> go.Figure:
    """Return the sharpness as a share of its limit, and the loss on an axis of its own."""
    left = {"title": {"text": "share of the edge"}, "rangemode": "tozero"}
    right = {"title": {"text": "loss"}, "overlaying": "y", "side": "right", "showgrid": False} | LOG
    figure = _steps(large, yaxis=left, yaxis2=right)
    share, steps = done.sharp / done.limit, np.arange(len(done.losses))
    figure.add_scatter(x=steps, y=share, name="λmax over its limit", line={"color": BLUE})
    look: dict[str, Any] = {"color": ORANGE, "dash": "dash"}
    figure.add_scatter(x=steps, y=done.losses, name="loss", yaxis="y2", line=look)
    figure.add_hline(y=1.0, line={"color": GREY, "dash": "dash", "width": 1})
    return figure


def largest(done: EdgeRun, large: bool = False) -> go.Figure:
    """Return the five largest eigenvalues over the steps, and their limit."""
    figure = _steps(large, yaxis={"title": {"text": "eigenvalue"}})
    steps = np.arange(len(done.losses))
    for i, row in enumerate(done.values[:, ::-1][:, :5].T):
        color, dash = colour_of(i)
        figure.add_scatter(x=steps, y=row, name=f"λ{i + 1}", line={"color": color, "dash": dash})
    limit = {"color": GREY, "dash": "dash"}
    figure.add_scatter(x=steps, y=done.limit, name=done.edge.over("η"), line=limit)
    return figure
