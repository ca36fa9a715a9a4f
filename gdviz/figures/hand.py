"""A drag of a handle, as the browser reports it."""

import math
from typing import NamedTuple


class Hand(NamedTuple):
    """A drag: which handle, where, whether it is still held, the message's number, and Shift."""

    id: str
    x: float
    y: float
    down: bool = False
    n: int = 0
    shift: bool = False


def from_text(text: str) -> Hand | None:
    """Parse a drag from `id,x,y` of a query, which anybody can forge; None unless it is valid.

    >>> from_text("start,1.5,-2")
    Hand(id='start', x=1.5, y=-2.0, down=True, n=0, shift=False)
    """
    parts = text.split(",")
    if len(parts) != 3 or len(parts[0]) > 40:
        return None
    try:
        x, y = float(parts[1]), float(parts[2])
    except ValueError:
        return None
    sound = math.isfinite(x) and math.isfinite(y) and max(abs(x), abs(y)) < 1e300
    return Hand(parts[0], x, y, True) if sound else None
