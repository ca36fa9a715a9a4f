"""The presets of the room *house prices*, and why each is worth seeing."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.regression.houses.settings import Houses

_preset = partial(preset, Houses)

PRESETS = (
    _preset("Honest", True, "Split first; impute, encode and scale by the training rows alone."),
    _preset(
        "Powers and ridge",
        True,
        "Squares and products of the numbers, held back by ridge.",
        powers=2,
        ridge=0.001,
    ),
    _preset(
        "Leaking",
        False,
        "A feature made from the price of all rows: the score is a lie.",
        leak="target",
    ),
    _preset(
        "Scaled before the split",
        False,
        "The scaler has seen the test rows: small here, and wrong all the same.",
        leak="rows",
    ),
)
