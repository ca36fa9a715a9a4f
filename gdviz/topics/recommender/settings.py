"""The recommender: the knobs of the page, its data, what it trains, and that as Python."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.knobs import Choice, Range, Switch, Text
from gdviz.learn.recommender.data import SOLVER_LABELS
from gdviz.learn.recommender.factorize import (
    BiasOnly,
    Groups,
    Settings,
    bias_only,
    chosen_biases,
    rmse,
    training,
)
from gdviz.learn.recommender.model import Factorization
from gdviz.learn.recommender.movielens import find_movielens, read_ratings
from gdviz.learn.recommender.ratings import Ratings, RatingsError, positions
from gdviz.learn.recommender.synthetic import low_rank_ratings, pure_noise
from gdviz.topics.recommender.upload_cache import cached_unless_upload, cached_with, mark_uploaded

PLANTED, NOISE, MOVIELENS, UPLOAD = "planted", "noise", "movielens", "upload"
DATA = {
    PLANTED: "Planted, floor known",
    NOISE: "Pure noise",
    MOVIELENS: "MovieLens small",
    UPLOAD: "A file of yours",
}
ROOMS = {
    "train": "Train",
    "matrix": "R ≈ P·Q",
    "one": "One rating at a time",
    "you": "Films and you",
}
BLOCK = 20  # users, and items, of the block that is shown
TEST = 0.2
LONG, LONGEST = 0.7, 120.0  # seconds that want a bar, and that a page does not take
MOST_RATINGS = 1_000_000  # of an upload, for a page


@dataclass(frozen=True)
class Recommender:
    """Everything that the page *recommender* can be asked."""

    room: Annotated[str, Choice(ROOMS, "room")] = "train"
    data: Annotated[str, Choice(DATA, "ratings")] = PLANTED
    factors: Annotated[
        int, Range(0, 100, "factors k", "0 leaves μ + b_u + b_i, trained the same way.")
    ] = 8
    lr: Annotated[float, Range(1e-4, 1.0, "learning rate η", log=True)] = 0.03
    reg: Annotated[float, Range(1e-4, 1.0, "penalty λ", log=True)] = 0.02
    epochs: Annotated[int, Range(1, 200, "epochs")] = 60
    biases: Annotated[bool, Switch("mean and biases", "Without them the prediction is p·q.")] = True
    solver: Annotated[str, Choice(SOLVER_LABELS, "solver")] = "sgd"
    early: Annotated[
        bool, Switch("early stopping", "A tenth of the training part says when to stop.")
    ] = False
    decay: Annotated[float, Range(0.0, 1.0, "decay of η", "η/(1 + decay·epoch)")] = 0.0
    bias_lr: Annotated[
        float, Range(0.01, 100.0, "η of the biases ×", "A multiple of η.", log=True)
    ] = 1.0
    bias_reg: Annotated[
        float, Range(0.01, 100.0, "λ of the biases ×", "A multiple of λ.", log=True)
    ] = 1.0
    spread: Annotated[float, Range(0.001, 2.0, "first factors σ", log=True)] = 0.1
    dtype: Annotated[str, Choice({"float32": "32 bits", "float64": "64 bits"}, "numbers of")] = (
        "float32"
    )
    noise: Annotated[float, Range(0.0, 2.0, "noise σ", "The floor of the planted ratings.")] = 0.4
    rank: Annotated[int, Range(1, 10, "planted rank")] = 3
    filled: Annotated[float, Range(0.05, 0.9, "share of pairs rated")] = 0.25
    seed: Annotated[int, Range(0, 9999, "seed")] = 0
    cell_user: Annotated[float, Range(0, BLOCK, "row of the cell, from below")] = 13.5
    cell_item: Annotated[float, Range(0, BLOCK, "column of the cell")] = 9.5
    after: Annotated[int, Range(0, 200, "after epoch")] = 2
    film: Annotated[str, Text("find a film", "A part of its title.", most=80)] = ""
    mine: Annotated[str, Text("my ratings", "item:stars, item:stars …", most=2000)] = ""
    east: Annotated[float, Range(-10.0, 10.0, "you, along the first axis")] = 0.0
    north: Annotated[float, Range(-10.0, 10.0, "you, along the second axis")] = 0.0


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


class Course(NamedTuple):
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


# --- data -----------------------------------------------------------------------------------------


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


# --- runs -----------------------------------------------------------------------------------------


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
    }
    plain = Settings()
    return {name: value for name, value in wanted.items() if value != getattr(plain, name)}


def seconds_needed(spec: Recommender, data: Data) -> float:
    """Return about how long the training takes: for a bar, and for what is refused."""
    k = spec.factors
    per_rating = {"als": 2 * k + k * k, "nmf": 70 + 7 * k, "svdpp": 100 + 25 * k}
    work = float(len(data.train) * per_rating.get(spec.solver, 80 + k))
    if spec.solver == "als":
        work += (data.train.n_users + data.train.n_items) * (2_000 + k**3 / 4)
    return 1e-9 * spec.epochs * work


def numbers(course: Course) -> dict[str, dict[str, Any]]:
    """Return the errors of each epoch, from the start."""
    epochs = np.arange(len(course.train))
    return {"errors": {"epoch": epochs, "train": course.train, "test": course.test}}


def summary(course: Course) -> dict[str, dict[str, Any]]:
    """Return how a training ended: the errors of its last and of its best epoch."""
    best = course.best
    told = {"verdict": course.model.status, "epoch": len(course.train) - 1, "best_epoch": best}
    told |= {"train": float(course.train[-1]), "test": float(course.test[-1])}
    return {
        "errors": told | {"best_test": float(course.test[best]), "biases": course.data.bias_rmse}
    }


def run(spec: Recommender, upload: Ratings | None = None) -> Course:
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
def _course(key: Any, settings: _Settings) -> Course:
    *_, (_, course) = epochs(key.data, dict(settings.pairs))
    return course()


def epochs(data: Data, settings: dict[str, Any]) -> Iterator[tuple[float, Callable[[], Course]]]:
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


def _told(data: Data, model: Factorization, kept: list[Any], first: list[float]) -> Course:
    assert model.test_rmse is not None
    after = model.train_rmse, model.test_rmse
    errors = [np.append(a, b)[: len(kept)] for a, b in zip(first, after, strict=True)]
    return Course(data, model, *errors, *map(np.array, zip(*kept, strict=True)))


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


def cell_of(spec: Recommender, data: Data) -> tuple[int, int]:
    """Return the chosen cell of the block, its user from above and its item from the left."""
    rows, columns = len(data.users), len(data.items)
    return rows - 1 - min(int(spec.cell_user), rows - 1), min(int(spec.cell_item), columns - 1)


def block_of(data: Data) -> np.ndarray:
    """Return the ratings of the block in the training part, `(users, items)`, else not-a-number."""
    table = np.full((len(data.users), len(data.items)), np.nan)
    where = [np.full(n, -1) for n in (data.train.n_users, data.train.n_items)]
    where[0][data.users] = np.arange(len(data.users))
    where[1][data.items] = np.arange(len(data.items))
    u, i = where[0][data.train.users], where[1][data.train.items]
    inside = (u >= 0) & (i >= 0)
    table[u[inside], i[inside]] = data.train.values[inside]
    return table


def shades(data: Data) -> tuple[float, float]:
    """Return between which stars the colours of a table are spread: most of the ratings."""
    low, high = np.quantile(data.train.values, [0.03, 0.97])
    return float(low), float(max(high, low + 1e-3))


def title_of(data: Data, item: int) -> str:
    """Return the title of an item of the training part, or its id."""
    if data.train.titles is not None:
        return str(data.train.titles[item])[:60]
    return str(data.train.item_ids[item])[:40]
