"""The connections of uvicorn: who asks or reads slowly is cut off; an address has only so many.

Uvicorn waits for ever for the headers of a request, and for who does not read an answer. A hundred
thousand open connections that say a byte a minute would take the files that the process may open,
and two thousand that read nothing would fill its memory with what they were sent.
"""

import asyncio
import socket
from collections import Counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from gdviz.server.places import AddressPlaces
from gdviz.ui.clients import client_of

PATIENCE = 15.0  # seconds until the headers of a request are there
READING = 20.0  # seconds in which a reader must take what waits for it, 80 kB at most
PART = 16_384  # bytes of an answer that are sent at once
SYSTEM = 131_072  # bytes for which the system has room behind that; by itself it would take 4 MB
MOST = 2000  # connections of one address that are no websockets
PARTS = 8  # that are sent in a turn of the loop to one address
PROXIES = ("127.0.0.1", "::1", "")  # behind a proxy on this machine, all have its address
GONE = "gdviz.gone"  # in a scope: tells whether the connection has ended

_open: Counter[str] = Counter()


class Connection(H11Protocol):
    """A connection that ends if a request does not arrive in time, or an answer is not read."""

    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._app, self.app = self.app, self._with_its_end

    async def _with_its_end(self, scope: Any, receive: Any, send: Any) -> None:
        """Let the app know whether anybody is still there: uvicorn takes answers all the same."""
        scope[GONE] = self.transport.is_closing
        await self._app(scope, receive, send)

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request; close the connection if its address has too many."""
        super().connection_made(transport)
        if found := transport.get_extra_info("socket"):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SYSTEM)
        self._host = self.client[0] if self.client else ""
        _open[self._host] += 1
        if self._host not in PROXIES and _open[self._host] > MOST:
            transport.close()
        self._wait_for_request()

    def data_received(self, data: bytes) -> None:
        """Read; a request that has begun must be there in time."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._stop_waiting()

    def pause_writing(self) -> None:
        """Wait for a reader, but not for ever."""
        super().pause_writing()
        self._unread = self.loop.call_later(READING, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the reader has taken what it was sent."""
        super().resume_writing()
        self._stop_writing()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Leave the connection to the protocol of websockets."""
        self._leave()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """Wait for the next request: uvicorn closes a silent connection, we a slow one."""
        super().on_response_complete()
        self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._leave()
        super().connection_lost(exc)

    def _leave(self) -> None:
        self._stop_waiting()
        self._stop_writing()
        _open[self._host] -= 1
        if not _open[self._host]:
            del _open[self._host]

    def _wait_for_request(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(PATIENCE, self._close)

    def _stop_waiting(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _stop_writing(self) -> None:
        if self._unread:
            self._unread.cancel()
            self._unread = None

    def _close(self) -> None:
        if self.cycle and not self.cycle.response_complete:
            return
        if self.transport.is_closing():  # and still there: what it was sent is not read
            self.transport.abort()
        else:
            self.transport.close()


class InParts:
    """ASGI middleware that sends long answers in parts, each when the reader has taken the last.

    Uvicorn waits between two messages only: of one it keeps all that is not read yet. Nor does it
    say that a reader has left: two thousand who do at once would each be sent hundreds of parts.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self._parts = app, AddressPlaces(PARTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = scope.get(GONE, lambda: False)

        async def send_parts(message: Message) -> None:
            body, at = message.get("body", b""), 0
            client = client_of(scope) if len(body) > PART else None
            while client and len(body) - at > PART:
                await self._parts.pass_by(client)
                if gone():
                    return
                part = {"body": body[at : at + PART], "more_body": True}
                await send({"type": message["type"], **part})
                at += PART
            await send({**message, "body": body[at:]} if at else message)

        await self.app(scope, receive, send_parts if scope["type"] == "http" else send)
