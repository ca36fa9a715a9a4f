"""Methods compared: what the room can be asked, what it runs, and the same as Python."""

from gdviz.topics.race.compare.settings import (
    Compare,
    as_python,
    numbers,
    run,
    summary,
)

__all__ = ["Compare", "as_python", "numbers", "run", "summary"]
