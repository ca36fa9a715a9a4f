"""The sharpness of a network's loss, its largest curvature, at every point of a path."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.lanczos import largest_eigenvalues
from gdviz.learn.network import unflat
from gdviz.learn.network_hessian import hessian, hessian_times, local
from gdviz.learn.network_objective import flat_batch
from gdviz.one_thread import one_thread

MOST_DENSE = 300  # parameters; with more of them only the largest eigenvalue is computed
AT_ONCE = 4  # Hessians that a cache of the processor has room for


class Sharpness(NamedTuple):
    """The largest eigenvalue of the Hessian at each point, `(steps,)`, and all of them.

    `values (steps, p)` ascend; with more than 300 parameters there are none, `(steps, 0)`.
    """

    largest: np.ndarray
    values: np.ndarray


def sharpness(
    path: Any, sizes: Any, X: Any, y: Any, activation: str, loss: str, scale: Any = None
) -> Sharpness:
    """Return the eigenvalues of the Hessian H of the mean loss along a path `(steps, p)`.

    With `scale (steps, p)` they are those of SHS, S the diagonal matrix of the scale: for a
    method that divides the gradient by P, the scale 1/√P gives the eigenvalues of P⁻¹H.
    """
    path = np.asarray(path, float)
    scale = np.ones_like(path) if scale is None else np.asarray(scale, float)
    dense = path.shape[1] <= MOST_DENSE
    with one_thread():
        found = [
            (_all if dense else _largest)(path[k : k + AT_ONCE], sizes, X, y, activation, loss,
                                          scale[k : k + AT_ONCE])
            for k in range(0, len(path), AT_ONCE)
        ]  # fmt: skip
    values = np.concatenate(found)
    return Sharpness(values[:, -1], values if dense else values[:, :0])


def _all(path: Any, sizes: Any, X: Any, y: Any, activation: str, loss: str, scale: Any) -> Any:
    params = unflat(path, sizes)
    H = hessian(params, local(params, X, y, activation, loss))
    return np.linalg.eigvalsh(scale[:, :, None] * H * scale[:, None, :])


def _largest(path: Any, sizes: Any, X: Any, y: Any, activation: str, loss: str, scale: Any) -> Any:
    params = unflat(path, sizes)
    found = local(params, X, y, activation, loss)

    def times(vectors: np.ndarray) -> np.ndarray:
        return scale * flat_batch(hessian_times(params, found, unflat(scale * vectors, sizes)))

    start = np.random.default_rng(0).standard_normal(path.shape)
    return largest_eigenvalues(times, start)[:, None]
