"""An answer that does not end: server-sent events, until the browser leaves."""

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gdviz.server.live_queue import until_gone

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # no proxy gathers what comes


class EventStream(Response):
    """Server-sent events, each a part that is sent as it comes."""

    media_type = "text/event-stream"

    def __init__(self, parts: AsyncIterator[bytes]) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the parts until they end or the browser has left."""
        tasks = [asyncio.create_task(work) for work in (self._tell(send), until_gone(receive))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        async for part in self._parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
