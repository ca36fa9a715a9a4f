"""Linear models by gradient descent, by coordinate descent, and in closed form.

They minimise F(w, b) = 1/n Σ loss(xᵢᵀw + b, yᵢ) + l2/2 |w|² + l1 |w|₁ from zero; the squared loss
of a row is (ŷ − y)²/2, so scikit-learn's `Ridge(alpha)` is l2 = alpha/n, its `Lasso(alpha)` is
l1 = alpha.
"""

from typing import Any

import numpy as np

from gdviz.knobs import knobs
from gdviz.learn.fit_result import Fit, fit_result
from gdviz.learn.least_squares import shortest_solution
from gdviz.learn.linear_training import BY_GRADIENTS, COORDINATE, FITTERS, FitPlan, train_linear
from gdviz.learn.objective import FitError, Objective, as_target, is_real, objective
from gdviz.learn.spectrum import batch_curvature
from gdviz.optimize.methods import METHODS

_BY_CURVATURE = {"gd", "heavy_ball", "nesterov", "qhm"}  # their natural rate is 1/L


def fit_linear(
    X: Any,
    y: Any,
    *,
    loss: str = "squared",
    l2: float = 0.0,
    l1: float = 0.0,
    method: str = "gd",
    lr: float | None = None,
    steps: int = 1000,
    batch_size: int | None = None,
    seed: int = 0,
    fit_bias: bool = True,
    delta: float = 1.0,
    schedule: str = "constant",
    start: Any = None,
    tol: float | None = None,
    stop: tuple[str, float] = ("none", 0.0),
    **hyper: float,
) -> Fit:
    """Fit a linear model to X `(n, p)` and y `(n,)` by `steps` steps from zero; return the trace.

    `method` is an elementwise one of `METHODS`, with its knobs in `hyper`; one with a line search;
    or `"coordinate_descent"` (squared loss; a step is a sweep over all coordinates). `lr` is by
    default 1/L for those that feel the gradient's size, else the method's own. A step is an update;
    with a `batch_size` it sees the next rows of a permutation drawn anew each epoch from
    `np.random.default_rng(seed)`. l1 is a proximal step of `"gd"`, else a subgradient. `tol` ends a
    fit once the slope is `tol` times its start; `stop`, `("slope", share)` or `("loss", level)`, at
    the very step. `delta` is Huber's; `start (d,)` is weights, then bias. Raises `FitError`.

    >>> fit = fit_linear([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> fit.weights[-1].round(6), fit.bias[-1].round(6), fit.status
    (array([2.]), np.float64(1.0), 'converged')
    """
    goal = objective(X, y, loss, l2, l1, delta, fit_bias)
    plan = FitPlan(method, lr or 0.0, steps, batch_size, seed, schedule, tol, hyper, stop)
    _check(plan, lr, loss)
    with np.errstate(all="ignore"):
        plan = plan._replace(rate=_rate(goal, plan, lr), tol=None if tol is None else float(tol))
        return fit_result(goal, train_linear(goal, plan, _start(goal, start)), plan)


def closed_form(
    X: Any, y: Any, l2: float = 0.0, *, fit_bias: bool = True
) -> tuple[np.ndarray, float]:
    """Return (weights `(p,)`, bias) that minimise the squared loss with l2, by orthogonal methods.

    Of several minima it gives the one with the shortest weights. Gradient descent from zero finds
    the one with the shortest weights and bias together: another one, where columns add up to a
    constant (a column of ones, a column for each of all words, more columns than rows). The columns
    are centred first, so that the bias costs no accuracy; then w solves the least squares
    (Xc, √(n l2) I) w = (yc, 0), never the normal equations, which square κ.
    """
    goal = objective(X, y, "squared", l2, fit_bias=fit_bias)
    A, n = goal.A[:, : goal.p], len(goal.y)
    middle = A.mean(axis=0) if fit_bias else np.zeros(goal.p)
    centre = float(goal.y.mean()) if fit_bias else 0.0
    rows, target = A - middle, goal.y - centre
    if l2:
        rows = np.vstack([rows, np.sqrt(n * l2) * np.eye(goal.p)])
        target = np.append(target, np.zeros(goal.p))
    weights = shortest_solution(rows, target)
    return weights, centre - float(middle @ weights)


# --- settings ------------------------------------------------------------------------------------


def _check(plan: FitPlan, lr: Any, loss: str) -> None:
    method, batch_size = plan.method, plan.batch_size
    if method not in FITTERS:
        raise FitError(f"unknown method {method!r}; there is {', '.join(FITTERS)}.")
    for name, value, least in (
        ("steps", plan.steps, 0),
        ("batch_size", 1 if batch_size is None else batch_size, 1),
        ("seed", plan.seed, 0),
    ):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:
            raise FitError(f"{name} = {value!r} is not a whole number of {least} or more.")
    for name, given in (("lr", lr), ("tol", plan.tol)):
        if given is not None and not (is_real(given) and given > 0):
            raise FitError(f"{name} = {given!r} is not a positive number.")
    if batch_size is not None and method not in BY_GRADIENTS:
        raise FitError(f"{FITTERS[method]} needs all rows at once: leave out batch_size.")
    if method == COORDINATE and loss != "squared":
        raise FitError("coordinate descent is for the squared loss, where a coordinate is solved.")


def _start(goal: Objective, start: Any) -> np.ndarray:
    if start is None:
        return np.zeros(goal.d)
    return as_target(start, goal.d, "start")


def _rate(goal: Objective, plan: FitPlan, lr: float | None) -> float:
    """Return η: as given, 1/L where the method feels the gradient's size, or the method's own."""
    if lr is not None or plan.method == COORDINATE:
        return float(lr or 1.0)
    if plan.method not in _BY_CURVATURE:
        known = knobs(METHODS[plan.method])
        return float(known["lr"].default) if "lr" in known else 1.0
    curvature = batch_curvature(goal, plan.batch_size)
    if goal.loss.curvature is None:  # a kink: as steep at the end as at the start
        spread = float(np.mean(np.abs(goal.y - np.median(goal.y))))
        return 0.1 * (spread or 1.0) / max(curvature, 1e-300)
    return 1 / curvature if curvature > 0 else 1.0
