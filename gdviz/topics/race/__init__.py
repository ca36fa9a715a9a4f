"""The optimizer race: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.race.settings import Race, as_python, method_knobs, run, with_more

__all__ = ["Race", "as_python", "method_knobs", "run", "with_more"]
