"""Linear algebra held to one thread."""

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """Hold the products and factors of matrices to one thread while this is entered.

    For small matrices two threads only wait for each other, and the last digits of a sum depend on
    their number.
    """
    return _threads().limit(limits=1)


@lru_cache(maxsize=1)
def _threads() -> Any:
    import scipy.linalg  # noqa: F401  the controller knows only what is loaded
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
