"""Connections are let in a few in a turn of the loop, and addresses in turn."""

import asyncio
import errno
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gdviz.server import door
from gdviz.server.door import LET_IN, OF_PROXIES, TAKEN, Door, DoorLoop

linux = pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux has addresses to spare")


def in_door_loop(act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    def run() -> None:
        with asyncio.Runner(loop_factory=DoorLoop) as runner:
            runner.run(act())

    with ThreadPoolExecutor(1) as thread:
        thread.submit(run).result()


class Guests:
    """The connections that were let in: from where, and in which turn of the loop."""

    def __init__(self) -> None:
        self.came: list[tuple[str, int]] = []
        self.turn = 0

    def __call__(self) -> asyncio.Protocol:
        guests = self

        class Guest(asyncio.Protocol):
            def connection_made(self, transport: Any) -> None:
                guests.came.append((transport.get_extra_info("peername")[0], guests.turn))
                transport.write(b"welcome")
                transport.close()

        return Guest()

    async def until(self, number: int) -> None:
        async with asyncio.timeout(30):
            while len(self.came) < number:
                await asyncio.sleep(0)
                self.turn += 1


def line_to(where: Any, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(where, 10, (source, 0))


@linux
def test_a_few_are_let_in_in_a_turn_and_a_newcomer_passes_the_queue_of_another_address() -> None:
    guests = Guests()

    async def act() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(guests, host="127.0.0.1", port=0, backlog=200)
        where = server.sockets[0].getsockname()
        lines = [line_to(where, "127.0.0.2") for _ in range(TAKEN - 1)]
        lines.append(line_to(where, "127.0.0.3"))
        await guests.until(TAKEN)
        server.close()
        await server.wait_closed()
        for line in lines:
            with line:
                assert line.recv(100) == b"welcome"
        with pytest.raises(OSError):
            line_to(where)

    in_door_loop(act)
    turns = [turn for _, turn in guests.came]
    assert max(turns.count(turn) for turn in turns) <= LET_IN < len(turns)
    assert [host for host, _ in guests.came].index("127.0.0.3") < LET_IN


@linux
def test_of_a_proxy_more_are_let_in_for_they_are_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "127.0.0.4,10.0.0.0/8")
    guests = Guests()

    async def act() -> None:
        server = await asyncio.get_running_loop().create_server(guests, host="127.0.0.1", port=0)
        where = server.sockets[0].getsockname()
        own = [line_to(where, "127.0.0.2") for _ in range(3 * LET_IN)]
        proxied = [line_to(where, "127.0.0.4") for _ in range(OF_PROXIES // 2)]
        proxied += [line_to(where) for _ in range(OF_PROXIES // 2)]  # one on this machine is always
        await guests.until(len(own + proxied))
        server.close()
        for line in own + proxied:
            line.close()

    in_door_loop(act)
    turns = {host: {t for h, t in guests.came if h == host} for host, _ in guests.came}
    assert len(turns["127.0.0.4"]) == len(turns["127.0.0.1"]) == 1 < len(turns["127.0.0.2"]) == 3


@linux
def test_who_waits_when_the_door_is_closed_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "WAITING", 12)

    async def act() -> None:
        guests, listens = Guests(), socket.create_server(("127.0.0.1", 0))
        listens.setblocking(False)
        closed = Door(asyncio.get_running_loop(), listens, guests)
        lines = [line_to(listens.getsockname(), "127.0.0.2") for _ in range(13)]
        closed._take()
        assert lines[-1].recv(1) == b"", "more than may wait"
        closed.close()
        await guests.until(LET_IN)
        assert [line.recv(100) for line in lines].count(b"welcome") == LET_IN
        assert len(guests.came) == LET_IN

    in_door_loop(act)


def test_a_door_without_files_to_open_rests_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "REST", 0.0)

    class Full(socket.socket):
        refused = 0

        def accept(self) -> Any:
            if not Full.refused:
                Full.refused += 1
                raise OSError(errno.EMFILE, "too many open files")
            return super().accept()

    async def act() -> None:
        guests, listens = Guests(), Full()
        listens.bind(("127.0.0.1", 0))
        listens.listen()
        listens.setblocking(False)
        opened = Door(asyncio.get_running_loop(), listens, guests)
        opened.open()
        with line_to(listens.getsockname()):
            await guests.until(1)
        opened.close()

    in_door_loop(act)
    assert Full.refused == 1
