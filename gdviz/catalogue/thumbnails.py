"""The small picture of a page, drawn from its defaults once per process."""

import logging
from functools import lru_cache
from threading import Lock

from gdviz.catalogue import lookup
from gdviz.catalogue.lookup import picture_of
from gdviz.catalogue.pages import PAGES
from gdviz.figures.thumbnail import thumbnail

log = logging.getLogger("gdviz")


_pencil = Lock()  # one is drawn at a time, and none twice


@lru_cache(maxsize=64)
def _drawn(page: str) -> str | None:
    try:
        return thumbnail(picture_of(lookup.settings(page)()))
    except Exception:  # a card without a picture is better than a home page without cards
        log.exception("no miniature of %s", page)
        return None


def svg_of(page: str) -> str | None:
    """Return the miniature of a page at its defaults, None for a page without settings."""
    if page not in {entry.stem for entry in PAGES} or not lookup.has_topic(page):
        return None
    with _pencil:
        return _drawn(page)
