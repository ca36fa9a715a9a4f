"""Places of an address are given back, also by who leaves while one is handed to it."""

import asyncio

from asgi import in_loop
from test_page_runs import rest

from gdviz.server.places import AddressPlaces
from gdviz.ui.fair_queue import Client


def test_who_leaves_in_the_moment_of_its_turn_hands_the_place_on() -> None:
    """It is cancelled between the moment in which it is told and that in which it goes on."""

    async def act() -> None:
        places, client = AddressPlaces(4, most=1), Client("a", "s")
        leave = await places.enter(client)
        second, third = (asyncio.create_task(places.enter(client)) for _ in range(2))
        await rest()
        leave()
        second.cancel()
        await rest()
        assert second.cancelled() and third.done()
        third.result()()
        await rest()
        assert places.lines == {}

    in_loop(act())
