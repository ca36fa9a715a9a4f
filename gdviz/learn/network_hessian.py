"""The Hessian of a network's mean loss, exactly: all of it, or its product with a direction.

All functions take networks with leading axes, as `unflat` of a path `(steps, p)` gives them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.activations import ACTIVATIONS, sigmoid
from gdviz.learn.network import Params, backward, layers
from gdviz.learn.network_losses import softmax, targets

_ROOT_2PI = (2 * np.pi) ** 0.5


def _none(z: Any) -> Any:
    return np.zeros_like(z)


def _sigmoid_bend(z: Any) -> Any:
    p = sigmoid(z)
    return p * (1 - p) * (1 - 2 * p)


def _tanh_bend(z: Any) -> Any:
    t = np.tanh(z)
    return -2 * t * (1 - t * t)


def _gelu_bend(z: Any) -> Any:
    return (2 - z * z) * np.exp(-0.5 * z * z) / _ROOT_2PI


def _silu_bend(z: Any) -> Any:
    p = sigmoid(z)
    return p * (1 - p) * (2 + z * (1 - 2 * p))


# The second derivative of each activation; that of a kink is left out.
BENDS: dict[str, Callable[[Any], Any]] = {
    "identity": _none,
    "sigmoid": _sigmoid_bend,
    "tanh": _tanh_bend,
    "relu": _none,
    "leaky_relu": _none,
    "gelu": _gelu_bend,
    "silu": _silu_bend,
    "softplus": lambda z: sigmoid(z) * sigmoid(-z),
}


def _diagonal(values: np.ndarray) -> np.ndarray:
    return values[..., None] * np.eye(values.shape[-1])


def _softmax_curvature(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    s = softmax(z)
    return z.shape[-1] * (_diagonal(s) - s[..., :, None] * s[..., None, :])


def _squared_sigmoid_curvature(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    p = sigmoid(z)
    slope = p * (1 - p)
    return _diagonal(2 * (slope**2 + (p - y) * _sigmoid_bend(z)))


# The second derivative of each loss by the logits, `(..., n, k, k)`, before the mean.
CURVATURES: dict[str, Callable[[Any, Any], Any]] = {
    "bce": lambda z, y: _diagonal(sigmoid(z) * sigmoid(-z)),
    "cross_entropy": _softmax_curvature,
    "mse": lambda z, y: _diagonal(np.full_like(z, 2.0)),
    "sigmoid_mse": _squared_sigmoid_curvature,
}


class Local(NamedTuple):
    """What both passes leave for the second one; a list entry is a layer, samples in axis −2.

    `inputs` of each layer, and its `deltas` ∂loss/∂z. Of each hidden layer the `slopes` f′(z), and
    `pulls`, f″(z) times what of the loss arrives at its activation. `last` is ∂²loss/∂z² of the
    outputs, `(..., n, k, k)`.
    """

    inputs: list[np.ndarray]
    deltas: list[np.ndarray]
    slopes: list[np.ndarray]
    pulls: list[np.ndarray]
    last: np.ndarray


def local(params: Params, X: Any, y: Any, activation: str, loss: str) -> Local:
    """Return what the Hessian of a network's mean loss is made of."""
    seen = layers(params, X, activation)
    z = seen[-1].z
    table = targets(y, loss, z.shape[-2], z.shape[-1])
    _, deltas = backward(params, np.asarray(X, float), table, seen, activation, loss)
    slopes = [ACTIVATIONS[activation].slope(layer.z) for layer in seen[:-1]]
    pulls = [
        (after @ np.swapaxes(W, -1, -2)) * BENDS[activation](layer.z)
        for layer, (W, _), after in zip(seen[:-1], params[1:], deltas[1:], strict=True)
    ]
    inputs = [np.broadcast_to(X, (*z.shape[:-2], *np.shape(X))), *(layer.a for layer in seen[:-1])]
    count = z.shape[-1] * z.shape[-2]
    return Local(inputs, deltas, slopes, pulls, CURVATURES[loss](z, table) / count)


def hessian(params: Params, found: Local) -> np.ndarray:
    """Return the Hessian `(..., p, p)` in the order of `flat`.

    The block of the layers l ≤ m is Σ ã_l ã_m ∂δ_m/∂z_l + Σ ã_l (∂ã_m/∂z_l) δ_m over the samples,
    ã the inputs of a layer with a 1 for its bias (Bishop 1992, section 3).
    """
    lead = found.last.shape[:-3]
    ones = np.ones((*found.inputs[0].shape[:-1], 1))
    inputs = [np.concatenate([a, ones], axis=-1) for a in found.inputs]
    ends = np.cumsum(
        [0, *(a.shape[-1] * d.shape[-1] for a, d in zip(inputs, found.deltas, strict=True))]
    )
    H = np.empty((*lead, ends[-1], ends[-1]))
    for low in range(len(params)):
        spread, turns = _responses(params, found, low)
        for high in range(low, len(params)):
            block = _summed(inputs[low], inputs[high], turns[high - low])
            if high > low:
                block[..., :-1, :] += np.swapaxes(
                    _summed(inputs[low], found.deltas[high], spread[high - low - 1]), -1, -2
                )
            rows, columns = slice(*ends[low : low + 2]), slice(*ends[high : high + 2])
            part = block.reshape(*lead, rows.stop - rows.start, -1)
            H[..., rows, columns] = part
            H[..., columns, rows] = np.swapaxes(part, -1, -2)
    return H


def _responses(params: Params, found: Local, low: int) -> tuple[list[Any], list[Any]]:
    """Return ∂a/∂z_l of the layers from l on but the last, and ∂δ/∂z_l of all from l on.

    Each is `(..., n, units of l, units)`.
    """
    last = len(params) - 1
    moves: list[np.ndarray] = []
    spread: list[np.ndarray] = []
    for m in range(low, last):
        slopes = found.slopes[m]
        spread.append(moves[-1] * slopes[..., None, :] if moves else _diagonal(slopes))
        moves.append(_through(spread[-1], params[m + 1][0]))
    turns = [moves[-1] @ found.last if moves else found.last]
    for m in range(last - 1, low - 1, -1):
        turn = _through(turns[0], np.swapaxes(params[m + 1][0], -1, -2))
        turn *= found.slopes[m][..., None, :]
        if m > low:
            turn += moves[m - low - 1] * found.pulls[m][..., None, :]
        else:
            np.einsum("...ii->...i", turn)[...] += found.pulls[m]
        turns.insert(0, turn)
    return spread, turns


def _through(a: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Return a W of each sample: one product of matrices for all of them is quicker."""
    lead, (n, rows, _) = a.shape[:-3], a.shape[-3:]
    return (a.reshape(*lead, n * rows, -1) @ W).reshape(*lead, n, rows, -1)


def _summed(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return Σ over samples of a_i b_k c_jl as `(..., i, j, k, l)`."""
    i, k, j, last = a.shape[-1], b.shape[-1], *c.shape[-2:]
    lead, n = a.shape[:-2], a.shape[-2]
    left = (a[..., :, None] * b[..., None, :]).reshape(*lead, n, i * k)
    right = c.reshape(*lead, n, j * last)
    total = np.swapaxes(left, -1, -2) @ right
    return np.swapaxes(total.reshape(*lead, i, k, j, last), -3, -2)


def hessian_times(params: Params, found: Local, direction: Params) -> Params:
    """Return the product of the Hessian with a direction, both shaped like `params`.

    Forward and backward once more, with every quantity replaced by its derivative along the
    direction (Pearlmutter 1994, section 4).
    """
    moved = np.zeros_like(found.inputs[0])
    inputs, sums = [], []
    for m, ((W, _), (V, v)) in enumerate(zip(params, direction, strict=True)):
        inputs.append(moved)
        sums.append(moved @ W + found.inputs[m] @ V + v[..., None, :])
        moved = sums[-1] * found.slopes[m] if m < len(found.slopes) else moved
    turned = [(sums[-1][..., None, :] @ found.last)[..., 0, :]]
    for m in range(len(params) - 2, -1, -1):
        W, V = (np.swapaxes(part[m + 1][0], -1, -2) for part in (params, direction))
        arriving = turned[0] @ W + found.deltas[m + 1] @ V
        turned.insert(0, arriving * found.slopes[m] + found.pulls[m] * sums[m])
    return [
        (
            np.swapaxes(moved, -1, -2) @ delta + np.swapaxes(a, -1, -2) @ turn,
            turn.sum(axis=-2),
        )
        for moved, a, delta, turn in zip(inputs, found.inputs, found.deltas, turned, strict=True)
    ]
