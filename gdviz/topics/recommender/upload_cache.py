"""Caches that no upload enters: what is made of a visitor's data is kept with it, and goes with it.

Results on data that have a name are kept for the process and shared. A result on ratings that a
visitor has uploaded is kept on the ratings themselves, which the visitor's session holds alone.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from gdviz.cache import cached, keep_in
from gdviz.learn.recommender.ratings import Ratings

MOST = 6  # results that are kept with an upload
_STORE = "_kept"


def mark_uploaded(ratings: Ratings) -> None:
    """Say that ratings are a visitor's own."""
    vars(ratings).setdefault(_STORE, {})


def is_uploaded(ratings: Ratings) -> bool:
    """Tell whether ratings are a visitor's own."""
    return _STORE in vars(ratings)


def cached_with(ratings: Ratings, key: Any, make: Callable[[], Any]) -> Any:
    """Return a result that is kept with a visitor's ratings, made if it is not there."""
    return keep_in(vars(ratings)[_STORE], key, make, MOST)


def cached_unless_upload(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function of `(key, ...)`, where `key.data.ratings` are the ratings."""
    shared = cached(function)

    @wraps(function)
    def call(key: Any, *rest: Any) -> Any:
        ratings = key.data.ratings
        if is_uploaded(ratings):
            name = (function.__qualname__, key, *rest)
            return cached_with(ratings, name, lambda: function(key, *rest))
        return shared(key, *rest)

    return call
