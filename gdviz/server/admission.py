"""How fast the requests of one address are taken, and how many are answered at once; others wait.

A refusal costs as much as a small answer. So an address that asks too much is refused slowly.
"""

from collections.abc import Awaitable, Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdviz.server.places import AddressPlaces
from gdviz.server.throttle import Throttles
from gdviz.ui.clients import client_of
from gdviz.ui.fair_queue import Full

ASKED = (400.0, 4000, 4000)  # requests a second, at first, and waiting: of one address
AT_ONCE, A_TURN = 16, 2  # answered, and begun in a turn of the loop: of one address
WAITING = (8000, 2000, 500)  # requests of all, of one address, of one session
ELSEWHERE = ("/live/", "/question/", "/_stcore/upload_file/")  # these have bounds of their own


class Admission:
    """ASGI middleware around every HTTP request, which counts until its answer begins."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._asked = Throttles(*ASKED)
        self._answering = AddressPlaces(A_TURN, AT_ONCE, WAITING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client, leave = client_of(scope), _stay
        try:
            await self._asked.wait(client)
            if not scope["path"].startswith(ELSEWHERE):
                leave = await self._answering.enter(client)
        except Full:
            await busy(scope, receive, send)
            return
        try:
            await self.app(scope, receive, _when_begun(send, leave))
        finally:
            leave()


async def busy(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that there are too many requests, and when to come again."""
    answer = PlainTextResponse("too many requests at once\n", 429, {"Retry-After": "2"})
    await answer(scope, receive, send)


def _stay() -> None:
    """Give nothing back."""


def _when_begun(send: Send, act: Callable[[], None]) -> Callable[[Message], Awaitable[None]]:
    """Return a `send` that acts when the answer begins: a slow reader keeps nobody waiting."""

    async def watched(message: Message) -> None:
        if message["type"] == "http.response.start":
            act()
        await send(message)

    return watched
