"""Axes of a stage with two panels, and the borders of a plane of distributions."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import GREY

SPLIT = ([0.0, 0.56], [0.645, 1.0])


def axis(title: str, bounds: Any, domain: Any, anchor: str, **more: Any) -> dict[str, Any]:
    """Return a Plotly axis with a title and a range, over a part of the figure, without a grid."""
    return {
        "title": {"text": title, "standoff": 6},
        "range": list(bounds),
        "domain": list(domain),
        "anchor": anchor,
        "showgrid": False,
        **more,
    }


def border(family: str) -> list[Any]:
    """Return the border of a two-parameter family that is not an axis, as traces."""
    if family == "categorical":
        x, y = [0, 1, 0, 0], [0, 0, 1, 0]
    elif family == "normal_expectation":
        line = np.linspace(-2.5, 2.5, 61)
        x, y = line.tolist(), (line**2).tolist()
    else:
        return []
    look = {"color": GREY, "width": 1.5}
    return [go.Scatter(x=x, y=y, mode="lines", line=look, name="border", hoverinfo="skip")]
