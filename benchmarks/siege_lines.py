"""What one hostile address does with its connections: odd frames, many tabs, answers not read."""

import asyncio
import os
import resource
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from benchmarks.load_visitor import BROKEN, Visitor
from benchmarks.siege_attacks import ADDRESS, Target, at_once, request

LISTENERS = 1990  # the connections that one address may have are 2,000
PLOTLY = "/assets/plotly.min.js"  # 4.6 MB for who takes no packed answers
RANGES = ",".join(f"{i}-{i}" for i in range(2000))
ODD = {
    "text": b"\x81\x85" + bytes(4) + b"hello",
    "reserved kind": b"\x83\x80" + bytes(4),
    "reserved bits": b"\xf2\x80" + bytes(4),
    "without a mask": b"\x82\x05hello",
    "of 8 EB": b"\x82\xff" + b"\x7f" + b"\xff" * 7 + bytes(4),
    "a long ping": b"\x89\xfe\x10\x00" + bytes(4) + bytes(4096),
    "no close code": b"\x88\x81" + bytes(4) + b"\x03",
    "an orphan": b"\x80\x85" + bytes(4) + b"hello",
}


async def deaf(target: Target, path: str, more: str = "\r\n") -> socket.socket:
    """Ask for a path by a socket that takes next to nothing."""
    at, line = urlsplit(target.url), socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    line.setblocking(False)
    line.bind((ADDRESS, 0))
    loop = asyncio.get_running_loop()
    with suppress(*BROKEN):
        await asyncio.wait_for(loop.sock_connect(line, (at.hostname, at.port)), 5)
        await loop.sock_sendall(line, request(target.url, path, more))
    return line


def allow_many() -> None:
    """Let this process open as many connections as the system allows."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def unread(target: Target) -> None:
    """Ask for long answers, whole and in many ranges, on 1,990 connections, and read nothing."""
    allow_many()
    held: list[socket.socket] = []

    async def ask(i: int) -> None:
        if len(held) >= LISTENERS:
            return await asyncio.sleep(0.2)
        more = f"Range: bytes={RANGES}\r\n\r\n" if i % 2 else "\r\n"
        held.append(await deaf(target, f"{PLOTLY}?{len(held)}", more))
        target.met["held"] += 1
        return None

    await at_once(target, 20, ask)
    for line in held:
        line.close()


async def pipelined(target: Target) -> None:
    """Ask for five hundred small things in one packet, on fifty connections."""
    packet = request(target.url, "/_stcore/health") * 250 + request(target.url, "/nope") * 250

    async def ask(i: int) -> None:
        reader, writer = await target.line()
        try:
            writer.write(packet)
            while len(await asyncio.wait_for(reader.read(65_536), 20)) and not target.over():
                target.met["read"] += 1
        finally:
            writer.close()

    await at_once(target, 50, ask)


async def odd_frames(target: Target) -> None:
    """Send frames that no browser sends."""
    kinds = list(ODD)

    async def send(i: int) -> None:
        visitor = target.visitor("home")
        await visitor._connect()
        wire = visitor.wire.transport  # type: ignore[union-attr]
        kind = kinds[(target.met.total() + i) % len(kinds)]
        with suppress(*BROKEN, TimeoutError):
            wire.write(ODD[kind] + os.urandom(200))
            await asyncio.wait_for(visitor.wire.wait_closed(), 5)  # type: ignore[union-attr]
            target.met[f"{kind}: closed"] += 1
        wire.abort()

    await at_once(target, 8, send)


async def tabs(target: Target) -> None:
    """Open tab after tab of one browser, each of which runs its page, and keep them all."""
    kept: list[Visitor] = []
    first = target.visitor("race")
    await first.fetch("/race")

    async def come(i: int) -> None:
        one = target.visitor("race")
        one.cookie = first.cookie
        await one._connect()
        await one.wire.send(one._message(first=True))  # type: ignore[union-attr]
        kept.append(one)
        target.met["opened"] += 1

    await at_once(target, 20, come)
    await asyncio.gather(*(one.close() for one in kept), return_exceptions=True)


ATTACKS = {attack.__name__: attack for attack in (unread, pipelined, odd_frames, tabs)}
