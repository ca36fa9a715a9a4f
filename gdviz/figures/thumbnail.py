"""A picture small enough for a card: the last step of a scene over its background, as plain SVG.

It needs no browser to be drawn and no script to be seen. Paths draw themselves once when it is
shown, unless the visitor wants no motion; what has the ink of the page follows light and dark.
"""

import base64
import io
from collections.abc import Callable, Iterator
from html import escape
from typing import Any, NamedTuple

import numpy as np
from plotly.colors import sample_colorscale

from gdviz.figures import scene as layers
from gdviz.figures.scene import Picture
from gdviz.figures.style import GREY

WIDTH, HEIGHT = 320, 180
MOST_POINTS = 160
_STYLE = """
.ink { color: #2b3138 } .walk { stroke-dasharray: 1; animation: walk 2.4s ease-out }
@keyframes walk { from { stroke-dashoffset: 1 } }
@media (prefers-color-scheme: dark) { .ink { color: #e6e9ee } }
@media (prefers-reduced-motion: reduce) { .walk { animation: none } }
"""


class Frame(NamedTuple):
    """Where a panel lies in the card, and the window of values that it shows."""

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]
    log: tuple[bool, bool]

    def place(self, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return points as pixels of the card, held near it; not-a-number stays."""
        values = [np.asarray(v, float) for v in (x, y)]
        with np.errstate(all="ignore"):
            u, v = (np.log10(v) if log else v for v, log in zip(values, self.log, strict=True))
            across = (u - self.x[0]) / (self.x[1] - self.x[0])
            up = (v - self.y[0]) / (self.y[1] - self.y[0])
        px = np.clip(self.left + across * self.width, -WIDTH, 2 * WIDTH)
        return px, np.clip(self.top + (1 - up) * self.height, -HEIGHT, 2 * HEIGHT)


def thumbnail(picture: Picture) -> str:
    """Return a picture as an SVG of 320 × 180."""
    frames = dict(_frames(picture))
    parts = [part for trace in picture.background.data for part in _trace(trace, frames)]
    k = picture.scene.steps
    for layer in picture.scene.layers:
        draw = _PENS.get(type(layer))
        frame = frames.get(getattr(layer, "panel", 0))
        if draw and frame and layer.kind != "ghost":
            parts.append(draw(layer, frame, k))
    clips = [
        f'<clipPath id="p{i}"><rect x="{f.left:.1f}" y="{f.top:.1f}" width="{f.width:.1f}" '
        f'height="{f.height:.1f}"/></clipPath>'
        for i, f in frames.items()
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" class="ink" '
        f'fill="none" stroke-linejoin="round" role="img"><title>{escape(picture.scene.alt)}</title>'
        f"<style>{_STYLE}</style>{''.join(clips)}{''.join(parts)}</svg>"
    )


# --- panels ---------------------------------------------------------------------------------------


def _frames(picture: Picture) -> Iterator[tuple[int, Frame]]:
    """Yield each panel of the background with its frame."""
    layout = picture.background.layout.to_plotly_json()
    for panel in range(8):
        suffix = str(panel + 1) if panel else ""
        if panel and f"yaxis{suffix}" not in layout:
            continue
        ya = layout.get(f"yaxis{suffix}", {})
        xa = layout.get(f"xaxis{suffix}", layout.get("xaxis", {}))
        (x0, x1), (y0, y1) = (axis.get("domain", (0, 1)) for axis in (xa, ya))
        log = (xa.get("type") == "log", ya.get("type") == "log")
        windows = [
            axis.get("range") or _window(picture, panel, name, is_log)
            for axis, name, is_log in ((xa, "x", log[0]), (ya, "y", log[1]))
        ]
        (xlo, xhi), (ylo, yhi) = (tuple(map(float, w)) for w in windows)
        if xlo != xhi and ylo != yhi:
            box = (x0 * WIDTH, (1 - y1) * HEIGHT, (x1 - x0) * WIDTH, (y1 - y0) * HEIGHT)
            yield panel, Frame(*box, (xlo, xhi), (ylo, yhi), log)


def _window(picture: Picture, panel: int, name: str, log: bool) -> tuple[float, float]:
    """Return the range of all finite values along an axis of a panel, with a little air."""
    suffix = str(panel + 1) if panel else ""
    found = [
        np.ravel(trace[name])
        for trace in picture.background.data
        if name in trace and trace[name] is not None and (trace.yaxis or "y") == f"y{suffix}"
    ]
    for layer in picture.scene.layers:
        if getattr(layer, "panel", -1) == panel:
            fields = (f for f in layer._fields if f in (name, f"{name}0", f"{name}1"))
            found += [np.ravel(getattr(layer, f)) for f in fields]
    try:
        values = np.concatenate([np.asarray(v, float) for v in found] or [np.zeros(1)])
    except ValueError:  # categories
        return 0.0, 1.0
    with np.errstate(all="ignore"):
        values = np.log10(values) if log else values
    values = values[np.isfinite(values)]
    lo, hi = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    air = 0.06 * (hi - lo) or 0.5
    return lo - air, hi + air


# --- the background -------------------------------------------------------------------------------


def _trace(trace: Any, frames: dict[int, Frame]) -> Iterator[str]:
    axis = trace.yaxis if "yaxis" in trace else None
    panel = int((axis or "y")[1:] or 1) - 1
    frame = frames.get(panel)
    if frame is None:
        return
    if trace.type in ("contour", "heatmap") and trace.z is not None:
        z = np.asarray(trace.z, float)
        if trace.type == "contour":
            z = _terraces(z)
        yield _raster(z, trace.x, trace.y, trace.colorscale, frame, panel)
    elif trace.type == "scatter" and trace.x is not None and trace.y is not None:
        color = trace.line.color or trace.marker.color
        color = color if isinstance(color, str) else GREY
        mode = trace.mode or "lines"
        if trace.fill in ("toself", "tozeroy", "tonexty"):
            fill = trace.fillcolor if isinstance(trace.fillcolor, str) else color
            yield _path(trace.x, trace.y, frame, panel, fill=fill, opacity=trace.opacity or 0.3)
        if "lines" in mode:
            yield _path(trace.x, trace.y, frame, panel, color, 1.5)
        if "markers" in mode:
            yield _dots(trace.x, trace.y, frame, panel, color, 2.5)


def _terraces(z: np.ndarray, levels: int = 16) -> np.ndarray:
    """Return values held to a few levels, so that their edges stand for contour lines."""
    lo, hi = np.nanmin(z), np.nanmax(z)
    return np.floor((z - lo) / ((hi - lo) or 1.0) * levels)


def _raster(z: np.ndarray, x: Any, y: Any, scale: Any, frame: Frame, panel: int) -> str:
    """Return values `(rows, columns)` as a picture stretched over the box they cover."""
    xs = np.asarray(x if x is not None else range(z.shape[1]), float)
    ys = np.asarray(y if y is not None else range(z.shape[0]), float)
    step = max(1, int(max(z.shape) / 160))
    z = z[::step, ::step][:: 1 if ys[0] > ys[-1] else -1]
    finite = z[np.isfinite(z)]
    if not len(finite):
        return ""
    lo, hi = float(finite.min()), float(finite.max())
    share = np.nan_to_num((z - lo) / ((hi - lo) or 1.0))
    colors = [[float(at), color] for at, color in scale or ()]
    table = _table(colors)[np.rint(255 * share).astype(int)]
    table[~np.isfinite(z), 3] = 0
    (left, right), (top, bottom) = frame.place([xs.min(), xs.max()], [ys.max(), ys.min()])
    return _picture(table, left, top, right - left, bottom - top, panel)


def _table(colors: list[list[Any]]) -> np.ndarray:
    """Return 256 colours of a scale as red, green, blue and opacity."""
    if not colors:
        colors = [[0.0, "rgba(110,130,150,0.02)"], [1.0, "rgba(110,130,150,0.55)"]]
    stops = np.array([_rgba(color) for _, color in colors])
    at = np.linspace(0, 1, 256)
    places = [place for place, _ in colors]
    return np.stack([np.interp(at, places, stops[:, i]) for i in range(4)], -1).astype("u1")


def _rgba(color: str) -> tuple[float, ...]:
    """Return a colour as numbers up to 255; the page's paper is see-through."""
    if color == "paper":
        return 255, 255, 255, 0
    if color.startswith("#"):
        return (*(int(color[i : i + 2], 16) for i in (1, 3, 5)), 255)
    parts = [float(part) for part in color[color.index("(") + 1 : -1].split(",")]
    return (*parts[:3], 255 * parts[3] if len(parts) > 3 else 255)


def _picture(
    pixels: np.ndarray, left: float, top: float, width: float, height: float, panel: int
) -> str:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(out, "PNG", optimize=True)
    data = base64.b64encode(out.getvalue()).decode()
    return (
        f'<image x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'preserveAspectRatio="none" clip-path="url(#p{panel})" '
        f'href="data:image/png;base64,{data}"/>'
    )


# --- pens -----------------------------------------------------------------------------------------


def _at(values: Any, k: int) -> np.ndarray:
    return np.asarray(values, float)[min(k, len(values) - 1)].ravel()


def _ink(color: str | None) -> str:
    return escape(color) if color else "currentColor"


def _points(x: Any, y: Any, frame: Frame) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.ravel(x), np.ravel(y)
    step = max(1, -(-len(x) // MOST_POINTS))
    keep = np.unique(np.r_[0 : len(x) : step, max(len(x) - 1, 0)]) if len(x) else slice(0)
    return frame.place(x[keep], y[keep])


def _data(x: Any, y: Any, frame: Frame) -> str:
    """Return points as the data of a path, broken where one is not a number."""
    parts, down = [], False
    for px, py in zip(*_points(x, y, frame), strict=True):
        if np.isnan(px) or np.isnan(py):
            down = False
        else:
            parts.append(f"{'L' if down else 'M'}{px:.1f} {py:.1f}")
            down = True
    return "".join(parts)


def _path(
    x: Any,
    y: Any,
    frame: Frame,
    panel: int,
    color: str | None = None,
    width: float = 0.0,
    fill: str = "",
    opacity: float = 1.0,
    walk: bool = False,
) -> str:
    look = f'fill="{escape(fill)}"' if fill else f'stroke="{_ink(color)}" stroke-width="{width}"'
    walked = ' class="walk" pathLength="1"' if walk else ""
    d = _data(x, y, frame)
    return f'<path d="{d}" {look} opacity="{opacity:.2g}" clip-path="url(#p{panel})"{walked}/>'


def _dots(x: Any, y: Any, frame: Frame, panel: int, color: str | None, radius: float) -> str:
    spots = "".join(
        f'<circle cx="{px:.1f}" cy="{py:.1f}" r="{radius:.1f}"/>'
        for px, py in zip(*_points(x, y, frame), strict=True)
        if not (np.isnan(px) or np.isnan(py))
    )
    return f'<g fill="{_ink(color)}" clip-path="url(#p{panel})">{spots}</g>' if spots else ""


def _track(layer: layers.Track, frame: Frame, k: int) -> str:
    x, y = np.ravel(layer.x)[: k + 1], np.ravel(layer.y)[: k + 1]
    path = _path(x, y, frame, layer.panel, layer.color, 2, walk=True)
    return path + _dots(x[-1:], y[-1:], frame, layer.panel, layer.color, 4)


def _lines(layer: Any, k: int) -> tuple[np.ndarray, np.ndarray]:
    ends = [_at(getattr(layer, name), k) for name in ("x0", "x1", "y0", "y1")]
    gap = np.full_like(ends[0], np.nan)
    x, y = (np.stack([*pair, gap], 1).ravel() for pair in (ends[:2], ends[2:]))
    return x[: 3 * 60], y[: 3 * 60]


def _segments(layer: Any, frame: Frame, k: int) -> str:
    color = layer.colors[-1] if isinstance(layer, layers.Edges) else layer.color
    return _path(*_lines(layer, k), frame, layer.panel, color, 1.2, opacity=0.7)


def _spots(layer: layers.Points, frame: Frame, k: int) -> str:
    return _dots(_at(layer.x, k), _at(layer.y, k), frame, layer.panel, layer.color, 2.5)


def _polygon(layer: layers.Polygon, frame: Frame, k: int) -> str:
    fill = _ink(layer.color)
    x, y = _at(layer.x, k), _at(layer.y, k)
    return _path(x, y, frame, layer.panel, fill=fill, opacity=layer.opacity)


def _line(layer: layers.Line, frame: Frame, k: int) -> str:
    x, y = _at(layer.x, k), _at(layer.y, k)
    drawn = _path(x, y, frame, layer.panel, layer.color, 1.6)
    if layer.fill is None or not len(x):
        return drawn
    ends = np.r_[x[0], x, x[-1]], np.r_[layer.fill, np.nan_to_num(y, nan=layer.fill), layer.fill]
    return _path(*ends, frame, layer.panel, fill=_ink(layer.color), opacity=0.2) + drawn


def _scale(layer: Any) -> list[list[Any]]:
    return [[i / (len(layer.colors) - 1), color] for i, color in enumerate(layer.colors)]


def _cells(layer: layers.Cells, frame: Frame, k: int) -> str:
    values = _at(layer.values, k)
    share = np.clip((values - layer.lo) / ((layer.hi - layer.lo) or 1.0), 0, 1)
    scale = [[at, "#ffffff" if color == "paper" else color] for at, color in _scale(layer)]
    ends = [_at(getattr(layer, name), k) for name in ("x0", "y0", "x1", "y1")]
    ax, ay = frame.place(ends[0], ends[1])
    bx, by = frame.place(ends[2], ends[3])
    drawn = [
        f'<rect x="{min(ax[i], bx[i]):.1f}" y="{min(ay[i], by[i]):.1f}" '
        f'width="{abs(bx[i] - ax[i]):.1f}" height="{abs(by[i] - ay[i]):.1f}" '
        f'fill="{sample_colorscale(scale, float(share[i]))[0]}"/>'
        for i in np.flatnonzero(np.isfinite(values))[:400]
    ]
    return f'<g opacity="{layer.opacity}" clip-path="url(#p{layer.panel})">{"".join(drawn)}</g>'


def _image(layer: layers.Image, frame: Frame, k: int) -> str:
    pixels = np.asarray(layer.pixels[min(k, len(layer.pixels) - 1)], float)
    step = max(1, max(pixels.shape) // 64)
    pixels = pixels[::step, ::step][::-1]
    share = np.clip((pixels - layer.lo) / ((layer.hi - layer.lo) or 1.0), 0, 1)
    table = _table(_scale(layer))[np.rint(255 * np.nan_to_num(share)).astype(int)]
    table[..., 3] = np.where(np.isnan(pixels), 0, table[..., 3] * layer.opacity)
    (left, right), (top, bottom) = frame.place((layer.left, layer.right), (layer.top, layer.bottom))
    return _picture(table, left, top, right - left, bottom - top, layer.panel)


_PENS: dict[type, Callable[..., str]] = {
    layers.Track: _track,
    layers.Segments: _segments,
    layers.Edges: _segments,
    layers.Points: _spots,
    layers.Polygon: _polygon,
    layers.Line: _line,
    layers.Cells: _cells,
    layers.Image: _image,
}
