"""The door: connections are let in a few in each turn of the loop, addresses in turn.

The system hands connections over in the order in which they came: two thousand of one address stand
before the next of another. Of these uvloop takes one in a turn of the loop, however long that is,
and asyncio takes all of them, while everybody waits.

Who a proxy speaks for is not known before its request is read, so more of its lines are let in.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from uvicorn.middleware.proxy_headers import _TrustedHosts

from gdviz.server.connections import PROXIES
from gdviz.ui.clients import network
from gdviz.ui.fair_queue import Client, FairQueue, Full

TAKEN = 100  # connections that are taken from the system in a turn: 20 microseconds each
LET_IN = 3  # that are let in then: half a millisecond each, with the request that they bring
OF_PROXIES = 30  # that are let in beside: a request that has to wait takes little
WAITING = 4000  # of an address between the two; what comes beyond is closed
REST = 1.0  # seconds until more are taken if the process may open no more files


class Door:
    """A socket that listens, and who waits behind it."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, listens: socket.socket, protocol: Callable[[], Any]
    ) -> None:
        self._loop, self._listens, self._protocol = loop, listens, protocol
        self._waiting: FairQueue[socket.socket] = FairQueue(4 * WAITING, WAITING, WAITING)
        self._proxied: FairQueue[socket.socket] = FairQueue(*3 * [4 * WAITING])
        self._trusted = _TrustedHosts(os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"))
        self._tasks: set[asyncio.Task[Any]] = set()
        self._open = False

    def open(self) -> None:
        """Begin to take connections."""
        self._open = True
        self._loop.add_reader(self._listens, self._take)

    def close(self) -> None:
        """Take no more, and close those that wait."""
        self._open = False
        self._loop.remove_reader(self._listens)
        self._listens.close()
        while line := self._waiting.pop() or self._proxied.pop():
            line.close()

    def _take(self) -> None:
        begin = not (self._waiting or self._proxied)
        for _ in range(TAKEN):
            try:
                line, address = self._listens.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                break
            except OSError:  # too many files
                self._loop.remove_reader(self._listens)
                self._loop.call_later(REST, self._go_on)
                break
            line.setblocking(False)
            is_proxy = address[0] in PROXIES or address[0] in self._trusted
            queue = self._proxied if is_proxy else self._waiting
            try:
                queue.push(Client(network(address[0]), ""), line)
            except Full:
                line.close()
        if begin:
            self._let_in()

    def _go_on(self) -> None:
        if self._open:
            self.open()

    def _let_in(self) -> None:
        for queue, most in ((self._waiting, LET_IN), (self._proxied, OF_PROXIES)):
            for _ in range(most):
                if line := queue.pop():
                    task = self._loop.create_task(self._begin(line))
                    self._tasks.add(task)  # the loop itself keeps no task alive
                    task.add_done_callback(self._tasks.discard)
        if self._waiting or self._proxied:
            self._loop.call_soon(self._let_in)

    async def _begin(self, line: socket.socket) -> None:
        with suppress(OSError):  # it has left meanwhile
            await self._loop.connect_accepted_socket(self._protocol, line)


class _Doors:
    """What uvicorn takes for the server of its loop."""

    def __init__(self, bound: Any, doors: list[Door]) -> None:
        self.sockets, self._bound, self._doors = bound.sockets, bound, doors

    def close(self) -> None:
        for door in self._doors:
            door.close()
        self._bound.close()

    async def wait_closed(self) -> None:
        await self._bound.wait_closed()


try:
    from uvloop import Loop as _Loop
except ImportError:  # not on Windows, nor with other Pythons than CPython
    _Loop = asyncio.SelectorEventLoop  # type: ignore[misc, assignment]


class DoorLoop(_Loop):
    """The loop of the server, which lets connections in by doors."""

    async def create_server(  # type: ignore[override]
        self, protocol: Callable[[], Any], *where: Any, backlog: int = 100, **more: Any
    ) -> Any:
        """Listen, as any loop does; who speaks TLS comes in as ever."""
        if more.get("ssl"):
            return await super().create_server(protocol, *where, backlog=backlog, **more)
        bound: Any = await super().create_server(protocol, *where, **more, start_serving=False)
        doors = []
        for one in bound.sockets:
            listens = socket.socket(fileno=os.dup(one.fileno()))
            listens.setblocking(False)
            listens.listen(backlog)
            doors.append(Door(self, listens, protocol))
            doors[-1].open()
        return _Doors(bound, doors)
