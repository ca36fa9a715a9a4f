"""Maximum-likelihood estimates of many samples at once, by Fisher scoring."""

from typing import Any

import numpy as np

from gdviz.geometry.family import Family, GeometryError
from gdviz.geometry.fisher import natural_direction
from gdviz.geometry.unconstrained import from_unconstrained, to_unconstrained


def estimates(family: Family, x: Any, steps: int = 60, tolerance: float = 1e-9) -> Any:
    """Return the estimates `(..., d)` of samples `(..., n)`.

    Steps of the natural gradient of rate 1 from the estimate by moments, taken in free coordinates
    so that none leaves the family. Raises `GeometryError` if they do not settle.
    """
    start = family.start(x)
    if family.exact_start:
        return start
    u = to_unconstrained(family, start)
    for _ in range(steps):
        free = from_unconstrained(family, u)
        score = family.score(x, free.theta[..., None, :]).mean(-2)
        step = natural_direction(family, free.theta, score) / free.slope
        u = u + np.clip(step, -1, 1)
        if np.max(np.abs(step)) < tolerance:
            return from_unconstrained(family, u).theta
    raise GeometryError(f"The estimates of “{family.label}” were not found.")
