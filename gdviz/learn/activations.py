"""The activations of a network and their slopes, stable for every float."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

LEAK = 0.01  # slope of the leaky ReLU below zero, PyTorch's default
Activations = str | Sequence[str]  # one name for every hidden layer, or one for each
_ROOT_HALF, _ROOT_2PI = 0.5**0.5, (2 * np.pi) ** 0.5


class Activation(NamedTuple):
    """A function of the pre-activation z and its derivative, both elementwise, and its LaTeX."""

    label: str
    value: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    latex: str


def sigmoid(z: Any) -> Any:
    """Return 1/(1 + e⁻ᶻ) without overflow: the exponential is always of −|z|."""
    small = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0, small) / (1 + small)


def softplus(z: Any) -> Any:
    """Return log(1 + eᶻ) = max(z, 0) + log1p(e^−|z|), exact in both tails."""
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _sigmoid_slope(z: Any) -> Any:
    small = np.exp(-np.abs(z))
    return small / (1 + small) ** 2


def _tanh_slope(z: Any) -> Any:
    """Return sech² z = 4σ(2z)(1 − σ(2z)), which is never negative and keeps its digits far out."""
    return 4 * _sigmoid_slope(2 * np.asarray(z, float))


def _normal(z: Any) -> Any:
    from scipy.special import erfc

    return 0.5 * erfc(-_ROOT_HALF * np.asarray(z, float))


def _gelu_slope(z: Any) -> Any:
    z = np.asarray(z, float)
    return _normal(z) + z * np.exp(-0.5 * z * z) / _ROOT_2PI


def _silu_slope(z: Any) -> Any:
    s = sigmoid(z)
    return s * (1 + z * sigmoid(-np.asarray(z, float)))


ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation("identity", lambda z: z * 1.0, np.ones_like, "z"),
    "sigmoid": Activation("sigmoid", sigmoid, _sigmoid_slope, r"\frac{1}{1 + e^{-z}}"),
    "tanh": Activation("tanh", np.tanh, _tanh_slope, r"\tanh z"),
    "relu": Activation(
        "ReLU", lambda z: np.maximum(z, 0.0), lambda z: np.where(z > 0, 1.0, 0.0), r"\max(z, 0)"
    ),
    "leaky_relu": Activation(
        "leaky ReLU",
        lambda z: np.where(z > 0, z, LEAK * z),
        lambda z: np.where(z > 0, 1.0, LEAK),
        r"\max(z, 0.01 z)",
    ),
    "gelu": Activation("GELU", lambda z: z * _normal(z), _gelu_slope, r"z\,\Phi(z)"),
    "silu": Activation("SiLU", lambda z: z * sigmoid(z), _silu_slope, r"z\,\sigma(z)"),
    "softplus": Activation("softplus", softplus, sigmoid, r"\log(1 + e^z)"),
}


def activation_of(name: str) -> Activation:
    """Return an activation by name; raise `ValueError` for an unknown one."""
    if name not in ACTIVATIONS:
        raise ValueError(f"unknown activation {name!r}; there is {', '.join(ACTIVATIONS)}.")
    return ACTIVATIONS[name]


def names_of_layers(activation: Activations, hidden: int) -> tuple[str, ...]:
    """Return the name of the activation of each of `hidden` layers.

    Raises `ValueError` for unknown names, and unless there is one for all or one for each.
    """
    if isinstance(activation, str):
        activation_of(activation)
        return (activation,) * hidden
    names = tuple(activation)
    for name in names:
        activation_of(name)
    if len(names) != hidden:
        raise ValueError(f"{len(names)} activations for {hidden} hidden layers.")
    return names
