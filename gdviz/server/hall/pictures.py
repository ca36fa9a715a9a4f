"""What phones see: the packed scene of settings, and the background under it, each made once."""

import base64
import zlib
from functools import partial
from threading import Lock

from cachetools import LRUCache

from gdviz.catalogue.lookup import live_scene_of, page_of, picture_of, settings
from gdviz.catalogue.pages import entry_of
from gdviz.export.captions import link
from gdviz.figures.wire_format import background_message, pack
from gdviz.queries import from_query
from gdviz.server.hall.audience import Shown
from gdviz.server.live_scene import live
from gdviz.server.shared_answers import SharedAnswers

MOST_BYTES = 32_000_000
QUICK = 1  # of zlib: half the bytes, or a third, for half a millisecond

_pictures = SharedAnswers(MOST_BYTES)
_backgrounds: LRUCache[str, bytes] = LRUCache(MOST_BYTES, getsizeof=len)
_tags: LRUCache[tuple[str, str], str] = LRUCache(1000)  # of the backgrounds of settings
_lock = Lock()


def shown_at(page: str, query: str, held: bool) -> Shown:
    """Return what phones see of settings; while a hand is at them the background stays.

    The scene is that of `/live/<page>`, which the lecturer's own stage has asked for. The header of
    one with a background has its id, the title of the page, and the link that opens it there.
    """
    if held and live_scene_of(page):
        answer = live(page, query)
        body = bytes(answer.body)
        return Shown(_text(body)) if answer.status_code == 200 else Shown(sorry=body.decode())
    try:
        return Shown(_text(_pictures.get((page, query), partial(_whole, page, query))))
    except ValueError as error:
        return Shown(sorry=str(error))


def _text(packed: bytes) -> str:
    return base64.b64encode(zlib.compress(packed, QUICK)).decode()


def _whole(page: str, query: str) -> bytes:
    spec = from_query(settings(page), query)
    picture = picture_of(spec)
    tag, message = background_message(picture.background)
    with _lock:
        _tags[page, query] = tag
        if len(message) <= MOST_BYTES:
            _backgrounds[tag] = message
    home = page_of(spec)
    about = {"title": entry_of(home).title, "roam": link(home, home, spec)}
    return pack(picture.scene, background=tag, **about)


def background(tag: str) -> bytes | None:
    """Return the background of an id, if it was shown lately in this process."""
    with _lock:
        return _backgrounds.get(tag)


def background_again(tag: str, page: str, query: str) -> bytes | None:
    """Return the background of settings, made anew if it was forgotten; None if it is not theirs.

    Who asks for what was never shown costs nothing.
    """
    with _lock:
        theirs = _tags.get((page, query)) == tag
    if theirs and background(tag) is None:
        _whole(page, query)
    return background(tag)
