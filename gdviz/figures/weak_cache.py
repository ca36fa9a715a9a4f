"""What is made of a figure or of a run is kept as long as that lives, and no longer."""

import weakref
from collections.abc import Callable
from functools import wraps
from typing import Any


def cached_per_object(make: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate `make(thing, *more)`: what it returned for a thing is kept while the thing lives.

    A thing is known by its identity, for figures have no hash; `more` are hashable and few. Unlike
    an `lru_cache`, it keeps nothing alive that another cache has let go.
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
