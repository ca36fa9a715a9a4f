"""Slides as a .pptx, which PowerPoint, LibreOffice and Keynote open."""

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from gdviz.export.office_properties import add_lines

WIDTH, HEIGHT = 1280, 720  # pixels of 1/96 inch: 16:9, as wide as PowerPoint has it
EDGE = 40
AREA = (EDGE, 96, WIDTH - 2 * EDGE, 564)  # of the picture: left, top, width, height
EMU = 9525  # English metric units of a pixel
LONGEST = 120  # letters of a link that are shown
TITLE_ONLY = 5  # the layout of PowerPoint's own template


class StillSlide(NamedTuple):
    """A slide: title, notes, link, a PNG and its alternative text, and the film in its place.

    Where a program cannot play the film, the picture is what it shows.
    """

    title: str
    notes: str
    link: str
    picture: bytes
    alt: str
    film: bytes | None


def pptx_of(name: str, slides: Sequence[StillSlide], lines: Sequence[str] = ()) -> bytes:
    """Return slides of 16:9 after one with a name, as a .pptx that has `lines` of its origin."""
    from pptx import Presentation

    deck: Any = Presentation()
    deck.slide_width, deck.slide_height = WIDTH * EMU, HEIGHT * EMU
    deck.core_properties.title, deck.core_properties.author = name, "gdviz"
    first = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    _write(first.shapes.title, name, 48, (EDGE, 250, WIDTH - 2 * EDGE, 160))
    for slide in slides:
        _add(deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY]), slide)
    if lines:
        add_lines(deck, lines)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _write(shape: Any, words: str, size: int, box: tuple[int, int, int, int]) -> Any:
    """Write words of that many points into a shape at a place in pixels; return the run."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    shape.left, shape.top, shape.width, shape.height = (n * EMU for n in box)
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    frame.text = words
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    run = frame.paragraphs[0].runs[0]
    run.font.size = Pt(size)
    return run


def _add(page: Any, slide: StillSlide) -> None:
    """Fill a page: its title, its picture or film, its link, its notes."""
    _write(page.shapes.title, slide.title, 30, (EDGE, 16, WIDTH - 2 * EDGE, 72))
    place = [n * EMU for n in AREA]
    still = io.BytesIO(slide.picture)
    if slide.film is None:
        shape = page.shapes.add_picture(still, *place)
    else:
        film = io.BytesIO(slide.film)
        shape = page.shapes.add_movie(film, *place, poster_frame_image=still, mime_type="video/mp4")
    shape.name = slide.title
    shape._element.xpath(".//p:cNvPr")[0].set("descr", slide.alt)  # there is no other way to it
    shown = slide.link if len(slide.link) <= LONGEST else slide.link[: LONGEST - 1] + "…"
    box = page.shapes.add_textbox(0, 0, 0, 0)
    below = (EDGE, HEIGHT - 52, WIDTH - 2 * EDGE, 40)
    _write(box, shown, 12, below).hyperlink.address = slide.link
    page.notes_slide.notes_text_frame.text = slide.notes
