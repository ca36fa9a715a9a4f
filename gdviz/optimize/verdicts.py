"""The verdict on a run, with its reason: nothing is called a minimum that is not one."""

from typing import Any

import numpy as np

from gdviz.numerals import count_of
from gdviz.optimize.jumping import why_it_jumps
from gdviz.optimize.leaving import beyond_edge_in_words, lost_outcome
from gdviz.optimize.linalg import norm
from gdviz.optimize.noise import EPS
from gdviz.optimize.oscillation import (
    cycle,
    is_unsettled,
    lyapunov_exponent,
    rising_since,
    scale_of,
    slowest_mode,
)
from gdviz.optimize.outcomes import (
    CONVERGED,
    DIVERGED,
    OSCILLATING,
    STATIONARY,
    STEP_LIMIT,
    STOPPED_EARLY,
    Course,
    Outcome,
    gradient_small,
    rounding_of,
)
from gdviz.optimize.standstill import (
    ULPS,
    has_arrived,
    has_kink,
    is_settled,
    lowest_since,
    standing_since,
)
from gdviz.optimize.stationary import (
    EDGE,
    ELSEWHERE,
    FLAT,
    MAXIMUM,
    MINIMUM,
    SADDLE,
    UNKNOWN,
    WEAK_MAXIMUM,
    WEAK_MINIMUM,
    fall_within,
    stationary_kind,
)

ENOUGH = 1e-6  # of what a run fell: less than that may be left where it stands


def classify(problem: Any, x: Any, f: Any, grad: Any, course: Course) -> Outcome:
    """Return the outcome of one run with points `x (k + 1, d)`."""
    k = len(x) - 1
    if course.lost is not None:
        return lost_outcome(problem, x, f, course)
    if course.kink:
        return _at_kink(problem, x, k)
    rounding, scale = rounding_of(problem), scale_of(x)
    small = gradient_small(x, f, grad, 1e-4 if course.fired else 1e-12, rounding)[-1]
    if small or has_arrived(problem, x, grad, scale):
        return _at_rest(problem, x, grad, k)
    since = standing_since(x, course.method, course.extent)
    if is_settled(problem, x, f, scale):
        return _at_rest(problem, x, grad, lowest_since(f), "to rounding")
    if since is not None:
        return _standing(problem, x, f, grad, since, course)
    if course.fired:
        return Outcome(
            STOPPED_EARLY,
            f"stopped early at step {k}",
            f"{_RULE[course.fired]} at step {k}, but {_slope(grad)} is still "
            f"{norm(grad[-1]):.3g}: this is where the rule gave up, not a minimum.",
        )
    return _still_moving(problem, x, f, grad, course)


_RULE = {
    "gradient": "The gradient was small enough",
    "step": "The step was small enough",
    "value": "f hardly changed",
}


def _slope(grad: Any) -> str:
    return "|f′|" if np.shape(grad)[-1] == 1 else "|∇f|"


def _steps(k: int) -> str:
    return "at the start" if k == 0 else f"in {k} step{'s' if k > 1 else ''}"


# --- it is at rest -------------------------------------------------------------------------------


def _at_kink(problem: Any, x: Any, k: int) -> Outcome:
    kind = stationary_kind(problem, x[-1], scale=scale_of(x))
    reached = "It starts at" if k == 0 else f"{_steps(k).capitalize()} it reached"
    if kind == FLAT:  # sqrt(max(0, x)) is level at −1, though its formula divides by 0 there
        here = f"{reached} a point where f has a value, but the formula of its gradient has none"
        return Outcome(STATIONARY, f"stuck at step {k}: flat", f"{here}; {_STUCK[kind]}.")
    here = f"{reached} a kink, where f has a value but no gradient"
    if kind in (MINIMUM, WEAK_MINIMUM):
        reason = f"{here}; {_RISES[kind]}."
        return Outcome(CONVERGED, f"converged {_steps(k)} · at a kink", reason)
    return Outcome(STATIONARY, f"stuck at step {k}: a kink", f"{here}; {_STUCK[kind]}.")


def _at_rest(problem: Any, x: Any, grad: Any, k: int, how: str = "") -> Outcome:
    kind = stationary_kind(problem, x[-1], scale=scale_of(x))
    slope = _slope(grad)
    vanished = f"The gradient vanished {_steps(k)}"
    if how:
        vanished = f"{slope} is {norm(grad[-1]):.3g}, which is rounding at this f or this x"
    if kind in (MINIMUM, WEAK_MINIMUM):
        manner = " · ".join(filter(None, [_manner(x), how, kind if kind == WEAK_MINIMUM else ""]))
        return Outcome(
            CONVERGED,
            f"converged {_steps(k)}{manner and ' · ' + manner}",
            f"{vanished} and {_RISES[kind]}.",
        )
    if kind == ELSEWHERE:
        return Outcome(
            STOPPED_EARLY,
            f"stopped early at step {k}",
            f"{slope} is only {norm(grad[-1]):.3g} at step {k}, but f is so flat that the "
            "stationary point is elsewhere: not a minimum.",
        )
    return Outcome(STATIONARY, f"stuck at step {k}: {kind}", f"{vanished}, but {_STUCK[kind]}.")


_RISES = {
    MINIMUM: "f rises on every side: a local minimum",
    WEAK_MINIMUM: "f falls on no side, and is level on some as far as float64 can tell: a weak "
    "minimum or one with a huge condition number, which cannot be told apart",
}
_STUCK = {
    MAXIMUM: "f falls on every side: this is a maximum",
    WEAK_MAXIMUM: "f rises on no side and falls on some: a maximum, or the edge of a plateau",
    SADDLE: "f falls on one side and rises on another: a saddle or inflection, not a minimum",
    FLAT: "f is level here as far as float64 can tell: a plateau or a weak minimum, which cannot "
    "be told apart",
    ELSEWHERE: "f falls on: the stationary point is somewhere else",
    EDGE: "on one side f is not defined: this is the edge of its domain",
    UNKNOWN: "whether this is a minimum cannot be told: f does one thing right beside it, and "
    "another a little farther out",
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


def _standing(problem: Any, x: Any, f: Any, grad: Any, since: int, course: Course) -> Outcome:
    """Return the outcome of a run that no longer moves though its gradient has not vanished."""
    scale = scale_of(x)
    within = 1e-8 * scale
    if course.extent is not None:
        within = max(within, float(course.extent[-1]))
    kind = stationary_kind(problem, x[-1], within, scale)
    least = ENOUGH * max(float(f[0] - f[-1]), 0.0) + ULPS * EPS * abs(float(f[-1]))
    if fall_within(problem, x[-1], within) > least:
        kind = ELSEWHERE  # it stands beside a minimum, and has not come down to it
    still = f"It has stood still since step {since}"
    if kind in (MINIMUM, WEAK_MINIMUM):
        kink = has_kink(problem, x[-1], within, scale)
        why = f"{_slope(grad)} jumps here, so it cannot vanish" if kink else "the rest is rounding"
        return Outcome(
            CONVERGED,
            f"converged {_steps(since)} · {'at a kink' if kink else 'to rounding'}",
            f"{still} and {_RISES[kind]}; {why}.",
        )
    size = f"though {_slope(grad)} is {norm(grad[-1]):.3g}"
    return Outcome(
        STATIONARY,
        f"stands still since step {since}",
        f"{still}, {size}: {_why_it_stands(course)}. {_NO_MINIMUM[kind]}",
    )


def _why_it_stands(course: Course) -> str:
    if course.method == "golden_section":
        return "its bracket has closed"
    if course.extent is not None:
        return "its simplex has shrunk to a point"
    if "c1" in course.hyper or course.method in ("trust_region", "levenberg_marquardt"):
        return (
            "no trial of its search is lower, as beside a kink, at the limit of rounding, or where "
            "its first trial is much too far"
        )
    return "its steps are smaller than the last digit of x"


_NO_MINIMUM = {
    **dict.fromkeys(
        (MAXIMUM, WEAK_MAXIMUM, SADDLE, ELSEWHERE),
        "f is lower nearby: this is no minimum.",
    ),
    **dict.fromkeys((FLAT, EDGE, UNKNOWN), "Whether this is a minimum cannot be told."),
}


# --- it still moves ------------------------------------------------------------------------------


def _still_moving(problem: Any, x: Any, f: Any, grad: Any, course: Course) -> Outcome:
    k = len(x) - 1
    pace = norm(np.diff(x[-6:], axis=0))
    rising = rising_since(f) if np.all(np.diff(pace) > 0) else None
    if rising is not None:
        beyond = beyond_edge_in_words(problem, x, course)
        return Outcome(
            DIVERGED,
            f"diverging from step {rising}",
            f"Diverging: from step {rising} to {k} every step made f larger"
            f"{beyond and '; ' + beyond}.",
        )
    return _oscillation(problem, x, grad, course) or _unfinished(f, grad, course)


def _oscillation(problem: Any, x: Any, grad: Any, course: Course) -> Outcome | None:
    k = len(x) - 1
    if slowest_mode(x) < 1 - 1e-7:
        return None
    period = cycle(x)
    if period:
        why = why_it_jumps(problem, x[-period:], grad[-period:], course)
        return Outcome(
            OSCILLATING,
            f"{period}-cycle",
            f"After {k} steps it jumps between the same {period} points{why and ': ' + why}.",
        )
    if not is_unsettled(x):
        return None
    exponent = lyapunov_exponent(problem, x, course.rates) if course.method == "gd" else 0.0
    if exponent > 0:
        return Outcome(
            OSCILLATING,
            "chaotic",
            f"After {k} steps it jumps about without a period, and neighbours part by a factor "
            f"e^{exponent:.2g} a step.",
        )
    return Outcome(
        OSCILLATING,
        "oscillating",
        f"After {k} steps it still jumps about, without a period of 16 or less.",
    )


def _unfinished(f: Any, grad: Any, course: Course) -> Outcome:
    k = len(f) - 1
    limit = (
        f"Its share of trials was used up at step {k}"
        if course.spent
        else f"The limit of {count_of(k, 'step')} came first"
    )
    back = min(10, k)
    lately = "in the last step" if back == 1 else f"in the last {back} steps"
    fell = f"; {lately} f went from {f[-1 - back]:.5g} to {f[-1]:.5g}" if k else ""
    return Outcome(
        STEP_LIMIT,
        f"step limit {k}",
        f"{limit}: {_slope(grad)} is still {norm(grad[-1]):.3g}{fell}.",
    )
