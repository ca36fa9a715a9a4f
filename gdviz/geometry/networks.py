"""The likelihood of a small network of `gdviz.learn`, with its Fisher matrix."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.geometry.family import GeometryError, numbers
from gdviz.geometry.likelihoods import Likelihood
from gdviz.learn.activations import activation_of
from gdviz.learn.network import Params, flat, layers, loss_and_grads, sizes_of, unflat
from gdviz.learn.network_losses import loss_of, sigmoid, softmax, targets


def network(
    params: Params, X: Any, y: Any, activation: str = "tanh", loss: str = "bce"
) -> Likelihood:
    """Return the likelihood of a network with the layers of `params`, at θ = `flat(params)`.

    Its Fisher matrix is Σ Jᵀ H J/n with the Jacobian J of the logits and the Hessian H of the loss
    by the logits, which does not depend on the labels: p(1 − p) for `bce`, diag p − p pᵀ for
    `cross_entropy`, 2 for `mse` (noise of variance ½). It is Gauss and Newton's matrix too
    (Martens 2020, section 9). Raises `GeometryError` for a loss that is no likelihood.
    """
    if loss not in _CURVATURES:
        raise GeometryError(f"“{loss}” is not the negative logarithm of a likelihood.")
    sizes = sizes_of(params)
    inputs = numbers(X, "The features")
    labels = targets(y, loss, len(inputs), sizes[-1])

    def outer(theta: Any) -> Any:
        J, z = jacobian(unflat(theta, sizes), inputs, activation)
        weighted = _CURVATURES[loss](z) @ J
        return J.reshape(-1, J.shape[-1]).T @ weighted.reshape(-1, J.shape[-1]) / len(z)

    def scores(theta: Any) -> Any:
        J, z = jacobian(unflat(theta, sizes), inputs, activation)
        delta = loss_of(loss).delta(z, labels) / sizes[-1]
        return np.einsum("nk,nkp->np", delta, J)

    def value(theta: Any) -> tuple[float, Params]:
        return loss_and_grads(unflat(theta, sizes), inputs, labels, activation, loss)

    return Likelihood(
        lambda theta: value(theta)[0],
        lambda theta: flat(value(theta)[1]),
        scores,
        outer,
        outer,
        _check(len(flat(params))),
    )


def _check(count: int) -> Callable[[Any], Any]:
    def check(theta: Any) -> Any:
        vector = numbers(theta, "The parameters")
        if vector.shape != (count,):
            raise GeometryError(f"{count} parameters are needed, not a shape {vector.shape}.")
        return vector

    return check


def jacobian(params: Params, X: Any, activation: str) -> tuple[Any, Any]:
    """Return the derivatives of the logits by all parameters, `(n, k, p)`, and the logits `(n, k)`.

    One backward pass for all outputs at once: δ of the last layer is the unit matrix.
    """
    seen, slope = layers(params, X, activation), activation_of(activation).slope
    n, k = seen[-1].z.shape
    before = [np.asarray(X, float), *(layer.a for layer in seen[:-1])]
    delta = np.broadcast_to(np.eye(k), (n, k, k))
    blocks: list[Any] = []
    for i in range(len(params) - 1, -1, -1):
        weight = before[i][:, None, :, None] * delta[:, :, None, :]
        blocks = [weight.reshape(n, k, -1), delta, *blocks]
        if i:
            delta = (delta @ params[i][0].T) * slope(seen[i - 1].z)[:, None, :]
    return np.concatenate(blocks, -1), seen[-1].z


def _of_bce(z: Any) -> Any:
    p = sigmoid(z)
    return (p * (1 - p))[..., None] * np.eye(z.shape[-1]) / z.shape[-1]


def _of_cross_entropy(z: Any) -> Any:
    p = softmax(z)
    return p[..., None] * np.eye(z.shape[-1]) - p[..., :, None] * p[..., None, :]


def _of_mse(z: Any) -> Any:
    return np.broadcast_to(2 * np.eye(z.shape[-1]) / z.shape[-1], (*z.shape, z.shape[-1]))


_CURVATURES = {"bce": _of_bce, "cross_entropy": _of_cross_entropy, "mse": _of_mse}
