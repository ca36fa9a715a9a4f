"""Places: what costs much an address does a few times at once, and begins less in one turn.

The rest waits, and its sessions are served in turn. So whoever else asks for something waits for
those few only, however many there are.
"""

import asyncio
from collections.abc import Callable

from gdviz.ui.fair_queue import Client, FairQueue, Full

WAITING = (20_000, 4000, 4000)  # of all, of an address, of a session: more than may be open
NO_END = 10**9


class AddressPlaces:
    """`most` places of each address, `a_turn` of them begun in a turn; so many may wait."""

    def __init__(
        self, a_turn: int, most: int = NO_END, waiting: tuple[int, int, int] = WAITING
    ) -> None:
        self.a_turn, self.most, self.waiting = a_turn, most, waiting
        self.lines: dict[str, _Line] = {}

    async def enter(self, client: Client) -> Callable[[], None]:
        """Wait for a place; return what gives it back, once. Raise `Full` if too many wait."""
        if sum(len(line.waiting) for line in self.lines.values()) >= self.waiting[0]:
            raise Full
        line = self.lines.setdefault(client.address, _Line(self, client.address))
        await line.enter(client)
        left = [line]
        return lambda: left.pop().leave() if left else None

    async def pass_by(self, client: Client) -> None:
        """Wait as for a place, and take none."""
        (await self.enter(client))()


class _Line:
    """The places of one address, and who waits for one."""

    def __init__(self, places: AddressPlaces, address: str) -> None:
        self._places, self._address = places, address
        self._taken = self._begun = 0
        _, of_address, of_client = places.waiting
        self.waiting: FairQueue[asyncio.Future[None]] = FairQueue(of_address, of_address, of_client)

    async def enter(self, client: Client) -> None:
        if self._free() and not self.waiting:
            self._begin()
            return
        turn = asyncio.get_running_loop().create_future()
        self.waiting.push(client, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it had its place already
                self.leave()
            raise

    def leave(self) -> None:
        self._taken -= 1
        self._pass_on()
        self._forget()

    def _free(self) -> bool:
        return self._taken < self._places.most and self._begun < self._places.a_turn

    def _begin(self) -> None:
        self._taken += 1
        if not self._begun:
            asyncio.get_running_loop().call_soon(self._next_turn)
        self._begun += 1

    def _next_turn(self) -> None:
        self._begun = 0
        self._pass_on()
        self._forget()

    def _pass_on(self) -> None:
        while self._free() and (turn := self.waiting.pop()):
            if not turn.done():  # else its owner has left
                self._begin()
                turn.set_result(None)

    def _forget(self) -> None:
        if not (self._taken or self._begun):
            self._places.lines.pop(self._address, None)
