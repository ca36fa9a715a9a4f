"""What a run says of the edge of stability, in words."""

from typing import NamedTuple

import numpy as np

from gdviz.numerals import number
from gdviz.topics.backprop.edge.settings import EdgeRun

CLOSE = 0.05  # of the limit: so near it hovers
RISE = 1e-9  # of a loss: what it must rise by to be called risen


class Stay(NamedTuple):
    """Where a run is with its limit, over its last third.

    `low` and `high` are the least and the largest share of the limit there, `reached` the first
    step of the whole run at which the sharpness was at the limit less 5 %, −1 if there is none;
    `rises` counts the steps in which the loss rose.
    """

    low: float
    high: float
    reached: int
    rises: int

    @property
    def hovers(self) -> bool:
        """Whether the sharpness stays within 5 % of the limit."""
        return 1 - CLOSE <= self.low and self.high <= 1 + CLOSE


def stay_of(done: EdgeRun) -> Stay:
    """Return where a run is with its limit."""
    share = done.sharp / done.limit
    last = share[-max(1, len(share) // 3) :]
    near = np.flatnonzero(share >= 1 - CLOSE)
    rises = np.diff(done.losses) > RISE * done.losses[:-1]
    reached = int(near[0]) if len(near) else -1
    return Stay(float(last.min()), float(last.max()), reached, int(rises.sum()))


def largest_rise(losses: np.ndarray) -> float:
    """Return the most by which a loss rose in one step, as a share of it; 0 if it never did."""
    before, rise = losses[:-1], np.diff(losses)
    with np.errstate(divide="ignore"):  # from 0 the rise is infinite, if it is one
        return float(np.max(rise[rise > 0] / before[rise > 0], initial=0.0))


def verdict_on_middle(done: EdgeRun) -> str:
    """Return in words how the loss at the running mean goes; empty where there is no mean."""
    if not len(done.middle):
        return ""
    own, other = (f"{number(100 * largest_rise(v), 2)} %" for v in (done.middle, done.losses))
    below = float(np.mean(done.middle < done.losses * (1 - RISE)))
    return (
        f"At the running mean of the weights the loss rises by {own} in a step at most, on the "
        f"path by {other}; it is below the path's in {number(100 * below, 3)} % of the steps."
    )


def verdict_on(done: EdgeRun) -> str:
    """Return in words whether a run stays below its limit, hovers at it, or is lost beyond."""
    stay, limit = stay_of(done), done.edge.over("η")
    first, last = number(done.losses[0], 3), number(done.losses[-1], 3)
    if done.lost:
        return f"Lost after step {len(done.losses) - 1}. {done.reason}"
    told = f"The loss fell in every step, from {first} to {last}."
    if not (np.diff(done.losses) < 0).all():
        rose = "by a billionth at most" if (np.diff(done.losses) > 0).any() else "in no step"
        told = f"The loss rose {rose}: it went from {first} to {last}."
    if stay.rises:
        ends = "fell" if done.losses[-1] < done.losses[0] else "went"
        rose = f"rose in {stay.rises} of {len(done.losses) - 1} steps"
        told = f"The loss {rose}, and {ends} from {first} to {last} in all."
    if stay.hovers:
        since = f", which it reached at step {stay.reached}" if stay.reached > 0 else ""
        off = max(abs(stay.low - 1), abs(stay.high - 1))
        return (
            f"At the edge: in the last third λmax is within {number(100 * off, 2)} % of "
            f"{limit} = {number(done.limit[-1], 3)}{since}. {told}"
        )
    between = f"{number(100 * stay.low, 3)} to {number(100 * stay.high, 3)} % of {limit}"
    if stay.high < 1 - CLOSE:
        where = "Below the edge" if stay.reached < 0 else "Below the edge in the end"
        return f"{where}: in the last third λmax is {between}. {told}"
    where = "Beyond the edge" if stay.low > 1 + CLOSE else "Not steadily at the edge"
    return f"{where}: in the last third λmax is {between}. {told}"
