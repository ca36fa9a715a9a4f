"""The course of a training: what it did to the errors, epoch by epoch."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.recommender.factorize import Groups, Settings, rmse, training
from gdviz.learn.recommender.model import Factorization
from gdviz.learn.recommender.ratings import Ratings, RatingsError, positions
from gdviz.topics.recommender.ratings_source import Data, data_of
from gdviz.topics.recommender.settings import LONGEST, Recommender
from gdviz.topics.recommender.upload_cache import cached_unless_upload


class TrainingCourse(NamedTuple):
    """A training, epoch by epoch from 0, the start; a diverged one ends with its last finite epoch.

    `train, test (n + 1,)` are errors, `user_bias, item_bias (n + 1, block)` and `P, Q (n + 1,
    block, k)` the parameters of the block.
    """

    data: Data
    model: Factorization
    train: np.ndarray
    test: np.ndarray
    user_bias: np.ndarray
    item_bias: np.ndarray
    P: np.ndarray
    Q: np.ndarray

    @property
    def best(self) -> int:
        """The epoch with the lowest error on the test part."""
        return int(np.argmin(self.test))

    @property
    def predicted(self) -> np.ndarray:
        """The predictions of the block in every epoch, `(n + 1, block, block)`."""
        inner = self.P @ self.Q.transpose(0, 2, 1)
        return self.model.mean + self.user_bias[:, :, None] + self.item_bias[:, None, :] + inner


def settings_of(spec: Recommender) -> dict[str, Any]:
    """Return the settings of the training, as `factorize` takes them; defaults are left out."""
    lr: Any = spec.lr
    reg: Any = spec.reg
    if spec.bias_lr != 1:
        lr = Groups(*(spec.bias_lr * spec.lr,) * 2, spec.lr, spec.lr)
    if spec.bias_reg != 1:
        reg = Groups(*(spec.bias_reg * spec.reg,) * 2, spec.reg, spec.reg)
    wanted = {
        "factors": spec.factors,
        "epochs": spec.epochs,
        "lr": lr,
        "reg": reg,
        "biases": spec.biases and spec.solver != "nmf",
        "solver": spec.solver,
        "seed": spec.seed,
        "dtype": spec.dtype,
        "decay": spec.decay,
        "spread": spec.spread,
        "validation": 0.1 if spec.early else 0.0,
        "target": spec.target,
    }
    plain = Settings()
    return {name: value for name, value in wanted.items() if value != getattr(plain, name)}


def seconds_needed(spec: Recommender, data: Data) -> float:
    """Estimate the seconds of a training: for its bar, and to refuse one that is too long."""
    k = spec.factors
    per_rating = {"als": 2 * k + k * k, "nmf": 70 + 7 * k, "svdpp": 100 + 25 * k}
    work = float(len(data.train) * per_rating.get(spec.solver, 80 + k))
    if spec.solver == "als":
        work += (data.train.n_users + data.train.n_items) * (2_000 + k**3 / 4)
    return 1e-9 * spec.epochs * work


def numbers(course: TrainingCourse) -> dict[str, dict[str, Any]]:
    """Return the errors of each epoch, from the start."""
    epochs = np.arange(len(course.train))
    return {"errors": {"epoch": epochs, "train": course.train, "test": course.test}}


def summary(course: TrainingCourse) -> dict[str, dict[str, Any]]:
    """Return how a training ended: the errors of its last and of its best epoch."""
    best = course.best
    told = {"verdict": course.model.status, "epoch": len(course.train) - 1, "best_epoch": best}
    told |= {"train": float(course.train[-1]), "test": float(course.test[-1])}
    return {
        "errors": told | {"best_test": float(course.test[best]), "biases": course.data.bias_rmse}
    }


def run(spec: Recommender, upload: Ratings | None = None) -> TrainingCourse:
    """Return the training of the spec; the same settings are trained once."""
    data = data_of(spec, upload)
    if seconds_needed(spec, data) > LONGEST:
        raise RatingsError("This would take minutes: fewer factors, fewer epochs, or SGD.")
    return _course(data_key(data), _Settings(tuple(settings_of(spec).items())))


class _Settings(NamedTuple):
    """Settings that can be told apart."""

    pairs: tuple[tuple[str, Any], ...]


class _Key:
    """Data as a key: the same object is the same data."""

    def __init__(self, data: Data) -> None:
        self.data = data

    def __hash__(self) -> int:
        return id(self.data.ratings)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.data.ratings is self.data.ratings


def data_key(data: Data) -> Any:
    """Return what stands for data in a cache."""
    return _Key(data)


@cached_unless_upload
def _course(key: Any, settings: _Settings) -> TrainingCourse:
    *_, (_, course) = epochs(key.data, dict(settings.pairs))
    return course()


def epochs(
    data: Data, settings: dict[str, Any]
) -> Iterator[tuple[float, Callable[[], TrainingCourse]]]:
    """Yield after each epoch the share done, and what makes the course so far."""
    said = Settings(**settings)
    kept: list[tuple[np.ndarray, ...]] = []
    first: list[float] = []
    where: tuple[np.ndarray, ...] = ()
    for model in training(data.train, data.test, said):
        if not kept:
            first = [_error(model, part) for part in (model.train, data.test)]
        if model.epoch == len(kept):
            where = where or _block_in(model.train, data)
            kept.append(_of_block(model, *where))
        yield model.epoch / max(said.epochs, 1), partial(_told, data, model, kept, first)


def _told(data: Data, model: Factorization, kept: list[Any], first: list[float]) -> TrainingCourse:
    assert model.test_rmse is not None
    after = model.train_rmse, model.test_rmse
    errors = [np.append(a, b)[: len(kept)] for a, b in zip(first, after, strict=True)]
    return TrainingCourse(data, model, *errors, *map(np.array, zip(*kept, strict=True)))


def _error(model: Factorization, part: Ratings) -> float:
    return rmse(model.predict(part.user_ids[part.users], part.item_ids[part.items]), part.values)


def _block_in(train: Ratings, data: Data) -> tuple[np.ndarray, ...]:
    """Return where the block stands; with early stopping a part of the training part is trained."""
    return (
        positions(train.user_ids, data.train.user_ids[data.users]),
        positions(train.item_ids, data.train.item_ids[data.items]),
    )


def _of_block(model: Factorization, u: np.ndarray, i: np.ndarray) -> tuple[np.ndarray, ...]:
    p, k = model.parameters, model.settings.factors
    return p.user_bias[u], p.item_bias[i], p.user_factors[u, :k], p.item_factors[i, :k]
