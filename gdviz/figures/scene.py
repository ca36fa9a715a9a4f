"""A scene: what moves over a background figure, as plain arrays, with a message and a still of it.

The stage draws a scene in the browser from the packed message; `still` draws the same content as
an ordinary figure, for exports, notebooks and tests. The message is documented in stage.js.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import BLUE, GREY, PLOTLY_SYMBOLS


class Track(NamedTuple):
    """A path walked one point a step: `x, y (n + 1,)`; `labels` name its two coordinates."""

    name: str
    x: Any
    y: Any
    color: str = BLUE
    dash: str = "solid"
    symbol: str = "circle"
    panel: int = 0
    labels: tuple[str, str] = ("x", "y")
    kind: str = "track"


class Segments(NamedTuple):
    """Lines of the current step from `(x0, y0)` to `(x1, y1)`, each `(n + 1, lines)`."""

    name: str
    x0: Any
    y0: Any
    x1: Any
    y1: Any
    color: str | None = GREY
    dash: str = "solid"
    panel: int = 0
    arrow: bool = False
    kind: str = "segments"


class Points(NamedTuple):
    """Points of the current step, `x, y (n + 1, points)`, not-a-number where there is none."""

    name: str
    x: Any
    y: Any
    color: str | None = GREY
    symbol: str = "open"
    panel: int = 0
    kind: str = "points"


class Polygon(NamedTuple):
    """A filled shape of the current step with corners `x, y (n + 1, corners)`."""

    name: str
    x: Any
    y: Any
    color: str | None = GREY
    panel: int = 0
    kind: str = "polygon"


class Cursor(NamedTuple):
    """A vertical line through all panels at `x (n + 1,)`."""

    name: str
    x: Any
    color: str | None = GREY
    kind: str = "cursor"


class Reading(NamedTuple):
    """A number shown in words under the figure, `values (n + 1,)`."""

    name: str
    values: Any
    kind: str = "reading"


class Path3D(NamedTuple):
    """A path in three dimensions, `x, y, z (n + 1,)`, for the relief beside a stage."""

    name: str
    x: Any
    y: Any
    z: Any
    color: str = BLUE
    kind: str = "path3d"


Layer = Track | Path3D | Segments | Points | Polygon | Cursor | Reading
ARRAYS = {"x", "y", "z", "x0", "y0", "x1", "y1", "values"}


class Handle(NamedTuple):
    """A point that the hand can drag, or put by a click in its panel.

    `axes` is "x" or "xy"; `curve` is the index of the background trace it rides on, or None. A
    `live` handle answers while it is dragged, another one only when it is let go; `knobs` names
    the settings that its coordinates are.
    """

    id: str
    label: str
    x: float
    y: float
    axes: str = "xy"
    panel: int = 0
    curve: int | None = None
    live: bool = True
    knobs: tuple[str, ...] = ()


class Chip(NamedTuple):
    """One entry of the legend: a sample of the line, the name, the verdict, and its reason."""

    name: str
    sample: str
    color: str
    verdict: str
    reason: str


class Scene(NamedTuple):
    """Layers over a background, the handles, a sentence that says what is seen, and the legend."""

    layers: Sequence[Layer]
    handles: Sequence[Handle] = ()
    alt: str = ""
    chips: Sequence[Chip] = ()

    @property
    def steps(self) -> int:
        """The number of the last step of the longest layer."""
        return max((len(_rows(layer)) - 1 for layer in self.layers), default=0)


def _rows(layer: Layer) -> Any:
    return next(getattr(layer, name) for name in layer._fields if name in ARRAYS)


def pack(scene: Scene, **header: Any) -> bytes:
    """Return the scene as one message: header length, JSON header, float32 arrays."""
    arrays: list[np.ndarray] = []
    layers = [_packed(layer, arrays) for layer in scene.layers]
    handles = [handle._asdict() for handle in scene.handles]
    chips = [chip._asdict() for chip in scene.chips]
    about = {"steps": scene.steps, "alt": scene.alt, "chips": chips, "handles": handles}
    head = {**about, "layers": layers, **header}
    text = json.dumps(head, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + b"".join(a.tobytes() for a in arrays)


def _packed(layer: Layer, arrays: list[np.ndarray]) -> dict[str, Any]:
    """Return the layer's header entry; its arrays are appended and named by their place."""
    entry: dict[str, Any] = {}
    for name, value in layer._asdict().items():
        if name in ARRAYS:
            with np.errstate(over="ignore"):  # what float32 cannot hold is drawn at infinity
                values = np.asarray(value, dtype="<f4")
            table = values.reshape(len(values), -1)
            entry[name] = [sum(a.size for a in arrays), *table.shape]
            arrays.append(np.ascontiguousarray(table))
        else:
            entry[name] = dict(enumerate(value)) if isinstance(value, tuple) else value
    return entry


def still(background: go.Figure, scene: Scene, step: int | None = None) -> go.Figure:
    """Return the background with the scene as it stands at `step` (the last by default)."""
    k = scene.steps if step is None else step
    figure = go.Figure(background)
    figure.add_traces([trace for layer in scene.layers for trace in _drawn(layer, k)])
    for layer in scene.layers:
        if isinstance(layer, Cursor):
            figure.add_vline(
                x=float(_at(layer.x, k)),
                line={"color": layer.color or GREY, "dash": "dash", "width": 1},
            )
    return figure


def _at(values: Any, k: int) -> Any:
    return np.asarray(values)[min(k, len(values) - 1)]


def _drawn(layer: Layer, k: int) -> list[go.Scatter]:
    if isinstance(layer, Track):
        return [_track(layer, k)]
    if isinstance(layer, Segments):
        return _segments(layer, k)
    if isinstance(layer, Points):
        marker = {
            "symbol": PLOTLY_SYMBOLS.get(layer.symbol, layer.symbol),
            "color": layer.color or GREY,
            "size": 9,
        }
        return [_scatter(layer, _at(layer.x, k), _at(layer.y, k), mode="markers", marker=marker)]
    if isinstance(layer, Polygon):
        x, y = _at(layer.x, k), _at(layer.y, k)
        return [
            _scatter(
                layer, x, y, mode="none", fill="toself", fillcolor=layer.color or GREY, opacity=0.18
            )
        ]
    return []


def _track(layer: Track, k: int) -> go.Scatter:
    ghost = layer.kind == "ghost"
    end = len(layer.x) if ghost else k + 1
    return _scatter(
        layer,
        layer.x[:end],
        layer.y[:end],
        mode="lines+markers",
        opacity=0.4 if ghost else 1.0,
        line={"color": layer.color or GREY, "dash": "dot" if ghost else layer.dash, "width": 2},
        marker={"symbol": PLOTLY_SYMBOLS.get(layer.symbol, layer.symbol), "size": 6},
    )


def _segments(layer: Segments, k: int) -> list[go.Scatter]:
    ends = [_at(a, k).ravel() for a in (layer.x0, layer.x1, layer.y0, layer.y1)]
    gap = np.full(len(ends[0]), np.nan)
    x, y = (
        np.stack([ends[0], ends[1], gap], 1).ravel(),
        np.stack([ends[2], ends[3], gap], 1).ravel(),
    )
    mode = "lines+markers" if layer.arrow else "lines"
    marker = {"symbol": "arrow", "angleref": "previous", "size": 12}
    line = {"color": layer.color or GREY, "dash": layer.dash, "width": 2}
    return [_scatter(layer, x, y, mode=mode, line=line, marker=marker)]


def _scatter(layer: Any, x: Any, y: Any, **look: Any) -> go.Scatter:
    # The panels of a stage stand above each other on one x axis.
    axis = "y" if layer.panel == 0 else f"y{layer.panel + 1}"
    return go.Scatter(x=x, y=y, name=layer.name, yaxis=axis, hoverinfo="skip", **look)
