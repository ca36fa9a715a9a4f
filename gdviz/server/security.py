"""What stands between the open internet and Streamlit: headers, cookies, hosts, and bounds.

The operator says by environment variables what only he can know: which hosts are his
(GDVIZ_ALLOWED_HOSTS), who may show the app in a frame (GDVIZ_FRAME_ANCESTORS), that browsers reach
it by https (GDVIZ_HTTPS), and whether anybody may read the metrics (GDVIZ_METRICS).
"""

import os
import threading

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdviz.env import frame_origins
from gdviz.server.admission import Admission
from gdviz.server.connections import InParts
from gdviz.server.first_page import Scripts
from gdviz.server.readiness import ReadinessMiddleware
from gdviz.server.request_bodies import Bodies, stored_bytes
from gdviz.server.websockets import Streams

# The hash is that of the one inline script in Streamlit's index.html (`prerenderReady`).
CSP = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' blob: 'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    ]
)
UNUSED = "accelerometer camera display-capture geolocation gyroscope microphone midi payment usb"
A_YEAR = 365 * 24 * 3600

LONGEST_QUERY = 16_384  # bytes: the longest link of ours, a history of training, has a third of it
LONGEST_HEADERS = 16_384  # bytes of all headers of a request
METRICS = "/_stcore/metrics"  # what they tell is for the operator
READ_BY_SCRIPTS = b"_streamlit_xsrf="  # a browser must send it back as a header


def switched_on(name: str) -> bool:
    """Tell whether an environment variable says yes."""
    return os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")


def https() -> bool:
    """Tell whether browsers reach the app by https."""
    return switched_on("GDVIZ_HTTPS")


def headers() -> dict[str, str]:
    """Return the security headers of every answer; what is not an origin is not let in."""
    allowed = " ".join(frame_origins()) or "'none'"
    found = {
        "Content-Security-Policy": f"{CSP}; frame-ancestors {allowed}",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in UNUSED.split()),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if allowed == "'none'":
        found["X-Frame-Options"] = "DENY"  # for browsers that do not know frame-ancestors
    if https():
        found["Strict-Transport-Security"] = f"max-age={A_YEAR}"
    return found


def secure_headers(cookie: bytes, secure: bool) -> bytes:
    """Return a Set-Cookie header with the flags that it can bear."""
    flags = {part.strip().lower().split(b"=")[0] for part in cookie.split(b";")[1:]}
    if b"samesite" not in flags:
        cookie += b"; SameSite=Lax"
    if secure and b"secure" not in flags:
        cookie += b"; Secure"
    if b"httponly" not in flags and not cookie.startswith(READ_BY_SCRIPTS):
        cookie += b"; HttpOnly"
    return cookie


class SecurityHeaders:
    """ASGI middleware that sets `headers()` and the flags of cookies on every HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.headers, self.secure = app, headers(), https()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
                message["headers"] = [
                    (name, secure_headers(value, self.secure) if name == b"set-cookie" else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class Heads:
    """ASGI middleware that refuses long links and headers, and what only an operator may open."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.metrics = app, switched_on("GDVIZ_METRICS")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif refused := self._refused(scope):
            await refused(scope, receive, send)
        else:
            await self.app({**scope, "headers": plain_cookies(scope["headers"])}, receive, send)

    def _refused(self, scope: Scope) -> PlainTextResponse | None:
        if len(scope["query_string"]) > LONGEST_QUERY:
            return PlainTextResponse("the link is too long", 414)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEADERS:
            return PlainTextResponse("the headers are too long", 431)
        if scope["path"].startswith(METRICS) and not self.metrics:
            return PlainTextResponse("no such page", 404)
        return None


def plain_cookies(found: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return headers whose cookies have no backslash: none of ours has one.

    The standard library of some Pythons, which Streamlit's server asks, takes the square of their
    number: CVE-2024-7592.
    """
    return [(n, v.replace(b"\\", b"") if n == b"cookie" else v) for n, v in found]


def middleware(ready: threading.Event) -> list[Middleware]:
    """Return the guards in their order: a host check if GDVIZ_ALLOWED_HOSTS names hosts.

    With GDVIZ_REPLICA set, a process is one of several and sends visitors away until it is warm.
    """
    hosts = [h.strip() for h in os.environ.get("GDVIZ_ALLOWED_HOSTS", "").split(",") if h.strip()]
    check = [Middleware(TrustedHostMiddleware, allowed_hosts=hosts)] if hosts else []
    wait = [Middleware(ReadinessMiddleware, ready=ready)] if os.environ.get("GDVIZ_REPLICA") else []
    bounds = [Middleware(Admission), Middleware(Bodies, stored=stored_bytes), Middleware(Streams)]
    return [
        Middleware(InParts),
        Middleware(SecurityHeaders),
        *check,
        *wait,
        Middleware(Heads),
        *bounds,
        Middleware(Scripts),
    ]
