"""Line searches, for a whole batch at once; every trial point is kept for the picture."""

from typing import Any

import numpy as np

from gdviz.optimize import linalg

MAX_TRIALS = (
    40  # halving 40 times reaches 1e-12 of the first trial: beyond it, f is flat in float64
)
WOLFE_TRIALS = 20
NOISE = 1e-13  # of |f|: a difference this small is rounding


def no_trials(x: Any, most: int = MAX_TRIALS) -> Any:
    """Return room for `most` trials of each point, shape `(..., most, d)`, all not-a-number."""
    return linalg.trials_last(np.multiply.outer(np.full(most, np.nan), x))


def armijo(
    problem: Any, s: Any, p: Any, lr: float, c1: float, shrink: float
) -> tuple[Any, Any, Any]:
    """Return the first of x + ηp, x + η·shrink·p, ... that pays, the trials, and how many.

    It pays when f(x + αp) ≤ f(x) + c₁ α ∇fᵀp (Armijo 1966; Nocedal & Wright 2006, eq. 3.4). A
    point none of whose trials pays stays where it is.
    """
    rates = lr * shrink ** np.arange(MAX_TRIALS)
    slope = linalg.inner(s.grad, p)
    # All trials are evaluated at once: forty values of f cost one call, not forty.
    points = s.x + np.multiply.outer(rates, p)
    enough = problem.f(points) <= s.f + c1 * np.multiply.outer(rates, slope)
    found, first = enough.any(axis=0), enough.argmax(axis=0)
    tried = np.where(found, first + 1, MAX_TRIALS)
    x = linalg.where(found, s.x + linalg.scale(rates[first], p), s.x)
    order = np.arange(MAX_TRIALS).reshape(-1, *(1 for _ in np.shape(tried)))
    seen = linalg.where(order < tried, points, np.nan)
    return x, linalg.trials_last(seen), tried


def wolfe(problem: Any, s: Any, p: Any, first: Any, c1: float, c2: float) -> tuple[Any, Any, Any]:
    """Return x + αp with α of the strong Wolfe conditions, the trials, and how many.

    f(x + αp) ≤ f(x) + c₁ α ∇fᵀp and |∇f(x + αp)ᵀp| ≤ c₂ |∇fᵀp| (Nocedal & Wright 2006, eq. 3.7).
    A bracket [lo, hi] is kept: a point too high or rising becomes hi, any other lo; the next trial
    is where the parabola through lo and that point is lowest, kept well inside (exact on a
    quadratic). A rise of f by `NOISE` is no rise. `first` is the first α, one per point. Arrays
    `(..., d)` only.
    """
    shape = np.shape(s.f)  # of a constant, f is a number
    slope = linalg.inner(s.grad, p)
    lo, hi = np.zeros(shape), np.full(shape, np.inf)
    slope_lo, f_lo, noise = slope, s.f, NOISE * np.abs(s.f)
    alpha, best, f_best = np.broadcast_to(first, shape).astype(float), np.zeros(shape), s.f
    done, tried = ~(slope < 0), np.zeros(shape, int)
    seen = no_trials(s.x, WOLFE_TRIALS)
    for i in range(WOLFE_TRIALS):
        point = s.x + linalg.scale(alpha, p)
        f, slope_here = problem.f(point), linalg.inner(problem.grad(point), p)
        seen[..., i, :] = linalg.where(done, np.nan, point)
        tried = np.where(done, tried, i + 1)
        low = f <= s.f + c1 * alpha * slope + noise
        flat = low & (np.abs(slope_here) <= c2 * np.abs(slope))
        # The point that fulfils both conditions is taken, even if a trial before was lower.
        better = ~done & (flat | (low & (f <= f_best)))
        best, f_best = np.where(better, alpha, best), np.where(better, f, f_best)
        done = done | flat
        if done.all():
            break
        high = ~low | (slope_here > 0)
        # By the slopes, or by the values where f is too high: far out its slope may be anything.
        reach = alpha - lo
        by_value = 2 * (f - f_lo - slope_lo * reach) / reach
        bend = np.where(low, slope_here - slope_lo, by_value)
        lowest = lo - reach * slope_lo / bend
        lo, hi = np.where(high, lo, alpha), np.where(high, alpha, hi)
        slope_lo, f_lo = np.where(high, slope_lo, slope_here), np.where(high, f_lo, f)
        alpha = _inside(lowest, lo, hi)
    return s.x + linalg.scale(best, p), seen, tried


def _inside(alpha: Any, lo: Any, hi: Any) -> Any:
    """Return a trial well inside the bracket, or up to four times farther where it is open.

    A parabola that points back (f is concave there) tells nothing: then the farthest or middle.
    """
    open_end = ~np.isfinite(hi)
    width = np.where(open_end, 3 * np.maximum(lo, 1e-300), hi - lo)
    left = np.where(open_end, 1.1 * lo, lo + 0.1 * width)
    right = np.where(open_end, lo + width, hi - 0.1 * width)
    ahead = np.isfinite(alpha) & (alpha > lo)
    blind = np.where(open_end, right, (left + right) / 2)
    kept = np.clip(np.where(ahead, alpha, blind), left, right)
    return np.where(np.isfinite(kept), kept, lo)
