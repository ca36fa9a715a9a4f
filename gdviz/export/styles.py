"""How a figure leaves: its size, and type and lines that are right at that size."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go

from gdviz.catalogue.lookup import picture_of
from gdviz.export.fonts import FAMILY, width_of
from gdviz.export.panels import BESIDE, columns, panels, stack
from gdviz.export.typesetting import broken, fit_words, thin_markers
from gdviz.figures.scene import Line, Picture, Scene, Track
from gdviz.figures.static import static_figure
from gdviz.knobs import Choice, Knob, validate

INCH = 96  # pixels of a figure on an inch of paper or slide, by the definition of CSS
POINT, MM = INCH / 72, INCH / 25.4
BASE_TYPE, BASE_LINE = 13, 2.0  # what the figures of the pages are drawn with
INK, GRID, PAPER = "#1b1f24", "#e3e6ea", "#ffffff"
SMALL = 0.85  # the type of the legend against the figure's
LINE, LEFT, BELOW = 1.45, 4.0, 3.2  # the height of its rows; the room for the axes, in types
NARROW = 500.0  # pixels: in a figure less wide the panels stand one under another
LEAST = 5 / 8  # the smallest words against the figure's type: 5 pt beside 8 pt
MARKER, APART = 6.0, 3.0  # the size of a marker on a line, and how many of it to the next
# Dashes and gaps in widths of a line, as on the stage; Plotly's own are as long on any paper.
DASHES = {
    "dash": (4, 2.3), "dot": (1, 1.8), "dashdot": (4, 1.8, 1, 1.8), "longdash": (7, 2.3),
}  # fmt: skip

Rows = list[list[tuple[float, str, str]]]


class Style(NamedTuple):
    """The final size in pixels of 1/96 inch, the type and the lines in pixels, dots a pixel.

    A figure with more panels than stand side by side is higher.
    """

    label: str
    width: float
    height: float
    type: float
    line: float
    dots: float
    titled: bool


STYLES: Mapping[str, Style] = {
    "screen": Style("as on the screen", 960, 560, 13, 2.0, 2, False),
    "slide": Style("slide 16:9 (13.33 × 7.5 in)", 1280, 720, 24, 4.0, 2, True),
    "paper": Style(
        "paper column (85 mm, 8 pt)",
        *(85 * MM, 64 * MM, 8 * POINT, 0.75 * POINT, 600 / INCH, False),
    ),
    "page": Style(
        "paper page (178 × 90 mm, 8 pt)",
        *(178 * MM, 90 * MM, 8 * POINT, 0.75 * POINT, 600 / INCH, False),
    ),
}
STYLE = Knob("style", str, Choice({n: s.label for n, s in STYLES.items()}, "style"), "screen")


def style_of(name: str) -> Style:
    """Return a style by its key; raise `KnobError` if there is none."""
    return STYLES[validate(STYLE, name)]


def figure(spec: Any, step: int | None = None, style: str = "screen", title: str = "") -> go.Figure:
    """Return a page's picture as a plain Plotly figure, at a step (the last by default).

    `style` is a key of `STYLES`; `title` stands above the figure.
    """
    return apply_style(picture_of(spec), style_of(style), step, title)


def apply_style(
    picture: Picture, style: Style, step: int | None = None, title: str = ""
) -> go.Figure:
    """Return the still of a picture in a style: size, type, lines and legend at the final size."""
    background, scene = picture
    last = scene.steps if step is None else max(0, min(step, scene.steps))
    drawn = static_figure(background, scene, last)
    type_by, line_by = style.type / BASE_TYPE, style.line / BASE_LINE
    for trace in drawn.data:
        _scale(trace, type_by, line_by)
    for note in drawn.layout.annotations:
        note.font.size = (note.font.size or BASE_TYPE) * type_by
    for shape in drawn.layout.shapes:
        shape.line.width = (shape.line.width or BASE_LINE) * line_by
        _dash(shape.line, style.line)
    _lay_out(drawn, style, title, legend_rows(scene, style))
    thin_markers(drawn, APART)
    fit_words(drawn, LEAST * style.type)
    return drawn


def _scale(trace: Any, type_by: float, line_by: float) -> None:
    """Scale the lines, markers and words of a trace; what has no size of its own has Plotly's."""
    if trace.type == "contour":
        trace.line.width = (trace.line.width or 0.5) * line_by
    if trace.type != "scatter":
        return
    trace.line.width = (trace.line.width or BASE_LINE) * line_by
    _dash(trace.line, BASE_LINE * line_by)
    trace.line.simplify = False  # else Plotly drops points, and circles have corners
    if trace.marker.size is not None:
        size, long = trace.marker.size, trace.mode == "lines+markers"
        each = [size] if _is_number(size) else size
        each = [max(s, MARKER if long else 0) * line_by for s in each]
        trace.marker.size = each[0] if _is_number(size) else each
    if trace.marker.line.width is not None:
        trace.marker.line.width *= line_by
    if trace.textfont.size is not None:
        trace.textfont.size *= type_by


def _dash(line: Any, usual: float) -> None:
    """Give a dashed line dashes that suit lines of the usual width."""
    if line.dash in DASHES:
        line.dash = ",".join(f"{part * usual:.3g}px" for part in DASHES[line.dash])


def _is_number(size: Any) -> bool:
    return isinstance(size, int | float)


def _lay_out(drawn: go.Figure, style: Style, title: str, rows: Rows) -> None:
    """Set size, paper and type of a figure, its title and its legend, and place its panels."""
    em = style.type
    noted = 1.3 if any(note.xref == "paper" for note in drawn.layout.annotations) else 0
    above = (2.2 if title else 0.5) + LINE * len(rows) + noted
    bare = all(axis.visible is False for axis in drawn.select_xaxes())
    below = 0.5 if bare else BELOW
    plot = max(style.height - (above + below) * em, _least_plot(drawn, em))
    stacked = len(columns(drawn)) if style.width < NARROW else 1
    gap = (BELOW + noted + 0.5) * em
    high = stacked * plot + (stacked - 1) * gap
    if stacked > 1:
        stack(drawn, gap / high)
    left = 0.5 if all(y.visible is False for y in _leftmost(drawn)) else LEFT
    drawn.update_layout(
        width=style.width,
        height=high + (above + below) * em,
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        font={"family": FAMILY, "size": em, "color": INK},
        margin={"l": left * em, "r": em, "t": above * em, "b": below * em, "pad": 0},
        showlegend=False,
    )
    _spread(drawn, LEFT * em / (style.width - (LEFT + 1) * em))
    _write_legend(drawn, style, rows, noted)
    if title:
        place = {"x": 0.012, "xanchor": "left", "y": 1 - 0.6 * em / drawn.layout.height}
        font = {"size": 1.1 * em}
        drawn.update_layout(title={"text": _plain(title), "font": font, "yanchor": "top", **place})
    axis = {"gridcolor": GRID, "zerolinecolor": GRID, "linecolor": INK, "tickcolor": INK}
    lines = {"linewidth": style.line / 2, "tickwidth": style.line / 2, "gridwidth": style.line / 3}
    type_ = {"tickfont": {"size": 0.9 * em}, "title_font": {"size": em}}
    for update in (drawn.update_xaxes, drawn.update_yaxes):
        update(**axis, **lines, **type_, ticklen=0.35 * em, title_standoff=0.4 * em)


def _least_plot(drawn: go.Figure, em: float) -> float:
    """Return the height that panels need so that the title of one is not on the one below it."""
    spans = [
        (
            x.domain or (0, 1),
            y.domain or (0, 1),
            x.title.text and (x.anchor or "y") == name and not y.scaleanchor,  # that one shrinks
        )
        for name, (x, y) in panels(drawn).items()
    ]
    gaps = [
        floor - top
        for (left, right), (floor, _), titled in spans
        for (start, end), (_, top), _ in spans
        if titled and start < right and left < end and top < floor
    ]
    return max(((BELOW + 0.4) * em / gap for gap in gaps), default=0.0)


def _leftmost(drawn: go.Figure) -> list[Any]:
    return [y for x, y in panels(drawn).values() if not (x.domain and x.domain[0] > BESIDE)]


def _spread(drawn: go.Figure, room: float) -> None:
    """Give each panel room for its y axis, as a share of the width: its title lay on the next one.

    Panels that begin at the same place move together, and keep a third of their width at least.
    """
    axes = list(drawn.select_xaxes())
    spans = [axis.domain or (0.0, 1.0) for axis in axes]
    for axis, (start, end) in zip(axes, spans, strict=True):
        before = max((right for _, right in spans if right <= start), default=None)
        if before is not None and BESIDE < start - before < room:
            axis.domain = (min(before + room, end - (end - start) / 3), end)
            for note in drawn.layout.annotations:  # the words over a panel go with it
                if note.xref == "paper" and abs(note.x - start) < BESIDE:
                    note.x = axis.domain[0]


def legend_words(scene: Scene) -> list[tuple[str, str]]:
    """Return the words and the colour of each entry of the legend.

    An entry that names no line of the scene is there for its value, and is followed by it.
    """
    lines = {layer.name for layer in scene.layers if isinstance(layer, Track | Line)}
    values = [None if chip.name in lines else chip.verdict for chip in scene.chips]
    if values == [None]:  # the one line of the picture needs no name
        return []
    return [
        (" ".join(filter(None, (chip.sample, chip.name, value))), chip.color)
        for chip, value in zip(scene.chips, values, strict=True)
    ]


def legend_rows(scene: Scene, style: Style) -> Rows:
    """Return the legend in rows of what there is room for: where each entry begins, and it.

    Plotly's own legend gives each entry the width of the longest, which fills half a column.
    """
    em, right = SMALL * style.type, style.width - (LEFT + 1) * style.type
    x, rows = 0.0, [[]]  # type: ignore[var-annotated]
    whole = [
        (part, color) for words, color in legend_words(scene) for part in broken(words, right / em)
    ]
    for words, color in whole:
        wide = width_of(words) * em
        if rows[-1] and x + wide > right:
            x, rows = 0.0, [*rows, []]
        rows[-1].append((x, words, color))
        x += wide + 1.5 * em
    return [row for row in rows if row]


def _write_legend(drawn: go.Figure, style: Style, rows: Rows, noted: float) -> None:
    """Write the legend above the figure."""
    for above, row in enumerate(reversed(rows)):
        for x, words, color in row:
            drawn.add_annotation(
                name="legend",
                text=_plain(words),
                font={"color": color, "size": SMALL * style.type},
                showarrow=False,
                **{"xref": "paper", "yref": "paper", "x": 0, "y": 1},
                **{"xanchor": "left", "yanchor": "bottom"},
                **{"xshift": x, "yshift": (0.2 + noted + LINE * above) * style.type},
            )


def _plain(text: str) -> str:
    """Return text that Plotly will not take for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
