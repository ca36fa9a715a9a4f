"""Functions of a visitor: on arrays or one by one, and by their logarithm where they overflow."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.probability.validation import ProbabilityError

SignedLog = Callable[[Any], tuple[Any, Any]]


def signed_log(function: Callable[[Any], Any], name: str = "g") -> SignedLog:
    """Return sign and log|g| of a function; where it overflows, of long doubles, if it takes them.

    Raises `ProbabilityError` where it is not a number.
    """

    def value(x: Any) -> tuple[Any, Any]:
        with np.errstate(all="ignore"):
            y = values(function, x)
            sign, log = np.sign(y), np.log(np.abs(y))
            huge = ~np.isfinite(y) & np.isfinite(x)  # ∞, or the ∞ − ∞ of a polynomial far away
            if np.any(huge):
                sign[huge], log[huge] = _long(function, x[huge])
        return sign, log

    return value


def _long(function: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    try:
        y = np.asarray(function(np.asarray(x, np.longdouble)), np.longdouble)
        sign, log = np.sign(y), np.log(np.abs(y))
        return sign.astype(float), log.astype(float)
    except (TypeError, ValueError, OverflowError):
        y = values(function, x)
        return np.sign(y), np.log(np.abs(y))


def values(function: Callable[[Any], Any], x: Any) -> Any:
    """Return a function at an array of points, one by one if it does not take arrays."""
    x = np.asarray(x, float)
    try:
        found = np.asarray(function(x), float)
        if found.shape not in ((), x.shape):
            raise TypeError
    except ProbabilityError:
        raise
    except (TypeError, ValueError):
        found = np.array([_single(function, float(point)) for point in x.ravel()]).reshape(x.shape)
    return np.array(np.broadcast_to(found, x.shape), float)


def _single(function: Callable[[Any], Any], point: float) -> float:
    try:
        return float(function(point))
    except (OverflowError, ZeroDivisionError):
        return np.inf
    except (TypeError, ValueError) as error:
        raise ProbabilityError(f"The function fails at x = {point:g}: {error}") from None
