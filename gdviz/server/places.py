"""Places: of what costs much, an address does so many at once; its sessions wait in fair order."""

import asyncio
from collections import Counter
from collections.abc import Callable

from gdviz.ui.fair_queue import Client, FairQueue


class Places:
    """So many places for each address, and a queue before them."""

    def __init__(self, of_address: int, waiting: tuple[int, int, int]) -> None:
        self.of_address = of_address
        self.taken: Counter[str] = Counter()
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue(*waiting)

    async def enter(self, client: Client) -> Callable[[], None]:
        """Wait for a place; return what gives it back, once. Raise `Full` if too many wait."""
        if self.taken[client.address] < self.of_address:
            self.taken[client.address] += 1
        else:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.push(client, turn)
            await turn
        left = [client.address]
        return lambda: self._leave(left.pop()) if left else None

    def _leave(self, address: str) -> None:
        """Hand the place on to the next of the address, or give it up."""
        while turn := self._waiting.pop(lambda client: client.address == address):
            if not turn.done():
                turn.set_result(None)
                return
        self.taken[address] -= 1
        if not self.taken[address]:
            del self.taken[address]
