"""The edge of stability: what the room can be asked, what it runs, and the same as Python."""

from gdviz.topics.backprop.edge.program import as_python
from gdviz.topics.backprop.edge.settings import (
    EdgeOfStability,
    first_params,
    numbers,
    rates_of,
    run,
    scales,
    task_of,
)

__all__ = [
    "EdgeOfStability", "as_python", "first_params", "numbers", "rates_of", "run", "scales",
    "task_of",
]  # fmt: skip
