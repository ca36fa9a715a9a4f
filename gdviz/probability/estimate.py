"""A number with its error."""

from typing import NamedTuple

import numpy as np

VAGUE, VAGUE_AT_ZERO = 1e-6, 1e-9  # an error that is told beside its value: relative, and else
UNSEEN = "only zeros were seen: the error is unknown"


class Estimate(NamedTuple):
    """A number, how far it may be off, how many values of a function it took, and how it was got.

    `error` is a bound in practice, or one standard error where the method is random (`note` says
    which). It is infinite where nothing is known of it.
    """

    value: float
    error: float
    evaluations: int
    note: str

    def by_values(self) -> "Estimate":
        """Return this estimate, its note saying that nothing but values of a function is known."""
        seen = f"known by {self.evaluations:,} values only: what is hidden between them is missed"
        return self._replace(note=f"{self.note}; {seen}")

    def with_doubt(self, note: str, more: float = float("inf")) -> "Estimate":
        """Return this estimate with an error that is larger by `more`, and why."""
        return self._replace(error=self.error + more, note=f"{self.note}; {note}")


def scaled_estimate(
    value: float, error: float, scale: float, evaluations: int, note: str
) -> Estimate:
    """Return an estimate of value·e^scale, infinite in value only where no float can hold it."""
    size = np.log(abs(value)) + scale if value else -np.inf
    with np.errstate(over="ignore", divide="ignore"):
        grown = float(np.sign(value) * np.exp(size))
        spread = float(np.exp(np.log(error) + scale))
    if np.isinf(grown):
        note = f"larger than any float: e^{size:.10g}; {note}"
    return Estimate(
        grown if abs(scale) > 600 else float(value * np.exp(scale)), spread, int(evaluations), note
    )


def is_vague(truth: Estimate) -> bool:
    """Tell whether a true value has an error that can be seen in its digits."""
    return truth.error > max(VAGUE * abs(truth.value), VAGUE_AT_ZERO)
