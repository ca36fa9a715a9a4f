"""Packed answers that many ask for at once: made once, and the latest few are kept."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock

from cachetools import LRUCache

Asked = str | tuple[str, ...]  # a stranger's words: they take room too


class SharedAnswers:
    """Bytes by what was asked; who asks while they are being made waits for them."""

    def __init__(self, most: int) -> None:
        self._kept: LRUCache[Asked, tuple[bytes, int]] = LRUCache(most, lambda kept: kept[1])
        self._coming: dict[Asked, Future[bytes]] = {}
        self._lock = Lock()

    def get(self, asked: Asked, make: Callable[[], bytes]) -> bytes:
        """Return the bytes; raise what `make` raises, to all who wait for it."""
        with self._lock:
            if asked in self._kept:
                return self._kept[asked][0]
            coming = self._coming.get(asked)
            if coming is None:
                mine = self._coming[asked] = Future()
        if coming:
            return coming.result()
        try:
            mine.set_result(make())
        except BaseException as error:
            mine.set_exception(error)
        with self._lock:
            del self._coming[asked]
            size = 0 if mine.exception() else sum(map(len, (mine.result(), *asked)))
            if 0 < size <= self._kept.maxsize:
                self._kept[asked] = mine.result(), size
        return mine.result()
