"""The chain rule: what the room can be asked, what it runs, and the same as Python."""

from gdviz.topics.backprop.chain.settings import Chain, as_python, run

__all__ = ["Chain", "as_python", "run"]
