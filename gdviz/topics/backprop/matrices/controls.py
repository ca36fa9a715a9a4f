"""The knobs of matrices."""

from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.matrices.settings import Matrices
from gdviz.ui.controls import MORE_KNOBS, Controls

SHAPE = ("outs", "ins", "rank")
MORE = ("first", "draw", "fade", "inertia", "pattern", "rounds", "power", "renewal", "seen", "span")


def controls() -> Matrices:
    """Draw the knobs; return the settings."""
    knobs = Controls(Matrices, PAGE, live=True)
    racers = knobs.draw("racers")
    two = knobs.draw("net") == "two"
    knobs.draw("lowest")
    knobs.draw("condition")
    for name in racers:
        knobs.draw(f"eta_{name}")
    with knobs.menu("more_matrices", *MORE_KNOBS):
        knobs.beside(*SHAPE)
        if two:
            knobs.draw("between")
        for name in MORE:
            if two or name != "seen":
                knobs.draw(name, with_dial=False)
    return knobs.spec()
