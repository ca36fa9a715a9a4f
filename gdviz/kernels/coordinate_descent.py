"""Coordinate descent on a quadratic with l1: each coordinate solved in turn, sweep after sweep."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numba import f8, njit, types, void

_LINE, _PLANE = f8[::1], f8[:, ::1]
# What is only read: an objective shares its matrices. It takes what can be written, too.
_READ_LINE, _READ_PLANE = (types.Array(f8, n, "C", readonly=True) for n in (1, 2))


def _sweeps(gram, moment, shrink, curved, path):
    """Write to path[1:] the points after each sweep from path[0] (Friedman et al. 2010, eq. 5)."""
    d = path.shape[1]
    for t in range(1, path.shape[0]):
        for j in range(d):
            path[t, j] = path[t - 1, j]
        for j in range(d):
            if curved[j] > 0.0:
                pull = moment[j] + gram[j, j] * path[t, j]
                for i in range(d):
                    pull -= gram[j, i] * path[t, i]
                size = max(abs(pull) - shrink[j], 0.0)
                path[t, j] = (size if pull >= 0.0 else -size) / curved[j]


_SWEEPS = void(_READ_PLANE, _READ_LINE, _LINE, _LINE, _PLANE)


@lru_cache(maxsize=1)
def _compiled() -> Callable[..., None]:
    return njit(_SWEEPS, error_model="numpy", nogil=True, cache=True)(_sweeps)


def descend_coordinates(
    gram: np.ndarray, moment: np.ndarray, shrink: np.ndarray, curved: np.ndarray, path: np.ndarray
) -> None:
    """Fill `path (sweeps + 1, d)` from its first row on.

    `gram (d, d)` and `moment (d,)` say the quadratic ½θᵀGθ − mᵀθ, `shrink (d,)` the l1 of each
    coordinate, `curved (d,)` the curvature along it with its l2; one without any stays.
    """
    _compiled()(gram, moment, shrink, curved, path)
