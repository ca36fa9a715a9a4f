"""Data for the playground: two features in the window [−6, 6]², classes 0 and 1, or a value.

The shapes are those that people know from TensorFlow Playground (Smilkov & Carter 2016), from their
description; all randomness comes from a seed.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdviz.expressions import FormulaError, formula

WINDOW = 6.0
MOST = 500  # samples of a set
MOST_BYTES = 1_000_000  # of an uploaded file


class DataError(ValueError):
    """Data that cannot be used; the message is fit for a page."""


class Split(NamedTuple):
    """Samples to learn from and samples to be judged by: `x (n, 2)`, `y (n,)` of each."""

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class Kind(NamedTuple):
    """A set by its label: `make(rng, n, noise) -> (x, y)`; noise is a share of one."""

    label: str
    make: Callable[[np.random.Generator, int, float], tuple[np.ndarray, np.ndarray]]
    regression: bool = False


def _disc(rng: np.random.Generator, n: int, inner: float, outer: float) -> np.ndarray:
    r, angle = rng.uniform(inner, outer, n), rng.uniform(0, 2 * np.pi, n)
    return np.stack([r * np.sin(angle), r * np.cos(angle)], axis=1)


def circle(rng: np.random.Generator, n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """A disc of radius 2.5 inside a ring from 3.5 to 5; noise moves the points, not the labels."""
    x = np.concatenate([_disc(rng, n // 2, 0.0, 2.5), _disc(rng, n - n // 2, 3.5, 5.0)])
    seen = x + 5.0 * noise * rng.uniform(-1, 1, x.shape)
    return x, (np.hypot(*seen.T) < 2.5).astype(float)


def xor(rng: np.random.Generator, n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Four squares, opposite ones alike, with a gap of 0.3 along the axes."""
    x = rng.uniform(-5, 5, (n, 2))
    x += 0.3 * np.where(x > 0, 1, -1)
    seen = x + 5.0 * noise * rng.uniform(-1, 1, x.shape)
    return x, (seen[:, 0] * seen[:, 1] >= 0).astype(float)


def gauss(rng: np.random.Generator, n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Two normal clouds around (2, 2) and (−2, −2), of variance 0.5 to 4 with the noise."""
    y = np.repeat([1.0, 0.0], [n // 2, n - n // 2])
    centre = np.where(y > 0, 2.0, -2.0)[:, None]
    return centre + np.sqrt(0.5 + 7 * noise) * rng.standard_normal((n, 2)), y


def spiral(rng: np.random.Generator, n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Two arms, each one and three quarters of a turn long."""
    y = np.repeat([1.0, 0.0], [n // 2, n - n // 2])
    share = np.concatenate([np.arange(n // 2) / (n // 2), np.arange(n - n // 2) / (n - n // 2)])
    angle = 3.5 * np.pi * share + np.where(y > 0, 0.0, np.pi)
    x = 5 * share[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return x + 2 * noise * rng.uniform(-1, 1, x.shape), y


def moons(rng: np.random.Generator, n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Two half circles that reach into each other."""
    y = np.repeat([1.0, 0.0], [n // 2, n - n // 2])
    angle = rng.uniform(0, np.pi, n)
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)
    x = 3.0 * np.where(y[:, None] > 0, upper, -upper)
    return x + (0.15 + 2 * noise) * rng.standard_normal((n, 2)), y


def plane(rng: np.random.Generator, n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """The value (x₁ + x₂)/10."""
    x = rng.uniform(-WINDOW, WINDOW, (n, 2))
    return x, x.sum(axis=1) / 10 + 0.5 * noise * rng.standard_normal(n)


def bumps(rng: np.random.Generator, n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Six bumps of radius 2, up and down in turn; the nearest one counts."""
    centres = [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]
    x = rng.uniform(-WINDOW, WINDOW, (n, 2))
    height = np.array(
        [s * np.maximum(0, 1 - np.hypot(x[:, 0] - a, x[:, 1] - b) / 2) for a, b, s in centres]
    )
    value = np.take_along_axis(height, np.abs(height).argmax(axis=0)[None], axis=0)[0]
    return x, value + 0.5 * noise * rng.standard_normal(n)


KINDS: dict[str, Kind] = {
    "circle": Kind("Circle", circle),
    "xor": Kind("XOR", xor),
    "gauss": Kind("Two clouds", gauss),
    "spiral": Kind("Spiral", spiral),
    "moons": Kind("Moons", moons),
    "plane": Kind("Plane", plane, True),
    "bumps": Kind("Bumps", bumps, True),
}


def samples(
    kind: str, n: int = 300, noise: float = 0.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return `x (n, 2)` and `y (n,)` of a set of `KINDS`; noise lies between 0 and 1/2.

    Raises `DataError` for an unknown kind, and for a number or a noise out of bounds.
    """
    if kind not in KINDS:
        raise DataError(f"unknown data {kind!r}; there is {', '.join(KINDS)}.")
    _check(n, noise)
    return KINDS[kind].make(np.random.default_rng(seed), n, noise)


def above(
    text: str, n: int = 300, noise: float = 0.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return points of the window, of class 1 where y > f(x) for the typed f.

    Raises `FormulaError` for text that is no formula of x.
    """
    _check(n, noise)
    curve = formula(text, ("x",))
    rng = np.random.default_rng(seed)
    x = rng.uniform(-WINDOW, WINDOW, (n, 2))
    seen = x + 5.0 * noise * rng.uniform(-1, 1, x.shape)
    with np.errstate(all="ignore"):
        height = np.broadcast_to(curve.value(seen[:, 0]), n)
    if np.isnan(height).all():
        raise FormulaError("the formula has no value between -6 and 6")
    return x, (seen[:, 1] > height).astype(float)


def _check(n: int, noise: float) -> None:
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or not 2 <= n <= MOST:
        raise DataError(f"n = {n} is not a whole number from 2 to {MOST}.")
    if not 0 <= noise <= 0.5:
        raise DataError(f"noise = {noise} lies outside 0 to 0.5.")


def split(x: Any, y: Any, share: float = 0.5, seed: int = 0) -> Split:
    """Return the samples in two parts, `share` of them, rounded, to learn from.

    At least one stays in the part to learn from; the order is drawn from the seed.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    order = np.random.default_rng([seed, 7]).permutation(len(x))
    count = max(1, min(len(x), int(round(share * len(x)))))
    learn, judge = order[:count], order[count:]
    return Split(x[learn], y[learn], x[judge], y[judge])


FEATURES: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "x1": ("x₁", lambda a, b: a),
    "x2": ("x₂", lambda a, b: b),
    "x1_squared": ("x₁²", lambda a, b: a * a),
    "x2_squared": ("x₂²", lambda a, b: b * b),
    "product": ("x₁x₂", lambda a, b: a * b),
    "sin_x1": ("sin x₁", lambda a, b: np.sin(a)),
    "sin_x2": ("sin x₂", lambda a, b: np.sin(b)),
}


def features(x: Any, names: Sequence[str]) -> np.ndarray:
    """Return the chosen features of points `(..., 2)`, shape `(..., len(names))`."""
    unknown = [name for name in names if name not in FEATURES]
    if unknown or not names:
        raise DataError(f"features are one or more of {', '.join(FEATURES)}.")
    x = np.asarray(x, float)
    return np.stack([FEATURES[name][1](x[..., 0], x[..., 1]) for name in names], axis=-1)


# --- a table of a visitor's -----------------------------------------------------------------------


def read_csv(data: bytes, most: int = MOST) -> tuple[np.ndarray, np.ndarray, str]:
    """Return `x (n, 2)` scaled to the window, `y (n,)` in 0 and 1, and a sentence on what was done.

    The last three columns count, the last of them is the class: two different words or numbers.
    Commas, semicolons and tabs separate, the first row may be a heading. Raises `DataError` saying
    which row cannot be read.
    """
    if len(data) > MOST_BYTES:
        raise DataError(f"the file is larger than {MOST_BYTES // 1000} kB.")
    rows = _rows(data)
    if not rows:
        raise DataError("the file is empty.")
    if not _numbers(rows[0][1]):
        rows = rows[1:]
    for number, cells in rows:
        if len(cells) < 3:
            raise DataError(
                f"row {number} has {len(cells)} cells; two features and a class make 3."
            )
        if not _numbers(cells):
            raise DataError(f"row {number}: a feature is not a finite number.")
    if len(rows) < 2:
        raise DataError("at least two rows of numbers are needed to learn from.")
    x = np.array([[float(cell) for cell in cells[-3:-1]] for _, cells in rows])
    classes = sorted({cells[-1].strip() for _, cells in rows})
    if len(classes) != 2:
        raise DataError(f"the last column has {len(classes)} different values; 2 are needed.")
    y = np.array([float(cells[-1].strip() == classes[1]) for _, cells in rows])
    told = f"{len(x)} rows, both features scaled to the window; 1 means “{classes[1][:20]}”."
    if len(x) > most:
        chosen = np.unique(np.linspace(0, len(x) - 1, most).astype(int))
        told = f"{len(x)} rows, {most} of them taken evenly. {told.split(', ', 1)[1]}"
        x, y = x[chosen], y[chosen]
    return _scaled(x), y, told


def _rows(data: bytes) -> list[tuple[int, list[str]]]:
    """Return the rows that are not empty, with their numbers in the file."""
    import csv

    text = data.decode("utf-8-sig", errors="replace").replace("\0", "")
    first = text.split("\n", 1)[0]
    separator = max(";\t,", key=first.count)
    try:
        table = list(csv.reader(text.splitlines(), delimiter=separator))
    except csv.Error:
        raise DataError("the file cannot be read as a table.") from None
    return [(i + 1, cells) for i, cells in enumerate(table) if any(c.strip() for c in cells)]


def _numbers(cells: Sequence[str]) -> bool:
    """Tell whether the two cells before the last are finite numbers."""
    try:
        return len(cells) >= 3 and bool(np.isfinite([float(c) for c in cells[-3:-1]]).all())
    except ValueError:
        return False


def _scaled(x: np.ndarray) -> np.ndarray:
    """Return the columns moved and stretched to ±5; a column that does not vary becomes zero."""
    lo, hi = x.min(axis=0) / 2, x.max(axis=0) / 2  # halves: the difference of two may overflow
    flat = hi - lo <= 1e-12 * np.maximum(np.abs(lo), np.abs(hi))
    return np.where(flat, 0.0, 10 * ((x / 2 - lo) / np.where(flat, 1.0, hi - lo)) - 5)
