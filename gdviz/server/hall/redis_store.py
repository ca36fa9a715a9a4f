"""Halls that several processes share: in Redis, whose keys end by themselves.

Of a hall there are three keys: what it is (`gdviz:hall:CODE`), the guesses of its present question
(`...:guesses:ROUND`), and how many phones follow in each process (`...:phones`). What must not be
torn apart is done by a script in Redis. A change is published, and every process listens.

A Redis that comes back without its memory is told again by the processes which halls there are; of
the guesses the phones tell it.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cachetools import TTLCache
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from gdviz.catalogue.question import Guess
from gdviz.server.hall.hall import ASKING, Hall, HallState, from_text, to_text
from gdviz.server.hall.store import LIFE, MOST_GUESSES, MOST_HALLS, StoreGone

CHANNEL, ALL, MARK = "gdviz:told", "gdviz:halls", "gdviz:mark"
PATIENCE = 2.0  # seconds for an answer
AGAIN = 1.0  # seconds until a lost connection is sought again
RECENT = 30.0  # seconds; a process that was not heard of for so long has no phones
_CREATE = """
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[1])
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then
  return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[1] + ARGV[2], ARGV[4])
return 1"""
_PUT_STATE = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'phase', ARGV[2], 'round', ARGV[3])
redis.call('PUBLISH', KEYS[2], ARGV[4])
return 1"""
_PUT_GUESS = """
local hall = redis.call('HMGET', KEYS[1], 'phase', 'round')
if hall[1] ~= ARGV[1] or hall[2] ~= ARGV[2] then return 0 end
if redis.call('HEXISTS', KEYS[2], ARGV[3]) == 0
  and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[5]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[6])
return 1"""


class RedisStore:
    """The halls of all processes that know the same Redis."""

    def __init__(self, url: str) -> None:
        given: dict[str, Any] = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
        pool = BlockingConnectionPool.from_url(
            url, max_connections=32, timeout=PATIENCE, decode_responses=True, **given
        )
        self._redis: Any = Redis(connection_pool=pool)  # its types do not know that it answers text
        self._changed: Callable[[str], None] = lambda code: None
        self._listening: asyncio.Task[None] | None = None
        self._mark = ""  # of the memory of Redis
        self._seen: TTLCache[str, Hall] = TTLCache(MOST_HALLS, LIFE)  # as they were found last

    def listen(self, changed: Callable[[str], None]) -> None:
        """Call `changed(code)` after each change, wherever it was made."""
        self._changed = changed

    async def create(self, hall: Hall) -> bool:
        """Keep a new hall; False if there is no room."""
        state, now = hall.state, int(time.time())
        fields = {"lock": hall.lock, "key": hall.key, "state": to_text(state)}
        fields |= {"phase": state.phase, "round": str(state.round)}
        pairs = [part for pair in fields.items() for part in pair]
        args = [now, int(LIFE), MOST_HALLS, hall.code, *pairs]
        with _answers():
            return bool(await self._redis.eval(_CREATE, 2, _key(hall.code), ALL, *args))

    async def find(self, code: str) -> Hall | None:
        """Return a hall, None if it is closed."""
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        with _answers():
            if (mark := await self._redis.get(MARK)) != self._mark or mark is None:
                await self._tell_again()
            lock, key, state = await self._redis.hmget(_key(code), "lock", "key", "state")
        if not (lock and key and state):
            self._seen.pop(code, None)
            return None
        self._seen[code] = Hall(code, lock, key, from_text(state))
        return self._seen[code]

    async def _tell_again(self) -> None:
        """Tell a Redis that has lost its memory which halls there were; of others take the mark."""
        await self._redis.set(MARK, secrets.token_hex(8), nx=True)
        before, self._mark = self._mark, await self._redis.get(MARK)
        for hall in list(self._seen.values()) if before else []:
            await self.create(hall)

    async def put_state(self, code: str, state: HallState) -> None:
        """Change what the phones of a hall are told."""
        args = [to_text(state), state.phase, str(state.round), code]
        with _answers():
            await self._redis.eval(_PUT_STATE, 2, _key(code), CHANNEL, *args)
        await self.keep(code)

    async def put_guess(self, code: str, question: int, token: str, guess: Guess) -> bool:
        """Keep the guess of a phone, its latest only; False if this question is closed, or full."""
        keys = (_key(code), _guesses(code, question))
        args = [ASKING, str(question), token, json.dumps(guess), MOST_GUESSES, int(LIFE)]
        with _answers():
            return bool(await self._redis.eval(_PUT_GUESS, 2, *keys, *args))

    async def guesses(self, code: str, question: int) -> list[Guess]:
        """Return the guesses of a question, one of each phone."""
        with _answers():
            texts = await self._redis.hvals(_guesses(code, question))
        return [tuple(json.loads(text)) for text in texts]

    async def answered(self, code: str, question: int) -> int:
        """Return how many phones have guessed."""
        with _answers():
            return int(await self._redis.hlen(_guesses(code, question)))

    async def keep(self, code: str) -> None:
        """Let a hall live on: its lecturer is there."""
        with _answers():
            question = await self._redis.hget(_key(code), "round")
            for key in (_key(code), _guesses(code, question)):
                await self._redis.expire(key, int(LIFE))
            await self._redis.zadd(ALL, {code: int(time.time() + LIFE)}, xx=True)

    async def close(self, code: str) -> None:
        """Forget a hall."""
        with _answers():
            await self._redis.delete(_key(code), f"{_key(code)}:phones")
            await self._redis.zrem(ALL, code)
            await self._redis.publish(CHANNEL, code)

    async def present(self, code: str, process: str, phones: int) -> int:
        """Say how many phones follow in a process; return how many follow in all."""
        key, now = f"{_key(code)}:phones", time.time()
        with _answers():
            await self._redis.hset(key, process, f"{phones} {now:.0f}")
            await self._redis.expire(key, int(2 * RECENT))
            told = [text.split() for text in await self._redis.hvals(key)]
        return sum(int(n) for n, at in told if float(at) > now - RECENT)

    async def _listen(self) -> None:
        """Hear of changes, for ever; after a loss all that follow here are told what is newest."""
        task = asyncio.current_task()
        while not (task and task.cancelling()):  # the client can swallow the end of a task
            try:
                async with self._redis.pubsub() as line:
                    await line.subscribe(CHANNEL)
                    self._changed("")
                    while not (task and task.cancelling()):
                        told = await line.get_message(True, timeout=PATIENCE)
                        if told:
                            self._seen.pop(told["data"], None)  # it may be closed
                            self._changed(told["data"])
            except (RedisError, OSError):
                self._changed("")
                await asyncio.sleep(AGAIN)


@contextmanager
def _answers() -> Iterator[None]:
    """Turn what Redis or the network has against a call into `StoreGone`."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreGone from error


def _key(code: str) -> str:
    return f"gdviz:hall:{code}"


def _guesses(code: str, question: int | str) -> str:
    return f"{_key(code)}:guesses:{question}"
