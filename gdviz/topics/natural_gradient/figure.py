"""The scenes of the page *natural_gradient*: fits of families, and logistic regression."""

from typing import Any

import numpy as np

from gdviz.figures.hand import Hand
from gdviz.figures.legend import SIGNS, chip
from gdviz.figures.scene import (
    Chip,
    Handle,
    Image,
    Layer,
    Line,
    Picture,
    Points,
    Reading,
    Scene,
    Track,
)
from gdviz.figures.style import (
    BLUE,
    DIVERGING,
    GREEN,
    GREY,
    MORE,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    Look,
)
from gdviz.geometry import FAMILIES, Fit, logistic, mle
from gdviz.geometry.geodesics import unit_vectors
from gdviz.numerals import number
from gdviz.queries import from_query
from gdviz.topics.natural_gradient import settings as topic
from gdviz.topics.natural_gradient.figure_background import FLOOR, background
from gdviz.topics.natural_gradient.nets import Nets, nets
from gdviz.topics.natural_gradient.settings import KINDS, NaturalGradient

LOOKS = {"natural": Look(BLUE, "solid", "circle"), "plain": Look(VERMILLION, "dash", "square")}
# The natural and the plain path in the same coordinates are relatives, but not alike.
PATH_LOOKS = {
    ("own", True): Look(BLUE, "solid", "circle"),
    ("own", False): Look(SKY, "dash", "square"),
    ("logs", True): Look(ORANGE, "dashdot", "triangle"),
    ("logs", False): Look(MORE[3], "dot", "diamond"),
    ("natural", True): Look(GREEN, "solid", "diamond"),
    ("natural", False): Look(MORE[1], "dash", "triangle"),
    ("expectation", True): Look(PURPLE, "dashdot", "square"),
    ("expectation", False): Look(MORE[0], "dot", "circle"),
}
BALL = 0.3  # the radius of the unit balls that are drawn, in Fisher length and in units of the axes


def picture(spec: NaturalGradient, large: bool = False) -> Picture:
    """Return the picture of the page at its settings."""
    return Picture(background(spec, large), natural_scene(spec))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, for a hand that drags."""
    spec = from_query(NaturalGradient, query)
    return natural_scene(topic.apply_hand(spec, hand) if hand else spec)


def natural_scene(spec: NaturalGradient) -> Scene:
    """Return the scene of the room."""
    return _ROOMS[spec.room](spec)


# --- families -------------------------------------------------------------------------------------


def families_scene(spec: NaturalGradient) -> Scene:
    """Return all paths of a fit, their losses, and both unit balls at the heads."""
    run = topic.fits(spec)
    layers: list[Layer] = []
    first, second = FAMILIES[spec.family].parameters
    for (key, natural), path in run.paths.items():
        name = f"{_kind(natural)} in {run.labels[key]}"
        look = PATH_LOOKS[key, natural]
        x, y = path.theta.T
        layers.append(Track(name, x, y, *look, labels=(first, second)))
        gap = np.log10(np.maximum(path.loss - run.least, 10**FLOOR))
        steps = np.arange(len(gap))
        layers.append(Track(f"{name}, loss", steps, gap, *look, panel=1))
    layers += _balls(spec, run)
    for (key, natural), path in run.paths.items():
        if key == next(iter(run.labels)):
            layers += [Reading(f"loss {_kind(natural)}", path.loss)]
    x, y = topic.start(spec)
    handle = Handle("start", "start", float(x), float(y))
    return Scene(layers, (handle,), _families_words(run), _families_chips(run))


def _kind(natural: bool) -> str:
    return "natural" if natural else "plain"


def _balls(spec: NaturalGradient, run: topic.Fits) -> list[Layer]:
    """Return the unit ball of the Fisher metric at the natural head, Euclid's at the plain one."""
    layers: list[Layer] = []
    circle = np.linspace(0, 2 * np.pi, 49)
    round_ = BALL * np.stack([np.cos(circle), np.sin(circle)], -1)
    for kind, color, dash in ((True, BLUE, "dot"), (False, GREY, "dash")):
        path = next((p for (_, natural), p in run.paths.items() if natural == kind), None)
        if path is None:
            continue
        rings = BALL * unit_vectors(spec.family, path.theta, 49) if kind else round_
        rim = path.theta[:, None] + rings
        name = "Fisher's unit ball" if kind else "Euclid's unit ball"
        layers.append(Line(name, rim[..., 0], rim[..., 1], color, dash, width=1.6))
    return layers


def _families_words(run: topic.Fits) -> str:
    ends = [path.theta[-1] for (_, natural), path in run.paths.items() if natural]
    if len(ends) < 2:
        return "The paths of the fit from the start to the most likely parameters."
    apart = max(float(np.abs(a - ends[0]).max()) for a in ends)
    return f"The ends of the natural paths differ by {number(apart, 2)} at most."


def _families_chips(run: topic.Fits) -> tuple[Chip, ...]:
    return tuple(
        chip(
            f"{_kind(natural)} in {run.labels[key]}",
            PATH_LOOKS[key, natural],
            f"{SIGNS[path.status]} {_gap(path, run.least)}",
            f"{path.reason} The figure is the loss above the least at the end.",
        )
        for (key, natural), path in run.paths.items()
    )


def _gap(path: Fit, least: float) -> str:
    return number(max(path.loss[-1] - least, 0), 2)


# --- logistic regression --------------------------------------------------------------------------


def logistic_scene(spec: NaturalGradient) -> Scene:
    """Return the paths in the plane of the weights, IRLS on top, and the curves they mean."""
    run = topic.weights(spec)
    layers: list[Layer] = []
    x = np.linspace(-2.2, 2.2, 121)
    features = np.stack([x if spec.data == "doubled" else np.ones(121), x])
    for name, path in run.paths.items():
        look = LOOKS[name]
        shown = np.clip(path.theta, -1e6, 1e6)
        layers.append(Track(name, shown[:, 0], shown[:, 1], *look))
        curve = topic.sigmoid(path.theta @ features)
        layers.append(Line(f"{name}, curve", x[None], curve, look.color, look.dash, panel=1))
    if np.isfinite(run.apart):
        layers.append(_squares(run))
    for name, path in run.paths.items():
        layers.append(Reading(f"loss {name}", path.loss))
    handle = Handle("start", "start", spec.w0, spec.w1)
    return Scene(layers, (handle,), _weights_words(run), _weights_chips(spec, run))


def _squares(run: topic.Weights) -> Points:
    """Return IRLS as squares, one more each step."""
    count = len(run.irls)
    seen = np.tril(np.ones((count, count), bool))
    x, y = (np.where(seen, run.irls[:, i], np.nan) for i in (0, 1))
    return Points("IRLS", x, y, SKY, "open", sizes=np.full(x.shape, 9.0))


def _weights_words(run: topic.Weights) -> str:
    if run.separable:
        return "The classes can be separated: the loss falls for ever as the weights grow."
    return "Paths of logistic regression in the plane of its two weights."


def _weights_chips(spec: NaturalGradient, run: topic.Weights) -> list[Chip]:
    chips = []
    for name, path in run.paths.items():
        label = f"natural, {KINDS[spec.fisher]}" if name == "natural" else name
        chips.append(chip(label, LOOKS[name], _verdict(run, path), path.reason))
    if np.isfinite(run.apart):
        words = f"the same to {number(run.apart, 1)}" if run.apart else "the same to the last bit"
        chips.append(Chip("IRLS", "○", SKY, words, "Reweighted least squares, by QR."))
    return chips


def _verdict(run: topic.Weights, path: Fit) -> str:
    size = float(np.linalg.norm(path.theta[-1]))
    words = {
        "converged": f"✓ {len(path.theta) - 1} steps",
        "limit": f"… loss {number(path.loss[-1], 3)}",
    }
    said = words.get(path.status, "✕ flies away")
    if run.separable and path.status in words:
        said = f"|w| = {number(size, 3)} and growing"
    return said + (f", {path.unseen} direction unseen" if path.unseen else "")


# --- a small network ------------------------------------------------------------------------------


def network_scene(spec: NaturalGradient) -> Scene:
    """Return what both networks say of the plane, step by step, under the data."""
    run = nets(spec)
    layers: list[Layer] = []
    for name, picture in run.pictures.items():
        panel = 0 if name == "natural" else 1
        box = (-1.05, 1.05, -1.05, 1.05)
        layers.append(
            Image(f"{name} says", *box, picture, 0.0, 1.0, DIVERGING, panel, opacity=0.85)
        )
        for label, color in ((0, VERMILLION), (1, BLUE)):
            x, y = run.X[run.y == label].T
            dots = np.full((1, len(x)), 3.5)
            layers.append(
                Points(f"{name}, class {label}", x[None], y[None], color, "circle", panel, dots)
            )
    layers += [Reading(f"loss {name}", path.loss) for name, path in run.paths.items()]
    ends = ", ".join(f"{name} {number(path.loss[-1], 3)}" for name, path in run.paths.items())
    return Scene(layers, (), f"The losses at the end: {ends}.", _network_chips(run))


def _network_chips(run: Nets) -> tuple[Chip, ...]:
    return tuple(
        Chip(
            f"{name} gradient",
            "■",
            LOOKS[name].color,
            f"loss {number(path.loss[-1], 3)}",
            path.reason,
        )
        for name, path in run.paths.items()
    )


def loss_at(spec: NaturalGradient) -> Any:
    """Return the likelihood of a room with two parameters."""
    if spec.room == "families":
        return mle(spec.family, topic.sample(spec.family, spec.n, spec.seed))
    return logistic(*topic.labelled_points(spec.data, spec.n, spec.seed))


_ROOMS = {"families": families_scene, "logistic": logistic_scene, "network": network_scene}
