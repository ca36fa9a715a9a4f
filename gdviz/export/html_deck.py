"""Slides as one HTML file that plays without a network: Plotly, the player, and what it plays."""

import base64
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from plotly.offline import get_plotlyjs

from gdviz.browser.bundle import bundle
from gdviz.figures.marks import with_marks
from gdviz.figures.scene import Picture
from gdviz.figures.wire_format import background_message, pack

HEIGHT = 430  # pixels of a stage where it does not fill the window
_HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>{css}</style></head>
<body><nav aria-label="Slides"><button data-go="-1" aria-label="Previous slide">‹</button>
<output aria-live="polite"></output><button data-go="1" aria-label="Next slide">›</button></nav>
<main>{slides}</main>
<script>{plotly}</script>
<script type="module">
{module}
openDeck(window.Plotly, {backgrounds}, {scenes});
</script></body></html>
"""
_SLIDE = """<section class="slide" tabindex="-1" aria-labelledby="title{n}" hidden>
<h1 id="title{n}">{title}</h1>
<p>{sentence} <em>{question}</em> <a href="{link}">Open in gdviz</a></p>
<div class="stage"></div></section>
"""


class PlayingSlide(NamedTuple):
    """A slide: its words, the link that opens it, what plays, and whether it is to be guessed."""

    title: str
    sentence: str
    question: str
    link: str
    picture: Picture
    hidden: bool


def html_deck_of(name: str, slides: Sequence[PlayingSlide]) -> bytes:
    """Return slides, after one with a name and a list of them, as one HTML file."""
    figures: dict[str, str] = {}
    scenes = []
    for n, slide in enumerate(slides):
        tag, message = background_message(slide.picture.background)
        figures[tag] = message.decode()
        around = {"key": f"slide {n}", "background": tag, "height": HEIGHT, "large": True}
        around |= {"fill": True, "guess": f"slide {n}" if slide.hidden else None}
        told = {"echo": None, "step": None, "download": None}
        scene = with_marks(slide.picture.scene, slide.picture.background)
        scenes.append(base64.b64encode(pack(scene, **around, **told)).decode())
    css = Path(__file__).with_name("deck.css").read_text("utf-8")
    backgrounds = "{" + ", ".join(f'"{tag}": {text}' for tag, text in figures.items()) + "}"
    return _HTML.format(
        title=escape(name),
        css=css,
        slides=_first(name, slides) + "".join(_slide(n, s) for n, s in enumerate(slides, 2)),
        plotly=get_plotlyjs(),
        module=bundle("deck"),
        backgrounds=backgrounds.replace("<", "\\u003c"),  # nothing in it closes the script
        scenes=json.dumps(scenes),
    ).encode()


def _first(name: str, slides: Sequence[PlayingSlide]) -> str:
    rows = (f'<li><a href="#{n}">{escape(s.title)}</a></li>' for n, s in enumerate(slides, 2))
    return (
        '<section class="slide" tabindex="-1" aria-labelledby="title1" hidden>'
        f'<h1 id="title1">{escape(name)}</h1><ol>{"".join(rows)}</ol></section>\n'
    )


def _slide(n: int, slide: PlayingSlide) -> str:
    words = {name: escape(getattr(slide, name)) for name in ("title", "sentence", "question")}
    return _SLIDE.format(n=n, link=escape(slide.link), **words)
