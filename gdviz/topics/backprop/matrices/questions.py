"""What the room of matrices asks before the methods train."""

import numpy as np

from gdviz.catalogue.question import Questions, ask_place
from gdviz.catalogue.usual_questions import ask_diverging, ask_lowest
from gdviz.topics.backprop.matrices.settings import RACERS, Matrices, MatrixRun, run
from gdviz.topics.backprop.matrices.verdict import steps_to_learn


def questions(spec: Matrices) -> Questions:
    """Return what can be asked: which method ends lowest or is lost, when each learns."""
    done = run(spec)
    runs = done.runs.items()
    ends = {RACERS[n]: np.inf if one.lost else float(one.losses[-1]) for n, one in runs}
    start = max(float(one.losses[0]) for _, one in runs)
    text = "Which method ends with the lowest loss?"
    learned = [
        question
        for panel, (name, one) in enumerate(runs)
        for question in _learned(panel, name, one, done.target)
    ]
    lost = {RACERS[name]: one.lost for name, one in runs}
    found = (*ask_lowest(text, ends, start, "a loss of"), *learned[:2])
    return (*found, *ask_diverging("Which method diverges?", lost))


def _learned(panel: int, name: str, one: MatrixRun, target: np.ndarray) -> Questions:
    """Ask when the largest singular value is learned, where it is on the way."""
    step = int(steps_to_learn(one, target)[0])
    if one.lost or step < 1:
        return ()
    text = f"At which step has {RACERS[name]} learned the largest singular value, within a tenth?"
    told = f"{RACERS[name]} has learned it from step {step} on."
    return ask_place(f"learned {name}", text, "x", (float(step),), told, panel)
