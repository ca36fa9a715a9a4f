"""How far the loss of a linear model lies above the least there is.

The length of a gradient says nothing by itself: it changes with the units of the columns, and is
small far from the minimum where columns stand far from zero. What a full Newton step would gain,
½ gᵀH⁻¹g, is the same in all units; for a squared loss it is the excess itself. It is computed on
columns with mean 0 and standard deviation 1.
"""

from typing import NamedTuple

import numpy as np

from gdviz.learn.least_squares import shortest_solution
from gdviz.learn.objective import WELL_CONDITIONED, Objective

CLOSE = 1e-10  # of the loss that the best constant has: an excess below it is none
FLOOR = 1e-14  # of the largest curvature: below it rounding hides what a direction is worth
AT_KINK = 1e-9  # of the size of y: a residual this small stands at the kink of its loss


class ExcessLoss(NamedTuple):
    """How much the loss could still fall, below which that is nothing, and κ of scaled columns.

    `gain` is None where it is not known: at a kink of the absolute loss. `usual` is the loss of the
    best constant.
    """

    gain: float | None
    nothing: float
    usual: float
    condition: float

    @property
    def is_none(self) -> bool:
        """Whether the loss is the least there is, as far as its numbers can tell."""
        return self.gain is not None and self.gain <= self.nothing


def excess_of(goal: Objective, theta: np.ndarray) -> ExcessLoss:
    """Return how far the loss at θ `(d,)` lies above the least."""
    columns, sizes = standardise(goal)
    z = goal.A @ theta
    slope = goal.loss.slope(z, goal.y, goal.delta)
    usual = _loss_of_constant(goal)
    nothing = _nothing(goal, theta, usual)
    if goal.loss.second is None:
        gain = 0.0 if _is_vertex(goal, columns, sizes, theta, z) else None
        return ExcessLoss(gain, nothing, usual, _condition(columns))
    gain, condition = _newton_gain(goal, columns, sizes, theta, slope, z)
    return ExcessLoss(gain, nothing, usual, condition)


def standardise(goal: Objective) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns `(n, d)` with mean 0 (if there is a bias) and size 1, and their sizes."""
    X = goal.A[:, : goal.p]
    if goal.has_bias:
        X = X - X.mean(axis=0)
    sizes = np.sqrt(np.mean(X * X, axis=0))
    sizes = np.where(
        sizes > 8 * np.finfo(float).eps * np.abs(goal.A[:, : goal.p]).max(axis=0), sizes, 0.0
    )
    whole = np.where(sizes > 0, sizes, 1.0)
    X = np.where(sizes > 0, X / whole, 0.0)
    if goal.has_bias:
        return np.column_stack([X, np.ones(len(X))]), np.append(whole, 1.0)
    return X, whole


def _newton_gain(
    goal: Objective,
    columns: np.ndarray,
    sizes: np.ndarray,
    theta: np.ndarray,
    slope: np.ndarray,
    z: np.ndarray,
) -> tuple[float, float]:
    """Return ½ gᵀH⁻¹g over the weights that may move, and the condition of H."""
    assert goal.loss.second is not None
    n, bend = len(z), goal.loss.second(z, goal.y, goal.delta)
    pull = goal.l2 * goal.penalised * theta
    g = columns.T @ slope / n + pull / sizes
    g, free = _with_kinks(goal, theta, g, goal.l1 * goal.penalised / sizes)
    if not free.any():
        return 0.0, 1.0
    H = columns.T @ (bend[:, None] * columns) / n + np.diag(goal.l2 * goal.penalised / sizes**2)
    # One scale for all directions: a strong penalty must not hide the others.
    unit = np.sqrt(np.where(np.diag(H) > 0, np.diag(H), 1.0))[free]
    H, g = H[np.ix_(free, free)] / np.outer(unit, unit), g[free] / unit
    values, vectors = np.linalg.eigh(H)
    condition = float(values[-1] / max(values[0], 1e-300)) if values[-1] > 0 else 1.0
    if condition > WELL_CONDITIONED and goal.is_least_squares:
        return _projected_gain(goal, columns, sizes, theta, slope), condition
    floor = FLOOR * max(float(values[-1]), 1e-300)
    parts = vectors.T @ g
    return float(np.sum(parts**2 / np.maximum(values, floor)) / 2), condition


def _with_kinks(
    goal: Objective, theta: np.ndarray, g: np.ndarray, l1: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the slope with that of |w|, and which weights would move: not those held at zero."""
    if not goal.l1:
        return g, np.ones(len(g), bool)
    held = (theta == 0) & (l1 > 0)
    away = np.sign(g) * np.maximum(np.abs(g) - l1, 0.0)
    moved = np.where(held, away, g + l1 * np.sign(theta))
    return moved, ~held | (away != 0)


def _projected_gain(
    goal: Objective, columns: np.ndarray, sizes: np.ndarray, theta: np.ndarray, rest: np.ndarray
) -> float:
    """Return the excess of a squared loss: the part of the residuals that the columns explain."""
    n = len(rest)
    if goal.l2:
        strength = np.sqrt(n * goal.l2) * goal.penalised
        columns = np.vstack([columns, np.diag(strength / sizes)])
        rest = np.append(rest, strength * theta)
    step = shortest_solution(columns, rest)
    return float(np.sum((columns @ step) ** 2)) / (2 * n)


def _condition(columns: np.ndarray) -> float:
    values = np.linalg.eigvalsh(columns.T @ columns / len(columns))
    return float(values[-1] / max(values[0], 1e-300))


# --- what an excess is compared with --------------------------------------------------------------


def _loss_of_constant(goal: Objective) -> float:
    """Return the loss of the best constant; without a bias, that of zero."""
    y = goal.y
    if not goal.has_bias:
        guesses = [0.0]
    elif goal.is_logistic:
        share = np.clip(y.mean(), 1e-15, 1 - 1e-15)
        guesses = [float(np.log(share / (1 - share)))]
    else:
        guesses = [float(y.mean()), float(np.median(y))]
    return min(float(goal.loss.value(np.full(len(y), c), y, goal.delta).mean()) for c in guesses)


def _nothing(goal: Objective, theta: np.ndarray, usual: float) -> float:
    """Return the excess that is none: a share of the usual loss, or what rounding hides."""
    eps = np.finfo(float).eps
    reach = float(np.max(np.abs(goal.A) @ np.abs(theta)))
    rounding = (2 * eps * (reach + float(np.abs(goal.y).max()))) ** 2
    first = float(goal.loss.value(np.zeros(len(goal.y)), goal.y, goal.delta).mean())
    if usual <= 1e-24 * first:  # a constant target
        return 1e-18 * first
    return max(CLOSE * usual, min(rounding, 1e-3 * usual))


def is_separable(goal: Objective, theta: np.ndarray) -> bool:
    """Tell whether θ divides two classes without an error, so that no weights are the best."""
    if not goal.is_logistic or goal.l1 or goal.l2:
        return False
    return bool((((goal.A @ theta) > 0) == (goal.y > 0.5)).all())


# --- the absolute loss ----------------------------------------------------------------------------


def _is_vertex(
    goal: Objective, columns: np.ndarray, sizes: np.ndarray, theta: np.ndarray, z: np.ndarray
) -> bool:
    """Tell whether no direction lowers a mean of |ŷ − y|: zero is one of its subgradients.

    Rows at their kink may pull with any strength from −1 to 1.
    """
    from scipy.optimize import lsq_linear

    at = np.abs(z - goal.y) <= AT_KINK * max(float(np.abs(goal.y).max()), 1e-300)
    pull = columns[~at].T @ np.sign(z - goal.y)[~at] / len(z)
    pull = pull + (goal.l2 * goal.penalised * theta + goal.kink(theta)) / sizes
    if not at.any() or at.sum() > 10 * goal.d:
        return bool(np.abs(pull).max() <= AT_KINK)
    found = lsq_linear(columns[at].T / len(z), -pull, bounds=(-1, 1))
    return bool(np.sqrt(2 * found.cost) <= AT_KINK)
