"""Matrices: what the room can be asked, what it runs, and the same as Python."""

from gdviz.topics.backprop.matrices.program import as_python
from gdviz.topics.backprop.matrices.settings import (
    Matrices,
    first_layers,
    numbers,
    rule_of,
    run,
    share_of,
    task_of,
)

__all__ = [
    "Matrices", "as_python", "first_layers", "numbers", "rule_of", "run", "share_of", "task_of",
]  # fmt: skip
