"""What the true value of a question is, or why it is no number."""

from typing import NamedTuple

from gdviz.probability import Estimate
from gdviz.probability.infinite import in_words

CANNOT = "It cannot be told"
WAVES = f"{CANNOT}: the integral of |f| is infinite, and only its waves may cancel."


class Answer(NamedTuple):
    """The true value, or why it is none; `infinite` is ±∞ then, or not-a-number."""

    truth: Estimate | None
    reason: str
    infinite: float = float("nan")

    @property
    def in_words(self) -> str:
        """What the true value is where it is no number, in a few words."""
        return "cannot be told" if self.is_open else in_words(self.infinite)

    @property
    def is_open(self) -> bool:
        """Whether not even that is known, if there is one."""
        return self.truth is None and self.reason.startswith(CANNOT)
