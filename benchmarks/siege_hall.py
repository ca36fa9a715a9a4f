"""What one hostile address does to the halls: floods, forgeries, and streams that nobody reads."""

import asyncio
import json
import random
import re
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

from benchmarks.load_visitor import BROKEN
from benchmarks.siege_attacks import ALL, FUNCTIONS, Target, at_once, request
from benchmarks.siege_lines import LISTENERS, allow_many, deaf
from gdviz.server.hall.hall import LENGTH, SIGNS

DEAR = f"methods={ALL}&steps=2000&stop=none&surface=typed&formula="
HUGE = json.dumps({"page": "race", "query": "x" * 60_000}).encode()
DEEP = b'{"guess": ' + b"[" * 900 + b"]" * 900 + b"}"


async def say(target: Target, path: str, body: bytes = b"", **headers: str) -> tuple[str, bytes]:
    """Say something on a connection of its own; return the status and the whole answer."""
    reader, writer = await target.line()
    try:
        lines = {"Content-Length": str(len(body)), "Connection": "close", **headers}
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
        writer.write(request(target.url, path, end=f"{head}\r\n").replace(b"GET", b"POST", 1))
        writer.write(body)
        whole = await asyncio.wait_for(reader.read(), 20)
    except BROKEN as error:
        return type(error).__name__, b""
    finally:
        writer.close()
    return (whole.split(maxsplit=2) or [b"", b"closed"])[1].decode(), whole


async def join(target: Target, path: str) -> str:
    """Load the page of a hall as a new phone does; return its cookie."""
    reader, writer = await target.line()
    try:
        writer.write(request(target.url, path, end="Connection: close\r\n\r\n"))
        whole = await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()
    found = re.search(rb"(?im)^set-cookie: (gdviz_hall=[^;]+)", whole)
    return found[1].decode() if found else ""


class OwnHall:
    """A hall that the attacker has opened: where it is, and the secret that steers it."""

    def __init__(self, target: Target, opened: dict[str, Any]) -> None:
        self.target = target
        self.path = urlsplit(opened["link"]).path
        self.secret = opened["secret"]

    async def tell(self, name: str, said: Any) -> str:
        """Say something as its lecturer; return the status."""
        body = json.dumps(said).encode()
        status, _ = await say(self.target, f"{self.path}/{name}", body, X_Hall_Secret=self.secret)
        return status

    async def ask(self) -> None:
        """Show a page, and ask where its run ends."""
        await self.tell("steer", {"page": "descent", "query": "steps=20&lr=0.1"})
        self.target.met[f"asked {await self.tell('ask', {'question': 'end gd'})}"] += 1


async def open_hall(target: Target) -> OwnHall | None:
    """Open a hall, None if that is refused."""
    status, whole = await say(target, "/hall", b"{}")
    target.met[f"opened {status}"] += 1
    return OwnHall(target, json.loads(whole.partition(b"\r\n\r\n")[2])) if status == "201" else None


async def hall_opens(target: Target) -> None:
    """Open halls without end, and let each show the dearest runs that nobody has asked for."""
    own: list[OwnHall] = []
    chance = random.Random(0)

    async def steer(i: int) -> None:
        if i >= len(own):
            if hall := await open_hall(target):
                own.append(hall)
                asyncio.ensure_future(_listen(target, hall.path))
            return await asyncio.sleep(0.05)
        a, b = chance.choice(FUNCTIONS), chance.choice(FUNCTIONS)
        said = {"page": "race", "query": DEAR + quote(f"{a}(x)*{b}(y)+x**2+{chance.random()}*y**2")}
        target.met[f"steered {await own[i].tell('steer', said | {'held': bool(i % 2)})}"] += 1
        target.met[f"asked {await own[i].tell('ask', {'question': 'end adam'})}"] += 1
        return None

    await at_once(target, 30, steer)


async def _listen(target: Target, path: str) -> None:
    """Listen to a stream until the end."""
    with suppress(*BROKEN):
        reader, writer = await target.line()
        writer.write(request(target.url, f"{path}/stream"))
        while not target.over() and await asyncio.wait_for(reader.read(65_536), 30):
            pass
        writer.close()


async def hall_streams(target: Target) -> None:
    """Hold the streams of a hall open, read nothing, and show large pictures meanwhile."""
    hall = await open_hall(target)
    if hall is None:
        return
    allow_many()
    held = [await deaf(target, f"{hall.path}/stream") for _ in range(LISTENERS)]
    target.end = max(target.end, monotonic() + 5)
    i = 0
    while not target.over():
        said = {"page": "mcmc", "query": f"chains=8&draws=20000&seed={i}"}
        target.met[f"steered {await hall.tell('steer', said)}"] += 1
        i += 1
    for one in held:
        one.close()
    target.met["held"] += len(held)


async def hall_joins(target: Target) -> None:
    """Join a hall as a hundred thousand phones, which guess once each."""
    hall = await open_hall(target)
    if hall is None:
        return
    await hall.ask()

    async def vote(i: int) -> None:
        cookie = await join(target, hall.path)
        status, _ = await say(target, f"{hall.path}/guess", GUESS, Cookie=cookie)
        target.met[f"guessed {status}"] += 1

    await at_once(target, 60, vote)


GUESS = b'{"round": 1, "guess": [0.0]}'


async def hall_guesses(target: Target) -> None:
    """Guess without end: one phone often, phones that were never given a token, long bodies."""
    hall = await open_hall(target)
    if hall is None:
        return
    await hall.ask()
    cookie = await join(target, hall.path)
    forged = f"gdviz_hall={'0' * 32}.{'f' * 32}"
    kinds: list[Callable[[], Any]] = [
        lambda: say(target, f"{hall.path}/guess", GUESS, Cookie=cookie),
        lambda: say(target, f"{hall.path}/guess", GUESS, Cookie=forged),
        lambda: say(target, f"{hall.path}/guess", DEEP, Cookie=cookie),
        lambda: say(target, f"{hall.path}/guess", HUGE, Cookie=cookie),
        lambda: say(target, f"{hall.path}/steer", HUGE, X_Hall_Secret=hall.secret),
        lambda: say(target, f"{hall.path}/guess", GUESS, Content_Encoding="gzip", Cookie=cookie),
    ]

    async def guess(i: int) -> None:
        status, _ = await kinds[i % len(kinds)]()
        target.met[f"{i % len(kinds)}: {status}"] += 1

    await at_once(target, 60, guess)


async def hall_codes(target: Target) -> None:
    """Try codes and secrets, and paths that are no codes."""
    hall = await open_hall(target)
    chance = random.Random(0)
    odd = ("..%2f..%2fetc%2fpasswd", "%00", "%E2%80%AE", "A" * 3000, "....//", "%2e%2e/now")

    async def guess(i: int) -> None:
        if i % 3 == 0 and hall:
            status, _ = await say(target, f"{hall.path}/reveal", b"{}", X_Hall_Secret="x" * 32)
            target.met[f"secret {status}"] += 1
        elif i % 3 == 1:
            await target.get(f"/hall/{odd[i % len(odd)]}/stream")
        else:
            code = "".join(chance.choice(SIGNS) for _ in range(LENGTH))
            await target.get(f"/hall/{code}/now")

    await at_once(target, 60, guess)


ATTACKS = {
    attack.__name__: attack
    for attack in (hall_opens, hall_streams, hall_joins, hall_guesses, hall_codes)
}
