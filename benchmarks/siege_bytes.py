"""What one hostile address does with few bytes that are dear to read: frames, cookies."""

import asyncio
import os
from contextlib import suppress

from benchmarks.load_visitor import BROKEN
from benchmarks.siege_attacks import Target, at_once, request

PING, CONTINUATION, BINARY = 0x89, 0x00, 0x02


def empty_frames(first: int, number: int) -> bytes:
    """Return so many frames of a browser without content."""
    return b"".join(bytes([first, 0x80]) + os.urandom(4) for _ in range(number))


async def frames(target: Target) -> None:
    """Send pings, and messages of endless empty pieces, as fast as they are taken."""
    pings, pieces = empty_frames(PING, 40_000), empty_frames(CONTINUATION, 40_000)

    async def flood(i: int) -> None:
        visitor = target.visitor("home")
        await visitor._connect()
        wire = visitor.wire.transport  # type: ignore[union-attr]
        if i % 2:
            wire.write(empty_frames(BINARY, 1))
        with suppress(*BROKEN, TimeoutError):
            wire.write(pieces if i % 2 else pings)
            await asyncio.wait_for(visitor.wire.wait_closed(), 5)  # type: ignore[union-attr]
            target.met["closed"] += 1
        wire.abort()

    await at_once(target, 8, flood)


async def cookies(target: Target) -> None:
    """Send cookies full of backslashes, within the bound of headers."""
    line = 'Cookie: _streamlit_xsrf="' + "\\1" * 7_000 + '"\r\n\r\n'

    async def ask(i: int) -> None:
        reader, writer = await target.line()
        try:
            writer.write(request(target.url, "/_stcore/health", line))
            first = await asyncio.wait_for(reader.readline(), 20)
            target.met[(first.split() or [b"", b"closed"])[1].decode()] += 1
        finally:
            writer.close()

    await at_once(target, 20, ask)
