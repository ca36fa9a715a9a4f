"""Run any method on any problem, stop it when a rule says so, and say how it ended."""

from typing import Any

import numpy as np

from gdviz.core import iterate, stack
from gdviz.knobs import bind_defaults
from gdviz.optimize import outcomes
from gdviz.optimize.elementwise import NO_CONDITIONS, GradientConditions
from gdviz.optimize.linalg import norm
from gdviz.optimize.methods import ARRAYS_ONLY, METHODS, require_method
from gdviz.optimize.outcomes import STOPS
from gdviz.optimize.outer_loops import outer_names
from gdviz.optimize.problems import Problem, as_points, elementwise_view
from gdviz.optimize.runs import Endings, Maker, Run
from gdviz.optimize.states import ConjugateState, LBFGSState, QuasiNewtonState

FIRST_LOOK = 8  # states before the first look at the stopping rule; each next look is twice as far
PER_POINT = {"f", "tried", "f_left", "f_right"}  # fields of a state that are numbers, not points


def descend(
    problem: Problem,
    x0: Any,
    method: str = "gd",
    *,
    steps: int = 100,
    stop: str | None = "gradient",
    tol: float = 1e-6,
    conditions: GradientConditions = NO_CONDITIONS,
    patience: int | None = None,
    **hyper: float,
) -> Run:
    """Minimise `problem` from the points `x0 (..., d)` and return the run.

    `stop` is `"gradient"`, `"step"`, `"value"` or None, which takes every step; a run that leaves
    for infinity ends at its last finite point. `conditions` are a schedule, noise, clipping and
    outer loops for the elementwise methods. With `patience` a run also ends when its steps and
    trials are so many.
    Raises `ValueError` for an unknown method, rule or knob, and for points of a wrong shape.

    >>> run = descend(function("x**2"), [2.0], lr=0.25)
    >>> run.status, run.x.shape
    ('converged', (23, 1))
    """
    require_method(method)
    validate_stop(steps, stop, tol)
    hyper = bind_defaults(METHODS[method], hyper)
    elementwise = hasattr(METHODS[method], "state")  # no schedule moves a search
    checked: dict[str, Any] = {**hyper, **({"conditions": conditions} if elementwise else {})}
    points = as_points(x0, problem)
    if points.size == 0:
        raise ValueError(f"points of shape {points.shape} given; there must be one at least.")
    # A single point of one variable runs on plain floats: many times faster, and the same bits.
    single = points.shape == (1,) and method not in ARRAYS_ONLY
    view, start = (elementwise_view(problem), float(points[0])) if single else (problem, points)
    with np.errstate(all="ignore"):
        walked = METHODS[method](view, **checked)
        made = (conditions.factors, outer_names(conditions)) if elementwise else ()
        maker = Maker(method, hyper, *made)
        return _run(problem, walked, start, steps, stop, tol, single, patience, maker)


def validate_stop(steps: Any, stop: Any, tol: Any) -> None:
    """Raise `ValueError` unless a run can end by these."""
    if stop is not None and stop not in STOPS:
        raise ValueError(f"unknown stopping rule {stop!r}; there is {', '.join(STOPS)} and None.")
    require_count("steps", steps, 0)
    if not (np.isfinite(tol) and tol > 0):
        raise ValueError(f"tol = {tol!r} is not a positive number.")


def require_count(name: str, value: Any, least: int) -> None:
    """Raise `ValueError` unless a value is a whole number from `least` on."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} = {value!r} is not a whole number of {least} or more.")


def _run(
    problem: Problem,
    method: Any,
    start: Any,
    steps: int,
    stop: str | None,
    tol: float,
    expand: bool,
    patience: int | None,
    maker: Maker,
) -> Run:
    states: list[Any] = []
    source = iterate(method, method.init(start))
    left = float("inf") if patience is None else patience
    pauses = not hasattr(METHODS[maker.method], "state")
    while True:
        for _ in range(min(max(FIRST_LOOK, len(states)), steps + 1 - len(states))):
            states.append(next(source))
            left -= 0 if patience is None else _calls(states[-1])
            if pauses and _repeats(states):
                states += _again(states[-1], steps)
                break
            if left < 0:
                steps = len(states) - 1
                break
        x, f, grad = (np.array(column) for column in list(zip(*states, strict=True))[:3])
        if expand:
            x, grad = x[:, None], grad[:, None]
        ends = _ends(problem, (x, f, grad), stop, tol)
        if len(states) > steps or np.all(ends.fired | ends.kink | (ends.lost >= 0)):
            break
    kept = stack(states[: int(ends.last.max()) + 1])
    if expand:
        kept = kept._replace(**_with_axis(kept))
    return Run(problem, _level_at_kinks(_held(kept, ends.last), ends), *ends, stop, maker, left < 0)


def _calls(state: Any) -> int:
    """Return about how many calls of the problem a step has cost: Armijo's trials are one call."""
    wolfe = isinstance(state, QuasiNewtonState | LBFGSState | ConjugateState)
    return 1 + (int(np.max(state.tried)) if wolfe else 0)


def _repeats(states: list[Any]) -> bool:
    """Tell whether the last state is the one before but for t: then all that follow are."""
    if len(states) < 3 or not np.array_equal(states[-1].x, states[-2].x):
        return False
    pairs = zip(states[-1]._replace(t=0), states[-2]._replace(t=0), strict=True)
    return all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def _again(state: Any, steps: int) -> list[Any]:
    """Return the state again for each step up to `steps`: it costs nothing to stand still."""
    return [state._replace(t=t) for t in range(state.t + 1, steps + 1)]


def is_finished(
    problem: Problem, trace: Any, stop: str | None, tol: float, sound: bool, maker: Maker
) -> Run:
    """Return the run of a whole trace of one start, cut where the stopping rule ends it.

    Nothing ends a `sound` trace, one whose numbers are all finite, if there is no rule.
    """
    if sound and stop is None:
        no = np.array(False)
        last = np.array(len(trace.f) - 1)
        return Run(problem, trace, last, no, np.array(-1), trace.f[-1], no, stop, maker)
    with np.errstate(all="ignore"):
        ends = _ends(problem, (trace.x, trace.f, trace.grad), stop, tol)
    kept = type(trace)(*(field[: int(ends.last) + 1] for field in trace))
    return Run(problem, _level_at_kinks(kept, ends), *ends, stop, maker)


def _ends(problem: Problem, path: Any, stop: str | None, tol: float) -> Endings:
    """Return per run its last step, if the rule ended it, the step it was lost at (or −1), f.

    A run is lost where nothing is finite; where only the gradient is not, it is at a kink.
    """
    x, f, grad = path
    if stop is None and all(np.isfinite(values).all() for values in path):
        shape, no = f.shape[1:], np.zeros(f.shape[1:], bool)
        return Endings(np.full(shape, len(x) - 1), no, np.full(shape, -1), f[-1], no)
    gone = outcomes.has_diverged(x, f) if stop else ~np.isfinite(f) | ~np.isfinite(norm(x))
    steep = ~np.isfinite(norm(grad))
    kink = steep & ~gone & (np.abs(f) < outcomes.HUGE)
    gone |= steep & ~kink
    done = np.zeros_like(gone)
    if stop:
        done = STOPS[stop](x, f, grad, tol, outcomes.rounding_of(problem)) & ~gone & ~kink
    ended = gone | done | kink
    first = np.where(ended.any(axis=0), ended.argmax(axis=0), len(x) - 1)

    def there(values: np.ndarray) -> np.ndarray:
        return np.take_along_axis(values, first[None], axis=0)[0]

    lost = there(gone)
    last = np.where(lost, np.maximum(first - 1, 0), first)
    return Endings(last, there(done), np.where(lost, first, -1), there(f), there(kink))


def _level_at_kinks(trace: Any, ends: Endings) -> Any:
    """Give a trace the gradient 0 where it ended at a kink, which has none."""
    if not ends.kink.any():
        return trace
    finite = np.isfinite(trace.grad).all(axis=-1, keepdims=True)
    return trace._replace(grad=np.where(ends.kink[..., None] & ~finite, 0.0, trace.grad))


def _with_axis(trace: Any) -> dict[str, np.ndarray]:
    """Give the points of a float run their axis of length d = 1."""
    points = set(trace._fields) - PER_POINT - {"t"}
    return {name: getattr(trace, name)[..., None] for name in points}


def _held(trace: Any, last: np.ndarray) -> Any:
    """Hold every run of a batch at its last step."""
    if last.ndim == 0:
        return trace
    steps = np.minimum(np.arange(len(trace.t)).reshape(-1, *(1 for _ in last.shape)), last)

    def hold(field: np.ndarray) -> np.ndarray:
        index = steps.reshape(*steps.shape, *(1 for _ in range(field.ndim - steps.ndim)))
        return np.take_along_axis(field, index, axis=0)

    return type(trace)(
        *(f if name == "t" else hold(f) for name, f in zip(trace._fields, trace, strict=True))
    )
