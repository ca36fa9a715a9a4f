"""What can stand around any rule of gradients: SAM, and Lookahead.

The rule itself is untouched. SAM gives it the gradient of a point uphill; Lookahead takes its point
back towards a slow one every few steps.
"""

from typing import Any

import numpy as np

from gdviz.optimize import linalg
from gdviz.optimize.states import state_of

TINY = 1e-12  # added to the length of a gradient, as in the authors' code: none is divided by 0
ASCENT, SLOW = "ascent", "outer_slow"  # what a state holds of each


def uphill(x: Any, grad: Any, climb: float) -> Any:
    """Return the point a step of length `climb` up the gradient: x + ρ∇f/|∇f|."""
    return x + linalg.scale(climb / (linalg.norm(grad) + TINY), grad)


def outer_fields(conditions: Any) -> tuple[str, ...]:
    """Return what the states of a rule hold besides, under conditions with an outer loop."""
    there = (ASCENT, conditions.sam is not None), (SLOW, conditions.lookahead is not None)
    return tuple(name for name, is_there in there if is_there)


def state_under(state: Any, conditions: Any) -> Any:
    """Return the state of a rule under conditions: its own, or one with more fields."""
    more = outer_fields(conditions)
    return state_of((*state._fields[4:], *more)) if more else state


def outer_columns(x: np.ndarray, seen: np.ndarray, conditions: Any) -> list[np.ndarray]:
    """Return the fields of `outer_fields` for a path `x (n + 1, d)` whose rule `seen` gradients.

    The slow point is where the path was when it last returned.
    """
    found: list[np.ndarray] = []
    if conditions.sam is not None:
        with np.errstate(all="ignore"):  # a path that is lost is cut afterwards
            found.append(uphill(x, seen, conditions.sam))
    if conditions.lookahead is not None:
        period = conditions.lookahead[0]
        found.append(x[np.arange(len(x)) // period * period])
    return found


def pull_back(x: Any, slow: Any, t: int, lookahead: tuple[int, float]) -> tuple[Any, Any]:
    """Return the point after step t and the slow one: every k steps both are slow + α(x − slow).

    Zhang et al. 2019 (arXiv 1907.08610), Algorithm 1. The memory of the rule is kept.
    """
    period, pull = lookahead
    if t % period:
        return x, slow
    slow = slow + pull * (x - slow)
    return slow, slow


def outer_names(conditions: Any) -> tuple[str, ...]:
    """Return the names of the outer loops of conditions, the outermost first."""
    there = ("Lookahead", conditions.lookahead), ("SAM", conditions.sam)
    return tuple(name for name, asked in there if asked is not None)
