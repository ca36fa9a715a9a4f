"""A pitfall: a mistake that tutorials make, which the page runs beside the right way."""

from collections.abc import Callable
from typing import NamedTuple


class Pitfall(NamedTuple):
    """One mistake: `compare()` runs both ways and returns the result of each in a sentence.

    `query` holds the settings of the page that show it, as in a link, or is empty.
    """

    row: str
    title: str
    compare: Callable[[], tuple[str, str]]
    why: str
    query: str = ""
