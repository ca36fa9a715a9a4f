"""What a hand on the stage of the playground changes: inputs, units, layers, points."""

from dataclasses import replace

import numpy as np

from gdviz.figures.hand import Hand
from gdviz.learn.toy_datasets import FEATURES
from gdviz.topics.backprop.link import (
    MOST_LAYERS,
    MOST_UNITS,
    Point,
    hidden_text,
    most_points,
    sizes_in,
)
from gdviz.topics.backprop.settings import HELD, OWN, Playground

NEAR = 0.5  # of the window: a point this close to the hand is the one that is meant


def apply_hand(spec: Playground, hand: Hand, label: float = 1.0) -> Playground:
    """Return the spec after a click: on an input, a unit, a sign of a layer, or the picture.

    `label` is the class of a point that is added; with Shift the nearest one is removed. A change
    of the network or of its data starts the training afresh.
    """
    kind, *rest = hand.id.split("_", 1)
    name = rest[0] if rest else ""
    if kind == "f" and name in FEATURES:
        return replace(spec, features=_toggled(spec.features, name), past=(), unit=())
    if kind == "u":
        layer, place = (int(part) for part in name.split("_"))
        return replace(spec, unit=() if spec.unit == (layer, place) else (layer, place))
    if kind in ("plus", "minus", "deeper", "shallower"):
        text = hidden_text(_resized(sizes_in(spec.hidden), kind, name))
        return replace(spec, hidden=text, past=(), unit=())
    if kind == "point" and spec.data == OWN:
        return replace(spec, points=_points(spec, hand, label), past=())
    return spec


def _toggled(chosen: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return the inputs with one more or one less, in their order; the last one stays."""
    kept = set(chosen) ^ {name} or {name}
    return tuple(feature for feature in FEATURES if feature in kept)


def _resized(hidden: tuple[int, ...], kind: str, name: str) -> tuple[int, ...]:
    if kind == "deeper":
        return (*hidden, hidden[-1] if hidden else 4)[:MOST_LAYERS]
    if kind == "shallower":
        return hidden[:-1]
    sizes = list(hidden)
    layer = int(name)
    if layer < len(sizes):
        sizes[layer] = min(MOST_UNITS, max(1, sizes[layer] + (1 if kind == "plus" else -1)))
    return tuple(sizes)


def _points(spec: Playground, hand: Hand, label: float) -> tuple[Point, ...]:
    if not hand.shift:
        x, y = (float(f"{np.clip(v, -6, 6):.3g}") for v in (hand.x, hand.y))
        more = len(spec.points[0]) - 3
        held = tuple(float(getattr(spec, name)) for name in HELD[:more])
        return (*spec.points, (x, y, *held, float(label)))[-most_points(2 + more) :]
    far = [float(np.hypot(x - hand.x, y - hand.y)) for x, y, *_ in spec.points]
    if min(far) > NEAR or len(far) < 3:  # two stay: one alone is nothing to learn from
        return spec.points
    nearest = far.index(min(far))
    return spec.points[:nearest] + spec.points[nearest + 1 :]


def with_axis(spec: Playground, axis: int, place: int) -> Playground:
    """Return the spec whose axis x₁ (0) or x₂ (1) is the column that stands at a place.

    Both columns change places, in the points and in what is known of them.
    """
    order = list(range(len(spec.columns)))
    order[axis], order[place] = order[place], order[axis]
    points = tuple((*(point[k] for k in order), point[-1]) for point in spec.points)
    return replace(spec, points=points, columns=tuple(spec.columns[k] for k in order), past=())
