"""Least squares with more weights than rows: the solution of least norm, and the way to it."""

from typing import Any, NamedTuple

import numpy as np


class LeastSquaresDescent(NamedTuple):
    """Gradient descent from zero, in closed form.

    `weights (steps, p)` after each number of steps asked for; `rank` is how many directions the
    rows tell apart, `smallest` the least singular value among them.
    """

    weights: np.ndarray
    rank: int
    smallest: float


def least_squares_descent(
    A: Any, y: Any, steps: Any = (np.inf,), l2: float = 0.0
) -> LeastSquaresDescent:
    """Return the weights after `steps` steps of size 1/L on |Aw − y|²/2n + l2·|w|²/2, from w = 0.

    Along a singular vector of `A (n, p)` of value s the weight is (1 − (1 − μ/L)ᵗ) s uᵀy/(nμ), with
    μ = s²/n + l2. After infinitely many steps that is ridge regression, and for l2 = 0 the solution
    of least norm, that of `numpy.linalg.lstsq` (Hastie et al. 2022, section 2).

    >>> least_squares_descent([[1.0, 1.0]], [2.0]).weights.round(12).tolist()
    [[1.0, 1.0]]
    """
    A, y = np.asarray(A, float), np.asarray(y, float)
    n, p = A.shape
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    rank = int(np.sum(s > np.finfo(float).eps * max(n, p) * s[0]))  # as `lstsq` has it
    U, s, Vt = U[:, :rank], s[:rank], Vt[:rank]
    curvature = s**2 / n + l2
    along = s / (s**2 + n * l2) * (y @ U)
    t = np.asarray(steps, float)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):  # the steepest is there after one step
        gone = -np.expm1(t * np.log1p(-curvature / curvature.max(initial=1e-300)))
    gone = np.where(t == 0, 0.0, gone)
    return LeastSquaresDescent((gone * along) @ Vt, rank, float(s[-1]) if rank else 0.0)
