"""The scene of a page for settings that are still in the hand, without a rerun of the page.

While a handle or a dial is dragged, the stage asks this route for the scene of the settings under
the hand: one request, one run, one packed answer. What is let go is committed the ordinary way.
The settings are those of a link, and as hostile: whatever is not valid becomes its default, and
the bounds of the knobs bound the cost.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from gdviz.expressions import FormulaError
from gdviz.figures.descent import descent_scene
from gdviz.figures.race import race_scene
from gdviz.figures.scene import Scene, pack
from gdviz.knobs import from_query
from gdviz.topics import descent, race


def _descent(query: str) -> Scene:
    spec = from_query(descent.Descent, query)
    return descent_scene(descent.run(spec))


def _race(query: str) -> Scene:
    spec = from_query(race.Race, query)
    return race_scene(race.run(spec), spec.overlays, spec.hidden, (spec.x0, spec.y0))


SCENES: dict[str, Callable[[str], Scene]] = {"descent": _descent, "race": _race}


def live(request: Request) -> Response:
    """Answer the packed scene of a page at the settings of the query."""
    scene_of = SCENES.get(request.path_params["page"])
    if scene_of is None:
        return Response("no such page", status_code=404)
    try:
        packed = pack(scene_of(request.url.query))
    except FormulaError as error:
        return Response(str(error), status_code=422)
    return Response(
        packed, media_type="application/octet-stream", headers={"Cache-Control": "no-store"}
    )
