"""Double descent, a room of *regression*: its knobs, and the errors over the number of features."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.knobs import Choice, Range
from gdviz.learn.feature_maps import FEATURE_MAPS
from gdviz.learn.minimum_norm import least_squares_descent
from gdviz.one_thread import one_thread

MOST_FEATURES = 200
LAST = 1_000_000  # steps of the last frame before the end of all steps
NEW = (np.arange(400) + 0.5) / 200 - 1  # the new x of the test error


class Truth(NamedTuple):
    """What the points lie around: `value(x)`."""

    label: str
    value: Callable[[Any], Any]


TRUTHS = {
    "wave": Truth("a wave, sin 4x", lambda x: np.sin(4 * x)),
    "ripple": Truth("a quick wave, sin 12x", lambda x: np.sin(12 * x)),
    "step": Truth("a step", lambda x: np.where(np.asarray(x) > 0, 1.0, -1.0)),
    "parabola": Truth("a parabola, 2x² − 1", lambda x: 2 * np.asarray(x) ** 2 - 1),
}


@dataclass(frozen=True)
class DoubleDescent:
    """Everything that the room *double descent* can be asked; `p` is the number under the hand."""

    truth: Annotated[str, Choice({k: t.label for k, t in TRUTHS.items()}, "the truth")] = "wave"
    basis: Annotated[str, Choice({k: m.label for k, m in FEATURE_MAPS.items()}, "features")] = (
        "waves"
    )
    p: Annotated[
        int,
        Range(
            1, MOST_FEATURES, "features p",
            "Drag the handle at the right. Of polynomials the degree is p − 1.",
        ),
    ] = 15  # fmt: skip
    rows: Annotated[int, Range(4, 40, "points n")] = 15
    sigma: Annotated[float, Range(0.0, 2.0, "noise of y, σ")] = 0.3
    ridge: Annotated[
        float, Range(0.0, 1.0, "ridge λ", "λ/2 |w|² is added to the half mean squared error.")
    ] = 0.0
    stop: Annotated[
        int,
        Range(0, LAST, "stop after step", "Of gradient descent with η = 1/L from 0. 0: never."),
    ] = 0
    sample: Annotated[int, Range(0, 9999, "seed of the points")] = 6
    drawn: Annotated[int, Range(0, 9999, "seed of the features")] = 6


class Errors(NamedTuple):
    """Mean squared errors over the number of features `p (k,)`, after `steps (t,)` steps.

    `train (t, k)` is at the points x, y `(n,)`; `test (t, k)` is what a new point is off by, its
    noise included; `norm (t, k)` is |w|. `rank (k,)` and `smallest (k,)`, the least singular value,
    are of the table of features. `plain (k,)` is the test error of least norm, without a ridge.
    """

    x: np.ndarray
    y: np.ndarray
    p: np.ndarray
    steps: np.ndarray
    train: np.ndarray
    test: np.ndarray
    norm: np.ndarray
    rank: np.ndarray
    smallest: np.ndarray
    plain: np.ndarray


class FeatureFit(NamedTuple):
    """The fit of one number of features: weights `(t, p)`, both errors `(t,)`."""

    weights: np.ndarray
    train: np.ndarray
    test: np.ndarray
    rank: int
    smallest: float


def points_of(spec: DoubleDescent) -> tuple[np.ndarray, np.ndarray]:
    """Return the points x, y `(n,)`: x uniform between −1 and 1, y normal around the truth."""
    rng = np.random.default_rng(spec.sample)
    x = np.sort(rng.uniform(-1, 1, spec.rows))
    return x, TRUTHS[spec.truth].value(x) + spec.sigma * rng.standard_normal(spec.rows)


def features_of(spec: DoubleDescent, x: Any, p: int) -> np.ndarray:
    """Return the first p features of numbers x, `(n, p)`."""
    return FEATURE_MAPS[spec.basis].make(x, p, spec.drawn)


def steps_of(spec: DoubleDescent) -> np.ndarray:
    """Return the numbers of steps that are frames: none, 1, then more and more, and the last."""
    last = spec.stop or LAST
    steps = np.unique(np.geomspace(1, last, 25).round())
    return np.concatenate([[0.0], steps, [] if spec.stop else [np.inf]])


def counts_of(spec: DoubleDescent) -> np.ndarray:
    """Return the numbers of features that are tried: all up to 2n, then ever fewer."""
    beyond = np.geomspace(2 * spec.rows, MOST_FEATURES, 16).round().astype(int)
    return np.union1d(np.arange(1, 2 * spec.rows + 1), beyond)


def fit(spec: DoubleDescent, p: int, steps: np.ndarray) -> FeatureFit:
    """Return the fit of p features after each number of steps."""
    x, y = points_of(spec)
    A = features_of(spec, x, p)
    found = least_squares_descent(A, y, steps, spec.ridge)
    new = found.weights @ features_of(spec, NEW, p).T - TRUTHS[spec.truth].value(NEW)
    train = np.mean((found.weights @ A.T - y) ** 2, axis=1)
    test = np.mean(new**2, axis=1) + spec.sigma**2
    return FeatureFit(found.weights, train, test, found.rank, found.smallest)


def curve_of(spec: DoubleDescent) -> FeatureFit:
    """Return the fit of the number of features that is under the hand."""
    return fit(spec, spec.p, steps_of(spec))


def run(spec: DoubleDescent) -> Errors:
    """Return the errors over the number of features."""
    return _run(replace(spec, p=1))  # whatever is under the hand


@cached
def _run(spec: DoubleDescent) -> Errors:
    steps, counts = steps_of(spec), counts_of(spec)
    with one_thread():
        found = [fit(spec, p, steps) for p in counts.tolist()]
    train, test, norm = (
        np.array(table).T
        for table in zip(
            *((one.train, one.test, np.linalg.norm(one.weights, axis=1)) for one in found),
            strict=True,
        )
    )
    rank, smallest = (
        np.array([getattr(one, name) for one in found]) for name in ("rank", "smallest")
    )
    plain = test[-1]
    if spec.ridge or spec.stop:
        plain = _run(replace(spec, ridge=0.0, stop=0)).test[-1]
    return Errors(*points_of(spec), counts, steps, train, test, norm, rank, smallest, plain)


DRAWS = 20


def over_draws(spec: DoubleDescent) -> Iterator[tuple[float, np.ndarray]]:
    """Yield the share done and the test errors of 20 draws of points and features, `(draws, k)`."""
    rows = []
    for i in range(DRAWS):
        other = replace(spec, sample=(spec.sample + i) % 10_000, drawn=(spec.drawn + i) % 10_000)
        rows.append(run(other).test[-1])
        yield (i + 1) / DRAWS, np.array(rows)


def numbers(done: Errors) -> dict[str, dict[str, np.ndarray]]:
    """Return the errors over p at the end, and over the steps for each p, as tables."""
    end = {"p": done.p, "train_mse": done.train[-1], "test_mse": done.test[-1]}
    more = {"norm": done.norm[-1], "rank": done.rank, "least_norm_test_mse": done.plain}
    at = np.meshgrid(done.steps, done.p, indexing="ij")
    way = {"step": at[0].ravel(), "p": at[1].ravel()}
    errors = {"train_mse": done.train.ravel(), "test_mse": done.test.ravel()}
    return {"over_p": end | more, "over_steps": way | errors}
