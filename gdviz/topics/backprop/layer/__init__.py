"""One layer: what the room can be asked, what it runs, and the same as Python."""

from gdviz.topics.backprop.layer.settings import OneLayer, as_python, run

__all__ = ["OneLayer", "as_python", "run"]
