"""Arrays with numbers as their last axes, for formulas written coordinate by coordinate."""

from typing import Any

import numpy as np


def stack(*parts: Any) -> Any:
    """Return numbers `(...)` as the coordinates `(..., d)` of one array."""
    return np.stack(np.broadcast_arrays(*parts), -1)


def table(theta: Any, rows: Any) -> Any:
    """Return a nested list of numbers `(...)` as an array `(..., rows, columns, ...)`.

    `theta (..., d)` gives the leading axes, so that constants may stand in the list.
    """
    zero = np.zeros(np.shape(theta)[:-1])

    def build(part: Any) -> Any:
        if isinstance(part, list):
            return np.stack([build(item) for item in part])
        return zero + part

    array = build(rows)
    depth = array.ndim - zero.ndim
    return np.moveaxis(array, range(depth), range(-depth, 0))


def diagonal(values: Any) -> Any:
    """Return diagonal matrices `(..., d, d)` of `(..., d)`."""
    return values[..., None] * np.eye(values.shape[-1])


def cube(values: Any) -> Any:
    """Return arrays `(..., d, d, d)` with `(..., d)` on their diagonal."""
    d = values.shape[-1]
    return diagonal(values)[..., None] * np.eye(d)[:, None, :]
