"""Adaptive quadrature as a method: each step splits the piece with the largest error.

A rule that looks at few points can be deceived: by a hump between them, or by waves that it meets
always at the same height. So the first pieces are unequal, with irrational cuts; places that the
integrand is known to break or peak at are cuts too; and what the pieces say is compared with the
integrand at points that no piece has used before it counts as done. No piece is believed much
better than its parent was, whose integral it has changed.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.core import Method
from gdviz.probability.kronrod import GAUSS, KRONROD, NODES

Function = Callable[[Any], Any]
GOLDEN = (np.sqrt(5) - 1) / 2
FIRST = 5  # as many pieces are made whatever the first of them say
UNEQUAL = (0.5 - 1 / (4 * np.pi), 0.5 + 1 / (3 * np.e), 0.5 - np.sqrt(2) / 16)
SCANNED = 2039
SEARCHED = 16_381
EVERYWHERE = 2 * ((np.arange(SEARCHED) + 0.5) * GOLDEN % 1) - 1
IN_ORDER = np.sort(EVERYWHERE)
# Of every leaf, too: six places inside, and three close to each end, where a jump would be missed
# by the outermost nodes; with the share of the leaf that each stands for.
_CLOSE = np.array([1e-3, 1e-5, 1e-8])
INSIDE = np.concatenate([(np.arange(6) + 0.5) * GOLDEN % 1, _CLOSE, 1 - _CLOSE])
SHARE = np.concatenate([np.full(6, 1 / 6), np.tile([2e-3, 1e-3, 1e-5], 2)])
SMALLEST = 1e-13


class Subdivision(NamedTuple):
    """The pieces of [−1, 1] so far and the tree that led to them.

    Arrays of one length, in the order of their birth: ends `lo, hi`, integral `value`, its
    `error`, the number of the `parent` (−1 for the root), `depth`, whether it is still a `leaf`,
    and its row of `heights` of f at its nodes. `evaluations` counts values of f; `cuts` are the
    places that are still to be split at; `confirmed` tells that the leaves agree with f where it
    was asked between the nodes.
    """

    lo: Any
    hi: Any
    value: Any
    error: Any
    parent: Any
    depth: Any
    leaf: Any
    heights: tuple[Any, ...]
    evaluations: int
    cuts: Any = ()
    confirmed: bool = False

    @property
    def pieces(self) -> int:
        """The number of leaves of the tree, in which every other node has two children."""
        return (len(self.lo) + 1) // 2

    @property
    def total(self) -> float:
        """The sum over the leaves."""
        return float(self.value[self.leaf].sum())

    @property
    def doubt(self) -> float:
        """The sum of the errors of the leaves."""
        return float(self.error[self.leaf].sum())


class Piece(NamedTuple):
    """A rule on one piece: nodes on [−1, 1], the weights of its fine and its rough sum.

    Their difference times `share` is the error, or what the piece changed of its parent times
    `doubt`, if that is more. Of `nodes.size` values `fresh` are new in a half.
    """

    nodes: Any
    fine: Any
    rough: Any
    share: float
    doubt: float
    fresh: int


PIECES = {
    "adaptive_simpson": Piece(
        np.array([-1.0, -0.5, 0.0, 0.5, 1.0]),
        np.array([1, 4, 2, 4, 1]) / 6,
        np.array([1, 0, 4, 0, 1]) / 3,
        1 / 15,
        1 / 4,
        2,
    ),
    "adaptive_gauss_kronrod": Piece(NODES, KRONROD, GAUSS, 1.0, 1 / 16, NODES.size),
}


def adaptive(
    f: Function,
    rule: str,
    tol: float = 1e-12,
    cuts: Any = (),
    look: Function | None = None,
    search: bool = False,
) -> Method:
    """Return the method that splits the worst piece of [−1, 1] until the error is below `tol`.

    The tolerance is relative to the integral; a finished method repeats its last state. Pieces are
    split at one of `cuts` where they hold one, unequally at first, and in the middle later. `look`
    is f for the comparison at the end, if f itself minds where it is not finite; `search` asks it
    at more places, where no formula tells what to expect.
    """
    piece = PIECES[rule]

    def init(_: Any = None) -> Subdivision:
        ends = np.array([-1.0]), np.array([1.0])
        value, error, heights = _measured(piece, f, *ends)
        root = np.array([-1]), np.array([0]), np.array([True])
        return Subdivision(*ends, value, error, *root, heights, piece.nodes.size, _sorted(cuts))

    def step(state: Subdivision) -> Subdivision:
        if not is_finished(state, tol):
            return _grown(state, piece, f)
        return state if state.confirmed else confirm(state, look or f, rule, tol, search)

    return Method(init, step)


def _sorted(cuts: Any) -> Any:
    """Return places inside [−1, 1] that are not nearer to each other than a piece may be small."""
    cuts = np.unique(np.asarray(cuts, float))
    cuts = cuts[np.abs(cuts) < 1 - SMALLEST]
    return cuts[np.diff(cuts, prepend=-2.0) > SMALLEST]


def _grown(state: Subdivision, piece: Piece, f: Function) -> Subdivision:
    """Return the state with its worst leaf split in two."""
    worst = _worst(state)
    middle, halved = _split(state, worst)
    lo, hi = np.array([state.lo[worst], middle]), np.array([middle, state.hi[worst]])
    value, error, heights = _measured(piece, f, lo, hi)
    error = np.maximum(error, piece.doubt * abs(float(value.sum()) - state.value[worst]))
    kept = state.leaf.copy()
    kept[worst] = False
    parent, depth = np.full(2, worst), np.full(2, state.depth[worst] + 1)
    more = [lo, hi, value, error, parent, depth, np.array([True, True])]
    grown: list[Any] = [
        np.concatenate(p) for p in zip(state._replace(leaf=kept)[:7], more, strict=True)
    ]
    count = state.evaluations + 2 * (piece.fresh if halved else piece.nodes.size)
    cuts = state.cuts[state.cuts != middle] if len(state.cuts) else state.cuts
    return Subdivision._make([*grown, state.heights + heights, count, cuts, False])


def _measured(piece: Piece, f: Function, lo: Any, hi: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    """Return ∫f over pieces, its error, and the values that both were made of."""
    half = (hi - lo) / 2
    y = f((lo + half)[:, None] + half[:, None] * piece.nodes)
    fine, rough = half * (y @ piece.fine), half * (y @ piece.rough)
    return fine, np.abs(fine - rough) * piece.share, tuple(y)


def _worst(state: Subdivision) -> int:
    """Return the leaf to split: one with a cut inside, while they are few the widest, the worst."""
    if len(state.cuts):
        before, after = (np.searchsorted(state.cuts, end) for end in (state.lo, state.hi))
        return int(np.argmax(np.where(state.leaf & (after > before), state.error, -1.0)))
    weight = state.hi - state.lo if state.pieces < FIRST else state.error
    return int(np.argmax(np.where(state.leaf, weight, -1.0)))


def _split(state: Subdivision, worst: int) -> tuple[float, bool]:
    """Return where a piece is split, and whether that is its middle."""
    lo, hi = float(state.lo[worst]), float(state.hi[worst])
    inside = state.cuts[(state.cuts > lo) & (state.cuts < hi)] if len(state.cuts) else state.cuts
    if len(inside):
        return float(inside[np.argmin(np.abs(inside - (lo + hi) / 2))]), False
    depth = int(state.depth[worst])
    if depth < len(UNEQUAL):
        return lo + UNEQUAL[depth] * (hi - lo), False
    return (lo + hi) / 2, True


def confirm(
    state: Subdivision, f: Function, rule: str, tol: float, search: bool = False
) -> Subdivision:
    """Return a state compared with f at points that no piece has used.

    Where the polynomial through the nodes of a leaf misses f by more than the leaf's error says,
    the error is raised to that. An f that was zero wherever it was asked is searched more densely,
    and so is one that a `search` finds to be rough between many more places.
    """
    leaf = np.flatnonzero(state.leaf)
    leaf, heights = leaf[np.argsort(state.lo[leaf])], np.stack(state.heights)
    scan = EVERYWHERE[: SCANNED if np.any(heights) else SEARCHED]
    rough = _rough_places(f) if search and np.any(heights) else EVERYWHERE[:0]
    inside = np.tile(INSIDE, leaf.size) * np.repeat((state.hi - state.lo)[leaf], INSIDE.size)
    inside += np.repeat(state.lo[leaf], INSIDE.size)
    at, count = np.concatenate([scan, rough, inside]), len(scan) + len(rough)
    own = np.append(_holder(state, leaf, at[:count]), np.repeat(leaf, INSIDE.size))
    lo, hi = state.lo[own], state.hi[own]
    expected = interpolate(PIECES[rule].nodes, heights[own], (2 * at - lo - hi) / (hi - lo))
    off, width = np.nan_to_num(np.abs(f(at) - expected), posinf=0.0), state.hi - state.lo
    few, size = slice(len(scan)), width.size
    held = np.maximum(np.bincount(own[few], minlength=size), 1)
    missed = width * np.bincount(own[few], off[few], size) / held
    few = slice(len(scan), count)
    missed = np.maximum(missed, np.bincount(own[few], off[few], size) * 2 / SEARCHED)
    close = off[count:].reshape(-1, INSIDE.size) @ SHARE * width[leaf]
    missed[leaf] = np.maximum(missed[leaf], close)
    return _raised(state, missed, tol, at.size + (SEARCHED if len(rough) else 0))


def _rough_places(f: Function) -> Any:
    """Return the places of a dense search where f is least like the line between its neighbours."""
    at = IN_ORDER
    y = np.nan_to_num(f(at), posinf=0.0, neginf=0.0)
    between = y[:-2] + (y[2:] - y[:-2]) * (at[1:-1] - at[:-2]) / (at[2:] - at[:-2])
    bend = np.abs(y[1:-1] - between)
    return at[1:-1][np.argpartition(-bend, SCANNED // 2)[: SCANNED // 2]]


def _holder(state: Subdivision, leaf: Any, at: Any) -> Any:
    """Return which of the sorted leaves holds each point."""
    return leaf[np.clip(np.searchsorted(state.lo[leaf], at, "right") - 1, 0, len(leaf) - 1)]


def _raised(state: Subdivision, missed: Any, tol: float, count: int) -> Subdivision:
    """Return a state with the errors raised to what the leaves `missed`, where that is much."""
    floor = np.maximum(10 * state.error, tol * abs(state.total))
    floor = np.maximum(floor, 1e-14 * float(np.abs(state.value[state.leaf]).sum()))
    error = np.where(state.leaf & (missed > floor), missed, state.error)
    sound = not np.any(error > state.error)
    return state._replace(error=error, evaluations=state.evaluations + count, confirmed=sound)


def interpolate(nodes: Any, heights: Any, t: Any) -> Any:
    """Return polynomials through `heights (..., nodes)` at t `(...)`, by barycentric weights."""
    gaps = nodes[:, None] - nodes
    np.fill_diagonal(gaps, 1.0)
    weights = 1 / gaps.prod(axis=1)
    away = t[..., None] - nodes
    terms = weights / np.where(away == 0, 1e-30, away)
    return (terms * heights).sum(axis=-1) / terms.sum(axis=-1)


def is_within(state: Subdivision, tol: float) -> bool:
    """Tell whether the error is below the tolerance, or below what rounding leaves."""
    value = state.value[state.leaf]
    floor = 4e-16 * float(np.abs(value).sum())
    return state.doubt <= max(tol * abs(float(value.sum())), floor)


def is_finished(state: Subdivision, tol: float) -> bool:
    """Tell whether no cut is left and the error is small enough, or the worst piece too small."""
    if state.pieces < FIRST or len(state.cuts):
        return False
    worst = int(np.argmax(np.where(state.leaf, state.error, -1.0)))
    return bool(state.hi[worst] - state.lo[worst] < SMALLEST) or is_within(state, tol)
