"""Maps: where thousands of descents end, by start, by learning rate, by both."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gdviz.knobs import bind_defaults
from gdviz.optimize import outcomes
from gdviz.optimize.descend import descend
from gdviz.optimize.elementwise import NO_CONDITIONS, GradientConditions
from gdviz.optimize.linalg import norm
from gdviz.optimize.map_ends import (
    CONVERGED,
    DIVERGED,
    compiled_lanes,
    compiles,
    ends,
    knob_columns,
    lane_batches,
)
from gdviz.optimize.methods import METHODS, require_method
from gdviz.optimize.problems import Problem, as_points

NO_MINIMUM, NOWHERE = -1, -2
CLOSE = 1e-2  # an end this near a minimum, relative to max(1, |minimum|), belongs to it


class RateMap(NamedTuple):
    """`starts (s,)` by `rates (r,)`: `steps`, final points `end` and `code`, each `(r, s)`."""

    starts: np.ndarray
    rates: np.ndarray
    steps: np.ndarray
    end: np.ndarray
    code: np.ndarray


class Basins(NamedTuple):
    """For each of `starts` the index of its `minimum`, −1 none, −2 diverged, and its `steps`."""

    starts: np.ndarray
    minimum: np.ndarray
    steps: np.ndarray


class Bifurcation(NamedTuple):
    """For each of `rates (r,)` the points `x (r, keep)` after the start has been forgotten."""

    rates: np.ndarray
    x: np.ndarray


def rate_map(
    problem: Problem,
    starts: Any,
    rates: Any,
    method: str = "gd",
    *,
    steps: int = 200,
    tol: float = 1e-6,
    **hyper: Any,
) -> RateMap:
    """Run `method` from each of `starts (s,)` with each of the learning `rates (r,)`.

    Raises `ValueError` for a method without a learning rate or a problem of more than one variable.
    """
    _check_rate("A rate map", problem, method)
    s, r = np.asarray(starts, float), np.asarray(rates, float)
    at = np.tile(s, len(r))[:, None]
    found = ends(problem, at, method, steps=steps, tol=tol, lr=np.repeat(r, len(s)), **hyper)
    shape = len(r), len(s)
    return RateMap(
        s, r, found.steps.reshape(shape), found.x.reshape(shape), found.code.reshape(shape)
    )


def basins(
    problem: Problem,
    starts: Any,
    minima: Any,
    method: str = "gd",
    *,
    steps: int = 2000,
    tol: float = 1e-6,
    conditions: GradientConditions = NO_CONDITIONS,
    **hyper: float,
) -> Basins:
    """Say to which of `minima (m,)` or `(m, d)` each of `starts (s,)` or `(s, d)` descends.

    A run belongs to a minimum that it converged to within a hundredth of max(1, |minimum|). The
    `conditions` are for rules of gradients, as in `ends`.
    """
    points = _as_list(starts, problem)
    found = ends(problem, points, method, steps=steps, tol=tol, conditions=conditions, **hyper)
    minimum = np.full(len(points), NO_MINIMUM)
    if len(minima):
        places = _as_list(minima, problem)
        far = norm(found.x[:, None] - places)
        nearest = far.argmin(axis=1)
        close = far.min(axis=1) <= CLOSE * np.maximum(1.0, norm(places))[nearest]
        minimum = np.where(close & (found.code == CONVERGED), nearest, NO_MINIMUM)
    minimum[found.code == DIVERGED] = NOWHERE
    return Basins(np.asarray(starts, float), minimum, found.steps)


def bifurcation(
    problem: Problem,
    x0: float,
    rates: Any,
    method: str = "gd",
    *,
    skip: int = 500,
    keep: int = 64,
    **hyper: float,
) -> Bifurcation:
    """Return the points x_{skip+1} … x_{skip+keep} for each of `rates`, not-a-number if diverged.

    No run stops early, so a cycle and a chaotic band show as they are.
    Raises `ValueError` for a method without a learning rate or a problem of more than one variable.
    """
    _check_rate("A bifurcation diagram", problem, method)
    r = np.asarray(rates, float)
    points = np.full((len(r), 1), float(x0))
    columns = knob_columns(method, {**hyper, "lr": r}, len(r))
    if not compiles(problem, method):
        return Bifurcation(r, _plain_tail(problem, points, method, skip + keep, keep, columns))
    never = (-1.0, -1.0, outcomes.FAR)
    lanes = compiled_lanes(problem, points, method, skip + keep, never, columns, keep)
    tail = np.where(lanes.code == DIVERGED, np.nan, lanes.tail[:, 0, :])
    return Bifurcation(r, np.ascontiguousarray(tail.T))


# --- what was asked for ---------------------------------------------------------------------------


def _check_rate(what: str, problem: Problem, method: str) -> None:
    require_method(method)
    if "lr" not in bind_defaults(METHODS[method], {}):
        raise ValueError(f"{what} needs a method with a learning rate; {method} has none.")
    if problem.d != 1:
        raise ValueError(f"{what} needs one variable, this problem has {problem.d}.")


def _as_list(points: Any, problem: Problem) -> np.ndarray:
    """Return points `(n,)` of one variable, or `(n, d)`, as `(n, d)`."""
    array = np.asarray(points, float)
    return as_points(array[:, None] if array.ndim == 1 and problem.d == 1 else array, problem)


def _plain_tail(
    problem: Problem,
    points: np.ndarray,
    method: str,
    steps: int,
    keep: int,
    columns: Mapping[str, np.ndarray],
) -> np.ndarray:
    tail = np.full((len(points), keep), np.nan)
    for lanes, hyper in lane_batches(problem, method, len(points), steps, columns):
        run = descend(problem, points[lanes], method, steps=steps, stop=None, **hyper)
        good = (run.lost < 0) & ~outcomes.has_diverged(run.x, run.f).any(axis=0)
        if good.any():
            tail[lanes[good]] = run.x[-keep:, good, 0].T
    return tail
