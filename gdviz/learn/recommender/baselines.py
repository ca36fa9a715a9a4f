"""What factors have to beat: the mean alone, and well-penalised biases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdviz.learn.recommender.ratings import Ratings, as_ratings, positions

REGS = (1.0, 3.0, 10.0, 30.0, 100.0, np.inf)  # penalties of the biases worth trying


def rmse(predicted: Any, values: Any) -> float:
    """Return the root of the mean squared error."""
    gap = np.asarray(predicted, dtype=float) - np.asarray(values, dtype=float)
    return float(np.sqrt(gap @ gap / len(gap)))


@dataclass(frozen=True, eq=False)
class BiasOnly:
    """μ + b_u + b_i, the baseline that factors have to beat; without biases the mean alone."""

    train: Ratings
    mean: float
    user_bias: np.ndarray
    item_bias: np.ndarray

    def predict(self, users: Any, items: Any) -> np.ndarray:
        """Return the predictions for ids; whoever is not known adds nothing."""
        u, i = positions(self.train.user_ids, users), positions(self.train.item_ids, items)
        return self.mean + np.append(self.user_bias, 0)[u] + np.append(self.item_bias, 0)[i]

    def rmse(self, part: Ratings) -> float:
        """Return the error on a part of the ratings."""
        return rmse(self.predict(part.user_ids[part.users], part.item_ids[part.items]), part.values)


def bias_only(train: Any, reg: float = 3.0, tol: float = 1e-8) -> BiasOnly:
    """Return the biases that minimise Σ (r − μ − b_u − b_i)² + reg (Σ b_u² + Σ b_i²).

    Users and items take turns until nothing moves by more than `tol`; `reg=inf` is the mean alone.
    """
    train = as_ratings(train)
    mean = float(train.values.mean())
    bu, bi = np.zeros(train.n_users), np.zeros(train.n_items)
    if np.isinf(reg):
        return BiasOnly(train, mean, bu, bi)
    counts = [np.bincount(side, minlength=n) for side, n in _sides(train)]
    left = train.values - mean
    for _ in range(1000):
        before = bu
        bu = _pulled(train.users, left - bi[train.items], counts[0], reg)
        bi = _pulled(train.items, left - bu[train.users], counts[1], reg)
        if np.abs(bu - before).max() <= tol:
            break
    return BiasOnly(train, mean, bu, bi)


def _sides(train: Ratings) -> tuple[tuple[np.ndarray, int], tuple[np.ndarray, int]]:
    return (train.users, train.n_users), (train.items, train.n_items)


def _pulled(side: np.ndarray, left: np.ndarray, counts: np.ndarray, reg: float) -> np.ndarray:
    """Return the mean of what is left of each row, pulled to zero as if by `reg` more ratings."""
    return np.bincount(side, left, len(counts)) / np.maximum(counts + reg, 1e-12)


def chosen_biases(train: Any, regs: Sequence[float] = REGS, seed: int = 0) -> BiasOnly:
    """Return `bias_only` with the penalty that does best on three tenths of `train`, in turn."""
    train = as_ratings(train)
    if len(train) < 10:
        return bias_only(train)
    parts = [train.split(0.1, seed + n) for n in range(3)]

    def error(reg: float) -> float:
        return sum(bias_only(learn, reg, tol=1e-3).rmse(check) for learn, check in parts)

    return bias_only(train, min(regs, key=error))
