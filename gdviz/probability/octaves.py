"""Where a line is cut into octaves around the places that matter."""

from collections.abc import Sequence
from typing import Any

import numpy as np

OCTAVES = 340  # 2³⁴⁰ widths: the square of a float still fits


def octaves(lo: float, hi: float, centers: Sequence[tuple[float, float]], points: Any = ()) -> Any:
    """Return sorted edges between lo and hi: each centre ± width·2ᵏ, finite ends by halves."""
    powers = 2.0 ** np.arange(-2, OCTAVES)
    parts = [np.asarray(points, float).ravel()]
    for center, width in centers:
        with np.errstate(over="ignore"):
            steps = np.concatenate([-powers, [0.0], powers]) * width
        parts.append(center + steps[np.abs(steps) < 1e307])
    for end, sign in ((lo, 1.0), (hi, -1.0)):
        if np.isfinite(end):
            parts.append(end + sign * halves(end, reach(end, lo, hi, centers)))
    edges = np.unique(np.concatenate(parts))
    edges = edges[(edges > lo) & (edges < hi)]
    ends = [end for end in (lo, hi) if np.isfinite(end)]
    return np.unique(np.concatenate([edges, ends]))


def reach(end: float, lo: float, hi: float, centers: Sequence[tuple[float, float]]) -> float:
    """Return the distance over which a finite end is approached by halves."""
    far = max((abs(center - end) for center, _ in centers), default=0.0)
    whole = hi - lo if np.isfinite(hi - lo) else np.inf
    return min(far or centers[0][1], whole)


def halves(end: float, width: float) -> Any:
    """Return width·2⁻ᵏ for as long as floats near the end can tell the points apart."""
    least = max(2.0**22 * np.spacing(abs(end)), 1e-290 * max(width, 1.0))
    count = int(np.clip(np.log2(width / least), 1, 1000))
    return width * 2.0 ** -np.arange(count + 1)
