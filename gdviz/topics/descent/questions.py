"""What the page of descent asks before the descent is seen."""

from gdviz.catalogue.question import Questions
from gdviz.catalogue.questions_of_runs import (
    ask_diverging,
    ask_each,
    ask_end,
    ask_ending,
    ask_first,
    ask_lowest,
)
from gdviz.topics.descent.settings import Descent, run

MOST = 2  # methods whose end is asked for


def questions(spec: Descent) -> Questions:
    """Return what can be asked of descents: where and how each ends, who is lowest."""
    runs = run(spec)
    found = (*ask_each(runs, MOST, ask_end), *ask_each(runs, 1, ask_ending))
    return (*found, *ask_lowest(runs), *ask_first(runs), *ask_diverging(runs))
