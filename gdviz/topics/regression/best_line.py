"""The line of least loss, for each loss."""

import numpy as np

from gdviz.learn.objective import Objective
from gdviz.learn.regression_losses import LOSSES


def best_line(goal: Objective) -> np.ndarray:
    """Return the θ of the least loss, exactly: the closed form, or what takes its place."""
    squared = np.linalg.lstsq(goal.A, goal.y, rcond=None)[0]
    if goal.loss is LOSSES["absolute"]:
        return _least_absolute(goal, squared)
    if goal.loss is LOSSES["huber"]:
        return _least_huber(goal, squared)
    return squared


def _least_absolute(goal: Objective, otherwise: np.ndarray) -> np.ndarray:
    """Some line of the least absolute error goes through two of the points: try all."""
    z, y = goal.A[:, 0], goal.y
    i, j = np.triu_indices(len(z), 1)
    apart = z[i] != z[j]
    i, j = i[apart], j[apart]
    if not len(i):
        return otherwise
    w = (y[j] - y[i]) / (z[j] - z[i])
    lines = np.stack([w, y[i] - w * z[i]], axis=1)
    return lines[np.argmin(goal.f(lines))]


def _least_huber(goal: Objective, theta: np.ndarray) -> np.ndarray:
    """Newton's method on a convex loss of pieces, each quadratic: on the last, one step is exact.

    A step that would climb is halved; where no residual is within δ a little curvature is lent.
    """
    lent = 1e-9 * np.trace(goal.gram) * np.eye(goal.d)
    value = goal.f(theta)
    for _ in range(100):
        near = goal.A[np.abs(goal.A @ theta - goal.y) < goal.delta]
        step = np.linalg.solve(near.T @ near / len(goal.y) + lent, goal.grad(theta))
        for _ in range(60):
            if goal.f(theta - step) < value:
                break
            step = step / 2
        else:
            break  # no way down: this is the bottom, to the last digit
        theta = theta - step
        value = goal.f(theta)
    return theta
