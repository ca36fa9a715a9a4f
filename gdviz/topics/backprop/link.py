"""What a link says of the playground beyond its knobs: points, hidden layers, earlier training."""

from collections.abc import Iterable
from typing import NamedTuple

from gdviz.knobs import KnobError, Range
from gdviz.learn.toy_datasets import DataError
from gdviz.optimize.methods import LABELS

MOST_POINTS = 300
MOST_LEGS = 8
MOST_LAYERS, MOST_UNITS = 6, 8
LARGEST_WEIGHT = 100.0
Point = tuple[float, float, float]  # x₁, x₂ and the class


class Edit(NamedTuple):
    """A weight set by hand: of a layer (0 is the first), from a source to a unit."""

    layer: int
    source: int
    unit: int
    value: float


class Leg(NamedTuple):
    """A stretch of training under the same settings; the edits come before it."""

    epochs: int
    method: str = "adam"
    lr: float = 0.03
    batch: int = 0
    l1: float = 0.0
    l2: float = 0.0
    dropout: float = 0.0
    clip: float = 0.0
    edits: tuple[Edit, ...] = ()


_BOUNDS = {
    "epochs": Range(0, 2000, "epochs"),
    "lr": Range(1e-5, 10.0, "lr"),
    "batch": Range(0, 500, "batch"),
    "l1": Range(0.0, 1.0, "L1"),
    "l2": Range(0.0, 1.0, "L2"),
    "dropout": Range(0.0, 0.9, "dropout"),
    "clip": Range(0.0, 100.0, "clip"),
}
_WHOLE = {"epochs", "batch"}


def sizes_in(text: str) -> tuple[int, ...]:
    """Return the hidden layers that a text like “6, 4” says; raise `DataError` if it says none."""
    words = text.replace(",", " ").split()
    if words == ["0"] or not words:
        return ()
    if len(words) > MOST_LAYERS:
        raise DataError(f"{len(words)} hidden layers; {MOST_LAYERS} at most.")
    if not all(word.isdecimal() and word.isascii() for word in words):
        raise DataError("hidden units are whole numbers, such as 6, 4.")
    sizes = tuple(int(word) for word in words)
    if not all(1 <= size <= MOST_UNITS for size in sizes):
        raise DataError(f"a hidden layer has 1 to {MOST_UNITS} units.")
    return sizes


def hidden_text(sizes: Iterable[int]) -> str:
    """Return hidden layers as the text of the knob."""
    return ", ".join(map(str, sizes)) or "0"


def points_text(points: Iterable[Point]) -> str:
    """Return points as `x,y,class;...`."""
    return ";".join(f"{x:.3g},{y:.3g},{label:g}" for x, y, label in points)


def points_in(text: str) -> tuple[Point, ...]:
    """Return the sound ones of the points in a text, none if there are not two."""
    found: list[Point] = []
    for part in text[: 40 * MOST_POINTS].split(";")[:MOST_POINTS]:
        numbers = _numbers(part.split(","))
        if len(numbers) == 3 and max(abs(n) for n in numbers[:2]) <= 6 and numbers[2] in (0, 1):
            found.append((numbers[0], numbers[1], numbers[2]))
    return tuple(found) if len(found) > 1 else ()


def _numbers(parts: Iterable[str]) -> list[float]:
    try:
        return [float(part) for part in parts]
    except ValueError:
        return []


def legs_text(legs: Iterable[Leg]) -> str:
    """Return stretches as text, split by `;`: settings between commas, edits behind an `e`."""
    texts = []
    for leg in legs:
        plain = [value if isinstance(value, str) else repr(value) for value in leg[:-1]]
        edits = [f"e{e.layer}.{e.source}.{e.unit}.{e.value!r}" for e in leg.edits]
        texts.append(",".join([*plain, *edits]))
    return ";".join(texts)


def legs_in(text: str) -> tuple[Leg, ...]:
    """Return the stretches in a text, all of them or none: one alone would be another history."""
    if not text:
        return ()
    try:
        legs = tuple(_leg(part) for part in text[:4000].split(";"))
    except (KnobError, ValueError, IndexError, OverflowError):
        return ()
    return legs if len(legs) <= MOST_LEGS else ()


def _leg(text: str) -> Leg:
    parts = text.split(",")
    names = [name for name in Leg._fields if name != "edits"]
    values = dict(zip(names, parts[: len(names)], strict=True))
    if values["method"] not in LABELS or values["method"] == "golden_section":
        raise KnobError("unknown method")
    numbers = {name: _bounded(name, values[name]) for name in names if name != "method"}
    return Leg(
        method=values["method"],
        edits=tuple(_edit(part) for part in parts[len(names) :][:20]),
        **{name: int(v) if name in _WHOLE else v for name, v in numbers.items()},  # type: ignore
    )


def _bounded(name: str, text: str) -> float:
    value, bounds = float(text), _BOUNDS[name]
    if not bounds.lo <= value <= bounds.hi:
        raise KnobError(f"{name} out of bounds")
    return value


def _edit(text: str) -> Edit:
    if not text.startswith("e"):
        raise KnobError("not an edit")
    layer, source, unit, value = text[1:].split(".", 3)
    number = float(value)
    if not abs(number) <= LARGEST_WEIGHT:
        raise KnobError("a weight out of bounds")
    places = int(layer), int(source), int(unit)
    if not all(0 <= place < 20 for place in places):
        raise KnobError("no such weight")
    return Edit(*places, number)
