"""The presets of the rooms *many features* and *house prices*, and why each is worth seeing."""

from gdviz.topics.preset import Preset, every_knob
from gdviz.topics.regression_table import Houses, Many


def _many(label: str, good: bool, reason: str, **values: object) -> Preset:
    return Preset(label, good, reason, every_knob(Many, values))


def _houses(label: str, good: bool, reason: str, **values: object) -> Preset:
    return Preset(label, good, reason, every_knob(Houses, values))


MANY_PRESETS = (
    _many(
        "Well scaled",
        True,
        "A plane, standardised: every direction is learned at one pace.",
        table="plane",
    ),
    _many(
        "Diabetes",
        True,
        "κ is about 500: the steep directions come at once, the flat ones take thousands.",
    ),
    _many(
        "The 2/L edge",
        False,
        "Exactly 2/L: one direction swings for ever, and never settles.",
        share=1.0,
    ),
    _many(
        "Beyond the edge",
        False,
        "5 % beyond 2/L are enough: the error grows without end.",
        share=1.05,
        updates=600,
    ),
    _many(
        "Unscaled",
        False,
        "Square metres beside rooms: κ is in the thousands, and so are the steps.",
        table="unscaled",
        standard=False,
    ),
    _many(
        "Collinear",
        False,
        "Two features say the same: their difference is hardly learned at all.",
        table="collinear",
        updates=1000,
    ),
    _many(
        "Over-fit",
        False,
        "Powers of x on few points: the error held out rises while the other falls.",
        table="polynomial",
        rule="lbfgs",
        updates=60,
        held=0.7,
    ),
    _many(
        "Lasso",
        True,
        "An l1 of 5: most weights of diabetes are exactly zero.",
        l1=5.0,
        updates=1000,
    ),
)
HOUSES_PRESETS = (
    _houses("Honest", True, "Split first; impute, encode and scale by the training rows alone."),
    _houses(
        "Powers and ridge",
        True,
        "Squares and products of the numbers, held back by ridge.",
        powers=2,
        ridge=0.001,
    ),
    _houses(
        "Leaking",
        False,
        "A feature made from the price of all rows: the score is a lie.",
        leak="target",
    ),
    _houses(
        "Scaled before the split",
        False,
        "The scaler has seen the test rows: small here, and wrong all the same.",
        leak="rows",
    ),
)
