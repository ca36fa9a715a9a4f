"""A multi-layer perceptron from scratch, functional: parameters in, values and gradients out.

`params` is a list of `(W, b)`, W of shape (in, out) and b (out,). The output layer is linear: what
comes out are logits. Gradients are returned, never applied. Leading axes of W and b are a batch
of networks: a line search tries forty at once.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.activations import ACTIVATIONS, Activations, names_of_layers
from gdviz.learn.network_losses import finite_floats, loss_of, targets

Params = list[tuple[np.ndarray, np.ndarray]]
SCHEMES = {
    "zeros": "zeros",
    "normal": "N(0, 0.01²)",
    "uniform": "uniform ±1/√in",
    "xavier": "Xavier",
    "he": "He",
    "lecun": "LeCun",
}


def init_params(
    sizes: Sequence[int], scheme: str = "xavier", seed: int = 0, scale: float = 1.0
) -> Params:
    """Return the weights of layers of these sizes, `[(W (in, out), b (out,)), ...]`, biases zero.

    The variance of a weight is 2/(in + out) for `xavier` (Glorot & Bengio 2010, eq. 12), 2/in for
    `he` (He et al. 2015, eq. 10), 1/in for `lecun` (LeCun et al. 1998, section 4.6), 0.01² for
    `normal`, 1/(3 in) for `uniform`; `scale` multiplies every weight.
    Raises `ValueError` for an unknown scheme and for sizes that are no layers.
    """
    widths = _checked_sizes(sizes)
    if scheme not in SCHEMES:
        raise ValueError(f"unknown scheme {scheme!r}; there is {', '.join(SCHEMES)}.")
    if not np.isfinite(scale):
        raise ValueError(f"scale = {scale} is not a finite number.")
    rng = np.random.default_rng(seed)
    pairs = zip(widths[:-1], widths[1:], strict=True)
    return [(scale * _weights(rng, scheme, i, o), np.zeros(o)) for i, o in pairs]


def _checked_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    whole = [isinstance(s, int | np.integer) and not isinstance(s, bool) and s > 0 for s in sizes]
    if len(whole) < 2 or not all(whole):
        raise ValueError(f"sizes = {list(sizes)}: two or more positive whole numbers are needed.")
    return tuple(int(size) for size in sizes)


def _weights(rng: np.random.Generator, scheme: str, fan_in: int, fan_out: int) -> np.ndarray:
    shape = (fan_in, fan_out)
    if scheme == "uniform":
        return rng.uniform(-1, 1, shape) / np.sqrt(fan_in)
    spread = {
        "zeros": 0.0,
        "normal": 0.01,
        "xavier": np.sqrt(2 / (fan_in + fan_out)),
        "he": np.sqrt(2 / fan_in),
        "lecun": np.sqrt(1 / fan_in),
    }[scheme]
    return spread * rng.standard_normal(shape)


class Layer(NamedTuple):
    """What a layer did: the pre-activations z and the activations a, each (..., n, out)."""

    z: np.ndarray
    a: np.ndarray


def layers(params: Params, X: Any, activation: Activations, masks: Any = None) -> list[Layer]:
    """Return what every layer makes of the inputs `X (n, d)`; the last one is linear.

    `masks`, one array per hidden layer, multiply its activations (dropout). Raises `ValueError`
    for parameters and inputs that do not fit together, and for inputs that are not finite.
    """
    checked_params(params)
    names = names_of_layers(activation, len(params) - 1)
    a = finite_floats(X, "X")
    if a.ndim == 0 or a.shape[-1] != params[0][0].shape[-2]:
        raise ValueError(
            f"X has the shape {a.shape}; its rows must hold {params[0][0].shape[-2]} features."
        )
    done = []
    for i, (W, b) in enumerate(params):
        z = a @ W + (b[..., None, :] if b.ndim > 1 else b)
        a = z if i + 1 == len(params) else ACTIVATIONS[names[i]].value(z)
        if masks is not None and i + 1 < len(params):
            a = a * masks[i]
        done.append(Layer(z, a))
    return done


def forward(params: Params, X: Any, activation: Activations = "tanh") -> np.ndarray:
    """Return the logits of the inputs `X (n, d)`, `(n, outputs)`."""
    return layers(params, X, activation)[-1].z


def loss_and_grads(
    params: Params,
    X: Any,
    y: Any,
    activation: Activations = "tanh",
    loss: str = "bce",
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    masks: Any = None,
) -> tuple[float, Params]:
    """Return the mean loss over the batch and its gradients, `[(dW, db), ...]` like `params`.

    The mean is over samples and outputs, for the cross-entropy over samples. The penalty is
    l1·Σ|w| + l2/2·Σw² over the weights, biases left out. Nothing is changed in place. Raises
    `ValueError` for what does not fit.

    >>> value, grads = loss_and_grads([(np.zeros((2, 1)), np.zeros(1))], [[1.0, 2.0]], [1.0])
    >>> round(value, 6), grads[0][0].ravel().tolist()
    (0.693147, [-0.5, -1.0])
    """
    seen = layers(params, X, activation, masks)
    inputs, y = _batch(X, y, loss, seen[-1].z)
    value, deltas = backward(params, inputs, y, seen, activation, loss, masks)
    before = [inputs, *(layer.a for layer in seen[:-1])]
    grads = [
        (np.swapaxes(a, -1, -2) @ d + l1 * np.sign(W) + l2 * W, d.sum(axis=-2))
        for a, d, (W, _) in zip(before, deltas, params, strict=True)
    ]
    penalty = sum(
        l1 * np.abs(W).sum(axis=(-1, -2)) + l2 / 2 * (W * W).sum(axis=(-1, -2)) for W, _ in params
    )
    total = value + penalty
    return (float(total) if np.ndim(total) == 0 else total), grads


def backward(
    params: Params,
    X: np.ndarray,
    y: np.ndarray,
    seen: Sequence[Layer],
    activation: Activations,
    loss: str,
    masks: Any = None,
) -> tuple[Any, list[np.ndarray]]:
    """Return the mean loss, and δ = ∂loss/∂z of each layer, `(..., n, out)`, from what was `seen`.

    δ of the last layer is the loss's own; then δₗ₋₁ = (δₗ Wₗᵀ) ⊙ f′(zₗ₋₁).
    """
    kind, names = loss_of(loss), names_of_layers(activation, len(params) - 1)
    z = seen[-1].z
    count = z.shape[-1] * z.shape[-2]
    value = kind.value(z, y).sum(axis=(-1, -2)) / count
    deltas = [kind.delta(z, y) / count]
    for i in range(len(params) - 1, 0, -1):
        upstream = deltas[0] @ np.swapaxes(params[i][0], -1, -2)
        if masks is not None:
            upstream = upstream * masks[i - 1]
        deltas.insert(0, upstream * ACTIVATIONS[names[i - 1]].slope(seen[i - 1].z))
    return value, deltas


def _batch(X: Any, y: Any, loss: str, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    loss_of(loss)
    inputs = np.asarray(X, float)
    if inputs.ndim != 2 or len(inputs) == 0:
        raise ValueError(f"X has the shape {inputs.shape}; (samples, features) are needed.")
    return inputs, targets(y, loss, len(inputs), z.shape[-1])


def checked_params(params: Any) -> None:
    """Raise `ValueError` unless these are layers whose shapes follow each other."""
    try:
        shapes = [(np.shape(W), np.shape(b)) for W, b in params]
    except (TypeError, ValueError):
        raise ValueError("params is a list of pairs (W, b).") from None
    if not shapes:
        raise ValueError("params holds no layer.")
    for i, (W, b) in enumerate(shapes):
        if len(W) < 2 or len(b) < 1 or W[-1] != b[-1]:
            raise ValueError(f"layer {i + 1}: W of shape {W} and b of shape {b} do not fit.")
        if i and shapes[i - 1][0][-1] != W[-2]:
            raise ValueError(f"layer {i + 1} takes {W[-2]} inputs, {shapes[i - 1][0][-1]} arrive.")


def sizes_of(params: Params) -> tuple[int, ...]:
    """Return the sizes of the layers, inputs first."""
    return (params[0][0].shape[-2], *(W.shape[-1] for W, _ in params))


def parameter_counts(sizes: Sequence[int]) -> list[int]:
    """Return how many parameters each layer has, between layers of these sizes."""
    return [(i + 1) * o for i, o in pairwise(sizes)]


def flat(params: Params) -> np.ndarray:
    """Return all parameters as one vector, layer after layer, W by rows, then b."""
    return np.concatenate([part.ravel() for pair in params for part in pair]).astype(float)


def unflat(theta: np.ndarray, sizes: Sequence[int]) -> Params:
    """Return a vector `(..., p)` as parameters of layers of these sizes."""
    params, at = [], 0
    lead = theta.shape[:-1]
    for i, o in zip(sizes[:-1], sizes[1:], strict=True):
        W = theta[..., at : at + i * o].reshape(*lead, i, o)
        params.append((W, theta[..., at + i * o : at + i * o + o]))
        at += (i + 1) * o
    return params
