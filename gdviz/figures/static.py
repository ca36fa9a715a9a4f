"""A scene at one step as a plain Plotly figure, for exports and notebooks."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from gdviz.figures import scene as layers
from gdviz.figures.marks import with_marks
from gdviz.figures.scene import Layer, Scene
from gdviz.figures.style import GREY, PLOTLY_SYMBOLS

PAPER = "#ffffff"
GAP = np.nan


def static_figure(background: go.Figure, scene: Scene, step: int | None = None) -> go.Figure:
    """Return the background with the scene as it stands at `step` (the last by default)."""
    scene = with_marks(scene, background)
    k = scene.steps if step is None else step
    figure = go.Figure(background)
    beside = figure.layout.to_plotly_json().keys() - {"xaxis"}
    drawn = [trace for layer in scene.layers for trace in _drawn(layer, k)]
    for trace in drawn:
        if trace.yaxis.replace("y", "xaxis") in beside:
            trace.xaxis = trace.yaxis.replace("y", "x")
    figure.add_traces(drawn)
    for layer in scene.layers:
        if isinstance(layer, layers.Cursor):
            line = {"color": layer.color or GREY, "dash": "dash", "width": 1}
            figure.add_vline(x=float(_at(layer.x, k)), line=line)
    return figure


def _at(values: Any, k: int) -> Any:
    return np.asarray(values)[min(k, len(values) - 1)]


def _drawn(layer: Layer, k: int) -> list[Any]:
    draw = _PENS.get(type(layer))
    return draw(layer, k) if draw else []


def _scatter(layer: Any, x: Any, y: Any, **look: Any) -> go.Scatter:
    axis = "y" if layer.panel == 0 else f"y{layer.panel + 1}"
    for part in ("marker", "line"):
        if look.get(part, {}).get("color") == "paper":
            look[part]["color"] = PAPER
    return go.Scatter(x=x, y=y, name=layer.name, yaxis=axis, hoverinfo="skip", **look)


def _track(layer: layers.Track, k: int) -> list[Any]:
    ghost = layer.kind == "ghost"
    end = min(len(layer.x), len(layer.x) if ghost else k + 1)
    if layer.tail:
        return _walk(layer, end)
    sizes = [6 if end < 60 else 3] * (end - 1) + [6 if ghost else 10]
    return [
        _scatter(
            layer,
            layer.x[:end],
            layer.y[:end],
            mode="lines+markers",
            opacity=0.4 if ghost else 1.0,
            line={"color": layer.color or GREY, "dash": "dot" if ghost else layer.dash, "width": 2},
            marker={
                "symbol": PLOTLY_SYMBOLS.get(layer.symbol, layer.symbol),
                "size": sizes,
                "opacity": 1,  # Plotly makes a list of sizes transparent and white-edged
                "line": {"width": 0},
            },
        )
    ]


def _walk(layer: layers.Track, end: int) -> list[Any]:
    """Return the points so far as faint dots, and the last steps as a line."""
    look = {"color": layer.color or GREY, "dash": layer.dash, "width": 2}
    dots = {"symbol": PLOTLY_SYMBOLS.get(layer.symbol, layer.symbol), "color": look["color"]}
    first = max(0, end - 1 - layer.tail)
    x, y = layer.x[:end], layer.y[:end]
    return [
        _scatter(layer, x, y, mode="markers", opacity=0.35, marker={**dots, "size": 5}),
        _scatter(layer, x[first:], y[first:], mode="lines", line=look),
        _scatter(layer, x[-1:], y[-1:], mode="markers", marker={**dots, "size": 10}),
    ]


def _joined(*columns: Any) -> np.ndarray:
    """Return the points of all columns as one list, with a gap after each item."""
    return np.stack([*columns, np.full(len(columns[0]), GAP)], 1).ravel()


def _segments(layer: layers.Segments, k: int) -> list[Any]:
    x0, x1, y0, y1 = (_at(a, k).ravel() for a in (layer.x0, layer.x1, layer.y0, layer.y1))
    mode = "lines+markers" if layer.arrow else "lines"
    marker = {"symbol": "arrow", "angleref": "previous", "size": 12}
    line = {"color": layer.color or GREY, "dash": layer.dash, "width": 2}
    return [_scatter(layer, _joined(x0, x1), _joined(y0, y1), mode=mode, line=line, marker=marker)]


def _points(layer: layers.Points, k: int) -> list[Any]:
    size = 9 if layer.sizes is None else 2 * np.nan_to_num(_at(layer.sizes, k))
    symbol = PLOTLY_SYMBOLS.get(layer.symbol, layer.symbol)
    marker = {"symbol": symbol, "color": layer.color or GREY, "size": size}
    if layer.sizes is not None:  # a list of sizes makes bubbles, see-through and white-edged
        marker |= {"opacity": 1, "line": {"width": 1.5 if "open" in symbol else 0}}
    return [_scatter(layer, _at(layer.x, k), _at(layer.y, k), mode="markers", marker=marker)]


def _polygon(layer: layers.Polygon, k: int) -> list[Any]:
    look = {"fillcolor": layer.color or GREY, "opacity": layer.opacity}
    x, y = _at(layer.x, k), _at(layer.y, k)
    return [_scatter(layer, x, y, mode="none", fill="toself", **look)]


def _line(layer: layers.Line, k: int) -> list[Any]:
    x, y = np.asarray(_at(layer.x, k), float), np.asarray(_at(layer.y, k), float)
    look = {"color": layer.color or GREY, "dash": layer.dash, "width": layer.width}
    curve = _scatter(layer, x, y, mode="lines", line=look)
    if layer.fill is None:
        return [curve]
    pieces = np.ma.clump_unmasked(np.ma.masked_invalid(x + y))
    down = [(np.r_[x[p][0], x[p], x[p][-1], GAP], np.r_[GAP, y[p], GAP, GAP]) for p in pieces]
    for _, heights in down:
        heights[[0, -2]] = layer.fill
    xs, ys = (np.concatenate([d[i] for d in down] or [[GAP]]) for i in (0, 1))
    shade = {"fill": "toself", "fillcolor": layer.color or GREY, "opacity": 0.2}
    return [_scatter(layer, xs, ys, mode="none", **shade), curve]


def _scale(layer: Any) -> list[Any]:
    """Return the colours of a layer as a Plotly colour scale."""
    colors = [PAPER if color == "paper" else color for color in layer.colors]
    return [[i / (len(colors) - 1), color] for i, color in enumerate(colors)]


def _cells(layer: layers.Cells, k: int, shades: int = 24) -> list[Any]:
    """Return one trace for each of a few shades: Plotly has no rectangles coloured one by one."""
    values = np.asarray(_at(layer.values, k), float)
    share = np.clip((values - layer.lo) / (layer.hi - layer.lo), 0, 1)
    bins = np.where(np.isnan(values), -1, np.rint(np.nan_to_num(share) * (shades - 1)))
    x0, y0, x1, y1 = (np.asarray(_at(a, k)) for a in (layer.x0, layer.y0, layer.x1, layer.y1))
    drawn = []
    for shade in np.unique(bins[bins >= 0]):
        i = bins == shade
        color = sample_colorscale(_scale(layer), shade / (shades - 1))[0]
        x, y = _joined(x0[i], x1[i], x1[i], x0[i]), _joined(y0[i], y0[i], y1[i], y1[i])
        look = {"fillcolor": color, "opacity": layer.opacity}
        drawn.append(_scatter(layer, x, y, mode="none", fill="toself", **look))
    return drawn


def _image(layer: layers.Image, k: int) -> list[Any]:
    pixels = np.asarray(_at(layer.pixels, k))
    rows, columns = pixels.shape
    axis = "y" if layer.panel == 0 else f"y{layer.panel + 1}"
    return [
        go.Heatmap(
            z=pixels,
            x=layer.left + (np.arange(columns) + 0.5) * (layer.right - layer.left) / columns,
            y=layer.bottom + (np.arange(rows) + 0.5) * (layer.top - layer.bottom) / rows,
            zmin=layer.lo,
            zmax=layer.hi,
            colorscale=_scale(layer),
            opacity=layer.opacity,
            showscale=False,
            name=layer.name,
            yaxis=axis,
            hoverinfo="skip",
        )
    ]


def _edges(layer: layers.Edges, k: int, widths: int = 6) -> list[Any]:
    """Return one trace for each sign and each of a few widths."""
    weights = np.asarray(_at(layer.weights, k), float)
    size = np.ceil(np.clip(np.abs(weights) / layer.most, 0, 1) * widths)
    ends = [np.asarray(_at(a, k)) for a in (layer.x0, layer.x1, layer.y0, layer.y1)]
    drawn = []
    for negative, color in ((True, layer.colors[0]), (False, layer.colors[-1])):
        for width in np.unique(size[(weights < 0) == negative]):
            i = ((weights < 0) == negative) & (size == width)
            x0, x1, y0, y1 = (end[i] for end in ends)
            look = {"color": color, "width": 0.5 + 5 * width / widths}
            x, y = _joined(x0, x1), _joined(y0, y1)
            drawn.append(_scatter(layer, x, y, mode="lines", line=look))
    return drawn


def _labels(layer: layers.Labels, k: int) -> list[Any]:
    font = {"size": layer.size} | ({"color": layer.color} if layer.color else {})
    text = list(layer.texts[min(k, len(layer.texts) - 1)])
    x, y = _at(layer.x, k), _at(layer.y, k)
    # Plotly names the side of the point where the text stands.
    side = {"left": "middle right", "right": "middle left"}.get(layer.align, "middle center")
    look = {"mode": "text", "textfont": font, "textposition": side, "meta": layer.room}
    return [_scatter(layer, x, y, text=text, **look)]


_PENS: dict[type, Any] = {
    layers.Track: _track,
    layers.Segments: _segments,
    layers.Points: _points,
    layers.Polygon: _polygon,
    layers.Line: _line,
    layers.Cells: _cells,
    layers.Image: _image,
    layers.Edges: _edges,
    layers.Labels: _labels,
}
