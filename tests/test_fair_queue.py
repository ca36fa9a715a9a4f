"""The fair queue: addresses in turn, sessions of one in turn, bounded; places are told right."""

import random

import pytest

from gdviz.ui.fair_queue import Client, FairQueue, Full


def queue(most: int = 100, of_address: int = 100, of_client: int = 100) -> FairQueue[str]:
    return FairQueue(most, of_address, of_client)


def drained(line: FairQueue[str]) -> list[str]:
    return [line.pop() or "" for _ in range(len(line))]


def test_addresses_are_served_in_turn_and_so_are_the_sessions_of_one() -> None:
    line = queue()
    for name in ("a1", "a2", "a3"):
        line.push(Client("hall", "greedy"), name)
    for name in ("b", "c"):
        line.push(Client("hall", name), name)
    line.push(Client("home", "d"), "d")
    assert drained(line) == ["a1", "d", "b", "c", "a2", "a3"]
    assert line.pop() is None


def test_what_is_not_allowed_is_passed_over_and_keeps_its_place() -> None:
    line = queue()
    line.push(Client("hall", "x"), "x")
    line.push(Client("home", "y"), "y")
    assert line.pop(lambda client: client.address == "home") == "y"
    assert line.pop(lambda client: client.address == "home") is None
    assert line.pop() == "x"


@pytest.mark.parametrize("bounds", [(3, 9, 9), (9, 3, 9), (9, 9, 3)])
def test_it_is_bounded_for_all_for_an_address_and_for_a_client(bounds) -> None:
    line = queue(*bounds)
    for i in range(3):
        line.push(Client("hall", "x"), str(i))
    with pytest.raises(Full):
        line.push(Client("hall", "x"), "3")
    others = [Client("hall", "y"), Client("home", "x")]
    free = others[1:] if bounds[1] == 3 else others if bounds[2] == 3 else []
    for client in free:
        line.push(client, "free")
    assert len(line) == 3 + len(free)


def test_places_are_those_in_which_the_items_come_out() -> None:
    chance = random.Random(5)
    for _ in range(200):
        line, owner = queue(), {}
        for i in range(chance.randrange(1, 30)):
            client = Client(chance.choice("ab"), chance.choice("xyz"))
            line.push(client, str(i))
            owner[str(i)] = client
            if chance.random() < 0.2 and (gone := line.pop()):
                del owner[gone]
        places = {item: line.place(client, item) for item, client in owner.items()}
        assert sorted(places.values()) == list(range(len(places)))
        first = min(places, key=lambda item: places[item], default=None)
        assert line.pop() == first


def test_what_is_removed_is_not_served() -> None:
    line, client = queue(), Client("hall", "x")
    line.push(client, "a")
    line.push(client, "b")
    assert line.remove(client, "a") and not line.remove(client, "a")
    assert drained(line) == ["b"] and not line.remove(client, "b")
