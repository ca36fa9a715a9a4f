"""Throttles: a number a second for each address; those that wait are let through in fair order."""

import asyncio
from time import monotonic

from gdviz.ui.fair_queue import Client, FairQueue

IDLE = 1000  # addresses beyond which those that rest are forgotten


class Bucket:
    """A token bucket: `burst` at once, then `rate` a second."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._tokens, self._at = burst, monotonic()

    def take(self, tokens: float = 1.0) -> float:
        """Take tokens, those that are yet to come too; return the seconds until they are there."""
        self._fill()
        self._tokens -= tokens
        return max(0.0, -self._tokens / self.rate)

    def has(self, tokens: float = 1.0) -> bool:
        """Tell whether so many tokens are there."""
        self._fill()
        return self._tokens >= tokens

    def full(self) -> bool:
        """Tell whether nothing was taken lately."""
        return self.has(self.burst)

    def _fill(self) -> None:
        now = monotonic()
        self._tokens = min(self.burst, self._tokens + self.rate * (now - self._at))
        self._at = now


class Throttle:
    """Lets `rate` a second through after a `burst`; sessions that wait are served in turn."""

    def __init__(self, rate: float, burst: float, waiting: int) -> None:
        self._bucket = Bucket(rate, burst)
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue(waiting, waiting, waiting)

    async def wait(self, client: Client, tokens: float = 1.0) -> None:
        """Return once the client may go on; raise `Full` if too many wait already."""
        if self._waiting:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.push(client, turn)
            await turn
        elif delay := self._bucket.take(tokens):
            turn = asyncio.get_running_loop().create_future()
            self._waiting.push(client, turn)
            asyncio.get_running_loop().call_later(delay, self._let_through)
            await turn

    def rests(self) -> bool:
        """Tell whether nobody waits, and nobody came lately."""
        return not self._waiting and self._bucket.full()

    def _let_through(self) -> None:
        while turn := self._waiting.pop():
            if not turn.done():  # else its owner has left
                turn.set_result(None)
                break
        if self._waiting:
            asyncio.get_running_loop().call_later(self._bucket.take(), self._let_through)


class Throttles:
    """A throttle for each address."""

    def __init__(self, rate: float, burst: float, waiting: int) -> None:
        self._settings = rate, burst, waiting
        self._of: dict[str, Throttle] = {}

    async def wait(self, client: Client, tokens: float = 1.0) -> None:
        """Return once the client may go on; raise `Full` if too many of its address wait."""
        if client.address not in self._of and len(self._of) > IDLE:
            self._of = {name: one for name, one in self._of.items() if not one.rests()}
        throttle = self._of.setdefault(client.address, Throttle(*self._settings))
        await throttle.wait(client, tokens)


class Buckets:
    """A bucket for each of many; those from which nothing was taken lately are forgotten."""

    def __init__(self, rate: float, burst: float) -> None:
        self._settings = rate, burst
        self._of: dict[str, Bucket] = {}

    def has(self, name: str) -> bool:
        """Tell whether a token is there."""
        return name not in self._of or self._of[name].has()

    def take(self, name: str) -> bool:
        """Take a token if one is there, and tell whether it was."""
        if name not in self._of and len(self._of) > IDLE:
            self._of = {key: one for key, one in self._of.items() if not one.full()}
        bucket = self._of.setdefault(name, Bucket(*self._settings))
        return bucket.has() and bucket.take() == 0
