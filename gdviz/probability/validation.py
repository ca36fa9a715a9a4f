"""What can go wrong in words fit for a page: every message is one sentence."""

from typing import Any

import numpy as np


class ProbabilityError(ValueError):
    """A distribution, a range, a rule or an integrand that makes no sense."""


class DoesNotExist(ProbabilityError):
    """An expectation that is no number: its integral of the absolute value is infinite.

    `value` is not-a-number where it does not exist at all, and ±∞ where it is infinite.
    """

    value = float("nan")


class OnlyWaves(DoesNotExist):
    """An integral of an infinite |f|, whose waves may or may not cancel far out."""


class CannotBeTold(ProbabilityError):
    """A number that may or may not exist: floats end before that shows."""


class Infinite(DoesNotExist):
    """An expectation that is +∞ or −∞, told from the words that it is no number."""

    def __init__(self, words: str, sign: float) -> None:
        self.value = sign * float("inf")
        name = "+∞" if sign > 0 else "−∞"
        super().__init__(words.replace("It does not exist", f"It is {name}", 1))


def finite(name: str, value: Any) -> float:
    """Return a finite number as a float; raise `ProbabilityError` for anything else."""
    number = real(name, value)
    if not np.isfinite(number):
        raise ProbabilityError(f"{name} must be a finite number, not {number}.")
    return number


def real(name: str, value: Any) -> float:
    """Return a number, which may be infinite, as a float; raise `ProbabilityError` otherwise."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ProbabilityError(f"{name} is not a number.") from None
    if np.isnan(number):
        raise ProbabilityError(f"{name} is not a number.")
    return number


def positive(name: str, value: Any) -> float:
    """Return a finite number above zero; raise `ProbabilityError` otherwise."""
    number = finite(name, value)
    if number <= 0:
        raise ProbabilityError(f"{name} must be positive, not {number:g}.")
    return number


def count(name: str, value: Any, least: int = 1, most: int = 10**8) -> int:
    """Return a whole number between two bounds; raise `ProbabilityError` otherwise."""
    number = finite(name, value)
    if number != int(number) or not least <= number <= most:
        raise ProbabilityError(
            f"{name} must be a whole number from {least} to {most}, not {number:g}."
        )
    return int(number)
