"""What the server adds to Streamlit: routes of our own, calm error messages, what runs at start."""

import logging
import os
import secrets
import socket
import stat
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gdviz.server import first_page
from gdviz.server.assets import card, module_js, plotly_js
from gdviz.server.hall.routes import HallRoutes, store_from_environment
from gdviz.server.live_queue import LiveQueue
from gdviz.server.logs import shorten_records
from gdviz.server.session_messages import send_side_by_side
from gdviz.server.warmup import ready, warm_up_then_freeze

log = logging.getLogger("gdviz")
live_queue = LiveQueue()

SWITCH = 0.0002  # seconds until a thread that computes lets another, such as the server's, run


async def live_scene(request: Request) -> Response:
    """Answer what a hand asks while it drags."""
    return await live_queue.answer(request, partial(_live, request))


def _live(request: Request) -> Response:
    """Compute an answer; imported late, or the server would wait for sympy."""
    from gdviz.server.live_scene import live

    return live(request.path_params["page"], request.url.query)


async def asked_questions(request: Request) -> Response:
    """Answer with the questions about a run, when somebody begins to guess."""
    return await live_queue.answer(request, partial(_asked, request))


def _asked(request: Request) -> Response:
    from gdviz.server.questions_asked import ask

    return ask(request.path_params["page"], request.url.query)


async def live_engine(request: Request) -> Response:
    """Answer with the module that walks paths in the browser while a hand drags."""
    return await live_queue.answer(request, partial(_engine, request))


def _engine(request: Request) -> Response:
    from gdviz.server.live_scene import engine

    return engine(request.path_params["page"], request.url.query)


async def readyz(request: Request) -> JSONResponse:
    """Answer 200 once the warm-up is done, 503 before."""
    return JSONResponse({"ready": ready.is_set()}, status_code=200 if ready.is_set() else 503)


def routes() -> list[BaseRoute]:
    """Return the routes that stand beside Streamlit's own."""
    return [
        Route("/assets/plotly.min.js", plotly_js),
        Route("/assets/{tag}/{name}", module_js),
        Route("/live/{page}", live_scene),
        Route("/question/{page}", asked_questions),
        Route("/live/{page}/engine.js", live_engine),
        Route("/card/{page}", card),
        Route("/readyz", readyz),
        *HallRoutes(store_from_environment(), live_queue.make).routes(),
        *first_page.routes(),
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
    send_side_by_side()
    sys.setswitchinterval(SWITCH)
    threading.Thread(target=warm_up_then_freeze, name="warm-up", daemon=True).start()
    yield
    if work := sys.modules.get("gdviz.ui.jobs"):
        work.close()  # else the process would wait for what nobody waits for
