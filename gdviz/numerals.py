"""Numbers as people write them: 1.25, −0.5, 5.1 × 10⁻⁴; `browser/numerals.js` writes the same."""

from math import isfinite, isnan
from typing import Any

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SMALLEST, LARGEST = -3, 6  # powers of ten from which on a number is written with a power


def number(value: Any, digits: int = 4) -> str:
    """Return a number with so many significant digits, a true minus, and its power of ten.

    >>> number(-0.5), number(0.00051234, 2), number(123456.7), number(4e30, 2)
    ('−0.5', '5.1 × 10⁻⁴', '123500', '4 × 10³⁰')
    """
    value = float(value)
    if not isfinite(value):
        return "undefined" if isnan(value) else "−∞" if value < 0 else "∞"
    mantissa, _, power = f"{abs(value):.{digits - 1}e}".partition("e")
    sign = "−" if value < 0 else ""
    if value == 0 or SMALLEST <= int(power) < LARGEST:
        rounded = f"{float(f'{mantissa}e{power}'):.{max(0, digits - 1 - int(power))}f}"
        return sign + _trimmed(rounded)
    return f"{sign}{_trimmed(mantissa)} × 10{str(int(power)).translate(_SUPERSCRIPTS)}"


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def count_of(n: int, word: str) -> str:
    """Return a number with its word in the singular or the plural.

    >>> count_of(1, "step"), count_of(20, "step")
    ('1 step', '20 steps')
    """
    return f"{n} {word}" + ("" if n == 1 else "s")
