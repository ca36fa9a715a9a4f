"""How many phones a hall serves, on this machine only: `python -m benchmarks.load_hall`.

Phones are HTTP clients that listen to the stream of a hall. A lecturer drags a knob of the race of
eight methods, ten times a second; then asks, and every phone guesses twice within two seconds. With
replicas, one of them is killed while a question is open.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import tempfile
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from benchmarks.load import RATES, Row, race_visit, table
from benchmarks.load_crowd import Tally
from benchmarks.load_servers import (
    Servers,
    end_in_order,
    serve_app,
    serve_replicas,
    usage,
    use_running,
)
from benchmarks.load_visitor import check_loopback
from benchmarks.report import load, machine
from gdviz.catalogue.lookup import questions
from gdviz.queries import from_query
from gdviz.topics.race.settings import Race

SHOWN = re.compile(rb'"query": "([^"]*)"')
ROUND = re.compile(rb'"phase": "asking", "round": (\d+)')
LONGEST = 2**24  # bytes of one event
AGAIN = 1.0  # seconds until a lost phone tries again, as the server asks of it
GAP = 0.1  # seconds between two moves of the lecturer


class Reply(NamedTuple):
    """An answer: its status, its head, its body."""

    status: int
    head: bytes
    body: bytes


async def request(
    url: str, method: str, path: str, body: Any = None, cookie: str = "", secret: str = ""
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a request by HTTP/1.0, whose answer comes as it is and ends with the connection."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=LONGEST)
    data = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.0", f"Host: {parts.netloc}", f"Content-Length: {len(data)}"]
    lines += [f"Cookie: {cookie}"] * bool(cookie) + [f"X-Hall-Secret: {secret}"] * bool(secret)
    writer.write("\r\n".join([*lines, "", ""]).encode() + data)
    return reader, writer


async def ask(url: str, method: str, path: str, *more: Any, **named: Any) -> Reply:
    """Return an answer that ends."""
    reader, writer = await request(url, method, path, *more, **named)
    try:
        whole = await asyncio.wait_for(reader.read(), 60)
    finally:
        writer.close()
    head, _, body = whole.partition(b"\r\n\r\n")
    return Reply(int(head.split()[1]) if head else 0, head, body)


class Hall:
    """A hall, and when the lecturer has shown which settings."""

    def __init__(self, url: str, code: str, secret: str) -> None:
        self.url, self.path, self.secret = url, f"/hall/{code.replace('-', '')}", secret
        self.shown: dict[bytes, float] = {}

    async def say(self, name: str, body: Any = None) -> Any:
        """Say something as the lecturer."""
        method = "GET" if body is None else "POST"
        reply = await ask(self.url, method, f"{self.path}/{name}", body, secret=self.secret)
        return json.loads(reply.body) if reply.status == 200 else None

    async def show(self, query: str, held: bool) -> None:
        """Show settings, and note when."""
        self.shown[query.encode()] = monotonic()
        await self.say("steer", {"page": "race", "query": query, "step": None, "held": held})


class Phone:
    """A phone: its cookie, what it has seen and when, and how long it was lost."""

    def __init__(self, hall: Hall) -> None:
        self.hall, self.cookie = hall, ""
        self.times: list[float] = []
        self.back: list[float] = []
        self.bytes = self.round = 0
        self.last = b""

    async def join(self) -> None:
        """Load the page of the hall, which gives the cookie."""
        reply = await ask(self.hall.url, "GET", self.hall.path)
        found = re.findall(rb"(?im)^set-cookie: ([^;]+)", reply.head)
        self.cookie = b"; ".join(found).decode()

    async def follow(self) -> None:
        """Listen for ever; come back when the stream breaks."""
        lost = 0.0
        while True:
            try:
                path = f"{self.hall.path}/stream"
                reader, writer = await request(self.hall.url, "GET", path, cookie=self.cookie)
                head = await reader.readuntil(b"\r\n\r\n")
                while b" 200 " in head:
                    event = await reader.readuntil(b"\n\n")
                    if lost and event.startswith(b"data"):
                        self.back.append(monotonic() - lost)
                        lost = 0.0
                    self._hear(event)
                writer.close()
            except (OSError, asyncio.IncompleteReadError):
                pass
            lost = lost or monotonic()
            await asyncio.sleep(AGAIN)

    def _hear(self, event: bytes) -> None:
        self.bytes += len(event)
        found, asked = SHOWN.search(event), ROUND.search(event)
        if found and found[1] != self.last:
            self.last = found[1]
            if b'"scene": "' in event and found[1] in self.hall.shown:
                self.times.append(1000 * (monotonic() - self.hall.shown[found[1]]))
        self.round = int(asked[1]) if asked else 0

    async def guess(self, guess: list[float], wait: float) -> bool:
        """Guess after a while, until it is heard; tell whether it was taken."""
        await asyncio.sleep(wait)
        body = {"round": self.round, "guess": guess}
        for _ in range(30):
            path = f"{self.hall.path}/guess"
            try:
                reply = await ask(self.hall.url, "POST", path, body, cookie=self.cookie)
            except OSError:
                reply = Reply(0, b"", b"")
            if reply.status in (200, 403, 422):
                return reply.status == 200
            await asyncio.sleep(AGAIN)
        return False


async def crowd_of(url: str, phones: int) -> tuple[Hall, list[Phone], list[asyncio.Task[None]]]:
    """Open a hall and let the phones join and follow."""
    reply = await ask(url, "POST", "/hall", {})
    if reply.status != 201:
        raise RuntimeError(f"no hall is opened: {reply.status} {reply.body[:200]!r}")
    opened = json.loads(reply.body)
    hall = Hall(url, opened["code"], opened["secret"])
    crowd = [Phone(hall) for _ in range(phones)]
    for first in range(0, phones, 20):
        await asyncio.gather(*(phone.join() for phone in crowd[first : first + 20]))
    tasks = [asyncio.create_task(phone.follow()) for phone in crowd]
    await _until(hall, lambda found: found["phones"] >= phones)
    return hall, crowd, tasks


async def _until(hall: Hall, enough: Any, seconds: float = 60) -> dict[str, Any]:
    found, end = None, monotonic() + seconds
    while not (found and enough(found)):
        if monotonic() > end:
            raise RuntimeError(f"still {found}")
        await asyncio.sleep(0.2)
        found = await hall.say("results")
    return found


async def drag(hall: Hall, crowd: list[Phone], seconds: float, base: str) -> tuple[Tally, int]:
    """Move a knob ten times a second; return what the phones saw, and how many moves there were."""
    for phone in crowd:
        phone.times, phone.bytes = [], 0
    moves, end = 0, monotonic() + seconds
    while monotonic() < end:
        began = monotonic()
        rate = RATES[moves % len(RATES)] * (1 + 1e-6 * moves)  # no answer is a former one
        await hall.show(f"{base}&gd_lr={rate:.9f}", held=True)
        moves += 1
        await asyncio.sleep(max(0.0, began + GAP - monotonic()))
    await asyncio.sleep(2)
    times = [t for phone in crowd for t in phone.times]
    return Tally(times, bytes=sum(phone.bytes for phone in crowd)), moves


async def vote(hall: Hall, crowd: list[Phone], base: str, kill: Any = None) -> dict[str, Any]:
    """Ask, let every phone guess twice in two seconds, and reveal; `kill` acts meanwhile."""
    await hall.show(base, held=False)
    await asyncio.sleep(1)
    name = next(q.id for q in questions(from_query(Race, base)) if q.kind == "point")
    asked = await hall.say("ask", {"question": name})
    await asyncio.sleep(2)
    question, n = asked["question"], len(crowd)
    middle = [(a + b) / 2 for a, b in zip(question["low"], question["high"], strict=True)]
    began = monotonic()
    waits = [[2 * i / n, 2 * ((i + n / 2) % n) / n] for i in range(n)]
    tries = [p.guess(middle, w) for p, two in zip(crowd, waits, strict=True) for w in two]
    if kill:
        asyncio.get_running_loop().call_later(1.0, kill)
    taken = await asyncio.gather(*tries)
    took = monotonic() - began
    told = None
    while told is None:
        told = await hall.say("reveal", {}) or await hall.say("results")
    return {"taken": sum(taken), "of": len(taken), "s": took, "counted": len(told["guesses"])}


async def measure(servers: Servers, at: argparse.Namespace) -> None:
    """Let a hall follow, guess, and lose a replica; print what it met."""
    base = race_visit(servers.url).live.partition("?")[2]
    hall, crowd, tasks = await crowd_of(servers.url, at.phones)
    await hall.show(base, held=False)
    await asyncio.sleep(2)
    before = usage(servers.pids()).cpu
    tally, moves = await drag(hall, crowd, at.seconds, base)
    spent = usage(servers.pids()).cpu - before
    print(table([Row("a phone: from the lecturer's move to its picture", tally, spent)]))
    seen, each = len(tally.times) / len(crowd), tally.bytes / max(1, len(tally.times)) / 1000
    print(
        f"\n{moves} moves in {at.seconds:g} s, {moves / at.seconds:.1f} a second; a phone "
        f"saw {seen:.1f} of them, {each:.1f} kB each; "
        f"servers at {100 * spent / at.seconds:.0f} % of a core, load {load()}."
    )
    found = await vote(hall, crowd, base)
    print("{taken} of {of} guesses taken in {s:.1f} s, {counted} counted.".format(**found))
    if at.replicas > 1:
        for phone in crowd:
            phone.back = []
        dead = servers.pids()[0]
        found = await vote(hall, crowd, f"{base}&x0=0.5", lambda: os.kill(dead, signal.SIGKILL))
        back = sorted(t for phone in crowd for t in phone.back) or [0.0]
        words = "a replica killed meanwhile: {taken} of {of} guesses taken, {counted} counted; "
        print(words.format(**found) + f"{len(back)} phones were back within {back[-1]:.1f} s.")
    for task in tasks:
        task.cancel()
    await hall.say("close", {})


def main() -> None:
    """Measure one process, or replicas behind nginx."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load_hall", description=__doc__)
    add = parser.add_argument
    add("--phones", type=int, default=100, help="100 by default; 1500 at most")
    add("--seconds", type=float, default=20.0, help="how long the lecturer drags")
    add("--replicas", type=int, default=0, help="nginx and so many replicas; one uvicorn without")
    add("--url", help="a server that runs on this machine; without, one is started")
    at = parser.parse_args()
    if not (0 < at.phones <= 1500 and 0 < at.seconds <= 600):
        parser.error("at most 1500 phones and 600 seconds")
    end_in_order()
    print(f"{machine()}.\n{at.phones} phones.\n", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if at.url:
            ours = use_running(check_loopback(at.url).rstrip("/"), [])
        else:
            ours = (
                serve_replicas(at.replicas, folder) if at.replicas else serve_app("gdviz", folder)
            )
        with ours as servers:
            asyncio.run(measure(servers, at))


if __name__ == "__main__":
    main()
