"""What a plane shows of a path and what it hides, and what lies between two networks, in words."""

import numpy as np

from gdviz.numerals import number
from gdviz.topics.backprop.landscape.settings import LandscapeRun

FLAT = 0.02  # of the loss before training: a barrier this low is called none


def percent(share: float) -> str:
    """Return a share in percent; next to all of it, and next to none, by what is left."""
    if 0 < share < 0.001:
        return "less than 0.1 %"
    if 0.999 < share < 1:
        return "more than 99.9 %"
    return f"{number(100 * share, 3)} %"


def off_the_plane(done: LandscapeRun) -> str:
    """Return in a sentence or two how far the path leaves the plane, and what that hides."""
    seen = done.seen
    if not len(seen.distances) or not np.any(seen.distances > 0):
        return "The path lies in the plane."
    far = int(np.argmax(seen.distances))
    share, off = percent(seen.outside), number(seen.distances[far], 3)
    losses = f"{number(done.losses[far], 3)} on the path and {number(done.flat_losses[far], 3)}"
    return (
        f"Of the path's squared distances from its end {share} lies outside this plane. At step "
        f"{int(done.epochs[far])}, where it is farthest from it ({off}), "
        f"the loss is {losses} at the nearest point of the plane."
    )


def height_of(barrier: float, done: LandscapeRun) -> str:
    """Return a barrier in words: its height, or that there is none to speak of."""
    return "none" if barrier <= FLAT * done.losses[0] else number(barrier, 3)


def between_networks(done: LandscapeRun) -> str:
    """Return in words what lies between two networks; empty where there is only one."""
    if done.twin is None:
        return ""
    if np.array_equal(done.twin.theta, done.path[-1]):
        return "Both networks began with the same weights: they are one."
    before, after = done.twin.barriers
    first = f"On the straight line from A to B the loss rises {number(before.height, 3)} above"
    if before.height <= FLAT * done.losses[0]:
        first = "On the straight line from A to B the loss hardly rises above"
    moved = f"With {done.twin.moved} of B's {done.twin.units} hidden units in other places"
    if not done.twin.moved:
        # The matching is exact for one hidden layer only.
        surely = "No" if len(done.sizes) == 3 else "The matching found no"
        return f"{first} its ends. {surely} other places of B's hidden units are nearer to A."
    fall = f"it is {number(after.height, 3)}"
    if after.height <= FLAT * done.losses[0]:
        fall = "there is no barrier to speak of"
    return f"{first} its ends. {moved}, which is the same function, {fall}."


def verdict_on(done: LandscapeRun) -> str:
    """Return what the plane hides, what lies between two networks, and whether a run was lost."""
    lost = f"Lost. {done.reason}" if done.lost else ""
    return " ".join(part for part in (lost, between_networks(done), off_the_plane(done)) if part)
