"""A scene: what moves over a background figure, as plain arrays.

The stage draws it from a packed message (wire_format.py), `static_figure` as an ordinary figure.

In every layer an array has a leading time axis of `n + 1` steps; a layer with fewer steps stays at
its last. `panel` is the panel of the background, 0 for the axes x and y, 1 for x2 and y2, ...;
without an x2 the panels stand above each other on one x axis. A `color` of None is the text colour
of the page, "paper" its background.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from gdviz.figures.style import BLUE, DIVERGING, GREY


class Track(NamedTuple):
    """A path walked one point a step: `x, y (n + 1,)`; `labels` name its two coordinates.

    With a `tail`, only that many of the last steps are joined by a line, and earlier points stay as
    faint dots. This suits a walk that returns to where it was.
    """

    name: str
    x: Any
    y: Any
    color: str = BLUE
    dash: str = "solid"
    symbol: str = "circle"
    panel: int = 0
    labels: tuple[str, str] = ("x", "y")
    tail: int = 0
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
    """Points of the current step, `x, y (n + 1, points)`, not-a-number where there is none.

    `sizes (n + 1, points)` are radii in pixels; `tips` are words shown when the hand is over a
    point.
    """

    name: str
    x: Any
    y: Any
    color: str | None = GREY
    symbol: str = "open"
    panel: int = 0
    sizes: Any = None
    tips: tuple[str, ...] | None = None
    kind: str = "points"


class Polygon(NamedTuple):
    """Filled shapes of the current step, corners `x, y (n + 1, corners)`, split by not-a-number."""

    name: str
    x: Any
    y: Any
    color: str | None = GREY
    panel: int = 0
    opacity: float = 0.18
    kind: str = "polygon"


class Line(NamedTuple):
    """A curve of the current step through `x, y (n + 1, points)`; not-a-number breaks it.

    It is shaded down (or up) to the height `fill`, unless that is None.
    """

    name: str
    x: Any
    y: Any
    color: str | None = GREY
    dash: str = "solid"
    panel: int = 0
    width: float = 2.2
    fill: float | None = None
    kind: str = "line"


class Cells(NamedTuple):
    """Rectangles from `(x0, y0)` to `(x1, y1)`, coloured by value, each `(n + 1, cells)`.

    `colors` are evenly spaced from the value `lo` to the value `hi`; "paper" is the page's
    background.
    """

    name: str
    x0: Any
    y0: Any
    x1: Any
    y1: Any
    values: Any
    lo: float = -1.0
    hi: float = 1.0
    colors: tuple[str, ...] = DIVERGING
    panel: int = 0
    opacity: float = 1.0
    kind: str = "cells"


class Image(NamedTuple):
    """A picture of the current step, `pixels (n + 1, rows, columns)`, the first row at the bottom.

    Values between `lo` and `hi` are sent as bytes and coloured as in `Cells`; not-a-number is
    transparent. It fills the box from `(left, bottom)` to `(right, top)`. While the pointer is over
    it, it is also shown in the place of the picture named `fills`.
    """

    name: str
    left: float
    right: float
    bottom: float
    top: float
    pixels: Any
    lo: float = -1.0
    hi: float = 1.0
    colors: tuple[str, ...] = DIVERGING
    panel: int = 0
    opacity: float = 1.0
    fills: str | None = None
    kind: str = "image"


class Edges(NamedTuple):
    """Lines whose width shows the size of a weight, and whose colour shows its sign.

    Ends and `weights` are `(n + 1, lines)`. A weight of size `most` has the full width. The first
    of `colors` is for negative weights, the last for positive ones. A tooltip shows the line's name
    from `tips`, its weight and, if there are `slopes (n + 1, lines)`, the gradient of the loss.
    """

    name: str
    x0: Any
    y0: Any
    x1: Any
    y1: Any
    weights: Any
    most: float = 1.0
    colors: tuple[str, ...] = DIVERGING
    panel: int = 0
    slopes: Any = None
    tips: tuple[str, ...] | None = None
    kind: str = "edges"


class Labels(NamedTuple):
    """Words at `x, y (n + 1, labels)`; `texts` has one row per step, with one text per label.

    `align` is the part of the text that stands at x: "left", "center" or "right". A `tool` is a
    button of the stage, which no file shows. `room` is the width of their boxes, in units of x.
    """

    name: str
    x: Any
    y: Any
    texts: tuple[tuple[str, ...], ...]
    color: str | None = None
    panel: int = 0
    size: float = 13
    align: str = "center"
    tool: bool = False
    room: float | None = None
    kind: str = "labels"


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


Layer = (
    Track
    | Path3D
    | Segments
    | Points
    | Polygon
    | Line
    | Cells
    | Image
    | Edges
    | Labels
    | Cursor
    | Reading
)
ARRAYS = {"x", "y", "z", "x0", "y0", "x1", "y1", "values", "sizes", "weights", "slopes"}
BYTES = {"pixels"}


class Handle(NamedTuple):
    """A point that can be dragged, or placed by a click in its panel.

    `axes` is "x" or "xy"; `curve` is the index of the background trace it rides on, or None. A
    `live` handle updates the picture while it is dragged, others only on release. `knobs` names the
    settings that its coordinates set; without them the live route gets the drag itself. Invisible
    handles (`drawn` is False) receive clicks, the nearest one each; visible handles in the same
    panel then receive only drags. A `fixed` one is a button. `size` is a radius in pixels. A `tool`
    belongs to the stage; other visible handles are marks in a file. `spoken` is read out.
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
    drawn: bool = True
    size: float = 8
    color: str | None = None
    tool: bool = False
    spoken: str = ""
    fixed: bool = False


class Chip(NamedTuple):
    """One entry of the legend: a sample of the line, the name, the verdict, and its reason."""

    name: str
    sample: str
    color: str
    verdict: str
    reason: str


class Scene(NamedTuple):
    """Layers, handles, a description, the legend, what a guess must not see, the step to go to."""

    layers: Sequence[Layer]
    handles: Sequence[Handle] = ()
    alt: str = ""
    chips: Sequence[Chip] = ()
    ends: Sequence[str] = ()
    focus: tuple[str, int] | None = None

    @property
    def steps(self) -> int:
        """The number of the last step of the longest layer; a ghost stands still."""
        return max((_last(layer) for layer in self.layers if layer.kind != "ghost"), default=0)


class Picture(NamedTuple):
    """The picture of a page: the background that stays, and the scene that plays over it.

    `picture(spec, large=False)` of a topic makes it, for page, drag, exports and library.
    """

    background: go.Figure
    scene: Scene


def _last(layer: Layer) -> int:
    tables = [getattr(layer, name) for name in layer._fields if name in ARRAYS | BYTES]
    if isinstance(layer, Labels):
        tables.append(layer.texts)
    return max(len(table) for table in tables if table is not None) - 1
