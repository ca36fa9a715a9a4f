"""The whole trajectory of one descent, compiled: the block kernels with a single lane."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import f8, njit, types, void

from gdviz.kernels.blocks import _CUBE, _GRADIENT, _LINE, _LOCK, _PLANE, _RULE


class Path(NamedTuple):
    """A trajectory: `x (n + 1, d)`, `f (n + 1,)`, `grad (n + 1, d)`, `slots (n + 1, slots, d)`."""

    x: np.ndarray
    f: np.ndarray
    grad: np.ndarray
    slots: np.ndarray


def _walk(gradient, rule, rates, knobs, noise, clip, x, f, grad, slots):
    """Walk from x[0] with rate rates[k] at step k + 1; noise is added, then the length clipped."""
    n, d = x.shape[0] - 1, x.shape[1]
    here, there, g, seen = np.empty((d, 1)), np.empty((d, 1)), np.empty((d, 1)), np.empty((d, 1))
    value, memory, lr = np.empty(1), np.zeros((slots.shape[1], d, 1)), np.empty(1)
    floor, wall, live = np.zeros(1), np.zeros(1), np.zeros(1, np.int64)
    for i in range(d):
        here[i, 0] = x[0, i]
    for k in range(n + 1):
        gradient(here, g, value, floor, wall, live)
        f[k] = value[0]
        total = 0.0
        for i in range(d):
            x[k, i], grad[k, i] = here[i, 0], g[i, 0]
            seen[i, 0] = g[i, 0] + (noise[k, i] if k < n else 0.0)
            total += seen[i, 0] ** 2
            for s in range(slots.shape[1]):
                slots[k, s, i] = memory[s, i, 0]
        if k == n:
            break
        if total > clip * clip:
            for i in range(d):
                seen[i, 0] *= clip / np.sqrt(total)
        lr[0] = rates[k]
        rule(here, seen, lr, float(k + 1), memory, knobs, there)
        here, there = there, here


_WALK = void(
    types.FunctionType(_GRADIENT), types.FunctionType(_RULE), _LINE, _LINE, _PLANE, f8, _PLANE,
    _LINE, _PLANE, _CUBE,
)  # fmt: skip


@lru_cache(maxsize=1)
def _walker() -> Callable[..., None]:
    walker = njit(_WALK, error_model="numpy", nogil=True, cache=True)(_walk)
    # There is one signature: looking it up anew at each call would take longer than the walk.
    return walker.overloads[walker.signatures[0]].entry_point  # type: ignore[attr-defined]


def walk(
    gradient: Any,
    rule: Any,
    slots: int,
    start: np.ndarray,
    rates: np.ndarray,
    knobs: np.ndarray,
    noise: np.ndarray | None = None,
    clip: float | None = None,
) -> Path:
    """Return the path from `start (d,)` of as many steps as there are `rates (n,)`.

    `noise (n, d)` is added to the gradient of each step, which is then shortened to `clip`.
    """
    with _LOCK:
        walker = _walker()
    n, d = len(rates), len(start)
    path = Path(
        np.empty((n + 1, d)), np.empty(n + 1), np.empty((n + 1, d)), np.empty((n + 1, slots, d))
    )
    path.x[0] = start
    still = np.zeros((n, d)) if noise is None else np.ascontiguousarray(noise, float)
    far = np.inf if clip is None else float(clip)
    walker(
        gradient,
        rule,
        np.ascontiguousarray(rates, float),
        np.ascontiguousarray(knobs, float),
        still,
        far,
        *path,
    )
    return path
