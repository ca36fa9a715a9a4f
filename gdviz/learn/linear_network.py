"""Layers without activations: matrices W₁, W₂, ... whose product is fitted to another matrix."""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

from gdviz.optimize.elementwise import Update

LOST = 1e6  # times the first loss: from there a training does not come back


class MatrixTask(NamedTuple):
    """The matrix to be found, `target (m, n)`, and the covariance of the inputs, `sigma (n, n)`."""

    target: np.ndarray
    sigma: np.ndarray


class MatrixTraining(NamedTuple):
    """A training: each layer `(steps + 1, m, n)`, `losses (steps + 1,)`, whether it diverged."""

    layers: tuple[np.ndarray, ...]
    losses: np.ndarray
    lost: bool


def product(layers: Iterable[np.ndarray]) -> np.ndarray:
    """Return the matrix that layers are together, the first applied first: ... W₂ W₁."""
    return reduce(lambda whole, W: W @ whole, layers)


def loss(layers: Sequence[np.ndarray], task: MatrixTask) -> float:
    """Return ½ tr(E Σ Eᵀ), E the error of the product: half the mean square over the inputs."""
    error = product(layers) - task.target
    return 0.5 * float(np.sum(error @ task.sigma * error))


def gradients(layers: Sequence[np.ndarray], task: MatrixTask) -> list[np.ndarray]:
    """Return the gradient of the loss for each layer: (layers after)ᵀ E Σ (layers before)ᵀ."""
    slope = (product(layers) - task.target) @ task.sigma
    found = []
    for k, W in enumerate(layers):
        before = product([np.eye(slope.shape[1]), *layers[:k]])
        after = product([np.eye(len(W)), *layers[k + 1 :]])
        found.append(after.T @ slope @ before.T)
    return found


def train_matrices(
    layers: Sequence[np.ndarray],
    task: MatrixTask,
    rule: Update,
    steps: int,
    factor: Callable[[int], float] = lambda t: 1.0,
) -> MatrixTraining:
    """Train layers by one rule, each with a memory of its own; stop where the loss is lost.

    `factor(t)` multiplies the learning rate of step t = 1, 2, ...
    """
    path, losses = [list(layers)], [loss(layers, task)]
    memories, lost = [rule.rest(W) for W in layers], False
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            grads = gradients(path[-1], task)
            now = []
            for k, (W, G) in enumerate(zip(path[-1], grads, strict=True)):
                W, memories[k] = rule.step(W, G, t, memories[k], factor(t))
                now.append(W)
            value = loss(now, task)
            lost = not value <= LOST * max(losses[0], 1e-300)
            if lost:
                break
            path.append(now)
            losses.append(value)
    return MatrixTraining(tuple(map(np.array, zip(*path, strict=True))), np.array(losses), lost)
