"""The connections of uvicorn: slow requests are cut off, and an address has a bounded number.

Uvicorn waits for ever for the headers of a request. A hundred thousand open connections that say a
byte a minute would take the files that the process may open.
"""

import asyncio
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 15.0  # seconds until the headers of a request are there
MOST = 2000  # connections of one address that are no websockets
PROXIES = ("127.0.0.1", "::1", "")  # behind a proxy on this machine, all have its address

_open: Counter[str] = Counter()


class Connection(H11Protocol):
    """A connection that is closed if a request does not arrive in time."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request; close the connection if its address has too many."""
        super().connection_made(transport)
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

    def _close(self) -> None:
        answering = self.cycle and not self.cycle.response_complete
        if not answering and not self.transport.is_closing():
            self.transport.close()
