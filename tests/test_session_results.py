"""What sessions keep: bounded in bytes for one and for all, the latest first, gone with them."""

import gc
import weakref

import numpy as np
import pytest

from gdviz.ui import session_results
from gdviz.ui.session_results import SessionResults, bytes_of_all


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_results, "_sessions", weakref.WeakSet())
    monkeypatch.setattr(session_results, "OF_ONE", 50_000)
    monkeypatch.setattr(session_results, "OF_ALL", 100_000)


def result(kilobytes: int) -> np.ndarray:
    return np.zeros(1000 * kilobytes, np.int8)


def keys(session: SessionResults) -> list[object]:
    return [key for _, key in session.kept]


def test_a_store_keeps_so_many_and_a_session_so_many_bytes() -> None:
    one = SessionResults()
    for key in range(5):
        one.put("few", key, result(1), most=2)
    assert keys(one) == [3, 4]
    for key in range(10):
        one.put("many", key, result(10), most=9)
        assert one.bytes() <= 50_000
    assert keys(one) == [6, 7, 8, 9]
    one.put("many", "huge", result(80), most=9)
    assert keys(one) == ["huge"], "what was just made is kept whatever its size"


def test_what_any_session_used_longest_ago_goes_first() -> None:
    crowd = [SessionResults() for _ in range(6)]
    for one in crowd[:3]:
        one.put("store", "mine", result(30), most=3)
    assert crowd[0].get("store", "mine"), "used again"
    for one in crowd[3:]:
        one.put("store", "mine", result(30), most=3)
        assert bytes_of_all() <= 100_000
    assert [len(one.kept) for one in crowd] == [0, 0, 0, 1, 1, 1]


def test_a_result_that_grows_is_counted_as_it_is() -> None:
    one, other, upload = SessionResults(), SessionResults(), {"table": result(20)}
    one.put("brought", 1, upload, most=1)
    upload["more"] = result(60)
    assert one.get("brought", 1) and one.bytes() > 80_000
    other.put("brought", 1, result(30), most=1)
    assert not one.kept and other.kept


def test_results_go_with_their_session() -> None:
    one = SessionResults()
    one.put("store", "key", result(30), most=3)
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None and bytes_of_all() == 0
