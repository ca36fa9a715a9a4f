"""The gradient of backpropagation beside finite differences of the loss, weight by weight."""

from typing import NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.learn.network import unflat
from gdviz.topics.backprop.outputs import logits, mean_loss
from gdviz.topics.backprop.settings import Playground, Result
from gdviz.topics.backprop.studies import slopes
from gdviz.topics.backprop.training import run

STEP = 6e-6  # about the cube root of the rounding of floats: best for a central difference
AT_ONCE = 64  # networks of one forward pass


class GradientCheck(NamedTuple):
    """Each weight and bias, `(p,)`: its names, value, gradient by backpropagation and by values.

    `layer (p,)` counts from 1, `source`, `unit` are words; `difference` is
    (L(w + h) − L(w − h))/2h.
    """

    layer: np.ndarray
    source: tuple[str, ...]
    unit: tuple[str, ...]
    weight: np.ndarray
    gradient: np.ndarray
    difference: np.ndarray

    @property
    def gap(self) -> float:
        """The largest gap between both, over the largest gradient."""
        largest = float(np.abs(self.gradient).max(initial=0.0))
        return float(np.abs(self.gradient - self.difference).max()) / (largest or 1.0)


@cached
def gradient_check(spec: Playground, row: int) -> GradientCheck:
    """Return the check of the training loss, penalties included, at a frame of the run."""
    result = run(spec)
    theta = result.path[row].astype(float)
    h = STEP * np.maximum(1.0, np.abs(theta))
    difference = np.empty_like(theta)
    for part in np.array_split(np.arange(len(theta)), -(-len(theta) // AT_ONCE)):
        moves = np.zeros((len(part), len(theta)))
        moves[np.arange(len(part)), part] = h[part]
        above, below = _losses(spec, result, theta + moves), _losses(spec, result, theta - moves)
        difference[part] = (above - below) / (2 * h[part])
    return GradientCheck(*_names(result.sizes), theta, slopes(spec, result)[row], difference)


def _losses(spec: Playground, result: Result, points: np.ndarray) -> np.ndarray:
    """Return the training loss with its penalties at parameters `(m, p)`, shape `(m,)`."""
    with np.errstate(all="ignore"):
        z = logits(spec, points, result.sizes, result.data.x)
        loss = mean_loss(z, result.data.y, result.loss)
        for W, _ in unflat(points, result.sizes):
            loss = loss + spec.l1 * np.abs(W).sum(axis=(1, 2)) + spec.l2 / 2 * (W**2).sum((1, 2))
    return loss


def _names(sizes: tuple[int, ...]) -> tuple[np.ndarray, tuple[str, ...], tuple[str, ...]]:
    """Return layer, source and unit of each flat parameter: weights row by row, then biases."""
    layer, source, unit = [], [], []
    for k, (before, after) in enumerate(zip(sizes[:-1], sizes[1:], strict=True), start=1):
        for i in range(before + 1):
            for j in range(after):
                layer.append(k)
                source.append(str(i + 1) if i < before else "bias")
                unit.append(str(j + 1))
    return np.array(layer), tuple(source), tuple(unit)
