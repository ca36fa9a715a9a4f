"""What rounding leaves of a formula whose terms cancel, and the formula without that loss."""

from typing import Any

import numpy as np

from gdviz.expressions import Formula
from gdviz.probability.estimate import Estimate
from gdviz.probability.fixed_estimates import Sampled
from gdviz.probability.integrand import Function, unchecked_function

MOST_PRECISE = 5000  # points of one question
ASKED = 64
SLIGHT = 0.1  # of the error: what the bounds of the rounding may add to it without a closer look
EPS = np.finfo(float).eps
CANCELS = "its terms cancel: what f is known by is rounding"


def careful_function(f: Any) -> Function:
    """Return f on arrays as it is; of a formula, by high precision where its terms cancel."""
    if not isinstance(f, Formula):
        return unchecked_function(f)
    from gdviz.expressions.cancellation import can_cancel, careful_value  # which imports sympy

    return careful_value(f, MOST_PRECISE) if can_cancel(f) else unchecked_function(f)


def with_lost_digits(
    found: Estimate,
    seen: Sampled,
    f: Any,
    point: Function = np.asarray,
    slope: Function = np.ones_like,
) -> Estimate:
    """Return an estimate in doubt by what cancellation has changed of the values it was made of.

    `point` carries the places of the values to the axis of f if they are elsewhere, `slope` is its
    derivative.
    """
    if not isinstance(f, Formula):
        return found
    from gdviz.expressions.cancellation import lost_digits
    from gdviz.expressions.rounding import UNIT

    x = np.clip(point(seen.places), -1e300, 1e300)
    at, size = lost_digits(f, x)
    lost = np.flatnonzero(at)
    if not lost.size:
        return found
    width = np.gradient(seen.places) if len(seen.places) > 1 else np.array([1.0])
    weight = width * slope(seen.places)
    least = float(UNIT * (size * weight[lost]).sum())
    if least <= max(SLIGHT * found.error, EPS * abs(found.value)):
        return found._replace(error=found.error + least)
    some = lost[:: -(-lost.size // ASKED)]
    with np.errstate(all="ignore"):
        off = np.abs(f.value(x[some]) - careful_function(f)(x[some]))
    share = width[lost].sum() / max(width[some].sum(), 1e-300)
    more = float(share * (weight[some] * np.nan_to_num(off, nan=0.0)).sum())
    if more > found.error:
        return found.with_doubt(CANCELS, more)
    return found._replace(error=found.error + more)
