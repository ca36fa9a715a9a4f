"""How a run ended, in a status and a reason: nothing is called a minimum that is not one."""

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
ROUNDING = 1e-14  # below this a gradient is rounding noise, whatever the tolerance says
LONGEST_CYCLE = 16


class Outcome(NamedTuple):
    """A `status` (one of six words), a `verdict` of a few words and the `reason` in a sentence."""

    status: str
    verdict: str
    reason: str


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


def far_out(x: Any, f: Any) -> Any:
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


# --- the verdict on one run ----------------------------------------------------------------------


def judge(
    problem: Any, x: Any, f: Any, grad: Any, fired: str | None, lost: tuple[int, float] | None
) -> Outcome:
    """Return the outcome of one run with points `x (k + 1, d)`.

    `fired` names the stopping rule that ended it, if one did; `lost` is the step at which it was
    found to have diverged and f there, if it did (the points end before that step).
    """
    k = len(x) - 1
    if lost is not None:
        return _diverged(x, f, *lost)
    small = bool(gradient_small(x, f, grad, 1e-4)[-1])
    if (fired and small) or gradient_small(x, f, grad, 1e-12)[-1]:
        return _at_rest(problem, x, f, k)
    if fired:
        return Outcome(
            STOPPED_EARLY,
            f"stopped early at step {k}",
            f"{_RULE[fired]} at step {k}, but |f′| is still {norm(grad[-1]):.3g}: "
            "this is where the rule gave up, not a minimum.",
        )
    return _still_moving(x, f, grad, k)


_RULE = {
    "gradient": "The gradient was small enough",
    "step": "The step was small enough",
    "value": "f hardly changed",
}


def _diverged(x: Any, f: Any, lost: int, f_lost: float) -> Outcome:
    if lost == 0:
        what = "f′" if np.isfinite(f[0]) else "f"
        why = f"{what} is not finite at the start; choose another start."
        return Outcome(DIVERGED, "no start", why)
    point = ", ".join(f"{c:.4g}" for c in x[-1])
    if np.isnan(f_lost) and norm(x[-1]) < FAR:
        why = "it stepped where f is not defined"
    elif f[-1] < f[0]:
        why = "f falls without end, it has no minimum this way"
    else:
        why = "it left for infinity"
    reason = f"Diverged at step {lost}: {why}. Last finite point: ({point})."
    return Outcome(DIVERGED, f"diverged at step {lost}", reason)


def _at_rest(problem: Any, x: Any, f: Any, k: int) -> Outcome:
    kind = stationary_kind(problem, x[-1])
    if kind == "minimum":
        steps = "at the start" if k == 0 else f"in {k} step{'s' if k > 1 else ''}"
        manner = _manner(x)
        return Outcome(
            CONVERGED,
            f"converged {steps}{manner and ' · ' + manner}",
            f"The gradient vanished {steps} and f rises on every side: a local minimum.",
        )
    return Outcome(
        STATIONARY,
        f"stuck at step {k}: {kind}",
        f"The gradient vanished at step {k}, but {_STUCK[kind]}.",
    )


_STUCK = {
    "maximum": "f falls on every side: this is a maximum",
    "saddle": "f falls on one side: a saddle or inflection, not a minimum",
    "flat": "f is flat here for as far as can be told: not a minimum",
}


def _manner(x: Any) -> str:
    moves = np.diff(x[:, 0])
    moves = moves[np.abs(moves) > 1e-12 * np.max(np.abs(x[:, 0]), initial=1e-300)]
    if x.shape[1] > 1 or len(moves) < 2:
        return ""
    turns = np.count_nonzero(np.sign(moves[1:]) != np.sign(moves[:-1]))
    if turns == 0:
        return "monotone"
    return "zigzag" if turns >= len(moves) - 2 else "oscillating, damped"


def stationary_kind(problem: Any, x: Any) -> str:
    """Say what a stationary point is: minimum, maximum, saddle (or inflection), or flat.

    By looking at f along ± every curvature direction, at distances from a few Newton steps up:
    there a minimum rises, an inflection falls on one side, a plateau does neither. This decides
    where the second derivative cannot (x⁴, x³, |x|).
    """
    with np.errstate(all="ignore"):
        curvature, directions = np.linalg.eigh(np.nan_to_num(problem.hess(x)))
        slope = directions.T @ problem.grad(x)
        newton = np.abs(
            np.where(curvature == 0, 0.0, slope / np.where(curvature == 0, 1, curvature))
        )
        near = np.maximum(newton, 1e-6 * max(1.0, float(norm(x))))
        scale = 1e-3 * max(1.0, float(norm(x)))
        if np.any(newton > 100 * scale):
            return "flat"  # by its own curvature the stationary point is somewhere else
        # Where f behaves as |x|^p a Newton step is 1/(p − 1) of the way: 16 of them cross it.
        reach = 16 * near[:, None] * [1, 4, 16]
        reach = np.concatenate([reach, np.maximum(reach[:, :1], [scale, 10 * scale])], axis=1)
        reach = np.sort(reach, axis=1)
        offsets = reach[..., None] * directions.T[:, None, :]
        ulps = np.outer(1 + np.finfo(float).eps * np.arange(-8, 9), x)
        sides = np.stack([x + offsets, x - offsets])
        f = problem.f(np.concatenate([sides.reshape(-1, len(x)), ulps, x[None]]))
        rise = f - f[-1]
        noise = 4 * np.max(np.abs(rise[-18:-1]))
    return _kind(
        rise[:-18].reshape(sides.shape[:-1]), max(noise, 1e-15 * max(1.0, abs(float(f[-1]))))
    )


def _kind(rise: Any, rounding: float) -> str:
    """Judge by the rise of f, `(2 sides, d directions, distances)`."""
    sure = np.where(np.abs(rise) > rounding, np.sign(rise), 0)
    nearest = np.take_along_axis(sure, (sure != 0).argmax(axis=-1)[..., None], axis=-1)
    up, down = nearest[..., 0] > 0, nearest[..., 0] < 0
    if up.all():
        return "minimum"
    if down.all():
        return "maximum"
    return "saddle" if down.any() else "flat"


def _still_moving(x: Any, f: Any, grad: Any, k: int) -> Outcome:
    pace = norm(np.diff(x[-6:], axis=0))
    rising = _rising_since(f) if np.all(np.diff(pace) > 0) else None
    if rising is not None:
        return Outcome(
            DIVERGED,
            f"diverging from step {rising}",
            f"Diverging: from step {rising} to {k} every step made f larger.",
        )
    damped = _linear_modulus(x) < 1 - 1e-7
    period = 0 if damped else cycle(x)
    if period:
        return Outcome(
            OSCILLATING,
            f"{period}-cycle",
            f"After {k} steps it jumps between the same {period} points for ever: η is too large.",
        )
    if not damped and _unsettled(x):
        return Outcome(
            OSCILLATING,
            "chaotic" if x.shape[1] == 1 else "oscillating",
            f"After {k} steps it still jumps about without settling and without a period.",
        )
    return Outcome(
        STEP_LIMIT,
        f"step limit {k}",
        f"The limit of {k} steps came first; |f′| is {norm(grad[-1]):.3g}, still on its way.",
    )


def _rising_since(f: Any, least: int = 5) -> int | None:
    """Return the first step of an unbroken rise of f to the run's highest value, at its end."""
    if len(f) <= least or f[-1] < f.max() or not np.all(np.diff(f[-least - 1 :]) > 0):
        return None
    falls = np.flatnonzero(np.diff(f) <= 0)
    return int(falls[-1]) + 2 if len(falls) else 1


def cycle(x: Any, tol: float = 1e-3) -> int:
    """Return the period (2 to 16) in which the end of a run repeats itself, 0 if it does not."""
    end = x[-3 * LONGEST_CYCLE :]
    if len(end) < 2:
        return 0
    # One look rules most periods out: the last point alone is farther off than any drift may be.
    longest = norm(np.diff(end, axis=0)).max()
    near = norm(x[-1] - x[-2 : -2 - LONGEST_CYCLE : -1]) <= tol * longest
    for period in np.flatnonzero(near) + 1:
        if period < 2:
            continue
        tail = x[-3 * period :]
        if len(tail) < 3 * period:
            return 0
        drift = norm(tail[period:] - tail[:-period]).max()
        travel = norm(np.diff(tail, axis=0)).max()
        if travel > 1e-9 * max(1.0, float(norm(x[-1]))) and drift <= tol * travel:
            return int(period)
    return 0


def _unsettled(x: Any, window: int = 32) -> bool:
    """Tell whether the last steps turn about and shrink by less than a tenth."""
    if len(x) < window:
        return False
    moves = np.diff(x[-window:], axis=0)
    size = norm(moves)
    half = len(size) // 2
    turns = (np.sum(moves[1:] * moves[:-1], axis=-1) < 0).sum()
    return turns > len(moves) // 4 and size[half:].max() > 0.5 * size[:half].max() > 1e-9


def _linear_modulus(x: Any, window: int = 16) -> float:
    """Return the modulus of the slowest mode if the end of a run is linear of order two, else inf.

    Near a minimum every method with a fixed step obeys x_{k+1} = a x_k + b x_{k-1} + c: it is
    damped, however slowly, when both roots of r^2 = a r + b lie inside the unit circle.
    """
    if x.shape[1] > 1 or len(x) < window:
        return np.inf
    tail = x[-window:, 0]
    terms = np.stack([tail[1:-1], tail[:-2], np.ones(window - 2)], axis=1)
    fit = np.linalg.lstsq(terms, tail[2:], rcond=None)[0]
    if np.abs(terms @ fit - tail[2:]).max() > 1e-9 * np.ptp(tail):
        return np.inf
    return float(np.abs(np.roots([1, -fit[0], -fit[1]])).max())
