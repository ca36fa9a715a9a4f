"""Integrals on a line by panels that are halved until the halves agree."""

from collections.abc import Callable
from typing import Any

import numpy as np

_X, _W = np.polynomial.legendre.leggauss(12)
_LEVELS, _WEIGHTS = (_X + 1) / 2, _W / 2
ROUNDS, MOST_PANELS = 40, 4000


def octaves(*places: tuple[float, float], reach: int = 40) -> Any:
    """Return edges around each place (centre, width): centre ± width·2ᵏ, in ascending order."""
    steps = 2.0 ** np.arange(-2, reach)
    steps = np.concatenate([-steps[::-1], [0.0], steps])
    return np.unique(np.concatenate([centre + width * steps for centre, width in places]))


def nodes(lo: Any, hi: Any) -> tuple[Any, Any]:
    """Return Gauss–Legendre points and weights `(n, 12)` of panels `(n,)`."""
    return lo[:, None] + (hi - lo)[:, None] * _LEVELS, (hi - lo)[:, None] * _WEIGHTS


def refine_until(function: Callable[[Any], Any], edges: Any, tolerance: float = 1e-13) -> Any:
    """Return edges so fine that each panel of ∫ f is known to `tolerance` of the whole.

    `function` takes points `(n,)` and returns `(n, ...)`; each component is held to its own whole.
    """
    lo, hi = edges[:-1], edges[1:]
    starts, known = [], 0.0
    for _ in range(ROUNDS):
        middle = lo / 2 + hi / 2
        ends = ((lo, hi), (lo, middle), (middle, hi))
        once, left, right = (_panels(function, *pair) for pair in ends)
        twice = left + right
        whole = known + np.abs(twice).sum(0)
        rough = (np.abs(twice - once) > tolerance * whole).reshape(len(lo), -1).any(1)
        rough &= (lo < middle) & (middle < hi)
        starts.append(lo[~rough])
        known = known + np.abs(twice[~rough]).sum(0)
        lo, middle, hi = lo[rough], middle[rough], hi[rough]
        if not 0 < len(lo) <= MOST_PANELS:
            break
        lo, hi = np.concatenate([lo, middle]), np.concatenate([middle, hi])
    return np.append(np.sort(np.concatenate([*starts, lo])), edges[-1])


def _panels(function: Callable[[Any], Any], lo: Any, hi: Any) -> Any:
    """Return the integral over each panel, `(n, ...)`."""
    x, w = nodes(lo, hi)
    values = function(x.ravel())
    values = np.where(np.isfinite(values), values, 0.0)
    values = values.reshape(*x.shape, *values.shape[1:])
    return np.einsum("nm,nm...->n...", w, values)


def integral(function: Callable[[Any], Any], edges: Any, tolerance: float = 1e-13) -> Any:
    """Return ∫ f from the first edge to the last, `(...)` for a function that is `(n, ...)`."""
    fine = refine_until(function, edges, tolerance)
    return _panels(function, fine[:-1], fine[1:]).sum(0)
