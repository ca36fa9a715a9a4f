"""One visitor of a load test: a websocket that speaks Streamlit's protocol as the browser does.

A `Visit` says what all visitors of a page do. A `Visitor` opens the page, changes a number field,
asks the live route as a dragging hand does, and reconnects when its connection breaks. Of an answer
it reads only the length, and whether it is the last of the run.
"""

import asyncio
import http.client
import re
from collections import deque
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PATIENCE = 60.0  # seconds until a run that does not end is an error
LARGE = 10_000  # bytes from which Streamlit lets the browser keep a message
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
MAIN = 200  # the longest message that can be the last of a run, in bytes
RETRY = 0.25  # seconds until the browser tries again first; then twice that, up to 4 s
USER_KEY = re.compile(r"-([A-Za-z0-9_]+)$")
BROKEN = (ConnectionClosed, WebSocketException, OSError, TimeoutError, http.client.HTTPException)


class Visit(NamedTuple):
    """What the visitors of a page do: where they go, and which number field they change.

    `knob` is the key of the field, and `values` are what it is set to in turn; without a knob the
    page just runs again. `live` is the path of the live route, whose parameter `live_knob` moves.
    `source` is the address they come from, another of this machine's own.
    """

    url: str
    page: str = ""
    query: str = ""
    knob: str = ""
    values: tuple[float, ...] = ()
    live: str = ""
    live_knob: str = ""
    source: str = "127.0.0.1"


def check_loopback(url: str) -> str:
    """Return the URL, or raise `ValueError` if it is not of this very machine."""
    if urlsplit(url).hostname not in LOOPBACK:
        raise ValueError(f"the load test only visits this machine, and {url} is not on it")
    return url


class Visitor:
    """A visitor: its connection, and what its browser would remember of the page."""

    def __init__(self, visit: Visit) -> None:
        check_loopback(visit.url)
        self.visit, self.moves = visit, 0
        self.wire: ClientConnection | None = None
        self.cookie = self.session = self.script = self.fragment = ""
        self.widgets: dict[str, WidgetState] = {}
        self.kept: deque[str] = deque(maxlen=6)  # hashes of large messages
        self.closed: list[tuple[int, ...]] = []  # where popovers lie, whose widgets are not drawn
        self.bytes = 0
        self.stranger = False  # reconnected, maybe to a server that does not know the page
        self.absent: list[float] = []  # seconds from each break until connected again

    # --- what a visitor does ----------------------------------------------------------------------

    async def open(self) -> None:
        """Load the page: its HTML, what gives the cookie, then the first run of its script."""
        visit = self.visit
        link = f"/{visit.page}?{visit.query}" if visit.query else f"/{visit.page}"
        await self.fetch(link)
        await self.fetch("/_stcore/health")
        await self._connect()
        await self._run(self._message(first=True), learn=True)

    async def rest(self, until: float) -> None:
        """Wait; if the connection breaks meanwhile, reconnect as the browser does."""
        while (left := until - monotonic()) > 0:
            try:
                await asyncio.wait_for(self._line().wait_closed(), left)
            except TimeoutError:
                return
            await self.connect_again()

    async def connect_again(self) -> None:
        """Connect again, with growing delays; raise one of `BROKEN` after `PATIENCE`."""
        delay, begin, self.stranger = 0.0, monotonic(), True
        while True:
            await asyncio.sleep(delay)
            delay = min(max(RETRY, 2 * delay), 4.0)
            try:
                await self.fetch("/_stcore/health")
                await self._connect()
            except BROKEN:
                if monotonic() > begin + PATIENCE:
                    raise
            else:
                self.absent.append(monotonic() - begin)
                return

    async def move(self) -> None:
        """Change the number field as the browser does, and wait for the run of its fragment.

        After a lost connection the whole page runs.
        """
        if self.visit.knob:
            value = self.visit.values[self.moves % len(self.visit.values)]
            self.widgets[self.visit.knob].double_value = value
        self.moves += 1
        await self._run(self._message(whole=self.stranger), learn=self.stranger)
        self.stranger = False

    async def ask(self) -> None:
        """Ask the live route, as a dragging hand does."""
        value = self.visit.values[self.moves % len(self.visit.values)]
        self.moves += 1
        await self.fetch(f"{self.visit.live}&{urlencode({self.visit.live_knob: value})}")

    async def close(self) -> None:
        """Leave."""
        if self.wire:
            await self.wire.close()

    # --- how it speaks ----------------------------------------------------------------------------

    async def fetch(self, path: str) -> bytes:
        """Get a path with the cookies of the visitor; return the body."""
        visit = self.visit
        body, cookie = await asyncio.to_thread(_get, visit.url, path, self.cookie, visit.source)
        self.cookie = cookie
        self.bytes += len(body)
        return body

    async def _connect(self) -> None:
        parts = urlsplit(self.visit.url)
        protocols = ["streamlit", "PLACEHOLDER_AUTH_TOKEN", *filter(None, [self.session])]
        self.wire = await connect(
            f"ws://{parts.netloc}/_stcore/stream",
            subprotocols=protocols,  # type: ignore[arg-type]
            origin=self.visit.url,  # type: ignore[arg-type]
            additional_headers={"Cookie": self.cookie} if self.cookie else None,
            max_size=None,
            compression=None,
            ping_interval=None,
            open_timeout=PATIENCE,
            local_addr=(self.visit.source, 0),
        )

    def _line(self) -> ClientConnection:
        if self.wire is None:
            raise ConnectionError("not connected")
        return self.wire

    def _query(self) -> str:
        """Return the query of the address bar: the link with the field's present value."""
        own = self.widgets.get(self.visit.knob)
        if not (self.moves and own):
            return self.visit.query
        return "&".join(filter(None, [self.visit.query, f"{self.visit.knob}={own.double_value:g}"]))

    def _message(self, first: bool = False, whole: bool = False) -> bytes:
        """Return the request for a run: the first, the whole page's, or that of the fragment."""
        message = BackMsg()
        run = message.rerun_script
        run.query_string = self._query()
        run.context_info.timezone, run.context_info.locale = "UTC", "en-US"
        run.context_info.url = f"{self.visit.url}/{self.visit.page}"
        run.context_info.color_scheme = "light"
        if first:
            run.page_name = self.visit.page
        else:
            run.page_script_hash = self.script
            run.fragment_id = "" if whole else self.fragment
            run.widget_states.widgets.extend(self.widgets.values())
            run.cached_message_hashes.extend(self.kept)
        return message.SerializeToString()

    async def _run(self, request: bytes, learn: bool = False) -> None:
        """Send a request and read until its run has ended; `learn` the widgets that come."""
        wire = self._line()
        await wire.send(request)
        async with asyncio.timeout(PATIENCE):
            while True:
                data = await wire.recv(decode=False)
                self.bytes += len(data)
                if len(data) >= LARGE and data[0] == 0x0A:  # the hash is the first field
                    self._keep(data[2 : 2 + data[1]].decode("ascii", "replace"))
                if not learn and len(data) > MAIN:
                    continue
                message = ForwardMsg.FromString(data)
                kind = message.WhichOneof("type")
                if kind == "ref_hash":
                    self._keep(message.ref_hash)
                if kind == "script_finished" and message.script_finished in ENDED:
                    return
                if learn:
                    self._learn(message, kind)

    def _keep(self, name: str) -> None:
        """Keep a large message; drop those that two runs do not mention, as the browser does."""
        if name in self.kept:
            self.kept.remove(name)
        self.kept.append(name)

    def _learn(self, message: ForwardMsg, kind: str | None) -> None:
        """Remember the parts of an answer that the browser sends back with each request."""
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id or self.session
            self.script = message.new_session.page_script_hash
        elif kind == "navigation":  # only now does the server know which page a link means
            self.script = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.add_block.WhichOneof("type") == "popover":
            self.closed.append(tuple(message.metadata.delta_path))
        elif kind == "delta" and message.delta.HasField("new_element"):
            path = tuple(message.metadata.delta_path)
            if any(path[: len(place)] == place for place in self.closed):
                return
            state = state_of(message.delta.new_element)
            key = USER_KEY.search(state.id) if state else None
            if state and key:
                self.widgets.setdefault(key[1], state).id = state.id
                if key[1] == self.visit.knob:
                    self.fragment = message.delta.fragment_id


def state_of(element: Any) -> WidgetState | None:
    """Return what the browser reports of a widget that it has just drawn, None if nothing."""
    kind = element.WhichOneof("type")
    proto = getattr(element, kind) if kind else None
    if kind == "number_input":
        value = proto.value if proto.set_value else proto.default
        return WidgetState(id=proto.id, double_value=value)
    if kind == "checkbox":
        return WidgetState(
            id=proto.id, bool_value=proto.value if proto.set_value else proto.default
        )
    if kind == "selectbox":
        text = proto.raw_value if proto.set_value else proto.options[proto.default]
        return WidgetState(id=proto.id, string_value=text)
    if kind == "multiselect":
        state = WidgetState(id=proto.id)
        options = list(proto.options)
        chosen = list(proto.raw_values) if proto.set_value else [options[i] for i in proto.default]
        state.string_array_value.data.extend(chosen)
        return state
    return None


def merged(cookies: str, new: list[str]) -> str:
    """Return a Cookie header with new cookies in it.

    >>> merged("a=1; b=2", ["b=3"])
    'a=1; b=3'
    """
    pairs = [pair.partition("=") for pair in [*cookies.split("; "), *new] if pair]
    return "; ".join(f"{name}={value}" for name, value in {n: v for n, _, v in pairs}.items())


def _get(url: str, path: str, cookie: str, source: str) -> tuple[bytes, str]:
    """Return the body of an answer, and the cookies with those that it sets."""
    parts = urlsplit(check_loopback(url))
    line = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=PATIENCE, source_address=(source, 0)
    )
    try:
        line.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise http.client.HTTPException(f"{answer.status} from {path}")
        set_ = [value.split(";")[0] for value in answer.headers.get_all("Set-Cookie", [])]
        return body, merged(cookie, set_)
    finally:
        line.close()
