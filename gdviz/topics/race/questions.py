"""What the race asks before it is seen."""

from dataclasses import replace
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
from gdviz.topics.race.rates import minima_of
from gdviz.topics.race.settings import Race, problem_of, run

MOST = 2  # methods whose end is asked for


def questions(spec: Race) -> Questions:
    """Return what can be asked of a race: where methods end, who is lowest, who is lost."""
    runs = run(replace(spec, hidden=False))
    found = (
        *ask_each(runs, MOST, partial(ask_end, minima=minima_of(problem_of(spec)))),
        *ask_lowest(runs),
        *ask_first(runs),
        *ask_diverging(runs),
    )
    return (*found, *ask_each(runs, 1, ask_ending))
