"""The scene of a page for settings that are still in the hand, without a rerun of the page.

While a handle or a dial is dragged, the stage asks this route for the scene of the settings under
the hand: one request, one run, one packed answer. What is let go is committed the ordinary way.
The settings are those of a link, and as hostile: whatever is not valid becomes its default, and
the bounds of the knobs bound the cost. A handle that is no knob is told as `hand=id,x,y`.

A page is answered by `live_scene(query, hand)` of its topic's figure.
"""

import json
from contextlib import suppress
from urllib.parse import parse_qs

from starlette.responses import Response

from gdviz.browser.bundle import OF_HANDS, TAG
from gdviz.catalogue.lookup import explorer_of, has_explorer, live_scene_of, settings
from gdviz.expressions.javascript import CALLED
from gdviz.figures.hand import Hand, from_text
from gdviz.figures.wire_format import pack
from gdviz.queries import from_query
from gdviz.server.shared_answers import SharedAnswers

FRESH = {"Cache-Control": "no-store"}
_answers = SharedAnswers(8_000_000)  # bytes: the phones of a hall ask what its lecturer has asked


def hand_in(query: str) -> Hand | None:
    """Return the hand that a query tells of, if it tells of one."""
    with suppress(ValueError):  # more fields than any link of ours has
        return from_text(parse_qs(query, max_num_fields=200).get("hand", [""])[0])
    return None


def engine(page: str, query: str) -> Response:
    """Return the module by which a browser walks the paths of a page while a hand drags."""
    if not has_explorer(page):
        return Response("no such page", status_code=404)
    try:
        made = explorer_of(from_query(settings(page), query))
    except ValueError as error:
        return Response(str(error), status_code=422)
    if made is None:
        return Response("nothing moves", status_code=404)
    # All are named here, for each step of an import chain would be one way there and back.
    lines = [f"import '../../assets/{TAG}/{name}';" for name in OF_HANDS]
    lines += [f"import {{ {', '.join(CALLED)} }} from '../../assets/{TAG}/elementary.js';"]
    lines += [f"import {{ walkerOf }} from '../../assets/{TAG}/ahead.js';"]
    lines += [f"export const walker = walkerOf({made.code}, {json.dumps(made.told)});"]
    return Response("\n".join(lines), media_type="text/javascript", headers=FRESH)


def live(page: str, query: str) -> Response:
    """Return the packed scene of a page at the settings of a query."""
    scene_of = live_scene_of(page)
    if scene_of is None:
        return Response("no such page", status_code=404)
    try:
        packed = _answers.get((page, query), lambda: pack(scene_of(query, hand_in(query))))
    except ValueError as error:
        return Response(str(error), status_code=422)
    return Response(packed, media_type="application/octet-stream", headers=FRESH)
