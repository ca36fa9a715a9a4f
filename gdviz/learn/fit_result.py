"""How a fit ended: the trace with its losses, a status, and the reason in a sentence."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.linear_training import FitPlan, epochs_after, slope_of
from gdviz.learn.objective import Objective
from gdviz.learn.spectrum import spectrum
from gdviz.optimize.outcomes import CONVERGED, DIVERGED, OSCILLATING, STEP_LIMIT

TOLERANCE = 1e-6  # of the slope, against its start, for the word "converged"
FAR = 1e6  # times the loss at the start, beyond which a path has left for infinity


class Fit(NamedTuple):
    """The trace of a fit, and how it ended.

    `weights (k + 1, p)`, `bias (k + 1,)`, `loss (k + 1,)`: all of F over all rows, after each step;
    `epoch (k + 1,)`: how often the data have been seen; `slope`: the length of the gradient of F,
    or of its proximal step over η, at the start and at the end. `rate` is η. `status` is one of
    the words of `gdviz.optimize.outcomes`, `reason` a sentence.
    """

    weights: np.ndarray
    bias: np.ndarray
    loss: np.ndarray
    epoch: np.ndarray
    slope: tuple[float, float]
    rate: float
    status: str
    reason: str

    @property
    def theta(self) -> np.ndarray:
        """Weights and bias side by side, `(k + 1, p + 1)`."""
        return np.column_stack([self.weights, self.bias])

    def predict(self, X: Any, step: int = -1) -> np.ndarray:
        """Return Xw + b `(n,)` at a step; a logit, if the loss is logistic."""
        return np.asarray(X, dtype=float) @ self.weights[step] + self.bias[step]


def fit_result(goal: Objective, path: np.ndarray, plan: FitPlan) -> Fit:
    """Return the fit that a walk `(k + 1, d)` is, cut where it left for infinity."""
    loss = goal.total(path)
    lost = _lost(loss, path)
    if lost is not None:
        path, loss = path[:lost], loss[:lost]
    k, p = len(path) - 1, goal.p
    slopes = slope_of(goal, path[0], plan.rate), slope_of(goal, path[-1], plan.rate)
    status, reason = _verdict(goal, path, loss, slopes, lost, plan)
    bias = path[:, p] if goal.has_bias else np.zeros(k + 1)
    epoch = epochs_after(len(goal.y), plan.batch_size, k)
    return Fit(path[:, :p], bias, loss, epoch, slopes, plan.rate, status, reason)


def _lost(loss: np.ndarray, path: np.ndarray) -> int | None:
    """Return the first step that is not finite or far above the start; the start itself never."""
    far = FAR * max(float(loss[0]), 1e-300)
    gone = ~np.isfinite(loss) | ~np.isfinite(path).all(axis=1) | (loss > far)
    gone[0] = False
    return int(gone.argmax()) if gone.any() else None


def _verdict(
    goal: Objective,
    path: np.ndarray,
    loss: np.ndarray,
    slopes: tuple[float, float],
    lost: int | None,
    plan: FitPlan,
) -> tuple[str, str]:
    k, rate, batches = len(path) - 1, plan.rate, plan.in_batches(len(goal.y))
    edge = spectrum(goal).edge
    beyond = f": η = {rate:.4g} is beyond 2/L = {edge:.4g}" if rate > edge else ""
    if lost is not None:
        return DIVERGED, f"Diverged at step {lost}{beyond}. The last good point is kept."
    if slopes[1] <= TOLERANCE * slopes[0]:
        return CONVERGED, f"The slope has shrunk to {slopes[1]:.2g} in {k} steps: converged."
    if k > 2 and loss[-1] > loss[0] and loss[-1] > loss[-2] and not batches:
        return DIVERGED, f"The loss grows and is above its start after {k} steps{beyond}."
    if k > 3 and _cycles(path):
        return OSCILLATING, (
            f"After {k} steps it jumps between the same two points: η = {rate:.4g}, "
            f"2/L = {edge:.4g}."
        )
    left = f"the slope is {slopes[1] / max(slopes[0], 1e-300):.2g} of that at the start"
    noise = "; batches keep it from settling" if batches else ""
    return STEP_LIMIT, f"All {k} steps taken; {left}{noise}."


def _cycles(path: np.ndarray) -> bool:
    """Tell whether the last point is that of two steps ago, and not that of one step ago."""
    step, two = np.linalg.norm(path[-1] - path[-2]), np.linalg.norm(path[-1] - path[-3])
    return bool(two <= 1e-6 * step)
