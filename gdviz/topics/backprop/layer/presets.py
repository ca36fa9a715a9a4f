"""The presets of one layer."""

from dataclasses import replace
from functools import partial

import numpy as np

from gdviz.catalogue.preset import preset
from gdviz.topics.backprop.layer.settings import LayerPass, OneLayer, run


def _shapes_match(spec: OneLayer, found: LayerPass) -> bool:
    same = found.dW.shape == found.W.shape and found.dX.shape == found.X.shape
    return same and found.after < found.loss


def _is_steeper(spec: OneLayer, found: LayerPass) -> bool:
    """The sum of 16 copies is 16 times as steep as the sum of one, and training is lost."""
    once = run(replace(spec, repeats=1))
    return np.allclose(found.dW, 16 * once.dW) and (
        found.after > 1e3 or not np.isfinite(found.after)
    )


def _is_the_same(spec: OneLayer, found: LayerPass) -> bool:
    return np.allclose(found.dW, run(replace(spec, repeats=1)).dW)


def _is_lost(spec: OneLayer, found: LayerPass) -> bool:
    return bool(np.linalg.norm(found.dZ) < 0.75 * np.linalg.norm(found.dA))


_preset = partial(preset, OneLayer)


PRESETS = (
    _preset(
        "A batch through a layer",
        True,
        "Shapes tell it all: dW has W's, dX has X's, and so on.",
        _shapes_match,
    ),
    _preset(
        "Summed, copied 16 times",
        False,
        "The same samples 16 times: a sum is 16 times as steep, and the same η throws it out.",
        _is_steeper,
        repeats=16,
        reduction="sum",
        layer_activation="identity",
    ),
    _preset(
        "Averaged, copied 16 times",
        True,
        "The mean does not see the copies: the same gradient, the same path.",
        _is_the_same,
        repeats=16,
        layer_activation="identity",
    ),
    _preset(
        "Saturated",
        False,
        "Weights of 9: tanh is flat there, and much of the gradient is lost on its way back.",
        _is_lost,
        weights="9, -9, 9; -9, 9, 9",
    ),
)
