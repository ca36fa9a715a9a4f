"""The neighbour of a siege: a quiet visitor in a process of its own, who measures every answer."""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable
from functools import partial
from multiprocessing.connection import Connection
from statistics import quantiles
from time import monotonic
from typing import NamedTuple

from benchmarks.load import RATES
from benchmarks.load_visitor import BROKEN, Visit, Visitor
from gdviz.queries import to_query
from gdviz.topics.race.settings import Race

PACE = 0.25  # seconds between two acts of a kind: a knob, a step of a drag, a small request
HEALTH = "/_stcore/health"


class Met(NamedTuple):
    """What the neighbour has met: the times of answers in ms, by act, and what went wrong."""

    by_act: dict[str, list[float]]
    errors: list[str]

    @property
    def times(self) -> list[float]:
        """Return the times of all answers."""
        return [time for times in self.by_act.values() for time in times]


def shares(times: list[float]) -> tuple[float, float, float]:
    """Return the median, the 95th percentile and the worst of some times."""
    cuts = quantiles(times if len(times) > 1 else [0.0, 0.0], n=20, method="inclusive")
    return cuts[9], cuts[18], max(times, default=0.0)


class Neighbour:
    """A visitor of the race in another process; `begin` and `end` enclose what is measured."""

    def __init__(self, url: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_main, args=(theirs, url), daemon=True)
        self.process.start()
        self.pipe.recv()  # the page is open

    def begin(self) -> None:
        """Start to act and to measure."""
        self.pipe.send("begin")

    def end(self) -> Met:
        """Stop, and return what was met since `begin`."""
        self.pipe.send("end")
        return self.pipe.recv()

    def leave(self) -> None:
        """End the visitor's process."""
        self.pipe.send("leave")
        self.process.join(10)
        if self.process.is_alive():
            self.process.kill()


def _main(pipe: Connection, url: str) -> None:
    asyncio.run(_obey(pipe, url))


async def _obey(pipe: Connection, url: str) -> None:
    live = f"/live/race?{to_query(Race())}"
    visitor = Visitor(Visit(url, "race", "", "race_gd_lr", RATES, live, "gd_lr"))
    await visitor.open()
    await visitor.move()
    pipe.send("open")
    while await asyncio.to_thread(pipe.recv) == "begin":
        met, over = Met({}, []), asyncio.Event()
        acts = {"knob": visitor.move, "drag": visitor.ask, "small": partial(visitor.fetch, HEALTH)}
        keep = [asyncio.create_task(_keep_on(met, *act, over)) for act in acts.items()]
        await asyncio.to_thread(pipe.recv)
        over.set()
        await asyncio.gather(*keep)
        pipe.send(met)
    await visitor.close()


async def _keep_on(
    met: Met, name: str, act: Callable[[], Awaitable[object]], over: asyncio.Event
) -> None:
    """Act at a steady pace until it is over."""
    due, times = monotonic(), met.by_act.setdefault(name, [])
    while not over.is_set():
        begin = monotonic()
        try:
            await act()
        except BROKEN as error:
            met.errors.append(repr(error))
        times.append(1000 * (monotonic() - begin))
        due = max(due + PACE, monotonic())
        await asyncio.sleep(due - monotonic())
