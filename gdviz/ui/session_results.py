"""What sessions keep of their results: the latest, bounded in bytes for one session and for all.

A result lives in its session, and goes when that ends. When all sessions keep too much, what was
used longest ago goes first; whoever asks for it again has it made again.
"""

from collections.abc import Callable, Hashable
from itertools import count
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakSet

import streamlit as st

from gdviz.cache import size_of

OF_ONE, OF_ALL = 80_000_000, 160_000_000  # bytes of a session, and of all
_KEY = "_results"

_door = Lock()
_clock = count()


class _Kept(NamedTuple):
    """A result, its bytes, and when it was used."""

    value: Any
    size: int
    used: int


class SessionResults:
    """The results of one session, by store and key; a store has its own bound on their number."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, Hashable], _Kept] = {}
        _sessions.add(self)

    def get(self, store: str, key: Hashable) -> _Kept | None:
        """Return what is kept of a key, and remember that it was used."""
        found = self.kept.get((store, key))
        if found:  # what is made of an upload is kept with it: it may have grown
            with _door:
                now = _Kept(found.value, size_of(found.value), next(_clock))
                self.kept[store, key] = now
        return found

    def put(self, store: str, key: Hashable, value: Any, most: int) -> None:
        """Keep a result, and drop what is over the bounds, but not this one."""
        kept = _Kept(value, size_of(value), next(_clock))
        with _door:
            self.kept[store, key] = kept
            while sum(name == store for name, _ in self.kept) > most:
                del self.kept[min((p for p in self.kept if p[0] == store), key=self.used)]
            while self.bytes() > OF_ONE and len(self.kept) > 1:
                del self.kept[min(self.kept, key=self.used)]
            while bytes_of_all() > OF_ALL and _drop_oldest(kept.used):
                pass

    def used(self, place: tuple[str, Hashable]) -> int:
        """Return when a result was used."""
        return self.kept[place].used

    def bytes(self) -> int:
        """Return how much the session keeps."""
        return sum(one.size for one in self.kept.values())


_sessions: WeakSet[SessionResults] = WeakSet()


def bytes_of_all() -> int:
    """Return how much all sessions keep."""
    return sum(one.bytes() for one in list(_sessions))


def _drop_oldest(newest: int) -> bool:
    """Drop what was used longest ago in any session; tell whether anything but the newest was."""
    places = [(one.used(p), one, p) for one in list(_sessions) for p in one.kept]
    used, owner, place = min(places, key=lambda found: found[0])
    if used != newest:
        del owner.kept[place]
    return used != newest


def results() -> SessionResults:
    """Return the results of this session."""
    return st.session_state.setdefault(_KEY, SessionResults())


def keep_result(store: str, key: Hashable, make: Callable[[], Any], most: int) -> Any:
    """Return the result of a key, made if the session does not keep it any more."""
    own = results()
    found = own.get(store, key)
    if found:
        return found.value
    made = make()
    own.put(store, key, made, most)
    return made


def kept_result(store: str, key: Hashable) -> Any | None:
    """Return the result of a key, None if it is not kept."""
    found = results().get(store, key)
    return found.value if found else None
