"""The drawing of a network: a picture of what each unit sees, and a line for each weight."""

from typing import NamedTuple

import numpy as np

from gdviz.figures.scene import Cells, Edges, Handle, Image, Labels, Layer, Line
from gdviz.learn.network import unflat
from gdviz.learn.toy_datasets import FEATURES

WIDE, HIGH = 520.0, 400.0  # of the panel, in the units of the drawing
LEFT, RIGHT, FLOOR, CEILING = 66.0, WIDE - 44, 20.0, HIGH - 40
BOX = 38.0
SIZE = 24  # pixels of a unit's picture each way
PICTURE = "picture"


class Unit(NamedTuple):
    """A unit of the drawing: its layer (0 are the inputs), its place in it, and where it stands."""

    layer: int
    place: int
    x: float
    y: float


def columns(sizes: tuple[int, ...]) -> np.ndarray:
    """Return the x of each layer."""
    return np.linspace(LEFT, RIGHT, len(sizes))


def rows(count: int) -> np.ndarray:
    """Return the y of the units of a layer, from the top."""
    step = min(58.0, (CEILING - FLOOR - BOX) / max(count - 1, 1))
    middle = (CEILING + FLOOR) / 2
    return middle + step * ((count - 1) / 2 - np.arange(count))


def feature_rows(offered: tuple[str, ...]) -> dict[str, float]:
    """Return the y of each input that can be chosen."""
    return dict(zip(offered, rows(len(offered)).tolist(), strict=True))


def units(
    sizes: tuple[int, ...], features: tuple[str, ...], offered: tuple[str, ...]
) -> list[list[Unit]]:
    """Return the units layer by layer; the inputs stand among those `offered`."""
    at = feature_rows(offered)
    xs = columns(sizes)
    first = [Unit(0, i, float(xs[0]), at[name]) for i, name in enumerate(features)]
    rest = [
        [Unit(k, i, float(x), float(y)) for i, y in enumerate(rows(size))]
        for k, (size, x) in enumerate(zip(sizes[1:], xs[1:], strict=True), start=1)
    ]
    return [first, *rest]


def weight_lines(
    drawn: list[list[Unit]], path: np.ndarray, slopes: np.ndarray, sizes: tuple[int, ...]
) -> Edges:
    """Return the weights at each row of a path as lines, and what the loss feels of each."""
    params, grads = unflat(path, sizes), unflat(slopes, sizes)
    ends = [(a, b) for k in range(len(sizes) - 1) for a in drawn[k] for b in drawn[k + 1]]
    f = len(path)
    weights = np.concatenate([W.reshape(f, -1) for W, _ in params], axis=1)
    gradients = np.concatenate([W.reshape(f, -1) for W, _ in grads], axis=1)
    start = [[a.x + BOX / 2 for a, _ in ends]], [[a.y for a, _ in ends]]
    end = [[b.x - BOX / 2 for _, b in ends]], [[b.y for _, b in ends]]
    most = max(0.5, float(np.quantile(np.abs(weights), 0.95)))
    tips = tuple(f"{unit_name(a)} → {unit_name(b)}" for a, b in ends)
    return Edges("weights", *start, *end, weights, most, slopes=gradients, tips=tips)


def unit_name(unit: Unit) -> str:
    """Return how people call a unit: a²₃ is the third of the second layer."""
    return (
        f"input {unit.place + 1}"
        if unit.layer == 0
        else f"layer {unit.layer}, unit {unit.place + 1}"
    )


def bias_cells(drawn: list[list[Unit]], path: np.ndarray, sizes: tuple[int, ...]) -> Cells:
    """Return the biases as small squares at the lower left corner of their unit."""
    biases = np.concatenate([b for _, b in unflat(path, sizes)], axis=1)
    x = np.array([[u.x - BOX / 2 - 4 for layer in drawn[1:] for u in layer]])
    y = np.array([[u.y - BOX / 2 - 4 for layer in drawn[1:] for u in layer]])
    most = max(0.5, float(np.quantile(np.abs(biases), 0.95)))
    return Cells("biases", x, y, x + 8, y + 8, biases, -most, most)


def pictures(
    drawn: list[list[Unit]], seen: np.ndarray, output: np.ndarray, spread: float
) -> list[Layer]:
    """Return a picture for each unit behind the inputs; `seen (f, units, size²)`."""
    f, size = len(seen), int(np.sqrt(seen.shape[2]))
    found: list[Layer] = []
    flat = [unit for layer in drawn[1:] for unit in layer]
    for unit, values in zip(flat, np.moveaxis(seen, 1, 0), strict=True):
        last = unit.layer == len(drawn) - 1
        pixels, high = (output, 1.0) if last and len(drawn[-1]) == 1 else (values, spread)
        found.append(
            _picture(unit, pixels.reshape(f, size, size), high, f"unit {unit.layer}.{unit.place}")
        )
    return found


def inputs(
    chosen: tuple[str, ...], offered: tuple[str, ...], values: np.ndarray, x: float
) -> list[Layer]:
    """Return a picture of every input, faint where it is not chosen; `values (inputs, size²)`."""
    size = int(np.sqrt(values.shape[1]))
    layers: list[Layer] = []
    for (name, y), row in zip(feature_rows(offered).items(), values, strict=True):
        unit = Unit(0, 0, x, y)
        picture = _picture(unit, row.reshape(1, size, size), 1.0, f"input {name}")
        layers.append(picture._replace(opacity=1.0 if name in chosen else 0.22))
    labels = tuple(FEATURES[name][0] for name in offered)
    heights = list(feature_rows(offered).values())
    beside = [[x - BOX / 2 - 22] * len(heights)]
    return [*layers, Labels("inputs", beside, [heights], (labels,), size=12)]


def _picture(unit: Unit, pixels: np.ndarray, high: float, name: str) -> Image:
    half = BOX / 2
    box = unit.x - half, unit.x + half, unit.y - half, unit.y + half
    return Image(name, *box, pixels, -high, high, fills=PICTURE)


def frame_of(unit: Unit) -> Line:
    """Return the frame around the unit that the large picture shows."""
    h = BOX / 2 + 2
    x, y = unit.x, unit.y
    return Line(
        "shown", [[x - h, x + h, x + h, x - h, x - h]], [[y - h, y - h, y + h, y + h, y - h]], None
    )


def headings(sizes: tuple[int, ...]) -> Labels:
    """Return the names of the columns: inputs, how many units, output."""
    xs = columns(sizes)
    texts = ("inputs", *map(str, sizes[1:-1]), "output")
    return Labels("columns", [xs], [[HIGH - 14] * len(xs)], (texts,), size=15)


def signs(sizes: tuple[int, ...]) -> Labels:
    """Return the buttons that add and take units and layers."""
    inner, far = [float(x) for x in columns(sizes)[1:-1]], _aside(sizes)
    x = [place + side for place in inner for side in (-far, far)]
    y = [HIGH - 14] * len(x) + [2.0, 2.0, 2.0]
    x += [WIDE / 2 - 50, WIDE / 2, WIDE / 2 + 50]
    texts = ("⊖", "⊕") * len(inner) + ("⊖", "layer", "⊕")
    return Labels("signs", [x], [y], (texts,), size=15, tool=True)


def _aside(sizes: tuple[int, ...]) -> float:
    """Return how far the buttons of a column are from its number: on a phone they need room."""
    first, second, *_ = columns(sizes)
    return min(32.0, 0.3 * float(second - first))


def button(name: str, x: float, y: float, spoken: str) -> Handle:
    """Return a part of a drawing that can be clicked, with its name for a screen reader."""
    at = float(x), float(y)
    return Handle(name, "", *at, live=False, drawn=False, spoken=spoken, fixed=True)


def handles(
    drawn: list[list[Unit]], sizes: tuple[int, ...], offered: tuple[str, ...]
) -> list[Handle]:
    """Return what a click can mean: inputs, units, weights, biases, signs."""
    xs = columns(sizes)
    rows = feature_rows(offered).items()
    found = [button(f"f_{name}", xs[0], y, f"input {name}") for name, y in rows]
    for layer in drawn[1:]:
        for u in layer:
            own, corner = f"{u.layer}_{u.place}", (u.x - BOX / 2, u.y - BOX / 2)
            found += [button(f"u_{own}", u.x, u.y, unit_name(u))]
            found += [button(f"b_{own}", *corner, f"bias of {unit_name(u)}")]
    ends = [(a, b) for k in range(len(sizes) - 1) for a in drawn[k] for b in drawn[k + 1]]
    found += [
        button(
            f"w_{b.layer}_{a.place}_{b.place}",
            a.x + 0.4 * (b.x - a.x),
            a.y + 0.4 * (b.y - a.y),
            f"weight {a.place + 1} of {unit_name(b)}",
        )
        for a, b in ends
    ]
    return found + _sign_handles(sizes)


def _sign_handles(sizes: tuple[int, ...]) -> list[Handle]:
    """Return the handles of the signs, with the words of a button that stands alone."""
    xs, far, top = columns(sizes), _aside(sizes), HIGH - 14
    found = []
    for k in range(1, len(sizes) - 1):
        less, more = f"one unit less in layer {k}", f"one unit more in layer {k}"
        found += [
            (button(f"minus_{k - 1}", xs[k] - far, top, less), f"layer {k} ⊖"),
            (button(f"plus_{k - 1}", xs[k] + far, top, more), "⊕"),
        ]
    found += [
        (button("shallower", WIDE / 2 - 50, 2.0, "one layer less"), "layers ⊖"),
        (button("deeper", WIDE / 2 + 50, 2.0, "one layer more"), "⊕"),
    ]
    return [handle._replace(label=label, tool=True) for handle, label in found]
