"""What may lie between and beyond the places where a rule has looked."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.expressions import Formula
from gdviz.probability.distributions import Distribution
from gdviz.probability.ends import end_feature, end_mass, far_mass, tail_mass
from gdviz.probability.estimate import UNSEEN, Estimate
from gdviz.probability.fixed_estimates import Sampled
from gdviz.probability.humps import Hump, Landmarks, landmarks_between
from gdviz.probability.integrand import (
    CountedFunction,
    Function,
    RangedFunction,
    transform_unchecked,
    unchecked_function,
)
from gdviz.probability.lost_digits import careful_function, with_lost_digits
from gdviz.probability.substitutions import INSIDE, Substitution, clamp_inside, place_of

Size = Callable[[Any], Any]
STEEPEST = 7.0
CLOSEST = 1e-13  # of the range: how well the place of a pole is known
WIDE = 2.5  # the area of a bell is this many times its height and its width
FLANK = "f rises too steeply between two nodes: the error is unknown"
POLE = "f grows too fast towards a pole: there may be no integral"
HIDDEN = "f peaks or breaks where no node is near"
DIVERGES = "|f|·x does not fall off: there may be no integral"


def landmarks(f: Any, a: float, b: float, points: Any = ()) -> Landmarks:
    """Return what is known of f: from its formula, from the law whose density it is, from `points`.

    `f` is what `integrate` was given.
    """
    owner = getattr(f, "__self__", None)
    found = Landmarks(np.zeros(0), ())
    if isinstance(f, Formula):
        found = landmarks_between(f, a, b)
    elif isinstance(owner, Distribution):
        ends = np.array([end for end in owner.support if np.isfinite(end)])
        found = Landmarks(ends, tuple(Hump(c, w, w) for c, w in owner.centers))
    told = np.asarray(points, float).ravel()
    return found._replace(breaks=np.unique(np.concatenate([found.breaks, told])))


def known_by_values_only(f: Any) -> bool:
    """Tell whether f has neither a formula nor a law that says where it breaks or peaks."""
    return not isinstance(f, Formula) and not isinstance(getattr(f, "__self__", None), Distribution)


def landmarks_on(marks: Landmarks, place: Callable[[Any], Any]) -> Landmarks:
    """Return landmarks carried to another axis by a rising function."""
    if not marks.humps:
        return marks._replace(breaks=place(marks.breaks))
    center, left, right = (np.array(side) for side in zip(*marks.humps, strict=True))
    middle = place(center)
    sides = middle - place(center - left), place(center + right) - middle
    humps = [Hump(*map(float, h)) for h in zip(middle, *sides, strict=True)]
    return Landmarks(place(marks.breaks), tuple(humps))


def with_doubts(seen: Sampled, ranged: RangedFunction, marks: Landmarks, tails: float) -> Estimate:
    """Return an estimate in doubt by what the places between its nodes and beyond may hide.

    `marks` lie on the ranged, not on the axis of x; `tails` is what lies beyond infinite ends.
    """
    if not np.any(seen.heights):
        return seen.estimate._replace(error=float("inf"), note=f"{seen.estimate.note}; {UNSEEN}")
    if np.isinf(tails):
        return seen.estimate.with_doubt(DIVERGES)
    if _is_flank(seen.places, seen.heights):
        return seen.estimate.with_doubt(FLANK)
    inner = [place for place in marks.breaks if ranged.lo < place < ranged.hi]
    hidden = sum(_hidden_hump(seen, ranged, hump) for hump in marks.humps)
    hidden += sum(_hidden_break(seen, ranged, place) for place in inner) + _hidden_ends(
        seen, ranged
    )
    more = float(hidden + tails)
    if more > seen.estimate.error:
        return seen.estimate.with_doubt(POLE if np.isinf(more) else HIDDEN, more)
    return seen.estimate._replace(error=seen.estimate.error + more)


def _is_flank(places: Any, heights: Any) -> bool:
    """Tell whether f rises so steeply on both sides of a gap that a hump within may hold far more.

    The straight lines of log|f| through the two nodes on each side of the gap meet above them; a
    smooth hump lies below where they meet.
    """
    top = int(np.argmax(np.abs(heights)))
    if not 0 < top < len(heights) - 1:
        return False
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.abs(heights))
        rise = np.diff(logs) / np.diff(places)
        for i in (top - 1, top):  # the gap between nodes i and i + 1
            up = rise[i - 1] if i > 0 else 0.0
            down = -rise[i + 1] if i + 1 < len(rise) else 0.0
            gap = places[i + 1] - places[i]
            if up > 0 and down > 0 and _meeting(logs[i], logs[i + 1], up, down, gap) > STEEPEST:
                return True
    return False


def _meeting(left: float, right: float, up: float, down: float, gap: float) -> float:
    """Return how far above the higher of two nodes a rising and a falling line meet."""
    if np.isinf(up) or np.isinf(down):
        return float(min(up, down) * gap) if np.isfinite(min(up, down)) else np.inf
    at = np.clip((right - left + down * gap) / (up + down), 0.0, gap)
    return float(left + up * at - max(left, right))


def _hidden_ends(seen: Sampled, ranged: RangedFunction) -> float:
    """Return what an end of the range hides between it and the node next to it."""
    size, room = absolute(ranged.f), ranged.hi - ranged.lo
    total = 0.0
    for end, sign in ((ranged.lo, 1.0), (ranged.hi, -1.0)):
        away = np.abs(seen.places - end)
        away = away[away > 0]
        if len(away) and np.isfinite(room):
            total += end_mass(size, end, sign, float(away.min()), room)
            if not len(seen.edges):
                total += end_feature(ranged.f, end, sign, float(away.min()))
    return total


def tails_of(f: Function, seen: Sampled, a: float, b: float, change: Substitution) -> float:
    """Return what lies so far out on an infinite range that its change of variable cuts it off.

    That is nothing where f(x(u)) dx/du does not grow beyond the outermost node, which then stands
    for it.
    """
    total = 0.0
    on_u = absolute(transform_unchecked(f, change))
    for end, sign in ((a, -1.0), (b, 1.0)):
        if np.isinf(end):
            total += far_mass(absolute(f), sign)
            inner = sign * seen.places[np.abs(seen.places) < 1]
            away = max(1 - float(inner.max(initial=0.0)), INSIDE)
            rest = away * 2.0 ** -np.arange(int(np.log2(away / INSIDE)) + 1)
            size = np.nan_to_num(on_u(sign * (1 - rest)), nan=0.0, posinf=np.inf)
            if size.max() > 2 * size[0] or size[0] == np.inf:
                start = abs(float(change.point(sign * (1 - away))))
                total += tail_mass(absolute(f), max(start, 1e-3), sign)
    return total


def _neighbours(seen: Sampled, place: float) -> tuple[float, float, float]:
    """Return the nodes around a place, and the height of the straight line between them there."""
    i = int(np.clip(np.searchsorted(seen.places, place), 1, len(seen.places) - 1))
    left, right = float(seen.places[i - 1]), float(seen.places[i])
    return left, right, float(np.interp(place, seen.places, seen.heights))


def _hidden_hump(seen: Sampled, ranged: RangedFunction, hump: Hump) -> float:
    """Return the area of a hump so narrow that it may stand between two nodes."""
    if not ranged.lo < hump.center < ranged.hi or len(seen.places) < 2:
        return 0.0
    left, right, line = _neighbours(seen, hump.center)
    width = hump.left + hump.right
    if right - left <= width:
        return 0.0
    height = np.abs(ranged.f(np.array([hump.center])) - line)[0]
    return float(WIDE * height * width) if np.isfinite(height) else 0.0


def _hidden_break(seen: Sampled, ranged: RangedFunction, place: float) -> float:
    """Return what a jump or a pole between two nodes may add."""
    if len(seen.places) < 2:
        return 0.0
    left, right, _ = _neighbours(seen, place)
    total, size = 0.0, absolute(ranged.f)
    for near, sign in ((left, -1.0), (right, 1.0)):
        distance = max(abs(near - place), CLOSEST * (ranged.hi - ranged.lo))
        total += end_mass(size, place, sign, distance, ranged.hi - ranged.lo)
    cut = np.any(np.abs(np.asarray(seen.edges) - place) <= 1e-12 * (ranged.hi - ranged.lo))
    return total if cut else total + _corner(ranged, place, right - left)


def _corner(ranged: RangedFunction, place: float, gap: float) -> float:
    """Return what a jump or a kink within a gap may add.

    The difference across a smooth place, or a kink, falls with the step, that across a jump does
    not. The second difference falls with the step at a kink, with its square at a smooth place.
    """
    with np.errstate(all="ignore"):
        steps = gap * np.array([0.5, 0.25, 1e-6, 1e-6 / 64])
        middle, after, before = (ranged.f(place + s * steps) for s in (0.0, 1.0, -1.0))
        across, bend = np.abs(after - before), np.abs(after - 2 * middle + before)
        jump, kink = float(2 * across[3] - across[2]), float(4 * bend[1] - bend[0])
    return gap * sum(x for x in (jump, kink / 4) if np.isfinite(x) and x > 0)


def absolute(f: Function) -> Size:
    """Return |f| as a function of an array, in silence where it is not finite."""

    def size(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.abs(f(x))

    return size


def with_known_doubts(
    seen: Sampled, f: Any, a: float, b: float, change: Substitution, marks: Landmarks
) -> Estimate:
    """Return the estimate with the doubts that the range and the landmarks of f give rise to."""
    if np.isfinite(b - a):
        loose = CountedFunction(unchecked_function(f))
        found = with_doubts(seen, RangedFunction(loose, a, b), marks, 0.0)
        return loose.added(with_lost_digits(found, seen, f))
    loose = CountedFunction(careful_function(f))
    mapped = RangedFunction(transform_unchecked(loose, change), -1.0, 1.0)
    on_u = landmarks_on(marks, lambda x: place_of(change, x, a, b))
    found = with_doubts(seen, mapped, on_u, tails_of(loose, seen, a, b, change))
    inside = Sampled(seen.estimate, clamp_inside(seen.places, a, b), seen.heights)
    return loose.added(with_lost_digits(found, inside, f, change.point, change.slope))
