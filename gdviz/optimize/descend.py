"""Run any method on any problem, stop it when a rule says so, and say how it ended."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gdviz.core import iterate, stack
from gdviz.knobs import bind
from gdviz.optimize import outcomes
from gdviz.optimize.elementwise import CALM, Conditions
from gdviz.optimize.linalg import norm
from gdviz.optimize.methods import ARRAYS_ONLY, METHODS
from gdviz.optimize.outcomes import STOPS, Outcome
from gdviz.optimize.problems import Problem, as_points, elementwise_view
from gdviz.optimize.states import Conjugate, Memory, QuasiNewton

FIRST_LOOK = 8  # states before the first look at the stopping rule; each next look is twice as far
PER_POINT = {"f", "tried", "f_left", "f_right"}  # fields of a state that are numbers, not points


@dataclass(frozen=True, eq=False)  # a run is the same as itself only: arrays do not compare
class Run:
    """The trace of a descent, with how it ended.

    Every field of the method's state is there by its name with a leading time axis: `x` of shape
    `(k + 1, ..., d)`, `f (k + 1, ...)`, `grad`, and the method's own (Adam: `m`, `v`). In a batch a
    run that ended stays where it ended; `last (...)` is its last step.
    """

    problem: Problem
    trace: Any
    last: np.ndarray
    fired: np.ndarray
    lost: np.ndarray
    f_lost: np.ndarray
    stop: str | None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "trace":
            raise AttributeError(name)
        return getattr(self.trace, name)

    @property
    def status(self) -> Any:
        """How it ended, a word; an array of words for a batch."""
        return self._each("status")

    @property
    def reason(self) -> Any:
        """Why it ended, a sentence; an array of sentences for a batch."""
        return self._each("reason")

    @property
    def verdict(self) -> Any:
        """How it went, in a few words; an array for a batch."""
        return self._each("verdict")

    @cached_property
    def outcomes(self) -> dict[tuple[int, ...], Outcome]:
        """The outcome of each run of the batch by its index, `()` for a single run."""
        return {index: self._outcome(index) for index in np.ndindex(self.last.shape)}

    def _outcome(self, index: tuple[int, ...]) -> Outcome:
        k = int(self.last[index]) + 1
        at = (slice(k), *index)
        fired = self.stop if self.fired[index] else None
        step = int(self.lost[index])
        lost = (step, float(self.f_lost[index])) if step >= 0 else None
        with np.errstate(all="ignore"):
            return outcomes.judge(self.problem, self.x[at], self.f[at], self.grad[at], fired, lost)

    def _each(self, what: str) -> Any:
        if () in self.outcomes:
            return getattr(self.outcomes[()], what)
        words = np.empty(self.last.shape, object)
        for index, outcome in self.outcomes.items():
            words[index] = getattr(outcome, what)
        return words


def descend(
    problem: Problem,
    x0: Any,
    method: str = "gd",
    *,
    steps: int = 100,
    stop: str | None = "gradient",
    tol: float = 1e-6,
    conditions: Conditions = CALM,
    patience: int | None = None,
    **hyper: float,
) -> Run:
    """Minimise `problem` from the points `x0 (..., d)` and return the run.

    `stop` is `"gradient"`, `"step"`, `"value"` or None, which takes every step; a run that leaves
    for infinity ends at its last finite point all the same. `conditions` are a schedule, gradient
    noise and clipping for the elementwise methods; the others take the problem as it is. With
    `patience` a run also ends, at the step it has reached, when its steps and the trials of its
    Wolfe searches are so many: a search that finds nothing tries all it may, step after step.
    Raises `ValueError` for an unknown method, rule or knob, and for points of a wrong shape.

    >>> run = descend(function("x**2"), [2.0], lr=0.25)
    >>> run.status, run.x.shape
    ('converged', (23, 1))
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; there is {', '.join(METHODS)}.")
    check_end(steps, stop, tol)
    checked = bind(METHODS[method], hyper)
    if hasattr(METHODS[method], "state"):
        checked["conditions"] = conditions
    points = as_points(x0, problem)
    if points.size == 0:
        raise ValueError(f"points of shape {points.shape} given; there must be one at least.")
    # A single point of one variable runs on plain floats: many times faster, and the same bits.
    single = points.shape == (1,) and method not in ARRAYS_ONLY
    view: Any = elementwise_view(problem) if single else problem
    start: Any = float(points[0]) if single else points
    with np.errstate(all="ignore"):
        walked = METHODS[method](view, **checked)
        return _run(problem, walked, start, steps, stop, tol, single, patience)


def check_end(steps: Any, stop: Any, tol: Any) -> None:
    """Raise `ValueError` unless a run can end by these."""
    if stop is not None and stop not in STOPS:
        raise ValueError(f"unknown stopping rule {stop!r}; there is {', '.join(STOPS)} and None.")
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 0:
        raise ValueError(f"steps = {steps!r} is not a whole number of 0 or more.")
    if not (np.isfinite(tol) and tol > 0):
        raise ValueError(f"tol = {tol!r} is not a positive number.")


def _run(
    problem: Problem,
    method: Any,
    start: Any,
    steps: int,
    stop: str | None,
    tol: float,
    expand: bool,
    patience: int | None,
) -> Run:
    states: list[Any] = []
    source = iterate(method, method.init(start))
    left = float("inf") if patience is None else patience
    while True:
        for _ in range(min(max(FIRST_LOOK, len(states)), steps + 1 - len(states))):
            states.append(next(source))
            left -= 0 if patience is None else _calls(states[-1])
            if left < 0:
                steps = len(states) - 1
                break
        x, f, grad = (np.array(column) for column in list(zip(*states, strict=True))[:3])
        if expand:
            x, grad = x[:, None], grad[:, None]
        last, fired, lost, f_lost = _ends(x, f, grad, stop, tol)
        if len(states) > steps or np.all(fired | (lost >= 0)):
            break
    kept = stack(states[: int(last.max()) + 1])
    if expand:
        kept = kept._replace(**_with_axis(kept))
    return Run(problem, _held(kept, last), last, fired, lost, f_lost, stop)


def _calls(state: Any) -> int:
    """Return about how many calls of the problem a step has cost: Armijo's trials are one call."""
    wolfe = isinstance(state, QuasiNewton | Memory | Conjugate)
    return 1 + (int(np.max(state.tried)) if wolfe else 0)


def finished(problem: Problem, trace: Any, stop: str | None, tol: float, sound: bool) -> Run:
    """Return the run of a whole trace of one start, cut where the stopping rule ends it.

    Nothing ends a `sound` trace, one whose numbers are all finite, if there is no rule.
    """
    if sound and stop is None:
        last = np.array(len(trace.f) - 1)
        return Run(problem, trace, last, np.array(False), np.array(-1), trace.f[-1], stop)
    with np.errstate(all="ignore"):
        last, fired, lost, f_lost = _ends(trace.x, trace.f, trace.grad, stop, tol)
    kept = type(trace)(*(field[: int(last) + 1] for field in trace))
    return Run(problem, kept, last, fired, lost, f_lost, stop)


def _ends(x: Any, f: Any, grad: Any, stop: str | None, tol: float) -> tuple[np.ndarray, ...]:
    """Return per run its last step, if the rule ended it, the step it was lost at (or −1), f."""
    if stop is None and all(np.isfinite(values).all() for values in (x, f, grad)):
        shape = f.shape[1:]
        return np.full(shape, len(x) - 1), np.zeros(shape, bool), np.full(shape, -1), f[-1]
    gone = outcomes.far_out(x, f) if stop else ~np.isfinite(f) | ~np.isfinite(norm(x))
    gone |= ~np.isfinite(norm(grad))
    done = STOPS[stop](x, f, grad, tol) & ~gone if stop else np.zeros_like(gone)
    ended = gone | done
    first = np.where(ended.any(axis=0), ended.argmax(axis=0), len(x) - 1)

    def there(values: np.ndarray) -> np.ndarray:
        return np.take_along_axis(values, first[None], axis=0)[0]

    lost = there(gone)
    last = np.where(lost, np.maximum(first - 1, 0), first)
    return last, there(done), np.where(lost, first, -1), there(f)


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
