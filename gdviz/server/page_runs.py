"""The runs of pages: an address has a few begun at once, and the others wait before they are.

A run is a thread, and what Streamlit does for it before its turn to compute keeps the loop and the
lock of Python busy. Hundreds that are begun at once would keep both from everybody else.
"""

import asyncio
from collections.abc import Callable

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from gdviz.server.places import AddressPlaces
from gdviz.ui.fair_queue import Client

AT_ONCE = 4  # of one address: one computes, others begin, or send what they have made
PATIENCE = 3.0  # seconds until a run is not counted any more: it trains, or its visitor has left
LONGEST_END = 200  # bytes of a message that tells the end of a run


def all_runs() -> AddressPlaces:
    """Return the places of all runs of a process."""
    return AddressPlaces(1, AT_ONCE)


class PageRuns:
    """The runs of one connection, which take one place: Streamlit lets the newest go on only."""

    def __init__(self, client: Client, places: AddressPlaces) -> None:
        self._client, self._places = client, places
        self._leave: Callable[[], None] | None = None
        self._patience: asyncio.TimerHandle | None = None

    async def begin(self) -> None:
        """Return once a run may begin."""
        if self._leave:
            return
        self._leave = await self._places.enter(self._client)
        self._patience = asyncio.get_running_loop().call_later(PATIENCE, self._end)

    def hear(self, data: bytes) -> None:
        """Look at what the page is told, and give the place back at the end of its run."""
        if self._leave and len(data) <= LONGEST_END and _ends(data):
            self._end()

    def _end(self) -> None:
        if self._leave and self._patience:
            self._patience.cancel()
            self._leave()
            self._leave = None


def _ends(data: bytes) -> bool:
    message = ForwardMsg.FromString(data)
    again = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
    return message.HasField("script_finished") and not again
