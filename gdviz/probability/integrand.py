"""What a rule is laid over: an integrand that is checked, on a finite range."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.probability.estimate import Estimate
from gdviz.probability.substitutions import Substitution, clamp_inside
from gdviz.probability.user_functions import function_of, values
from gdviz.probability.validation import ProbabilityError

Function = Callable[[Any], Any]


class RangedFunction(NamedTuple):
    """A function on a finite range: an integrand, or what a change of variable makes of it."""

    f: Function
    lo: float
    hi: float


class CountedFunction:
    """A function that counts how many values of it were asked for."""

    def __init__(self, f: Function):
        self.f, self.count = f, 0

    def __call__(self, x: Any) -> Any:
        """Return f(x)."""
        self.count += np.size(x)
        return self.f(x)

    def added(self, found: Estimate) -> Estimate:
        """Return an estimate that has taken this many values more."""
        return found._replace(evaluations=found.evaluations + self.count)


def ranged_function(f: Function, a: float, b: float, change: Substitution) -> RangedFunction:
    """Return what a rule is laid over: f itself, or f(x(u)) dx/du where the range is infinite."""
    if np.isfinite(b - a):
        return RangedFunction(f, a, b)
    return RangedFunction(transform(f, a, b, change), -1.0, 1.0)


def unchecked_function(f: Any) -> Function:
    """Return f on arrays, infinite or not a number where it is."""
    function = function_of(f)

    def value(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return values(function, x)

    return value


def finite_or_raise(f: Function) -> Function:
    """Return f on arrays; raise `ProbabilityError` where it is not finite."""

    def value(x: Any) -> Any:
        with np.errstate(all="ignore"):
            y = values(f, x)
        wrong = ~np.isfinite(y)
        if np.any(wrong):
            where, what = x[wrong].ravel()[0], y[wrong].ravel()[0]
            word = "not a number" if np.isnan(what) else "infinite"
            raise ProbabilityError(
                f"The integrand is {word} at x = {where:g}; a rule that does not look there "
                "(midpoint, Gauss–Legendre, tanh–sinh) may do."
            )
        return y

    return value


def transform_unchecked(f: Any, change: Substitution) -> Function:
    """Return f(x(u)) dx/du as it is, infinite or not a number where it is."""
    function = unchecked_function(f)

    def value(u: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(change.point(u)) * change.slope(u)

    return value


def transform(f: Function, a: float, b: float, change: Substitution) -> Function:
    """Return f(x(u)) dx/du on [−1, 1]; nodes at an end at infinity are asked just inside."""

    def value(u: Any) -> Any:
        u = clamp_inside(np.asarray(u, float), a, b)
        with np.errstate(over="ignore", invalid="ignore"):
            x, slope = change.point(u), change.slope(u)
            held = np.clip(x, -1e300, 1e300)
            y = f(held)
            product = np.where(y == 0, 0.0, y * slope)
        if not np.all(np.isfinite(product)):
            raise ProbabilityError("The integrand does not fall off towards infinity.")
        return product

    return value
