"""All halls of a process: who joins, what the lecturer does, and who is told of it."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from cachetools import LRUCache

from gdviz.catalogue.question import Guess, Question
from gdviz.server.hall.audience import HEARTBEAT, Audience, Shown
from gdviz.server.hall.hall import (
    Hall,
    HallError,
    HallState,
    ask_question,
    close_question,
    guess_of,
    new_hall,
    steer,
)
from gdviz.server.hall.store import HallStore, StoreGone
from gdviz.ui.fair_queue import Client, Full

MOST_PHONES = 2000  # that follow one hall in one process
OF_ADDRESS, OF_ALL = 2000, 4000  # a school has one address; the hall of another finds room
BUSY = "There is much to do at the moment. Please try again."
Compute = Callable[[Client, Callable[[], Any]], Awaitable[Any]]


class Halls:
    """The halls of a store, and their audiences in this process."""

    def __init__(self, store: HallStore, compute: Compute) -> None:
        self.store, self._compute = store, compute
        self._process = secrets.token_hex(8)
        self._audiences: dict[str, Audience] = {}
        self._telling: set[Audience] = set()
        self._lecturers: LRUCache[str, str] = LRUCache(1000)  # from where a hall is steered
        self._listeners: Counter[str] = Counter()  # by address
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself keeps no task alive
        store.listen(self._changed)

    # --- the lecturer -----------------------------------------------------------------------------

    async def open(self) -> tuple[str, str]:
        """Open a hall; return its code and the secret of its lecturer."""
        hall, secret = new_hall()
        if not await self.store.create(hall):
            raise HallError("There are too many halls at the moment. Please try again later.")
        return hall.code, secret

    async def steer(self, hall: Hall, said: Mapping[str, Any], address: str) -> None:
        """Let the phones see what the lecturer's stage shows."""
        self._lecturers[hall.code] = address
        await self.store.put_state(hall.code, steer(hall.state, said))

    async def ask(self, hall: Hall, said: Mapping[str, Any]) -> HallState:
        """Ask the question of an id."""
        question = _named(await self._questions(hall), said.get("question"))
        state = ask_question(hall.state, question)
        await self.store.put_state(hall.code, state)
        return state

    async def reveal(self, hall: Hall) -> HallState:
        """Close the question and tell its answer and how the hall has guessed.

        What is guessed from now on does not count; what was, is counted then.
        """
        question = _named(await self._questions(hall), (hall.state.question or {}).get("id"))
        state = close_question(hall.state)
        await self.store.put_state(hall.code, state)
        guesses = await self.store.guesses(hall.code, state.round)
        from gdviz.server.hall.results import told_of

        state = state._replace(n=state.n + 1, told=told_of(question, guesses))
        await self.store.put_state(hall.code, state)
        return state

    async def results(self, hall: Hall) -> dict[str, Any]:
        """Return how many follow and have answered; the guesses after the reveal only."""
        await self.store.keep(hall.code)
        state, code = hall.state, hall.code
        phones = await self.store.present(code, self._process, self._phones(code))
        found = {"phase": state.phase, "round": state.round, "phones": phones}
        found["answered"] = await self.store.answered(code, state.round)
        if state.told:
            found |= {"question": state.question, "told": state.told}
            found["guesses"] = await self.store.guesses(code, state.round)
        return found

    async def table(self, hall: Hall) -> str:
        """Return the guesses of a revealed question as CSV."""
        if not (hall.state.question and hall.state.told):
            raise HallError("There is nothing to save before the reveal.")
        from gdviz.server.hall.results import as_csv

        guesses = await self.store.guesses(hall.code, hall.state.round)
        return as_csv(hall.state.question, hall.state.told, guesses)

    async def _questions(self, hall: Hall) -> tuple[Question, ...]:
        at = (hall.state.page, hall.state.query)
        if not at[0]:
            raise HallError("The hall has not seen a page yet.")
        try:
            return await self._compute(self._turn(hall.code), partial(_questions_at, *at))
        except ValueError as error:
            raise HallError(str(error)) from error

    # --- the phones -------------------------------------------------------------------------------

    async def guess(self, hall: Hall, token: str, said: Mapping[str, Any]) -> Guess:
        """Take the guess of a phone, instead of an earlier one."""
        guess = guess_of(hall.state, said)
        if not await self.store.put_guess(hall.code, hall.state.round, token, guess):
            raise HallError("This question is closed.")
        return guess

    def has_room(self, code: str, address: str) -> bool:
        """Tell whether one more phone of an address may follow."""
        free = self._listeners[address] < OF_ADDRESS and self._listeners.total() < OF_ALL
        return free and self._phones(code) < MOST_PHONES

    async def follow(self, code: str, address: str) -> AsyncIterator[bytes]:
        """Give what a phone is told, until it leaves or the hall ends."""
        audience = self._audiences.get(code)
        if audience is None:
            audience = self._audiences[code] = Audience(self._telling)
            self._begin(self._watch(code, audience))
        audience.phones += 1
        self._listeners[address] += 1
        self._begin(self._count(code))
        try:
            async for news in audience.news():
                yield news
        finally:
            audience.phones -= 1
            self._listeners[address] -= 1
            if not self._listeners[address]:
                del self._listeners[address]
            self._begin(self._count(code))

    async def background(self, hall: Hall, tag: str) -> bytes | None:
        """Return a background that the hall has shown, None if it does not show it any more."""
        from gdviz.server.hall.pictures import background, background_again

        found, at = background(tag), (hall.state.page, hall.state.query)
        if found is None and at[0]:
            again = partial(background_again, tag, *at)
            found = await self._compute(self._turn(hall.code), again)
        return found

    def _phones(self, code: str) -> int:
        return self._audiences[code].phones if code in self._audiences else 0

    def _turn(self, code: str) -> Client:
        """Return who computes for a hall: the halls of one lecturer share what an address has.

        Where another process hears the lecturer, all such halls share it.
        """
        return Client(f"hall of {self._lecturers.get(code, '')}", code)

    # --- news -------------------------------------------------------------------------------------

    def _changed(self, code: str) -> None:
        for name, audience in self._audiences.items():
            if code in ("", name):
                self._begin(self._refresh(name, audience))

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self, code: str, audience: Audience) -> None:
        """While phones follow, say how many they are, and see whether the hall is still there."""
        while not audience.ended:
            await self._refresh(code, audience)
            await self._count(code)
            await asyncio.sleep(HEARTBEAT)
            if not audience.phones:
                break
        if self._audiences.get(code) is audience:
            del self._audiences[code]

    async def _count(self, code: str) -> None:
        with suppress(StoreGone):
            await self.store.present(code, self._process, self._phones(code))

    async def _refresh(self, code: str, audience: Audience) -> None:
        """Tell what is newest; what changes meanwhile is told after it, its newest only."""
        audience.stale = True
        if audience.busy:
            return
        audience.busy = True
        try:
            while audience.stale and not audience.ended:
                audience.stale = False
                await self._tell(code, audience)
        except StoreGone:
            audience.show_trouble()
        finally:
            audience.busy = False

    async def _tell(self, code: str, audience: Audience) -> None:
        hall = await self.store.find(code)
        if hall is None:
            return audience.end()
        state, shown = hall.state, None
        if audience.wants(state):
            at = (state.page, state.query, state.held)
            try:
                shown = await self._compute(self._turn(code), partial(_shown_at, *at))
            except Full:
                audience.stale = True
                return await asyncio.sleep(0.2)
        if shown or state.n != audience.told:
            audience.show(state, shown)
        return None


# Imported late, or the server would wait for sympy before it answers anything.


def _shown_at(page: str, query: str, held: bool) -> Shown:
    from gdviz.server.hall.pictures import shown_at

    return shown_at(page, query, held)


def _questions_at(page: str, query: str) -> tuple[Question, ...]:
    from gdviz.server.hall.results import questions_at

    return questions_at(page, query)


def _named(questions: tuple[Question, ...], name: object) -> Question:
    found = next((one for one in questions if one.id == name), None)
    if found is None:
        raise HallError("This question cannot be asked at these settings.")
    return found
