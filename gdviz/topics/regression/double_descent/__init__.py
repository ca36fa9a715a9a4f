"""Double descent: what the room can be asked, what it runs, and the same as Python."""

from gdviz.topics.regression.double_descent.program import as_python
from gdviz.topics.regression.double_descent.settings import (
    TRUTHS,
    DoubleDescent,
    numbers,
    points_of,
    run,
)

__all__ = ["TRUTHS", "DoubleDescent", "as_python", "numbers", "points_of", "run"]
