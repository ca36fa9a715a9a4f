"""Many cases in one test, where each is done in a moment and a test of its own costs more."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any


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
