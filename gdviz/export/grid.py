"""Several pages as one figure: their panels in rows, each with its letter."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import plotly.graph_objects as go

from gdviz.catalogue.lookup import picture_of
from gdviz.export.captions import caption, title
from gdviz.export.files import PICTURES, drawn_figure, finish_picture, stamp_line, write_words
from gdviz.export.films import Progress
from gdviz.export.fonts import FAMILY
from gdviz.export.origins import settings_in
from gdviz.export.stamps import MOST_PARTS
from gdviz.export.styles import INK, PAPER, Style, apply_style, style_of
from gdviz.figures.scene import Picture
from gdviz.knobs import KnobError

SHAPE = 3 / 4  # height of a cell by its width, where the page is as long as it must be


class Part(NamedTuple):
    """A cell of a grid: the settings of a page, and the step it shows (None: the last).

    Its `picture` and the `line` of its origin are made unless they are given.
    """

    spec: Any
    step: int | None = None
    picture: Picture | None = None
    line: str | None = None

    def drawn(self) -> Picture:
        """Return its picture."""
        return self.picture or picture_of(self.spec)

    def origin(self) -> str:
        """Return the line that says how it was made; see `gdviz.export.stamps`."""
        return stamp_line(self.spec, self.step) if self.line is None else self.line


def part_of(address: str) -> Part:
    """Return the cell of a link of the app; raise `KnobError` for one that is damaged."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        raise KnobError(f"“{address[:60]}” is not a link.") from None
    page = parts.path.rstrip("/").rpartition("/")[2]
    spec, unknown = settings_in(f"{page}?{parts.query}")
    lost = [name for name in unknown if name.startswith(f"{page}_")]
    if lost:
        raise KnobError(f"{lost[0][:60]}: the link has no valid value for it.")
    step = re.search(rf"(?:^|&){page}_step=(\d{{1,6}})(?:&|$)", parts.query, re.ASCII)
    return Part(spec, int(step[1]) if step else None)


def shape_of(grid: str) -> tuple[int, int]:
    """Return rows and columns of a text like 2x3; raise `KnobError` for another."""
    size = re.fullmatch(r"([1-9])x([1-9])", grid)
    if not size:
        raise KnobError(f"“{grid[:20]}” is not a grid: rows and columns are written as 2x2.")
    return int(size[1]), int(size[2])


def shapes_for(count: int) -> list[str]:
    """Return the grids that so many cells fill, the squarest first.

    >>> shapes_for(3)
    ['2x2', '1x3', '3x1']
    """
    sides = range(1, 10)
    fits = [(r, c) for r in sides for c in sides if (r - 1) * c < count <= r * c and c <= count]
    return [f"{r}x{c}" for r, c in sorted(fits, key=lambda rc: (abs(rc[0] - rc[1]), rc))]


def save_grid(
    parts: Sequence[Part],
    file: str | Path,
    *,
    grid: str,
    style: str = "page",
    letters: bool = True,
    words: bool = False,
    progress: Progress = lambda share: None,
) -> Path:
    """Write pages as one picture to a file, and with `words` its caption and alternative text.

    See `grid_bytes` and `save`. Returns the file.
    """
    path = Path(file)
    format = path.suffix[1:].lower()
    made = grid_bytes(parts, format, grid=grid, style=style, letters=letters, progress=progress)
    path.write_bytes(made)
    if words:
        write_words(path, *words_of(parts, letters))
    return path


def words_of(parts: Sequence[Part], letters: bool = True) -> tuple[str, str]:
    """Return the caption of pages as one picture, and its alternative text, a line a part."""
    names = letters_of(len(parts)) if letters else [""] * len(parts)
    told = [f"{n} {caption(p.spec, p.step)}".strip() for n, p in zip(names, parts, strict=True)]
    seen = [f"{n} {p.drawn().scene.alt}".strip() for n, p in zip(names, parts, strict=True)]
    return "\n".join(told), "\n".join(seen)


def letters_of(count: int) -> list[str]:
    """Return the names of panels.

    >>> letters_of(3)
    ['(a)', '(b)', '(c)']
    """
    return [f"({chr(ord('a') + n)})" for n in range(count)]


def grid_bytes(
    parts: Sequence[Part],
    format: str,
    *,
    grid: str,
    style: str = "page",
    letters: bool = True,
    progress: Progress = lambda share: None,
) -> bytes:
    """Return pages as one picture, `grid` rows x columns, with (a), (b) ... unless told otherwise.

    It is as wide as the style says; a slide stays as high as it is. Raises `KnobError` for a format
    that is not of `PICTURES`, or a shape that is not that of the parts.
    """
    rows, columns = shape_of(grid)
    if format not in PICTURES:
        raise KnobError(f"A grid is a picture: {', '.join(PICTURES)}.")
    if not 0 < len(parts) <= min(rows * columns, MOST_PARTS) or len(parts) <= (rows - 1) * columns:
        raise KnobError(f"{len(parts)} pages do not fill a grid of {rows} × {columns}.")
    look = style_of(style)
    wide = look.width / columns
    cell = look._replace(
        width=wide, height=look.height / rows if look.titled else wide * SHAPE, titled=False
    )
    figures = []
    for n, part in enumerate(parts):
        figures.append(apply_style(part.drawn(), cell, part.step))
        progress(0.5 * (n + 1) / len(parts))
    names = letters_of(len(parts)) if letters else [""] * len(parts)
    svg, high = _composed(figures, columns, cell, names, progress)
    layout: dict[str, Any] = {"width": look.width, "height": high}
    layout["meta"] = {"svg": svg, "title": ", ".join(title(part.spec) for part in parts)}
    made = (
        svg.encode()
        if format == "svg"
        else drawn_figure(go.Figure(layout=layout), format, look.dots)
    )
    return finish_picture(made, format, look, "\n".join(filter(None, (p.origin() for p in parts))))


def _composed(
    figures: Sequence[go.Figure],
    columns: int,
    cell: Style,
    names: Sequence[str],
    progress: Progress,
) -> tuple[str, float]:
    """Return figures as one SVG, and its height: a row is as high as its highest cell."""
    top, inside = 0.0, []
    for first in range(0, len(figures), columns):
        row = range(first, min(first + columns, len(figures)))
        for n in row:
            drawn = drawn_figure(figures[n], "svg", 1).decode()
            inside.append(_placed(drawn, n, (n - first) * cell.width, top, cell, names[n]))
            progress(0.5 + 0.4 * (n + 1) / len(figures))
        top += max(figures[n].layout.height for n in row)
    wide = cell.width * columns
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    head += f'width="{wide:g}" height="{top:g}" viewBox="0 0 {wide:g} {top:g}">'
    paper = f'<rect width="100%" height="100%" fill="{PAPER}"/>'
    return f"{head}{paper}{''.join(inside)}</svg>", top


def _placed(svg: str, n: int, left: float, top: float, cell: Style, letter: str) -> str:
    """Return an SVG in its place in another, with names of its own and its letter."""
    own = re.sub(r'(\bid="|url\((?:&quot;|[\'"])?#|href="#)', rf"\g<1>part{n}-", svg)
    own = re.sub(r"<svg\b", f'<svg x="{left:g}" y="{top:g}"', own, count=1)
    em = cell.type
    place = f'x="{left + 0.4 * em:g}" y="{top + 1.2 * em:g}"'
    look = f'font-family="{FAMILY}" font-size="{em:g}" fill="{INK}"'
    return own + (f"<text {place} {look}>{letter}</text>" if letter else "")
