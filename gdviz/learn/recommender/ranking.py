"""What a list of recommendations is worth: precision, recall, nDCG; and whose errors are large."""

from typing import NamedTuple

import numpy as np

from gdviz.learn.recommender.model import Factorization, at_least_one
from gdviz.learn.recommender.ratings import Ratings, RatingsError, positions

CHUNK = 256  # users whose scores of all items are held at once


class Ranking(NamedTuple):
    """Means over `users` users, those with a liked item in the test part."""

    precision: float
    recall: float
    ndcg: float
    users: int


def ranking(model: Factorization, test: Ratings, n: int = 10, liked: float = 4.0) -> Ranking:
    """Return how good the `n` best of all items that a user has not rated in training are.

    Relevant is what they rated `liked` or higher in the test part; an item that the training part
    does not know cannot be recommended, and counts as missed. nDCG has gain 1 for a relevant item
    and the discount 1/log₂(1 + rank) (Järvelin and Kekäläinen 2002).
    """
    n = at_least_one(n)
    good = np.flatnonzero(test.values >= liked)
    if not len(good):
        raise RatingsError(f"Nobody rated anything {liked:g} or higher in the test part.")
    u = positions(model.user_ids, test.user_ids)[test.users[good]]
    i = positions(model.item_ids, test.item_ids)[test.items[good]]
    people = np.unique(test.users[good], return_inverse=True)[1]
    relevant = np.bincount(people)
    of_person = np.empty(len(relevant), np.int64)
    of_person[people] = u
    hits = np.zeros((len(relevant), n), bool)
    for lo in range(0, len(relevant), CHUNK):
        these = of_person[lo : lo + CHUNK]
        best = _best(model, these, n)
        mine = (people >= lo) & (people < lo + CHUNK)
        marked = np.zeros((len(these), len(model.item_ids) + 1), bool)
        marked[people[mine] - lo, i[mine]] = True
        marked[:, -1] = False  # an item that nobody knows
        hits[lo : lo + CHUNK, : best.shape[1]] = np.take_along_axis(marked, best, axis=1)
    gain = 1 / np.log2(np.arange(2, n + 2))
    ideal = np.cumsum(gain)[np.minimum(relevant, n) - 1]
    found = hits.sum(axis=1)
    return Ranking(
        float(np.mean(found / n)),
        float(np.mean(found / relevant)),
        float(np.mean(hits @ gain / ideal)),
        len(relevant),
    )


def _best(model: Factorization, users: np.ndarray, n: int) -> np.ndarray:
    """Return the places of the best items `(users, n)` that each has not rated."""
    p = model.parameters
    scores = p.user_factors[users] @ p.item_factors[:-1].T + p.item_bias[:-1]
    where = np.full(len(model.user_ids) + 1, -1)
    where[users] = np.arange(len(users))
    where[-1] = -1  # a user whom nobody knows has rated nothing
    rated = where[model.train.users]
    scores[rated[rated >= 0], model.train.items[rated >= 0]] = -np.inf
    n = min(n, scores.shape[1])
    best = np.argpartition(-scores, n - 1, axis=1)[:, :n]
    ahead = np.take_along_axis(scores, best, axis=1)
    return np.take_along_axis(best, np.argsort(-ahead, axis=1, kind="stable"), axis=1)


class Band(NamedTuple):
    """The test ratings of users, or items, with `low` to `high` ratings in the training part."""

    low: int
    high: int
    ratings: int
    rmse: float


def errors_by_count(model: Factorization, test: Ratings, side: str = "item") -> list[Band]:
    """Return the error by how often the item (its popularity) or the user (activity) was seen.

    The first band is those never seen; the others are bounded by powers of two.
    """
    if side not in ("user", "item"):
        raise RatingsError("The side is user or item.")
    users = positions(model.user_ids, test.user_ids)[test.users]
    items = positions(model.item_ids, test.item_ids)[test.items]
    gap = (model.scores(users, items) - test.values) ** 2
    seen, place = (model.train.users, users) if side == "user" else (model.train.items, items)
    counts = np.append(np.bincount(seen), 0)[place]
    band = np.where(counts > 0, np.floor(np.log2(np.maximum(counts, 1))).astype(int) + 1, 0)
    found = []
    for b in np.unique(band):
        mine = band == b
        low, high = (2 ** int(b - 1), 2 ** int(b) - 1) if b else (0, 0)
        found.append(Band(low, high, int(mine.sum()), float(np.sqrt(gap[mine].mean()))))
    return found
