"""Adaptive quadrature as a method: each step halves the piece with the largest error."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.core import Method
from gdviz.probability.kronrod import GAUSS, KRONROD, NODES

Function = Callable[[Any], Any]


class Subdivision(NamedTuple):
    """The pieces of [−1, 1] so far and the tree that led to them.

    Arrays of one length, in the order of their birth: ends `lo, hi`, integral `value`, its
    `error`, the number of the `parent` (−1 for the root), `depth`, and whether it is still a
    `leaf`. `evaluations` counts values of f.
    """

    lo: Any
    hi: Any
    value: Any
    error: Any
    parent: Any
    depth: Any
    leaf: Any
    evaluations: int

    @property
    def total(self) -> float:
        """The sum over the leaves."""
        return float(self.value[self.leaf].sum())

    @property
    def doubt(self) -> float:
        """The sum of the errors of the leaves."""
        return float(self.error[self.leaf].sum())


def kronrod_piece(f: Function, lo: Any, hi: Any) -> tuple[Any, Any, int]:
    """Return ∫f over pieces by 21 Kronrod points, and its difference from 10 Gauss points."""
    half = (hi - lo) / 2
    y = f((lo + half)[:, None] + half[:, None] * NODES)
    fine, rough = half * (y @ KRONROD), half * (y @ GAUSS)
    return fine, np.abs(fine - rough), y.size


_FIVE = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
_TWICE = np.array([1, 4, 2, 4, 1]) / 6
_ONCE = np.array([1, 0, 4, 0, 1]) / 3


def simpson_piece(f: Function, lo: Any, hi: Any) -> tuple[Any, Any, int]:
    """Return ∫f over pieces by Simpson's rule on halves, and a fifteenth of what that changed.

    A piece has three of its five points from its parent, so that only two are new.
    """
    half = (hi - lo) / 2
    y = f((lo + half)[:, None] + half[:, None] * _FIVE)
    fine, rough = half * (y @ _TWICE), half * (y @ _ONCE)
    return fine, np.abs(fine - rough) / 15, 2 * len(lo)


PIECES = {"adaptive_simpson": simpson_piece, "adaptive_gauss_kronrod": kronrod_piece}


def adaptive(f: Function, rule: str, tol: float = 1e-12) -> Method:
    """Return the method that halves the worst piece of [−1, 1] until the error is below `tol`.

    The tolerance is relative to the integral; a finished method repeats its last state.
    """
    piece = PIECES[rule]

    def init(_: Any = None) -> Subdivision:
        value, error, count = piece(f, np.array([-1.0]), np.array([1.0]))
        count += 3 * (rule == "adaptive_simpson")
        one = np.ones(1)
        return Subdivision(
            -one, one, value, error, np.array([-1]), np.array([0]), np.array([True]), count
        )

    def step(state: Subdivision) -> Subdivision:
        if is_finished(state, tol):
            return state
        worst = int(np.argmax(np.where(state.leaf, state.error, -1.0)))
        middle = (state.lo[worst] + state.hi[worst]) / 2
        lo, hi = np.array([state.lo[worst], middle]), np.array([middle, state.hi[worst]])
        value, error, count = piece(f, lo, hi)
        leaf = state.leaf.copy()
        leaf[worst] = False
        more = [lo, hi, value, error, np.full(2, worst), np.full(2, state.depth[worst] + 1)]
        grown: list[Any] = [np.concatenate(p) for p in zip(state[:6], more, strict=True)]
        leaf = np.concatenate([leaf, [True, True]])
        return Subdivision._make([*grown, leaf, state.evaluations + count])

    return Method(init, step)


def is_within(state: Subdivision, tol: float) -> bool:
    """Tell whether the error is below the tolerance, or below what rounding leaves."""
    floor = 4e-16 * float(np.abs(state.value[state.leaf]).sum())
    return state.doubt <= max(tol * abs(state.total), floor)


def is_finished(state: Subdivision, tol: float) -> bool:
    """Tell whether the error is below the tolerance, or the worst piece is too small to halve."""
    worst = int(np.argmax(np.where(state.leaf, state.error, -1.0)))
    return is_within(state, tol) or state.hi[worst] - state.lo[worst] < 1e-13
