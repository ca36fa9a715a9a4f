"""Every page and room of the app, as a link, and how each is to be seen."""

from typing import Any

from gdviz.catalogue.pages import PAGES
from gdviz.topics import geometry, natural_gradient, recommender

_ROOMS = {entry.stem: list(entry.rooms) for entry in PAGES} | {
    topic.__name__.rpartition(".")[2]: list(topic.settings.ROOMS)[1:]
    for topic in (geometry, natural_gradient, recommender)
}
PLACES = [
    f"/{'' if entry == PAGES[0] else entry.stem}{room and f'?{entry.stem}_room={room}'}"
    for entry in PAGES
    for room in ("", *_ROOMS[entry.stem])
]
TABS = ("Numbers", "Maths", "Code", "Pitfalls")
WIDE: Any = {"width": 1280, "height": 720}
# The window, the colours, and what a link says besides.
MODES: dict[str, tuple[Any, Any, str]] = {
    "light": (WIDE, "light", ""),
    "dark": (WIDE, "dark", ""),
    "lecture": ({"width": 1920, "height": 1080}, "light", "lecture=1"),
    "phone": ({"width": 390, "height": 844}, "light", ""),
    "guess": (WIDE, "light", "hide=answer"),
    "twice": ({"width": 640, "height": 360}, "light", ""),  # a zoom of 200 %
}


def stem_of(place: str) -> str:
    """Return the page of a link, empty for the first one."""
    return place[1:].partition("?")[0]


def link_with(place: str, more: str) -> str:
    """Return a link that says more."""
    return f"{place}{'&' if '?' in place else '?'}{more}" if more else place
