"""Where the panels of a figure are: their columns, and their place in pixels."""

import math
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

BESIDE = 0.04  # panels nearer than this share of the width belong together: a plane and its margin


class PanelBox(NamedTuple):
    """A panel in pixels from the figure's top left corner, and the ranges of its axes."""

    left: float
    top: float
    width: float
    height: float
    x: Any
    y: Any

    def px(self, x: float) -> float:
        """Return where a value of x stands."""
        return self.left + _share(x, self.x) * self.width

    def py(self, y: float) -> float:
        """Return where a value of y stands."""
        return self.top + (1 - _share(y, self.y)) * self.height


def _share(value: float, axis: Any) -> float:
    """Return where a value stands on an axis, from 0 to 1; not-a-number where it has no place."""
    lo, hi = axis.range or (math.nan, math.nan)
    if axis.type == "log":
        value = math.log10(value) if value > 0 else math.nan
    return (value - lo) / (hi - lo)


def panels(figure: go.Figure) -> dict[str, tuple[Any, Any]]:
    """Return the two axes of each panel by the name of the y axis; a lone x axis is of all."""
    across = {axis.plotly_name: axis for axis in figure.select_xaxes()}
    found = {}
    for y in figure.select_yaxes():
        name = y.plotly_name.replace("axis", "")
        found[name] = across.get(f"xaxis{name[1:]}", figure.layout.xaxis), y
    return found


def set_ranges(figure: go.Figure) -> None:
    """Give each axis without a range that of the points drawn in its panel, and a little more."""
    for name, axes in panels(figure).items():
        drawn = [
            t for t in figure.data if t.type in ("scatter", "bar") and (t.yaxis or "y") == name
        ]
        for letter, axis in zip("xy", axes, strict=True):
            if axis.range is not None or not drawn:
                continue
            values = np.concatenate([np.ravel(trace[letter]).astype(float) for trace in drawn])
            with np.errstate(all="ignore"):
                values = np.log10(values) if axis.type == "log" else values
            values = values[np.isfinite(values)]
            low, high = (values.min(), values.max()) if len(values) else (0.0, 1.0)
            room = 0.05 * (high - low) or 1.0
            axis.range = (float(low - room), float(high + room))


def columns(figure: go.Figure) -> list[tuple[float, float]]:
    """Return from where to where each column of panels goes, from left to right."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(axis.domain or (0, 1) for axis in figure.select_xaxes()):
        if found and start - found[-1][1] < BESIDE:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found or [(0.0, 1.0)]


def stack(figure: go.Figure, gap: float) -> None:
    """Put the columns of a figure one under another, `gap` of its height apart."""
    found = columns(figure)
    high = (1 - gap * (len(found) - 1)) / len(found)
    places = panels(figure)
    axes = {axis.plotly_name: (axis, axis.domain or (0, 1)) for axis in figure.select_xaxes()}
    for n, (left, right) in enumerate(found):
        floor, wide = 1 - high - n * (high + gap), right - left
        for x, y in places.values():
            if left <= axes[x.plotly_name][1][0] < right:
                y.domain = [_inside(floor + high * at) for at in y.domain or (0, 1)]
        for axis, domain in axes.values():
            if left <= domain[0] < right:
                axis.domain = [_inside((at - left) / wide) for at in domain]
        for note in figure.layout.annotations:
            if note.xref == "paper" and left <= note.x < right and note.yshift is None:
                note.update(x=(note.x - left) / wide, y=floor + high * note.y, yshift=0)


def _inside(share: float) -> float:
    return min(1.0, max(0.0, share))


def windows(figure: go.Figure) -> dict[str, PanelBox]:
    """Return the place of each panel by the name of its y axis, for a figure of a known size."""
    layout = figure.layout
    margin = layout.margin
    wide = layout.width - margin.l - margin.r
    high = layout.height - margin.t - margin.b
    found = {}
    for name, (x, y) in panels(figure).items():
        (x0, x1), (y0, y1) = x.domain or (0, 1), y.domain or (0, 1)
        left, top = margin.l + x0 * wide, margin.t + (1 - y1) * high
        found[name] = _square(PanelBox(left, top, (x1 - x0) * wide, (y1 - y0) * high, x, y))
    return found


def _square(window: PanelBox) -> PanelBox:
    """Return a panel whose axes have one scale as Plotly shrinks it, towards its middle."""
    if window.y.scaleanchor is None or not (window.x.range and window.y.range):
        return window
    spans = [abs(hi - lo) for lo, hi in (window.x.range, window.y.range)]
    scale = min(window.width / spans[0], window.height / spans[1])
    wide, high = scale * spans[0], scale * spans[1]
    left = window.left + (window.width - wide) / 2
    return window._replace(
        left=left, top=window.top + (window.height - high) / 2, width=wide, height=high
    )
