"""Turns: pages run one after another, in order, and none waits for one that takes too long."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gdviz.ui import turns
from gdviz.ui.turns import in_turn, out_of_turn


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 60.0)


@pytest.mark.usefixtures("patient")
def test_no_two_run_at_once() -> None:
    inside, most = [0], [0]

    def visit(_: int) -> None:
        with in_turn():
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
        with in_turn():
            done.set()

    with in_turn():
        thread = threading.Thread(target=other)
        thread.start()
        with out_of_turn():
            assert done.wait(60)
        thread.join()
        assert turns._turns.taken()
    assert not turns._turns.taken()


def test_who_takes_long_loses_the_turn_and_goes_on_beside_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    second_runs, first_is_done = threading.Event(), threading.Event()

    def second() -> bool:
        with in_turn():
            second_runs.set()
            first_is_done.wait(60)
            return turns._turns.taken()

    with ThreadPoolExecutor(1) as pool:
        with in_turn():
            other = pool.submit(second)
            assert second_runs.wait(60), "it does not wait until the first has ended"
        first_is_done.set()
        assert other.result(60), "the first has not ended the turn of the second"
    assert not turns._turns.taken()


@pytest.mark.usefixtures("patient")
def test_turns_are_taken_in_the_order_in_which_they_were_asked_for() -> None:
    came: list[int] = []

    def visit(number: int) -> None:
        with in_turn():
            came.append(number)

    with ThreadPoolExecutor(20) as pool, in_turn():
        for number in range(20):
            pool.submit(visit, number)
            while len(turns._turns._waiting) <= number:
                threading.Event().wait(0.001)
    assert came == list(range(20))


@pytest.mark.usefixtures("patient")
def test_a_turn_within_a_turn_is_the_same_and_an_error_gives_it_back() -> None:
    with pytest.raises(ZeroDivisionError), in_turn(), in_turn():
        raise ZeroDivisionError
    assert not turns._turns.taken()
