"""How a fit ended: the trace with its losses, a status, and the reason in a sentence."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.knobs import bind_defaults
from gdviz.learn.excess import ExcessLoss, excess_of, is_separable
from gdviz.learn.linear_training import FitPlan, epochs_after, slope_of
from gdviz.learn.objective import Objective
from gdviz.learn.spectrum import spectrum
from gdviz.learn.stopping import stopped_at
from gdviz.optimize.methods import METHODS
from gdviz.optimize.outcomes import (
    CONVERGED,
    DIVERGED,
    OSCILLATING,
    STATIONARY,
    STEP_LIMIT,
    STOPPED_EARLY,
)
from gdviz.optimize.stability import stability_edge

MUCH = 100  # times smaller a condition makes it worth to standardise
MOST_TOLD = 1e12  # a condition beyond which its value is rounding
STEEP = 1e6  # a condition from which on columns nearly repeat each other
FAR = 1e6  # times the loss at the start, beyond which a path has left for infinity


class Fit(NamedTuple):
    """The trace of a fit, and how it ended.

    `weights (k + 1, p)`, `bias (k + 1,)` and `loss (k + 1,)` after each step; `loss` is the
    objective F (loss and penalty) on all rows. `epoch (k + 1,)`: how often the data have been
    seen; `slope`: the length of the gradient of F, or of its proximal step over η, at the start
    and at the end. `rate` is η. `status` is “converged” where the loss is the least there is, to
    1e-10 of that of the best constant, or another one of the words of `gdviz.optimize.outcomes`,
    `reason` a sentence. `excess` is how far the loss at the end lies above the least, None where
    that is not known.
    """

    weights: np.ndarray
    bias: np.ndarray
    loss: np.ndarray
    epoch: np.ndarray
    slope: tuple[float, float]
    rate: float
    status: str
    reason: str
    excess: float | None = None

    @property
    def theta(self) -> np.ndarray:
        """Weights and bias side by side, `(k + 1, p + 1)`."""
        return np.column_stack([self.weights, self.bias])

    def predict(self, X: Any, step: int = -1) -> np.ndarray:
        """Return Xw + b `(n,)` at a step; a logit, if the loss is logistic."""
        return np.asarray(X, dtype=float) @ self.weights[step] + self.bias[step]


def fit_result(goal: Objective, path: np.ndarray, plan: FitPlan) -> Fit:
    """Return the fit that a walk `(k + 1, d)` is, cut where it stops or left for infinity."""
    stopped = stopped_at(goal, path, plan)
    path = path if stopped is None else path[: stopped + 1]
    loss = goal.total(path)
    lost = _lost(loss, path)
    if lost is not None:
        path, loss = path[:lost], loss[:lost]
    k, p = len(path) - 1, goal.p
    slopes = slope_of(goal, path[0], plan.rate), slope_of(goal, path[-1], plan.rate)
    excess = excess_of(goal, path[-1])
    status, reason = _verdict(goal, path, loss, lost, plan, excess)
    if stopped is not None and status != CONVERGED:
        status, reason = STOPPED_EARLY, f"Stopped by its rule at step {k}. {reason}"
    bias = path[:, p] if goal.has_bias else np.zeros(k + 1)
    epoch = epochs_after(len(goal.y), plan.batch_size, k)
    return Fit(path[:, :p], bias, loss, epoch, slopes, plan.rate, status, reason, excess.gain)


def _lost(loss: np.ndarray, path: np.ndarray) -> int | None:
    """Return the step from which on all are not finite or far above the start; never the start."""
    far = FAR * max(float(loss[0]), 1e-300)
    gone = ~np.isfinite(loss) | ~np.isfinite(path).all(axis=1) | (loss > far)
    gone[0] = False
    return int(np.flatnonzero(~gone)[-1]) + 1 if gone[-1] else None


def _verdict(
    goal: Objective,
    path: np.ndarray,
    loss: np.ndarray,
    lost: int | None,
    plan: FitPlan,
    excess: ExcessLoss,
) -> tuple[str, str]:
    k, rate, batches = len(path) - 1, plan.rate, plan.in_batches(len(goal.y))
    edge = spectrum(goal).edge
    beyond = _beyond(plan, edge)
    if lost is not None:
        return DIVERGED, f"Diverged at step {lost}{beyond}. The last good point is kept."
    if is_separable(goal, path[-1]):
        return STEP_LIMIT, (
            f"After {k} steps no point is on the wrong side: the loss falls as long as the weights "
            "grow, and there is no minimum without a penalty (l2)."
        )
    if excess.is_none:
        return (
            CONVERGED,
            f"The loss is the least there is to ten digits after {k} steps: converged.",
        )
    if k > 2 and loss[-1] > loss[0] and loss[-1] > loss[-2] and not batches:
        return DIVERGED, f"The loss grows and is above its start after {k} steps{beyond}."
    left = _what_is_left(goal, float(loss[-1]), excess)
    since = _standing_since(path)
    if since < k - 1:
        return STATIONARY, (
            f"It has stood still since step {since}: no step that it tries lowers the loss by what "
            f"a float can tell; {left}.{_advice(goal, excess)}"
        )
    if k > 3 and _cycles(path):
        return OSCILLATING, (
            f"After {k} steps it jumps between the same two points: η = {rate:.4g}, "
            f"2/L = {edge:.4g}."
        )
    noise = " Batches keep it from settling." if batches else ""
    taken = f"All {k} steps taken" if k >= plan.steps else f"Ended after {k} steps"
    return STEP_LIMIT, f"{taken}; {left}.{noise}{_advice(goal, excess)}"


def _beyond(plan: FitPlan, edge: float) -> str:
    """Return by which numbers η is beyond the edge of the method, "" where it is not.

    `edge` is 2/L, that of gradient descent; those with momentum have their own.
    """
    known = bind_defaults(METHODS[plan.method], dict(plan.hyper)) if plan.method in METHODS else {}
    own = stability_edge(plan.method, known)
    if own is None or not plan.rate > own.value * edge / 2:
        return ""
    return f": η = {plan.rate:.4g} is beyond {own.over('L')} = {own.value * edge / 2:.4g}"


def _what_is_left(goal: Objective, loss: float, excess: ExcessLoss) -> str:
    """Say how far the loss lies above the least."""
    if excess.gain is None:
        return "it has kinks, so how far the loss is from its least is not known"
    gain = min(excess.gain, loss)
    if goal.is_least_squares and not goal.l2 and goal.has_bias and excess.usual > 0:
        here, best = (1 - f / excess.usual for f in (loss, loss - gain))
        return f"R² is {here:.4g}, and the least squares have {best:.4g}"
    return f"the loss is {loss:.4g}, about {gain:.2g} above its least"


def _advice(goal: Objective, excess: ExcessLoss) -> str:
    """Say what would help, where the shape of the loss is what holds a fit up."""
    now = spectrum(goal).condition
    if excess.condition > STEEP:
        return (
            f" Some columns repeat each other, or nearly: {_kappa(excess.condition)} even when "
            "they are standardised. Leave one out, or add a penalty (l2)."
        )
    if now > MUCH * excess.condition:
        return (
            f" The columns are of very different size, or far from zero: {_kappa(now)}. "
            f"Standardise them, and {_kappa(excess.condition)}."
        )
    return ""


def _kappa(condition: float) -> str:
    return f"κ = {condition:.2g}" if condition < MOST_TOLD else f"κ is beyond {MOST_TOLD:.0e}"


def _standing_since(path: np.ndarray) -> int:
    """Return the step from which on the point is the last one."""
    moved = np.flatnonzero((path != path[-1]).any(axis=1))
    return int(moved[-1]) + 1 if len(moved) else 0


def _cycles(path: np.ndarray) -> bool:
    """Tell whether the last point is that of two steps ago, and not that of one step ago."""
    step, two = np.linalg.norm(path[-1] - path[-2]), np.linalg.norm(path[-1] - path[-3])
    return bool(two <= 1e-6 * step)
