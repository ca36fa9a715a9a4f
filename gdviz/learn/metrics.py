"""How good predictions are: MSE, RMSE, MAE, R²."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.column_types import is_constant
from gdviz.learn.objective import FitError, as_target


class Scores(NamedTuple):
    """Mean squared error, its root, mean absolute error (both in units of y), and R².

    R² is the share of the variance of y that is predicted; None where y does not vary.
    """

    mse: float
    rmse: float
    mae: float
    r2: float | None


def scores(y: Any, prediction: Any) -> Scores:
    """Return the scores of predictions `(n,)` of y `(n,)`; a column is flattened.

    Raises `FitError` for other shapes, which would be broadcast to a table of n² differences.
    """
    n = np.shape(y)[0] if np.ndim(y) else 0
    if not n:
        raise FitError("there is no row to score.")
    truth, found = as_target(y, n), as_target(prediction, n, "prediction")
    with np.errstate(over="ignore"):
        error = found - truth
        mse = float(np.mean(error**2))
        spread = float(np.mean((truth - truth.mean()) ** 2))
    r2 = None if n < 2 or is_constant(truth) else 1 - mse / spread
    return Scores(mse, float(np.sqrt(mse)), float(np.mean(np.abs(error))), r2)
