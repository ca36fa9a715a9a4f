"""A scene as a file shows it: what the hand could drag is drawn as a mark, tools are left out."""

from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.scene import Handle, Labels, Layer, Points, Scene, Segments

INK = "#222222"
EDGE = 0.01  # of a panel, between its edge and the arrow to a mark outside
ARROW = 0.05  # of a panel, the length of that arrow


class PanelWindow(NamedTuple):
    """What a panel shows: its corners `low` and `high (2,)`, and which axes are logarithmic."""

    low: np.ndarray
    high: np.ndarray
    log: np.ndarray

    def share(self, point: Any) -> np.ndarray:
        """Return where a point is as shares of the panel: 0 to 1 inside."""
        with np.errstate(all="ignore"):
            point = np.asarray(point, float)
            return (np.where(self.log, np.log10(point), point) - self.low) / (self.high - self.low)

    def point(self, share: np.ndarray) -> np.ndarray:
        """Return the point at shares of the panel."""
        place = self.low + share * (self.high - self.low)
        return np.where(self.log, 10.0**place, place)


def with_marks(scene: Scene, background: go.Figure) -> Scene:
    """Return a scene without handles: data and starts are points, buttons of the stage are gone.

    A handle outside the ranges of its axes is an arrow at the edge, with its value.
    """
    shown = [handle for handle in scene.handles if handle.drawn and not handle.tool]
    layers = [layer for layer in scene.layers if not getattr(layer, "tool", False)]
    windows = {handle.panel: _window(background, handle.panel) for handle in shown}
    inside = [handle for handle in shown if not _is_outside(handle, windows[handle.panel])]
    arrows = [
        layer
        for handle in shown
        if (window := windows[handle.panel]) and _is_outside(handle, window)
        for layer in _arrow(handle, window)
    ]
    return scene._replace(layers=[*layers, *_marks(inside), *_names(inside), *arrows], handles=())


def _is_outside(handle: Handle, window: PanelWindow | None) -> bool:
    return window is not None and bool(
        np.any(np.abs(window.share((handle.x, handle.y)) - 0.5) > 0.5)
    )


def _window(background: go.Figure, panel: int) -> PanelWindow | None:
    """Return what a panel shows, or None where Plotly makes room for all that is drawn."""
    n, layout = str(panel + 1) if panel else "", background.layout.to_plotly_json()
    vertical = layout.get(f"yaxis{n}", {})
    axes = layout.get(f"xaxis{n}", layout.get("xaxis", {})), vertical
    ranges = [axis.get("range") for axis in axes]
    if not all(ranges):
        return None
    low, high = np.array(ranges, float).T
    return PanelWindow(low, high, np.array([axis.get("type") == "log" for axis in axes]))


def _look(handle: Handle) -> tuple[Any, ...]:
    return handle.panel, handle.color or "", handle.size


def _marks(handles: list[Handle]) -> list[Layer]:
    """Return a layer of points for each look of the handles, in their order."""
    drawn: list[Layer] = []
    for (panel, color, size), group in groupby(handles, _look):
        x, y = np.array([(handle.x, handle.y) for handle in group]).T
        symbol, radius = ("circle", 0.75 * size) if color else ("open", 0.75 * size)
        drawn.append(
            Points("", x[None], y[None], color or INK, symbol, panel, np.full((1, len(x)), radius))
        )
    return drawn


def _names(handles: list[Handle]) -> list[Layer]:
    """Return the names of the handles, to the right of each."""
    return [
        Labels("", [[h.x]], [[h.y]], ((3 * "\u00a0" + h.label,),), panel=h.panel, align="left")
        for h in handles
        if h.label
    ]


def _arrow(handle: Handle, window: PanelWindow) -> list[Layer]:
    """Return the arrow from inside a panel to its edge, and the name and value of the handle."""
    share = np.nan_to_num(window.share((handle.x, handle.y)), nan=0.5)
    tip = np.clip(share, EDGE, 1 - EDGE)
    way = np.clip(share, -1, 2) - tip
    tail = tip - ARROW * way / np.linalg.norm(way)
    (x0, y0), (x1, y1) = window.point(tail), window.point(tip)
    arrow = Segments(
        "", [[x0]], [[y0]], [[x1]], [[y1]], handle.color or INK, panel=handle.panel, arrow=True
    )
    if not handle.label:
        return [arrow]
    value = f"{handle.x:.4g}" + (f", {handle.y:.4g}" if handle.axes == "xy" else "")
    text, align = f"\u00a0{handle.label} {value}\u00a0", "right" if tail[0] > 0.5 else "left"
    return [arrow, Labels("", [[x0]], [[y0]], ((text,),), panel=handle.panel, align=align)]
