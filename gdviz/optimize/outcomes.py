"""How a run ends: the words for it, the stopping rules, and when it has left for infinity."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gdviz.optimize.linalg import norm

CONVERGED = "converged"
STEP_LIMIT = "step limit"
STATIONARY = "stationary"
STOPPED_EARLY = "stopped early"
OSCILLATING = "oscillating"
DIVERGED = "diverged"

FAR = 1e6  # a point this many times farther out than the start, and no better, has diverged
HUGE = 1e100  # a gradient that is not finite where f is larger has overflowed
ROUNDING = 1e-14  # of a problem's steepness: a smaller gradient is rounding, whatever is asked


class Outcome(NamedTuple):
    """A `status` (one of six words), a `verdict` of a few words and the `reason` in a sentence."""

    status: str
    verdict: str
    reason: str


class Course(NamedTuple):
    """What else is known of a run: how its steps were made, and what ended it.

    `rates (k + 1,)` are η at each step, `extent (k + 1,)` the size of a simplex. `fired` names the
    stopping rule that ended it; `lost` is the step at which it was found to have diverged and f
    there (the points end before that step); `kink` says that f has a value at its end but no
    gradient; `spent` that its share of trials was used up.
    """

    method: str = ""
    hyper: Mapping[str, Any] = {}
    rates: Any = None
    extent: Any = None
    fired: str | None = None
    lost: tuple[int, float] | None = None
    kink: bool = False
    spent: bool = False


# --- stopping rules: one boolean per step and run, shape (k + 1, ...) ----------------------------


def rounding_of(problem: Any) -> float:
    """Return the size of a gradient that is rounding noise, whatever the tolerance says."""
    return ROUNDING * float(getattr(problem, "steepness", 1.0))


def gradient_small(x: Any, f: Any, grad: Any, tol: float, rounding: float = ROUNDING) -> Any:
    """|∇f_k| ≤ tol · min(1, |∇f_0|): neither a flat nor a steep function can fool it."""
    size = norm(grad)
    return size <= np.maximum(tol * np.minimum(1.0, size[0]), rounding)


def step_small(x: Any, f: Any, grad: Any, tol: float, rounding: float = ROUNDING) -> Any:
    """|x_k − x_{k−1}| ≤ tol · max(1, |x_k|), once the run has left its start."""
    return _after_a_step(norm(np.diff(x, axis=0)) <= tol * np.maximum(1.0, norm(x[1:])), x, grad)


def value_small(x: Any, f: Any, grad: Any, tol: float, rounding: float = ROUNDING) -> Any:
    """|f_k − f_{k−1}| ≤ tol, in absolute terms, once the run has left its start.

    It is the rule that many tutorials use.
    """
    return _after_a_step(np.abs(np.diff(f, axis=0)) <= tol, x, grad)


def _after_a_step(small: Any, x: Any, grad: Any) -> Any:
    """Return `small` of steps 1, 2, ... for all steps; a method may rest before it first moves.

    At a start without a gradient there is nothing to wait for.
    """
    left = np.logical_or.accumulate((x != x[0]).any(axis=-1) | (grad == 0).all(axis=-1))
    return left & np.concatenate([np.zeros_like(left[:1]), small])


STOPS = {"gradient": gradient_small, "step": step_small, "value": value_small}
STOP_LABELS = {
    "gradient": "gradient norm |f′| ≤ tol · min(1, |f′₀|)",
    "step": "relative step |Δx| ≤ tol · max(1, |x|)",
    "value": "difference of values |Δf| ≤ tol",
}


def has_diverged(x: Any, f: Any) -> Any:
    """Say where a run has left for infinity, shape `(k + 1, ...)`.

    Not finite, or `FAR` times farther out than the start while f is above its start or the steps
    still grow: a distant minimum is approached by steps that shrink.
    """
    with np.errstate(all="ignore"):
        distance = norm(x)
        step = norm(np.diff(x, axis=0, prepend=x[:1]))
        growing = np.concatenate([np.zeros_like(step[:2], bool), step[2:] > step[1:-1]])
        away = distance > FAR * np.maximum(1.0, distance[0])
        return ~np.isfinite(f) | ~np.isfinite(distance) | (away & ((f > f[0]) | growing))
