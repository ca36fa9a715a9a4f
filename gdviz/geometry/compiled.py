"""Many normals at once: the compiled way to distances and geodesics, for points nobody checked."""

from typing import Any

import numpy as np

FLOAT = np.dtype(float)


def _pairs(a: Any, b: Any) -> tuple[Any, Any, tuple[int, ...]] | None:
    """Return points as rows `(n, 2)` and their leading axes; None unless they are alike."""
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return None
    if not (a.dtype == b.dtype == FLOAT and a.shape == b.shape and a.shape[-1:] == (2,)):
        return None
    return a.reshape(-1, 2), b.reshape(-1, 2), a.shape[:-1]


def distances(a: Any, b: Any) -> Any | None:
    """Return the distances of arrays of points, None where not all of them are ordinary pairs."""
    from gdviz.kernels import half_plane as kernels

    if (pairs := _pairs(a, b)) is None:
        return None
    first, second, batch = pairs
    out = np.empty(len(first))
    return out.reshape(batch)[()] if kernels.distances(first, second, out) else None


def geodesics(a: Any, b: Any, t: Any) -> Any | None:
    """Return the geodesics at the times t, None where a pair or a time is not ordinary."""
    from gdviz.kernels import half_plane as kernels

    pairs, times = _pairs(a, b), np.asarray(t)
    if pairs is None or times.dtype != FLOAT:
        return None
    first, second, batch = pairs
    out = np.empty((len(first), times.size, 2))
    scratch = np.empty(len(first))
    if not kernels.geodesics(first, second, times.reshape(-1), scratch, out):
        return None
    return out.reshape(*batch, *times.shape, 2)
