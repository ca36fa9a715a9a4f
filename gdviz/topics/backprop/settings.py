"""The playground: the knobs of the page *backprop*, what it trains, and that as Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.knobs import Choice, Choices, Range, Switch, Text, needs
from gdviz.learn.activations import ACTIVATIONS
from gdviz.learn.network import SCHEMES
from gdviz.learn.network_losses import LOSSES
from gdviz.learn.toy_datasets import FEATURES, KINDS, Split, above, features, samples, split
from gdviz.optimize.methods import LABELS, METHODS
from gdviz.optimize.rules import Rate
from gdviz.optimize.schedules import SCHEDULE_LABELS
from gdviz.topics.backprop.link import (
    Leg,
    Point,
    legs_in,
    legs_text,
    points_in,
    points_text,
    sizes_in,
)

NANOSECONDS = 8e8  # of computing that one run may take


CURVE, OWN = "curve", "own"
FIRST_POINTS: tuple[Point, ...] = (
    (-3.0, 2.5, 0.0), (-2.0, 3.5, 0.0), (3.0, -2.0, 0.0), (2.2, -3.2, 0.0),
    (2.5, 2.5, 1.0), (3.4, 1.6, 1.0), (-2.5, -2.5, 1.0), (-3.4, -1.8, 1.0),
)  # fmt: skip
FRAMES = 50  # pictures of a run besides the first
SCALES = dict.fromkeys(FEATURES, 9.0) | {"x1": 3.0, "x2": 3.0, "sin_x1": 1.0, "sin_x2": 1.0}
DATA = {name: kind.label for name, kind in KINDS.items()} | {CURVE: "y > f(x)", OWN: "Your own"}
TRAINERS = {name: label for name, label in LABELS.items() if name != "golden_section"}
SEARCHES = {name for name in TRAINERS if not hasattr(METHODS[name], "state")}


@dataclass(frozen=True)
class Playground:
    """Everything that the playground can be asked.

    `points` are drawn by hand, `past` the stretches of training before the present settings,
    `unit` the unit in the large picture, `(layer, place)`, empty for the output.
    """

    data: Annotated[str, Choice(DATA, "data")] = "circle"
    formula: Annotated[
        str, Text("f(x) =", "Class 1 lies above the curve.", most=80), needs("data", CURVE)
    ] = "3*sin(x)"
    n: Annotated[int, Range(20, 500, "samples")] = 300
    noise: Annotated[float, Range(0.0, 0.5, "noise", "As a share.")] = 0.0
    share: Annotated[float, Range(0.1, 0.9, "share to learn from", "The rest is the test.")] = 0.5
    data_seed: Annotated[int, Range(0, 9999, "seed of the data")] = 0
    features: Annotated[
        tuple[str, ...], Choices({k: v[0] for k, v in FEATURES.items()}, "inputs", most=7)
    ] = ("x1", "x2")
    hidden: Annotated[
        str, Text("hidden units", "Units of each layer, at most 8 in 6 layers; “0”: none.", most=30)
    ] = "6, 4"
    activation: Annotated[
        str, Choice({k: a.label for k, a in ACTIVATIONS.items()}, "activation")
    ] = "tanh"
    loss: Annotated[
        str,
        Choice({k: v.label for k, v in LOSSES.items()}, "loss", "A value is learnt by mse always."),
    ] = "bce"
    scheme: Annotated[str, Choice(SCHEMES, "initial weights")] = "xavier"
    scale: Annotated[float, Range(0.01, 100.0, "times", "Factor of all weights.", log=True)] = 1.0
    seed: Annotated[int, Range(0, 9999, "seed of the weights")] = 0
    method: Annotated[str, Choice(TRAINERS, "optimizer")] = "adam"
    lr: Rate = 0.03
    epochs: Annotated[int, Range(1, 2000, "epochs")] = 300
    batch: Annotated[int, Range(0, 500, "batch size", "0 takes all samples at every step.")] = 0
    l1: Annotated[float, Range(0.0, 1.0, "L1", "Pull towards zero, the same for all.")] = 0.0
    l2: Annotated[float, Range(0.0, 1.0, "L2", "Pull towards zero, by size.")] = 0.0
    dropout: Annotated[float, Range(0.0, 0.9, "dropout", "Units left out of a step.")] = 0.0
    clip: Annotated[float, Range(0.0, 100.0, "clip |∇L| at", "0 does not clip.")] = 0.0
    schedule: Annotated[str, Choice(SCHEDULE_LABELS, "schedule of η")] = "constant"
    test: Annotated[bool, Switch("show the test samples", "As rings.")] = False
    points: tuple[Point, ...] = field(default=FIRST_POINTS)
    past: tuple[Leg, ...] = field(default=())
    unit: tuple[int, ...] = field(default=())

    def extra_query(self) -> dict[str, str]:
        """Return what is no knob as texts."""
        texts = {
            "points": points_text(self.points) if self.points != FIRST_POINTS else "",
            "past": legs_text(self.past),
            "unit": ".".join(map(str, self.unit)),
        }
        return {name: text for name, text in texts.items() if text}

    def with_extra_query(self, found: Mapping[str, Sequence[str]]) -> "Playground":
        """Return this spec with what a query says beyond the knobs; what is not sound is left."""
        text = {name: (found.get(name) or [""])[0] for name in ("points", "past", "unit")}
        unit = [int(part) for part in text["unit"].split(".") if part.isdecimal()][:2]
        return replace(
            self,
            points=points_in(text["points"]) or FIRST_POINTS,
            past=legs_in(text["past"]),
            unit=tuple(unit) if len(unit) == 2 and max(unit) < 100 else (),
        )


TRAINING = ("method", "lr", "batch", "l1", "l2", "dropout", "clip")  # what may change on the way


class Result(NamedTuple):
    """A training as pictures of it need it: one row a frame.

    `path (f, p)` flat parameters, `epochs (f,)`, losses and scores of both sets `(f,)`; the score
    is the accuracy, or R² of a regression. `end` is what the last stretch came to.
    """

    data: Split
    sizes: tuple[int, ...]
    loss: str
    path: np.ndarray
    epochs: np.ndarray
    train_loss: np.ndarray
    test_loss: np.ndarray
    train_score: np.ndarray
    test_score: np.ndarray
    lost: bool
    reason: str
    short: int


def is_regression(spec: Playground) -> bool:
    """Tell whether the data are values rather than classes."""
    return spec.data in KINDS and KINDS[spec.data].regression


def loss_of(spec: Playground) -> str:
    """Return the loss that runs: a value is learnt by the squared error."""
    return "mse" if is_regression(spec) else spec.loss


@cached
def _data(
    data: str, formula: str, n: int, noise: float, share: float, seed: int, points: Any
) -> Split:
    if data == OWN:
        table = np.array(points, float)
        return split(table[:, :2], table[:, 2], share if len(points) > 9 else 1.0, seed)
    if data == CURVE:
        return split(*above(formula, n, noise, seed), share, seed)
    return split(*samples(data, n, noise, seed), share, seed)


def data_of(spec: Playground) -> Split:
    """Return the samples of a spec; raise `DataError` or `FormulaError` if it has none."""
    text = spec.formula if spec.data == CURVE else ""
    points = spec.points if spec.data == OWN else ()
    return _data(spec.data, text, spec.n, spec.noise, spec.share, spec.data_seed, points)


def sizes_of(spec: Playground) -> tuple[int, ...]:
    """Return the sizes of the layers; raise `DataError` if the text of hidden units says none."""
    outputs = 2 if loss_of(spec) == "cross_entropy" else 1
    return (len(spec.features), *sizes_in(spec.hidden), outputs)


def table_of(spec: Playground, x: np.ndarray) -> np.ndarray:
    """Return the inputs of the network for points `(n, 2)`, coordinates and products scaled down.

    The window is 12 wide: raw squares of it would reach 36 and saturate the first layer.
    """
    return features(x, spec.features) / np.array([SCALES[name] for name in spec.features])


def epochs_of(spec: Playground, epochs: int) -> int:
    """Return how many epochs of the present settings fit into one run's time."""
    sizes, n = sizes_of(spec), len(data_of(spec).x)
    pairs = list(zip(sizes[:-1], sizes[1:], strict=True))
    p, units = sum((i + 1) * o for i, o in pairs), sum(sizes[1:])
    steps = -(-n // spec.batch) if spec.batch else 1
    each = {"gelu": 60.0, "softplus": 15.0}.get(spec.activation, 8.0)
    cost = n * (0.6 * p + each * units) + steps * (3000 + 8 * p)
    if spec.method in SEARCHES:  # in NumPy, dozens of values a step; Hessians and Jacobians besides
        cost = 4e6 + 2500 * n * units
        cost += {"newton": 120.0, "newton_plain": 40.0}.get(spec.method, 0) * n * p * p
        cost += {"gauss_newton": 5000.0}.get(spec.method, 0) * n * p
    return int(max(1, min(epochs, NANOSECONDS / cost)))
