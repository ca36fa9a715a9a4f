"""What the page of descent asks before the descent is seen."""

from functools import partial

from gdviz.catalogue.question import Questions
from gdviz.catalogue.questions_of_runs import (
    ask_diverging,
    ask_each,
    ask_end,
    ask_ending,
    ask_first,
    ask_lowest,
)
from gdviz.optimize import local_minima
from gdviz.topics.descent.settings import Descent, problem_of, run

MOST = 2  # methods whose end is asked for


def questions(spec: Descent) -> Questions:
    """Return what can be asked of descents: where and how each ends, who is lowest."""
    runs, problem = run(spec), problem_of(spec)
    minima = [(x,) for x in local_minima(problem, *problem.box[0]).tolist()]
    end = partial(ask_end, minima=minima)
    found = (*ask_each(runs, MOST, end), *ask_each(runs, 1, ask_ending))
    return (*found, *ask_lowest(runs), *ask_first(runs), *ask_diverging(runs))
