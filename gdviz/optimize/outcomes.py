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
ROUNDING = 1e-14  # below this a gradient is rounding noise, whatever the tolerance says


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


def gradient_small(x: Any, f: Any, grad: Any, tol: float) -> Any:
    """|∇f_k| ≤ tol · min(1, |∇f_0|): neither a flat nor a steep function can fool it."""
    size = norm(grad)
    return size <= np.maximum(tol * np.minimum(1.0, size[0]), ROUNDING)


def step_small(x: Any, f: Any, grad: Any, tol: float) -> Any:
    """|x_k − x_{k−1}| ≤ tol · max(1, |x_k|)."""
    moved = norm(np.diff(x, axis=0)) <= tol * np.maximum(1.0, norm(x[1:]))
    return (
        np.concatenate([np.zeros_like(moved[:1]), moved]) if len(x) > 1 else np.zeros(f.shape, bool)
    )


def value_small(x: Any, f: Any, grad: Any, tol: float) -> Any:
    """|f_k − f_{k−1}| ≤ tol, in absolute terms: the rule that many tutorials use."""
    moved = np.abs(np.diff(f, axis=0)) <= tol
    return np.concatenate([np.zeros_like(f[:1], bool), moved])


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
