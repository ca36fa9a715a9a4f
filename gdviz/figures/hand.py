"""What the browser says of a handle under the hand."""

import math
from typing import NamedTuple


class Hand(NamedTuple):
    """Which handle, where it is, whether it is still held, the count of the message, and Shift."""

    id: str
    x: float
    y: float
    down: bool = False
    n: int = 0
    shift: bool = False


def from_text(text: str) -> Hand | None:
    """Read a hand that drags from `id,x,y` of a query, which anybody can forge; None unless sound.

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
