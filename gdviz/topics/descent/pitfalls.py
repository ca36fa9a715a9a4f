"""The tutorial's loop, mistakes kept, beside ours at the settings of the page."""

from typing import NamedTuple

import numpy as np

from gdviz.numerals import number
from gdviz.optimize import Problem, Run, descend


class Tutorial(NamedTuple):
    """What the tutorial's loop hands back: a "minimum" and how many points; and f′ there."""

    x: float
    points: int
    slope: float


class Comparison(NamedTuple):
    """The tutorial's loop and ours on the same settings."""

    tutorial: Tutorial
    ours: Run


def compare(problem: Problem, x0: float, lr: float, steps: int = 1000) -> Comparison:
    """Run both loops with the same η, start and limit of steps."""
    return Comparison(
        tutorial_descent(problem, x0, lr, steps), descend(problem, [x0], "gd", steps=steps, lr=lr)
    )


def tutorial_descent(
    problem: Problem, x0: float, lr: float, epochs: int = 1000, tol: float = 1e-6
) -> Tutorial:
    """Descend as many tutorials do, mistakes kept: stop on |Δf| and throw the last step away."""
    f, df = problem.formula.value, problem.formula.gradient
    x, points = np.float64(x0), 1
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            x_new = x - lr * df(x)[0]
            if abs(f(x_new) - f(x)) < tol:
                break
            x, points = x_new, points + 1
    return Tutorial(float(x), points, float(df(x)[0]))


def outcome_words(both: Comparison) -> tuple[str, str]:
    """Return in a sentence what the tutorial's loop and ours came to."""
    tutorial, ours = both
    kept = f"{tutorial.points} point{'s' if tutorial.points > 1 else ''}"
    said = (
        f"“minimum” at x = {number(tutorial.x, 6)}, {kept}; f′ there is {number(tutorial.slope, 2)}"
    )
    return said, ours.reason
