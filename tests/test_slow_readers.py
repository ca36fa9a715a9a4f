"""Who asks and does not read: little of the answer is kept, and then the reader is cut off."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from asgi import in_loop, scope
from starlette.responses import Response, StreamingResponse

from gdviz.server import connections
from gdviz.server.connections import GONE, PART, PARTS, Connection, InParts

LONG = bytes(range(256)) * 10_000
KEPT = 3 * 65_536  # what asyncio keeps of a stream before it says stop, and a part or two


class Watched(Connection):
    """A connection that is remembered."""

    all: list[Connection] = []  # noqa: RUF012
    ends: list[Callable[[], bool]] = []  # noqa: RUF012

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.all.append(self)


async def app(of: Any, receive: Any, send: Any) -> None:
    """Answer at once, or with one long message of a stream after the other."""
    Watched.ends.append(of[GONE])
    if of["path"] == "/whole":
        await Response(LONG)(of, receive, send)
    else:
        await StreamingResponse(iter([LONG, LONG]))(of, receive, send)


def line_to(port: int, path: str) -> socket.socket:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", port))
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    return line


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.01)


def test_who_reads_nothing_is_kept_little_for_and_cut_off_and_who_reads_gets_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "READING", 0.5)
    monkeypatch.setattr(Watched, "all", [])
    monkeypatch.setattr(Watched, "ends", [])

    async def act() -> None:
        config = uvicorn.Config(InParts(app), http=Watched, lifespan="off", log_level="critical")
        server, door = uvicorn.Server(config), socket.create_server(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve([door]))
        port = door.getsockname()[1]
        await until(lambda: server.started)
        deaf = [line_to(port, path) for path in ("/whole", "/parts")]
        await until(lambda: len([one for one in Watched.all if one.flow.write_paused]) == 2)
        kept = [one.transport.get_write_buffer_size() for one in Watched.all]
        assert all(PART < size < KEPT for size in kept), kept
        await until(lambda: not connections._open)
        for path, times in (("/whole", 1), ("/parts", 2)):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            assert (await reader.read()).count(bytes(range(256))) >= 0.9 * times * 10_000
            writer.close()
        assert [gone() for gone in Watched.ends] == [True] * 4
        for line in deaf:
            line.close()
        server.should_exit = True
        await serving

    in_loop(act())


def test_an_answer_in_parts_is_the_same_answer() -> None:
    heard: list[Any] = []

    async def send(message: Any) -> None:
        heard.append(message)

    async def act() -> None:
        for body in (b"", b"x", LONG[:PART], LONG[: PART + 1], LONG):
            heard.clear()
            await InParts(Response(body))(scope(), None, send)  # type: ignore[arg-type]
            start, *parts = heard
            assert dict(start["headers"])[b"content-length"] == str(len(body)).encode()
            assert b"".join(part["body"] for part in parts) == body
            ends = [part.get("more_body", False) for part in parts]
            assert ends == [True] * (len(parts) - 1) + [False]
            assert all(len(part["body"]) <= PART for part in parts)

    in_loop(act())


def test_who_has_left_is_sent_no_more_and_others_wait_for_a_few_parts_of_an_address() -> None:
    heard: list[Any] = []

    async def send(message: Any) -> None:
        heard.append(message)

    async def act() -> None:
        of = scope() | {GONE: lambda: len(heard) > 2 * PARTS}
        task = asyncio.create_task(InParts(Response(LONG))(of, None, send))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        assert len(heard) == 1 + PARTS, "the head and what may be sent in a turn"
        await task
        assert len(heard) == 2 * PARTS + 1 < len(LONG) / PART

    in_loop(act())
