"""The loss landscape: what the room can be asked, what it runs, and the same as Python."""

from gdviz.topics.backprop.landscape.program import as_python
from gdviz.topics.backprop.landscape.settings import (
    Landscape,
    alike,
    losses_of,
    numbers,
    plane_of,
    run,
    training_of,
    twin_of,
)

__all__ = [
    "Landscape", "alike", "as_python", "losses_of", "numbers", "plane_of", "run", "training_of",
    "twin_of",
]  # fmt: skip
