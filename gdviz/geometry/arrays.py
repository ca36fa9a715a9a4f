"""Arrays with numbers as their last axes, for formulas written coordinate by coordinate."""

from collections.abc import Iterator
from typing import Any

import numpy as np


def stack(*parts: Any) -> Any:
    """Return numbers `(...)` as the coordinates `(..., d)` of one array."""
    return np.stack(np.broadcast_arrays(*parts), -1)


def table(theta: Any, rows: Any) -> Any:
    """Return a nested list of numbers `(...)` as an array `(..., rows, columns, ...)`.

    `theta (..., d)` gives the leading axes, so that constants may stand in the list.
    """
    places = list(_places(rows))
    shape = [1 + max(indices) for indices in zip(*(place for place, _ in places), strict=True)]
    array = np.empty((*np.shape(theta)[:-1], *shape))
    for place, value in places:
        where: Any = (..., *place)
        array[where] = value
    return array


def _places(part: Any, place: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Yield the indices of each number in a nested list, and the number."""
    if not isinstance(part, list):
        yield place, part
        return
    for i, item in enumerate(part):
        yield from _places(item, (*place, i))


def diagonal(values: Any) -> Any:
    """Return diagonal matrices `(..., d, d)` of `(..., d)`."""
    return values[..., None] * np.eye(values.shape[-1])


def stack_3d(values: Any) -> Any:
    """Return arrays `(..., d, d, d)` with `(..., d)` on their diagonal."""
    d = values.shape[-1]
    return diagonal(values)[..., None] * np.eye(d)[:, None, :]


def minus_log(below: Any, above: Any = None) -> Any:
    """Return −log(1 − u) of levels u `below`; `above` is 1 − u, if it is known better."""
    if above is None:
        return -np.log1p(-below)
    return np.where(below < 0.5, -np.log1p(-np.minimum(below, 0.5)), -np.log(above))
