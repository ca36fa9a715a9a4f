"""Many cases in one test: all are asked, and those that fail are named."""

from typing import Any

import pytest
from cases import EVERY_CASE, each, sampled

seen: list[Any] = []


@each("a, b", [(1, 1), (2, 3), (4, 4), (5, 6)])
def same(a: int, b: int) -> None:
    seen.append((a, b))
    assert a == b


def test_all_cases_are_asked_and_each_that_fails_is_named() -> None:
    seen.clear()
    with pytest.raises(ExceptionGroup, match="2 of 4 cases fail") as caught:
        same()
    assert seen == [(1, 1), (2, 3), (4, 4), (5, 6)]
    notes = [note for error in caught.value.exceptions for note in error.__notes__]
    assert notes == ["asked with {'a': 2, 'b': 3}", "asked with {'a': 5, 'b': 6}"]


def test_a_sample_has_both_ends_and_a_thorough_run_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(EVERY_CASE, raising=False)
    assert sampled("abcdefgh", 3, at=4) == list("abeh") and sampled("", 3) == []
    monkeypatch.setenv(EVERY_CASE, "1")
    assert sampled("abc", 3) == list("abc")


def test_a_test_without_cases_fails() -> None:
    with pytest.raises(AssertionError, match="no cases"):
        each("a", [])(lambda a: None)()


@pytest.mark.parametrize("sign", [1, -1])
@each("b", ["x", "y"])
@each("a", range(3))
def test_it_goes_with_fixtures_and_other_cases(
    a: int, b: str, sign: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GDVIZ_CASE", f"{sign}{a}{b}")
    assert abs(sign) == 1 and a in range(3) and b in "xy"
