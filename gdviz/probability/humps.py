"""Where a function peaks and where it breaks: maxima of a logarithm, zeros of an argument."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from gdviz.expressions import Formula
from gdviz.probability.user_functions import SignedLog

Log = Callable[[Any], Any]
MOST = 64  # humps, and zeros, of one function
MOST_JUMPS = 8192  # of one step function: at each a panel begins
FEW = 12  # more humps than these are the waves of an oscillation
STEEP = 2.0  # a hump that falls by less between points of a grid is met by any rule
CLOSE = 513
DROP = 0.5  # a hump is as wide as the distance over which its logarithm falls by this
REACH = np.array([0.25, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0])  # where a hump is cut, in widths
_ZOOM = np.linspace(0.0, 1.0, 11)
_OCTAVES = 2.0 ** np.arange(-50, 60)
_LINE = np.linspace(0.0, 64.0, 513)
_QUARTERS = 2.0 ** np.arange(-20, 100, 0.25)
WHOLE_LINE = np.unique(np.concatenate([-_QUARTERS, -_LINE, _LINE, _QUARTERS]))


class Hump(NamedTuple):
    """A local maximum at `center`, and how wide it is to its left and right."""

    center: float
    left: float
    right: float


class Landmarks(NamedTuple):
    """Sorted `breaks`, where a function may have a kink, a jump or a pole, and its `humps`."""

    breaks: Any
    humps: tuple[Hump, ...]

    def cuts(self, lo: float, hi: float, most: int = 400) -> Any:
        """Return sorted places inside (lo, hi) to split an integral at, the breaks first."""
        ring = [h.center - REACH[::-1] * h.left for h in self.humps]
        ring += [h.center + REACH * h.right for h in self.humps]
        centers = np.array([h.center for h in self.humps])
        found = np.concatenate([self.breaks, centers, *ring])
        found = found[np.isfinite(found) & (found > lo) & (found < hi)]
        return np.unique(found[:most])


@lru_cache(maxsize=256)
def landmarks_of(formula: Formula) -> Landmarks:
    """Return breaks and humps of a formula in one variable, anywhere on the line."""
    from gdviz.expressions.landmarks import parts_of  # which imports sympy

    parts = parts_of(formula)
    breaks = [zeros(root, WHOLE_LINE) for root in parts.roots]
    humps = [h for bend in parts.bends for h in _turns(*bend, WHOLE_LINE)]
    humps += [h for term in parts.terms for h in _humps(term, WHOLE_LINE)]
    return _collected(breaks, humps)


@lru_cache(maxsize=256)
def landmarks_between(formula: Formula, lo: float, hi: float) -> Landmarks:
    """Return breaks and humps inside a range; a finite one is searched once more, more closely."""
    from gdviz.expressions.landmarks import parts_of

    found = landmarks_of(formula)
    if not np.isfinite(hi - lo):
        return found
    grid, parts = np.linspace(lo, hi, CLOSE), parts_of(formula)
    breaks = [zeros(root, grid) for root in parts.roots]
    humps = [h for bend in parts.bends for h in _turns(*bend, grid)]
    humps += [h for term in parts.terms for h in maxima(_log(term), grid, STEEP)]
    near = [h for h in found.humps if lo <= h.center <= hi]
    return _collected([*breaks, found.breaks], near + humps)


def _collected(breaks: list[Any], humps: list[Hump]) -> Landmarks:
    places = np.unique(np.concatenate([np.zeros(0), *breaks]))
    places = places[np.argsort(np.abs(places), kind="stable")]
    return Landmarks(np.sort(places[:MOST]), tuple({h.center: h for h in humps}.values())[:MOST])


def _humps(term: SignedLog, grid: Any) -> list[Hump]:
    """Return the humps of a term; of one that oscillates only those that stand out."""
    found = maxima(_log(term), grid)
    return found if len(found) <= FEW else maxima(_log(term), grid, STEEP)


def _turns(argument: Log, slope: Log, grid: Any) -> list[Hump]:
    """Return where an argument of tanh or its like is zero, and over how far it changes by one."""
    with np.errstate(all="ignore"):
        centers = zeros(argument, grid)
        widths = 1 / np.abs(slope(centers))
    sound = np.isfinite(widths) & (widths > 0)
    pairs = zip(centers[sound].tolist(), widths[sound].tolist(), strict=True)
    return [Hump(center, width, width) for center, width in pairs]


def _log(term: SignedLog) -> Log:
    return lambda x: term(x)[1]


def zeros(function: Callable[[Any], Any], grid: Any) -> Any:
    """Return where a function changes its sign between points of a grid, to the last bit."""
    with np.errstate(all="ignore"):
        y = np.broadcast_to(function(grid), grid.shape)
        exact = grid[y == 0][:MOST]
        change = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0)[:MOST]
        return np.concatenate([exact, _bisected(function, grid[change], grid[change + 1])])


def _bisected(function: Callable[[Any], Any], lo: Any, hi: Any) -> Any:
    """Return where a function changes its sign between lo and hi, elementwise."""
    left = np.sign(function(lo))
    for _ in range(1100):
        middle = lo / 2 + hi / 2
        if np.all((middle <= lo) | (middle >= hi)):
            break
        same = np.sign(function(middle)) == left
        lo, hi = np.where(same, middle, lo), np.where(same, hi, middle)
    return np.where(np.abs(function(lo)) < np.abs(function(hi)), lo, hi)


def can_jump(formula: Formula) -> bool:
    """Tell whether a formula has floor, mod or the like in it."""
    from gdviz.expressions.landmarks import parts_of

    return bool(parts_of(formula).steps)


@lru_cache(maxsize=64)
def jumps_between(formula: Formula, lo: float, hi: float) -> Any:
    """Return every place in a finite range at which floor, mod and the like jump, sorted.

    Of a step that jumps more than `MOST_JUMPS` times, and on an infinite range, it returns none.
    """
    from gdviz.expressions.landmarks import parts_of

    if not np.isfinite(hi - lo):
        return np.zeros(0)
    grid = np.linspace(lo, hi, CLOSE)
    return np.unique(
        np.concatenate([np.zeros(0), *(_passed(s, grid) for s in parts_of(formula).steps)])
    )


def _passed(step: Callable[[Any], Any], grid: Any) -> Any:
    """Return where a function passes whole numbers, to the last bit; none if they are too many."""
    with np.errstate(all="ignore"):
        y = np.broadcast_to(step(grid), grid.shape)
        on = grid[y == np.floor(y)]
        first = np.floor(np.minimum(y[:-1], y[1:])) + 1
        count = np.ceil(np.maximum(y[:-1], y[1:])) - first
        count = np.where(np.isfinite(count), np.maximum(count, 0), 0)
        if on.size + count.sum() > MOST_JUMPS:
            return np.zeros(0)
        at = np.repeat(np.arange(count.size), count.astype(int))
        goal = first[at] + np.arange(at.size) - (np.cumsum(count) - count)[at]
        passed = _bisected(lambda x: step(x) - goal, grid[at], grid[at + 1])
    return np.concatenate([on, passed])


def maxima(log: Log, grid: Any, steepest: float = 0.0, known: Any = None) -> list[Hump]:
    """Return the local maxima of a logarithm that a sorted grid betrays.

    A maximum from which the grid's neighbours fall by less than `steepest` is left out. `known`
    are the logarithms on the grid, if somebody has them.
    """
    with np.errstate(all="ignore"):
        y = np.nan_to_num(log(grid) if known is None else known, nan=-np.inf)
        inner = y[1:-1]
        top = (inner > y[:-2]) & (inner >= y[2:]) & (np.minimum(y[:-2], y[2:]) < inner - steepest)
        at = np.flatnonzero(top & np.isfinite(inner)) + 1
        at = at[np.argsort(-y[at], kind="stable")][:MOST]
        if not len(at):
            return []
        center = _climbed(log, grid[at - 1], grid[at + 1])
        if not len(center):
            return []
        left, right = (_width(log, center, side) for side in (-1.0, 1.0))
    return [Hump(*map(float, h)) for h in zip(center, left, right, strict=True)]


def _climbed(log: Log, lo: Any, hi: Any) -> Any:
    """Return the maxima between ends that are no poles, looking at nine points for the best."""
    for _ in range(64):
        x = lo[:, None] + (hi - lo)[:, None] * _ZOOM
        y = np.nan_to_num(log(x), nan=-np.inf)
        best = np.clip(y.argmax(axis=1), 1, len(_ZOOM) - 2)
        row = np.arange(len(lo))
        lo, hi = x[row, best - 1], x[row, best + 1]
        flat = y.max(axis=1) - np.minimum(y[row, best - 1], y[row, best + 1]) < 1e-3
        if np.all(flat | (hi - lo <= 8 * np.spacing(np.abs(lo)))):
            break
    return x[row, best][flat]


def _width(log: Log, center: Any, side: float) -> Any:
    """Return over how many units the logarithm falls by `DROP` on one side of each center."""
    unit = np.maximum(np.abs(center), 1e-12)
    steps = unit[:, None] * _OCTAVES
    fall = log(center)[:, None] - np.nan_to_num(log(center[:, None] + side * steps), nan=-np.inf)
    far = fall >= DROP
    first = np.where(far.any(axis=1), far.argmax(axis=1), len(_OCTAVES) - 1)
    row = np.arange(len(center))
    after = fall[row, first]
    # Within the octave the fall is nearly a parabola's: the root of their ratio.
    share = np.sqrt(np.clip(DROP / np.where(np.isfinite(after), after, 4 * DROP), 0.25, 1.0))
    return steps[row, first] * share
