"""A crowd of visitors in a process of its own: it receives orders, and answers with figures."""

import asyncio
import multiprocessing
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from time import monotonic, process_time
from typing import Any

from benchmarks.load_visitor import BROKEN, Visit, Visitor


@dataclass
class Tally:
    """What a crowd met in one phase: times in ms, bytes of all answers, errors, its own CPU in s.

    `missed` counts the acts that were due and had not begun when the phase ended. `absent` holds
    the seconds from the loss of a connection until it was back. `back` holds the ms of acts that
    were interrupted by the loss, and of the first acts after it; they are not among `times`.
    """

    times: list[float] = field(default_factory=list)
    absent: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    missed: int = 0
    bytes: int = 0
    cpu: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.times + other.times,
            self.absent + other.absent,
            self.back + other.back,
            self.errors + other.errors,
            self.missed + other.missed,
            self.bytes + other.bytes,
            self.cpu + other.cpu,
        )


class Crowd:
    """Visitors in another process: `tell` starts a phase, `hear` waits for its tally."""

    def __init__(self, visits: Visit | list[Visit], seed: int) -> None:
        visits = [visits] if isinstance(visits, Visit) else visits
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_main, args=(theirs, visits, seed), daemon=True)
        self.process.start()

    def tell(self, phase: str, *what: float) -> None:
        """Start a phase: `open n at_once`, `move seconds think`, `ask seconds think` or `leave`."""
        self.pipe.send((phase, *what))

    def hear(self) -> Tally:
        """Return the tally of the latest phase."""
        return self.pipe.recv()

    def stop(self) -> None:
        """Send the visitors home."""
        self.pipe.send(("stop",))
        self.process.join(20)
        if self.process.is_alive():
            self.process.kill()


def _main(pipe: Connection, visits: list[Visit], seed: int) -> None:
    with suppress(ImportError, ValueError):  # a connection each, and one more while it asks
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_obey(pipe, visits, random.Random(seed)))


async def _obey(pipe: Connection, visits: list[Visit], chance: random.Random) -> None:
    """Follow the orders of the pipe until it says stop."""
    visitors: list[Visitor] = []
    while True:
        phase, *what = await asyncio.to_thread(pipe.recv)
        if phase == "stop":
            break
        tally, before, cpu = Tally(), sum(v.bytes for v in visitors), process_time()
        if phase == "open":
            visitors += await _open(tally, visits, *map(int, what))
        elif phase == "leave":
            await asyncio.gather(*(v.close() for v in visitors), return_exceptions=True)
            visitors = []
        else:
            act = Visitor.move if phase == "move" else Visitor.ask
            seconds, think = what
            starts = [think * (i + chance.random()) / len(visitors) for i in range(len(visitors))]
            work = [
                _keep_on(tally, v, act, s, seconds, think)
                for v, s in zip(visitors, starts, strict=True)
            ]
            await asyncio.gather(*work)
        tally.bytes = sum(v.bytes for v in visitors) - before
        tally.cpu = process_time() - cpu
        pipe.send(tally)
    await asyncio.gather(*(v.close() for v in visitors), return_exceptions=True)


async def _open(tally: Tally, visits: list[Visit], number: int, at_once: int) -> list[Visitor]:
    """Open the pages for all visitors, a few at a time, and return the visitors."""
    door = asyncio.Semaphore(at_once)
    visitors = [Visitor(visits[i % len(visits)]) for i in range(number)]
    opened: list[Visitor] = []

    async def come(visitor: Visitor) -> None:
        async with door:
            begin = monotonic()
            try:
                await visitor.open()
            except BROKEN as error:
                tally.errors.append(f"open: {error!r}")
            else:
                tally.times.append(1000 * (monotonic() - begin))
                opened.append(visitor)

    await asyncio.gather(*map(come, visitors))
    return opened


async def _keep_on(
    tally: Tally,
    visitor: Visitor,
    act: Callable[[Visitor], Awaitable[None]],
    start: float,
    seconds: float,
    think: float,
) -> None:
    """Let a visitor act at its times until the end, whatever happens.

    The clock starts when an act is due, not when the one before has ended: a late server is late
    for the next act too.
    """
    begin = monotonic()
    due = begin + start
    while due < begin + seconds:
        try:
            await visitor.rest(due)
            if monotonic() > begin + seconds:
                tally.missed += 1
            else:
                await _act(tally, visitor, act, due)
        except BROKEN as error:
            tally.errors.append(f"{act.__name__}: {error!r}")
        due += think
    tally.absent += visitor.absent
    visitor.absent.clear()


async def _act(
    tally: Tally, visitor: Visitor, act: Callable[[Visitor], Awaitable[None]], due: float
) -> None:
    """Let a visitor act, and again if the connection breaks meanwhile; note the time."""
    try:
        came_back = visitor.stranger
        await act(visitor)
    except BROKEN:
        came_back = True
        await visitor.connect_again()
        await act(visitor)
    (tally.back if came_back else tally.times).append(1000 * (monotonic() - due))


def run_phase(crowds: list[Crowd], phase: str, *what: Any) -> Tally:
    """Run a phase in all crowds at once, and return the sum of their tallies."""
    for crowd in crowds:
        crowd.tell(phase, *what)
    return sum((crowd.hear() for crowd in crowds), Tally())
