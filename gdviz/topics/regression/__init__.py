"""Regression: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.regression.fit import run
from gdviz.topics.regression.program import as_python
from gdviz.topics.regression.settings import LineSettings, alike

__all__ = ["LineSettings", "alike", "as_python", "run"]
