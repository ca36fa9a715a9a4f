"""Least squares by orthogonal methods, for columns of any size and any dependence."""

import numpy as np


def shortest_solution(rows: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the shortest w `(d,)` among those that minimise |rows w − target|².

    The columns are brought to length 1 first, so that a column is not lost for being small; the
    rank is that of the scaled columns. Where columns depend on each other, what w has of the null
    space is taken out (Golub and Van Loan 2013, section 5.5).
    """
    sizes = column_sizes(rows)
    scaled = rows / sizes
    if len(scaled) > scaled.shape[1]:
        Q, scaled = np.linalg.qr(scaled)
        target = Q.T @ target
    U, s, Vt = np.linalg.svd(scaled, full_matrices=len(scaled) < scaled.shape[1])
    rank = int((s > max(rows.shape) * np.finfo(float).eps * s[0]).sum())

    def solved(rest: np.ndarray) -> np.ndarray:
        return Vt[:rank].T @ (U[:, :rank].T @ rest / s[:rank])

    u = solved(target)
    if rank == len(u):
        return u / sizes
    w = _without(Vt[rank:].T / sizes[:, None], u / sizes)
    # Between columns of very different size the projection loses digits; what is left is solved.
    w = w + solved(target - scaled @ (w * sizes)) / sizes
    return np.where(rows.any(axis=0), w, 0.0)


def _without(space: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the part of w `(d,)` that is perpendicular to the columns of a space `(d, k)`."""
    basis, _ = np.linalg.qr(space / column_sizes(space))
    return w - basis @ (basis.T @ w)


def column_sizes(rows: np.ndarray) -> np.ndarray:
    """Return the length of each column `(d,)`, 1 for a column of zeros."""
    peak = np.abs(rows).max(axis=0)
    peak[peak == 0] = 1.0
    sizes = peak * np.sqrt(((rows / peak) ** 2).sum(axis=0))
    return np.where(sizes > 0, sizes, 1.0)
