"""Words that fit a figure of any size: they are wrapped, made smaller and moved, never cut."""

import math
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from gdviz.export.fonts import width_of
from gdviz.export.panels import PanelBox, windows
from gdviz.numerals import number

LINE = 1.3  # the height of a line of Plotly, in its type
INK = 0.9  # what letters take of it, from the top of a d to the foot of a p
SIDES = {"middle right": 0.0, "middle center": 0.5, "middle left": 1.0}  # what is left of the point
ANCHORS = {"left": 0.0, "center": 0.5, "right": 1.0}
SMALLER = (1.0, 0.92, 0.85, 0.78, 0.72, 0.66, 0.6, 0.55, 0.5)
# Size, digits of a number, whether it goes without the 0 before its point.
TRIES = (*((by, 0, False) for by in SMALLER), (0.5, 2, False), (0.5, 1, False), (0.5, 1, True))
EDGE = 1.5  # pixels
NUMBERS = re.compile(r"^−?\d+(?:\.\d+)?$|(?<![\w.])−?\d+\.\d+(?![\w.])")


class Words(NamedTuple):
    """Words of a figure: their point in pixels, the shares of them left of it and above it."""

    text: str
    px: float
    py: float
    size: float
    left: float
    above: float
    window: PanelBox | None
    write: Callable[["Words"], None]
    room: float = math.inf  # pixels: the width of a box in which they stand

    def box(self, size: float) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of what they cover at a size of type."""
        lines = self.text.split("<br>")
        wide = max(width_of(plain(line)) for line in lines) * size
        high = (LINE * (len(lines) - 1) + INK) * size
        left, top = self.px - self.left * wide, self.py - self.above * high
        return left, top, left + wide, top + high


def plain(text: str) -> str:
    """Return words without the markup of Plotly."""
    return re.sub(r"<[^<>]*>", "", text)


def fit_words(figure: go.Figure, least: float) -> None:
    """Make all words of a figure fit, none smaller than `least` pixels.

    Words of one size in a panel stay so. Of those that overlap even so the first is kept.
    """
    places = windows(figure)
    for name, window in places.items():
        found = list(_of_panel(figure, name, window))
        if found:
            _fit(found, figure.layout.width, least)
    notes = [_note(figure, note, None) for note in figure.layout.annotations if _is_free(note)]
    if notes:
        _fit(notes, figure.layout.width, least)


def _is_free(note: Any) -> bool:
    return note.xref == "paper" and not note.xshift and note.name != "legend"


def _of_panel(figure: go.Figure, name: str, window: PanelBox) -> Iterable[Words]:
    for trace in figure.data:
        if trace.type == "scatter" and trace.mode == "text" and (trace.yaxis or "y") == name:
            trace.cliponaxis = False  # a word at the edge of a panel may reach beyond it
            yield from _of_trace(trace, window)
    for note in figure.layout.annotations:
        if (note.yref or "y") == name and (note.xref or "x") != "paper":
            yield _note(figure, note, window)


def _of_trace(trace: Any, window: PanelBox) -> Iterable[Words]:
    """Return the words of a trace of text; those that have no place in the panel are taken out."""
    count = len(trace.text)
    texts, sizes = list(trace.text), [float(trace.textfont.size)] * count
    sides = [trace.textposition] * count
    xs, ys = ([float(v) for v in np.ravel(values)] for values in (trace.x, trace.y))
    room = trace.meta / abs(_span(window.x)) * window.width if trace.meta else math.inf

    def writer(i: int) -> Callable[[Words], None]:
        def write(words: Words) -> None:
            texts[i], sizes[i] = words.text, words.size
            xs[i] += (words.px - window.px(xs[i])) / window.width * _span(window.x)
            sides[i] = next(side for side, left in SIDES.items() if left == words.left)
            trace.update(text=texts, x=xs, textposition=sides, textfont={"size": sizes})

        return write

    for i, (text, x, y) in enumerate(zip(texts, xs, ys, strict=True)):
        px, py = window.px(x), window.py(y)
        if not (text and _holds(window, px, py)):
            texts[i] = ""
            continue
        yield Words(text, px, py, sizes[i], SIDES[sides[i]], 0.5, window, writer(i), room)
    trace.text = texts


def _span(axis: Any) -> float:
    return float(axis.range[1] - axis.range[0])


def _holds(window: PanelBox, px: float, py: float) -> bool:
    inside = -1 <= px - window.left <= window.width + 1
    return inside and -1 <= py - window.top <= window.height + 1


def _note(figure: go.Figure, note: Any, window: PanelBox | None) -> Words:
    layout, margin = figure.layout, figure.layout.margin
    if window:
        px, py = window.px(note.x), window.py(note.y)
    else:
        px = margin.l + note.x * (layout.width - margin.l - margin.r)
        py = margin.t + (1 - note.y) * (layout.height - margin.t - margin.b)
    size = note.font.size or layout.font.size
    above = {"bottom": 1.0, "top": 0.0}.get(note.yanchor, 0.5)
    left = ANCHORS.get(note.xanchor, 0.5)

    def write(words: Words) -> None:
        note.update(text=words.text, font={"size": words.size}, xshift=words.px - px or None)
        note.visible = bool(words.text)

    return Words(note.text, px, py, size, left, above, window, write)


def _fit(found: list[Words], width: float, least: float) -> None:
    """Wrap, shrink, turn and move words until they fit, shorten numbers last; write them back."""
    found = [_wrapped(words, width) for words in found]
    tries = {words.size: 0 for words in found}
    tight = {math.nan}
    while tight:
        tried = [_tried(words, TRIES[tries[words.size]], width, least) for words in found]
        trouble = zip(found, _trouble(tried, width), strict=True)
        sizes = {words.size for words, troubled in trouble if troubled}
        tight = {size for size in sizes if tries[size] < len(TRIES) - 1}
        for size in tight:
            tries[size] += 1
    moved = [_moved(words, width) for words in tried]
    kept: list[Words] = []
    for words in moved:
        meets = _overlap(np.array([w.box(w.size) for w in [*kept, words]]))[-1, :-1].any()
        kept += [] if meets else [words]
        words.write(words._replace(text="") if meets else words)


def _tried(words: Words, how: tuple[float, int, bool], width: float, least: float) -> Words:
    """Return words as one of `TRIES` has them, broken to stay in their box."""
    by, digits, bare = how
    small = _rounded(words._replace(size=max(least, words.size * by)), digits, bare)
    if small.room < math.inf:
        text = "<br>".join(broken(small.text, small.room / small.size))
        small = small._replace(text=text)
    return _turned(small, width)


def _wrapped(words: Words, width: float) -> Words:
    """Return words of several lines if one is wider than the panel, or else than the figure."""
    room = max(words.window.width, width / 3) if words.window else width - words.px
    room = max(room, 6 * words.size)
    if "<br>" in words.text or words.room < math.inf:
        return words
    return words._replace(text="<br>".join(broken(words.text, room / words.size)))


def broken(text: str, room: float) -> list[str]:
    """Return words in lines of `room` widths of their type at most, broken at spaces.

    >>> broken("a long line", 3.0)
    ['a long', 'line']
    """
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and width_of(plain(longer)) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _rounded(words: Words, digits: int, bare: bool) -> Words:
    """Return words whose numbers have that many digits, two at least from 1 on.

    Among other words only what has a point is one, for a count is not rounded.
    """

    def short(found: re.Match[str]) -> str:
        value = float(found[0].replace("−", "-"))
        written = number(value, max(digits, 2) if abs(value) >= 1 else digits)
        return re.sub(r"^(−?)0\.", r"\1.", written) if bare else written

    return words._replace(text=NUMBERS.sub(short, words.text)) if digits else words


def _turned(words: Words, width: float) -> Words:
    """Return words at the right of a point at its left if there is no room."""
    left, _, right, _ = words.box(words.size)
    if words.left == 0.0 and words.window and right > width - EDGE and words.px > right - left:
        return words._replace(left=1.0, text=words.text.strip() + 3 * "\u00a0")
    return words


def _moved(words: Words, width: float) -> Words:
    left, _, right, _ = words.box(words.size)
    by = max(0.0, EDGE - left) - max(0.0, right - (width - EDGE))
    return words._replace(px=words.px + by)


def _trouble(found: list[Words], width: float) -> np.ndarray:
    """Return which words overlap others, or leave the figure."""
    boxes = np.array([words.box(words.size) for words in found])
    outside = (boxes[:, 0] < EDGE) | (boxes[:, 2] > width - EDGE)
    wide = boxes[:, 2] - boxes[:, 0] > [words.room for words in found]
    return _overlap(boxes).any(axis=1) | outside | wide


def _overlap(boxes: np.ndarray) -> np.ndarray:
    """Return which of some boxes overlap, `(n, n)`."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    return (high - low > 0).all(axis=-1) & ~np.eye(len(boxes), dtype=bool)


def thin_markers(figure: go.Figure, apart: float) -> None:
    """Leave out markers of long curves that stand nearer than `apart` of their size."""
    places = windows(figure)
    for trace in figure.data:
        sized = trace.type == "scatter" and trace.mode == "lines+markers"
        if not sized or not isinstance(trace.marker.size, tuple | list):
            continue
        window = places[trace.yaxis or "y"]
        sizes = list(trace.marker.size)
        last = (math.inf, math.inf)
        for i, (x, y) in enumerate(zip(trace.x, trace.y, strict=True)):
            here = window.px(float(x)), window.py(float(y))
            if math.dist(here, last) < apart * sizes[i] and i < len(sizes) - 1:
                sizes[i] = 0
            else:
                last = here
        trace.marker.size = sizes
