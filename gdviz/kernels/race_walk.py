"""The whole trajectory of a method in a race, compiled: formula and rule are handed to one walk.

It is written for the compiler: a first visitor waits for it. So it walks one method at a time, and
the arrays of a path are those that the two kernels write to.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import f8, i8, njit, types, void

from gdviz.kernels.block_kernels import CUBE, GRADIENT, LINE, PLANE, RULE, Gradient
from gdviz.kernels.compile_cache import compiled_once
from gdviz.kernels.entry import entry_point

TINY = 1e-12  # that of `outer_loops`, which a kernel may not import


class RacePath(NamedTuple):
    """A trajectory: `x (n + 1, d)`, `f (n + 1,)`, `grad (n + 1, d)`, `slots (n + 1, slots, d)`.

    It is `sound` if all its numbers are finite.
    """

    x: np.ndarray
    f: np.ndarray
    grad: np.ndarray
    slots: np.ndarray
    sound: bool


# `never`, and what it writes to, are not made in it: that would take the compiler longer.
def _walk(
    gradient, numbers, rule, rates, knobs, noise, around, x, f, grad, memory, seen, above, height,
    never, live,
):  # fmt: skip
    """Walk from x[0] and memory[0] with the rate rates[k] at step k + 1; all are of one lane.

    noise[k] is added to the gradient of step k + 1, which is then shortened to `around[0]`. That
    of SAM is of a point `around[1]` uphill; every `around[2]` steps Lookahead takes the point back
    to where it last was so, but for a share `around[3]` of the way. `never` ends no lane.
    """
    clip, climb, period, pull = around[0], around[1], int(around[2]), around[3]
    n, d = x.shape[0] - 1, x.shape[1]
    for k in range(n + 1):
        gradient(x[k], grad[k], f[k], never, never, live, numbers)
        if k == n:
            break
        total = 0.0
        for i in range(d):
            seen[i, 0] = grad[k, i, 0]
            total += (seen[i, 0] + noise[k, i]) * (seen[i, 0] + noise[k, i])
        if climb > 0.0:
            for i in range(d):
                up = climb / (np.sqrt(total) + TINY) * (seen[i, 0] + noise[k, i])
                above[i, 0] = x[k, i, 0] + up
            gradient(above, seen, height, never, never, live, numbers)
        total = 0.0
        for i in range(d):
            seen[i, 0] += noise[k, i]
            total += seen[i, 0] * seen[i, 0]
        if total > clip * clip:
            for i in range(d):
                seen[i, 0] *= clip / np.sqrt(total)
        for s in range(memory.shape[1]):
            for i in range(d):
                memory[k + 1, s, i, 0] = memory[k, s, i, 0]
        rule(x[k], seen, rates[k], float(k + 1), memory[k + 1], knobs, x[k + 1])
        if period > 0 and (k + 1) % period == 0:
            for i in range(d):
                slow = x[k + 1 - period, i, 0]
                x[k + 1, i, 0] = slow + pull * (x[k + 1, i, 0] - slow)


_WALK = void(
    types.FunctionType(GRADIENT), LINE, types.FunctionType(RULE), PLANE, LINE, PLANE, LINE, CUBE,
    PLANE, CUBE, f8[:, :, :, ::1], PLANE, PLANE, LINE, LINE, i8[::1],
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
    rule: Any,
    slots: int,
    start: np.ndarray,
    rates: np.ndarray,
    knobs: Sequence[float],
    conditions: Any,
) -> RacePath:
    """Return the path of a rule from `start (d,)` with the rates `(n,)` and its other knobs.

    The rule has `slots` numbers of memory per coordinate. What stands between f and the rule are
    the `conditions` but for the schedule, which is in the rates: see
    `elementwise.GradientConditions`.
    """
    d, n = len(start), len(rates)
    x, grad, f = np.empty((n + 1, d, 1)), np.empty((n + 1, d, 1)), np.empty((n + 1, 1))
    memory = np.empty((n + 1, slots, d, 1))
    x[0, :, 0], memory[0] = start, 0.0
    _walker()(
        *gradient, rule, np.array(rates, float)[:, None], np.array(knobs, float),
        *_noise_and_limits(conditions, n, d), x, f, grad, memory, *np.empty((2, d, 1)), np.empty(1),
        np.zeros(1), np.zeros(1, np.int64),
    )  # fmt: skip
    sound = all(np.isfinite(values).all() for values in (x, f, grad))
    return RacePath(x[..., 0], f[:, 0], grad[..., 0], memory[..., 0], sound)
