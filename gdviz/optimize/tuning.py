"""A fair race: the best learning rate of each method under an equal budget."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from gdviz.knobs import bind_defaults
from gdviz.optimize.methods import METHODS
from gdviz.optimize.problems import Problem
from gdviz.optimize.racing import race

RATES = np.geomspace(1e-7, 10.0, 81)  # ten a decade
# They find their own step.
SEARCHES = {"newton", "newton_plain", "gauss_newton", "backtracking", "polyak"}


class TuningTrial(NamedTuple):
    """What one rate came to: `steps` to converge (−1: did not) and the last `f`."""

    rate: float
    steps: int
    f: float


def tunable(name: str) -> bool:
    """Tell whether a method has a rate that it does not choose itself."""
    return "lr" in bind_defaults(METHODS[name], {}) and name not in SEARCHES


def trials(
    problem: Problem, x0: Any, name: str, hyper: Mapping[str, float], **around: Any
) -> list[TuningTrial]:
    """Run a method once with each of `RATES`, all else equal."""
    found = []
    for rate in RATES:
        run = race(problem, x0, {name: {**hyper, "lr": float(rate)}}, **around)[name]
        steps = int(run.last) if run.fired and run.status == "converged" else -1
        f = float(run.f[-1]) if run.lost < 0 else np.inf
        found.append(TuningTrial(float(rate), steps, f))
    return found


def best(found: list[TuningTrial]) -> TuningTrial:
    """Return the trial that converged in the fewest steps, or else got lowest.

    Among trials that converged, those within a thousandth of the lowest value come first: the
    quickest way into a worse valley is no win.
    """
    lowest = min(t.f for t in found)
    near = lowest + 1e-3 * max(1.0, abs(lowest))
    converged = [t for t in found if t.steps >= 0 and t.f <= near]
    if converged:
        return min(converged, key=lambda t: t.steps)
    return min(found, key=lambda t: t.f)


def tune_each(
    problem: Problem, x0: Any, entries: Mapping[str, Mapping[str, float]], **around: Any
) -> Iterator[tuple[str, TuningTrial]]:
    """Yield each tunable method with its best trial, one at a time, so that it can be stopped."""
    for name, hyper in entries.items():
        if tunable(name):
            yield name, best(trials(problem, x0, name, hyper, **around))
