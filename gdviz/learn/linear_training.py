"""Walks of a linear model from zero: by gradients of all rows or of batches, or by coordinates."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from gdviz.core import iterate
from gdviz.knobs import knobs
from gdviz.learn.objective import FitError, Objective
from gdviz.optimize.elementwise import is_elementwise, update
from gdviz.optimize.methods import LABELS, METHODS
from gdviz.optimize.schedules import factors

COORDINATE = "coordinate_descent"
BY_GRADIENTS = tuple(name for name, factory in METHODS.items() if is_elementwise(factory))
WITH_SEARCH = ("backtracking", "bfgs", "lbfgs", "conjugate_gradient")  # in any dimension
FITTERS = {name: LABELS[name] for name in (*BY_GRADIENTS, *WITH_SEARCH)} | {
    COORDINATE: "Coordinate descent"
}
LOOK = 128  # steps between two looks at whether a walk is lost, or done


class FitPlan(NamedTuple):
    """How a model is fitted: the method with its rate η and its knobs `hyper`, and until when.

    `stop` is a rule of `STOPS` with its level.
    """

    method: str
    rate: float
    steps: int
    batch_size: int | None
    seed: int
    schedule: str
    tol: float | None
    hyper: Mapping[str, Any]
    stop: tuple[str, float] = ("none", 0.0)

    def in_batches(self, n: int) -> bool:
        """Tell whether a step sees fewer than all n rows."""
        return self.batch_size is not None and self.batch_size < n


def train_linear(goal: Objective, plan: FitPlan, start: np.ndarray) -> np.ndarray:
    """Return the points θ `(k + 1, d)` of a fit; k is less than `plan.steps` if it ended early."""
    return _WALKS.get(plan.method, _elementwise)(goal, plan, start)


def batches(n: int, batch_size: int, seed: int) -> Iterator[np.ndarray]:
    """Yield, without end, the rows of each mini-batch: a permutation an epoch, cut in order.

    All rows of an epoch are seen once: its last batch is smaller where `batch_size` does not divide
    n. The data themselves are never shuffled.
    """
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(n)
        for start in range(0, n, batch_size):
            yield order[start : start + batch_size]


def epochs_after(n: int, batch_size: int | None, steps: int) -> np.ndarray:
    """Return how often the data have been seen after each of 0 … `steps` steps, `(steps + 1,)`."""
    t = np.arange(steps + 1)
    if batch_size is None or batch_size >= n:
        return t.astype(float)
    each = -(-n // batch_size)
    return t // each + np.minimum(t % each * batch_size, n) / n


def soft_threshold(x: Any, by: Any) -> Any:
    """Return sign(x) max(|x| − by, 0): the proximal step of `by` |x|."""
    return np.sign(x) * np.maximum(np.abs(x) - by, 0.0)


def slope_of(goal: Objective, theta: np.ndarray, rate: float) -> float:
    """Return the length of the gradient of F, or that of a proximal step over η."""
    slope = goal.grad(theta)
    if goal.l1:
        after = soft_threshold(theta - rate * slope, rate * goal.l1 * goal.penalised)
        slope = (theta - after) / rate
    return float(np.linalg.norm(slope))


def is_done(goal: Objective, theta: np.ndarray, plan: FitPlan) -> bool:
    """Tell whether the slope has shrunk to `plan.tol` of that at zero; never without a `tol`."""
    if plan.tol is None:
        return False
    start = slope_of(goal, np.zeros(goal.d), plan.rate)
    return slope_of(goal, theta, plan.rate) <= plan.tol * start


def _elementwise(goal: Objective, plan: FitPlan, start: np.ndarray) -> np.ndarray:
    n, steps, rate = len(goal.y), plan.steps, plan.rate
    rule = update(METHODS[plan.method], lr=rate, **plan.hyper)
    curve = factors(plan.schedule, steps)
    size = plan.batch_size
    stream = batches(n, size, plan.seed) if size and plan.in_batches(n) else None
    proximal = goal.l1 > 0 and plan.method == "gd"
    path = np.empty((steps + 1, goal.d))
    theta = path[0] = start
    memory = rule.rest(theta)
    for t in range(1, steps + 1):
        slope = goal.grad(theta, next(stream) if stream else None)
        if goal.l1 and not proximal:
            slope = slope + goal.kink(theta)
        theta, memory = rule.step(theta, slope, t, memory, curve[t - 1])
        if proximal:
            theta = soft_threshold(theta, rate * curve[t - 1] * goal.l1 * goal.penalised)
        path[t] = theta
        if t % LOOK == 0 and (not np.isfinite(theta).all() or is_done(goal, theta, plan)):
            return path[: t + 1]
    return path


def _searched(goal: Objective, plan: FitPlan, start: np.ndarray) -> np.ndarray:
    """Run a method of `optimize` with its own line search on the objective as on any problem."""
    if goal.l1:
        raise FitError(f"{FITTERS[plan.method]} needs a slope without a kink: it does not take l1.")
    if plan.schedule != "constant":
        raise FitError(f"{FITTERS[plan.method]} finds the length of its steps itself: no schedule.")
    own = {"lr": plan.rate} if "lr" in knobs(METHODS[plan.method]) else {}
    search = METHODS[plan.method](goal, **own, **plan.hyper)
    path = []
    for state in islice(iterate(search, search.init(start)), plan.steps + 1):
        path.append(state.x)
        if not np.isfinite(state.x).all() or is_done(goal, state.x, plan):
            break
    return np.array(path)


def _coordinates(goal: Objective, plan: FitPlan, start: np.ndarray) -> np.ndarray:
    """Solve one coordinate after the other, all others fixed (Friedman et al. 2010, eq. 5)."""
    if plan.hyper or plan.schedule != "constant":
        raise FitError("coordinate descent has no learning rate, no schedule and no knobs.")
    from gdviz.kernels.coordinate_descent import descend_coordinates

    path = np.empty((plan.steps + 1, goal.d))
    path[0] = start
    gram = np.ascontiguousarray(goal.gram)
    curved = np.diag(gram) + goal.l2 * goal.penalised
    for first in range(0, plan.steps, LOOK):
        last = min(first + LOOK, plan.steps)
        descend_coordinates(
            gram, goal.moment, goal.l1 * goal.penalised, curved, path[first : last + 1]
        )
        if is_done(goal, path[last], plan):
            return path[: last + 1]
    return path


_WALKS: dict[str, Callable[..., np.ndarray]] = {
    COORDINATE: _coordinates,
    **dict.fromkeys(WITH_SEARCH, _searched),
}
