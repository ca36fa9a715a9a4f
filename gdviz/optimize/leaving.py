"""Why a run was lost: what is known of where it went, and nothing more."""

from typing import Any

import numpy as np

from gdviz.optimize.linalg import norm, solve
from gdviz.optimize.outcomes import DIVERGED, FAR, HUGE, Course, Outcome
from gdviz.optimize.stability import beyond_edge, excess_in_words, stability_edge


def lost_outcome(problem: Any, x: Any, f: Any, course: Course) -> Outcome:
    """Return the outcome of a run that was lost: its points `x (k + 1, d)` end before that."""
    lost, f_lost = course.lost or (0, np.nan)
    if lost == 0:
        what = "the gradient" if np.isfinite(f[0]) else "f"
        why = f"{what} is not finite at the start; choose another start."
        return Outcome(DIVERGED, "no start", why[0].upper() + why[1:] if what != "f" else why)
    point = ", ".join(f"{c:.4g}" for c in x[-1])
    beyond = beyond_edge_in_words(problem, x, course)
    if course.method == "newton_plain" and _has_no_bound(problem, x[-1]):
        why = "f hardly bends there, so that Newton's step has no bound"
    elif np.isnan(f_lost) and norm(x[-1]) < FAR:
        why = "it stepped where f is not defined" + (beyond and f"; {beyond}")
    elif beyond:
        why = beyond
    elif f[-1] < f[0] and f[-1] <= np.min(f) and not f_lost > f[-1]:
        why = "f falls without end, as far as the run went"
    elif f_lost > HUGE:
        why = "f is more than 10¹⁰⁰ where it stepped to"
    else:
        why = "it left for infinity"
    reason = f"Diverged at step {lost}: {why}. Last finite point: ({point})."
    return Outcome(DIVERGED, f"diverged at step {lost}", reason)


def _has_no_bound(problem: Any, x: Any) -> bool:
    """Tell whether the plain Newton step from x is longer than any run may go."""
    length = norm(solve(problem.hess(x), problem.grad(x)))
    return not length <= FAR * max(1.0, norm(x))


def beyond_edge_in_words(problem: Any, x: Any, course: Course) -> str:
    """Return since when η·λmax was beyond the edge of stability, "" where it was not."""
    edge = stability_edge(course.method, course.hyper)
    if edge is None or course.rates is None:
        return ""
    found = beyond_edge(problem, x, course.rates, edge)
    return excess_in_words(found) if found else ""
