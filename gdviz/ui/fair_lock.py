"""Turns: of those who compute in Python at the same time, one after another has the processor.

Python runs one thread at a time, so two that compute at once only take it from each other, and both
are late: in turn, the first is on time and the second no later. Who has the turn for longer than
`PATIENCE` while another waits loses it, and goes on beside the next: one that is slow holds up
nobody. An address has at most `LATE_OF_ADDRESS` that go on so, and a session one.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from gdviz.ui.fair_queue import Client, FairQueue

PATIENCE = 0.1  # seconds that a turn lasts, if somebody else waits for it
LATE_OF_ADDRESS = 2
MOST = 10_000  # more sessions than one process can hold


class Turn:
    """A claim to the processor: `begin` is called when it has come."""

    def __init__(self, client: Client, begin: Callable[[], object]) -> None:
        self.client, self.begin = client, begin
        self.since = 0.0
        self.late = False  # it was lost to the next, and its owner goes on


class FairLock:
    """Who has the turn, who has lost it and goes on, and who waits for it."""

    def __init__(
        self,
        seats: int = 1,
        patience: float = PATIENCE,
        late_of_address: int = LATE_OF_ADDRESS,
    ) -> None:
        self.seats, self.patience, self.late_of_address = seats, patience, late_of_address
        self._door = threading.Condition()
        self._waiting: FairQueue[Turn] = FairQueue(MOST, MOST, MOST)
        self._holding: list[Turn] = []
        self._late: list[Turn] = []
        self._watch: threading.Thread | None = None
        self._resting = False  # the watch has nothing to look after

    def ask(self, client: Client, begin: Callable[[], object]) -> Turn:
        """Ask for a turn; `begin` is called once it has come, in whatever thread gave it."""
        turn = Turn(client, begin)
        with self._door:
            self._waiting.push(client, turn)
            self._pass_on()
            if self._waiting and self._watch is None:
                self._watch = threading.Thread(
                    target=self._look_after, name="fair-lock", daemon=True
                )
                self._watch.start()
        return turn

    def take(self, client: Client) -> Turn:
        """Wait for a turn and return it."""
        came = threading.Event()
        turn = self.ask(client, came.set)
        came.wait()
        return turn

    def give_back(self, turn: Turn) -> None:
        """End a turn: one that runs, one that was lost, or one that has not come yet."""
        with self._door:
            if turn in self._holding:
                self._holding.remove(turn)
            elif turn in self._late:
                self._late.remove(turn)
            else:
                self._waiting.remove(turn.client, turn)
            self._pass_on()

    def taken(self) -> bool:
        """Tell whether anybody has the turn."""
        return bool(self._holding)

    def busy(self) -> bool:
        """Tell whether anybody has the turn, goes on without it, or waits for it."""
        return bool(self._holding or self._late or self._waiting)

    def _pass_on(self) -> None:
        """Give free seats to those who wait, and wake the watch if it rests."""
        while len(self._holding) < self.seats:
            turn = self._waiting.pop(self._allowed)
            if turn is None:
                break
            turn.since = monotonic()
            self._holding.append(turn)
            turn.begin()
        if self._resting and self._waiting and self._holding:
            self._resting = False
            self._door.notify_all()

    def _allowed(self, client: Client) -> bool:
        """Tell whether neither the session nor its address has too many that go on."""
        late = [turn.client for turn in self._late]
        of_address = sum(one.address == client.address for one in late)
        return client not in late and of_address < self.late_of_address

    def _look_after(self) -> None:
        """Take the turn from whoever has had it for too long while another waits."""
        with self._door:
            while True:
                left = self._next_end() if self._waiting else None
                self._resting = left is None
                if left is None or left > 0:
                    self._door.wait(left)
                else:
                    self._pass_over(self._holding[0])

    def _next_end(self) -> float | None:
        """Return in how many seconds the oldest turn ends, None if nobody has one."""
        if not self._holding:
            return None
        return self._holding[0].since + self.patience - monotonic()

    def _pass_over(self, turn: Turn) -> None:
        self._holding.remove(turn)
        self._late.append(turn)
        turn.late = True
        self._pass_on()


processor = FairLock()
_mine = threading.local()


@contextmanager
def hold_lock(client: Callable[[], Client]) -> Iterator[None]:
    """Have the turn while the block runs, or a part of the time if it runs for long."""
    if getattr(_mine, "turn", None):  # a fragment in a page
        yield
        return
    _mine.turn = processor.take(client())
    try:
        yield
    finally:
        processor.give_back(_mine.turn)
        _mine.turn = None


@contextmanager
def release_lock() -> Iterator[None]:
    """Let others run while the block waits for something."""
    turn = getattr(_mine, "turn", None)
    if turn:
        processor.give_back(turn)
    try:
        yield
    finally:
        if turn:
            _mine.turn = processor.take(turn.client)
