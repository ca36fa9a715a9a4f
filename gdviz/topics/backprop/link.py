"""What a link says of the playground beyond its knobs: points, hidden layers, earlier training."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from gdviz.knobs import KnobError, Range
from gdviz.learn.toy_datasets import COLUMNS, DataError
from gdviz.numerals import count_of
from gdviz.optimize.methods import LABELS

# A line has one parameter, and the natural gradient of a network is a page of its own.
_ELSEWHERE = ("golden_section", "natural_gradient")
TRAINERS = {name: label for name, label in LABELS.items() if name not in _ELSEWHERE}
MOST_POINTS = 300
MOST_LEGS = 8
MOST_LAYERS, MOST_UNITS = 6, 8
LARGEST_WEIGHT = 100.0
WEIGHTS = r"(\d{1,2}(?:\.\d{1,2}){1,8})~([A-Za-z0-9_-]{1,3000}={0,2})"  # sizes, then base64
APART = r"(?:, ?| )"  # what stands between two of a list: without it, a text has too many readings
SHARE = r"\d{1,3}(?:\.\d{1,9})?"  # a multiple of the rate
Point = tuple[float, ...]  # x₁, x₂, up to four more, and the class
_NAME = r"[\w .%()/-]{1,20}"


class FeatureRange(NamedTuple):
    """A column of a visitor's table: its name, its least and largest value, which are ±5 here."""

    name: str
    low: float
    high: float

    def own(self, scaled: float) -> float:
        """Return a coordinate of the window as a value of the table."""
        return self.low + (scaled + 5) / 10 * (self.high - self.low)


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


def names_in(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the names that a text like “tanh, relu” says; raise `DataError` for unknown ones."""
    names = tuple(text.replace(",", " ").split())
    for name in names:
        if name not in known:
            raise DataError(f"“{name[:20]}” is no activation; there is {', '.join(known)}.")
    return names


def shares_in(text: str) -> tuple[float, ...]:
    """Return the numbers that a text like “1, 0.5” says; raise `DataError` if it says others."""
    words = text.replace(",", " ").split()
    if not all(re.fullmatch(SHARE, word) for word in words):
        raise DataError("multiples of η are numbers from 0 to 999, such as 1, 0.5.")
    return tuple(map(float, words))


def surplus(hidden: str, activations: str, layer_rates: str) -> dict[str, str]:
    """Return the lists that have more entries than the network has layers, and why."""
    layers, found = len(sizes_in(hidden)), {}
    for name, text, most, what in (
        ("activations", activations, layers, "hidden layer"),
        ("layer_rates", layer_rates, layers + 1, "layer"),
    ):
        said = len(text.replace(",", " ").split())
        if said > most:
            found[name] = f"{said} are given, but the network has {count_of(most, what)}."
    return found


def hidden_text(sizes: Iterable[int]) -> str:
    """Return hidden layers as the text of the knob."""
    return ", ".join(map(str, sizes)) or "0"


def points_text(points: Iterable[Point]) -> str:
    """Return points as `x,y,...,class;...`."""
    return ";".join(",".join(f"{value:.3g}" for value in point) for point in points)


def columns_text(columns: Iterable[FeatureRange]) -> str:
    """Return columns as `name,low,high;...`."""
    return ";".join(f"{name},{low:.6g},{high:.6g}" for name, low, high in columns)


def columns_in(text: str) -> tuple[FeatureRange, ...]:
    """Return the columns in a text, all of them or none."""
    found = []
    for part in text[:400].split(";"):
        name, *ends = part.split(",")
        numbers = _numbers(ends)
        if len(numbers) != 2 or not all(abs(n) < 1e300 for n in numbers):
            return ()
        if not re.fullmatch(_NAME, name):
            return ()
        found.append(FeatureRange(name, *numbers))
    return tuple(found) if 2 <= len(found) <= COLUMNS else ()


def most_points(features: int) -> int:
    """Return how many points of so many features a link has room for."""
    return 3 * MOST_POINTS // (features + 1)


def points_in(text: str) -> tuple[Point, ...]:
    """Return the sound ones of the points in a text, none if there are not two."""
    found: list[Point] = []
    for part in text[: 40 * MOST_POINTS].split(";")[:MOST_POINTS]:
        numbers = _numbers(part.split(","))
        inside = all(abs(n) <= 6 for n in numbers[:-1])  # which no NaN is
        alike = not found or len(numbers) == len(found[0])
        if 3 <= len(numbers) <= COLUMNS + 1 and alike and inside and numbers[-1] in (0, 1):
            found.append(tuple(numbers))
    return tuple(found[: most_points(len(found[0]) - 1)]) if len(found) > 1 else ()


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
    if values["method"] not in TRAINERS:
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
