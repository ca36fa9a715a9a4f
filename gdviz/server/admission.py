"""How fast the requests of one address are taken, and how many are answered at once; others wait.

A refusal costs as much as a small answer. So an address that asks too much is refused slowly.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdviz.server.throttle import Throttles
from gdviz.ui.clients import client_of
from gdviz.ui.fair_queue import Client, FairQueue, Full

ASKED = (400.0, 4000, 4000)  # requests a second, at first, and waiting: of one address
AT_ONCE = 16
WAITING = (8000, 2000, 500)  # requests of all, of one address, of one session
ELSEWHERE = ("/live/", "/question/", "/_stcore/upload_file/")  # these have bounds of their own


class Admission:
    """ASGI middleware around every HTTP request, which counts until its answer begins."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._asked = Throttles(*ASKED)
        self._answering: Counter[str] = Counter()
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue(*WAITING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client = client_of(scope)
        elsewhere = scope["path"].startswith(ELSEWHERE)
        try:
            await self._asked.wait(client)
            if not elsewhere:
                await self._enter(client)
        except Full:
            await busy(scope, receive, send)
            return
        if elsewhere:
            await self.app(scope, receive, send)
            return
        leave = _once(lambda: self._leave(client.address))
        try:
            await self.app(scope, receive, _when_begun(send, leave))
        finally:
            leave()

    async def _enter(self, client: Client) -> None:
        if self._answering[client.address] < AT_ONCE:
            self._answering[client.address] += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.push(client, turn)
        await turn

    def _leave(self, address: str) -> None:
        """Hand the place on to the next of the address, or give it up."""
        while turn := self._waiting.pop(lambda client: client.address == address):
            if not turn.done():
                turn.set_result(None)
                return
        self._answering[address] -= 1
        if not self._answering[address]:
            del self._answering[address]


async def busy(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that there are too many requests, and when to come again."""
    answer = PlainTextResponse("too many requests at once\n", 429, {"Retry-After": "2"})
    await answer(scope, receive, send)


def _once(act: Callable[[], None]) -> Callable[[], None]:
    """Return what does something the first time that it is called."""
    left = [act]
    return lambda: left.pop()() if left else None


def _when_begun(send: Send, act: Callable[[], None]) -> Callable[[Message], Awaitable[None]]:
    """Return a `send` that acts when the answer begins: a slow reader keeps nobody waiting."""

    async def watched(message: Message) -> None:
        if message["type"] == "http.response.start":
            act()
        await send(message)

    return watched
