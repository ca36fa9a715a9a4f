"""What a network answers: its losses, its score, its activity over the slice that is shown."""

import numpy as np

from gdviz.learn.network import unflat
from gdviz.learn.network_losses import LOSSES
from gdviz.learn.network_metrics import correct
from gdviz.topics.backprop.inputs import on_slice, slice_words
from gdviz.topics.backprop.settings import (
    HELD,
    OWN,
    Playground,
    Result,
    hidden_activations,
    table_of,
)


def targets_of(y: np.ndarray, k: int) -> np.ndarray:
    """Return targets `(n, k)`: a column, or two for the classes of a softmax."""
    return y[:, None] if k == 1 else np.stack([1 - y, y], axis=1)


def mean_loss(z: np.ndarray, y: np.ndarray, loss: str) -> np.ndarray:
    """Return the mean loss of outputs `(steps, n, k)`, not-a-number without rows."""
    if not len(y):
        return np.full(len(z), np.nan)
    return LOSSES[loss].value(z, targets_of(y, z.shape[-1])).mean(axis=(-1, -2))


def score(z: np.ndarray, y: np.ndarray, regression: bool) -> np.ndarray:
    """Return the accuracy, or R² of values; not-a-number where there is nothing to score."""
    spread = np.sum((y - y.mean()) ** 2) if len(y) else 0.0
    if not len(y) or (regression and spread == 0):
        return np.full(len(z), np.nan)
    if not regression:
        return correct(z, targets_of(y, z.shape[-1])).mean(axis=-1)
    return 1 - np.sum((z[..., 0] - y) ** 2, axis=-1) / spread


def logits(spec: Playground, path: np.ndarray, sizes: tuple[int, ...], x: np.ndarray) -> np.ndarray:
    """Return the logits of points `(n, 2)` at each row of a path, `(f, n, k)`."""
    from gdviz.learn.network import forward

    return forward(unflat(path, sizes), table_of(spec, x), hidden_activations(spec))


def activity(spec: Playground, result: Result, x: np.ndarray, first: int = 0) -> np.ndarray:
    """Return the activations for points, `(f, units, n)` float32; units behind the inputs.

    Those before the unit `first` are left out, which spares the memory of large pictures.
    """
    from gdviz.kernels import network_training

    return network_training.scan(
        result.sizes,
        hidden_activations(spec),
        result.path,
        table_of(spec, x).T,
        result.sizes[0] + first,
    )


def signed_shade(z: np.ndarray, loss: str) -> np.ndarray:
    """Return logits `(f, k, n)` as one picture between −1 (class 0) and 1: 2p − 1, or the value."""
    if loss == "mse":
        return z[:, -1]
    gap = z[:, 0] if z.shape[1] == 1 else z[:, 1] - z[:, 0]
    return np.tanh(gap / 2)


def grid(size: int) -> np.ndarray:
    """Return the middles of size × size pixels of the window, from the bottom, `(size², 2)`."""
    axis = (np.arange(size) + 0.5) * 12 / size - 6
    return np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)


def slice_of(spec: Playground, x: np.ndarray) -> np.ndarray:
    """Return points of the plane that is shown, `(n, 2)`, with all their coordinates, `(n, 6)`."""
    return on_slice(x, tuple(getattr(spec, name) for name in HELD))


def slice_told(spec: Playground) -> str:
    """Return which slice the picture shows, in words; empty where nothing is held."""
    own = spec.columns if spec.data == OWN and len(spec.columns) == len(spec.points[0]) - 1 else ()
    return slice_words(spec.features, tuple(getattr(spec, name) for name in HELD), own)
