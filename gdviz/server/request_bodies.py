"""The bodies of requests: how large they may be, how slowly they may come, how much is kept."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdviz.ui.clients import client_of

LARGEST = 65_536  # bytes of a request that is no upload; no route of ours reads any
UPLOAD = re.compile(r".*/_stcore/upload_file/([^/]+)/[^/]+")
OF_ONE, OF_ADDRESS, OF_ALL = 40 * 2**20, 80 * 2**20, 160 * 2**20  # bytes of uploads that are kept
ENVELOPE = 2**16  # bytes by which the body of an upload may be larger than the file
AT_ONCE = 100  # uploads of one address that are under way
SILENCE = 20.0  # seconds without a byte
SLOWEST = 8192  # bytes a second, after `SILENCE`
BODILESS = ("GET", "HEAD", "OPTIONS", "DELETE")
DISCONNECT: Message = {"type": "http.disconnect"}


class Bodies:
    """ASGI middleware that refuses bodies nobody reads, slow ones, and hoards of uploads.

    `stored()` tells the bytes of uploads that each session keeps. What has arrived of an upload
    under way counts too, or a hundred at once would pass.
    """

    def __init__(self, app: ASGIApp, stored: Callable[[], dict[str, int]]) -> None:
        self.app, self.stored = app, stored
        self.coming: Counter[str] = Counter()  # bytes that have arrived, by session
        self.uploads: Counter[str] = Counter()  # under way, by address
        self.address_of: dict[str, str] = {}  # of the sessions that have uploaded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in BODILESS:
            await self.app(scope, receive, send)
            return
        address, upload = client_of(scope).address, UPLOAD.fullmatch(scope["path"])
        session = upload[1] if upload else None
        if status := self.refused(session, address, announced_bytes(scope)):
            await refuse(status)(scope, receive, send)
        elif session is None:
            await self.app(scope, receive, send)
        else:
            await self._upload(session, address, scope, receive, send)

    def refused(self, session: str | None, address: str, size: int) -> int:
        """Return the status that refuses a body of so many bytes, 0 if it may come."""
        if size < 0:
            return 411
        if session is None:
            return 413 if size > LARGEST else 0
        if self.uploads[address] >= AT_ONCE:
            return 429
        kept = Counter(self.stored()) + self.coming
        if kept[session] + size > OF_ONE + ENVELOPE:
            return 413
        self.address_of = {one: of for one, of in self.address_of.items() if one in kept}
        of_address = sum(kept[one] for one, of in self.address_of.items() if of == address)
        return 429 if of_address + size > OF_ADDRESS or kept.total() + size > OF_ALL else 0

    async def _upload(
        self, session: str, address: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Pass an upload on as it comes, and answer 408 if it is too slow."""
        upload = _Upload(receive, send, partial(self._arrived, session))
        self.uploads[address] += 1
        self.address_of[session] = address
        try:
            with suppress(ClientDisconnect):
                await self.app(scope, upload.receive, upload.send)
        finally:
            self.uploads[address] -= 1
            self._arrived(session, -upload.bytes)
            self.uploads, self.coming = +self.uploads, +self.coming
        if upload.ended:
            await refuse(408)(scope, receive, send)

    def _arrived(self, session: str, size: int) -> None:
        self.coming[session] += size


class _Upload:
    """An upload under way: its bytes are counted, and it ends when it is too slow."""

    def __init__(self, receive: Receive, send: Send, arrived: Callable[[int], None]) -> None:
        self._receive, self._send, self._arrived = receive, send, arrived
        self._begin, self.bytes, self.ended = monotonic(), 0, False

    async def receive(self) -> Message:
        """Return the next part of the body."""
        try:
            message = await asyncio.wait_for(self._receive(), SILENCE)
        except TimeoutError:
            message = DISCONNECT
        size = len(message.get("body", b""))
        self.bytes += size
        self._arrived(size)
        late = monotonic() - self._begin > SILENCE + self.bytes / SLOWEST
        self.ended = self.ended or late or message["type"] == "http.disconnect"
        return DISCONNECT if self.ended else message

    async def send(self, message: Message) -> None:
        """Send an answer, unless the upload was ended, which has an answer of its own."""
        if not self.ended:
            await self._send(message)


def announced_bytes(scope: Scope) -> int:
    """Return the length of the body that the headers announce, -1 if there is no sound one."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 16 else -1


def refuse(status: int) -> PlainTextResponse:
    """Return the answer to a body that is not taken; the connection ends with it."""
    words = {408: "too slow", 411: "how long is it?", 413: "too large", 429: "too many uploads"}
    return PlainTextResponse(f"{words[status]}\n", status, {"Connection": "close"})


def stored_bytes() -> dict[str, int]:
    """Return the bytes of uploads that Streamlit keeps, by session."""
    from streamlit import runtime

    if not runtime.exists():
        return {}
    files = dict(getattr(runtime.get_instance().uploaded_file_mgr, "file_storage", {}))
    return {key: sum(len(file.data) for file in list(f.values())) for key, f in files.items()}
