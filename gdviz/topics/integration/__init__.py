"""Integration: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.integration.frames import run
from gdviz.topics.integration.program import as_python
from gdviz.topics.integration.settings import Integration

__all__ = ["Integration", "as_python", "run"]
