"""Turns: pages run one after another, in order, and none waits for one that takes too long."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gdviz.ui import fair_lock
from gdviz.ui.fair_lock import FairLock, hold_lock, release_lock
from gdviz.ui.fair_queue import Client


def somebody() -> Client:
    """Return a client of its own for each thread."""
    return Client("hall", str(threading.get_ident()))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_lock, "processor", FairLock(patience=60.0))


@pytest.mark.usefixtures("patient")
def test_no_two_run_at_once() -> None:
    inside, most = [0], [0]

    def visit(_: int) -> None:
        with hold_lock(somebody):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            for _ in range(2000):
                pass
            inside[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(200)))
    assert (inside[0], most[0]) == (0, 1)


@pytest.mark.usefixtures("patient")
def test_who_waits_for_something_lets_others_run() -> None:
    done = threading.Event()

    def other() -> None:
        with hold_lock(somebody):
            done.set()

    with hold_lock(somebody):
        thread = threading.Thread(target=other)
        thread.start()
        with release_lock():
            assert done.wait(60)
        thread.join()
        assert fair_lock.processor.taken()
    assert not fair_lock.processor.taken()


def test_who_takes_long_loses_the_turn_and_goes_on_beside_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fair_lock, "processor", FairLock(patience=0.01))
    second_runs, first_is_done = threading.Event(), threading.Event()

    def second() -> bool:
        with hold_lock(somebody):
            second_runs.set()
            first_is_done.wait(60)
            return fair_lock.processor.taken()

    with ThreadPoolExecutor(1) as pool:
        with hold_lock(somebody):
            other = pool.submit(second)
            assert second_runs.wait(60), "it does not wait until the first has ended"
        first_is_done.set()
        assert other.result(60), "the first has not ended the turn of the second"
    assert not fair_lock.processor.taken()


def asked(order: FairLock, client: Client) -> tuple[threading.Event, fair_lock.Turn]:
    came = threading.Event()
    return came, order.ask(client, came.set)


def test_of_one_address_two_go_on_beside_the_next_and_of_one_session_one() -> None:
    order = FairLock(patience=0.0)
    first, one = asked(order, Client("hall", "a"))
    again, two = asked(order, Client("hall", "a"))
    second, three = asked(order, Client("hall", "b"))
    third, four = asked(order, Client("hall", "c"))
    assert first.wait(20) and second.wait(20)
    other, five = asked(order, Client("home", "d"))
    assert other.wait(20), "another address does not wait for this one's slow runs"
    assert not again.is_set() and not third.is_set()
    order.give_back(one)
    assert again.wait(20) or third.wait(20)
    for turn in (two, three, four, five):
        order.give_back(turn)
    assert not order.taken()


def test_who_gives_up_waiting_is_passed_over() -> None:
    order = FairLock(patience=60.0)
    _, holder = asked(order, Client("hall", "a"))
    left, gone = asked(order, Client("hall", "b"))
    came, next_one = asked(order, Client("hall", "c"))
    order.give_back(gone)
    order.give_back(holder)
    assert came.is_set() and not left.is_set()
    order.give_back(next_one)


@pytest.mark.usefixtures("patient")
def test_turns_are_taken_in_the_order_in_which_they_were_asked_for() -> None:
    came: list[int] = []

    def visit(number: int) -> None:
        with hold_lock(lambda: Client("hall", str(number))):
            came.append(number)

    with ThreadPoolExecutor(20) as pool, hold_lock(somebody):
        for number in range(20):
            pool.submit(visit, number)
            while len(fair_lock.processor._waiting) <= number:
                threading.Event().wait(0.001)
    assert came == list(range(20))


@pytest.mark.usefixtures("patient")
def test_a_turn_within_a_turn_is_the_same_and_an_error_gives_it_back() -> None:
    with pytest.raises(ZeroDivisionError), hold_lock(somebody), hold_lock(somebody):
        raise ZeroDivisionError
    assert not fair_lock.processor.taken()
