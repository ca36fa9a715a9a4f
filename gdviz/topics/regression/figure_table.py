"""What the stages of *many features* and *house prices* share: predicted over actual."""

from typing import Any

import plotly.graph_objects as go

from gdviz.figures.style import GREY

SIDES = ([0.0, 0.46], [0.56, 1.0])


def room(large: bool) -> dict[str, Any]:
    """Return a left margin with room for long numbers."""
    return {} if large else {"margin": {"l": 78, "r": 16, "t": 12, "b": 48}}


def diagonal(lo: float, hi: float) -> go.Scatter:
    """Return the line on which a prediction is right."""
    line = {"color": GREY, "dash": "dash", "width": 1.5}
    return go.Scatter(x=[lo, hi], y=[lo, hi], mode="lines", line=line, hoverinfo="skip")


def empty_trace(n: str) -> go.Scatter:
    """Return a trace that only makes the axes of panel n."""
    return go.Scatter(x=[None], y=[None], xaxis=f"x{n}", yaxis=f"y{n}")
