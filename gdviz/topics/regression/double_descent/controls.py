"""The knobs of *double descent*."""

from gdviz.topics.regression.double_descent.settings import DoubleDescent
from gdviz.ui.controls import MORE_KNOBS, Controls

PAGE = "regression"
MORE = ("stop", "sample", "drawn")
WINDOW = (0.0, 0.02)  # the ridges worth dialling: a peak is gone long before the end


def controls() -> DoubleDescent:
    """Draw the knobs; return the settings."""
    knobs = Controls(DoubleDescent, PAGE, live=True)
    knobs.draw("basis")
    knobs.draw("truth")
    knobs.beside("p", "rows")
    knobs.draw("sigma", window=(0.0, 1.0))
    knobs.draw("ridge", window=WINDOW)
    with knobs.menu("more_double", *MORE_KNOBS):
        for name in MORE:
            knobs.draw(name, with_dial=False)
    return knobs.spec()
