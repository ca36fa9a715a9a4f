"""What the room of double descent asks before the errors are seen."""

from gdviz.catalogue.question import Questions, ask_choice, ask_place
from gdviz.numerals import number
from gdviz.topics.regression.double_descent.settings import DoubleDescent, Errors, run
from gdviz.topics.regression.double_descent.verdict import ROUNDING, Bends, bends_of

ERRORS = 1  # the panel of the errors over p
CLEAR = 1.05  # times the lower of two errors: surely the higher one
SIDES = ("Below n, before the peak", "Beyond the peak")


def questions(spec: DoubleDescent) -> Questions:
    """Return what can be asked: where the test error peaks, and on which side it is least."""
    done = run(spec)
    bends = bends_of(done, done.test[-1])
    if not bends.rises:
        return ()
    p, error = int(done.p[bends.peak]), float(done.test[-1][bends.peak])
    told = f"It peaks at p = {p}, with {number(error, 3)}."
    text = "At how many features p is the peak of the test error?"
    return (*ask_place("peak", text, "x", (float(p),), told, ERRORS), *_side(done, bends))


def _side(done: Errors, bends: Bends) -> Questions:
    """Ask on which side of the peak the error is least, where one is clearly lower."""
    test = done.test[-1]
    before, after = float(test[bends.before]), float(test[bends.after])
    low = max(min(before, after), ROUNDING)
    if not bends.falls or max(before, after) < CLEAR * low:
        return ()
    told = (
        f"It is {number(before, 3)} at p = {done.p[bends.before]} and {number(after, 3)} at "
        f"p = {done.p[bends.after]}."
    )
    text = "On which side of its peak is the test error least?"
    return ask_choice("side", text, SIDES, {0 if before < after else 1}, told)
