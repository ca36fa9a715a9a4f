"""The files that the browser asks for, from memory: Plotly, our own modules, the cards of Home."""

from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import plotly
from starlette.requests import Request
from starlette.responses import Response

from gdviz.browser.bundle import MODULES, TAG
from gdviz.catalogue.lookup import card_file, has_card
from gdviz.server import packing

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_VERSION = version("plotly")
PLOTLY_URL = f"/assets/plotly.min.js?v={PLOTLY_VERSION}"


async def plotly_js(request: Request) -> Response:
    """Serve plotly.min.js from the installed package; only the versioned URL is immutable."""
    fresh = request.query_params.get("v") == PLOTLY_VERSION
    return await packing.answer(
        request, PLOTLY_JS, "text/javascript", packing.A_YEAR if fresh else "no-cache"
    )


async def module_js(request: Request) -> Response:
    """Serve one of our browser modules; the URL carries a hash of them all, so it never changes."""
    file = MODULES.get(request.path_params["name"])
    if file is None:
        return Response("no such module", status_code=404)
    fresh = request.path_params["tag"] == TAG
    return await packing.answer(
        request, file, "text/javascript", packing.A_YEAR if fresh else "no-cache"
    )


async def card(request: Request) -> Response:
    """Serve the small picture of a page."""
    page = request.path_params["page"]
    if not has_card(page):
        return Response("no such page", status_code=404)
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response(_file(card_file(page)), media_type="image/png", headers=headers)


@lru_cache(maxsize=64)
def _file(file: Path) -> bytes:
    return file.read_bytes()
