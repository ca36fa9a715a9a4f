"""The presets of the room *a line*: settings worth seeing, and why."""

from dataclasses import replace
from functools import partial

import numpy as np

from gdviz.catalogue.preset import preset
from gdviz.topics.regression.fit import LineFit, run
from gdviz.topics.regression.polynomial import fit_polynomial
from gdviz.topics.regression.settings import LineSettings


def _errors(found: LineFit, kind: str) -> np.ndarray:
    """Return how far each step is from the best line in loss."""
    fit = found.fits[kind]
    return fit.loss - found.goal.total(found.best[None])[0]


def _down_then_along(spec: LineSettings, found: LineFit) -> bool:
    """After three steps the steep direction is done, and most of the flat one is left."""
    fit = found.fits[spec.kinds[0]]
    parts = np.abs((fit.theta - found.best) @ found.eigen.vectors)
    flat, steep = parts[3] / parts[0]
    return bool(0.9 < fit.rate * found.eigen.values[-1] < 1.1 and steep < 0.02 and flat > 0.9)


def _over_fits(spec: LineSettings, found: LineFit) -> bool:
    """Degree 2, which made the points, fits them worse and the points held out far better."""
    true, fitted = (fit_polynomial(found, degree) for degree in (2, spec.degree))
    return bool(fitted.train < 0.5 * true.train and fitted.test > 4 * true.test)


def _round(spec: LineSettings, found: LineFit) -> bool:
    return bool(found.eigen.condition < 1.01)


def _swings_out(spec: LineSettings, found: LineFit) -> bool:
    rate, edge = found.fits[spec.kinds[0]].rate, found.eigen.edge
    return bool(
        edge < rate < 1.1 * edge
        and _errors(found, spec.kinds[0])[-1] > found.fits[spec.kinds[0]].loss[0]
    )


def _moved_by_huber(spec: LineSettings, found: LineFit) -> bool:
    """The best line of the other loss stands elsewhere."""
    other = run(replace(spec, loss="squared" if spec.loss == "huber" else "huber"))
    return bool(np.abs(found.raw(found.best) - other.raw(other.best)).max() > 0.3)


def _never_settles(spec: LineSettings, found: LineFit) -> bool:
    tail = {kind: np.ptp(found.fits[kind].loss[-20:]) for kind in ("batch", "sgd")}
    return bool(tail["batch"] < 1e-6 < tail["sgd"])


def _one_decides(spec: LineSettings, found: LineFit) -> bool:
    """All other points share one x: without the last one there is no slope."""
    return bool(np.sum(found.x == np.median(found.x)) == len(found.x) - 1)


_preset = partial(preset, LineSettings)

PRESETS = (
    _preset(
        "A good fit",
        True,
        "η near 1/L: down the wall at once, then along the valley.",
        _down_then_along,
        lr=0.029,
        steps=200,
    ),
    _preset(
        "Standardised",
        True,
        "The same points, x standardised: κ = 1, the bowl is round, every step points home.",
        _round,
        scale=True,
        lr=0.3,
        steps=30,
    ),
    _preset(
        "The 2/L edge",
        False,
        "Just beyond 2/L: the steps across the valley grow, and the line swings out of the window.",
        _swings_out,
        lr=0.0605,
        steps=40,
    ),
    _preset(
        "Outliers",
        False,
        "A few wild points drag the squared loss; drag one and see how far. Huber hardly minds.",
        _moved_by_huber,
        data="outliers",
        scale=True,
        lr=0.5,
        steps=40,
    ),
    _preset(
        "Huber",
        True,
        "The same outliers under Huber's loss: beyond δ a residual pulls no harder.",
        _moved_by_huber,
        data="outliers",
        loss="huber",
        scale=True,
        lr=0.5,
        steps=80,
    ),
    _preset(
        "SGD's cloud",
        True,
        "One seed, three kinds: single rows are noisy and never settle, all rows glide.",
        _never_settles,
        kinds=("batch", "mini", "sgd"),
        scale=True,
        lr=0.2,
        steps=100,
        statistic="gradients",
    ),
    _preset(
        "Anscombe IV",
        False,
        "One point decides the slope. Drag it: the line follows, whatever the others say.",
        _one_decides,
        data="anscombe_4",
        scale=True,
        lr=0.3,
        statistic="r2",
        w0=-0.2,
        b0=12.0,
        steps=40,
    ),
    _preset(
        "Over-fitting",
        False,
        "Degree 9 goes by the points it has seen, and is far off the rings, which it has not.",
        _over_fits,
        data="curve",
        held=0.4,
        degree=9,
        scale=True,
        lr=0.3,
        statistic="none",
    ),
)
