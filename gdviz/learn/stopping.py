"""Where a fit stops before its last step: at a loss, or at a slope."""

import numpy as np

from gdviz.learn.linear_training import FitPlan, slope_of
from gdviz.learn.objective import FitError, Objective

STOPS = {
    "none": "never: take every step",
    "slope": "slope, of that at the start, at most",
    "loss": "loss at most",
}


def stopped_at(goal: Objective, path: np.ndarray, plan: FitPlan) -> int | None:
    """Return the first step of a walk `(k + 1, d)` where its rule holds, None if it never does.

    `loss` holds where F is `level` or less, `slope` where the length of its gradient (with l1, of
    a proximal step over η) is `level` times that at the start or less.
    """
    stop, level = plan.stop
    if stop not in STOPS:
        raise FitError(f"unknown rule {stop!r}; there is {', '.join(STOPS)}.")
    if stop == "none":
        return None
    if not np.isfinite(level):
        raise FitError(f"level = {level!r} is not a finite number.")
    if stop == "loss":
        return _first(goal.total(path) <= level)
    slopes = np.array([slope_of(goal, theta, plan.rate) for theta in path])
    return _first(slopes <= level * slopes[0])


def _first(holds: np.ndarray) -> int | None:
    return int(np.argmax(holds)) if np.any(holds) else None
