"""What the playground's network is given: coordinates scaled down, and the slice that is shown."""

import numpy as np

from gdviz.learn.toy_datasets import FEATURES, features
from gdviz.numerals import number
from gdviz.topics.backprop.link import FeatureRange

MORE = tuple(name for name in FEATURES if name[1:] in "3456")  # x₃ and so on: off the picture
SCALES = dict.fromkeys(FEATURES, 9.0) | dict.fromkeys(("x1", "x2", *MORE), 3.0)
SCALES |= {"sin_x1": 1.0, "sin_x2": 1.0}


def scaled_features(x: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return the inputs of the network for points `(n, 2 to 6)`, coordinates scaled down.

    The window is 12 wide: raw squares of it would reach 36 and saturate the first layer.
    """
    return features(x, names) / np.array([SCALES[name] for name in names])


def on_slice(x: np.ndarray, held: tuple[float, ...]) -> np.ndarray:
    """Return points of the plane `(n, 2)` with what the others are held at, `(n, 6)`."""
    return np.column_stack([x, np.broadcast_to(held, (len(x), len(held)))])


def names_offered(columns: int, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Return the inputs that make sense for data of so many columns, and those that are chosen.

    Beside more than three coordinates there is no room for functions of two.
    """
    plain = ("x1", "x2", *MORE)[:columns]
    usual = plain if columns > 3 else (*(name for name in FEATURES if name not in MORE), *plain)
    return tuple(name for name in FEATURES if name in (*usual, *chosen))


def slice_words(
    names: tuple[str, ...], held: tuple[float, ...], columns: tuple[FeatureRange, ...]
) -> str:
    """Return which slice the picture shows, in words; empty where nothing is held.

    `names` are those of the inputs, `columns` what is known of a visitor's table, or none.
    """
    found = []
    for k, (name, value) in enumerate(zip(MORE, held, strict=True), 2):
        if name in names:
            sign = FEATURES[name][0]
            known = columns[k] if k < len(columns) else None
            own = (
                f"{known.name} = {number(known.own(value), 3)} ({sign} = {value:g})"
                if known
                else ""
            )
            found.append(own or f"{sign} = {value:g}")
    if not found:
        return ""
    return (
        f"The picture is the slice where {' and '.join(found)}. The points are drawn by x₁ and x₂ "
        "alone: most of them lie off the slice."
    )
