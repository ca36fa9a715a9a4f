"""Pictures per second under a hand when the server is 100 ms away: a proxy adds the delay."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from benchmarks.field import Running, field, free_port
from benchmarks.interaction import CASES
from benchmarks.playback import drag, grips, rate
from benchmarks.report import Goal, Row

ROUND_TRIP = 0.1  # seconds


def measure() -> list[Row]:
    """Drag the start and the dial of *descent* and *race* over a slow line."""
    rows = []
    with field("gdviz") as at, slow_line(urlsplit(at.servers["gdviz"].url).port) as port:
        at.servers["gdviz"] = Running(f"http://127.0.0.1:{port}", at.servers["gdviz"].process)
        for case in CASES[1:]:
            page = at.visit("gdviz", case.link)
            for words, (x, y) in grips(page, case.dial).items():
                times, moves, _ = drag(page, x, y)
                what = f"{case.words}: drag of {words} at {1000 * ROUND_TRIP:g} ms, redrawn"
                goal = Goal("≥", 55, of_ratio=False)
                rows.append(Row(what, "per s", rate(times), moves, "mouse moves sent", goal))
            page.close()
    return rows


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, delay: float) -> None:
    """Pass on what comes, each piece after the delay, in order."""
    loop = asyncio.get_running_loop()
    while data := await source.read(65_536):
        loop.call_later(delay, sink.write, data)
    loop.call_later(delay, sink.close)


async def _hang_up() -> None:
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0)


@contextmanager
def slow_line(port: int | None, round_trip: float = ROUND_TRIP) -> Iterator[int]:
    """Give a port that leads to another one of this machine, so many seconds there and back."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        one_way = round_trip / 2
        await asyncio.gather(
            _carry(reader, back, one_way), _carry(there, writer, one_way), return_exceptions=True
        )

    loop, own = asyncio.new_event_loop(), free_port()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(asyncio.start_server(meet, "127.0.0.1", own), loop).result()
    yield own
    asyncio.run_coroutine_threadsafe(_hang_up(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
