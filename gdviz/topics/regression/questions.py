"""What the room of a line asks before a descent is seen."""

from gdviz.catalogue.question import Questions, ask_place
from gdviz.catalogue.usual_questions import ask_diverging, ask_lost, ask_lowest
from gdviz.numerals import count_of, number
from gdviz.optimize.outcomes import DIVERGED
from gdviz.topics.regression.fit import LineFit, run
from gdviz.topics.regression.settings import KINDS, LineSettings

PLANE = 1  # the panel of the parameters


def questions(spec: LineSettings) -> Questions:
    """Return what can be asked: where each descent ends over (w, b), and which is lowest."""
    done = run(spec)
    ends = {
        KINDS[kind]: float("inf") if fit.status == DIVERGED else float(fit.loss[-1])
        for kind, fit in done.fits.items()
    }
    start = max(float(fit.loss[0]) for fit in done.fits.values())
    text = "Which descent ends with the lowest loss?"
    asked = [question for kind in done.fits for question in _end(done, kind)]
    found = (*asked[:2], *ask_lowest(text, ends, start, "a loss of"))
    return (*found, *_lost(done))


def _lost(done: LineFit) -> Questions:
    """Ask which descents diverge, or whether the only one does."""
    if len(done.fits) == 1:
        fit = next(iter(done.fits.values()))
        return ask_lost("the descent", fit.status == DIVERGED, fit.reason)
    lost = {KINDS[kind]: fit.status == DIVERGED for kind, fit in done.fits.items()}
    return ask_diverging("Which descent diverges?", lost)


def _end(done: LineFit, kind: str) -> Questions:
    fit = done.fits[kind]
    if fit.status == DIVERGED:
        return ()
    w, b = fit.theta[-1]
    text = f"Where is the descent by {KINDS[kind]} after {count_of(len(fit.loss) - 1, 'step')}?"
    told = f"It ends at w = {number(w)}, b = {number(b)}. {fit.reason}"
    return ask_place(f"end {kind}", text, "point", (w, b), told, PLANE)
