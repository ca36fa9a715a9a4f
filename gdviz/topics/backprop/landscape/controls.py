"""The knobs of the loss landscape."""

from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.landscape.settings import Landscape
from gdviz.ui.controls import MORE_KNOBS, Controls

MORE = ("dots", "squash", "aim", "passes", "first_seed", "at_a", "at_b")


def controls() -> Landscape:
    """Draw the knobs; return the settings."""
    knobs = Controls(Landscape, PAGE)
    plane = knobs.draw("plane")
    if plane == "random":
        knobs.draw("plane_seed")
    if plane == "pair":
        knobs.draw("second_seed")
    knobs.draw("cloud")
    knobs.beside("wide", "deep")
    knobs.draw("walker")
    knobs.draw("pace", window=(1e-3, 1.0))
    knobs.draw("reach")
    with knobs.menu("more_landscape", *MORE_KNOBS):
        for name in MORE:
            knobs.draw(name, with_dial=False)
    return knobs.spec()
