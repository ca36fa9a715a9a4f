"""The loss of a network as a problem of its flat parameters, for methods that ask for more."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gdviz.learn.activations import Activations
from gdviz.learn.network import Params, backward, layers, loss_and_grads, parameter_counts, unflat

STEP = 1e-5  # of the central differences behind the Hessian


@dataclass(frozen=True)
class NetworkProblem:
    """f, ∇f and the Hessian at points `(..., p)`; a sum of squares where the loss is one."""

    sizes: tuple[int, ...]
    X: Any
    y: Any
    activation: Activations = "tanh"
    loss: str = "bce"
    l1: float = 0.0
    l2: float = 0.0

    @property
    def d(self) -> int:
        """The number of parameters."""
        return sum(parameter_counts(self.sizes))

    @property
    def residuals(self) -> tuple[str, ...]:
        """Not empty where the loss is a sum of squares: mse without penalties."""
        return ("z - y",) if self.loss == "mse" and not (self.l1 or self.l2) else ()

    def f(self, theta: Any) -> Any:
        """Return the loss, shape `(...)`."""
        return np.asarray(self._both(theta)[0])[()]

    def grad(self, theta: Any) -> Any:
        """Return the gradient, shape `(..., p)`."""
        return flat_batch(self._both(theta)[1])

    def hess(self, theta: Any) -> np.ndarray:
        """Return the Hessian at one point `(p,)`, by central differences of the gradient."""
        theta = np.asarray(theta, float)
        moves = STEP * np.maximum(1.0, np.abs(theta))
        ahead, behind = self.grad(theta + np.diag(moves)), self.grad(theta - np.diag(moves))
        H = (ahead - behind) / (2 * moves[:, None])
        return (H + H.T) / 2

    def jacobian(self, theta: Any) -> np.ndarray:
        """Return ∂rᵢ/∂θⱼ at one point, `(n·k, p)`, where the loss is Σ rᵢ²."""
        params = unflat(np.asarray(theta, float), self.sizes)
        seen = layers(params, self.X, self.activation)
        n, k = seen[-1].z.shape
        rows = np.empty((k, n, len(theta)))
        for output in range(k):
            # The slope of one output alone: the δ of mse with a residual of 1/2 there, 0 elsewhere.
            target = seen[-1].z - 0.5 * np.eye(k)[output]
            _, deltas = backward(params, self.X, target, seen, self.activation, "mse")
            before = [self.X, *(layer.a for layer in seen[:-1])]
            parts = [
                part
                for a, delta in zip(before, deltas, strict=True)
                for part in (a[:, :, None] * delta[:, None, :], delta)
            ]
            rows[output] = np.concatenate([part.reshape(n, -1) for part in parts], axis=1)
        # backward has divided by n·k, and a residual is (z − y)/√(n·k).
        return rows.reshape(k * n, -1) * np.sqrt(n * k)

    def _both(self, theta: Any) -> tuple[Any, Params]:
        params = unflat(np.asarray(theta, float), self.sizes)
        return loss_and_grads(
            params, self.X, self.y, self.activation, self.loss, l1=self.l1, l2=self.l2
        )


def flat_batch(params: Params) -> np.ndarray:
    """Return parameters with leading axes as vectors `(..., p)`."""
    lead = params[0][1].shape[:-1]
    return np.concatenate([part.reshape(*lead, -1) for pair in params for part in pair], axis=-1)
