"""The mistakes of the tutorial's gradient descent, live: its own loop beside the corrected one."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gdviz.catalogue.pitfall import Pitfall
from gdviz.optimize import Problem, Run, descend, function
from gdviz.queries import to_query
from gdviz.topics.descent.settings import Descent


class Tutorial(NamedTuple):
    """What the tutorial's loop hands back: a "minimum" and how many points; and f′ there."""

    x: float
    points: int
    slope: float


def tutorial_descent(
    f: Callable[[float], float],
    df: Callable[[float], float],
    x0: float,
    lr: float = 0.01,
    epochs: int = 1000,
    tol: float = 1e-6,
) -> Tutorial:
    """Descend as many tutorials do, mistakes kept: stop on |Δf| and throw the last step away."""
    x, points = x0, 1
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            x_new = x - lr * df(x)
            if abs(f(x_new) - f(x)) < tol:
                break
            x, points = x_new, points + 1
    return Tutorial(float(x), points, float(df(x)))


def tutorial_on(
    problem: Problem, x0: float, lr: float, epochs: int = 1000, tol: float = 1e-6
) -> Tutorial:
    """Run the tutorial's loop on a problem of one variable."""
    compiled = problem.formula
    return tutorial_descent(
        lambda x: compiled.value(np.float64(x)),
        lambda x: compiled.gradient(np.float64(x))[0],
        x0,
        lr,
        epochs,
        tol,
    )


class Mistake(NamedTuple):
    """One mistake of the loop: where it shows, why it happens and what mends it."""

    row: str
    title: str
    text: str
    x0: float
    lr: float
    why: str


MISTAKES = (
    Mistake(
        "1a",
        "Stops too soon, and drops its last step",
        "x**2",
        2.0,
        0.01,
        "The rule looks at the change of f, which is small long before the gradient is. Stop on "
        "the gradient, and keep the point before you test it.",
    ),
    Mistake(
        "1b",
        "An oscillation read as convergence",
        "x**2",
        2.0,
        1.0,
        "x jumps between 2 and −2, where f is equal: |Δf| = 0. The start is returned as minimum.",
    ),
    Mistake(
        "1c",
        "A tolerance that depends on the scale of f",
        "1e-4*x**2",
        5.0,
        0.01,
        "Multiply f by a small number and the absolute rule stops at the start. Compare the "
        "gradient with its own size at the start.",
    ),
    Mistake(
        "1d",
        "Divergence that nobody notices",
        "x**2",
        2.0,
        1.1,
        "η is beyond 2/f″: every step is longer than the last, and no line of code looks.",
    ),
    Mistake(
        "1e",
        "Any flat spot is called a minimum",
        "x**3",
        2.0,
        0.01,
        "The gradient vanishes at 0, yet f falls for ever to the left. Look at f on both sides.",
    ),
)


class Comparison(NamedTuple):
    """The tutorial's loop and ours on the same settings."""

    tutorial: Tutorial
    ours: Run


def compare(problem: Problem, x0: float, lr: float, steps: int = 1000) -> Comparison:
    """Run both loops with the same η, start and limit of steps."""
    return Comparison(
        tutorial_on(problem, x0, lr, steps), descend(problem, [x0], "gd", steps=steps, lr=lr)
    )


def compare_row(pitfall: Mistake) -> Comparison:
    """Run both loops on the setting of a pitfall."""
    return compare(function(pitfall.text), pitfall.x0, pitfall.lr)


def vector_mistake() -> str:
    """Return what the tutorial's loop says of a vector x (row 1f), or an empty string."""
    try:
        tutorial_descent(lambda x: x**2, lambda x: 2 * x, np.array([2.0, 1.0]))  # type: ignore
    except (ValueError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def outcome_words(both: Comparison) -> tuple[str, str]:
    """Return in a sentence what the tutorial's loop and ours came to."""
    tutorial, ours = both
    kept = f"{tutorial.points} point{'s' if tutorial.points > 1 else ''}"
    said = f"“minimum” at x = {tutorial.x:.6g}, {kept}; f′ there is {tutorial.slope:.2g}"
    return said, ours.reason


def _row(mistake: Mistake) -> Pitfall:
    setting = f"f = `{mistake.text}`, x₀ = {mistake.x0:g}, η = {mistake.lr:g}"
    wide = max(3.0, 1.5 * abs(mistake.x0))
    own = {"function": "typed", "formula": mistake.text, "left": -wide, "right": wide}
    spec = Descent(**own, x0=mistake.x0, lr=mistake.lr, steps=1000)  # type: ignore[arg-type]
    return Pitfall(
        mistake.row,
        f"{mistake.title} ({setting})",
        lambda: outcome_words(compare_row(mistake)),
        mistake.why,
        to_query(spec, "descent_"),
    )


def _vector() -> tuple[str, str]:
    return vector_mistake(), "f is scalar by construction, and many starts run side by side"


ROWS = (
    *map(_row, MISTAKES),
    Pitfall(
        "1f",
        "A vector where a number is meant (x₀ = (2, 1))",
        _vector,
        "Its rule compares f with a tolerance: for a vector that is no truth value.",
    ),
)
