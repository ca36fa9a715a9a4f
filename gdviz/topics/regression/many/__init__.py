"""Many features: what the room can be asked, what it runs, and the same as Python."""

from gdviz.topics.regression.many.settings import Many, alike, as_python, numbers, run

__all__ = ["Many", "alike", "as_python", "numbers", "run"]
