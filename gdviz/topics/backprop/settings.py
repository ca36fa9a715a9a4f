"""The playground: the knobs of the page *backprop*, what it trains, and that as Python."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.knobs import Choice, Choices, Range, Switch, Text, knobs, needs
from gdviz.learn.activations import ACTIVATIONS
from gdviz.learn.network import SCHEMES, parameter_counts
from gdviz.learn.network_losses import LOSSES
from gdviz.learn.network_training import pass_cost
from gdviz.learn.toy_datasets import FEATURES, KINDS, Split, above, samples, split
from gdviz.optimize.elementwise import is_elementwise
from gdviz.optimize.methods import METHODS, SUMS_OF_SQUARES
from gdviz.optimize.rules import Rate
from gdviz.optimize.schedules import SCHEDULE_LABELS
from gdviz.topics.backprop.inputs import MORE, names_offered, scaled_features
from gdviz.topics.backprop.link import (
    APART,
    SHARE,
    TRAINERS,
    WEIGHTS,
    FeatureRange,
    Leg,
    Point,
    columns_in,
    columns_text,
    legs_in,
    legs_text,
    names_in,
    points_in,
    points_text,
    shares_in,
    sizes_in,
    surplus,
)

NANOSECONDS = 8e8  # of computing that one run may take
CURVE, OWN = "curve", "own"
FIRST_POINTS: tuple[Point, ...] = (
    (-3.0, 2.5, 0.0), (-2.0, 3.5, 0.0), (3.0, -2.0, 0.0), (2.2, -3.2, 0.0),
    (2.5, 2.5, 1.0), (3.4, 1.6, 1.0), (-2.5, -2.5, 1.0), (-3.4, -1.8, 1.0),
)  # fmt: skip
STOPS = {
    "none": "never: train every epoch",
    "loss": "loss at most",
    "score": "share right, or R², at least",
}
FRAMES = 50  # pictures of a run besides the first
EXTRA = ("points", "columns", "past", "unit", "brought")  # what a link says beyond the knobs
HELD = tuple(f"held_{name}" for name in MORE)  # what the slice that is shown is at
DATA = {name: kind.label for name, kind in KINDS.items()} | {CURVE: "y > f(x)", OWN: "Your own"}
_NAME = f"(?:{'|'.join(ACTIVATIONS)})"
SEARCHES = {name for name in TRAINERS if not is_elementwise(METHODS[name])}

RATED = [name for name in TRAINERS if name not in SEARCHES and "lr" in knobs(METHODS[name])]


def _held(sign: str) -> Range:
    return Range(-6.0, 6.0, f"{sign} held at", "The picture is the slice there.")


@dataclass(frozen=True)
class Playground:
    """Everything that the playground can be asked.

    `points` are drawn by hand, or of a file with `columns`, `past` the stretches of training before
    the present settings, `unit` the unit in the large picture, `(layer, place)`, empty for the
    output, `brought` the first weights of a visitor, as text.
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
        tuple[str, ...], Choices({k: v[0] for k, v in FEATURES.items()}, "inputs", most=8)
    ] = ("x1", "x2")
    hidden: Annotated[
        str, Text("hidden units", "Units of each layer, at most 8 in 6 layers; “0”: none.", most=30)
    ] = "6, 4"
    activation: Annotated[
        str,
        Choice({k: a.label for k, a in ACTIVATIONS.items()}, "activation"),
    ] = "tanh"
    activations: Annotated[
        str,
        Text(
            "activation by layer",
            "Such as “tanh, relu”; the last repeats. Empty: the same in all.",
            most=80, form=rf"(?:{_NAME}(?:{APART}{_NAME})*)?",
        ),
    ] = ""  # fmt: skip
    layer_rates: Annotated[
        str,
        Text(
            "η × by layer",
            "Such as “1, 0.5”; the last repeats, 0 freezes a layer. Empty: η in all.",
            most=80, form=rf"(?:{SHARE}(?:{APART}{SHARE})*)?",
        ),
        needs("method", *RATED),
    ] = ""  # fmt: skip
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
    stop: Annotated[
        str, Choice(STOPS, "stop", "At the first epoch where the training part is there.")
    ] = "none"
    level: Annotated[float, Range(0.0, 10.0, "level", "Of the loss or score."), needs("stop")] = 0.1
    test: Annotated[bool, Switch("show the test samples", "As rings.")] = False
    near: Annotated[
        int,
        Range(
            0, 20_000, "look closely at epoch",
            "Every epoch around it becomes a frame; 0: some frames over the whole run.",
        ),
    ] = 0  # fmt: skip
    held_x3: Annotated[float, _held("x₃"), needs("features", "x3")] = 0.0
    held_x4: Annotated[float, _held("x₄"), needs("features", "x4")] = 0.0
    held_x5: Annotated[float, _held("x₅"), needs("features", "x5")] = 0.0
    held_x6: Annotated[float, _held("x₆"), needs("features", "x6")] = 0.0
    points: tuple[Point, ...] = field(default=FIRST_POINTS)
    columns: tuple[FeatureRange, ...] = field(default=())
    past: tuple[Leg, ...] = field(default=())
    unit: tuple[int, ...] = field(default=())
    brought: str = field(default="")

    def unread(self) -> dict[str, str]:
        """Return which list has more entries than the network has layers."""
        return surplus(self.hidden, self.activations, self.layer_rates)

    def extra_query(self) -> dict[str, str]:
        """Return what is no knob as texts."""
        texts = {
            "points": points_text(self.points) if self.points != FIRST_POINTS else "",
            "columns": columns_text(self.columns),
            "past": legs_text(self.past),
            "unit": ".".join(map(str, self.unit)),
            "brought": self.brought,
        }
        return {name: text for name, text in texts.items() if text}

    def with_extra_query(self, found: Mapping[str, Sequence[str]]) -> "Playground":
        """Return this spec with what a query says beyond the knobs; invalid parts are ignored."""
        text = {name: (found.get(name) or [""])[0] for name in EXTRA}
        unit = re.fullmatch(r"(\d{1,2})\.(\d{1,2})", text["unit"], re.ASCII)
        spec = replace(
            self,
            points=points_in(text["points"]) or FIRST_POINTS,
            columns=columns_in(text["columns"]),
            unit=tuple(map(int, unit.groups())) if unit else (),
            brought=text["brought"] if re.fullmatch(WEIGHTS, text["brought"]) else "",
        )
        past = legs_in(text["past"])
        return replace(spec, past=past if can_precede(spec, past) else ())


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
    stopped: bool = False


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
        return split(table[:, :-1], table[:, -1], share if len(points) > 9 else 1.0, seed)
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


def hidden_activations(spec: Playground) -> tuple[str, ...]:
    """Return the activation of each hidden layer; raise `DataError` for an unknown one."""
    names = names_in(spec.activations, ACTIVATIONS) or (spec.activation,)
    return _for_each(names, len(sizes_of(spec)) - 2)


def layer_rates(spec: Playground) -> tuple[float, ...]:
    """Return what multiplies η in each layer; raise `DataError` for what are no numbers."""
    return _for_each(shares_in(spec.layer_rates) or (1.0,), len(sizes_of(spec)) - 1)


def _for_each(named: tuple[Any, ...], layers: int) -> tuple[Any, ...]:
    """Return one of `named` for each layer: the last repeats, those too many are left out."""
    return (*named, *[named[-1]] * layers)[:layers]


def inputs_offered(spec: Playground) -> tuple[str, ...]:
    """Return the inputs that make sense for the data: x₃ where there is one."""
    return names_offered(data_of(spec).x.shape[1], spec.features)


def table_of(spec: Playground, x: np.ndarray) -> np.ndarray:
    """Return the inputs of the network for points `(n, 2 to 6)`, coordinates scaled down."""
    return scaled_features(x, spec.features)


def epochs_of(spec: Playground, epochs: int) -> int:
    """Return how many epochs of the present settings fit into one run's time."""
    return int(max(1, min(epochs, NANOSECONDS / _cost(spec))))


def can_precede(spec: Playground, past: Sequence[Leg]) -> bool:
    """Tell whether earlier stretches can be run, and take no longer than two runs may."""
    if any(leg.method in SEARCHES and (leg.batch or leg.dropout) for leg in past):
        return False
    squares = loss_of(spec) == "mse"
    if any(leg.method in SUMS_OF_SQUARES and (leg.l1 or leg.l2 or not squares) for leg in past):
        return False
    try:
        costs = [_cost(replace(spec, method=leg.method, batch=leg.batch)) for leg in past]
    except ValueError:  # of settings that cannot be run
        return True
    return sum(leg.epochs * c for leg, c in zip(past, costs, strict=True)) <= 2 * NANOSECONDS


def _cost(spec: Playground) -> float:
    """Return the nanoseconds of an epoch."""
    sizes, n = sizes_of(spec), len(data_of(spec).x)
    p, units = sum(parameter_counts(sizes)), sum(sizes[1:])
    steps = -(-n // spec.batch) if spec.batch else 1
    cost = pass_cost(sizes, n, hidden_activations(spec), steps)
    if spec.method in SEARCHES:  # in NumPy, dozens of values a step; Hessians and Jacobians besides
        cost = 4e6 + 2500 * n * units
        by_hessian = {"newton": 120.0, "newton_plain": 40.0, "sophia": 40.0, "trust_region": 120.0}
        cost += by_hessian.get(spec.method, 0) * n * p * p
        by_jacobian = {"gauss_newton": 5000.0, "levenberg_marquardt": 10_000.0}
        cost += by_jacobian.get(spec.method, 0) * n * p
        cost += {"cma_es": 40.0}.get(spec.method, 0) * p**3
    return cost
