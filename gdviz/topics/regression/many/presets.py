"""The presets of the room *many features*, and why each is worth seeing."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.regression.many.settings import Many

_preset = partial(preset, Many)

PRESETS = (
    _preset(
        "Well scaled",
        True,
        "A plane, standardised: every direction is learned at one pace.",
        table="plane",
    ),
    _preset(
        "Diabetes",
        True,
        "κ is 472: the steep directions come at once, the flat ones take thousands.",
    ),
    _preset(
        "The 2/L edge",
        False,
        "Exactly 2/L: one direction swings for ever, and never settles.",
        share=1.0,
    ),
    _preset(
        "Beyond the edge",
        False,
        "5 % beyond 2/L are enough: the error grows without end.",
        share=1.05,
        updates=600,
    ),
    _preset(
        "Unscaled",
        False,
        "Square metres beside rooms: κ is 150,000, and so many steps would not be enough.",
        table="unscaled",
        standard=False,
    ),
    _preset(
        "Collinear",
        False,
        "One feature is nearly a mixture of the other two: that direction is hardly learned at "
        "all.",
        table="collinear",
        updates=1000,
    ),
    _preset(
        "Over-fit",
        False,
        "Powers of x on few points: the error held out rises while the other falls.",
        table="polynomial",
        rule="lbfgs",
        updates=60,
        held=0.7,
    ),
    _preset(
        "Lasso",
        True,
        "An l1 of 5: half of the weights of diabetes are exactly zero.",
        l1=5.0,
        updates=1000,
    ),
)
