"""What stands between the open internet and Streamlit: headers, cookies, hosts, and sizes.

The operator says by environment variables what only he can know: which hosts are his
(GDVIZ_ALLOWED_HOSTS), who may show the app in a frame (GDVIZ_FRAME_ANCESTORS), and that browsers
reach it by https (GDVIZ_HTTPS).
"""

import json
import os
import re
import threading
from collections import Counter
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdviz.ui.waiting import WaitsUntilReady

# The hash is that of the one inline script in Streamlit's index.html (`prerenderReady`).
CSP = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' blob: 'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    ]
)
UNUSED = "accelerometer camera display-capture geolocation gyroscope microphone midi payment usb"
# Who may show the app in a frame: origins in GDVIZ_FRAME_ANCESTORS, nobody if it is not set.
ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:(\d{1,5}|\*))?")
A_YEAR = 365 * 24 * 3600

LONGEST_QUERY = 16_384  # bytes: the longest link of ours, a history of training, has a third of it
LARGEST_BODY = 65_536  # bytes of a request that is no upload; no route of ours reads any
UPLOADS = re.compile(r".*/_stcore/upload_file/([^/]+)/[^/]+")
OF_ONE, OF_ALL = 64 * 2**20, 1024 * 2**20  # bytes of uploads that a session, and a process, keeps
ENVELOPE = 2**16  # bytes by which the body of an upload may be larger than the file

READ_BY_SCRIPTS = b"_streamlit_xsrf="  # a browser must send it back as a header


def https() -> bool:
    """Tell whether browsers reach the app by https."""
    return os.environ.get("GDVIZ_HTTPS", "").strip().lower() in ("1", "true", "yes", "on")


def headers() -> dict[str, str]:
    """Return the security headers of every answer; what is not an origin is not let in."""
    asked = os.environ.get("GDVIZ_FRAME_ANCESTORS", "").replace(",", " ").split()
    allowed = " ".join(origin for origin in asked if ORIGIN.fullmatch(origin)) or "'none'"
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


def hardened(cookie: bytes, secure: bool) -> bytes:
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
                    (name, hardened(value, self.secure) if name == b"set-cookie" else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class Sizes:
    """ASGI middleware that refuses long links, bodies nobody reads, and hoards of uploads.

    `held(session)` tells the bytes of uploads that a session keeps, and that all of them keep. The
    bytes of an upload under way count too, or a hundred at once would pass.
    """

    def __init__(self, app: ASGIApp, held: Callable[[str], tuple[int, int]]) -> None:
        self.app, self.held = app, held
        self.coming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if len(scope["query_string"]) > LONGEST_QUERY:
            await PlainTextResponse("the link is too long", 414)(scope, receive, send)
            return
        if scope["type"] == "websocket" or scope["method"] in ("GET", "HEAD", "OPTIONS", "DELETE"):
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        size = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else -1
        upload = UPLOADS.fullmatch(scope["path"])
        status = self.refused(upload[1] if upload else None, size)
        if status:
            await PlainTextResponse("too large", status)(scope, receive, send)
            return
        session = upload[1] if upload else ""
        self.coming[session] += size
        try:
            await self.app(scope, receive, send)
        finally:
            self.coming[session] -= size
            if self.coming[session] <= 0:
                del self.coming[session]

    def refused(self, session: str | None, size: int) -> int:
        """Return the status that refuses a body of so many bytes, 0 if it may come."""
        if size < 0:
            return 411
        if session is None:
            return 413 if size > LARGEST_BODY else 0
        of_one, of_all = self.held(session)
        if of_one + self.coming[session] + size > OF_ONE + ENVELOPE:
            return 413
        return 503 if of_all + self.coming.total() + size > OF_ALL else 0


class Frames:
    """ASGI middleware that ends a websocket which does not speak as our pages do.

    Of text Streamlit would raise an error, of bytes that are no message and of states that are no
    JSON it would write one to the log, and a visitor could fill it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_sound() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                data = message.get("bytes")
                code = 1003 if data is None else 0 if sound(data) else 1002
                if code:
                    await send({"type": "websocket.close", "code": code})
                    return {"type": "websocket.disconnect", "code": code}
            return message

        await self.app(scope, receive_sound if scope["type"] == "websocket" else receive, send)


def sound(frame: bytes) -> bool:
    """Tell whether a frame is a message whose states are JSON, or numbers where those stand."""
    from google.protobuf.message import DecodeError
    from streamlit.proto.BackMsg_pb2 import BackMsg

    try:
        message = BackMsg.FromString(frame)
        for widget in message.rerun_script.widget_states.widgets:
            for text in (widget.json_value, widget.json_trigger_value):
                if text:
                    json.loads(text)
    except (DecodeError, ValueError, RecursionError):
        return False
    return True


def held(session: str) -> tuple[int, int]:
    """Return the bytes of uploads that Streamlit keeps of a session, and of all."""
    from streamlit import runtime

    if not runtime.exists():
        return 0, 0
    stored = dict(getattr(runtime.get_instance().uploaded_file_mgr, "file_storage", {}))
    sums = {key: sum(len(file.data) for file in list(f.values())) for key, f in stored.items()}
    return sums.get(session, 0), sum(sums.values())


def middleware(ready: threading.Event) -> list[Middleware]:
    """Return the guards in their order: a host check if GDVIZ_ALLOWED_HOSTS names hosts.

    With GDVIZ_REPLICA set, a process is one of several and sends visitors away until it is warm.
    """
    hosts = [h.strip() for h in os.environ.get("GDVIZ_ALLOWED_HOSTS", "").split(",") if h.strip()]
    check = [Middleware(TrustedHostMiddleware, allowed_hosts=hosts)] if hosts else []
    wait = [Middleware(WaitsUntilReady, ready=ready)] if os.environ.get("GDVIZ_REPLICA") else []
    sizes = Middleware(Sizes, held=held)
    return [Middleware(SecurityHeaders), *check, *wait, sizes, Middleware(Frames)]
