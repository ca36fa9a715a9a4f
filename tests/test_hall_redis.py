"""A hall that two processes share through a real Redis, which dies and comes back."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from asgi import in_loop
from browser import free_port
from starlette.applications import Starlette
from test_hall import SHOWN, Client, Stage, asking, at_once, middle, next_news, staged

from gdviz.server.hall.hall import HallState, new_hall
from gdviz.server.hall.redis_store import RedisStore
from gdviz.server.hall.routes import HallRoutes

PROGRAM = shutil.which("redis-server")


class Redis:
    """A real redis-server, which a test may end and start again; nothing is written to disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.stores: list[RedisStore] = []

    def start(self) -> None:
        flags = f"--port {self.port} --bind 127.0.0.1 --appendonly no --dir {self.folder}".split()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(PROGRAM), *flags, "--save", ""], stdout=log, stderr=log
            )

    def end(self) -> None:
        self.process.kill()
        self.process.wait()

    def store(self) -> RedisStore:
        self.stores.append(RedisStore(self.url))
        return self.stores[-1]

    def asked(self, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run what a test does; its connections end with its loop, not when they are collected."""

        async def whole() -> None:
            try:
                await act()
            finally:
                while self.stores:
                    store = self.stores.pop()
                    if task := store._listening:
                        task.cancel()
                        await asyncio.wait([task])
                    await store._redis.aclose(close_connection_pool=True)

        in_loop(whole())


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    if PROGRAM is None:
        pytest.skip("no redis-server here: python scripts/tools.py redis-server installs it")
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.end()


async def answering(redis: Redis) -> RedisStore:
    """Return a store once Redis answers."""
    store, end = redis.store(), time.monotonic() + 30
    while time.monotonic() < end:
        try:
            await store.find("00000000")
            return store
        except Exception:  # it starts
            await asyncio.sleep(0.05)
    raise RuntimeError((redis.folder / "log").read_text())


async def both(redis: Redis) -> tuple[Stage, Stage]:
    """Return a hall, and the same as another process has it."""
    one = await staged(await answering(redis))
    other = HallRoutes(redis.store(), at_once)
    return one, one._replace(app=Starlette(routes=other.routes()), routes=other)


def test_phones_of_another_process_follow_guess_and_are_counted_once(redis: Redis) -> None:
    async def act() -> None:
        one, other = await both(redis)
        code = one.lecturer.code
        async with aclosing(other.routes.halls.follow(code, "")) as stream:
            assert (await next_news(stream))["n"] == 0
            state = await asking(one)
            while (news := await next_news(stream))["phase"] != "asking":
                assert news["page"] == SHOWN["page"]
            assert news["question"] == state["question"]
            phones = [await stage.phone() for stage in (one, other, other)]
            for phone in phones * 2:
                told = await phone.own("guess", {"round": 1, "guess": middle(state)})
                assert told.status == 200
            there = (await one.lecturer.own("results")).said
            assert there["answered"] == 3 and "guesses" not in there
            phones[0].app = other.app  # its replica has died, and another answers
            assert (
                await phones[0].own("guess", {"round": 1, "guess": middle(state)})
            ).status == 200
            told = (await one.lecturer.own("reveal", {})).said
            assert told["guesses"] == 3 * [middle(state)] and told["phones"] == 1
            late = await phones[1].own("guess", {"round": 1, "guess": middle(state)})
            assert late.status == 422
            while not (news := await next_news(stream)).get("told"):
                pass
            assert news["told"]["counts"] == told["told"]["counts"]
            assert (await one.lecturer.own("close", {})).status == 200
            while "closed" not in (news := await next_news(stream)):
                pass

    redis.asked(act)


def test_keys_end_by_themselves_and_a_closed_hall_stays_closed(redis: Redis) -> None:
    async def act() -> None:
        store = await answering(redis)
        hall, _ = new_hall()
        assert await store.create(hall) and not await store.create(hall)
        assert await store.find(hall.code) == hall
        await store.put_state(hall.code, HallState(n=1, phase="asking", round=7))
        assert await store.put_guess(hall.code, 7, "a", (0.5, 1e-9))
        assert not await store.put_guess(hall.code, 6, "b", (1.0,))
        assert await store.guesses(hall.code, 7) == [(0.5, 1e-9)]
        keys = [key async for key in store._redis.scan_iter(f"gdviz:hall:{hall.code}*")]
        lives = [await store._redis.ttl(key) for key in keys]
        assert len(keys) == 2 and all(0 < life <= 600 for life in lives)
        await store._redis.expire(keys[0], 5)
        await store.keep(hall.code)
        assert await store._redis.ttl(keys[0]) > 500
        await store.close(hall.code)
        await store.put_state(hall.code, HallState(n=2))
        assert await store.find(hall.code) is None

    redis.asked(act)


def test_redis_dies_the_hall_says_so_and_comes_back_by_itself(redis: Redis) -> None:
    async def act() -> None:
        one, other = await both(redis)
        code, closed = one.lecturer.code, (await both(redis))[0].lecturer
        async with aclosing(one.routes.halls.follow(code, "")) as stream:
            assert (await next_news(stream))["n"] == 0
            state, phone = await asking(one), await other.phone()
            while (await next_news(stream))["phase"] != "asking":
                pass
            closed.app = one.app
            assert (await closed.own("results")).status == 200
            closed.app = other.app
            assert (await closed.own("close", {})).status == 200
            guess = {"round": 1, "guess": middle(state)}
            assert (await phone.own("guess", guess)).status == 200
            assert (await one.lecturer.own("results")).said["answered"] == 1
            redis.end()
            while "trouble" not in (news := await next_news(stream)):
                pass
            assert "comes back by itself" in news["trouble"]
            refused = await one.lecturer.own("steer", SHOWN)
            assert refused.status == 424 and "cannot be reached" in refused.said["words"]
            redis.start()
            await answering(redis)
            # It has forgotten everything, as one without a disk does: it is told again.
            while "trouble" in (news := await next_news(stream)):
                pass
            assert (news["page"], news["round"], news["phase"]) == ("descent", 1, "asking")
            while (answer := await phone.own("guess", guess)).status == 424:
                pass  # by a connection that broke while nobody used it
            assert answer.status == 200, "with the same token"
            told = (await one.lecturer.own("reveal", {})).said
            assert told["guesses"] == [middle(state)]
            assert (await closed.own("results")).status == 404, "what was closed stays closed"
            assert (await Client(one.app).ask("/hall", {})).status == 201

    redis.asked(act)
