"""Results derived from a figure or a run, cached until it is garbage-collected."""

import weakref
from collections.abc import Callable
from functools import wraps
from typing import Any


def cached_per_object(make: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate `make(thing, *more)`: its results for a thing are cached while the thing lives.

    A thing is known by its identity, because figures have no hash; `more` are hashable and few.
    Unlike `lru_cache`, this keeps nothing alive that another cache has dropped.
    """
    kept: dict[int, dict[tuple[Any, ...], Any]] = {}

    @wraps(make)
    def remembered(thing: Any, *more: Any) -> Any:
        if id(thing) not in kept:
            kept[id(thing)] = {}
            weakref.finalize(thing, kept.pop, id(thing), None)
        found = kept[id(thing)]
        if more not in found:
            found[more] = make(thing, *more)
        return found[more]

    return remembered
