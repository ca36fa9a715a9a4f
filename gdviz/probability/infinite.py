"""Integrals that are not finite: +∞, −∞, or none, where both signs have their share of infinity."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.numerals import number
from gdviz.probability.user_functions import SignedLog
from gdviz.probability.validation import DoesNotExist, Infinite, ProbabilityError

MOST_CHANGES = 40  # of the sign of a function among the points of one look


def finite_or_told(
    log_h: SignedLog,
    integrate: Callable[[SignedLog], Any],
    whole: Callable[[], Any] | None = None,
    sign: float = 1.0,
) -> Any:
    """Return `integrate(log_h)`, or `whole()` if that is given, where it exists.

    Raises `Infinite` where the integral of h, times `sign`, is +∞ or −∞, else `DoesNotExist`.
    """
    try:
        return whole() if whole else integrate(log_h)
    except DoesNotExist as error:
        infinite = [_is_infinite(_part(log_h, side), integrate) for side in (1.0, -1.0)]
        if None in infinite or all(infinite) or not any(infinite):
            raise
        raise Infinite(str(error), sign if infinite[0] else -sign) from None


class _Waves(ProbabilityError):
    """A function changes its sign too often for its parts to be integrated."""


def _part(log_h: SignedLog, side: float) -> SignedLog:
    """Return h where it has a sign, and zero elsewhere; raise `_Waves` if that keeps changing."""

    def part(x: Any) -> tuple[Any, Any]:
        sign, log = log_h(x)
        signs = np.ravel(sign)[np.isin(np.ravel(sign), (-1.0, 1.0))]
        if np.count_nonzero(np.diff(signs)) > MOST_CHANGES:
            raise _Waves("The sign keeps changing.")
        return sign, np.where(np.equal(sign, side), log, -np.inf)

    return part


def _is_infinite(part: SignedLog, integrate: Callable[[SignedLog], Any]) -> bool | None:
    """Tell whether the integral of a part is infinite, None if that cannot be told."""
    try:
        integrate(part)
    except DoesNotExist:
        return True
    except ProbabilityError:
        return None
    return False


def in_words(value: float, digits: int = 10) -> str:
    """Return a value in words: a number, ∞, or that it does not exist."""
    return "does not exist" if np.isnan(value) else number(value, digits)
