"""What can be asked of descents that race from one start: who is lowest, who is lost, how it ends.

Nothing is asked that the runs have not decided: a tie, or an end that cannot be told from another.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gdviz.catalogue import usual_questions as usual
from gdviz.catalogue.question import Guess, Questions, ask_choice, ask_place
from gdviz.numerals import count_of, number
from gdviz.optimize import Run
from gdviz.optimize.outcomes import (
    CONVERGED,
    DIVERGED,
    OSCILLATING,
    STATIONARY,
    STEP_LIMIT,
    STOPPED_EARLY,
)

Runs = Mapping[str, Run]
ENDS = {
    CONVERGED: "It converges to a minimum",
    STATIONARY: "It comes to rest where there is no minimum",
    OSCILLATING: "It jumps about without end",
    DIVERGED: "It diverges",
    STEP_LIMIT: "It is still under way at the last step",
    STOPPED_EARLY: "It is stopped before it is there",
}
DOUBTFUL = "told"  # a reason with "cannot be told" leaves open what the point is


def ask_each(runs: Runs, most: int, ask: Callable[[str, Run], Questions]) -> Questions:
    """Return the first `most` questions, one about each method."""
    found = [question for name, run in runs.items() for question in ask(name, run)]
    return tuple(found[:most])


def _where(run: Run) -> str:
    """Return the question for the end of a run: where it ends, or is by then."""
    if run.status in (CONVERGED, STATIONARY):
        return f"Where does {run.title} end?"
    return f"Where is {run.title} after {count_of(int(run.last), 'step')}?"


def ask_end(name: str, run: Run, minima: Sequence[Guess] = ()) -> Questions:
    """Ask where a run ends, unless it has left: a point of the plane, or a place on its line.

    The guesses of many are told apart by the `minima` of its function.
    """
    if run.status == DIVERGED:
        return ()
    end = tuple(run.x[-1].tolist())
    kind = "x" if len(end) == 1 else "point"
    told = f"{run.title} ends at {_place(end)}: {run.verdict}."
    places = [(f"the minimum at {_place(at)}", at) for at in minima]
    return ask_place(f"end {name}", _where(run), kind, end, told, places=places)


def _place(at: Guess) -> str:
    """Return a place in words."""
    return f"x = {number(at[0])}" if len(at) == 1 else f"({', '.join(map(number, at))})"


def ask_ending(name: str, run: Run) -> Questions:
    """Ask how a run ends: by its verdict, unless that leaves it open."""
    if run.status not in ENDS or DOUBTFUL in run.reason:
        return ()
    text = f"How does {run.title} end?"
    told = f"{run.title}: {run.verdict}."
    return ask_choice(
        f"ending {name}", text, tuple(ENDS.values()), {list(ENDS).index(run.status)}, told
    )


def ask_lowest(runs: Runs) -> Questions:
    """Ask which method ends lowest."""
    ends = {run.title: _last_height(run) for run in runs.values()}
    start = max((float(run.f[0]) for run in runs.values()), default=np.nan)
    return usual.ask_lowest("Which method is lowest at its end?", ends, start, "f =")


def _last_height(run: Run) -> float:
    """Return f at the end of a run, infinite for one that has left."""
    return np.inf if run.status == DIVERGED else float(run.f[-1])


def ask_diverging(runs: Runs) -> Questions:
    """Ask which methods diverge."""
    lost = {run.title: run.status == DIVERGED for run in runs.values()}
    return usual.ask_diverging("Which method diverges?", lost)


def ask_first(runs: Runs) -> Questions:
    """Ask which method converges in the fewest steps, where one is the first by its rule."""
    there = {i: int(run.last) for i, run in enumerate(runs.values()) if _arrives(run)}
    fewest = min(there.values(), default=0)
    right = [i for i, steps in there.items() if steps == fewest]
    if len(there) < 2 or len(right) == len(there):
        return ()
    labels = [run.title for run in runs.values()]
    told = f"{', '.join(labels[i] for i in right)}: after {count_of(fewest, 'step')}."
    return ask_choice("first", "Which method converges in the fewest steps?", labels, right, told)


def _arrives(run: Run) -> Any:
    return run.status == CONVERGED and run.fired
