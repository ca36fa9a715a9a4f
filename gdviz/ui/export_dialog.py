"""The dialog that makes pictures, films and tables of what a page shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from gdviz.catalogue.export_options import OPTIONS
from gdviz.catalogue.lookup import live_scene_of, numbers, topic_of
from gdviz.export import FILMS, PICTURES, STYLES, bibtex, browser_path, caption, title
from gdviz.export.files import STILLS, WORDS, film_or_picture, forecast_of
from gdviz.export.grid import Part, grid_bytes, part_of, shapes_for, words_of
from gdviz.export.stamps import LONGEST_LINK
from gdviz.export.tables import parquet_of
from gdviz.figures.scene import Picture
from gdviz.knobs import KnobError
from gdviz.queries import to_query
from gdviz.ui.file_maker import file_maker, zip_of

NO_BROWSER = (
    "Pictures and films are drawn by Chromium, and there is none on the server. The buttons SVG, "
    "PNG, CSV and HTML of the menu work without, and so do TeX and Parquet."
)
MOST_LINKS = 5  # of other pages


@dataclass(frozen=True)
class Wish:
    """What a visitor asks for; the names are those of `gdviz.catalogue.export_options`."""

    format: str
    style: str
    step: int
    words: bool = False
    grid: str = ""
    letters: bool = True
    links: tuple[str, ...] = ()


@st.dialog("Export", width="medium")
def show(page: str, drawn: Any, name: str, address: str, line: Callable[..., str]) -> None:
    """Offer every format in every style; what was made stays until something else is made.

    A file carries the `line` that says how it was made.
    """
    able = browser_path() is not None
    if not able:
        st.caption(NO_BROWSER)
    wish = _wish(page, drawn, able)
    if wish:
        _make(page, drawn, wish, name, line)
    with st.expander("Caption, alt text and BibTeX"):
        step = drawn.step if drawn.step < drawn.scene.steps else None
        st.code(caption(drawn.spec, step, page), language=None, wrap_lines=True)
        st.code(drawn.scene.alt, language=None, wrap_lines=True)
        st.code(bibtex(drawn.spec, step, address, page), language="bibtex", wrap_lines=True)


def _wish(page: str, drawn: Any, able: bool) -> Wish | None:
    """Draw what can be asked, and return it; None while no format or no style is chosen."""
    moves, own = drawn.scene.steps > 0, f"{page}_export"
    formats = [*(PICTURES if able else ()), *(FILMS if able and moves else ()), "tex", "parquet"]
    format = st.segmented_control(
        "Format", formats, default=formats[0], format_func=str.upper, key=f"{own}_format"
    )
    style = st.segmented_control(
        "Style",
        list(STYLES),
        default="screen",
        format_func=lambda key: STYLES[key].label,
        key=f"{own}_style",
        disabled=format == "parquet",
        help=OPTIONS["style"],
    )
    if not format or not style:
        return None
    step, last = drawn.step, drawn.scene.steps
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if format in STILLS and moves:
            help_ = OPTIONS["step"]
            step = st.number_input("Step", 0, last, step, key=f"{own}_step", help=help_, width=120)
        words = st.toggle("Words beside it, in a ZIP", key=f"{own}_words", help=OPTIONS["words"])
    wish = Wish(str(format), str(style), int(step), words)
    return _with_others(own, wish) if format in PICTURES else wish


def _with_others(own: str, wish: Wish) -> Wish:
    """Draw the choice of other pages for one figure of several; return the wish with them."""
    with st.expander("Several pages as one figure"):
        help_ = "The share menu of each page has its link. This page comes first."
        label = f"Links of other pages, one a line, {MOST_LINKS} at most"
        text = st.text_area(
            label, key=f"{own}_links", help=help_, max_chars=MOST_LINKS * LONGEST_LINK
        )
        links = tuple(row.strip() for row in text.splitlines() if row.strip())[:MOST_LINKS]
        grid = st.segmented_control(
            "Rows and columns",
            shapes_for(1 + len(links)),
            default=shapes_for(1 + len(links))[0],
            key=f"{own}_grid_{len(links)}",
            help=OPTIONS["grid"],
            disabled=not links,
        )
        letters = st.toggle(
            "Letters (a), (b) …", True, key=f"{own}_letters", help=OPTIONS["letters"]
        )
    if not links or not grid:
        return wish
    return Wish(wish.format, wish.style, wish.step, wish.words, str(grid), letters, links)


def _other(address: str) -> Part:
    """Return the part of a link; raise `KnobError` for a page that does not answer in a moment.

    What answers a drag is bounded by its knobs. Other pages compute in the line of heavy work.
    """
    part = part_of(address)
    live_scene = live_scene_of(topic_of(part.spec))
    if live_scene is None:
        raise KnobError(f"{title(part.spec)} takes too long here: use gdviz export --grid.")
    live_scene(to_query(part.spec), None)  # raises where the page would wait under a bar
    return part


def _make(page: str, drawn: Any, wish: Wish, name: str, line: Callable[..., str]) -> None:
    """Draw the button that makes the file, and the one that saves it once it is made."""
    what = f"step {wish.step}" if wish.format in STILLS else "the whole run"
    what = f"{1 + len(wish.links)} pages" if wish.links else what
    own = {"step": wish.step if wish.step < drawn.scene.steps else None}
    shown = own if wish.format in STILLS else {}
    format = "svg" if wish.links else wish.format  # of other pages nothing else is known yet
    file_maker(
        f"{page}_export",
        (page, name, wish),
        f"Make the {wish.format.upper()} of {what}",
        f"{name}.{'zip' if wish.words else wish.format}",
        lambda tell: made_file(page, drawn, wish, name, line(**shown), tell),
        forecast_of([(drawn.scene.steps, format)] * (1 + len(wish.links)), wish.style),
    )


def made_file(
    page: str,
    drawn: Any,
    wish: Wish,
    name: str,
    line: str,
    tell: Callable[[float], None] = lambda share: None,
) -> bytes:
    """Return what is wished of what a page shows; with words a ZIP of it and of them."""
    picture = Picture(drawn.background, drawn.scene)
    last = drawn.scene.steps
    step = wish.step if wish.format in STILLS and wish.step < last else None
    texts = caption(drawn.spec, step, page), drawn.scene.alt
    if wish.links:
        own = Part(drawn.spec, step, picture, line)
        parts = [own, *map(_other, wish.links)]
        made = grid_bytes(
            parts,
            wish.format,
            grid=wish.grid,
            style=wish.style,
            letters=wish.letters,
            progress=tell,
        )
        texts = words_of(parts, wish.letters) if wish.words else texts
    elif wish.format == "parquet":
        made = parquet_of(numbers(drawn.spec, drawn.runs), line)
    else:
        look, above = STYLES[wish.style], title(drawn.spec, page)
        made = film_or_picture(picture, wish.format, look, above, wish.step, tell, line)
    if not wish.words:
        return made
    beside = {f"{name}{end}": f"{t}\n".encode() for end, t in zip(WORDS, texts, strict=True)}
    return zip_of({f"{name}.{wish.format}": made, **beside})
