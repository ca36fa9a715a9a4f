"""Regression: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.regression.settings import LineSettings, as_python, run

__all__ = ["LineSettings", "as_python", "run"]
