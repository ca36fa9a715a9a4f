"""Turns: of the visitors whose pages run at the same time, one after another has the processor.

A page runs in Python, so two that run at once only take it from each other, and both are late: in
turn, the first is on time and the second no later. Turns are taken in the order in which they were
asked for. Who has one for longer than `PATIENCE` goes on without it, beside the next: one slow page
holds up nobody.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

PATIENCE = 0.25  # seconds, in which a visitor still calls an answer immediate


class Turns:
    """Who has the turn, and who waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._holder: threading.Event | None = None
        self._since = 0.0

    def take(self) -> threading.Event:
        """Wait for the turn, and return what gives it back."""
        mine = threading.Event()
        with self._lock:
            self._waiting.append(mine)
            self._pass_on()
        while not mine.wait(PATIENCE):
            with self._lock:
                self._pass_on()
        return mine

    def give_back(self, turn: threading.Event) -> None:
        """End a turn; one that was lost has ended already."""
        with self._lock:
            if self._holder is turn:
                self._holder = None
                self._pass_on()

    def _pass_on(self) -> None:
        kept = self._holder is not None and monotonic() < self._since + PATIENCE
        if self._waiting and not kept:
            self._holder, self._since = self._waiting.popleft(), monotonic()
            self._holder.set()

    def taken(self) -> bool:
        """Tell whether anybody has the turn."""
        return self._holder is not None


_turns = Turns()
_mine = threading.local()


@contextmanager
def in_turn() -> Iterator[None]:
    """Have the turn while the block runs, or a part of the time if it runs for long."""
    if getattr(_mine, "turn", None):  # a fragment in a fragment
        yield
        return
    _mine.turn = _turns.take()
    try:
        yield
    finally:
        _turns.give_back(_mine.turn)
        _mine.turn = None


@contextmanager
def out_of_turn() -> Iterator[None]:
    """Let others run while the block waits for something."""
    turn = getattr(_mine, "turn", None)
    if turn:
        _turns.give_back(turn)
    try:
        yield
    finally:
        if turn:
            _mine.turn = _turns.take()
