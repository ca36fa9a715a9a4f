"""The files that the browser asks for, from memory: Plotly, our own modules, the cards of Home."""

import gzip
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import plotly
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gdviz.browser.bundle import MODULES, TAG
from gdviz.catalogue.lookup import card_file, has_card

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_VERSION = version("plotly")
PLOTLY_URL = f"/assets/plotly.min.js?v={PLOTLY_VERSION}"


@cache
def plotly_plain() -> bytes:
    """Return plotly.min.js, read once per process."""
    return PLOTLY_JS.read_bytes()


@cache
def plotly_gzip() -> bytes:
    """Return plotly.min.js compressed once per process (1.4 MB instead of 4.8 MB)."""
    return gzip.compress(plotly_plain(), mtime=0)


async def _from_memory(read: Any) -> bytes:
    """Return what a cached function returns; a thread is taken for its first call only."""
    return read() if read.cache_info().currsize else await run_in_threadpool(read)


async def plotly_js(request: Request) -> Response:
    """Serve plotly.min.js from the installed package; only the versioned URL is immutable."""
    fresh = request.query_params.get("v") == PLOTLY_VERSION
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if fresh else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = await _from_memory(plotly_gzip)
    else:
        body = await _from_memory(plotly_plain)
    return Response(body, media_type="text/javascript", headers=headers)


async def module_js(request: Request) -> Response:
    """Serve one of our browser modules; the URL carries a hash of them all, so it never changes."""
    file = MODULES.get(request.path_params["name"])
    if file is None:
        return Response("no such module", status_code=404)
    fresh = request.path_params["tag"] == TAG
    headers = {"Cache-Control": "public, max-age=31536000, immutable" if fresh else "no-cache"}
    return Response(_file(file), media_type="text/javascript", headers=headers)


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
