"""The optimizer race: what the page can be asked, what it runs, and the same as Python."""

from gdviz.topics.race.racers import method_knobs
from gdviz.topics.race.settings import Race, alike, as_python, run, with_more

__all__ = ["Race", "alike", "as_python", "method_knobs", "run", "with_more"]
