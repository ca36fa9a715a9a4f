"""What the room of one layer asks before its batch goes through."""

import numpy as np

from gdviz.catalogue.question import Questions, ask_choice
from gdviz.numerals import number
from gdviz.topics.backprop.layer.settings import STEPS, OneLayer, run

ENDS = ("It falls", "It grows, but stays finite", "It leaves all bounds")
CLEAR = 1e-6  # of the first error: less is no change


def questions(spec: OneLayer) -> Questions:
    """Ask what becomes of the squared error after a hundred steps, unless it hardly changes."""
    found = run(spec)
    first = float(np.mean((found.A - found.Y) ** 2))
    if abs(found.after - first) <= CLEAR * first:
        return ()
    right = 2 if np.isinf(found.after) else 1 if found.after > first else 0
    end = "leaves all bounds" if right == 2 else f"goes to {number(found.after, 3)}"
    told = f"From {number(first, 3)} the mean squared error {end}."
    text = f"What does the mean squared error do in {STEPS} steps at this η?"
    return ask_choice("end", text, ENDS, {right}, told)
