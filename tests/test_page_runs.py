"""Of one address a few runs are begun at once; those of others do not wait for them."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgi import MESSAGE, in_loop, scope
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from gdviz.server import page_runs
from gdviz.server.page_runs import AT_ONCE
from gdviz.server.websockets import Streams

RUN = BackMsg()
RUN.rerun_script.query_string = "a=1"
OVER = ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
AGAIN = ForwardMsg(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN)


class Pages:
    """An app whose websockets ask for a run each, and which of them were heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.sends: dict[str, Callable[[MESSAGE], Any]] = {}
        self.guard, self.tasks = Streams(self._page), list[asyncio.Task[None]]()

    async def _page(self, scope: Any, receive: Any, send: Any) -> None:
        self.sends[scope["path"]] = send
        while True:
            await receive()
            self.heard.append(scope["path"])

    def come(self, name: str, host: str, asks: int = 1) -> None:
        says = [{"type": "websocket.receive", "bytes": RUN.SerializeToString()}] * asks

        async def receive() -> MESSAGE:
            return says.pop() if says else await asyncio.Event().wait()  # type: ignore[return-value]

        async def send(message: MESSAGE) -> None:
            pass

        of = scope(name, kind="websocket", host=host)
        self.tasks.append(asyncio.create_task(self.guard(of, receive, send)))

    async def tell(self, name: str, news: ForwardMsg) -> None:
        await self.sends[name]({"type": "websocket.send", "bytes": news.SerializeToString()})
        await rest()


async def rest() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def crowd(more: int) -> Pages:
    pages = Pages()
    for i in range(AT_ONCE + more):
        pages.come(f"/{i}", "10.0.0.1")
    await rest()
    return pages


def test_a_newcomer_passes_the_runs_of_another_address_and_the_end_of_one_begins_the_next() -> None:
    async def act() -> None:
        pages = await crowd(2)
        begun = [f"/{i}" for i in range(AT_ONCE)]
        assert pages.heard == begun
        pages.come("/new", "10.0.0.2", asks=3)
        await rest()
        assert pages.heard == [*begun, "/new", "/new", "/new"], "who runs may be asked for more"
        await pages.tell("/0", AGAIN)
        assert pages.heard[-1] == "/new", "the run goes on with what was asked last"
        await pages.tell("/0", OVER)
        await pages.tell("/0", OVER)
        assert pages.heard[-1] == f"/{AT_ONCE}" and len(pages.heard) == AT_ONCE + 4

    in_loop(act())


def test_a_run_that_takes_long_counts_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_runs, "PATIENCE", 0.01)

    async def act() -> None:
        pages = await crowd(2 * AT_ONCE)
        async with asyncio.timeout(10):
            while len(pages.heard) < 3 * AT_ONCE:
                await asyncio.sleep(0.01)

    in_loop(act())
