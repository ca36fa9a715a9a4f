"""Integration: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.integration.frames import run
from gdviz.topics.integration.program import as_python
from gdviz.topics.integration.settings import Integration, method_knobs, with_more

__all__ = ["Integration", "as_python", "method_knobs", "run", "with_more"]
