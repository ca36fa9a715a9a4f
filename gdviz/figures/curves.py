"""The range of a curve, and the closed band under one."""

from typing import Any

import numpy as np


def window(values: Any, pad: float = 0.08) -> list[float]:
    """Return a range of y that shows all finite values, or the bulk of them if a few are huge."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return [-1.0, 1.0]
    lo, hi = float(finite.min()), float(finite.max())
    inner_lo, inner_hi = np.percentile(finite, [5, 95])
    reach = max(inner_hi - inner_lo, 1e-12)
    lo, hi = max(lo, inner_lo - 3 * reach), min(hi, inner_hi + 3 * reach)
    margin = pad * (hi - lo) or max(abs(hi), 1.0) * pad
    return [lo - margin, hi + margin]


def closed_band(x: Any, low: Any, high: Any) -> tuple[Any, Any]:
    """Return the outlines of bands, each `(frames, 2 · points)`: out below, back above.

    A frame with fewer points repeats its last one: not-a-number would split the shape.
    """
    frame = np.arange(len(x))[:, None]
    along = np.minimum(np.arange(x.shape[1])[None], frame)
    x, low, high = (part[frame, along] for part in (x, low, high))
    return np.concatenate([x, x[:, ::-1]], axis=1), np.concatenate([low, high[:, ::-1]], axis=1)
