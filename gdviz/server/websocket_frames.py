"""The frames of a websocket: who sends more than a page can is cut off before they are all read.

A frame of six bytes costs microseconds, and the server would read a quarter of a megabyte of them
at once, while everybody waits. Pings and empty pieces of messages pass no other bound.
"""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from gdviz.server.throttle import Bucket

RATE, BURST = 100.0, 300  # frames a second, and at once; a page sends one for each move of a hand
SLICE = 1024  # bytes that are read before it is looked how many frames they are


class BoundedFrames(WebSocketsSansIOProtocol):
    """A websocket that is closed if it says too many frames."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._bucket = Bucket(RATE, BURST)

    def data_received(self, data: bytes) -> None:
        """Read a little at a time, until there are too many frames."""
        for at in range(0, len(data), SLICE):
            super().data_received(data[at : at + SLICE])
            if self.transport.is_closing():
                return

    def handle_events(self) -> None:
        """Do what the frames ask for, or end the connection."""
        if self._bucket.take(len(self.conn.events)):
            self.transport.abort()
            return
        super().handle_events()
