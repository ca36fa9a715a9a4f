"""The presets of the room *many features*, and why each is worth seeing."""

from functools import partial

import numpy as np

from gdviz.catalogue.preset import preset
from gdviz.topics.regression.many.settings import Many, ManyTraining


def _one_pace(spec: Many, done: ManyTraining) -> bool:
    return bool(done.eigen.condition < 3)


def _is_472(spec: Many, done: ManyTraining) -> bool:
    return bool(round(done.eigen.condition) == 472)


def _swings(spec: Many, done: ManyTraining) -> bool:
    """η is 2/L: the steepest direction comes back to where it was, and the loss stays above."""
    return bool(
        abs(done.fit.rate / done.eigen.edge - 1) < 1e-6 and not done.fit.status == "converged"
    )


def _grows(spec: Many, done: ManyTraining) -> bool:
    return bool(not np.isfinite(done.fit.loss[-1]) or done.fit.loss[-1] > 10 * done.fit.loss[0])


def _far_from_enough(spec: Many, done: ManyTraining) -> bool:
    """At κ steps of 1/L the flattest direction would still keep a third of its error."""
    left = (1 - done.fit.rate * done.eigen.values[0]) ** done.eigen.condition
    return bool(1.4e5 < done.eigen.condition < 1.6e5 and left > 1 / 3)


def _hardly_learned(spec: Many, done: ManyTraining) -> bool:
    """The flattest direction loses less than a tenth of its error in the whole training."""
    values = np.sort(done.eigen.values)
    return bool(
        (1 - done.fit.rate * values[0]) ** len(done.fit.loss) > 0.9 and values[1] > 1e3 * values[0]
    )


def _rises(spec: Many, done: ManyTraining) -> bool:
    return bool(done.train[-1] < done.train[1] and done.test[-1] > 1.2 * done.test.min())


def _half_are_zero(spec: Many, done: ManyTraining) -> bool:
    return bool(np.sum(done.fit.weights[-1] == 0) == 5)


_preset = partial(preset, Many)

PRESETS = (
    _preset(
        "Well scaled",
        True,
        "A plane, standardised: every direction is learned at about one pace.",
        _one_pace,
        table="plane",
    ),
    _preset(
        "Diabetes",
        True,
        "κ is 472: the steep directions come at once, the flat ones take thousands.",
        _is_472,
    ),
    _preset(
        "The 2/L edge",
        False,
        "Exactly 2/L: one direction swings for ever, and never settles.",
        _swings,
        share=1.0,
    ),
    _preset(
        "Beyond the edge",
        False,
        "5 % beyond 2/L are enough: the error grows without end.",
        _grows,
        share=1.05,
        updates=600,
    ),
    _preset(
        "Unscaled",
        False,
        "Square metres beside rooms: κ is 150,000, and so many steps would not be enough.",
        _far_from_enough,
        table="unscaled",
        standard=False,
    ),
    _preset(
        "Collinear",
        False,
        "One feature is nearly a mixture of the other two: that direction is hardly learned at "
        "all.",
        _hardly_learned,
        table="collinear",
        updates=1000,
    ),
    _preset(
        "Over-fit",
        False,
        "Powers of x on few points: the error held out rises while the other falls.",
        _rises,
        table="polynomial",
        rule="lbfgs",
        updates=60,
        held=0.7,
    ),
    _preset(
        "Lasso",
        True,
        "An l1 of 5: half of the weights of diabetes are exactly zero.",
        _half_are_zero,
        l1=5.0,
        updates=1000,
    ),
)
