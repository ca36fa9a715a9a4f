"""What the page of Fisher geometry asks before a path is seen."""

import numpy as np

from gdviz.catalogue.question import Questions, ask_choice, ask_place
from gdviz.catalogue.usual_questions import ask_share
from gdviz.numerals import number
from gdviz.topics.geometry.bound import bound
from gdviz.topics.geometry.other import other_result
from gdviz.topics.geometry.results import (
    STEPS,
    GeodesicsResult,
    geodesics_result,
    shooting_result,
    transport_result,
)
from gdviz.topics.geometry.settings import PATHS, Geometry

ALIKE = 1e-3  # of a length: paths so near in length are not told apart
HALF_WAY = "Where is the Fisher geodesic when half of its length is done?"
TURNS = ("Clockwise", "By less than a degree", "Counterclockwise")
STRAIGHT, TURNED = 0.8, 1.2  # degrees: surely less than one, and more
SHARES = (0.8, 0.86, 0.94)  # in the ellipse: the limits between the choices


def questions(spec: Geometry) -> Questions:
    """Return what can be asked of the room: places on paths, lengths, angles, shares."""
    return _ROOMS[spec.room](spec)


def _between(spec: Geometry) -> Questions:
    run = geodesics_result(spec)
    return (*_middle(run, run.paths["fisher"]), *_longest(run))


def _other(spec: Geometry) -> Questions:
    run = other_result(spec)
    path = run.paths["fisher"]
    if spec.other == "dirichlet":
        return (*_middle(run, path[:, :2] / path.sum(1, keepdims=True)), *_longest(run))
    value = float(path[STEPS // 2, 0])
    told = f"Half of the way is done at λ = {number(value)}."
    return (*ask_place("middle", HALF_WAY, "y", (value,), told), *_longest(run))


def _middle(run: GeodesicsResult, shown: np.ndarray) -> Questions:
    """Ask for the middle of the geodesic, whose speed is constant."""
    if not run.lengths["fisher"] > 0:
        return ()
    x, y = shown[STEPS // 2]
    told = f"Half of the way is done at ({number(x)}, {number(y)})."
    return ask_place("middle", HALF_WAY, "point", (x, y), told)


def _longest(run: GeodesicsResult) -> Questions:
    """Ask which path is the longest by the Fisher metric, where one is by far enough."""
    lengths = {name: run.lengths[name] for name in run.paths if name in run.lengths}
    most = max(lengths.values())
    right = {i for i, size in enumerate(lengths.values()) if size == most}
    near = [size for size in lengths.values() if size > most * (1 - ALIKE)]
    if not np.isfinite(most) or len(near) > 1 or not most > 0:
        return ()
    told = ", ".join(f"{PATHS[name]} {number(size, 3)}" for name, size in lengths.items())
    names, text = [PATHS[name] for name in lengths], "Which path is the longest in Fisher length?"
    return ask_choice("longest", text, names, right, f"Lengths: {told}.")


def _shoot(spec: Geometry) -> Questions:
    """Ask where the flight ends, unless it is stopped at the border."""
    run = shooting_result(spec)
    if run.border is not None:
        return ()
    x, y = run.path[-1]
    told = f"At time {number(run.t[-1], 3)} the geodesic is at ({number(x)}, {number(y)})."
    text = f"Where is the geodesic after the time {number(run.t[-1], 3)}?"
    return ask_place("end", text, "point", (x, y), told)


def _transport(spec: Geometry) -> Questions:
    """Ask which way the carried vector turns against the axes, unless it hardly does."""
    degrees = float(np.degrees(transport_result(spec).angle[-1]))
    if STRAIGHT < abs(degrees) < TURNED or not np.isfinite(degrees):
        return ()
    right = 1 if abs(degrees) <= STRAIGHT else 0 if degrees < 0 else 2
    text = "Which way does the carried vector turn against the axes?"
    return ask_choice("turn", text, TURNS, {right}, f"It turns by {number(degrees)}°.")


def _bound(spec: Geometry) -> Questions:
    """Ask how many estimates of the largest samples the ellipse of 90 % holds."""
    run = bound(spec)
    inside = float(run.inside[-1])
    text = f"How many estimates from {run.sizes[-1]} values lie in the ellipse of 90 %?"
    told = f"{inside:.1%} of {spec.samples} estimates lie in it."
    return ask_share("inside", text, inside, SHARES, told)


_ROOMS = {
    "between": _between,
    "shoot": _shoot,
    "transport": _transport,
    "bound": _bound,
    "other": _other,
}
