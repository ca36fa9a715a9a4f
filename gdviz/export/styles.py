"""How a figure leaves: its size, and type and lines that are right at that size."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from gdviz.catalogue.lookup import picture_of
from gdviz.export.fonts import FAMILY
from gdviz.figures.scene import Chip, Picture
from gdviz.figures.static import static_figure
from gdviz.knobs import Choice, Knob, validate

INCH = 96  # pixels of a figure on an inch of paper or slide, by the definition of CSS
POINT = INCH / 72
BASE_TYPE, BASE_LINE = 13, 2.0  # what the figures of the pages are drawn with
INK, GRID, PAPER = "#1b1f24", "#e3e6ea", "#ffffff"
SMALL = 0.85  # the type of the legend against the figure's
LINE, LEFT = 1.45, 4.0  # the height of its rows, and the room for the y axis, in widths of an m
WIDEST = 0.6  # what a letter takes of its type at most, on average


class Style(NamedTuple):
    """The final size in pixels of 1/96 inch, the type and the lines in pixels, dots a pixel."""

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
        "paper column (85 × 64 mm, 8 pt)",
        *(85 / 25.4 * INCH, 64 / 25.4 * INCH, 8 * POINT, 1 * POINT),
        *(600 / INCH, False),
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
    _lay_out(drawn, style, title, scene.chips)
    return drawn


def _scale(trace: Any, type_by: float, line_by: float) -> None:
    """Scale the lines, markers and words of a trace; what has no size of its own has Plotly's."""
    if trace.type != "scatter":
        return
    trace.line.width = (trace.line.width or BASE_LINE) * line_by
    if trace.marker.size is not None:
        size = trace.marker.size
        trace.marker.size = size * line_by if _is_number(size) else [s * line_by for s in size]
    if trace.textfont.size is not None:
        trace.textfont.size *= type_by


def _is_number(size: Any) -> bool:
    return isinstance(size, int | float)


def _lay_out(drawn: go.Figure, style: Style, title: str, chips: Sequence[Chip]) -> None:
    """Set size, paper and type of a figure, its title and its legend."""
    em = style.type
    rows = _legend(drawn, style, chips) if len(chips) > 1 else 0
    above = (2.2 if title else 0.5) + LINE * rows
    drawn.update_layout(
        width=style.width,
        height=style.height,
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        font={"family": FAMILY, "size": em, "color": INK},
        margin={"l": LEFT * em, "r": em, "t": above * em, "b": 3.2 * em},
        showlegend=False,
    )
    _spread(drawn, LEFT * em / (style.width - (LEFT + 1) * em))
    if title:
        place = {"x": 0.012, "xanchor": "left", "y": 0.985, "yanchor": "top"}
        drawn.update_layout(title={"text": _plain(title), "font": {"size": 1.1 * em}, **place})
    axis = {"gridcolor": GRID, "zerolinecolor": GRID, "linecolor": INK, "tickcolor": INK}
    lines = {"linewidth": style.line / 2, "tickwidth": style.line / 2, "gridwidth": style.line / 3}
    type_ = {"tickfont": {"size": 0.9 * em}, "title_font": {"size": em}}
    for update in (drawn.update_xaxes, drawn.update_yaxes):
        update(**axis, **lines, **type_, ticklen=0.35 * em, title_standoff=0.4 * em)


def _spread(drawn: go.Figure, room: float) -> None:
    """Give each panel room for its y axis, as a share of the width: its title lay on the next one.

    Panels that begin at the same place move together, and keep a third of their width at least.
    """
    axes = list(drawn.select_xaxes())
    spans = [axis.domain or (0.0, 1.0) for axis in axes]
    for axis, (start, end) in zip(axes, spans, strict=True):
        before = max((right for _, right in spans if right <= start), default=None)
        if before is not None and start - before < room:
            axis.domain = (min(before + room, end - (end - start) / 3), end)


def _legend(drawn: go.Figure, style: Style, chips: Sequence[Chip]) -> int:
    """Write the chips above the figure, as many in a row as there is room for; return the rows.

    Plotly's own legend gives each entry the width of the longest, which fills half a column.
    """
    em, right = SMALL * style.type, style.width - (LEFT + 1) * style.type
    x, rows = 0.0, [[]]  # type: ignore[var-annotated]
    for chip in chips:
        wide = (len(chip.name) + len(chip.sample) + 3) * WIDEST * em
        if rows[-1] and x + wide > right:
            x, rows = 0.0, [*rows, []]
        rows[-1].append((x, chip))
        x += wide
    for above, row in enumerate(reversed(rows)):
        for x, chip in row:
            drawn.add_annotation(
                text=_plain(f"{chip.sample} {chip.name}"),
                font={"color": chip.color, "size": em},
                showarrow=False,
                **{"xref": "paper", "yref": "paper", "x": 0, "y": 1},
                **{"xanchor": "left", "yanchor": "bottom"},
                **{"xshift": x, "yshift": (0.2 + LINE * above) * style.type},
            )
    return len(rows)


def _plain(text: str) -> str:
    """Return text that Plotly will not take for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
