"""Data for the playground: features in the window [−6, 6]², classes 0 and 1, or a value.

The shapes are those that people know from TensorFlow Playground (Smilkov & Carter 2016), from their
description; all randomness comes from a seed.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdviz.expressions import FormulaError, formula

WINDOW = 6.0
MOST = 500  # samples of a set


class DataError(ValueError):
    """Data that cannot be used; the message is fit for a page."""


class Split(NamedTuple):
    """Samples to learn from and samples to be judged by: `x (n, 2 to 6)`, `y (n,)` of each."""

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class Kind(NamedTuple):
    """A set by its label: `make(rng, n, noise) -> (x (n, columns), y)`; noise is a share of one."""

    label: str
    make: Callable[[np.random.Generator, int, float], tuple[np.ndarray, np.ndarray]]
    regression: bool = False
    columns: int = 2


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


def sum_of_three(rng: np.random.Generator, n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Three normal features of deviation 3, cut at ±6; class 1 where their sum is above 0."""
    x = np.clip(3 * rng.standard_normal((n, 3)), -WINDOW, WINDOW)
    seen = x + 5.0 * noise * rng.uniform(-1, 1, x.shape)
    return x, (seen.sum(axis=1) > 0).astype(float)


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
    "sum": Kind("x₁ + x₂ + x₃ > 0", sum_of_three, columns=3),
    "plane": Kind("Plane", plane, True),
    "bumps": Kind("Bumps", bumps, True),
}


def samples(
    kind: str, n: int = 300, noise: float = 0.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return `x (n, columns)` and `y (n,)` of a set of `KINDS`; noise lies between 0 and 1/2.

    Raises `DataError` for an unknown kind, and for a number or a noise out of bounds.
    """
    if kind not in KINDS:
        raise DataError(f"unknown data {kind!r}; there is {', '.join(KINDS)}.")
    _check(n, noise)
    return KINDS[kind].make(np.random.default_rng(seed), n, noise)


def narrow_samples(kind: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return `samples` as a network learns them: a third of the coordinates, `y (n, 1)`."""
    x, y = samples(kind, n)
    return x / 3, y[:, None]


def loss_for(kind: str, asked: str) -> str:
    """Return the loss by which a set is learnt: values by the squared error, classes as `asked`."""
    return "mse" if KINDS[kind].regression else asked


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


FEATURES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "x1": ("x₁", lambda x: x[..., 0]),
    "x2": ("x₂", lambda x: x[..., 1]),
    "x1_squared": ("x₁²", lambda x: x[..., 0] ** 2),
    "x2_squared": ("x₂²", lambda x: x[..., 1] ** 2),
    "product": ("x₁x₂", lambda x: x[..., 0] * x[..., 1]),
    "sin_x1": ("sin x₁", lambda x: np.sin(x[..., 0])),
    "sin_x2": ("sin x₂", lambda x: np.sin(x[..., 1])),
    "x3": ("x₃", lambda x: x[..., 2]),
    "x4": ("x₄", lambda x: x[..., 3]),
    "x5": ("x₅", lambda x: x[..., 4]),
    "x6": ("x₆", lambda x: x[..., 5]),
}
COLUMNS = 6  # of a point, at most


def with_all_columns(x: Any) -> np.ndarray:
    """Return points `(..., 2 to 6)` with six coordinates: those that they do not have are 0."""
    x = np.asarray(x, float)
    return np.concatenate([x, np.zeros((*x.shape[:-1], COLUMNS - x.shape[-1]))], axis=-1)


def features(x: Any, names: Sequence[str]) -> np.ndarray:
    """Return the chosen features of points `(..., 2 to 6)`, shape `(..., len(names))`."""
    unknown = [name for name in names if name not in FEATURES]
    if unknown or not names:
        raise DataError(f"features are one or more of {', '.join(FEATURES)}.")
    x = with_all_columns(x)
    return np.stack([FEATURES[name][1](x) for name in names], axis=-1)
