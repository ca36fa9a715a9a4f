"""Where halls are kept: in the memory of one process here, in Redis in `redis_store`.

A hall is forgotten ten minutes after its lecturer was last heard of.
"""

from collections.abc import Callable
from time import monotonic
from typing import Protocol

from gdviz.catalogue.question import Guess
from gdviz.server.hall.hall import ASKING, Hall, HallState

LIFE = 600.0  # seconds without the lecturer
MOST_HALLS = 200
MOST_GUESSES = 5000  # of one question


class StoreGone(Exception):
    """The store does not answer at present."""


class HallStore(Protocol):
    """What a store can do; every call may raise `StoreGone`."""

    async def create(self, hall: Hall) -> bool:
        """Keep a new hall; False if there is no room, or another of its code."""

    async def find(self, code: str) -> Hall | None:
        """Return a hall, None if it is closed."""

    async def put_state(self, code: str, state: HallState) -> None:
        """Change what the phones of a hall are told."""

    async def put_guess(self, code: str, question: int, token: str, guess: Guess) -> bool:
        """Keep the guess of a phone, its latest only; False if this question is closed, or full."""

    async def guesses(self, code: str, question: int) -> list[Guess]:
        """Return the guesses of a question, one of each phone."""

    async def answered(self, code: str, question: int) -> int:
        """Return how many phones have guessed."""

    async def keep(self, code: str) -> None:
        """Let a hall live on: its lecturer is there."""

    async def close(self, code: str) -> None:
        """Forget a hall."""

    async def present(self, code: str, process: str, phones: int) -> int:
        """Say how many phones follow in a process; return how many follow in all."""

    def listen(self, changed: Callable[[str], None]) -> None:
        """Call `changed(code)` after each change, wherever it was made; "" means any hall."""


class _Kept:
    """A hall in memory: until when, and the guesses of the question that was asked last."""

    def __init__(self, hall: Hall, until: float) -> None:
        self.hall, self.until = hall, until
        self.question, self.guesses = 0, dict[str, Guess]()


class MemoryStore:
    """The halls of one process."""

    def __init__(self, clock: Callable[[], float] = monotonic, most: int = MOST_HALLS) -> None:
        self._clock, self._most = clock, most
        self._halls: dict[str, _Kept] = {}
        self._changed: Callable[[str], None] = lambda code: None

    def listen(self, changed: Callable[[str], None]) -> None:
        """Call `changed(code)` after each change."""
        self._changed = changed

    async def create(self, hall: Hall) -> bool:
        """Keep a new hall; False if there is no room."""
        for code in [code for code in self._halls if self._kept(code) is None]:
            del self._halls[code]
        if hall.code in self._halls or len(self._halls) >= self._most:
            return False
        self._halls[hall.code] = _Kept(hall, self._clock() + LIFE)
        return True

    async def find(self, code: str) -> Hall | None:
        """Return a hall, None if it is closed."""
        kept = self._kept(code)
        return kept.hall if kept else None

    async def put_state(self, code: str, state: HallState) -> None:
        """Change what the phones of a hall are told."""
        if kept := self._kept(code):
            kept.hall, kept.until = kept.hall._replace(state=state), self._clock() + LIFE
            if state.round != kept.question:
                kept.question, kept.guesses = state.round, {}
            self._changed(code)

    async def put_guess(self, code: str, question: int, token: str, guess: Guess) -> bool:
        """Keep the guess of a phone, its latest only; False if this question is closed, or full."""
        kept = self._kept(code)
        if kept is None or kept.hall.state.phase != ASKING or kept.question != question:
            return False
        if token not in kept.guesses and len(kept.guesses) >= MOST_GUESSES:
            return False
        kept.guesses[token] = guess
        return True

    async def guesses(self, code: str, question: int) -> list[Guess]:
        """Return the guesses of a question, one of each phone."""
        kept = self._kept(code)
        return list(kept.guesses.values()) if kept and kept.question == question else []

    async def answered(self, code: str, question: int) -> int:
        """Return how many phones have guessed."""
        return len(await self.guesses(code, question))

    async def keep(self, code: str) -> None:
        """Let a hall live on: its lecturer is there."""
        if kept := self._kept(code):
            kept.until = self._clock() + LIFE

    async def close(self, code: str) -> None:
        """Forget a hall."""
        if self._halls.pop(code, None):
            self._changed(code)

    async def present(self, code: str, process: str, phones: int) -> int:
        """Return how many phones follow: all of them do so in this process."""
        return phones

    def _kept(self, code: str) -> _Kept | None:
        kept = self._halls.get(code)
        return kept if kept and kept.until > self._clock() else None
