"""The presets of the room *house prices*, and why each is worth seeing."""

from dataclasses import replace
from functools import partial

import numpy as np

from gdviz.catalogue.preset import preset
from gdviz.topics.regression.houses.settings import Houses, Priced, run


def _honest(spec: Houses, done: Priced) -> bool:
    """Whether a number is centred by the training rows, and only nearly so in the others."""
    train, test = (abs(np.mean(X[:, 0])) for X in (done.shown.X_train, done.shown.X_test))
    return done.shown is done.honest and bool(train < 1e-9 < 1e-3 < test)


def _more_held_back(spec: Houses, done: Priced) -> bool:
    """Whether there are products, and their weights are shorter than without the ridge."""
    free, plain = run(replace(spec, ridge=0.0)).shown, run(replace(spec, powers=1)).shown
    shorter = np.linalg.norm(done.shown.weights) < 0.9 * np.linalg.norm(free.weights)
    return len(done.shown.names) > len(plain.names) and bool(shorter)


def _lies(spec: Houses, done: Priced) -> bool:
    return spec.leak == "target" and done.shown.on_test.mse < 0.9 * done.honest.on_test.mse


def _hardly_matters(spec: Houses, done: Priced) -> bool:
    """Whether other columns went in, the score is the same to four digits, and a penalty minds."""
    seen = not np.array_equal(done.shown.X_train, done.honest.X_train)
    plain, held = (
        each.shown.on_test.mse / each.honest.on_test.mse - 1
        for each in (done, run(replace(spec, ridge=0.1)))
    )
    return seen and abs(plain) < 1e-4 and abs(held - plain) > 1e-6


_preset = partial(preset, Houses)

PRESETS = (
    _preset(
        "Honest",
        True,
        "Split first; impute, encode and scale by the training rows alone.",
        _honest,
    ),
    _preset(
        "Powers and ridge",
        True,
        "Squares and products of the numbers, held back by ridge.",
        _more_held_back,
        powers=2,
        ridge=0.001,
    ),
    _preset(
        "Leaking",
        False,
        "A feature made from the price of all rows: the score is a lie.",
        _lies,
        leak="target",
    ),
    _preset(
        "Scaled before the split",
        False,
        "The scaler has seen the test rows. Least squares does not mind how columns are scaled, so "
        "the score hardly moves; a penalty minds.",
        _hardly_matters,
        leak="rows",
    ),
)
