"""The whole trajectories of a race, compiled: one walk, in which every method is a lane.

The gradients of a step are asked for at once, for all lanes; then each rule moves its own.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import f8, i8, njit, types, void

from gdviz.kernels.block_kernels import _CUBE, _GRADIENT, _LINE, _PLANE, _RULE, Gradient
from gdviz.kernels.compile_cache import compiled_once
from gdviz.kernels.entry import entry_point

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


def _walk(gradient, numbers, rules, slots, rates, knobs, noise, clip, x, f, grad, memory):
    """Walk all lanes from x[0] with the rates `rates[:, k]` at step k + 1.

    noise[k] is added to the gradients of step k + 1, which are then shortened to `clip`.
    """
    n, d, m = x.shape[0] - 1, x.shape[1], x.shape[2]
    floor, wall, live = np.zeros(m), np.zeros(m), np.zeros(m, np.int64)
    at, seen, to, lr = np.empty((d, 1)), np.empty((d, 1)), np.empty((d, 1)), np.empty(1)
    kept = np.zeros((m, memory.shape[2], d, 1))
    for k in range(n + 1):
        gradient(x[k], grad[k], f[k], floor, wall, live, numbers)
        for j in range(m):
            for s in range(slots[j]):
                for i in range(d):
                    memory[k, j, s, i] = kept[j, s, i, 0]
        for j in range(m if k < n else 0):
            total = 0.0
            for i in range(d):
                at[i, 0], seen[i, 0] = x[k, i, j], grad[k, i, j] + noise[k, i]
                total += seen[i, 0] ** 2
            if total > clip * clip:
                for i in range(d):
                    seen[i, 0] *= clip / np.sqrt(total)
            lr[0] = rates[j, k]
            rules[j](at, seen, lr, float(k + 1), kept[j], knobs[j], to)
            for i in range(d):
                x[k + 1, i, j] = to[i, 0]


_WALK = void(
    types.FunctionType(_GRADIENT), _LINE, types.UniTuple(types.FunctionType(_RULE), TOGETHER),
    i8[::1], _PLANE, _PLANE, _PLANE, f8, _CUBE, _PLANE, _CUBE, f8[:, :, :, ::1],
)  # fmt: skip


@compiled_once(maxsize=1)
def _walker() -> Callable[..., None]:
    walker = njit(_WALK, error_model="numpy", nogil=True, cache=True)(_walk)
    return entry_point(walker)


def walk(
    gradient: Gradient,
    rules: Sequence[Any],
    slots: Sequence[int],
    start: np.ndarray,
    rates: np.ndarray,
    knobs: Sequence[Sequence[float]],
    noise: np.ndarray | None = None,
    clip: float | None = None,
) -> list[RacePath]:
    """Return the paths of `rules` from `start (d,)`, rule j with `rates[j] (n,)` and `knobs[j]`.

    Rule j has `slots[j]` numbers of memory per coordinate. `noise (n, d)` is added to the gradient
    of each step, which is then shortened to `clip`.
    """
    walker = _walker()
    d, n = len(start), rates.shape[1]
    still = np.zeros((n, d)) if noise is None else np.ascontiguousarray(noise, float)
    far = np.inf if clip is None else float(clip)
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
            *gradient, all_rules, room, np.ascontiguousarray(rates[some], float), table, still, far,
            x, f, grad, memory,
        )  # fmt: skip
        sound = all(np.isfinite(values).all() for values in (x, f, grad))
        paths += [RacePath(x[..., j], f[:, j], grad[..., j], memory[:, j], sound) for j in range(m)]
    return paths
