"""The other end of an ASGI app, for the tests of what stands around the server."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.responses import PlainTextResponse

MESSAGE = dict[str, Any]


def scope(path: str = "/", kind: str = "http", host: str = "10.0.0.1", **more: Any) -> MESSAGE:
    return {
        "type": kind,
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [],
        "client": (host, 1),
        **more,
    }


class Peer:
    """The other end of an ASGI app: what it says, and what it hears."""

    def __init__(self, *says: MESSAGE) -> None:
        self.says, self.heard = list(says), list[MESSAGE]()

    async def receive(self) -> MESSAGE:
        if not self.says:
            await asyncio.Event().wait()
        return self.says.pop(0)

    async def send(self, message: MESSAGE) -> None:
        self.heard.append(message)

    @property
    def status(self) -> int:
        return next((m["status"] for m in self.heard if "status" in m), 0)


def in_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """Run in a thread of its own: Playwright's loop may be in ours."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def asked(app: Any, of: MESSAGE, *says: MESSAGE) -> Peer:
    peer = Peer(*says)
    in_loop(app(of, peer.receive, peer.send))
    return peer


async def fine(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("fine")(scope, receive, send)
