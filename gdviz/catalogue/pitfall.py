"""A pitfall: a mistake that tutorials make, which the page runs beside the right way."""

from collections.abc import Callable
from typing import NamedTuple


class Pitfall(NamedTuple):
    """One mistake: `compare()` runs both ways and says in a sentence what each came to.

    `query` are the settings of the page that show it, as in a link, where there are such.
    """

    row: str
    title: str
    compare: Callable[[], tuple[str, str]]
    why: str
    query: str = ""
