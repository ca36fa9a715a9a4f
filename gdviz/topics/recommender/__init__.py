"""The recommender: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.recommender.course import numbers, run, summary
from gdviz.topics.recommender.program import as_python
from gdviz.topics.recommender.settings import Recommender, alike

__all__ = ["Recommender", "alike", "as_python", "numbers", "run", "summary"]
