"""A figure as TikZ: its curves as coordinates for pgfplots, in the type of the document.

What colours a plane by the values of a grid is drawn as lines of equal value.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.export.level_lines import level_lines
from gdviz.export.panels import PanelBox, set_ranges, windows
from gdviz.export.pgf_look import FAR, clip_curve, color_of, colors_in, line_of, mark_of
from gdviz.export.renderer import ExportError
from gdviz.export.styles import GRID
from gdviz.export.tex_text import tex_text

MM = 25.4 / 96  # of a pixel
POINT = 72 / 96  # TeX's bp, of a pixel
MOST = 40_000  # points of a figure: TeX holds all of them in its memory
SIDES = {"middle right": "west", "middle left": "east", "middle center": "center"}
ANCHORS = {"left": "west", "center": "", "right": "east", None: ""}
HEIGHTS = {"top": "north ", "middle": "", "bottom": "south ", None: ""}
LEVEL = line_of("#b8bec6", 0.5)
HEAD = r"""%% Needs \usepackage{pgfplots}\pgfplotsset{compat=1.16} and amssymb in the document.
%% Its type is the document's, its width %(width).1f mm: say \footnotesize before \input if need be.
\begin{tikzpicture}[x=1mm, y=1mm]"""


def pgf_of(figure: go.Figure, name: str = "") -> bytes:
    """Return a figure of a known size as the text of a .tex file; raise `ExportError` if it cannot.

    Every number has nine digits at least, so points are those of the table to 1e-9 of themselves.
    """
    layout = figure.layout
    count = sum(np.size(t.x) for t in figure.data if t.type == "scatter")
    if count > MOST:
        raise ExportError(f"{count:,} points are too many for TeX, {MOST:,} at most: take a PDF.")
    wide, high = layout.width * MM, layout.height * MM
    set_ranges(figure)
    lines = [rf"\path[use as bounding box] (0,0) rectangle ({wide:.3f},{high:.3f});"]
    for axis, window in windows(figure).items():
        lines += _panel(figure, axis, window)
    lines += [*_legend(figure), *_free_notes(figure), r"\end{tikzpicture}", ""]
    drawn = "\n".join(lines)
    colors = [rf"\definecolor{{{name}}}{{HTML}}{{{name[-6:]}}}" for name in colors_in(drawn)]
    return "\n".join([f"% {name}".rstrip(), HEAD % {"width": wide}, *colors, drawn]).encode()


def _panel(figure: go.Figure, name: str, window: PanelBox) -> Iterator[str]:
    """Yield a panel: an axis of pgfplots in its place, with all that is drawn in it."""
    yield rf"\begin{{axis}}[{', '.join(_axis(figure, name, window))}]"
    for trace in figure.data:
        if (trace.yaxis or "y") == name and trace.visible in (None, True):
            yield from _trace(trace, window)
    for shape in figure.layout.shapes:
        if (shape.yref or "y").split()[0] == name or (shape.yref == "paper" and name == "y"):
            yield from _shape(shape, window)
    for note in figure.layout.annotations:
        here = (note.yref or "y") == name and note.xref != "paper" and note.text
        if here and _inside(np.array([note.x]), np.array([note.y]), window)[0]:
            yield _note(note, f"axis cs:{_number(note.x)},{_number(note.y)}")
    yield r"\end{axis}"


def _axis(figure: go.Figure, name: str, window: PanelBox) -> Iterator[str]:
    """Yield the options of a panel."""
    high = figure.layout.height
    left, floor = window.left * MM, (high - window.top - window.height) * MM
    yield rf"at={{({left:.3f}mm,{floor:.3f}mm)}}, anchor=south west, scale only axis"
    yield f"width={window.width * MM:.3f}mm, height={window.height * MM:.3f}mm"
    yield f"axis lines*=left, enlargelimits=false, grid=major, grid style={{draw={color_of(GRID)}}}"
    yield "axis on top=false, unbounded coords=jump, tick align=outside"
    for letter, axis in (("x", window.x), ("y", window.y)):
        lo, hi = axis.range
        if axis.type == "log":
            yield f"{letter}mode=log"
            lo, hi = 10.0**lo, 10.0**hi
        if lo > hi:
            lo, hi = hi, lo
            yield f"{letter} dir=reverse"
        yield f"{letter}min={_number(lo)}, {letter}max={_number(hi)}"
        here = letter == "y" or (axis.anchor or "y") == name  # its words stand below one panel
        if axis.visible is False or axis.showticklabels is False or not here:
            yield f"{letter}ticklabels={{}}"
        if axis.visible is False:
            yield f"{letter}tick=\\empty, {letter} axis line style={{draw=none}}"
        elif axis.title.text and here:
            yield f"{letter}label={{{tex_text(axis.title.text)}}}"
        if (
            axis.tickvals is not None
            and axis.ticktext is not None
            and axis.visible is not False
            and here
        ):
            yield f"{letter}tick={{{','.join(map(_number, axis.tickvals))}}}"
            yield f"{letter}ticklabels={{{','.join(f'{{{tex_text(t)}}}' for t in axis.ticktext)}}}"


# --- what is in a panel ---------------------------------------------------------------------------


def _trace(trace: Any, window: PanelBox) -> Iterator[str]:
    """Yield a trace as commands of pgfplots, its name before it."""
    yield f"% {' '.join((trace.name or trace.type).split())}".encode("ascii", "replace").decode()
    if trace.type in ("contour", "heatmap"):
        look = LEVEL if trace.type == "heatmap" else line_of(trace.line.color, trace.line.width)
        for x, y in level_lines(trace):
            yield from _plot(look, x, y)
    elif trace.type == "bar":
        yield from _bars(trace)
    elif trace.type == "scatter":
        yield from _scatter(trace, window)
    else:
        raise ExportError(f"TikZ has no {trace.type}: take a PDF.")


def _scatter(trace: Any, window: PanelBox) -> Iterator[str]:
    x, y = np.ravel(trace.x).astype(float), np.ravel(trace.y).astype(float)
    mode, opacity = trace.mode or "lines", 1.0 if trace.opacity is None else trace.opacity
    faint = f", opacity={opacity:.3g}" if opacity < 1 else ""
    if trace.fill in ("toself", "tozeroy"):
        color = color_of(trace.fillcolor or trace.line.color)
        yield from _fills(f"draw=none, fill={color}{faint}", x, y, window, trace.fill)
    if "lines" in mode:
        look = line_of(trace.line.color, trace.line.width, trace.line.dash) + faint
        if trace.marker.symbol == "arrow":
            yield from _arrows(look, x, y, window)
        else:
            yield from _plot(look, *clip_curve(x, y, window))
    if "markers" in mode and trace.marker.symbol != "arrow":
        given = 6.0 if trace.marker.size is None else trace.marker.size
        sizes = np.broadcast_to(np.asarray(given, float), x.shape)
        colors = trace.marker.color if isinstance(trace.marker.color, str) else trace.line.color
        for size in np.unique(sizes[sizes > 0]):
            look = mark_of(trace.marker.symbol, colors, size, trace.marker.line.width)
            here = (sizes == size) & _inside(x, y, window)
            yield from _plot(f"only marks, {look}{faint}", x[here], y[here])
    if mode == "text":
        yield from _texts(trace, x, y, window)


def _inside(x: np.ndarray, y: np.ndarray, window: PanelBox) -> np.ndarray:
    """Return which points lie in a panel."""
    places = [window.px(a) for a in x], [window.py(b) for b in y]
    px, py = (np.array(at, float) for at in places)
    sides = (px - window.left) / window.width, (py - window.top) / window.height
    return np.logical_and(*(abs(side - 0.5) < 0.5 + FAR / 1000 for side in sides))


def _plot(look: str, x: Any, y: Any, end: str = "") -> Iterator[str]:
    """Yield a curve, unless nothing of it is there."""
    if np.isfinite(x).any():
        points = " ".join(f"({_number(a)},{_number(b)})" for a, b in zip(x, y, strict=True))
        yield rf"\addplot[{look}] coordinates {{{points}}}{end};"


def _fills(look: str, x: Any, y: Any, window: PanelBox, kind: str) -> Iterator[str]:
    """Yield the filled shapes between the gaps of a curve."""
    if kind == "tozeroy":
        x, y = np.r_[x[0], x, x[-1]], np.r_[0.0, y, 0.0]
    for piece in np.ma.clump_unmasked(np.ma.masked_invalid(x + y)):
        corners = np.stack(clip_curve(x[piece], y[piece], window))
        at, high = corners[:, np.isfinite(corners[0])]
        yield from _plot(look, at, high, r" \closedcycle")


def _arrows(look: str, x: np.ndarray, y: np.ndarray, window: PanelBox) -> Iterator[str]:
    for first in range(0, len(x) - 1, 3):
        two = slice(first, first + 2)
        ends = np.stack(clip_curve(x[two], y[two], window), 1)
        if len(ends) == 2 and np.isfinite(ends).all():
            places = [f"(axis cs:{_number(a)},{_number(b)})" for a, b in ends]
            yield rf"\draw[{look}, -stealth] {places[0]} -- {places[1]};"


def _texts(trace: Any, x: np.ndarray, y: np.ndarray, window: PanelBox) -> Iterator[str]:
    x = np.where(_inside(x, y, window), x, np.nan)
    color = color_of(trace.textfont.color) if isinstance(trace.textfont.color, str) else "black"
    given = trace.textposition or "middle center"
    sides = [given] * len(x) if isinstance(given, str) else given
    for text, a, b, side in zip(trace.text, x, y, sides, strict=True):
        if text and np.isfinite(a):
            look = f"anchor={SIDES.get(side, 'center')}, text={color}"
            yield rf"\node[{look}] at (axis cs:{_number(a)},{_number(b)}) {{{tex_text(text)}}};"


def _bars(trace: Any) -> Iterator[str]:
    look = f"ybar, draw=none, fill={color_of(trace.marker.color)}"
    width = trace.width if isinstance(trace.width, int | float) else None
    yield from _plot(f"{look}, bar width={_number(width or 1.0)}", trace.x, trace.y)


def _shape(shape: Any, window: PanelBox) -> Iterator[str]:
    """Yield a line or a rectangle of the layout; a side that is a share goes from edge to edge."""
    corners = []
    for x, y in ((shape.x0, shape.y0), (shape.x1, shape.y1)):
        sides = ((x, shape.xref, window.x), (y, shape.yref, window.y))
        corners.append([_at(*side) for side in sides])
    points = np.array(corners)
    if not np.isfinite(np.stack(clip_curve(points[:, 0], points[:, 1], window))).all():
        return  # it lies far outside
    ends = [f"(axis cs:{_number(x)},{_number(y)})" for x, y in points]
    look = line_of(shape.line.color, shape.line.width, shape.line.dash)
    if shape.type == "rect":
        fill = f", fill={color_of(shape.fillcolor)}, fill opacity={shape.opacity or 0.2:.3g}"
        yield rf"\draw[{look}{fill if shape.fillcolor else ''}] {ends[0]} rectangle {ends[1]};"
    else:
        yield rf"\draw[{look}] {ends[0]} -- {ends[1]};"


def _at(value: float, ref: str | None, axis: Any) -> float:
    if not (ref == "paper" or str(ref).endswith("domain")):
        return float(value)
    lo, hi = axis.range
    place = lo + value * (hi - lo)
    return float(10.0**place if axis.type == "log" else place)


# --- words ----------------------------------------------------------------------------------------


def _note(note: Any, place: str) -> str:
    anchor = (HEIGHTS.get(note.yanchor, "") + ANCHORS.get(note.xanchor, "")).strip() or "center"
    look = f"anchor={anchor}, inner sep=1pt, text={color_of(note.font.color)}"
    if note.textangle:
        look += f", rotate={-note.textangle:g}"
    shift = [(n, v) for n, v in (("xshift", note.xshift), ("yshift", note.yshift)) if v]
    look += "".join(f", {n}={v * POINT:.3g}bp" for n, v in shift)
    return rf"\node[{look}] at ({place}) {{{tex_text(note.text)}}};"


def _legend(figure: go.Figure) -> Iterator[str]:
    """Yield the legend as one paragraph: TeX knows how wide its words are."""
    notes = [n for n in figure.layout.annotations if n.name == "legend"]
    if not notes:
        return
    margin, high = figure.layout.margin, figure.layout.height
    words = r"\quad ".join(
        rf"\mbox{{\textcolor{{{color_of(n.font.color)}}}{{{tex_text(n.text)}}}}}" for n in notes
    )
    wide = (figure.layout.width - margin.l - margin.r) * MM
    yield (
        rf"\node[anchor=north west, inner sep=0pt, text width={wide:.3f}mm, align=flush left] at "
        rf"({margin.l * MM:.3f},{high * MM:.3f}) {{{words}}};"
    )


def _free_notes(figure: go.Figure) -> Iterator[str]:
    """Yield what is written beside the panels: their names."""
    layout, margin = figure.layout, figure.layout.margin
    for note in layout.annotations:
        if note.xref == "paper" and note.name != "legend" and note.text:
            x = margin.l + note.x * (layout.width - margin.l - margin.r)
            y = margin.b + note.y * (layout.height - margin.t - margin.b)
            yield _note(note, f"{x * MM:.3f},{y * MM:.3f}")


def _number(value: Any) -> str:
    """Return a number as pgfplots reads it, `nan` for a gap."""
    return f"{float(value):.10g}"
