"""The phones that follow a hall in one process, and what they are told: the newest only.

A message is made once for all of them. It has the scene of the settings for those who have not got
it yet, so a phone asks for nothing while the lecturer moves: five thousand answers a second are
more than a server can do, five hundred times the same bytes are not.
"""

import asyncio
import json
import random
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple

from gdviz.server.connections import PART
from gdviz.server.hall.hall import HallState, to_text

HEARTBEAT = 10.0  # seconds; what is silent for longer is cut off by proxies
AT_ONCE = 10  # phones that are told before others than phones have their turn
PARTS_A_SECOND = 4000  # that phones are sent by one process: more would leave others no time
GONE = (
    "The hall cannot be reached at the moment. Everything else works, and it comes back by itself."
)


class Shown(NamedTuple):
    """A picture as phones get it: its scene, deflated, in base 64; or why there is none."""

    scene: str = ""
    sorry: str = ""


class Audience:
    """The newest news, and how many wait for it; `telling` are all that are being told."""

    def __init__(self, telling: "set[Audience] | None" = None) -> None:
        self._telling = set() if telling is None else telling
        self.phones = 0
        self.settings: tuple[str, str, bool] | None = None  # of the picture that is shown
        self.picture = 0  # how many pictures were told
        self.number = 0  # how many news
        self.told = -1  # the number of the state that was told last, -1 for trouble
        self.ended = False
        self.stale = self.busy = False  # more news has come; it is being told
        self._plain = self._whole = b""
        self._drawn = ""
        self._waiting: dict[asyncio.Future[None], None] = {}  # who has heard all, in order
        self._to_wake: deque[asyncio.Future[None]] = deque()

    def wants(self, state: HallState) -> bool:
        """Tell whether the settings of a state need another picture than the one that is shown."""
        now = (state.page, state.query, state.held)
        if not state.page or now == self.settings:
            return False
        return not (state.held and self.settings == (*now[:2], False))

    def show(self, state: HallState, shown: Shown | None) -> None:
        """Tell a state, and the picture of its settings if they have changed."""
        if shown:
            self.settings = (state.page, state.query, state.held)
            self.picture += 1
            self._drawn = json.dumps(shown._asdict())
        self.told, text = state.n, to_text(state)
        self._tell(text, f"{text[:-1]}, {self._drawn[1:]}" if self._drawn else text)

    def show_trouble(self) -> None:
        """Say that the store does not answer."""
        self.told = -1
        words = json.dumps({"trouble": GONE})
        self._tell(words, words)

    def end(self) -> None:
        """Say that the hall is closed."""
        self.ended = True
        self._tell('{"closed": true}', '{"closed": true}')

    def _tell(self, plain: str, whole: str) -> None:
        self._plain, self._whole = (f"data: {text}\n\n".encode() for text in (plain, whole))
        self.number += 1
        self._wake_all(self._waiting)
        self._waiting.clear()

    def _wake_all(self, phones: Iterable[asyncio.Future[None]]) -> None:
        self._to_wake.extend(phones)
        if self._to_wake and self not in self._telling:
            self._telling.add(self)
            self._wake()

    def _wake(self) -> None:
        """Wake those that wait, a few at a time: two thousand would fill the loop.

        A long message is many parts. All that are told share what a process may send.
        """
        for _ in range(min(AT_ONCE, len(self._to_wake))):
            phone = self._to_wake.popleft()
            if not phone.done():
                phone.set_result(None)
        if not self._to_wake:
            self._telling.discard(self)
            return
        parts = AT_ONCE * (1 + len(self._whole) // PART) * len(self._telling)
        asyncio.get_running_loop().call_later(parts / PARTS_A_SECOND, self._wake)

    async def news(self) -> AsyncIterator[bytes]:
        """Give what one phone is told, until the hall ends; who is slow gets the newest only."""
        told = picture = 0
        yield b"retry: %d\n\n" % random.randint(500, 2000)  # not all come back at once
        turn = asyncio.get_running_loop().create_future()
        self._wake_all([turn])
        await turn
        while not (self.ended and told == self.number):
            if told != self.number:
                whole, told = picture != self.picture, self.number
                picture = self.picture
                yield self._whole if whole else self._plain
                continue
            comes = asyncio.get_running_loop().create_future()
            self._waiting[comes] = None
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await comes
            except TimeoutError:
                yield b": here\n\n"
            finally:
                self._waiting.pop(comes, None)
