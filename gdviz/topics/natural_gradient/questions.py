"""What the page of the natural gradient asks before the paths are seen."""

from collections.abc import Mapping

import numpy as np

from gdviz.catalogue.question import Questions, ask_place
from gdviz.catalogue.usual_questions import ask_diverging, ask_lowest
from gdviz.geometry import Fit
from gdviz.numerals import count_of, number
from gdviz.topics.natural_gradient.nets import nets
from gdviz.topics.natural_gradient.settings import NaturalGradient, fits, weights

LOST = ("diverged", "left")


def questions(spec: NaturalGradient) -> Questions:
    """Return what can be asked of the room: where paths end, and which is lowest."""
    if spec.room == "network":
        return _lowest(nets(spec).paths)
    paths = _families(spec) if spec.room == "families" else weights(spec).paths
    ends = [question for name, path in paths.items() for question in _end(name, path)]
    lost = {name: path.status in LOST for name, path in paths.items()}
    return (*ends[:2], *_lowest(paths), *ask_diverging("Which path is lost?", lost))


def _families(spec: NaturalGradient) -> dict[str, Fit]:
    run = fits(spec)
    kinds = {True: "natural", False: "plain"}
    return {f"{kinds[n]} in {run.labels[key]}": path for (key, n), path in run.paths.items()}


def _end(name: str, path: Fit) -> Questions:
    if path.status in LOST:
        return ()
    x, y = path.theta[-1]
    text = f"Where is the path “{name}” after {count_of(len(path.theta) - 1, 'step')}?"
    told = f"The path “{name}” ends at ({number(x)}, {number(y)}). {path.reason}"
    return ask_place(f"end {name}", text, "point", (x, y), told)


def _lowest(paths: Mapping[str, Fit]) -> Questions:
    """Ask which path ends with the lowest loss."""
    ends = {name: np.inf if p.status in LOST else float(p.loss[-1]) for name, p in paths.items()}
    start = max(float(path.loss[0]) for path in paths.values())
    return ask_lowest("Which path ends with the lowest loss?", ends, start, "a loss of")
