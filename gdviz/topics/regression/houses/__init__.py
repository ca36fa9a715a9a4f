"""House prices: what the room can be asked, what it runs, and the same as Python."""

from gdviz.topics.regression.houses.settings import Houses, as_python, numbers, run

__all__ = ["Houses", "as_python", "numbers", "run"]
