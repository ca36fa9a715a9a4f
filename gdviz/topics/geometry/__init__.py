"""Fisher geometry: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.geometry.program import as_python
from gdviz.topics.geometry.results import run
from gdviz.topics.geometry.settings import Geometry

__all__ = ["Geometry", "as_python", "run"]
