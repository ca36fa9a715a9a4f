"""What a training is asked, what it holds, and the order in which it visits the ratings."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from gdviz.knobs import KnobError
from gdviz.learn.recommender.ratings import Ratings, RatingsError

LARGE = 1_000_000  # ratings above which the order of the visits is made for the cache
MOST_FACTORS, MOST_EPOCHS = 512, 10_000
SOLVER_LABELS = {
    "sgd": "SGD",
    "adagrad": "SGD, adagrad per row",
    "als": "ALS",
    "svdpp": "SVD++",
    "nmf": "non-negative",
}


class Groups(NamedTuple):
    """A rate η, or a penalty λ, for each group of parameters."""

    user_bias: float
    item_bias: float
    user_factors: float
    item_factors: float


class Parameters(NamedTuple):
    """What is learnt: biases `(n + 1,)` and factors `(n + 1, width)`, padded for the kernels.

    The last row of each belongs to nobody and is zero: it stands for whoever is not known.
    """

    user_bias: np.ndarray
    item_bias: np.ndarray
    user_factors: np.ndarray
    item_factors: np.ndarray


class Epoch(NamedTuple):
    """The state: the parameters after `t` epochs, and the memory that the solver keeps of them."""

    parameters: Parameters
    t: int
    memory: tuple[np.ndarray, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What a training can be asked, checked; `lr` and `reg` are one number or `Groups`."""

    factors: int = 20
    epochs: int = 20
    lr: float | Groups = 0.005
    reg: float | Groups = 0.02
    biases: bool = True
    solver: str = "sgd"
    seed: int = 0
    dtype: str = "float32"
    decay: float = 0.0
    spread: float = 0.1
    validation: float = 0.0
    patience: int = 3
    threads: int = 1
    target: float = 0.0

    def __post_init__(self) -> None:
        """Raise `KnobError` for a setting that makes no sense."""
        _whole("factors", self.factors, 0, MOST_FACTORS)
        _whole("epochs", self.epochs, 0, MOST_EPOCHS)
        _whole("seed", self.seed, 0, 2**63)
        _whole("patience", self.patience, 1, MOST_EPOCHS)
        _whole("threads", self.threads, 1, 64)
        for name in ("lr", "reg"):
            for value in groups(getattr(self, name)):
                _number(name, value, 0.0, np.inf)
        _number("decay", self.decay, 0.0, np.inf)
        _number("spread", self.spread, 0.0, np.inf)
        _number("validation", self.validation, 0.0, 0.9)
        _number("target", self.target, 0.0, 1e6)
        if self.solver not in SOLVER_LABELS:
            there = ", ".join(SOLVER_LABELS)
            raise KnobError(f"There is no solver “{self.solver}”; there is {there}.")
        if self.dtype not in ("float32", "float64"):
            raise KnobError("dtype is float32 or float64.")


def name_of(dtype: Any) -> str:
    """Return the name of a NumPy type, or what was given if it is none."""
    try:
        return str(np.dtype(dtype))
    except TypeError:
        return str(dtype)


def groups(value: float | Groups) -> Groups:
    """Return a number as the same for each group, or the groups as they are."""
    if isinstance(value, tuple | list):
        if len(value) != 4:
            raise KnobError("A value per group needs four: user and item biases, then factors.")
        return Groups(*value)
    return Groups(value, value, value, value)


def _whole(name: str, value: Any, low: int, high: int) -> None:
    fine = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not (fine and low <= value <= high):
        raise KnobError(f"`{name}` is a whole number from {low} to {high:,}.")


def _number(name: str, value: Any, low: float, high: float) -> None:
    fine = isinstance(value, int | float | np.number) and np.isfinite(value)
    if not (fine and low <= value <= high):
        raise KnobError(f"`{name}` = {str(value)[:20]} is not a number that makes sense here.")


class FactorizationData(NamedTuple):
    """Ratings in the order in which they are visited, with their mean, as the kernels take them."""

    users: np.ndarray
    items: np.ndarray
    values: np.ndarray
    edges: tuple[int, ...]
    shape: tuple[int, int]
    mean: Any
    settings: Settings


def factorization_data(train: Ratings, settings: Settings) -> FactorizationData:
    """Return the training ratings as the solver of the settings wants to visit them."""
    if not len(train):
        raise RatingsError("There is not a single rating to learn from.")
    order, edges = visiting_order(train, settings)
    dtype = np.dtype(settings.dtype)
    centred = settings.biases and settings.solver != "nmf"
    mean = dtype.type(train.values.mean() if centred else 0.0)
    return FactorizationData(
        train.users[order],
        train.items[order],
        train.values[order].astype(dtype),
        edges,
        (train.n_users, train.n_items),
        mean,
        settings,
    )


def visiting_order(train: Ratings, settings: Settings) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return the places of the ratings in the order of their visit, the same in every epoch.

    With t threads it comes in t² blocks, whose ends are the second value: the blocks of one round
    share no user and no item. SVD++ and ALS want the ratings of a user together.
    """
    if settings.solver in ("svdpp", "als", "nmf"):
        return np.argsort(train.users, kind="stable"), (0, len(train))
    rng, threads = np.random.default_rng(settings.seed), settings.threads
    if threads == 1 and len(train) < LARGE:
        return rng.permutation(len(train)), (0, len(train))
    from gdviz.kernels import visiting_order as visits

    section = np.zeros(len(train), np.int32)
    if threads > 1:
        parts = _parts(train.users, threads)[train.users], _parts(train.items, threads)[train.items]
        section = (parts[1] - parts[0]) % threads * threads + parts[0]
    of_user = shuffled_groups(train.n_users, rng)
    order = np.empty(len(train), np.int32)
    seed = settings.seed % 2**31
    visits.in_cells(train.users, train.items, section, of_user, visits.BLOCK, seed, order)
    sizes = np.bincount(section, minlength=threads**2)
    return order, tuple(map(int, np.concatenate([[0], np.cumsum(sizes)])))


def shuffled_groups(users: int, rng: np.random.Generator) -> np.ndarray:
    """Return the group of each user, whose number is its turn; their order is random."""
    from gdviz.kernels import visiting_order as visits

    turns = rng.permutation(-(-users // visits.GROUP)).astype(np.int32)
    return turns[np.arange(users) // visits.GROUP]


def _parts(places: np.ndarray, count: int) -> np.ndarray:
    """Return a part for each row, so that all parts have about as many ratings."""
    ranks = np.argsort(-np.bincount(places), kind="stable")
    turns = np.arange(len(ranks)) % (2 * count)
    parts = np.empty(len(ranks), np.int32)
    parts[ranks] = np.minimum(turns, 2 * count - 1 - turns)
    return parts
