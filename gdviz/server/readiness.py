"""A replica that is still warming up sends everybody away with 503, so that others serve them."""

import threading

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ALWAYS = {"/readyz", "/_stcore/health"}  # who asks these wants to know


class ReadinessMiddleware:
    """ASGI middleware that answers 503 to requests and to websockets until `ready` is set.

    One that stands alone does without: its first visitors see a page while the rest warms up.
    """

    def __init__(self, app: ASGIApp, ready: threading.Event) -> None:
        self.app, self.ready = app, ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        served = self.ready.is_set() or scope["type"] not in ("http", "websocket")
        if served or scope["path"] in ALWAYS:
            return await self.app(scope, receive, send)
        answer = PlainTextResponse("warming up\n", 503, {"Retry-After": "2"})
        await answer(scope, receive, send)
