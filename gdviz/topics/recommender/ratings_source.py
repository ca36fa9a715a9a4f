"""The ratings of the page: synthetic, of MovieLens, or a visitor's, split in two."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.learn.recommender.factorize import BiasOnly, bias_only, chosen_biases
from gdviz.learn.recommender.movielens import find_movielens, read_ratings
from gdviz.learn.recommender.ratings import Ratings, RatingsError
from gdviz.learn.recommender.synthetic import low_rank_ratings, pure_noise
from gdviz.topics.recommender.settings import BLOCK, NOISE, PLANTED, UPLOAD, Recommender
from gdviz.topics.recommender.upload_cache import cached_with, mark_uploaded

TEST = 0.2


MOST_RATINGS = 1_000_000  # of an upload, for a page


class Data(NamedTuple):
    """Ratings in two parts, with the baselines and the block that is shown of them."""

    ratings: Ratings
    train: Ratings
    test: Ratings
    floor: float | None
    biases: BiasOnly
    mean_rmse: float
    bias_rmse: float
    users: np.ndarray
    items: np.ndarray


def data_of(spec: Recommender, upload: Ratings | None = None) -> Data:
    """Return the ratings of the spec; raise `RatingsError` where they are not at hand."""
    if spec.data == UPLOAD:
        if upload is None:
            raise RatingsError("No file is here yet: choose one, or other ratings.")
        return _of_upload(upload, spec.seed)
    shaped = (spec.noise, spec.rank, spec.filled) if spec.data == PLANTED else ()
    return _data(spec.data, shaped, spec.seed)


@cached
def _data(name: str, shaped: tuple[Any, ...], seed: int) -> Data:
    if name == PLANTED:
        noise, rank, filled = shaped
        made = low_rank_ratings(noise=noise, rank=rank, filled=filled, seed=seed)
        return prepare_data(made.ratings, seed, made.floor)
    if name == NOISE:
        return prepare_data(pure_noise(seed=seed), seed, float(np.sqrt(2)))
    return prepare_data(_movielens(), seed)


@lru_cache(maxsize=1)
def _read(folder: str) -> Ratings:
    return read_ratings(folder)


def _movielens() -> Ratings:
    folder = find_movielens()
    if folder is None:
        raise RatingsError("MovieLens is not on this machine yet: download it, it is 1 MB.")
    return _read(str(folder))


def _of_upload(upload: Ratings, seed: int) -> Data:
    if len(upload) > MOST_RATINGS:
        raise RatingsError(f"{len(upload):,} ratings are too many for a page: {MOST_RATINGS:,}.")
    mark_uploaded(upload)
    return cached_with(upload, ("data", seed), lambda: prepare_data(upload, seed))


def prepare_data(ratings: Ratings, seed: int, floor: float | None = None) -> Data:
    """Return ratings split in two, with baselines and the block of the most active rows."""
    if len(ratings) < 10:
        raise RatingsError(f"{len(ratings)} ratings are too few: ten are the least to learn from.")
    train, test = ratings.split(TEST, seed)
    biases = chosen_biases(train)
    users = _most(train.users)
    items = _most(train.items[np.isin(train.users, users)])  # what those have rated most
    mean = bias_only(train, np.inf).rmse(test)
    return Data(ratings, train, test, floor, biases, mean, biases.rmse(test), users, items)


def _most(rows: np.ndarray) -> np.ndarray:
    counts = np.bincount(rows)
    return np.sort(np.argsort(-counts, kind="stable")[: min(BLOCK, np.count_nonzero(counts))])
