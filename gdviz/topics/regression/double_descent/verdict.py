"""What the errors over the number of features say, in words."""

from typing import NamedTuple

import numpy as np

from gdviz.numerals import number
from gdviz.topics.regression.double_descent.settings import DoubleDescent, Errors

CLEAR = 1.5  # times an error that another must be to be called larger: a draw moves both
ROUNDING = 1e-12  # of a mean squared error; what is below is no error of the fit


class Bends(NamedTuple):
    """Where the test error bends: its least with p < n, its peak after that, its least beyond.

    All are places in `Errors.p`. `rises` and `falls` tell whether the peak is clearly above both.
    """

    before: int
    peak: int
    after: int
    rises: bool
    falls: bool

    @property
    def double(self) -> bool:
        """Whether the error descends twice: to its least below n, and from the peak."""
        return self.before > 0 and self.rises and self.falls


def bends_of(done: Errors, test: np.ndarray) -> Bends:
    """Return where a test error over p, `test (k,)`, bends."""
    test = np.maximum(test, ROUNDING)
    before = int(np.argmin(test[done.p < len(done.x)]))
    peak = before + int(np.argmax(test[before:]))
    after = peak + int(np.argmin(test[peak:]))
    rises, falls = test[peak] > CLEAR * test[before], test[peak] > CLEAR * test[after]
    return Bends(before, peak, after, bool(rises), bool(falls))


def verdict_on(spec: DoubleDescent, done: Errors) -> str:
    """Return in words whether the test error descends twice, where it peaks, what tames it."""
    test = done.test[-1]
    bends = bends_of(done, test)

    def at(place: int) -> str:
        error = number(test[place], 3) if test[place] > ROUNDING else f"under {ROUNDING:g}"
        return f"{error} at p = {done.p[place]}"

    if not bends.rises:
        told = f"No peak: past its least below n, {at(bends.before)}, the test error stays below "
        return told + f"{CLEAR:g} times that, at p = n = {len(done.x)} too.{_tamed(spec, done)}"
    where = _where(int(done.p[bends.peak]), len(done.x))
    begins = "falls to" if bends.before else "begins with"
    told = f"The test error {begins} {at(bends.before)}, rises to {at(bends.peak)}, {where}"
    if bends.peak == len(done.p) - 1:
        return f"{told}, the most features tried.{_tamed(spec, done)}"
    if not bends.falls:
        return f"{told}, and stays above two thirds of that beyond.{_tamed(spec, done)}"
    second, first = test[bends.after], test[bends.before]
    kind = "again, to", "a double descent. The second is"
    falls, named = kind if bends.double else ("to", "one descent, whose end is")
    return (
        f"{told}, and falls {falls} {at(bends.after)}: {named} "
        f"{'lower than' if second < first else 'not as low as'} the first.{_tamed(spec, done)}"
    )


def _where(peak: int, n: int) -> str:
    """Return how far a peak is from n."""
    if peak == n:
        return f"where p = n = {n}"
    return f"{abs(peak - n)} {'above' if peak > n else 'below'} n = {n}"


def _tamed(spec: DoubleDescent, done: Errors) -> str:
    """Return how high the peak is without ridge and early stop, if the spec has one of them."""
    if not (spec.ridge or spec.stop):
        return ""
    highest = int(np.argmax(done.plain))
    ways = (["a ridge"] if spec.ridge else []) + (["stopping early"] if spec.stop else [])
    return (
        f" Without {' and '.join(ways)} the test error reaches {number(done.plain[highest], 3)}, "
        f"at p = {done.p[highest]}."
    )
