"""Losses of logits: the output layer is linear, and the loss knows what its numbers mean.

Each loss is the mean over samples and outputs, and comes with its δ, the derivative by the logits,
divided by the same number. From probabilities instead, a saturated sigmoid gives 0·log 0.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.activations import sigmoid, softplus


class NetworkLoss(NamedTuple):
    """`value(z, y)` per sample and output, its derivative `delta(z, y)`, both before the mean."""

    label: str
    value: Callable[[Any, Any], Any]
    delta: Callable[[Any, Any], Any]
    latex: str
    delta_latex: str


def log_sum_exp(z: Any) -> Any:
    """Return log Σ e^z over the last axis, kept: the largest is taken out first."""
    top = np.max(z, axis=-1, keepdims=True)
    return top + np.log(np.exp(z - top).sum(axis=-1, keepdims=True))


def softmax(z: Any) -> Any:
    """Return e^z / Σ e^z over the last axis."""
    small = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return small / small.sum(axis=-1, keepdims=True)


def _bce(z: Any, y: Any) -> Any:
    """Return log(1 + eᶻ) − yz, written so that no large number is subtracted from another."""
    return y * softplus(-z) + (1 - y) * softplus(z)


def _cross_entropy(z: Any, y: Any) -> Any:
    """Return −Σ y log softmax(z); times k, since the mean to come is over the k outputs as well."""
    return y * (log_sum_exp(z) - z) * z.shape[-1]


def _squared_sigmoid_delta(z: Any, y: Any) -> Any:
    p = sigmoid(z)
    return 2 * (p - y) * p * sigmoid(-z)


LOSSES: dict[str, NetworkLoss] = {
    "bce": NetworkLoss(
        "binary cross-entropy",
        _bce,
        lambda z, y: sigmoid(z) - y,
        r"\log(1 + e^z) - yz",
        r"\sigma(z) - y",
    ),
    "cross_entropy": NetworkLoss(
        "softmax cross-entropy",
        _cross_entropy,
        lambda z, y: (softmax(z) - y) * z.shape[-1],
        r"-\sum_j y_j \log \mathrm{softmax}(z)_j",
        r"\mathrm{softmax}(z) - y",
    ),
    "mse": NetworkLoss(
        "squared error",
        lambda z, y: (z - y) ** 2,
        lambda z, y: 2 * (z - y),
        "(z - y)^2",
        "2(z - y)",
    ),
    "sigmoid_mse": NetworkLoss(
        "squared error of a sigmoid",
        lambda z, y: (sigmoid(z) - y) ** 2,
        _squared_sigmoid_delta,
        r"(\sigma(z) - y)^2",
        r"2(\sigma(z) - y)\,\sigma'(z)",
    ),
}
CLASSIFIES = {"bce", "cross_entropy", "sigmoid_mse"}


def loss_of(name: str) -> NetworkLoss:
    """Return a loss by name; raise `ValueError` for an unknown one."""
    if name not in LOSSES:
        raise ValueError(f"unknown loss {name!r}; there is {', '.join(LOSSES)}.")
    return LOSSES[name]


def targets(y: Any, loss: str, n: int, k: int) -> np.ndarray:
    """Return y as floats `(n, k)`; whole labels `(n,)` become one-hot rows for the cross-entropy.

    Raises `ValueError` where y does not fit: another number of samples, another width (a `(n,)`
    against a `(n, 1)` would broadcast to `(n, n)`), labels that a loss cannot mean, a value that is
    not finite.
    """
    table = finite_floats(y, "y")
    if loss == "cross_entropy" and (table.ndim == 1 or (table.ndim == 2 and table.shape[1] != k)):
        table = _one_hot(table.reshape(-1), k)
    if table.ndim == 1:
        table = table[:, None]
    if table.shape != (n, k):
        raise ValueError(
            f"y has the shape {np.shape(y)}; {n} samples of {k} outputs need {(n, k)}."
        )
    if loss in CLASSIFIES and not ((table >= 0) & (table <= 1)).all():
        raise ValueError(f"y holds {_outside(table):g}; labels of {loss} lie between 0 and 1.")
    if loss == "cross_entropy" and not np.allclose(table.sum(axis=1), 1.0):
        raise ValueError("a row of y does not sum to 1, as the cross-entropy needs.")
    return table


def finite_floats(values: Any, name: str) -> np.ndarray:
    """Return a copy as finite floats; ValueError names what is not."""
    try:
        if np.asarray(values).dtype.kind in "cmM":  # NumPy would drop what is imaginary
            raise TypeError
        table = np.array(values, dtype=float, order="C")  # a copy: what is given may be read-only
    except (TypeError, ValueError):
        raise ValueError(f"{name} is not an array of numbers.") from None
    if not np.isfinite(table).all():
        rows = np.unique(np.argwhere(~np.isfinite(table))[:, 0]) if table.ndim else [0]
        raise ValueError(f"{name} is not finite in row {rows[0]}; {len(rows)} such rows in all.")
    return table


def _one_hot(labels: np.ndarray, k: int) -> np.ndarray:
    if not ((labels == np.floor(labels)) & (labels >= 0) & (labels < k)).all():
        raise ValueError(f"labels of {k} classes are the whole numbers 0 to {k - 1}.")
    return np.eye(k)[labels.astype(int)]


def _outside(table: np.ndarray) -> float:
    return float(table[(table < 0) | (table > 1)][0])
