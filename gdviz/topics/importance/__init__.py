"""Importance sampling: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.importance.program import as_python
from gdviz.topics.importance.settings import Weighing, numbers, run

__all__ = ["Weighing", "as_python", "numbers", "run"]
