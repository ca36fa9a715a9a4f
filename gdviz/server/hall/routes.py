"""The routes of the halls. A lecturer proves himself by a header, a phone by its cookie."""

import json
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gdviz.server.hall.audience import GONE
from gdviz.server.hall.event_stream import EventStream
from gdviz.server.hall.hall import (
    Hall,
    HallError,
    is_token,
    may_steer,
    new_token,
    read_code,
    spell,
    to_text,
)
from gdviz.server.hall.halls import BUSY, OF_ADDRESS, Compute, Halls
from gdviz.server.hall.html import html_of_door, html_of_hall
from gdviz.server.hall.store import HallStore, MemoryStore, StoreGone
from gdviz.server.throttle import Buckets
from gdviz.ui.clients import client_of
from gdviz.ui.fair_queue import Full
from gdviz.ui.qr import FOR_PHONES, qr_source, unreachable

SECRET, COOKIE = "x-hall-secret", "gdviz_hall"
OPENED = (1 / 60, 20)  # halls of one address: a second, and at first
MISSED = (1.0, 60)  # codes that are none: a second of one address, and at first
JOINED = (5.0, OF_ADDRESS)  # new phones of one address: a second, and at first
STEERED = (40.0, 80)  # what one lecturer says
BODY = 32_768  # bytes of what a lecturer says
OF_PHONE = 1000  # and of what a phone says
KEEP = "private, max-age=3600"  # a background is named by what is in it
NO_STORE = (
    "Several processes serve this app, and a hall needs Redis to reach the phones of all of them: "
    "the operator sets GDVIZ_REDIS."
)
UNREACHED = 424  # not 503: nginx would take the whole replica for one that is not ready
NO_HALL = "There is no hall of this code. Perhaps it is closed."
NOT_YOURS = "Only the lecturer who has opened the hall can do this."
CROWDED = "Too many phones join from here at once. Please try again in a minute."
ELSEWHERE = "A page of another site cannot use a hall."
KEPT_OUT = "Please open the link of the hall first."
Answer = Callable[[Request], Awaitable[Response]]


class _Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, words: str) -> None:
        self.status, self.words = status, words


class HallRoutes:
    """The answers of the halls of one store."""

    def __init__(self, store: HallStore, compute: Compute) -> None:
        self.halls = Halls(store, compute)
        self._opened, self._missed, self._joined, self._steered = (
            Buckets(*rate) for rate in (OPENED, MISSED, JOINED, STEERED)
        )

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        lecturer = {"steer": self.steer, "ask": self.ask, "reveal": self.reveal}
        lecturer |= {"close": self.close}
        told = {"results": self.results, "results.csv": self.table}
        phones = {"stream": self.stream, "now": self.now, "background/{tag}": self.background}
        return [
            Route("/hall", _calm(self.open), methods=["POST"]),
            Route("/hall", _calm(self.door)),
            Route("/hall/{code}", _calm(self.join)),
            Route("/hall/{code}/guess", _calm(self.guess), methods=["POST"]),
            *(_route(name, answer, "POST") for name, answer in lecturer.items()),
            *(_route(name, answer, "GET") for name, answer in (told | phones).items()),
        ]

    # --- the lecturer -----------------------------------------------------------------------------

    async def open(self, request: Request) -> Response:
        """Open a hall."""
        if not self._opened.take(client_of(request.scope).address):
            raise _Refused(429, "Too many halls were opened from here. Please wait a minute.")
        if os.environ.get("GDVIZ_REPLICA") and isinstance(self.halls.store, MemoryStore):
            raise _Refused(501, NO_STORE)
        link = _base(request, await _said(request)) + "hall/"
        code, secret = await self.halls.open()
        about = {"code": spell(code), "secret": secret, "link": link + code}
        unseen = FOR_PHONES.replace("`", "") if unreachable(link) else ""
        return _json(about | {"qr": qr_source(link + code), "unseen": unseen}, 201)

    async def steer(self, request: Request) -> Response:
        """Take what the lecturer's stage shows."""
        hall, said = await self._own(request), await _said(request)
        await self.halls.steer(hall, said, client_of(request.scope).address)
        return _json({})

    async def ask(self, request: Request) -> Response:
        """Ask a question."""
        state = await self.halls.ask(await self._own(request), await _said(request))
        return Response(to_text(state), media_type="application/json", headers=NO_STORE_HEADER)

    async def reveal(self, request: Request) -> Response:
        """Reveal the answer."""
        hall = await self._own(request)
        await self.halls.reveal(hall)
        return _json(await self.halls.results(await self._found(request)))

    async def results(self, request: Request) -> Response:
        """Answer with how many are there, and how they have guessed; the hall lives on by it."""
        return _json(await self.halls.results(await self._own(request)))

    async def table(self, request: Request) -> Response:
        """Answer with the guesses as CSV."""
        text = await self.halls.table(await self._own(request))
        return Response(text, media_type="text/csv", headers=NO_STORE_HEADER)

    async def close(self, request: Request) -> Response:
        """Close the hall."""
        await self.halls.store.close((await self._own(request)).code)
        return _json({})

    # --- the phones -------------------------------------------------------------------------------

    async def door(self, request: Request) -> Response:
        """Ask for a code, or go where the one leads that was typed."""
        typed = request.query_params.get("code", "")
        code = read_code(typed)
        if code:
            return RedirectResponse(f"hall/{code}", 303)
        return HTMLResponse(html_of_door("This is not a code of eight signs." if typed else ""))

    async def join(self, request: Request) -> Response:
        """Answer with the page of a phone, and its token if it has none."""
        try:
            hall = await self._found(request)
        except _Refused as refused:
            return HTMLResponse(html_of_door(refused.words, "../hall"), refused.status)
        answer = HTMLResponse(html_of_hall(hall.code), headers=NO_STORE_HEADER)
        if not is_token(hall, request.cookies.get(COOKIE, "")):
            if not self._joined.take(client_of(request.scope).address):
                return HTMLResponse(html_of_door(CROWDED, "../hall"), 429)
            answer.set_cookie(COOKIE, new_token(hall), path=f"/hall/{hall.code}", max_age=86_400)
        return answer

    async def stream(self, request: Request) -> Response:
        """Tell a phone what the lecturer shows, for as long as it listens."""
        hall = await self._found(request)
        address = client_of(request.scope).address
        if not self.halls.has_room(hall.code, address):
            raise _Refused(429, "The hall is full.")
        return EventStream(self.halls.follow(hall.code, address))

    async def now(self, request: Request) -> Response:
        """Answer whether the hall is there."""
        return _json({"n": (await self._found(request)).state.n})

    async def background(self, request: Request) -> Response:
        """Answer with a background that the hall shows."""
        hall = await self._found(request)
        body = await self.halls.background(hall, request.path_params["tag"][:64])
        if body is None:
            raise _Refused(404, "The hall does not show this any more.")
        return Response(body, media_type="application/json", headers={"Cache-Control": KEEP})

    async def guess(self, request: Request) -> Response:
        """Take a guess."""
        hall, token = await self._found(request), request.cookies.get(COOKIE, "")
        if not is_token(hall, token):
            raise _Refused(403, KEPT_OUT)
        return _json({"guess": await self.halls.guess(hall, token, await _said(request, OF_PHONE))})

    # --- who it is --------------------------------------------------------------------------------

    async def _found(self, request: Request) -> Hall:
        """Return the hall of a request; who tries codes has to wait.

        Who is in the hall already does not wait for who tries codes at the same address.
        """
        address, code = client_of(request.scope).address, read_code(request.path_params["code"])
        token, secret = request.cookies.get(COOKIE, ""), request.headers.get(SECRET, "")
        waits = not self._missed.has(address)
        look = token or secret or not waits
        hall = await self.halls.store.find(code) if code and look else None
        if waits and not (hall and (is_token(hall, token) or may_steer(hall, secret))):
            raise _Refused(429, "Too many codes that are none. Please wait a minute.")
        if hall is None:
            self._missed.take(address)
            raise _Refused(404, NO_HALL)
        return hall

    async def _own(self, request: Request) -> Hall:
        hall = await self._found(request)
        if not may_steer(hall, request.headers.get(SECRET, "")):
            self._missed.take(client_of(request.scope).address)
            raise _Refused(403, NOT_YOURS)
        if not self._steered.take(hall.code):
            raise _Refused(429, BUSY)
        return hall


NO_STORE_HEADER = {"Cache-Control": "no-store"}


def _base(request: Request, said: Mapping[str, Any]) -> str:
    """Return the address of the app as the browser says it, if it is this one."""
    base, host = said.get("base"), request.headers.get("host", "")[:200]
    own = rf"https?://{re.escape(host)}/([\w./~-]{{0,100}}/)?"
    return base if isinstance(base, str) and re.fullmatch(own, base) else f"http://{host}/"


def store_from_environment() -> HallStore:
    """Return the store that the operator has chosen: Redis at GDVIZ_REDIS, else this process."""
    if url := os.environ.get("GDVIZ_REDIS"):
        from gdviz.server.hall.redis_store import RedisStore  # where it is asked for only

        return RedisStore(url)
    return MemoryStore()


def _route(name: str, answer: Answer, method: str) -> Route:
    return Route(f"/hall/{{code}}/{name}", _calm(answer), methods=[method])


def _json(value: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(value, status, NO_STORE_HEADER)


def _calm(answer: Answer) -> Answer:
    """Return an answer that says in a sentence what is wrong."""

    async def calm(request: Request) -> Response:
        try:
            _check_site(request)
            return await answer(request)
        except _Refused as refused:
            return _json({"words": refused.words}, refused.status)
        except HallError as error:
            return _json({"words": str(error)}, 422)
        except StoreGone:
            return _json({"words": GONE}, UNREACHED)
        except Full:
            return _json({"words": BUSY}, 429)

    return calm


def _check_site(request: Request) -> None:
    """Refuse what a page of another site asks of us by a visitor's browser, but for a link."""
    site, mode = (request.headers.get(f"sec-fetch-{name}") for name in ("site", "mode"))
    if site == "cross-site" and (mode != "navigate" or request.method != "GET"):
        raise _Refused(403, ELSEWHERE)


async def _said(request: Request, most: int = BODY) -> Mapping[str, Any]:
    """Return the JSON object of a body."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise _Refused(413, "This is too long.")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise _Refused(422, "This is not what a page of the hall says.")
    return said
