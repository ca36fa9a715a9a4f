"""Descent in one dimension: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.descent.settings import Descent, alike, as_python, run

__all__ = ["Descent", "alike", "as_python", "run"]
