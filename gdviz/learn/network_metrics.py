"""How good the classes are that a network gives."""

from typing import Any

import numpy as np

from gdviz.learn.activations import Activations
from gdviz.learn.network import (
    Params,
    forward,
)
from gdviz.learn.network_losses import targets


def accuracy(params: Params, X: Any, y: Any, activation: Activations, loss: str) -> float:
    """Return the share of samples whose class is right: the largest logit, or the sign of one."""
    z = forward(params, X, activation)
    return float(np.mean(correct(z, targets(y, loss, len(z), z.shape[-1]))))


def correct(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Tell of each sample whether its class is right, from logits and targets `(..., n, k)`."""
    if z.shape[-1] == 1:
        return (z[..., 0] > 0) == (y[..., 0] > 0.5)
    return z.argmax(axis=-1) == y.argmax(axis=-1)
