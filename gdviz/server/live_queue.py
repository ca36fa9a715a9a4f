"""The queue of live requests: bounded, served in turn, and without those whose client has left."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive

from gdviz.ui.clients import client_of
from gdviz.ui.fair_lock import FairLock, processor
from gdviz.ui.fair_queue import Client, Full

THREADS = 8  # those that have lost their turn still compute, see fair_lock.py
OF_CLIENT = 4  # requests that wait or are computed; a hand has one, and the last it has left
OF_ADDRESS = 150  # a hall that drags at once waits a second
OF_ALL = 600
LEFT = 499  # the status that nobody reads

T = TypeVar("T")


class LiveQueue:
    """Computes the answers of requests in threads, each in the turn of its client."""

    def __init__(self, order: FairLock = processor) -> None:
        self._order = order
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="gdviz-live")
        self._clients: Counter[Client] = Counter()
        self._addresses: Counter[str] = Counter()

    async def answer(self, request: Request, compute: Callable[[], Response]) -> Response:
        """Return what `compute` returns, 429 if too much waits, 499 if the client has left."""
        client = client_of(request.scope)
        try:
            with self._counted(client):
                return await self._computed(client, request.receive, compute)
        except Full:
            # Not 503: nginx would take the whole replica for one that is not ready.
            words = "too many requests at once\n"
            return PlainTextResponse(words, 429, {"Retry-After": "1"})

    async def make(self, client: Client, compute: Callable[[], T]) -> T:
        """Return what `compute` returns to a client that stays; raise `Full` if too much waits."""
        with self._counted(client), self._turn(client) as came:
            await came
            return await asyncio.get_running_loop().run_in_executor(self._threads, compute)

    @contextmanager
    def _turn(self, client: Client) -> Iterator[asyncio.Future[None]]:
        """Ask for a turn, which is given back at the end of the block; tell when it has come."""
        loop = asyncio.get_running_loop()
        came = loop.create_future()
        turn = self._order.ask(client, lambda: loop.call_soon_threadsafe(_fulfil, came))
        try:
            yield came
        finally:
            self._order.give_back(turn)

    async def _computed(
        self, client: Client, receive: Receive, compute: Callable[[], Response]
    ) -> Response:
        with self._turn(client) as came:
            if not await _before_leaving(came, receive):
                return Response(status_code=LEFT)
            return await asyncio.get_running_loop().run_in_executor(self._threads, compute)

    @contextmanager
    def _counted(self, client: Client) -> Iterator[None]:
        """Count a request while the block runs; raise `Full` if there are too many."""
        if (
            self._clients[client] >= OF_CLIENT
            or self._addresses[client.address] >= OF_ADDRESS
            or self._addresses.total() >= OF_ALL
        ):
            raise Full
        self._clients[client] += 1
        self._addresses[client.address] += 1
        try:
            yield
        finally:
            self._clients[client] -= 1
            self._addresses[client.address] -= 1
            self._clients, self._addresses = +self._clients, +self._addresses


def _fulfil(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _before_leaving(came: asyncio.Future[None], receive: Receive) -> bool:
    """Wait until the turn has come, and tell so; or until the client has left."""
    gone = asyncio.create_task(until_gone(receive))
    await asyncio.wait({came, gone}, return_when=asyncio.FIRST_COMPLETED)
    left = gone.done()
    gone.cancel()
    with suppress(asyncio.CancelledError):
        await gone
    return not left


async def until_gone(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
