"""Regression: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.regression.fit import run
from gdviz.topics.regression.program import as_python
from gdviz.topics.regression.settings import LineSettings

__all__ = ["LineSettings", "as_python", "run"]
