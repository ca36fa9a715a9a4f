"""Turns: one page runs after another, and nobody waits for one that keeps its turn too long."""

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
        assert turns._turn.locked()
    assert not turns._turn.locked()


def test_who_has_waited_long_runs_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    with in_turn(), ThreadPoolExecutor(1) as pool:

        def other() -> bool:
            with in_turn(), out_of_turn():
                return turns._turn.locked()

        assert pool.submit(other).result(60), "it never had the turn, and gave none back"
        assert turns._turn.locked()


@pytest.mark.usefixtures("patient")
def test_a_turn_within_a_turn_is_the_same_and_an_error_gives_it_back() -> None:
    with pytest.raises(ZeroDivisionError), in_turn(), in_turn():
        raise ZeroDivisionError
    assert not turns._turn.locked()
