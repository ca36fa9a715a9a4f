"""Ratings whose truth is known: a planted low rank with a noise floor, and nothing but noise."""

from typing import NamedTuple

import numpy as np

from gdviz.learn.recommender.ratings import Ratings

GENRES = ("Comedy", "Crime", "Fantasy", "Horror", "Musical", "Western")


class SyntheticRatings(NamedTuple):
    """Ratings with what made them: no prediction has an expected error below `floor`."""

    ratings: Ratings
    floor: float
    mean: float
    user_bias: np.ndarray
    item_bias: np.ndarray
    user_factors: np.ndarray
    item_factors: np.ndarray


def low_rank_ratings(
    users: int = 200,
    items: int = 120,
    rank: int = 3,
    filled: float = 0.25,
    noise: float = 0.4,
    seed: int = 0,
) -> SyntheticRatings:
    """Return ratings μ + b_u + b_i + p·q + noise for a share `filled` of all pairs, at random.

    The items come in genres, whose factors lie close together. The ratings are not rounded and not
    cut to a scale, so that the floor is exactly the standard deviation of the noise.
    """
    rng = np.random.default_rng(seed)
    genres = rng.standard_normal((len(GENRES), rank))
    genres *= np.sqrt(rank) / np.linalg.norm(genres, axis=1, keepdims=True)
    of_item = np.arange(items) % len(GENRES)
    Q = genres[of_item] + 0.35 * rng.standard_normal((items, rank))
    P = 0.45 * rng.standard_normal((users, rank))
    user_bias, item_bias = 0.3 * rng.standard_normal(users), 0.4 * rng.standard_normal(items)
    u, i = _pairs(users, items, filled, rng)
    mean = 3.5
    exact = mean + user_bias[u] + item_bias[i] + np.einsum("nk,nk->n", P[u], Q[i])
    values = exact + noise * rng.standard_normal(len(u))
    titles = np.array(
        [f"{GENRES[g]} {n // len(GENRES) + 1}" for n, g in enumerate(of_item)], object
    )
    ratings = Ratings(
        u.astype(np.int32),
        i.astype(np.int32),
        values,
        np.arange(1, users + 1),
        np.arange(1, items + 1),
        (float(values.min()), float(values.max())),
        titles=titles,
    )
    return SyntheticRatings(ratings, noise, mean, user_bias, item_bias, P, Q)


def _pairs(
    users: int, items: int, filled: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return random pairs that leave no user and no item without one."""
    pairs = np.flatnonzero(rng.random(users * items) < filled)
    u, i = np.divmod(pairs, items)
    lonely = np.setdiff1d(np.arange(users), u) * items + rng.integers(items)
    unseen = rng.integers(users) * items + np.setdiff1d(np.arange(items), i)
    u, i = np.divmod(np.unique(np.concatenate([pairs, lonely, unseen])), items)
    return u, i


def pure_noise(users: int = 1000, items: int = 500, count: int = 10_000, seed: int = 0) -> Ratings:
    """Return uniformly random stars of 1 to 5, the tutorial's data: nothing is to be learnt.

    The best prediction is 3 for everyone, with an error of √2.
    """
    rng = np.random.default_rng(seed)
    pairs = rng.choice(users * items, size=min(count, users * items), replace=False)
    values = rng.integers(1, 6, len(pairs)).astype(float)
    table = {"user": pairs // items + 1, "item": pairs % items + 1, "rating": values}
    return Ratings.from_frame(table, scale=(1.0, 5.0))
