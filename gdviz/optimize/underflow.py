"""Whether a formula can fall for ever by less than float64 shows."""

from collections.abc import Iterator
from typing import Any

LEVELS_OFF = set("exp raised tanh cosh sinh sigmoid softplus erf atan gamma atan2".split())


def may_underflow(expression: Any) -> bool:
    """Tell whether a formula can fall for ever by less than float64 shows, as exp(−x²) does."""
    return any(map(_levels_off, _parts(expression)))


def _levels_off(part: Any) -> bool:
    """Tell whether a part of a formula comes as near to a constant as one likes, far out."""
    if part.is_Pow:
        return bool(part.free_symbols and not part.exp.is_positive)
    return type(part).__name__ in LEVELS_OFF and bool(part.free_symbols)


def _parts(expression: Any) -> Iterator[Any]:
    yield expression
    for part in expression.args:
        yield from _parts(part)
