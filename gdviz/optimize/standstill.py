"""Whether a run has come to rest though no gradient says so: to rounding, or at a kink."""

from typing import Any

import numpy as np

from gdviz.optimize.bending import bend
from gdviz.optimize.linalg import norm
from gdviz.optimize.noise import EPS

ULPS = 64  # units of the last place that count as rounding
NO_SLOPE, NO_WAY = 1e-12, 1e-6  # shares of the first slope, and of the scale of a run
STEPS = 3  # so many steps without a move are a standstill: Rprop and momentum pause for one
REPEAT_THEMSELVES = {"newton", "newton_plain", "gauss_newton", "backtracking"}  # without memory


def has_arrived(problem: Any, x: Any, grad: Any, scale: float) -> bool:
    """Tell whether hardly any slope is left of that at the start, and hardly any way to go.

    No rule need tell: f may be steep everywhere, as it is in another unit.
    """
    if norm(grad[-1]) > NO_SLOPE * norm(grad[0]):
        return False
    return bool(norm(bend(problem, x[-1]).step) <= NO_WAY * scale)


def is_settled(problem: Any, x: Any, f: Any, scale: float) -> bool:
    """Tell whether each of the last points is a stationary one to rounding.

    By the curvature there: the Newton step is below the last digits of x, or what f would still
    fall is below its own. `scale` is that of the run.
    """
    return all(
        _is_exact(problem, x[i], float(f[i]), scale) for i in range(-1, -1 - min(STEPS, len(f)), -1)
    )


def _is_exact(problem: Any, x: np.ndarray, f: float, scale: float) -> bool:
    bent, size = bend(problem, x), float(norm(x))
    rounding = ULPS * EPS * abs(f)
    if bent.blind * scale > rounding or not np.isfinite(bent.fall):
        return False  # f is steep where it does not bend
    return float(norm(bent.step)) <= ULPS * EPS * size or bent.fall <= rounding


def lowest_since(f: Any) -> int:
    """Return the step since which f has been at its last value to rounding."""
    above = np.flatnonzero(np.abs(f - f[-1]) > ULPS * EPS * abs(float(f[-1])))
    return int(above[-1]) + 1 if len(above) else 0


def standing_since(x: Any, method: str = "", extent: Any = None) -> int | None:
    """Return the step since which a run `x (k + 1, d)` has not moved, None if it moves.

    `extent (k + 1,)` is the size of a simplex: it stands still when that has shrunk to rounding.
    """
    size = max(float(norm(x[-1])), 1e-3 * float(norm(x - x[-1]).max()))
    if extent is not None:
        wide = np.flatnonzero(extent > ULPS * EPS * size)
        since = int(wide[-1]) + 1 if len(wide) else 0
        return since if since < len(x) else None
    moved = norm(np.diff(x, axis=0))
    moving = np.flatnonzero(moved > 4 * EPS * size)
    since = int(moving[-1]) + 1 if len(moving) else 0
    least = 1 if method in REPEAT_THEMSELVES and len(moved) and moved[-1] == 0 else STEPS
    return since if len(x) - 1 - since >= least else None


def has_kink(problem: Any, x: np.ndarray, within: float, scale: float) -> bool:
    """Tell whether ∇f jumps at x: beside it, it differs as much as it does farther away."""
    aside = np.array([0.8, 0.6, 0.5, 0.3])[: len(x)] if len(x) <= 4 else np.ones(len(x))
    far = max(1e3 * within, 1e-3 * scale)
    near_jump, far_jump = (
        float(norm(problem.grad(x + r * aside) - problem.grad(x - r * aside)))
        for r in (4 * within, far)
    )
    return bool(near_jump > 0.1 * far_jump > 0)
