"""Tables of stars as coloured cells, the first row on top, and figures of several panels."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.scene import Cells
from gdviz.figures.style import DIVERGING, base_layout

# Cividis: dark is low; a colour-blind eye sees it as everyone does, and no value is the paper's.
STARS = ("#00224E", "#35456C", "#666970", "#948E77", "#C8B866", "#FEE838")


def table(name: str, values: Any, scale: tuple[float, float], panel: int) -> Cells:
    """Return a table of stars `(n + 1, rows, columns)`; not-a-number is left open."""
    around, (lo, hi) = corners(values), scale
    return Cells(name, *around, _flat(values), lo, hi, STARS, panel)


def signed_table(name: str, values: Any, most: float, panel: int) -> Cells:
    """Return a table of numbers of both signs, coloured to the size `most`."""
    around = corners(values)
    return Cells(name, *around, _flat(values), -most, most, DIVERGING, panel)


def _flat(values: Any) -> Any:
    return values.reshape(len(values), -1)


def corners(values: Any) -> tuple[Any, Any, Any, Any]:
    """Return the corners `(1, cells)` of the cells of a table, the first row on top."""
    rows, columns = values.shape[-2:]
    y, x = np.indices((rows, columns))
    left, bottom = x.ravel()[None] * 1.0, (rows - 1 - y).ravel()[None] * 1.0
    return left, bottom, left + 1, bottom + 1


def panels(axes: dict[str, Any], count: int, words: list[Any], large: bool) -> go.Figure:
    """Return a figure with empty panels and words over them at the left."""
    notes = [
        {
            "xref": "paper",
            "yref": "paper",
            "x": x,
            "y": y,
            "text": text,
            "showarrow": False,
            "xanchor": "left",
            "yanchor": "bottom",
            "font": {"size": 17 if large else 12},
        }
        for x, y, text in words
    ]
    names = ["" if n == 0 else str(n + 1) for n in range(count)]
    empty = [go.Scatter(x=[None], y=[None], xaxis=f"x{n}", yaxis=f"y{n}") for n in names]
    margin = {"l": 64, "r": 16, "t": 34 if large else 26, "b": 72 if large else 44}
    layout = base_layout(large, annotations=notes, **axes) | {"margin": margin}
    return go.Figure(empty, layout)
