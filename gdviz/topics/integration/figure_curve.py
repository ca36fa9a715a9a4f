"""The curve of an integrand: points where its features are, and heights that show them."""

from typing import Any

import numpy as np

from gdviz.figures.curves import window
from gdviz.topics.integration.features import features
from gdviz.topics.integration.question import Integral

CURVE_POINTS = 601
TALLEST = 1000.0  # a peak is shown whole if it is at most so many times as high as the rest
_BESIDE = np.geomspace(1e-7, 0.05, 24)
_ROUND = np.linspace(-6.0, 6.0, 49)


def sample_curve(asked: Integral) -> tuple[Any, Any]:
    """Return x and f over the window, with points of their own at peaks, kinks, jumps and poles."""
    lo, hi = asked.window
    found, near = features(asked), (hi - lo) * _BESIDE
    extra = [np.concatenate([p - near, [p], p + near]) for p in found.breaks]
    extra += [h.center + np.where(_ROUND < 0, h.left, h.right) * _ROUND for h in found.humps]
    x = np.unique(np.concatenate([np.linspace(lo, hi, CURVE_POINTS), *extra]))
    x = x[(x >= lo) & (x <= hi)]
    with np.errstate(all="ignore"):
        y = np.asarray(asked.f(x), float)
    y = np.where(np.isfinite(y), y, np.nan)
    y[_at_poles(x, y, found.breaks)] = np.nan
    return x, y


def _at_poles(x: Any, y: Any, breaks: Any) -> Any:
    """Return where the curve is torn: no line joins the two sides of a pole."""
    at = np.flatnonzero(np.isin(x, breaks))
    reach = np.diff(window(y))
    with np.errstate(all="ignore"):
        return at[np.abs(y[at]) > TALLEST * reach]


def heights(asked: Integral) -> list[float]:
    """Return the range of y: the bulk of the curve, the axis of x, and every peak that fits."""
    x, y = sample_curve(asked)
    evenly = np.interp(np.linspace(*asked.window, CURVE_POINTS), x, y)
    bulk = np.append(window(evenly, 0.0), 0.0)
    with np.errstate(all="ignore"):
        tops = np.array([asked.f(h.center) for h in features(asked).humps], float)
    scale = np.abs(bulk).max()
    tops = tops[np.isfinite(tops) & ((np.abs(tops) <= TALLEST * scale) | (scale == 0))]
    whole = np.append(bulk, tops)
    return window(np.array([whole.min(), whole.max()]))
