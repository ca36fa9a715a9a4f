"""Descent of many lanes at once, in blocks: the time loop outside, the lane loop inside.

A gradient and an update rule are each compiled on their own into a function of one fixed type, so
n formulas and m rules need n + m compilations, and one driver runs any pair of them. The numbers of
a formula are handed to its kernel, not compiled into it: formulas that differ in them share it.
"""

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numba import f8, i8, njit, types, void

from gdviz.kernels.block_kernels import CUBE, GRADIENT, LINE, PLANE, RULE, Gradient
from gdviz.kernels.compile_cache import compiled_once

LANES = 256  # lanes of a block: its arrays stay in the first-level cache
INLINE_WORK = 100_000  # lanes times steps below which a second thread does not pay
CONVERGED, NOT_YET, DIVERGED, AT_KINK = 1, 0, -1, 2
HUGE = 1e100  # a gradient that is not finite where f is larger has overflowed


class Stop(NamedTuple):
    """When a lane ends: |∇f| ≤ max(tol·min(1, |∇f₀|), rounding), or `far` times farther out."""

    tol: float
    rounding: float
    far: float


class Lanes(NamedTuple):
    """How each lane ended: `x (d, n)`, `steps (n,)` or −1, `code (n,)`, `tail (keep, d, n)`.

    A lane `AT_KINK` has come to a point where f has a value and no gradient.
    """

    x: np.ndarray
    steps: np.ndarray
    code: np.ndarray
    tail: np.ndarray


# --- compiled once per formula and once per rule --------------------------------------------------


# --- the driver -----------------------------------------------------------------------------------


@njit(error_model="numpy")
def _length(a, j):
    """Return the length of column j without overflow."""
    total = abs(a[0, j])
    for i in range(1, a.shape[0]):
        total = math.hypot(total, a[i, j])
    return total


@njit(error_model="numpy")
def _moved(a, b, j):
    """Return the distance between the columns j of two arrays."""
    total = abs(a[0, j] - b[0, j])
    for i in range(1, a.shape[0]):
        total = math.hypot(total, a[i, j] - b[i, j])
    return total


@njit(error_model="numpy")
def _plain(x, g, f, floor, wall, j):
    """Tell that lane j needs no look, by the test of the gradient kernel."""
    steep = near = 0.0
    for i in range(len(x)):
        steep, near = steep + g[i, j] * g[i, j], near + x[i, j] * x[i, j]
    return steep > floor[j] and near < wall[j] and f[j] - f[j] == 0.0


@njit(error_model="numpy")
def _judge(x, before, earlier, g, f, f0, small, reach, k, j):
    """Say whether lane j has converged or diverged at step k, by the rules of a single run."""
    distance, size = _length(x, j), _length(g, j)
    if not (math.isfinite(f[j]) and math.isfinite(distance)):
        return DIVERGED
    if distance > reach[j]:
        growing = k > 1 and _moved(x, before, j) > _moved(before, earlier, j)
        if growing or f[j] > f0[j]:
            return DIVERGED
    if not math.isfinite(size):
        return AT_KINK if abs(f[j]) < HUGE else DIVERGED
    return CONVERGED if size <= small[j] else NOT_YET


@njit(error_model="numpy")
def _set_bounds(x, g, f, f0, small, reach, floor, wall, limits):
    """Set what each lane is judged by, from where it starts."""
    tol, rounding, far = limits
    for j in range(f.size):
        f0[j] = f[j]
        small[j] = max(tol * min(1.0, _length(g, j)), rounding)
        reach[j] = far * max(1.0, _length(x, j))
        # A little generous: these only choose whom `_judge` looks at.
        floor[j] = small[j] * abs(small[j]) * (1 + 1e-9)
        wall[j] = min(reach[j] * reach[j], 1e300) * (1 - 1e-9)


@njit(error_model="numpy")
def _look(
    x, before, earlier, g, f, f0, small, reach, floor, wall, live, events, k, lo, end, when, code,
):  # fmt: skip
    """Judge the lanes that need it, and write how some ended; return how many did."""
    ended = 0
    for j in range(f.size):
        if not (events and live[j]) or _plain(x, g, f, floor, wall, j):
            continue
        events -= 1
        verdict = _judge(x, before, earlier, g, f, f0, small, reach, k, j)
        if verdict != NOT_YET:
            live[j] = 0
            ended += 1
            code[lo + j] = verdict
            when[lo + j] = k if verdict != DIVERGED else -1
            for i in range(x.shape[0]):
                end[i, lo + j] = x[i, j] if verdict != DIVERGED else before[i, j]
                if verdict != CONVERGED:
                    x[i, j] = np.nan  # sin(nan) is quick, sin(1e300) is not
    return ended


@njit(error_model="numpy")
def _start(starts, rates, knobs, row, lo, x, before, earlier, lr, h):
    """Copy where the lanes of a block start, their rates, and the knobs that they share."""
    for i in range(h.size):
        h[i] = knobs[row, i]
    for j in range(lr.size):
        lr[j] = rates[lo + j]
        for i in range(x.shape[0]):
            x[i, j] = before[i, j] = earlier[i, j] = starts[i, lo + j]


@njit(error_model="numpy")
def _block(
    gradient, numbers, rule, slots, lo, hi, starts, rates, knobs, row, steps, limits, end, when,
    code, tail,
):  # fmt: skip
    """Run the lanes `lo` to `hi` with the knobs of one row, and write how each of them ended."""
    # Single loops and no slices: they are what numba compiles fast.
    d, m = starts.shape[0], hi - lo
    x, before, earlier, g = np.empty((d, m)), np.empty((d, m)), np.empty((d, m)), np.empty((d, m))
    f, f0, small, reach = np.empty(m), np.empty(m), np.empty(m), np.empty(m)
    floor, wall, live, lr = np.empty(m), np.empty(m), np.ones(m, np.int64), np.empty(m)
    memory, h = np.zeros((slots, d, m)), np.empty(knobs.shape[1])
    _start(starts, rates, knobs, row, lo, x, before, earlier, lr, h)
    running, k = m, 0
    while True:
        events = gradient(x, g, f, floor, wall, live, numbers)
        if k == 0:
            events = m
            _set_bounds(x, g, f, f0, small, reach, floor, wall, limits)
        if events:
            running -= _look(
                x, before, earlier, g, f, f0, small, reach, floor, wall, live, events, k, lo, end,
                when, code,
            )  # fmt: skip
        place = k - steps - 1 + tail.shape[0]
        if place >= 0:
            for i in range(d):
                for j in range(m):
                    tail[place, i, lo + j] = x[i, j]
        if running == 0 or k == steps:
            break
        k += 1
        earlier, before, x = before, x, earlier
        rule(before, g, lr, float(k), memory, h, x)
    for j in range(m):
        if live[j]:
            code[lo + j], when[lo + j] = NOT_YET, -1
            for i in range(d):
                end[i, lo + j] = x[i, j]


def _drive(
    gradient, numbers, rule, slots, first, last, starts, rates, edges, rows, knobs, steps, limits,
    end, when, code, tail,
):  # fmt: skip
    """Run the blocks `first` to `last`; block b holds the lanes edges[b] to edges[b + 1]."""
    for b in range(first, last):
        _block(
            gradient, numbers, rule, slots, edges[b], edges[b + 1], starts, rates, knobs, rows[b],
            steps, limits, end, when, code, tail,
        )  # fmt: skip


_DRIVE = void(
    types.FunctionType(GRADIENT), LINE, types.FunctionType(RULE), i8, i8, i8, PLANE, LINE,
    i8[::1], i8[::1], PLANE, i8, types.UniTuple(f8, 3), PLANE, i8[::1], i8[::1], CUBE,
)  # fmt: skip


@compiled_once(maxsize=1)
def _driver() -> Callable[..., None]:
    return njit(_DRIVE, error_model="numpy", nogil=True, cache=True)(_drive)


@compiled_once(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="gdviz-blocks")


def run(
    gradient: Gradient,
    rule: Any,
    slots: int,
    starts: np.ndarray,
    rates: np.ndarray,
    groups: np.ndarray,
    knobs: np.ndarray,
    steps: int,
    stop: Stop,
    keep: int = 0,
) -> Lanes:
    """Run the kernels from `starts (d, n)` with `rates (n,)` for at most `steps` steps.

    Lanes groups[i] to groups[i + 1] share the row knobs[i] (the knobs of `other_knobs`). A lane
    that ends stays where it ended, a diverged one at its last good point. The last `keep` of all
    points x₀ … x_steps go to `tail`, which is meant for lanes that do not stop.
    """
    driver = _driver()
    d, n = starts.shape
    spans = list(zip(groups[:-1], groups[1:], strict=True))
    edges = np.array([0, *(e for lo, hi in spans for e in [*range(lo + LANES, hi, LANES), hi])])
    rows = np.array([i for i, (lo, hi) in enumerate(spans) for _ in range(lo, hi, LANES)], int)
    blocks = len(rows)
    codes = np.empty(n, np.int64), np.empty(n, np.int64)
    out = Lanes(np.empty((d, n)), *codes, np.full((keep, d, n), np.nan))
    start = np.array(starts, float, order="C"), np.array(rates, float, order="C")
    table = np.array(knobs, float, order="C")
    rest = *start, edges, rows, table, steps, tuple(stop), *out

    def part(span: tuple[int, int]) -> None:
        driver(*gradient, rule, slots, *span, *rest)

    parts = 1 if n * steps < INLINE_WORK else min(blocks, 8 * (os.cpu_count() or 1))
    cuts = np.linspace(0, blocks, parts + 1).astype(int).tolist()
    list((_pool().map if parts > 1 else map)(part, zip(cuts[:-1], cuts[1:], strict=True)))
    return out
