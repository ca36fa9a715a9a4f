"""The losses of linear models, as functions of the predictor z = Xw + b and the target y.

Each is a mean over the rows; a row's loss is here with its slope in z and a bound of its curvature.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.activations import sigmoid, softplus


class RegressionLoss(NamedTuple):
    """`value(z, y, delta)` and `slope(z, y, delta)` per row; `curvature` bounds the second one.

    `second(z, y, delta)` is the curvature itself. The absolute loss has a kink for one: None.
    """

    label: str
    value: Callable[[Any, Any, float], Any]
    slope: Callable[[Any, Any, float], Any]
    curvature: float | None
    formula: str
    second: Callable[[Any, Any, float], Any] | None


def _squared(z: Any, y: Any, delta: float) -> Any:
    return (z - y) ** 2 / 2


def _squared_slope(z: Any, y: Any, delta: float) -> Any:
    return z - y


def _squared_second(z: Any, y: Any, delta: float) -> Any:
    return np.ones_like(z)


def _huber(z: Any, y: Any, delta: float) -> Any:
    size = np.abs(z - y)
    near = np.minimum(size, delta)
    return near * (size - near / 2)


def _huber_slope(z: Any, y: Any, delta: float) -> Any:
    return np.clip(z - y, -delta, delta)


def _huber_second(z: Any, y: Any, delta: float) -> Any:
    return (np.abs(z - y) <= delta).astype(float)


def _absolute(z: Any, y: Any, delta: float) -> Any:
    return np.abs(z - y)


def _absolute_slope(z: Any, y: Any, delta: float) -> Any:
    return np.sign(z - y)


def _logistic(z: Any, y: Any, delta: float) -> Any:
    """−log p(y) from the logit z, log(1 + eᶻ) − yz, without overflow at either end."""
    return softplus(np.where(y > 0.5, -z, z))


def _logistic_slope(z: Any, y: Any, delta: float) -> Any:
    return sigmoid(z) - y


def _logistic_second(z: Any, y: Any, delta: float) -> Any:
    return sigmoid(z) * sigmoid(-z)


# Functions with a name, not lambdas: a result that holds one can be pickled.
LOSSES = {
    "squared": RegressionLoss(
        "squared error",
        _squared,
        _squared_slope,
        1.0,
        r"\tfrac12 (\hat y - y)^2",
        _squared_second,
    ),
    "huber": RegressionLoss(
        "Huber",
        _huber,
        _huber_slope,
        1.0,
        r"\tfrac12 r^2 \text{ if } |r| \le \delta \text{, else } \delta(|r| - \tfrac12\delta)",
        _huber_second,
    ),
    "absolute": RegressionLoss(
        "absolute error",
        _absolute,
        _absolute_slope,
        None,
        r"|\hat y - y|",
        None,
    ),
    "logistic": RegressionLoss(
        "logistic",
        _logistic,
        _logistic_slope,
        0.25,
        r"\log(1 + e^{z}) - yz",
        _logistic_second,
    ),
}
