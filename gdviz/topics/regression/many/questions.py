"""What the room of many features asks before a training is seen."""

from gdviz.catalogue.question import Questions, ask_place
from gdviz.catalogue.usual_questions import ask_lost, ask_turn
from gdviz.numerals import count_of, number
from gdviz.optimize.outcomes import DIVERGED
from gdviz.topics.regression.many.settings import Many, run

ERRORS = 1  # the panel of the errors over the updates


def questions(spec: Many) -> Questions:
    """Return what can be asked: where the test error turns, and what it is in the end."""
    done = run(spec)
    lost = done.fit.status == DIVERGED
    whether = ask_lost("the training", lost, done.fit.reason)
    if lost:
        return whether
    last, end = int(done.steps[-1]), float(done.test[-1])
    text = f"What is the test error after {count_of(last, 'update')}?"
    told = f"The mean squared error of the rows held out is {number(end)}."
    ends = ask_place("test", text, "y", (end,), told, ERRORS)
    about = "At which update is the test error least?"
    return (*ask_turn("turn", about, done.steps, done.test, ERRORS), *ends, *whether)
