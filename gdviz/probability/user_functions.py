"""Functions of a visitor: on arrays or one by one, and by their logarithm where they overflow."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.expressions import Formula, formula
from gdviz.probability.validation import ProbabilityError

MOST_PRECISE = 20_000  # points of one function
SignedLog = Callable[[Any], tuple[Any, Any]]


def function_of(g: Any) -> Callable[[Any], Any]:
    """Return what was given as a function: a callable, a formula, or its text in x."""
    if isinstance(g, str):
        return formula(g, ("x",))
    if not callable(g):
        raise ProbabilityError("A function is a callable of x, or its text, such as “x**2”.")
    return g


def signed_log(function: Callable[[Any], Any]) -> Callable[..., tuple[Any, Any]]:
    """Return (x, log_weight) -> sign and log|g| of a function.

    Where its value under- or overflows, a formula is computed in logarithms, any other function in
    long doubles, if it takes them. Where it has no value at a point, but on both sides, it has that
    between. Where the terms of a formula cancel, it is computed by high precision, but at no more
    than thousands of points; `log_weight`, which need not be given, says which of them count.
    Raises `ProbabilityError` where it fails.
    """
    in_logs, precise = _logarithm(function), _precise(function)

    def value(x: Any, log_weight: Any = None) -> tuple[Any, Any]:
        with np.errstate(all="ignore"):
            x = np.asarray(x, float)
            y = values(function, x)
            sign, log = np.array(np.sign(y)), np.array(np.log(np.abs(y)))  # of one point, too
            lost = ~np.isfinite(y) & np.isfinite(x)  # ∞, or the ∞ − ∞ of a polynomial far away
            lost = lost | (y == 0) if in_logs else lost
            if np.any(lost):
                fine = in_logs(x[lost]) if in_logs else _long(function, x[lost])
                sign[lost], log[lost] = _known(fine, (sign[lost], log[lost]))
            at, fine = precise(x, log_weight)
            sign[at], log[at] = _known(fine, (sign[at], log[at]))
            if np.any(gap := np.isnan(log) & np.isfinite(x)):
                sign[gap], log[gap] = _between(function, x[gap])
        return sign[()], log[()]

    return value


def _between(function: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """Return sign and log|g| at a place without a value, such as 0 of sin(x)/x, by both sides."""
    step = 4 * np.spacing(np.abs(x))
    y = (values(function, x - step) + values(function, x + step)) / 2
    y = np.where(np.isfinite(y), y, np.nan)
    return np.sign(y), np.log(np.abs(y))


def _logarithm(function: Any) -> SignedLog | None:
    """Return sign and logarithm of a formula by its own rules; None for any other function."""
    if not isinstance(function, Formula):
        return None
    from gdviz.expressions.logarithm import signed_logarithm  # which imports sympy

    return signed_logarithm(function)


def _precise(function: Any) -> Callable[..., tuple[Any, Any]]:
    """Return where the terms of a formula cancel, and its sign and logarithm there."""
    if isinstance(function, Formula):
        from gdviz.expressions.cancellation import can_cancel, precise_where_lost

        if can_cancel(function):
            return precise_where_lost(function, MOST_PRECISE)
    nowhere = np.zeros(0)
    return lambda x, log_weight: (np.zeros(np.shape(x), bool), (nowhere, nowhere))


def _known(fine: tuple[Any, Any], plain: tuple[Any, Any]) -> tuple[Any, Any]:
    """Return a better sign and logarithm where they are numbers, the plain ones elsewhere."""
    sound = ~np.isnan(fine[0]) & ~np.isnan(fine[1])
    return np.where(sound, fine[0], plain[0]), np.where(sound, fine[1], plain[1])


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
