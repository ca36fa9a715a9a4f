"""What one hostile address does, each for some seconds and against this machine only.

An attack is a coroutine of a `Target`, which counts how often each thing was answered how. It
comes from another address of the loopback network, so the server can tell it from the neighbour.
"""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.load_upload import BEFORE, Bringer
from benchmarks.load_visitor import BROKEN, Visit, Visitor, check_loopback

ADDRESS = "127.0.0.2"
ALL = "&methods=".join(("adam", "bfgs", "lbfgs", "newton", "nelder_mead", "yogi", "radam", "lion"))
DEAR = f"/live/race?methods={ALL}&steps=2000&stop=none&surface=typed&formula="


class Target:
    """The server under attack, until when, and what it has answered."""

    def __init__(self, url: str, seconds: float) -> None:
        self.url, self.end = check_loopback(url), monotonic() + seconds
        self.met: Counter[str] = Counter()

    def over(self) -> bool:
        return monotonic() > self.end

    async def line(self) -> Any:
        """Return a reader and a writer of a new connection."""
        at = urlsplit(self.url)
        return await asyncio.open_connection(at.hostname, at.port, local_addr=(ADDRESS, 0))

    async def get(self, path: str) -> None:
        """Ask for a path on a connection of its own, and count the status."""
        reader, writer = await self.line()
        try:
            writer.write(request(self.url, path))
            first = await asyncio.wait_for(reader.readline(), 20)
            self.met[(first.split() or [b"", b"closed"])[1].decode()] += 1
        finally:
            writer.close()

    def visitor(self, page: str, query: str = "") -> Bringer:
        return Bringer(Visit(self.url, page, query, source=ADDRESS))


FUNCTIONS = ("sin", "cos", "exp", "tanh", "atan", "sqrt", "abs")
POWERS = (1, 2, 3, 4)
OF_PLANE = (
    "race?methods=adam&steps=50&surface=typed&formula",
    "race?methods=gd&methods=bfgs&surface=typed&formula",
    "mcmc?draws=100&target=typed&formula",
)
TYPED = (
    *OF_PLANE,
    "descent?steps=50&function=typed&formula",
    "integration?function=typed&formula",
    "integration?quantity=expectation&density=typed&density_text",
    "importance?h",
)
Attack = Callable[[Target], Awaitable[None]]


def request(url: str, path: str, end: str = "\r\n") -> bytes:
    """Return the bytes of a request, with its end or without."""
    return f"GET {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n{end}".encode()


async def at_once(target: Target, number: int, act: Callable[[int], Awaitable[Any]]) -> None:
    """Do something so many times at once; count what breaks, and go on until the end."""

    async def keep_on(i: int) -> None:
        while not target.over():
            try:
                await act(i)
            except (*BROKEN, asyncio.IncompleteReadError) as error:
                target.met[type(error).__name__] += 1
                await asyncio.sleep(0.05)

    await asyncio.gather(*map(keep_on, range(number)))


def formulas() -> Any:
    """Give formulas that differ in more than their numbers, so that each is compiled anew."""
    kinds = itertools.product(FUNCTIONS, FUNCTIONS, FUNCTIONS, POWERS, POWERS)
    for a, b, c, k, m in itertools.cycle(kinds):
        yield quote(f"{a}(x**{k})*{b}(y)+{c}(x*y**{m})+x**2")


async def orphans(target: Target) -> None:
    """Ask for the dearest live scenes, and leave before the answer."""
    typed = formulas()

    async def ask_and_leave(i: int) -> None:
        _, writer = await target.line()
        writer.write(request(target.url, DEAR + next(typed)))
        await writer.drain()
        writer.close()
        target.met["left"] += 1
        await asyncio.sleep(0.2)

    await at_once(target, 40, ask_and_leave)


async def held(target: Target) -> None:
    """Ask for the dearest live scenes on many connections, and wait for all the answers."""
    typed = formulas()
    await at_once(target, 60, lambda i: target.get(DEAR + next(typed)))


async def storm(target: Target) -> None:
    """Have eight websockets ask for fifty runs of the page a second each."""

    async def ask(i: int, visitors: dict[int, Visitor] = {}) -> None:  # noqa: B006
        if i not in visitors:
            visitors[i] = target.visitor("race")
            await visitors[i].open()
            asyncio.ensure_future(_read(visitors[i]))
        await visitors[i].wire.send(visitors[i]._message(whole=True))  # type: ignore[union-attr]
        target.met["runs asked for"] += 1
        await asyncio.sleep(0.02)

    await at_once(target, 8, ask)


async def _read(visitor: Visitor) -> None:
    with suppress(*BROKEN):
        while visitor.wire:
            await visitor.wire.recv(decode=False)


async def names(target: Target) -> None:
    """Ask for the places of 300,000 files in one message, and for what no page asks for."""
    many = BackMsg()
    many.file_urls_request.request_id = "1"
    many.file_urls_request.file_names.extend(["a"] * 300_000)
    forget = BackMsg(clear_cache=True)

    async def say(i: int) -> None:
        visitor = target.visitor("home")
        await visitor.open()
        try:
            await visitor.wire.send((many if i else forget).SerializeToString())  # type: ignore
            await asyncio.wait_for(visitor.wire.wait_closed(), 2)  # type: ignore[union-attr]
            target.met["closed"] += 1
        except TimeoutError:
            target.met["not closed"] += 1
        finally:
            await visitor.close()

    await at_once(target, 4, say)


def table(kind: str) -> bytes:
    """Return a table that is dear to read: runs of digits, or two thousand equal names."""
    if kind == "digits":
        return b"x,y\n" + b"".join(b"1" * 10_000 + b"!,1\n" for _ in range(40))
    return b",".join([b"a"] * 2000) + b"\n" + b"\n".join([b",".join([b"1"] * 2000)] * 3) + b"\n"


async def tables(target: Target) -> None:
    """Bring tables that are dear to read."""

    async def bring(i: int) -> None:
        visitor = target.visitor("regression", "regression_room=many&regression_table=upload")
        await visitor.open()
        if visitor.uploader:
            await visitor.bring(table("digits" if i % 2 else "names"))
        target.met["read" if visitor.uploader else "no uploader"] += 1
        await visitor.close()

    await at_once(target, 4, bring)


async def trainings(target: Target) -> None:
    """Have fifteen sessions train on ratings for as long as they may."""
    chance = random.Random(0)
    rows = [f"{chance.randrange(3000)},{chance.randrange(3000)},{i % 5 + 1}" for i in range(60_000)]
    data = "\n".join(["user,item,rating", *rows]).encode()
    query = "recommender_data=upload&recommender_epochs=200&recommender_factors=100"

    async def train(i: int) -> None:
        visitor = target.visitor("recommender", query)
        await visitor.open()
        target.met["begun"] += 1
        with suppress(TimeoutError):
            await asyncio.wait_for(visitor.bring(data), max(1, target.end - monotonic()))
        await visitor.close()

    await at_once(target, 15, train)


async def log(target: Target) -> None:
    """Fill the log: unknown widgets, long names, uploads that are broken off."""

    async def forge(i: int) -> None:
        visitor = target.visitor("home")
        await visitor.open()
        path = await _asked(visitor)
        message = BackMsg()
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id, widget.trigger_value = "$$ID-" + "x" * (900 if i else 9), True
        for _ in range(20):
            await visitor.wire.send(message.SerializeToString())  # type: ignore[union-attr]
        await break_off(target, path, visitor)
        await visitor.close()
        target.met["forged"] += 1

    await at_once(target, 3, forge)


async def _asked(visitor: Bringer) -> str:
    return (await visitor.place()).upload_url


async def break_off(target: Target, path: str, visitor: Bringer, hold: float = 0.0) -> None:
    """Announce twenty megabytes, send a few bytes, and stop, at once or after a while."""
    _, writer = await target.line()
    lines = {**visitor.headers(), "Host": urlsplit(target.url).netloc, "Content-Length": "20000000"}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"PUT {path} HTTP/1.1\r\n{head}\r\n".encode() + BEFORE)
    await writer.drain()
    await asyncio.sleep(hold)
    writer.close()


async def half_open(target: Target) -> None:
    """Hold uploads open that announce far more than is kept of all visitors."""

    async def hold(i: int) -> None:
        visitor = target.visitor("home")
        await visitor.open()
        await break_off(target, await _asked(visitor), visitor, max(0, target.end - monotonic()))
        target.met["held"] += 1
        await visitor.close()

    await at_once(target, 60, hold)


async def slow(target: Target) -> None:
    """Hold five hundred connections open that send a byte of a header a second."""

    async def trickle(i: int) -> None:
        _, writer = await target.line()
        writer.write(request(target.url, "/", end="X: "))
        while not target.over() and not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(1)
        target.met["held" if target.over() else "closed"] += 1

    await at_once(target, 500, trickle)


async def flood(target: Target) -> None:
    """Ask for small things on a hundred connections as fast as they are answered."""
    paths = ("/", "/_stcore/health", "/_stcore/host-config", "/card/race", "/nope")
    await at_once(target, 100, lambda i: target.get(paths[i % len(paths)]))


async def formulas_typed(target: Target) -> None:
    """Ask for 2,000 live scenes of formulas that nobody has typed before, a minute at most."""
    typed = formulas()
    target.end += 50

    async def ask(i: int) -> None:
        page = TYPED[target.met.total() % len(TYPED)]
        text = next(typed)
        await target.get(f"/live/{page}={text if page in OF_PLANE else text.replace('y', 'x')}")
        if target.met.total() >= 2000:
            target.end = 0.0

    await at_once(target, 3, ask)


ATTACKS: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        orphans, held, storm, names, tables, trainings, log, half_open, slow, flood, formulas_typed,
    )
}  # fmt: skip
