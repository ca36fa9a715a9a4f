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


def ticks_from_zero(top: float) -> list[float]:
    """Return three to six round ticks from 0 to `top`, for an axis that begins below 0.

    >>> ticks_from_zero(0.6)
    [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    """
    decade = 10.0 ** np.floor(np.log10(top))
    step = next(s for s in (0.2, 0.5, 1.0, 2.0, 5.0) if top / (s * decade) < 6) * decade
    return [float(f"{k * step:.6g}") for k in range(int(top / step + 1e-9) + 1)]


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
