"""Any page's figure at any settings as a file, for the library, the app and the terminal."""

import io
from pathlib import Path
from typing import Any

from gdviz.catalogue.lookup import numbers, picture_of
from gdviz.export.captions import caption, title
from gdviz.export.films import Progress, film_of
from gdviz.export.fonts import with_fonts
from gdviz.export.html import html_of
from gdviz.export.renderer import renderer
from gdviz.export.styles import Style, apply_style, style_of
from gdviz.export.tables import csv_of, parquet_of
from gdviz.figures.scene import Picture
from gdviz.knobs import KnobError

PICTURES = ("png", "svg", "pdf")
FILMS = ("gif", "mp4", "webm")
DATA = ("html", "csv", "parquet")
FORMATS = PICTURES + FILMS + DATA  # those of DATA need no browser


def save(
    spec: Any,
    file: str | Path,
    *,
    style: str = "screen",
    step: int | None = None,
    progress: Progress = lambda share: None,
) -> Path:
    """Write a page's figure at these settings to a file, in the format that its ending names.

    Pictures (png, svg, pdf) and films (gif, mp4, webm) are drawn in a style of `STYLES`, pictures
    at a step (the last by default); html plays by itself; csv and parquet hold the numbers.
    Returns the file. Raises `KnobError` for a format, style, step or settings that do not exist,
    `ExportError` if it could not be made.
    """
    path = Path(file)
    made = to_bytes(spec, path.suffix[1:], style=style, step=step, progress=progress)
    path.write_bytes(made)
    return path


def to_bytes(
    spec: Any,
    format: str,
    *,
    style: str = "screen",
    step: int | None = None,
    progress: Progress = lambda share: None,
) -> bytes:
    """Return a page's figure at these settings as the bytes of a file; see `save`."""
    format = format.lower()
    look = style_of(style)
    if format not in FORMATS:
        raise KnobError(f"“{format[:20]}” is not a format; there are {', '.join(FORMATS)}.")
    if format in ("csv", "parquet"):
        return csv_of(numbers(spec)) if format == "csv" else parquet_of(numbers(spec))
    picture, name = picture_of(spec), title(spec)
    if step is not None and not 0 <= step <= picture.scene.steps:
        raise KnobError(f"There is no step {step}: the last one is {picture.scene.steps}.")
    if format == "html":
        return html_of(*picture, name, caption(spec))
    return film_or_picture(picture, format, look, name if look.titled else "", step, progress)


def film_or_picture(
    picture: Picture,
    format: str,
    look: Style,
    above: str = "",
    step: int | None = None,
    progress: Progress = lambda share: None,
) -> bytes:
    """Return a picture in one of `PICTURES` or `FILMS`, with a title `above` it if there is one."""
    if format in FILMS:
        return film_of(picture, format, look, above, progress)
    made = drawn_figure(apply_style(picture, look, step, above), format, look.dots)
    if format == "svg":
        return with_fonts(made)
    return _with_density(made, look.dots) if format == "png" else made


def drawn_figure(figure: Any, format: str, dots: float) -> bytes:
    """Return a Plotly figure as PNG, SVG or PDF, of its own size; `dots` a pixel for the PNG."""
    options = {"format": format, "width": figure.layout.width, "height": figure.layout.height}
    options["scale"] = dots if format == "png" else 1

    async def job(browser: Any) -> bytes:
        return await browser.calc_fig(figure, opts=options)

    return renderer.ask(job)


def _with_density(png: bytes, dots: float) -> bytes:
    """Return a PNG that says how many dots an inch it has, so that it is placed at its size."""
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(png)).save(out, "PNG", dpi=(96 * dots, 96 * dots))
    return out.getvalue()
