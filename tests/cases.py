"""Many cases in one test, where each is done in a moment; and a few of many that cost more."""

import functools
import inspect
import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest

# What a test computes must not warn. What the collector finds meanwhile is of some earlier test.
NO_WARNINGS = pytest.mark.filterwarnings(
    "error", "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
EVERY_CASE = "GDVIZ_EVERY_CASE"  # `make fuzz` sets it


def sampled(cases: Iterable[Any], by: int, at: int = 0) -> list[Any]:
    """Return every `by`-th case from place `at` on, and the first and the last; or all of them.

    For cases that say the same of many inputs. `make fuzz` asks all.

    >>> sampled(range(8), 3, at=1)
    [0, 1, 4, 7]
    """
    asked = list(cases)
    if os.environ.get(EVERY_CASE):
        return asked
    chosen = {0, len(asked) - 1, *range(at % by, len(asked), by)}
    return [case for place, case in enumerate(asked) if place in chosen]


def each(names: str, cases: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator like `parametrize` that asks all cases in one test, and names who fails.

    A name that registries give (a method, a surface, a page) stays with `parametrize`: `pytest -k`
    finds it there.
    """
    keys, asked = [name.strip() for name in names.split(",")], list(cases)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def ask_all(**fixtures: Any) -> None:
            wrong = []
            for case in asked:
                given = dict(zip(keys, case if keys[1:] else [case], strict=True))
                try:
                    test(**fixtures, **given)
                except Exception as error:
                    error.add_note(f"asked with {given}"[:1000])
                    wrong.append(error)
            assert asked, "there are no cases"
            if wrong:
                raise ExceptionGroup(f"{len(wrong)} of {len(asked)} cases fail", wrong)

        whole = inspect.signature(test)
        left = [p for name, p in whole.parameters.items() if name not in keys]
        ask_all.__signature__ = whole.replace(parameters=left)  # type: ignore[attr-defined]
        return ask_all

    return decorate
