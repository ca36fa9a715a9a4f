"""Fisher geometry: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.geometry.program import as_python
from gdviz.topics.geometry.settings import Geometry, alike
from gdviz.topics.geometry.tables import run

__all__ = ["Geometry", "alike", "as_python", "run"]
