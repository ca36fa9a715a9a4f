"""Charts over the learning rate: what each method comes to, and how η goes over the steps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import PLOTLY_SYMBOLS, base_layout, looks_of
from gdviz.optimize import LABELS

LOG = {"type": "log", "exponentformat": "power"}


def against_rate(rates: Any, values: Mapping[str, Any], title: str, large: bool = False) -> Any:
    """Return what methods came to against η, both axes logarithmic; a gap where they were lost."""
    figure, looks = go.Figure(), looks_of(values)
    for name, row in values.items():
        look = looks[name]
        figure.add_scatter(
            x=rates, y=np.where(np.isfinite(row), row, np.nan), name=LABELS[name],
            mode="lines+markers",
            line={"color": look.color, "dash": look.dash, "width": 4 if large else 2},
            marker={"symbol": PLOTLY_SYMBOLS.get(look.symbol, look.symbol), "size": 6},
        )  # fmt: skip
    axes = {"xaxis": {"title": {"text": "learning rate η"}, **LOG}}
    axes["yaxis"] = {"title": {"text": title}, **LOG}
    figure.update_layout(base_layout(large, showlegend=True, hovermode="x unified", **axes))
    return figure


def rate_over_steps(name: str, rates: Any, large: bool = False) -> Any:
    """Return η_k at each step of one method."""
    look = looks_of([name])[name]
    figure = go.Figure()
    figure.add_scatter(
        x=np.arange(len(rates)), y=rates, name=LABELS[name], mode="lines",
        line={"color": look.color, "dash": look.dash, "width": 4 if large else 2},
    )  # fmt: skip
    axes: dict[str, Any] = {"xaxis": {"title": {"text": "step k"}}}
    axes["yaxis"] = {"title": {"text": "η<sub>k</sub>"}, "rangemode": "tozero"}
    figure.update_layout(base_layout(large, hovermode="x unified", **axes))
    return figure
