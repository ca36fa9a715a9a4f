"""The questions about a run for settings in a query, which is hostile until it is read.


A page asks for them when somebody begins to guess, and never before: they cost a run.
"""

from starlette.responses import JSONResponse, Response

from gdviz.catalogue.lookup import has_topic, questions, settings
from gdviz.queries import from_query


def ask(page: str, query: str) -> Response:
    """Return the questions of a page, or room, at the settings of a query, as JSON."""
    if not has_topic(page):
        return Response("no such page", status_code=404)
    try:
        found = questions(from_query(settings(page), query))
    except ValueError as error:
        return Response(str(error), status_code=422)
    asked = [question._asdict() for question in found]
    return JSONResponse(asked, headers={"Cache-Control": "no-store"})
