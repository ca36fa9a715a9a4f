"""What the server adds to Streamlit: own routes, warm-up, calm error messages; see `guards.py`."""

import gc
import gzip
import logging
import os
import secrets
import socket
import stat
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from functools import cache, lru_cache, partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import plotly
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gdviz.browser.bundle import MODULES, TAG
from gdviz.env import env_number
from gdviz.ui.live_queue import LiveQueue
from gdviz.ui.logs import shorten_records

log = logging.getLogger("gdviz")
ready = threading.Event()
live_queue = LiveQueue()
_miniatures: dict[str, Response] = {}

SWITCH = 0.001  # seconds until a thread that computes lets another, such as the server's, run
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
    return Response(_script(file), media_type="text/javascript", headers=headers)


@lru_cache(maxsize=64)
def _script(file: Path) -> bytes:
    return file.read_bytes()


async def live_scene(request: Request) -> Response:
    """Answer what a hand asks while it drags."""
    return await live_queue.answer(request, partial(_live, request))


def _live(request: Request) -> Response:
    """Compute an answer; imported late, or the server would wait for sympy."""
    from gdviz.server.live_scene import live

    return live(request.path_params["page"], request.url.query)


async def miniature(request: Request) -> Response:
    """Serve the small picture of a page, drawn from its defaults once per process."""
    page = request.path_params["page"]
    if page not in _miniatures:
        return await live_queue.answer(request, partial(_miniature, page))
    return _miniatures[page]


def _miniature(page: str) -> Response:
    """Draw the miniature of a page, and keep its answer."""
    from gdviz.catalogue.thumbnails import svg_of

    svg = svg_of(page)
    if svg is None:
        return Response("no such page", status_code=404)
    headers = {"Cache-Control": "public, max-age=3600"}
    _miniatures[page] = Response(svg, media_type="image/svg+xml", headers=headers)
    return _miniatures[page]


async def readyz(request: Request) -> JSONResponse:
    """Answer 200 once the warm-up is done, 503 before."""
    return JSONResponse({"ready": ready.is_set()}, status_code=200 if ready.is_set() else 503)


def routes() -> list[BaseRoute]:
    """Return the routes that stand beside Streamlit's own."""
    return [
        Route("/assets/plotly.min.js", plotly_js),
        Route("/assets/{tag}/{name}", module_js),
        Route("/live/{page}", live_scene),
        Route("/miniature/{page}", miniature),
        Route("/readyz", readyz),
    ]


def on_script_error(error: Exception) -> bool:
    """Log the error under a short id, show the visitor a sentence with that id, no traceback."""
    code = secrets.token_hex(4)
    log.error("error %s", code, exc_info=error)
    st.error(
        "Something went wrong on our side, and the page stopped here. Reloading or changing a "
        f"setting usually helps. If you report it, please mention the code `{code}`.",
        icon=":material/error:",
    )
    return True


def steps_to_be_warm() -> Iterator[Callable[[], object]]:
    """Give what imports and compiles what the first visitor would otherwise wait for, in order."""
    for name in ("plotly.graph_objects", "sympy", "gdviz.topics.descent.tabs"):
        yield partial(import_module, name)
    yield plotly_gzip
    from gdviz.catalogue.lookup import live_scene_of
    from gdviz.catalogue.pages import PAGES
    from gdviz.optimize import FUNCTIONS, METHODS, maps

    for method, factory in METHODS.items():
        if hasattr(factory, "state"):  # those that run compiled
            yield partial(maps.ends, FUNCTIONS["double_well"], [[1.0]], method)
    for page in PAGES:
        if scene_of := live_scene_of(page.stem):
            yield partial(scene_of, "", None)


def steps_for_home() -> Iterator[Callable[[], object]]:
    """Give what draws the gallery of the home page."""
    from gdviz.catalogue.pages import PAGES
    from gdviz.catalogue.thumbnails import svg_of

    for page in PAGES:
        yield partial(svg_of, page.stem)


def take(steps: Iterable[Callable[[], object]], rest: float = 0.0) -> None:
    """Take steps one after another, and after each rest so many times as long as it took."""
    for step in steps:
        begin = monotonic()
        step()
        sleep(rest * (monotonic() - begin))


def warm_up_then_freeze() -> None:
    """Warm up; then move what is loaded out of the garbage collector's sight, and be ready.

    With GDVIZ_GENTLE set, others serve the visitors meanwhile, and need the processor more: so
    many times as long as it works it rests.
    """
    rest = env_number("GDVIZ_GENTLE", 0)
    try:
        take(steps_to_be_warm(), rest)
    except Exception:
        log.exception("warm-up failed; /readyz stays at 503")
        return
    gc.collect()
    gc.freeze()
    ready.set()
    take(steps_for_home(), rest)


def cure_delayed_packets() -> None:
    """Set TCP_NODELAY on the sockets that listen already, that is under `streamlit run`.

    Streamlit binds with protocol 0, so asyncio never sets it, and each answer waits ~40 ms for
    an acknowledgement. Accepted sockets inherit it from the listening one.
    """
    for fd in map(int, os.listdir("/dev/fd") if os.path.isdir("/dev/fd") else []):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                with socket.socket(fileno=os.dup(fd)) as twin:
                    if twin.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                        twin.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Start the warm-up beside the server, so that the first page need not wait for all of it."""
    cure_delayed_packets()
    shorten_records()
    sys.setswitchinterval(SWITCH)
    threading.Thread(target=warm_up_then_freeze, name="warm-up", daemon=True).start()
    yield
    if work := sys.modules.get("gdviz.ui.jobs"):
        work.close()  # else the process would wait for what nobody waits for
