"""The largest eigenvalues of symmetric matrices that are known by their products only."""

from collections.abc import Callable
from typing import Any

import numpy as np

LOOKS = 5  # products between two looks at how far off an eigenvalue may be


def largest_eigenvalues(
    times: Callable[[np.ndarray], np.ndarray], start: Any, tol: float = 1e-7, most: int = 200
) -> np.ndarray:
    """Return the largest eigenvalue of each of k matrices, `(k,)`, by Lanczos (1950).

    `times` maps vectors `(k, p)` to their products, `start (k, p)` is where the Krylov spaces
    begin. Every new vector is made orthogonal to all before, twice. It ends when each residual,
    which bounds the error, is below `tol` times the eigenvalue, or after `most` products.
    """
    start = np.asarray(start, float)
    basis = [start / np.linalg.norm(start, axis=-1, keepdims=True)]
    diagonal: list[np.ndarray] = []
    beside: list[np.ndarray] = []
    for step in range(1, min(most, start.shape[-1]) + 1):
        product = times(basis[-1])
        diagonal.append((product * basis[-1]).sum(axis=-1))
        Q = np.stack(basis, axis=-1)
        for _ in range(2):
            product = product - (Q @ (product[..., None, :] @ Q).swapaxes(-1, -2))[..., 0]
        beside.append(np.linalg.norm(product, axis=-1))
        if step % LOOKS == 0 or step == start.shape[-1]:
            values, vectors = np.linalg.eigh(_tridiagonal(diagonal, beside[:-1]))
            residual = beside[-1] * np.abs(vectors[..., -1, -1])
            if (residual <= tol * np.abs(values[..., -1])).all():
                break
        basis.append(product / np.maximum(beside[-1], 1e-300)[..., None])
    return np.linalg.eigvalsh(_tridiagonal(diagonal, beside[: len(diagonal) - 1]))[..., -1]


def _tridiagonal(diagonal: list[np.ndarray], beside: list[np.ndarray]) -> np.ndarray:
    """Return matrices `(k, m, m)` of their diagonal and what stands beside it."""
    m = len(diagonal)
    T = np.zeros((*diagonal[0].shape, m, m))
    T[..., range(m), range(m)] = np.stack(diagonal, axis=-1)
    if beside:
        off = np.stack(beside, axis=-1)
        T[..., range(m - 1), range(1, m)] = off
        T[..., range(1, m), range(m - 1)] = off
    return T
