"""One cache for all results of the process: least recently used go first, bounded in bytes.

Visitors of one lecture share it. Its keys are settings: names and numbers. Results from a visitor's
own data never go into it.
"""

import sys
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from threading import Lock
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
from cachetools import LRUCache
from cachetools.keys import hashkey

MOST_BYTES = 160_000_000
# Not counted: code, and objects that the interpreter shares.
_SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType, bool, type(None))
_ROWS, _LEAVES = (list, tuple, set, frozenset), (str, bytes, int, float, complex, np.generic)

_results: LRUCache[Any, tuple[Any, int]] = LRUCache(MOST_BYTES, getsizeof=lambda kept: kept[1])
_large: dict[str, tuple[Any, Any]] = {}  # by function: its latest that is too large
_lock = Lock()


def cached(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function of hashable arguments: recent results are not computed again.

    A result larger than the whole cache is kept until the function returns another such result. All
    callers share one result, so its arrays are read-only.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembered(*given: Any, **named: Any) -> Any:
        key = hashkey(name, *given, **named)
        with _lock:
            if key in _results:
                return _results[key][0]
            if name in _large and _large[name][0] == key:
                return _large[name][1]
        made = function(*given, **named)
        parts = _parts(made)
        _freeze(parts)
        size = sum(sys.getsizeof(one, 0) for one in parts)
        with _lock:
            if size > MOST_BYTES:
                _large[name] = key, made
            elif key not in _results:  # else another visitor was quicker, and both share that one
                _results[key] = made, size
            else:
                made = _results[key][0]
        return made

    return remembered


def clear() -> None:
    """Empty the cache, for measurements."""
    with _lock:
        _results.clear()
        _large.clear()


def size_of(value: Any) -> int:
    """Return roughly how many bytes a value takes: arrays, containers, and fields of objects."""
    return sum(sys.getsizeof(one, 0) for one in _parts(value))


def freeze(value: Any) -> None:
    """Make every array of a value read-only."""
    _freeze(_parts(value))


def _freeze(parts: list[Any]) -> None:
    for one in parts:
        if isinstance(one, np.ndarray):
            one.setflags(write=False)


def frozen(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function whose result is shared: its arrays are read-only."""

    @wraps(function)
    def made(*given: Any, **named: Any) -> Any:
        value = function(*given, **named)
        freeze(value)
        return value

    return made


@lru_cache(maxsize=512)  # to ask an object costs more than a drag can spare
def _manner(kind: Any) -> str:
    """Return how the objects of a class are looked into; those it says are `is_shared` are not."""
    if issubclass(kind, _SHARED) or getattr(kind, "is_shared", False):
        return "shared"
    manners = (np.ndarray, "array"), (Mapping, "mapping"), (_ROWS, "rows"), (_LEAVES, "leaf")
    return next((manner for known, manner in manners if issubclass(kind, known)), "object")


def _parts(value: Any) -> list[Any]:
    """Return a value and all that it holds, each once: arrays, containers, fields of objects."""
    seen, todo, found = set[int](), [value], list[Any]()
    while todo:
        one = todo.pop()
        kind: Any = type(one)
        manner = _manner(kind)
        if manner == "shared" or id(one) in seen:
            continue
        seen.add(id(one))
        found.append(one)
        if manner == "array":
            todo += [one.base] if one.base is not None else []
        elif manner == "mapping":
            todo += [*one.keys(), *one.values()]
        elif manner == "rows":
            todo += one
        elif manner == "object":
            todo += vars(one).values() if hasattr(one, "__dict__") else []
    return found


def keep_in(store: dict[Any, Any], key: Any, make: Callable[[], Any], most: int) -> Any:
    """Return the value of a key, made if it is missing; drop the oldest beyond `most`."""
    if key not in store:
        made = make()
        while len(store) >= most:
            store.pop(next(iter(store)), None)
        store[key] = made
    return store[key]
