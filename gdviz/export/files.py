"""Any page's figure at any settings as a file, for the library, the app and the terminal."""

import io
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from gdviz.catalogue.lookup import explorer_of, numbers, picture_of
from gdviz.export.captions import caption, title
from gdviz.export.films import OPENING, Progress, film_of, frame_count, work_of
from gdviz.export.fonts import with_fonts
from gdviz.export.html import html_of
from gdviz.export.pgf import pgf_of
from gdviz.export.rates import BROWSER, NO_WORK, Forecast, make_and_note, rates
from gdviz.export.renderer import renderer
from gdviz.export.stamps import is_wanted, stamp_of, text_of, with_stamp
from gdviz.export.styles import Style, apply_style, style_of
from gdviz.export.tables import csv_of, parquet_of
from gdviz.figures.scene import Picture
from gdviz.knobs import KnobError

PICTURES = ("png", "svg", "pdf")
STILLS = (*PICTURES, "tex")  # what shows a step, in a style
FILMS = ("gif", "mp4", "webm")
DATA = ("html", "csv", "parquet")
WORDS = (".caption.txt", ".alt.txt")  # how files of words end that stand beside a figure
FORMATS = STILLS + FILMS + DATA  # those of DATA need no browser, and tex needs none


def save(
    spec: Any,
    file: str | Path,
    *,
    style: str = "screen",
    step: int | None = None,
    progress: Progress = lambda share: None,
    words: bool = False,
) -> Path:
    """Write a page's figure at these settings to a file, in the format that its ending names.

    Pictures (png, svg, pdf, tex) and films (gif, mp4, webm) are drawn in a style of `STYLES`,
    pictures at a step (the last by default); html plays by itself; csv and parquet hold the
    numbers. The file says in its metadata how it was made (see `reopen` and `verify`). With `words`
    its caption and its alternative text are written beside it, to `.caption.txt` and `.alt.txt`.
    `progress` is told the share done, and may raise an `ExportError` to end it. Returns the file.
    Raises `KnobError` for a format, style, step or settings that do not exist, `ExportError` if it
    could not be made.
    """
    path = Path(file)
    made = to_bytes(spec, path.suffix[1:], style=style, step=step, progress=progress)
    path.write_bytes(made)
    if words:
        write_words(path, caption(spec, step), picture_of(spec).scene.alt)
    return path


def write_words(path: Path, said: str, alt: str) -> None:
    """Write the caption and the alternative text of a figure to files beside it."""
    for ending, text in zip(WORDS, (said, alt), strict=True):
        path.with_suffix(ending).write_text(text + "\n", "utf-8")


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
        found = numbers(spec)
        line = stamp_line(spec, step, found=lambda: found)
        return make_and_note(format, lambda: table_of(found, format, line))
    picture, name = picture_of(spec), title(spec)
    if step is not None and not 0 <= step <= picture.scene.steps:
        raise KnobError(f"There is no step {step}: the last one is {picture.scene.steps}.")
    line = stamp_line(spec, step)
    if format == "html":
        words = name, caption(spec)
        make = partial(html_of, *picture, *words, explorer=explorer_of(spec))
        return with_stamp(make_and_note(format, make), format, line)
    return film_or_picture(picture, format, look, name, step, progress, line)


def forecast(spec: Any, format: str, *, style: str = "screen") -> Forecast:
    """Return what a file of these settings takes, by what was measured on this machine.

    That is beside the run itself, which is made. A browser that does not run yet is counted in.
    """
    return forecast_of([(picture_of(spec).scene.steps, format.lower())], style)


def forecast_of(wanted: Iterable[tuple[int, str]], style: str = "screen") -> Forecast:
    """Return what runs of so many steps take together, each in its format; see `forecast`."""
    look, found, cold = style_of(style), NO_WORK, renderer.browser is None
    for steps, format in wanted:
        film = format in FILMS
        known = rates.of(format, work_of(steps, format, look) if film else 1)
        count = frame_count(steps) if film else int(format in STILLS)
        found += Forecast(count, *known) if known else Forecast(count, None, None)
        starts = [BROWSER] * (cold and format in PICTURES + FILMS) + [OPENING] * film
        for start in filter(None, map(rates.of, starts)):
            found += Forecast(0, *start)
        cold = cold and BROWSER not in starts
    return found


def stamp_line(spec: Any, step: int | None = None, **about: Any) -> str:
    """Return the line that a file carries, "" if the operator wants none; see `stamp_of`."""
    return text_of(stamp_of(spec, step, **about)) if is_wanted() else ""


def table_of(result: Any, format: str, line: str = "") -> bytes:
    """Return the numbers of a result as CSV or Parquet that carries a line."""
    if format == "parquet":
        return parquet_of(result, line)
    return with_stamp(csv_of(result), format, line)


def film_or_picture(
    picture: Picture,
    format: str,
    look: Style,
    name: str = "",
    step: int | None = None,
    progress: Progress = lambda share: None,
    line: str = "",
) -> bytes:
    """Return a picture in one of `STILLS` or `FILMS`, its name above it if the style has titles.

    A PDF tells its name in any style. The file carries a `line`: see `gdviz.export.stamps`.
    """
    above = name if look.titled else ""
    if format in FILMS:
        return with_stamp(film_of(picture, format, look, above, progress, line), format, line)
    drawn = apply_style(picture, look, step, above)
    drawn.layout.meta = {"title": name}
    made = (
        make_and_note(format, lambda: pgf_of(drawn, name))
        if format == "tex"
        else drawn_figure(drawn, format, look.dots)
    )
    return finish_picture(made, format, look, line)


def finish_picture(made: bytes, format: str, look: Style, line: str = "") -> bytes:
    """Return a picture with what its format needs: fonts, its dots an inch, its line."""
    if format == "svg":
        made = with_fonts(made)
    return with_stamp(_with_density(made, look.dots) if format == "png" else made, format, line)


def drawn_figure(figure: Any, format: str, dots: float) -> bytes:
    """Return a Plotly figure as PNG, SVG or PDF, of its own size; `dots` a pixel for the PNG."""
    options = {"format": format, "width": figure.layout.width, "height": figure.layout.height}
    options["scale"] = dots if format == "png" else 1

    async def job(browser: Any) -> bytes:
        return await browser.calc_fig(figure, opts=options)

    made, spent = renderer.ask_timed(job)
    rates.note(format, 1, spent, len(made))
    return made


def _with_density(png: bytes, dots: float) -> bytes:
    """Return a PNG that says how many dots an inch it has, so that it is placed at its size."""
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(png)).save(out, "PNG", dpi=(96 * dots, 96 * dots))
    return out.getvalue()
