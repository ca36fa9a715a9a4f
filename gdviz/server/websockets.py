"""The websockets: how many an address opens, how fast it speaks, and what it may say.

Who speaks faster than a hand moves is heard later, not refused; who does not read what it is sent
is not heard until it has. Text and what no page of ours says ends the connection.
"""

import asyncio
from collections import Counter
from itertools import count

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdviz.server.browser_messages import MessageFate, verdict
from gdviz.server.page_runs import PageRuns, all_runs
from gdviz.server.places import AddressPlaces
from gdviz.server.throttle import Bucket, Throttles
from gdviz.ui.clients import client_of
from gdviz.ui.fair_queue import Client, Full

OPEN = 1500  # connections of one address: a lecture hall, and those who come back
OPENED = (10.0, 1200, 1500)  # a second, at first, and waiting: of one address
SPOKEN = (150.0, 900, 4000)  # messages of one address
HAND = (30.0, 60)  # messages of one connection
SHARE = 16_384  # bytes of a message that count as one more


class Streams:
    """ASGI middleware around every websocket."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._open: Counter[str] = Counter()
        self._opened, self._spoken = Throttles(*OPENED), Throttles(*SPOKEN)
        self._names, self._opening, self._runs = count(), AddressPlaces(1), all_runs()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        visitor = client_of(scope)
        client = Client(visitor.address, str(next(self._names)))
        try:
            await self._admit(client)
        except Full:
            await PlainTextResponse("too many connections", 429)(scope, receive, send)
            return
        try:
            await self._opening.pass_by(client)  # Streamlit's session is dear
            runs = PageRuns(visitor, self._runs)
            stream = _Stream(client, self._spoken, runs, receive, send)
            await self.app(scope, stream.receive, stream.send)
        finally:
            self._open[client.address] -= 1
            if not self._open[client.address]:
                del self._open[client.address]

    async def _admit(self, client: Client) -> None:
        if self._open[client.address] >= OPEN:
            raise Full
        await self._opened.wait(client)
        self._open[client.address] += 1


class _Stream:
    """One websocket: what it says is let through slowly enough, and judged."""

    def __init__(
        self, client: Client, spoken: Throttles, runs: PageRuns, receive: Receive, send: Send
    ) -> None:
        self._client, self._spoken, self._runs = client, spoken, runs
        self._receive, self._send = receive, send
        self._hand = Bucket(*HAND)
        self._sent = asyncio.Event()  # the peer has taken what it was sent
        self._sent.set()

    async def send(self, message: Message) -> None:
        """Send, and remember whether it has gone out."""
        self._sent.clear()
        self._runs.hear(message.get("bytes") or b"")
        try:
            await self._send(message)
        finally:
            self._sent.set()

    async def receive(self) -> Message:
        """Return the next message that is a page's."""
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            data = message.get("bytes")
            judged = MessageFate.CLOSE if data is None else await self._judged(data)
            if judged is MessageFate.RUN:
                await self._runs.begin()
            if judged in (MessageFate.PASS, MessageFate.RUN):
                return message
            if judged is MessageFate.CLOSE:
                code = 1003 if data is None else 1002
                await self._send({"type": "websocket.close", "code": code})
                return {"type": "websocket.disconnect", "code": code}

    async def _judged(self, data: bytes) -> MessageFate:
        """Judge a message once its time has come."""
        await self._sent.wait()
        if delay := self._hand.take(1 + len(data) / SHARE):
            await asyncio.sleep(delay)
        try:
            await self._spoken.wait(self._client, 1 + len(data) / SHARE)
        except Full:
            return MessageFate.CLOSE
        return verdict(data)
