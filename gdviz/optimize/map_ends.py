"""How thousands of runs end: compiled where a rule is elementwise, in NumPy batches elsewhere."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from gdviz.kernels.block_kernels import (
    gradient_kernel,
    may_compile,
    may_compile_rule,
    other_knobs,
    rule_kernel,
)
from gdviz.knobs import bind_defaults, knobs
from gdviz.optimize import outcomes
from gdviz.optimize.elementwise import NO_CONDITIONS, GradientConditions
from gdviz.optimize.linalg import norm
from gdviz.optimize.methods import METHODS, require_method
from gdviz.optimize.problems import Problem, as_points
from gdviz.optimize.stationary import MINIMUM, WEAK_MINIMUM, stationary_kind

CONVERGED, NOT_YET, DIVERGED, AT_KINK = 1, 0, -1, 2

LONGEST_SOURCE = 20_000  # characters: beyond, numba would compile for seconds

ROOM = 2**22  # numbers that a batch of whole traces may hold at once

WIDEST_STATE = (
    50  # numbers a state holds per coordinate, the forty trials of a line search included
)


class Ends(NamedTuple):
    """How runs ended: `x (n, d)`, `steps (n,)` until converged or −1, `code (n,)`.

    A code is 1 for converged by `outcomes.gradient_small` or at a kink that is a minimum, 0 for not
    yet, −1 for diverged as in `outcomes.far_out`; a diverged run has its last point before that.
    """

    x: np.ndarray
    steps: np.ndarray
    code: np.ndarray


def ends(
    problem: Problem,
    starts: Any,
    method: str = "gd",
    *,
    steps: int = 200,
    tol: float = 1e-6,
    conditions: GradientConditions = NO_CONDITIONS,
    **hyper: Any,
) -> Ends:
    """Run `method` from each of `starts (n, d)` and return how the runs ended.

    A knob in `hyper` is a number or an array `(n,)`, one per start. The results are those of
    `descend`; elementwise methods run compiled, the others, and all rules under conditions, in
    NumPy batches.
    Raises `ValueError` for an unknown method or knob, and for points of a wrong shape.
    """
    points = as_points(starts, problem)
    columns = knob_columns(method, hyper, len(points))
    if not (compiles(problem, method) and conditions.calm):
        plain = _plain_ends(problem, points, method, steps, tol, conditions, columns)
        return _judged_kinks(problem, plain)
    stop = (tol, outcomes.rounding_of(problem), outcomes.FAR)
    lanes = compiled_lanes(problem, points, method, steps, stop, columns)
    return _judged_kinks(problem, Ends(np.ascontiguousarray(lanes.x.T), lanes.steps, lanes.code))


def _judged_kinks(problem: Problem, found: Ends) -> Ends:
    """Return the ends with the runs that came to a kink converged, where it is a minimum."""
    kinks = np.flatnonzero(found.code == AT_KINK)
    if not len(kinks):
        return found
    points, which = np.unique(found.x[kinks], axis=0, return_inverse=True)
    low = np.array([stationary_kind(problem, x) in (MINIMUM, WEAK_MINIMUM) for x in points])
    least = low[which.ravel()]
    steps, code = found.steps.copy(), found.code.copy()
    steps[kinks] = np.where(least, steps[kinks], -1)
    code[kinks] = np.where(least, CONVERGED, NOT_YET)
    return Ends(found.x, steps, code)


def knob_columns(method: str, given: Mapping[str, Any], n: int) -> dict[str, np.ndarray]:
    """Return every knob of the method as an array `(n,)`, the given values checked."""
    require_method(method)
    arrays = {name: np.asarray(value, float) for name, value in given.items()}
    worst = {name: float(np.abs(value).max(initial=0.0)) for name, value in arrays.items()}
    known = bind_defaults(METHODS[method], worst)
    return {name: np.broadcast_to(arrays.get(name, known[name]), (n,)) for name in known}


def _groups(columns: Mapping[str, np.ndarray], n: int) -> tuple[np.ndarray, ...]:
    """Return the distinct rows of knobs, the n lanes sorted by row, and where each row begins."""
    table = np.stack([np.zeros(n), *columns.values()], axis=1)[:, 1:]
    if not (table != table[:1]).any():
        return table[:1], np.arange(n), np.array([0, n])
    rows, row = np.unique(table, axis=0, return_inverse=True)
    lanes = np.argsort(row.ravel(), kind="stable")
    return rows, lanes, np.concatenate([[0], np.cumsum(np.bincount(row.ravel()))])


def compiles(problem: Problem, method: str) -> bool:
    """Tell whether method and formula run compiled, within the budget of what may be compiled."""
    formula, factory = problem.formula, METHODS[method]
    known = formula.numba_ready and len(formula.source) <= LONGEST_SOURCE
    if not (known and hasattr(factory, "state") and may_compile_rule(inspect.unwrap(factory))):
        return False
    return problem.ready or may_compile(formula.source, problem.variables)


def compiled_lanes(
    problem: Problem,
    points: np.ndarray,
    method: str,
    steps: int,
    stop: tuple[float, float, float],
    columns: Mapping[str, np.ndarray],
    keep: int = 0,
) -> Any:
    """Return `blocks.Lanes` in the order of `points`."""
    from gdviz.kernels import batched_descent  # numba takes a quarter of a second to import

    factory: Any = METHODS[method]
    rule, slots = factory.__wrapped__, len(factory.state._fields) - 4
    gradient = gradient_kernel(problem.formula.source, problem.variables, problem.ready)
    others = {name: columns[name] for name in other_knobs(rule, slots)}
    rows, lanes, bounds = _groups(others, len(points))
    rates = columns.get("lr", np.zeros(len(points)))
    found = batched_descent.run(
        gradient,
        rule_kernel(rule, slots),
        slots,
        points.T[:, lanes],
        rates[lanes],
        bounds,
        rows,
        steps,
        batched_descent.Stop(*stop),
        keep,
    )
    return batched_descent.Lanes(*(field[..., np.argsort(lanes)] for field in found))


def lane_batches(
    problem: Problem, method: str, n: int, steps: int, columns: Mapping[str, np.ndarray]
) -> Iterator[tuple[np.ndarray, dict[str, Any]]]:
    """Yield lanes of equal knobs, few enough that their traces fit into `ROOM`, and the knobs."""
    most = max(1, ROOM // ((steps + 1) * problem.d * WIDEST_STATE))
    rows, lanes, bounds = _groups(columns, n)
    whole = {name for name, knob in knobs(METHODS[method]).items() if knob.type is int}
    for row, lo, hi in zip(rows, bounds[:-1], bounds[1:], strict=False):
        for at in range(lo, hi, most):
            values = zip(columns, row.tolist(), strict=True)
            own = {name: int(value) if name in whole else value for name, value in values}
            yield lanes[at : min(at + most, hi)], own


def _plain_ends(
    problem: Problem,
    points: np.ndarray,
    method: str,
    steps: int,
    tol: float,
    conditions: GradientConditions,
    columns: Mapping[str, np.ndarray],
) -> Ends:
    n = len(points)
    around: Any = {"conditions": conditions} if hasattr(METHODS[method], "state") else {}
    found = Ends(points.copy(), np.full(n, -1), np.full(n, NOT_YET))
    for lanes, hyper in lane_batches(problem, method, n, 0, columns):
        with np.errstate(all="ignore"):
            stop = (tol, outcomes.rounding_of(problem), outcomes.FAR)
            _run_out(
                METHODS[method](problem, **around, **hyper),
                points[lanes],
                lanes,
                steps,
                stop,
                found,
            )
    return found


def _run_out(
    engine: Any,
    start: np.ndarray,
    lanes: np.ndarray,
    steps: int,
    stop: tuple[float, float, float],
    found: Ends,
) -> None:
    """Run lanes until each has ended by the rules of `descend`; one that has costs nothing more."""
    state = engine.init(start)
    tol, rounding, farther = stop
    small = np.maximum(tol * np.minimum(1.0, norm(state.grad)), rounding)
    far, f0 = farther * np.maximum(1.0, norm(start)), state.f
    before, pace = start, np.zeros(len(start))
    for k in range(steps + 1):
        moved, distance, slope = norm(state.x - before), norm(state.x), norm(state.grad)
        growing = (moved > pace) & (k > 1)
        gone = ~(np.isfinite(state.f) & np.isfinite(distance))
        gone |= (distance > far) & ((state.f > f0) | growing)
        kink = ~np.isfinite(slope) & ~gone & (np.abs(state.f) < outcomes.HUGE)
        gone |= ~np.isfinite(slope) & ~kink
        done = (slope <= small) & ~gone & ~kink
        on = ~(gone | done | kink)
        found.x[lanes] = np.where(gone[:, None], before, state.x)
        found.steps[lanes[done | kink]] = k
        code = np.where(done, CONVERGED, np.where(kink, AT_KINK, NOT_YET))
        found.code[lanes] = np.where(gone, DIVERGED, code)
        if k == steps or not on.any():
            return
        if not on.all():
            lanes, small, far, f0, moved = (part[on] for part in (lanes, small, far, f0, moved))
            kept = {name: getattr(state, name)[on] for name in state._fields if name != "t"}
            state = state._replace(**kept)
        before, pace = state.x, moved
        state = engine.step(state)
