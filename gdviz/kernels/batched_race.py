"""The whole trajectories of a race, compiled: one walk, in which every method is a lane.

The gradients of a step are asked for at once, for all lanes; then each rule moves its own.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import f8, i8, njit, types, void

from gdviz.kernels.block_kernels import CUBE, GRADIENT, LINE, PLANE, RULE, Gradient
from gdviz.kernels.compile_cache import compiled_once
from gdviz.kernels.entry import entry_point

TINY = 1e-12  # that of `outer_loops`, which a kernel may not import
TOGETHER = 8  # methods that one call walks; more are walked by several calls


class RacePath(NamedTuple):
    """A trajectory: `x (n + 1, d)`, `f (n + 1,)`, `grad (n + 1, d)`, `slots (n + 1, slots, d)`.

    It is `sound` if all paths of the batch are finite.
    """

    x: np.ndarray
    f: np.ndarray
    grad: np.ndarray
    slots: np.ndarray
    sound: bool


@njit(error_model="numpy", inline="always")
def _put_uphill(x, grad, noise, climb, above):
    """Write the points a step of length `climb` up the noisy gradients to `above`, all (d, m)."""
    for j in range(x.shape[1]):
        total = 0.0
        for i in range(x.shape[0]):
            total += (grad[i, j] + noise[i]) ** 2
        for i in range(x.shape[0]):
            above[i, j] = x[i, j] + climb / (np.sqrt(total) + TINY) * (grad[i, j] + noise[i])


def _walk(
    gradient, numbers, rules, slots, rates, knobs, noise, around, x, f, grad, memory, kept, never,
    live, at, seen, to, lr, above, steep, height,
):  # fmt: skip
    """Walk all lanes from x[0] with the rates `rates[:, k]` at step k + 1.

    noise[k] is added to the gradients of step k + 1, which are then shortened to `around[0]`. Those
    of SAM are of points `around[1]` uphill; every `around[2]` steps Lookahead takes the points back
    to where they last were so, but for a share `around[3]` of the way. `kept` is what each method
    remembers, at first nothing; `never` ends no lane. They and the rest, which is room to write in,
    are not made here: that would take the compiler twice as long, and the first visitor waits.
    """
    clip, climb, period, pull = around[0], around[1], int(around[2]), around[3]
    n, d, m = x.shape[0] - 1, x.shape[1], x.shape[2]
    for k in range(n + 1):
        gradient(x[k], grad[k], f[k], never, never, live, numbers)
        if climb > 0.0 and k < n:
            _put_uphill(x[k], grad[k], noise[k], climb, above)
            gradient(above, steep, height, never, never, live, numbers)
        slope = steep if climb > 0.0 else grad[k]
        for j in range(m):
            for s in range(slots[j]):
                for i in range(d):
                    memory[k, j, s, i] = kept[j, s, i, 0]
        for j in range(m if k < n else 0):
            total = 0.0
            for i in range(d):
                at[i, 0], seen[i, 0] = x[k, i, j], slope[i, j] + noise[k, i]
                total += seen[i, 0] ** 2
            for i in range(d if total > clip * clip else 0):
                seen[i, 0] *= clip / np.sqrt(total)
            lr[0] = rates[j, k]
            rules[j](at, seen, lr, float(k + 1), kept[j], knobs[j], to)
            returns = period > 0 and (k + 1) % period == 0
            for i in range(d):
                slow = x[k + 1 - period, i, j] if returns else to[i, 0]
                x[k + 1, i, j] = slow + pull * (to[i, 0] - slow) if returns else to[i, 0]


_WALK = void(
    types.FunctionType(GRADIENT), LINE, types.UniTuple(types.FunctionType(RULE), TOGETHER),
    i8[::1], PLANE, PLANE, PLANE, LINE, CUBE, PLANE, CUBE, f8[:, :, :, ::1], f8[:, :, :, ::1], LINE,
    i8[::1], PLANE, PLANE, PLANE, LINE, PLANE, PLANE, LINE,
)  # fmt: skip


@compiled_once(maxsize=1)
def _walker() -> Callable[..., None]:
    walker = njit(_WALK, error_model="numpy", nogil=True, cache=True)(_walk)
    return entry_point(walker)


def _noise_and_limits(conditions: Any, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the noise `(n, d)`, and clip, climb, period and pull as a walk wants them."""
    noise, clip = conditions.noise, conditions.clip
    still = np.zeros((n, d)) if noise is None else np.ascontiguousarray(noise, float)
    far = np.inf if clip is None else clip
    return still, np.array([far, conditions.sam or 0.0, *(conditions.lookahead or (0, 0.0))], float)


def walk(
    gradient: Gradient,
    rules: Sequence[Any],
    slots: Sequence[int],
    start: np.ndarray,
    rates: np.ndarray,
    knobs: Sequence[Sequence[float]],
    conditions: Any,
) -> list[RacePath]:
    """Return the paths of `rules` from `start (d,)`, rule j with `rates[j] (n,)` and `knobs[j]`.

    Rule j has `slots[j]` numbers of memory per coordinate. What stands between f and a rule are the
    `conditions` but for the schedule, which is in the rates: see `elementwise.GradientConditions`.
    """
    walker = _walker()
    d, n = len(start), rates.shape[1]
    still, around = _noise_and_limits(conditions, n, d)
    paths: list[RacePath] = []
    for first in range(0, len(rules), TOGETHER):
        some = slice(first, first + TOGETHER)
        own, room = list(rules[some]), np.array(slots[some], np.int64)
        m = len(own)
        table = np.zeros((m, max(1, *map(len, knobs[some]))))
        for row, values in zip(table, knobs[some], strict=True):
            row[: len(values)] = values
        x, grad = np.empty((2, n + 1, d, m))
        f, memory = np.empty((n + 1, m)), np.empty((n + 1, m, int(room.max()), d))
        x[0] = start[:, None]
        all_rules = tuple(own + own[:1] * (TOGETHER - m))
        walker(
            *gradient, all_rules, room, np.ascontiguousarray(rates[some], float), table, still,
            around, x, f, grad, memory, np.zeros((m, memory.shape[2], d, 1)), np.zeros(m),
            np.zeros(m, np.int64), *np.empty((3, d, 1)), np.empty(1), *np.empty((2, d, m)),
            np.empty(m),
        )  # fmt: skip
        sound = all(np.isfinite(values).all() for values in (x, f, grad))
        paths += [RacePath(x[..., j], f[:, j], grad[..., j], memory[:, j], sound) for j in range(m)]
    return paths
