"""Regression problems of any scale, offset and condition, with the least loss by other solvers."""

import random
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import lstsq
from scipy.optimize import linprog, minimize

METHODS = (
    "gd", "heavy_ball", "nesterov", "adam", "rmsprop", "adagrad", "backtracking", "bfgs", "lbfgs",
    "conjugate_gradient", "coordinate_descent",
)  # fmt: skip


class Case(NamedTuple):
    """A problem in numbers, and how it is fitted."""

    X: np.ndarray
    y: np.ndarray
    how: dict[str, Any]


def case(rng: random.Random) -> Case:
    """Return one problem drawn at random."""
    np_rng = np.random.default_rng(rng.getrandbits(32))
    n, p = rng.randint(4, 60), rng.randint(1, 6)
    X = np_rng.standard_normal((n, p))
    shape = rng.choice(["plain", "offset", "scale", "columns", "condition", "rank", "wide", "hard"])
    if shape in ("condition", "hard") and p > 1 and n > p:
        U, _, V = np.linalg.svd(X, full_matrices=False)
        X = (U * np.logspace(0, -rng.uniform(0, 16), p)) @ V * np.sqrt(n)
    if shape == "rank":
        extra = [X[:, :1], np.ones((n, 1)), np.zeros((n, 1)), X[:, :1] + X[:, -1:], 3 * X[:, :1]]
        X = np.column_stack([X, rng.choice(extra)])
    if shape == "wide":
        X = np_rng.standard_normal((rng.randint(3, 6), rng.randint(6, 12)))
    if shape == "columns":
        X = X * 10.0 ** np_rng.uniform(-12, 12, X.shape[1])
    w = np_rng.standard_normal(X.shape[1]) / np.maximum(
        np.abs(X - X.mean(axis=0)).max(axis=0), 1e-300
    )
    y = X @ w * rng.choice([0.0, 1.0, 1.0, 10.0]) + rng.choice(
        [0, 0.01, 1.0]
    ) * np_rng.standard_normal(len(X))
    if shape in ("scale", "hard"):
        X = X * 10.0 ** rng.uniform(-12, 12)
    if shape in ("offset", "hard"):
        X = X + 10.0 ** rng.uniform(0, 7) * np.abs(X).max() * np_rng.standard_normal(X.shape[1])
    y = y * 10.0 ** rng.choice([0, 0, rng.uniform(-12, 12)]) + rng.choice([0, 0, 1.0, 1e4])
    return Case(X, y, _fitted(rng, shape, y))


def _fitted(rng: random.Random, shape: str, y: np.ndarray) -> dict[str, Any]:
    how: dict[str, Any] = {"method": rng.choice(METHODS), "steps": rng.choice([1, 10, 60, 200])}
    if rng.random() < 0.2:
        how["fit_bias"] = False
    if shape in ("plain", "offset", "rank") and how["method"] in ("gd", "bfgs", "adam"):
        how["loss"] = rng.choice(["squared", "squared", "huber", "logistic", "absolute"])
        how["delta"] = float(max(np.std(y), 1e-3)) if how["loss"] == "huber" else 1.0
    if rng.random() < 0.2 and how.get("loss") != "absolute":
        how["l2"] = 10.0 ** rng.uniform(-3, 1)
    return how


def targets(made: Case) -> np.ndarray:
    """Return the targets that a loss takes: classes for the logistic one."""
    if made.how.get("loss") == "logistic":
        return (made.y > np.median(made.y)).astype(float)
    return made.y


def least_loss(made: Case, cut: float = 1e-12) -> float:
    """Return the least loss by SciPy: orthogonal least squares, HiGHS, or quasi-Newton steps.

    Least squares leave out directions below `cut` times the largest, which rounding may have made.
    """
    X, y, how = made.X, targets(made), made.how
    n, loss, l2 = len(y), how.get("loss", "squared"), how.get("l2", 0.0)
    middle = X.mean(axis=0) if how.get("fit_bias", True) else np.zeros(X.shape[1])
    C = X - middle
    if how.get("fit_bias", True) and loss != "logistic":
        y = y - y.mean()  # the least loss stays, and rounding becomes small
    size = np.sqrt((C**2).sum(axis=0))
    size = np.where(size > 0, size, 1.0)
    ones = np.ones((n, 1)) if how.get("fit_bias", True) else np.zeros((n, 0))
    A = np.hstack([C / size, ones])
    strength = np.append(np.sqrt(l2) / size, np.zeros(ones.shape[1]))
    if loss == "squared":
        rows = np.vstack([A / np.sqrt(n), np.diag(strength)]) if l2 else A / np.sqrt(n)
        goal = np.append(y / np.sqrt(n), np.zeros(len(strength) * bool(l2)))
        u = lstsq(rows, goal, lapack_driver="gelsy", cond=cut)[0]
        return float(np.sum((rows @ u - goal) ** 2)) / 2
    if loss == "absolute":
        d = A.shape[1]
        cost = np.append(np.zeros(2 * d), np.ones(2 * n) / n)
        eye = np.eye(n)
        found = linprog(cost, A_eq=np.hstack([A, -A, eye, -eye]), b_eq=y, bounds=(0, None))
        return float(found.fun)
    return _smooth_least(A, y, loss, strength, how.get("delta", 1.0))


def _smooth_least(
    A: np.ndarray, y: np.ndarray, loss: str, strength: np.ndarray, delta: float
) -> float:
    def value(u: np.ndarray) -> float:
        z = A @ u
        r = np.abs(z - y)
        if loss == "huber":
            rows = np.where(r <= delta, r * r / 2, delta * (r - delta / 2))
        else:
            rows = np.logaddexp(0, z) - y * z
        return float(rows.mean() + (strength * u) @ (strength * u) / 2)

    found = minimize(value, np.zeros(A.shape[1]), method="BFGS", options={"gtol": 1e-12})
    return float(found.fun)


def loss_at(made: Case, weights: np.ndarray, bias: float) -> float:
    """Return the loss at given weights, its residuals in long doubles."""
    y, how = targets(made), made.how
    z = made.X.astype(np.longdouble) @ weights.astype(np.longdouble) + np.longdouble(bias)
    r = np.abs(z - y)
    loss, delta = how.get("loss", "squared"), how.get("delta", 1.0)
    if loss == "squared":
        rows = r * r / 2
    elif loss == "huber":
        rows = np.where(r <= delta, r * r / 2, delta * (r - delta / 2))
    elif loss == "logistic":
        rows = np.logaddexp(np.longdouble(0), z) - y * z
    else:
        rows = r
    return float(rows.mean() + how.get("l2", 0.0) / 2 * (weights @ weights))
