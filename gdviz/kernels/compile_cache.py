"""A cache of compiled code: once for each key, with a budget for what visitors type.

numba never gives the memory of compiled code back. So a server sets a budget for the formulas that
visitors type; the compiled code of one that was granted stays.
"""

from collections.abc import Callable, Hashable
from functools import wraps
from math import inf
from threading import Lock
from typing import Any

from cachetools import LRUCache
from cachetools.keys import hashkey


def compiled_once(maxsize: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a function that compiles: of those who ask for the same, one does it.

    Who asks for what is there waits for nobody. The latest `maxsize` results are kept.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        results: LRUCache[Any, Any] = LRUCache(maxsize)
        making: dict[Any, Lock] = {}
        door = Lock()

        @wraps(function)
        def compiled(*given: Hashable) -> Any:
            key = hashkey(*given)
            with door:
                if key in results:
                    return results[key]
                own = making.setdefault(key, Lock())
            with own:
                with door:
                    if key in results:
                        return results[key]
                made = function(*given)
                with door:
                    results[key] = made
                    making.pop(key, None)
                return made

        return compiled

    return decorate


class CompileBudget:
    """How many different typed formulas a process compiles; a server lowers `most`."""

    def __init__(self, most: float = inf) -> None:
        self.most = most
        self._granted: set[Hashable] = set()
        self._door = Lock()

    def grants(self, key: Hashable) -> bool:
        """Tell whether a formula may be compiled; what has been granted once stays granted."""
        with self._door:
            if key not in self._granted and len(self._granted) < self.most:
                self._granted.add(key)
            return key in self._granted
