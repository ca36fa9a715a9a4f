"""The presets of one layer."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.backprop.layer.settings import OneLayer

_preset = partial(preset, OneLayer)


PRESETS = (
    _preset(
        "A batch through a layer", True, "Shapes tell it all: dW has W's, dX has X's, and so on."
    ),
    _preset(
        "Summed, copied 16 times",
        False,
        "The same samples 16 times: a sum is 16 times as steep, and the same η throws it out.",
        repeats=16,
        reduction="sum",
        layer_activation="identity",
    ),
    _preset(
        "Averaged, copied 16 times",
        True,
        "The mean does not see the copies: the same gradient, the same path.",
        repeats=16,
        layer_activation="identity",
    ),
    _preset(
        "Saturated",
        False,
        "Weights of 9: tanh is flat there, and much of the gradient is lost on its way back.",
        weights="9, -9, 9; -9, 9, 9",
    ),
)
