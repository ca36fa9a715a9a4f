"""What a linear model minimises: the mean loss of its rows and the penalties of its weights."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gdviz.cache import frozen
from gdviz.knobs import KnobError, as_number
from gdviz.learn.least_squares import shortest_solution
from gdviz.learn.regression_losses import LOSSES, RegressionLoss

LARGEST = 1e150  # beyond it, and below its inverse, squares leave the range of numbers
WELL_CONDITIONED = 1e8  # κ of AᵀA below which its equations lose nothing that matters
ROOM = 2**22  # predictions that are held at once when the loss of a whole path is computed


class FitError(ValueError):
    """Data or settings that no model can be fitted to; the message is fit for a page."""


def as_design(X: Any) -> np.ndarray:
    """Return X as float64 `(n, p)`; raise `FitError` for another shape or no number."""
    table = _as_floats(X, "X")
    if table.ndim != 2 or table.shape[1] == 0:
        raise FitError(f"X has the shape {table.shape}; it must be (rows, features).")
    if len(table) < 2:
        raise FitError(
            f"X has {'no rows' if not len(table) else 'only one row'}: two are the least from "
            "which a line can be learned."
        )
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise FitError(
            f"X is not finite in row {row}, column {column}, counted from 0 "
            f"({table[row, column]}): impute or leave out such rows first."
        )
    for column, most in enumerate(np.abs(table).max(axis=0).tolist()):
        _check_size(f"column {column} of X, counted from 0,", most, 1 / LARGEST)
    return table


def as_target(y: Any, n: int, name: str = "y") -> np.ndarray:
    """Return y as float64 `(n,)`; a column is flattened, any other shape is refused by name."""
    target = _as_floats(y, name)
    if target.ndim == 2 and target.shape[1] == 1:
        target = target[:, 0]
    if target.ndim != 1:
        raise FitError(f"{name} has the shape {target.shape}; it must be ({n},) or ({n}, 1).")
    if len(target) != n:
        raise FitError(f"{name} has {len(target)} values, but there are {n} rows.")
    if not np.isfinite(target).all():
        row = int(np.argwhere(~np.isfinite(target))[0, 0])
        raise FitError(f"{name} is not finite in row {row}, counted from 0 ({target[row]}).")
    return target


def _check_size(name: str, most: float, least: float = 0.0) -> None:
    """Refuse numbers whose squares leave the range of floats."""
    if most and not least < most < LARGEST:
        word = "divide" if most > 1 else "multiply"
        raise FitError(
            f"{name} has no value beyond {most:.2g}: its squares cannot be computed with. "
            f"Choose another unit: {word} by a power of ten."
        )


def _as_floats(values: Any, name: str) -> np.ndarray:
    try:
        array = np.asarray(values)
        if array.dtype.kind in "cmM":
            raise TypeError
        return np.array(array, dtype=float)
    except (TypeError, ValueError):
        raise FitError(f"{name} holds something that is not a real number.") from None


@dataclass(frozen=True, eq=False)
class Objective:
    """F(θ) = mean loss + l2/2 |w|² + l1 |w|₁ for θ = (w, b); the bias is not penalised.

    `A (n, d)` is the design with a last column of ones, if there is a bias. It has the `f`, `grad`
    and `d` of a `Problem`, so that a method of `optimize` runs on it as it is; `grad` and `f` leave
    out the kink of l1, which is for a proximal step, and of which `total` gives the whole F.
    """

    A: np.ndarray
    y: np.ndarray
    loss: RegressionLoss
    l2: float = 0.0
    l1: float = 0.0
    delta: float = 1.0
    has_bias: bool = True

    @property
    def d(self) -> int:
        """The number of parameters."""
        return self.A.shape[1]

    @property
    def p(self) -> int:
        """The number of weights."""
        return self.d - self.has_bias

    @cached_property
    @frozen
    def penalised(self) -> np.ndarray:
        """1 for a weight, 0 for the bias, `(d,)`."""
        return np.append(np.ones(self.p), np.zeros(self.d - self.p))

    @cached_property
    @frozen
    def gram(self) -> np.ndarray:
        """AᵀA/n, `(d, d)`."""
        return self.A.T @ self.A / len(self.y)

    @cached_property
    @frozen
    def moment(self) -> np.ndarray:
        """Aᵀy/n, `(d,)`."""
        return self.A.T @ self.y / len(self.y)

    @cached_property
    def is_well_conditioned(self) -> bool:
        """Whether the equations of AᵀA lose nothing that matters."""
        return bool(np.linalg.cond(self.gram) <= WELL_CONDITIONED)

    @cached_property
    @frozen
    def minimum(self) -> np.ndarray:
        """The θ of the least squared loss without penalties, `(d,)`, to the last digits."""
        if not self.is_well_conditioned:
            return shortest_solution(self.A, self.y)
        theta = np.zeros(self.d)
        for _ in range(3):  # the normal equations, and twice what they have left
            rest = (self.y - self.A @ theta) @ self.A / len(self.y)
            theta = theta + np.linalg.solve(self.gram, rest)
        return theta

    @property
    def is_quadratic(self) -> bool:
        """Whether all that a full step needs of the rows is AᵀA and Aᵀy, and these are smaller."""
        return self.loss is LOSSES["squared"] and self.d <= len(self.y)

    @property
    def is_least_squares(self) -> bool:
        """Whether it is a squared loss, with l2 or without, and has no kink."""
        return self.loss is LOSSES["squared"] and not self.l1

    @property
    def is_logistic(self) -> bool:
        """Whether the targets are classes."""
        return self.loss is LOSSES["logistic"]

    def f(self, theta: Any) -> Any:
        """Return F without l1 at points θ `(..., d)`, shape `(...)`."""
        w = theta[..., : self.p]
        losses = self.loss.value(theta @ self.A.T, self.y, self.delta)
        return losses.mean(axis=-1) + self.l2 / 2 * (w * w).sum(axis=-1)

    def grad(self, theta: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """Return the gradient of F without l1 at θ `(..., d)`, over all rows or over a batch."""
        if rows is None and self.is_quadratic:
            slope = theta @ self.gram - self.moment
        else:
            A, y = (self.A, self.y) if rows is None else (self.A[rows], self.y[rows])
            slope = self.loss.slope(theta @ A.T, y, self.delta) @ A / len(y)
        return slope + self.l2 * self.penalised * theta if self.l2 else slope

    def per_row(self, theta: np.ndarray) -> np.ndarray:
        """Return the gradient of each row's loss at θ, `(n, d)`; their mean is the gradient."""
        return self.loss.slope(self.A @ theta, self.y, self.delta)[:, None] * self.A

    def kink(self, theta: np.ndarray) -> np.ndarray:
        """Return the subgradient of l1 |w|₁ that is zero at zero."""
        return self.l1 * self.penalised * np.sign(theta)

    def total(self, path: np.ndarray) -> np.ndarray:
        """Return F at each point of a path `(k, d)`."""
        w = path[:, : self.p]
        penalty = self.l2 / 2 * (w * w).sum(axis=1) + self.l1 * np.abs(w).sum(axis=1)
        return self._mean_losses(path) + penalty

    def _mean_losses(self, path: np.ndarray) -> np.ndarray:
        if self.is_quadratic:
            # Around the minimum there is nothing to cancel, however small the loss becomes.
            least = float(np.mean((self.A @ self.minimum - self.y) ** 2)) / 2
            away = path - self.minimum
            if not self.is_well_conditioned:  # AᵀA has lost the digits that A has
                root = np.asarray(np.linalg.qr(self.A, mode="r"))
                away = away @ root.T
                return least + (away * away).sum(axis=1) / (2 * len(self.y))
            return least + np.maximum(((away @ self.gram) * away).sum(axis=1), 0.0) / 2
        pieces = range(0, len(path), max(1, ROOM // len(self.y)))
        size = max(1, ROOM // len(self.y))
        y = self.y[:, None]
        means = [
            self.loss.value(self.A @ path[i : i + size].T, y, self.delta).mean(axis=0)
            for i in pieces
        ]
        return np.concatenate(means)


def objective(
    X: Any,
    y: Any,
    loss: str = "squared",
    l2: float = 0.0,
    l1: float = 0.0,
    delta: float = 1.0,
    fit_bias: bool = True,
) -> Objective:
    """Return the objective of a linear model; raise `FitError` where it makes no sense."""
    if loss not in LOSSES:
        raise FitError(f"unknown loss {loss!r}; there is {', '.join(LOSSES)}.")
    for name, value in (("l2", l2), ("l1", l1)):
        if not is_real(value) or value < 0:
            raise FitError(f"{name} = {value!r} is not a number of 0 or more.")
    if not is_real(delta) or delta <= 0:
        raise FitError(f"delta = {delta!r} is not a positive number.")
    table = as_design(X)
    target = as_target(y, len(table))
    _check_size("y", float(np.abs(target).max()))
    if loss == "logistic" and not np.isin(target, (0.0, 1.0)).all():
        odd = target[~np.isin(target, (0.0, 1.0))][0]
        raise FitError(f"the logistic loss is for classes 0 and 1; y holds {odd:g}.")
    A = np.column_stack([table, np.ones(len(table))]) if fit_bias else table
    return Objective(
        np.ascontiguousarray(A),
        target,
        LOSSES[loss],
        float(l2),
        float(l1),
        float(delta),
        bool(fit_bias),
    )


def is_real(value: Any) -> bool:
    """Tell whether a value of any type is a finite number, and no truth value."""
    try:
        number = float(as_number("", value))
    except (KnobError, OverflowError):
        return False
    return not isinstance(value, bool | np.bool_) and bool(np.isfinite(number))
