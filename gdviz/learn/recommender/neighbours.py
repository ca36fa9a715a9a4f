"""Item neighbours as a contrast to factors: what you rated close to this item speaks for it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gdviz.learn.recommender.factorize import BiasOnly, bias_only, rmse
from gdviz.learn.recommender.ratings import Ratings, RatingsError, as_ratings, positions


@dataclass(frozen=True, eq=False)
class ItemNeighbours:
    """Predictions b_ui + Σ s_ij (r_uj − b_uj) / Σ s_ij over the nearest items that u has rated."""

    train: Ratings
    baseline: BiasOnly
    neighbours: int
    shrink: float

    def predict(self, users: Any, items: Any) -> np.ndarray:
        """Return the predictions `(n,)` for ids; without a neighbour it is the baseline's."""
        from gdviz.kernels.neighbours import item_knn as kernel

        train = self.train
        u, i = positions(train.user_ids, users), positions(train.item_ids, items)
        out = np.atleast_1d(self.baseline.predict(users, items)).astype(float)
        known = np.flatnonzero((u < train.n_users) & (i < train.n_items))
        order = known[np.argsort(i[known], kind="stable")]
        plain = self.baseline.predict(train.user_ids[train.users], train.item_ids[train.items])
        left = train.values - plain
        found = out[order]
        sides = (
            _table(train.users, train.items, left, train.n_users),
            _table(train.items, train.users, left, train.n_items),
        )
        kernel(u[order], i[order], *sides, self.neighbours, float(self.shrink), found)
        out[order] = found
        return out

    def rmse(self, part: Ratings) -> float:
        """Return the error on a part of the ratings."""
        return rmse(self.predict(part.user_ids[part.users], part.item_ids[part.items]), part.values)


def item_knn(
    train: Any, neighbours: int = 40, shrink: float = 100.0, baseline: BiasOnly | None = None
) -> ItemNeighbours:
    """Return the neighbourhood model of Koren (2010), on given biases or those of `bias_only`."""
    if neighbours < 1 or not shrink >= 0:
        raise RatingsError("There must be at least one neighbour, and no negative shrinkage.")
    train = as_ratings(train)
    return ItemNeighbours(train, baseline or bias_only(train), int(neighbours), shrink)


def _table(rows: np.ndarray, columns: np.ndarray, left: np.ndarray, count: int) -> tuple:
    order = np.argsort(rows, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))])
    return starts, columns[order], left[order]
